"""The desk's words: what each fact says in a patient's story, and what each step is called on a button."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import dateformat, timezone

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.loops import KINDS
from closerlook.pathway.regions import DatedVisit, Episode, Exam, FindingState, FindingStatus, Patient, Specimen
from closerlook.pathway.terms import (
    Assessment,
    Density,
    ExaminationKind,
    FindingKind,
    Plan,
    Recommendation,
    Sampling,
    Suspicion,
    Tissue,
)

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
    ExaminationKind.TECHNICAL_REPEAT: "Repeat of the screening pictures",
    ExaminationKind.DIAGNOSTIC: "Diagnostic mammogram",
    ExaminationKind.ULTRASOUND: "Breast ultrasound",
    ExaminationKind.MRI: "Breast MRI",
    ExaminationKind.CONTRAST_MAMMOGRAPHY: "Contrast mammogram",
    ExaminationKind.CLINICAL_EXAMINATION: "Examination by hand",
    ExaminationKind.MARKER: "Marker film",
    ExaminationKind.OUTSIDE_REVIEW: "Review of outside pictures",
}
FINDINGS: dict[FindingKind, str] = {kind: kind.value.replace("_", " ") for kind in FindingKind} | {
    FindingKind.NODE: "lymph node",
    FindingKind.SKIN: "skin change",
    FindingKind.NIPPLE: "nipple change",
    FindingKind.TECHNICAL: "picture not good enough",
    FindingKind.CLINICAL: "finding by hand",
    FindingKind.UNNAMED: "finding not named",
}
STATUSES: dict[FindingStatus, str] = {
    FindingStatus.OPEN: "open",
    FindingStatus.SURVEILLANCE: "looked at again after a short time",
    FindingStatus.BIOPSY: "tissue wanted",
    FindingStatus.SAMPLED: "tissue taken, no settled answer yet",
    FindingStatus.UNDECIDED: "tissue gave no settled answer: what follows is to be decided",
    FindingStatus.MALIGNANT: "malignant",
    FindingStatus.RESOLVED: "resolved",
}
HOWS: dict[ev.How, str] = {
    ev.How.NOT_SEEN_AGAIN: "not seen again",
    ev.How.BENIGN_CAUSE: "a benign cause was found",
    ev.How.PART_OF_ANOTHER: "part of another finding",
}
TISSUES: dict[Tissue, str] = {
    Tissue.INSUFFICIENT: "not enough tissue",
    Tissue.NORMAL_TISSUE: "normal tissue",
    Tissue.BENIGN: "benign",
    Tissue.HIGH_RISK: "high-risk lesion",
    Tissue.SUSPICIOUS_TISSUE: "suspicious",
    Tissue.MALIGNANT: "malignant",
}
SAMPLINGS: dict[Sampling, str] = {
    Sampling.CORE: "core biopsy",
    Sampling.VACUUM: "vacuum-assisted biopsy",
    Sampling.FINE_NEEDLE: "fine needle",
    Sampling.ASPIRATION: "aspiration",
    Sampling.EXCISION: "excision",
    Sampling.SKIN: "skin biopsy",
}
PLANS: dict[Plan, str] = {
    Plan.REPEAT_BIOPSY: "another biopsy",
    Plan.EXCISION: "excision",
    Plan.MORE_IMAGING: "other pictures",
    Plan.SHORT_INTERVAL: "a look after a short time",
    Plan.ROUTINE: "routine screening",
}
VISITS: dict[ev.Purpose, str] = {
    ev.Purpose.SCREENING: "Screening visit",
    ev.Purpose.PICTURES: "Visit for further pictures",
    ev.Purpose.BIOPSY: "Biopsy",
    ev.Purpose.RESULTS: "Visit to talk about the result",
}
ENDED_FOR: dict[ev.EndedFor, str] = {
    ev.EndedFor.OPTED_OUT: "she asked for no more invitations",
    ev.EndedFor.AGE: "her age",
    ev.EndedFor.NO_BREAST_TISSUE: "no breast tissue to screen",
    ev.EndedFor.MOVED_AWAY: "she has moved away",
    ev.EndedFor.IN_OTHER_CARE: "she is looked after elsewhere",
    ev.EndedFor.NOT_ELIGIBLE: "the programme does not invite this person",
}
ADDRESSEES: dict[ev.Addressee, str] = {ev.Addressee.HER: "her", ev.Addressee.PROVIDER: "her provider"}
BARRIERS: dict[ev.Barrier, str] = {
    ev.Barrier.TRANSPORT: "getting here",
    ev.Barrier.COST: "what it costs",
    ev.Barrier.LANGUAGE: "language",
    ev.Barrier.WORK: "work, or whom she cares for",
    ev.Barrier.FEAR: "fear",
    ev.Barrier.OTHER: "something else",
}
CAPACITIES: dict[ev.Capacity, str] = {
    ev.Capacity.DECIDES: "she decides for herself",
    ev.Capacity.FLUCTUATES: "whether she can decide changes from day to day",
    ev.Capacity.PROXY_DECIDES: "a proxy decides with her",
}
ROUTES: dict[ev.ContactRoute, str] = {
    ev.ContactRoute.HERSELF: "herself",
    ev.ContactRoute.PROXY: "her proxy",
    ev.ContactRoute.SHELTER: "the shelter",
    ev.ContactRoute.CUSTODY: "the place of custody",
}
SETTLED: dict[ev.SettledAs, str] = {kind: kind.value.replace("_", " ") for kind in ev.SettledAs} | {
    ev.SettledAs.BENIGN_AFTER_WORKUP: "benign after work-up",
    ev.SettledAs.BENIGN_AFTER_BIOPSY: "benign after biopsy",
    ev.SettledAs.DEFERRED: "screening put off",
    ev.SettledAs.ENDED: "no more invitations",
    ev.SettledAs.STATED: "as the report stated",
    ev.SettledAs.HISTORY: "before the start of live work",
    ev.SettledAs.DIED: "she has died",
}
ADVISED: dict[Recommendation, str] = {kind: kind.value.replace("_", " ").capitalize() for kind in Recommendation} | {
    Recommendation.PRIORS: "Earlier pictures",
}
DENSITIES: dict[Density, str] = {
    Density.A: "a, almost entirely fatty",
    Density.B: "b, scattered",
    Density.C: "c, heterogeneously dense",
    Density.D: "d, extremely dense",
}
VIEWS: dict[str, str] = {
    "CC": "Craniocaudal (CC)", "MLO": "Mediolateral oblique (MLO)",
    "SPOT": "Spot compression", "MAG": "Magnification", "ML": "True lateral (ML)", "LM": "True lateral (LM)",
    "CCRL": "Rolled CC, lateral", "CCRM": "Rolled CC, medial", "RL": "Rolled", "XCCL": "Exaggerated CC, lateral",
    "XCCM": "Exaggerated CC, medial", "OBL": "Step obliques", "TAN": "Tangential", "CV": "Cleavage",
    "DBT": "Tomosynthesis", "ID": "Implant displaced", "REP": "Repeat of the same view",
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
    st.RecordCallTried: "Rang her, not reached",
    st.NoteBarrier: "What makes it hard to come",
    st.TakeBack: "Take a call back",
    st.RecordSpoken: "Rang her, as she asked",
    st.AskFor: "She asks for copies, or that her notes are read",
    st.RecordMet: "Did what she asked for",
    st.ConfirmLost: "Was everything tried?",
    st.ReviewPause: "Review the pause",
    st.Resume: "Go on with this round",
    st.ReviewHistory: "Sign off this round",
    st.AssignOwner: "Name who looks after it",
    st.ExplainWait: "Explained the wait",
    st.WithdrawReport: "Withdraw a wrong report",
    st.RecordDeath: "She has died",
    st.EnterInError: "Entered in error",
    st.OpenRound: "Begin the round",
    st.SetNextDue: "Set when she is due",
    st.RecordInvited: "The invitation was posted",
    st.RecordReminded: "Reminded her",
    st.RecordNotScreened: "Close as not screened",
    st.DeferScreening: "Put her screening off",
    st.EndInvitations: "End her invitations",
    st.ResumeInvitations: "Invite her again",
    st.RecordIncomplete: "Pictures are missing",
    st.AcceptExamination: "These are the best to be had",
    st.DeferReading: "Hold the reading",
    st.ReleaseReading: "Let the reading go on",
    st.Arbitrate: "Decide between the readings",
    st.KnowPriors: "Earlier pictures exist",
    st.PlaceWithdrawn: "Say whose it is",
    st.RecordIncidental: "Something outside the breast",
    st.PassOnIncidental: "It was passed on",
    st.RecordBiopsy: "Tissue was taken",
    st.RecordNoTissue: "No tissue is needed",
    st.RecordNotPossible: "No tissue can be had",
    st.RecordPathology: "The pathologist has reported",
    st.DecideConcordance: "Does the tissue explain it?",
    st.PlanNext: "Decide what follows",
    st.TellDiagnosis: "Told her the diagnosis",
    st.TellProviderDiagnosis: "Her provider knows",
    st.Refer: "Refer her",
    st.RecordAccepted: "The team expects her",
    st.RecordFirstVisit: "Was she at the team?",
    st.EndTreatment: "Her treatment is over",
    st.RecordRefusalWritten: "The refusal was confirmed in writing",
    st.ClaimOutside: "It was done elsewhere",
    st.MoveCare: "Her care goes elsewhere",
    st.AcknowledgeCare: "The other side has her",
    st.TakeCareBack: "Take her back",
    st.TakeOutsideResult: "The result from elsewhere is here",
    st.MoveToProtocol: "Go on under today's rules",
    st.SetWishes: "What she asked for",
    st.RecordAnatomy: "One breast, or implants",
    st.RecordIntervalCancer: "A cancer found outside screening",
    st.ReviewIntervalCancer: "Review the last screening",
    st.EndCare: "Her care elsewhere is over",
    st.MergeInto: "Give this record up for another",
    st.Absorb: "Take another record into this one",
    st.Unmerge: "They are two persons",
}
REQUESTS: dict[ev.Request, str] = {
    ev.Request.COPIES: "copies of her pictures and reports",
    ev.Request.NOTES: "someone to read what she wrote for her visit",
}
PURPOSES: dict[type[st.Step], str] = {
    st.TakeExamination: "Record pictures that were taken here.",
    st.ConfirmChange: "Decide on an amended report that would take something away.",
    st.PrepareDocument: "Write it anew, from the result as it stands now. Then it lies with what is to post.",
    st.AskForCall: "Record that she asks to be rung.",
    st.EnterInError: "Take facts out of her story that never happened. They stay in the log, marked.",
    st.OpenRound: "Begin the round that she is due for, before she has been examined.",
    st.RecordReading: (
        "Sign a reading made here. Where two readers are asked for, it is your own opinion, apart from the other's."
    ),
    st.SetWishes: "Record what she asked for, as a whole: it takes the place of what was recorded before.",
    st.RecordAnatomy: "Record breasts removed and implants, as a whole, in the place of what was recorded before.",
    st.MergeInto: (
        "Record that this record and another are of the same person. This one is given up: what is open in it stays "
        "owed, new news goes to the other. Both records say so."
    ),
    st.Absorb: (
        "Record that another record is of the same person as this one. The other is given up: what is open in it "
        "stays owed, new news comes here. Both records say so."
    ),
    st.Unmerge: "Record that they are two persons after all. Both records say so.",
    st.TakeOutsideResult: "File the document of what was done elsewhere. A radiologist then says what it answers.",
    st.DeferReading: "Hold the reading, with the reason and the person who looks at it again.",
    st.Arbitrate: "Decide between two readings, alone as a third reader, or as a panel by name.",
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


def finding(f: FindingState | ev.Finding) -> str:
    """Return one finding in the field's words, such as "left mass, 2 o'clock"."""
    kind = FINDINGS[f.kind] if f.kind is not FindingKind.UNNAMED else "breast" if f.side else "finding"
    place = f", {f.place}" if f.place else ""
    return f"{f.side or 'side not stated:'} {kind}{place}"


