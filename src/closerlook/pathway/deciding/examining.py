"""Examinations filed, reports taken, readings signed, amendments confirmed, reports withdrawn, work-ups assessed."""

from collections.abc import Sequence
from datetime import timedelta

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.context import Context, Refused, resumed, text
from closerlook.pathway.deciding.reading_twice import is_read_twice, opinion
from closerlook.pathway.events import Event, Reading
from closerlook.pathway.findings import RANK, asked_by, status_of
from closerlook.pathway.regions import LENGTH_OF_A_ROUND, WORKUP, Episode, Exam, FindingState, FindingStatus, Patient
from closerlook.pathway.reports import arrived, signed_here
from closerlook.pathway.results import by_side, left_out, merged
from closerlook.pathway.terms import (
    CALM,
    SUSPECT,
    URGENCY,
    Assessment,
    ExaminationKind,
    FindingKind,
    Laterality,
    ReportStatus,
)


def enrol(_step: st.Enrol, c: Context) -> list[Event]:
    return [] if c.patient.version else [ev.Enrolled(occurred_at=c.now)]


# ---------------------------------------------------------------- what was done and reported


def _awaiting(patient: Patient, x: st.Examination) -> str | None:
    """Return the round that waits for her: begun because she was due, or for a dated visit."""
    waiting = [e for e in patient.episodes.values() if e.is_awaited and e.settled is None]
    if x.kind is ExaminationKind.SCREENING:
        waiting.sort(key=lambda e: e.answers is not None)
    elif x.kind in WORKUP:
        waiting = [e for e in waiting if e.answers is not None]
    else:
        waiting = []
    return next((e.id for e in waiting if _may_begin(e, x)), None)


def _may_begin(episode: Episode, x: st.Examination) -> bool:
    """Whether a round that waits can have begun with pictures of that day: those of an earlier one leave it waiting."""
    return x.performed_at >= episode.opened_at - LENGTH_OF_A_ROUND


def _kind(x: st.Examination, episode: Episode | None) -> ExaminationKind:
    """A second screening examination of a round that waits for better or missing pictures is their repeat."""
    if x.kind is not ExaminationKind.SCREENING or episode is None or not episode.examined:
        return x.kind
    technical = any(f.kind is FindingKind.TECHNICAL for f in episode.open_findings())
    missing = any(e.incomplete is not None for e in episode.exams.values())
    return ExaminationKind.TECHNICAL_REPEAT if technical or missing else x.kind


def examined(
    step: st.TakeExamination | st.TakeReport, c: Context, *, by_report: bool, outside: bool = False
) -> tuple[str, str, list[Event]]:
    """Return (episode, exam, facts) for an examination not known yet."""
    x = step.examination
    wanted = step.episode or _awaiting(c.patient, x)
    home: Episode | None = None
    if x.performed_at > c.now + timedelta(days=1):
        raise Refused(f"The examination is dated {x.performed_at:%Y-%m-%d}, which has not come. Correct the date.")
    events: list[Event] = []
    seq = c.next_seq
    if wanted is None:
        episode_id = f"e{seq}"
        events.append(
            ev.RoundOpened(
                occurred_at=x.performed_at, episode=episode_id, site=step.site, reason=step.reason, answers=step.answers
            )
        )
        protocol = c.default
    else:
        home = c.episode(wanted)
        episode_id = home.id
        if not home.examined and not _may_begin(home, x):
            raise Refused(
                f"The examination is dated {x.performed_at:%Y-%m-%d}, and this round began on "
                f"{home.opened_at:%Y-%m-%d}: it cannot be of this round. Look at the year of its date."
            )
        protocol = c.protocol(home)
        events += resumed(home, c)
    exam_id = f"{episode_id}.x{seq + len(events)}"
    hear_by = None if x.history else protocol.calendar.on(protocol.calendar.after(x.performed_at, protocol.hear_by))
    events.append(
        ev.ExaminationPerformed(
            occurred_at=x.performed_at,
            episode=episode_id,
            exam=exam_id,
            kind=_kind(x, home),
            sides=x.sides,
            accession=x.accession,
            order=x.order,
            provider=x.provider,
            history=x.history,
            known_by_report=by_report,
            hear_by_on=hear_by,
            outside=outside,
            study=x.study,
        )
    )
    return episode_id, exam_id, events


def take_examination(step: st.TakeExamination, c: Context) -> list[Event]:
    return [] if known(c.patient, step.examination) else examined(step, c, by_report=False)[2]


