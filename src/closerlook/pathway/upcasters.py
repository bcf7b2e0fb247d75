"""Facts whose shape has changed: how what was stored under an older version is read as the next one.

You are here because a fact needs another shape and a default cannot carry it. Give the fact the next version in its tag
("Booked.2") and add the old tag to `UPCASTERS`, with a function from the stored fields of .1 to those of .2. It sees
and returns plain JSON values without "type", knows no clock and no database, and loses nothing. What is stored stays as
it is: only the reading goes through here. docs/howto/change-a-fact.md tells it step by step.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

Fields = dict[str, Any]
Upcaster = Callable[[Fields], Fields]

UPCASTERS: dict[str, Upcaster] = {}
"""By retired tag: from its fields to those of the next version of the same name. An entry is never taken out."""

PROTOCOL_FORMAT = 1
PROTOCOL_UPCASTERS: dict[int, Upcaster] = {}
"""By retired format: from a stored protocol's body to that of the next format."""


class _Tagged(Struct):
    type: str


def tag_in(body: str | bytes) -> str:
    """Return the tag that a stored body states, "" where there is none to be found."""
    try:
        return msgspec.json.decode(body, type=_Tagged).type
    except msgspec.DecodeError:
        return ""


def next_tag(tag: str) -> str:
    """Return the tag of the next version: "Booked.2" after "Booked.1"."""
    name, _, version = tag.rpartition(".")
    return f"{name}.{int(version) + 1}"


def upcast(body: bytes) -> bytes:
    """Return a stored body in the version that is current; as it is, where its tag is not a retired one."""
    tag = tag_in(body)
    if tag not in UPCASTERS:
        return body
    fields: Fields = msgspec.json.decode(body)
    del fields["type"]
    while tag in UPCASTERS:
        tag, fields = next_tag(tag), UPCASTERS[tag](fields)
    return msgspec.json.encode({"type": tag, **fields})


def tags_read_as(tag: str) -> list[str]:
    """Return every tag whose facts are read as those of `tag`: itself, and the retired versions of its name."""
    name = tag.rpartition(".")[0]
    return [tag, *(old for old in UPCASTERS if old.rpartition(".")[0] == name)]


def protocol_of_now(body: Fields) -> Fields:
    """Return a stored protocol's body in the format that is current."""
    found = int(body.get("format", 1))
    for number in range(found, PROTOCOL_FORMAT):
        body = {**PROTOCOL_UPCASTERS[number](body), "format": number + 1}
    return body
