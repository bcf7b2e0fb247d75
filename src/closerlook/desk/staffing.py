"""Who works here: the list of accounts, one person's account, and who signed in. For administrators and managers."""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from closerlook.accounts import staff as accounts
from closerlook.accounts.again import brought_back, forget, sign_again
from closerlook.accounts.models import Outcome, SignIn
from closerlook.desk import access
from closerlook.desk.here import Here, frame, staff_only
from closerlook.people.models import Changed, Provider, Site, Staff
from closerlook.people.roles import ROLES, WORKING, Office
from closerlook.record.models import OpenLoop

A_PAGE = 50
LATELY = 20
ORDERS = {
    "name": ("Name", ("name", "pk")),
    "sign-in": ("Sign-in", ("user__username",)),
    "site": ("Site", ("site__name", "name", "pk")),
    "seen": ("Last signed in", (F("seen").desc(nulls_last=True), "name", "pk")),
}
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


SURE = "What is owed to this role is seen to all the same"


def last_of(roles: list[str], about: Staff) -> str:
    """Say that nobody else at the site has these roles."""
    named = ", ".join(role.replace("_", " ") for role in roles)
    return (
        f"Nobody else at {about.site.name} has this role: {named}. What is owed to it would stand in nobody's list. "
        "Give it to somebody else first, or tick that it is seen to."
    )


class AccountForm(forms.Form):
    """What an account is. One that is opened has the name to sign in with too, which stays as it is from then on."""

    username = forms.CharField(
        label="Name to sign in with",
        max_length=60,
        help_text="Short, without spaces, such as m.ferrara. It cannot be changed later.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"}),
        error_messages={"required": "Write a name to sign in with."},
    )
    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="As colleagues see it, and as it stands beside what this person records.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write the person's name."},
    )
    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=[(role, role.replace("_", " ").capitalize()) for role in sorted(ROLES)],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one role."},
    )
    site = forms.ModelChoiceField(
        label="Site",
        queryset=Site.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": accounts.OTHER_SITES},
    )
    provider = forms.CharField(
        label="Referring provider",
        required=False,
        max_length=120,
        help_text="For the role of a provider only: the provider's number, as feeds name it (AUTHORITY|number).",
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )

    def __init__(
        self,
        *,
        by: Staff,
        about: Staff | None = None,
        data: QueryDict | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        """`by` is who asks for it; `about` is None where an account is opened."""
        super().__init__(data, initial=initial)
        self.fields["site"].queryset = accounts.sites_of(by).order_by("name")  # type: ignore[attr-defined]
        self.about, self.alone = about, accounts.alone_as(about) if about is not None else []
        if about is not None:
            del self.fields["username"]
        if self.alone:
            self.fields["sure"] = forms.BooleanField(label=SURE, required=False)

    def clean_provider(self) -> Provider | None:
        given = self.cleaned_data["provider"].strip()
        found = Provider.objects.filter(pk=given).first() if given else None
        if given and found is None:
            raise forms.ValidationError("No provider of this number is known here. Feeds make them known.")
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        provides = Office.PROVIDER in data.get("roles", ())
        if provides and "provider" in data and data["provider"] is None:
            self.add_error("provider", "Say whose patients a provider sees.")
        if not provides and data.get("provider"):
            self.add_error("provider", "Only for the role of a provider. Leave it empty, or choose that role.")
        if self.about is not None and "roles" in data and "site" in data and not data.get("sure"):
            stays = data["roles"] if data["site"] == self.about.site else ()
            if lost := [role for role in self.alone if role not in stays]:
                self.add_error("sure", last_of(lost, self.about))
        return data

    def wanted(self) -> accounts.Wanted:
        data = self.cleaned_data
        return accounts.Wanted(data["name"], tuple(data["roles"]), data["site"], data["provider"])


@staff_only
def people(request: HttpRequest, here: Here) -> HttpResponse:
    """Everyone with an account, a page at a time."""
    chosen = {name: request.GET.get(name, "") for name in ("role", "site", "state", "order")}
    listed = Paginator(_people(chosen), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "listed": listed,
        "chosen": chosen,
        "roles": [(role, role.replace("_", " ")) for role in sorted(ROLES)],
        "sites": Site.objects.order_by("name"),
        "orders": [(value, word) for value, (word, _) in ORDERS.items()],
    }
    return render(request, "desk/staff.html", frame(here, "staff") | context)


def _people(chosen: dict[str, str]) -> QuerySet[Staff]:
    came = SignIn.objects.filter(who=OuterRef("user__username"), outcome=Outcome.SIGNED_IN).order_by("-at")
    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=FACTORS)
    found = Staff.objects.select_related("user", "site").annotate(
        seen=Subquery(came.values("at")[:1]), factor=Exists(factors)
    )
    if chosen["role"] in ROLES:
        # Roles stand in one column with commas between; no role's name is part of another's.
        found = found.filter(roles__contains=chosen["role"])
    if chosen["site"]:
        found = found.filter(site=chosen["site"])
    if chosen["state"] != "all":
        found = found.filter(user__is_active=chosen["state"] != "closed")
    return found.order_by(*ORDERS.get(chosen["order"], ORDERS["name"])[1])


