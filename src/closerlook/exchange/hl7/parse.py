"""Read one HL7 v2 message into reports, or say plainly why a person has to look at it.

You have a `Raw` from `framing.split`. Nothing here looks at a clock, a database or the network: the same message gives
the same report every time. Versions 2.3 to 2.8 are read leniently; what is missing but needed raises `Unreadable`.
"""

import re
from datetime import datetime

import msgspec

from closerlook.exchange.uids import is_uid
from closerlook.pathway.terms import Laterality, NeedsPerson, ReportStatus

from . import procedure
from .category import Assessed, assess
from .discrete import claims, is_assessment
from .framing import Raw
from .grammar import Segment, groups, segments
from .observations import Observations, observe
from .people import demographics, provider, reader
from .report import Demographics, Report, Unreadable
from .status import combined, is_withdrawn, lowered
from .times import moment

_ACCESSION = re.compile(r"(?=[^\s]*\d)[A-Za-z0-9._/-]{4,64}")
_ORDER_CANCELLED = frozenset({"CA", "OC", "CR", "DC", "OD"})

Group = tuple[Segment | None, Segment | None, list[Segment]]
"""PID, ORC and the segments from OBR on."""


class _How(msgspec.Struct, frozen=True):
    """What the caller says about the sender, and what concerns every examination of the message."""

    zone: str
    trusted: bool
    notes: tuple[str, ...]
    uid: str


def read_report(raw: Raw, *, zone: str, trusted: bool) -> Report:
    """Return the one breast examination's report in `raw`.

    `zone` is the IANA name of the sender's time zone, for times without an offset; `trusted` says that a unit has
    compared this sender's prose readings and accepts them. Raises Unreadable; `several_examinations` means that
    `read_reports` is needed.
    """
    reports = read_reports(raw, zone=zone, trusted=trusted)
    if len(reports) > 1:
        raise Unreadable("several_examinations", f"The message reports {len(reports)} breast examinations, not one.")
    return reports[0]


def read_reports(raw: Raw, *, zone: str, trusted: bool) -> list[Report]:
    """Return a report for every breast examination in `raw`, in order; at least one.

    OBR groups of one patient with the same accession number are one examination (a mammogram and its tomosynthesis are
    often coded apart). Raises Unreadable for the whole message if any of them cannot be read, so that nothing of it is
    recorded by halves. Examinations of other regions are named in `notes`.
    """
    if raw.fault:
        raise Unreadable(raw.fault.code, raw.fault.sentence)
    found = segments(raw.text)
    header = found[0]
    _expect_result(header)
    joined = _joined(groups(found))
    if not joined:
        raise Unreadable("no_examination", "The message holds no OBR segment, so no examination is reported.")
    observed = [(group, observe(group[2], claims)) for group in joined]
    breast = [(group, seen) for group, seen in observed if _is_breast(group, seen)]
    if not breast:
        raise Unreadable("not_breast", f"Not ours: {_named(joined[0])} is not a breast examination.")
    others = tuple(
        f"OBR {group[2][0].place} of this message is not a breast examination and was not read."
        for group, seen in observed
        if not _is_breast(group, seen)
    )
    uid = _study_uid(found) if len(joined) == 1 else ""
    how = _How(zone=zone, trusted=trusted, notes=others, uid=uid)
    return [_report(raw, header, group, seen, how) for group, seen in breast]


def _expect_result(header: Segment) -> None:
    kind, trigger = header.value(9, 1), header.value(9, 2)
    if "_" in kind and not trigger:
        kind, trigger = kind.split("_", 1)
    if kind.upper() != "ORU" or trigger.upper() not in ("R01", ""):
        named = f"{kind}^{trigger}" if trigger else kind
        raise Unreadable("wrong_type", f"The message is of type {named[:20]}; only results (ORU^R01) are read here.")


def _joined(found: list[Group]) -> list[Group]:
    result: list[Group] = []
    places: dict[tuple[int, str], int] = {}
    for patient, order, below in found:
        accession = below[0].value(3)
        key = (patient.place if patient else 0, accession)
        if accession and key in places:
            first = result[places[key]]
            result[places[key]] = (first[0], first[1] or order, [*first[2], *below])
            continue
        places[key] = len(result)
        result.append((patient, order, below))
    return result


def _is_breast(group: Group, seen: Observations) -> bool:
    coded = any(is_assessment(observation) for observation in seen.claimed)
    return any(procedure.is_breast(obr, seen.prose, coded_assessment=coded) for obr in _orders(group[2]))


def _named(group: Group) -> str:
    return procedure.described(group[2][0])[:80] or "an examination without a name"


def _report(raw: Raw, header: Segment, group: Group, seen: Observations, how: _How) -> Report:
    _, order, below = group
    obr, said = below[0], list(how.notes)
    statuses = [segment.value(25) for segment in _orders(below)]
    _expect_valid(order, statuses, seen)
    who, performed = _patient(group[0]), _performed(below, how.zone, said)
    accession, placer = _numbers(obr, order)
    words = [word for word in (*statuses, *seen.statuses) if word]
    status, sides = lowered(combined(words), seen.text), _sides(below, seen.prose)
    read = assess(seen.prose, seen.claimed, documents=seen.documents, trusted=how.trusted)
    said.extend(_remarks(header, seen))
    return Report(
        control_id=header.value(10),
        sender=f"{_authority(header, 3)}|{_authority(header, 4)}",
        version=header.value(12),
        sent_at=_moment(header, 7, how.zone, said),
        digest=raw.digest,
        message_index=raw.index,
        patient=who,
        accession=accession,
        order=placer,
        study_instance_uid=how.uid or _study_uid(below),
        procedure_code=obr.value(4, 1) or obr.value(44, 1),
        procedure_text=obr.value(4, 2) or obr.value(4, 5) or obr.value(44, 2),
        kind=next((kind for o in _orders(below) if (kind := procedure.kind_of(o, seen.prose))), None),
        is_breast=True,
        sides=sides,
        performed_at=performed,
        reported_at=_moment(obr, 22, how.zone, said),
        status=status,
        status_word=words[0] if words else "",
        reader=reader(obr),
        provider=provider(order, obr),
        assessments=read.assessments,
        density=read.density,
        density_evidence=read.density_evidence,
        needs_person=_needs(read, status, sides),
        suspicious_words=read.suspicious_words,
        recommendation=read.recommendation,
        text=seen.text,
        unread=(*seen.unread, *read.unread),
        notes=tuple(said),
        addendum=seen.addendum or read.addendum or status is ReportStatus.ADDENDUM,
    )


