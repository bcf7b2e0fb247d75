"""What she asks for: her language, how we reach her, her number and address, results that wait for a talk, copies.

Her number and her address can be changed here only after a one-time code to the number we know: who found a letter on a
table must not be able to send her codes to themselves. Every change is kept with what stood there before.
"""

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from msgspec.structs import replace

from closerlook.letters.documents import setting_of
from closerlook.look.language import keep
from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, ContactRoute, Request
from closerlook.pathway.regions import Patient as State
from closerlook.people import languages
from closerlook.people.models import DetailsChanged, Patient
from closerlook.portal import codes
from closerlook.portal.acting import note_kept, note_look, show, state_of, take, taken, things_changed
from closerlook.portal.digits import digits_of
from closerlook.portal.visitor import Visitor, for_visitors, posted

WAITS_FOR = timedelta(days=180)
WAYS: dict[str, tuple[str | Promise, Channel]] = {
    "phone": (_("Please do not ring me"), Channel.PHONE),
    "text": (_("Please do not text me"), Channel.TEXT),
    "letter": (_("Please do not write to my home"), Channel.LETTER),
}
LANGUAGES: tuple[tuple[str, str], ...] = (
    ("en", "English"), ("es", "Español"), ("fr", "Français"), ("ar", "العربية"), ("zh", "中文"), ("vi", "Tiếng Việt"),
    ("tl", "Tagalog"), ("ko", "한국어"), ("ru", "Русский"), ("pt", "Português"), ("ht", "Kreyòl ayisyen"),
    ("pl", "Polski"), ("hi", "हिन्दी"), ("ur", "اردو"), ("bn", "বাংলা"), ("fa", "فارسی"), ("so", "Soomaali"),
)  # fmt: skip
"""Languages she can name, each in its own name; those that pages do not speak ask for an interpreter."""
_ANY = [("", _("Another one: we ask you")), *LANGUAGES]


_PHONE = re.compile(r"\+?[\d\s().\-/]+")


