"""Everything that someone might try next, for a patient as she stands: what the search and the random walks draw from.

You are here when a step or a new shape of news has to be searched. `MENU` groups the tries by what they move, so that a
search can leave whole regions at rest. A try may be refused; then it changes nothing.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Kind, Purpose
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import (
    NO_VISIT_YET,
    Episode,
    Exam,
    FindingStatus,
    Patient,
    VisitStage,
)
from closerlook.pathway.terms import (
    Assessment,
    ExaminationKind,
    FindingKind,
    Laterality,
    NeedsPerson,
    Plan,
    Recommendation,
    ReportStatus,
    Role,
    Sampling,
    Tissue,
)

LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
BOTH = (LEFT, RIGHT)
A, K = Assessment, ExaminationKind
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A_WHILE = timedelta(hours=27)
"""Between two tries: more than a day, so that what comes later surely is later."""
MOST_ROUNDS = 2
"""How many rounds of hers a search follows, one after the other."""


def staff(role: Role, name: str = "") -> Actor:
    """Return someone of one role, as the search knows them."""
    return Actor(Kind.STAFF, name or f"u-{role}", (role,))


RADIOLOGIST, SECOND, THIRD = (staff(Role.RADIOLOGIST, f"u-reader-{n}") for n in (1, 2, 3))
NAVIGATOR, NURSE, CLINICIAN = staff(Role.NAVIGATOR), staff(Role.NURSE), staff(Role.CLINICIAN)
MANAGER, FRONT_DESK, TECHNOLOGIST = staff(Role.MANAGER), staff(Role.FRONT_DESK), staff(Role.TECHNOLOGIST)
COORDINATOR = staff(Role.PATHOLOGY_COORDINATOR)
SAME_PERSON = Actor(Kind.STAFF, NAVIGATOR.id, (Role.NAVIGATOR, Role.CLINICIAN))
"""Who rings her, in a second role that might call her lost."""
FEED, WORKER, HERSELF = Actor(Kind.FEED, "RIS"), Actor(Kind.WORKER, "worker"), Actor(Kind.PATIENT, "herself")


class Try(Struct, frozen=True):
    """One thing someone might do: `at` is the moment it is done, `news` counts against how often news may come."""

    label: str
    step: st.Step
    actor: Actor
    at: datetime
    news: int = 0


class Here(Struct, frozen=True):
    """Where tries are made from: the patient, the rules, and the moment of the last fact."""

    patient: Patient
    protocol: Protocol
    now: datetime

    @property
    def soon(self) -> datetime:
        return self.now + A_WHILE

    def open(self) -> Iterator[Episode]:
        yield from (e for e in self.patient.episodes.values() if e.settled is None)

    def exams(self) -> Iterator[tuple[Episode, Exam]]:
        for episode in self.patient.episodes.values():
            yield from ((episode, x) for x in episode.exams.values() if not x.not_hers)


Tries = Iterator[Try]


def sides(left: Assessment | None, right: Assessment | None = A.NEGATIVE) -> tuple[ev.SideAssessment, ...]:
    """Return what a report states of each breast."""
    stated = ((LEFT, left), (RIGHT, right))
    return tuple(ev.SideAssessment(assessment, side) for side, assessment in stated if assessment is not None)


def report(
    here: Here,
    stated: tuple[ev.SideAssessment, ...],
    status: ReportStatus = ReportStatus.FINAL,
    *,
    needs: tuple[NeedsPerson, ...] = (),
    grave: bool = False,
    findings: tuple[ev.Finding, ...] = (),
    advice: Recommendation | None = None,
) -> ev.Reading:
    """Return a report made now."""
    return ev.Reading(
        status=status,
        reported_at=here.soon,
        reader="dr-outside",
        sides=stated,
        findings=findings,
        needs_person=needs,
        suspicious_words=grave,
        recommendation=advice,
    )


def pictures(here: Here, kind: ExaminationKind, looked_at: tuple[Laterality, ...] = BOTH) -> st.Examination:
    """Return an examination made now."""
    return st.Examination(kind=kind, performed_at=here.soon - HOUR, sides=looked_at, provider="dr-1")


# ---------------------------------------------------------------- before the examination


def before(here: Here) -> Tries:
    p, soon = here.patient, here.soon
    if not p.version:
        yield Try("she is enrolled", st.Enrol(), FRONT_DESK, soon)
        return
    day = here.protocol.calendar.on(soon)
    if (None, "set_next_due", p.id) in p.owed:
        yield Try("her next screening is set", st.SetNextDue(due_on=day + 30 * DAY, why="guideline"), WORKER, soon)
    more = len(p.episodes) < MOST_ROUNDS and all(e.settled is not None for e in p.episodes.values())
    if more:
        yield Try("the round she is due for begins", st.OpenRound(site="main"), WORKER, soon)
    for visit in list(p.dated)[:1] if more else ():
        yield Try("the round for the dated visit begins", st.OpenRound(site="main", answers=visit), NAVIGATOR, soon)
    for e in here.open():
        yield from _visit(here, e, Purpose.SCREENING)
        if e.due_on is not None:
            defer = st.DeferScreening(episode=e.id, until=day + 200 * DAY, reason="pregnant")
            yield Try("her screening is put off", defer, NAVIGATOR, soon)
        if not e.is_awaited:
            continue
        yield Try("her invitation is printed", st.PrepareInvitation(episode=e.id, file="i"), WORKER, soon)
        yield Try("her invitation is posted", st.RecordInvited(episode=e.id, proof="posted"), FRONT_DESK, soon)
        yield Try("not screened", st.RecordNotScreened(episode=e.id, proof="posted"), FRONT_DESK, soon)
    ended = st.EndInvitations(reason=ev.EndedFor.OPTED_OUT, proof="letter")
    yield Try("she wants no invitations", ended, FRONT_DESK, soon)
    yield Try("she is invited again", st.ResumeInvitations(), FRONT_DESK, soon)


def screened(here: Here) -> Tries:
    """A screening examination, at a visit or not; one at most in the search."""
    if any(x.kind is K.SCREENING for _, x in here.exams()):
        return
    take = st.TakeExamination(examination=pictures(here, K.SCREENING), site="main")
    yield Try("she is screened", take, TECHNOLOGIST, here.soon)


def cancer_elsewhere(here: Here) -> Tries:
    day = here.protocol.calendar.on(here.soon)
    found = st.RecordIntervalCancer(found_on=here.protocol.calendar.on(here.now - 3 * DAY))
    if not here.patient.cancers:
        yield Try("a cancer found elsewhere becomes known", found, RADIOLOGIST, here.soon)
    for name in here.patient.cancers:
        review = st.ReviewIntervalCancer(cancer=name, outcome="not seen then")
        yield Try("the earlier screening is reviewed", review, RADIOLOGIST, here.soon)
        ended = st.EndCare(cancer=name, next_due_on=day + 365 * DAY, why="after treatment")
        yield Try("her care elsewhere has ended", ended, NAVIGATOR, here.soon)


def _visit(here: Here, e: Episode, purpose: Purpose) -> Tries:
    """Everything that can become of a visit of one purpose."""
    visit, p = e.visits.get(purpose, NO_VISIT_YET), purpose
    soon, name = here.soon, purpose.value
    book = st.BookVisit(episode=e.id, starts_at=soon + 3 * DAY, place="Hill", purpose=p)
    yield Try(f"her {name} visit is booked", book, NAVIGATOR, soon)
    if visit.stage is not VisitStage.BOOKED or visit.starts_at is None:
        return
    then = max(soon, visit.starts_at + HOUR)
    remind = st.RecordReminded(episode=e.id, channel=ev.Channel.TEXT, purpose=p)
    yield Try(f"she is reminded of her {name} visit", remind, FRONT_DESK, soon)
    yield Try(f"she cancels her {name} visit", st.CancelVisit(episode=e.id, by_her=True, purpose=p), NAVIGATOR, soon)
    drop = st.CancelVisit(episode=e.id, by_her=False, purpose=p)
    yield Try(f"her {name} visit is cancelled here", drop, NAVIGATOR, soon)
    yield Try(f"she misses her {name} visit", st.RecordMissed(episode=e.id, purpose=p), FRONT_DESK, then)
    yield Try(f"she comes to her {name} visit", st.RecordAttended(episode=e.id, purpose=p), TECHNOLOGIST, then)
    if not visit.confirmed_by_her:
        confirm = st.ConfirmVisit(episode=e.id, purpose=p)
        yield Try(f"she confirms her {name} visit", confirm, HERSELF, soon)


# ---------------------------------------------------------------- reading

STATED = (A.NEGATIVE, A.INCOMPLETE_IMAGING, A.PROBABLY_BENIGN, A.SUSPICIOUS)


def first_report(here: Here) -> Tries:
    """The first signed report of each examination, one try for each assessment of the left breast."""
    for e, x in here.exams():
        if x.reading.report is not None:
            continue
        for stated in (*STATED, A.INCOMPLETE_PRIORS) if x.kind is K.SCREENING else STATED:
            yield _reported(here, e, x, f"a report says {stated}", report(here, _of(x, stated)))


def _of(x: Exam, stated: Assessment) -> tuple[ev.SideAssessment, ...]:
    """Say `stated` of the left breast, or of the only one that was looked at."""
    if x.sides and LEFT not in x.sides:
        return (ev.SideAssessment(stated, RIGHT),)
    return sides(stated, A.NEGATIVE if not x.sides or RIGHT in x.sides else None)


def _reported(here: Here, e: Episode, x: Exam, label: str, reading: ev.Reading, news: int = 0) -> Try:
    step = st.TakeReport(
        reading=reading,
        examination=st.Examination(kind=x.kind, performed_at=x.performed_at),
        site=e.site,
        exam=x.id,
        episode=e.id,
    )
    return Try(label, step, FEED, here.soon, news)


def unclear(here: Here) -> Tries:
    """Reports that are no result yet, and the person who makes them one."""
    for e, x in here.exams():
        if x.reading.report is None and x.reading.preliminary is None:
            told = report(here, (), ReportStatus.PRELIMINARY, grave=True)
            yield _reported(here, e, x, "a preliminary report comes", told, 1)
            vague = report(here, (), needs=(NeedsPerson.NO_CATEGORY,), grave=True)
            yield _reported(here, e, x, "a report without a category comes", vague, 1)
            placed = report(here, sides(A.KNOWN_MALIGNANCY))
            yield _reported(here, e, x, "a report of a known cancer comes", placed, 1)
        if x.reading.report is not None and x.result is None:
            for stated in (A.NEGATIVE, A.INCOMPLETE_IMAGING, A.SUSPICIOUS):
                step = st.ConfirmAssessment(exam=x.id, sides=_of(x, stated))
                yield Try(f"a radiologist confirms {stated}", step, RADIOLOGIST, here.soon)
        place = st.PlaceReport(exam=x.id, outcome="in care elsewhere")
        yield Try("the report is placed", place, RADIOLOGIST, here.soon)


def twice(here: Here) -> Tries:
    """Two readers, a third who decides, what is held, and a computer's reading."""
    for _, x in here.exams():
        if x.reading.report is not None:
            continue
        for reader in (RADIOLOGIST, SECOND):
            for stated in (A.NEGATIVE, A.INCOMPLETE_IMAGING):
                step = st.RecordReading(exam=x.id, sides=_of(x, stated))
                yield Try(f"{reader.id} reads {stated}", step, reader, here.soon)
        for stated in (A.NEGATIVE, A.INCOMPLETE_IMAGING):
            decide = st.Arbitrate(exam=x.id, sides=_of(x, stated))
            yield Try(f"a third reader decides {stated}", decide, THIRD, here.soon)
            if not x.reading.ai:
                said = report(here, _of(x, stated))
                yield Try(
                    f"a computer reads {stated}", st.TakeAIRead(exam=x.id, reading=said, system="ai"), FEED, here.soon
                )
        yield Try("the two readings stand", st.FinaliseReading(exam=x.id), WORKER, here.soon + 4 * DAY)
        hold = st.DeferReading(exam=x.id, reason="older pictures", release_by="u-reader-1")
        yield Try("the reading is held", hold, RADIOLOGIST, here.soon)
        yield Try("the reading goes on", st.ReleaseReading(exam=x.id), RADIOLOGIST, here.soon)
        if x.telling.hear_by_on is not None:
            later = max(here.protocol.calendar.on(here.soon) + 9 * DAY, x.telling.hear_by_on + DAY)
            wait = st.ExplainWait(exam=x.id, hear_by_on=later)
            yield Try("the wait is explained", wait, NAVIGATOR, here.soon)


