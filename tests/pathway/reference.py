"""What is owed, said a second time: plainly, from the facts alone, and apart from the pathway's own code.

You are here to see what the design promises for one kind of thing owed, or because `test_reference` found that the
pathway says something else. Each kind is one function under the sentence of the design it rests on; it looks back over
the whole log and asks when something was last so. Nothing here is fast, kept, or shared with the pathway.

How it was kept apart: it was written from the promises and the table of what is owed (docs/design/0001-the-design.md),
with nothing of the pathway before it but the facts (`events`), the words they use (`terms`) and what a programme sets
(`protocol`). There is no state that facts move, and no list of what is owed that is added to and taken from. Where the
two differed, the design decided. What it says was then mended here or in the pathway; nothing was copied across. Where
they differ still, or the design says too little to be sure, `test_reference` names it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise, zip_longest
from typing import TypeVar

from closerlook.pathway import events as ev
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.terms import (
    Assessment,
    ExaminationKind,
    FindingKind,
    Laterality,
    Plan,
    Recommendation,
    ReportStatus,
    Tissue,
)

A, K, R = Assessment, ExaminationKind, Recommendation
E = TypeVar("E", bound=ev.Event)
Owed = set[tuple[str | None, str, str]]

SUSPECT = {A.SUSPICIOUS, A.HIGHLY_SUGGESTIVE}
CALM = {A.NEGATIVE, A.BENIGN}
ASKS = {A.INCOMPLETE_IMAGING, A.PROBABLY_BENIGN, *SUSPECT}
"""The categories that leave something of a breast to be found out: 0 for imaging, 3, 4 and 5."""
SIGNED = {ReportStatus.FINAL, ReportStatus.CORRECTED, ReportStatus.ADDENDUM}
SCREENED = {K.SCREENING, K.TECHNICAL_REPEAT}
"""The screening pictures, and the same pictures made again."""
WORK_UP = set(K) - SCREENED - {K.MARKER, K.OUTSIDE_REVIEW}
"""Further pictures: made to answer what the first ones asked."""
ADVISES = {R.MORE_IMAGING, R.SHORT_INTERVAL, R.BIOPSY, R.SURGICAL_CONSULT}
"""Advice that asks for more than coming back as usual."""

HELD_BY_A_PAUSE = {
    "tell_result", "tell_change", "tell_diagnosis", "ring_after_seen", "explain_wait", "answer_symptom",
    "reach_her", "confirm_lost", "nurse_call", "book_call_back", "attend_call_back", "replan", "remind",
    "complete_examination", "resolve_abnormal", "arrange_biopsy", "refer", "accept_referral", "confirm_first_visit",
    "send_invitation", "post_invitation", "book_screening", "attend_screening", "close_not_screened",
}  # fmt: skip
"""Pausing suspends only what needs her to come or answer; reading, confirming, summary, provider, priors, pathology
and concordance stay. A symptom is answered to her, and a visit that stands in the diary is still closed or cancelled.
"""

OWED_AFTER_DEATH = {
    "read", "arbitrate", "finalise_reading", "await_final", "confirm_assessment", "confirm_change", "find_owner",
    "tell_provider", "post_document",
    "get_pathology", "decide_concordance", "tell_provider_diagnosis", "release_reading",
}  # fmt: skip
"""`Died` closes all owed to her; late news is still read, and owed to her provider and the registry."""


# ---------------------------------------------------------------- the facts, and questions one can ask of them


@dataclass(frozen=True)
class Fact:
    """One fact: its place in the log, the step that gave it (facts of one step are one moment), and its rules."""

    seq: int
    step: int
    event: ev.Event
    protocol: str


@dataclass(frozen=True)
class Result:
    """What one examination says, from the fact `since` on, until another takes its place."""

    since: Fact
    sides: frozenset[tuple[Laterality | None, Assessment]]
    advice: Recommendation | None
    findings: tuple[ev.Finding, ...]
    beside: "Result | None" = None
    """What still stands beside it, where an amendment adds at once and the rest of it waits."""

    @property
    def categories(self) -> set[Assessment]:
        own = {a for _, a in self.sides} | {f.assessment for f in self.findings if f.assessment is not None}
        return own | (self.beside.categories if self.beside else set())

    @property
    def says(self) -> tuple[object, ...]:
        """What, said differently, is a change: assessment, sides, findings, recommendation."""
        found = frozenset((f.kind, f.side, f.assessment) for f in self.findings)
        return (self.sides, self.advice, found, self.beside and self.beside.says)

    @property
    def is_calm(self) -> bool:
        return self.categories <= CALM

    @property
    def asks_more(self) -> bool:
        """Whether she has to hear it from someone: 0, 3, 4 or 5, or advice that goes further than the category."""
        return bool(self.categories & {*ASKS, A.INCOMPLETE_PRIORS}) or (self.is_calm and self.advice in ADVISES)

    @property
    def is_suspicious(self) -> bool:
        return bool(self.categories & SUSPECT)


@dataclass
class Log:
    """Her facts in order, without those entered in error."""

    facts: list[Fact]
    protocols: Mapping[str, Protocol]
    _said: dict[str, list[Result]] = field(default_factory=dict)
    _seen: "dict[str, list[Seen]]" = field(default_factory=dict)
    _earlier: "dict[int, Log]" = field(default_factory=dict)

    def upto(self, step: int) -> "Log":
        """Return her facts as they were once `step` was taken."""
        if step not in self._earlier:
            facts = [f for f in self.facts if f.step <= step]
            self._earlier[step] = Log(facts, self.protocols, _earlier=self._earlier)
        return self._earlier[step]

    def of(self, kind: type[E], **fields: object) -> list[tuple[Fact, E]]:
        """Return the facts of one kind whose fields are as asked."""
        return [
            (f, f.event)
            for f in self.facts
            if isinstance(f.event, kind)
            and all(getattr(f.event, name, None) == value for name, value in fields.items())
        ]

    def last(self, *kinds: type[ev.Event], **fields: object) -> Fact | None:
        """Return the latest fact of any of these kinds whose fields are as asked; a kind without a field has it not."""
        for f in reversed(self.facts):
            if isinstance(f.event, kinds) and all(getattr(f.event, n, None) == v for n, v in fields.items()):
                return f
        return None

    def later(self, than: Fact, *kinds: type[ev.Event], **fields: object) -> bool:
        """Whether such a fact stands after `than`."""
        found = self.last(*kinds, **fields)
        return found is not None and found.seq > than.seq

    # -------------------------------- rounds

    @cached_property
    def rounds(self) -> list[str]:
        return [e.episode for _, e in self.of(ev.RoundOpened)]

    def settled(self, episode: str) -> bool:
        last = self.last(ev.Settled, ev.Reopened, episode=episode)
        return last is not None and isinstance(last.event, ev.Settled)

    def paused(self, episode: str) -> bool:
        last = self.last(ev.Paused, ev.Resumed, ev.Settled, ev.Reopened, episode=episode)
        return last is not None and isinstance(last.event, ev.Paused)

    @cached_property
    def dead(self) -> bool:
        return self.last(ev.Died) is not None

    def rules(self, episode: str) -> Protocol:
        """The rules the round began under, or was moved to."""
        moved = self.of(ev.ProtocolMoved, episode=episode)
        if moved:
            return self.protocols[moved[-1][1].protocol]
        return self.protocols[self.of(ev.RoundOpened, episode=episode)[0][0].protocol]

    # -------------------------------- examinations and what they say

    def exams(self, episode: str | None = None) -> list[ev.ExaminationPerformed]:
        """Her examinations, of one round or all; not those that proved to be another woman's."""
        return [
            e
            for _, e in self.of(ev.ExaminationPerformed)
            if episode in (None, e.episode)
            and self.last(ev.ReportWithdrawn, exam=e.exam, examination_hers=False) is None
        ]

    def made(self, exam: str) -> Fact:
        return self.of(ev.ExaminationPerformed, exam=exam)[0][0]

    def reports(self, exam: str) -> list[Fact]:
        """What moved the report of an examination, since it was last withdrawn."""
        return self.reports_by_turns(exam)[-1]

    def reports_by_turns(self, exam: str) -> list[list[Fact]]:
        """What moved the report of an examination, up to each time it was withdrawn and since."""
        kinds = (ev.Read, ev.ReportAmended, ev.ChangeConfirmed, ev.AssessmentConfirmed)
        turns: list[list[Fact]] = [[]]
        for f in self.facts:
            if isinstance(f.event, ev.ReportWithdrawn) and f.event.exam == exam:
                turns.append([])
            elif isinstance(f.event, kinds) and f.event.exam == exam:
                turns[-1].append(f)
        return turns

    def signed(self, exam: str) -> bool:
        return any(
            isinstance(f.event, ev.ReportAmended) or (isinstance(f.event, ev.Read) and f.event.reading.status in SIGNED)
            for f in self.reports(exam)
        )

    def results(self, exam: str) -> list[Result]:
        """Return everything the examination has said as a result, first to last; the last stands."""
        if exam not in self._said:
            self._said[exam] = list(said(self.reports(exam)))
        return self._said[exam]

    def result(self, exam: str) -> Result | None:
        found = self.results(exam)
        return found[-1] if found else None

    def news(self, exam: str) -> Fact | None:
        """Return the fact since which she has something new to hear of this examination: its last change."""
        found = self.results(exam)
        since: Fact | None = None
        before: tuple[object, ...] | None = None
        for one in found:
            if one.says != before:
                since, before = one.since, one.says
        return since


