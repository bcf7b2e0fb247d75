"""The declared shape of every fact and of its parts, as text to compare with, and bodies with every field filled."""

from datetime import UTC, date, datetime, timedelta
from enum import EnumMeta, StrEnum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct

from closerlook.pathway.events import FACTS, Actor, Event
from closerlook.pathway.protocol import Protocol
from tests.long_life.stored import CORPUS

FROZEN = CORPUS / "facts.txt"
Shapes = dict[str, dict[str, str]]
"""By tag (or a part's name): each field with its type and default; of a list of words, each word."""


def shapes() -> Shapes:
    """Return what the code declares today: facts by tag, then the parts and lists of words they are made of."""
    found: Shapes = {str(fact.__struct_config__.tag): _fields(fact) for fact in FACTS}
    parts: dict[str, Any] = {}
    for fact in (*FACTS, Actor, Protocol):
        _collect(fact, parts)
    for name in sorted(parts):
        part = parts[name]
        if isinstance(part, EnumMeta):
            found[name] = {f'"{member.value}"': "a word" for member in part}  # type: ignore[var-annotated]
        elif not issubclass(part, Event):
            found[name] = _fields(part)
    return found


def _fields(struct: type[Struct]) -> dict[str, str]:
    return {f.encode_name: _spelled(f.type) + _default(f) for f in msgspec.structs.fields(struct)}


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default is not NODEFAULT:
        default = field.default.value if isinstance(field.default, StrEnum) else field.default
        return f" = {default!r}"
    return "" if field.default_factory is NODEFAULT else f" = {field.default_factory.__name__}()"


def _spelled(kind: Any) -> str:
    """Return a type as one would write it."""
    arguments = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        return " | ".join(sorted((_spelled(x) for x in arguments), key=lambda x: x == "None"))
    if get_origin(kind) is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if arguments:
        inner = ", ".join("..." if x is Ellipsis else _spelled(x) for x in arguments)
        return f"{get_origin(kind).__name__}[{inner}]"
    return "None" if kind is type(None) else str(kind.__name__)


def _collect(kind: Any, parts: dict[str, Any]) -> None:
    for argument in get_args(kind):
        _collect(argument, parts)
    if not isinstance(kind, type) or get_args(kind) or kind.__name__ in parts:
        return
    if issubclass(kind, StrEnum | Struct):
        parts[kind.__name__] = kind
    if issubclass(kind, Struct):
        for field in msgspec.structs.fields(kind):
            _collect(field.type, parts)


# ---------------------------------------------------------------- as text


def text_of(found: Shapes) -> str:
    blocks = [
        "\n".join([name, *(f"    {field}: {kind}" for field, kind in fields.items())]) for name, fields in found.items()
    ]
    return "\n\n".join(blocks) + "\n"


def read(text: str) -> Shapes:
    found: Shapes = {}
    for block in text.strip().split("\n\n"):
        name, *fields = block.splitlines()
        found[name] = dict(field.strip().split(": ", 1) for field in fields)
    return found


def merged(frozen: Shapes, now: Shapes) -> Shapes:
    """Return today's shapes with the retired ones, whose logs are still about."""
    return {**now, **{name: fields for name, fields in frozen.items() if name not in now}}


def broken(frozen: Shapes, now: Shapes, retired: frozenset[str]) -> list[str]:
    """Return a sentence, with its mend, for each change that old logs would not survive."""
    found: list[str] = []
    for name, fields in frozen.items():
        if name in now:
            found += _broken(name, fields, now[name])
        elif name not in retired:
            found.append(
                f"{name} is in old logs and nothing reads it any more: "
                f"add an upcaster for it in pathway/upcasters.py, or keep it."
            )
    return found


def _broken(name: str, before: dict[str, str], now: dict[str, str]) -> list[str]:
    holders = f"every fact (or the next PROTOCOL_FORMAT) that holds {name}"
    mend = f"keep it, or make a next version of {holders}, with an upcaster"
    if name[-1].isdigit():
        mend = f"keep it, or give the fact the next version and write an upcaster for {name}"
    found = []
    for field, kind in before.items():
        if field not in now:
            found.append(f"{name} has lost {field}, which old logs hold: {mend} (docs/howto/change-a-fact.md).")
        elif now[field] != kind:
            found.append(
                f"{name}.{field} was {kind!r} and is {now[field]!r}, so old logs would read otherwise: {mend}."
            )
    for field in sorted(now.keys() - before.keys()):
        if " = " not in now[field] and now[field] != "a word":
            found.append(f"{name}.{field} is new and old logs do not hold it: give it a default, or {mend[12:]}.")
    return found


# ---------------------------------------------------------------- with every field filled


def example(fact: type[Event]) -> Event:
    """Return a made-up fact in which no field has its default, and each has a value of its own where it can."""
    found: Event = _filled(fact, "")
    return found


def _filled(kind: Any, name: str, default: Any = NODEFAULT) -> Any:
    arguments = [x for x in get_args(kind) if x not in (type(None), Ellipsis)]
    if get_origin(kind) is tuple:
        return (_filled(arguments[0], name),)
    if arguments:
        return _filled(arguments[0], name, default)
    if issubclass(kind, Struct):
        fields = msgspec.structs.fields(kind)
        return kind(**{f.name: _filled(f.type, f.name, f.default) for f in fields})
    if issubclass(kind, StrEnum):
        return next(member for member in reversed(list(kind)) if member is not default)
    if kind is bool:
        return default is not True
    apart = sum(name.encode())  # no two fields of a fact have the same value: one that is lost leaves nothing behind
    plain: dict[Any, Any] = {
        datetime: datetime(2026, 11, 2, 15, 30, tzinfo=UTC) + timedelta(minutes=apart),
        date: date(2026, 11, 3) + timedelta(days=apart),
        int: apart,
        str: f"some {name}",
    }
    return plain[kind]
