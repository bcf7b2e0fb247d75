"""A programme's rules as data: who owns what, by when, under which clause; loaded and checked from protocols/*.toml.

You are here to change a deadline or add a programme. A protocol is compiled with its site's calendar and time zone, and
the hash of the whole stands on every fact decided under it, so that "why was it due that day?" always has an answer.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal
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

Source = Literal["rule", "site", "memory"]
SITE_DEFAULT, FROM_MEMORY = "site default", "memory: "
MESSAGES = ("call_back", "suspicious")
"""What a rung of the ladder may be for; a rung that names none is for every message."""
VARIANTS = frozenset({"suspicious", "suspicious_told", "surveillance", "repeat", "excision", "malignant"})
"""The special cases the pathway tells apart (`when`); the attempts to reach her go by the names of their rungs."""


class ProtocolError(Exception):
    """A protocol file is wrong; the message names file, row and mend."""


class Row(Struct, frozen=True, omit_defaults=True, dict=True):
    """One row of the loop table. `late` is the earliest of its clocks; `legal` where a law sets it.

    `rule` cites a clause by its id, or reads "site default" or "memory: …", so that whoever shows it shows that too.
    """

    kind: str
    owner: Role
    due: Clock
    late: tuple[Clock, ...]
    variant: str = ""
    visible: Clock | None = None
    rule: str = SITE_DEFAULT
    legal: bool = False
    warn_days: int = 0

    @property
    def source(self) -> Source:
        """What it rests on: a clause that was read, the site's own choice, or memory that is still to be checked."""
        if self.rule.startswith(FROM_MEMORY):
            return "memory"
        return "site" if self.rule == SITE_DEFAULT else "rule"

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
    """One step of the contact ladder. `after` None: sequential, opened by the attempt before it.

    `only` names the messages it is for; empty, it is for every message.
    """

    name: str
    channel: str
    after: Clock | None = None
    only: tuple[str, ...] = ()


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
    reading: Literal["single", "double"] = "single"
    blind: bool = True
    """The second reader does not see what the first one wrote."""
    arbitrate: Literal["disagreement", "any_recall"] = "disagreement"
    grace: Clock = Clock(2, "wh", "opened")
    """Two agreeing readings become a result after it."""
    ai_counts: bool = False
    """An AI reading may stand for one of two."""
    states_density: bool = False
    """A reading of a mammogram signed here states the density, and her letter says it."""
    diagnosis_after: Literal["pathology", "concordance"] = "pathology"
    """What has to be there before she is told of a malignant result."""
    tell_diagnosis_by: tuple[Channel, ...] = (Channel.PHONE, Channel.IN_PERSON)
    screening_visits: int = 2
    """Timed visits offered before a round closes as not screened."""
    stale_after_days: int = 90
    """Pictures older than this are looked at anew when a paused round goes on."""
    invite_from_age: int = 40
    invite_to_age: int = 74
    """The last age at which she is invited."""
    invite_lead_days: int = 42

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
    if extra := sorted(set(raw) - KEYS):
        homes = [f"{name} belongs under [{group}]" for name in extra for group in GROUPS if name in GROUPS[group]]
        mend = "; ".join(homes) or f"a protocol has {', '.join(sorted(KEYS))}"
        raise ProtocolError(f"{where}: unknown {', '.join(extra)}; {mend}.")
    settings = _settings(raw, where)
    rows = _rows(_tables(raw, "loop", where), where, kinds, settings)
    ladder = _ladder(_tables(raw, "ladder", where), where, rows)
    try:
        return Protocol(
            name=_word(raw["name"]),
            version=_word(raw["version"]),
            calendar=_calendar(_table(raw, "calendar"), zone),
            rows=rows,
            ladder=ladder,
            escalation=_escalation(_table(raw, "escalation"), rows),
            **settings,
        )
    except KeyError as error:
        raise ProtocolError(f"{where}: {error.args[0]} is missing; see protocols/us.toml for an example.") from error
    except ValueError as error:
        raise ProtocolError(f"{where}: {error}") from error


# ---------------------------------------------------------------- single settings