def known(patient: Patient, x: st.Examination) -> tuple[Episode, Exam] | None:
    """Return the examination meant: by its accession, or where none is stated the very same one."""
    for episode in patient.episodes.values():
        for exam in episode.exams.values():
            if x.accession:
                same = exam.accession == x.accession
            else:
                same = (exam.accession, exam.kind, exam.performed_at, exam.sides, exam.order) == (
                    None, x.kind, x.performed_at, x.sides, x.order,
                )  # fmt: skip
            if same and not exam.not_hers:
                return episode, exam
    return None


def take_report(step: st.TakeReport, c: Context) -> list[Event]:
    x = step.examination
    found = c.exam(step.exam) if step.exam else known(c.patient, x)
    if found is not None:
        episode, exam = found
        return arrived(exam, episode.id, step.reading, x.provider, c.now, known=c.readings(exam.id))
    episode_id, exam_id, events = examined(step, c, by_report=True)
    placeholder = Exam(exam_id, x.kind, x.performed_at)
    return events + arrived(placeholder, episode_id, step.reading, x.provider, c.now)


# ---------------------------------------------------------------- what the radiologist states


def _stated(sides: Sequence[ev.SideAssessment]) -> None:
    if not sides or any(s.assessment is None for s in sides):
        raise Refused("State an assessment for each breast that was examined.")
    if len({s.side for s in sides}) != len(sides):
        raise Refused("One breast has two assessments. State one for each breast.")


def _complete(sides: Sequence[ev.SideAssessment], exam: Exam, *others: ev.Reading | None) -> None:
    """Silence takes nothing away: every breast that a report asks something of has to be stated."""
    for report in (exam.reading.report, *others):
        for missing in left_out(sides, report, exam.sides):
            raise Refused(f"The report asks for more of the {missing.side} breast too. State its assessment as well.")


