"""The command line. `--json` prints one JSON document on stdout and nothing else there; messages go to stderr.

Exit codes: 0 done, 1 a fault or mismatch was found, 2 wrong use or the system cannot go on, 3 some messages set aside.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import click
import msgspec

from closerlook import capacity_commands, evidence_commands
from closerlook.output import SOME_SET_ASIDE, as_json, show, show_as_found
from closerlook.simulate.commands import calibration
from closerlook.simulate.commands_feed import feed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "closerlook.settings")

FOUND_A_FAULT, CANNOT_GO_ON = 1, 2
OWNERS = (
    "system", "front_desk", "technologist", "radiologist", "navigator", "pathology_coordinator", "nurse", "clinician",
    "manager",
)  # fmt: skip


def main() -> None:
    """Run a command; say faults plainly instead of a traceback."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    from closerlook.pathway.protocol import ProtocolError

    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(CANNOT_GO_ON)
    except click.Abort:
        sys.exit(130)
    except DatabaseError as error:
        _stop(_about_database(error))
    except (ImproperlyConfigured, ProtocolError, OSError) as error:
        _stop(str(error))


def _stop(sentence: str) -> None:
    click.echo(f"closerlook: {sentence}", err=True)
    sys.exit(CANNOT_GO_ON)


def _about_database(error: Exception) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if "no such table" in text or "does not exist" in text:
        from django.conf import settings

        return f"The database is not set up (data folder {settings.DATA_DIR}). Run: closerlook init"
    if "locked" in text:
        return "The database is locked by another program. Nothing was changed by the last step; try again."
    if "full" in text:
        return "The disk is full. What was acknowledged is safe; make room, then run the same command again."
    return f"The database cannot be used: {text}. Check CLOSERLOOK_DATABASE_URL and CLOSERLOOK_DATA_DIR."


def _set_up(*, check: bool = True) -> None:
    import django

    django.setup()
    if check:
        from closerlook.record.verify import unknown_facts

        unknown = unknown_facts()
        if unknown:
            raise click.ClickException(
                f"The log holds facts that this version does not know ({', '.join(unknown)}). "
                "Install the version that wrote them; nothing was changed."
            )
        from closerlook.people import sites

        sites.protocol()  # a wrong protocol stops here, with file, row and mend


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _written(file: Path | None) -> Iterator[tuple[Callable[[str], object], Callable[[], None]]]:
    """Give a way to write `file`, and one to keep it: it appears whole, and only if it is kept. None: nowhere."""
    if file is None:
        yield (lambda _: None), (lambda: None)
        return
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("w", encoding="ascii") as out:

            def keep() -> None:
                out.close()
                part.replace(file)

            yield out.write, keep
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _progress(label: str, length: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=length or 1, label=label, file=sys.stderr) as bar:
        yield bar.update


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="closerlook")
def cli() -> None:
    """Closer Look carries every woman from a screening mammogram to a settled answer.

    Start with `closerlook init`, then `closerlook demo` to look around, then `closerlook serve`.
    """


@cli.command()
@as_json
def init(as_json: bool) -> None:
    """Create the database or bring it up to date. Safe to repeat; says what an upgrade opened, moved or closed."""
    _set_up(check=False)
    from django.core.management import call_command

    from closerlook.people.models import Site
    from closerlook.record import verify
    from closerlook.record.models import Head

    call_command("migrate", verbosity=0, interactive=False)
    unknown = verify.unknown_facts()
    if unknown:
        raise click.ClickException(f"The log holds facts this version does not know: {', '.join(unknown)}.")
    created = False
    if not Site.objects.exists():
        Site.objects.create(slug="main", name="Breast Clinic", address="Address not set yet", phone="Phone not set yet")
        created = True
    with _progress("Comparing what is owed", Head.objects.count()) as step:
        changes = list(verify.rebuild(step))
    if as_json:
        show({"site_created": created, "changes": changes})
        return
    click.echo("The database is ready.")
    if created:
        click.echo("Tell it who you are: closerlook site --name … --address … --phone … --zone …")
    for change in changes:
        click.echo(f"{change.how}: {change.kind} {change.subject} of {change.stream}")


@cli.command()
@click.option("--name", help="The unit's name, as it stands on letters.")
@click.option("--address", help="Street, city, state and postal code; lines separated by commas.")
@click.option("--phone", help="The number patients ring.")
@click.option("--zone", help="Time zone, such as America/New_York.")
@click.option("--live-from", help="First day of live work (YYYY-MM-DD); earlier examinations load as history.")
@click.option("--protocol", help="A shipped protocol or a .toml file.")
@click.option("--contact-name", help="The person patients may ask for.")
@click.option("--contact-hours", help="When that person is there.")
@click.option("--trust", multiple=True, metavar="APP|FACILITY", help="Trust this sender's prose to state assessments.")
@as_json
def site(as_json: bool, trust: tuple[str, ...], **given: str | None) -> None:
    """Show or set what the unit is called, where it is, and whose reports it trusts."""
    _set_up()
    from closerlook.people import settings_of_site

    said = {name: value for name, value in given.items() if value is not None}
    if "address" in said:
        said["address"] = said["address"].replace(",", "\n")
    found = settings_of_site.change(said, trust)
    if as_json:
        show(found)
    else:
        for key, value in found.items():
            click.echo(f"{key}: {value if value not in (None, '') else '(not set)'}")


