"""Which steps the desk offers, where, and when: a page offers nothing that the record as it stands would refuse.

You are here to give a new step its page. What `closing.STEPS_FOR` and `ANY_TIME` name has a form; what is done in
another way stands in `ELSEWHERE` with the reason. `FITS` says for which records a step makes sense at all.
"""

from collections.abc import Callable
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from msgspec import Struct

from closerlook.pathway import steps as st
from closerlook.pathway.closing import STEPS_FOR
from closerlook.pathway.deciding import CLINICAL, may
from closerlook.pathway.events import Actor, Document
from closerlook.pathway.regions import Episode, Exam, Patient, VisitStage
from closerlook.pathway.terms import SUSPECT

ABOUT_HER: tuple[type[st.Step], ...] = (
    st.RecordContact, st.AskForCall, st.ReportSymptom, st.RecordNoToday, st.RecordDecline, st.RecordReturned,
    st.RecordMovedAway, st.RecordDeath,
)  # fmt: skip
ABOUT_THE_RECORD: tuple[type[st.Step], ...] = (
    st.TakeExamination, st.RecordReading, st.AssignOwner, st.WithdrawReport, st.EnterInError,
)  # fmt: skip
ANY_TIME = ABOUT_HER + ABOUT_THE_RECORD
ELSEWHERE: dict[type[st.Step], str] = {
    st.TakeReport: "Reports come in by feed; a reading made here is signed with RecordReading.",
    st.FileMessage: "The page of the message files it.",
    st.DiscardMessage: "The page of the message discards it.",
}
STEPS: dict[str, type[st.Step]] = {
    step.__name__: step
    for step in (*ANY_TIME, *(step for steps in STEPS_FOR.values() for step in steps))
    if step not in ELSEWHERE
}
"""Every step with a page of its own, by the name in the page's address."""


class About(Struct, frozen=True):
    """What a step would be about: a patient, and the round and examination in question."""

    patient: Patient
    episode: Episode | None
    exam: Exam | None
    now: datetime
    document: str = ""


Fits = Callable[[About], bool]


def _always(_: About) -> bool:
    return True


def _open(a: About) -> bool:
    return a.episode is not None and a.episode.settled is None and a.patient.died_on is None


def _running(a: About) -> bool:
    return _open(a) and a.episode is not None and a.episode.paused is None


def _paused(a: About) -> bool:
    return _open(a) and not _running(a)


def _booked(a: About) -> bool:
    return _open(a) and a.episode is not None and a.episode.visit.stage is VisitStage.BOOKED


def _to_book(a: About) -> bool:
    return _open(a) and a.episode is not None and not _booked(a) and bool(a.episode.open_findings())


def _begun(a: About) -> bool:
    starts_at = a.episode.visit.starts_at if a.episode else None
    return _booked(a) and (starts_at is None or starts_at <= a.now)


def _on_the_day(a: About) -> bool:
    starts_at = a.episode.visit.starts_at if a.episode else None
    return _booked(a) and (starts_at is None or timezone.localdate(starts_at) <= timezone.localdate(a.now))


def _printed(a: About) -> bool:
    if a.exam is None:
        return False
    telling = a.exam.telling
    files = {Document.SUMMARY: telling.summary_file, Document.PROVIDER_REPORT: telling.provider_file}
    return files[Document(a.document)] is not None if a.document else any(files.values())


def _answers(a: About) -> bool:
    """Whether the pictures in question can answer a finding that is still open."""
    if a.exam is None or a.episode is None or not a.exam.is_workup:
        return False
    return any(not a.exam.sides or a.exam.covers(f.side) for f in a.episode.open_findings())


FITS: dict[type[st.Step], Fits] = {
    st.BookVisit: _to_book,
    st.MoveVisit: _booked,
    st.CancelVisit: _booked,
    st.RecordAttended: _on_the_day,
    st.RecordMissed: _begun,
    st.RecordContact: _open,
    st.RecordNoToday: lambda a: _running(a) and a.episode is not None and not a.episode.contact.said_no,
    st.RecordDecline: _running,
    st.RecordMovedAway: _running,
    st.RecordChangedMind: _open,
    st.Resume: _paused,
    st.ReviewPause: _paused,
    st.AssignOwner: _open,
    st.ReportSymptom: lambda a: a.episode is not None and a.patient.died_on is None,
    st.AskForCall: lambda a: not a.patient.call_requested and a.patient.died_on is None,
    st.RecordDeath: lambda a: a.patient.died_on is None,
    st.RequestPriors: lambda a: _open(a) and a.episode is not None and a.episode.priors.requested is None,
    st.ReceivePriors: lambda a: _open(a) and a.episode is not None and not a.episode.priors.received,
    st.RecordNoPriors: lambda a: _open(a) and a.episode is not None and not a.episode.priors.unavailable,
    st.AssessWorkup: _answers,
    st.RecordReading: lambda a: a.exam is not None,
    st.WithdrawReport: lambda a: a.exam is not None and bool(a.exam.reading.report or a.exam.reading.preliminary),
    st.RecordReturned: lambda a: a.exam is not None and a.exam.telling.summary_sent,
    st.PrepareDocument: lambda a: a.exam is not None and a.exam.result is not None and not _printed(a),
    st.RecordPosted: _printed,
    st.EnterInError: lambda a: a.patient.version > 0,
}
"""Steps that make sense for some records alone; all others are offered wherever what they answer is owed."""


def offered(steps: tuple[type[st.Step], ...], about: About, actor: Actor) -> list[type[st.Step]]:
    """Return those of `steps` that `actor` may take and that fit the record."""
    return [s for s in steps if s in STEPS.values() and _may(s, about, actor) and FITS.get(s, _always)(about)]


def _may(step: type[st.Step], about: About, actor: Actor) -> bool:
    """Whether `actor` may take a step about this: what is suspicious is for a clinician."""
    if not may(step, actor):
        return False
    episode, result = about.episode, about.exam.result if about.exam else None
    if step is st.ConfirmLost and episode is not None and episode.contact.last_by == actor.id:
        return False  # who made the last attempt does not judge that everything was tried
    grave = {
        st.TellResult: result is not None and bool(result.assessments & SUSPECT),
        st.ConfirmLost: episode is not None and episode.is_suspect,
        st.RecordMovedAway: episode is not None and episode.is_suspect,
        st.RecordDeath: any(e.is_suspect for e in about.patient.episodes.values()),
    }
    return not grave.get(step, False) or not CLINICAL.isdisjoint(actor.roles)


def link(step: type[st.Step], patient_id: str, subject: str) -> str:
    """Return the address of a step's page; `subject` is what a loop is about ("e1.x2", "e1", "e1.x2:summary")."""
    href = reverse("desk:step", args=[patient_id, step.__name__])
    query = {"subject": subject} if subject else {}
    if (document := subject.partition(":")[2]) in set(Document):
        query["document"] = document
    return f"{href}?{urlencode(query)}" if query else href
