"""What came of each screening round, from the log: the same rows that the model alone gives.

You are here to measure a programme that went through the pathway, simulated or not. Only what a log knows is used;
whether she was screened before she came
here, and whether those pictures lie here, is for the caller to say. It does not tell a cancer in situ from others.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from closerlook.pathway import events as ev
from closerlook.pathway.calendar import Calendar
from closerlook.pathway.events import Recorded, RoundReason
from closerlook.pathway.regions import AS_SCREENING, UNANSWERED, Episode, Exam, Patient
from closerlook.pathway.terms import Assessment, ExaminationKind, FindingKind, Tissue
from closerlook.simulate.outcomes import Outcome

WITHIN_DAYS = {"us": 365, "uk": 3 * 365}
"""How long after a screening that found none a cancer counts as an interval cancer."""
GRAVER = (Tissue.MALIGNANT, Tissue.SUSPICIOUS_TISSUE, Tissue.HIGH_RISK, Tissue.BENIGN, Tissue.NORMAL_TISSUE)


def outcomes(
    patient: Patient,
    records: Sequence[Recorded],
    calendar: Calendar,
    *,
    number: int,
    birth_date: date,
    screened_before: bool,
    priors_here: bool,
    country: str,
) -> Iterator[Outcome]:
    """Yield a row for each screening round of hers that was read here, in order."""
    rounds = [(episode, exam) for episode in patient.episodes.values() if (exam := _screening(episode)) is not None]
    screened = [calendar.on(exam.performed_at) for _, exam in rounds]
    for n, (episode, exam) in enumerate(rounds):
        if exam.history or exam.result is None:
            continue
        on = screened[n]
        following = screened[n + 1] if n + 1 < len(rounds) else None
        later = [e for e in patient.episodes.values() if _belongs(e, on, following, calendar)]
        yield _outcome(
            (episode, *later), exam, records, on, calendar,
            number=number, birth_date=birth_date, first=n == 0 and not screened_before, next_on=following,
            priors=n > 0 or priors_here, interval_cancer=_interval_cancer(patient, on, following, country),
        )  # fmt: skip


def _screening(episode: Episode) -> Exam | None:
    if episode.reason is not RoundReason.SCREENING:
        return None
    return next((x for x in episode.exams.values() if x.kind in AS_SCREENING and not x.not_hers), None)


def _belongs(episode: Episode, on: date, following: date | None, calendar: Calendar) -> bool:
    """Whether a round is a short-interval check of what was seen in the screening of `on`, within a year of it."""
    if episode.reason is not RoundReason.SURVEILLANCE or episode.first_exam is None:
        return False
    made = calendar.on(episode.first_exam.performed_at)
    return on < made <= (following or date.max) and (made - on).days <= 365


def _outcome(
    rounds: tuple[Episode, ...],
    exam: Exam,
    records: Sequence[Recorded],
    on: date,
    calendar: Calendar,
    *,
    number: int,
    birth_date: date,
    first: bool,
    next_on: date | None,
    priors: bool,
    interval_cancer: bool,
) -> Outcome:
    episode = rounds[0]
    result = exam.result
    plan = episode.plan
    pictures = [x for x in episode.exams.values() if x.kind not in AS_SCREENING and not x.not_hers]
    specimens = [t for e in rounds for t in e.specimens.values()]
    found = [x.reading.gist for e in rounds for x in e.exams.values() if x.reading.gist is not None]
    tissues = {t.tissue for t in specimens}
    technical = plan is not None and plan.technical
    recalled = (bool(episode.findings) or plan is not None) and not technical  # pictures made again are no recall
    cancer = Tissue.MALIGNANT in tissues
    made = min((x.performed_at for x in pictures), default=None)
    taken = min((t.taken_at for t in specimens), default=None)
    return Outcome(
        woman=number,
        on=on,
        age=on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day)),
        first=first,
        density=result.density if result is not None else None,
        reader=result.reader if result is not None else None,
        recalled=recalled,
        technical=technical,
        kinds=tuple(k for k in plan.reasons if k not in (FindingKind.TECHNICAL, FindingKind.UNNAMED)) if plan else (),
        worked_up=any(x.kind is ExaminationKind.DIAGNOSTIC for x in pictures),
        short_interval=any(Assessment.PROBABLY_BENIGN in gist.assessments for gist in found),
        biopsy_advised=any(gist.suspect for gist in found) or bool(specimens),
        biopsied=bool(specimens),
        tissue=next((t for t in GRAVER if t in tissues), None),
        cancer=cancer,
        interval_cancer=interval_cancer and not cancer,
        next_on=next_on,
        priors=priors,
        days_to_work_up=_days(on, made, calendar),
        days_to_biopsy=_days(on, taken, calendar),
        days_to_answer=_days(on, _answered(records, episode), calendar) if recalled else None,
    )


def _answered(records: Sequence[Recorded], episode: Episode) -> datetime | None:
    """When the last finding of a round got its answer: pictures gave it, or she was told of the tissue; None before."""
    if any(finding.status in UNANSWERED for finding in episode.findings.values()):
        return None
    if any(not specimen.told for specimen in episode.specimens.values()):
        return None
    found = [
        r.recorded_at
        for r in records
        if isinstance(r.event, ev.WorkupAssessed | ev.DiagnosisTold) and r.event.episode == episode.id
    ]
    return max(found, default=None)


def _days(on: date, moment: datetime | None, calendar: Calendar) -> int | None:
    return None if moment is None else (calendar.on(moment) - on).days


def _interval_cancer(patient: Patient, on: date, following: date | None, country: str) -> bool:
    last = min(on + timedelta(days=WITHIN_DAYS[country]), following or date.max)
    return any(on < cancer.found_on <= last for cancer in patient.cancers.values())
