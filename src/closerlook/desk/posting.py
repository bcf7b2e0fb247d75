"""What lies printed: looking at it, printing it anew, and recording that it was posted."""

from datetime import datetime

from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from msgspec import Struct

from closerlook.desk import access, looks, offers, words
from closerlook.desk.here import OF_ANOTHER_SITE, Here, frame, patient_row, staff_only
from closerlook.desk.tables import Column, file_of, table, wants_file
from closerlook.exchange.models import Message
from closerlook.letters import documents
from closerlook.letters.outbox import NotThere
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused, may
from closerlook.pathway.events import Channel, ContactRoute, Document, Sending, Wishes, tags_of
from closerlook.people.models import Patient
from closerlook.portal import links
from closerlook.record import door
from closerlook.record.models import Event, OpenLoop

AT_MOST = 200
NO_LINK = "Her personal link and its code stand here in the letter she gets. They are not shown to your role."
NO_LETTER = (
    "This letter is an older one, and her personal link cannot be left out of it. The link is not shown to your role: "
    "ask the front desk what the letter says."
)
NAMES = {Document.SUMMARY: "Written summary", Document.PROVIDER_REPORT: "Report for her provider"}


class Printed(Struct, frozen=True):
    """A letter or report that lies printed. `value` names it, and this very printing, in the form."""

    value: str
    patient: Patient
    document: str
    due_at: datetime
    late: bool
    href: str
    heed: str


COLUMNS = (
    Column("patient", "Patient", lambda one: one.patient.name),
    Column("paper", "Paper", lambda one: one.document),
    Column("due", "Due", lambda one: one.due_at),
)


def to_post(here: Here) -> list[Printed]:
    """Return what lies printed and waits for the post, oldest first; as many queries for 1 as for 200."""
    rows = OpenLoop.objects.filter(kind="post_document", site__in=("", here.site.slug))
    found = list(rows.order_by("due_at", "stream", "subject")[:AT_MOST])
    streams = {x.stream for x in found}
    names = {p.id: p for p in Patient.objects.filter(id__in=streams)}
    printed = _printings(streams)
    wishes = {stream: found.patient.wishes for stream, found in door.look_at(streams & names.keys()).items()}
    return [
        Printed(
            value=f"{x.stream}/{x.subject}/{printed.get(x.stream, 0)}",
            patient=names[x.stream],
            document=NAMES[Document(x.subject.partition(":")[2])],
            due_at=x.due_at,
            late=x.due_at < here.now,
            href=reverse("desk:letter", args=[x.stream, *x.subject.split(":")]),
            heed=heed_of(names[x.stream], wishes[x.stream]) if x.subject.endswith(Document.SUMMARY) else "",
        )
        for x in found
        if x.stream in names
    ]


def heed_of(row: Patient, wishes: Wishes) -> str:
    """Return why her letter is not simply posted: a safe contact, or a way of writing that she forbade; else ""."""
    said = [row.safe_contact] if row.safe_contact else []
    if Channel.LETTER in wishes.not_by or wishes.route in (ContactRoute.SHELTER, ContactRoute.CUSTODY):
        said += words.wishes(wishes)
    return " ".join(said)


def _printings(streams: set[str]) -> dict[str, int]:
    """Return, for each patient, the number of the fact that says something was printed for the last time."""
    found = (
        Event.objects.filter(stream__in=streams, type__in=tags_of(Sending))
        .values_list("stream")
        .annotate(last=Max("seq"))
    )
    return dict(found)


@staff_only
def post(request: HttpRequest, here: Here) -> HttpResponse:
    """What lies printed. Ticking and recording is the proof that it was posted."""
    allowed = may(st.RecordPosted, here.actor)
    if request.method == "POST":
        if not allowed:
            raise PermissionDenied("Your role may not record what was posted. Ask the front desk.")
        _record(request, here)
        return redirect("desk:post")
    letters = to_post(here)
    looks.listed(here.staff, here.now, "post", [one.patient.id for one in letters])
    if wants_file(request):
        return file_of(request, "to-post", COLUMNS, letters)
    shown = table(request, COLUMNS, letters, page=AT_MOST)
    context = {"table": shown, "allowed": allowed, "full": len(letters) == AT_MOST}
    context["all_ticked"] = request.GET.get("tick") == "all"
    return render(request, "desk/post.html", frame(here, "post") | context)


