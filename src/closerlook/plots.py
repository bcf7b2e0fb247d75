"""Two kinds of picture for figures, as SVG in plain text: curves over days, and intervals row by row.

Anyone with numbers and no picture needs this. On our pages the classes (`plot-…`) are styled by the style sheet in
look/static, as nothing inline is allowed there; `stand_alone=True` puts the same rules into the file. What a picture
shows is told by dashes, marks and words as well as by colour, and its description says the numbers.
"""

from collections.abc import Sequence
from html import escape
from math import floor, isfinite, log10

from msgspec import Struct

WIDTH = 360
"""All pictures are this wide, in units of which 13 are a line of text: readable on 320 pixels, whatever the screen."""
LEFT, RIGHT, TOP = 42, 10, 10
TALL = 230
TEXT = 13
STYLE = """
svg{--ink:#1c2326;--quiet:#485156;--rule:#d5d9d7;--accent:#0c4f5b;--third:#684000;background:#fcfcfa;
font-family:system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
@media screen and (prefers-color-scheme:dark){svg{--ink:#e9ebe8;--quiet:#b3bbb9;--rule:#364043;--accent:#93cdd3;
--third:#efc274;background:#14191b}}
.plot-text{fill:var(--quiet);font-size:13px}.plot-name{fill:var(--ink);font-size:13px}
.plot-rule{stroke:var(--rule);stroke-width:1}.plot-axis{stroke:var(--quiet);stroke-width:1}
.plot-line{fill:none;stroke-width:2.2}.plot-band{opacity:.16;stroke:none}.plot-mark{stroke-width:1.6}
.plot-0{stroke:var(--accent);fill:var(--accent)}.plot-1{stroke:var(--ink);fill:var(--ink)}
.plot-2{stroke:var(--third);fill:var(--third)}.plot-3{stroke:var(--quiet);fill:var(--quiet)}
.plot-line.plot-0,.plot-line.plot-1,.plot-line.plot-2,.plot-line.plot-3{fill:none}
"""
DASHES = ("", "7 4", "2 3", "9 3 2 3")
MOST = len(DASHES)
"""How many curves or series one picture can tell apart."""


class Curve(Struct, frozen=True):
    """One line: a value for each whole number from 0 on (days), and a band around it."""

    label: str
    value: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


class Interval(Struct, frozen=True):
    """A point with its interval. `low` and `high` are None where there is a point alone."""

    value: float
    low: float | None = None
    high: float | None = None