def amended(here: Here) -> Tries:
    """Later reports of a result: graver, calmer, unclear; confirmed or not; or not hers at all."""
    for e, x in here.exams():
        if x.result is not None:
            for stated in STATED:
                said = report(here, _of(x, stated), ReportStatus.CORRECTED)
                yield _reported(here, e, x, f"a corrected report says {stated}", said, 1)
            vague = report(here, (), ReportStatus.ADDENDUM, needs=(NeedsPerson.NO_CATEGORY,), grave=True)
            yield _reported(here, e, x, "an unclear addendum comes", vague, 1)
        if x.reading.pending is not None:
            stands = st.ConfirmChange(exam=x.id, accepted=True, sides=_settled_sides(x))
            yield Try("a radiologist confirms the change", stands, RADIOLOGIST, here.soon)
            keeps = st.ConfirmChange(exam=x.id, accepted=False)
            yield Try("a radiologist keeps the earlier report", keeps, RADIOLOGIST, here.soon)
        for hers in (True, False):
            gone = st.WithdrawReport(exam=x.id, reason="another patient's", examination_hers=hers)
            label = "the report is withdrawn" if hers else "report and pictures are withdrawn"
            yield Try(label, gone, RADIOLOGIST, here.soon, 1)
    for e in here.patient.episodes.values():
        for x in e.exams.values():
            placed = st.PlaceWithdrawn(exam=x.id, outcome="filed where it belongs")
            yield Try("the withdrawn report is placed", placed, FRONT_DESK, here.soon)


