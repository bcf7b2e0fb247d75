"""Taking a step: ask for what it needs, show what it rests on, and hand it to the door."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from operator import itemgetter
from typing import Any

from django.contrib import messages as flash
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from msgspec.structs import replace

from closerlook.accounts.again import brought_back, forget, sign_again
from closerlook.desk import access, chronicle, posting, telling, words
from closerlook.desk.fields import Target
from closerlook.desk.forms import StepForm
from closerlook.desk.here import Here, frame, names_of_staff, patient_row, staff_only, to_be_named, who_may
from closerlook.desk.offers import STEPS
from closerlook.letters.outbox import OutboxFailed
from closerlook.pathway import steps as st
from closerlook.pathway.calendar import add_months
from closerlook.pathway.deciding import MAY, Refused, may
from closerlook.pathway.events import Recorded
from closerlook.people import sites
from closerlook.people.models import Patient, Provider, TrustedSender
from closerlook.record import door

RESTS_ON = frozenset({"exam", "symptom", "finding", "specimen"})
"""A step about one of these is decided on what reports say: they stand beside its form."""
SIGNED_STEPS: tuple[type[st.Step], ...] = (
    st.RecordReading, st.Arbitrate, st.ConfirmAssessment, st.AssessWorkup, st.DecideConcordance, st.ConfirmChange,
    st.EnterInError, st.WithdrawReport, st.PlaceReport, st.PlanNext, st.AnswerSymptom,
)  # fmt: skip
"""Steps that count as a signature: whoever takes one proved within the last half hour who they are."""
JUST_NOW = timedelta(minutes=10)
A_LITTLE_LATER = 24
"""Months by which a person may put her next screening off beyond the interval of the site's rules."""
STALE = (
    "Someone has changed this record since you opened it. What you entered is still here: look at her record again, "
    "then record it, or leave it."
)


@staff_only
def step(request: HttpRequest, here: Here, patient_id: str, name: str) -> HttpResponse:
    """Ask for what a step needs, and take it."""
    row, kind = patient_row(patient_id), STEPS.get(name)
    if kind is None:
        raise Http404("There is no such step.")
    context = frame(here, "patient") | {"patient": row, "label": words.label(kind)}
    if not may(kind, here.actor):
        who = sorted(words.plain(str(role)) for role in MAY[kind])
        return render(request, "desk/step_refused.html", context | {"who": who}, status=403)
    history = door.look(patient_id)
    target = target_of(history, request, here)
    kept = brought_back(request) if request.method == "GET" else None
    form = _form(
        kind, target, request.POST if request.method == "POST" else kept, history, request.GET.get("other", "")
    )
    if request.method == "POST" and kind in SIGNED_STEPS and (asked := sign_again(request)) is not None:
        return asked
    before = history.state.version
    if request.method == "POST" and _taken(form, row, here):
        forget(request)
        label = words.label(kind).lower().rstrip("?")
        if door.look(patient_id).state.version == before:
            flash.info(request, f"Nothing new was recorded ({label}): it stands already, or nothing asks for it.")
        else:
            flash.success(request, f"Recorded: {label}.")
        return redirect("desk:patient", patient_id)
    context |= {
        "form": form,
        "purpose": words.purpose(kind),
        "about": telling.about_words(target, target.subject),
        "known": telling.known_of(target.patient),
        "evidence": telling.evidence(target) if RESTS_ON & set(kind.__struct_fields__) else [],
        "just_now": just_now(history.records, here) if request.method != "POST" else "",
        "kept": kept is not None,
    }
    return render(request, "desk/step.html", context)


def target_of(history: door.History, request: HttpRequest, here: Here) -> Target:
    """Return what the step is about, as the page's address says."""
    return target_about(history, request.GET.get("subject", ""), here, request.GET.get("document", ""))


def target_about(history: door.History, subject: str, here: Here, asked: str = "") -> Target:
    """Return what a step is about, with what the form's choices are made of. `asked`: which document is meant."""
    state = history.patient
    about = telling.about_subject(state, subject, here.now, asked)
    hidden = chronicle.blinded(state, here.actor)
    told = chronicle.story(history.records, {}, hidden)
    facts = tuple((fact["seq"], f"{fact['seq']}: {fact['said']}") for fact in told if not fact["gone"])
    return Target(
        patient=state,
        episode=about.episode,
        exam=about.exam,
        now=here.now,
        document=about.document,
        subject=about.subject,
        detail=about.detail,
        site=here.site,
        record=history.stream,
        me=here.actor.id,
        staff=names_of_staff(),
        colleagues=to_be_named(here, history.stream),
        releasers=who_may(st.ReleaseReading),
        reviewers=who_may(st.ReviewPause),
        facts=facts,
        issuer=_issuer(state, here),
        doctors=_doctors(history),
    )


def _doctors(history: door.History) -> dict[str, str]:
    """Return her doctors by id: the one on file for her, then those whom her examinations name, the latest first."""
    on_file = Patient.objects.filter(pk=history.stream).values_list("provider", flat=True)
    named = [x.provider for e in history.patient.episodes.values() for x in e.exams.values() if not x.not_hers]
    ids = [found for found in (*on_file, *reversed(named)) if found]
    names = {one.id: str(one) for one in Provider.objects.filter(pk__in=ids)}
    return {found: names.get(found) or found.rpartition("|")[2] for found in ids}


