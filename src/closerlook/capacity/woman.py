"""What one patient's records say about the work she was: examinations, readings, attempts, visits, tissue."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway.calendar import Calendar
from closerlook.pathway.events import Recorded
from closerlook.pathway.terms import SUSPECT, Assessment, ExaminationKind

WORK_UP = (ev.Purpose.PICTURES, ev.Purpose.BIOPSY)
CALLS_BACK = SUSPECT | {Assessment.INCOMPLETE_IMAGING}


class Exam(Struct):
    """One screening examination. `read_after`: days to the first signed reading, `told_after`: working days from that
    to the first word to her; None where it has not been.
    """

    id: str
    episode: str
    at: datetime
    day: date
    read_at: datetime | None = None
    read_after: float | None = None
    told_after: int | None = None
    called_back: bool = False
    opinions: int = 0
    arbitrated: bool = False
    worked_up: bool = False
    ultrasound: bool = False
    biopsy: bool = False


class Known(Struct):
    """What is known of one patient. Visits are (episode, day); `laboratory` are working days per specimen."""

    exams: list[Exam] = field(default_factory=list)
    came: set[tuple[str, date]] = field(default_factory=set)
    missed_on: list[date] = field(default_factory=list)
    tried_on: list[tuple[date, bool]] = field(default_factory=list)
    mammography: set[tuple[str, date]] = field(default_factory=set)
    ultrasound: set[tuple[str, date]] = field(default_factory=set)
    biopsies: set[tuple[str, date]] = field(default_factory=set)
    reported: list[tuple[date, int]] = field(default_factory=list)

    @property
    def missed(self) -> int:
        return len(self.missed_on)

    @property
    def tried(self) -> int:
        return len(self.tried_on)

    @property
    def reached(self) -> int:
        return sum(reached for _, reached in self.tried_on)

    @property
    def laboratory(self) -> list[int]:
        return [days for _, days in self.reported]

    def within(self, since: date, until: date) -> "Known":
        """Return what happened on the days from `since` up to, not including, `until`."""

        def days(visits: Iterable[tuple[str, date]]) -> set[tuple[str, date]]:
            return {(episode, day) for episode, day in visits if since <= day < until}

        return replace(
            self,
            exams=[exam for exam in self.exams if since <= exam.day < until],
            came=days(self.came),
            missed_on=[day for day in self.missed_on if since <= day < until],
            tried_on=[(day, reached) for day, reached in self.tried_on if since <= day < until],
            mammography=days(self.mammography),
            ultrasound=days(self.ultrasound),
            biopsies=days(self.biopsies),
            reported=[(day, took) for day, took in self.reported if since <= day < until],
        )


def known(records: Sequence[Recorded], calendar: Calendar) -> Known:
    """Return what a patient's records say; facts entered in error never happened."""
    wrong = {seq for r in records if isinstance(r.event, ev.EnteredInError) for seq in r.event.seqs}
    reader = _Reader(calendar)
    for record in records:
        if record.seq not in wrong:
            reader.take(record.event)
    return reader.found


class _Reader:
    def __init__(self, calendar: Calendar) -> None:
        self.found = Known()
        self._calendar = calendar
        self._exams: dict[str, Exam] = {}
        self._sent: dict[str, date] = {}
        self._with_ultrasound: set[str] = set()

    def take(self, event: ev.Event) -> None:
        day = self._calendar.on(event.occurred_at)
        match event:
            case ev.ExaminationPerformed():
                self._examined(event, day)
            case ev.Read() | ev.ReportAmended() | ev.Opinion() | ev.Arbitrated() | ev.CallBackDecided():
                self._read(event)
            case ev.SummarySent() | ev.ResultTold() | ev.ResultSeen():
                self._told(event.exam, day)
                if isinstance(event, ev.ResultTold) and event.channel is ev.Channel.PHONE:
                    self._reached(day)
            case ev.ContactAttempted(channel=ev.Channel.PHONE):
                self.found.tried_on.append((day, event.outcome is ev.Outcome.REACHED))
            case ev.Attended() if event.purpose in WORK_UP:
                self.found.came.add((event.episode, day))
            case ev.Missed() if event.purpose in WORK_UP:
                self.found.missed_on.append(day)
            case ev.BiopsyDone():
                self._biopsied(event, day)
            case ev.PathologyReported() if event.specimen in self._sent:
                took = self._working_days(self._sent.pop(event.specimen), day)
                self.found.reported.append((day, took))

    def _examined(self, event: ev.ExaminationPerformed, day: date) -> None:
        if event.history or event.outside:
            return
        if event.kind is ExaminationKind.SCREENING:
            self._exams[event.exam] = exam = Exam(event.exam, event.episode, event.occurred_at, day)
            self.found.exams.append(exam)
        elif event.kind in (ExaminationKind.DIAGNOSTIC, ExaminationKind.ULTRASOUND):
            self.found.came.add((event.episode, day))
            alone = event.kind is ExaminationKind.ULTRASOUND
            # Units often report both as one examination: where it was planned with the pictures, it was done with them.
            ultrasound = alone or event.episode in self._with_ultrasound
            if ultrasound:
                self.found.ultrasound.add((event.episode, day))
            if not alone:
                self.found.mammography.add((event.episode, day))
            for exam in self._of(event.episode):
                exam.worked_up = True
                exam.ultrasound |= ultrasound

    def _read(self, event: ev.Read | ev.ReportAmended | ev.Opinion | ev.Arbitrated | ev.CallBackDecided) -> None:
        exam = self._exams.get(event.exam)
        if exam is None:
            return
        if isinstance(event, ev.CallBackDecided):
            (self._with_ultrasound.add if event.ultrasound else self._with_ultrasound.discard)(event.episode)
            exam.called_back |= not event.technical
        elif isinstance(event, ev.Opinion):
            exam.opinions += 1
        elif isinstance(event, ev.Arbitrated):
            exam.arbitrated = True
        elif event.reading.status.is_signed:
            exam.called_back |= not CALLS_BACK.isdisjoint(event.reading.assessments)
            if exam.read_at is None:
                exam.read_at = event.reading.reported_at or event.occurred_at
                exam.read_after = max(0.0, (exam.read_at - exam.at).total_seconds() / 86_400)

    def _told(self, exam_id: str, day: date) -> None:
        exam = self._exams.get(exam_id)
        if exam is not None and exam.told_after is None and exam.read_at is not None:
            exam.told_after = self._working_days(self._calendar.on(exam.read_at), day)

    def _reached(self, day: date) -> None:
        """She was told on the telephone: a call that reached her, unless it was noted as an attempt just before."""
        if not self.found.tried_on or self.found.tried_on[-1] != (day, True):
            self.found.tried_on.append((day, True))

    def _biopsied(self, event: ev.BiopsyDone, day: date) -> None:
        self.found.came.add((event.episode, day))
        self.found.biopsies.add((event.episode, day))
        self._sent[event.specimen] = day
        for exam in self._of(event.episode):
            exam.biopsy = True

    def _of(self, episode: str) -> list[Exam]:
        return [exam for exam in self._exams.values() if exam.episode == episode]

    def _working_days(self, since: date, until: date) -> int:
        count = 0
        while since < until:
            since = self._calendar.add_working_days(since, 1)
            count += since <= until
        return count
