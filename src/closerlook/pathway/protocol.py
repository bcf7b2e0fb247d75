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
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway.calendar import Calendar, Clock, public_holidays
from closerlook.pathway.events import Channel
from closerlook.pathway.terms import Role
from closerlook.pathway.upcasters import PROTOCOL_FORMAT, protocol_of_now

YEARS = range(2000, 2041)
"""Public holidays are spelled out for these years, so that the hash covers them."""


class ProtocolError(Exception):
    """A protocol file is wrong; the message names file, row and mend."""


class Row(Struct, frozen=True, omit_defaults=True, dict=True):
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

    @cached_property
    def clocks(self) -> tuple[tuple[str, tuple[Clock, ...]], ...]:
        """Its clocks, due first, grouped by the moment they are counted from."""
        anchors = dict.fromkeys(clock.anchor for clock in (self.due, *self.late))
        return tuple((a, tuple(c for c in (self.due, *self.late) if c.anchor == a)) for a in anchors)

    @cached_property
    def from_opening(self) -> bool:
        """Whether all its clocks run from the opening, so that late can never come before due."""
        return [anchor for anchor, _ in self.clocks] == ["opened"]


class Rung(Struct, frozen=True, omit_defaults=True):
    """One step of the contact ladder. `after` None: sequential, opened by the attempt before it."""

    name: str
    channel: str
    after: Clock | None = None


class Protocol(Struct, frozen=True, omit_defaults=True, dict=True):
    """All that differs between programmes. Immutable; `hash` is over everything in it.

    A field added later has a default, which is left out of the encoding: the same rules keep the same hash.
    """

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
        """The bytes that are stored and hashed; `decode` reads them back, and they stay what they were."""
        fields = self if PROTOCOL_FORMAT == 1 else {"format": PROTOCOL_FORMAT, **msgspec.to_builtins(self)}
        return msgspec.json.encode(fields, order="deterministic")

    @cached_property
    def table(self) -> dict[tuple[str, str], Row]:
        return {(row.kind, row.variant): row for row in self.rows}

    def row(self, kind: str, variant: str) -> Row:
        """Return the row for a kind; a variant without a row of its own has the kind's general one."""
        return self.table.get((kind, variant)) or self.table[kind, ""]


def decode(body: bytes) -> Protocol:
    """Return the protocol stored as `body` (what `Protocol.encoded` gave, in this version or an older one).

    Its hash is that of `body` for good: fields that were added since do not give it another name.
    """
    return _stored_as(body, msgspec.convert(protocol_of_now(msgspec.json.decode(body)), Protocol))


def _stored_as(body: bytes, protocol: Protocol) -> Protocol:
    protocol.__dict__["encoded"] = body  # where `cached_property` would put it
    return protocol


def completed(older: Protocol, newer: Protocol) -> Protocol:
    """Return `older` with the rows of `newer` for kinds it has none for, under its own hash.

    A round goes on under the rules it began under; what nobody owed in those days is owed by today's.
    """
    rows = tuple(row for row in newer.rows if (row.kind, "") not in older.table)
    if not rows:
        return older
    found = replace(older, rows=older.rows + rows, escalation={**newer.escalation, **older.escalation})
    return _stored_as(older.encoded, found)


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
    rows = _rows(_tables(raw, "loop", where), where, kinds)
    try:
        if extra := sorted(set(raw) - KEYS):
            raise ValueError(f"unknown {', '.join(extra)}; a protocol has {', '.join(sorted(KEYS))}")
        return Protocol(
            name=raw["name"],
            version=raw["version"],
            calendar=_calendar(raw["calendar"], zone),
            rows=rows,
            ladder=_ladder(_tables(raw, "ladder", where), where, rows),
            escalation=_escalation(raw["escalation"], rows),
            hear_by=Clock.parse(_text(raw, "hear_by")),
            surveillance_months=_months(raw["surveillance_months"]),
            told_by_confirmed_visit=bool(raw["told_by_confirmed_visit"]),
            screening_months=int(raw["screening_months"]),
        )
    except KeyError as error:
        raise ProtocolError(f"{where}: {error.args[0]} is missing; see protocols/us.toml for an example.") from error
    except (ValueError, TypeError) as error:
        raise ProtocolError(f"{where}: {error}") from error


KEYS = frozenset(
    {
        "name", "version", "calendar", "loop", "ladder", "escalation", "hear_by", "surveillance_months",
        "told_by_confirmed_visit", "screening_months",
    }
)  # fmt: skip
ROW_KEYS = frozenset({"kind", "when", "owner", "due", "late", "visible", "rule", "legal", "warn_days"})


