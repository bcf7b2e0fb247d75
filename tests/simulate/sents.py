"""One thing sent, to vary."""

from datetime import UTC, datetime, timedelta

from closerlook.pathway.events import SideAssessment
from closerlook.pathway.terms import Density, ExaminationKind, Laterality
from closerlook.simulate.sending import Sent

L, R = Laterality.LEFT, Laterality.RIGHT
BOTH = (L, R)
DONE = datetime(2024, 3, 4, 15, 30, tzinfo=UTC)


def report(sender: str, stated: tuple[SideAssessment, ...], **other: object) -> Sent:
    told = {
        "number": 1,
        "accession": "A000000101",
        "kind": ExaminationKind.SCREENING,
        "looked_at": BOTH,
        "performed_at": DONE,
        "provider": "PR100",
        "sender": sender,
        "reported_at": DONE + timedelta(hours=3),
        "stated": stated,
        "density": Density.C,
        "reader": "radiologist",
    } | other
    return Sent(**told)  # type: ignore[arg-type]
