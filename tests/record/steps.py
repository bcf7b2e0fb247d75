"""Steps that tests of the record take, short to write."""

from datetime import datetime, timedelta

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Kind
from closerlook.pathway.terms import Assessment, ExaminationKind, Laterality, ReportStatus
from tests.stores import NOW

BOTH = (Laterality.LEFT, Laterality.RIGHT)
FEED = Actor(Kind.FEED, "RIVERIS|RIVERSIDE")
NAVIGATOR = Actor(Kind.STAFF, "ana", ("navigator",))
RADIOLOGIST = Actor(Kind.STAFF, "eva", ("clinician", "radiologist"))
DESK = Actor(Kind.STAFF, "dana", ("front_desk",))
WORKER = Actor(Kind.WORKER, "worker")


def report(
    left: Assessment = Assessment.INCOMPLETE_IMAGING,
    right: Assessment = Assessment.NEGATIVE,
    *,
    accession: str = "A1",
    at: datetime = NOW - timedelta(hours=3),
) -> st.TakeReport:
    """Return a signed screening report."""
    reading = ev.Reading(
        status=ReportStatus.FINAL,
        reported_at=at + timedelta(hours=1),
        sides=(ev.SideAssessment(left, Laterality.LEFT), ev.SideAssessment(right, Laterality.RIGHT)),
    )
    examination = st.Examination(
        kind=ExaminationKind.SCREENING, performed_at=at, sides=BOTH, accession=f"RIVERIS|RIVERSIDE|{accession}"
    )
    return st.TakeReport(reading=reading, examination=examination, site="main")


def plan() -> st.DecideCallBack:
    return st.DecideCallBack(exam="e1.x2", sides=(Laterality.LEFT,), views=("SPOT",), ultrasound=True)


def call() -> st.RecordContact:
    """Return an attempt to ring her."""
    return st.RecordContact(episode="e1", channel=ev.Channel.PHONE, outcome=ev.Outcome.VOICEMAIL)