def amended_of_one(here: Here) -> Tries:
    """Later reports that are silent about one breast."""
    for e, x in here.exams():
        if x.result is None:
            continue
        for stated in (sides(A.NEGATIVE, None), sides(A.SUSPICIOUS, None), sides(None, A.NEGATIVE)):
            side, assessment = stated[0].side, stated[0].assessment
            said = report(here, stated, ReportStatus.CORRECTED)
            yield _reported(here, e, x, f"a corrected report says {assessment} of the {side} alone", said, 1)


def _settled_sides(x: Exam) -> tuple[ev.SideAssessment, ...]:
    """What a radiologist states where the amended report states nothing certain: the breasts are normal."""
    pending = x.reading.pending
    if pending is None or (pending.assessments and not pending.needs_person):
        return ()
    return sides(A.NEGATIVE)


def read_here(here: Here) -> Tries:
    """A radiologist reads, or reads again with the older pictures."""
    for e, x in here.exams():
        gist = x.reading.gist
        if x.reading.report is None and here.protocol.reading == "single":
            for stated in (A.NEGATIVE, A.INCOMPLETE_IMAGING):
                step = st.RecordReading(exam=x.id, sides=_of(x, stated))
                yield Try(f"a radiologist reads {stated}", step, RADIOLOGIST, here.soon)
        if gist is not None and gist.awaits_priors:
            for stated in (A.NEGATIVE, A.INCOMPLETE_IMAGING):
                step = st.RecordReading(exam=x.id, sides=_of(x, stated), with_priors=True)
                yield Try(f"read with the older pictures: {stated}", step, RADIOLOGIST, here.soon)
        if e.settled is None and e.priors.requested is None and gist is not None and gist.awaits_priors:
            ask = st.RequestPriors(episode=e.id, source="Hill")
            yield Try("older pictures are asked for", ask, FRONT_DESK, here.soon)
    for e in here.open():
        if e.priors.requested is not None:
            yield Try("they come", st.ReceivePriors(episode=e.id, source="Hill"), FRONT_DESK, here.soon)
            yield Try("they cannot be had", st.RecordNoPriors(episode=e.id, reason="lost"), FRONT_DESK, here.soon)


