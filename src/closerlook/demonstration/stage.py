"""What a story needs to be played: a clock it moves, reports it sends, steps people take."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from closerlook import worker
from closerlook.demonstration import feed
from closerlook.demonstration.people import Person
from closerlook.exchange.hl7.framing import split
from closerlook.exchange.inbox import Result, hl7, take_all
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Channel, Document, Kind, Purpose, Request, SideAssessment
from closerlook.pathway.regions import Episode, Exam
from closerlook.pathway.terms import Assessment, FindingKind, Laterality
from closerlook.people import identity, sites
from closerlook.people.models import Patient
from closerlook.portal.family import Cancer, Relation
from closerlook.portal.models import Note, NotebookShared, Relative
from closerlook.record import door
from closerlook.record.models import OpenLoop

ACTORS = {
    "desk": Actor(Kind.STAFF, "desk", ("front_desk",)),
    "technologist": Actor(Kind.STAFF, "technologist", ("technologist",)),
    "radiologist": Actor(Kind.STAFF, "radiologist", ("clinician", "radiologist")),
    "navigator": Actor(Kind.STAFF, "navigator", ("navigator",)),
    "nurse": Actor(Kind.STAFF, "nurse", ("clinician", "nurse")),
    "pathology": Actor(Kind.STAFF, "pathology", ("pathology_coordinator",)),
    "manager": Actor(Kind.STAFF, "manager", ("lead", "manager")),
}
LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
ZONE, OPENS, CLOSES = ZoneInfo("America/Chicago"), 8, 17


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE)


class Stage:
    """One person's story. `clock` moves forward only; `today` is the afternoon the story ends on."""

    def __init__(self, person: Person, number: int, today: datetime) -> None:
        self.person = person
        self.number = number
        self.today = today
        self.clock = today
        self.patient = ""
        self._sent = 0

    def days_ago(self, days: int, hour: float = 0) -> None:
        """Go to some days before the end, or the working day before that, at half past two plus `hour`."""
        self.clock = self.today - timedelta(days=days) + timedelta(hours=hour, minutes=self.number * 7 % 40)
        while _local(self.clock).weekday() > 4:
            self.clock -= timedelta(days=1)

    def later(self, hours: float) -> None:
        self.clock += timedelta(hours=hours)

    def report(self, *, exam: str = "1", **said: object) -> Result:
        """Send a report of examination `exam` of this story; it arrives two hours after it was performed."""
        self._sent += 1
        performed_at = said.pop("performed_at", self.clock)
        values: dict[str, object] = {
            "person": said.pop("person", self.person),
            "control_id": f"M{self.number:03}{self._sent:02}",
            "accession": f"A{self.number:03}{exam}",
            "performed_at": performed_at,
            "reported_at": self.clock + timedelta(hours=2),
            **said,
        }
        return self.deliver(feed.message(feed.Sent(**values)))  # type: ignore[arg-type]

    def deliver(self, data: bytes) -> Result:
        """Put bytes into the inbox, as they would come from outside."""
        self.later(3)
        raw = next(iter(split(data)))
        (found,) = take_all([hl7(raw, f"sample feed#{self.number}")], clock=lambda: self.clock)
        if found["patient"]:
            self.patient = found["patient"]
        return found

    def known(self) -> None:
        """Let the desk enter her, before any picture."""
        p = self.person
        stated = identity.Stated(
            numbers=(("RIVERSIDE", p.number),),
            family=p.family,
            given=p.given,
            birth_date=p.birth_date,
            sex=p.sex,
            phone=p.phone,
            address=" ".join(part for part in p.address.split("^") if part),
            language=p.language,
        )
        self.patient = identity.enter(stated, site=sites.site(), now=self.clock).pk
        self.take("desk", st.Enrol())

    def invited(self, in_days: int = 30) -> None:
        """Let her be due in so many days: her round begins, and her invitation is printed and posted."""
        if not self.patient:
            self.known()
        due_on = (self.clock + timedelta(days=in_days)).date()
        self.take("navigator", st.SetNextDue(due_on=due_on, why="yearly from 40"))
        self.work()
        self.take("desk", st.RecordInvited(episode=self.episode.id, proof="posted, first class"))

    def work(self) -> None:
        """Let the software do all that is due by now."""
        while worker.once(self.clock):
            pass

    def open(self) -> None:
        """Go on to the next moment the unit works, unless the story would then end after its end."""
        clock = self.clock
        local = _local(clock)
        while local.weekday() > 4 or not OPENS <= local.hour < CLOSES:
            day = local.date() + timedelta(days=local.hour >= OPENS)
            local = datetime.combine(day, time(OPENS, 10 + self.number * 7 % 45), local.tzinfo)
            clock = local.astimezone(UTC)
        if clock <= max(self.today, self.clock) + timedelta(hours=2):
            self.clock = clock

    def take(self, who: str, step: st.Step) -> None:
        """Let a member of staff take a step in working hours; a quarter of an hour passes."""
        self.later(0.25)
        self.open()
        key = f"demo:{self._version()}:{type(step).__name__}"
        door.take(step, stream=self.patient, actor=ACTORS[who], key=key, now=self.clock)

    def she(self, step: st.Step) -> None:
        """Let her take a step on her page."""
        self.later(0.25)
        actor = Actor(Kind.PATIENT, self.patient)
        door.take(step, stream=self.patient, actor=actor, key=f"her:{self._version()}", now=self.clock)

    def writes(self, kind: str, words: str) -> None:
        """Let her write a note in her notebook."""
        self.later(0.1)
        Note.objects.create(patient_id=self.patient, kind=kind, words=words, written_at=self.clock)

    def tells_of(self, relation: Relation, cancer: Cancer, age: int | None) -> None:
        """Let her add someone of her family."""
        self.later(0.1)
        Relative.objects.create(
            patient_id=self.patient, relation=relation, cancer=cancer, age=age, written_at=self.clock
        )

    def shares_notebook(self) -> None:
        """Let the unit read it."""
        NotebookShared.objects.create(patient_id=self.patient, shared_at=self.clock)
        self.she(st.AskFor(what=Request.NOTES))

    def _version(self) -> int:
        return door.look(self.patient).state.version

    @property
    def episode(self) -> Episode:
        return list(door.look(self.patient).patient.episodes.values())[-1]

    @property
    def dated(self) -> list[str]:
        """The dated visits that are owed to her."""
        return list(door.look(self.patient).patient.dated)

    @property
    def exam(self) -> Exam:
        return list(self.episode.exams.values())[-1]

    @property
    def first(self) -> Exam:
        return next(iter(self.episode.exams.values()))

    def letters(self, *, posted: bool = True) -> None:
        """Let the worker print what is due; the front desk posts it the same day."""
        self.work()
        if not posted:
            return
        waiting = OpenLoop.objects.filter(stream=self.patient, kind="post_document").values_list("subject", flat=True)
        for subject in list(waiting):
            exam, _, document = subject.partition(":")
            self.take("desk", st.RecordPosted(exam=exam, document=Document(document), proof="posted, first class"))

    def tell(self, who: str = "navigator") -> None:
        self.take(who, st.TellResult(exam=self.exam.id, channel=Channel.PHONE))

    def plan(self, *, side: Laterality = LEFT, reason: FindingKind = FindingKind.FOCAL_ASYMMETRY) -> None:
        views = ("SPOT", "ML") if reason is not FindingKind.CALCIFICATIONS else ("MAG", "ML")
        self.take(
            "radiologist",
            st.DecideCallBack(
                exam=self.first.id,
                sides=(side,),
                reasons=(reason,),
                views=views,
                ultrasound=reason is not FindingKind.CALCIFICATIONS,
                answer_same_day=True,
            ),
        )

    def book(self, in_days: float, purpose: Purpose = Purpose.PICTURES) -> None:
        place = "Riverside Breast Clinic, second floor"
        self.open()
        starts_at = self.clock + timedelta(days=in_days)
        while _local(starts_at).weekday() > 4:
            starts_at += timedelta(days=1)
        at = time(9 + self.number % 7, self.number * 10 % 60)
        starts_at = datetime.combine(_local(starts_at).date(), at, ZONE).astimezone(UTC)
        if starts_at <= self.clock:
            starts_at += timedelta(days=1)
        step = st.BookVisit(episode=self.episode.id, starts_at=starts_at, place=place, purpose=purpose)
        self.take("navigator", step)

    def begins(self, purpose: Purpose = Purpose.PICTURES) -> None:
        """Go to the hour of her visit, if it has not come."""
        visit = self.episode.visits.get(purpose)
        if visit is not None and visit.starts_at is not None:
            self.clock = max(self.clock, visit.starts_at)

    def came(self, purpose: Purpose = Purpose.PICTURES) -> None:
        self.begins(purpose)
        self.take("technologist", st.RecordAttended(episode=self.episode.id, purpose=purpose))

    def day(self, in_days: int = 0) -> date:
        return (self.clock + timedelta(days=in_days)).date()

    def sign(self, left: Assessment, right: Assessment = Assessment.NEGATIVE, *, with_priors: bool = False) -> None:
        sides = (SideAssessment(left, LEFT), SideAssessment(right, RIGHT))
        self.take("radiologist", st.RecordReading(exam=self.exam.id, sides=sides, with_priors=with_priors))

    def rest(self, now: datetime) -> None:
        """Let the time since the story's end pass: the worker does what has fallen due."""
        while worker.once(now):
            pass
        Patient.objects.filter(pk=self.patient, created_at__gt=now).update(created_at=now)
