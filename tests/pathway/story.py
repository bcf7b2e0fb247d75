"""One woman's path, told step by step: given, when, then.

A `Story` holds her log and takes steps as the door would. After every step it checks what must always hold: the state
kept step by step equals the fold of the log and the plain reference, every open round owes something, a settled one
owes nothing, keys are unique, and the same step taken again at once changes nothing.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused, after, decide, recorded
from closerlook.pathway.loops import KINDS, Loop, claims, fold, open_loops
from closerlook.pathway.protocol import Protocol, load
from closerlook.pathway.regions import UNANSWERED, Episode, Exam, FindingStatus, Patient
from closerlook.pathway.terms import (
    Assessment,
    Density,
    ExaminationKind,
    Laterality,
    NeedsPerson,
    Plan,
    Recommendation,
    ReportStatus,
    Role,
    Sampling,
    Tissue,
)
from tests.pathway.plain import plain_fold

US = load("us", zone="America/New_York", kinds=frozenset(KINDS))
UK = load("uk", zone="Europe/London", kinds=frozenset(KINDS))
EU = load("eu", zone="Europe/Dublin", kinds=frozenset(KINDS))
PROTOCOLS = {protocol.hash: protocol for protocol in (US, UK, EU)}
LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
BOTH = (LEFT, RIGHT)
A = Assessment
MONDAY = datetime(2026, 11, 2, 15, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def staff(role: str, name: str = "") -> ev.Actor:
    return ev.Actor(ev.Kind.STAFF, name or f"u-{role}", (role,))


RADIOLOGIST, CLINICIAN, NAVIGATOR = staff("radiologist"), staff("clinician"), staff("navigator")
NURSE, MANAGER, LEAD = staff("nurse"), staff("manager"), staff("lead")
FRONT_DESK, TECHNOLOGIST = staff("front_desk"), staff("technologist")
COORDINATOR = staff("pathology_coordinator")
FIRST_READER, SECOND_READER, THIRD_READER = (staff("radiologist", f"u-reader-{n}") for n in (1, 2, 3))
FEED, WORKER, HERSELF = (
    ev.Actor(ev.Kind.FEED, "RIS"),
    ev.Actor(ev.Kind.WORKER, "worker"),
    ev.Actor(ev.Kind.PATIENT, "p1"),
)
PROXY = ev.Actor(ev.Kind.PROXY, "daughter")
STAFF = (RADIOLOGIST, CLINICIAN, NAVIGATOR, NURSE, MANAGER, LEAD, FRONT_DESK, TECHNOLOGIST, COORDINATOR)
EVERYONE = (*STAFF, FEED, WORKER, HERSELF, PROXY)


def sides(left: Assessment | None = None, right: Assessment | None = None) -> tuple[ev.SideAssessment, ...]:
    """Return what a report states of each breast; None leaves a breast out."""
    stated = ((LEFT, left), (RIGHT, right))
    return tuple(ev.SideAssessment(assessment, side) for side, assessment in stated if assessment is not None)


class Story:
    """Her log so far, and the steps that lengthen it."""

    def __init__(self, now: datetime = MONDAY, protocol: Protocol = US) -> None:
        self.now = now
        self.protocol = protocol
        self.protocols = {**PROTOCOLS, protocol.hash: protocol}
        self.log: list[ev.Recorded] = []
        self.patient = Patient("p1")
        self.accessions = 0

    # ---------------------------------------------------------------- taking steps

    def wait(self, length: timedelta) -> "Story":
        self.now += length
        return self

    def take(self, step: st.Step, by: ev.Actor, wait: timedelta = HOUR) -> list[str]:
        """Take a step `wait` after the last one; return the names of the facts it made."""
        self.now += wait
        return [type(event).__name__ for event in self._taken(step, by)]

    def _taken(self, step: st.Step, by: ev.Actor) -> list[ev.Event]:
        before = self.patient
        events = self.decide(step, by)
        assert events == self.decide(step, by), "deciding twice on the same state gives the same facts"
        if events:
            new = recorded(events, self.patient, self.protocol, by, self.now)
            self.patient = after(self.patient, self.log, new, self.protocols)
            self.log += new
        self.check(before)
        return events

    def decide(self, step: st.Step, by: ev.Actor) -> list[ev.Event]:
        return decide(step, self.patient, self.log, self.protocols, default=self.protocol, actor=by, now=self.now)

    def again(self, step: st.Step, by: ev.Actor) -> list[ev.Event]:
        """Return the facts that the same click would make once more; a refusal makes none."""
        try:
            return self.decide(step, by)
        except Refused:
            return []

    # ---------------------------------------------------------------- what must always hold

    def check(self, before: Patient | None = None) -> None:
        patient = self.patient
        assert patient == fold("p1", self.log, self.protocols), "kept step by step, and folded anew"
        assert patient == plain_fold("p1", self.log, self.protocols), "fast, and plain"
        assert [ev.decode(ev.encode(r.event)) for r in self.log] == [r.event for r in self.log]
        loops = self.loops
        assert loops == open_loops(patient, self.protocols, default=self.protocol)
        keys = [(loop.kind, loop.subject, loop.opened_seq) for loop in loops]
        assert len(keys) == len(set(keys)), f"two loops with one key: {keys}"
        assert {(x.episode, x.kind, x.subject) for x in loops} == set(patient.owed)
        for loop in loops:
            assert loop.due_at.tzinfo is loop.late_at.tzinfo is UTC
            assert loop.escalate_at >= loop.late_at - 5 * DAY
            assert loop.owner in Role, "owed by somebody"
        for episode in patient.episodes.values():
            self._check_round(episode)
        if before is not None:
            self._check_keys(before)

    def _check_round(self, episode: Episode) -> None:
        own = [loop for loop in self.loops if loop.episode == episode.id]
        if episode.settled is not None:
            assert own == [], f"a settled round owes nothing: {own}"
            self._check_settled(episode)
        else:
            assert own, f"{episode.id} is neither settled nor owes anything"
        if episode.paused is not None and episode.settled is None and self.patient.died_on is None:
            assert any(x.kind == "review_pause" and x.assignee == episode.paused.reviewer for x in own)
        for exam in episode.exams.values():
            told = exam.telling
            if exam.result is None and not told.reached_her:
                assert (told.summary_sent, told.told, told.seen) == (False, False, False)

    def _check_settled(self, episode: Episode) -> None:
        """Nothing asked for is left in a settled round, unless she has died."""
        if self.patient.died_on is not None or episode.settled is None:
            return
        if episode.settled.outcome is ev.SettledAs.DIED:
            return
        assert [f for f in episode.findings.values() if f.status in UNANSWERED] == [], episode.settled
        assert all(s.answered for s in episode.symptoms.values())
        for exam in episode.exams.values():
            assert exam.not_hers or exam.history or exam.result is not None

    def _check_keys(self, before: Patient) -> None:
        """What was owed and still is keeps its key and its first clock."""
        if any(isinstance(r.event, ev.EnteredInError) for r in self.log[before.version :]):
            return
        for key, opened in before.owed.items():
            if key in self.patient.owed:
                assert self.patient.owed[key] == opened, key
            elif key in self.patient.suspended:
                assert self.patient.suspended[key].first_at == opened.first_at
        for key, held in before.suspended.items():
            if key in self.patient.owed:
                assert self.patient.owed[key].first_at == held.first_at
                assert self.patient.owed[key].seq > held.seq, "a new key after the pause"

    # ---------------------------------------------------------------- looking

    @property
    def loops(self) -> list[Loop]:
        return open_loops(self.patient, self.protocols, default=self.protocol)

    @property
    def kinds(self) -> set[str]:
        return {loop.kind for loop in self.loops}

    def loop(self, kind: str, subject: str | None = None) -> Loop:
        found = [x for x in self.loops if x.kind == kind and subject in (None, x.subject)]
        assert len(found) == 1, f"{kind}: {found or self.kinds}"
        return found[0]

    @property
    def episode(self) -> Episode:
        return next(iter(self.patient.episodes.values()))

    @property
    def round(self) -> Episode:
        """The latest round."""
        return list(self.patient.episodes.values())[-1]

    @property
    def outcome(self) -> ev.SettledAs | None:
        return self.episode.settled.outcome if self.episode.settled else None

    @property
    def exam(self) -> Exam:
        """The latest examination filed."""
        return [x for e in self.patient.episodes.values() for x in e.exams.values()][-1]

    @property
    def finding(self) -> str:
        """The one finding that is open."""
        found = [f.id for e in self.patient.episodes.values() for f in e.open_findings()]
        assert len(found) == 1, found
        return found[0]

    def facts(self) -> list[str]:
        return [type(r.event).__name__ for r in self.log]

    def claims(self) -> set[tuple[str, str]]:
        return set(claims(self.patient))

    # ---------------------------------------------------------------- her examinations and reports

    def examination(
        self,
        kind: ExaminationKind = ExaminationKind.SCREENING,
        looked_at: Sequence[Laterality] = BOTH,
        *,
        at: datetime | None = None,
        history: bool = False,
        provider: str | None = "dr-1",
    ) -> st.Examination:
        self.accessions += 1
        return st.Examination(
            kind=kind,
            performed_at=at or self.now,
            sides=tuple(looked_at),
            accession=f"RIS|{self.accessions}",
            provider=provider,
            history=history,
        )

    def examined(
        self,
        kind: ExaminationKind = ExaminationKind.SCREENING,
        looked_at: Sequence[Laterality] = BOTH,
        *,
        episode: str | None = None,
        at: datetime | None = None,
        answers: str | None = None,
        reason: ev.RoundReason = ev.RoundReason.SCREENING,
    ) -> str:
        """File an examination without a report; return its id."""
        x = self.examination(kind, looked_at, at=at)
        step = st.TakeExamination(examination=x, site="main", episode=episode, answers=answers, reason=reason)
        self.take(step, TECHNOLOGIST)
        return self.exam.id

    def reading(
        self,
        stated: tuple[ev.SideAssessment, ...],
        status: ReportStatus = ReportStatus.FINAL,
        *,
        at: datetime | None = None,
        timed: bool = True,
        density: Density | None = None,
        findings: tuple[ev.Finding, ...] = (),
        recommendation: Recommendation | None = None,
        needs_person: tuple[NeedsPerson, ...] = (),
        suspicious_words: bool = False,
    ) -> ev.Reading:
        return ev.Reading(
            status=status,
            reported_at=(at or self.now) if timed else None,
            reader="dr-r",
            sides=stated,
            density=density,
            findings=findings,
            recommendation=recommendation,
            needs_person=needs_person,
            suspicious_words=suspicious_words,
            message="m1",
        )

    def reported(
        self,
        left: Assessment | None,
        right: Assessment | None = A.NEGATIVE,
        *,
        kind: ExaminationKind = ExaminationKind.SCREENING,
        looked_at: Sequence[Laterality] = BOTH,
        episode: str | None = None,
        answers: str | None = None,
        history: bool = False,
        provider: str | None = "dr-1",
        recommendation: Recommendation | None = None,
    ) -> str:
        """File an examination with its final report, as a feed does; return the examination's id."""
        x = self.examination(kind, looked_at, history=history, provider=provider)
        self.now += HOUR
        said = self.reading(sides(left, right), recommendation=recommendation)
        step = st.TakeReport(reading=said, examination=x, site="main", episode=episode, answers=answers)
        self.take(step, FEED)
        return self.exam.id

    def report(self, exam: str, reading: ev.Reading, wait: timedelta = HOUR) -> list[str]:
        """Take a report about an examination that is known."""
        x = st.Examination(kind=ExaminationKind.SCREENING, performed_at=MONDAY)
        return self.take(st.TakeReport(reading=reading, examination=x, site="main", exam=exam), FEED, wait)

    def amended(
        self,
        exam: str,
        left: Assessment | None,
        right: Assessment | None = A.NEGATIVE,
        status: ReportStatus = ReportStatus.CORRECTED,
    ) -> list[str]:
        self.now += HOUR
        return self.report(exam, self.reading(sides(left, right), status))

    # ---------------------------------------------------------------- the usual steps

    def posted(self, exam: str) -> "Story":
        """Her letter and her provider's report are made and posted."""
        for document in ev.Document:
            self.take(st.PrepareDocument(exam=exam, document=document, file=f"{exam}-{document}-{self.now}"), WORKER)
            self.take(st.RecordPosted(exam=exam, document=document, proof="posted, first class"), FRONT_DESK)
        return self

    def told(self, exam: str, by: ev.Actor = CLINICIAN) -> "Story":
        self.take(st.TellResult(exam=exam, channel=ev.Channel.PHONE), by)
        return self

    def answered(self, finding: str, exam: str, assessment: Assessment) -> list[str]:
        answers = (ev.FindingAnswer(finding, assessment),)
        return self.take(st.AssessWorkup(exam=exam, answers=answers), RADIOLOGIST)

    def planned(self, exam: str, *looked_at: Laterality) -> "Story":
        self.take(st.DecideCallBack(exam=exam, sides=looked_at), RADIOLOGIST)
        return self

    def booked(self, days: int = 3, purpose: ev.Purpose = ev.Purpose.PICTURES) -> "Story":
        starts_at = self.now + days * DAY
        step = st.BookVisit(episode=self.round.id, starts_at=starts_at, place="Riverside", purpose=purpose)
        self.take(step, NAVIGATOR)
        return self

    def came(self, days: int = 3, purpose: ev.Purpose = ev.Purpose.PICTURES) -> "Story":
        """She comes to her visit, `days` after the last step."""
        self.take(st.RecordAttended(episode=self.round.id, purpose=purpose), TECHNOLOGIST, days * DAY)
        return self

    def missed(self, days: int = 3, purpose: ev.Purpose = ev.Purpose.PICTURES) -> "Story":
        self.take(st.RecordMissed(episode=self.round.id, purpose=purpose), FRONT_DESK, days * DAY)
        return self

    # ---------------------------------------------------------------- before the examination

    def due(self, days: int = 30) -> "Story":
        """She is known here, and the day of her next screening is set."""
        if not self.log:
            self.take(st.Enrol(), FRONT_DESK)
        self.take(st.SetNextDue(due_on=self.day(days), why="guideline"), WORKER)
        return self

    def begun(self, answers: str | None = None) -> "Story":
        """The round that she is due for begins."""
        self.take(st.OpenRound(site="main", answers=answers), WORKER)
        return self

    def invited(self) -> "Story":
        self.take(st.PrepareInvitation(episode=self.round.id, file=f"invitation-{self.round.id}"), WORKER)
        self.take(st.RecordInvited(episode=self.round.id, proof="posted, first class"), FRONT_DESK)
        return self

    # ---------------------------------------------------------------- tissue

    def sampled(self, finding: str | None = None, method: Sampling = Sampling.CORE) -> str:
        """Tissue of a finding is taken; return the specimen's id."""
        wanted = [f.id for f in self.round.findings.values() if f.status is FindingStatus.BIOPSY]
        self.take(st.RecordBiopsy(finding=finding or wanted[0], method=method), RADIOLOGIST)
        return list(self.round.specimens)[-1]

    def pathology(self, specimen: str, tissue: Tissue, lesion: str | None = None) -> "Story":
        self.take(st.RecordPathology(specimen=specimen, tissue=tissue, lesion=lesion), COORDINATOR, 2 * DAY)
        return self

    def weighed(self, specimen: str, *, fits: bool = True, follow_up: Plan = Plan.ROUTINE) -> list[str]:
        step = st.DecideConcordance(specimen=specimen, concordant=fits, follow_up=follow_up)
        return self.take(step, RADIOLOGIST)

    def diagnosis_told(self, specimen: str) -> "Story":
        """She and her provider know what the tissue showed."""
        self.take(st.TellDiagnosis(specimen=specimen, channel=ev.Channel.IN_PERSON), CLINICIAN)
        self.take(st.TellProviderDiagnosis(specimen=specimen, proof="letter"), NAVIGATOR)
        return self

    def referred(self, team: str = "Hill breast surgeons") -> "Story":
        """A team is asked to take her on, and expects her in five days."""
        self.take(st.Refer(episode=self.round.id, team=team), NAVIGATOR)
        self.take(st.RecordAccepted(episode=self.round.id, first_visit_on=self.day(5)), NAVIGATOR)
        return self

    def freed(self) -> "Story":
        """The visit that nothing asks for any more is cancelled: she came on another day."""
        self.take(st.CancelVisit(episode=self.episode.id, by_her=False), NAVIGATOR)
        return self

    def attempted(self, channel: ev.Channel = ev.Channel.PHONE, by: ev.Actor = NAVIGATOR) -> "Story":
        outcome = ev.Outcome.VOICEMAIL if channel is ev.Channel.PHONE else ev.Outcome.SENT
        step = st.RecordContact(episode=self.episode.id, channel=channel, outcome=outcome)
        self.take(step, by, 3 * HOUR)
        return self

    def climbed(self) -> "Story":
        """Every rung of the ladder has been tried: three calls, a text, a letter, a certified letter."""
        for _ in range(3):
            self.attempted()
        for channel in (ev.Channel.TEXT, ev.Channel.LETTER, ev.Channel.CERTIFIED_LETTER):
            self.attempted(channel)
        return self

    def declined(self) -> "Story":
        step = st.RecordDecline(
            episode=self.episode.id, what="further pictures", review_on=self.day(90), reviewer="u-navigator"
        )
        self.take(step, NURSE)
        return self

    def day(self, later: int = 0) -> date:
        return self.protocol.calendar.on(self.now + later * DAY)


