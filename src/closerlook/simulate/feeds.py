"""The programme as real sites send it: reports in three HL7 v2 dialects, lists of examinations as CSV.

You are here to add a dialect. All say the same of a `Sent`; that what is taken from them equals the direct step is held
by a test. Every woman's reports come from one sender.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from msgspec import Struct

from closerlook.pathway.events import SideAssessment
from closerlook.pathway.terms import Assessment, Density, ExaminationKind, FindingKind, ReportStatus
from closerlook.simulate.population import Woman
from closerlook.simulate.sending import Sent

RIVER, LAKE, HILL = "RIVERIS|RIVERSIDE", "LAKERIS|LAKESIDE", "HILLRIS|HILLCREST"
AUTHORITY = "RIVERSIDE"
CATEGORY = {
    Assessment.NEGATIVE: ("1", "Negative"),
    Assessment.BENIGN: ("2", "Benign"),
    Assessment.PROBABLY_BENIGN: ("3", "Probably Benign"),
    Assessment.SUSPICIOUS: ("4", "Suspicious"),
    Assessment.HIGHLY_SUGGESTIVE: ("5", "Highly Suggestive of Malignancy"),
    Assessment.INCOMPLETE_IMAGING: ("0", "Incomplete: Need additional imaging evaluation"),
    Assessment.INCOMPLETE_PRIORS: ("0", "Incomplete: Need prior mammograms for comparison"),
}
COMPOSITION = {
    Density.A: "The breasts are almost entirely fatty.",
    Density.B: "There are scattered areas of fibroglandular density.",
    Density.C: "The breasts are heterogeneously dense, which may obscure small masses.",
    Density.D: "The breasts are extremely dense, which lowers the sensitivity of mammography.",
}
PROCEDURE = {
    ExaminationKind.SCREENING: ("77067", "Screening mammography bilateral"),
    ExaminationKind.DIAGNOSTIC: ("77065", "Diagnostic mammography unilateral {side}"),
}
STATUS = {ReportStatus.FINAL: "F", ReportStatus.CORRECTED: "C", ReportStatus.PRELIMINARY: "P"}
CALLED = frozenset({Assessment.INCOMPLETE_IMAGING})
COLUMNS = ("patient_number", "authority", "family", "given", "birth_date", "sex", "phone", "address", "language",
           "examination", "performed_at", "accession", "sides", "sender", "provider")  # fmt: skip


class Dialect(Struct, frozen=True):
    """How one sender writes: the version it declares, its line ends, and the lines that state a result."""

    version: str
    end: str
    result: Callable[[Sent], Iterator[tuple[str, str, str]]]


def message(sent: Sent, woman: Woman, control_id: str) -> bytes:
    """Return a report as its sender writes it. Raises ValueError for an examination without one."""
    if sent.reported_at is None:
        raise ValueError(f"{sent.accession} has no report yet; it goes into a list of examinations.")
    dialect = DIALECTS[sent.sender]
    app, facility = sent.sender.split("|")
    done, reported = _moment(sent.performed_at), _moment(sent.reported_at)
    code, words = PROCEDURE[sent.kind]
    if len(sent.looked_at) == 2 and sent.kind is ExaminationKind.DIAGNOSTIC:
        code, words = "77066", "Diagnostic mammography bilateral"
    words = words.format(side=sent.looked_at[0].value if sent.looked_at else "")
    provider = f"{sent.provider}^Moreau^Claire" if sent.provider else ""
    reader = f"{sent.reader}&Reader&R" if sent.reader else ""
    lines = [
        f"MSH|^~\\&|{app}|{facility}|CLOSERLOOK|UNIT|{reported}||ORU^R01|{control_id}|P|{dialect.version}",
        f"PID|1||{record_number(woman.number)}^^^{AUTHORITY}^MR||{woman.family}^{woman.given}||"
        f"{woman.birth_date:%Y%m%d}|{woman.sex}|||{woman.address}||{woman.phone}||{woman.language}",
        f"ORC|RE||{sent.accession}||||||{reported}|||{provider}",
        f"OBR|1||{sent.accession}|{code}^{words}^CPT|||{done}|||||||||{provider}||||||{reported}"
        f"||MG|{STATUS[sent.status]}|||||||{reader}",
    ]
    lines += [
        f"OBX|{n}|{kind}|{name}|1|{value}||||||{STATUS[sent.status]}"
        for n, (kind, name, value) in enumerate(dialect.result(sent), 1)
    ]
    return (dialect.end.join(lines) + dialect.end).encode()


def record_number(number: int) -> str:
    """Return the number that the unit's systems know a woman by."""
    return f"S{number:07}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}+0000"


# ---------------------------------------------------------------- the dialects


