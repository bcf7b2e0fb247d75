"""What is said to her on the telephone, in her language: a frame for the call around the words of her page and letters.

You are here to change what a caller says. Nothing before `told` names the clinic, a result or a reason: it is said
before anyone knows who listens, or to a machine that others hear.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext

from closerlook.letters import results, words
from closerlook.letters.documents import setting_of
from closerlook.letters.sentences import SAMPLES, Means
from closerlook.look.words import isolated, ltr
from closerlook.pathway.loops import Loop
from closerlook.pathway.regions import Episode, Exam
from closerlook.pathway.regions import Patient as State
from closerlook.people import languages
from closerlook.people.models import Patient, Site
from closerlook.portal import call_back
from closerlook.portal.parts import Section
from closerlook.portal.view import View

RESULTS = frozenset({"tell_result", "tell_change", "ring_after_seen"})
"""Kinds of call whose subject is an examination that has a result."""


@dataclass(frozen=True)
class Script:
    """One call in words. `told` is for her alone, once she has said who she is; `asks`: more, where she asks for it."""

    tag: str
    direction: str
    drafted: bool
    greeting: tuple[str, ...]
    identity: tuple[str, ...]
    told: tuple[str, ...]
    asks: tuple[Section, ...]
    ending: tuple[str, ...]
    another: tuple[str, ...]
    voicemail: tuple[str, ...]


def script(
    state: State, row: Patient, site: Site, loops: Sequence[Loop], *, caller: str, now: datetime, may_tell: bool
) -> Script:
    """Return what to say to her about all that `loops` are about. `may_tell`: the caller may tell her each result."""
    tag = languages.to_write_in(row.language)
    with translation.override(tag):
        view = View(setting_of(site, row, now), state, now, coded=True)
        names = {"caller": isolated(caller), "person": isolated(row.name), "phone": ltr(_whole(site.phone))}
        told = tuple(dict.fromkeys(_told(state, loops, view))) if may_tell else ()
        return Script(
            tag=tag,
            direction=languages.direction_of(tag),
            drafted=languages.is_drafted(tag),
            greeting=(gettext("Hello. My name is %(caller)s. May I speak with %(person)s?") % names,),
            identity=(
                gettext("Before I go on, I want to be sure that I speak with the right person."),
                gettext("Please tell me your full name and your date of birth."),
            ),
            told=(gettext("Thank you. I am calling from %(clinic)s.") % {"clinic": isolated(site.name)}, *told),
            asks=tuple(_asks(state, loops, view)) if may_tell else (),
            ending=(
                *([gettext("Shall we find a day now?")] if any(x.kind == "book_call_back" for x in loops) else []),
                gettext("What would you like to ask? Later you can ring us on %(phone)s.") % names,
            ),
            another=(gettext("I would like to speak with %(person)s in person. When is a good time to ring?") % names,),
            voicemail=(
                gettext("Hello. This is %(caller)s, with a message for %(person)s.") % names,
                gettext("Please ring me back on %(phone)s. Thank you.") % names,
            ),
        )


def _whole(number: str) -> str:
    """Return a number that no line breaks apart: it is read aloud."""
    return number.replace(" ", "\u00a0").replace("-", "\u2011")


def _told(state: State, loops: Sequence[Loop], view: View) -> Iterator[str]:
    kinds = {x.kind for x in loops}
    if "call_her" in kinds:
        yield gettext("You asked us to ring you.")
    if "nurse_call" in kinds:
        yield gettext("You told us: not now. I would like to hear what you think, and to answer what you want to know.")
    for loop in loops:
        found = state.exam(loop.subject) if loop.kind in RESULTS else None
        if found is not None:
            yield from _result(*found, view)
    heard = {x.episode for x in loops if x.kind in RESULTS}
    for episode in _asked_back(state, loops):
        yield from _back(episode, view, heard=episode.id in heard)


def _result(episode: Episode, exam: Exam, view: View) -> Iterator[str]:
    if exam.telling.change:
        yield gettext("What we told you before was wrong. The earlier letter was wrong, and we are sorry.")
    if exam.result is None:
        return
    yield words.about(exam, view.setting) + "."
    yield from words.missing(exam)
    yield from words.result_sentences(exam, episode)
    says = {what for what, _which in results.said(exam, episode)}
    if says & SAMPLES:
        first, *_rest, last = words.sample_next(soon=Means.SAMPLE_SOON in says, told=True, setting=view.setting)
        yield first
        yield last


def _asked_back(state: State, loops: Sequence[Loop]) -> list[Episode]:
    """Return the rounds that these calls are about in which further pictures are waited for."""
    found = dict.fromkeys(x.episode for x in loops if x.episode is not None)
    rounds = [state.episodes[name] for name in found]
    return [e for e in rounds if any(not f.examined for f in e.open_findings())]


def _back(episode: Episode, view: View, *, heard: bool) -> Iterator[str]:
    """Say that she is asked back, unless the result just `heard` has said so."""
    part = call_back.asked_back(episode, view)
    if part is None:
        return
    if episode.visit.missed:
        yield gettext("Your last visit did not work out. That happens.")
    if not heard:
        yield part.heading
    yield from part.lead
    yield from part.why
    yield from part.reassuring
    if episode.plan is not None:
        yield call_back.when_known(episode.plan)


def _asks(state: State, loops: Sequence[Loop], view: View) -> Iterator[Section]:
    for episode in _asked_back(state, loops):
        part = call_back.asked_back(episode, view)
        if part is not None:
            yield from (section for section in part.sections if section.sentences)