def technical(here: Here) -> Tries:
    """Pictures that were not good enough, or not complete, and their repeat."""
    for e, x in here.exams():
        if x.kind is not K.SCREENING:
            continue
        if x.reading.report is None:
            blurred = (ev.Finding(f"{x.id}.blur", FindingKind.TECHNICAL, LEFT, "MLO", A.INCOMPLETE_IMAGING),)
            said = report(here, sides(A.INCOMPLETE_IMAGING), findings=blurred)
            yield _reported(here, e, x, "a report asks for the same pictures again", said)
        if x.incomplete is None and x.reading.report is None:
            gap = st.RecordIncomplete(exam=x.id, reason="she felt faint", missing=(RIGHT,))
            yield Try("not every picture could be made", gap, TECHNOLOGIST, here.soon, 1)
        best = st.AcceptExamination(exam=x.id, reason="the best to be had")
        yield Try("these are the best pictures", best, RADIOLOGIST, here.soon)
    for e in here.open():
        if not e.examined or len(e.exams) > 1:
            continue
        again = st.TakeExamination(examination=pictures(here, K.SCREENING), site="main", episode=e.id)
        yield Try("the pictures are made again", again, TECHNOLOGIST, here.soon)


# ---------------------------------------------------------------- telling


def documents(here: Here) -> Tries:
    for _, x in here.exams():
        if x.result is None:
            continue
        t = x.telling
        ready = {ev.Document.SUMMARY: t.summary_file, ev.Document.PROVIDER_REPORT: t.provider_file}
        done = {ev.Document.SUMMARY: t.summary_sent, ev.Document.PROVIDER_REPORT: t.provider_told}
        for document in ev.Document:
            if done[document]:
                continue
            if ready[document] is None:
                made = st.PrepareDocument(exam=x.id, document=document, file=f"{document}")
                yield Try(f"the {document} is printed", made, WORKER, here.soon)
            sent = st.RecordPosted(exam=x.id, document=document, proof="posted")
            yield Try(f"the {document} is posted", sent, FRONT_DESK, here.soon)
        if t.summary_sent:
            back = st.RecordReturned(exam=x.id, reason="unknown")
            yield Try("her letter comes back", back, FRONT_DESK, here.soon, 1)


def told(here: Here) -> Tries:
    for episode in here.patient.episodes.values():
        for x in episode.exams.values():
            if x.telling.change or not x.telling.told:
                tell = st.TellResult(exam=x.id, channel=ev.Channel.PHONE)
                yield Try("a clinician tells her", tell, CLINICIAN, here.soon)


def herself(here: Here) -> Tries:
    yield Try("she opens her page", st.OpenHerPage(), HERSELF, here.soon)
    for _, x in here.exams():
        if x.result is not None and not x.telling.seen:
            yield Try("she opens the result", st.OpenResult(exam=x.id), HERSELF, here.soon)
    if not here.patient.call_requested:
        yield Try("she asks to be rung", st.AskForCall(), HERSELF, here.soon, 1)
    else:
        yield Try("she is rung", st.RecordSpoken(channel=ev.Channel.PHONE), NAVIGATOR, here.soon)


