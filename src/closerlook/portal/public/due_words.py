"""What a guideline says of her, in her words: a sentence for each answer and for each step of the reasoning.

You are here when `evidence.due` has a new step: a test finds the code that has no words. Row ids are not said to her;
the guideline's own page stands beside the answer.
"""

from collections.abc import Iterator
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from closerlook.evidence.due import Answer, Due, Step
from closerlook.look.words import born_words, month_words

Words = str | Promise

ANSWERS: dict[Answer, Words] = {
    Answer.DUE: _("By this guideline you are due for screening now."),
    Answer.NOT_DUE: _("By this guideline you are not due yet."),
    Answer.OPTION: _("By this guideline it is your choice: you may have screening now if you wish."),
    Answer.ON_REQUEST: _("You are not invited at your age. You may ask for screening yourself."),
    Answer.INSUFFICIENT: _("This guideline says neither yes nor no at your age. Talk with a doctor or nurse about it."),
    Answer.NO_ROUTINE: _("This guideline advises no routine screening at your age. Talk with a doctor or nurse."),
    Answer.INTERVAL_NOT_READ: _("This guideline advises screening at your age. How often, we have not read in it."),
    Answer.NOT_ANSWERED: _("This guideline is not about people in your situation. A doctor or nurse decides with you."),
    Answer.NOT_SCREENED: _("There is nothing to screen."),
}
STEPS: dict[str, Words | None] = {
    "asked": None,
    "age": _("You are %(age)s years old."),
    "died": None,
    "no_breasts": _("There is no breast tissue to screen."),
    "not_women": _("It speaks of women, and of others who were assigned female at birth."),
    "symptoms": _("You have noticed a change. That is for a doctor now, not for screening: ring one today."),
    "outside": _("It leaves out people with a history like yours."),
    "would_speak": None,
    "would_speak_secondary": None,
    "clinician_decides": _("A doctor or nurse decides with you."),
    "row_not_used": None,
    "no_usable_row": _("We have not read its rules at their source, so we do not use them."),
    "sex_not_known": None,
    "dense": _("Dense breasts do not move the day of routine screening."),
    "family_history_included": _("A mother, sister or daughter with breast cancer does not change its rule."),
    "last": _("Your last screening was in %(day)s."),
    "never": _("You have named no earlier screening."),
    "passes_last_age": _("Your next day would fall after the last age it speaks of."),
    "row": _("At your age its rule is for people from %(start)s."),
    "secondary": None,
    "begins": _("It begins at the age of %(age)s. You reached or reach that on %(day)s."),
    "interval": _("%(months)s months after your last screening is %(day)s."),
    "first_by": _("The first invitation comes before you are %(age)s."),
    "interval_choice": _(
        "It allows %(shortest)s to %(longest)s months between two screenings. Here we count %(used)s."
    ),
    "insufficient_then": _("From %(day)s on it says neither yes nor no."),
    "not_yet": _("You are due on %(day)s."),
    "option_then": _("From %(day)s on it is your choice."),
    "on_request_then": _("From %(day)s on you may ask for it."),
    "recommended_from": _("From the age of %(age)s on it is advised."),
    "due": _("You have been due since %(day)s."),
    "option": _("It has been your choice since %(day)s."),
    "on_request": _("You may ask for it since %(day)s."),
    "insufficient_evidence": None,
    "interval_not_read": None,
    "none_after": _("What it says after that, we have not read."),
    "ages_not_read": _("What it says at your age, we have not read."),
    "past_last_age": _("The last age it speaks of is %(age)s."),
}
"""None: nothing to say to her, or said by the answer already."""


def steps(found: Due) -> list[str]:
    """Return the reasoning in sentences, in its order."""
    return list(_said(found.steps))


def _said(taken: tuple[Step, ...]) -> Iterator[str]:
    for step in taken:
        words = STEPS[step.code]
        if words is not None:
            yield str(words) % {name: _value(step.code, value) for name, value in step.values.items()}


def _value(code: str, value: object) -> object:
    if not isinstance(value, date):
        return value
    return month_words(value) if code == "last" else born_words(value)
