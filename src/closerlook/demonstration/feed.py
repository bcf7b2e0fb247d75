"""Reports as real feeds send them, for made-up people: one sender with coded categories, one with prose only."""

from datetime import datetime

from msgspec import Struct

from closerlook.demonstration.people import Person

CODED, PROSE = "RIVERIS|RIVERSIDE", "LAKERIS|LAKESIDE"
SCREENING = "77067^Screening mammography bilateral^CPT"
DIAGNOSTIC = "77065^Diagnostic mammography unilateral {side}^CPT"
ULTRASOUND = "76642^Ultrasound breast limited {side}^CPT"
MARKER = "77065^Post procedure mammogram for marker placement {side}^CPT"


class Sent(Struct, frozen=True, kw_only=True):
    """One report to write. `coded` are (side or "", value) pairs for discrete assessments."""

    person: Person
    control_id: str
    accession: str
    procedure: str = SCREENING
    performed_at: datetime
    reported_at: datetime
    status: str = "F"
    sender: str = CODED
    coded: tuple[tuple[str, str], ...] = ()
    findings: str = ""
    impression: str = ""
    addendum: str = ""
    provider: str = "PR100^Moreau^Claire"


def message(sent: Sent) -> bytes:
    """Return the report as one HL7 v2.5.1 message."""
    app, facility = sent.sender.split("|")
    p = sent.person
    done, reported = (f"{moment:%Y%m%d%H%M%S}+0000" for moment in (sent.performed_at, sent.reported_at))
    lines = [
        f"MSH|^~\\&|{app}|{facility}|CLOSERLOOK|UNIT|{reported}||ORU^R01^ORU_R01|{sent.control_id}|P|2.5.1",
        f"PID|1||{p.number}^^^{facility}^MR||{p.family}^{p.given}||{p.birth_date:%Y%m%d}|{p.sex}|||{p.address}"
        f"||{p.phone}||{p.language}",
        f"ORC|RE|O{sent.accession}|{sent.accession}||||||{reported}|||{sent.provider}",
        f"OBR|1|O{sent.accession}|{sent.accession}|{sent.procedure}|||{done}|||||||||{sent.provider}||||||{reported}"
        f"||MG|{sent.status}|||||||R7&Lindqvist&Eva",
    ]
    lines += _observations(sent)
    return ("\r".join(lines) + "\r").encode()


def _observations(sent: Sent) -> list[str]:
    found = []
    for side, value in sent.coded:
        found.append(("CE", f"BIRADS{side[:1].upper()}^BI-RADS Assessment {side}^L", value))
    for code, text in (("&ADT", sent.addendum), ("&GDT", sent.findings), ("&IMP", sent.impression)):
        found += [("TX", code, line) for line in text.splitlines()]
    return [f"OBX|{n}|{kind}|{code}|1|{value}||||||{sent.status}" for n, (kind, code, value) in enumerate(found, 1)]
