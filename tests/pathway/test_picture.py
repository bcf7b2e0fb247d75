"""The picture of the path shows every kind in its place, and its arrows are steps that the code knows."""

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from closerlook.cli import cli
from closerlook.pathway import picture
from closerlook.pathway.calendar import Clock
from closerlook.pathway.closing import STEPS_FOR
from closerlook.pathway.loops import KINDS
from closerlook.pathway.protocol import load, shipped
from tests.pathway.test_closing import CLOSINGS

SVG = "{http://www.w3.org/2000/svg}"
TARGETS = {target for _, _, targets in picture.LEADS for target in targets}


def test_every_kind_has_one_place() -> None:
    placed = [name for names in picture.PLACES.values() for name in names]
    assert sorted(placed) == sorted([*KINDS, *picture.MILESTONES])


def test_an_arrow_is_a_step_that_staff_take_for_what_is_owed() -> None:
    for source, step, targets in picture.LEADS:
        assert set(targets) <= {*KINDS, *picture.MILESTONES}
        if source in picture.MILESTONES:
            assert step is None
        else:
            assert step in STEPS_FOR[source], (source, step)


def led_to(name: str) -> set[str]:
    """The kinds that arrows lead to, through milestones."""
    targets = {target for source, _, found in picture.LEADS if source == name for target in found}
    return (targets - {*picture.MILESTONES}).union(*(led_to(m) for m in targets & {*picture.MILESTONES}))


@pytest.mark.parametrize("kind", [kind for kind, how in CLOSINGS.items() if how is not None])
def test_what_opens_when_a_kind_is_closed_is_where_its_arrows_lead(kind: str) -> None:
    how = CLOSINGS[kind]
    assert how is not None
    her, step, by = how()
    before = {(x.kind, x.subject, x.opened_seq) for x in her.loops}
    her.take(step, by)
    opened = {x.kind for x in her.loops if (x.kind, x.subject, x.opened_seq) not in before}
    assert opened <= led_to(kind) | {kind}


def test_every_kind_is_led_to_or_opens_on_news() -> None:
    assert {*KINDS, *picture.MILESTONES} == TARGETS | picture.FROM_OUTSIDE
    assert {"set_next_due"} == TARGETS & picture.FROM_OUTSIDE  # she becomes known, and each round ends in it


@pytest.mark.parametrize("name", shipped())
def test_the_picture_is_sound_and_says_every_kind_with_owner_clocks_and_rule(name: str) -> None:
    protocol = load(name, zone="UTC", kinds=frozenset(KINDS))
    found = ElementTree.fromstring(picture.draw(protocol))
    boxes = {group.get("id"): group for group in found.iter(f"{SVG}g") if group.get("id")}
    assert set(boxes) == {*KINDS, *picture.MILESTONES}
    for kind, group in boxes.items():
        said = " ".join(text.text or "" for text in group.iter(f"{SVG}text"))
        assert picture.words(str(kind)) in said
        for row in protocol.rows:
            if row.kind == kind:
                assert picture.owner_in_words(row.owner) in said.lower()
                assert picture.clocks_in_words(row) in said
                assert picture.rule_in_words(row) in said
    assert found.find(f"{SVG}title") is not None
    assert found.find(f"{SVG}desc") is not None


def test_no_two_boxes_overlap_and_every_line_fits() -> None:
    boxes, wide, high = picture._placed(load("us", zone="UTC", kinds=frozenset(KINDS)), picture._wires())
    for names in picture.PLACES.values():
        for above, below in pairwise(names):
            assert boxes[above].y + boxes[above].high < boxes[below].y
    for box in boxes.values():
        assert box.x + picture.WIDE <= wide
        assert box.y + box.high <= high
        assert all(len(line.text) <= 31 for line in box.lines)


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("1 wd", "1 working day"),
        ("0 d", "that day"),
        ("2 wh", "2 working hours"),
        ("30 d from examination", "30 days from the examination"),
        ("-2 d from visit", "2 days before the visit"),
        ("0 d from review", "on the review day"),
        ("0 d from visit", "on the day of the visit"),
        ("9 mo from settled", "9 months from the end of the round"),
    ],
)
def test_clocks_read_as_words(clock: str, words: str) -> None:
    assert picture.in_words(Clock.parse(clock)) == words


def test_the_command_writes_a_file_or_to_stdout(tmp_path: Path) -> None:
    file = tmp_path / "uk.svg"
    written = CliRunner().invoke(cli, ["pathway", "draw", "--protocol", "uk", str(file)])
    assert written.exit_code == 0
    assert "protocol uk" in file.read_text(encoding="utf-8")
    shown = CliRunner().invoke(cli, ["pathway", "draw"])
    assert shown.exit_code == 0
    assert shown.output.startswith("<svg")
    assert "protocol us" in shown.output
