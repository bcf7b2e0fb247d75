"""The report of a calibration: docs/reference/calibration.md with its pictures, and lines for a terminal."""

import math
from collections.abc import Sequence
from pathlib import Path

from closerlook.plots import Interval, intervals
from closerlook.plots import Row as Drawn
from closerlook.simulate.calibrating import Run
from closerlook.simulate.calibration import Row, Verdict
from closerlook.simulate.measures import Estimate, Unit
from closerlook.simulate.sources import ASSUMED, given
from closerlook.simulate.targets import Role

NAMES = {
    "us": "United States, tomosynthesis, 2014-2020",
    "uk": "England, two readers, every three years",
}
DRAWN: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "us": (
        ("shares", "Shares", ("recall", "ppv1", "ppv3", "biopsy_share", "short_interval_share", "sensitivity")),
        ("findings", "Chance of cancer by finding, against a mass", tuple(
            f"ppv1_{kind}_vs_mass"
            for kind in ("calcifications", "distortion", "developing_asymmetry", "asymmetry", "focal_asymmetry")
        )),
    ),
    "uk": (
        ("recall", "Called back, by age", ("recall_50_54", "recall_55_59", "recall_60_64", "recall_65_69")),
        ("detection", "Cancers found per 1000 screens, by age", (
            "detection_50_54", "detection_55_59", "detection_60_64", "detection_65_69",
        )),
    ),
}  # fmt: skip


def written(value: float | None, unit: Unit) -> str:
    """Return a figure as the tables have it: shares as per cent, differences as percentage points."""
    if value is None or math.isnan(value):
        return "–"
    match unit:
        case "fraction":
            return f"{value * 100:.3g} %"
        case "difference":
            return f"{value * 100:+.1f} points".replace("-", "−")
        case "per_1000" | "ratio" | "days":
            return f"{value:.3g}"


def as_lines(run: Run) -> list[str]:
    """Return a run as lines for a terminal."""
    lines = [f"{NAMES[run.country]}: {run.women} women, seed {run.seed}, {run.recall.n} screens"]
    lines += [f"recall x PPV1 = detection in counts: {'holds' if run.identity else 'DOES NOT HOLD'}"]
    if run.women < ENOUGH:
        lines.append(f"Fewer than {ENOUGH:,} women: intervals are wide, so that 'within' says little.")
    lines += [_line(row) for row in (*run.rows, *run.predictions)]
    if run.through_pathway:
        lines.append(f"Through the pathway, measured from the log, {run.screens_through_pathway:,} screens:")
        lines += [_line(row) for row in run.through_pathway if row.verdict is not Verdict.CONTEXT]
    return [*lines, *(f"misfit: {row.sentence}" for row in run.misfits)]


ENOUGH = 100_000


def _line(row: Row) -> str:
    unit = row.simulated.unit if row.simulated else "fraction"
    published = _published(row, unit)
    return f"{row.verdict.value:13}{row.words:58}{_with_interval(row.simulated):32} {published}  {', '.join(row.rows)}"


def report(runs: Sequence[Run], folder: Path) -> list[Path]:
    """Write calibration.md and its pictures into `folder`; return what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for run in runs:
        for name, title, rows in _pictures(run):
            path = folder / f"calibration-{run.country}-{name}.svg"
            path.write_text(_picture(rows, title), encoding="utf-8")
            paths.append(path)
    page = folder / "calibration.md"
    page.write_text(_page(runs), encoding="utf-8")
    return [page, *paths]


def _pictures(run: Run) -> list[tuple[str, str, list[Row]]]:
    judged = {row.measure: row for row in reversed(run.rows) if row.verdict is not Verdict.CONTEXT}
    found = [
        (name, f"{NAMES[run.country]}: {title}", [judged[measure] for measure in measures])
        for name, title, measures in DRAWN[run.country]
    ]
    if run.predictions:
        title = f"{NAMES[run.country]}: false alarms of ten years, predicted"
        found.append(("ten-years", title, run.predictions))
    return found


def _picture(rows: Sequence[Row], title: str) -> str:
    drawn = []
    for row in rows:
        here = row.simulated
        simulated = Interval(here.value, here.low, here.high) if here and here.n else None
        drawn.append(Drawn(row.words, (Interval(row.published, row.low, row.high), simulated)))
    percent = bool(rows) and rows[0].simulated is not None and rows[0].simulated.unit == "fraction"
    return intervals(drawn, ("published", "simulated"), title=title, percent=percent, stand_alone=True)


# ---------------------------------------------------------------- the page

HEAD = """# How the made-up programme compares with published figures

<!-- Written by `closerlook simulate calibration --write docs/reference`: change the model or its words, not this. -->

The simulator plays a screening programme with made-up women. This page holds its model, without any programme around
it, against figures that were published, one population at a time: nothing of the United States is set beside anything
of the United Kingdom. Why the model is as it is: [design note 22](../design/0022-women-who-do-not-exist.md).

**Fitted** measures were used to choose a number of the model, on women of other seeds than these: that they agree says
little. A **given** one is itself a number of the model and shows it doing as told. **Checked** ones follow from other
numbers, some of them fitted. **Predicted** ones were not used to choose any number. No one population publishes all of
this: the model's rates are fitted to the one that the heading names, and what that one does not publish is taken from
other studies and eras of the same country, which the column *Population* names. **Context** is shown and not judged.

