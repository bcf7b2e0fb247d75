"""A programme's rules as data: who owns what, by when, under which clause; loaded and checked from protocols/*.toml.

You are here to change a deadline or add a programme. A protocol is compiled with its site's calendar and time zone, and
the hash of the whole stands on every fact decided under it, so that "why was it due that day?" always has an answer.
"""

import hashlib
import tomllib
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from closerlook.pathway.calendar import Calendar, Clock, public_holidays
from closerlook.pathway.terms import Role

YEARS = range(2000, 2041)
"""Public holidays are spelled out for these years, so that the hash covers them."""


class ProtocolError(Exception):
    """A protocol file is wrong; the message names file, row and mend."""


class Row(Struct, frozen=True, omit_defaults=True):
    """One row of the loop table. `late` is the earliest of its clocks; `legal` where a law sets it."""

    kind: str
    owner: Role
    due: Clock
    late: tuple[Clock, ...]
    variant: str = ""
    visible: Clock | None = None
    rule: str = "site default"
    legal: bool = False
    warn_days: int = 0


class Rung(Struct, frozen=True, omit_defaults=True):
    """One step of the contact ladder. `after` None: sequential, opened by the attempt before it."""

    name: str
    channel: str
    after: Clock | None = None


class Protocol(Struct, frozen=True, dict=True):
    """All that differs between programmes. Immutable; `hash` is over everything in it."""

    name: str
    version: str
    calendar: Calendar
    rows: tuple[Row, ...]
    ladder: tuple[Rung, ...]
    escalation: dict[str, tuple[str, ...]]
    hear_by: Clock
    surveillance_months: tuple[int, ...]
    told_by_confirmed_visit: bool
    screening_months: int

    @cached_property
    def hash(self) -> str:
        return hashlib.sha256(self.encoded).hexdigest()

    @cached_property
    def encoded(self) -> bytes:
        """The bytes that are stored and hashed; `decode` reads them back."""
        return msgspec.json.encode(self, order="deterministic")

    @cached_property
    def table(self) -> dict[tuple[str, str], Row]:
        return {(row.kind, row.variant): row for row in self.rows}

    def row(self, kind: str, variant: str) -> Row:
        """Return the row for a kind; a variant without a row of its own has the kind's general one."""
        return self.table.get((kind, variant)) or self.table[kind, ""]


def decode(body: bytes) -> Protocol:
    """Return the protocol stored as `body` (what `Protocol.encoded` gave)."""
    return msgspec.json.decode(body, type=Protocol)


def shipped() -> list[str]:
    """Return the names of the protocols that come with the package."""
    folder = resources.files(__package__) / "protocols"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load(name_or_path: str, *, zone: str, kinds: frozenset[str]) -> Protocol:
    """Compile a shipped protocol ("us") or a file for a site's time zone.

    `kinds` are the loop kinds that need a row. Raises ProtocolError naming file, row and mend.
    """
    path = Path(name_or_path)
    if path.suffix == ".toml":
        if not path.is_file():
            raise ProtocolError(
                f"{path}: no such protocol file. Set CLOSERLOOK_PROTOCOL to a file or to one of {shipped()}."
            )
        text, where = path.read_text(encoding="utf-8"), str(path)
    else:
        if name_or_path not in shipped():
            raise ProtocolError(
                f"There is no protocol {name_or_path!r}. Choose one of {', '.join(shipped())}, or a .toml file."
            )
        text = (resources.files(__package__) / "protocols" / f"{name_or_path}.toml").read_text(encoding="utf-8")
        where = f"protocols/{name_or_path}.toml"
    return parse(text, where=where, zone=zone, kinds=kinds)


def parse(text: str, *, where: str, zone: str, kinds: frozenset[str]) -> Protocol:
    """Compile a protocol's text; `where` names it in errors."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(f"{where}: not TOML: {error}") from error
    rows = tuple(
        _row(entry, f"{where}, [[loop]] {n} ({entry.get('kind', '?')})", kinds)
        for n, entry in enumerate(raw.get("loop", ()), 1)
    )
    seen: set[tuple[str, str]] = set()
    for row in rows:
        if (row.kind, row.variant) in seen:
            raise ProtocolError(f"{where}: two rows for {row.kind} {row.variant or '(general)'}; keep one.")
        seen.add((row.kind, row.variant))
    missing = sorted(kind for kind in kinds if (kind, "") not in seen)
    if missing:
        raise ProtocolError(
            f"{where}: no row for {', '.join(missing)}; add a [[loop]] for each, with owner, due and late."
        )
    try:
        return Protocol(
            name=raw["name"],
            version=raw["version"],
            calendar=_calendar(raw["calendar"], zone),
            rows=rows,
            ladder=tuple(_rung(entry) for entry in raw["ladder"]),
            escalation={owner: tuple(rungs) for owner, rungs in raw["escalation"].items()},
            hear_by=Clock.parse(raw["hear_by"]),
            surveillance_months=tuple(raw["surveillance_months"]),
            told_by_confirmed_visit=bool(raw["told_by_confirmed_visit"]),
            screening_months=int(raw["screening_months"]),
        )
    except KeyError as error:
        raise ProtocolError(f"{where}: {error.args[0]} is missing; see protocols/us.toml for an example.") from error
    except ValueError as error:
        raise ProtocolError(f"{where}: {error}") from error


def _row(entry: dict[str, Any], where: str, kinds: frozenset[str]) -> Row:
    known = {"kind", "when", "owner", "due", "late", "visible", "rule", "legal", "warn_days"}
    if extra := sorted(set(entry) - known):
        raise ProtocolError(f"{where}: unknown {', '.join(extra)}; a row has {', '.join(sorted(known))}.")
    if entry.get("kind") not in kinds:
        raise ProtocolError(f"{where}: the pathway has no loop of this kind; one of {', '.join(sorted(kinds))}.")
    try:
        late = entry["late"] if isinstance(entry["late"], list) else [entry["late"]]
        return Row(
            kind=entry["kind"],
            variant=entry.get("when", ""),
            owner=Role(entry["owner"]),
            due=Clock.parse(entry["due"]),
            late=tuple(Clock.parse(text) for text in late),
            visible=Clock.parse(entry["visible"]) if "visible" in entry else None,
            rule=entry.get("rule", "site default"),
            legal=bool(entry.get("legal", False)),
            warn_days=int(entry.get("warn_days", 0)),
        )
    except KeyError as error:
        raise ProtocolError(f"{where}: {error.args[0]} is missing.") from error
    except ValueError as error:
        raise ProtocolError(f"{where}: {error}") from error


def _rung(entry: dict[str, Any]) -> Rung:
    after = entry.get("after")
    return Rung(name=entry["name"], channel=entry["channel"], after=Clock.parse(after) if after else None)


def _calendar(entry: dict[str, Any], zone: str) -> Calendar:
    return Calendar(
        zone=zone,
        weekend=tuple(entry["weekend"]),
        days_off=public_holidays(entry["holidays"], YEARS),
        opens=entry["opens"],
        closes=entry["closes"],
    )
