"""One table for every address of the desk: who comes in, and whose records they see there.

You are here to add a page: give its route a row. `here.staff_only` holds every view to its row, `looks` writes down who
saw whom, and a test finds the address without a row. A step's own right is the pathway's (`deciding.MAY`).
"""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from closerlook.exchange.models import Message
from closerlook.pathway.deciding import DESK
from closerlook.pathway.terms import Role
from closerlook.people.models import Look, Patient, Staff, TrustedSender
from closerlook.people.roles import Office
from closerlook.record import door
from closerlook.record.models import OpenLoop

R = Role
TALKING = frozenset({R.FRONT_DESK, R.NAVIGATOR, R.NURSE, R.CLINICIAN, R.RADIOLOGIST})
LEADING = frozenset({R.MANAGER, R.LEAD})
WORKING = TALKING | LEADING | {R.TECHNOLOGIST, R.PATHOLOGY_COORDINATOR}
OFFICE = frozenset({R.MANAGER, R.LEAD, Office.ADMINISTRATOR})
KEEPING = frozenset({R.MANAGER, Office.ADMINISTRATOR})
WATCHING = OFFICE | {Office.AUDITOR}
EVERYONE = WORKING | frozenset(Office)


class Shows(StrEnum):
    """Whose data an address shows, which says what is checked and written down."""

    NOBODY = "nobody"  # no patient's
    LIST = "list"  # patients of one's own site, a line each; the view says whom
    PATIENT = "patient"  # one patient: `patient_id` in the address
    MESSAGE = "message"  # one message, and everyone it is about: `message_id` in the address


class Row(Struct, frozen=True):
    """Who comes in at an address, and what it shows."""

    who: frozenset[str]
    shows: Shows = Shows.NOBODY


ROUTES: dict[str, Row] = {
    "home": Row(EVERYONE, Shows.LIST),
    "day": Row(WORKING, Shows.LIST),
    "boards": Row(WORKING, Shows.LIST),
    "board": Row(WORKING, Shows.LIST),
    "find": Row(WORKING, Shows.LIST),
    "patient": Row(WORKING, Shows.PATIENT),
    "round": Row(WORKING, Shows.PATIENT),
    "details": Row(WORKING, Shows.PATIENT),
    "step": Row(WORKING, Shows.PATIENT),
    "her_page": Row(TALKING, Shows.PATIENT),
    "link": Row(TALKING, Shows.PATIENT),
    "letter": Row(WORKING | {Office.PROVIDER}, Shows.PATIENT),
    "calls": Row(TALKING, Shows.LIST),
    "call": Row(TALKING, Shows.PATIENT),
    "undo_call": Row(TALKING, Shows.PATIENT),
    "post": Row(WORKING, Shows.LIST),
    "inbox": Row(WORKING, Shows.LIST),
    "message": Row(WORKING, Shows.MESSAGE),
    "reading": Row(LEADING | {R.RADIOLOGIST}),
    "reading_case": Row(frozenset({R.RADIOLOGIST}), Shows.PATIENT),
    "ledger": Row(WORKING | WATCHING),
    "capacity": Row(LEADING),
    "glass": Row(WORKING),
    "looks": Row(WATCHING),
    "looked": Row(OFFICE, Shows.PATIENT),
    "manage": Row(WATCHING),
    "late": Row(WATCHING),
    "rules": Row(WATCHING | WORKING),
    "hand_over": Row(LEADING),
    "site": Row(OFFICE),
    "rooms": Row(OFFICE),
    "room": Row(OFFICE),
    "downtime": Row(WORKING, Shows.LIST),
    "paper": Row(WORKING, Shows.LIST),
    "staff": Row(KEEPING),
    "staff_add": Row(KEEPING),
    "staff_one": Row(KEEPING),
    "staff_do": Row(KEEPING),
    "sign_ins": Row(KEEPING),
    "patients": Row(frozenset({Office.PROVIDER}), Shows.LIST),
    "of_mine": Row(frozenset({Office.PROVIDER}), Shows.PATIENT),
}
"""Every route of the desk but signing in and out, by its name."""
GLASS = timedelta(hours=8)
"""How long a record of another site stays open to who gave a reason: a working day."""


def comes_in(route: str, roles: tuple[str, ...]) -> bool:
    """Whether someone of these roles comes in at an address."""
    return not ROUTES[route].who.isdisjoint(roles)


def may_link(roles: tuple[str, ...]) -> bool:
    """Whether someone of these roles may have the key to a patient's page and hand it out: those who speak with her."""
    return not DESK.isdisjoint(roles)


def sites_of(patient_id: str) -> frozenset[str]:
    """Return the sites whose record hers is: where she was entered, and where any of her rounds is."""
    entered = Patient.objects.filter(pk=patient_id).values_list("site", flat=True)
    return frozenset([*entered, *(e.site for e in door.look(patient_id).patient.episodes.values())])


def is_theirs(staff: Staff, patient_id: str, now: datetime) -> bool:
    """Whether someone may open a record: it is their site's, in their care by name, or they gave a reason lately.

    A referring provider opens own patients' records and no others.
    """
    if Office.PROVIDER in staff.role_set and WORKING.isdisjoint(staff.role_set):
        own = Patient.objects.filter(pk=patient_id, provider=staff.provider_id)
        return staff.provider_id is not None and own.exists()
    return has_a_right(staff, patient_id) or broke_the_glass(staff, patient_id, now)


def has_a_right(staff: Staff, patient_id: str) -> bool:
    """Whether a record is of someone's own site, or in their care by name; else only a reason opens it."""
    if staff.site_id in sites_of(patient_id):
        return True
    return OpenLoop.objects.filter(stream=patient_id, assignee=staff.user.username).exists()


def broke_the_glass(staff: Staff, patient_id: str, now: datetime) -> bool:
    """Whether someone gave a reason, lately, to open a record that is not their site's."""
    lately = Look.objects.filter(patient=patient_id, who=staff.user.username, looked_at__gt=now - GLASS)
    return lately.exclude(reason="").exists()


def patients_of(message_id: str) -> tuple[str, ...]:
    """Return everyone a message is about, none where nobody is known yet: it can report on several people."""
    found = Message.objects.filter(pk=message_id).values_list("patient", "texts").first()
    first, texts = found or ("", {})
    return tuple(dict.fromkeys(one for one in (first, *(place.partition("/")[0] for place in texts)) if one))


def site_of_sender(message_id: str) -> str:
    """Return the site that a message nobody is known for came to, "" where that is not one site's."""
    sender = Message.objects.filter(pk=message_id).values_list("sender", flat=True).first()
    return TrustedSender.objects.filter(pk=sender).values_list("site", flat=True).first() or ""
