"""Being asked back: the first minute after the call, and every turn it can take until the answer.

You are here to change what a woman reads who was asked back. The order is settled by design: more pictures, not a
diagnosis; why; her day and place or how to get one; whether she will know that day; most women; bring someone.
"""

import re
from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from closerlook.letters import results, words
from closerlook.letters.sentences import ASKED_BACK, WHAT_IT_CAN_BE, Means, Which
from closerlook.look.drawing import Mark
from closerlook.look.places import Place
from closerlook.pathway.events import CallBackDecided, Purpose, RoundReason, SettledAs
from closerlook.pathway.matters import asks_for
from closerlook.pathway.regions import Episode, Exam, FindingState, Patient, VisitStage
from closerlook.pathway.regions import Visit as Booking
from closerlook.pathway.terms import SUSPECT, FindingKind, Laterality, Tissue
from closerlook.portal import guard
from closerlook.portal.parts import Part, Section, State, Visit, Way
from closerlook.portal.view import View

VIEWS: tuple[tuple[str, str | Promise], ...] = (
    ("mag", _("Magnified pictures: the same kind of picture, from closer by.")),
    ("spot", _("Pictures with gentle pressure on just that place, which spreads the tissue there.")),
    ("compression", _("Pictures with gentle pressure on just that place, which spreads the tissue there.")),
    ("tomo", _("Pictures in thin layers, so that nothing lies on top of anything else.")),
    ("dbt", _("Pictures in thin layers, so that nothing lies on top of anything else.")),
    ("contrast", _("Pictures with a dye that is given through a vein in the arm.")),
    ("mri", _("An MRI: pictures made with a magnet, lying face down.")),
)


ANGLES = frozenset({"ML", "LM", "CCRL", "CCRM", "RL", "XCCL", "XCCM", "OBL", "TAN", "CV"})


def asked_back(episode: Episode, view: View) -> Part | None:
    """Return what she reads while further pictures or their answer are owed; None where none are."""
    waiting = episode.open_findings()
    if not waiting:
        return None
    state = _state(episode, view)
    examined = state is State.EXAMINED
    asked_by = dict.fromkeys(f.answered_by or f.exam for f in waiting)
    readable = open_exams(episode, view)
    exams = tuple(x for x in asked_by if x in readable)
    return Part(
        state,
        _heading(episode, examined=examined),
        lead=_lead(state, episode),
        why=() if examined or is_repeat(episode) else tuple(words.why(episode)),
        visit=visit(episode, view),
        after_visit=tuple(_after_visit(state, episode, view)),
        reassuring=tuple(_reassuring(state, episode, view)),
        way=_way(examined=examined),
        marks=() if examined else _marks(waiting),
        sections=() if examined else tuple(_sections(episode)),
        exams=exams,
    )


def _heading(episode: Episode, *, examined: bool) -> str:
    if examined:
        return gettext("Your further pictures have been taken.")
    if is_repeat(episode):
        return gettext("Some of your pictures need to be taken again.")
    return str(ASKED_BACK[which(episode.open_findings())])


def which(findings: list[FindingState]) -> Which:
    """Return which breast is meant; one finding without a side leaves it unstated."""
    sides = {f.side for f in findings}
    if None in sides:
        return Which.UNSTATED
    return Which.BOTH if len(sides) > 1 else Which(str(next(iter(sides))))


def _state(episode: Episode, view: View) -> State:
    waiting = episode.open_findings()
    stage = episode.visit
    if stage.stage is VisitStage.CAME:
        return State.CAME
    if stage.stage is VisitStage.BOOKED and stage.starts_at is not None:
        return State.BOOKED if stage.starts_at > view.now else State.VISIT_PAST
    if all(f.examined for f in waiting):
        return State.EXAMINED
    if episode.contact.said_no:
        return State.SAID_NO
    if stage.missed:
        return State.MISSED
    if episode.replan:
        return State.TO_PLAN
    return State.TO_BOOK if any(f.planned for f in waiting) else State.TO_PLAN


def _lead(state: State, episode: Episode) -> tuple[str, ...]:
    if state is State.EXAMINED:
        return (gettext("A doctor is looking at them. As soon as there is an answer, you hear from us."),)
    if results.sample_advised(None, episode):
        return (gettext("They are needed before we can give you a sure answer."),)
    if is_repeat(episode):
        return (gettext("They were not clear enough to read. That says nothing about your breasts."),)
    return (gettext("This is not a diagnosis."),)


