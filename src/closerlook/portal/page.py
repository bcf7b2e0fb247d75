"""Her page as a value: pure, from her state to what she reads, for every state there is.

You are here to see what she is shown. Nothing of a later result is in the value before she gave a code and either
someone told her or she chose to open it: what is not in it cannot slip out of a template.
"""

from datetime import datetime

from django.utils.translation import gettext

from closerlook.letters import results, words
from closerlook.letters.words import Setting
from closerlook.look.words import local_day
from closerlook.pathway.regions import Episode, Patient
from closerlook.people.models import Site
from closerlook.portal import guard
from closerlook.portal.parts import URGENT_FIRST, Contact, Earlier, Page, Part, State
from closerlook.portal.rounds import part_of
from closerlook.portal.view import View

_AT_REST = frozenset({State.NORMAL, State.CHECK_LATER, State.HISTORY, State.NOTHING_YET})
"""Where the next day ahead is the next screening or check; elsewhere its date would only confuse."""


def her_page(patient: Patient, site: Site, zone: str, now: datetime, *, man: bool = False, coded: bool = False) -> Page:
    """Return what her page shows. `coded`: she has given a one-time code in this session."""
    contact = Contact(site.contact_name, site.phone, site.contact_hours)
    if patient.died_on is not None:
        return Page(Part(State.CLOSED, gettext("This page is closed.")), contact, closed=True)
    view = View(Setting(zone, site.phone, local_day(now, zone), man), patient, now, coded)
    rounds = list(patient.episodes.values())
    current = [e for e in rounds if e.settled is None and not e.is_history] or rounds[-1:]
    parts = sorted((part_of(e, view) for e in current), key=lambda part: URGENT_FIRST.index(part.state))
    main, *also = parts or [_nothing_yet()]
    earlier = [found for e in reversed(rounds) if e not in current for found in _earlier(e, view)]
    exams = [exam for part in parts for exam in part.exams] + [past.exam for past in earlier]
    return Page(
        main=main,
        also=tuple(also),
        earlier=tuple(earlier),
        contact=contact,
        dates=tuple(_dates(patient, view)) if all(part.state in _AT_REST for part in parts) else (),
        call_asked=patient.call_requested,
        needs_code=not coded and any(part.state is State.READY for part in parts),
        exams=tuple(exams),
    )


def _nothing_yet() -> Part:
    return Part(
        State.NOTHING_YET,
        gettext("There is nothing here for you to do."),
        lead=(gettext("When you have had pictures taken with us, this page tells you how things stand."),),
    )


def _earlier(episode: Episode, view: View) -> list[Earlier]:
    """Return the results of a round that is over, those alone that are open to her now."""
    return [
        Earlier(words.about(exam, view.setting), tuple(words.result_sentences(exam, episode)), exam.id)
        for exam in episode.exams.values()
        if exam.result is not None
        and not exam.not_hers
        and not exam.history
        and guard.is_open(exam, episode, coded=view.coded)
        and results.said(exam, episode)
    ]


def _dates(patient: Patient, view: View) -> list[str]:
    """Return the days that lie ahead of her: the next check, the next screening."""
    found = []
    checks = sorted(visit.due_on for visit in patient.dated.values())
    if checks and view.coded:  # that a check is due says what the result was
        found.append(gettext("Your next check is due on %(day)s.") % {"day": view.setting.day(checks[0])})
    if patient.next_due is not None:
        due = patient.next_due.due_on
        said = (
            gettext("Your next screening is due on %(day)s.")
            if due >= view.setting.today
            else gettext("Your next screening was due on %(day)s. Ring us to find a day for it.")
        )
        found.append(said % {"day": view.setting.day(due)})
    return found
