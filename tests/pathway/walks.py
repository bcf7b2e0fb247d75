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
from closerlook.pathway.regions import Exam
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import (
    Density,
    ExaminationKind,
    FindingKind,
    NeedsPerson,
    Recommendation,
    ReportStatus,
)
from tests.pathway.story import BOTH, EVERYONE, FEED, HOUR, LEFT, RIGHT, Story, called_back, worked_up

T = TypeVar("T")
DAYS = [timedelta(days=1), timedelta(days=8), timedelta(days=70)]
WAITS = [timedelta(), timedelta(minutes=10), HOUR, timedelta(hours=9), *DAYS]
COMMON = [A.NEGATIVE, A.BENIGN, A.INCOMPLETE_IMAGING, A.PROBABLY_BENIGN, A.SUSPICIOUS, A.INCOMPLETE_PRIORS]
ALL = [*COMMON, A.HIGHLY_SUGGESTIVE, A.KNOWN_MALIGNANCY, A.POST_PROCEDURE_MARKER]
SIDES = [BOTH, BOTH, (LEFT,), (RIGHT,), ()]


def _watched() -> Story:
    her = worked_up(A.PROBABLY_BENIGN)
    her.answered(her.finding, her.exam.id, A.PROBABLY_BENIGN)
    return her


BEGINNINGS: list[Callable[[], Story]] = [
    Story, Story, Story, called_back, called_back, lambda: called_back(A.INCOMPLETE_IMAGING, A.INCOMPLETE_IMAGING),
    lambda: called_back().declined(), lambda: worked_up(A.BENIGN), lambda: worked_up(A.SUSPICIOUS),
    lambda: worked_up(A.PROBABLY_BENIGN), _watched,
]  # fmt: skip
"""Where walks begin: most of her path is rare, and a walk from nothing seldom comes far."""


class Walk:
    """One walk: a story, and what was sent before, to be sent again."""

    def __init__(self, choose: Callable[[Sequence[Any]], Any]) -> None:
        self.choose = choose
        self.her = self.one(BEGINNINGS)()
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
        if not self.her.patient.episodes:
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
        allowed = [a for a in EVERYONE if MAY[step] & ({*a.roles} or {str(a.kind)})]
        return self.one(allowed if allowed and not self.chance(5) else EVERYONE)

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
    st.BookVisit: lambda w, x: st.BookVisit(episode=w.episode(x), starts_at=w.later(), place="Hill"),
    st.MoveVisit: lambda w, x: st.MoveVisit(episode=w.episode(x), starts_at=w.later(), place="Hill"),
    st.ConfirmVisit: lambda w, x: st.ConfirmVisit(episode=w.episode(x)),
    st.CancelVisit: lambda w, x: st.CancelVisit(episode=w.episode(x), by_her=w.chance(50)),
    st.RecordMissed: lambda w, x: st.RecordMissed(episode=w.episode(x)),
    st.RecordAttended: lambda w, x: st.RecordAttended(episode=w.episode(x)),
    st.AssessWorkup: lambda w, x: st.AssessWorkup(exam=w.exam(x), answers=_answers(w), added=_added(w)),
    st.RequestPriors: lambda w, x: st.RequestPriors(episode=w.episode(x), source="Elsewhere"),
    st.ReceivePriors: lambda w, x: st.ReceivePriors(episode=w.episode(x), source="Elsewhere"),
    st.RecordNoPriors: lambda w, x: st.RecordNoPriors(episode=w.episode(x), reason="lost"),
    st.ReportSymptom: lambda w, x: st.ReportSymptom(
        episode=w.episode(x), what=w.one(["lump", "pain"]), side=w.one(BOTH)
    ),
    st.AnswerSymptom: lambda w, x: st.AnswerSymptom(symptom=_symptom(w, x), answer="cyst"),
    st.AskForCall: lambda w, x: st.AskForCall(),
    st.RecordSpoken: lambda w, x: st.RecordSpoken(channel=ev.Channel.PHONE),
    st.ReviewPause: lambda w, x: st.ReviewPause(episode=w.episode(x), review_on=w.her.day(w.day()), note="rang"),
    st.Resume: lambda w, x: st.Resume(episode=w.episode(x)),
    st.ReviewHistory: lambda w, x: st.ReviewHistory(episode=w.episode(x), follow_up=w.chance(50), note="seen"),
    st.AssignOwner: lambda w, x: st.AssignOwner(episode=w.episode(x), owner=w.one(["u1", "u2"])),
    st.Escalate: _escalate,
    st.RecordDeath: lambda w, x: st.RecordDeath(died_on=w.her.day()) if w.chance(15) else st.AskForCall(),
    st.SetNextDue: lambda w, x: st.SetNextDue(due_on=w.her.day(300), why="guideline"),
    st.EnterInError: lambda w, x: st.EnterInError(
        seqs=(w.one(range(1, w.her.patient.version + 1)),), reason="wrong"
    ) if w.her.log else st.Enrol(),
}  # fmt: skip
MESSAGE_STEPS = {st.SetMessageAside, st.FileMessage, st.DiscardMessage}