def _label(said: SideAssessment) -> str:
    assert said.assessment is not None  # noqa: S101  nothing unstated is sent
    return (said.suspicion.value if said.suspicion else "") or CATEGORY[said.assessment][0]


def _words(said: SideAssessment) -> str:
    assert said.assessment is not None  # noqa: S101  nothing unstated is sent
    return CATEGORY[said.assessment][1]


def _impression(sent: Sent) -> str:
    called = [s for s in sent.stated if s.assessment not in (Assessment.NEGATIVE, Assessment.BENIGN)]
    if not called:
        return "No mammographic evidence of malignancy."
    kind = (sent.seen or FindingKind.ASYMMETRY).value.replace("_", " ").capitalize()
    where = ", ".join(s.side.value for s in called if s.side)
    return f"{kind}{', ' + where if where else ''}."


def _coded(sent: Sent) -> Iterator[tuple[str, str, str]]:
    """A code for each breast, with the words of the atlas; composition in prose."""
    for said in sent.stated:
        side = said.side.value if said.side else ""
        yield "CE", f"BIRADS{side[:1].upper()}^BI-RADS Assessment {side}^L", f"{_label(said)}^{_words(said)}^L"
    if sent.density:
        yield "TX", "&GDT", COMPOSITION[sent.density]
    yield "TX", "&IMP", _impression(sent)


def _prose(sent: Sent) -> Iterator[tuple[str, str, str]]:
    """Nothing but prose, category and all."""
    yield "TX", "&GDT", "FINDINGS:"
    if sent.density:
        yield "TX", "&GDT", COMPOSITION[sent.density]
    yield "TX", "&GDT", "IMPRESSION:"
    yield "TX", "&GDT", _impression(sent)
    for said in sent.stated:
        breast = f"{said.side.value.capitalize()} breast: " if said.side else ""
        yield "TX", "&GDT", f"{breast}BI-RADS category {_label(said)}: {_words(said)}."


def _worded(sent: Sent) -> Iterator[tuple[str, str, str]]:
    """The category as words in one value each, composition as a letter."""
    for said in sent.stated:
        name = f"ASSESS^Assessment category {said.side.value if said.side else 'overall'}^HILL"
        yield "ST", name, f"BI-RADS {_label(said)} - {_words(said)}"
    if sent.density:
        yield "CWE", "DENS^Breast density^HILL", f"{sent.density.value.upper()}^ACR density {sent.density.value}^HILL"
    yield "FT", "REPORT^Report^HILL", f"IMPRESSION: {_impression(sent)}"


DIALECTS = {
    RIVER: Dialect("2.5.1", "\r", _coded),
    LAKE: Dialect("2.3", "\r", _prose),
    HILL: Dialect("2.4", "\r\n", _worded),
}
TRUSTED = (RIVER, LAKE, HILL)
"""Senders whose prose the made-up unit has compared and trusts."""


# ---------------------------------------------------------------- files


def row(sent: Sent, woman: Woman) -> dict[str, str]:
    """Return a line of a list of examinations."""
    sides = "both" if len(sent.looked_at) == 2 else sent.looked_at[0].value
    return dict(
        zip(
            COLUMNS,
            (
                record_number(woman.number), AUTHORITY, woman.family, woman.given, woman.birth_date.isoformat(),
                woman.sex, woman.phone, woman.address, woman.language, sent.kind.value,
                sent.performed_at.isoformat(), sent.accession, sides, sent.sender, sent.provider or "",
            ),
            strict=True,
        )
    )  # fmt: skip


def table(rows: Iterable[dict[str, str]]) -> bytes:
    """Return a list of examinations."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


class Folder:
    """Files as a site leaves them, two kinds a day: what was done, then what was reported. Read them in name order."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.messages = 0
        self._open: dict[str, IO[bytes]] = {}

    def add(self, sent: Sent, woman: Woman, now: datetime) -> Path:
        """Write one more; return the file it stands in."""
        self.messages += 1
        hour = f"{now:%Y-%m-%dT%H}"
        if sent.reported_at is None:
            name, body = f"{hour}-1-examinations.csv", table([row(sent, woman)])
            if name in self._open:
                body = body.split(b"\r\n", 1)[1]
        else:
            facility = sent.sender.partition("|")[2].lower()
            name, body = f"{hour}-2-{facility}.hl7", message(sent, woman, f"C{self.messages:08}")
        if name not in self._open:
            self.close(hour)
            self._open[name] = (self.place / name).open("ab")
        self._open[name].write(body)
        return self.place / name

    def close(self, but: str = " ") -> None:
        """Close what is open, all but the files of an hour."""
        for name in [name for name in self._open if not name.startswith(but)]:
            self._open.pop(name).close()
