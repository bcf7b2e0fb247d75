"""Which published rows answer a question, and how she differs from the women in them.

You are here because a row was added, or because a woman was shown the wrong one. Weak rows and rows about other women
rank last; of the rest the population that has both call-backs and their cancers is preferred, so that an answer speaks
of one group of women wherever it can.
"""

import re
from collections.abc import Iterable

from closerlook.evidence.answers import OLDEST, Answered, Differs, Figure, NoFigure, Point, Question, Whom, Why
from closerlook.evidence.counting import frequency, identity_holds
from closerlook.evidence.published import Population, Row, figures, shown

LAST_FILM_YEAR = 2008
NATIONS: dict[str, tuple[str, ...]] = {"UK": ("UK-ENG", "UK"), "UK-ENG": ("UK-ENG", "UK"), "UK-WAL": ("UK-WAL", "UK")}
"""The parts of the United Kingdom whose rows may stand in one answer: England's and Wales's never together."""
QUANTITIES: dict[Point, tuple[str, ...]] = {
    Point.CALLED_BACK: ("recall_rate",),  # caveat 2: a false-positive rate leaves out those who have cancer
    Point.EXTRA_PICTURES_ONLY: (),  # no row says it of all women called back; see Why.NOT_ONE_POPULATION
    Point.SHORT_INTERVAL: ("short_interval_share_of_recalled",),
    Point.BIOPSY: ("biopsy_share_of_recalled",),
    Point.CANCER: ("ppv1",),
    Point.CANCER_IF_BIOPSY: ("ppv3",),
}
"""The only quantities that answer a point; first choice first."""

MISFITS = frozenset(
    {Differs.YOUNGER, Differs.OLDER, Differs.OTHER_SCREEN, Differs.OTHER_MODALITY, Differs.OTHER_PRIORS,
     Differs.OTHER_REASON, Differs.HISTORICAL}
)  # fmt: skip
"""A row with one of these does not describe her: it can be named as the nearest, never as her answer."""
WEAK = frozenset(
    {Differs.FILM_ERA, Differs.ONE_CENTRE, Differs.FEW_READERS, Differs.ONE_REGION, Differs.TRIAL, Differs.SELECTED}
)
GENERAL = MISFITS | {
    Differs.AGES_NOT_STATED, Differs.WIDE_AGES, Differs.ALL_SCREENS, Differs.ALL_DENSITIES, Differs.ALL_FINDINGS,
    Differs.ALL_MODALITIES, Differs.ALL_PRIORS,
}  # fmt: skip

TRAITS: tuple[tuple[str, Differs], ...] = (
    (r"us-penn-.*|us-jhu-.*|uk-one-unit-.*|uk-technical-recall-.*", Differs.ONE_CENTRE),
    (r"us-three-readers-.*", Differs.FEW_READERS),
    (r"nl-south-.*|it-florence-.*|at-tyrol-.*", Differs.ONE_REGION),
    (r"uk-tommy-.*", Differs.TRIAL),
    (r"us-bcsc-baseline-.*", Differs.SELECTED),
    (r"nl-1990s-.*", Differs.HISTORICAL),
    (r"uk-england-2013-14-.*-(45-49|65-69|all)", Differs.AGE_TRIAL),
    (r"us-multisite-.*-biopsy-share-of-recalled", Differs.EACH_BIOPSY_AFTER_CALL_BACK),
)
"""What the notes of the rows say of them, as codes."""

Cohort = dict[str, Row]
"""The rows of one population by quantity: the same source, years and women."""
Score = tuple[object, ...]
BIOPSY, PPV1, PPV3, SHORT = "biopsy_share_of_recalled", "ppv1", "ppv3", "short_interval_share_of_recalled"
RECALL, DETECTION = "recall_rate", "cancer_detection_rate"


def may_stand_together(recall: Row, ppv1: Row) -> bool:
    """Whether a rate of call-backs and a share with cancer may stand in one answer.

    Within one population they may if they add up. Of two, only if the cancers found in either do not contradict
    them. A share among women called back for one reason is not measured on all call-backs: nothing contradicts it.
    """
    if recall.population.finding != ppv1.population.finding:
        return True
    found = [cohort_of(row)[DETECTION].value for row in (recall, ppv1) if DETECTION in cohort_of(row)]
    return all(identity_holds(recall.value, ppv1.value, detection) for detection in found)


