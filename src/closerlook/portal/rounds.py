"""One round of hers in words: which state it is in, and what the page says in that state.

You are here to change what she reads in a state. The order of `_CHOICES` decides where several hold at once; the words
of an asking back stand in `call_back`, those of a result in `letters.words`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from closerlook.letters import results, words
from closerlook.letters.sentences import ASKED_BACK, CALM, SAMPLES, Means
from closerlook.look.words import isolated
from closerlook.pathway.events import PauseReason, Purpose
from closerlook.pathway.regions import Episode, Exam
from closerlook.pathway.terms import Density
from closerlook.portal import call_back, guard, invited, tissue
from closerlook.portal.parts import Part, Section, State, Way
from closerlook.portal.view import View


def part_of(episode: Episode, view: View) -> Part:
    """Return what the page says of one round."""
    for choose in _CHOICES:
        part = choose(episode, view)
        if part is not None:
            break
    else:
        lead = (gettext("If you would like to ask something, ring us."),)
        part = Part(State.NOTHING_YET, gettext("There is nothing here for you to do."), lead=lead)
    part = replace(part, episode=episode.id, corrects=_corrects(episode, part))
    return _with_no(_with_symptom(_with_care_elsewhere(_with_visits(part, episode, view), episode), episode), episode)


def _with_no(part: Part, episode: Episode) -> Part:
    """She said: not now. Wherever her page stands, it says that somebody rings her about it."""
    if not episode.contact.said_no or part.state in (State.SAID_NO, State.PAUSED) or episode.settled is not None:
        return part
    visit = part.visit and replace(part.visit, can_confirm=False, confirmed=False)
    return replace(part, visit=visit, after_visit=(call_back.said_no(), *part.after_visit))


# ---------------------------------------------------------------- what comes before any result


def _taken_back(episode: Episode, view: View) -> Part | None:
    """A report that was another person's leaves her page at once; what was hers of it does not come back here."""
    wrong = [x for x in _live(episode) if x.telling.change and (x.not_hers or x.result is None)]
    if not wrong:
        return None
    lead = [gettext("It was not about you. We have taken it back, and we are sorry.")]
    if any(not x.not_hers for x in wrong):
        lead.append(gettext("A doctor will read your own pictures, and you will hear from us again."))
    lead.append(gettext("Someone from our clinic will ring you and explain. You need not wait for that: ring us."))
    return Part(
        State.TAKEN_BACK, gettext("What we told you before was wrong."), lead=tuple(lead),
        visit=call_back.visit(episode, view),
    )  # fmt: skip


def _ready(episode: Episode, view: View) -> Part | None:
    """A result that waits to be opened: the same words whatever it says."""
    closed = [
        x for x in _told_of(episode)
        if guard.needs_code(x, episode) and not guard.is_open(x, episode, coded=view.coded)
        and not guard.speak_first(x, episode)
    ]  # fmt: skip
    if not closed:
        return None
    visit = call_back.visit(episode, view)
    if not view.coded:
        return _for_her_alone(episode, view)
    lead = (
        gettext("You can open it here now. Or someone from our clinic can tell you, and answer what you ask."),
        gettext("Either way is fine. You may want to have someone with you."),
    )
    heading = gettext("How would you like to hear your result?")
    return Part(State.READY, heading, lead=lead, visit=visit, opens=closed[-1].id)


def _wished(episode: Episode, view: View) -> Part | None:
    """She asked that a person tells her first; her own wish alone holds a result back."""
    if not any(guard.is_wished_first(x, view.patient, view.setting.today) for x in _told_of(episode)):
        return None
    lead = (
        gettext("You asked us to tell you ourselves before this page shows it. A doctor or nurse will ring you."),
        gettext("You need not wait for that: please ring us. You can change your wish at any time."),
    )
    heading = gettext("We would like to talk with you about your pictures.")
    return Part(State.TALK_FIRST, heading, lead=lead, visit=call_back.visit(episode, view))


def _talk_about_tissue(episode: Episode, view: View) -> Part | None:
    if not tissue.talk_first(episode):
        return None
    heading = gettext("We would like to talk with you about your tissue sample.")
    if not view.coded:
        return _talk_with_us()
    lead = (gettext("A doctor or nurse will ring you. You need not wait for that: please ring us."),)
    return Part(State.TALK_FIRST, heading, lead=lead, visit=call_back.visit(episode, view))