def asking(here: Here) -> Tries:
    for what in ev.Request:
        if what not in here.patient.requests:
            yield Try(f"she asks for {what}", st.AskFor(what=what), HERSELF, here.soon, 1)
        else:
            yield Try(f"her asking for {what} is met", st.RecordMet(what=what, proof="done"), NAVIGATOR, here.soon)


def symptoms(here: Here) -> Tries:
    for e in here.patient.episodes.values():
        if not e.symptoms:
            lump = st.ReportSymptom(episode=e.id, what="lump", side=LEFT)
            yield Try("she tells of a lump", lump, HERSELF, here.soon)
        for s in e.symptoms.values():
            yield Try("the lump is answered", st.AnswerSymptom(symptom=s.id, answer="cyst"), RADIOLOGIST, here.soon)
        if not e.incidentals and not any(f.tissue_at for f in e.findings.values()):
            seen = st.RecordIncidental(episode=e.id, what="node in the armpit")
            yield Try("something beside the breast is seen", seen, RADIOLOGIST, here.soon, 1)
        for name in e.incidentals:
            on = st.PassOnIncidental(incidental=name, to="her doctor", proof="rang")
            yield Try("it is passed on", on, NAVIGATOR, here.soon)


def ladder(here: Here) -> Tries:
    """Attempts in the ladder's order: calls at any time, each timed rung after the one before it."""
    for e in here.open():
        calls = sum(rung.after is None for rung in here.protocol.ladder) + 1
        used = {a.channel for a in e.contact.attempts}
        rungs = [ev.Channel(rung.channel) for rung in here.protocol.ladder if rung.after is not None]
        following = next((channel for channel in rungs if channel not in used), None)
        ways = [(ev.Channel.PHONE, ev.Outcome.VOICEMAIL)] if e.contact.calls < calls else []
        ways += [(following, ev.Outcome.SENT)] if following not in (None, ev.Channel.PHONE) else []
        for channel, outcome in ways:
            step = st.RecordContact(episode=e.id, channel=channel, outcome=outcome)
            yield Try(f"tried by {channel}", step, NAVIGATOR, here.soon)
        if not e.contact.reached:
            reached = st.RecordContact(episode=e.id, channel=ev.Channel.PHONE, outcome=ev.Outcome.REACHED)
            yield Try("she is reached", reached, NAVIGATOR, here.soon)


# ---------------------------------------------------------------- call-back, work-up, tissue


def call_back(here: Here) -> Tries:
    for e in here.open():
        seen_in = next((f.exam for f in e.open_findings() if f.exam in e.exams), None)
        if seen_in is not None:
            plan = st.DecideCallBack(exam=seen_in, views=("SPOT",), ultrasound=True)
            yield Try("the call-back is planned", plan, RADIOLOGIST, here.soon)
        if e.examined:
            yield from _visit(here, e, Purpose.PICTURES)


ANSWERS = (A.BENIGN, A.PROBABLY_BENIGN, A.SUSPICIOUS, A.INCOMPLETE_IMAGING)


def work_up(
    here: Here,
    looked_at: tuple[tuple[Laterality, ...], ...] = ((LEFT,),),
    most: int = 2,
    said: tuple[Assessment, ...] = ANSWERS,
) -> Tries:
    for e in here.open():
        done = [x for x in e.exams.values() if x.is_workup]
        if e.examined and len(done) < most and e.open_findings():
            for which in looked_at:
                take = st.TakeExamination(examination=pictures(here, K.ULTRASOUND, which), site="main", episode=e.id)
                where = " and ".join(which) or "side not stated"
                yield Try(f"ultrasound, {where}", take, TECHNOLOGIST, here.soon)
        for x in done:
            yield from _answers(here, e, x, said)


def _answers(here: Here, e: Episode, x: Exam, said: tuple[Assessment, ...]) -> Tries:
    for f in e.open_findings():
        for answer in said:
            step = st.AssessWorkup(exam=x.id, answers=(ev.FindingAnswer(f.id, answer),))
            yield Try(f"{f.side or 'the'} finding answered {answer}", step, RADIOLOGIST, here.soon)


TISSUES = (Tissue.INSUFFICIENT, Tissue.NORMAL_TISSUE, Tissue.BENIGN, Tissue.HIGH_RISK, Tissue.MALIGNANT)


