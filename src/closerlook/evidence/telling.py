"""An answer in plain English for the command line; her own pages have words of their own, in her language."""

from closerlook.evidence.answers import (
    Answer,
    Answered,
    Differs,
    Figure,
    GroupKind,
    NoFigure,
    Of100,
    Point,
    Whom,
    Why,
)
from closerlook.evidence.published import Evidence

CALLED_BACK = "women called back"
OF: dict[Point, str] = {
    Point.CALLED_BACK: "women screened",
    Point.CANCER_IF_BIOPSY: "women who had a biopsy",
}
WHAT: dict[Point, str] = {
    Point.CALLED_BACK: "were called back",
    Point.EXTRA_PICTURES_ONLY: "needed extra pictures only",
    Point.SHORT_INTERVAL: "were asked to come for a check some months later",
    Point.BIOPSY: "had a biopsy",
    Point.CANCER: "had cancer",
    Point.CANCER_IF_BIOPSY: "had cancer",
}
GROUPS: dict[GroupKind, str] = {
    GroupKind.EXTRA_PICTURES_ONLY: "extra pictures only",
    GroupKind.SHORT_INTERVAL: "a check some months later",
    GroupKind.NO_BIOPSY: "no cancer, and no biopsy",
    GroupKind.NO_CANCER: "no cancer",
    GroupKind.BIOPSY_NO_CANCER: "a biopsy, and no cancer",
    GroupKind.CANCER: "cancer",
}
DIFFERS: dict[Differs, str] = {
    Differs.YOUNGER: "she is younger than they were",
    Differs.OLDER: "she is older than they were",
    Differs.OTHER_SCREEN: "their screening was first where hers was later, or later where hers was first",
    Differs.OTHER_MODALITY: "their pictures were of another kind (film, 2D or 3D)",
    Differs.OTHER_PRIORS: "their earlier pictures were there where hers were not, or the other way round",
    Differs.OTHER_REASON: "they were called back for other reasons",
    Differs.AGES_NOT_STATED: "the source does not state their ages",
    Differs.WIDE_AGES: "they are of a wide range of ages together",
    Differs.ALL_SCREENS: "first and later screenings are counted together",
    Differs.ALL_DENSITIES: "all breast densities are counted together",
    Differs.ALL_FINDINGS: "all reasons for a call-back are counted together",
    Differs.ALL_MODALITIES: "2D and 3D pictures are counted together",
    Differs.ALL_PRIORS: "with and without earlier pictures are counted together",
    Differs.FILM_ERA: "from the days of film",
    Differs.ONE_CENTRE: "from one centre only",
    Differs.FEW_READERS: "from a few readers only",
    Differs.ONE_REGION: "from one region only",
    Differs.ONE_NATION: "from one part of the country only",
    Differs.TRIAL: "women who joined a trial",
    Differs.SELECTED: "a small group who came late for a first screening",
    Differs.HISTORICAL: "a programme as it was run long ago",
    Differs.AGE_TRIAL: "some of them took part in a trial of wider ages",
    Differs.EACH_BIOPSY_AFTER_CALL_BACK: "taking each biopsy to have followed a call-back",
    Differs.OTHER_STUDY: "from another study than the other figures: not to be added to them or taken from them",
}
WHY: dict[Why, str] = {
    Why.NO_ROW: "there is no published figure on file for this country",
    Why.NOT_READ_AT_SOURCE: "what is on file was not read in the study itself, or is about a special group",
    Why.NOT_ONE_POPULATION: "the parts come from different studies, and one must not be taken from the other",
    Why.DOES_NOT_DESCRIBE_HER: "no figure on file describes her",
    Why.DOES_NOT_ADD_UP: "the figures on file do not fit one population",
    Why.TOO_FEW_TO_DRAW: "it is fewer than half a woman of 100",
}
KINDS: dict[Evidence, str] = {
    Evidence.PRIMARY: "as the study itself gives it",
    Evidence.DERIVED: "computed from the study's own numbers",
}
LANDS = {"UK-ENG": "England", "UK-WAL": "Wales"}
PICTURES = {"dm": "2D pictures", "dbt": "3D pictures", "film": "film"}
SCREENS = {"first": "first screening", "subsequent": "later screenings"}


def in_words(answer: Answer, picture: Of100 | NoFigure) -> str:
    """Return the whole answer as lines of text, each figure with its source and its rows."""
    told = _Told()
    points = [line for point in answer.points for line in told.point(point)]
    return "\n".join([*points, *_picture(picture)])


class _Told:
    """Tells figure after figure, and what is true of several only once."""

    def __init__(self) -> None:
        self.sources: set[tuple[str, Whom]] = set()
        self.minded: set[Differs] = set()

    def point(self, answered: Answered) -> list[str]:
        point, none = answered.point, answered.none
        if none is None:
            return [line for one in answered.figures for line in (_says(one, point), *self.under(one), "")]
        head = f"Of {OF.get(point, CALLED_BACK)}, how many {WHAT[point]}? There is no figure: {WHY[none.why]}."
        if none.nearest is None:
            return [head, ""]
        return [head, f"  Nearest, about other women: {_says(none.nearest, point)}", *self.under(none.nearest), ""]

    def under(self, figure: Figure) -> list[str]:
        source, minded = (figure.citation, figure.whom), [one for one in figure.differs if one not in self.minded]
        lines = ["  The same study and women."]
        if source not in self.sources:
            years = f", {figure.years}" if figure.years else ""
            lines = [f"  Whom: {_whom(figure.whom)}{years}", f"  Source: {figure.citation}", f"  {figure.url}"]
        if minded:
            lines.append("  Mind: " + "; ".join(DIFFERS[one] for one in minded))
        self.sources.add(source)
        self.minded.update(minded)
        return [*lines, f"  Given: {_given(figure)}", f"  Rows: {', '.join(figure.rows)}"]


def _says(figure: Figure, point: Point) -> str:
    seen = figure.frequency
    about = "fewer than" if seen.fewer else "about"
    return f"Of {seen.of} {OF.get(point, CALLED_BACK)}, {about} {seen.count} {WHAT[point]}."


def _given(figure: Figure) -> str:
    printed = f"{figure.value:g}"
    if figure.low is not None:
        printed += f" ({figure.interval} {figure.low:g} to {figure.high:g})"
    return f"{printed}, {KINDS[figure.evidence]}{f': {figure.formula}' if figure.formula else ''}"


def _whom(whom: Whom) -> str:
    ages = "" if whom.age_low is None and whom.age_high is None else f"aged {whom.age_low or ''}-{whom.age_high or ''}"
    finding = "" if whom.finding == "any" else f"called back for {whom.finding.replace('_', ' ')}"
    parts = (LANDS.get(whom.country, whom.country), ages, SCREENS.get(whom.screen, ""), PICTURES.get(whom.modality, ""))
    return ", ".join(part for part in (*parts, finding) if part)


def _picture(picture: Of100 | NoFigure) -> list[str]:
    if isinstance(picture, NoFigure):
        return [f"100 women called back, drawn: {WHY[picture.why]}."]
    said = [f"  {group.count:3d}  {GROUPS[group.kind]}   [{group.formula}]" for group in picture.groups]
    return ["100 women called back, drawn:", *said]
