"""Drives the real pathway through one person's story, without a database, so that tests meet states as they arise."""

from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import after, decide, recorded
from closerlook.pathway.events import Actor, Kind, Reading, Recorded, SideAssessment
from closerlook.pathway.loops import KINDS
from closerlook.pathway.protocol import Protocol, load
from closerlook.pathway.regions import Episode, Exam, FindingStatus, Patient
from closerlook.pathway.terms import (
    Assessment,
    Density,
    ExaminationKind,
    FindingKind,
    Laterality,
    Plan,
    ReportStatus,
    Sampling,
    Tissue,
)

LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
BOTH = (LEFT, RIGHT)
ROLES = (
    "pathology_coordinator",
    "radiologist",
    "navigator",
    "clinician",
    "nurse",
    "manager",
    "front_desk",
    "technologist",
)
START = datetime(2026, 11, 2, 15, tzinfo=UTC)
FEED = Actor(Kind.FEED, "SENDER")
WORKER = Actor(Kind.WORKER, "worker")
HERSELF = Actor(Kind.PATIENT, "p1")


UNDER: ContextVar[str] = ContextVar("the protocol a story is told under", default="us")


@cache
def rules(name: str) -> Protocol:
    return load(name, zone="America/New_York", kinds=frozenset(KINDS))


def us() -> Protocol:
    return rules("us")