@cli.command()
@click.argument("username")
@click.option("--name", required=True, help="The person's name, as colleagues see it.")
@click.option(
    "--role", "roles", multiple=True, required=True, help="front_desk, radiologist, navigator, …; repeatable."
)
@click.password_option(help="Asked for where it is not given.")
def staff(username: str, name: str, roles: tuple[str, ...], password: str) -> None:
    """Add a member of staff, or give one new roles and a new password."""
    _set_up()
    from closerlook.accounts import staff as accounts

    try:
        accounts.at_terminal(username, name, roles, password)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{username} may sign in as {', '.join(roles)}.")


@cli.command("reset-factor")
@click.argument("username")
def reset_factor(username: str) -> None:
    """Take away someone's second factors (a lost phone), so that the next sign-in sets up new ones."""
    _set_up()
    from closerlook.accounts import staff as accounts

    try:
        accounts.reset_at_terminal(username)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{username} sets up a new second factor at the next sign-in. Every session is ended.")


@cli.command()
@click.option("--if-empty", is_flag=True, help="Do nothing where anyone is known, or a unit is set up.")
@click.option("--patients", type=click.IntRange(min=0), default=3000, show_default=True, help="About how many people.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same seed makes the same people."
)
def demo(if_empty: bool, patients: int, seed: int) -> None:
    """Fill an empty database with a unit's last two years, through the real door, and sign-ins for every role.

    Some ninety patients are told stories, one or more of every course; the others are simulated.
    """
    _set_up()
    from django.conf import settings

    from closerlook import demonstration
    from closerlook.people.models import Patient

    if demonstration.is_unfinished():
        raise click.ClickException(
            f"A demonstration is being made in {settings.DATA_DIR}, or was stopped half-way there. If none is running, "
            "start again with an empty data folder (and an empty database)."
        )
    known = Patient.objects.exists()
    if known or demonstration.is_somebodys():
        if if_empty:
            return
        what = "There are patients here already" if known else "This system is set up for a unit of its own"
        raise click.ClickException(f"{what}. Use an empty data folder for the demo.")
    with _progress("Making a programme", demonstration.length(patients)) as step:
        demonstration.fill(now=_now(), seed=seed, patients=patients, progress=step)
    click.echo(demonstration.SIGN_INS, err=True)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=8000, envvar="CLOSERLOOK_PORT", show_default=True, show_envvar=True)
