"""What the courses share: how they say what is owed to whom, and the turns that many of them take."""

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, Laterality, Plan
from tests.pathway.story import DAY, FEED, LEFT, MANAGER, RADIOLOGIST, RIGHT, UK, Story, sides

SCREENING, PICTURES = ev.Purpose.SCREENING, ev.Purpose.PICTURES
BIOPSY, RESULTS = ev.Purpose.BIOPSY, ev.Purpose.RESULTS
ULTRASOUND, DIAGNOSTIC, MRI = ExaminationKind.ULTRASOUND, ExaminationKind.DIAGNOSTIC, ExaminationKind.MRI
LETTER, TOLD = "posted, first class", "rang, spoke with the secretary"


def owed(her: Story) -> set[str]:
    """Return everything owed for her, each as "who: what"."""
    return {f"{loop.owner}: {loop.kind}" for loop in her.loops}


def came_and_was_screened(her: Story, days: int = 7) -> str:
    """She comes to the visit she was given and is screened; return the examination."""
    her.came(days, SCREENING)
    return her.examined(episode=her.round.id)


def read_normal(her: Story, exam: str) -> None:
    her.take(st.RecordReading(exam=exam, sides=sides(A.NEGATIVE, A.NEGATIVE)), RADIOLOGIST)


def looked_at(
    her: Story, kind: ExaminationKind, says: A, sides_seen: tuple[Laterality, ...] = (LEFT,), days: int = 3
) -> str:
    """Work-up pictures of the left breast are made and reported, and the result told; return the examination."""
    her.wait(days * DAY)
    left, right = (says if LEFT in sides_seen else None), (A.NEGATIVE if RIGHT in sides_seen else None)
    exam = her.reported(left, right, kind=kind, looked_at=sides_seen, episode=her.round.id)
    her.told(exam).posted(exam)
    return exam


def answer(her: Story, exam: str, *answers: ev.FindingAnswer, added: tuple[ev.Finding, ...] = ()) -> list[str]:
    return her.take(st.AssessWorkup(exam=exam, answers=answers, added=added), RADIOLOGIST)


def planned(her: Story, finding: str, plan: Plan, *conference: str) -> list[str]:
    return her.take(st.PlanNext(finding=finding, plan=plan, conference=conference), RADIOLOGIST)


def seen_by_team(her: Story) -> list[str]:
    """She comes to the care team's first visit."""
    return her.take(st.RecordFirstVisit(episode=her.round.id, came=True), CARER, 6 * DAY)


CARER = ev.Actor(ev.Kind.STAFF, "u-carer", ("navigator",))


def lost(her: Story, by: ev.Actor = MANAGER) -> list[str]:
    step = st.ConfirmLost(episode=her.round.id, everything_tried=True, review_on=her.day(60), reviewer="u-navigator")
    return her.take(step, by)


def in_the_uk() -> Story:
    return Story(protocol=UK)


def read_by(her: Story, reader: ev.Actor, left: A, right: A = A.NEGATIVE) -> list[str]:
    return her.take(st.RecordReading(exam=her.exam.id, sides=sides(left, right)), reader)


def computer(her: Story, left: A) -> list[str]:
    """A computer's reading arrives."""
    said = her.reading(sides(left, A.NEGATIVE))
    return her.take(st.TakeAIRead(exam=her.exam.id, reading=said, system="a detection system"), FEED)
