"""The desk's words: what each fact says in a patient's story, and what each step is called on a button."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils import dateformat, timezone

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.loops import KINDS
from closerlook.pathway.regions import Episode, Exam, FindingState
from closerlook.pathway.terms import Assessment, ExaminationKind, FindingKind, Suspicion

ASSESSMENTS: dict[Assessment, str] = {
    Assessment.NEGATIVE: "1 Negative",
    Assessment.BENIGN: "2 Benign",
    Assessment.PROBABLY_BENIGN: "3 Probably benign",
    Assessment.SUSPICIOUS: "4 Suspicious",
    Assessment.HIGHLY_SUGGESTIVE: "5 Highly suggestive of malignancy",
    Assessment.KNOWN_MALIGNANCY: "6 Known biopsy-proven malignancy",
    Assessment.POST_PROCEDURE_MARKER: "Post-procedure mammogram for marker placement",
    Assessment.INCOMPLETE_IMAGING: "0 Incomplete: more imaging",
    Assessment.INCOMPLETE_PRIORS: "0 Incomplete: earlier pictures",
}
EXAMINATIONS: dict[ExaminationKind, str] = {
    ExaminationKind.SCREENING: "Screening mammogram",
    ExaminationKind.DIAGNOSTIC: "Diagnostic mammogram",
    ExaminationKind.ULTRASOUND: "Breast ultrasound",
    ExaminationKind.MRI: "Breast MRI",
    ExaminationKind.MARKER: "Marker film",
    ExaminationKind.OUTSIDE_REVIEW: "Review of outside pictures",
}
FINDINGS: dict[FindingKind, str] = {kind: kind.value.replace("_", " ") for kind in FindingKind} | {
    FindingKind.UNNAMED: "finding not named"
}
VIEWS: dict[str, str] = {
    "SPOT": "Spot compression", "MAG": "Magnification", "ML": "True lateral (ML)", "LM": "True lateral (LM)",
    "XCCL": "Exaggerated CC, lateral", "XCCM": "Exaggerated CC, medial", "RL": "Rolled", "TAN": "Tangential",
    "CV": "Cleavage", "DBT": "Tomosynthesis", "REP": "Repeat of the same view",
}  # fmt: skip
RUNGS = {"call_2": "second call", "call_3": "third call", "text": "text message"}
BUTTONS: dict[type[st.Step], str] = {
    st.TellResult: "Spoke with her",
    st.RecordContact: "Record an attempt",
    st.BookVisit: "Book the visit",
    st.MoveVisit: "Move the visit",
    st.CancelVisit: "Cancel the visit",
    st.RecordAttended: "She came",
    st.RecordMissed: "She did not come",
    st.TakeExamination: "Pictures were taken",
    st.RecordReading: "Sign a reading",
    st.ConfirmAssessment: "State the assessment",
    st.DecideCallBack: "Plan the call-back",
    st.PlaceReport: "Say where it belongs",
    st.ConfirmChange: "Decide on the change",
    st.AssessWorkup: "Say what the pictures answer",
    st.PrepareDocument: "Print it now",
    st.RecordPosted: "It was posted",
    st.RecordReturned: "The letter came back",
    st.RecordNoToday: "She says no today",
    st.RecordDecline: "Take an informed refusal",
    st.RecordChangedMind: "She wants to go on",
    st.RecordMovedAway: "She has moved away",
    st.RequestPriors: "Earlier pictures asked for",
    st.ReceivePriors: "Earlier pictures arrived",
    st.RecordNoPriors: "They cannot be had",
    st.ReportSymptom: "She tells of a symptom",
    st.AnswerSymptom: "Answer the symptom",
    st.AskForCall: "She asks to be rung",
    st.RecordSpoken: "Rang her, as she asked",
    st.ConfirmLost: "Was everything tried?",
    st.ReviewPause: "Review the pause",
    st.Resume: "Go on with this round",
    st.ReviewHistory: "Sign off this round",
    st.AssignOwner: "Name who looks after it",
    st.ExplainWait: "Explained the wait",
    st.WithdrawReport: "Withdraw a wrong report",
    st.RecordDeath: "She has died",
    st.EnterInError: "Entered in error",
}
PURPOSES: dict[type[st.Step], str] = {
    st.TakeExamination: "Record pictures that were taken here.",
    st.ConfirmChange: "Decide on an amended report that would take something away.",
    st.PrepareDocument: "Write it anew, from the result as it stands now. Then it lies with what is to post.",
    st.AskForCall: "Record that she asks to be rung.",
    st.EnterInError: "Take facts out of her story that never happened. They stay in the log, marked.",
}
"""What a step's page says it is for, where the step's own docstring is for programmers."""


def purpose(step: type[st.Step]) -> str:
    """Return the sentence under the heading of a step's page."""
    return PURPOSES.get(step) or " ".join((step.__doc__ or "").split())


