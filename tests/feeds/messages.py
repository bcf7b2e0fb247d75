"""Reports of made-up people, written as two kinds of sender write them."""

from datetime import datetime, timedelta

from closerlook.exchange import inbox
from closerlook.exchange.hl7.framing import split
from closerlook.exchange.inbox import Result
from tests.stores import NOW

HOURS = timedelta(hours=1)
SCREENING = "77067^Screening mammography bilateral^CPT"
DIAGNOSTIC_LEFT = "77065^Diagnostic mammography unilateral left^CPT"
ULTRASOUND_RIGHT = "76642^Ultrasound breast limited right^CPT"
NORMAL = (("BIRADS^BI-RADS Assessment^L", "1^Negative^L"),)
CALLED_LEFT = (
    ("BIRADSL^BI-RADS Assessment left^L", "0^Incomplete: Need additional imaging evaluation^L"),
    ("BIRADSR^BI-RADS Assessment right^L", "1^Negative^L"),
)
PRIORS = (("BIRADS^BI-RADS Assessment^L", "0^Incomplete: Need prior mammograms for comparison^L"),)


def oru(
    control_id: str = "M1",
    *,
    number: str = "MR100",
    name: str = "Olsen^Marta",
    born: str = "19680503",
    accession: str = "A1",
    procedure: str = SCREENING,
    performed_at: datetime = NOW - 3 * HOURS,
    reported_at: datetime | None = None,
    status: str = "F",
    coded: tuple[tuple[str, str], ...] = NORMAL,
    text: str = "IMPRESSION: As above.",
    sender: str = "RIVERIS|RIVERSIDE",
) -> bytes:
    """Return one report."""
    reported = f"{reported_at or performed_at + HOURS:%Y%m%d%H%M%S}+0000"
    lines = [
        f"MSH|^~\\&|{sender}|CLOSERLOOK|UNIT|{reported}||ORU^R01^ORU_R01|{control_id}|P|2.5.1",
        f"PID|1||{number}^^^RIVERSIDE^MR||{name}||{born}|F|||22 Harbour Road^^Riverside^MO^61111||555-0199",
        f"ORC|RE|O{accession}|{accession}|||||||||PR1^Lind^Eva",
        f"OBR|1|O{accession}|{accession}|{procedure}|||{performed_at:%Y%m%d%H%M%S}+0000|||||||||PR1^Lind^Eva||||||"
        f"{reported}||MG|{status}",
    ]
    observations = [("CE", code, value) for code, value in coded]
    observations += [("TX", "&IMP", line) for line in text.splitlines()]
    lines += [f"OBX|{n}|{kind}|{code}|1|{value}||||||{status}" for n, (kind, code, value) in enumerate(observations, 1)]
    return ("\r".join(lines) + "\r").encode()


def send(*messages: bytes, at: datetime = NOW) -> list[Result]:
    """Put messages into the inbox in this order, and process them."""
    ticking = iter(at + timedelta(seconds=n) for n in range(10_000))
    incoming = (inbox.hl7(raw, f"feed#{n}") for n, data in enumerate(messages, 1) for raw in split(data))
    return list(inbox.take_all(incoming, clock=lambda: next(ticking)))