def stands(f: FindingState) -> str:
    """Return how a finding stands, such as "0 Incomplete: more imaging, open"."""
    how = f" ({HOWS[f.how]})" if f.how else ""
    plan = f"; planned: {PLANS[f.plan]}" if f.plan else ""
    return f"{ASSESSMENTS[f.assessment]}, {STATUSES[f.status]}{how}{plan}"


def marked(f: FindingState) -> str:
    """Return what stands beside a place that is drawn: the kind of finding and how it stands."""
    kind = "" if f.kind is FindingKind.UNNAMED else f"{FINDINGS[f.kind]}, "
    place = "" if f.place is None else f"{f.place}, "
    return f"{kind}{place}{stands(f)}"


def about(episode: Episode | None, exam: Exam | None) -> str:
    """Return what a thing owed is about, in a few words for a list."""
    if episode is None:
        return ""
    found = [finding(f) for f in episode.findings.values() if f.status in WAITS]
    if found:
        return "; ".join(found[:2])
    shown = exam or episode.first_exam
    return EXAMINATIONS[shown.kind] if shown else ""


def specimen(s: Specimen, episode: Episode | None) -> str:
    """Return a specimen in words, such as "core biopsy of left mass, taken 5 November 2026"."""
    found = episode.findings.get(s.finding) if episode else None
    of = f" of {finding(found)}" if found else ""
    return f"{SAMPLINGS[s.method]}{of}, taken {day(s.taken_at)}"


