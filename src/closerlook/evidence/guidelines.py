"""The screening guidelines we have read, one row for each body, risk group and age band, with the words they rest on.

You are here when a body says something new. Rows are never edited: a later version is added after the old rows under
ids of its own, so that "why was she invited on that day?" is answered by the row of that day (`explain`). What a row
means to the rules in due.py stands in the tables here, so that data/guidelines.toml stays what its sources say.
"""

import re
import tomllib
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, NamedTuple

import msgspec

Evidence = Literal["primary", "official", "secondary", "memory"]
READ_OURSELVES: frozenset[str] = frozenset({"primary", "official"})
"""Evidence that is used unasked; "secondary" only where it is asked for, "memory" never."""

WHERE = "evidence/data/guidelines.toml"


class GuidelineError(Exception):
    """The guidelines cannot be used; the message names file, row, field and mend."""


class Speaks(StrEnum):
    """Whom a row speaks of."""

    ROUTINE = "routine"
    DENSE = "dense"
    HIGH_LIFETIME_RISK = "high_lifetime_risk"
    MUTATION = "known_mutation"
    RADIATION = "chest_radiation"
    PRIOR_CANCER = "prior_cancer"
    LESION = "high_risk_lesion"
    NOT_DUE = "not_due"
    """It sets no day: what to do at a visit, or what not to do."""


class Standing(StrEnum):
    """How firmly a row speaks."""

    RECOMMENDED = "recommended"
    SUGGESTED = "suggested"
    OPTION = "option"
    ON_REQUEST = "on_request"
    INSUFFICIENT = "insufficient"
    AGAINST = "against"


STANDINGS: dict[str, Standing] = {
    "B": Standing.RECOMMENDED,
    "I": Standing.INSUFFICIENT,
    "recommended": Standing.RECOMMENDED,
    "strong": Standing.RECOMMENDED,
    "programme": Standing.RECOMMENDED,
    "first priority": Standing.RECOMMENDED,
    "guidance statement": Standing.RECOMMENDED,
    "category (not seen)": Standing.RECOMMENDED,
    "conditional": Standing.SUGGESTED,
    "option": Standing.OPTION,
    "may": Standing.OPTION,
    "recommended if she desires": Standing.OPTION,
    "on request": Standing.ON_REQUEST,
    "against": Standing.AGAINST,
}
"""What each body's own word for the strength of a row amounts to."""

HIGH = frozenset({Speaks.HIGH_LIFETIME_RISK, Speaks.MUTATION, Speaks.RADIATION})
SPEAKS_OF: dict[str, frozenset[Speaks]] = {
    "uspstf-2024-average": frozenset({Speaks.ROUTINE}),
    "uspstf-2024-75plus": frozenset({Speaks.ROUTINE}),
    "uspstf-2024-dense-supplemental": frozenset({Speaks.DENSE}),
    "acs-2015-40-44": frozenset({Speaks.ROUTINE}),
    "acs-2015-45-54": frozenset({Speaks.ROUTINE}),
    "acs-2015-55plus": frozenset({Speaks.ROUTINE}),
    "acs-high-risk": HIGH,
    "acs-mri-against-low": frozenset({Speaks.NOT_DUE}),
    "acr-sbi-average": frozenset({Speaks.ROUTINE}),
    "acr-risk-assessment": frozenset({Speaks.NOT_DUE}),
    "acr-2023-high-risk-mri": HIGH,
    "acr-2023-high-risk-mammography": HIGH,
    "acr-2018-chest-radiation": frozenset({Speaks.RADIATION}),
    "acr-2023-personal-history": frozenset({Speaks.PRIOR_CANCER}),
    "acr-2023-dense": frozenset({Speaks.DENSE}),
    "brca-25-29": frozenset({Speaks.MUTATION}),
    "family-history-rule-of-thumb": frozenset({Speaks.HIGH_LIFETIME_RISK}),
    "nccn-average": frozenset({Speaks.ROUTINE}),
    "asbrs-2019-average": frozenset({Speaks.ROUTINE}),
    "asbrs-2019-20pct": frozenset({Speaks.HIGH_LIFETIME_RISK}),
    "acog-2024": frozenset({Speaks.ROUTINE}),
    "acp-2019-50-74": frozenset({Speaks.ROUTINE}),
    "nhsbsp-routine": frozenset({Speaks.ROUTINE}),
    "nhsbsp-71plus": frozenset({Speaks.ROUTINE}),
    "nhsbsp-very-high-risk-25-39": frozenset({Speaks.MUTATION, Speaks.RADIATION}),
    "nhsbsp-very-high-risk-40-50": frozenset({Speaks.MUTATION, Speaks.RADIATION}),
    "nhsbsp-very-high-risk-51-70": frozenset({Speaks.MUTATION, Speaks.RADIATION}),
    "ecibc-45-49": frozenset({Speaks.ROUTINE}),
    "ecibc-50-69": frozenset({Speaks.ROUTINE}),
    "ecibc-70-74": frozenset({Speaks.ROUTINE}),
    "eusobi-2017": frozenset({Speaks.ROUTINE}),
    "breastscreen-australia": frozenset({Speaks.ROUTINE}),
    "canada-ctfphc-2024": frozenset({Speaks.ROUTINE}),
}
"""Whom each row speaks of, read from its risk group."""

