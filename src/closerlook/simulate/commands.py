"""`closerlook simulate calibration`: the model alone, held against published figures."""

from pathlib import Path

import click
import msgspec

from closerlook.simulate.sources import COUNTRIES

YEARS = {"us": 2.0, "uk": 3.0}
"""How long the model runs for its measures: so long that most women come once, and some twice."""


@click.command()
@click.option("--country", type=click.Choice(COUNTRIES), multiple=True, help="Default: both.")
@click.option(
    "--women", type=click.IntRange(1_000), default=400_000, show_default=True, help="How many women, each country."
)
@click.option(
    "--seed", type=click.IntRange(0), default=30, show_default=True, help="The same seed gives the same women."
)
@click.option(
    "--through-pathway",
    type=click.IntRange(0),
    default=9_000,
    show_default=True,
    help="So many of them in whole units as well.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--write", type=click.Path(path_type=Path, file_okay=False), help="Write calibration.md and its pictures there."
)
def calibration(
    country: tuple[str, ...], women: int, seed: int, through_pathway: int, as_json: bool, write: Path | None
) -> None:
    """Hold the made-up programme against published figures: what is within, near, and what misfits and why."""
    import django

    django.setup()  # sites compile the protocols
    from closerlook.simulate.calibrating import run
    from closerlook.simulate.reporting import as_lines, report

    found = [run(one, women, seed, YEARS[one], through_pathway) for one in country or COUNTRIES]
    if write is not None:
        for path in report(found, write):
            click.echo(f"wrote {path}", err=True)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for one in found:
        for line in as_lines(one):
            click.echo(line)
