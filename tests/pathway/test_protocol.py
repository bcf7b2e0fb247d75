"""A programme's rules as data: what is wrong in a file is named with its row and its mend."""

import hashlib
import json
import tomllib
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from closerlook.pathway.calendar import ANCHORS, Clock
from closerlook.pathway.events import Channel
from closerlook.pathway.loops import KINDS
from closerlook.pathway.protocol import GROUPS, Protocol, ProtocolError, decode, load, parse, shipped
from closerlook.pathway.terms import Role
from tests.pathway.story import US

ALL = frozenset(KINDS)
FOLDER = Path(__file__).parents[2] / "src/closerlook/pathway/protocols"
TEXT = (FOLDER / "us.toml").read_text(encoding="utf-8")
SCHEMA = json.loads((FOLDER / "protocol.schema.json").read_text(encoding="utf-8"))


def parsed(text: str, zone: str = "America/New_York") -> Protocol:
    return parse(text, where="mine.toml", zone=zone, kinds=ALL)


def faults(text: str) -> list[str]:
    """What the schema finds in a file."""
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(tomllib.loads(text))]


def without(kind: str) -> str:
    """The shipped protocol without the general row of a kind."""
    head, *rows = TEXT.split("[[loop]]")
    kept = [row for row in rows if f'kind = "{kind}"' not in row]
    return "[[loop]]".join([head, *kept])


ROW = '\n[[loop]]\nkind = "read"\nwhen = "repeat"\nowner = "radiologist"\ndue = "1 wd"\nlate = "2 wd"\n'


def instead(old: str, new: str, text: str = TEXT) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def with_row(old: str, new: str) -> str:
    return TEXT + instead(old, new, ROW)


SHAPE: list[tuple[str, list[str]]] = [
    (with_row('"1 wd"', '"soon"'), ["(read)", "due", "'soon' is not a clock", "write for example"]),
    (with_row('"1 wd"', '"1 wd from birth"'), ["(read)", "'birth'", "screening"]),
    (with_row('"1 wd"', '"-1 wd from visit"'), ["(read)", "counts back", "-2 d from visit"]),
    (with_row('"1 wd"', "3"), ["(read)", "due", "1 wd"]),
    (with_row('"radiologist"', '"doctor"'), ["(read)", "doctor", "radiologist"]),
    (with_row('due = "1 wd"\n', ""), ["(read)", "due is missing"]),
    (TEXT + ROW + 'owed = "1 d"\n', ["(read)", "unknown owed", "a row has"]),
    (with_row('kind = "read"', 'kind = "cure"'), ["(cure)", "no loop of this kind", "read"]),
    (with_row('late = "2 wd"', "late = []"), ["(read)", "late"]),
    (with_row('"repeat"', '"suspicous"'), ["(read)", "suspicous", "would never apply", "suspicious"]),
    (TEXT + ROW + "warn_days = -1\n", ["(read)", "warn_days", "-1"]),
    (TEXT + ROW + 'legal = "yes"\n', ["(read)", "legal", "true nor false"]),
    (TEXT + ROW + "legal = true\n", ["(read)", "legal = true needs the id"]),
    (TEXT + ROW + 'legal = true\nsource = "memory"\nrule = "within a day"\n', ["(read)", "never law"]),
    (TEXT + ROW + 'rule = "somewhere in the law"\n', ["(read)", "no rule id", "MQSA-D1", "memory"]),
    (TEXT + ROW + 'rule = "MQSA-D1"\nsource = "memory"\n', ["(read)", "from memory has no clause"]),
    (TEXT + ROW + 'rule = "UK-R1"\nsource = "hearsay"\n', ["(read)", "hearsay", "memory"]),
    (instead('kind = "finalise_reading"', 'kind = "finalise_reading"\nvisible = "1 wh"'),
     ["(finalise_reading)", "visible follows from grace"]),
    (instead('name = "us"', ""), ["name is missing", "protocols/us.toml"]),
    (instead('version = "2"', "version = 2"), ["2 is no text", "quotation marks"]),
    ('colour = "red"\n' + TEXT, ["unknown colour", "a protocol has"]),
    ('hear_by = "7 d"\n' + TEXT, ["unknown hear_by", "belongs under [telling]"]),
    (instead("[follow_up]", "[later]"), ["unknown later"]),
    (instead('readers = "single"', 'readers = "three"'), ["[reading], readers", "'three'", "double"]),
    (instead("blind = true", 'blind = "no"'), ["[reading], blind", "'no'", "neither true nor false"]),
    (instead('grace = "2 wh"', 'grace = "2 wh from visit"'), ["[reading], grace", "second of the two readings"]),
    (instead("ai_counts = false", ""), ["[reading]", "ai_counts is missing"]),
    (instead("ai_counts = false", "ai_counts = false\nai = 1"), ["[reading]", "unknown ai", "ai_counts"]),
    (instead('diagnosis_by = ["phone", "in_person"]', 'diagnosis_by = ["letter"]'), ["diagnosis_by", "is spoken"]),
    (instead("every_months = 12", 'every_months = "12"'), ["[invitation], every_months", "'12'", "whole number"]),
    (instead("surveillance_months = [6, 12, 24]", "surveillance_months = []"), ["surveillance_months", "[6, 12, 24]"]),
    (instead("opens = 8", 'opens = "8"'), ["opens", "'8'", "whole number"]),
    (instead("weekend = [5, 6]", "weekend = [6, 7]"), ["weekend", "Monday is 0"]),
    (instead('navigator = ["lead", "manager"]', "navigator = []"), ["escalation", "navigator"]),
    (instead('navigator = ["lead", "manager"]', 'navigator = ["boss"]'), ["escalation", "boss"]),
    (instead('channel = "text"', 'channel = "pigeon"'), ["[[ladder]] 3 (text)", "channel", "pigeon", "letter"]),
    (instead('channel = "text"', 'channel = "text"\nonly = ["news"]'), ["[[ladder]] 3 (text)", "news", "call_back"]),
    (instead('channel = "text"', 'channel = "text"\nuntil = "5 d"'), ["[[ladder]] 3 (text)", "unknown until"]),
]  # fmt: skip
"""What is wrong in the file itself: the loader and the schema both see it."""

