"""The page of one case: shown, answered by a key or a form, signed, and on to the next."""

import secrets
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from msgspec import Struct

from closerlook.accounts.again import brought_back, sign_again
from closerlook.desk import chronicle, offers, words
from closerlook.desk.doing import STALE, target_about
from closerlook.desk.fields import Target
from closerlook.desk.forms import OPINIONS, StepForm
from closerlook.desk.here import Here, frame, patient_row, staff_only
from closerlook.desk.reading import case as told
from closerlook.desk.reading import handing, last, plan, room, signing
from closerlook.desk.reading.forms import DRAWN_CM, LOOK_AT_THE_PLAN, QUICK, OpinionForm, PlanForm, ReadingForm, marks
from closerlook.desk.reading.models import Ending, HandOut
from closerlook.evidence import workup
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.terms import FindingKind
from closerlook.people.models import Patient
from closerlook.record import door
from closerlook.record.models import Taken

LOCK = timedelta(seconds=1.5)
"""So long after a case is first shown no key signs it: a second press was meant for the case before."""
STEP_FOR: dict[str, type[st.Step]] = {
    "read": st.RecordReading,
    "await_final": st.RecordReading,
    "get_priors": st.RecordReading,
    "confirm_assessment": st.ConfirmAssessment,
    "arbitrate": st.Arbitrate,
    "assess_workup": st.AssessWorkup,
    "plan_call_back": st.DecideCallBack,
    "complete_assessment": st.DecideCallBack,
}
"""What is signed for each kind of thing owed."""
JUST_SHOWN = "Nothing was signed: the case had only just been shown. Look at it, then press again."
NOT_PLAIN = (
    "Nothing was signed: pictures are missing here, or a report speaks of something to act on. Say what each breast is."
)
MEANWHILE = (
    "Nothing was signed: this case is not in your hands any more. Someone else has it, or it was read meanwhile."
)


class Case(Struct, frozen=True):
    """One request about one case. `mine`: the hand-out, None where the case is not in this reader's hands."""

    request: HttpRequest
    here: Here
    row: Patient
    history: door.History
    target: Target
    mine: HandOut | None

    @property
    def plain(self) -> bool:
        """Whether one word can say it all: every picture is there, and no report speaks of anything to act on."""
        exam = self.target.exam
        return exam is not None and exam.incomplete is None and not chronicle.speaks_of_something(exam)

    def form(self, data: QueryDict | None = None, initial: dict[str, Any] | None = None) -> ReadingForm | None:
        """Return the form for what is owed here."""
        if self.mine is None:
            return None
        step = STEP_FOR[self.mine.kind]
        made = OpinionForm if step in OPINIONS else PlanForm if step is st.DecideCallBack else ReadingForm
        fresh = {"seen": self.history.state.version, "key": secrets.token_urlsafe(12)}
        return made(step, self.target, data=data, initial={**_planned(step, self.target), **(initial or {}), **fresh})


@staff_only
def case(request: HttpRequest, here: Here, patient_id: str, exam_id: str) -> HttpResponse:
    """Show a case, or take what its reader says of it."""
    row, history = patient_row(patient_id), door.look(patient_id)
    if history.patient.exam(exam_id) is None:
        raise Http404("She has no such examination.")
    mine = handing.current(here)
    if mine is not None and (mine.stream, mine.exam) != (patient_id, exam_id):
        mine = None
    one = Case(request, here, row, history, target_about(history, exam_id, here), mine)
    if request.method == "POST":
        return _answered(one)
    if mine is not None:
        handing.touch(mine, here.now)
        kept = brought_back(request)  # what was being signed when this reader was asked who they are
        if kept is not None and kept.get("do") == "sign":
            return _shown(one, *_worked_on(one, kept.copy(), "sign"))
    return _shown(one, one.form(), "quick")


def _answered(one: Case) -> HttpResponse:
    do = one.request.POST.get("do", "")
    if one.mine is None:
        return _not_mine(one, do)
    if do == "give_back":
        handing.end(one.mine, Ending.GIVEN_BACK, one.here.now)
        flash.info(one.request, "Given back. Someone else reads it.")
        return room.onward(one.request, one.here)
    if do in (*QUICK, "sign", "hold"):
        again = sign_again(one.request)
        if again is not None:
            return again
    first_shown = one.mine.shown_at
    handing.touch(one.mine, one.here.now)
    if do == "hold":
        return _held(one)
    if do in QUICK:
        if not one.plain:
            flash.warning(one.request, NOT_PLAIN)
            return redirect(one.request.path)
        if first_shown is None or one.here.now - first_shown < LOCK:
            flash.warning(one.request, JUST_SHOWN)
            return redirect(one.request.path)
        return _by_key(one, do)
    if do == "sign":
        return _by_form(one)
    return _shown(one, *_worked_on(one, one.request.POST.copy(), do))


