"""`closerlook simulate capacity`: what would one more session a week do to her days to an answer?"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from closerlook.output import show


def register(simulate: click.Group, *, set_up: Callable[[], None]) -> None:
    """Add `capacity` to the group `simulate`. `set_up` opens the record."""

    @simulate.command()
    @click.option("--country", help="US or UK: whose shipped assumptions to start from.  [default: US]")
    @click.option(
        "--assumptions", "file", type=click.Path(path_type=Path, dir_okay=False), help="A .toml file instead."
    )
    @click.option("--from-log", is_flag=True, help="Take from this unit's own log what it can tell.")
    @click.option(
        "--days", type=click.IntRange(7, 3660), default=182, show_default=True, help="Of the log, before today."
    )
    @click.option(
        "--set", "settings", multiple=True, metavar="NAME=VALUE", help="One figure, such as recall_share=0.08."
    )
    @click.option(
        "--compare", "changes", multiple=True, metavar="CHANGE",
        help="A change to try, such as ultrasound_sessions+1; several at once with commas; repeatable.",
    )  # fmt: skip
    @click.option(
        "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same answer."
    )
    @click.option("--replications", type=click.IntRange(5, 500), default=20, show_default=True)
    @click.option("--weeks", type=click.IntRange(4, 104), default=26, show_default=True, help="Weeks that are counted.")
    @click.option("--warm-up", type=click.IntRange(0, 104), default=26, show_default=True, help="Weeks before these.")
    @click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw the share answered by each day.")
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    def capacity(
        country: str | None, file: Path | None, from_log: bool, days: int, settings: tuple[str, ...],
        changes: tuple[str, ...], seed: int, replications: int, weeks: int, warm_up: int, svg: Path | None,
        as_json: bool,
    ) -> None:  # fmt: skip
        """Simulate days to an answer, and what a change of sessions, hours or shares would do to them."""
        from closerlook.capacity import document as words
        from closerlook.capacity.assumptions import AssumptionError, changed, defaults, load
        from closerlook.capacity.pictures import answered_by_day
        from closerlook.capacity.study import compare
        from closerlook.capacity.study import simulate as simulated
        from closerlook.capacity.unit import Plan
        from closerlook.plots import MOST

        if svg is not None and len(changes) >= MOST:
            raise click.UsageError(f"--svg can tell {MOST - 1} changes apart. Leave some out, or leave out --svg.")
        try:
            if file is not None and country is not None:
                raise click.UsageError("Give --country or --assumptions: a file names its country by start_from.")
            observed, unit = None, load(file) if file is not None else defaults((country or "US").upper())
            if from_log:
                set_up()
                from closerlook.record.observing import observed as from_the_log

                start = None if file is None and country is None else unit
                observed = from_the_log(datetime.now(UTC), days=days, start=start)
                unit = observed.unit
            unit = changed(unit, *(_setting(one) for one in settings))
            tried = [changed(unit, *change.split(",")) for change in changes]
        except ValueError as error:
            named = f" ({error.field})" if isinstance(error, AssumptionError) and error.field not in str(error) else ""
            raise click.ClickException(f"{error}{named}") from error
        plan = Plan(warm_up=warm_up, weeks=weeks)
        before = simulated(unit, seed=seed, replications=replications, plan=plan)
        found = [compare(before, simulated(one, seed=seed, replications=replications, plan=plan)) for one in tried]
        if svg is not None:
            picture = answered_by_day(before, found, stand_alone=True)
            if not picture:
                raise click.ClickException("Nobody is called back in this unit: there is nothing to draw.")
            svg.write_text(picture, encoding="utf-8")
            click.echo(f"{svg}: open it in a browser.", err=True)
        if as_json:
            show(words.document(before, found, seed=seed, plan=plan, observed=observed))
        else:
            click.echo(words.in_words(before, found, observed))


def _setting(text: str) -> str:
    """Return a setting as a change: only `=` sets."""
    if "=" not in text or "+=" in text or "-=" in text:
        raise ValueError(f"--set {text}: write NAME=VALUE; what becomes of a figure goes to --compare.")
    return text