def certain(reading: ev.Reading) -> bool:
    return reading.status in SIGNED and not reading.needs_person and bool(reading.assessments)


def of_reading(since: Fact, reading: ev.Reading) -> Result:
    stated = frozenset((s.side, s.assessment) for s in reading.sides if s.assessment is not None)
    return Result(since, stated, reading.recommendation, reading.findings)


def said(reports: list[Fact]) -> Iterator[Result]:
    """Of the signed reports the latest reported stands; one that takes away waits for a radiologist."""
    stands: Result | None = None
    unsure: ev.Reading | None = None
    waiting: ev.Reading | None = None
    for f in reports:
        match f.event:
            case ev.Read(reading=r) if r.status in SIGNED:
                if certain(r):
                    stands = of_reading(f, r)
                    yield stands
                else:
                    unsure = r
            case ev.AssessmentConfirmed(sides=s, findings=found, recommendation=advice):
                own = frozenset((x.side, x.assessment) for x in s if x.assessment is not None)
                stands = Result(f, own, advice or (unsure.recommendation if unsure else None), found)
                yield stands
            case ev.ReportAmended(reading=r, adds=adds, takes_away=less, supersedes=later):
                if less:
                    waiting = r
                    if adds and stands is not None:
                        new = of_reading(f, r)
                        stands = Result(f, new.sides, new.advice, new.findings, beside=stands)
                        yield stands
                elif (later or adds) and certain(r):
                    stands = of_reading(f, r)
                    yield stands
            case ev.ChangeConfirmed(accepted=True, sides=s):
                own = frozenset((x.side, x.assessment) for x in s if x.assessment is not None)
                if waiting is not None:
                    new = of_reading(f, waiting)
                    stands = Result(f, own or new.sides, new.advice, new.findings)
                    yield stands
                waiting = None
            case _:
                pass


def facts_of(log: Sequence[ev.Recorded]) -> list[Fact]:
    """Her facts, without those entered in error; a correction that was an error itself takes nothing out."""
    out: set[int] = set()
    for r in reversed(log):
        if isinstance(r.event, ev.EnteredInError) and r.seq not in out:
            out |= set(r.event.seqs)
    return [Fact(r.seq, r.step, r.event, r.protocol) for r in log if r.seq not in out]


# ---------------------------------------------------------------- findings

OPEN, BIOPSY, SAMPLED, UNDECIDED, WATCHED, ANSWERED = "open", "biopsy", "sampled", "undecided", "watched", "answered"

BY_CATEGORY = {
    A.INCOMPLETE_IMAGING: OPEN, A.SUSPICIOUS: BIOPSY, A.HIGHLY_SUGGESTIVE: BIOPSY, A.PROBABLY_BENIGN: WATCHED,
    A.NEGATIVE: ANSWERED, A.BENIGN: ANSWERED, A.KNOWN_MALIGNANCY: ANSWERED, A.POST_PROCEDURE_MARKER: ANSWERED,
    A.INCOMPLETE_PRIORS: ANSWERED,
}  # fmt: skip
"""What a category of work-up pictures leaves of a finding; on screening pictures a 3 asks for the work-up."""

BY_PLAN = {
    Plan.REPEAT_BIOPSY: BIOPSY, Plan.EXCISION: BIOPSY, Plan.MORE_IMAGING: OPEN, Plan.SHORT_INTERVAL: WATCHED,
    Plan.ROUTINE: ANSWERED,
}  # fmt: skip
"""A named plan owes its own next thing."""


@dataclass(frozen=True)
class Seen:
    """One thing seen: where, in which pictures first, and what the last fact that speaks of it leaves to be done."""

    id: str
    exam: str
    side: Laterality | None
    kind: FindingKind
    first: str
    raised: Fact
    standing: str
    since: Fact


def raised(x: ev.ExaminationPerformed, result: Result) -> Iterator[tuple[ev.Finding, Assessment]]:
    """What a result says of each thing seen; a breast of 0, 3, 4 or 5 without a coded finding has one unnamed."""
    if result.beside is not None:
        yield from raised(x, result.beside)
    stated = dict(result.sides)
    coded = set()
    for f in result.findings:
        category = f.assessment or stated.get(f.side)
        if category is not None:
            yield f, category
        if category in ASKS:
            coded.add(f.side)
    for side, category in sorted(result.sides, key=str):
        if category in ASKS and side not in coded:
            yield ev.Finding(f"{x.exam}.{side or 'unsided'}", FindingKind.UNNAMED, side), category
    if result.is_calm and result.advice in BY_ADVICE:
        yield ev.Finding(f"{x.exam}.advice"), BY_ADVICE[result.advice]


BY_ADVICE = {
    R.MORE_IMAGING: A.INCOMPLETE_IMAGING, R.SHORT_INTERVAL: A.PROBABLY_BENIGN, R.BIOPSY: A.SUSPICIOUS,
    R.SURGICAL_CONSULT: A.SUSPICIOUS,
}  # fmt: skip
"""Settling looks at assessment and recommendation: what is advised beside a calm category asks like this one."""


def standing_of(x: ev.ExaminationPerformed, category: Assessment) -> str:
    if category is A.PROBABLY_BENIGN and x.kind in SCREENED:
        return OPEN
    return BY_CATEGORY[category]


def seen(log: Log, episode: str) -> list[Seen]:
    """Everything seen in a round, each as the last fact that speaks of it leaves it."""
    if episode not in log._seen:
        log._seen[episode] = list(see(log, episode))
    return log._seen[episode]


def see(log: Log, episode: str) -> Iterator[Seen]:
    found: dict[str, Seen] = {}
    for _, x in sorted(log.of(ev.ExaminationPerformed, episode=episode), key=lambda made: made[1].kind in WORK_UP):
        for turn in log.reports_by_turns(x.exam):
            before: dict[str, Assessment] = {}
            elsewhere: dict[str, Assessment] = {}
            results = list(said(turn))
            for result, following in zip_longest(results, results[1:]):
                assert result is not None
                now = {f.id: (f, category) for f, category in raised(x, result)}
                for name, (f, category) in list(now.items()) if x.kind in WORK_UP else []:
                    same = elsewhere.get(name) == category
                    if name not in before and (
                        same or always_carried(log, x, (f, category), (result, following), found)
                    ):
                        elsewhere[name] = category
                        del now[name]
                for name, (f, category) in now.items():
                    old_plan = name in before and standing_of(x, category) is OPEN
                    if old_plan and last_word(log, found[name], before=result.since).standing is OPEN:
                        continue
                    if name in before and weighed(log, found[name], result.since) and no_more(category, before[name]):
                        continue
                    if before.get(name) != category:
                        standing, since = standing_of(x, category), result.since
                        found[name] = Seen(name, x.exam, f.side, f.kind, standing, since, standing, since)
                for name in {n for n in set(before) - set(now) if not weighed(log, found[n], result.since)}:
                    old = found[name]
                    since = result.since
                    found[name] = Seen(name, x.exam, old.side, old.kind, ANSWERED, since, ANSWERED, since)
                before = {name: category for name, (_, category) in now.items()}
    for fact, event in log.of(ev.WorkupAssessed, episode=episode):
        for f in event.added:
            standing = BY_CATEGORY[f.assessment] if f.assessment else OPEN
            found[f.id] = Seen(f.id, event.exam, f.side, f.kind, standing, fact, standing, fact)
    yield from (last_word(log, one) for one in found.values() if still_known(log, one))


def still_known(log: Log, f: Seen) -> bool:
    """Whether it is more than a word of a report that was withdrawn."""
    return not log.later(f.raised, ev.ReportWithdrawn, exam=f.exam) or last_word(log, f).since.seq != f.raised.seq


