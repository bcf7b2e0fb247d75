"""Sharing parts of her page with someone she trusts: a link, a number told apart from it, and a way to end it at once.

You are here to change what can be shared. A shared link shows what she chose and nothing else; a result only where she
chose that, and only one that is open to her. Every look through it is kept, and she sees when it was used.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from closerlook.letters.documents import setting_of
from closerlook.people.models import Patient
from closerlook.portal import codes, links, notebook, visitor
from closerlook.portal.acting import before, note_look, page_of, show, state_of
from closerlook.portal.digits import digits_of
from closerlook.portal.models import Look, SharedLink
from closerlook.portal.page import her_page
from closerlook.portal.parts import Page, Part, State
from closerlook.portal.visitor import Visitor, for_visitors, posted
from closerlook.record import door

WORKS_FOR = timedelta(days=30)
TRIES, MOST = 5, 10
KEPT_AS = visitor.SHARED_AS

PARTS: dict[str, str | Promise] = {
    "visit": _("My visit: the day, the place, and what to bring"),
    "reason": _("Why I was asked back, and what will be done"),
    "result": _("My result, as far as I have opened it"),
    "notes": _("My notes: questions, worries, medicines, and what else I wrote"),
}


class ShareForm(forms.Form):
    name = forms.CharField(
        label=_("For whom? A first name is enough."),
        max_length=60,
        error_messages={"required": _("Write for whom it is, so that you know later.")},
    )

    def __init__(self, *args: Any, coded: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parts"] = forms.MultipleChoiceField(
            label=_("What may they see?"),
            choices=[(part, said) for part, said in PARTS.items() if coded or part != "result"],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one thing.")},
        )


class NumberForm(forms.Form):
    code = forms.CharField(
        label=_("The number you were told"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Write the six digits you were told.")},
    )


@dataclass(frozen=True)
class Made:
    """A new shared link, shown once: its address, and the number to be told apart from it."""

    name: str
    address: str
    number: str


def make(who: Visitor, name: str, parts: list[str]) -> Made:
    """Make a shared link to these parts of her page. Neither address nor number can be read again."""
    token, number = links.new_token(), codes.new_code()
    token_hash = links.hash_of(token)
    page = page_of(who, state_of(who))
    SharedLink.objects.create(
        token_hash=token_hash, code_hash=_hash_of(token_hash, number), patient=who.patient, name=name, through=who.link,
        parts=",".join(parts), known=" ".join(sorted(map(_key, (page.main, *page.also)))) if "result" in parts else "",
        created_at=who.now, expires_at=who.now + WORKS_FOR,
    )  # fmt: skip
    path = reverse("portal:shared_link", args=[token]).lstrip("/")
    return Made(name, urljoin(settings.PUBLIC_URL + "/", path), f"{number[:3]} {number[3:]}")


def _key(part: Part) -> str:
    """Name what a part says of results: another state, or another examination, is another result."""
    return f"{part.state}:{part.episode}:{'+'.join(part.exams)}"


def _hash_of(token_hash: str, number: str) -> str:
    return salted_hmac("closerlook.portal.shared", f"{token_hash}:{number}", algorithm="sha256").hexdigest()


def works(link: SharedLink, now: datetime) -> bool:
    return link.revoked_at is None and link.expires_at > now


def check(token_hash: str, typed: str, now: datetime) -> SharedLink | None:
    """Return the link if its number is right; None for every other case alike. The fifth wrong number ends it."""
    digits = digits_of(typed)
    with transaction.atomic():
        link = SharedLink.objects.select_for_update().filter(token_hash=token_hash).first()
        if link is None or not works(link, now):
            return None
        right = hmac.compare_digest(link.code_hash, _hash_of(token_hash, digits))
        link.failures = 0 if right else link.failures + 1
        if link.failures >= TRIES:
            link.revoked_at = now
        link.save(update_fields=["failures", "revoked_at"])
        return link if right else None


# ---------------------------------------------------------------- her side


def _standing(patient: Patient, now: datetime) -> list[SharedLink]:
    found = SharedLink.objects.filter(patient=patient, revoked_at=None, expires_at__gt=now).order_by("-pk")
    return list(found.prefetch_related("looks"))


def _listed(who: Visitor) -> list[dict[str, Any]]:
    setting = setting_of(who.site, who.patient, who.now)
    rows = []
    for link in _standing(who.patient, who.now):
        looks = sorted(look.looked_at for look in link.looks.all())
        rows.append(
            {
                "id": link.pk,
                "name": link.name,
                "parts": [str(said) for part, said in PARTS.items() if part in link.part_set],
                "until": setting.day(link.expires_at),
                "seen": setting.day(looks[-1]) if looks else None,
                "times": len(looks),
            }
        )
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def share(request: HttpRequest, who: Visitor) -> HttpResponse:
    """Show with whom she shares what, and make a new shared link."""
    form = ShareForm(request.POST or None, coded=who.coded)
    made = None
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            Patient.objects.select_for_update().get(pk=who.patient.pk)
            standing, name = _standing(who.patient, who.now), form.cleaned_data["name"]
            if len(standing) >= MOST:
                form.add_error(None, _("Ten people have a link already. End one before you make another."))
            elif any(link.name == name for link in standing):  # a page loaded anew makes no second one
                form.add_error(
                    "name", _("There is a link with this name already. End it first, or write another name.")
                )
            else:
                made = make(who, name, form.cleaned_data["parts"])
                form = ShareForm(coded=who.coded)
    note_look(who, state_of(who), "sharing")
    status = 422 if form.errors else 200
    return show(request, who, "portal/share.html", form=form, made=made, shared=_listed(who), status=status)


@posted
@for_visitors
def revoke(_request: HttpRequest, who: Visitor, number: int) -> HttpResponse:
    """End one shared link at once."""
    SharedLink.objects.filter(pk=number, patient=who.patient, revoked_at=None).update(revoked_at=who.now)
    return HttpResponseRedirect(reverse("portal:share"))


# ---------------------------------------------------------------- the other side


@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Follow a shared link: the token goes no further than this answer."""
    visitor.leave(request)
    request.session[KEPT_AS] = {"link": links.hash_of(token)}
    return HttpResponseRedirect(reverse("portal:shared"))


