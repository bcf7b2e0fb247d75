"""Random walks: at every point, the steps that someone allowed might try now, on what is there and on what is not.

Reports come late, twice, out of order, amended, unclear and unsided; people click twice; worse news meets a pause. A
step that the pathway refuses changes nothing and the walk goes on.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.closing import STEPS_FOR
from closerlook.pathway.deciding import MAY, Refused
from closerlook.pathway.loops import Loop
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import IN_TISSUE, Exam
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import (
    Density,
    ExaminationKind,
    FindingKind,
    NeedsPerson,
    Plan,
    Recommendation,
    ReportStatus,
    Sampling,
    Tissue,
)
from tests.pathway.story import (
    BOTH,
    EVERYONE,
    FEED,
    HOUR,
    LEFT,
    RIGHT,
    SECOND_READER,
    US,
    Story,
    called_back,
    to_sample,
    worked_up,
)

T = TypeVar("T")
DAYS = [timedelta(days=1), timedelta(days=8), timedelta(days=70)]
WAITS = [timedelta(), timedelta(minutes=10), HOUR, timedelta(hours=9), *DAYS]
COMMON = [A.NEGATIVE, A.BENIGN, A.INCOMPLETE_IMAGING, A.PROBABLY_BENIGN, A.SUSPICIOUS, A.INCOMPLETE_PRIORS]
ALL = [*COMMON, A.HIGHLY_SUGGESTIVE, A.KNOWN_MALIGNANCY, A.POST_PROCEDURE_MARKER]
SIDES = [BOTH, BOTH, (LEFT,), (RIGHT,), ()]


def _watched(her: Story) -> None:
    worked_up(A.PROBABLY_BENIGN, her=her)
    her.answered(her.finding, her.exam.id, A.PROBABLY_BENIGN)


def _refused(her: Story) -> None:
    called_back(her=her).declined()


def _to_sample(her: Story) -> None:
    to_sample(her=her)


def _reported(her: Story, tissue: Tissue) -> None:
    to_sample(her=her)
    her.pathology(her.sampled(), tissue)


def _told(her: Story) -> None:
    """She knows that it is cancer, and is referred."""
    _reported(her, Tissue.MALIGNANT)
    specimen = list(her.round.specimens)[-1]
    her.weighed(specimen)
    her.diagnosis_told(specimen).referred()


def _invited(her: Story) -> None:
    her.due().begun().invited().booked(7, ev.Purpose.SCREENING)


def _missed_both(her: Story) -> None:
    _invited(her)
    her.missed(8, ev.Purpose.SCREENING).booked(7, ev.Purpose.SCREENING).missed(8, ev.Purpose.SCREENING)


def _tried_everything(her: Story) -> None:
    her.posted(her.reported(A.INCOMPLETE_IMAGING)).climbed()


def _nothing(_her: Story) -> None: ...


BEGINNINGS: list[Callable[[Story], object]] = [
    _nothing, _nothing, _nothing, Story.due, _invited, _missed_both,
    _tried_everything, lambda her: called_back(her=her),
    lambda her: called_back(A.INCOMPLETE_IMAGING, A.INCOMPLETE_IMAGING, her=her), _refused,
    lambda her: worked_up(A.BENIGN, her=her), lambda her: worked_up(A.SUSPICIOUS, her=her),
    lambda her: worked_up(A.PROBABLY_BENIGN, her=her), _watched, _to_sample,
    lambda her: _reported(her, Tissue.INSUFFICIENT), lambda her: _reported(her, Tissue.MALIGNANT), _told,
]  # fmt: skip
"""Where walks begin: most of her path is rare, and a walk from nothing seldom comes far."""


ACTORS = (*EVERYONE, SECOND_READER)


class Walk:
    """One walk: a story, and what was sent before, to be sent again."""

    def __init__(self, choose: Callable[[Sequence[Any]], Any], protocol: Protocol = US) -> None:
        self.choose = choose
        self.her = Story(protocol=protocol)
        self.one(BEGINNINGS)(self.her)
        self.sent: list[tuple[st.Step, ev.Actor]] = []
        self.taken: list[tuple[st.Step, ev.Actor]] = []
        self.taken_at = self.her.now

    def one(self, choices: Sequence[T]) -> T:
        found: T = self.choose(choices)
        return found

    def chance(self, percent: int) -> bool:
        """Draw from the small end, so that a shorter story is one where less happens by chance."""
        return self.one(range(100)) >= 100 - percent

    def go(self) -> None:
        """Take one step, or be refused."""
        step, by = self.next()
        self.her.now += self.one(WAITS)
        before = self.her.patient
        try:
            self.her.take(step, by, timedelta())
        except Refused:
            assert self.her.patient is before
            return
        self.taken.append((step, by))
        self.taken_at = self.her.now

    def next(self) -> tuple[st.Step, ev.Actor]:
        if not self.her.patient.episodes and not self.chance(20):
            return self.report()
        ways = [self.report, self.work, self.work, self.work, self.work, self.anything, self.anything, self.again]
        return self.one(ways)()

    def again(self) -> tuple[st.Step, ev.Actor]:
        """The same click, or a message of long ago, comes once more."""
        return self.one([*self.sent, *self.taken[-3:]] or [(st.AskForCall(), self.actor(st.AskForCall))])

    def work(self) -> tuple[st.Step, ev.Actor]:
        """Someone works what is owed."""
        loops = [x for x in self.her.loops if STEPS_FOR[x.kind]]
        if not loops:
            return self.anything()
        loop = self.one(loops)
        kind = self.one(STEPS_FOR[loop.kind])
        return self.make(kind, loop), self.actor(kind)

    def anything(self) -> tuple[st.Step, ev.Actor]:
        kind = self.one(sorted(MAKERS, key=lambda s: s.__name__))
        return self.make(kind, None), self.actor(kind)

    def actor(self, step: type[st.Step]) -> ev.Actor:
        """Usually someone who may; now and then anyone."""
        allowed = [a for a in ACTORS if MAY[step] & ({*a.roles} or {str(a.kind)})]
        return self.one(allowed if allowed and not self.chance(5) else ACTORS)

    def make(self, kind: type[st.Step], loop: Loop | None) -> st.Step:
        return MAKERS[kind](self, loop)

    # ---------------------------------------------------------------- what steps are about

    def exams(self) -> list[Exam]:
        return [x for e in self.her.patient.episodes.values() for x in e.exams.values()]

    def exam(self, loop: Loop | None) -> str:
        name = loop.subject.partition(":")[0] if loop else ""
        known = [x.id for x in self.exams()]
        return name if name in known else self.one(known or ["e1.x2"])

    def episode(self, loop: Loop | None) -> str:
        return (loop.episode if loop else None) or self.one(list(self.her.patient.episodes) or ["e1"])

    def assessed(self) -> tuple[ev.SideAssessment, ...]:
        match self.one(["both", "both", "both", "left", "unsided"]):
            case "both":
                return (ev.SideAssessment(self.one(ALL), LEFT), ev.SideAssessment(self.one(COMMON), RIGHT))
            case "left":
                return (ev.SideAssessment(self.one(COMMON), self.one(BOTH)),)
            case _:
                return (ev.SideAssessment(self.one(ALL)),)

    def reading(self) -> ev.Reading:
        unclear = self.chance(15)
        coded = (
            ev.Finding(
                f"f{self.one([1, 2])}",
                FindingKind.MASS,
                self.one([LEFT, RIGHT, None]),
                assessment=self.one([*COMMON, None]),
            ),
        )
        status = [ReportStatus.FINAL, ReportStatus.FINAL, ReportStatus.CORRECTED, ReportStatus.ADDENDUM,
                  ReportStatus.PRELIMINARY, ReportStatus.UNKNOWN]  # fmt: skip
        return ev.Reading(
            status=self.one(status),
            reported_at=self.one([self.her.now, self.her.now, self.her.now - 30 * HOUR, None]),
            sides=() if self.chance(10) else self.assessed(),
            density=self.one([None, None, Density.B, Density.C]),
            findings=coded if self.chance(15) else (),
            recommendation=self.one([None, None, None, *Recommendation]),
            needs_person=(NeedsPerson.NO_CATEGORY,) if unclear else (),
            suspicious_words=self.chance(20),
            message="m1",
        )

    def examination(self, *, fresh: bool) -> st.Examination:
        known = [x for x in self.exams() if x.accession]
        if known and not fresh:
            x = self.one(known)
            return st.Examination(x.kind, x.performed_at, x.sides, x.accession)
        kinds = [ExaminationKind.SCREENING, ExaminationKind.DIAGNOSTIC, ExaminationKind.ULTRASOUND, *ExaminationKind]
        at = self.her.now - self.one([timedelta(), timedelta(), 40 * HOUR, timedelta(days=300)])
        return self.her.examination(self.one(kinds), self.one(SIDES), at=at, history=self.chance(10))

    def report(self) -> tuple[st.Step, ev.Actor]:
        """A feed sends a report: of a new examination, or once more of a known one."""
        rounds = list(self.her.patient.episodes)
        dated = sorted(self.her.patient.dated)
        answers = self.one(dated) if dated and self.chance(30) else None
        episode = self.one(rounds) if rounds and answers is None and self.chance(75) else None
        x = self.examination(fresh=self.chance(60))
        step = st.TakeReport(reading=self.reading(), examination=x, site="main", episode=episode, answers=answers)
        self.sent.append((step, FEED))
        return step, FEED

    def day(self) -> int:
        return self.one([1, 30, 200])

    def later(self) -> datetime:
        return self.her.now + self.day() * 24 * HOUR


def _answers(walk: Walk) -> tuple[ev.FindingAnswer, ...]:
    found = [f.id for e in walk.her.patient.episodes.values() for f in e.findings.values()]
    said = [A.BENIGN, A.PROBABLY_BENIGN, A.SUSPICIOUS, A.INCOMPLETE_IMAGING]
    return tuple(ev.FindingAnswer(name, walk.one(said)) for name in found if walk.chance(70))


def _added(walk: Walk) -> tuple[ev.Finding, ...]:
    if not walk.chance(15):
        return ()
    name = f"a{walk.her.patient.version}"
    return (ev.Finding(name, FindingKind.MASS, walk.one(BOTH), assessment=walk.one([A.BENIGN, A.SUSPICIOUS])),)


def _symptom(walk: Walk, loop: Loop | None) -> str:
    told = [s for e in walk.her.patient.episodes.values() for s in e.symptoms]
    return loop.subject if loop else walk.one(told or ["e1.y1"])


def _escalate(walk: Walk, _loop: Loop | None) -> st.Step:
    loops = walk.her.loops
    if not loops:
        return st.Escalate(kind="read", subject="e1.x2", opened_seq=1, episode="e1")
    x = walk.one(loops)
    walk.her.now = max(walk.her.now, x.escalate_at) if walk.chance(50) else walk.her.now
    return st.Escalate(kind=x.kind, subject=x.subject, opened_seq=x.opened_seq, episode=x.episode)


def _pause(walk: Walk, loop: Loop | None) -> dict[str, object]:
    return {"episode": walk.episode(loop), "review_on": walk.her.day(walk.day()), "reviewer": "u-navigator"}


def _named(loop: Loop | None, known: Sequence[str], otherwise: str) -> str | None:
    """What the loop is about, where it is one of these."""
    name = loop.subject.partition(":")[0] if loop else ""
    return name if name in known else None if known else otherwise


def _finding(w: Walk, x: Loop | None) -> str:
    rounds = w.her.patient.episodes.values()
    known = [f.id for e in rounds for f in e.findings.values()]
    in_tissue = [f.id for e in rounds for f in e.findings.values() if f.status in IN_TISSUE]
    return _named(x, known, "e1.x2.left") or w.one(in_tissue or known)


def _specimen(w: Walk, x: Loop | None) -> str:
    known = [s for e in w.her.patient.episodes.values() for s in e.specimens]
    return _named(x, known, "e1.t9") or w.one(known)


def _incidental(w: Walk, x: Loop | None) -> str:
    known = [i for e in w.her.patient.episodes.values() for i in e.incidentals]
    return _named(x, known, "e1.i9") or w.one(known)


def _cancer(w: Walk, x: Loop | None) -> str:
    known = list(w.her.patient.cancers)
    return _named(x, known, "p1.c9") or w.one(known)


def _purpose(w: Walk, x: Loop | None) -> ev.Purpose:
    """The purpose that the loop names or asks for; without one, any."""
    named = x.subject.partition(":")[2] if x else ""
    if named in list(ev.Purpose):
        return ev.Purpose(named)
    if x is not None and x.kind in ASKS_FOR and not w.chance(10):
        return ASKS_FOR[x.kind]
    booked = [p for e in w.her.patient.episodes.values() for p, v in e.visits.items() if v.starts_at is not None]
    known: list[ev.Purpose] = [*booked, *ev.Purpose]
    return w.one(known)


ASKS_FOR: dict[str, ev.Purpose] = {
    "book_call_back": ev.Purpose.PICTURES, "attend_call_back": ev.Purpose.PICTURES,
    "nurse_call": ev.Purpose.PICTURES, "resolve_abnormal": ev.Purpose.PICTURES, "arrange_biopsy": ev.Purpose.BIOPSY,
    "book_screening": ev.Purpose.SCREENING, "attend_screening": ev.Purpose.SCREENING,
    "close_not_screened": ev.Purpose.SCREENING,
}  # fmt: skip


def _wishes(w: Walk) -> ev.Wishes:
    not_by = (w.one(list(ev.Channel)),) if w.chance(50) else ()
    return ev.Wishes(not_by, w.one([None, w.her.day(9)]), w.one([None, "pl"]), w.one(list(ev.ContactRoute)))


MAKERS: dict[type[st.Step], Callable[[Walk, Loop | None], st.Step]] = {
    st.Enrol: lambda w, x: st.Enrol(),
    st.TakeReport: lambda w, x: w.report()[0],
    st.TakeExamination: lambda w, x: st.TakeExamination(
        examination=w.examination(fresh=w.chance(85)), site="main", episode=w.episode(x) if w.chance(85) else None,
        answers=x.subject if x and x.kind == "surveillance_visit" else None,
    ),
    st.RecordReading: lambda w, x: st.RecordReading(
        exam=w.exam(x), sides=w.assessed(), density=w.one([None, Density.C]), with_priors=w.chance(30)
    ),
    st.ConfirmAssessment: lambda w, x: st.ConfirmAssessment(exam=w.exam(x), sides=w.assessed()),
    st.PlaceReport: lambda w, x: st.PlaceReport(exam=w.exam(x), outcome="elsewhere"),
    st.ConfirmChange: lambda w, x: st.ConfirmChange(
        exam=w.exam(x), accepted=w.chance(60), sides=w.assessed() if w.chance(50) else ()
    ),
    st.WithdrawReport: lambda w, x: st.WithdrawReport(exam=w.exam(x), reason="not hers", examination_hers=w.chance(50)),
    st.ExplainWait: lambda w, x: st.ExplainWait(exam=w.exam(x), hear_by_on=w.her.day(w.one([-1, 3, 10]))),
    st.PrepareDocument: lambda w, x: st.PrepareDocument(
        exam=w.exam(x), document=w.one(list(ev.Document)), file=f"f{w.one([1, 2])}"
    ),
    st.RecordPosted: lambda w, x: st.RecordPosted(exam=w.exam(x), document=w.one(list(ev.Document)), proof="posted"),
    st.RecordReturned: lambda w, x: st.RecordReturned(exam=w.exam(x), reason="unknown"),
    st.TellResult: lambda w, x: st.TellResult(exam=w.exam(x), channel=ev.Channel.PHONE),
    st.OpenResult: lambda w, x: st.OpenResult(exam=w.exam(x)),
    st.OpenHerPage: lambda w, x: st.OpenHerPage(),
    st.DecideCallBack: lambda w, x: st.DecideCallBack(exam=w.exam(x), sides=w.one(SIDES)),
    st.RecordContact: lambda w, x: st.RecordContact(
        episode=w.episode(x), channel=w.one(list(ev.Channel)), outcome=w.one([*ev.Outcome, ev.Outcome.VOICEMAIL])
    ),
    st.RecordNoToday: lambda w, x: st.RecordNoToday(episode=w.episode(x)),
    st.RecordDecline: lambda w, x: st.RecordDecline(**_pause(w, x), what="pictures"),  # type: ignore[arg-type]
    st.RecordMovedAway: lambda w, x: st.RecordMovedAway(**_pause(w, x)),  # type: ignore[arg-type]
    st.ConfirmLost: lambda w, x: st.ConfirmLost(**_pause(w, x), everything_tried=w.chance(70)),  # type: ignore[arg-type]
    st.RecordChangedMind: lambda w, x: st.RecordChangedMind(episode=w.episode(x)),
    st.BookVisit: lambda w, x: st.BookVisit(
        episode=w.episode(x), starts_at=w.later(), place="Hill", purpose=_purpose(w, x)
    ),
    st.MoveVisit: lambda w, x: st.MoveVisit(
        episode=w.episode(x), starts_at=w.later(), place="Hill", purpose=_purpose(w, x)
    ),
    st.ConfirmVisit: lambda w, x: st.ConfirmVisit(episode=w.episode(x), purpose=_purpose(w, x)),
    st.CancelVisit: lambda w, x: st.CancelVisit(
        episode=w.episode(x), by_her=w.chance(50), purpose=_purpose(w, x)
    ),
    st.RecordMissed: lambda w, x: st.RecordMissed(episode=w.episode(x), purpose=_purpose(w, x)),
    st.RecordAttended: lambda w, x: st.RecordAttended(episode=w.episode(x), purpose=_purpose(w, x)),
    st.AssessWorkup: lambda w, x: st.AssessWorkup(exam=w.exam(x), answers=_answers(w), added=_added(w)),
    st.RequestPriors: lambda w, x: st.RequestPriors(episode=w.episode(x), source="Elsewhere"),
    st.ReceivePriors: lambda w, x: st.ReceivePriors(episode=w.episode(x), source="Elsewhere"),
    st.RecordNoPriors: lambda w, x: st.RecordNoPriors(episode=w.episode(x), reason="lost"),
    st.ReportSymptom: lambda w, x: st.ReportSymptom(
        episode=w.episode(x), what=w.one(["lump", "pain"]), side=w.one(BOTH)
    ),
    st.AnswerSymptom: lambda w, x: st.AnswerSymptom(symptom=_symptom(w, x), answer="cyst"),
    st.AskForCall: lambda w, x: st.AskForCall(call_at=w.one([None, w.her.now + 3 * DAYS[0]])),
    st.RecordCallTried: lambda w, x: st.RecordCallTried(outcome=w.one([ev.Outcome.NO_ANSWER, ev.Outcome.VOICEMAIL])),
    st.NoteBarrier: lambda w, x: st.NoteBarrier(barrier=w.one(list(ev.Barrier)), arranged=w.one(["", "a taxi"])),
    st.AskFor: lambda w, x: st.AskFor(what=w.one(list(ev.Request))),
    st.RecordMet: lambda w, x: st.RecordMet(what=w.one(list(ev.Request)), proof="done"),
    st.RecordSpoken: lambda w, x: st.RecordSpoken(channel=ev.Channel.PHONE),
    st.ReviewPause: lambda w, x: st.ReviewPause(episode=w.episode(x), review_on=w.her.day(w.day()), note="rang"),
    st.Resume: lambda w, x: st.Resume(episode=w.episode(x)),
    st.ReviewHistory: lambda w, x: st.ReviewHistory(episode=w.episode(x), follow_up=w.chance(50), note="seen"),
    st.AssignOwner: lambda w, x: st.AssignOwner(episode=w.episode(x), owner=w.one(["u1", "u2"])),
    st.Escalate: _escalate,
    st.RecordDeath: lambda w, x: st.RecordDeath(died_on=w.her.day()) if w.chance(15) else st.AskForCall(),
    st.SetNextDue: lambda w, x: st.SetNextDue(due_on=w.her.day(300), why="guideline"),
    st.TakeBack: lambda w, x: st.TakeBack(
        seqs=tuple(range(w.one(range(1, w.her.patient.version + 1)), w.her.patient.version + 1)), reason="a slip"
    ) if w.her.log else st.Enrol(),
    st.EnterInError: lambda w, x: st.EnterInError(
        seqs=(w.one(range(1, w.her.patient.version + 1)),), reason="wrong"
    ) if w.her.log else st.Enrol(),
    # Before the examination.
    st.OpenRound: lambda w, x: st.OpenRound(site="main", answers=w.one([None, *w.her.patient.dated, "e1.s7"])),
    st.PrepareInvitation: lambda w, x: st.PrepareInvitation(episode=w.episode(x), file="i"),
    st.RecordInvited: lambda w, x: st.RecordInvited(episode=w.episode(x), proof="posted"),
    st.RecordReminded: lambda w, x: st.RecordReminded(
        episode=w.episode(x), channel=w.one([ev.Channel.TEXT, ev.Channel.PHONE]), purpose=_purpose(w, x)
    ),
    st.RecordNotScreened: lambda w, x: st.RecordNotScreened(episode=w.episode(x), proof="posted"),
    st.DeferScreening: lambda w, x: st.DeferScreening(
        episode=w.episode(x), until=w.her.day(w.one([200, 0, 900])), reason="pregnant"
    ),
    st.EndInvitations: lambda w, x: st.EndInvitations(reason=w.one(list(ev.EndedFor)), proof="letter"),
    st.ResumeInvitations: lambda w, x: st.ResumeInvitations(),
    # Examined and read.
    st.RecordIncomplete: lambda w, x: st.RecordIncomplete(
        exam=w.exam(x), reason="she felt faint", missing=w.one(SIDES)
    ),
    st.AcceptExamination: lambda w, x: st.AcceptExamination(exam=w.exam(x), reason="the best to be had"),
    st.TakeAIRead: lambda w, x: st.TakeAIRead(exam=w.exam(x), reading=w.reading(), system=w.one(["ai", "other ai"])),
    st.DeferReading: lambda w, x: st.DeferReading(exam=w.exam(x), reason="older pictures", release_by="u-radiologist"),
    st.ReleaseReading: lambda w, x: st.ReleaseReading(exam=w.exam(x)),
    st.Arbitrate: lambda w, x: st.Arbitrate(
        exam=w.exam(x), sides=w.assessed(), panel=w.one([(), ("u-radiologist", "u-reader-2")])
    ),
    st.FinaliseReading: lambda w, x: st.FinaliseReading(exam=w.exam(x)),
    st.KnowPriors: lambda w, x: st.KnowPriors(episode=w.episode(x), source="Elsewhere"),
    st.PlaceWithdrawn: lambda w, x: st.PlaceWithdrawn(exam=w.exam(x), outcome="filed where it belongs"),
    st.RecordIncidental: lambda w, x: st.RecordIncidental(episode=w.episode(x), what="node in the armpit"),
    st.PassOnIncidental: lambda w, x: st.PassOnIncidental(incidental=_incidental(w, x), to="her doctor", proof="rang"),
    # Tissue.
    st.RecordBiopsy: lambda w, x: st.RecordBiopsy(finding=_finding(w, x), method=w.one(list(Sampling))),
    st.RecordNoTissue: lambda w, x: st.RecordNoTissue(finding=_finding(w, x), why="a cyst, aspirated"),
    st.RecordNotPossible: lambda w, x: st.RecordNotPossible(
        finding=_finding(w, x), why="too deep", plan=w.one(list(Plan))
    ),
    st.RecordPathology: lambda w, x: st.RecordPathology(specimen=_specimen(w, x), tissue=w.one(list(Tissue))),
    st.DecideConcordance: lambda w, x: st.DecideConcordance(
        specimen=_specimen(w, x), concordant=w.chance(70), follow_up=w.one([Plan.ROUTINE, *Plan])
    ),
    st.PlanNext: lambda w, x: st.PlanNext(
        finding=_finding(w, x), plan=w.one(list(Plan)), conference=w.one([("dr-1", "dr-2"), ("dr-1",), ()])
    ),
    st.TellDiagnosis: lambda w, x: st.TellDiagnosis(
        specimen=_specimen(w, x), channel=w.one([ev.Channel.IN_PERSON, ev.Channel.PHONE])
    ),
    st.TellProviderDiagnosis: lambda w, x: st.TellProviderDiagnosis(specimen=_specimen(w, x), proof="letter"),
    st.Refer: lambda w, x: st.Refer(episode=w.episode(x), team=w.one(["Hill surgeons", "Valley surgeons"])),
    st.RecordAccepted: lambda w, x: st.RecordAccepted(episode=w.episode(x), first_visit_on=w.her.day(w.one([1, 0, 5]))),
    st.RecordFirstVisit: lambda w, x: st.RecordFirstVisit(episode=w.episode(x), came=w.chance(70)),
    st.EndTreatment: lambda w, x: st.EndTreatment(
        episode=w.one([*w.her.patient.treating, "e1"]), next_due_on=w.her.day(365), why="yearly"
    ),
    # Care elsewhere, refusals, other rules.
    st.RecordRefusalWritten: lambda w, x: st.RecordRefusalWritten(
        episode=w.episode(x), to=w.one(list(ev.Addressee)), proof="posted"
    ),
    st.ClaimOutside: lambda w, x: st.ClaimOutside(episode=w.episode(x), source="Valley"),
    st.MoveCare: lambda w, x: st.MoveCare(episode=w.episode(x), to="Valley"),
    st.AcknowledgeCare: lambda w, x: st.AcknowledgeCare(episode=w.episode(x), proof="letter"),
    st.TakeCareBack: lambda w, x: st.TakeCareBack(episode=w.episode(x), reason="not known there"),
    st.TakeOutsideResult: lambda w, x: st.TakeOutsideResult(
        episode=w.episode(x), source="Valley", examination=w.examination(fresh=w.chance(85))
    ),
    st.MoveToProtocol: lambda w, x: st.MoveToProtocol(episode=w.episode(x), reason="new rules"),
    st.SetWishes: lambda w, x: st.SetWishes(wishes=_wishes(w)),
    st.RecordAnatomy: lambda w, x: st.RecordAnatomy(anatomy=ev.Anatomy(w.one(SIDES[2:]), w.one(SIDES[2:]))),
    st.RecordIntervalCancer: lambda w, x: st.RecordIntervalCancer(found_on=w.her.day(-3)),
    st.ReviewIntervalCancer: lambda w, x: st.ReviewIntervalCancer(cancer=_cancer(w, x), outcome="not seen then"),
    st.EndCare: lambda w, x: st.EndCare(cancer=_cancer(w, x), next_due_on=w.her.day(365), why="yearly"),
    st.MergeInto: lambda w, x: st.MergeInto(survivor="p2"),
    st.Absorb: lambda w, x: st.Absorb(retired="p3"),
    st.Unmerge: lambda w, x: st.Unmerge(other=w.one(["p2", "p3"])),
}  # fmt: skip
OTHER_STREAMS = {
    st.SetMessageAside, st.FileMessage, st.DiscardMessage, st.BeginHandOver, st.RecordHandedOver,
}  # fmt: skip