@staff_only
def add(request: HttpRequest, here: Here) -> HttpResponse:
    """Open an account, and show its one-time password once."""
    me = here.staff
    kept = brought_back(request) if request.method == "GET" else None
    form = AccountForm(by=me, data=request.POST if request.method == "POST" else kept, initial={"site": here.site})
    if request.method == "POST" and form.is_valid():
        if (asked := sign_again(request)) is not None:
            return asked
        try:
            found, password = accounts.add(me, form.cleaned_data["username"], form.wanted())
        except accounts.NotAllowed as why:
            form.add_error(None, str(why))
        else:
            forget(request)
            return _password_once(request, here, found, password)
    return render(request, "desk/staff_add.html", frame(here, "staff") | {"form": form})


@staff_only
def one(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One person's account: what it may do, what was changed of it, when it signed in."""
    me, about = here.staff, _about(number)
    kept = brought_back(request) if request.method == "GET" else None
    initial = {
        "name": about.name,
        "roles": list(about.role_set),
        "site": about.site,
        "provider": about.provider_id or "",
    }
    form = AccountForm(by=me, about=about, data=request.POST if request.method == "POST" else kept, initial=initial)
    if request.method == "POST" and form.is_valid():
        if (asked := sign_again(request)) is not None:
            return asked
        try:
            accounts.change(me, about, form.wanted())
        except accounts.NotAllowed as why:
            form.add_error(None, str(why))
        else:
            forget(request)
            flash.success(request, "The account is as you want it.")
            return redirect("desk:staff_one", number)
    carried, out_of_reach = _carried(about)
    context = {
        "form": form,
        "about": about,
        "roles": ", ".join(role.replace("_", " ") for role in about.role_set),
        "alone": last_of(form.alone, about) if form.alone else "",
        "sure": SURE,
        "carried": carried,
        "out_of_reach": out_of_reach,
        "may_hand_over": access.comes_in("hand_over", here.roles),
        "mine": about.pk == me.pk,
        "untouchable": accounts.is_administrator(about) and not accounts.is_administrator(me),
        "elsewhere": "" if accounts.sites_of(me).filter(pk=about.site_id).exists() else accounts.OTHER_SITES,
        "has_factor": Authenticator.objects.filter(user=about.user, type__in=FACTORS).exists(),
        "changes": Changed.objects.filter(what="account", which=about.user.username).order_by("-changed_at", "-pk"),
        "sign_ins": SignIn.objects.filter(who=about.user.username).order_by("-at", "-pk")[:LATELY],
    }
    return render(request, "desk/staff_one.html", frame(here, "staff") | context)


def _carried(about: Staff) -> tuple[int, bool]:
    """Return how many rounds are in someone's care by name, and whether any of them is out of that person's reach."""
    rows = OpenLoop.objects.filter(assignee=about.user.username, episode__isnull=False)
    sites = list(rows.values_list("site", "stream", "episode").distinct())
    works = about.user.is_active and not WORKING.isdisjoint(about.role_set)
    rounds = {(stream, episode) for _, stream, episode in sites}
    return len(rounds), any(not works or site not in ("", about.site_id) for site, _, _ in sites)


def _about(number: int) -> Staff:
    found = Staff.objects.select_related("user", "site", "provider").filter(pk=number).first()
    if found is None:
        raise Http404("Nobody has this account.")
    return found


DONE = {
    "close": (accounts.close, "The account is closed. Whoever was signed in with it is out."),
    "reopen": (accounts.reopen, "The account is open again."),
    "factors": (accounts.reset_factors, "The next sign-in of this account sets up a new second factor."),
    "sessions": (accounts.end_sessions, "Every session of this account has ended."),
}


@staff_only
def do(request: HttpRequest, here: Here, number: int, what: str) -> HttpResponse:
    """Close, reopen or reset an account, or give it a new one-time password."""
    me, about = here.staff, _about(number)
    if what != "password" and what not in DONE:
        raise Http404("There is no such thing to do with an account.")
    if request.method != "POST":
        return redirect("desk:staff_one", number)
    if (asked := sign_again(request)) is not None:
        return asked
    alone = accounts.alone_as(about) if what == "close" else []
    if alone and not request.POST.get("sure"):
        flash.error(request, last_of(alone, about))
        return redirect("desk:staff_one", number)
    try:
        if what == "password":
            return _password_once(request, here, about, accounts.new_password(me, about))
        act, said = DONE[what]
        act(me, about)
        flash.success(request, said)
    except accounts.NotAllowed as why:
        flash.error(request, str(why))
    return redirect("desk:staff_one", number)


def _password_once(request: HttpRequest, here: Here, about: Staff, password: str) -> HttpResponse:
    context = {"about": about, "password": password, "days": accounts.INITIAL_WORKS_FOR.days}
    return render(request, "desk/staff_password.html", frame(here, "staff") | context)


@staff_only
def sign_ins(request: HttpRequest, here: Here) -> HttpResponse:
    """Who signed in and who did not, the latest first."""
    who, only = request.GET.get("who", ""), request.GET.get("only", "")
    found = SignIn.objects.order_by("-at", "-pk")
    if who:
        found = found.filter(who=who)
    if only == "failed":
        found = found.exclude(outcome__in=(Outcome.SIGNED_IN, Outcome.IDENTIFIED))
    listed = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {"listed": listed, "who": who, "only": only}
    return render(request, "desk/sign_ins.html", frame(here, "staff") | context)