def shown(s: Specimen) -> str:
    """Return what is known of a specimen: what the pathologist said, whether it fits, who has been told."""
    if s.tissue is None:
        return "waits for the pathologist"
    parts = [f"pathologist: {TISSUES[s.tissue]}" + (f" ({s.lesion})" if s.lesion else "")]
    if s.concordant is not None:
        parts.append("explains the finding" if s.concordant else "does not explain the finding")
    elif s.tissue is not Tissue.INSUFFICIENT:
        parts.append("not yet said whether it explains the finding")
    parts.append(
        "she has been told" if s.told else "she was told something else" if s.was_told else "she does not know"
    )
    parts.append("her provider knows" if s.provider_told else "her provider does not know")
    return "; ".join(parts)


def wishes(w: ev.Wishes) -> list[str]:
    """Return what she asked for, a short sentence each; nothing for what is usual."""
    found = []
    if w.route is not ev.ContactRoute.HERSELF:
        only = "" if w.route is ev.ContactRoute.PROXY else " only"
        found.append(f"Contact{only} through {ROUTES[w.route]}.")
    if w.not_by:
        found.append(f"Never by {' or '.join(plain(way) for way in w.not_by)}.")
    if w.capacity is not ev.Capacity.DECIDES:
        found.append(f"{CAPACITIES[w.capacity][:1].upper()}{CAPACITIES[w.capacity][1:]}.")
    if w.interpreter:
        found.append(f"Interpreter: {w.interpreter}.")
    if w.tell_first_until:
        found.append(f"Tell her first, before her page shows it, until {day(w.tell_first_until)}.")
    return found