class Chooser:
    """Chooses rows for one question. `anchor` is the population that the answer speaks of, if there is one."""

    def __init__(self, question: Question) -> None:
        self.question = question
        lands = NATIONS.get(question.land, (question.land,))
        self.rows = [row for row in shown() if row.population.country in lands]
        self.anchor: Cohort | None = None
        self.anchor = self._anchor()

    def answered(self, point: Point) -> Answered:
        best = self._best(point)
        if best is None:
            return Answered(point, none=NoFigure(self._why(point)))
        differs = self.differs(best)
        if MISFITS.intersection(differs):
            return Answered(point, none=NoFigure(Why.DOES_NOT_DESCRIBE_HER, self._figure(best)))
        return Answered(point, tuple(self._figure(row) for row in (best, *self._twins(best))))

    def differs(self, row: Row) -> tuple[Differs, ...]:
        """Return how she differs from the women of `row`, misfits first."""
        asked, whom = self.question, row.population
        film = whom.modality == "film" or _of_film_days(row)
        found = [
            *_by_age(asked.age, whom),
            *_by(asked.screen, whom.screen, Differs.OTHER_SCREEN, Differs.ALL_SCREENS),
            *_by(asked.density, whom.density, Differs.ALL_DENSITIES, Differs.ALL_DENSITIES),
            *_by(asked.finding, whom.finding, Differs.OTHER_REASON, Differs.ALL_FINDINGS),
            *_by(asked.modality, "film" if film else whom.modality, Differs.OTHER_MODALITY, Differs.ALL_MODALITIES),
            *_by_priors(asked.prior_images, whom.prior_images),
            *(differs for pattern, differs in TRAITS if re.fullmatch(pattern, row.id)),
        ]
        if film:
            found.append(Differs.FILM_ERA)
        if whom.country != asked.land:
            found.append(Differs.ONE_NATION)
        if self.anchor and whom.finding == "any" and not _same_study(row, self.anchor[PPV1]):
            found.append(Differs.OTHER_STUDY)
        if asked.finding == "technical" and whom.finding == "any" and row.quantity in OF_CALLED_BACK:
            found.append(Differs.OTHER_REASON)  # a repeat for a blurred picture is counted apart from these
        return tuple(sorted(set(found), key=tuple(Differs).index))

    def _anchor(self) -> Cohort | None:
        """Return the population, with its call-backs and their cancers, that describes her best."""
        found = [cohort_of(row) for row in self.rows if row.quantity == PPV1 and row.population.finding == "any"]
        whole = [cohort for cohort in found if RECALL in cohort and _adds_up(cohort)]
        return min(whole, key=lambda cohort: self._score(cohort[PPV1]), default=None)

    def _best(self, point: Point) -> Row | None:
        """Return the row that describes her best: hers by reason first, then the anchor's, then any other."""
        for quantity in QUANTITIES[point]:
            if point is Point.CANCER and (own := self._for_her_reason()):
                return own
            if self.anchor and (quantity in self.anchor or point in (Point.CALLED_BACK, Point.CANCER)):
                return self.anchor[quantity]
            general = [row for row in self.rows if row.quantity == quantity and row.population.finding == "any"]
            if general:
                return min(general, key=self._score)
        return None

    def _for_her_reason(self) -> Row | None:
        mine = [row for row in self.rows if row.quantity == PPV1 and row.population.finding == self.question.finding]
        fitting = [row for row in mine if not MISFITS.intersection(self.differs(row))]
        return min(fitting, key=self._score, default=None)

    def _twins(self, best: Row) -> list[Row]:
        """Return rows of the same study that differ only in what she left open (2D or 3D; first or later)."""
        open_ = [name for name in ("modality", "screen") if getattr(self.question, name) is None]
        return [
            row
            for row in self.rows
            if row is not best and row.quantity == best.quantity and _same_study(row, best) and _alike(row, best, open_)
        ]

    def _why(self, point: Point) -> Why:
        """Return why no row may be shown for `point`."""
        lands = NATIONS.get(self.question.land, (self.question.land,))
        unread = [row for row in figures().values() if row.population.country in lands]
        if point is Point.EXTRA_PICTURES_ONLY:
            parts = {row.quantity for row in self.rows} & {BIOPSY, SHORT}
            return Why.NOT_ONE_POPULATION if len(parts) > 1 else Why.NO_ROW
        wanted = QUANTITIES[point]
        return Why.NOT_READ_AT_SOURCE if any(row.quantity in wanted for row in unread) else Why.NO_ROW

    def _score(self, row: Row) -> Score:
        """Return what ranks `row`, lowest best: weakness, misfits, what she left open, closeness, newness, size."""
        asked, whom, differs = self.question, row.population, self.differs(row)
        pairs = ((asked.screen, whom.screen), (asked.modality, whom.modality))
        return (
            sum(one in WEAK for one in differs),
            sum(one in MISFITS for one in differs),
            _years_away(asked.age, whom),
            sum(given is None and of != "any" for given, of in pairs),
            -sum(given == of for given, of in pairs),
            -(row.last_year or 0),
            _width(whom) if asked.age is not None else -_width(whom),
            -(row.n or 0),
            row.id,
        )

    def _figure(self, row: Row) -> Figure:
        differs, whom = self.differs(row), row.population
        return Figure(
            rows=(row.id,),
            value=row.value,
            frequency=frequency(row.value, low=row.low, high=row.high),
            whom=Whom(
                whom.country, whom.age_low, whom.age_high, whom.screen, whom.density, whom.modality, whom.finding
            ),
            differs=differs,
            general=bool(GENERAL.intersection(differs)),
            evidence=row.evidence,
            citation=row.citation,
            url=row.url,
            doi=row.doi,
            years=row.years,
            low=row.low,
            high=row.high,
            interval=row.interval,
            formula=row.formula,
            n=row.n,
        )