def visit(episode: Episode, view: View) -> Visit | None:
    """Return the visit that is still to come, None where there is none."""
    ahead = visits_ahead(episode, view)
    if not ahead:
        return None
    purpose, known = ahead[0]
    return Visit(
        purpose=purpose,
        when=view.moment(known.starts_at or view.now),
        where=known.place or "",
        can_confirm=not known.confirmed_by_her,
        confirmed=known.confirmed_by_her,
    )


def visits_ahead(episode: Episode, view: View, *, needed: bool = True) -> list[tuple[Purpose, Booking]]:
    """Return her visits that are still to come and that her round asks for (or, not `needed`, no longer), in order."""
    found = [
        (purpose, known)
        for purpose, known in episode.visits.items()
        if known.stage is VisitStage.BOOKED
        and known.starts_at is not None
        and known.starts_at > view.now
        and asks_for(episode, purpose, view.patient.around) is needed
    ]
    return sorted(found, key=lambda pair: pair[1].starts_at or view.now)


def open_exams(episode: Episode, view: View) -> tuple[str, ...]:
    """Return the examinations of a round whose results she may read now."""
    return tuple(
        x.id
        for x in episode.exams.values()
        if x.result is not None
        and not x.not_hers
        and (not x.history or episode.history_reviewed)
        and guard.is_open(x, episode, coded=view.coded)
        and results.said(x, episode)
    )


def is_like_others(episode: Episode, patient: Patient) -> bool:
    """Whether what is known of women called back from screening is about her: no more and no less is known of her.

    It is not once tissue is advised, where she told of a change, where hands felt something, after or beside a cancer,
    where a change of the report waits, for pictures made again, or in a round that did not begin with a screening.
    """
    screened = episode.reason is RoundReason.SCREENING
    had_cancer = (
        patient.cancers
        or patient.treating
        or any(e.settled is not None and e.settled.outcome is SettledAs.CANCER for e in patient.episodes.values())
        or any(s.tissue is Tissue.MALIGNANT for e in patient.episodes.values() for s in e.specimens.values())
    )
    unsure = any(x.reading.pending is not None for x in episode.exams.values())
    felt = bool(episode.symptoms) or FindingKind.CLINICAL in results.reasons(episode)
    known = had_cancer or unsure or felt or is_repeat(episode)
    return screened and not known and not results.sample_advised(None, episode)


def is_repeat(episode: Episode) -> bool:
    """Whether pictures are asked for only because earlier ones were not clear enough: that is no finding."""
    waiting = episode.open_findings()
    return bool(waiting) and all(f.kind is FindingKind.TECHNICAL for f in waiting)


def _after_visit(state: State, episode: Episode, view: View) -> Iterator[str]:
    match state:
        case State.TO_PLAN:
            yield gettext("A doctor is choosing which pictures you need. Then we ring you to find a day.")
        case State.TO_BOOK:
            yield gettext("We will ring you to find a day that suits you. You need not wait: ring us.")
        case State.MISSED:
            yield gettext(
                "Your last visit did not work out. That happens. Ring us, or ask us to ring you, for a new day."
            )
        case State.SAID_NO:
            yield said_no()
        case State.VISIT_PAST:
            yield gettext("If you were here, you will hear from us. If you could not come, ring us for a new day.")
        case State.CAME:
            yield gettext("You have been here. As soon as there is an answer, you hear from us.")
        case State.EXAMINED:
            yield from _answer_by(episode, view)
    if state in (State.TO_BOOK, State.BOOKED, State.MISSED) and episode.plan is not None:
        yield when_known(episode.plan)


def said_no() -> str:
    return gettext("You told us: not now. A nurse will ring you and answer what you would like to know.")


def _answer_by(episode: Episode, view: View) -> Iterator[str]:
    days = [x.telling.hear_by_on for x in episode.exams.values() if x.is_workup and x.telling.hear_by_on]
    if days and max(days) >= view.setting.today:
        yield gettext("You should hear from us by %(day)s.") % {"day": view.day(max(days))}
    elif days:
        yield gettext("You should have heard from us by %(day)s. We are sorry: please ring us.") % {
            "day": view.day(max(days))
        }


def when_known(plan: CallBackDecided) -> str:
    if plan.answer_same_day:
        return gettext("You will know the result before you leave.")
    return gettext("You may not know the result the same day. Before you leave, we tell you by when you will.")


def _reassuring(state: State, episode: Episode, view: View) -> Iterator[str]:
    if state is State.EXAMINED:
        return
    if not view.setting.man and is_like_others(episode, view.patient):
        yield gettext("Most women who are asked back do not have cancer.")
    if state is not State.CAME:
        yield gettext("You may bring someone with you.")


