"""The unit as who leads it sees it: what is late at each step, its rules, its details, handing over."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from msgspec import Struct

from closerlook.accounts.again import brought_back, sign_again
from closerlook.desk import access, words
from closerlook.desk.here import Here, books, colleagues, frame, names_of_staff, staff_only
from closerlook.desk.tables import AT_MOST, Column, file_of, table, wants_file
from closerlook.pathway.closing import CLOSED_BY, STEPS_FOR
from closerlook.pathway.deciding import LEADING, Refused, may
from closerlook.pathway.events import Actor, Kind
from closerlook.pathway.loops import KINDS
from closerlook.pathway.picture import in_words, late_in_words
from closerlook.pathway.protocol import Protocol, ProtocolError, shipped
from closerlook.people import settings_of_site, sites
from closerlook.people.models import Changed, Staff
from closerlook.record import caseload, door
from closerlook.record.models import OpenLoop

WAYS_ON = (
    ("site", "Details of the site", "name, address, phone, hours, protocol"),
    ("rooms", "Rooms", "what is done where, and when they give times"),
    ("downtime", "The list for a day without the software", "everyone owed something soon, to print"),
    ("looks", "Who looked", "every look at a record, by whom and when"),
    ("capacity", "Capacity", "what one more session a week would change"),
    ("ledger", "Ledger", "where everyone is, and what came in"),
)


@staff_only
def manage(request: HttpRequest, here: Here) -> HttpResponse:
    """Today at a glance: whether everyone is accounted for, what is late by step, and the ways on."""
    lateness = lateness_of(here)
    late = [one for one in lateness if one.late]
    context = {
        "books": books(here),
        "open": sum(one.open for one in lateness),
        "late": sum(one.late for one in late),
        "by_law": sum(one.by_law for one in late),
        "worst": sorted(late, key=lambda one: (-one.by_law, -one.late))[:5],
        "leads": not LEADING.isdisjoint(here.roles),
        "nobodys": _nobodys(here),
        "more": [way for way in WAYS_ON if access.comes_in(way[0], here.roles)],
    }
    return render(request, "desk/manage.html", frame(here, "manage") | context)


def _nobodys(here: Here) -> list[str]:
    """Return in whose name something is owed here who does not work here any more."""
    present, names = colleagues(here.site), names_of_staff()
    carried = OpenLoop.objects.filter(site=here.site.slug, assignee__isnull=False).values_list("assignee", flat=True)
    return sorted(names.get(str(who), str(who)) for who in carried.distinct() if who not in present)


# ---------------------------------------------------------------- lateness by step


class Step(Struct, frozen=True):
    """One kind of thing owed at the site: how much is open, how much of it late, and since when."""

    kind: str
    what: str
    owner: str
    open: int
    late: int
    by_law: int
    oldest: datetime | None


LATENESS = (
    Column("what", "Owed", lambda one: one.what),
    Column("owner", "By", lambda one: one.owner),
    Column("open", "Open", lambda one: one.open, "number"),
    Column("late", "Late", lambda one: one.late, "number"),
    Column("by_law", "Past the limit of a law", lambda one: one.by_law, "number"),
    Column("oldest", "Longest due", lambda one: one.oldest),
)


def lateness_of(here: Here) -> list[Step]:
    """Return what is open and late at the site, a line for each kind and owner, in one query."""
    rows = OpenLoop.objects.filter(site__in=("", here.site.slug), visible_from__lte=here.now)
    found = rows.values("kind", "owner").annotate(
        open=Count("stream"),
        late=Count("stream", filter=Q(due_at__lt=here.now)),
        by_law=Count("stream", filter=Q(legal=True, late_at__lt=here.now)),
        oldest=Min("due_at", filter=Q(due_at__lt=here.now)),
    )
    lines = [
        Step(one["kind"], KINDS[one["kind"]], words.owner(one["owner"]), one["open"], one["late"], one["by_law"],
             one["oldest"])
        for one in found
    ]  # fmt: skip
    return sorted(lines, key=lambda one: (-one.late, -one.open, one.what))


@staff_only
def late(request: HttpRequest, here: Here) -> HttpResponse:
    """Lateness by step."""
    lines = lateness_of(here)
    if wants_file(request):
        return file_of(request, "lateness", LATENESS, lines)
    context = {"table": table(request, LATENESS, lines), "may_open": not LEADING.isdisjoint(here.roles)}
    return render(request, "desk/late.html", frame(here, "manage") | context)


# ---------------------------------------------------------------- the rules


class Rule(Struct, frozen=True):
    """One row of the protocol in words."""

    what: str
    variant: str
    owner: str
    due: str
    late: str
    rule: str
    legal: str
    closed_by: str


RULES = (
    Column("what", "Owed", lambda one: one.what),
    Column("variant", "Where", lambda one: one.variant),
    Column("owner", "By", lambda one: one.owner),
    Column("due", "Due", lambda one: one.due),
    Column("late", "Late", lambda one: one.late),
    Column("rule", "Rule", lambda one: one.rule),
    Column("legal", "By law", lambda one: one.legal),
    Column("closed_by", "What closes it", lambda one: one.closed_by),
)


@staff_only
def rules(request: HttpRequest, here: Here) -> HttpResponse:
    """The protocol the site works by: every kind of thing owed, by whom, by when, and by which rule."""
    protocol = sites.protocol(here.site.slug)
    lines = rules_of(protocol)
    if wants_file(request):
        return file_of(request, "rules", RULES, lines)
    context = {"table": table(request, RULES, lines, page=AT_MOST), "protocol": protocol}
    return render(request, "desk/rules.html", frame(here, "manage") | context)


def rules_of(protocol: Protocol) -> list[Rule]:
    """Return every row of a protocol in words."""
    return [
        Rule(
            what=KINDS[row.kind],
            variant=words.plain(row.variant),
            owner=words.owner(row.owner),
            due=in_words(row.due),
            late=late_in_words(row),
            rule=row.rule,
            legal="by law" if row.legal else "",
            closed_by=CLOSED_BY[row.kind],
        )
        for row in protocol.rows
    ]


# ---------------------------------------------------------------- handing over


class HandOverForm(forms.Form):
    """Whose rounds go to whom."""

    leaves = forms.ChoiceField(label="Who leaves", error_messages={"required": "Choose whose rounds are handed over."})
    takes = forms.ChoiceField(label="Who takes the rounds", error_messages={"required": "Choose who takes them."})
    cover = forms.ChoiceField(label="Who covers when that person is away", required=False)

    def __init__(self, here: Here, *args: Any) -> None:
        super().__init__(*args)
        self.site = here.site.slug
        known = names_of_staff()
        names = list(colleagues(here.site).items())
        carried = (
            OpenLoop.objects.exclude(assignee=None)
            .filter(site=here.site.slug)
            .values_list("assignee", flat=True)
            .distinct()
        )
        gone = [(str(name), known.get(str(name), str(name))) for name in carried]
        for field, choices in (("leaves", gone), ("takes", names), ("cover", names)):
            self.fields[field].choices = [("", "Choose"), *sorted(choices, key=lambda c: c[1])]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        leaves, takes = data.get("leaves"), data.get("takes")
        if leaves and leaves == takes:
            self.add_error("takes", "Choose somebody else: these rounds are with that person already.")
        elif leaves and takes and (cannot := self._cannot(leaves, takes)):
            self.add_error("takes", f"{'; '.join(cannot)}: this person may not. Choose somebody who may.")
        return data

    def _cannot(self, leaves: str, takes: str) -> list[str]:
        """Return what is owed in the name of who leaves that they could do and whoever takes over may not."""
        owed = OpenLoop.objects.filter(assignee=leaves, site=self.site).values_list("kind", flat=True).distinct()
        who = [_as_actor(leaves), _as_actor(takes)]
        could, can = ({kind for kind in owed if any(may(step, one) for step in STEPS_FOR[kind])} for one in who)
        return sorted(KINDS[kind] for kind in could - can)


def _as_actor(username: str) -> Actor:
    staff = Staff.objects.filter(user__username=username).first()
    return Actor(Kind.STAFF, username, staff.role_set if staff else ())


CARRIED = (
    Column("who", "Who", lambda one: one[0]),
    Column("rounds", "Rounds", lambda one: one[1], "number"),
    Column("late", "Late things owed", lambda one: one[2], "number"),
)


@staff_only
def hand_over(request: HttpRequest, here: Here) -> HttpResponse:
    """Hand every round in someone's care over to somebody else; the software does it round by round."""
    form = HandOverForm(here, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            stream = caseload.begin(
                data["leaves"],
                data["takes"],
                data["cover"] or None,
                actor=here.actor,
                now=here.now,
                site=here.site.slug,
            )
        except Refused as why:
            form.add_error(None, str(why))
        else:
            number = len(door.look(stream).hand_over.left)
            flash.success(request, f"Handing over begun: {number} rounds. The software names the new owner in each.")
            return redirect("desk:hand_over")
    lines = _carried(here)
    if wants_file(request):
        return file_of(request, "caseloads", CARRIED, lines)
    waiting = OpenLoop.objects.filter(kind="hand_over").order_by("due_at")[:20]
    matters = [door.look(row.stream).hand_over for row in waiting]
    names = names_of_staff()
    moving = [(names.get(m.leaves, m.leaves), names.get(m.takes, m.takes), len(m.left)) for m in matters]
    context = {"form": form, "table": table(request, CARRIED, lines), "moving": moving}
    return render(request, "desk/hand_over.html", frame(here, "manage") | context)


def _carried(here: Here) -> list[tuple[str, int, int]]:
    """Return who carries how many rounds by name, and how much of it is late."""
    names = names_of_staff()
    found = (
        OpenLoop.objects.exclude(assignee=None)
        .filter(site__in=("", here.site.slug))
        .values("assignee")
        .annotate(rounds=Count("stream", distinct=True), late=Count("stream", filter=Q(due_at__lt=here.now)))
    )
    return [(names.get(who := str(one["assignee"]), who), one["rounds"], one["late"]) for one in found]


# ---------------------------------------------------------------- the site's details


FEWEST_DIGITS, CHANGES = 5, 50
RULES_OF_THE_SITE = frozenset({"zone", "protocol"})
"""What decides when everything is due: for who leads to change, and only by who proves again who they are."""
NOT_SURE = "The protocol or the time zone would change, and with it when things are due. Tick that you mean it."
NOT_THE_RULES = "The protocol and the time zone decide when everything is due. Ask who leads the unit to change them."


class SiteForm(forms.Form):
    """A site's own details, as they stand on letters and pages."""

    name = forms.CharField(label="Name", max_length=120)
    address = forms.CharField(label="Address, a line each", widget=forms.Textarea(attrs={"rows": 3}))
    phone = forms.CharField(label="Phone", max_length=40)
    contact_name = forms.CharField(label="Whom a patient asks for", max_length=120, required=False)
    contact_hours = forms.CharField(label="When that person is there", max_length=120, required=False)
    zone = forms.CharField(label="Time zone", help_text="As America/Chicago.", max_length=60)
    protocol = forms.ChoiceField(label="Protocol", help_text="A file of your own: closerlook site --protocol.")
    sure = forms.BooleanField(
        label="I mean to change the protocol or the time zone",
        help_text="Rounds that begin from then on go by the new rules; rounds that are open keep theirs.",
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict.fromkeys([*shipped(), self.initial["protocol"]])
        self.fields["protocol"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]

    def clean_address(self) -> str:
        return settings_of_site.lines_of(self.cleaned_data["address"])

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"].strip()
        if sum(c.isdigit() for c in phone) < FEWEST_DIGITS:
            raise forms.ValidationError("Write the number patients ring, with all its digits.")
        return phone


@staff_only
def site(request: HttpRequest, here: Here) -> HttpResponse:
    """The site's details; who leads or administers it may change them, its rules only who leads."""
    now_stands = {name: getattr(here.site, name) for name in SiteForm.base_fields if name != "sure"}
    kept = brought_back(request) if request.method == "GET" else None
    form = SiteForm(request.POST if request.method == "POST" else kept, initial=now_stands)
    if request.method == "POST" and form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in now_stands}
        given = {name: str(value) for name, value in wanted.items() if value != now_stands[name]}
        of_rules = not RULES_OF_THE_SITE.isdisjoint(given)
        if of_rules and LEADING.isdisjoint(here.roles):
            form.add_error(None, NOT_THE_RULES)
        elif of_rules and not form.cleaned_data["sure"]:
            form.add_error("sure", NOT_SURE)
        elif of_rules and (asked := sign_again(request)) is not None:
            return asked
        elif _keep(given, form, here):
            flash.success(request, "The details are kept. Letters and pages use them from now on.")
            return redirect("desk:site")
    changes = Changed.objects.filter(what="site", which=here.site.slug).order_by("-changed_at", "-pk")[:CHANGES]
    context = {"form": form, "of": here.site, "changes": changes}
    return render(request, "desk/site.html", frame(here, "manage") | context)


def _keep(given: dict[str, str], form: SiteForm, here: Here) -> bool:
    try:
        settings_of_site.change(given, site=here.site, by=here.actor.id, now=here.now)
    except (ImproperlyConfigured, ProtocolError, ValueError) as why:
        form.add_error(None, str(why))
        return False
    return True