def _tissue(episode: Episode, view: View) -> Part | None:
    """What comes after a sample stands behind the code, whatever it is."""
    part = tissue.after_sample(episode, view)
    return part if part is None or view.coded else _for_her_alone(episode, view)


def _for_her_alone(episode: Episode, view: View) -> Part:
    lead = (gettext("It is for you alone, so we ask for a code before it opens."),)
    heading = gettext("A result of yours is ready.")
    return Part(State.READY, heading, lead=lead, visit=call_back.visit(episode, view))


def _talk_first(episode: Episode, _view: View) -> Part | None:
    if not any(guard.speak_first(x, episode) for x in _told_of(episode)):
        return None
    return _talk_with_us()


def _talk_with_us() -> Part:
    lead = (gettext("A doctor or nurse will ring you. You need not wait for that: please ring us."),)
    return Part(State.TALK_FIRST, gettext("We would like to talk with you about your pictures."), lead=lead)


def _history(episode: Episode, view: View) -> Part | None:
    if not episode.is_history:
        return None
    lead = tuple(words.about(x, view.setting) + "." for x in episode.exams.values())
    more = gettext("These pictures are from before this page began. For their result, ring us or ask your doctor.")
    return Part(State.HISTORY, gettext("We know of earlier pictures of yours."), lead=(*lead, more))


# ---------------------------------------------------------------- results that are open to her


def _sample(episode: Episode, view: View) -> Part | None:
    if not tissue.is_sample_advised(episode):
        return None
    exams = [x for x in _told_of(episode) if _says(x, episode) & SAMPLES] or [
        x for x in _told_of(episode) if results.further_advice(x, episode) is not None
    ]
    if not exams:  # advised, but by nothing that can be shown: a reading behind it was taken back
        return _talk_with_us()
    exam = exams[-1]
    heading, *rest = words.result_sentences(exam, episode)
    again = tissue.is_again(episode)
    if again:
        heading, rest = tissue.again_words(episode)
    others = [f for f in episode.open_findings() if not f.examined]
    if others and Means.MORE_PICTURES not in _says(exam, episode):
        rest.append(str(ASKED_BACK[call_back.which(others)]))
    beside = () if again else tuple(tissue.sections(episode, view))
    return Part(
        State.SAMPLE_AGAIN if again else State.SAMPLE,
        heading,
        lead=(*rest, _planned_with_you()) if again else (*_sample_lead(exam, episode, view), *rest),
        visit=call_back.visit(episode, view),
        after_visit=tuple(_new_day(episode, view)),
        way=_sample_way(episode),
        marks=call_back.marks(exam, episode),
        sections=(*beside, *_about_samples()),
        exams=tuple(x.id for x in exams),
    )


def _sample_way(episode: Episode) -> Way:
    done = [_first_step(episode)]
    if len(_told_of(episode)) > 1 and any(x.is_workup for x in _told_of(episode)):
        done.append(gettext("More pictures"))
    return Way((*done, gettext("Tissue sample"), gettext("Answer")), len(done))


def _sample_lead(exam: Exam, episode: Episode, view: View) -> tuple[str, ...]:
    says = _says(exam, episode)
    if not says & SAMPLES:  # nothing was seen, and still a sample is advised
        return tuple(words.next_steps(exam, episode, view.setting))
    telling = exam.telling
    return tuple(
        words.sample_next(
            soon=Means.SAMPLE_SOON in says, told=telling.told, setting=view.setting,
            rung_soon=telling.seen and not telling.told,
        )
    )  # fmt: skip


def _new_day(episode: Episode, view: View) -> Iterator[str]:
    known = episode.visits.get(Purpose.BIOPSY)
    if known is not None and known.missed and call_back.visit(episode, view) is None:
        yield gettext("Your last visit did not work out. That happens. Ring us, or ask us to ring you, for a new day.")


def _planned_with_you() -> str:
    return gettext("A doctor or nurse plans it with you. You need not wait for our call: ring us.")