# ---------------------------------------------------------------- not in this reader's hands


def _not_mine(one: Case, do: str) -> HttpResponse:
    """A case that is not in this reader's hands: taken on, taken back, or signed by a click that came twice."""
    stream, exam, here = one.row.id, one.target.subject, one.here
    if do == "take":
        if handing.claim(here, stream, exam) is None:
            flash.error(one.request, _why_not(one))
        return redirect(one.request.path)
    if do == "take_back":
        return sign_again(one.request) or _taken_back(one)
    key = f"reading:{here.actor.id}:{one.request.POST.get('key', '')}:0"
    if Taken.objects.filter(stream=stream, key=key).exists():
        return room.onward(one.request, here)  # the second of two clicks: it is signed
    mine = handing.resume(here, stream, exam)
    if mine is None:
        flash.error(one.request, MEANWHILE)
        return redirect(one.request.path)
    return _answered(Case(one.request, here, one.row, one.history, one.target, mine))


def _why_not(one: Case) -> str:
    other = handing.current(one.here)
    if other is not None:
        return "You have another case open. Sign it or give it back first."
    return "This case cannot be handed to you now: someone else has it, or nothing is owed that you may read."


def _taken_back(one: Case) -> HttpResponse:
    signed = last.signed_here(one.here, one.row.id, one.target.subject)
    if signed is None:
        flash.error(one.request, "You have signed nothing here that still stands.")
        return redirect(one.request.path)
    try:
        reason, key = one.request.POST.get("reason", ""), one.request.POST.get("key", "")
        signing.take_back(one.here, signed, reason[:300], key=key, now=one.here.now)
    except Refused as why:
        flash.error(one.request, str(why))
    else:
        owed = {x.kind for x in door.look(one.row.id).loops if x.subject.partition(":")[0] == one.target.subject}
        again = bool(owed & set(STEP_FOR))
        flash.success(one.request, "Taken back. Its reading is owed again." if again else "Taken back.")
    return redirect(one.request.path)


# ---------------------------------------------------------------- signing


def _by_key(one: Case, do: str) -> HttpResponse:
    """One word for every breast examined."""
    data = one.request.POST.copy()
    form = one.form(data)
    if not isinstance(form, OpinionForm):
        raise Http404("Nothing here is answered by one key.")
    for side in form.breasts:
        data[f"side_{side}"] = QUICK[do].value
    for name in [name for name in data if name.partition("_")[0] in ("kind", "place", "clock", "distance", "depth")]:
        del data[name]
    form = one.form(data)
    assert form is not None  # noqa: S101  it was there a moment ago
    return _signed(one, form) or _shown(one, form, "quick")


def _by_form(one: Case) -> HttpResponse:
    data = one.request.POST.copy()
    form = one.form(data)
    assert form is not None  # noqa: S101  it is in this reader's hands
    asking = form.asking
    if form.plans and asking.reasons and data.get("planned_for") != asking.mark:
        _propose(data, asking)
        form = one.form(data)
        assert form is not None  # noqa: S101
        form.is_valid()
        form.add_error(None, LOOK_AT_THE_PLAN)
        return _shown(one, form, "full")
    return _signed(one, form) or _shown(one, form, "full")


def _propose(data: QueryDict, asking: plan.Asking) -> None:
    proposal = asking.proposal()
    data.setlist("views", list(proposal.views))
    data["ultrasound"] = "yes" if proposal.ultrasound else "no"
    data["planned_for"] = asking.mark


def _signed(one: Case, form: ReadingForm) -> HttpResponse | None:
    """Sign what a form says and lead on; None where it cannot be signed, and the form says why."""
    if one.mine is None or not form.is_valid():
        return None
    return _recorded(one, form, form.steps(), form.acknowledged)


def _recorded(one: Case, form: StepForm, steps: list[st.Step], acknowledged: str = "") -> HttpResponse | None:
    data = form.cleaned_data
    assert one.mine is not None  # noqa: S101  the caller looked
    try:
        signing.sign(one.here, one.mine, steps, key=data["key"], seen=data["seen"], acknowledged=acknowledged)
    except signing.NotYours:
        form.add_error(None, MEANWHILE)
    except Refused as why:
        form.add_error(None, str(why))
    except door.StaleHistory:
        form.add_error(None, STALE)
        again = QueryDict(mutable=True)
        again.update(form.data)
        again["seen"] = str(door.look(one.row.id).state.version)
        form.data = again
    else:
        return room.onward(one.request, one.here)
    return None


