"""Whether this database is a demonstration: everyone in it is made up, and its sign-ins are printed at start."""

from datetime import datetime

from closerlook.accounts.models import Demonstration
from closerlook.people.models import Patient, Staff


def mark_demonstration(now: datetime) -> None:
    """Mark an empty database as a demonstration. One in which anybody is known can never be marked."""
    assert not Patient.objects.exists(), "patients are known here"  # noqa: S101  the caller refuses before
    assert not Staff.objects.exists(), "staff are known here"  # noqa: S101  as above
    Demonstration.objects.update_or_create(id=1, defaults={"made_at": now})


def is_demonstration() -> bool:
    """Whether the people here are the made-up ones, with the password everyone may know."""
    return Demonstration.objects.exists()