A measure is *within* where it lies inside the published 95 % interval, or the published value inside the simulated one;
*near* where it is no further off than the tolerance of its target (10 % of the published value unless
`simulate/data/targets.toml` states another; the table says which); otherwise it is a *misfit*, and named. Intervals are
95 % ones (Wilson for shares) unless the table says otherwise.
"""


def _page(runs: Sequence[Run]) -> str:
    parts = [HEAD]
    for run in runs:
        parts += _country(run)
    parts += _not_calibrated(runs)
    return "\n".join(parts) + "\n"


def _country(run: Run) -> list[str]:
    verdicts = [row.verdict for row in run.rows]
    counted = ", ".join(f"{verdicts.count(v)} {v.value}" for v in (Verdict.WITHIN, Verdict.NEAR, Verdict.MISFIT))
    parts = [
        f"## {NAMES[run.country]}\n",
        f"{run.women:,} women, {run.recall.n:,} screens, seed {run.seed}, {run.years:g} years. Of "
        f"{sum(v not in (Verdict.CONTEXT, Verdict.UNMEASURED) for v in verdicts)} measures: {counted}. {_roles(run)}\n",
        _identity(run),
        _table([row for row in run.rows if row.verdict is not Verdict.CONTEXT]),
        *(f"![{title}](calibration-{run.country}-{name}.svg)\n" for name, title, _rows in _pictures(run)),
    ]
    if run.predictions:
        parts += ["### Ten years: predicted, not fitted\n", PREDICTED, _table(run.predictions)]
    if run.through_pathway:
        shown = [row for row in run.through_pathway if row.verdict is not Verdict.CONTEXT]
        parts += ["### Through the pathway\n", THROUGH.format(screens=run.screens_through_pathway), _table(shown)]
    parts += ["### Misfits\n", *(f"- {row.sentence}" for row in run.misfits), ""] if run.misfits else []
    return [*parts, "### Context, not judged\n", _table([r for r in run.rows if r.verdict is Verdict.CONTEXT])]


def _roles(run: Run) -> str:
    """Say how much of the agreement was put in by hand."""
    judged = [row.role for row in run.rows if row.verdict is not Verdict.CONTEXT]
    counted = ", ".join(f"{judged.count(role)} {role.value}" for role in Role if role in judged)
    return f"Of them {counted}."


PREDICTED = """Women of these ages who came every time for ten years and had no cancer in them. No number of the model
was chosen to meet these rows. What they show: with yearly screens the model comes out near, because women differ in how
busy their breasts look (by age, density and a spread of their own that is an assumption), so that false alarms gather
in some women. With a screen every two years it comes out too low: in the published cohort a screen after a longer gap
raised more false alarms, and the model has no such effect. By density it tells the groups apart too little.
"""


THROUGH = """The same women in whole units, with opening hours, staff who can do one thing at a time, clinics on some
days, calls that nobody answers and visits that are missed, every step decided by the pathway; measured from the log
alone, {screens:,} screens in two years. Fewer women than above, so the intervals are wide. Three things move
what is measured here: each unit has three readers, who differ less than all readers do; from her second round on a
woman has pictures here to compare with, which the model alone does not know; and women called back near the end have
no answer yet. The days are those of these units.
"""


NOT_CALIBRATED = """## What is not calibrated

No published row, or none that fits one population, was found for these; what the model does there is a guess that has
been written down:

- recall, detection and PPV by age and by density in one modern United States source; the share of first screens there;
- reasons for recall of a whole screening population (the published shares mix in diagnostic examinations);
- biopsies among women assessed in England, and the days from screen to assessment there: no row, so no target;
- no-shows, moved visits, unanswered calls and returned letters: the row for each is missing, and units differ widely;
- what tissue shows: insufficient, high-risk and discordant biopsies;
- the time from being detectable to being felt (in the model 2 years on average at 45, nearly 5 from 65 on): with it,
  sensitivity and the growth of a tumour pull the same measures, so other combinations would fit as well;
- men: made only to try what a programme does with them.
"""


def _identity(run: Run) -> str:
    recall, ppv1, detection = run.recall, run.ppv1, run.detection
    return (
        f"Recall × PPV1 = detection, in counts: {recall.numerator:,} of {recall.n:,} called back; "
        f"{ppv1.numerator:,} of {ppv1.n:,} with cancer; {detection.numerator:,} of {detection.n:,} found. "
        f"**{'It holds' if run.identity else 'It does not hold'}.**\n"
    )


def _table(rows: Sequence[Row]) -> str:
    lines = ["| Measure | Simulated | Published | Population | Row | Kind | Verdict |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        unit: Unit = row.simulated.unit if row.simulated else "fraction"
        ids = ", ".join(f"`{row_id}`" for row_id in row.rows)
        lines.append(
            f"| {row.words} | {_with_interval(row.simulated)} | {_published(row, unit)} | {row.population} | {ids} "
            f"| {row.role.value} | {_verdict(row)} |"
        )
    return "\n".join(lines) + "\n"


def _verdict(row: Row) -> str:
    return f"near (within {row.near:.0%})" if row.verdict is Verdict.NEAR else row.verdict.value


def _with_interval(one: Estimate | None) -> str:
    if one is None or one.n == 0:
        return "–"
    return f"{written(one.value, one.unit)} ({written(one.low, one.unit)} to {written(one.high, one.unit)})"


def _published(row: Row, unit: Unit) -> str:
    value = written(row.published, unit)
    if row.low is None or row.high is None:
        return value
    kind = "" if row.interval.startswith("95") else f"; {row.interval}"
    return f"{value} ({written(row.low, unit)} to {written(row.high, unit)}{kind})"


def _not_calibrated(runs: Sequence[Run]) -> list[str]:
    parts = [NOT_CALIBRATED]
    for run in runs:
        loose = [f"`{section}.{name}`" for section, name, entry in given(run.country) if entry.source == ASSUMED]
        parts.append(
            f"{NAMES[run.country]}: {len(loose)} numbers of `simulate/data/{run.country}.toml` have no published row "
            f"behind them and are assumptions of this software: {', '.join(loose)}.\n"
        )
    return parts
