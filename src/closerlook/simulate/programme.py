"""A unit of the United States and one of the NHS programme, and a run of either.

You are here to run a simulated programme: `programme` builds one on a doorway, `run` it plays. The staff are those of
the demonstration, so that whoever signs in finds work of their own.
"""

from collections.abc import Callable
from datetime import date, datetime

from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Kind, Purpose
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.terms import Role
from closerlook.simulate import at_work, herself, reaching, reading
from closerlook.simulate.doorways import Doorway
from closerlook.simulate.engine import Case, Engine, Unit
from closerlook.simulate.feeds import TRUSTED
from closerlook.simulate.opinions import Reader, all_readers
from closerlook.simulate.parameters import load
from closerlook.simulate.roster import Clinic, Worker
from closerlook.simulate.sending import Sent, step_of

STAFF = (
    Worker("desk", "Dana Whitfield", ("front_desk",)),
    Worker("desk2", "Dev Prakash", ("front_desk",)),
    Worker("technologist", "Tom Baker", ("technologist",)),
    Worker("radiologist", "Eva Lindqvist", ("radiologist", "clinician")),
    Worker("radiologist2", "Kofi Mensah", ("radiologist", "clinician"), (0, 1, 3)),
    Worker("radiologist3", "Ines Duarte", ("radiologist", "clinician"), (2, 4)),
    Worker("navigator", "Ana Ruiz", ("navigator",)),
    Worker("navigator2", "Noor Aziz", ("navigator",), (1, 3)),
    Worker("nurse", "Ruth Osei", ("nurse", "clinician")),
    Worker("pathology", "Paula Berg", ("pathology_coordinator",)),
    Worker("manager", "Max Ferrara", ("lead", "manager")),
)
"""Who works in the made-up unit."""


def unit(
    protocol: Protocol,
    *,
    country: str,
    women: int,
    years: float,
    place: str,
    senders: tuple[str, ...] = TRUSTED,
    live_from: date | None = None,
    pages_from: datetime | None = None,
) -> Unit:
    """Return a unit that is large enough for so many women in so many years."""
    a_day = max(women / max(years, 0.1) / 230, 1.0)  # examinations a working day, returning women among them
    called = max(round(a_day * 0.12 * 5 / 3) + 2, 3)  # places on each of three days for further pictures
    clinics = (
        Clinic(Purpose.SCREENING, place, (0, 1, 2, 3, 4), 8, max(round(a_day * 3), 12), 5),
        Clinic(Purpose.PICTURES, place, (1, 3, 4), 9, called, 40 if called <= 12 else 5),
        Clinic(Purpose.BIOPSY, place, (0, 2, 4), 9, max(round(called * 0.3), 3), 60 if called <= 24 else 5),
        Clinic(Purpose.RESULTS, place, (0, 4), 13, max(called, 4), 30 if called <= 8 else 5),
    )
    names = [w.username for w in STAFF if "radiologist" in w.roles]
    spread = all_readers(len(names), load(country))
    # Who is there most days reads most: the one in the middle, so that the unit reads as the published mean does.
    made = sorted(spread, key=lambda reader: abs(reader.recall_log_odds))
    return Unit(
        protocol=protocol,
        parameters=load(country),
        workers=STAFF,
        readers=dict(zip(names, made, strict=True)),
        clinics=clinics,
        senders=senders,
        live_from=live_from,
        pages_from=pages_from,
    )


def at_once(e: Engine, case: Case, sent: Sent) -> None:
    """Take what is sent as a step, as soon as it is sent."""
    e.take(case, _step(e, case, sent), Actor(Kind.FEED, sent.sender))


def _step(e: Engine, case: Case, sent: Sent) -> st.Step:
    live_from = e.unit.live_from
    history = live_from is not None and e.protocol.calendar.on(sent.performed_at) < live_from
    return step_of(sent, e.look(case), e.unit.site, history=history)


def signed_here(e: Engine, case: Case, sent: Sent) -> None:
    """Let staff enter it instead: who makes the pictures, and who reads them. No feed is said to have brought it."""
    who = e.roster.anyone(Role.TECHNOLOGIST)
    if sent.reported_at is not None:
        who = next((w for w in e.unit.workers if w.username == sent.reader), e.roster.anyone(Role.RADIOLOGIST))
    e.take(case, _step(e, case, sent), who.actor)


def programme(
    unit: Unit,
    doorway: Doorway,
    *,
    seed: int,
    women: int,
    first: date,
    last: datetime,
    deliver: Callable[[Engine, Case, Sent], None] = at_once,
    numbers_from: int = 0,
) -> Engine:
    """Return a run of a programme from the morning of `first` to the moment `last`; play it with its `run`."""
    return Engine(
        unit,
        doorway,
        ways=at_work.WAYS,
        begins=herself.begins,
        arrivals=at_work.ARRIVALS,
        rings=reaching.she_rings,
        reads_history=reading.reads_history,
        seed=seed,
        women=women,
        first=first,
        last=last,
        deliver=deliver,
        numbers_from=numbers_from,
    )


__all__ = ["STAFF", "Reader", "programme", "unit"]