def record_reading(step: st.RecordReading, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    _stated(step.sides)
    _complete(step.sides, exam)
    if is_read_twice(exam, c.protocol(episode)):
        return opinion(step, episode, exam, c)
    return signed_here(exam, episode.id, step, c.actor.id, c.now)


def confirm_assessment(step: st.ConfirmAssessment, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    if exam.reading.report is None:
        raise Refused("There is no signed report to confirm. Sign a reading instead.")
    if exam.result is not None:
        raise Refused("The assessment is already certain. Sign a new reading to change it.")
    _stated(step.sides)
    _complete(step.sides, exam)
    return [
        ev.AssessmentConfirmed(
            occurred_at=c.now,
            episode=episode.id,
            exam=exam.id,
            sides=step.sides,
            density=step.density,
            findings=step.findings,
            recommendation=step.recommendation,
        )
    ]


def place_report(step: st.PlaceReport, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    c.need("place_report", exam.id)
    return [ev.ReportPlaced(occurred_at=c.now, episode=episode.id, exam=exam.id, outcome=text(step.outcome, "outcome"))]


def confirm_change(step: st.ConfirmChange, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    pending = exam.reading.pending
    if pending is None:
        raise Refused("No amended report waits here. Someone may have decided already; open her page again.")
    if step.accepted and not step.sides and (pending.needs_person or not pending.assessments):
        raise Refused("The amended report states no certain assessment. State what stands for each breast.")
    if step.sides:
        _stated(step.sides)
        _complete(step.sides, exam, pending)
    stands = step.sides or (pending.sides if step.accepted else ())
    kept = left_out(stands, exam.reading.report, exam.sides) if step.accepted else ()
    return [
        ev.ChangeConfirmed(
            occurred_at=c.now, episode=episode.id, exam=exam.id, accepted=step.accepted, sides=(*stands, *kept)
        )
    ]


def withdraw(step: st.WithdrawReport, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    if exam.reading.report is None and exam.reading.preliminary is None:
        raise Refused("There is no report here to withdraw.")
    return [
        ev.ReportWithdrawn(
            occurred_at=c.now,
            episode=episode.id,
            exam=exam.id,
            reason=text(step.reason, "reason"),
            examination_hers=step.examination_hers,
        )
    ]


# ---------------------------------------------------------------- what the further pictures answer


ANSWERS = CALM | SUSPECT | {Assessment.PROBABLY_BENIGN, Assessment.INCOMPLETE_IMAGING}
"""What can be said of a finding at a work-up; waiting for priors, or a known cancer, is said of a whole report."""


def assess_workup(step: st.AssessWorkup, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    if not exam.is_workup:
        raise Refused("Only work-up pictures or an examination by hand can answer a finding.")
    if not step.answers and not step.added:
        raise Refused("Say what these pictures answer: choose an assessment for at least one finding.")
    if _answered_before(step, episode, exam):
        return []
    for answer in step.answers:
        _can_answer(answer, episode, exam)
    for f in step.added:
        if f.assessment not in ANSWERS:
            raise Refused("Say for each finding you add how it is assessed.")
        if exam.sides and not exam.covers(f.side):
            raise Refused(f"These pictures are not of the {f.side} breast; they cannot show a finding there.")
        if f.id in episode.findings:
            raise Refused("One of the findings you add is known already. Answer it instead.")
    _agrees_with_report(step, episode, exam)
    events: list[Event] = []
    if exam.reading.report is None:  # the radiologist's answer is the signed reading of these pictures
        events += signed_here(exam, episode.id, _reading_of(step, episode), c.actor.id, c.now)
    elif exam.result is not None:
        events += _raised(exam, episode.id, exam.result, _reading_of(step, episode), c)
    return [
        *events,
        ev.WorkupAssessed(occurred_at=c.now, episode=episode.id, exam=exam.id, answers=step.answers, added=step.added),
    ]


def _answered_before(step: st.AssessWorkup, episode: Episode, exam: Exam) -> bool:
    said = [(a.finding, a.assessment) for a in step.answers] + [(f.id, f.assessment) for f in step.added]
    found = [episode.findings.get(name) for name, _ in said]
    return all(
        f is not None and f.answered_by == exam.id and f.assessment is assessment and not f.awaits(exam.id)
        for f, (_, assessment) in zip(found, said, strict=True)
    )


def _can_answer(answer: ev.FindingAnswer, episode: Episode, exam: Exam) -> None:
    finding = episode.findings.get(answer.finding)
    if finding is None or finding.status is not FindingStatus.OPEN:
        raise Refused("One of these findings is not open any more. Open her page again.")
    if exam.sides and not exam.covers(finding.side):
        raise Refused(f"These pictures are not of the {finding.side} breast; they cannot answer this finding.")
    found_in = episode.exams.get(finding.exam)
    if found_in is not None and not exam.follows(found_in):
        raise Refused("These pictures were made before the finding was seen; they cannot answer it.")
    if answer.assessment not in ANSWERS:
        raise Refused("A finding is answered as benign, probably benign, suspicious, or with more pictures needed.")
    if answer.how is ev.How.PART_OF_ANOTHER:
        other = episode.findings.get(answer.other or "")
        if other is None or other.id == finding.id or other.side is not finding.side:
            raise Refused("Say of which other finding of the same breast it proved to be part.")


def _agrees_with_report(step: st.AssessWorkup, episode: Episode, exam: Exam) -> None:
    """What the report asks for needs a finding that carries it; else a cancer could be answered away."""
    if exam.result is None:
        return
    answered = {a.finding for a in step.answers}
    carried = [(episode.findings[a.finding].side, status_of(exam.kind, a.assessment)) for a in step.answers]
    carried += [(f.side, status_of(exam.kind, f.assessment)) for f in step.added if f.assessment]
    carried += [(f.side, _weight(f, exam)) for f in episode.findings.values() if f.id not in answered]
    for asked in asked_by(exam, exam.result):
        enough = (s for s, status in carried if RANK[status] <= RANK[asked.status])
        if not any(s is asked.side or s is None or asked.side is None for s in enough):
            where = f"the {asked.side} breast" if asked.side else "a breast"
            raise Refused(
                f"The report calls {where} {str(asked.assessment).replace('_', ' ')}. "
                "Say which finding that is, or amend the report."
            )


def _weight(finding: FindingState, exam: Exam) -> FindingStatus:
    """A finding that awaits these pictures still, or whose tissue was settled since, stands for the most."""
    since = finding.tissue_at is not None and finding.tissue_at >= exam.performed_at
    return FindingStatus.BIOPSY if since or finding.awaits(exam.id) else finding.status


def _raised(exam: Exam, episode: str, result: Reading, said: st.RecordReading, c: Context) -> list[Event]:
    """A graver answer than the report's is a reading signed here: she and her provider are told that, on its clocks."""
    raised = merged(result, Reading(status=ReportStatus.FINAL, sides=said.sides, findings=result.findings))
    if by_side(raised) == by_side(result):
        return []
    reading = st.RecordReading(
        exam=exam.id,
        sides=raised.sides,
        density=result.density,
        findings=result.findings,
        recommendation=result.recommendation,
        with_priors=result.with_priors,
    )
    return signed_here(exam, episode, reading, c.actor.id, c.now)


def _reading_of(step: st.AssessWorkup, episode: Episode) -> st.RecordReading:
    pairs: list[tuple[Laterality | None, Assessment]] = [
        (episode.findings[a.finding].side, a.assessment) for a in step.answers
    ]
    pairs += [(f.side, f.assessment) for f in step.added if f.assessment]
    stated = {side: min((a for s, a in pairs if s is side), key=URGENCY.__getitem__) for side, _ in pairs}
    sides = tuple(ev.SideAssessment(assessment, side) for side, assessment in stated.items())
    return st.RecordReading(exam=step.exam, sides=sides)
