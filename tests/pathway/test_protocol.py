"""A programme's rules as data: what is wrong in a file is named with its row and its mend."""

from pathlib import Path

import pytest

from closerlook.pathway.loops import KINDS
from closerlook.pathway.protocol import Protocol, ProtocolError, decode, load, parse, shipped
from closerlook.pathway.terms import Role
from tests.pathway.story import US

ALL = frozenset(KINDS)
TEXT = (Path(__file__).parents[2] / "src/closerlook/pathway/protocols/us.toml").read_text(encoding="utf-8")


def parsed(text: str, zone: str = "America/New_York") -> Protocol:
    return parse(text, where="mine.toml", zone=zone, kinds=ALL)


def without(kind: str) -> str:
    """The shipped protocol without the general row of a kind."""
    head, *rows = TEXT.split("[[loop]]")
    kept = [row for row in rows if f'kind = "{kind}"' not in row]
    return "[[loop]]".join([head, *kept])


ROW = '\n[[loop]]\nkind = "read"\nwhen = "x"\nowner = "radiologist"\ndue = "1 wd"\nlate = "2 wd"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind = [", ["mine.toml", "not TOML"]),
        (without("read"), ["mine.toml", "no row for read", "add a [[loop]]"]),
        (without("read").replace("[[ladder]]", "[[ladder]]"), ["read"]),
        (TEXT + ROW.replace('"1 wd"', '"soon"'), ["mine.toml", "(read)", "'soon' is not a clock", "write for example"]),
        (TEXT + ROW.replace('"1 wd"', '"1 wd from birth"'), ["(read)", "'birth'", "screening"]),
        (TEXT + ROW.replace('"1 wd"', "3"), ["(read)", "due", "1 wd"]),
        (TEXT + ROW.replace('"radiologist"', '"doctor"'), ["(read)", "doctor", "radiologist"]),
        (TEXT + ROW.replace('due = "1 wd"\n', ""), ["(read)", "due is missing"]),
        (TEXT + ROW + ROW, ["two rows for read x", "keep one"]),
        (TEXT + ROW + 'owed = "1 d"\n', ["(read)", "unknown owed", "a row has"]),
        (TEXT + ROW.replace('kind = "read"', 'kind = "cure"'), ["(cure)", "no loop of this kind", "read"]),
        (TEXT + ROW.replace("late =", "late = []\nlegal = false #"), ["(read)", "late"]),
        (TEXT + ROW + "warn_days = -1\n", ["(read)", "warn_days"]),
        (TEXT.replace('name = "us"', "", 1), ["name is missing", "protocols/us.toml"]),
        ('colour = "red"\n' + TEXT, ["unknown colour"]),
        (TEXT.replace('holidays = "US"', 'holidays = "Atlantis"'), ["Atlantis"]),
        (TEXT.replace("opens = 8", "opens = 18"), ["opens", "closes"]),
        (TEXT.replace("weekend = [5, 6]", "weekend = [0, 1, 2, 3, 4, 5, 6]"), ["weekend"]),
        (TEXT.replace('navigator = ["lead", "manager"]', "navigator = []"), ["escalation", "navigator"]),
        (TEXT.replace('navigator = ["lead", "manager"]\n', ""), ["escalation", "navigator"]),
        (TEXT.replace('navigator = ["lead", "manager"]', 'navigator = ["boss"]'), ["escalation", "boss"]),
        (TEXT.replace('channel = "text"', 'channel = "pigeon"'), ["ladder", "pigeon"]),
        (TEXT.replace('name = "call_3"', 'name = "call_2"'), ["ladder", "call_2", "two"]),
        (TEXT.replace("surveillance_months = [6, 12, 24]", "surveillance_months = []"), ["surveillance_months"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place_and_its_mend(text: str, says: list[str]) -> None:
    with pytest.raises(ProtocolError) as wrong:
        parsed(text)
    for words in says:
        assert words in str(wrong.value)


def test_a_zone_that_does_not_exist_is_named_at_load() -> None:
    with pytest.raises(ProtocolError, match="Mars/Olympus"):
        parsed(TEXT, "Mars/Olympus")


def test_a_file_or_name_that_is_not_there_says_what_is(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="Choose one of us"):
        load("uz", zone="America/New_York", kinds=ALL)
    with pytest.raises(ProtocolError, match="no such protocol file"):
        load(str(tmp_path / "x.toml"), zone="America/New_York", kinds=ALL)
    mine = tmp_path / "mine.toml"
    mine.write_text(TEXT, encoding="utf-8")
    assert load(str(mine), zone="America/New_York", kinds=ALL).hash == US.hash


def test_the_hash_covers_rules_calendar_and_zone() -> None:
    assert parsed(TEXT).hash == US.hash
    others = [
        parsed(TEXT.replace('due = "1 wd from examination"', 'due = "2 wd from examination"')),
        parsed(TEXT.replace("closes = 17", "closes = 16")),
        parsed(TEXT, "America/Chicago"),
    ]
    assert len({US.hash, *(p.hash for p in others)}) == 4


def test_a_stored_protocol_comes_back_whole() -> None:
    back = decode(US.encoded)
    assert back == US
    assert back.hash == US.hash


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_protocol_has_a_row_for_every_kind_and_an_owner_who_is_watched(name: str) -> None:
    protocol = load(name, zone="America/New_York", kinds=ALL)
    assert {row.kind for row in protocol.rows} == ALL
    assert all(protocol.escalation[row.owner] for row in protocol.rows)
    assert all(row.late for row in protocol.rows)
    assert {Role(role) for chain in protocol.escalation.values() for role in chain} <= set(Role)


def test_a_variant_without_a_row_has_the_general_one() -> None:
    assert US.row("read", "suspicious") is US.row("read", "")
    assert US.row("send_summary", "suspicious").rule == "MQSA-D3"
