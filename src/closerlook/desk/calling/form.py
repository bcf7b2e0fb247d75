"""What a call's page asks: one form for all its keys, and only what the key that was pressed needs is looked at."""

from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.utils import timezone

from closerlook.desk import giving, words
from closerlook.desk.calling.outcomes import SPEAKING, End
from closerlook.desk.fields import NOT_TO_BE_NAMED, day, moment
from closerlook.desk.here import Here, who_may
from closerlook.pathway import steps as st
from closerlook.pathway.events import Barrier
from closerlook.people import sites
from closerlook.visits.times import Time, two_earliest

HOURS = (time(9), time(11), time(14), time(16))
FIRST = "First make sure who she is: her full name and her birth date, both from her own mouth. Then tick that."


class CallForm(forms.Form):
    """The answers to one call. `free`: the free times that hold her plan; None where no room is set up."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, max_length=60)
    identified = forms.BooleanField(
        label="She gave her full name and her birth date, and both are right", required=False
    )
    slot = forms.ChoiceField(label="The earliest that hold the whole plan", widget=forms.RadioSelect, required=False)
    other = forms.ChoiceField(label="Or another time", required=False)
    starts_at = moment("Day and time", required=False)
    place = forms.CharField(label="Place", max_length=120, required=False)
    later = forms.ChoiceField(label="Call her at", required=False)
    call_at = moment("Or at", required=False)
    died_on = day("Day of death", required=False)
    review_on = day("Look at it again on", required=False)
    reviewer = forms.ChoiceField(label="Who looks at it", required=False)
    owner = forms.ChoiceField(label="Hand her to", required=False)
    note = forms.CharField(label="What they should know", max_length=300, required=False)
    sure = forms.BooleanField(label="I have made sure of it", required=False)
    barrier = forms.ChoiceField(label="What makes it hard for her to come", required=False)
    arranged = forms.CharField(label="What was arranged", max_length=200, required=False)

    def __init__(
        self,
        *args: Any,
        here: Here,
        free: list[Time] | None,
        staff: dict[str, str],
        nurses: dict[str, str],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.here = here
        self.give(free)
        _choices(self, "later", hours_to_come(here))
        reviewers = who_may(st.ReviewPause)
        _choices(self, "reviewer", ((name, shown) for name, shown in staff.items() if name in reviewers))
        colleagues = {name: shown for name, shown in staff.items() if name not in nurses and name != here.actor.id}
        _choices(self, "owner", [*nurses.items(), *colleagues.items()])
        _choices(self, "barrier", [(b.value, words.BARRIERS[b][:1].upper() + words.BARRIERS[b][1:]) for b in Barrier])
        for name in ("reviewer", "owner"):
            self.fields[name].error_messages["invalid_choice"] = NOT_TO_BE_NAMED
        self.fields["slot"].error_messages["invalid_choice"] = giving.TAKEN
        self.fields["other"].error_messages["invalid_choice"] = giving.TAKEN
        self.fields["place"].initial = here.site.name
        self.fields["reviewer"].initial = here.actor.id if here.actor.id in reviewers else ""
        self.fields["owner"].initial = next(iter(nurses), "")

    def give(self, free: list[Time] | None) -> None:
        """Offer these times: the earliest, and the earliest on another day, in front of the others."""
        self.free = free
        near = two_earliest(free or [], self.here.site.zone)
        rest = [one for one in free or [] if one not in near]
        _choices(self, "slot", [(one.slot, at_length(one)) for one in near], empty="")
        _choices(self, "other", giving.by_day(rest))

    @property
    def proposed(self) -> bool:
        """Whether there are free times to choose from; else a day and a place are written."""
        return bool(self.free)

    def answer(self, end: End) -> dict[str, Any] | None:
        """Return what the steps of this end need; None where something is missing, which then stands on the form."""
        if not self.is_valid():
            return None
        data = dict(self.cleaned_data)
        if end in SPEAKING and not data["identified"]:
            self.add_error("identified", FIRST)
        match end:
            case End.BOOKED:
                data |= self._visit(data)
            case End.LATER:
                data["call_at"] = self._hour(data)
            case End.DIED:
                self._need("died_on", "Give the day, as far as it is known.")
                self._need("sure", "Make sure first: of whom it was said, and by whom.")
            case End.MOVED:
                self._need("review_on", "Give a day on which someone looks at it again.")
                self._need("reviewer", "Choose who looks at it.")
            case End.HANDED:
                self._need("owner", "Choose to whom.")
        return None if self.errors else data

    def _need(self, name: str, said: str) -> None:
        if not self.cleaned_data.get(name):
            self.add_error(name, said)

    def _visit(self, data: dict[str, Any]) -> dict[str, Any]:
        chosen = {"slot": data["slot"] or data["other"]}
        if chosen["slot"]:
            return {
                "slot": chosen["slot"], "starts_at": giving.starts_at(chosen), "place": giving.place(chosen),
            }  # fmt: skip
        if self.proposed:
            self.add_error("slot", "Choose one of the times.")
        else:
            self._need("starts_at", "Give a day and a time.")
            self._need("place", "Write the place.")
        return {"slot": None}

    def _hour(self, data: dict[str, Any]) -> datetime | None:
        if data["call_at"]:
            written: datetime = data["call_at"]
            return written
        if data["later"]:
            return datetime.fromisoformat(data["later"])
        self.add_error("later", "Choose when she wants to be rung.")
        return None


def _choices(form: forms.Form, name: str, choices: Any, empty: str = "Choose") -> None:
    field: Any = form.fields[name]
    field.choices = [*([("", empty)] if empty else []), *choices]


def at_length(one: Time) -> str:
    """Return "Tuesday 24 November, 10:20, second floor, room 2"."""
    return f"{giving.day_in_words(one.starts_at)}, {giving.in_words(one)}"


def hours_to_come(here: Here) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return hours at which she may want to be rung: in an hour, later today, on the next two working days."""
    calendar = sites.protocol(here.site.slug).calendar
    local = timezone.localtime(here.now)
    found = [(local + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0) for hours in (1, 2)]
    days, today = [local.date()], local.date()
    while len(days) < 3:
        days.append(calendar.add_working_days(days[-1], 1))
    for one in days:
        found += [datetime.combine(one, hour, local.tzinfo) for hour in HOURS]
    soon = sorted({at for at in found if at > local + timedelta(minutes=15)})
    of_days = [(one, list(hours)) for one, hours in groupby(soon, key=lambda at: at.date())]
    return [("Today" if one == today else giving.day_in_words(hours[0]), _hours(hours)) for one, hours in of_days]


def _hours(found: list[datetime]) -> list[tuple[str, str]]:
    return [(at.isoformat(), f"{at:%H:%M}") for at in found]