class Reach(forms.Form):
    """How we may reach her, and in which language."""

    language = forms.ChoiceField(
        label=_("Which language is best for you?"), choices=[("", "–"), *LANGUAGES], required=False
    )
    not_by = forms.MultipleChoiceField(
        label=_("How should we not reach you?"),
        choices=[(key, said) for key, (said, _channel) in WAYS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, held: frozenset[str] = frozenset(), kept: frozenset[str] = frozenset(), **more: Any):
        """`held`: ways for which we have a number or an address; `kept`: ways that only a code may open again."""
        super().__init__(*args, **more)
        self.held, self.kept = held, kept

    def clean_not_by(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["not_by"]
        if self.held <= set(chosen):
            raise forms.ValidationError(_("Leave us one way, so that we can reach you with a result."))
        if not self.kept <= set(chosen):
            raise forms.ValidationError(_("To open a way again, first send a code to your phone, or ring us."))
        return chosen


class Details(forms.Form):
    phone = forms.CharField(
        label=_("Your phone number"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    address = forms.CharField(
        label=_("Your address, as on an envelope"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "street-address"}),
    )

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"].strip()
        digits = digits_of(phone)
        if phone and not (_PHONE.fullmatch(phone) and 7 <= len(digits) <= 15):
            raise forms.ValidationError(_("Write the whole number, with its area code."))
        return phone

    def clean_address(self) -> str:
        return "\n".join(line.strip() for line in self.cleaned_data["address"].splitlines() if line.strip())


@require_safe
@for_visitors
def wishes(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Show what she asked for, and how to change it."""
    return _shown(request, who)


def _shown(request: HttpRequest, who: Visitor, *, status: int = 200, **forms_: Any) -> HttpResponse:
    state, row = state_of(who), who.patient
    note_look(who, state, "wishes")
    setting = setting_of(who.site, row, who.now)
    asked = state.wishes
    until = asked.tell_first_until
    not_by = [key for key, (_said, channel) in WAYS.items() if channel in asked.not_by]
    names: dict[str, Any] = {
        "reach": Reach(initial={"language": languages.tag_of(row.language) or "", "not_by": not_by}),
        "details": Details(initial={"phone": row.phone, "address": row.address}),
        "waits_until": setting.day(until) if until is not None and until >= setting.today else None,
        "copies_asked": Request.COPIES in state.requests,
        "open_route": _open_route(who, state),
        "can_change": who.coded and _open_route(who, state),
        "may_code": not who.coded and _open_route(who, state) and codes.number_to_text(who.link) is not None,
    }
    return show(request, who, "portal/wishes.html", status=status, **{**names, **forms_})


def _open_route(who: Visitor, state: State) -> bool:
    """Whether she is reached plainly: nobody acts for her, and no safe way is on file, which a person alone changes."""
    return not who.link.proxy and not who.patient.safe_contact.strip() and state.wishes.route is ContactRoute.HERSELF


def _held(row: Patient) -> frozenset[str]:
    """Return the ways for which we have a number or an address."""
    numbers = frozenset({"phone", "text"}) if row.phone.strip() else frozenset()
    return numbers | ({"letter"} if row.address.strip() else frozenset())


@posted
@for_visitors
def reach(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Change her language, and the ways she does not want; where a safe way is on file, her language alone."""
    state = state_of(who)
    asked, free = state.wishes, _open_route(who, state)
    now = frozenset(key for key, (_said, channel) in WAYS.items() if channel in asked.not_by)
    form = Reach(
        request.POST, held=_held(who.patient) if free else frozenset({""}), kept=frozenset() if who.coded else now
    )
    if not free:
        form.fields.pop("not_by")
    if not form.is_valid():
        return _shown(request, who, status=422, reach=form)
    if who.link.proxy:
        return HttpResponseRedirect(reverse("portal:wishes"))
    said = form.cleaned_data["language"]
    mine = {WAYS[key][1] for key in form.cleaned_data.get("not_by", now)}
    kept = {way for way in asked.not_by if way not in {channel for _said, channel in WAYS.values()}}
    interpreter = asked.interpreter if not said else None if languages.shipped(said) else said
    step = st.SetWishes(wishes=replace(asked, not_by=tuple(sorted(mine | kept)), interpreter=interpreter))
    if not taken(who, step, "reach", seen=state.version):
        return things_changed(request)
    if said:
        _change(who, {"language": said})
    note_kept(request)
    answer = HttpResponseRedirect(reverse("portal:wishes"))
    if languages.shipped(said):
        keep(answer, said)
    return answer


@posted
@for_visitors
def details(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Change her number and address, once she gave a code; never for who acts for her."""
    if not who.coded or not _open_route(who, state_of(who)):
        return HttpResponseRedirect(reverse("portal:wishes"))
    form = Details(request.POST)
    if not form.is_valid():
        return _shown(request, who, status=422, details=form)
    _change(who, {"phone": form.cleaned_data["phone"], "address": form.cleaned_data["address"]})
    note_kept(request)
    return HttpResponseRedirect(f"{reverse('portal:wishes')}#details")


def _change(who: Visitor, values: dict[str, str]) -> None:
    """Write what is new of her details, and what stood there before. What is left empty stays as it is."""
    with transaction.atomic():
        row = Patient.objects.select_for_update().get(pk=who.patient.pk)
        changed = {f: v for f, v in values.items() if v and v != getattr(row, f).strip()}
        for field, value in changed.items():
            DetailsChanged.objects.create(
                patient=row, changed_at=who.now, changed_by=who.actor.kind, field=field, before=getattr(row, field)
            )
            setattr(row, field, value)
        if changed:
            row.save(update_fields=list(changed))


@posted
@for_visitors
def wait(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Results that are not plainly normal wait until someone has spoken with her; or no longer."""
    state = state_of(who)
    asked = state.wishes
    until: date | None = None
    if request.POST.get("wait") != "yes" and not who.coded:  # who found her letter must not lift what she asked for
        return HttpResponseRedirect(reverse("portal:wishes"))
    if who.link.proxy:
        return HttpResponseRedirect(reverse("portal:wishes"))
    if request.POST.get("wait") == "yes":
        until = setting_of(who.site, who.patient, who.now).today + WAITS_FOR
    step = st.SetWishes(wishes=replace(asked, tell_first_until=until))
    return take(request, who, step, "wait", then="portal:wishes", seen=state.version)


@posted
@for_visitors
def copies(request: HttpRequest, who: Visitor) -> HttpResponse:
    """She asks for copies of her pictures and reports."""
    return take(request, who, st.AskFor(what=Request.COPIES), "copies", then="portal:wishes")