def called_back(
    left: Assessment = A.INCOMPLETE_IMAGING, right: Assessment = A.NEGATIVE, her: Story | None = None
) -> Story:
    """She was screened on Monday and her left breast is not clear yet; everything is told, planned and booked."""
    her = her or Story()
    exam = her.reported(left, right)
    her.told(exam).posted(exam).planned(exam)
    return her.booked()


def to_sample(left: Assessment = Assessment.SUSPICIOUS, her: Story | None = None) -> Story:
    """She came back, and her radiologist advises a biopsy of the left breast; she and her provider know that."""
    her = worked_up(left, her=her)
    her.answered(her.finding, her.exam.id, left)
    return her


def reported_tissue(tissue: Tissue) -> tuple[Story, str]:
    """Tissue of the left breast was taken and reported; return the specimen too."""
    her = to_sample()
    specimen = her.sampled()
    return her.pathology(specimen, tissue), specimen


def diagnosed() -> tuple[Story, str]:
    """A cancer was found, and a clinician has told her."""
    her, specimen = reported_tissue(Tissue.MALIGNANT)
    her.weighed(specimen)
    return her.diagnosis_told(specimen), specimen


def worked_up(left: Assessment, kind: ExaminationKind = ExaminationKind.DIAGNOSTIC, her: Story | None = None) -> Story:
    """She came back, and the further pictures of her left breast were reported."""
    her = called_back(her=her)
    her.take(st.RecordAttended(episode=her.episode.id), TECHNOLOGIST, 3 * DAY)
    exam = her.reported(left, None, kind=kind, looked_at=(LEFT,), episode=her.episode.id)
    her.told(exam).posted(exam)
    return her