SENSE: list[tuple[str, list[str]]] = [
    (without("read"), ["mine.toml", "no row for read", "add a [[loop]]"]),
    (TEXT + ROW + ROW, ["two rows for read repeat", "keep one"]),
    (with_row('"1 wd"', '"3 wd"'), ["(read)", "due comes after late", "make late longer"]),
    (TEXT + ROW + 'visible = "2 wd"\n', ["(read)", "visible comes after due"]),
    (instead('grace = "2 wh"', 'grace = "4 wh"'), ["(finalise_reading)", "make due longer"]),
    (instead("to_age = 74", "to_age = 30"), ["[invitation]", "from_age is above to_age"]),
    (instead('holidays = "US"', 'holidays = "Atlantis"'), ["Atlantis"]),
    (instead("opens = 8", "opens = 18"), ["opens", "closes"]),
    (instead("weekend = [5, 6]", "weekend = [0, 1, 2, 3, 4, 5, 6]"), ["weekend", "no working day"]),
    (instead('navigator = ["lead", "manager"]\n', ""), ["escalation", "navigator"]),
    (instead('name = "call_3"', 'name = "call_2"'), ["ladder", "call_2", "two"]),
    (instead('name = "text"', 'name = "sms"'), ["[[ladder]] 3 (sms)", "no row for it", 'when = "sms"']),
    (instead('when = "letter"', 'when = "lettre"'), ["(letter)", "no row for it"]),
    (TEXT + ROW.replace('"read"', '"reach_her"'), ["reach_her repeat", "no rung"]),
    (TEXT.replace('channel = "', 'only = ["call_back"]\nchannel = "'), ["no [[ladder]] rung for suspicious"]),
]
"""What only the whole file, the calendar or the code can tell: the loader alone sees it."""


@pytest.mark.parametrize(("text", "says"), [("kind = [", ["not TOML"]), *SHAPE, *SENSE])
def test_what_is_wrong_is_named_with_its_place_and_its_mend(text: str, says: list[str]) -> None:
    with pytest.raises(ProtocolError) as wrong:
        parsed(text)
    for words in ("mine.toml", *says):
        assert words in str(wrong.value)


@pytest.mark.parametrize(("text", "says"), SHAPE)
def test_the_schema_refuses_what_the_loader_refuses_in_one_place(text: str, says: list[str]) -> None:
    assert faults(text), says


