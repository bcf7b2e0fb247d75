"""Pictures of figures: whole, escaped, told in words, and distinguishable without colour."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import closerlook.look
from closerlook.plots import MOST, Curve, Interval, Row, curves, intervals, nice_ticks

SVG = "{http://www.w3.org/2000/svg}"
RISING = [min(1.0, day / 20) for day in range(61)]


def curve(label: str, late: int = 0) -> Curve:
    value = [RISING[max(0, day - late)] for day in range(61)]
    return Curve(label, value, [v * 0.9 for v in value], [min(1, v * 1.1) for v in value])


def drawn(count: int = 2, **options: bool) -> str:
    lines = [curve(f"way {n} & <more>", n) for n in range(count)]
    return curves(lines, title="A & B", description="Half by day 10.", across="days", up="answered", **options)


def forest(**options: object) -> str:
    rows = [
        Row("Called back", (Interval(0.089, 0.088, 0.09), Interval(0.0885, 0.08, 0.097))),
        Row("Within 60 days", (None, Interval(0.3))),
    ]
    return intervals(rows, ["published", "simulated"], title="Calibration", percent=True, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("svg", [drawn(1), drawn(MOST), forest(), forest(line_at=0.1, across="share")])
def test_a_picture_is_whole_and_says_what_it_shows(svg: str) -> None:
    root = ET.fromstring(svg)
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert all((root[n].text or "").strip() for n in (0, 1))
    assert "style=" not in svg
    assert "<style" not in svg
    assert "nan" not in svg
    assert "inf" not in svg


def test_everything_lies_within_the_picture() -> None:
    for svg in (drawn(MOST), forest()):
        _, _, width, height = (float(part) for part in ET.fromstring(svg).get("viewBox", "").split())
        for text in ET.fromstring(svg).iter(f"{SVG}text"):
            assert 0 <= float(text.get("x", "")) <= width
            assert 0 <= float(text.get("y", "")) <= height
        for line in ET.fromstring(svg).iter(f"{SVG}polyline"):
            points = [tuple(map(float, p.split(","))) for p in line.get("points", "").split()]
            assert all(0 <= x <= width and 0 <= y <= height for x, y in points)


def test_words_are_escaped() -> None:
    svg = drawn()
    assert "way 1 &amp; &lt;more&gt;" in svg
    assert "A &amp; B" in svg


def test_curves_differ_in_dash_and_mark_and_each_has_its_label() -> None:
    root = ET.fromstring(drawn(MOST))
    dashes = [line.get("stroke-dasharray") for line in root.iter(f"{SVG}polyline")]
    assert len(set(dashes)) == MOST
    labels = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "plot-name"]
    assert labels == [f"way {n} & <more>" for n in range(MOST)]
    marks = {
        n: {(e.tag, e.get("d")) for e in root.iter() if e.get("class") == f"plot-mark plot-{n}"} for n in range(MOST)
    }
    assert all(len(found) == 1 for found in marks.values())
    assert len({next(iter(found)) for found in marks.values()}) == MOST


def test_a_forest_says_its_numbers_where_nobody_else_does() -> None:
    told = ET.fromstring(forest())[1].text or ""
    assert told.startswith("Called back, published: 8.9 % (8.8 % to 9 %).")
    assert "Within 60 days, published: no figure. Within 60 days, simulated: 30 %." in told
    assert (ET.fromstring(forest(description="Said so."))[1].text) == "Said so."
    one = intervals([Row("A", (Interval(-1.5, -2, -1),))], ["only"], title="One", line_at=0)
    assert "A, only: −1.5 (−2 to −1)." in one
    assert ">only</text>" not in one  # one series needs no key


def test_a_file_of_its_own_carries_its_style_and_knows_the_dark() -> None:
    alone = drawn(stand_alone=True)
    ET.fromstring(alone)
    assert "prefers-color-scheme:dark" in alone
    used = set(re.findall(r"plot-[\w]+", re.sub(r"<style>.*?</style>", "", alone, flags=re.S)))
    page_css = (Path(closerlook.look.__file__).parent / "static/look/closer-look.css").read_text()
    for kind in used - {"plot-mark", "plot-text"}:
        assert f".{kind}" in page_css
        assert f".{kind}" in alone


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_more_than_can_be_told_apart_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="apart"):
        drawn(count)


def test_a_row_needs_a_place_for_each_series() -> None:
    with pytest.raises(ValueError, match="every row"):
        intervals([Row("A", (None,))], ["one", "two"], title="x")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 30, [0, 10, 20, 30]),
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
        (-0.03, 0.011, [-0.04, -0.02, 0, 0.02]),
        (0, 0, [0, 0.25, 0.5, 0.75, 1]),
        (97, 1003, [0, 250, 500, 750, 1000, 1250]),
        (float("nan"), 1, [0, 0.25, 0.5, 0.75, 1]),
    ],
)
def test_ticks_are_round_and_span_everything(low: float, high: float, expected: list[float]) -> None:
    assert nice_ticks(low, high, 4) == pytest.approx(expected)