def _word(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f'{value!r} is no text; write it in quotation marks, for example "us"')
    return value


def _clock(value: Any) -> Clock:
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is not a clock; write for example "1 wd" or "30 d from examination"')
    return Clock.parse(value)


def _wait(value: Any) -> Clock:
    clock = _clock(value)
    if clock.anchor != "opened":
        raise ValueError(f'{value!r} counts from the second of the two readings; write only how long, such as "2 wh"')
    return clock


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false; write one of the two, without quotation marks")
    return value


def _whole(least: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ValueError(f"{value!r} is no whole number from {least} up; write it without quotation marks")
        return value

    return read


def _one_of(*names: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"{value!r} is not known here; write one of {', '.join(names)}")
        return value

    return read


def _spoken(value: Any) -> tuple[Channel, ...]:
    ways = (Channel.PHONE, Channel.IN_PERSON)
    if not isinstance(value, list) or not value or not all(way in ways for way in value):
        raise ValueError(f"{value!r}: a diagnosis is spoken; write one or both of {', '.join(ways)}, in brackets")
    return tuple(Channel(way) for way in value)


def _months(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{value!r}: say after how many months she is seen, for example [6, 12, 24]")
    return tuple(_whole(1)(month) for month in value)


GROUPS: dict[str, dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "reading": {
        "readers": ("reading", _one_of("single", "double")),
        "blind": ("blind", _yes_or_no),
        "arbitrate": ("arbitrate", _one_of("disagreement", "any_recall")),
        "grace": ("grace", _wait),
        "ai_counts": ("ai_counts", _yes_or_no),
        "states_density": ("states_density", _yes_or_no),
    },
    "telling": {
        "hear_by": ("hear_by", _clock),
        "told_by_confirmed_visit": ("told_by_confirmed_visit", _yes_or_no),
        "diagnosis_after": ("diagnosis_after", _one_of("pathology", "concordance")),
        "diagnosis_by": ("tell_diagnosis_by", _spoken),
    },
    "invitation": {
        "every_months": ("screening_months", _whole(1)),
        "from_age": ("invite_from_age", _whole(18)),
        "to_age": ("invite_to_age", _whole(18)),
        "lead_days": ("invite_lead_days", _whole(0)),
        "visits": ("screening_visits", _whole(1)),
    },
    "follow_up": {
        "surveillance_months": ("surveillance_months", _months),
        "stale_after_days": ("stale_after_days", _whole(1)),
    },
}
"""The tables of single settings: what each is called in the file, its field of `Protocol`, and how it is read."""

KEYS = frozenset({"name", "version", "calendar", "loop", "ladder", "escalation", *GROUPS})
ROW_KEYS = frozenset({"kind", "when", "owner", "due", "late", "visible", "rule", "source", "legal", "warn_days"})
RUNG_KEYS = frozenset({"name", "channel", "after", "only"})


def _settings(raw: dict[str, Any], where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for group, keys in GROUPS.items():
        here = f"{where}, [{group}]"
        table = raw.get(group)
        if not isinstance(table, dict):
            raise ProtocolError(f"{where}: [{group}] is missing; see protocols/us.toml for an example.")
        if extra := sorted(set(table) - set(keys)):
            raise ProtocolError(f"{here}: unknown {', '.join(extra)}; it has {', '.join(keys)}.")
        for key, (field, read) in keys.items():
            if key not in table:
                raise ProtocolError(f"{here}: {key} is missing; see protocols/us.toml for an example.")
            try:
                found[field] = read(table[key])
            except ValueError as error:
                raise ProtocolError(f"{here}, {key}: {error}.") from error
    if found["invite_from_age"] > found["invite_to_age"]:
        raise ProtocolError(f"{where}, [invitation]: from_age is above to_age; write the first age and the last.")
    return found


# ---------------------------------------------------------------- rows, ladder, escalation, calendar


def _table(raw: dict[str, Any], name: str) -> dict[str, Any]:
    found = raw[name]
    if not isinstance(found, dict):
        raise ValueError(f"write {name} as a table of its own, under [{name}]")
    return found


def _tables(raw: dict[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    found = raw.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise ProtocolError(f"{where}: write each {name} as a table of its own, under [[{name}]].")
    return found


def _rows(
    entries: list[dict[str, Any]], where: str, kinds: frozenset[str], settings: dict[str, Any]
) -> tuple[Row, ...]:
    # Two rows are shown from a moment that is a setting of its own, so that each figure stands in one place.
    shown = {
        "finalise_reading": ("grace under [reading]", settings["grace"]),
        "invite": ("lead_days under [invitation]", Clock(-settings["invite_lead_days"], "d", "next_due")),
    }
    rows = tuple(
        _row(entry, f"{where}, [[loop]] {n} ({entry.get('kind', '?')})", kinds, shown)
        for n, entry in enumerate(entries, 1)
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


def _row(entry: dict[str, Any], where: str, kinds: frozenset[str], shown: dict[str, tuple[str, Clock]]) -> Row:
    if extra := sorted(set(entry) - ROW_KEYS):
        raise ProtocolError(f"{where}: unknown {', '.join(extra)}; a row has {', '.join(sorted(ROW_KEYS))}.")
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        raise ProtocolError(f"{where}: the pathway has no loop of this kind; one of {', '.join(sorted(kinds))}.")
    try:
        late = entry["late"] if isinstance(entry["late"], list) else [entry["late"]]
        if not late:
            raise ValueError('late has no clock; write for example late = "2 wd"')
        rule, legal = _rule(entry)
        row = Row(
            kind=kind,
            variant=_variant(kind, entry.get("when", "")),
            owner=_role(entry["owner"]),
            due=_of_row("due", _clock, entry["due"]),
            late=tuple(_of_row("late", _clock, one) for one in late),
            visible=_visible(entry, shown.get(kind)),
            rule=rule,
            legal=legal,
            warn_days=_of_row("warn_days", _whole(0), entry.get("warn_days", 0)),
        )
        _check_order(row)
    except KeyError as error:
        raise ProtocolError(f"{where}: {error.args[0]} is missing.") from error
    except ValueError as error:
        raise ProtocolError(f"{where}: {error}.") from error
    return row


def _of_row(name: str, read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _variant(kind: str, when: Any) -> str:
    if not isinstance(when, str):
        raise ValueError(f"when = {when!r} is no text; write one of {', '.join(sorted(VARIANTS))}")
    if when and kind != "reach_her" and when not in VARIANTS:
        raise ValueError(f"when = {when!r} would never apply; use one of {', '.join(sorted(VARIANTS))}")
    return when


def _visible(entry: dict[str, Any], shown: tuple[str, Clock] | None) -> Clock | None:
    if shown is None:
        return _of_row("visible", _clock, entry["visible"]) if "visible" in entry else None
    setting, clock = shown
    if "visible" in entry:
        raise ValueError(f"visible follows from {setting}; take it out of the row")
    return clock


def _check_order(row: Row) -> None:
    """Refuse a row that is due before it can be seen, or late before it is due, counted from one moment in one unit."""
    for name, first, second, clock in (
        *((("visible", row.visible, "due", row.due),) if row.visible is not None else ()),
        *(("due", row.due, "late", late) for late in row.late),
    ):
        if (first.anchor, first.unit) == (clock.anchor, clock.unit) and first.count > clock.count:
            raise ValueError(f"{name} comes after {second}; make {second} longer or {name} shorter")


_ID = re.compile(r"^[A-Z][A-Z0-9]*-[A-Z]*[0-9]+$")


def _rule(entry: dict[str, Any]) -> tuple[str, bool]:
    """Return what a row rests on, as it is shown, and whether that is law. What is from memory is never law."""
    rule = entry.get("rule", SITE_DEFAULT)
    legal = _of_row("legal", _yes_or_no, entry.get("legal", False))
    if not isinstance(rule, str):
        raise ValueError(f'rule = {rule!r} is no text; write a rule id such as "MQSA-D1"')
    if "source" in entry:
        if entry["source"] != "memory":
            raise ValueError(f'source = {entry["source"]!r}: only "memory" is marked; cite a clause by its id in rule')
        if _ID.match(rule) or rule in (SITE_DEFAULT, ""):
            raise ValueError("what is from memory has no clause; say in rule what is remembered, in a few words")
        rule = f"{FROM_MEMORY}{rule}"
    elif rule != SITE_DEFAULT and not _ID.match(rule):
        raise ValueError(
            f'rule = {rule!r} is no rule id such as MQSA-D1; leave it out for a site default, or add source = "memory"'
        )
    if legal and not _ID.match(rule):
        raise ValueError("legal = true needs the id of a clause in rule; a site default or a memory is never law")
    return rule, legal


def _role(name: Any) -> Role:
    if not isinstance(name, str) or name not in set(Role):
        raise ValueError(f"{name!r} is no role; use {', '.join(Role)}")
    return Role(name)


def _ladder(entries: list[dict[str, Any]], where: str, rows: tuple[Row, ...]) -> tuple[Rung, ...]:
    rungs: list[Rung] = []
    for n, entry in enumerate(entries, 1):
        here = f"{where}, [[ladder]] {n} ({entry.get('name', '?')})"
        if extra := sorted(set(entry) - RUNG_KEYS):
            raise ProtocolError(f"{here}: unknown {', '.join(extra)}; a rung has {', '.join(sorted(RUNG_KEYS))}.")
        try:
            rung = Rung(
                name=_of_row("name", _word, entry["name"]),
                channel=Channel(_of_row("channel", _one_of(*Channel), entry["channel"])),
                after=_of_row("after", _clock, entry["after"]) if "after" in entry else None,
                only=_only(entry.get("only", [])),
            )
        except KeyError as error:
            raise ProtocolError(f"{here}: {error.args[0]} is missing.") from error
        except ValueError as error:
            raise ProtocolError(f"{here}: {error}.") from error
        if any(rung.name == other.name for other in rungs):
            raise ProtocolError(f"{here}: two rungs have this name; give each its own.")
        if rung.after is not None and not any((r.kind, r.variant) == ("reach_her", rung.name) for r in rows):
            raise ProtocolError(f'{here}: no row for it; add a [[loop]] with kind = "reach_her", when = "{rung.name}".')
        rungs.append(rung)
    for message in MESSAGES:
        if not any(not rung.only or message in rung.only for rung in rungs):
            raise ProtocolError(f"{where}: no [[ladder]] rung for {message}; say how she is reached, rung by rung.")
    names = {"", *(rung.name for rung in rungs)}
    for row in rows:
        if row.kind == "reach_her" and row.variant not in names:
            raise ProtocolError(f"{where}: the row reach_her {row.variant} is for no rung; name one of the ladder.")
    return tuple(rungs)


def _only(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(message in MESSAGES for message in value):
        raise ValueError(f"only = {value!r}: write some of {', '.join(MESSAGES)} in brackets, or leave it out")
    return tuple(value)


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


def _calendar(entry: dict[str, Any], zone: str) -> Calendar:
    if extra := sorted(set(entry) - {"weekend", "holidays", "opens", "closes"}):
        raise ValueError(f"calendar: unknown {', '.join(extra)}; it has weekend, holidays, opens and closes")
    opens, closes = _of_row("opens", _whole(0), entry["opens"]), _of_row("closes", _whole(0), entry["closes"])
    weekend = entry["weekend"]
    if not 0 <= opens < closes <= 23:
        raise ValueError(f"calendar: opens = {opens} has to come before closes = {closes}, whole hours from 0 to 23")
    if not isinstance(weekend, list) or any(day not in range(7) for day in weekend) or len(set(weekend)) == 7:
        raise ValueError(f"calendar: weekend = {weekend!r} leaves no working day, or names no day; Monday is 0")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f'{zone!r} is no time zone; write for example "America/New_York"') from error
    return Calendar(
        zone=zone,
        weekend=tuple(weekend),
        days_off=public_holidays(_of_row("holidays", _word, entry["holidays"]), YEARS),
        opens=opens,
        closes=closes,
    )