Said = tuple[ev.Finding, Assessment]
DECIDED = (ev.BiopsyDone, ev.NoTissueNeeded, ev.BiopsyNotPossible, ev.NextPlanned)
"""What a clinician does or decides about a finding by its name."""
GRAVITY = [
    A.HIGHLY_SUGGESTIVE, A.SUSPICIOUS, A.KNOWN_MALIGNANCY, A.INCOMPLETE_IMAGING, A.PROBABLY_BENIGN,
    A.INCOMPLETE_PRIORS, A.POST_PROCEDURE_MARKER, A.BENIGN, A.NEGATIVE,
]  # fmt: skip


def no_more(now: Assessment, than: Assessment) -> bool:
    """Whether a report asks for no more than the one before it."""
    return GRAVITY.index(now) >= GRAVITY.index(than)


def weighed(log: Log, f: Seen, before: Fact) -> bool:
    """Whether someone answered the finding or decided on it: what is asked for no more than that, is not asked anew."""
    if any(d.seq < before.seq for kind in DECIDED for d, _ in log.of(kind, finding=f.id)):
        return True
    return any(
        fact.seq < before.seq and e.exam != f.exam and not log.later(fact, ev.ReportWithdrawn, exam=e.exam)
        for fact, e in log.of(ev.WorkupAssessed)
        for a in e.answers
        if a.finding == f.id and fact.seq >= f.raised.seq
    )


def moment(log: Log, since: Fact) -> datetime:
    """When a report was given; a confirmation leaves the day of the report it confirms."""
    e = since.event
    if isinstance(e, (ev.Read, ev.ReportAmended)):
        return e.reading.reported_at or e.occurred_at
    exam = getattr(e, "exam", None)
    reports = [f for f in log.facts if f.seq < since.seq and getattr(f.event, "exam", None) == exam]
    given = [f.event.reading.reported_at for f in reports if isinstance(f.event, (ev.Read, ev.ReportAmended))]
    return (given[-1] if given else None) or e.occurred_at


def always_carried(
    log: Log,
    x: ev.ExaminationPerformed,
    said_of: Said,
    results: tuple[Result, Result | None],
    found: dict[str, Seen],
) -> bool:
    """Whether at every moment since work-up pictures said it, another finding carried it: if not, it is its own."""
    result, following = results
    steps = sorted({f.step for f in log.facts})
    last, before = steps[-1], steps[-2:-1]
    found = {**{f.id: f for step in before for f in seen(log.upto(step), x.episode)}, **found}
    for step in (s for s in steps if s >= result.since.step):
        if following is not None and step >= following.since.step:
            break
        then = log if step == last else log.upto(step)
        known = found if step == last else {f.id: f for f in seen(then, x.episode)}
        if not carried(then, x, said_of, result, known):
            return False
    return True


def carried(log: Log, x: ev.ExaminationPerformed, said_of: Said, result: Result, found: dict[str, Seen]) -> bool:
    """Whether what work-up pictures say is said of a thing already seen: one that still waits for their answer, that
    they answered no more mildly, or that was weighed since by someone who had later pictures or knew this report.
    """
    f, category = said_of
    alike = [
        last_word(log, k)
        for k in found.values()
        if k.exam != x.exam and (None in (f.side, k.side) or k.side is f.side) and still_known(log, k)
    ]
    answers = {
        a.finding: a.assessment
        for fact, e in log.of(ev.WorkupAssessed, exam=x.exam)
        for a in e.answers
        if any(a.finding == k.id and fact.seq > k.raised.seq for k in alike) and fact.step >= result.since.step
    }
    if any(MILDNESS[BY_CATEGORY[a]] <= MILDNESS[BY_CATEGORY[category]] for a in answers.values()):
        return True
    if f.kind is not FindingKind.UNNAMED:
        return False
    return any(
        (k.standing is OPEN and could_answer(log, x, k))
        or answered_later(log, x, k, category, result)
        or sampled_since(log, x, k, result)
        for k in alike
    )


def answered_later(log: Log, x: ev.ExaminationPerformed, k: Seen, category: Assessment, result: Result) -> bool:
    """Whether later pictures, or whoever knew this report, answered it for good; a 4 or 5 is not answered so."""
    if k.standing is OPEN or BY_CATEGORY[category] is BIOPSY:
        return False
    answers = [fact for fact, e in log.of(ev.WorkupAssessed) for a in e.answers if a.finding == k.id]
    if not answers:
        return False
    assert isinstance(answers[-1].event, ev.WorkupAssessed)
    later = log.made(answers[-1].event.exam).event.occurred_at > x.occurred_at + timedelta(days=1)
    return answers[-1].event.exam != x.exam and (later or known_then(log, k, result))


def known_then(log: Log, k: Seen, result: Result) -> bool:
    """Whether whoever last decided on a finding had this report."""
    pieces = {e.specimen for _, e in log.of(ev.BiopsyDone, finding=k.id)}
    decided = [
        f
        for f in log.facts
        if (isinstance(f.event, DECIDED[1:]) and f.event.finding == k.id)
        or (isinstance(f.event, ev.ConcordanceDecided) and f.event.specimen in pieces)
        or (isinstance(f.event, ev.WorkupAssessed) and any(a.finding == k.id for a in f.event.answers))
    ]
    return bool(decided) and moment(log, result.since) <= decided[-1].event.occurred_at


def sampled_since(log: Log, x: ev.ExaminationPerformed, k: Seen, result: Result) -> bool:
    """Whether these pictures led to tissue, or were known to whoever decided on it."""
    about = [f for f in log.facts if isinstance(f.event, DECIDED) and f.event.finding == k.id]
    if not about or about[-1].event.occurred_at <= x.occurred_at:
        return False
    pieces = {e.specimen for _, e in log.of(ev.BiopsyDone, finding=k.id)}
    reports = {e.specimen: e.tissue for _, e in log.of(ev.PathologyReported)}
    cancer = any(reports.get(piece) is Tissue.MALIGNANT for piece in pieces)
    in_tissue = cancer or k.standing in (BIOPSY, SAMPLED, UNDECIDED)
    return in_tissue or known_then(log, k, result)


MILDNESS = {BIOPSY: 0, OPEN: 1, WATCHED: 2, ANSWERED: 3}


def last_word(log: Log, f: Seen, before: Fact | None = None) -> Seen:
    standing, since = f.first, f.raised
    taken: set[str] = set()
    for fact in log.facts:
        if before is not None and fact.seq >= before.seq:
            break
        if fact.seq <= f.raised.seq:
            continue
        word = spoken(log, f, fact, taken)
        if word is not None:
            standing, since = word, fact
    if before is None and f.kind is FindingKind.TECHNICAL and standing == OPEN:
        for x in log.exams(f.id.partition(".")[0]):
            if x.kind is K.TECHNICAL_REPEAT and shows(x, f.side) and log.made(x.exam).seq > f.raised.seq:
                standing, since = ANSWERED, log.made(x.exam)
    return Seen(f.id, f.exam, f.side, f.kind, f.first, f.raised, standing, since)


def spoken(log: Log, f: Seen, fact: Fact, taken: set[str]) -> str | None:
    """What one fact says of one finding, or None."""
    match fact.event:
        case ev.WorkupAssessed(answers=answers, exam=exam) if not log.later(fact, ev.ReportWithdrawn, exam=exam):
            for a in answers:
                if a.finding == f.id:
                    return ANSWERED if a.other else BY_CATEGORY[a.assessment]
        case ev.BiopsyDone(finding=name, specimen=s) if name == f.id:
            taken.clear()
            taken.add(s)
            return SAMPLED
        case ev.NoTissueNeeded(finding=name) if name == f.id:
            return ANSWERED
        case ev.BiopsyNotPossible(finding=name, plan=plan) | ev.NextPlanned(finding=name, plan=plan) if name == f.id:
            return BY_PLAN[plan]
        case ev.PathologyReported(specimen=s, tissue=tissue) if s in taken:
            return UNDECIDED if tissue is Tissue.INSUFFICIENT else ANSWERED if tissue is Tissue.MALIGNANT else SAMPLED
        case ev.ConcordanceDecided(specimen=s, concordant=fits, follow_up=plan) if s in taken:
            last = log.of(ev.PathologyReported, specimen=s)[-1][1].tissue
            if last is Tissue.MALIGNANT:
                return ANSWERED
            if not fits or last in (Tissue.HIGH_RISK, Tissue.SUSPICIOUS_TISSUE, Tissue.INSUFFICIENT):
                return UNDECIDED
            return BY_PLAN[plan]
    return None


