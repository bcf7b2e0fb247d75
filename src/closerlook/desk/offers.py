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

from closerlook.desk import words
from closerlook.pathway import steps as st
from closerlook.pathway.closing import STEPS_FOR
from closerlook.pathway.deciding import CARING, CLINICAL, may
from closerlook.pathway.deciding.reading_twice import is_read_twice
from closerlook.pathway.deciding.standing import is_untold
from closerlook.pathway.events import Actor, Addressee, Document, Purpose, Request
from closerlook.pathway.matters import asks_for
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import (
    NO_VISIT_YET,
    UNANSWERED,
    Episode,
    Exam,
    FindingState,
    FindingStatus,
    IntervalCancer,
    Patient,
    Specimen,
    Visit,
    VisitStage,
)
from closerlook.pathway.terms import SUSPECT, Tissue
from closerlook.pathway.tissue import latest
from closerlook.people import sites
from closerlook.record.protocols import KNOWN

ABOUT_HER: tuple[type[st.Step], ...] = (
    st.RecordContact, st.TellResult, st.AskForCall, st.AskFor, st.BookVisit, st.MoveVisit, st.CancelVisit,
    st.NoteBarrier, st.ReportSymptom, st.RecordNoToday, st.RecordDecline, st.RecordChangedMind, st.SetWishes,
    st.RecordAnatomy, st.KnowPriors, st.ClaimOutside, st.MoveCare, st.RecordReturned, st.RecordMovedAway,
    st.EndInvitations, st.ResumeInvitations, st.RecordDeath,
)  # fmt: skip
ABOUT_THE_RECORD: tuple[type[st.Step], ...] = (
    st.TakeExamination, st.RecordIncomplete, st.RecordReading, st.DecideCallBack, st.RequestPriors, st.ReceivePriors,
    st.RecordPathology, st.DecideConcordance, st.RecordIncidental, st.RecordIntervalCancer, st.SetNextDue,
    st.AssignOwner, st.MoveToProtocol, st.WithdrawReport, st.MergeInto, st.Absorb, st.Unmerge, st.EnterInError,
)  # fmt: skip
ANY_TIME = ABOUT_HER + ABOUT_THE_RECORD
ELSEWHERE: dict[type[st.Step], str] = {
    st.TakeReport: "Reports come in by feed; a reading made here is signed with RecordReading.",
    st.PrepareInvitation: "The worker writes her invitation; it then lies with what is to post.",
    st.FinaliseReading: "The worker does it once the time to think again has run out; who thinks anew signs again.",
    st.TakeAIRead: "A computer's reading comes in by feed.",
    st.BeginHandOver: "A caseload is handed over on its own page, not in one patient's record.",
    st.RecordHandedOver: "The worker hands a caseload over round by round, and notes each.",
    st.Enrol: "Whoever is entered as a patient is known here with it.",
    st.Escalate: "The worker tells the next rung.",
    st.ConfirmVisit: "She confirms it on her page; who hears it from her books or moves the visit.",
    st.OpenResult: "She opens it on her page.",
    st.OpenHerPage: "She opens it herself.",
    st.RecordCallTried: "The call-back desk records it where she asked to be rung.",
    st.TakeBack: "The call-back desk offers it for a minute after each call.",
    st.SetMessageAside: "What comes in by feed is set aside by itself.",
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
    """What a step would be about: a patient, and the round and examination in question.

    `subject` is what a loop named ("e1.t9"), `detail` what stood behind its colon ("biopsy", "provider").
    """

    patient: Patient
    episode: Episode | None
    exam: Exam | None
    now: datetime
    document: str = ""
    subject: str = ""
    detail: str = ""

    @property
    def rules(self) -> Protocol | None:
        """The protocol that its round goes by."""
        return KNOWN[self.episode.protocol] if self.episode else None

    @property
    def awaited(self) -> bool:
        """Whether the round waits for her screening: nothing was seen that she could refuse."""
        return self.episode is not None and self.episode.is_awaited and self.episode.answers is None

    def owes(self, kind: str, subject: str) -> bool:
        """Whether a kind of thing is owed about a subject, whatever stands behind the subject's colon."""
        return any(k == kind and s.partition(":")[0] == subject for _, k, s in self.patient.owed)


Fits = Callable[[About], bool]


def _always(_: About) -> bool:
    return True


def _open(a: About) -> bool:
    return a.episode is not None and a.episode.settled is None and a.patient.died_on is None


def _running(a: About) -> bool:
    return _open(a) and a.episode is not None and a.episode.paused is None


def _paused(a: About) -> bool:
    return _open(a) and not _running(a)


def purposes(step: type[st.Step], a: About) -> list[Purpose]:
    """Return the kinds of visit that a step about visits can be about now; one alone where the loop named it."""
    if not _open(a) or a.episode is None:
        return []
    wanted = [Purpose(a.detail)] if a.detail in set(Purpose) else list(Purpose)
    return [p for p in wanted if VISITING[step](a, a.episode, p, a.episode.visits.get(p, NO_VISIT_YET))]


def _to_book(a: About, episode: Episode, purpose: Purpose, visit: Visit) -> bool:
    return visit.stage is not VisitStage.BOOKED and asks_for(episode, purpose, a.patient.around)


def _is_booked(_: About, _e: Episode, _p: Purpose, visit: Visit) -> bool:
    return visit.stage is VisitStage.BOOKED


def _begun(a: About, _e: Episode, _p: Purpose, visit: Visit) -> bool:
    return visit.stage is VisitStage.BOOKED and (visit.starts_at is None or visit.starts_at <= a.now)


def _on_the_day(a: About, _e: Episode, _p: Purpose, visit: Visit) -> bool:
    if visit.stage is not VisitStage.BOOKED:
        return False
    return visit.starts_at is None or timezone.localdate(visit.starts_at) <= timezone.localdate(a.now)


VISITING: dict[type[st.Step], Callable[[About, Episode, Purpose, Visit], bool]] = {
    st.BookVisit: _to_book,
    st.MoveVisit: _is_booked,
    st.CancelVisit: _is_booked,
    st.RecordAttended: _on_the_day,
    st.RecordMissed: _begun,
    st.RecordReminded: lambda a, e, p, v: v.stage is VisitStage.BOOKED and not v.reminded,
}
"""The steps about one of her visits, and for which visits each makes sense."""


# ---------------------------------------------------------------- what of hers a step can be about


def things(step: type[st.Step], a: About) -> dict[str, str]:
    """Return the findings, specimens and the like that a step can be about now, each with its words."""
    return {name: words.named(a.patient, name) for name in THINGS[step](a)}


def _findings(a: About, fits: Callable[[Episode, FindingState], bool]) -> list[str]:
    if a.patient.died_on is not None:
        return []
    rounds = [e for e in a.patient.episodes.values() if e.settled is None]
    return [f.id for e in rounds for f in e.findings.values() if fits(e, f)]


def _specimens(a: About, fits: Callable[[Specimen], bool]) -> list[str]:
    return [s.id for e in a.patient.episodes.values() for s in e.specimens.values() if fits(s)]


def _cancers(a: About, fits: Callable[[IntervalCancer], bool]) -> list[str]:
    return [c.id for c in a.patient.cancers.values() if fits(c) and a.patient.died_on is None]


def _undecided(episode: Episode, f: FindingState) -> bool:
    return f.status is FindingStatus.UNDECIDED or (
        f.status is FindingStatus.BIOPSY and latest(episode, f.id) is not None
    )


def _owed_of(a: About, kind: str) -> set[str]:
    return {subject for _, k, subject in (*a.patient.owed, *a.patient.suspended) if k == kind}


THINGS: dict[type[st.Step], Callable[[About], list[str]]] = {
    st.RecordBiopsy: lambda a: _findings(a, lambda e, f: f.status is FindingStatus.BIOPSY),
    st.RecordNoTissue: lambda a: _findings(
        a, lambda e, f: f.status is FindingStatus.BIOPSY and latest(e, f.id) is None
    ),
    st.RecordNotPossible: lambda a: _findings(a, lambda e, f: f.status is FindingStatus.BIOPSY),
    st.PlanNext: lambda a: _findings(a, _undecided),
    st.RecordPathology: lambda a: _specimens(a, lambda s: True),
    st.DecideConcordance: lambda a: _specimens(a, lambda s: s.tissue not in (None, Tissue.INSUFFICIENT)),
    st.TellDiagnosis: lambda a: (
        [] if a.patient.died_on else _specimens(a, lambda s: s.id in _owed_of(a, "tell_diagnosis"))
    ),
    st.TellProviderDiagnosis: lambda a: _specimens(a, lambda s: s.id in _owed_of(a, "tell_provider_diagnosis")),
    st.PassOnIncidental: lambda a: [name for e in a.patient.episodes.values() for name in e.incidentals],
    st.ReviewIntervalCancer: lambda a: _cancers(a, lambda c: c.reviewed is None),
    st.EndCare: lambda a: _cancers(a, lambda c: not c.care_ended),
}
"""The steps about one finding, specimen, incidental finding or cancer of hers."""


def refused_to(a: About) -> list[Addressee]:
    """Return to whom her refusal is still to be confirmed in writing; one alone where the loop named it."""
    waiting = a.episode.refusals if a.episode else ()
    return [to for to in waiting if a.detail in ("", to)]


def others(a: About) -> list[str]:
    """Return the records that hers is merged with."""
    return [*([a.patient.merged_into] if a.patient.merged_into else []), *a.patient.absorbed]


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


def _may_refuse(a: About) -> bool:
    """Whether an informed refusal could be taken: she knows a suspicious result, and there is one to act on."""
    return _running(a) and not a.awaited and not any(_is_untold(a, key) for key in a.patient.owed)


def _is_untold(a: About, key: tuple[str | None, str, str]) -> bool:
    episode, kind, subject = key
    found = a.patient.exam(subject) if kind in ("tell_result", "tell_change") else None
    if found is None or a.episode is None or episode != a.episode.id or found[1].telling.seen:
        return False
    gist = found[1].reading.gist
    return gist is not None and gist.suspect


def _asks_elsewhere(a: About) -> bool:
    return _open(a) and a.episode is not None and any(f.status in UNANSWERED for f in a.episode.findings.values())


def _due(a: About) -> bool:
    """Whether a round can begin before she comes: for a dated check, or because a day is set for her screening."""
    if a.patient.died_on is not None:
        return False
    if a.subject in a.patient.dated:
        return True
    return a.patient.next_due is not None and not a.patient.around.uninvited and a.patient.merged_into is None


def _may_be_due(a: About) -> bool:
    her = a.patient
    out = her.died_on is not None or her.invitations_ended is not None or her.merged_into is not None
    return not out and not her.around.in_care


def _can_be_signed(a: About) -> bool:
    return a.exam is not None and not a.exam.not_hers and not (a.exam.reading.held and is_one_of_two(a))


def is_one_of_two(a: About) -> bool:
    """Whether a reading signed now would be one of two."""
    return a.exam is not None and a.rules is not None and is_read_twice(a.exam, a.rules)


def _of_round(check: Callable[[Episode], bool]) -> Fits:
    """What fits an open round of someone alive for which `check` holds."""
    return lambda a: _open(a) and a.episode is not None and check(a.episode)


def _some_visit(step: type[st.Step]) -> Fits:
    return lambda a: bool(purposes(step, a))


def _some_thing(step: type[st.Step]) -> Fits:
    return lambda a: bool(THINGS[step](a))


def _alive(a: About) -> bool:
    return a.patient.died_on is None


def _wants_priors(a: About) -> bool:
    """Whether earlier pictures are waited for, or somebody has said where they are or asked for them."""
    if not _open(a) or a.episode is None:
        return False
    priors = a.episode.priors
    owed = any((episode, kind) == (a.episode.id, "get_priors") for episode, kind, _ in a.patient.owed)
    return owed or priors.known is not None or priors.requested is not None


def _to_tell(a: About) -> bool:
    """Whether there is a result, or a change of one, that she has not been told of."""
    exam = a.exam
    if exam is None:
        return False
    return exam.telling.change or (exam.result is not None and not exam.telling.told)


FITS: dict[type[st.Step], Fits] = {
    **{step: _some_visit(step) for step in VISITING},
    **{step: _some_thing(step) for step in THINGS},
    st.RecordContact: _open,
    st.TellResult: _to_tell,
    st.RecordNoToday: lambda a: (
        _running(a) and a.episode is not None and not a.episode.contact.said_no and not a.awaited
    ),
    st.RecordDecline: _may_refuse,
    st.RecordMovedAway: lambda a: _running(a) and not a.awaited,
    st.RecordChangedMind: _of_round(lambda e: e.paused is not None or e.contact.said_no),
    st.Resume: _paused,
    st.ReviewPause: _paused,
    st.AssignOwner: _open,
    st.ReportSymptom: lambda a: a.episode is not None and a.patient.died_on is None,
    st.AskForCall: lambda a: not a.patient.call_requested and a.patient.died_on is None,
    st.AskFor: lambda a: len(a.patient.requests) < len(Request) and a.patient.died_on is None,
    st.RecordDeath: _alive,
    st.NoteBarrier: _alive,
    st.DecideCallBack: _of_round(lambda e: bool(e.open_findings())),
    st.KnowPriors: _open,
    st.RequestPriors: lambda a: _wants_priors(a) and a.episode is not None and a.episode.priors.requested is None,
    st.ReceivePriors: lambda a: _wants_priors(a) and a.episode is not None and not a.episode.priors.received,
    st.RecordNoPriors: _of_round(lambda e: not e.priors.unavailable),
    st.AssessWorkup: _answers,
    st.RecordReading: _can_be_signed,
    st.WithdrawReport: lambda a: any(
        not x.not_hers and (x.reading.report or x.reading.preliminary)
        for e in a.patient.episodes.values()
        for x in e.exams.values()
    ),
    st.RecordReturned: lambda a: a.exam is not None and a.exam.telling.summary_sent,
    st.PrepareDocument: lambda a: a.exam is not None and a.exam.result is not None and not _printed(a),
    st.RecordPosted: _printed,
    st.EnterInError: lambda a: a.patient.version > 0,
    st.OpenRound: _due,
    st.SetNextDue: _may_be_due,
    st.RecordInvited: _of_round(lambda e: e.is_awaited and e.invitation is not None and not e.invited),
    st.RecordNotScreened: lambda a: a.episode is not None and a.owes("close_not_screened", a.episode.id),
    st.DeferScreening: lambda a: _open(a) and a.awaited,
    st.EndInvitations: lambda a: _alive(a) and a.patient.invitations_ended is None,
    st.ResumeInvitations: lambda a: _alive(a) and a.patient.invitations_ended is not None,
    st.RecordIncomplete: lambda a: a.exam is not None and not a.exam.not_hers and a.exam.incomplete is None,
    st.AcceptExamination: lambda a: a.exam is not None and a.exam.incomplete is not None,
    st.DeferReading: lambda a: a.exam is not None and a.exam.reading.report is None and a.exam.reading.held is None,
    st.ReleaseReading: lambda a: a.exam is not None and a.exam.reading.held is not None,
    st.Arbitrate: lambda a: a.exam is not None and a.owes("arbitrate", a.exam.id),
    st.PlaceWithdrawn: lambda a: a.exam is not None and a.owes("find_owner", a.exam.id),
    st.RecordIncidental: lambda a: a.episode is not None,
    st.Refer: lambda a: (
        a.episode is not None and (a.owes("refer", a.episode.id) or a.owes("accept_referral", a.episode.id))
    ),
    st.RecordAccepted: lambda a: a.episode is not None and a.owes("accept_referral", a.episode.id),
    st.RecordFirstVisit: lambda a: (
        a.episode is not None
        and a.owes("confirm_first_visit", a.episode.id)
        and a.episode.referral.first_visit_on is not None
        and a.episode.referral.first_visit_on <= timezone.localdate(a.now)
    ),
    st.EndTreatment: lambda a: _alive(a) and a.episode is not None and a.episode.id in a.patient.treating,
    st.RecordRefusalWritten: lambda a: bool(refused_to(a)),
    st.ClaimOutside: _asks_elsewhere,
    st.MoveCare: _asks_elsewhere,
    st.AcknowledgeCare: _of_round(lambda e: e.elsewhere.asked is not None and not e.elsewhere.acknowledged),
    st.TakeCareBack: _of_round(lambda e: e.elsewhere.asked is not None or e.elsewhere.claimed is not None),
    st.TakeOutsideResult: _open,
    st.MoveToProtocol: lambda a: (
        _open(a) and a.episode is not None and a.episode.protocol != sites.protocol(a.episode.site).hash
    ),
    st.SetWishes: _alive,
    st.MergeInto: lambda a: a.patient.merged_into is None and not a.patient.absorbed,
    st.Absorb: lambda a: a.patient.merged_into is None,
    st.Unmerge: lambda a: bool(others(a)),
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
    if step is st.RecordReading and is_one_of_two(about) and about.exam is not None:
        readers = {o.reader for o in about.exam.reading.opinions}
        if len(readers) >= 2 and actor.id not in readers:
            return False  # two have read it: a third decides between them
    untold = episode is not None and is_untold(about.patient, episode)
    if step is st.RecordMovedAway and untold and CARING.isdisjoint(actor.roles):
        return False
    grave = {
        st.TellResult: result is not None and bool(result.assessments & SUSPECT),
        st.ConfirmLost: episode is not None and episode.is_suspect,
        st.RecordMovedAway: episode is not None and episode.is_suspect,
        st.RecordDeath: any(e.is_suspect for e in about.patient.episodes.values()),
    }
    return not grave.get(step, False) or not CLINICAL.isdisjoint(actor.roles)


DETAILS = frozenset({*Document, *Purpose, *Addressee})


def parted(subject: str) -> tuple[str, str]:
    """Return what a subject names and the detail behind its colon: ("e1", "biopsy") for "e1:biopsy"."""
    name, _, detail = subject.rpartition(":")
    return (name, detail) if detail in DETAILS else (subject.partition(":")[0], "")


def link(step: type[st.Step], patient_id: str, subject: str) -> str:
    """Return the address of a step's page; `subject` is what a loop is about ("e1.x2", "e1", "e1.x2:summary")."""
    href = reverse("desk:step", args=[patient_id, step.__name__])
    query = {"subject": subject} if subject else {}
    if (document := parted(subject)[1]) in set(Document):
        query["document"] = document
    return f"{href}?{urlencode(query)}" if query else href
