"""The reading region: which report is current, which waits for a person, what a new result renews.

You are here when a report arrives, is amended, confirmed, placed or withdrawn.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway.events import Event, Finding, Reading
from closerlook.pathway.findings import renewed
from closerlook.pathway.regions import Contact, Episode, Exam, ReadingRegion, TellingRegion
from closerlook.pathway.results import Content, content, gist, is_certain, merged
from closerlook.pathway.terms import CALM, Assessment, NeedsPerson, ReportStatus

Region = ReadingRegion


def _current(region: Region, report: Reading, recorded_at: datetime, **changes: Any) -> Region:
    """Make `report` the current one. Its clock runs from its own moment only where it says something new."""
    new, old = gist(report), region.gist
    same = new is not None and old is not None and new.content == old.content
    same_news = new is not None and old is not None and new.content.news == old.content.news
    now = report.reported_at or recorded_at
    return replace(
        region,
        report=report,
        gist=new,
        read_at=region.read_at if same else now,
        said_at=region.said_at if same_news else now,
        opinions=(),
        held=None,
        **changes,
    )


def _read(region: Region, e: ev.Read, recorded_at: datetime) -> Region:
    reading = e.reading
    if not reading.status.is_signed:
        return replace(region, preliminary=_later(region.preliminary, reading))
    initial_at = region.initial_at or reading.reported_at or recorded_at
    return _current(region, reading, recorded_at, initial_at=initial_at, withdrawn=False)


def _later(known: Reading | None, new: Reading) -> Reading:
    """Return the later of two reports; a word of alarm in either is kept, in whatever order they came."""
    if known is None:
        return new
    later = known if _is_older(new, known) else new
    return replace(later, suspicious_words=known.suspicious_words or new.suspicious_words)


def _is_older(new: Reading, known: Reading) -> bool:
    return bool(new.reported_at and known.reported_at and new.reported_at < known.reported_at)


def _amended(region: Region, e: ev.ReportAmended, recorded_at: datetime) -> Region:
    new, current = e.reading, region.report
    if current is None:
        return region
    if not (e.adds or e.takes_away):
        if not (e.supersedes and is_certain(new)):
            return region
        pending = region.pending
        overtaken = pending is not None and not pending.suspicious_words and _is_older(pending, new)
        return _current(region, new, recorded_at, pending=None if overtaken else pending)
    if e.adds and e.takes_away:
        return _current(region, merged(current, new), recorded_at, pending=_waiting(region.pending, new))
    if e.takes_away:
        return replace(region, pending=_waiting(region.pending, new))
    if not is_certain(new):
        new = replace(new, suspicious_words=new.suspicious_words or current.suspicious_words)
    # A later, certain report answers what an earlier one left waiting; one that cannot be ordered does not.
    answered = region.pending is not None and is_certain(new) and _is_older(region.pending, new)
    return _current(region, new, recorded_at, pending=None if answered else region.pending)


def _waiting(known: Reading | None, new: Reading) -> Reading:
    """Return what waits for the radiologist. Where two wait that say different things, she has to state what stands."""
    if known is None:
        return new
    later = _later(known, new)
    if content(known) == content(new) and is_certain(known):
        return later
    return replace(later, needs_person=tuple(dict.fromkeys((*later.needs_person, NeedsPerson.CONTRADICTION))))


def _confirmed_change(region: Region, e: ev.ChangeConfirmed, recorded_at: datetime) -> Region:
    stands = region.pending or region.report
    if not e.accepted or stands is None:
        return replace(region, pending=None)
    report = replace(stands, sides=e.sides or stands.sides, needs_person=(), status=_signed(stands.status))
    return _current(region, report, recorded_at, pending=None)


def _signed(status: ReportStatus) -> ReportStatus:
    """A radiologist who decides on a report of unknown status signs it by that."""
    return status if status.is_signed else ReportStatus.CORRECTED


def _confirmed(region: Region, e: ev.AssessmentConfirmed, _recorded_at: datetime) -> Region:
    if region.report is None:
        return region
    report = replace(
        region.report,
        sides=e.sides,
        needs_person=(),
        status=_signed(region.report.status),
        density=e.density or region.report.density,
        findings=e.findings or region.report.findings,
        recommendation=e.recommendation or region.report.recommendation,
    )
    return replace(region, report=report, gist=gist(report))


def _placed(region: Region, e: ev.ReportPlaced, _recorded_at: datetime) -> Region:
    return replace(region, placed=e.outcome)


def _withdrawn(_region: Region, _e: ev.ReportWithdrawn, _recorded_at: datetime) -> Region:
    return ReadingRegion(withdrawn=True, unplaced=True)


def _opinion(region: Region, e: ev.Opinion, _recorded_at: datetime) -> Region:
    """A reader's later opinion takes the earlier's place; the order is that of the latest."""
    return replace(region, opinions=(*(o for o in region.opinions if o.reader != e.reader), e))


def _ai(region: Region, e: ev.AIRead, _recorded_at: datetime) -> Region:
    return replace(region, ai=(*(a for a in region.ai if a.system != e.system), e))


def _held(region: Region, e: ev.ReadingDeferred, _recorded_at: datetime) -> Region:
    return replace(region, held=e)


def _released(region: Region, _e: ev.ReadingReleased, _recorded_at: datetime) -> Region:
    return replace(region, held=None)


def _owner_found(region: Region, _e: ev.WithdrawnPlaced, _recorded_at: datetime) -> Region:
    return replace(region, unplaced=False)


MOVES_OF_READING: dict[type[Event], Callable[[Region, Any, datetime], Region]] = {
    ev.Read: _read,
    ev.ReportAmended: _amended,
    ev.ChangeConfirmed: _confirmed_change,
    ev.AssessmentConfirmed: _confirmed,
    ev.ReportPlaced: _placed,
    ev.ReportWithdrawn: _withdrawn,
    ev.Opinion: _opinion,
    ev.AIRead: _ai,
    ev.ReadingDeferred: _held,
    ev.ReadingReleased: _released,
    ev.WithdrawnPlaced: _owner_found,
}


# ---------------------------------------------------------------- what a new result renews


def renew(before: Episode, after: Episode, exam_id: str) -> Episode:
    """Renew telling, findings and contact for an examination whose result is another than before."""
    old, new = before.exams[exam_id], after.exams[exam_id]
    if old.reading.report is new.reading.report:
        return after
    was, now = _content(old), _content(new)
    if was == now and _coded(old) == _coded(new):
        return after
    if was != now:
        new = _renewed_telling(old, new, live=after.history_reviewed)
        after = replace(after, exams={**after.exams, exam_id: new})
        if now is not None or new.telling.change:  # another matter to reach her about: nothing was tried for it yet
            contact = Contact(said_no=after.contact.said_no, restarted=after.contact.restarted)
            after = replace(after, contact=contact)
    return replace(after, findings=renewed(after, new, old.result))


def _content(exam: Exam) -> Content | None:
    return exam.reading.gist.content if exam.reading.gist is not None else None


def _coded(exam: Exam) -> tuple[Finding, ...]:
    return exam.result.findings if exam.result is not None else ()


def _renewed_telling(old: Exam, new: Exam, *, live: bool) -> Exam:
    was, now = _content(old), _content(new)
    told = old.telling
    other_news = was is None or now is None or was.news != now.news
    same_word = was is not None and now is not None and not other_news
    wrong = told.reached_her and other_news and (now is None or not _was_waiting(old))
    telling = TellingRegion(
        hear_by_on=told.hear_by_on,
        reached_her=told.reached_her,
        change=told.change or wrong,
        corrects=told.corrects or wrong,
        replaces=told.replaces,
        old_report=told.old_report or told.provider_file is not None,
        told=told.told and same_word,
        confirmed=told.confirmed and same_word,
    )
    # News about an old examination that was signed off already is today's news: it is told like any other.
    return replace(new, telling=telling, history=new.history and not (live and other_news))


def told_as_whole(exam: Exam) -> TellingRegion:
    """Return the telling once no better pictures can be had: papers that say some are missing are written anew."""
    told = exam.telling
    if exam.result is None or exam.history:
        return told
    return replace(
        told,
        summary_file=None,
        summary_sent=False,
        provider_file=None,
        provider_told=False,
        replaces=told.replaces or told.summary_sent,
        old_report=told.old_report or told.provider_file is not None,
    )


def told_in_part(exam: Exam) -> TellingRegion:
    """Return the telling once pictures turn out to be missing: what was said of the whole examination is put right."""
    told = exam.telling
    if exam.result is None or exam.history:
        return told
    return TellingRegion(
        hear_by_on=told.hear_by_on,
        reached_her=told.reached_her,
        change=told.change or told.reached_her,
        corrects=told.corrects or told.reached_her,
        replaces=told.replaces,
        old_report=told.old_report or told.provider_file is not None,
    )


def _was_waiting(old: Exam) -> bool:
    """Whether she was told only that older pictures are awaited: what follows completes it, corrects nothing."""
    return old.reading.gist is not None and old.reading.gist.assessments - CALM == {Assessment.INCOMPLETE_PRIORS}