def unanswered(log: Log, episode: str) -> list[Seen]:
    return [f for f in seen(log, episode) if f.standing in (OPEN, BIOPSY, SAMPLED, UNDECIDED)]


def open_findings(log: Log, episode: str) -> list[Seen]:
    return [f for f in seen(log, episode) if f.standing is OPEN]


def shows(x: ev.ExaminationPerformed, side: Laterality | None) -> bool:
    """Whether these pictures are of that breast, as far as is known."""
    return not x.sides or side is None or side in x.sides


def answering(log: Log, f: Seen) -> list[str]:
    """Work-up pictures of its own side, not older than those it was seen in, that have not spoken of it yet."""
    return [
        x.exam
        for x in log.exams(f.id.partition(".")[0])
        if x.kind in WORK_UP
        and in_time(log, x, f)
        and (f.side is None or f.side in x.sides)
        and not spoke_of(log, x.exam, f)
    ]


def spoke_of(log: Log, exam: str, f: Seen, before: Fact | None = None) -> bool:
    return any(
        a.finding == f.id
        and fact.seq >= f.raised.seq
        and (before is None or fact.seq < before.seq)
        and not log.later(fact, ev.ReportWithdrawn, exam=exam)
        for fact, e in log.of(ev.WorkupAssessed, exam=exam)
        for a in e.answers
    )


def in_time(log: Log, x: ev.ExaminationPerformed, f: Seen) -> bool:
    """Whether pictures can answer it: not older than those it was seen in, nor than a plan for more of them."""
    if isinstance(f.since.event, (ev.BiopsyNotPossible, ev.NextPlanned)) and log.made(x.exam).seq < f.since.seq:
        return False
    return x.exam != f.exam and x.occurred_at >= log.made(f.exam).event.occurred_at and not told_before(log, x, f)


def told_before(log: Log, x: ev.ExaminationPerformed, f: Seen) -> bool:
    """Whether these pictures had their report before the finding was reported: what is asked since, they were not."""
    return any(
        r.seq < f.raised.seq
        and isinstance(r.event, (ev.Read, ev.ReportAmended))
        and r.event.reading.status in SIGNED
        and moment(log, r) < moment(log, f.raised)
        for r in log.reports(x.exam)
    )


def looked_again(log: Log, f: Seen) -> bool:
    """Whether pictures are there that can answer it; a side that was not stated answers nothing by itself."""
    return bool(answering(log, f))


# ---------------------------------------------------------------- reading

Found = Iterator[tuple[str | None, str]]


def examined(log: Log) -> Iterator[ev.ExaminationPerformed]:
    """Her examinations here; those of before the site went live are shown and owe nothing."""
    for x in log.exams():
        reviewed = log.last(ev.HistoryReviewed, episode=x.episode)
        taken_up = log.last(ev.HistoryReviewed, episode=x.episode, follow_up=True) is not None
        late_news = reviewed is not None and any(f.seq > reviewed.seq for f in log.reports(x.exam))
        if not x.history or taken_up or late_news:
            yield x


def told_of(log: Log) -> Iterator[ev.ExaminationPerformed]:
    """Examinations whose result is hers to hear; a marker film or pictures made elsewhere are placed first."""
    for x in examined(log):
        if x.kind not in (K.MARKER, K.OUTSIDE_REVIEW):
            yield x


def read(log: Log) -> Found:
    """Screening examination performed; until Read is signed (read twice: concluded)."""
    for x in examined(log):
        if (
            not log.signed(x.exam)
            and not answers_something(log, x)
            and not held(log, x.exam)
            and not read_twice(log, x)
        ):
            yield x.episode, x.exam


def held(log: Log, exam: str) -> bool:
    """Whether the reading waits for something, and someone named looks again."""
    last = log.last(ev.ReadingDeferred, ev.ReadingReleased, ev.ReportWithdrawn, exam=exam)
    return last is not None and isinstance(last.event, ev.ReadingDeferred) and not log.signed(exam)


def read_twice(log: Log, x: ev.ExaminationPerformed) -> bool:
    """Whether two readers have each said what they see, where the programme reads twice."""
    gone = log.last(ev.ReportWithdrawn, exam=x.exam)
    readers = {o.reader for f, o in log.of(ev.Opinion, exam=x.exam) if gone is None or f.seq > gone.seq}
    return log.rules(x.episode).reading == "double" and len(readers) > 1


def answers_something(log: Log, x: ev.ExaminationPerformed) -> bool:
    return x.kind in WORK_UP and any(could_answer(log, x, f) for f in open_findings(log, x.episode))


def could_answer(log: Log, x: ev.ExaminationPerformed, f: Seen, before: Fact | None = None) -> bool:
    """Whether these pictures are asked about it: of its side or of a side not stated, and not silent on it so far."""
    return in_time(log, x, f) and shows(x, f.side) and not spoke_of(log, x.exam, f, before)


def explain_wait(log: Log) -> Found:
    """Examination performed; until a signed result (WaitExplained only sets a new day)."""
    for x in examined(log):
        if log.result(x.exam) is None and not x.history:
            yield x.episode, x.exam


def await_final(log: Log) -> Found:
    """Preliminary report; until the final Read."""
    for x in examined(log):
        preliminary = [f for f in log.reports(x.exam) if isinstance(f.event, ev.Read)]
        if preliminary and not log.signed(x.exam):
            yield x.episode, x.exam


def confirm_assessment(log: Log) -> Found:
    """Final report without one certain category; until AssessmentConfirmed."""
    for x in examined(log):
        if log.signed(x.exam) and log.result(x.exam) is None:
            yield x.episode, x.exam


def complete_assessment(log: Log) -> Found:
    """3 on a screening examination; until CallBackDecided or amended."""
    for x in examined(log):
        result = log.result(x.exam)
        if result is None or x.kind not in SCREENED:
            continue
        for f in open_findings(log, x.episode):
            asks = f.exam == x.exam and not asked_for(log, f)
            if asks and not planned(log, f) and not looked_again(log, f):
                yield x.episode, x.exam


def is_three(result: Result, f: Seen) -> bool:
    own = [a for side, a in result.sides if side is f.side]
    return A.PROBABLY_BENIGN in own or (result.is_calm and result.advice is R.SHORT_INTERVAL)


def two_opinions(log: Log) -> Iterator[tuple[ev.ExaminationPerformed, list[ev.Reading]]]:
    """Examinations that two have read and that are no result yet, with what each said last."""
    for x in examined(log):
        if not log.signed(x.exam) and read_twice(log, x) and not held(log, x.exam):
            gone = log.last(ev.ReportWithdrawn, exam=x.exam)
            opinions = [e for f, e in log.of(ev.Opinion, exam=x.exam) if gone is None or f.seq > gone.seq]
            yield x, list({e.reader: e.reading for e in opinions}.values())


def asks_back(reading: ev.Reading) -> bool:
    return not reading.assessments <= CALM


def finalise_reading(log: Log) -> Found:
    """Two readers agree; until the result stands."""
    for x, (one, other, *_) in two_opinions(log):
        either = log.rules(x.episode).arbitrate == "any_recall" and asks_back(one)
        if set(one.sides) == set(other.sides) and not either:
            yield x.episode, x.exam


def arbitrate(log: Log) -> Found:
    """Two readers disagree; until a third reader or a panel decides."""
    agreed = set(finalise_reading(log))
    for x, _ in two_opinions(log):
        if (x.episode, x.exam) not in agreed:
            yield x.episode, x.exam


def place_report(log: Log) -> Found:
    """6, marker film, outside review; until tied to its round, or own outcome stated."""
    for x in examined(log):
        result = log.result(x.exam)
        if result is None:
            continue
        odd = result.categories & {A.KNOWN_MALIGNANCY, A.POST_PROCEDURE_MARKER} or x.kind in (
            K.MARKER,
            K.OUTSIDE_REVIEW,
        )
        if odd and not log.last(ev.ReportPlaced, exam=x.exam):
            yield x.episode, x.exam


def confirm_change(log: Log) -> Found:
    """An amendment that takes away; until a radiologist confirmed it or kept the earlier."""
    for x in examined(log):
        waiting = [f for f in log.reports(x.exam) if isinstance(f.event, ev.ReportAmended) and f.event.takes_away]
        if waiting and not log.later(waiting[-1], ev.ChangeConfirmed, exam=x.exam) and not overtaken(log, waiting[-1]):
            yield x.episode, x.exam