def owner(role: str) -> str:
    """Return who owes something; the software's share is its own."""
    return "the software" if role == "system" else plain(role)


def day(value: date) -> str:
    """Return "5 November 2026", at the site for a moment; stories reach over years, so the year is always said."""
    return dateformat.format(timezone.localtime(value) if isinstance(value, datetime) else value, "j F Y")


def moment(value: datetime) -> str:
    """Return "5 November 2026, 10:20", at the site."""
    return f"{day(value)}, {timezone.localtime(value):%H:%M}"


def assessed(sides: tuple[ev.SideAssessment, ...]) -> str:
    """Return "left 0 Incomplete: more imaging, right 1 Negative"."""
    parts = []
    for s in sides:
        label = ASSESSMENTS[s.assessment] if s.assessment else "category not certain"
        label = label.replace("4 ", f"{s.suspicion.value} ") if isinstance(s.suspicion, Suspicion) else label
        parts.append(f"{s.side} {label}" if s.side else label)
    return ", ".join(parts) or "no category stated"


def finding(f: FindingState) -> str:
    """Return one finding in the field's words, such as "left mass, 2 o'clock"."""
    kind = FINDINGS[f.kind] if f.kind is not FindingKind.UNNAMED else "breast" if f.side else "finding"
    place = f", {f.place}" if f.place else ""
    return f"{f.side or 'side not stated:'} {kind}{place}"


def stands(f: FindingState) -> str:
    """Return how a finding stands, such as "0 Incomplete: more imaging, open"."""
    return f"{ASSESSMENTS[f.assessment]}, {f.status.value}"


def marked(f: FindingState) -> str:
    """Return what stands beside a place that is drawn: the kind of finding and how it stands."""
    kind = "" if f.kind is FindingKind.UNNAMED else f"{FINDINGS[f.kind]}, "
    place = "" if f.place is None else f"{f.place}, "
    return f"{kind}{place}{stands(f)}"


def about(episode: Episode | None, exam: Exam | None) -> str:
    """Return what a thing owed is about, in a few words for a list."""
    if episode is None:
        return ""
    found = [finding(f) for f in episode.findings.values() if f.status in ("open", "biopsy")]
    if found:
        return "; ".join(found[:2])
    shown = exam or episode.first_exam
    return EXAMINATIONS[shown.kind] if shown else ""


def plain(text: str) -> str:
    return text.replace("_", " ")


def rung(subject: str) -> str:
    """Return the rung of the contact ladder that an attempt is about, in words."""
    name = subject.rpartition(":")[2]
    return RUNGS.get(name) or plain(name)