class Row(Struct, frozen=True):
    """One row of a forest plot: its label, and one interval for each series, None where a series has none."""

    label: str
    series: tuple[Interval | None, ...]


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers (1, 2, 2.5 or 5 times a power of ten apart) that span low to high."""
    if not (isfinite(low) and isfinite(high)) or high <= low:
        high = low + 1 if isfinite(low) else 1.0
        low = low if isfinite(low) else 0.0
    rough = (high - low) / about
    power = 10.0 ** floor(log10(rough))
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= rough * 0.999)
    first, last = floor(low / step + 1e-9), -floor(-high / step + 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]


def curves(
    lines: Sequence[Curve], *, title: str, description: str, across: str, up: str = "", stand_alone: bool = False
) -> str:
    """Return curves of shares (0 to 1) over whole days, each with its band, as an SVG.

    `description` says the numbers in words; `across` names the axis of days, `up` what the shares are of.
    Raises ValueError for more curves than can be told apart.
    """
    _tellable(len(lines))
    days = _days_shown(lines)
    ticks = nice_ticks(0, days, 4)
    right, bottom, top = WIDTH - RIGHT - 6, TOP + TALL, TOP + (TEXT + 6 if up else 4)

    def x(day: float) -> float:
        return LEFT + (right - LEFT) * day / ticks[-1]

    def y(share: float) -> float:
        return bottom - (bottom - top) * share

    parts = [_text(LEFT - 36, TOP + 6, up, "start")] if up else []
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts += [
            _line(LEFT, y(share), right, y(share), "plot-rule" if share else "plot-axis"),
            _text(LEFT - 5, y(share) + 4, f"{share * 100:.0f} %", "end"),
        ]
    parts += [_text(x(tick), bottom + 17, f"{tick:g}", "middle") for tick in ticks]
    parts.append(_text((LEFT + right) / 2, bottom + 34, across, "middle"))
    shown = range(int(ticks[-1]) + 1)
    for n, line in enumerate(lines):
        at = [day for day in shown if day < len(line.value)]
        edge = [(x(d), y(line.high[d])) for d in at] + [(x(d), y(line.low[d])) for d in reversed(at)]
        parts.append(f'<polygon class="plot-band plot-{n}" points="{_points(edge)}"/>')
    for n, line in enumerate(lines):
        at = [day for day in shown if day < len(line.value)]
        dash = f' stroke-dasharray="{DASHES[n]}"' if DASHES[n] else ""
        points = _points([(x(d), y(line.value[d])) for d in at])
        parts.append(f'<polyline class="plot-line plot-{n}"{dash} points="{points}"/>')
        marked = at[2 + n :: max(1, len(at) // 6)]
        parts += [_mark(n, x(d), y(line.value[d])) for d in marked]
    parts += _key([line.label for line in lines], right, _room(lines, shown, bottom, top))
    return _svg(parts, bottom + 42, title, description, stand_alone)


def intervals(
    rows: Sequence[Row],
    names: Sequence[str],
    *,
    title: str,
    description: str = "",
    across: str = "",
    line_at: float | None = None,
    percent: bool = False,
    stand_alone: bool = False,
) -> str:
    """Return a forest plot as an SVG: per row a label, and under it a point with its interval for each series.

    `names` are the series in the order of `Row.series` ("published", "simulated"); one alone needs no key. `across`
    names the axis, `line_at` draws an upright line there (0 for differences, 1 for ratios), `percent` writes shares (0
    to 1) as per cent. Without a `description` the numbers of every row are put into words. Raises ValueError where a
    row has not one place for each name, or there are more series than can be told apart.
    """
    _tellable(len(names))
    if any(len(row.series) != len(names) for row in rows):
        raise ValueError("every row needs one interval, or None, for each name")
    every = [v for row in rows for one in row.series if one for v in (one.value, one.low, one.high) if v is not None]
    every += [] if line_at is None else [line_at]
    ticks = nice_ticks(min(every, default=0.0), max(every, default=1.0), 4)
    left, right = 18, WIDTH - RIGHT - 14

    def x(value: float) -> float:
        return left + (right - left) * (value - ticks[0]) / (ticks[-1] - ticks[0])

    parts: list[str] = []
    top = TOP
    if len(names) > 1:
        for n, name in enumerate(names):
            parts += [*_whisker(n, 8, 20, 32, top + 5), _text(40, top + 10, name, "start", "plot-name")]
            top += 20
    high = 24 + 15 * len(names)
    bottom = top + high * len(rows)
    parts += [_line(x(tick), top, x(tick), bottom, "plot-rule") for tick in ticks]
    if line_at is not None:
        parts.append(_line(x(line_at), top, x(line_at), bottom, "plot-axis"))
    for place, row in enumerate(rows):
        at = top + high * place
        parts.append(_text(4, at + 15, row.label, "start", "plot-name"))
        for n, one in enumerate(row.series):
            if one is not None:
                low, end = (one.value if v is None else v for v in (one.low, one.high))
                parts += _whisker(n, x(low), x(one.value), x(end), at + 27 + 15 * n)
    parts.append(_line(left, bottom, right, bottom, "plot-axis"))
    parts += [_text(x(tick), bottom + 17, _written(tick, percent), "middle") for tick in ticks]
    if across:
        parts.append(_text((left + right) / 2, bottom + 34, across, "middle"))
    said = description or _told(rows, names, percent)
    return _svg(parts, bottom + (42 if across else 24), title, said, stand_alone)


def _tellable(number: int) -> None:
    if not 1 <= number <= MOST:
        raise ValueError(f"a picture can tell 1 to {MOST} curves or series apart, not {number}")


def _days_shown(lines: Sequence[Curve]) -> int:
    """Return the day by which nearly all of what will be answered is, so that the picture shows what happens."""
    last = max(len(line.value) for line in lines) - 1
    for day in range(last + 1):
        if all(line.value[min(day, len(line.value) - 1)] >= line.value[-1] - 0.01 for line in lines):
            return max(10, day)
    return last


def _room(lines: Sequence[Curve], shown: range, bottom: float, top: float) -> float:
    """Return where the key begins: low on the right where the curves are high there, else high."""
    right = [line.value[day] for line in lines for day in shown[len(shown) // 2 :] if day < len(line.value)]
    key = 20 * len(lines)
    return bottom - key - 4 if min(right, default=1.0) > 0.45 else top + 10


def _key(labels: Sequence[str], right: float, top: float) -> list[str]:
    parts = []
    for n, label in enumerate(labels):
        at = top + 20 * n
        begin = right - 34 - 6.6 * len(label)
        dash = f' stroke-dasharray="{DASHES[n]}"' if DASHES[n] else ""
        parts.append(f'<path class="plot-line plot-{n}"{dash} d="M{begin:.1f} {at:.1f}h28"/>')
        parts += [_mark(n, begin + 14, at), _text(begin + 33, at + 4, label, "start", "plot-name")]
    return parts


def _whisker(n: int, low: float, value: float, high: float, y: float) -> list[str]:
    dash = f' stroke-dasharray="{DASHES[n]}"' if DASHES[n] else ""
    return [
        f'<path class="plot-line plot-{n}"{dash} d="M{low:.1f} {y:.1f}H{high:.1f}"/>',
        f'<path class="plot-line plot-{n}" d="M{low:.1f} {y - 4:.1f}v8M{high:.1f} {y - 4:.1f}v8"/>',
        _mark(n, value, y),
    ]


def _mark(n: int, x: float, y: float) -> str:
    """Return a mark of its own for each series: a dot, a square, a triangle, a diamond."""
    if n == 0:
        return f'<circle class="plot-mark plot-0" cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>'
    shape = ("M-3.2 -3.2h6.4v6.4h-6.4z", "M0 -4.2L4 3.4H-4z", "M0 -4.5L4.5 0L0 4.5L-4.5 0z")[n - 1]
    return f'<path class="plot-mark plot-{n}" transform="translate({x:.1f} {y:.1f})" d="{shape}"/>'


def _written(value: float, percent: bool) -> str:
    return f"{value * 100:.3g} %".replace("-", "−") if percent else f"{value:.4g}".replace("-", "−")


def _told(rows: Sequence[Row], names: Sequence[str], percent: bool) -> str:
    said = []
    for row in rows:
        for name, one in zip(names, row.series, strict=True):
            if one is None:
                said.append(f"{row.label}, {name}: no figure.")
                continue
            between = ""
            if one.low is not None and one.high is not None:
                between = f" ({_written(one.low, percent)} to {_written(one.high, percent)})"
            said.append(f"{row.label}, {name}: {_written(one.value, percent)}{between}.")
    return " ".join(said)


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _line(x: float, y: float, to_x: float, to_y: float, kind: str) -> str:
    return f'<path class="{kind}" d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}"/>'


def _text(x: float, y: float, words: str, anchor: str, kind: str = "plot-text") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(parts: Sequence[str], height: float, title: str, description: str, stand_alone: bool) -> str:
    style = f"<style>{STYLE}</style>" if stand_alone else ""
    size = f' width="{WIDTH * 2}" height="{height * 2:.0f}"' if stand_alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" viewBox="0 0 {WIDTH} {height:.0f}"{size}>'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{style}\n" + "\n".join(parts) + "\n</svg>\n"
    )