def overtaken(log: Log, waiting: Fact) -> bool:
    """Whether a later report that is sure and takes nothing away stands since: the latest reported is current.

    A word of alarm is not overtaken by a report that adds nothing: a radiologist says what stands.
    """
    assert isinstance(waiting.event, ev.ReportAmended)
    exam = waiting.event.exam
    answers = [f for f, _ in log.of(ev.ChangeConfirmed, exam=exam)] + [
        f for f, e in log.of(ev.ReportAmended, exam=exam) if e.adds and not e.takes_away and certain(e.reading)
    ]
    answered = max((f.seq for f in answers if f.seq < waiting.seq), default=0)
    alarm = any(
        e.takes_away and e.reading.suspicious_words and answered < f.seq <= waiting.seq
        for f, e in log.of(ev.ReportAmended, exam=exam)
    )
    return any(
        f.seq > waiting.seq
        and (e.adds or (e.supersedes and not alarm))
        and not e.takes_away
        and certain(e.reading)
        and moment(log, f) > moment(log, waiting)
        for f, e in log.of(ev.ReportAmended, exam=exam)
    )


def find_owner(log: Log) -> Found:
    """A report withdrawn as another patient's opens a loop for each of the two."""
    for f, e in log.of(ev.ReportWithdrawn):
        if not log.later(f, ev.WithdrawnPlaced, exam=e.exam):
            yield e.episode, e.exam


def release_reading(log: Log) -> Found:
    """A reading is held; until it is let go on, or signed."""
    for x in examined(log):
        if held(log, x.exam):
            yield x.episode, x.exam


def complete_examination(log: Log) -> Found:
    """Not every picture could be made; until they are made, or found to be the best to be had."""
    for f, e in log.of(ev.ExaminationIncomplete):
        again = [
            x for x in log.exams(e.episode)
            if log.made(x.exam).seq > f.seq and x.kind in SCREENED and all(shows(x, side) for side in e.missing)
        ]  # fmt: skip
        hers = e.exam in {x.exam for x in log.exams()}
        if hers and not again and not log.later(f, ev.ExaminationAccepted, exam=e.exam):
            yield e.episode, e.exam


# ---------------------------------------------------------------- telling


def gaps(log: Log, exam: str) -> list[Fact]:
    """Return each fact with which pictures of an examination turned out to be missing that had seemed whole."""
    return missed_and_accepted(log, exam)[0]


def missed_and_accepted(log: Log, exam: str) -> tuple[list[Fact], list[Fact]]:
    """Return the facts with which pictures turned out to be missing, and those that found that none are to be had."""
    missing: ev.ExaminationIncomplete | None = None
    ended: dict[str, ev.ExaminationIncomplete] = {}
    found: list[Fact] = []
    accepted: list[Fact] = []
    for f in log.facts:
        match f.event:
            case ev.ExaminationIncomplete() as e if e.exam == exam:
                found += [f] if missing is None else []
                missing = e
            case ev.ExaminationAccepted() as e if e.exam == exam:
                accepted += [f] if missing is not None else []
                missing = None
            case ev.ExaminationPerformed() as x if missing is not None and x.episode == missing.episode:
                if x.kind in SCREENED and all(shows(x, side) for side in missing.missing):
                    ended[x.exam], missing = missing, None
            case ev.ReportWithdrawn(examination_hers=False) as e if e.exam in ended:
                missing = ended.pop(e.exam)
    return found, accepted


def to_tell(log: Log, exam: str) -> Fact | None:
    """Return the fact since which a result is to be told: its last change, or that it speaks of a part alone."""
    news, results = log.news(exam), log.results(exam)
    if news is None or not results:
        return news
    return max([news, *(f for f in gaps(log, exam) if f.seq > results[0].since.seq)], key=lambda f: f.seq)


def to_write(log: Log, exam: str) -> Fact | None:
    """Return the fact since which papers on a result are owed: what is to be told, or that nothing is missing now."""
    news, results = to_tell(log, exam), log.results(exam)
    if news is None or not results:
        return news
    whole = (f for f in missed_and_accepted(log, exam)[1] if f.seq > results[0].since.seq)
    return max([news, *whole], key=lambda f: f.seq)


def send_summary(log: Log) -> Found:
    """Signed result; until SummarySent with proof; SummaryReturned opens it again."""
    for x in told_of(log):
        news = to_write(log, x.exam)
        if news is None:
            continue
        last = log.last(ev.SummarySent, ev.SummaryReturned, exam=x.exam)
        if last is None or last.seq < news.seq or isinstance(last.event, ev.SummaryReturned):
            yield x.episode, x.exam


def tell_provider(log: Log) -> Found:
    """Signed result; until ProviderTold."""
    for x in told_of(log):
        news = to_write(log, x.exam)
        if news is not None and not log.later(news, ev.ProviderTold, exam=x.exam):
            yield x.episode, x.exam


def post_document(log: Log) -> Found:
    """A document made ready; a file in the outbox is not proof."""
    proof: dict[ev.Document, type[ev.Event]] = {
        ev.Document.SUMMARY: ev.SummarySent,
        ev.Document.PROVIDER_REPORT: ev.ProviderTold,
    }
    for x in told_of(log):
        for document in [ev.Document.PROVIDER_REPORT] if log.dead else list(ev.Document):
            made = log.last(ev.Sending, exam=x.exam, document=document)
            news = to_write(log, x.exam)
            if not made or not news or made.seq < news.seq:
                continue
            if not log.later(made, proof[document], exam=x.exam):
                yield x.episode, x.exam


def heard(log: Log, exam: str) -> Fact | None:
    """The last time she learned, in whatever way, what the pictures show."""
    return log.last(ev.SummarySent, ev.ResultTold, ev.ResultSeen, exam=exam)


def changed_after_she_heard(log: Log, exam: str) -> bool:
    """Whether she learned something that is not so any more, and nobody has spoken with her since."""
    taken_back = [gone for gone, _ in log.of(ev.ReportWithdrawn, exam=exam)]
    for gone in taken_back:
        # Told that an earlier report was not hers, she knows nothing any more, until she hears something anew.
        told_so = [
            min(f.seq for f, _ in log.of(ev.ResultTold, exam=exam) if f.seq > earlier.seq)
            for earlier in taken_back
            if earlier.seq < gone.seq and log.later(earlier, ev.ResultTold, exam=exam)
        ]
        since = max((seq for seq in told_so if seq < gone.seq), default=0)
        had_heard = any(since < f.seq < gone.seq and is_hearing(f.event, exam) for f in log.facts)
        if had_heard and not log.later(gone, ev.ResultTold, exam=exam):
            return True
    found = log.results(exam)
    told = log.last(ev.ResultTold, exam=exam)
    if exam in {x.exam for x in told_of(log)} and heard_of_the_whole(log, exam, found):
        return True
    withdrawn = log.last(ev.ReportWithdrawn, exam=exam)
    began = withdrawn.seq if withdrawn is not None and found else 0
    put_right = [f.seq for f, _ in log.of(ev.ResultTold, exam=exam) if began and began < f.seq < found[0].since.seq]
    anew = max(put_right, default=0)  # told that it was not hers: what she hears from then on is another matter
    return any(
        told is None or told.seq < later.since.seq
        for before, later in pairwise(found)
        if before.says != later.says
        and not only_awaited(before)
        and any(anew < f.seq < later.since.seq and is_hearing(f.event, exam) for f in log.facts)
    )


def heard_of_the_whole(log: Log, exam: str, found: list[Result]) -> bool:
    """Whether she learned a result as if every picture had been taken, and nobody has spoken with her since."""
    return any(
        any(f.seq < gap.seq and is_hearing(f.event, exam) for f in log.facts)
        and not log.later(gap, ev.ResultTold, exam=exam)
        for gap in gaps(log, exam)
        if found and gap.seq > found[0].since.seq
    )


def only_awaited(result: Result) -> bool:
    """Whether it said no more than that older pictures are awaited: what follows completes it, and corrects nothing."""
    return result.categories - CALM == {A.INCOMPLETE_PRIORS}


def is_hearing(event: ev.Event, exam: str) -> bool:
    return isinstance(event, (ev.SummarySent, ev.ResultTold, ev.ResultSeen)) and event.exam == exam


def tell_result(log: Log) -> Found:
    """0, 3, 4, 5; until ResultTold (spoken); for 0, where the protocol allows, a visit she confirmed herself."""
    for x in told_of(log):
        result, news = log.result(x.exam), to_tell(log, x.exam)
        if result is None or news is None or not result.asks_more or changed_after_she_heard(log, x.exam):
            continue
        if not log.later(news, ev.ResultTold, exam=x.exam) and not confirmed_herself(log, x, result, news):
            yield x.episode, x.exam