def sampling(here: Here) -> Tries:
    soon = here.soon
    for e in here.open():
        if any(f.status is FindingStatus.BIOPSY for f in e.findings.values()):
            yield from _visit(here, e, Purpose.BIOPSY)
        if any(s.tissue is not None and not s.told for s in e.specimens.values()):
            yield from _visit(here, e, Purpose.RESULTS)
        for f in e.findings.values():
            if f.status is FindingStatus.BIOPSY:
                if len(e.specimens) < 2:
                    taken = st.RecordBiopsy(finding=f.id, method=Sampling.CORE)
                    yield Try("tissue is taken", taken, RADIOLOGIST, soon)
                none = st.RecordNoTissue(finding=f.id, why="aspirated, a cyst")
                yield Try("no tissue is needed", none, RADIOLOGIST, soon)
                for plan in (Plan.EXCISION, Plan.MORE_IMAGING):
                    instead = st.RecordNotPossible(finding=f.id, why="too deep", plan=plan)
                    yield Try(f"no tissue can be had: {plan}", instead, RADIOLOGIST, soon)
            if f.status in (FindingStatus.UNDECIDED, FindingStatus.BIOPSY):
                for plan in (Plan.REPEAT_BIOPSY, Plan.EXCISION, Plan.ROUTINE):
                    step = st.PlanNext(finding=f.id, plan=plan, conference=("dr-1", "dr-2"))
                    yield Try(f"a conference decides: {plan}", step, RADIOLOGIST, soon)


def pathology(here: Here) -> Tries:
    soon = here.soon
    for e in here.patient.episodes.values():
        for s in e.specimens.values():
            for found in TISSUES:
                said = st.RecordPathology(specimen=s.id, tissue=found)
                news = 0 if s.tissue is None else 1
                yield Try(f"the pathologist says {found}", said, COORDINATOR, soon, news)
            for fits in (True, False):
                step = st.DecideConcordance(specimen=s.id, concordant=fits)
                yield Try(f"tissue and pictures {'agree' if fits else 'disagree'}", step, RADIOLOGIST, soon)
            watch = st.DecideConcordance(specimen=s.id, concordant=True, follow_up=Plan.SHORT_INTERVAL)
            yield Try("they agree; look again in six months", watch, RADIOLOGIST, soon)
            tell = st.TellDiagnosis(specimen=s.id, channel=ev.Channel.IN_PERSON)
            yield Try("she is told what the tissue showed", tell, CLINICIAN, soon)
            doctor = st.TellProviderDiagnosis(specimen=s.id, proof="letter")
            yield Try("her doctor is told what the tissue showed", doctor, NAVIGATOR, soon)


def pathology_again(here: Here) -> Tries:
    """A pathologist's later word about a specimen that was reported."""
    for t in pathology(here):
        if t.news:
            yield t


def care_team(here: Here) -> Tries:
    soon = here.soon
    day = here.protocol.calendar.on(soon)
    for e in here.open():
        yield Try("she is referred", st.Refer(episode=e.id, team="Hill surgeons"), NAVIGATOR, soon)
        accepted = st.RecordAccepted(episode=e.id, first_visit_on=day + 5 * DAY)
        yield Try("the team expects her", accepted, NAVIGATOR, soon)
        if e.referral.first_visit_on is not None:
            for came in (True, False):
                step = st.RecordFirstVisit(episode=e.id, came=came)
                label = "the team has seen her" if came else "she was not at the team's visit"
                yield Try(label, step, NAVIGATOR, soon + 6 * DAY)
    for name in here.patient.treating:
        ended = st.EndTreatment(episode=name, next_due_on=day + 365 * DAY, why="after treatment")
        yield Try("her treatment has ended", ended, NAVIGATOR, soon)


# ---------------------------------------------------------------- standing


def pauses(here: Here) -> Tries:
    soon = here.soon
    later = here.protocol.calendar.on(soon) + 30 * DAY
    for e in here.open():
        if e.paused is None:
            decline = st.RecordDecline(episode=e.id, what="what is advised", review_on=later, reviewer="u-navigator")
            yield Try("she declines, informed", decline, CLINICIAN, soon)
            lost = st.ConfirmLost(episode=e.id, everything_tried=True, review_on=later, reviewer="u-navigator")
            yield Try("a second person confirms that she is lost", lost, CLINICIAN, soon)
            if (e.id, "confirm_lost", e.id) in here.patient.owed:
                yield Try("whoever tried last says that she is lost", lost, SAME_PERSON, soon)
            more = st.ConfirmLost(episode=e.id, everything_tried=False, review_on=later, reviewer="u-navigator")
            yield Try("a second person finds more to try", more, CLINICIAN, soon)
            away = st.RecordMovedAway(episode=e.id, review_on=later, reviewer="u-navigator")
            yield Try("she has moved away", away, CLINICIAN, soon)
        else:
            yield Try("the round goes on", st.Resume(episode=e.id), NAVIGATOR, soon)
            look = st.ReviewPause(episode=e.id, review_on=max(later, e.paused.review_on + DAY), note="rang")
            yield Try("the pause is reviewed", look, NAVIGATOR, soon, 1)
        yield Try("she wants to go on", st.RecordChangedMind(episode=e.id), NAVIGATOR, soon)
        for to in e.refusals:
            written = st.RecordRefusalWritten(episode=e.id, to=to, proof="posted")
            yield Try(f"her refusal is confirmed to {to}", written, FRONT_DESK, soon)


