"""Who saw whom: every page about a patient and every list that names some is written down before it is shown."""

from collections.abc import Iterable
from datetime import datetime

from closerlook.people.models import Look, Staff


def note(staff: Staff, now: datetime, page: str, patient: str, reason: str = "") -> None:
    """Write down that someone looked at one patient's data, on which page."""
    Look.objects.create(
        looked_at=now, who=staff.user.username, site=staff.site_id, page=page, patient=patient, reason=reason
    )


def listed(staff: Staff, now: datetime, page: str, patients: Iterable[str]) -> None:
    """Write down whom a list named: one row for all of them."""
    named = sorted(set(patients))
    if named:
        shown = f" {' '.join(named)} "
        Look.objects.create(looked_at=now, who=staff.user.username, site=staff.site_id, page=page, shown=shown)


def of_patient(patient: str, since: datetime) -> list[Look]:
    """Return every look at one patient since a moment, the latest first; lists that named her among them."""
    looks = Look.objects.filter(looked_at__gte=since)
    found = [*looks.filter(patient=patient), *looks.filter(patient="", shown__contains=f" {patient} ")]
    return sorted(found, key=lambda look: (look.looked_at, look.pk), reverse=True)
