"""Read one HL7 v2 message into reports, or say plainly why a person has to look at it.

You have a `Raw` from `framing.split`. Nothing here looks at a clock, a database or the network: the same message gives
the same report every time. Versions 2.3 to 2.8 are read leniently; what is missing but needed raises `Unreadable`.
"""

import re
from datetime import datetime

from closerlook.pathway.terms import NeedsPerson, ReportStatus

from . import procedure
from .category import assess
from .discrete import claims, is_assessment
from .framing import Raw
from .grammar import Segment, groups, segments
from .observations import Observations, observe
from .people import demographics, provider, reader
from .report import Demographics, Report, Unreadable
from .status import combined, is_withdrawn, lowered
from .times import moment

_UID = re.compile(r"[0-2](?:\.\d+)+")
_ACCESSION = re.compile(r"(?=[^\s]*\d)[A-Za-z0-9._/-]{4,64}")
_ORDER_CANCELLED = frozenset({"CA", "OC", "CR", "DC", "OD"})

Group = tuple[Segment | None, Segment | None, list[Segment]]


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
    return [_report(raw, header, group, seen, zone=zone, trusted=trusted, notes=others, uid=uid) for group, seen in breast]


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
        key = (id(patient), accession)
        if accession and key in places:
            first = result[places[key]]
            result[places[key]] = (first[0], first[1] or order, [*first[2], *below])
            continue
        places[key] = len(result)
        result.append((patient, order, below))
    return result


def _is_breast(group: Group, seen: Observations) -> bool:
    coded = any(is_assessment(observation) for observation in seen.claimed)
    return any(
        procedure.is_breast(obr, seen.prose, coded_assessment=coded) for obr in group[2] if obr.name == "OBR"
    )


def _named(group: Group) -> str:
    return procedure.described(group[2][0])[:80] or "an examination without a name"


def _report(
    raw: Raw, header: Segment, group: Group, seen: Observations, *, zone: str, trusted: bool, notes: tuple[str, ...], uid: str
) -> Report:
    patient, order, below = group
    obr = below[0]
    statuses = [obr.value(25) for obr in below if obr.name == "OBR"]
    _expect_valid(order, statuses, seen)
    who, said = _patient(patient), list(notes)
    performed = _performed(below, zone, said)
    accession, placer = _accession(obr, order), obr.value(2) or (order.value(2) if order else "")
    if not accession and not placer:
        raise Unreadable("no_accession_or_order", "Neither an accession number (OBR-3) nor an order number (OBR-2) is given.")
    words = [word for word in (*statuses, *seen.statuses) if word]
    status = lowered(combined(words), seen.text)
    read = assess(seen.prose, seen.claimed, documents=seen.documents, trusted=trusted)
    if not seen.text:
        said.append("This examination has no text of its own in the message.")
    if header.value(11).upper() in ("T", "D"):
        said.append("The sender marked the message as a test (MSH-11).")
    return Report(
        control_id=header.value(10),
        sender=f"{_authority(header, 3)}|{_authority(header, 4)}",
        version=header.value(12),
        sent_at=_moment(header, 7, zone, said),
        digest=raw.digest,
        message_index=raw.index,
        patient=who,
        accession=accession,
        order=placer,
        study_instance_uid=uid or _study_uid(below),
        procedure_code=obr.value(4, 1) or obr.value(44, 1),
        procedure_text=obr.value(4, 2) or obr.value(4, 5) or obr.value(44, 2),
        kind=next((kind for o in below if o.name == "OBR" and (kind := procedure.kind_of(o, seen.prose))), None),
        is_breast=True,
        sides=procedure.sides_of(obr, seen.prose),
        performed_at=performed,
        reported_at=_moment(obr, 22, zone, said),
        status=status,
        status_word=words[0] if words else "",
        reader=reader(obr),
        provider=provider(order, obr),
        assessments=read.assessments,
        density=read.density,
        density_evidence=read.density_evidence,
        needs_person=_needs(read.needs_person, status),
        suspicious_words=read.suspicious_words,
        recommendation=read.recommendation,
        text=seen.text,
        unread=(*seen.unread, *read.unread),
        notes=tuple(said),
        addendum=seen.addendum or status is ReportStatus.ADDENDUM,
    )