_WORDS: dict[type[ev.Event], Callable[[Any], str]] = {
    ev.Enrolled: lambda e: "Known here.",
    ev.RoundOpened: lambda e: f"A round began ({plain(e.reason)}).",
    ev.ExaminationPerformed: lambda e: (
        f"{EXAMINATIONS[e.kind]} performed"
        + (f", {' and '.join(e.sides)}" if e.sides else "")
        + ("; before the start of live work." if e.history else ".")
    ),
    ev.Read: lambda e: f"{e.reading.status.capitalize()} report: {assessed(e.reading.sides)}.",
    ev.ReportAmended: lambda e: (
        f"{e.reading.status.capitalize()} report: {assessed(e.reading.sides)}."
        + (" It takes something away: a radiologist has to confirm it." if e.takes_away else "")
        + ("" if e.supersedes else " It replaces nothing.")
    ),
    ev.ChangeConfirmed: lambda e: "The amended report stands." if e.accepted else "The earlier report stands.",
    ev.ReportWithdrawn: lambda e: f"The report was withdrawn: {e.reason}.",
    ev.AssessmentConfirmed: lambda e: f"Assessment confirmed: {assessed(e.sides)}.",
    ev.ReportPlaced: lambda e: f"Placed: {e.outcome}.",
    ev.WaitExplained: lambda e: f"The wait was explained; she hears by {day(e.hear_by_on)}.",
    ev.Sending: lambda e: f"{plain(e.document).capitalize()} printed.",
    ev.SummarySent: lambda e: f"Written summary sent: {e.proof}.",
    ev.SummaryReturned: lambda e: f"The written summary came back: {e.reason}.",
    ev.ResultTold: lambda e: f"Someone spoke with her about the result ({plain(e.channel)}).",
    ev.ResultSeen: lambda e: "She opened the result on her page.",
    ev.ProviderTold: lambda e: f"{'Full report sent to her' if e.to_her else 'Provider told'}: {e.proof}.",
    ev.CallBackDecided: lambda e: (
        "Call-back planned"
        + (f", {' and '.join(e.sides)}" if e.sides else "")
        + (f": {', '.join(VIEWS.get(v, v) for v in e.views)}" if e.views else "")
        + (" with ultrasound." if e.ultrasound else ".")
    ),
    ev.ContactAttempted: lambda e: f"Attempt by {plain(e.channel)}: {plain(e.outcome)}.",
    ev.LadderRestarted: lambda e: "Not everything had been tried: the attempts begin again.",
    ev.CallRequested: lambda e: "She asked to be rung" + (f" ({e.best_time})." if e.best_time else "."),
    ev.SpokenWith: lambda e: "Someone rang her, as she had asked.",
    ev.SaidNoToday: lambda e: "She said no today; a nurse calls her.",
    ev.Declined: lambda e: f"Informed refusal: {e.what}.",
    ev.ChangedMind: lambda e: "She wants to go on.",
    ev.Booked: lambda e: (
        f"She confirmed her visit of {moment(e.starts_at)}."
        if e.confirmed_by_her
        else f"Visit booked for {moment(e.starts_at)}."
    ),
    ev.Moved: lambda e: f"Visit moved to {moment(e.starts_at)}.",
    ev.Cancelled: lambda e: "Visit cancelled" + (" by her." if e.by_her else "."),
    ev.Missed: lambda e: "She did not come.",
    ev.Attended: lambda e: "She came.",
    ev.WorkupAssessed: lambda e: (
        "Further pictures assessed: " + ", ".join(ASSESSMENTS[a.assessment] for a in e.answers) + "."
    ),
    ev.PriorsRequested: lambda e: f"Earlier pictures asked for: {e.source}.",
    ev.PriorsReceived: lambda e: f"Earlier pictures arrived: {e.source}.",
    ev.PriorsUnavailable: lambda e: f"Earlier pictures cannot be had: {e.reason}.",
    ev.SymptomReported: lambda e: f"She told of a symptom: {e.what}" + (f", {e.side}." if e.side else "."),
    ev.SymptomAnswered: lambda e: f"Symptom answered: {e.answer}.",
    ev.SurveillancePlanned: lambda e: f"Look again in {e.months} months, on {day(e.due_on)}.",
    ev.Paused: lambda e: f"Paused: {plain(e.reason)}; looked at again on {day(e.review_on)}.",
    ev.PauseReviewed: lambda e: f"Pause reviewed, next on {day(e.review_on)}: {e.note}.",
    ev.Resumed: lambda e: "Gone on with, on the first clocks.",
    ev.HistoryReviewed: lambda e: f"Signed off: {e.note}." if not e.follow_up else f"Taken up again: {e.note}.",
    ev.OwnerChanged: lambda e: f"Looked after by {e.owner}" + (f", cover {e.cover}." if e.cover else "."),
    ev.Escalated: lambda e: f"Late: {KINDS.get(e.kind, e.kind).lower()}. Told the {plain(e.to)}.",
    ev.Died: lambda e: f"Died on {day(e.died_on)}.",
    ev.Settled: lambda e: f"Settled: {plain(e.outcome)}.",
    ev.Reopened: lambda e: "Reopened: something is owed again.",
    ev.NextDueSet: lambda e: f"Next screening due {day(e.due_on)}: {e.why}.",
    ev.EnteredInError: lambda e: f"Entered in error, facts {', '.join(map(str, e.seqs))}: {e.reason}.",
}


def said(event: ev.Event) -> str:
    """Return one fact as a sentence of her story."""
    return _WORDS[type(event)](event)


def label(step: type[st.Step]) -> str:
    """Return what a step's button says."""
    known = BUTTONS.get(step)
    return known or re.sub(r"(?<!^)(?=[A-Z])", " ", step.__name__).capitalize()
