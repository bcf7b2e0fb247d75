"""Giving her a time: the free times of the unit's rooms as choices, or a day and a place where no room is set up."""

from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.utils import timezone

from closerlook.desk import offers, words
from closerlook.look.words import date_words
from closerlook.pathway import steps as st
from closerlook.pathway.events import Purpose
from closerlook.pathway.regions import Episode
from closerlook.pathway.slots import room_of, starts_of
from closerlook.people import sites
from closerlook.people.models import Site
from closerlook.visits import times
from closerlook.visits.models import Room

TAKEN = "Someone has just taken this time. Choose another."
Offer = dict[Purpose, list[times.Time] | None]
"""For each kind of visit its free times; None where no room is set up for it."""


def offer(step: type[st.Step], about: offers.About, site: Site) -> Offer:
    """Return what can be given for each kind of visit that a step can be about now."""
    if about.episode is None:
        return {}
    return {purpose: of_visit(about.episode, purpose, site, about.now) for purpose in offers.purposes(step, about)}


def of_visit(episode: Episode, purpose: Purpose, site: Site, now: datetime) -> list[times.Time] | None:
    """Return the free times that hold a whole visit of a round; None where the round's site has no room for such."""
    where = site if episode.site in ("", site.slug) else sites.site(episode.site)
    ultrasound = purpose is Purpose.PICTURES and times.needs_ultrasound(episode.plan)
    if not times.rooms_for(where, purpose):
        return None
    return times.free(where, purpose, now=now, ultrasound=ultrasound)


def times_field(found: Offer) -> dict[str, forms.Field]:
    """Return the choice of a free time; nothing where no room is set up for any of the visits."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    for purpose, free in found.items():
        lead = f"{words.VISITS[purpose]}: " if len(found) > 1 else ""
        groups += [(f"{lead}{day}", shown) for day, shown in by_day(free or [])]
    if all(free is None for free in found.values()):
        return {}
    field = forms.ChoiceField(
        label="Free times",
        choices=[("", "Choose"), *groups],
        required=all(found.values()),
        help_text="" if groups else "No time is free in the next weeks. Write a day and a place agreed elsewhere.",
        error_messages={"invalid_choice": TAKEN},
    )
    return {"slot": field}


def by_day(free: list[times.Time]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return free times as choices, grouped by their day at the site."""
    days = [list(of_day) for _, of_day in groupby(free, key=lambda one: timezone.localdate(one.starts_at))]
    return [(day_in_words(of_day[0].starts_at), [(one.slot, in_words(one)) for one in of_day]) for of_day in days]


def day_in_words(moment: datetime) -> str:
    """Return "Tuesday 24 November", at the site."""
    return date_words(moment, timezone.get_current_timezone(), timezone.localdate())


def in_words(one: times.Time) -> str:
    """Return "10:20, second floor, room 2", at the site."""
    return f"{timezone.localtime(one.starts_at):%H:%M}, {one.place}"


def is_written(found: Offer) -> bool:
    """Whether a day and a place are asked for in words: for some visit no time of a room can be had."""
    return not found or not all(found.values())


def check(form: forms.Form, found: Offer, cleaned: dict[str, Any]) -> None:
    """Say on the form what is missing: a time of a room that serves this visit, or a day and a place in words."""
    slot = cleaned.get("slot")
    if not slot:
        for name, said in (("starts_at", "Give a day and a time."), ("place", "Fill this in.")):
            if name in form.fields and not cleaned.get(name) and name not in form.errors:
                form.add_error(name, said)
        return
    chosen = cleaned.get("purpose") or next(iter(found), "")
    if not any(one.slot == slot for one in found.get(Purpose(chosen)) or []):
        form.add_error("slot", "This room is not for such a visit. Choose a time from the other list.")


def slot(data: dict[str, Any]) -> str | None:
    return data.get("slot") or None


def starts_at(data: dict[str, Any]) -> datetime:
    """Return when the chosen time begins, or the day and time that were written."""
    chosen = slot(data)
    if chosen is not None:
        return starts_of(chosen)
    written: datetime = data["starts_at"]
    return written


def place(data: dict[str, Any]) -> str:
    """Return the place as her letter says it: the room's name, or what was written."""
    chosen = slot(data)
    return Room.objects.get(pk=room_of(chosen)).name if chosen is not None else str(data["place"])