def _orders(below: list[Segment]) -> list[Segment]:
    return [segment for segment in below if segment.name == "OBR"]


def _remarks(header: Segment, seen: Observations) -> list[str]:
    remarks = [] if seen.text else ["This examination has no text of its own in the message."]
    if header.value(11).upper() in ("T", "D"):
        raise Unreadable("test_message", "The sender marked the message as a test (MSH-11); it is nobody's result.")
    return remarks


def _expect_valid(order: Segment | None, statuses: list[str], seen: Observations) -> None:
    """Raise `cancelled` if the order, the result or every line of it was taken back: a person decides what follows."""
    ordered = order.value(1).upper() if order else ""
    if ordered in _ORDER_CANCELLED or any(is_withdrawn(word) for word in statuses) or seen.withdrawn:
        raise Unreadable(
            "cancelled", "The sender cancelled or withdrew this result; what was known before is not changed."
        )


def _patient(patient: Segment | None) -> Demographics:
    who = demographics(patient) if patient else None
    if who is None or not who.identifiers:
        raise Unreadable("no_patient_id", "No patient number is given (PID-3).")
    if who.birth_date is None:
        raise Unreadable("no_birth_date", "No usable date of birth is given (PID-7).")
    return who


def _performed(below: list[Segment], zone: str, said: list[str]) -> datetime:
    """Return OBR-7, else OBR-6 of the first OBR that states one: some senders still use the older field."""
    for field in (7, 6):
        for obr in _orders(below):
            at, note = moment(obr.value(field), zone, f"OBR-{field}")
            said.extend([note] if note else [])
            if at:
                said.extend(["OBR-7 gives no time of the examination; OBR-6 was taken."] if field == 6 else [])
                return at
    raise Unreadable("no_examination_date", "No usable date of the examination is given (OBR-7).")


def _moment(segment: Segment, field: int, zone: str, said: list[str]) -> datetime | None:
    at, note = moment(segment.value(field), zone, f"{segment.name}-{field}")
    if note:
        said.append(note)
    return at


def _numbers(obr: Segment, order: Segment | None) -> tuple[str, str]:
    """Return accession and order number, "" for one that is not stated; raises Unreadable if neither is.

    The accession number is OBR-3, else ORC-3, else OBR-18 or OBR-20 if what stands there looks like one.
    """
    placer = obr.value(2) or (order.value(2) if order else "")
    filler = obr.value(3) or (order.value(3) if order else "")
    elsewhere = (obr.value(field) for field in (18, 20))
    looks_like_one = (value for value in elsewhere if _ACCESSION.fullmatch(value) and value not in obr.value(4))
    accession = filler or next(looks_like_one, "")
    if not accession and not placer:
        raise Unreadable(
            "no_accession_or_order", "Neither an accession number (OBR-3) nor an order number (OBR-2) is given."
        )
    return accession, placer


def _authority(header: Segment, field: int) -> str:
    return header.value(field, 1) or header.value(field, 2)


def _sides(below: list[Segment], prose: str) -> tuple[Laterality, ...]:
    found = {side for obr in _orders(below) for side in procedure.sides_of(obr, prose)}
    return tuple(side for side in procedure.BOTH if side in found)


def _study_uid(found: list[Segment]) -> str:
    """Return the Study Instance UID of ZDS-1 or IPC-3, or of an OBX that names it; "" if none or if two differ."""
    stated = {segment.value(1) for segment in found if segment.name == "ZDS"}
    stated |= {segment.value(3) for segment in found if segment.name == "IPC"}
    stated |= {
        segment.value(5)
        for segment in found
        if segment.name == "OBX"
        and re.search(r"\b(?:110180|113014)\b|study instance uid", segment.words(3), re.IGNORECASE)
    }
    uids = {value for value in stated if is_uid(value)}
    return uids.pop() if len(uids) == 1 else ""


def _needs(read: Assessed, status: ReportStatus, sides: tuple[Laterality, ...]) -> tuple[NeedsPerson, ...]:
    """Return every reason for a person to look: those of the text, and those that only the order brings out.

    A breast that was examined but has no assessment while the other has one is never taken as negative, and an
    assessment of a breast that was not examined is a contradiction.
    """
    needs = set(read.needs_person)
    assessed = {entry.side for entry in read.assessments}
    if assessed and None not in assessed and sides:
        if set(sides) - assessed:
            needs.add(NeedsPerson.NO_CATEGORY)
        if assessed - set(sides):
            needs.add(NeedsPerson.CONTRADICTION)
    if status is ReportStatus.UNKNOWN:
        needs.add(NeedsPerson.UNKNOWN_STATUS)
    return tuple(reason for reason in NeedsPerson if reason in needs)
