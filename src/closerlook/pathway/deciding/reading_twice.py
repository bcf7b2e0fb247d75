"""Readings that are not a result yet: two readers apart, a third who decides, what is held, what a computer says."""

from datetime import datetime

from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.context import Context, Refused, text
from closerlook.pathway.events import Event, Kind, Reading
from closerlook.pathway.opinions import agreed, standing
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import AS_SCREENING, Episode, Exam
from closerlook.pathway.terms import Assessment, ReportStatus


def is_read_twice(exam: Exam, protocol: Protocol) -> bool:
    """Whether a reading signed now is one of two, not a result."""
    return protocol.reading == "double" and exam.kind in AS_SCREENING and exam.reading.report is None


def opinion(step: st.RecordReading, episode: Episode, exam: Exam, c: Context) -> list[Event]:
    """Return one reader's opinion. The same reader's next one takes its place; a third reader arbitrates."""
    if exam.reading.held is not None:
        raise Refused("This reading is held. Let it go on first.")
    if any(s.assessment is Assessment.INCOMPLETE_PRIORS for s in step.sides):
        raise Refused("Waiting for earlier pictures is no opinion. Hold the reading, and say who looks again.")
    readers = {o.reader for o in exam.reading.opinions}
    if len(readers) >= 2 and c.actor.id not in readers:
        raise Refused("Two have read it. If they differ, decide between them instead.")
    reading = _signed(step, c.actor.id, c.now)
    known = next((o for o in exam.reading.opinions if o.reader == c.actor.id), None)
    if known is not None and _same(known.reading, reading):
        return []
    return [ev.Opinion(occurred_at=c.now, episode=episode.id, exam=exam.id, reading=reading, reader=c.actor.id)]


def _same(known: Reading, new: Reading) -> bool:
    fields = ("sides", "density", "findings", "recommendation", "with_priors")
    return all(getattr(known, name) == getattr(new, name) for name in fields)


def _signed(step: st.RecordReading | st.Arbitrate, reader: str, now: datetime) -> Reading:
    return Reading(
        status=ReportStatus.FINAL,
        reported_at=now,
        reader=reader,
        sides=step.sides,
        density=step.density,
        findings=step.findings,
        recommendation=step.recommendation,
        with_priors=isinstance(step, st.RecordReading) and step.with_priors,
    )


def arbitrate(step: st.Arbitrate, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    c.need("arbitrate", exam.id)
    panel = tuple(dict.fromkeys(name.strip() for name in step.panel if name.strip()))
    readers = {o.reader for o in exam.reading.opinions}
    if c.actor.id in readers and len(panel) < 2:
        raise Refused("You are one of the two who read it. A third reader decides, or a panel with its names.")
    reading = _signed(step, c.actor.id, c.now)
    return [
        ev.Arbitrated(
            occurred_at=c.now, episode=episode.id, exam=exam.id, reading=reading, reader=c.actor.id, panel=panel
        ),
        ev.Read(occurred_at=c.now, episode=episode.id, exam=exam.id, reading=reading),
    ]


def finalise(step: st.FinaliseReading, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    protocol = c.protocol(episode)
    region = exam.reading
    if region.report is not None or region.held is not None or standing(region, protocol) != "agree":
        return []  # someone read anew meanwhile, or it is a result already
    last = max(o.occurred_at for o in region.opinions)
    if c.actor.kind is Kind.WORKER and c.now < protocol.calendar.after(last, protocol.grace):
        return []
    result = agreed(region, protocol)
    return [ev.Read(occurred_at=c.now, episode=episode.id, exam=exam.id, reading=replace(result, reported_at=c.now))]


def hold(step: st.DeferReading, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    reason, name = text(step.reason, "reason"), text(step.release_by, "name of who looks again")
    if exam.reading.report is not None:
        raise Refused("There is a signed report already; nothing is held.")
    held = exam.reading.held
    if held is not None and (held.reason, held.release_by) == (reason, name):
        return []
    return [ev.ReadingDeferred(occurred_at=c.now, episode=episode.id, exam=exam.id, reason=reason, release_by=name)]


def release(step: st.ReleaseReading, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    if exam.reading.held is None:
        return []
    return [ev.ReadingReleased(occurred_at=c.now, episode=episode.id, exam=exam.id)]


def ai_read(step: st.TakeAIRead, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    system = text(step.system, "name of the system")
    if any(a.system == system and _same(a.reading, step.reading) for a in exam.reading.ai):
        return []
    return [ev.AIRead(occurred_at=c.now, episode=episode.id, exam=exam.id, reading=step.reading, system=system)]


def place_withdrawn(step: st.PlaceWithdrawn, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam, hers=False)
    c.need("find_owner", exam.id)
    outcome = text(step.outcome, "whose it is, and where it went")
    return [ev.WithdrawnPlaced(occurred_at=c.now, episode=episode.id, exam=exam.id, outcome=outcome)]


def incomplete(step: st.RecordIncomplete, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    reason = text(step.reason, "reason")
    known = exam.incomplete
    if known is not None and (known.reason, known.missing) == (reason, step.missing):
        return []
    return [
        ev.ExaminationIncomplete(
            occurred_at=c.now, episode=episode.id, exam=exam.id, reason=reason, missing=step.missing
        )
    ]


def accept(step: st.AcceptExamination, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    if exam.incomplete is None:
        return []
    reason = text(step.reason, "reason")
    return [ev.ExaminationAccepted(occurred_at=c.now, episode=episode.id, exam=exam.id, reason=reason)]