def _tables(raw: dict[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    found = raw.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise ProtocolError(f"{where}: write each {name} as a table of its own, under [[{name}]].")
    return found


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry[name]
    if not isinstance(value, str):
        raise ValueError(f'{name} = {value!r} is not a clock; write for example "1 wd" or "30 d from examination"')
    return value


def _rows(entries: list[dict[str, Any]], where: str, kinds: frozenset[str]) -> tuple[Row, ...]:
    rows = tuple(
        _row(entry, f"{where}, [[loop]] {n} ({entry.get('kind', '?')})", kinds) for n, entry in enumerate(entries, 1)
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
    return rows


def _row(entry: dict[str, Any], where: str, kinds: frozenset[str]) -> Row:
    if extra := sorted(set(entry) - ROW_KEYS):
        raise ProtocolError(f"{where}: unknown {', '.join(extra)}; a row has {', '.join(sorted(ROW_KEYS))}.")
    if entry.get("kind") not in kinds:
        raise ProtocolError(f"{where}: the pathway has no loop of this kind; one of {', '.join(sorted(kinds))}.")
    try:
        late = entry["late"] if isinstance(entry["late"], list) else [entry["late"]]
        warn_days = entry.get("warn_days", 0)
        if not late:
            raise ValueError('late has no clock; write for example late = "2 wd"')
        if not isinstance(warn_days, int) or warn_days < 0:
            raise ValueError(f"warn_days = {warn_days!r} is not a number of days before it is late")
        return Row(
            kind=entry["kind"],
            variant=entry.get("when", ""),
            owner=_role(entry["owner"]),
            due=Clock.parse(_text(entry, "due")),
            late=tuple(Clock.parse(_text({"late": one}, "late")) for one in late),
            visible=Clock.parse(_text(entry, "visible")) if "visible" in entry else None,
            rule=entry.get("rule", "site default"),
            legal=bool(entry.get("legal", False)),
            warn_days=warn_days,
        )
    except KeyError as error:
        raise ProtocolError(f"{where}: {error.args[0]} is missing.") from error
    except ValueError as error:
        raise ProtocolError(f"{where}: {error}.") from error


def _role(name: Any) -> Role:
    if name not in set(Role):
        raise ValueError(f"{name!r} is no role; use {', '.join(Role)}")
    return Role(name)


def _ladder(entries: list[dict[str, Any]], where: str, rows: tuple[Row, ...]) -> tuple[Rung, ...]:
    rungs: list[Rung] = []
    for n, entry in enumerate(entries, 1):
        here = f"{where}, [[ladder]] {n} ({entry.get('name', '?')})"
        try:
            after = Clock.parse(_text(entry, "after")) if "after" in entry else None
            rung = Rung(name=entry["name"], channel=Channel(entry["channel"]), after=after)
        except KeyError as error:
            raise ProtocolError(f"{here}: {error.args[0]} is missing.") from error
        except ValueError as error:
            raise ProtocolError(f"{here}: {error}; a channel is one of {', '.join(Channel)}.") from error
        if any(rung.name == other.name for other in rungs):
            raise ProtocolError(f"{here}: two rungs have this name; give each its own.")
        if rung.after is not None and not any((r.kind, r.variant) == ("reach_her", rung.name) for r in rows):
            raise ProtocolError(f'{here}: no row for it; add a [[loop]] with kind = "reach_her", when = "{rung.name}".')
        rungs.append(rung)
    if not rungs:
        raise ProtocolError(f"{where}: no [[ladder]]; say how she is reached, rung by rung.")
    return tuple(rungs)


def _escalation(entry: dict[str, Any], rows: tuple[Row, ...]) -> dict[str, tuple[str, ...]]:
    if missing := sorted({row.owner for row in rows} - set(entry)):
        raise ValueError(f"escalation has nobody for {missing[0]}, who owns a loop; say who hears when it is late")
    for owner, chain in entry.items():
        if not isinstance(chain, list) or not chain:
            raise ValueError(f"escalation of {owner} names nobody; say who hears when it is late")
    return {_role(owner): tuple(_heard(owner, role) for role in chain) for owner, chain in entry.items()}


def _heard(owner: str, role: Any) -> Role:
    try:
        return _role(role)
    except ValueError as error:
        raise ValueError(f"escalation of {owner}: {error}") from error


def _months(months: Any) -> tuple[int, ...]:
    if not isinstance(months, list) or not months or not all(isinstance(m, int) and m > 0 for m in months):
        raise ValueError("surveillance_months: say after how many months she is seen, for example [6, 12, 24]")
    return tuple(months)


def _calendar(entry: dict[str, Any], zone: str) -> Calendar:
    opens, closes, weekend = entry["opens"], entry["closes"], tuple(entry["weekend"])
    if not 0 <= opens < closes <= 23:
        raise ValueError(f"calendar: opens = {opens} has to come before closes = {closes}, whole hours from 0 to 23")
    if not set(weekend) < set(range(7)):
        raise ValueError(f"calendar: weekend = {list(weekend)} leaves no working day, or names no day; Monday is 0")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f'{zone!r} is no time zone; write for example "America/New_York"') from error
    return Calendar(
        zone=zone,
        weekend=weekend,
        days_off=public_holidays(entry["holidays"], YEARS),
        opens=opens,
        closes=closes,
    )
