"""The few things she types: her date of birth, a code, when to ring her."""

from datetime import date
from typing import Any

from django import forms
from django.utils import dates
from django.utils.translation import gettext_lazy as _

FIRST_YEAR = 1900


class BirthDate(forms.Form):
    """Three plain fields, so that no browser's calendar stands between her and her page."""

    month = forms.TypedChoiceField(
        label=_("Month"),
        coerce=int,
        choices=[("", "–"), *dates.MONTHS.items()],
        error_messages={"required": _("Choose the month.")},
    )
    day = forms.IntegerField(
        label=_("Day"),
        min_value=1,
        max_value=31,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday-day"}),
        error_messages={
            "required": _("Write the day."),
            "invalid": _("Write the day as a number, such as 7."),
            "max_value": _("Write a day from 1 to 31."),
            "min_value": _("Write a day from 1 to 31."),
        },
    )
    year = forms.IntegerField(
        label=_("Year"),
        min_value=FIRST_YEAR,
        max_value=2100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday-year"}),
        error_messages={
            "required": _("Write the year."),
            "invalid": _("Write the year with four digits, such as 1968."),
            "max_value": _("Write the year with four digits, such as 1968."),
            "min_value": _("Write the year with four digits, such as 1968."),
        },
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if {"day", "month", "year"} <= found.keys():
            try:
                found["born_on"] = date(found["year"], found["month"], found["day"])
            except ValueError:
                self.add_error("day", _("That month has no such day."))
        return found


class Code(forms.Form):
    """The six digits of the text. What is not a digit is left aside: some phones paste a space with it."""

    code = forms.CharField(
        label=_("The code from the text"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("Write the six digits of the code.")},
    )


BEST_TIMES: dict[str, Any] = {
    "any": _("at any time"),
    "morning": _("in the morning"),
    "midday": _("around midday"),
    "afternoon": _("in the afternoon"),
}


class Call(forms.Form):
    """When to ring her. Choices alone: what she would write freely could say more than a worklist should."""

    best_time = forms.ChoiceField(label=_("When is a good time?"), choices=list(BEST_TIMES.items()), initial="any")