def _issuer(state: Any, here: Here) -> str:
    """Return whose accession numbers hers are: as on her other examinations, else the site's first known sender."""
    known = [x.accession for e in state.episodes.values() for x in e.exams.values() if x.accession]
    if known:
        return str(known[-1]).rpartition("|")[0]
    senders = TrustedSender.objects.filter(site=here.site).order_by("sender")
    return senders.values_list("sender", flat=True).first() or "desk"


def just_now(records: Iterable[Recorded], here: Here) -> str:
    """Return what this person recorded a moment ago, "" if nothing: whoever comes back to a form should know."""
    mine = [r for r in records if r.actor.id == here.actor.id and here.now - r.recorded_at <= JUST_NOW]
    return words.said(mine[-1].event) if mine else ""


def _form(
    kind: type[st.Step], target: Target, filled: QueryDict | None, history: door.History, survivor: str
) -> StepForm:
    if filled is not None:
        return StepForm(kind, target, data=filled)
    given = {"survivor": survivor} if survivor else {}
    return StepForm(kind, target, initial={"seen": history.state.version, "key": secrets.token_urlsafe(12), **given})


def _taken(form: StepForm, row: Patient, here: Here) -> bool:
    """Take the step the form asks for; else say on the form why not."""
    if not form.is_valid():
        return False
    try:
        _take(_made(form, row, here), form, row, here)
    except (Refused, OutboxFailed) as why:
        form.add_error(None, str(why))
        return False
    except door.StaleHistory:
        form.add_error(None, STALE)
        again = QueryDict(mutable=True)
        again.update(form.data)
        again["seen"] = str(door.look(row.id).state.version)
        form.data = again
        return False
    return True


def _take(step: st.Step, form: StepForm, row: Patient, here: Here) -> None:
    """Hand the step to the door; what is of two records is recorded in both, or in neither."""
    data = form.cleaned_data
    check_death(step, row)
    _check_dates(step, row, here)
    key = f"desk:{here.actor.id}:{data['key']}"
    beside = _of_the_other(step, row)
    if beside is None:
        door.take(step, stream=row.id, actor=here.actor, key=key, seen=data["seen"], now=here.now, site=here.site.slug)
        return
    other, theirs = beside
    if not access.is_theirs(here.staff, other, here.now):
        raise Refused("The other record is another site's. Open it from the search, with a reason, before you do this.")
    _check_same(row, Patient.objects.get(pk=other), step, sure=bool(data.get("sure")))
    with transaction.atomic(durable=True):
        for stream, taken, seen in sorted([(row.id, step, data["seen"]), (other, theirs, None)], key=itemgetter(0)):
            door.take_within(
                taken, stream=stream, actor=here.actor, key=key, seen=seen, now=here.now, site=here.site.slug
            )


def check_death(step: st.Step, row: Patient) -> None:
    """Refuse a day of death before her birth, or before she was last examined: a slip in the year empties her list."""
    if not isinstance(step, st.RecordDeath):
        return
    exams = [x for e in door.look(row.id).patient.episodes.values() for x in e.exams.values() if not x.not_hers]
    seen = max((timezone.localdate(x.performed_at) for x in exams), default=row.birth_date)
    alive = max(seen, row.birth_date)
    if step.died_on < alive:
        raise Refused(f"On {words.day(alive)} she was alive. Look at the year of the day you wrote.")


def _check_dates(step: st.Step, row: Patient, here: Here) -> None:
    """Refuse pictures from before her birth, and a next screening years beyond the site's rules: slips in a year."""
    match step:
        case st.TakeExamination(examination=x) | st.TakeReport(examination=x):
            if timezone.localdate(x.performed_at) < row.birth_date:
                raise Refused(f"She was born on {words.day(row.birth_date)}. Look at the year of the examination.")
        case st.SetNextDue():
            rules = sites.protocol(row.site.slug)
            first = add_months(row.birth_date, 12 * rules.invite_from_age)
            latest = max(first, add_months(rules.calendar.on(here.now), rules.screening_months + A_LITTLE_LATER))
            if step.due_on > latest:
                raise Refused(f"By the rules of this site she is due by {words.day(latest)}. Look at the year.")


def _check_same(row: Patient, other: Patient, step: st.Step, *, sure: bool) -> None:
    """Refuse to make one of two records of which one says that she died; ask again where name or birth date differ."""
    if isinstance(step, st.Unmerge):
        return
    if (door.look(row.id).patient.died_on is None) != (door.look(other.id).patient.died_on is None):
        raise Refused("One of the two records says that she died, the other does not. Put that right first.")
    names = {(one.family.casefold(), one.given.casefold(), one.birth_date) for one in (row, other)}
    if len(names) > 1 and not sure:
        about = " and ".join(f"{one.name}, born {words.day(one.birth_date)}" for one in (row, other))
        raise Refused(f"These are {about}. If they are one person all the same, tick that you made sure of it.")


def _of_the_other(step: st.Step, row: Patient) -> tuple[str, st.Step] | None:
    """Return the record that a merger is about too, and what is recorded there."""
    match step:
        case st.MergeInto(survivor=other):
            theirs: st.Step = st.Absorb(retired=row.id)
        case st.Absorb(retired=other):
            theirs = st.MergeInto(survivor=row.id)
        case st.Unmerge(other=other):
            theirs = st.Unmerge(other=row.id)
        case _:
            return None
    return None if other == row.id else (other, theirs)  # the pathway says why not


def _made(form: StepForm, row: Patient, here: Here) -> st.Step:
    step = form.made()
    if isinstance(step, st.PrepareDocument):
        return replace(step, file=posting.written(row, step, here))
    return step