def confirmed_herself(log: Log, x: ev.ExaminationPerformed, result: Result, news: Fact) -> bool:
    zero = A.INCOMPLETE_IMAGING in result.categories and not result.categories & {A.PROBABLY_BENIGN, *SUSPECT}
    booked = log.of(ev.Booked, episode=x.episode, confirmed_by_her=True, purpose=ev.Purpose.PICTURES)
    return zero and log.rules(x.episode).told_by_confirmed_visit and any(f.seq > news.seq for f, _ in booked)


def tell_change(log: Log) -> Found:
    """Change confirmed or adding, of what she was told; until ResultTold; it replaces tell_result."""
    for _, x in log.of(ev.ExaminationPerformed):
        if changed_after_she_heard(log, x.exam):
            yield x.episode, x.exam


def ring_after_seen(log: Log) -> Found:
    """ResultSeen (4, 5) before told; until ResultTold."""
    for x in told_of(log):
        result, news = log.result(x.exam), to_tell(log, x.exam)
        if result is None or news is None or not result.is_suspicious:
            continue
        if log.later(news, ev.ResultSeen, exam=x.exam) and not log.later(news, ev.ResultTold, exam=x.exam):
            yield x.episode, x.exam


def call_her(log: Log) -> Found:
    """She asks; until spoken with."""
    last = log.last(ev.CallRequested, ev.SpokenWith)
    if last is not None and isinstance(last.event, ev.CallRequested):
        yield None, HER


def send_copies(log: Log) -> Found:
    """She asks for copies; until they went."""
    yield from _asked(log, ev.Request.COPIES)


def read_notes(log: Log) -> Found:
    """She shares what she wrote; until someone has read it."""
    yield from _asked(log, ev.Request.NOTES)


def _asked(log: Log, what: ev.Request) -> Found:
    last = log.last(ev.RequestMade, ev.RequestMet, what=what)
    if last is not None and isinstance(last.event, ev.RequestMade):
        yield None, HER


def answer_symptom(log: Log) -> Found:
    """SymptomReported; until an answer to that symptom."""
    for _, e in log.of(ev.SymptomReported):
        if not log.last(ev.SymptomAnswered, symptom=e.symptom):
            yield e.episode, e.symptom


def pass_on_incidental(log: Log) -> Found:
    """Something seen that is not of the breast; until whoever looks after it says so."""
    for _, e in log.of(ev.IncidentalFound):
        if not log.last(ev.IncidentalPassedOn, incidental=e.incidental):
            yield e.episode, e.incidental


# ---------------------------------------------------------------- calling back and working up


def planned(log: Log, f: Seen) -> bool:
    """Whether a radiologist said which further pictures this finding needs, since it was left open."""
    return any(
        fact.seq > f.since.seq and (not e.sides or f.side is None or f.side in e.sides)
        for fact, e in log.of(ev.CallBackDecided, episode=f.id.partition(".")[0])
    )


def plan_call_back(log: Log) -> Found:
    """Incomplete: imaging, without a plan; until CallBackDecided."""
    for episode in log.rounds:
        for f in open_findings(log, episode):
            if asked_for(log, f) and not planned(log, f) and not looked_again(log, f):
                yield episode, f.exam


def asked_for(log: Log, f: Seen) -> bool:
    """Whether further pictures are asked for by name: a 3 on screening pictures asks its reader first."""
    result = log.result(f.exam)
    return f.since.seq != f.raised.seq or result is None or not is_three(result, f)


def attend_call_back(log: Log) -> Found:
    """Incomplete: imaging, or call-back decided; until attended and examined."""
    for episode in log.rounds:
        wanted = [f for f in open_findings(log, episode) if is_incomplete(log, f) or planned(log, f)]
        if any(not looked_again(log, f) for f in wanted) and not taken_over(log, episode):
            yield episode, episode


def is_incomplete(log: Log, f: Seen) -> bool:
    """Whether it was called incomplete; a plan for more pictures is no call-back before someone decided which."""
    return asked_for(log, f) and not isinstance(f.since.event, (ev.BiopsyNotPossible, ev.NextPlanned))


def taken_over(log: Log, episode: str) -> bool:
    """Whether the other side has said that it has her: it stays ours until then."""
    last = log.last(ev.CareAcknowledged, ev.CareTakenBack, ev.OutsideResultReceived, episode=episode)
    return last is not None and isinstance(last.event, ev.CareAcknowledged)


def book_call_back(log: Log) -> Found:
    """Call-back decided; visit missed, cancelled or incomplete; until Booked, or CareMoved acknowledged."""
    for episode, _ in attend_call_back(log):
        assert episode is not None
        ready = [f for f in open_findings(log, episode) if planned(log, f) and not looked_again(log, f)]
        visit = visiting(log, episode, ev.Purpose.PICTURES)
        if ready and not isinstance(visit, (ev.Booked, ev.Moved, ev.Attended)):
            yield episode, episode


def visiting(log: Log, episode: str, purpose: ev.Purpose) -> ev.Event | None:
    """The last that became of her visit of one purpose; what it was for, done, is what became of it too."""
    last = log.last(*VISITING, episode=episode, purpose=purpose)
    if last is None:
        return None
    for f in log.facts:
        if f.seq > last.seq and getattr(f.event, "episode", None) == episode and is_what_for(log, f, purpose, last):
            return f.event
    return last.event


def at_visit(done: ev.Event, visit: Fact) -> bool:
    """Done no more than a day before the hour of the visit: feeds state some moments to the day only."""
    starts_at: datetime = getattr(visit.event, "starts_at", done.occurred_at)
    return starts_at <= done.occurred_at + timedelta(days=1)


def made_at(made: ev.ExaminationPerformed, visit: Fact) -> bool:
    """Pictures made here, at the visit."""
    return not made.outside and at_visit(made, visit)


def is_what_for(log: Log, fact: Fact, purpose: ev.Purpose, visit: Fact) -> bool:
    """Whether this was done at the visit: pictures of a breast in question, tissue, a word about it."""
    match fact.event:
        case ev.ExaminationPerformed(kind=kind, episode=episode):
            for_screening = kind is K.SCREENING or kind is K.TECHNICAL_REPEAT
            dated = log.of(ev.RoundOpened, episode=episode)[0][1].answers is not None
            for_pictures = kind in WORK_UP or kind is K.TECHNICAL_REPEAT
            meant = (purpose is ev.Purpose.SCREENING and (for_screening or (dated and kind in WORK_UP))) or (
                purpose is ev.Purpose.PICTURES and for_pictures
            )
            return meant and made_at(fact.event, visit)
        case ev.WorkupAssessed(exam=exam):
            made = log.made(exam).event
            return purpose is ev.Purpose.PICTURES and isinstance(made, ev.ExaminationPerformed) and made_at(made, visit)
        case ev.BiopsyDone() | ev.NoTissueNeeded() | ev.BiopsyNotPossible():
            return purpose is ev.Purpose.BIOPSY and at_visit(fact.event, visit)
        case ev.DiagnosisTold():
            return purpose is ev.Purpose.RESULTS and at_visit(fact.event, visit)
        case _:
            return False


def asked_to_come(log: Log, episode: str, purpose: ev.Purpose) -> bool:
    """Whether something still asks for a visit of this purpose."""
    match purpose:
        case ev.Purpose.SCREENING:
            waits = {e for e, _ in (*awaited(log), *complete_examination(log))}
            simply_came = not log.exams(episode) and not log.of(ev.RoundOpened, episode=episode)[0][1].due_on
            return episode in waits or (simply_came and not invitations_ended(log))
        case ev.Purpose.PICTURES:
            return bool(open_findings(log, episode))
        case ev.Purpose.BIOPSY:
            return any(f.standing is BIOPSY for f in seen(log, episode))
        case ev.Purpose.RESULTS:
            return any(
                taken.episode == episode
                and (
                    report is None
                    or not log.later(new_tissue(log, taken.specimen), ev.DiagnosisTold, specimen=taken.specimen)
                )
                for taken, report in specimens(log)
            )


def cancel_visit(log: Log) -> Found:
    """A visit stands booked although what it was for is answered or withdrawn; until it is cancelled."""
    for episode, purpose, _ in booked(log):
        if not asked_to_come(log, episode, purpose):
            yield episode, episode


VISITING = (ev.Booked, ev.Moved, ev.Cancelled, ev.Missed, ev.Attended)


def get_priors(log: Log) -> Found:
    """Incomplete: priors; until Read with priors, or final without."""
    for x in examined(log):
        result = log.result(x.exam)
        if result is not None and A.INCOMPLETE_PRIORS in result.categories:
            yield x.episode, x.exam