def _about_samples() -> Iterator[Section]:
    yield Section(
        gettext("About the sample"),
        (
            gettext("It is planned with you: the day, who takes it, and how you want to hear the answer."),
            gettext("Tell us if you take medicine that thins the blood, or if something has made you unwell before."),
            gettext("You may bring someone with you, to the sample and to the talk about it."),
        ),
        shows=("sample",),
    )


def _paused(episode: Episode, _view: View) -> Part | None:
    if episode.paused is None:
        return None
    open_rounds = [x for x in _told_of(episode) if not _says(x, episode) <= CALM]
    advised = tuple(words.result_sentences(open_rounds[-1], episode)) if open_rounds else ()
    match episode.paused.reason:
        case PauseReason.DECLINED:
            heading = gettext("You decided not to go on for now.")
            lead = [gettext("That is your choice. You can change your mind on any day, and nobody will ask why.")]
        case PauseReason.MOVED_AWAY:
            heading = gettext("You told us that you have moved away.")
            lead = [gettext("If your new clinic needs your pictures, we send them. If you are back, tell us.")]
        case PauseReason.LOST:
            heading = gettext("We are glad that you are here.")
            lead = [gettext("We have been trying to reach you about your pictures. Ring us, or ask us to ring you.")]
    if episode.refusals:
        lead.append(gettext("We write to you, so that you have your choice on paper."))
    return Part(
        State.PAUSED,
        heading,
        lead=tuple(lead),
        sections=(Section(gettext("Your result so far"), advised),) if advised else (),
        can_change_mind=True,
        exams=tuple(x.id for x in open_rounds[-1:]),
    )


def _elsewhere(episode: Episode, view: View) -> Part | None:
    """Another unit has her: we ask what they find, and she is asked for nothing."""
    if not episode.elsewhere.acknowledged or episode.settled is not None:
        return None
    lead = (
        gettext("We ask them what they find, so that your answer does not get lost on the way."),
        gettext("If you would rather come back to us, or have not heard from them, ring us."),
    )
    heading = gettext("Your care goes on at another clinic.")
    name = gettext("They have told us that they look after you: %(where)s.") % {
        "where": isolated(episode.elsewhere.asked or "")
    }
    return Part(State.ELSEWHERE, heading, lead=(name, *lead), exams=call_back.open_exams(episode, view))


def _incomplete(episode: Episode, view: View) -> Part | None:
    """Some pictures are missing; what could be taken is read meanwhile."""
    if not any(x.incomplete is not None for x in _live(episode) if not x.not_hers):
        return None
    visit = call_back.visit(episode, view)
    known = [x for x in _told_of(episode) if guard.is_open(x, episode, coded=view.coded)]
    so_far = tuple(words.result_sentences(known[-1], episode)) if known else ()
    unread = any(x.result is None for x in _live(episode) if not x.not_hers)
    return Part(
        State.INCOMPLETE,
        gettext("Not all of your pictures could be taken."),
        lead=(gettext("Some are missing. That says nothing about your breasts."),),
        visit=visit,
        after_visit=(
            *([] if visit else [gettext("Ring us to choose a day for the rest, or ask us to ring you.")]),
            *([gettext("The pictures we have are being read meanwhile.")] if unread else []),
        ),
        sections=(Section(gettext("Your result so far"), so_far),) if so_far else (),
        exams=tuple(x.id for x in known[-1:]) if so_far else (),
    )


def _older_pictures(episode: Episode, view: View) -> Part | None:
    exams = [x for x in _told_of(episode) if Means.OLDER_PICTURES in _says(x, episode)]
    if not exams:
        return None
    exam = exams[-1]
    _heading, *rest = words.result_sentences(exam, episode)
    return Part(
        State.OLDER_PICTURES,
        gettext("We are waiting for your older pictures."),
        lead=(*_no_result_yet(episode), *rest),
        after_visit=tuple(words.next_steps(exam, episode, view.setting)),
        way=Way((_first_step(episode), gettext("Older pictures"), gettext("Answer")), 1),
        exams=(exam.id,),
    )


def _no_result_yet(episode: Episode) -> tuple[str, ...]:
    if results.sample_advised(None, episode):
        return ()
    return (gettext("You do not have a result yet. This is not a diagnosis."),)