def anatomy(a: ev.Anatomy) -> list[str]:
    """Return what a planner and a reader must know of her body, a short sentence each."""
    found = [f"{side.capitalize()} breast removed." for side in a.absent]
    if a.implants:
        found.append(f"Implants: {' and '.join(a.implants)}; displaced views too.")
    return found


def barriers(known: Mapping[ev.Barrier, str]) -> list[str]:
    """Return what makes it hard for her to come, and what was arranged, a short sentence each."""
    return [
        f"Hard for her: {BARRIERS[kind]}" + (f"; arranged: {arranged}." if arranged else ".")
        for kind, arranged in known.items()
    ]


def named(state: Patient, subject: str) -> str:
    """Return what a subject of a loop names, in words; "" where it is only a round or an examination."""
    for episode in state.episodes.values():
        symptom = episode.symptoms.get(subject)
        if symptom is not None:
            return f"{symptom.what}, {symptom.side}" if symptom.side else symptom.what
        if subject in episode.findings:
            return finding(episode.findings[subject])
        if subject in episode.specimens:
            return specimen(episode.specimens[subject], episode)
        if subject in episode.incidentals:
            return episode.incidentals[subject]
    if subject in state.cancers:
        return f"cancer found {day(state.cancers[subject].found_on)}"
    return checked(state.dated[subject]) if subject in state.dated else ""


def detail(subject: str) -> str:
    """Return what stands behind a subject's colon, where that is a visit or whom something is owed to."""
    named = subject.rpartition(":")[2]
    visits: dict[str, str] = {purpose.value: said for purpose, said in VISITS.items()}
    to: dict[str, str] = {addressee.value: f"to {said}" for addressee, said in ADDRESSEES.items()}
    return _in_line(visits.get(named, "")) or to.get(named, "")