def nurse_call(log: Log) -> Found:
    """SaidNoToday; until informed Declined, ChangedMind or Booked."""
    for episode in log.rounds:
        last = log.last(ev.SaidNoToday, ev.Declined, ev.ChangedMind, ev.Booked, episode=episode)
        if last is not None and isinstance(last.event, ev.SaidNoToday):
            yield episode, episode


def assess_workup(log: Log) -> Found:
    """Examined at work-up; until WorkupAssessed for each finding."""
    for x in examined(log):
        if x.kind not in WORK_UP:
            continue
        if answers_something(log, x):
            yield x.episode, x.exam


def resolve_abnormal(log: Log) -> Found:
    """0, 3 on screening, 4, 5; until a final answer for every finding."""
    waits = {episode for episode, _ in get_priors(log)}
    for episode in log.rounds:
        if unanswered(log, episode) or episode in waits:
            yield episode, episode


def arrange_biopsy(log: Log) -> Found:
    """Each finding, 4, 5; until sampled, resolved, not possible with plan."""
    for episode in log.rounds:
        for f in seen(log, episode):
            if f.standing is BIOPSY and not taken_over(log, episode):
                yield episode, f.id


# ---------------------------------------------------------------- tissue and cancer


def specimens(log: Log) -> Iterator[tuple[ev.BiopsyDone, tuple[Fact, ev.PathologyReported] | None]]:
    for _, e in log.of(ev.BiopsyDone):
        reports = log.of(ev.PathologyReported, specimen=e.specimen)
        yield e, reports[-1] if reports else None


def new_tissue(log: Log, specimen: str) -> Fact:
    """The report since which the specimen says what it says now."""
    reports = log.of(ev.PathologyReported, specimen=specimen)
    since, before = reports[0][0], reports[0][1]
    for f, e in reports:
        if (e.tissue, e.lesion) != (before.tissue, before.lesion):
            since, before = f, e
    return since


def get_pathology(log: Log) -> Found:
    """Sampled; until PathologyReported."""
    for taken, report in specimens(log):
        if report is None:
            yield taken.episode, taken.specimen


def decide_concordance(log: Log) -> Found:
    """Pathology; until ConcordanceDecided."""
    for taken, report in specimens(log):
        if report is None or report[1].tissue is Tissue.INSUFFICIENT:
            continue
        if not log.later(new_tissue(log, taken.specimen), ev.ConcordanceDecided, specimen=taken.specimen):
            yield taken.episode, taken.specimen


def plan_next(log: Log) -> Found:
    """Discordant, insufficient, B1 unexplained, B3/high-risk, B4; until a named plan or conference decision."""
    for episode in log.rounds:
        for f in seen(log, episode):
            if f.standing is UNDECIDED:
                yield episode, f.id


def diagnosis(log: Log, taken: ev.BiopsyDone, *, after: str) -> Fact | None:
    """The fact since which there is a diagnosis to tell: malignant pathology, or concordance decided."""
    reports = log.of(ev.PathologyReported, specimen=taken.specimen)
    if not reports:
        return None
    since = new_tissue(log, taken.specimen)
    if reports[-1][1].tissue is Tissue.INSUFFICIENT or (
        reports[-1][1].tissue is Tissue.MALIGNANT and after == "pathology"
    ):
        return since
    decided = [f for f, _ in log.of(ev.ConcordanceDecided, specimen=taken.specimen) if f.seq > since.seq]
    return decided[0] if decided else None


def no_more_taken(log: Log, taken: ev.BiopsyDone) -> Fact | None:
    """The decision that no more tissue of this finding is taken, where this piece was its last: news by itself."""
    pieces = [t for t, _ in specimens(log) if t.finding == taken.finding]
    plans = [
        f
        for f, e in log.of(ev.NextPlanned, episode=taken.episode)
        if e.finding == taken.finding and e.plan in (Plan.ROUTINE, Plan.SHORT_INTERVAL)
    ]
    made = log.of(ev.BiopsyDone, specimen=pieces[-1].specimen)[0][0]
    after_it = [f for f in plans if f.seq > made.seq]
    return after_it[-1] if after_it and pieces[-1].specimen == taken.specimen else None


def later_of(told: Fact | None, decided: Fact | None) -> Fact | None:
    """A later decision is told once there is something to tell at all."""
    return told if told is None or decided is None or decided.seq < told.seq else decided


def tell_diagnosis(log: Log) -> Found:
    """Malignant pathology, or concordance decided (a protocol may put a conference first); until DiagnosisTold."""
    for taken, _ in specimens(log):
        shown = diagnosis(log, taken, after=log.rules(taken.episode).diagnosis_after)
        since = later_of(shown, no_more_taken(log, taken))
        if since is not None and not log.later(since, ev.DiagnosisTold, specimen=taken.specimen):
            yield taken.episode, taken.specimen


def tell_provider_diagnosis(log: Log) -> Found:
    """Malignant tissue reported, or concordance decided; until proof that her provider knows."""
    for taken, _ in specimens(log):
        since = later_of(diagnosis(log, taken, after="pathology"), no_more_taken(log, taken))
        if since is not None and not log.later(since, ev.DiagnosisProviderTold, specimen=taken.specimen):
            yield taken.episode, taken.specimen


def cancer_told(log: Log, episode: str) -> bool:
    return any(
        taken.episode == episode and report is not None and report[1].tissue is Tissue.MALIGNANT
        and log.later(report[0], ev.DiagnosisTold, specimen=taken.specimen)
        for taken, report in specimens(log)
    )  # fmt: skip


def refer(log: Log) -> Found:
    """DiagnosisTold malignant; until Referred."""
    for episode in log.rounds:
        if cancer_told(log, episode) and not log.last(ev.Referred, episode=episode):
            yield episode, episode


REFERRAL = (ev.Referred, ev.ReferralAccepted, ev.FirstVisitMissed, ev.FirstVisitAttended)


def accept_referral(log: Log) -> Found:
    """Referred; until ReferralAccepted with date."""
    for episode in log.rounds:
        last = log.last(*REFERRAL, episode=episode)
        if last is not None and isinstance(last.event, (ev.Referred, ev.FirstVisitMissed)):
            yield episode, episode


def confirm_first_visit(log: Log) -> Found:
    """Accepted; until FirstVisitAttended."""
    for episode in log.rounds:
        last = log.last(*REFERRAL, episode=episode)
        if last is not None and isinstance(last.event, ev.ReferralAccepted):
            yield episode, episode


def ask_treatment_end(log: Log) -> Found:
    """Settled malignant (patient-level); until TreatmentEnded."""
    for episode in log.rounds:
        last = log.last(ev.Settled, ev.Reopened, episode=episode)
        cancer = last is not None and isinstance(last.event, ev.Settled) and last.event.outcome is ev.SettledAs.CANCER
        if cancer and not log.last(ev.TreatmentEnded, episode=episode):
            yield None, episode


# ---------------------------------------------------------------- standing, elsewhere, invitations


def review_pause(log: Log) -> Found:
    """Paused; until Resumed, or reviewed with a new date (then it is owed for that)."""
    for episode in log.rounds:
        if log.paused(episode):
            yield episode, episode


def write_refusal(log: Log) -> Found:
    """An informed refusal; until it was confirmed in writing, to her and to her provider each."""
    for episode in log.rounds:
        said_no = log.last(ev.Declined, ev.Resumed, episode=episode)
        if said_no is None or not isinstance(said_no.event, ev.Declined):
            continue
        for to in ev.Addressee:
            if not log.later(said_no, ev.RefusalWritten, episode=episode, to=to):
                yield episode, episode


def replan(log: Log) -> Found:
    """Resumed more than 90 d after last imaging; until CallBackDecided (or new pictures)."""
    for episode in log.rounds:
        last = log.last(ev.Resumed, episode=episode)
        if last is None or not isinstance(last.event, ev.Resumed) or not last.event.stale:
            continue
        new_look = log.later(last, ev.CallBackDecided, ev.ExaminationPerformed, episode=episode)
        if open_findings(log, episode) and not new_look:
            yield episode, episode


def await_acknowledgement(log: Log) -> Found:
    """Her care is to go elsewhere; it stays ours until they say that they have her."""
    for episode in log.rounds:
        last = log.last(ev.CareMoved, ev.CareAcknowledged, ev.CareTakenBack, episode=episode)
        if last is not None and isinstance(last.event, ev.CareMoved):
            yield episode, episode