INTERVAL_NOT_READ = frozenset({"ecibc-70-74", "acr-2023-dense"})
"""Rows whose interval no source that we read states; their notes say so. It is treated as not known."""

AGES_NOT_READ: dict[str, tuple[tuple[int, int], ...]] = {"breastscreen-australia": ((40, 49), (75, 120))}
"""Ages of which a row's notes speak from memory only (first and last): what holds there is not known."""

OTHER_INTERVALS: dict[str, tuple[int, int]] = {
    "acs-2015-55plus": (12, 24),
    "acog-2024": (12, 24),
    "ecibc-45-49": (24, 36),
}
"""Rows that leave a choice of interval: shortest and longest, in months."""

FIRST_BY_AGE = {"nhsbsp-routine": 53}
"""The first invitation comes by this birthday, not on the first day of the ages."""


class Body(NamedTuple):
    """Who speaks: the name for people, and what its rows are headed in the file."""

    name: str
    headings: tuple[str, ...]
    leaves_out: frozenset[Speaks] = frozenset({Speaks.HIGH_LIFETIME_RISK})
    """Whom its routine rows leave out, beside earlier cancer, a known mutation and chest radiation."""


BODIES: dict[str, Body] = {
    "uspstf": Body("USPSTF", ("USPSTF",), frozenset({Speaks.LESION})),  # includes a family history
    "acs": Body("American Cancer Society", ("American Cancer Society",)),
    "acr": Body("ACR / SBI", ("ACR / SBI", "ACR", "ACR / NCCN / ASBrS (as listed by DenseBreast-info)")),
    "nccn": Body("NCCN", ("NCCN", "ACR / NCCN / ASBrS (as listed by DenseBreast-info)")),
    "asbrs": Body(
        "American Society of Breast Surgeons",
        ("American Society of Breast Surgeons", "ACR / NCCN / ASBrS (as listed by DenseBreast-info)"),
    ),
    "acog": Body("ACOG", ("ACOG",)),
    "acp": Body("ACP", ("ACP",)),
    "densebreast-info": Body("DenseBreast-info", ("DenseBreast-info",)),
    "nhsbsp": Body("NHSBSP", ("NHSBSP (UK NSC)", "NHSBSP very high risk"), frozenset()),  # all women
    "ecibc": Body("ECIBC", ("ECIBC (European Commission)",)),
    "eusobi": Body("EUSOBI", ("EUSOBI + 30 national bodies",)),
    "breastscreen-australia": Body("BreastScreen Australia", ("BreastScreen Australia",)),
    "ctfphc": Body("Canadian Task Force", ("Canadian Task Force on Preventive Health Care",)),
}
"""The bodies by the short names they are asked for."""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row as it stands in the file: ages in full years, `stop_age` the last one (0: none), intervals in months."""

    id: str
    body: str
    country: str
    version: str
    risk_group: str
    start_age: int
    stop_age: int
    interval_months: int
    modality: tuple[str, ...]
    strength: str
    stop_rule: str
    notes: str
    quote: str
    url: str
    evidence: Evidence

    @property
    def speaks_of(self) -> frozenset[Speaks]:
        return SPEAKS_OF[self.id]

    @property
    def standing(self) -> Standing:
        return STANDINGS[self.strength]

    @property
    def months(self) -> int | None:
        """The interval; None where the row sets none, or where no source that we read states it."""
        return None if self.id in INTERVAL_NOT_READ or not self.interval_months else self.interval_months

    @property
    def longest_months(self) -> int | None:
        """The longest interval that the row leaves her."""
        return OTHER_INTERVALS[self.id][1] if self.id in OTHER_INTERVALS else self.months

    @property
    def read_modality(self) -> tuple[str, ...]:
        """How she is examined, without what is from memory."""
        return tuple(way for way in self.modality if "memory" not in way)

    @property
    def cite(self) -> str:
        """Name it so that it is found again years later."""
        name = next(body.name for body in BODIES.values() if self.body in body.headings)
        return f"{name} {self.version} ({self.id})"


# ---------------------------------------------------------------- reading the file


def parse(text: str, where: str) -> tuple[Row, ...]:
    """Return the rows of a guidelines file, in its order. Raises GuidelineError naming file, row, field and mend."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise GuidelineError(f"{where}: not TOML: {error}") from error
    entries = raw.get("guideline")
    if raw.get("schema") != 1 or not isinstance(entries, list) or set(raw) != {"schema", "guideline"}:
        raise GuidelineError(f"{where}: write schema = 1, then each row under [[guideline]], and nothing else.")
    rows: list[Row] = []
    for number, entry in enumerate(entries, 1):
        row = _row(entry, f"{where}, row {number}")
        if row.id in {other.id for other in rows}:
            raise GuidelineError(f"{where}, row {number} ({row.id}), id: used before; a later version has its own id.")
        rows.append(row)
    return tuple(rows)


