"""The feeds of this folder, and a small message to vary. Every person in them is invented."""

from pathlib import Path

from closerlook.exchange.hl7.framing import Raw, split
from closerlook.exchange.hl7.parse import read_reports
from closerlook.exchange.hl7.report import Report

FEEDS = Path(__file__).parent / "feeds"
ZONE = "America/New_York"

MSH = "MSH|^~\\&|DEMORIS|NORTHBAY|CLOSERLOOK|NORTHBAY|20250611093000||ORU^R01|M1|P|2.5.1"
PID = "PID|1||NB1^^^NBAY^MR||Ashdown^Marta||19610304|F"
OBR = "OBR|1|P1^RIS|A1^RIS|77067^MG SCREENING BILATERAL^C4|||20250610101500-0400"
OBX = "OBX|1|TX|19005-8^Impressions^LN||BI-RADS 1, negative.||||||F"


def raws(name: str) -> list[Raw]:
    return list(split((FEEDS / name).read_bytes()))


def reports(name: str, *, trusted: bool = False) -> list[Report]:
    return [report for raw in raws(name) for report in read_reports(raw, zone=ZONE, trusted=trusted)]


def report(name: str, *, trusted: bool = False) -> Report:
    (only,) = reports(name, trusted=trusted)
    return only


def obr(*, status: str = "F", fields: dict[int, str] | None = None) -> str:
    """Return the OBR of the small message with OBR-25 and other fields set."""
    cells = OBR.split("|") + [""] * 40
    cells[25] = status
    for number, value in (fields or {}).items():
        cells[number] = value
    return "|".join(cells).rstrip("|")


def message(*lines: str, header: str = MSH, patient: str = PID, order: str | None = None) -> Raw:
    """Return the small message with these segments below its OBR."""
    (raw,) = split("\r".join((header, patient, order if order is not None else obr(), *lines)).encode())
    return raw


def read(*lines: str, trusted: bool = False, header: str = MSH, patient: str = PID, order: str | None = None) -> Report:
    raw = message(*lines, header=header, patient=patient, order=order)
    (only,) = read_reports(raw, zone=ZONE, trusted=trusted)
    return only


def text_lines(*lines: str, status: str = "F") -> tuple[str, ...]:
    return tuple(f"OBX|{n}|TX|&IMP|1|{line}||||||{status}" for n, line in enumerate(lines, 1))