def _waiting(episode: Episode, view: View) -> Part | None:
    unread = [x for x in _live(episode) if x.result is None and not x.not_hers]
    if not unread:
        return None
    steps = (gettext("Pictures taken"), gettext("Pictures read"), gettext("Your result"))
    held = any(x.reading.held is not None for x in unread)
    reading = (
        gettext(
            "Before the doctor reads them, something is still missing: older pictures, for example. We look for it."
        )
        if held
        else gettext("A doctor is reading your pictures.")
    )
    lead = (words.about(unread[-1], view.setting) + ".", reading)
    heading = gettext("Your pictures have been taken.")
    return Part(
        State.HELD if held else State.WAITING,
        heading,
        lead=lead,
        after_visit=tuple(hear_by(unread[-1], view)),
        way=Way(steps, 1),
    )


def hear_by(exam: Exam, view: View) -> Iterator[str]:
    """Yield by when she hears; once that day is over, that it is for us to explain."""
    day = exam.telling.hear_by_on
    if day is None:
        return
    if day >= view.setting.today:
        yield gettext("You should hear from us by %(day)s.") % {"day": view.day(day)}
        yield gettext("If you have not heard by then, ring us.")
    else:
        yield gettext("You should have heard from us by %(day)s. We are sorry.") % {"day": view.day(day)}
        yield gettext("Please ring us. We will tell you why it takes longer, and by when you will know.")


def _settled_words(episode: Episode, view: View) -> Part | None:
    """Known from a biopsy, a marker, a later check, further advice, or calm: the result's own words."""
    exams = [x for x in _told_of(episode) if _says(x, episode)]
    if not exams:
        return None
    exam = exams[-1]
    says = _says(exam, episode)
    heading, *rest = words.result_sentences(exam, episode)
    state = _state_of(exam, episode, says)
    sections = [_density(exam.result.density)] if exam.result and exam.result.density else []
    return Part(
        state,
        heading,
        lead=(words.about(exam, view.setting) + ".", *rest),
        after_visit=(
            *words.next_steps(exam, episode, view.setting),
            *words.take_care(exam, episode),
            *_doctor_knows(exam),
        ),
        way=_settled_way(episode),
        sections=tuple(sections),
        exams=(exam.id,),
    )


def _density(density: Density) -> Section:
    translated = words.density_translated(density)
    said = gettext("The words above are set by law and stay in English. In your language they say:")
    return Section(
        gettext("Your breast density"),
        (said, translated) if translated else (),
        verbatim=(words.density_statement(density) or "",),
    )


def _state_of(exam: Exam, episode: Episode, says: set[Means]) -> State:
    if says & {Means.KNOWN, Means.MARKER}:
        return State.KNOWN
    if Means.CHECK_LATER in says:
        return State.CHECK_LATER
    return State.ADVISED if results.further_advice(exam, episode) is not None else State.NORMAL


def _settled_way(episode: Episode) -> Way | None:
    if episode.settled is None:
        return None
    more = (gettext("More pictures"),) if any(x.is_workup for x in _live(episode)) and episode.findings else ()
    steps = (_first_step(episode), *more, gettext("Answer"))
    return Way(steps, len(steps))


def _doctor_knows(exam: Exam) -> Iterator[str]:
    if exam.telling.provider_told and exam.provider is not None:
        yield gettext("Your doctor has the report.")


def _symptom_alone(episode: Episode, _view: View) -> Part | None:
    if not any(not symptom.answered for symptom in episode.symptoms.values()):
        return None
    lead = (
        gettext("A doctor will look at it and tell you."),
        gettext("If it changes or grows while you wait, ring us. Do not wait for our call."),
    )
    return Part(State.SYMPTOM, gettext("You told us about something you had noticed."), lead=lead)


def _asked_back(episode: Episode, view: View) -> Part | None:
    part = call_back.asked_back(episode, view)
    if part is None or not view.coded:
        return part
    return replace(part, sections=(*tissue.sections(episode, view), *part.sections))


