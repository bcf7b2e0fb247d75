"""`closerlook simulate feed`: a simulated programme as the files that a site's systems would leave.

You are here to try what takes such files. Nothing is written into a database: the programme is played in memory.
"""

from datetime import date, datetime
from pathlib import Path

import click

DAY = click.DateTime(("%Y-%m-%d",))
ZONES = {"us": "America/Chicago", "uk": "Europe/London"}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--women", default=100, show_default=True, type=click.IntRange(min=1), help="How many women.")
@click.option("--country", default="us", show_default=True, type=click.Choice(sorted(ZONES)), help="Whose programme.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same files.")
@click.option("--from", "first", default="2024-01-01", show_default=True, type=DAY, help="First day (YYYY-MM-DD).")
@click.option("--to", "last", default="2025-12-31", show_default=True, type=DAY, help="Last day (YYYY-MM-DD).")
def feed(folder: Path, women: int, country: str, seed: int, first: datetime, last: datetime) -> None:
    """Write the messages of a made-up programme into an empty FOLDER: reports in HL7 v2, lists of examinations as CSV.

    Then: closerlook site --trust 'RIVERIS|RIVERSIDE' --trust 'LAKERIS|LAKESIDE' --trust 'HILLRIS|HILLCREST', and
    closerlook ingest FOLDER. A UK unit signs its reports here: its feed is lists of examinations alone.
    """
    if last <= first:
        raise click.BadParameter("The last day comes after the first.", param_hint="--to")
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty. Name a new folder, so that two feeds are never mixed.")
    folder.mkdir(parents=True, exist_ok=True)
    number = write(folder, women=women, country=country, seed=seed, first=first.date(), last=last.date())
    click.echo(f"{number} messages of {women} women in {folder}", err=True)


def write(folder: Path, *, women: int, country: str, seed: int, first: date, last: date) -> int:
    """Write the feed of a programme into a folder; return how many messages it holds."""
    from closerlook.pathway.loops import KINDS
    from closerlook.pathway.protocol import load
    from closerlook.simulate.delivering import also_into
    from closerlook.simulate.doorways import Alone
    from closerlook.simulate.feeds import Folder
    from closerlook.simulate.programme import programme, unit

    protocol = load(country, zone=ZONES[country], kinds=frozenset(KINDS))
    files = Folder(folder)
    years = (last - first).days / 365.25
    where = unit(protocol, country=country, women=women, years=years, place="Clinic")
    until = protocol.calendar.end_of(last)
    deliver = also_into(files)
    programme(where, Alone(protocol), seed=seed, women=women, first=first, last=until, deliver=deliver).run()
    files.close()
    return files.messages