def _held(one: Case) -> HttpResponse:
    form = StepForm(st.DeferReading, one.target, data=one.request.POST)
    if form.is_valid():
        answer = _recorded(one, form, [form.made()])
        if answer is not None:
            return answer
    return _shown(one, one.form(), "quick", hold=form)


# ---------------------------------------------------------------- shown


def _worked_on(one: Case, data: QueryDict, do: str) -> tuple[ReadingForm | None, str]:
    """Return the form with what was entered so far, nothing signed; with the plan proposed for what it says."""
    empty = one.form()
    asking = plan.asked_by(data, one.target)
    if empty is not None and empty.plans and asking.reasons and data.get("planned_for") != asking.mark:
        _propose(data, asking)
    kept = {name: _entered(field, data, name) for name, field in empty.fields.items()} if empty else {}
    return one.form(initial=kept), "quick" if do == "show" else "full"


def _entered(field: forms.Field, data: QueryDict, name: str) -> Any:
    if isinstance(field, forms.MultipleChoiceField):
        return data.getlist(name)
    return bool(data.get(name)) if isinstance(field, forms.BooleanField) else data.get(name, "")


def _shown(one: Case, form: ReadingForm | None, stage: str, hold: StepForm | None = None) -> HttpResponse:
    here, target = one.here, one.target
    batch = handing.batch_of(here.actor.id)
    entered = (form.data if form.is_bound else form.initial) if form is not None else {}
    asking = plan.asked_by(entered, target)
    by_key = isinstance(form, OpinionForm)
    proposal = asking.proposal()
    context = told.page_of(one.row, one.history, target, here) | {
        "form": form,
        "stage": (stage if one.plain else "full") if by_key else "answer",
        "label": words.label(form.step) if form is not None else "",
        "purpose": words.purpose(form.step) if form is not None else "",
        "progress": room.progress(batch) if one.mine else "",
        "batch": batch,
        "last": last.line(here, one.mine),
        "signed": last.signed_here(here, one.row.id, target.subject) if one.mine is None else None,
        "release_url": _link(one, st.ReleaseReading, "release_reading"),
        "panel_url": _link(one, st.Arbitrate, "arbitrate") if told.has_read(target) else "",
        "again_url": offers.link(st.RecordReading, one.row.id, target.subject),
        "drawn_cm": DRAWN_CM,
        "take_key": secrets.token_urlsafe(12),
        "drawn": marks(entered) if by_key else told.known_marks(target),
        "asking": asking,
        "proposed": plan.said(proposal),
        "sources": plan.sources(proposal),
        "watching": workup.everything().watching if form is not None and form.step is st.AssessWorkup else (),
        "hold": hold or _hold_form(one),
        "lock_ms": int(LOCK.total_seconds() * 1000),
    }
    return render(one.request, "desk/reading_case.html", frame(here, "reading") | context)


def _link(one: Case, step: type[st.Step], kind: str) -> str:
    """Return where a step is taken that is owed about this case and is not the room's, "" where it is not owed."""
    owed = one.mine is None and any(key[1:] == (kind, one.target.subject) for key in one.history.patient.owed)
    return offers.link(step, one.row.id, one.target.subject) if owed else ""


def _hold_form(one: Case) -> StepForm | None:
    if one.mine is None or one.target.exam is None or one.target.exam.reading.report is not None:
        return None
    initial = {"seen": one.history.state.version, "key": secrets.token_urlsafe(12)}
    return StepForm(st.DeferReading, one.target, initial=initial, auto_id="id_hold_%s")


def _planned(step: type[st.Step], target: Target) -> dict[str, Any]:
    """Return what the form of a plan begins with: the reasons that were read, and what is proposed for them."""
    if step is not st.DecideCallBack:
        return {}
    waiting = [f for f in (target.episode.open_findings() if target.episode else []) if not f.planned]
    read = {
        "sides": [f.side.value for f in waiting if f.side],
        "reasons": [f.kind.value for f in waiting if f.kind is not FindingKind.UNNAMED],
    }
    asking = plan.asked_by(read, target)
    if not asking.reasons:
        return {}
    found = asking.proposal()
    return {
        "reasons": read["reasons"],
        "views": list(found.views),
        "ultrasound": "yes" if found.ultrasound else "no",
        "technical": "yes" if found.technical else "no",
        "planned_for": asking.mark,
    }