def _row(entry: Any, here: str) -> Row:
    if isinstance(entry, dict) and isinstance(entry.get("id"), str):
        here = f"{here} ({entry['id']})"
    try:
        row = msgspec.convert(entry, Row, strict=True)
    except msgspec.ValidationError as error:
        said = str(error)
        named = re.search(r"`\$\.(\w+)|field `(\w+)`", said)
        field = (named[1] or named[2]) if named else "row"
        raise GuidelineError(f"{here}, {field}: {said}. Write it as the other rows have it.") from error
    for field, holds, mend in _claims(row):
        if not holds:
            raise GuidelineError(f"{here}, {field}: {getattr(row, field)!r}; {mend}.")
    return row


def _claims(row: Row) -> tuple[tuple[str, bool, str], ...]:
    """What must hold of a row: the field, whether it does, and the mend."""
    seen = row.evidence == "memory" or bool(row.quote)
    known = {heading for body in BODIES.values() for heading in body.headings}
    return (
        ("id", re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.id) is not None, "write small letters, digits and hyphens"),
        ("id", row.id in SPEAKS_OF, "say in SPEAKS_OF (evidence/guidelines.py) whom it speaks of"),
        ("body", row.body in known, "name it in BODIES (evidence/guidelines.py)"),
        ("version", bool(row.version.strip()), "say which version this is"),
        ("start_age", 0 <= row.start_age <= 120, "write an age in years"),
        ("stop_age", row.stop_age == 0 or row.start_age <= row.stop_age <= 120, "write the last age, or 0 for none"),
        ("interval_months", 0 <= row.interval_months <= 120, "write months, or 0 for no routine interval"),
        ("modality", bool(row.modality) and all(row.modality), "write at least one"),
        ("strength", row.strength in STANDINGS, "say in STANDINGS (evidence/guidelines.py) what it amounts to"),
        ("quote", seen, 'give the words it rests on, or mark it evidence = "memory"'),
        ("url", row.evidence == "memory" or bool(row.url), 'say where they stand, or mark it evidence = "memory"'),
    )


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """Return every row that was ever shipped, old versions too, in the order of the file."""
    return parse((resources.files(__package__) / "data" / "guidelines.toml").read_text(encoding="utf-8"), WHERE)


# ---------------------------------------------------------------- asking


def body(name: str) -> Body:
    """Return a body by its short name. Raises GuidelineError that lists them."""
    found = BODIES.get(name.strip().lower())
    if found is None:
        raise GuidelineError(f"There is no guideline body {name!r}. Choose one of: {', '.join(BODIES)}.")
    return found


def of(name: str) -> tuple[Row, ...]:
    """Return all rows of a body, whatever their evidence."""
    headings = body(name).headings
    return tuple(row for row in rows() if row.body in headings)


def versions(name: str) -> tuple[str, ...]:
    """Return the versions of a body's routine rows, oldest first."""
    return tuple(dict.fromkeys(row.version for row in of(name) if Speaks.ROUTINE in row.speaks_of))


def usable(row: Row, *, allow_secondary: bool) -> bool:
    """Say whether a row may speak: what we read ourselves; what others quote, where asked for; memory never."""
    return row.evidence in READ_OURSELVES or (allow_secondary and row.evidence == "secondary")


def routine(name: str, version: str | None) -> tuple[Row, ...]:
    """Return a body's routine rows by age, of a version or, where None, the latest. Raises GuidelineError."""
    known = versions(name)
    if version is not None and version not in known:
        listed = "; ".join(known) or "none"
        raise GuidelineError(f"{body(name).name} has no version {version!r} here. Its versions: {listed}.")
    wanted = version if version is not None else (known[-1] if known else None)
    found = (row for row in of(name) if Speaks.ROUTINE in row.speaks_of and row.version == wanted)
    return tuple(sorted(found, key=lambda row: row.start_age))


def explain(row_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return for each row what it says, in whose words and where; for an old log too. Raises GuidelineError."""
    known = {row.id: row for row in rows()}
    if missing := [row_id for row_id in row_ids if row_id not in known]:
        raise GuidelineError(f"{WHERE}: there is no row {missing[0]!r}. Rows are never taken out: is it spelled right?")
    return tuple(_explained(known[row_id]) for row_id in row_ids)


def _explained(row: Row) -> str:
    ages = f"from {row.start_age}" + (f" to {row.stop_age}" if row.stop_age else "")
    every = f"every {row.months} months" if row.months else "no interval stated by a source we read"
    if not row.interval_months:
        every = "no routine interval"
    words = f'"{row.quote}" {row.url}' if row.quote else "no source was read"
    return f"{row.cite}: {row.risk_group}; {ages}; {every}; {row.standing}; evidence {row.evidence}. {words}"
