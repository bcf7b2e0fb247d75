"""Published figures in plain sentences: of 100 women like her, never her own chance.

You are here to change how a figure is said, or to put figures on a page: `her_numbers` gives sentences, groups to
draw and sources. Each sentence carries the ids of the rows behind it, and a test resolves every digit. Which rows are
used is decided in `evidence`; nothing here comforts, and nothing says "your chance".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy as _n

from closerlook.evidence.answers import (
    Answered,
    Differs,
    Figure,
    GroupKind,
    NoFigure,
    Of100,
    Point,
    Question,
    Whom,
    Why,
)
from closerlook.evidence.chances import answer, of_100_called_back
from closerlook.evidence.published import Evidence
from closerlook.pathway.terms import FindingKind

Words = str | Promise
FINDINGS: dict[FindingKind, str] = {
    FindingKind.MASS: "mass",
    FindingKind.CALCIFICATIONS: "calcifications",
    FindingKind.ASYMMETRY: "one_view_asymmetry",
    FindingKind.FOCAL_ASYMMETRY: "focal_asymmetry",
    FindingKind.DEVELOPING_ASYMMETRY: "developing_asymmetry",
    FindingKind.DISTORTION: "architectural_distortion",
    FindingKind.TECHNICAL: "technical",
}
"""A reason of hers as the published figures name it; of the others they say nothing."""
HERS = (Point.CANCER, Point.BIOPSY)
"""What her own page shows unless it asks for more."""


@dataclass(frozen=True)
class Said:
    """A sentence, and the ids of the rows that its numbers come from."""

    words: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """Some of 100 women called back, for the macro `icon_array`."""

    count: int
    words: str
    mark: str


@dataclass(frozen=True)
class Source:
    """Where figures come from: the study and its address, whom it describes, what kind of evidence it is."""

    study: str
    years: str
    url: str
    rows: tuple[str, ...]
    whom: tuple[Said, ...]
    evidence: str


@dataclass(frozen=True)
class HerNumbers:
    """All that a page shows. `drawn` is empty where no picture can be drawn.

    `missing` says for each point without a figure why there is none, and the nearest one, named as about other women.
    """

    sentences: tuple[Said, ...]
    missing: tuple[Said, ...]
    drawn: tuple[Drawn, ...]
    drawn_about: Said | None
    differs: tuple[str, ...]
    sources: tuple[Source, ...]

    @property
    def rows(self) -> tuple[str, ...]:
        """The ids of every row behind it."""
        drawn = self.drawn_about.rows if self.drawn_about else ()
        found = [row for said in (*self.sentences, *self.missing) for row in said.rows]
        return tuple(dict.fromkeys([*found, *drawn]))

    @property
    def drawn_rows(self) -> str:
        return " ".join(self.drawn_about.rows) if self.drawn_about else ""


PLACES: dict[str, Words] = {
    "US": _("in the United States"),
    "UK": _("in the United Kingdom"),
    "UK-ENG": _("in England"),
    "UK-WAL": _("in Wales"),
    "NL": _("in the Netherlands"),
    "NO": _("in Norway"),
    "IT": _("in Florence, Italy"),
    "AT": _("in Tyrol, Austria"),
    "AU": _("in Australia"),
    "CA": _("in Canada"),
}
AFTER: dict[str, Words] = {
    "dm": _("after 2D pictures"),
    "dbt": _("after 3D pictures"),
    "film": _("after film pictures"),
}
AT: dict[str, Words] = {"first": _("at a first screening"), "subsequent": _("at a later screening")}
BECAUSE: dict[str, Words] = {
    "one_view_asymmetry": _("because of an area that was seen in one picture only"),
    "calcifications": _("because of calcium specks"),
    "technical": _("because a picture was not clear enough"),
}

SAYS: dict[Point, Any] = {
    Point.CALLED_BACK: _n(
        "Of %(of)d women screened %(where)s, about %(count)d is called back.",
        "Of %(of)d women screened %(where)s, about %(count)d are called back.",
        "count",
    ),
    Point.SHORT_INTERVAL: _n(
        "Of %(of)d women called back %(where)s, about %(count)d is asked to come for a check some months later.",
        "Of %(of)d women called back %(where)s, about %(count)d are asked to come for a check some months later.",
        "count",
    ),
    Point.BIOPSY: _n(
        "Of %(of)d women called back %(where)s, about %(count)d has a biopsy. That is a small sample of tissue.",
        "Of %(of)d women called back %(where)s, about %(count)d have a biopsy. That is a small sample of tissue.",
        "count",
    ),
    Point.CANCER: _n(
        "Of %(of)d women called back %(where)s, about %(count)d has cancer. About %(rest)d do not.",
        "Of %(of)d women called back %(where)s, about %(count)d have cancer. About %(rest)d do not.",
        "count",
    ),
    Point.CANCER_IF_BIOPSY: _n(
        "Of %(of)d women who have a biopsy %(where)s, about %(count)d has cancer. About %(rest)d do not.",
        "Of %(of)d women who have a biopsy %(where)s, about %(count)d have cancer. About %(rest)d do not.",
        "count",
    ),
}
WHAT: dict[Point, Words] = {
    Point.CALLED_BACK: _("how many women are called back"),
    Point.EXTRA_PICTURES_ONLY: _("how many need extra pictures and nothing more"),
    Point.SHORT_INTERVAL: _("how many are asked to come for a check some months later"),
    Point.BIOPSY: _("how many have a biopsy"),
    Point.CANCER: _("how many women called back have cancer"),
    Point.CANCER_IF_BIOPSY: _("how many women who have a biopsy have cancer"),
}
NONE: dict[Why, Words] = {
    Why.NO_ROW: _("We have no figure for this country for this: %(what)s."),
    Why.NOT_READ_AT_SOURCE: _("We have seen figures, but not in the study itself. So we do not show them: %(what)s."),
    Why.NOT_ONE_POPULATION: _("No one study counts this, and we do not mix studies: %(what)s."),
    Why.DOES_NOT_DESCRIBE_HER: _("We have no figure about women like you for this: %(what)s."),
    Why.DOES_NOT_ADD_UP: _("The figures we have do not fit together. So we do not show them: %(what)s."),
}
GROUPS: dict[GroupKind, tuple[Words, str]] = {
    GroupKind.EXTRA_PICTURES_ONLY: (_("need extra pictures and nothing more"), "outline"),
    GroupKind.SHORT_INTERVAL: (_("are asked to come for a check some months later"), "barred"),
    GroupKind.NO_BIOPSY: (_("have no biopsy and no cancer"), "outline"),
    GroupKind.NO_CANCER: (_("do not have cancer"), "outline"),
    GroupKind.BIOPSY_NO_CANCER: (_("have a biopsy, and it is not cancer"), "half"),
    GroupKind.CANCER: (_("have cancer"), "solid"),
}
TOGETHER: dict[Differs, Words] = {
    Differs.WIDE_AGES: _("women of many ages"),
    Differs.ALL_SCREENS: _("first and later screenings"),
    Differs.ALL_DENSITIES: _("all kinds of breast tissue, dense or not"),
    Differs.ALL_FINDINGS: _("all reasons for being called back"),
    Differs.ALL_MODALITIES: _("2D and 3D pictures"),
    Differs.ALL_PRIORS: _("women with and without earlier pictures"),
}
DIFFERS: dict[Differs, Words] = {
    Differs.YOUNGER: _("You are younger than these women were."),
    Differs.OLDER: _("You are older than these women were."),
    Differs.OTHER_SCREEN: _("These women came for a first screening and you for a later one, or the other way round."),
    Differs.OTHER_MODALITY: _("Their pictures were of another kind than yours: 2D, 3D or film."),
    Differs.OTHER_PRIORS: _("They had earlier pictures and you do not, or the other way round."),
    Differs.OTHER_REASON: _("These women were called back for other reasons than you."),
    Differs.FILM_ERA: _("The figures are from the days of film. They may be different now."),
    Differs.ONE_CENTRE: _("Some figures come from one centre only. They may be different where you are."),
    Differs.FEW_READERS: _("Some figures come from a few doctors only."),
    Differs.ONE_REGION: _("The figures come from one region only."),
    Differs.ONE_NATION: _("The figures come from one part of the country only."),
    Differs.TRIAL: _("These women took part in a trial."),
    Differs.SELECTED: _("These women were a small group who came late to their first screening."),
    Differs.HISTORICAL: _("The figures are from long ago, and care was different then."),
    Differs.AGE_TRIAL: _("Some of these women took part in a trial of screening at more ages."),
    Differs.EACH_BIOPSY_AFTER_CALL_BACK: _("We count every biopsy as one that came after a call-back."),
    Differs.OTHER_STUDY: _("The figures come from more than one study. Please do not add them up."),
}
GIVEN = _("The study itself gives these figures.")
WORKED_OUT = _("We worked these figures out from numbers in the study.")
BOTH = _("The study gives these figures, or we worked them out from its numbers.")


def her_numbers(question: Question, points: Iterable[Point] = HERS) -> HerNumbers:
    """Return what is published about women like her, in the active language: `points` in order, and the picture."""
    found = answer(question)
    answered = [found[point] for point in points]
    picture = of_100_called_back(question)
    figures = [one for point in answered for one in _shown(point)]
    drawn = picture.groups if isinstance(picture, Of100) else ()
    return HerNumbers(
        sentences=tuple(_says(one, point.point) for point in answered for one in point.figures),
        missing=tuple(_missing(answered)),
        drawn=tuple(Drawn(one.count, str(GROUPS[one.kind][0]), GROUPS[one.kind][1]) for one in drawn),
        drawn_about=_about(picture),
        differs=tuple(_differs(figures)),
        sources=tuple(_sources(figures)),
    )


def _shown(point: Answered) -> Iterator[Figure]:
    yield from point.figures
    if point.none and point.none.nearest:
        yield point.none.nearest


def _says(figure: Figure, point: Point) -> Said:
    seen = figure.frequency
    values = {"of": seen.of, "count": seen.count, "rest": seen.of - seen.count, "where": where(figure.whom)}
    return Said(SAYS[point] % values, figure.rows)


def where(whom: Whom) -> str:
    """Return whom a figure describes as the end of a clause: "in England after 3D pictures"."""
    parts = (
        PLACES.get(whom.country, ""),
        AT.get(whom.screen, ""),
        AFTER.get(whom.modality, ""),
        BECAUSE.get(whom.finding, ""),
    )
    return " ".join(str(part) for part in parts if part)


def _missing(answered: list[Answered]) -> Iterator[Said]:
    """Yield why there is no figure: one sentence for each nearest figure, and one for each reason of the others."""
    without: dict[Why, list[str]] = {}
    for point, none in [(one.point, one.none) for one in answered if one.none]:
        if none.nearest is None:
            without.setdefault(none.why, []).append(str(WHAT[point]))
        else:
            near = _says(none.nearest, point)
            told = gettext("%(none)s The nearest figure is about other women. %(sentence)s")
            no_figure = NONE[none.why] % {"what": WHAT[point]}
            yield Said(told % {"none": no_figure, "sentence": near.words}, near.rows)
    yield from (Said(NONE[why] % {"what": "; ".join(what)}) for why, what in without.items())


def _about(picture: Of100 | NoFigure) -> Said | None:
    if isinstance(picture, NoFigure):
        return None
    rows = tuple(dict.fromkeys(row for group in picture.groups for row in group.rows))
    words = gettext("100 women called back %(where)s. Each small person is one woman.")
    return Said(words % {"where": where(picture.source.whom)}, rows)


def _differs(figures: list[Figure]) -> Iterator[str]:
    """Yield how she differs from these women: what is counted together in one sentence, the rest one by one."""
    codes = [code for code in Differs if any(code in figure.differs for figure in figures)]
    yield from (str(DIFFERS[code]) for code in codes if code in DIFFERS)
    if together := [str(TOGETHER[code]) for code in codes if code in TOGETHER]:
        yield gettext("These are counted together: %(what)s.") % {"what": "; ".join(together)}


def _sources(figures: list[Figure]) -> Iterator[Source]:
    """Yield each study once, with the rows taken from it and the women it describes."""
    for citation, years, url in dict.fromkeys((one.citation, one.years, one.url) for one in figures):
        same = [one for one in figures if (one.citation, one.years, one.url) == (citation, years, url)]
        kinds = {one.evidence for one in same}
        evidence = BOTH if len(kinds) > 1 else GIVEN if Evidence.PRIMARY in kinds else WORKED_OUT
        whom = tuple(Said(_whom(women, years), _rows_of(same, women)) for women in dict.fromkeys(o.whom for o in same))
        yield Source(citation, years, url, _rows_of(same), whom, str(evidence))


def _rows_of(figures: list[Figure], whom: Whom | None = None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row for one in figures if whom in (None, one.whom) for row in one.rows))


def _whom(whom: Whom, years: str) -> str:
    first, _dash, last = years.partition("-")
    values = {"low": whom.age_low, "high": whom.age_high, "first": first, "last": last or first, "where": where(whom)}
    aged = whom.age_low is not None and whom.age_high is not None
    match aged, bool(years):
        case True, True:
            said = gettext("Women aged %(low)s to %(high)s %(where)s, from %(first)s to %(last)s.")
        case True, False:
            said = gettext("Women aged %(low)s to %(high)s %(where)s.")
        case False, True:
            said = gettext("Women %(where)s, from %(first)s to %(last)s. Their ages are not given.")
        case _:
            said = gettext("Women %(where)s. Their ages are not given.")
    return said % values
