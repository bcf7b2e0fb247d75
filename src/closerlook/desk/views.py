"""The desk's pages: signing in, what is owed, a patient, the ledger."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from closerlook.desk import owed, telling, words
from closerlook.desk.here import Here, books, books_lately, frame, staff_only
from closerlook.pathway.deciding import DESK
from closerlook.pathway.loops import KINDS
from closerlook.pathway.terms import Role
from closerlook.people.models import Patient
from closerlook.portal import links
from closerlook.record import door


class SignInForm(AuthenticationForm):
    """Django's own, saying what to do."""

    error_messages = {
        "invalid_login": "This name and password do not belong together. Check both, and whether Caps Lock is on.",
        "inactive": "This account is closed. Ask the manager.",
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["username"].label = "Name"
        self.fields["username"].error_messages["required"] = "Write the name you sign in with."
        self.fields["password"].error_messages["required"] = "Write your password."


class SignIn(LoginView):
    """Sign in with a name and a password; then on to the page that was asked for, if it is one of ours."""

    template_name = "desk/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignOut(LogoutView):
    next_page = "desk:sign_in"


@staff_only
def home(request: HttpRequest, here: Here) -> HttpResponse:
    """What is owed: mine first; late, today, next; and whether everyone is accounted for."""
    who = request.GET.get("who", "mine")
    when, kind = request.GET.get("when", ""), request.GET.get("kind", "")
    rows = owed.whose(owed.visible(here.now), here, who)
    listed, more = owed.page(owed.narrowed(rows, here, when, kind), here, request.GET.get("after", ""))
    return render(
        request,
        "desk/home.html",
        frame(here, "home")
        | {
            "counts": owed.counts(rows, here),
            "most": owed.COUNTED,
            "rows": listed,
            "more": more,
            "who": who,
            "when": when,
            "kind": kind,
            "kinds": sorted(KINDS.items(), key=lambda k: k[1]),
            "owners": [(r.value, words.owner(r.value)) for r in Role if r is not Role.LEAD],
            "books": books_lately(here),
        },
    )


@staff_only
def patient(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """One patient: what is owed and what closes it, what may be done now, and what happened."""
    row = patient_row(patient_id)
    history = door.look(patient_id)
    page = telling.patient_page(row, history, here) | {"may_link": may_link(here)}
    return render(request, "desk/patient.html", frame(here, "patient") | page)


def patient_row(patient_id: str) -> Patient:
    """Return who a patient is. Raises Http404 for an id that nobody has."""
    row = Patient.objects.select_related("provider").filter(pk=patient_id).first()
    if row is None:
        raise Http404("There is no such patient here.")
    return row


def may_link(here: Here) -> bool:
    """Whether someone may hand out the key to a patient's page: those who speak with her."""
    return not DESK.isdisjoint(here.roles)


@staff_only
def link(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """Make her a new personal link, shown once."""
    row = patient_row(patient_id)
    if not may_link(here):
        raise PermissionDenied("Your role may not make a personal link. Ask the front desk.")
    if request.method != "POST":
        return redirect("desk:patient", patient_id)
    context = frame(here, "patient") | {"patient": row, "address": links.issue(row, here.now, here.site)}
    return render(request, "desk/link.html", context)


@staff_only
def ledger(request: HttpRequest, here: Here) -> HttpResponse:
    """Where everyone is, and what came in."""
    return render(request, "desk/ledger.html", frame(here, "ledger") | {"books": books(here)})
