"""The desk's pages: what is owed, a patient, a step, the post, the ledger."""

import contextlib
import secrets
from datetime import date

from django.contrib import messages as flash
from django.contrib.auth.views import LoginView, LogoutView
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from closerlook.desk import owed, telling, words
from closerlook.desk.forms import StepForm, Target
from closerlook.desk.here import Here, books, frame, staff_only
from closerlook.letters import documents
from closerlook.letters.outbox import NotThere
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import MAY, Refused, may
from closerlook.pathway.events import Document
from closerlook.pathway.loops import KINDS
from closerlook.pathway.terms import Role
from closerlook.people.models import Patient
from closerlook.portal import links
from closerlook.record import door

STEPS = {step.__name__: step for step in MAY}
FOUND_AT_MOST = 30


class SignIn(LoginView):
    """Sign in with a name and a password."""

    template_name = "desk/sign_in.html"
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
            "rows": listed,
            "more": more,
            "who": who,
            "when": when,
            "kind": kind,
            "kinds": sorted(KINDS.items(), key=lambda k: k[1]),
            "owners": [(r.value, words.plain(r.value)) for r in Role if r is not Role.LEAD],
            "books": books(here),
        },
    )


@staff_only
def find(request: HttpRequest, here: Here) -> HttpResponse:
    """Patients by name, number or birth date. The words asked for stay out of every log."""
    asked = request.GET.get("q", "").strip()
    found = list(_found(asked)) if asked else []
    if len(found) == 1:
        return redirect("desk:patient", found[0].id)
    context = frame(here, "find") | {"asked": asked, "found": found, "most": FOUND_AT_MOST}
    return render(request, "desk/find.html", context | {"search_value": asked})


def _found(asked: str) -> "list[Patient]":
    which = Q(identifiers__value__iexact=asked) | Q(id=asked)
    for word in asked.split():
        which |= Q(family__istartswith=word) | Q(given__istartswith=word)
    with contextlib.suppress(ValueError):
        which |= Q(birth_date=date.fromisoformat(asked))
    return list(Patient.objects.filter(which).distinct().order_by("family", "given")[: FOUND_AT_MOST + 1])