def declined(here: Here) -> Tries:
    """Declined, resumed; the rest of what can pause a round is searched where she is reached."""
    yield from (t for t in pauses(here) if isinstance(t.step, (st.RecordDecline, st.Resume)))
    for e in here.open():
        if e.paused is not None:
            later = here.soon + 2 * here.protocol.stale_after_days * DAY
            yield Try("the round goes on, much later", st.Resume(episode=e.id), NAVIGATOR, later)


def says_no(here: Here) -> Tries:
    for e in here.open():
        if not e.contact.said_no:
            yield Try("she says no today", st.RecordNoToday(episode=e.id), NAVIGATOR, here.soon)


def opens_page(here: Here) -> Tries:
    yield from (t for t in herself(here) if isinstance(t.step, st.OpenHerPage))


def death(here: Here) -> Tries:
    died = st.RecordDeath(died_on=here.protocol.calendar.on(here.now))
    yield Try("she dies", died, CLINICIAN, here.soon)


def elsewhere(here: Here) -> Tries:
    soon = here.soon
    for e in here.open():
        if e.elsewhere.asked is None and e.elsewhere.claimed is None:
            yield Try(
                "it was done elsewhere, she says", st.ClaimOutside(episode=e.id, source="Hill"), NAVIGATOR, soon, 1
            )
            yield Try("her care is to go elsewhere", st.MoveCare(episode=e.id, to="Hill"), NAVIGATOR, soon, 1)
        yield Try("the other side has her", st.AcknowledgeCare(episode=e.id, proof="letter"), NAVIGATOR, soon)
        yield Try("she is ours again", st.TakeCareBack(episode=e.id, reason="came back"), NAVIGATOR, soon)
        done = [x for x in e.exams.values() if x.is_workup]
        if len(done) < 2 and (e.elsewhere.claimed or e.elsewhere.acknowledged):
            x = pictures(here, K.ULTRASOUND, (LEFT,))
            fetched = st.TakeOutsideResult(episode=e.id, source="Hill", examination=x)
            yield Try("the result from elsewhere is here", fetched, FRONT_DESK, soon)


def due(here: Here) -> Tries:
    """She is due and invited, without the ins and outs of her visit."""
    for t in before(here):
        if not isinstance(t.step, VISITS):
            yield t


VISITS = (st.BookVisit, st.RecordReminded, st.CancelVisit, st.RecordMissed, st.RecordAttended, st.ConfirmVisit)


def both_breasts(here: Here) -> Tries:
    for e, x in here.exams():
        if x.kind is K.SCREENING and x.reading.report is None:
            said = report(here, sides(A.INCOMPLETE_IMAGING, A.INCOMPLETE_IMAGING))
            yield _reported(here, e, x, "both breasts are called back", said)
            grave = report(here, sides(A.SUSPICIOUS, A.SUSPICIOUS))
            yield _reported(here, e, x, "both breasts are suspicious", grave)
            waits = report(here, sides(A.INCOMPLETE_IMAGING, A.INCOMPLETE_PRIORS))
            yield _reported(here, e, x, "one breast is called back, the other waits for older pictures", waits)


def not_possible(here: Here) -> Tries:
    yield from (t for t in sampling(here) if isinstance(t.step, st.RecordNotPossible))


def sampling_visits(here: Here) -> Tries:
    """Visits for tissue and for results, tissue taken and reported as benign or malignant."""
    plain = (Tissue.BENIGN, Tissue.MALIGNANT)
    for t in (*sampling(here), *pathology(here)):
        if isinstance(t.step, (*VISITS, st.RecordBiopsy, st.TellDiagnosis)) or (
            isinstance(t.step, st.RecordPathology) and t.step.tissue in plain and not t.news
        ):
            yield t


def weighed(here: Here) -> Tries:
    """Tissue is weighed, and her doctor told, at the first chance."""
    for t in pathology(here):
        if isinstance(t.step, st.TellProviderDiagnosis):
            yield t
        elif isinstance(t.step, st.DecideConcordance) and t.step.concordant and t.step.follow_up is Plan.ROUTINE:
            known = here.patient.episodes[t.step.specimen.partition(".")[0]].specimens[t.step.specimen]
            if known.concordant is None:
                yield t


def work_up_anywhere(here: Here) -> Tries:
    yield from work_up(here, ((LEFT,), (RIGHT,), BOTH, ()), most=2, said=(A.BENIGN, A.SUSPICIOUS))


def call_back_plainly(here: Here) -> Tries:
    """Planned; what becomes of a visit is searched where she is reached."""
    yield from (t for t in call_back(here) if isinstance(t.step, st.DecideCallBack))