OF_CALLED_BACK = frozenset({PPV1, PPV3, BIOPSY, SHORT})


def _of_film_days(row: Row) -> bool:
    return row.last_year is not None and row.last_year <= LAST_FILM_YEAR


def _by(asked: str | None, of: str, other: Differs, together: Differs) -> Iterable[Differs]:
    if asked is None or of == asked:
        return ()
    return (together,) if of == "any" else (other,)


def _by_priors(asked: bool | None, of: str) -> Iterable[Differs]:
    if asked is None or of == str(asked).lower():
        return ()
    return (Differs.ALL_PRIORS,) if of == "unknown" else (Differs.OTHER_PRIORS,)


def _by_age(age: int | None, whom: Population) -> Iterable[Differs]:
    if age is None:
        return ()
    if whom.age_low is not None and age < whom.age_low:
        return (Differs.YOUNGER,)
    if whom.age_high is not None and age > whom.age_high:
        return (Differs.OLDER,)
    if whom.age_low is None and whom.age_high is None:
        return (Differs.AGES_NOT_STATED,)
    return (Differs.WIDE_AGES,) if _width(whom) > 10 else ()


def _width(whom: Population) -> int:
    return (OLDEST if whom.age_high is None else whom.age_high) - (whom.age_low or 0)


def _years_away(age: int | None, whom: Population) -> int:
    if age is None:
        return 0
    return max(0, (whom.age_low or 0) - age, age - (OLDEST if whom.age_high is None else whom.age_high))


def _same_study(one: Row, other: Row) -> bool:
    return (one.citation, one.years, one.population.country) == (other.citation, other.years, other.population.country)


def _alike(one: Row, other: Row, but: list[str]) -> bool:
    """Whether two rows describe the same women but for what `but` names."""
    fixed = [name for name in Population.__struct_fields__ if name not in but]
    return all(getattr(one.population, name) == getattr(other.population, name) for name in fixed)


def same_women(one: Row, other: Row) -> bool:
    return _same_study(one, other) and one.population == other.population


def cohort_of(row: Row) -> Cohort:
    """Return the rows of the same study and women that may be shown."""
    return {one.quantity: one for one in shown() if same_women(one, row)}


def _adds_up(cohort: Cohort) -> bool:
    """Whether called back, cancer in those called back and cancers found agree, where all three are there."""
    if DETECTION not in cohort:
        return True
    return identity_holds(cohort[RECALL].value, cohort[PPV1].value, cohort[DETECTION].value)
