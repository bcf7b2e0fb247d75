"""Someone to lean on: how she is, exercises that calm, people to talk to, and a way out for the worst moment.

How she says she is, is not kept: it only chooses what the page offers. A call she asks for here is one like any
other, so that somebody owes it. Helplines come from the published list and are shown for the clinic's country alone.
"""

from dataclasses import dataclass

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from closerlook.evidence import resources
from closerlook.people.countries import country_of
from closerlook.portal.acting import page_of, show, state_of
from closerlook.portal.parts import State
from closerlook.portal.visitor import Visitor, for_visitors

AFTER_CANCER = frozenset({State.CANCER, State.IN_CARE})
HARD, WORST = 4, 8
"""From where on a call is offered first, and from where the crisis line is (a scale of 0 to 10, hers alone)."""


class HowAreYou(forms.Form):
    """One question. Nothing of the answer is stored."""

    how = forms.TypedChoiceField(
        label=_("How hard is it for you today?"),
        help_text=_("0 is not hard at all. 10 is as hard as it can be."),
        coerce=int,
        choices=[(str(n), str(n)) for n in range(11)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a number, or just read on.")},
    )


@dataclass(frozen=True)
class Exercise:
    id: str
    title: str | Promise
    about: str | Promise
    steps: tuple[str | Promise, ...]


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        "breathing",
        _("Slow breathing"),
        _("About two minutes. You can do it in a waiting room, and nobody will notice."),
        (
            _("Sit with both feet on the floor. Let your shoulders drop."),
            _("Breathe in through your nose while you count to four."),
            _("Let the air out slowly while you count to six."),
            _("Do this ten times. If a thought comes, let it pass and go back to counting."),
        ),
    ),
    Exercise(
        "grounding",
        _("Five things around you"),
        _("For a moment in which your thoughts run away."),
        (
            _("Look for five things you can see, and name them."),
            _("Find four things you can touch. Feel them with your hand."),
            _("Listen for three sounds."),
            _("Find two things you can smell."),
            _("Notice one thing you can taste. Then look around you once more."),
        ),
    ),
    Exercise(
        "body",
        _("A walk through your body"),
        _("About five minutes, sitting or lying down."),
        (
            _("Close your eyes if you like. Feel where your body touches the chair or the bed."),
            _("Begin with your feet. Pull them tight for a moment, then let go."),
            _("Go on upwards: legs, belly, hands, arms. Pull tight, then let go."),
            _("Let your shoulders drop, then your jaw, then your forehead."),
            _("Stay for three breaths. Then open your eyes and move your hands."),
        ),
    ),
)


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def support(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Show what may help; with a number, what fits it first."""
    form = HowAreYou(request.POST or None)
    how = form.cleaned_data["how"] if request.method == "POST" and form.is_valid() else None
    state = state_of(who)
    page = page_of(who, state)
    after_cancer = any(part.state in AFTER_CANCER for part in (page.main, *page.also))
    country = country_of(who.site)
    return show(
        request, who, "portal/support.html", status=422 if form.errors else 200,
        form=form, how=how, hard=HARD, worst=WORST, exercises=EXERCISES, call_asked=page.call_asked,
        crisis=resources.crisis_line(country), lines=resources.helplines(country, diagnosed=after_cancer),
        after_cancer=after_cancer,
    )  # fmt: skip


@require_safe
@for_visitors
def exercise(request: HttpRequest, who: Visitor, name: str) -> HttpResponse:
    """Show one exercise on a page of its own, with nothing else on it."""
    found = next((one for one in EXERCISES if one.id == name), None)
    if found is None:
        raise Http404
    return show(request, who, "portal/exercise.html", exercise=found)