def call_back_booked(here: Here) -> Tries:
    """Planned and booked, or cancelled here."""
    yield from (t for t in call_back(here) if isinstance(t.step, st.DecideCallBack | st.BookVisit | st.CancelVisit))


def plain_report(here: Here) -> Tries:
    """A first report that is normal or calls her back."""
    for t in first_report(here):
        if isinstance(t.step, st.TakeReport) and t.step.reading.assessments <= {A.NEGATIVE, A.INCOMPLETE_IMAGING}:
            yield t


def sampling_once(here: Here) -> Tries:
    """One specimen of each finding."""
    for t in sampling_alone(here):
        if isinstance(t.step, st.RecordBiopsy):
            pieces_of = (s.finding for e in here.patient.episodes.values() for s in e.specimens.values())
            if t.step.finding in pieces_of:
                continue
        yield t


def sampling_of_two(here: Here) -> Tries:
    """One specimen of each of two findings, of the kinds that differ in what follows."""
    kinds = (Tissue.BENIGN, Tissue.MALIGNANT)
    for t in sampling_once(here):
        if isinstance(t.step, st.RecordPathology) and (t.step.tissue not in kinds or t.news):
            continue
        if isinstance(t.step, st.DecideConcordance) and t.step.follow_up is Plan.SHORT_INTERVAL:
            continue
        if isinstance(t.step, st.TellProviderDiagnosis):
            continue
        yield t


def pieces(here: Here) -> Tries:
    """Pieces of tissue reported and weighed, in the kinds that outweigh each other, each piece by its number."""
    kinds = (Tissue.BENIGN, Tissue.HIGH_RISK, Tissue.MALIGNANT)
    number = {s: n for e in here.patient.episodes.values() for n, s in enumerate(e.specimens, 1)}
    for t in (*sampling_once(here), *pathology(here)):
        if isinstance(t.step, st.PlanNext) and t.step.plan is Plan.ROUTINE:
            yield t
        plain = isinstance(t.step, st.RecordPathology) and t.step.tissue in kinds
        plain |= isinstance(t.step, st.DecideConcordance) and t.step.follow_up is not Plan.SHORT_INTERVAL
        if plain and isinstance(t.step, st.RecordPathology | st.DecideConcordance):
            yield replace(t, label=f"piece {number[t.step.specimen]}: {t.label}")


def diagnosis_told(here: Here) -> Tries:
    told_of = (st.TellDiagnosis, st.TellProviderDiagnosis)
    yield from (t for t in pathology(here) if isinstance(t.step, told_of))


def doctor_told(here: Here) -> Tries:
    yield from (t for t in pathology(here) if isinstance(t.step, st.TellProviderDiagnosis))


def work_up_once(here: Here) -> Tries:
    yield from work_up(here, most=1)


def first_report_of_work_up(here: Here) -> Tries:
    for t in first_report(here):
        if isinstance(t.step, st.TakeReport) and t.step.examination.kind is not K.SCREENING:
            yield t


def sampling_alone(here: Here) -> Tries:
    """Tissue without the visit, reported and weighed at once."""
    for t in (*sampling(here), *pathology(here)):
        if not isinstance(t.step, (*VISITS, st.RecordNotPossible)):
            yield t


MENU: dict[str, Callable[[Here], Tries]] = {
    "before": before,
    "due": due,
    "both_breasts": both_breasts,
    "not_possible": not_possible,
    "sampling_visits": sampling_visits,
    "weighed": weighed,
    "work_up_anywhere": work_up_anywhere,
    "work_up_once": work_up_once,
    "call_back_plainly": call_back_plainly,
    "call_back_booked": call_back_booked,
    "plain_report": plain_report,
    "sampling_once": sampling_once,
    "sampling_of_two": sampling_of_two,
    "doctor_told": doctor_told,
    "pieces": pieces,
    "diagnosis_told": diagnosis_told,
    "amended_of_one": amended_of_one,
    "declined": declined,
    "opens_page": opens_page,
    "says_no": says_no,
    "pathology_again": pathology_again,
    "first_report_of_work_up": first_report_of_work_up,
    "sampling_alone": sampling_alone,
    "screened": screened,
    "cancer_elsewhere": cancer_elsewhere,
    "first_report": first_report,
    "unclear": unclear,
    "twice": twice,
    "amended": amended,
    "read_here": read_here,
    "technical": technical,
    "documents": documents,
    "told": told,
    "herself": herself,
    "asking": asking,
    "symptoms": symptoms,
    "ladder": ladder,
    "call_back": call_back,
    "work_up": work_up,
    "sampling": sampling,
    "pathology": pathology,
    "care_team": care_team,
    "pauses": pauses,
    "death": death,
    "elsewhere": elsewhere,
}
"""Every group of tries, by the name a search asks for it."""
