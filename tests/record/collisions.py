"""Rounds in which people want the same thing, or things that exclude each other, of one woman or one message."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Kind
from closerlook.pathway.messages import SetAside
from closerlook.pathway.regions import Episode, Exam, Patient, VisitStage
from closerlook.pathway.terms import Assessment, Laterality, ReportStatus
from closerlook.record import door
from tests.record.crowd import LARGEST, Move
from tests.record.steps import BOTH, DESK, FEED, NAVIGATOR, RADIOLOGIST, WORKER, report
from tests.stores import NOW

SECOND_READER = Actor(Kind.STAFF, "ida", ("clinician", "radiologist"))
OTHER_WORKER = Actor(Kind.WORKER, "other")
NURSE = Actor(Kind.STAFF, "ruth", ("clinician", "nurse"))
MANAGER = Actor(Kind.STAFF, "max", ("lead", "manager"))
READERS, WORKERS, CALLERS = (RADIOLOGIST, SECOND_READER), (WORKER, OTHER_WORKER), (NAVIGATOR, DESK, NURSE)
Wish = tuple[Actor, st.Step]


class Round(NamedTuple):
    """What happens at once. Of the facts in `once`, all of it brings one at the most; `alone`: of its streams, one."""

    name: str
    moves: list[Move]
    once: frozenset[str] = frozenset()
    alone: bool = False


class Story:
    """One woman's story or one message's: each round is what could collide as her log stands now."""

    def __init__(self, rng: Random, number: int) -> None:
        self.rng = rng
        self.number = number
        self.is_message = rng.random() < 0.1
        self.stream = f"{'m' if self.is_message else 'p'}{number:014}"
        self.clock = NOW
        self.rounds = 0

    def next(self) -> Round:
        """Return the next round; the clock has moved on by some hours."""
        self.rounds += 1
        self.clock += timedelta(hours=self.rng.choice((1, 2, 5, 26)))
        history = door.look(self.stream)
        if not history.records and (other := door.look(self._other)).records:
            self.stream, history = self._other, other  # the accession came to be the other patient's
        if isinstance(history.state, SetAside):
            return self._message(history.state)
        if not history.patient.episodes:
            return self.rng.choice((self._entered, self._claimed_twice))()
        return self.rng.choice(self._possible(history))()

    @property
    def _other(self) -> str:
        return f"q{self.stream[1:]}"

    def _possible(self, history: door.History) -> list[Callable[[], Round]]:
        patient = history.patient
        episode = next(iter(patient.episodes.values()))
        exam = next(iter(episode.exams.values()))
        found: list[Callable[[], Round]] = [
            lambda: self._everything(patient, episode, exam),
            lambda: self._late(history),
            lambda: self._calls(patient),
            lambda: self._letters(patient, exam),
            lambda: self._attempts(patient, episode),
            lambda: self._amended(patient, episode, exam),
        ]
        if exam.result is None:
            found += [lambda: self._signed(patient, exam)] * 6
        if exam.reading.pending is not None:
            found += [lambda: self._signed_off(patient, exam)] * 8
        if any(not f.planned for f in episode.open_findings()):
            found += [lambda: self._planned(patient, exam)] * 4
        if episode.visit.stage is VisitStage.BOOKED:
            found += [lambda: self._visit_changed(patient, episode)] * 6
        elif episode.open_findings():
            found += [lambda: self._booked(patient, episode), lambda: self._declined(patient, episode)] * 3
        return found

    # ------------------------------------------------------------ who acts, and how

    def _round(self, name: str, version: int, wishes: Sequence[Wish], *once: str) -> Round:
        """Let two to eight people have these wishes, with keys of their own or shared, with or without `seen`."""
        several = self.rng.choice((2, 2, 3, 4, 6, LARGEST))
        shared, looked = self.rng.random() < 0.4, self.rng.choice(("all", "none", "some"))
        moves: list[Move] = []
        for n in range(several):
            wish = n % len(wishes) if shared else n
            if wish < n:
                moves.append(moves[wish])  # the same click, or the same message, once more
                continue
            actor, step = wishes[n % len(wishes)]
            person = actor.kind is Kind.STAFF and (looked == "all" or (looked == "some" and self.rng.random() < 0.5))
            seen = version if person else None
            moves.append(Move(self.stream, actor, step, f"{self.rounds}:{wish}", self.clock, seen))
        self.rng.shuffle(moves)
        return Round(name, moves, frozenset(once))

    # ------------------------------------------------------------ a stream begins

    def _entered(self) -> Round:
        coming = report(accession=f"A{self.number}", at=self.clock - timedelta(hours=4))
        unread = st.TakeExamination(examination=coming.examination, site="main")
        wishes: list[list[Wish]] = [[(FEED, coming)], [(FEED, unread)], [(FEED, coming), (DESK, unread)]]
        once = ("RoundOpened", "ExaminationPerformed", "Read")
        return self._round("a new stream", 0, self.rng.choice(wishes), *once)

    def _claimed_twice(self) -> Round:
        coming = report(accession=f"A{self.number}", at=self.clock - timedelta(hours=4))
        round_ = self._round("one accession, two patients", 0, [(FEED, coming)])
        moves = [replace(m, stream=self._other) if n % 2 else m for n, m in enumerate(round_.moves)]
        return Round(round_.name, moves, frozenset({"ExaminationPerformed"}), alone=True)

    # ------------------------------------------------------------ reading

    def _signed(self, patient: Patient, exam: Exam) -> Round:
        def reading(assessment: Assessment) -> st.RecordReading:
            sides = (ev.SideAssessment(assessment, Laterality.LEFT),)
            return st.RecordReading(exam=exam.id, sides=(*sides, ev.SideAssessment(Assessment.NEGATIVE, BOTH[1])))

        first = reading(Assessment.INCOMPLETE_IMAGING)
        second = self.rng.choice((first, reading(Assessment.SUSPICIOUS)))
        wishes = [(READERS[0], first), (READERS[1], second)]
        return self._round("two radiologists sign", patient.version, wishes, "Read")

    def _amended(self, patient: Patient, episode: Episode, exam: Exam) -> Round:
        """The feed brings another word of the report while people work on the old one."""
        left = self.rng.choice((Assessment.NEGATIVE, Assessment.SUSPICIOUS, Assessment.INCOMPLETE_IMAGING))
        coming = report(left, accession=(exam.accession or "").rpartition("|")[2], at=exam.performed_at)
        reading = replace(coming.reading, status=ReportStatus.CORRECTED, reported_at=self.clock)
        wishes: list[Wish] = [(FEED, replace(coming, reading=reading)), *self._clicks(episode, exam)]
        return self._round("an amendment during a click", patient.version, wishes)

    def _signed_off(self, patient: Patient, exam: Exam) -> Round:
        wishes = [(READERS[n], st.ConfirmChange(exam=exam.id, accepted=self.rng.random() < 0.5)) for n in (0, 1)]
        return self._round("two sign-offs", patient.version, wishes, "ChangeConfirmed")

    def _planned(self, patient: Patient, exam: Exam) -> Round:
        plan = st.DecideCallBack(exam=exam.id, sides=(Laterality.LEFT,), views=("SPOT",), ultrasound=True)
        return self._round("one plan", patient.version, [(r, plan) for r in READERS], "CallBackDecided")

    # ------------------------------------------------------------ her visit

    def _booked(self, patient: Patient, episode: Episode) -> Round:
        wishes = [(CALLERS[n % 3], self._booking(episode, n)) for n in range(self.rng.choice((1, 2, LARGEST)))]
        return self._round("one visit, many bookings", patient.version, wishes, "Booked")

    def _booking(self, episode: Episode, n: int) -> st.BookVisit:
        return st.BookVisit(episode=episode.id, starts_at=self.clock + timedelta(hours=3), place=f"room {n}")

    def _visit_changed(self, patient: Patient, episode: Episode) -> Round:
        moved = st.MoveVisit(episode=episode.id, starts_at=self.clock + timedelta(hours=2), place="room 9")
        ends: list[Wish] = [
            (DESK, st.CancelVisit(episode=episode.id, by_her=True)),
            (NAVIGATOR, st.RecordMissed(episode=episode.id)),
            (NURSE, st.RecordAttended(episode=episode.id)),
        ]
        wishes = [*self.rng.sample(ends, self.rng.choice((1, 2, 3))), *[(DESK, moved)] * self.rng.choice((0, 1))]
        if len(wishes) == 1 and self.rng.random() < 0.5:
            wishes.append((Actor(Kind.PATIENT, self.stream), st.ConfirmVisit(episode=episode.id)))
        return self._round("one visit, many ends", patient.version, wishes, "Cancelled+Missed+Attended")

    def _declined(self, patient: Patient, episode: Episode) -> Round:
        declined = st.RecordDecline(
            episode=episode.id, what="pictures", review_on=(self.clock + timedelta(days=30)).date(), reviewer="eva"
        )
        wishes: list[Wish] = [(NURSE, declined), (NAVIGATOR, self._booking(episode, 0))]
        return self._round("she declines and is booked", patient.version, wishes)

    # ------------------------------------------------------------ what is sent and told

    def _letters(self, patient: Patient, exam: Exam) -> Round:
        prepared = st.PrepareDocument(exam=exam.id, document=ev.Document.SUMMARY, file="her-letter")
        posted = st.RecordPosted(exam=exam.id, document=ev.Document.SUMMARY, proof="posted")
        if exam.telling.summary_file is None:
            return self._round("one letter, two workers", patient.version, [(w, prepared) for w in WORKERS], "Sending")
        return self._round("one letter posted", patient.version, [(c, posted) for c in CALLERS[1:]], "SummarySent")

    def _late(self, history: door.History) -> Round:
        loop = min(history.loops, key=lambda loop: loop.escalate_at, default=None)
        if loop is None:
            return self._calls(history.patient)
        self.clock = max(self.clock, loop.escalate_at)
        step = st.Escalate(kind=loop.kind, subject=loop.subject, opened_seq=loop.opened_seq, episode=loop.episode)
        return self._round("two workers escalate", history.state.version, [(w, step) for w in WORKERS], "Escalated")

    def _calls(self, patient: Patient) -> Round:
        if patient.call_requested:
            spoken = st.RecordSpoken(channel=ev.Channel.PHONE)
            return self._round("two ring her", patient.version, [(c, spoken) for c in CALLERS[:2]], "SpokenWith")
        asked = [(who, st.AskForCall()) for who in (Actor(Kind.PATIENT, self.stream), DESK)]
        return self._round("she asks twice to be rung", patient.version, asked, "CallRequested")

    def _attempts(self, patient: Patient, episode: Episode) -> Round:
        tried = st.RecordContact(episode=episode.id, channel=ev.Channel.PHONE, outcome=ev.Outcome.VOICEMAIL)
        return self._round("several ring her", patient.version, [(c, tried) for c in CALLERS])

    def _clicks(self, episode: Episode, exam: Exam) -> list[Wish]:
        """What people could be doing on her page, allowed or not."""
        steps: list[Wish] = [
            (NURSE, st.TellResult(exam=exam.id, channel=ev.Channel.PHONE)),
            (RADIOLOGIST, st.DecideCallBack(exam=exam.id, sides=(Laterality.LEFT,), views=("MAG",))),
            (NAVIGATOR, self._booking(episode, 1)),
            (DESK, st.CancelVisit(episode=episode.id, by_her=False)),
            (MANAGER, st.AssignOwner(episode=episode.id, owner="ana")),
            (NURSE, st.RecordNoToday(episode=episode.id)),
            (DESK, st.ReportSymptom(episode=episode.id, what="a lump", side=Laterality.LEFT)),
            (Actor(Kind.PATIENT, self.stream), st.OpenHerPage()),
            (MANAGER, st.SetNextDue(due_on=(self.clock + timedelta(days=365)).date(), why="yearly")),
            (RADIOLOGIST, st.EnterInError(seqs=(self.rng.randint(4, 9),), reason="a slip")),
        ]
        return self.rng.sample(steps, self.rng.randint(1, 4))

    def _everything(self, patient: Patient, episode: Episode, exam: Exam) -> Round:
        return self._round("many things at once", patient.version, self._clicks(episode, exam))

    # ------------------------------------------------------------ a message

    def _message(self, state: SetAside) -> Round:
        if not state.is_open:
            again = st.SetMessageAside(reason="unknown patient", suspicious_words=self.rng.random() < 0.3)
            return self._round("a message set aside", state.version, [(FEED, again)], "MessageSetAside")
        filed: list[Wish] = [(DESK, st.FileMessage(patient="p00000000000001"))]
        filed.append((RADIOLOGIST, st.DiscardMessage(reason="a test message")))
        return self._round("a message filed and discarded", state.version, filed, "MessageFiled+MessageDiscarded")