def checked(visit: DatedVisit) -> str:
    """Return which dated check is meant."""
    return f"after {visit.months} months"


def plain(text: str) -> str:
    return text.replace("_", " ")


def rung(subject: str) -> str:
    """Return the rung of the contact ladder that an attempt is about, in words."""
    name = subject.rpartition(":")[2]
    return RUNGS.get(name) or plain(name)


WAITS = frozenset(
    {
        FindingStatus.OPEN, FindingStatus.BIOPSY, FindingStatus.SAMPLED, FindingStatus.UNDECIDED,
        FindingStatus.MALIGNANT,
    }
)  # fmt: skip
"""A finding that someone still has to do something about."""


def _booked(e: ev.Booked) -> str:
    if e.confirmed_by_her:
        which = "visit" if e.purpose is ev.Purpose.PICTURES else _in_line(VISITS[e.purpose])
        return f"She confirmed her {which} of {moment(e.starts_at)}."
    return f"{VISITS[e.purpose]} booked for {moment(e.starts_at)}."


def _in_line(said: str) -> str:
    """Return words as they stand within a sentence."""
    return said[:1].lower() + said[1:]


def _of(names: Iterable[str], lead: str = ": ") -> str:
    joined = ", ".join(names)
    return f"{lead}{joined}" if joined else ""


def _handed(e: ev.OwnerChanged) -> str:
    cover = f", cover {e.cover}" if e.cover else ""
    note = f" Note: {e.note.rstrip('.')}." if e.note else ""
    return f"Looked after by {e.owner}{cover}" + (f", in the place of {e.leaves}." if e.leaves else ".") + note


def _asked_for_call(e: ev.CallRequested) -> str:
    said = [*([f"at {moment(e.call_at)}"] if e.call_at else []), *([e.best_time] if e.best_time else [])]
    return "She asked to be rung" + (f" ({'; '.join(said)})." if said else ".")


def _planned(e: ev.CallBackDecided) -> str:
    also = [EXAMINATIONS[kind] for kind in e.also]
    return (
        ("The same pictures again" if e.technical else "Call-back planned")
        + (f", {' and '.join(e.sides)}" if e.sides else "")
        + _of(VIEWS.get(v, v) for v in e.views)
        + (", with ultrasound" if e.ultrasound else "")
        + _of(also, "; also ")
        + "."
    )


def _answered(e: ev.WorkupAssessed) -> str:
    said = [ASSESSMENTS[a.assessment] + (f" ({HOWS[a.how]})" if a.how else "") for a in e.answers]
    said += [f"new: {finding(f)}" + (f", {ASSESSMENTS[f.assessment]}" if f.assessment else "") for f in e.added]
    return f"Further pictures assessed: {', '.join(said) or 'nothing answered'}."


def _wished(e: ev.WishesSet) -> str:
    return f"What she asked for: {' '.join(wishes(e.wishes)) or 'nothing out of the usual.'}"


def _body(e: ev.AnatomyRecorded) -> str:
    return " ".join(anatomy(e.anatomy)) or "Both breasts, no implants."


def _opinion(reading: ev.Reading) -> str:
    return assessed(reading.sides) + _of((finding(f) for f in reading.findings), "; ")