class Story:
    """One stream. Each step takes an hour, unless a test says how long it waited."""

    def __init__(self) -> None:
        self.patient = Patient("p1")
        self.log: list[Recorded] = []
        self.now = START

    def take(self, step: st.Step, *, by: Actor | None = None, wait: timedelta = timedelta(hours=1)) -> "Story":
        self.now += wait
        actor = by or Actor(Kind.STAFF, f"u{len(self.log) % 7}", ROLES)
        here = rules(UNDER.get())
        protocols = {here.hash: here}
        events = decide(step, self.patient, self.log, protocols, default=here, actor=actor, now=self.now)
        if events:
            new = recorded(events, self.patient, here, actor, self.now)
            self.patient = after(self.patient, self.log, new, protocols)
            self.log += new
        return self

    @property
    def episode(self) -> Episode:
        return list(self.patient.episodes.values())[-1]

    @property
    def exam(self) -> Exam:
        return list(self.episode.exams.values())[-1]

    def report(
        self,
        *assessments: Assessment | tuple[Laterality | None, Assessment],
        kind: ExaminationKind = ExaminationKind.SCREENING,
        accession: str = "S|1",
        same_round: bool = False,
        exam_sides: tuple[Laterality, ...] = BOTH,
        provider: str | None = "A|d1",
        history: bool = False,
        **said: Any,
    ) -> "Story":
        """A report by feed. An assessment without a side stands for both breasts, each stated."""
        sides = tuple(side for one in assessments for side in _sides(one))
        self.now += timedelta(hours=1)
        examination = st.Examination(
            kind=kind, performed_at=self.now - timedelta(minutes=50), sides=exam_sides, accession=accession,
            provider=provider, history=history,
        )  # fmt: skip
        reading = Reading(**{"status": ReportStatus.FINAL, "reported_at": self.now, "sides": sides, **said})
        episode = self.episode.id if same_round else None
        return self.take(st.TakeReport(reading=reading, examination=examination, site="main", episode=episode), by=FEED)

    def examined(self, kind: ExaminationKind = ExaminationKind.SCREENING, **more: Any) -> "Story":
        """Pictures are made, nothing is read."""
        self.now += timedelta(hours=1)
        examination = st.Examination(
            kind=kind, performed_at=self.now - timedelta(minutes=5), accession=f"S|{len(self.log)}",
            **{"sides": BOTH, **more},
        )  # fmt: skip
        episode = self.episode.id if kind is not ExaminationKind.SCREENING else None
        return self.take(st.TakeExamination(examination=examination, site="main", episode=episode))

    def called_back(self, *, density: Density | None = None, **plan: Any) -> "Story":
        """The left breast needs more pictures; planned where `plan` says what."""
        self.report((LEFT, Assessment.INCOMPLETE_IMAGING), (RIGHT, Assessment.NEGATIVE), density=density)
        return self.take(st.DecideCallBack(exam=self.exam.id, **{"sides": (LEFT,), **plan})) if plan else self

    def booked(self, days: float = 3) -> "Story":
        place = "Riverside Clinic, 2nd floor"
        return self.take(st.BookVisit(episode=self.episode.id, starts_at=self.now + timedelta(days=days), place=place))

    def worked_up(self, *assessments: tuple[Laterality | None, Assessment], **said: Any) -> "Story":
        """The work-up is reported, and the radiologist says of every open finding what it came to."""
        self.report(
            *assessments, kind=ExaminationKind.DIAGNOSTIC, accession="S|2", same_round=True, exam_sides=(LEFT,), **said
        )
        waiting = [f for f in self.episode.open_findings() if f.exam != self.exam.id]
        answers = tuple(ev.FindingAnswer(f.id, assessments[0][1]) for f in waiting)
        return self.take(st.AssessWorkup(exam=self.exam.id, answers=answers)) if answers else self

    def told(self) -> "Story":
        return self.take(st.TellResult(exam=self.exam.id, channel=ev.Channel.PHONE))

    def opened(self) -> "Story":
        return self.take(st.OpenResult(exam=self.exam.id), by=HERSELF)

    def sent(self) -> "Story":
        for document in ev.Document:
            self.take(st.PrepareDocument(exam=self.exam.id, document=document, file="f.html"), by=WORKER)
            self.take(st.RecordPosted(exam=self.exam.id, document=document, proof="posted"))
        return self

    # ---------------------------------------------------------------- before the examination

    def invited(self, answers: str | None = None) -> "Story":
        """She is due in a month, or for a dated visit; her round begins and her invitation is posted."""
        if answers is None:
            self.take(st.SetNextDue(due_on=self.day(30), why="yearly"))
        self.take(st.OpenRound(site="main", answers=answers))
        self.take(st.PrepareInvitation(episode=self.episode.id, file="i.html"), by=WORKER)
        return self.take(st.RecordInvited(episode=self.episode.id, proof="posted"))

    def visit(self, purpose: ev.Purpose, days: float = 3) -> "Story":
        place = "Riverside Clinic, 2nd floor"
        starts_at = self.now + timedelta(days=days)
        return self.take(st.BookVisit(episode=self.episode.id, starts_at=starts_at, place=place, purpose=purpose))

    def missed(self, purpose: ev.Purpose) -> "Story":
        return self.take(st.RecordMissed(episode=self.episode.id, purpose=purpose), wait=timedelta(days=4))

    def day(self, days: int) -> date:
        return (self.now + timedelta(days=days)).date()

    # ---------------------------------------------------------------- tissue

    def to_sample(self) -> "Story":
        """Suspicious after the further pictures; she was told."""
        self.called_back(reasons=(FindingKind.MASS,), ultrasound=True)
        return self.told().sent().worked_up((LEFT, Assessment.SUSPICIOUS)).told().sent()

    def sampled(self, method: Sampling = Sampling.CORE) -> "Story":
        if not self.patient.episodes:
            self.to_sample()
        wanted = [f.id for f in self.episode.findings.values() if f.status is FindingStatus.BIOPSY]
        return self.take(st.RecordBiopsy(finding=wanted[0], method=method))

    @property
    def specimen(self) -> str:
        return list(self.episode.specimens)[-1]

    def pathology(self, tissue: Tissue, specimen: str | None = None) -> "Story":
        return self.take(st.RecordPathology(specimen=specimen or self.specimen, tissue=tissue), wait=timedelta(days=2))

    def weighed(self, *, fits: bool = True, follow_up: Plan = Plan.ROUTINE) -> "Story":
        return self.take(st.DecideConcordance(specimen=self.specimen, concordant=fits, follow_up=follow_up))

    def diagnosis_told(self) -> "Story":
        self.take(st.TellDiagnosis(specimen=self.specimen, channel=ev.Channel.IN_PERSON))
        return self.take(st.TellProviderDiagnosis(specimen=self.specimen, proof="rang"))

    def paused(self, how: str) -> "Story":
        review_on = date(2027, 3, 1)
        if how == "declined":
            step: st.Step = st.RecordDecline(
                episode=self.episode.id, what="more pictures", review_on=review_on, reviewer="u9"
            )
        else:
            soon = (self.now + timedelta(days=30)).date()
            step = st.RecordMovedAway(episode=self.episode.id, review_on=soon, reviewer="u9")
        return self.take(step)

    def lost(self) -> "Story":
        """Everything was tried, and a second person confirmed it."""
        for channel in (*[ev.Channel.PHONE] * 3, ev.Channel.TEXT, ev.Channel.LETTER, ev.Channel.CERTIFIED_LETTER):
            ended = ev.Outcome.VOICEMAIL if channel is ev.Channel.PHONE else ev.Outcome.SENT
            self.take(st.RecordContact(episode=self.episode.id, channel=channel, outcome=ended))
        self.take(
            st.ConfirmLost(episode=self.episode.id, everything_tried=True, review_on=date(2027, 3, 1), reviewer="u9"),
            by=Actor(Kind.STAFF, "someone else", ROLES),
        )
        return self


def _sides(one: Assessment | tuple[Laterality | None, Assessment]) -> Iterable[SideAssessment]:
    if isinstance(one, Assessment):
        return [SideAssessment(one, side) for side in BOTH]
    return [SideAssessment(one[1], one[0])]