@require_http_methods(["GET", "HEAD", "POST"])
def shared(request: HttpRequest) -> HttpResponse:
    """Ask for the number; then show what she chose, and note the look."""
    kept: dict[str, Any] = request.session.get(KEPT_AS) or {}
    now = timezone.now()
    link = SharedLink.objects.select_related("patient__site").filter(pk=kept.get("opened", 0)).first()
    if link is not None and works(link, now) and datetime.fromisoformat(kept["until"]) > now:
        return _shown(request, link, now)
    if "link" not in kept:
        return before(request, "portal/shared_gone.html", status=200)
    form, refused = NumberForm(request.POST or None), False
    if request.method == "POST" and form.is_valid():
        found = visitor.guess(request, now, lambda: check(kept["link"], form.cleaned_data["code"], now))
        if found is not None:
            request.session.cycle_key()
            until = (now + visitor.FORGOTTEN_AFTER).isoformat()
            request.session[KEPT_AS] = {"link": kept["link"], "opened": found.pk, "until": until}
            return HttpResponseRedirect(reverse("portal:shared"))
        form, refused = NumberForm(), True
    status = 403 if refused else 200
    return before(request, "portal/shared_number.html", form=form, refused=refused, status=status)


def _shown(request: HttpRequest, link: SharedLink, now: datetime) -> HttpResponse:
    patient, site, chosen = link.patient, link.patient.site, link.part_set
    history = door.look(patient.pk)
    man = patient.sex.upper() == "M"
    plain, whole = (
        her_page(history.patient, site, site.zone, now, man=man, coded=coded) for coded in (False, "result" in chosen)
    )
    Look.objects.create(shared=link, looked_at=now, version=history.patient.version, shown=link.parts)
    known = {key for key in link.known.split() if not _corrected(whole)}
    open_ = {part.episode: part for part in (whole.main, *whole.also) if _key(part) in known}
    parts = [_chosen(open_.get(part.episode, part), chosen, known) for part in (plain.main, *plain.also)]
    names = {
        "parts": [] if plain.closed else [part for part in parts if part],
        "notes": _notes(patient) if "notes" in chosen and not plain.closed else [],
        "given": patient.given,
        "clinic_name": site.name, "clinic_phone": site.phone, "site": site,
    }  # fmt: skip
    return before(request, "portal/shared.html", status=200, **names)


def _corrected(page: Page) -> bool:
    """Whether something she was told has been taken back or changed since: then she alone is told of it first."""
    return any(part.corrects for part in (page.main, *page.also))


def _notes(patient: Patient) -> list[tuple[Any, list[str]]]:
    found = [(notebook.KINDS[kind][0], [n.words for n in notes]) for kind, notes in notebook.notes_of(patient)]
    return [(title, words) for title, words in found if words]


_ON_THE_WAY = frozenset(
    {
        State.TO_PLAN, State.TO_BOOK, State.MISSED, State.BOOKED, State.VISIT_PAST, State.SAID_NO, State.CAME,
        State.EXAMINED, State.INCOMPLETE, State.OLDER_PICTURES, State.HELD, State.WAITING, State.SCREENING_PAST,
        State.SCREENING_MISSED, State.SCREENING_BOOKED, State.INVITED, State.SCREENING_CAME,
    }
)  # fmt: skip
"""States whose words say where she is and why, and no result but that more pictures are needed."""


def _chosen(part: Part, chosen: frozenset[str], known: set[str]) -> dict[str, Any] | None:
    """Return what of a part she chose to show; None where nothing of it is."""
    result = _key(part) in known
    says = result or ("reason" in chosen and part.state in _ON_THE_WAY)
    found = {
        "heading": part.heading if says else None,
        "words": (*part.lead, *part.why) if says else (),
        "marks": part.marks if says else (),
        "visit": part.visit if "visit" in chosen else None,
        "sections": tuple(s for s in part.sections if result or s.shows) if says else (),
    }
    return found if any(found.values()) else None