@click.option("--workers", default=2, show_default=True, help="Processes that answer pages.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the pages, and work what the software itself owes."""
    os.environ["CLOSERLOOK_PORT"] = str(port)  # addresses made here and by its processes lead back here
    _set_up()
    from closerlook import serving

    serving.serve(host, port, workers)


@cli.command()
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def worker(once: bool) -> None:
    """Work what the software itself owes: letters into the outbox, escalation, messages a crash left."""
    _set_up()
    from closerlook import serving
    from closerlook import worker as work

    if once:
        while work.once(_now()):
            pass
        return
    work.run(until=serving.is_orphan)  # started by serve: end with it, however it ends


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@as_json
def ingest(paths: tuple[Path, ...], as_json: bool) -> None:
    """Take HL7 v2 files or folders, and CSV lists of examinations.

    Every message lands in the inbox first. Exit 0: all taken or known; 3: some set aside, each with its reason.
    """
    _set_up()
    from closerlook.exchange import intake

    for path in paths:
        if not path.exists():
            raise click.ClickException(f"{path}: there is no such file or folder.")
    found: list[dict[str, Any]] = []
    with _progress("Taking messages", intake.count(paths) if sys.stderr.isatty() else None) as step:
        for one in intake.ingest(paths, clock=_now, progress=step):
            found.append(one)
            if not as_json:
                _say(one)
    counts = {name: sum(r["outcome"] == name for r in found) for name in ("taken", "repeated", "set_aside")}
    if as_json:
        show({**counts, "messages": found})
    else:
        click.echo(f"{counts['taken']} taken, {counts['repeated']} repeated, {counts['set_aside']} set aside")
    if counts["set_aside"]:
        raise click.exceptions.Exit(SOME_SET_ASIDE)


def _say(one: dict[str, Any]) -> None:
    reason = f": {one['sentence']} ({one['reason']})" if one["reason"] else ""
    click.echo(f"{one['source']}: {one['outcome'].replace('_', ' ')}{reason}")


@cli.command()
@click.option("--owner", type=click.Choice(OWNERS), help="Only what this role owes.")
@click.option("--overdue", is_flag=True, help="Only what is late.")
@click.option("--as-of", type=click.DateTime(), help="Compare with this moment (UTC) instead of now.")
@as_json
def loops(owner: str | None, overdue: bool, as_of: datetime | None, as_json: bool) -> None:
    """Show what is owed, oldest due first."""
    _set_up()
    from closerlook.record import listing

    moment = as_of.replace(tzinfo=UTC) if as_of else _now()
    found = listing.loops(moment, owner=owner, overdue=overdue)
    if as_json:
        show_as_found("loops", found, as_of=moment)
        return
    number = 0
    for loop in found:
        number += 1
        click.echo(f"{loop.standing:<8} {loop.due_on}  {loop.owner:<12} {loop.kind:<20} {loop.stream} {loop.subject}")
    click.echo(f"{number} owed", err=True)


@cli.command()
@click.argument("patient_id")
@as_json
def patient(patient_id: str, as_json: bool) -> None:
    """Show one patient's facts, state and what is owed. Names are not shown."""
    _set_up()
    from closerlook.record import listing

    found = listing.patient(patient_id)
    if found is None:
        raise click.ClickException(f"There is no patient {patient_id}. The id stands on her page at the desk.")
    if as_json:
        show(found)
        return
    for fact in found["facts"]:
        click.echo(f"{fact['seq']:>4}  {fact['recorded_at']:%Y-%m-%d %H:%M}  {fact['type']:<24} by {fact['actor']}")
    click.echo(f"place: {found['place']}")
    from closerlook.people import sites

    calendar = sites.protocol().calendar
    for loop in found["loops"]:
        click.echo(f"owed: {loop.kind} {loop.subject}, {loop.owner}, due {calendar.on(loop.due_at)}")


@cli.command()
@click.option("--as-of", type=click.DateTime(), help="Where everyone was at this moment (UTC), from the log alone.")
@as_json
def ledger(as_of: datetime | None, as_json: bool) -> None:
    """Show where everyone is. Exit 1 where the sums do not agree: someone may be lost."""
    _set_up()
    from closerlook.exchange import ledger as books
    from closerlook.record.models import Head

    if as_of is None:
        found = books.ledger(_now())
    else:
        day_only = as_of.time() == time(0)
        moment = datetime.combine(as_of.date(), time(23, 59, 59) if day_only else as_of.time(), UTC)
        with _progress("Reading the log", Head.objects.count()) as step:
            found = books.ledger_as_of(moment, step)
    if as_json:
        show({**msgspec.structs.asdict(found), "agrees": found.agrees})
    else:
        for where, number in found.places.items():
            click.echo(f"{number:>8}  {where}")
        click.echo(f"{found.patients:>8}  patients ever entered")
        for feed in found.feeds:
            became = ("taken", "repeated", "set_aside", "discarded", "waiting")
            parts = " + ".join(f"{getattr(feed, name)} {name.replace('_', ' ')}" for name in became)
            click.echo(f"{feed.sender or '(no sender)'}: {feed.came_in} came in = {parts}")
        for sentence in found.mismatches:
            click.echo(f"MISMATCH: {sentence}", err=True)
    if not found.agrees:
        raise click.exceptions.Exit(FOUND_A_FAULT)


@cli.command()
@click.option("--receipt", type=click.Path(path_type=Path), help="Where all is clean, write a receipt to this file.")
@click.option("--against", type=click.Path(path_type=Path), help="Hold the log to the receipt of an earlier proof too.")
@as_json
def verify(as_json: bool, receipt: Path | None, against: Path | None) -> None:
    """Prove that nothing was lost or changed. Exit 1 on any fault.

    Whoever has the database in hand can take a whole log out of it without a trace. Keep a receipt elsewhere, and hold
    the log to it next time. It holds no names.
    """
    _set_up(check=False)
    from closerlook.people import sites

    sites.protocol()
    from closerlook.exchange import ledger as books
    from closerlook.exchange.models import Message
    from closerlook.record import receipt as receipts
    from closerlook.record import verify as proof
    from closerlook.record.models import Event, Head

    length = Head.objects.count() + Message.objects.count()
    with _progress("Verifying", length) as step, _written(receipt) as (write, keep):
        faults = list(proof.verify(step, lambda *stream: write(receipts.line(*stream))))
        changed = "its bytes are not those that arrived"
        faults += [proof.Fault(message, changed, proof.BY_HAND) for message in books.changed_messages(step)]
        if against is not None:
            try:
                with against.open(encoding="ascii") as lines:
                    faults += receipts.lost(lines)
            except ValueError as error:
                raise click.ClickException(f"{against}: {error}") from error
        mismatches = books.ledger(_now()).mismatches
        if not faults and not mismatches:
            keep()
    facts, streams = Event.objects.count(), Head.objects.count()
    if as_json:
        show({"streams": streams, "facts": facts, "faults": faults, "mismatches": mismatches})
    else:
        for fault in faults:
            click.echo(f"{fault.stream}: {fault.what}. {fault.mend}")
        for sentence in mismatches:
            click.echo(sentence)
        word = "clean" if not faults and not mismatches else f"{len(faults) + len(mismatches)} faults"
        click.echo(f"{facts} facts in {streams} streams: {word}")
    if faults or mismatches:
        raise click.exceptions.Exit(FOUND_A_FAULT)


@cli.group()
def pathway() -> None:
    """The path from an invitation to a settled answer, as code and protocol have it."""


@pathway.command()
@click.option("--protocol", default="us", show_default=True, help="A shipped protocol or a .toml file.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
def draw(protocol: str, file: Path | None) -> None:
    """Draw the path: every thing owed, by whom, by when and on what rule. Writes an SVG to FILE, or to stdout."""
    from closerlook.pathway import picture
    from closerlook.pathway.loops import KINDS
    from closerlook.pathway.protocol import load

    found = picture.draw(load(protocol, zone="UTC", kinds=frozenset(KINDS)))
    if file is None:
        click.echo(found, nl=False)
    else:
        file.write_text(found, encoding="utf-8")
        click.echo(f"{file}: open it in a browser.", err=True)


@pathway.command()
@click.option("--protocol", "names", multiple=True, help="Only this protocol (may be given again); all by default.")
@click.option("--scene", "scenes", multiple=True, help="Only this scene (may be given again).")
@click.option("--workers", default=2, show_default=True, help="Processes that search side by side.")
@as_json
def check(names: tuple[str, ...], scenes: tuple[str, ...], workers: int, as_json: bool) -> None:
    """Search everything that can happen to her, and prove the promises; shows the shortest way where one fails."""
    from closerlook.pathway import checking
    from closerlook.pathway.scenes import SCENES

    if unknown := sorted(set(scenes) - set(SCENES)):
        _stop(f"There is no scene {unknown[0]!r}. Choose from: {', '.join(SCENES)}.")
    tasks = checking.tasks(names, scenes)
    found = []
    with _progress("scenes searched", len(tasks)) as step:
        for one in checking.searched(tasks, workers):
            found.append(one)
            step(1)
    report = checking.report(found)
    if as_json:
        show(report)
    else:
        click.echo(checking.in_words(report))
    if not report["proved"]:
        sys.exit(1)


@cli.command("hand-over")
@click.option("--from", "leaves", required=True, help="The sign-in of who leaves.")
@click.option("--to", "takes", required=True, help="The sign-in of who takes over.")
@click.option("--cover", help="The sign-in of who covers.")
def hand_over(leaves: str, takes: str, cover: str | None) -> None:
    """Give every open round in one person's care to another, one step for each patient."""
    _set_up()
    from closerlook.pathway.deciding import Refused
    from closerlook.pathway.events import Actor, Kind
    from closerlook.people.models import Staff
    from closerlook.record import caseload

    for name in (takes, *([cover] if cover else [])):
        if not Staff.objects.filter(user__username=name).exists():
            _stop(f"Nobody with the sign-in {name!r} works here. Add them: closerlook staff {name}")
    actor = Actor(Kind.STAFF, "command line", ("manager",))
    try:
        stream = caseload.begin(leaves, takes, cover, actor=actor, now=_now())
        done = caseload.go_on(stream, actor, _now())
    except Refused as error:
        _stop(str(error))
    click.echo(f"{done} rounds handed over from {leaves} to {takes}.")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write the whole system into one file."""
    _set_up()
    from closerlook import backup as whole

    try:
        size = whole.backup(file)
    except whole.BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: {size:,} bytes. It holds names and results: keep it where only you can read it.")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(file: Path) -> None:
    """Put a backup into an empty system, then check it."""
    _set_up(check=False)
    from closerlook import backup as whole

    try:
        whole.restore(file)
    except whole.BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo("Restored. Run: closerlook verify")


@cli.group()
def simulate() -> None:
    """Made-up women and what-ifs: try a programme, or a change to a unit, before anyone is affected by it."""


for command in (evidence_commands.chance, evidence_commands.risk_of_women, evidence_commands.due_by_guideline):
    cli.add_command(command)
capacity_commands.register(simulate, set_up=_set_up)
simulate.add_command(calibration)
simulate.add_command(feed)

if __name__ == "__main__":
    main()