def _way(*, examined: bool) -> Way:
    if examined:
        return Way((gettext("Screening"), gettext("More pictures"), gettext("Pictures read"), gettext("Answer")), 2)
    return Way((gettext("Screening"), gettext("Pictures read"), gettext("More pictures"), gettext("Answer")), 2)


# ---------------------------------------------------------------- further down the page


def _sections(episode: Episode) -> Iterator[Section]:
    kinds = results.reasons(episode)
    if not results.sample_advised(None, episode):
        more = tuple(str(WHAT_IT_CAN_BE[kind]) for kind in kinds)
        if more:
            yield Section(gettext("What that can be"), more)
    if is_repeat(episode):
        yield Section(
            gettext("What will be done"), (gettext("The same pictures are taken once more."),), shows=("mammogram",)
        )
    elif episode.plan is not None:
        yield Section(gettext("What will be done"), tuple(_pictures(episode.plan)), shows=_shows(episode.plan))
    yield Section(
        gettext("On the day"),
        (
            gettext("Wear something in two parts: you will undress above the waist."),
            gettext("Please use no deodorant, powder or cream that day: they can show in the pictures."),
            gettext("If older pictures were taken somewhere else, tell us where. They help the doctor compare."),
        ),
    )
    priors = [x for x in episode.exams.values() if Means.OLDER_PICTURES in _says(x, episode)]
    if priors:
        yield Section(
            gettext("Your older pictures"),
            (gettext("We are asking for them too, to compare. You can go on meanwhile."),),
        )


def _says(exam: Exam, episode: Episode) -> set[Means]:
    return {what for what, _which in results.said(exam, episode)}


def _pictures(plan: CallBackDecided) -> Iterator[str]:
    """Yield what the plan holds in words; a view that has no plain word yet is "some more pictures"."""
    known = [str(said) for view in plan.views for word, said in VIEWS if word in view.lower()]
    if any(view in ANGLES for view in plan.views):
        known.append(gettext("A picture from another angle."))
    if plan.views or not plan.ultrasound:
        yield from dict.fromkeys(known) if known else [gettext("Some more mammogram pictures, from other angles.")]
    if plan.ultrasound:
        yield gettext("An ultrasound: a small handset glides over the skin, with gel. It does not use X-rays.")
    if FindingKind.CLINICAL in plan.reasons:
        yield gettext("A doctor or nurse may also feel the place with their hands.")


def _shows(plan: CallBackDecided) -> tuple[str, ...]:
    said = " ".join(plan.views).lower()
    found = ["mri"] if "mri" in said else []
    if not plan.ultrasound or any("mri" not in view.lower() for view in plan.views):
        found.insert(0, "mammogram")
    return (*found, "ultrasound") if plan.ultrasound else tuple(found)


def marks(exam: Exam, episode: Episode) -> tuple[Mark, ...]:
    """Return where the findings of an examination lie, for the drawing."""
    mine = [f for f in episode.findings.values() if exam.id in (f.exam, f.answered_by)]
    stated = [s.side for s in exam.result.sides if s.assessment in SUSPECT] if exam.result else []
    return _marks(mine) or tuple(Mark(side) for side in stated if side is not None)


def _marks(findings: list[FindingState]) -> tuple[Mark, ...]:
    return tuple(dict.fromkeys(_mark(f.side, f.place or "") for f in findings if f.side is not None))


_CLOCK = re.compile(r"\b(1[0-2]|0?[1-9])(?:[:.]\d\d)?\s*(?:o.?clock|h\b)", re.IGNORECASE)
_PLACES: tuple[tuple[re.Pattern[str], Place], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), place)
    for pattern, place in (
        (r"axillary tail", Place.AXILLARY_TAIL),
        (r"retroareolar|subareolar|central", Place.CENTRAL),
        (r"upper[\s_-]+outer|\bUOQ\b", Place.UPPER_OUTER),
        (r"upper[\s_-]+inner|\bUIQ\b", Place.UPPER_INNER),
        (r"lower[\s_-]+outer|\bLOQ\b", Place.LOWER_OUTER),
        (r"lower[\s_-]+inner|\bLIQ\b", Place.LOWER_INNER),
        (r"\bupper\b|superior", Place.UPPER),
        (r"\blower\b|inferior", Place.LOWER),
        (r"\bouter\b|lateral", Place.OUTER),
        (r"\binner\b|medial", Place.INNER),
    )
)


def _mark(side: Laterality, said: str) -> Mark:
    """Return the mark for a place in the reader's words; what is not understood rings the whole breast."""
    clock = _CLOCK.search(said)
    if clock:
        return Mark(side, clock=int(clock[1]))
    return Mark(side, place=next((place for pattern, place in _PLACES if pattern.search(said)), Place.WHOLE))