_CHOICES: tuple[Callable[[Episode, View], Part | None], ...] = (
    invited.before,
    _history,
    _taken_back,
    _talk_first,
    _wished,
    _talk_about_tissue,
    _ready,
    _paused,
    _elsewhere,
    _tissue,
    _sample,
    _asked_back,
    _incomplete,
    _older_pictures,
    _waiting,
    _settled_words,
    _symptom_alone,
)


# ---------------------------------------------------------------- around them


def _live(episode: Episode) -> list[Exam]:
    return [x for x in episode.exams.values() if not x.history or episode.history_reviewed]


def _told_of(episode: Episode) -> list[Exam]:
    return [x for x in _live(episode) if x.result is not None and not x.not_hers]


def _says(exam: Exam, episode: Episode) -> set[Means]:
    return {what for what, _which in results.said(exam, episode)}


def _first_step(episode: Episode) -> str:
    screened = any(not x.is_workup for x in _live(episode))
    return gettext("Screening") if screened else gettext("Pictures taken")


def _corrects(episode: Episode, part: Part) -> tuple[str, ...]:
    """Say that what she knew was wrong, wherever a changed result stands on the page in its right form."""
    if any(x.telling.change for x in _told_of(episode) if x.id in part.exams):
        return (
            gettext("What we told you before was wrong. The earlier letter was wrong, and we are sorry."),
            gettext("This is right. Someone from our clinic will ring you about it."),
        )
    return ()


_WHAT_FOR: dict[tuple[State, Purpose], str | Promise] = {
    (State.SAMPLE, Purpose.BIOPSY): _("On that day the sample is taken."),
    (State.SAMPLE_AGAIN, Purpose.BIOPSY): _("On that day the sample is taken."),
    (State.TISSUE_WAITING, Purpose.RESULTS): _("On that day we talk with you about what the sample shows."),
}
"""What a visit is for, where its purpose tells nothing that the page does not say already."""


def _with_visits(part: Part, episode: Episode, view: View) -> Part:
    """Name the visits beside the one that is shown, and those that nothing asks for any more."""
    if part.state in (State.HISTORY, State.CLOSED):
        return part
    shown = part.visit.purpose if part.visit is not None else None
    more = [
        gettext("You also have a visit on %(when)s, %(where)s.")
        % {"when": view.moment(known.starts_at), "where": isolated(known.place or "")}
        for purpose, known in call_back.visits_ahead(episode, view)
        if purpose is not shown and known.starts_at is not None
    ]
    gone = [
        gettext("You do not need to come to your visit on %(when)s. We cancel it for you.")
        % {"when": view.moment(known.starts_at)}
        for _purpose, known in call_back.visits_ahead(episode, view, needed=False)
        if known.starts_at is not None
    ]
    what_for = [str(_WHAT_FOR[part.state, shown])] if shown and (part.state, shown) in _WHAT_FOR else []
    return replace(part, after_visit=(*gone, *what_for, *more, *part.after_visit))


def _with_care_elsewhere(part: Part, episode: Episode) -> Part:
    """Say where else something was asked or claimed, as long as that is open."""
    there, said = episode.elsewhere, []
    if episode.settled is not None or part.state is State.ELSEWHERE:
        return part
    if there.asked is not None and not there.acknowledged:
        said.append(gettext("We have asked %(where)s to go on with your care.") % {"where": isolated(there.asked)})
        said.append(gettext("Until they say yes, we look after you here."))
    if there.claimed is not None:
        said.append(gettext("We heard that you were seen at %(where)s.") % {"where": isolated(there.claimed)})
        said.append(gettext("We are asking them for the result. A doctor here will look at it and tell you."))
    if not said:
        return part
    return replace(part, sections=(Section(gettext("At another clinic"), tuple(said)), *part.sections))


def _with_symptom(part: Part, episode: Episode) -> Part:
    unanswered = any(not symptom.answered for symptom in episode.symptoms.values())
    in_words = part.state in (State.SYMPTOM, State.NORMAL, State.ADVISED, State.KNOWN, State.CHECK_LATER)
    if not unanswered or in_words or part.state is State.OLDER_PICTURES:
        return part
    told = Section(
        gettext("What you told us about"),
        (gettext("These pictures alone do not answer it. A doctor will look at it and tell you."),),
    )
    return replace(part, sections=(*part.sections, told))