_WORDS: dict[type[ev.Event], Callable[[Any], str]] = {
    ev.Enrolled: lambda e: "Known here.",
    ev.RoundOpened: lambda e: f"A round began ({plain(e.reason)}" + (f"), due {day(e.due_on)}." if e.due_on else ")."),
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
    ev.CallBackDecided: _planned,
    ev.ContactAttempted: lambda e: f"Attempt by {plain(e.channel)}: {plain(e.outcome)}.",
    ev.LadderRestarted: lambda e: "Not everything had been tried: the attempts begin again.",
    ev.CallRequested: _asked_for_call,
    ev.CallTried: lambda e: f"Rung, as she had asked: {plain(e.outcome)}.",
    ev.BarrierNoted: lambda e: (
        f"It is hard for her to come, {BARRIERS[e.barrier]}" + (f"; arranged: {e.arranged}." if e.arranged else ".")
    ),
    ev.SpokenWith: lambda e: "Someone rang her, as she had asked.",
    ev.RequestMade: lambda e: f"She asked for {REQUESTS[e.what]}.",
    ev.RequestMet: lambda e: f"Done, as she asked ({REQUESTS[e.what]}): {e.proof}.",
    ev.SaidNoToday: lambda e: "She said no today; a nurse calls her.",
    ev.Declined: lambda e: f"Informed refusal: {e.what}.",
    ev.ChangedMind: lambda e: "She wants to go on.",
    ev.Booked: _booked,
    ev.Moved: lambda e: f"{VISITS[e.purpose]} moved to {moment(e.starts_at)}.",
    ev.Cancelled: lambda e: f"{VISITS[e.purpose]} cancelled" + (" by her." if e.by_her else "."),
    ev.Missed: lambda e: f"She did not come: {_in_line(VISITS[e.purpose])}.",
    ev.Attended: lambda e: f"She came: {_in_line(VISITS[e.purpose])}.",
    ev.Reminded: lambda e: f"Reminded by {plain(e.channel)}: {_in_line(VISITS[e.purpose])}.",
    ev.WorkupAssessed: _answered,
    ev.PriorsRequested: lambda e: f"Earlier pictures asked for: {e.source}.",
    ev.PriorsReceived: lambda e: f"Earlier pictures arrived: {e.source}.",
    ev.PriorsUnavailable: lambda e: f"Earlier pictures cannot be had: {e.reason}.",
    ev.SymptomReported: lambda e: f"She told of a symptom: {e.what}" + (f", {e.side}." if e.side else "."),
    ev.SymptomAnswered: lambda e: f"Symptom answered: {e.answer}.",
    ev.SurveillancePlanned: lambda e: f"Look again in {e.months} months, on {day(e.due_on)}.",
    ev.SurveillanceEnded: lambda e: "What was watched is called benign: the dated visits that were left end.",
    ev.Paused: lambda e: f"Paused: {plain(e.reason)}; looked at again on {day(e.review_on)}.",
    ev.PauseReviewed: lambda e: f"Pause reviewed, next on {day(e.review_on)}: {e.note}.",
    ev.Resumed: lambda e: (
        "Gone on with, on the first clocks."
        + (" Her pictures are old by now: the plan is looked at again." if e.stale else "")
    ),
    ev.HistoryReviewed: lambda e: f"Signed off: {e.note}." if not e.follow_up else f"Taken up again: {e.note}.",
    ev.OwnerChanged: _handed,
    ev.Escalated: lambda e: f"Late: {KINDS.get(e.kind, e.kind).lower()}. Told the {plain(e.to)}.",
    ev.Died: lambda e: f"Died on {day(e.died_on)}.",
    ev.Settled: lambda e: f"Settled: {SETTLED[e.outcome]}.",
    ev.Reopened: lambda e: "Reopened: something is owed again.",
    ev.NextDueSet: lambda e: f"Next screening due {day(e.due_on)}: {e.why}.",
    ev.EnteredInError: lambda e: f"Entered in error, facts {', '.join(map(str, e.seqs))}: {e.reason}.",
    ev.InvitationPrepared: lambda e: "Her invitation was printed.",
    ev.Invited: lambda e: f"Her invitation went: {e.proof}.",
    ev.NotScreened: lambda e: f"Not screened; she and her provider were written to: {e.proof}.",
    ev.Deferred: lambda e: f"Screening put off until {day(e.until)}: {e.reason}.",
    ev.InvitationsEnded: lambda e: (
        f"Not invited any more, {ENDED_FOR[e.reason]}"
        + (f" ({e.proof})." if e.reason in ev.BY_ITSELF else f"; told in writing: {e.proof}.")
    ),
    ev.InvitationsResumed: lambda e: "She is invited again.",
    ev.ExaminationIncomplete: lambda e: (
        f"Not every picture could be made{_of([' and '.join(e.missing)] if e.missing else [], ', ')}: {e.reason}."
    ),
    ev.ExaminationAccepted: lambda e: f"These are the best pictures to be had: {e.reason}.",
    ev.Opinion: lambda e: f"Read by {e.reader}: {_opinion(e.reading)}.",
    ev.AIRead: lambda e: f"Computer reading, {e.system}: {_opinion(e.reading)}. By itself it is no result.",
    ev.ReadingDeferred: lambda e: f"The reading is held: {e.reason}; {e.release_by} looks again.",
    ev.ReadingReleased: lambda e: "The reading goes on.",
    ev.Arbitrated: lambda e: (
        f"Decided between two readings by {e.reader}{_of(e.panel, ', with ')}: {_opinion(e.reading)}."
    ),
    ev.PriorsKnown: lambda e: f"Earlier pictures exist, and she allows them to be fetched: {e.source}.",
    ev.WithdrawnPlaced: lambda e: f"Whose the withdrawn report is: {e.outcome}.",
    ev.IncidentalFound: lambda e: f"Found outside the breast: {e.what}.",
    ev.IncidentalPassedOn: lambda e: f"What was found outside the breast was passed on to {e.to}: {e.proof}.",
    ev.BiopsyDone: lambda e: f"Tissue taken: {SAMPLINGS[e.method]}" + (", a marker was left." if e.marker else "."),
    ev.NoTissueNeeded: lambda e: f"No tissue is needed: {e.why}.",
    ev.BiopsyNotPossible: lambda e: f"No tissue can be had this way: {e.why}. Instead: {PLANS[e.plan]}.",
    ev.PathologyReported: lambda e: (
        f"The pathologist reported: {TISSUES[e.tissue]}" + (f", {e.lesion}." if e.lesion else ".")
    ),
    ev.ConcordanceDecided: lambda e: (
        "The tissue explains the finding" + f"; where it is benign, {PLANS[e.follow_up]} follows."
        if e.concordant
        else "The tissue does not explain the finding."
    ),
    ev.NextPlanned: lambda e: f"What follows: {PLANS[e.plan]}{_of(e.conference, '; decided by ')}.",
    ev.DiagnosisTold: lambda e: f"She was told what the tissue showed ({plain(e.channel)}).",
    ev.DiagnosisProviderTold: lambda e: f"Her provider knows what the tissue showed: {e.proof}.",
    ev.Referred: lambda e: f"Referred to {e.team}.",
    ev.ReferralAccepted: lambda e: f"The team expects her on {day(e.first_visit_on)}.",
    ev.FirstVisitMissed: lambda e: "She was not at the team's first visit.",
    ev.FirstVisitAttended: lambda e: "The team has seen her.",
    ev.TreatmentEnded: lambda e: "Her treatment is over.",
    ev.RefusalWritten: lambda e: f"Her refusal was confirmed in writing to {ADDRESSEES[e.to]}: {e.proof}.",
    ev.OutsideClaimed: lambda e: f"Said to have been done elsewhere: {e.source}. The result is fetched.",
    ev.CareMoved: lambda e: f"Asked to go on with her care: {e.to}. Until they say yes it is ours.",
    ev.CareAcknowledged: lambda e: f"The other side has her: {e.proof}.",
    ev.CareTakenBack: lambda e: f"Her care is ours again: {e.reason}.",
    ev.OutsideResultReceived: lambda e: f"The result from elsewhere is here: {e.source}.",
    ev.ProtocolMoved: lambda e: f"The round goes on under other rules: {e.reason}.",
    ev.WishesSet: _wished,
    ev.AnatomyRecorded: _body,
    ev.IntervalCancerKnown: lambda e: (
        f"A cancer found outside screening became known, found {day(e.found_on)}" + (f", {e.side}." if e.side else ".")
    ),
    ev.IntervalCancerReviewed: lambda e: f"The last screening was looked at again: {e.outcome}.",
    ev.CareEnded: lambda e: "Her treatment of a cancer found elsewhere is over.",
    ev.MergedInto: lambda e: f"This record was given up: she is the same person as record {e.survivor}.",
    ev.Absorbed: lambda e: f"Record {e.retired} is of the same person and was given up for this one.",
    ev.Unmerged: lambda e: f"Record {e.other} is of another person after all.",
}


def said(event: ev.Event) -> str:
    """Return one fact as a sentence of her story."""
    return _WORDS[type(event)](event)


def label(step: type[st.Step]) -> str:
    """Return what a step's button says."""
    known = BUTTONS.get(step)
    return known or re.sub(r"(?<!^)(?=[A-Z])", " ", step.__name__).capitalize()
