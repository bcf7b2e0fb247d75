"""Whose message is this? An identifier and the birth date together say so; anything near asks a person."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from msgspec import Struct

from closerlook.people.models import Identifier, Patient, Provider, Site


class Stated(Struct, frozen=True, kw_only=True):
    """A person as a message or a list states her. `numbers` are (authority, value) pairs."""

    numbers: tuple[tuple[str, str], ...]
    family: str
    given: str
    middle: str = ""
    birth_date: date
    sex: str = ""
    phone: str = ""
    address: str = ""
    language: str = ""


class Match(Struct, frozen=True):
    """What was found: a patient, nobody (`patient` None, no `reason`), or a near match that a person must look at."""

    patient: Patient | None = None
    reason: str = ""
    sentence: str = ""
    offered: tuple[str, ...] = ()


def match(stated: Stated) -> Match:
    """Return who this is. Never guesses: a number with another birth date or name is a near match."""
    known = _identifiers(stated.numbers)
    found = sorted({i.patient_id for i in known})
    if len(found) > 1:
        return Match(None, "two_patients", "Its numbers belong to two different patients.", tuple(found))
    if found:
        return _same_number(known[0].patient, stated)
    namesakes = [
        p.id
        for p in Patient.objects.filter(birth_date=stated.birth_date)
        if (plain(p.family), plain(p.given)) == (plain(stated.family), plain(stated.given))
    ]
    if namesakes:
        sentence = "Someone of this name and birth date is known here under another number."
        return Match(None, "same_name_and_birth_date", sentence, tuple(namesakes))
    return Match()


def _same_number(known: Patient, stated: Stated) -> Match:
    if known.birth_date != stated.birth_date:
        return Match(None, "other_birth_date", "This number is known with another birth date.", (known.id,))
    if (plain(known.family), plain(known.given)) != (plain(stated.family), plain(stated.given)):
        return Match(None, "other_name", "This number is known with another name.", (known.id,))
    return Match(known)


def _identifiers(numbers: Sequence[tuple[str, str]]) -> list[Identifier]:
    found: list[Identifier] = []
    for authority, value in numbers:
        found += Identifier.objects.select_related("patient").filter(authority=authority, value=value)
    return found


def plain(name: str) -> str:
    """Return a name as it is compared: no accents, case, spaces or punctuation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if c.isalnum())


def enter(stated: Stated, *, site: Site, now: datetime) -> Patient:
    """Return a new patient with these numbers. Raises IntegrityError where someone entered one of them meanwhile."""
    with transaction.atomic():
        patient = Patient.objects.create(
            family=stated.family,
            given=stated.given,
            middle=stated.middle,
            birth_date=stated.birth_date,
            sex=stated.sex[:1],
            phone=stated.phone,
            address=stated.address,
            language=stated.language,
            site=site,
            created_at=now,
        )
        Identifier.objects.bulk_create(
            Identifier(authority=authority, value=value, patient=patient) for authority, value in stated.numbers
        )
    return patient


def learn(patient: Patient, numbers: Sequence[tuple[str, str]]) -> None:
    """Note further numbers of a patient. Raises IntegrityError where one is somebody else's."""
    for authority, value in numbers:
        known, _ = Identifier.objects.get_or_create(authority=authority, value=value, defaults={"patient": patient})
        if known.patient_id != patient.id:
            raise IntegrityError("a number belongs to another patient")


def is_someone_else(known: Patient, stated: Stated) -> bool:
    """Whether neither the birth date nor the given name is hers: one of the two may be a slip, both are not."""
    return known.birth_date != stated.birth_date and plain(known.given) != plain(stated.given)


def unclaimed(numbers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the numbers that are nobody's yet."""
    return [number for number in numbers if not _identifiers([number])]


def update_contact(patient: Patient, stated: Stated) -> None:
    """Fill in what was not known of how to reach her; what is known is changed by a person only."""
    changed = []
    for field in ("phone", "address", "language", "sex", "middle"):
        value = getattr(stated, field)
        if value and not getattr(patient, field):
            setattr(patient, field, value[:1] if field == "sex" else value)
            changed.append(field)
    if changed:
        patient.save(update_fields=changed)


def know_provider(id_: str, family: str, given: str) -> None:
    """Note a provider that a feed names."""
    if not Provider.objects.filter(id=id_).exists():
        Provider.objects.get_or_create(id=id_, defaults={"family": family or id_, "given": given})


def referred_by(patient_id: str, provider_id: str | None) -> None:
    """Note who asked for her latest examination: that doctor sees where she stands."""
    if provider_id:
        Patient.objects.filter(pk=patient_id).exclude(provider=provider_id).update(provider=provider_id)