@staff_only
def patient(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """One patient: what is owed and what closes it, what may be done now, and what happened."""
    row = _patient_row(patient_id)
    history = door.look(patient_id)
    context = frame(here, "patient") | telling.patient_page(row, history, here)
    return render(request, "desk/patient.html", context)


def _patient_row(patient_id: str) -> Patient:
    row = Patient.objects.select_related("provider").filter(pk=patient_id).first()
    if row is None:
        raise Http404("There is no such patient here.")
    return row


@staff_only
def step(request: HttpRequest, here: Here, patient_id: str, name: str) -> HttpResponse:
    """Ask for what a step needs, and take it."""
    row, kind = _patient_row(patient_id), STEPS.get(name)
    if kind is None:
        raise Http404("There is no such step.")
    history = door.look(patient_id)
    target = _target(history, request.GET.get("subject", ""), here)
    form = _form(kind, target, request, history)
    allowed = may(kind, here.actor)
    if request.method == "POST" and allowed and form.is_valid() and _taken(form, patient_id, here):
        flash.success(request, f"Recorded: {words.label(kind).lower()}.")
        return redirect("desk:patient", patient_id)
    context = frame(here, "patient") | {
        "patient": row,
        "form": form,
        "allowed": allowed,
        "label": words.label(kind),
        "purpose": (kind.__doc__ or "").strip(),
        "about": words.about(target.episode, target.exam),
        "evidence": telling.evidence(target),
        "who": sorted(words.plain(str(role)) for role in MAY[kind]),
    }
    return render(request, "desk/step.html", context, status=200 if allowed else 403)


def _target(history: door.History, subject: str, here: Here) -> Target:
    """Return the round and examination that a subject such as "e1.x2", "e1" or "e1.x2:summary" names."""
    state = history.patient
    name = subject.partition(":")[0]
    episode = state.episodes.get(name.partition(".")[0])
    if episode is None:
        episode = next((e for e in reversed(list(state.episodes.values())) if e.settled is None), None)
        episode = episode or next(reversed(list(state.episodes.values())), None)
    exam = episode.exams.get(name) if episode else None
    if exam is None and episode is not None:
        exam = telling.exam_in_question(episode)
    return Target(state, episode, exam, name, here.site.name, here.actor.id)


def _form(kind: type[st.Step], target: Target, request: HttpRequest, history: door.History) -> StepForm:
    if request.method == "POST":
        return StepForm(kind, target, data=request.POST)
    fresh = {"seen": history.state.version, "key": secrets.token_urlsafe(12)}
    if document := request.GET.get("document"):
        fresh["document"] = document
    return StepForm(kind, target, initial=fresh)


def _taken(form: StepForm, patient_id: str, here: Here) -> bool:
    data = form.cleaned_data
    try:
        door.take(
            form.made(),
            stream=patient_id,
            actor=here.actor,
            key=f"desk:{here.actor.id}:{data['key']}",
            seen=data["seen"],
            now=here.now,
            site=here.site.slug,
        )
    except Refused as why:
        form.add_error(None, str(why))
        return False
    except door.StaleHistory as why:
        form.add_error(None, str(why))
        form.data = form.data.copy()
        form.data["seen"] = str(door.look(patient_id).state.version)
        return False
    return True


@staff_only
def link(request: HttpRequest, here: Here, patient_id: str) -> HttpResponse:
    """Make her a new personal link, shown once."""
    row = _patient_row(patient_id)
    if request.method != "POST":
        return redirect("desk:patient", patient_id)
    context = frame(here, "patient") | {"patient": row, "address": links.issue(row, here.now, here.site)}
    return render(request, "desk/link.html", context)


@staff_only
def post(request: HttpRequest, here: Here) -> HttpResponse:
    """What lies printed. Ticking and recording is the proof that it was posted."""
    if request.method == "POST":
        done, refused = _posted(request, here)
        if done:
            flash.success(request, f"Recorded as posted: {done}.")
        for sentence in refused:
            flash.error(request, sentence)
        return redirect("desk:post")
    return render(request, "desk/post.html", frame(here, "post") | {"letters": owed.to_post(here)})


def _posted(request: HttpRequest, here: Here) -> tuple[int, list[str]]:
    proof = request.POST.get("proof", "").strip()
    done, refused = 0, []
    for value in request.POST.getlist("letter"):
        stream, _, subject = value.partition("/")
        exam, _, document = subject.partition(":")
        try:
            asked = st.RecordPosted(exam=exam, document=Document(document), proof=proof)
            key = f"posted:{subject}:{request.POST.get('key', '')}"
            door.take(asked, stream=stream, actor=here.actor, key=key, now=here.now)
            done += 1
        except (Refused, ValueError) as why:
            refused.append(str(why))
    return done, refused


@staff_only
def letter(_request: HttpRequest, _here: Here, patient_id: str, exam_id: str, document: str) -> HttpResponse:
    """One printed letter or report, as it lies in the outbox."""
    found = door.look(patient_id).patient.exam(exam_id)
    if found is None:
        raise Http404("There is no such examination.")
    told = found[1].telling
    file = told.summary_file if document == Document.SUMMARY else told.provider_file
    if file is None:
        raise Http404("It has not been printed yet.")
    try:
        return HttpResponse(documents.read(file))
    except NotThere as error:
        raise Http404("The printed file is gone from the outbox; it can be printed again.") from error


@staff_only
def ledger(request: HttpRequest, here: Here) -> HttpResponse:
    """Where everyone is, and what came in."""
    return render(request, "desk/ledger.html", frame(here, "ledger") | {"books": books(here)})


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say plainly why a page is not for this account."""
    sentence = str(exception) or "This page is not for your role."
    return render(request, "desk/plain.html", {"heading": "Not for this account", "sentence": sentence}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say plainly that there is nothing here."""
    sentence = str(exception) if isinstance(exception, Http404) and "tried" not in str(exception) else ""
    context = {"heading": "There is nothing here", "sentence": sentence or "The address may be wrong or old."}
    return render(request, "desk/plain.html", context, status=404)
