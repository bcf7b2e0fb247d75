"""A list of examinations (CSV): what was done, whether or not a report has come. Pure: bytes in, rows out.

Columns: patient_number, authority, family, given, birth_date, examination (screening, diagnostic, ultrasound, mri,
marker, outside_review), performed_at, and where known accession, order, sides (left, right, both), sender
("APP|FACILITY", as the reports' sender, so that they meet), sex, phone, address, language, provider, study (the
Study Instance UID of the pictures).
Comma, semicolon or tab; UTF-8 with or without BOM, else ISO-8859-1. A row that cannot be read is still yielded.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from closerlook.exchange.uids import is_uid
from closerlook.pathway.terms import ExaminationKind, Laterality

NEEDED = ("patient_number", "family", "given", "birth_date", "examination", "performed_at")
KNOWN = frozenset({*NEEDED, "authority", "accession", "order", "sides", "sender", "sex", "phone", "address", "language",
                   "provider", "study"})  # fmt: skip
CUT = "stops_early"
"""Stands among the fields of a last line that ends before its last column: the file was cut, perhaps in a number."""
SIDES = {"left": (Laterality.LEFT,), "right": (Laterality.RIGHT,), "both": (Laterality.LEFT, Laterality.RIGHT), "": ()}


class TableError(Exception):
    """The file as a whole cannot be a list of examinations; the message says why and what to do."""


class Row(Struct, frozen=True):
    """One line. `number` counts lines of the file from 1; `content` is what the inbox keeps; `fields` as written."""

    number: int
    content: bytes
    digest: str
    fields: dict[str, str]


class Listed(Struct, frozen=True, kw_only=True):
    """A row understood. Moments are aware UTC."""

    patient_number: str
    authority: str
    family: str
    given: str
    birth_date: date
    kind: ExaminationKind
    performed_at: datetime
    accession: str
    order: str
    sides: tuple[Laterality, ...]
    sender: str
    sex: str
    phone: str
    address: str
    language: str
    provider: str
    study: str


def rows(data: bytes) -> Iterator[Row]:
    """Yield the rows of a list. Raises TableError where it has no such columns."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("iso-8859-1")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise TableError(f"not a list of examinations: the first line has no column {', '.join(missing)}")
    reader.fieldnames = names
    try:
        for found in reader:
            fields = {k: (v or "").strip() for k, v in found.items() if isinstance(v, str | None) and k in KNOWN}
            if not any(fields.values()):
                continue
            if None in found.values() and reader.line_num > text.count("\n"):
                fields[CUT] = "yes"
            content = json.dumps(fields, sort_keys=True, ensure_ascii=False).encode()
            yield Row(reader.line_num, content, hashlib.sha256(b"examination\x1f" + content).hexdigest(), fields)
    except csv.Error as error:
        raise TableError(f"line {reader.line_num}: {error}") from error


def understand(fields: dict[str, str], zone: str) -> Listed:
    """Return what a row says. Raises ValueError with a sentence that names the column."""
    if fields.get(CUT):
        raise ValueError(
            "This line ends before its last column, and the file with it: it was cut. Send it again whole."
        )
    for name in NEEDED:
        if not fields.get(name):
            raise ValueError(f"The column {name} is empty.")
    sides = fields.get("sides", "").lower()
    if sides not in SIDES:
        raise ValueError("The column sides is not left, right or both.")
    try:
        kind = ExaminationKind(fields["examination"].lower())
    except ValueError:
        known = ", ".join(k.value for k in ExaminationKind)
        raise ValueError(f"The column examination is none of {known}.") from None
    study = fields.get("study", "")
    if study and not is_uid(study):
        raise ValueError(
            "The column study is not a Study Instance UID: numbers with dots between, 64 characters at most."
        )
    return Listed(
        patient_number=fields["patient_number"],
        authority=fields.get("authority", ""),
        family=fields["family"],
        given=fields["given"],
        birth_date=_day(fields["birth_date"]),
        kind=kind,
        performed_at=_moment(fields["performed_at"], zone),
        accession=fields.get("accession", ""),
        order=fields.get("order", ""),
        sides=SIDES[sides] or (SIDES["both"] if kind is ExaminationKind.SCREENING else ()),
        sender=fields.get("sender", ""),
        sex=fields.get("sex", "").upper()[:1],
        phone=fields.get("phone", ""),
        address=fields.get("address", ""),
        language=fields.get("language", ""),
        provider=fields.get("provider", ""),
        study=study,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("The column birth_date is not a day; write YYYY-MM-DD.") from None


def _moment(text: str, zone: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("The column performed_at is not a moment; write YYYY-MM-DD or YYYY-MM-DD HH:MM.") from None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