def _record(request: HttpRequest, here: Here) -> None:
    """Record each letter ticked as posted, and say how many were, and which were not and why."""
    ticked, proof = request.POST.getlist("letter"), request.POST.get("proof", "").strip()
    if not ticked or not proof:
        flash.error(request, "Tick what was posted." if not ticked else "Say how it went. Nothing was recorded.")
        return
    done, refused = 0, []
    for value in ticked:
        try:
            _posted(value, proof, here)
            done += 1
        except (Refused, ValueError) as why:
            refused.append(str(why))
    if done:
        flash.success(request, f"Recorded as posted: {done}.")
    for sentence in dict.fromkeys(refused):
        flash.error(request, sentence)


def _posted(value: str, proof: str, here: Here) -> None:
    stream, subject, printing = value.split("/")
    if not Patient.objects.filter(pk=stream).exists() or not access.is_theirs(here.staff, stream, here.now):
        raise Refused(OF_ANOTHER_SITE)
    exam, _, document = subject.partition(":")
    asked = st.RecordPosted(exam=exam, document=Document(document), proof=proof)
    row = patient_row(stream)
    if document == Document.SUMMARY and (heed := heed_of(row, door.look(stream).patient.wishes)):
        raise Refused(f"{row.name}: {heed} Nothing was recorded. Open her record, and send it in the way she allows.")
    if _printings({stream}).get(stream, 0) != int(printing):
        raise Refused(f"A letter of {row.name} has been printed anew since. Post that one, then tick it.")
    key = f"posted:{subject}:{printing}"
    door.take(asked, stream=stream, actor=here.actor, key=key, now=here.now)


@staff_only
def letter(request: HttpRequest, here: Here, patient_id: str, exam_id: str, document: str) -> HttpResponse:
    """One printed letter or report, as it lies in the outbox; without her personal link for who may not hand it out."""
    row = patient_row(patient_id)
    if document != Document.PROVIDER_REPORT and not access.comes_in("patient", here.roles):
        raise PermissionDenied("This letter is for the patient. The report for you stands beside it.")
    found = door.look(patient_id).patient.exam(exam_id)
    if found is None or document not in set(Document):
        raise Http404("There is no such letter.")
    told = found[1].telling
    file = told.summary_file if document == Document.SUMMARY else told.provider_file
    if file is None:
        raise Http404("It has not been printed yet.")
    try:
        if document != Document.SUMMARY or access.may_link(here.roles):
            return HttpResponse(documents.read(file))
        shown = documents.read_without_link(file, NO_LINK)
        if shown is None:
            raise PermissionDenied(NO_LETTER)
        return HttpResponse(shown)
    except NotThere:
        again = offers.link(st.PrepareDocument, patient_id, f"{exam_id}:{document}")
        context = {"patient": row, "again": again if may(st.PrepareDocument, here.actor) else ""}
        return render(request, "desk/letter_gone.html", frame(here, "patient") | context, status=404)


def written(row: Patient, step: st.PrepareDocument, here: Here) -> str:
    """Write a letter or a report into the outbox, as the worker does, and return its file. Raises Refused."""
    found = door.look(row.id).patient.exam(step.exam)
    if found is None or found[1].result is None:
        raise Refused("There is no confirmed result yet, so nothing can be printed.")
    episode, exam = found
    message = Message.objects.filter(pk=exam.result.message).first() if exam.result and exam.result.message else None
    return documents.write(
        step.document,
        patient_row=row,
        episode=episode,
        exam=exam,
        site=row.site,
        link_url=links.issue(row, here.now, row.site) if step.document is Document.SUMMARY else None,
        report_text=message.text_of(row.id, exam.id) if message else None,
        now=here.now,
    )
