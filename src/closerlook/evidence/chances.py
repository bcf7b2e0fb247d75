"""What happened to women like her: published figures, and how she differs from the women they describe.

You are here to ask: `answer` gives each point its figures or says why there is none, `of_100_called_back` the picture.
Nothing is mixed between countries, nothing is stretched beyond its row in silence. The rules in words, with the caveats
they keep: docs/reference/chances.md.
"""

from closerlook.evidence.answers import Answer, Answered, Group, GroupKind, NoFigure, Of100, Point, Question, Why
from closerlook.evidence.choosing import BIOPSY, PPV1, PPV3, SHORT, Chooser, Cohort, cohort_of, may_stand_together
from closerlook.evidence.counting import IDENTITY_TOLERANCE, whole_women
from closerlook.evidence.published import figure

SMALLEST_IN_A_PICTURE = 0.005
"""Fewer than half a woman of 100 cannot be drawn as one of them without making her chance look larger."""


def answer(question: Question) -> Answer:
    """Return what is published for `question`: one country's rows, and one population's wherever there is one."""
    found = Chooser(question)
    points = {point: found.answered(point) for point in Point}
    recall, cancer = points[Point.CALLED_BACK].figures, points[Point.CANCER].figures
    if recall and cancer and not may_stand_together(figure(recall[0].rows[0]), figure(cancer[0].rows[0])):
        points[Point.CANCER] = Answered(Point.CANCER, none=NoFigure(Why.DOES_NOT_ADD_UP))
    return Answer(question, tuple(points.values()))


def of_100_called_back(question: Question) -> Of100 | NoFigure:
    """Return 100 women called back as groups that one population supports, or why they cannot be drawn."""
    cancer = answer(question)[Point.CANCER]
    if not cancer.figures:
        return cancer.none or NoFigure(Why.NO_ROW)
    source = cancer.figures[0]
    shares = _shares(cohort_of(figure(source.rows[0])))
    if shares[-1].share < SMALLEST_IN_A_PICTURE:
        return NoFigure(Why.TOO_FEW_TO_DRAW, source)
    return Of100(whole_women(shares), source)


def _shares(cohort: Cohort) -> tuple[Group, ...]:
    """Return the groups that one population supports, cancer last; counts are still 0."""
    cancer = Group(GroupKind.CANCER, 0, cohort[PPV1].value, (cohort[PPV1].id,), "ppv1")
    biopsied = _biopsied(cohort)
    if biopsied is None:
        rest = Group(GroupKind.NO_CANCER, 0, 1 - cancer.share, cancer.rows, "1 - ppv1")
        return (rest, cancer)
    left, rows = 1 - biopsied.share - cancer.share, (*biopsied.rows, *cancer.rows)
    formula = "1 - ppv1 - biopsy x (1 - ppv3)"
    if SHORT not in cohort or cohort[SHORT].value > left:
        return (Group(GroupKind.NO_BIOPSY, 0, left, rows, formula), biopsied, cancer)
    later = Group(GroupKind.SHORT_INTERVAL, 0, cohort[SHORT].value, (cohort[SHORT].id,), "short interval")
    only = Group(
        GroupKind.EXTRA_PICTURES_ONLY, 0, left - later.share, (*rows, *later.rows), f"{formula} - short interval"
    )
    return (only, later, biopsied, cancer)


def _biopsied(cohort: Cohort) -> Group | None:
    """Return those who had a biopsy and no cancer, where biopsies x cancer in them = cancer in those called back."""
    if BIOPSY not in cohort or PPV3 not in cohort:
        return None
    share, found = cohort[BIOPSY].value, cohort[PPV3].value
    if abs(share * found - cohort[PPV1].value) > IDENTITY_TOLERANCE * cohort[PPV1].value:
        return None
    rows = (cohort[BIOPSY].id, cohort[PPV3].id)
    return Group(GroupKind.BIOPSY_NO_CANCER, 0, share * (1 - found), rows, "biopsy x (1 - ppv3)")