@pytest.mark.parametrize(("text", "says"), SENSE)
def test_what_the_schema_cannot_see_is_the_loaders_alone(text: str, says: list[str]) -> None:
    assert not faults(text), says


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_protocol_fits_the_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert faults((FOLDER / f"{name}.toml").read_text(encoding="utf-8")) == []


def test_the_schema_knows_the_kinds_roles_channels_moments_and_settings_of_the_code() -> None:
    parts, row = SCHEMA["properties"], SCHEMA["$defs"]["row"]["properties"]
    assert row["kind"]["enum"] == list(KINDS)
    assert SCHEMA["$defs"]["role"]["enum"] == [role.value for role in Role]
    assert parts["ladder"]["items"]["properties"]["channel"]["enum"] == [channel.value for channel in Channel]
    assert all(anchor in SCHEMA["$defs"]["clock"]["pattern"] for anchor in ANCHORS)
    assert {group: list(parts[group]["properties"]) for group in GROUPS} == {
        g: list(keys) for g, keys in GROUPS.items()
    }


def test_a_zone_that_does_not_exist_is_named_at_load() -> None:
    with pytest.raises(ProtocolError, match="Mars/Olympus"):
        parsed(TEXT, "Mars/Olympus")


def test_a_file_or_name_that_is_not_there_says_what_is(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="Choose one of eu, uk, us"):
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


def test_a_protocol_stored_before_a_setting_was_known_has_its_default_and_keeps_its_hash() -> None:
    body = msgspec.json.decode(US.encoded)
    for field in (
        "reading", "blind", "arbitrate", "grace", "ai_counts", "diagnosis_after", "tell_diagnosis_by",
        "screening_visits", "stale_after_days", "invite_from_age", "invite_to_age", "invite_lead_days",
    ):  # fmt: skip
        body.pop(field, None)  # left out already where it has its default
    stored = msgspec.json.encode(body)
    old = decode(stored)
    assert old.hash == hashlib.sha256(stored).hexdigest()
    assert (old.reading, old.grace, old.invite_lead_days) == ("single", Clock(2, "wh", "opened"), 42)
    assert old.tell_diagnosis_by == (Channel.PHONE, Channel.IN_PERSON)


def test_each_figure_stands_in_one_place() -> None:
    mine = parsed(TEXT.replace('grace = "2 wh"', 'grace = "1 wh"').replace("lead_days = 42", "lead_days = 30"))
    assert mine.row("finalise_reading", "").visible == mine.grace == Clock(1, "wh", "opened")
    assert mine.row("invite", "").visible == Clock(-30, "d", "next_due")


def test_what_is_from_memory_says_so_wherever_its_rule_is_shown() -> None:
    row = parsed(TEXT + ROW + 'rule = "within a day"\nsource = "memory"\n').row("read", "repeat")
    assert (row.rule, row.source, row.legal) == ("memory: within a day", "memory", False)
    assert US.row("read", "").source == "site"
    assert US.row("send_summary", "").source == "rule"


def test_only_a_verified_clause_of_united_states_law_is_shown_as_law() -> None:
    for name in shipped():
        rows = load(name, zone="UTC", kinds=ALL).rows
        legal = {row.rule for row in rows if row.legal}
        assert legal == ({"MQSA-D1", "MQSA-D2", "MQSA-D3", "MQSA-D4", "MQSA-D5", "MQSA-D7"} if name == "us" else set())
        assert name == "us" or not any(row.rule.startswith(("MQSA-", "US-")) for row in rows)


def test_programmes_differ_as_their_countries_do() -> None:
    us, uk, eu = (load(name, zone="UTC", kinds=ALL) for name in ("us", "uk", "eu"))
    assert [p.reading for p in (us, uk, eu)] == ["single", "double", "double"]
    assert [p.screening_months for p in (us, uk, eu)] == [12, 36, 24]
    assert [(p.invite_from_age, p.invite_to_age) for p in (uk, eu)] == [(50, 70), (50, 69)]
    assert uk.tell_diagnosis_by == (Channel.IN_PERSON,)
    assert uk.hear_by == Clock(14, "d", "opened")
    assert us.row("invite", "").visible == Clock(-42, "d", "next_due")