def get_outside_result(log: Log) -> Found:
    """Someone says it was done elsewhere, or the other side has her; until the document is here."""
    for episode in log.rounds:
        last = log.last(
            ev.OutsideClaimed, ev.CareAcknowledged, ev.CareTakenBack, ev.OutsideResultReceived, episode=episode
        )
        if last is not None and isinstance(last.event, (ev.OutsideClaimed, ev.CareAcknowledged)):
            yield episode, episode


def review_interval_cancer(log: Log) -> Found:
    """A cancer found outside screening becomes known; until the last screening was looked at again."""
    for _, e in log.of(ev.IntervalCancerKnown):
        if not log.last(ev.IntervalCancerReviewed, cancer=e.cancer):
            yield None, e.cancer


def ask_care_end(log: Log) -> Found:
    """A cancer found outside screening, once reviewed; until her treatment is over."""
    for _, e in log.of(ev.IntervalCancerKnown):
        if log.last(ev.IntervalCancerReviewed, cancer=e.cancer) and not log.last(ev.CareEnded, cancer=e.cancer):
            yield None, e.cancer


def surveillance_visit(log: Log) -> Found:
    """Surveillance planned (patient-level); until the examination that answers this visit, or the wait is ended.

    It ends when another look calls what was watched benign, or the round itself comes to another end.
    """
    for planned, e in log.of(ev.SurveillancePlanned):
        other_end = [
            s
            for f, s in log.of(ev.Settled, episode=e.episode)
            if f.seq > planned.seq and s.outcome is not ev.SettledAs.SURVEILLANCE
        ]
        if other_end or log.later(planned, ev.SurveillanceEnded, episode=e.episode):
            continue
        rounds = [r.episode for _, r in log.of(ev.RoundOpened, answers=e.visit)]
        if not any(log.exams(episode) for episode in rounds):
            yield None, e.visit


def in_open_round(log: Log) -> bool:
    return any(not log.settled(episode) and not log.paused(episode) for episode in log.rounds)


def invitations_ended(log: Log) -> bool:
    last = log.last(ev.InvitationsEnded, ev.InvitationsResumed)
    return last is not None and isinstance(last.event, ev.InvitationsEnded)


def set_next_due(log: Log) -> Found:
    """NextDueSet is appended on enrolment and on settling."""
    if in_open_round(log) or invitations_ended(log) or next_due(log) is not None or not log.facts:
        return
    if any(ask_treatment_end(log)):
        return
    if any(not log.last(ev.CareEnded, cancer=e.cancer) for _, e in log.of(ev.IntervalCancerKnown)):
        return
    yield None, HER


def next_due(log: Log) -> ev.NextDueSet | None:
    """The day of her next screening, unless a round began since."""
    last = log.last(ev.NextDueSet)
    if last is None or log.later(last, ev.RoundOpened, ev.InvitationsEnded, ev.IntervalCancerKnown):
        return None
    assert isinstance(last.event, ev.NextDueSet)
    return last.event


def invite(log: Log) -> Found:
    """NextDueSet; until a round is opened, or moved."""
    if next_due(log) is not None and not invitations_ended(log):
        yield None, HER


def awaited(log: Log) -> Iterator[tuple[str, Fact]]:
    """Rounds that began because she was due, in which nothing was examined yet."""
    for f, e in log.of(ev.RoundOpened):
        given_up = log.last(ev.Deferred, ev.NotScreened, episode=e.episode) or (
            log.later(f, ev.IntervalCancerKnown) or (log.later(f, ev.InvitationsEnded) and invitations_ended(log))
        )
        if e.due_on is not None and not log.exams(e.episode) and not given_up:
            yield e.episode, f


def attend_screening(log: Log) -> Found:
    """A round begins because she is due; until an examination."""
    for episode, _ in awaited(log):
        yield episode, episode


def book_screening(log: Log) -> Found:
    """A round begins because she is due, and she has no time; a visit missed or cancelled."""
    for episode, _ in awaited(log):
        visit = log.last(*VISITING, episode=episode, purpose=ev.Purpose.SCREENING)
        last_offer = episode in {e for e, _ in close_not_screened(log)}
        if (visit is None or isinstance(visit.event, (ev.Cancelled, ev.Missed))) and not last_offer:
            yield episode, episode


def send_invitation(log: Log) -> Found:
    """A round begins because she is due; until proof that her invitation went."""
    for episode, _ in awaited(log):
        if not log.last(ev.Invited, episode=episode):
            yield episode, episode


def post_invitation(log: Log) -> Found:
    """Her invitation lies ready; until someone posts it."""
    for episode, _ in awaited(log):
        if log.last(ev.InvitationPrepared, episode=episode) and not log.last(ev.Invited, episode=episode):
            yield episode, episode


def close_not_screened(log: Log) -> Found:
    """She missed every visit she was offered; until closed as not screened, or she is given another time."""
    for episode, _ in awaited(log):
        missed = log.of(ev.Missed, episode=episode, purpose=ev.Purpose.SCREENING)
        visit = log.last(*VISITING, episode=episode, purpose=ev.Purpose.SCREENING)
        if len(missed) >= log.rules(episode).screening_visits and isinstance(visit and visit.event, ev.Missed):
            yield episode, episode


def booked(log: Log) -> Iterator[tuple[str, ev.Purpose, Fact]]:
    """Visits that stand: made or moved, and neither cancelled, missed nor attended since."""
    for episode in log.rounds:
        for purpose in ev.Purpose:
            visit = log.last(*VISITING, episode=episode, purpose=purpose)
            if visit is not None and isinstance(visiting(log, episode, purpose), (ev.Booked, ev.Moved)):
                yield episode, purpose, visit


def close_visit(log: Log) -> Found:
    """A visit is booked; until it is recorded what became of it."""
    for episode, purpose, _ in booked(log):
        if asked_to_come(log, episode, purpose):
            yield episode, episode


def remind(log: Log) -> Found:
    """Booked; until reminded, moved, cancelled. The same time booked once more asks for no second word."""
    for episode, purpose, _ in booked(log):
        made: Fact | None = None
        for f, e in log.of(ev.Event, episode=episode, purpose=purpose) if asked_to_come(log, episode, purpose) else []:
            if not isinstance(e, (ev.Booked, ev.Moved)):
                made = made if isinstance(e, ev.Reminded) else None
            elif made is None or getattr(made.event, "starts_at", None) != e.starts_at:
                made = f
        if made is not None and not log.later(made, ev.Reminded, episode=episode, purpose=purpose):
            yield episode, episode


HER = "p1"

KINDS: dict[str, Callable[[Log], Found]] = {
    f.__name__: f
    for f in (
        read, finalise_reading, arbitrate, explain_wait, await_final, confirm_assessment, complete_assessment,
        place_report, confirm_change,
        find_owner, release_reading, complete_examination, send_summary, tell_provider, post_document, tell_result,
        tell_change, ring_after_seen, call_her, send_copies, read_notes, answer_symptom, pass_on_incidental,
        plan_call_back, attend_call_back,
        book_call_back, get_priors, nurse_call, assess_workup, resolve_abnormal, arrange_biopsy, get_pathology,
        decide_concordance, plan_next, tell_diagnosis, tell_provider_diagnosis, refer, accept_referral,
        confirm_first_visit, ask_treatment_end, review_pause, write_refusal, replan, await_acknowledgement,
        get_outside_result, review_interval_cancer, ask_care_end, surveillance_visit, set_next_due, invite,
        attend_screening, book_screening, send_invitation, post_invitation, close_not_screened, close_visit,
        cancel_visit, remind,
    )
}  # fmt: skip


NOT_SAID: dict[str, str] = {
    "reach_her": "when a new matter begins the attempts anew after she was reached is not said in the design",
    "confirm_lost": "it rests on which attempts count, as reach_her does",
    "review_history": "what of an earlier round is unresolved is not said apart from how results are weighed",
    "hand_over": "it is owed in a stream of its own, not in hers",
    "resolve_message": "it is owed in a stream of its own, not in hers",
}
"""Kinds that this reference does not say, and why."""


def owed(log: Sequence[ev.Recorded], protocols: Mapping[str, Protocol]) -> Owed:
    """Return what is owed: the round (None: the patient herself), the kind, and the thing it is about."""
    facts = Log(facts_of(log), protocols)
    settled = {episode for episode in facts.rounds if facts.settled(episode)}
    paused = {episode for episode in facts.rounds if facts.paused(episode)}
    return {
        (episode, kind, thing)
        for kind, say in KINDS.items()
        for episode, thing in say(facts)
        if episode not in settled
        and not (episode in paused and kind in HELD_BY_A_PAUSE)
        and not (facts.dead and kind not in OWED_AFTER_DEATH)
    }
