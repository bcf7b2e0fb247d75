"""Her page as a value: pure, from her state to what she reads, for every state there is.

You are here to see what she is shown. Nothing of a later result is in the value before she gave a code and either
someone told her or she chose to open it: what is not in it cannot slip out of a template.
"""

from datetime import datetime

from django.utils.translation import gettext

from closerlook.letters import results, words
from closerlook.letters.sentences import SAMPLES
from closerlook.letters.words import Setting
from closerlook.look.words import local_day, ltr
from closerlook.pathway.regions import Episode, Exam, Patient
from closerlook.people.models import Site
from closerlook.portal import guard, invited, tissue
from closerlook.portal.parts import URGENT_FIRST, Contact, Earlier, Page, Part, State
from closerlook.portal.rounds import part_of
from closerlook.portal.view import Dues, View

_AT_REST = frozenset(
    {
        State.NORMAL, State.CHECK_LATER, State.HISTORY, State.NOTHING_YET, State.TISSUE_ANSWERED, State.NO_SAMPLE,
        State.NOT_SCREENED, State.PUT_OFF, State.NOT_INVITED, State.IN_CARE,
    }
)  # fmt: skip
"""Where the next day ahead is the next screening or check; elsewhere its date would only confuse."""


def her_page(
    patient: Patient,
    site: Site,
    zone: str,
    now: datetime,
    *,
    man: bool = False,
    coded: bool = False,
    dues: Dues | None = None,
    why_due: tuple[str, ...] = (),
) -> Page:
    """Return what her page shows. `coded`: she has given a one-time code in this session; `dues`: what is due when;
    `why_due`: why her next screening is due when it is.
    """
    contact = Contact(site.contact_name, site.phone, site.contact_hours)
    if patient.died_on is not None:
        return Page(Part(State.CLOSED, gettext("This page is closed.")), contact, closed=True)
    if patient.merged_into is not None and all(e.settled is not None for e in patient.episodes.values()):
        return Page(_moved(), contact)
    view = View(Setting(zone, ltr(site.phone), local_day(now, zone), man), patient, now, coded, dues or {})
    rounds = list(patient.episodes.values())
    current = [e for e in rounds if e.settled is None and not e.is_history] or rounds[-1:]
    if _treated_elsewhere(patient) and all(e.settled is not None for e in current):
        current, parts = [], [invited.in_care(view)]
    else:
        parts = sorted((part_of(e, view) for e in current), key=lambda part: URGENT_FIRST.index(part.state))
    main, *also = parts or [_nothing_yet()]
    earlier = [found for e in reversed(rounds) if e not in current for found in _earlier(e, view)]
    exams = [exam for part in parts for exam in part.exams] + [past.exam for past in earlier]
    return Page(
        main=main,
        also=tuple(also),
        earlier=tuple(earlier),
        contact=contact,
        dates=tuple(_dates(patient, view, parts, why_due)) if all(part.state in _AT_REST for part in parts) else (),
        call_asked=patient.call_requested,
        needs_code=not coded and any(part.state is State.READY for part in parts),
        exams=tuple(exams),
    )


def _moved() -> Part:
    lead = gettext("We had two records of you, and have made one of them. Ring us: we send you the link to it.")
    return Part(State.MOVED, gettext("This page has moved."), lead=(lead,))


def _treated_elsewhere(patient: Patient) -> bool:
    """Whether a cancer found outside screening is being treated: no word about her next screening then."""
    return any(not cancer.care_ended for cancer in patient.cancers.values())


def _nothing_yet() -> Part:
    return Part(
        State.NOTHING_YET,
        gettext("There is nothing here for you to do."),
        lead=(gettext("When you have had pictures taken with us, this page tells you how things stand."),),
    )


def _earlier(episode: Episode, view: View) -> list[Earlier]:
    """Return the results of a round that is over, those alone that are open to her now."""
    return [
        Earlier(
            words.about(exam, view.setting),
            (
                *words.result_sentences(exam, episode),
                *(tissue.showed(episode) if _wanted_tissue(exam, episode) else ()),
            ),
            exam.id,
        )
        for exam in episode.exams.values()
        if exam.result is not None
        and not exam.not_hers
        and not exam.history
        and guard.is_open(exam, episode, coded=view.coded)
        and results.said(exam, episode)
    ]


def _wanted_tissue(exam: Exam, episode: Episode) -> bool:
    return any(what in SAMPLES for what, _which in results.said(exam, episode))


def _dates(patient: Patient, view: View, parts: list[Part], why_due: tuple[str, ...]) -> list[str]:
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
        found += why_due
    elif patient.invitations_ended is not None and all(part.state is not State.NOT_INVITED for part in parts):
        found.append(str(invited.NO_INVITATIONS[patient.invitations_ended]))
    return found
