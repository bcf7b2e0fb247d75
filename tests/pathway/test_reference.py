"""What the pathway says is owed is what the plain reference says, kind by kind, over many histories.

A difference prints the history, the kind and who says what. Where the two are known to differ, `DISAGREED` says in
which histories, of which kinds and why the design says otherwise; everything else is held equal.
"""

import random
from collections.abc import Callable, Iterator, Sequence

import pytest
from msgspec import Struct

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused, after, decide, recorded
from closerlook.pathway.loops import KINDS as ALL_KINDS
from closerlook.pathway.protocol import Protocol, load
from closerlook.pathway.regions import Patient
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, Laterality, NeedsPerson, Plan, ReportStatus, Sampling, Tissue
from closerlook.pathway.trying import MENU, Here
from tests.pathway.reference import KINDS, NOT_SAID, WORK_UP, Owed, facts_of, owed
from tests.pathway.story import (
    CLINICIAN,
    DAY,
    FRONT_DESK,
    HERSELF,
    LEFT,
    MONDAY,
    NAVIGATOR,
    RADIOLOGIST,
    TECHNOLOGIST,
    WORKER,
    Story,
    called_back,
    sides,
    staff,
    worked_up,
)

ZONES = {"us": "America/New_York", "uk": "Europe/London", "eu": "Europe/Dublin"}
PROGRAMMES = {name: load(name, zone=zone, kinds=frozenset(ALL_KINDS)) for name, zone in ZONES.items()}
COORDINATOR = staff("pathology_coordinator")
Log = Sequence[ev.Recorded]


# ---------------------------------------------------------------- where the two are known to differ


class Disagreement(Struct, frozen=True):
    """`where` picks the histories, by their facts; `kinds` are left out there."""

    kinds: frozenset[str]
    where: Callable[[list[ev.Event], Protocol], bool]
    why: str


PICTURES = frozenset(
    {
        "read", "assess_workup", "plan_call_back", "attend_call_back", "book_call_back", "complete_assessment",
        "resolve_abnormal", "arrange_biopsy", "plan_next", "close_visit", "cancel_visit", "remind", "replan",
    }
)  # fmt: skip


def withdrawn_with_an_answer(facts: list[ev.Event], _: Protocol) -> bool:
    answers = (ev.BiopsyDone, ev.NoTissueNeeded, ev.BiopsyNotPossible)
    return any(isinstance(e, ev.ReportWithdrawn) for e in facts) and any(
        isinstance(e, answers) or (isinstance(e, ev.ExaminationPerformed) and e.kind in WORK_UP) for e in facts
    )


def more_imaging_instead(facts: list[ev.Event], _: Protocol) -> bool:
    return any(
        isinstance(e, (ev.BiopsyNotPossible, ev.NextPlanned)) and e.plan is Plan.MORE_IMAGING for e in facts
    ) and any(isinstance(e, ev.CallBackDecided) for e in facts)


def cancer_taken_back(facts: list[ev.Event], _: Protocol) -> bool:
    reports = [e for e in facts if isinstance(e, ev.PathologyReported)]
    return any(
        one.tissue is Tissue.MALIGNANT and later.specimen == one.specimen and later.tissue is not Tissue.MALIGNANT
        for i, one in enumerate(reports)
        for later in reports[i:]
    )


def visit_to_come(facts: list[ev.Event], _: Protocol) -> bool:
    """Tissue was settled, or the diagnosis told, more than a day before the visit booked for it."""
    done = {
        ev.Purpose.BIOPSY: (ev.BiopsyDone, ev.NoTissueNeeded, ev.BiopsyNotPossible),
        ev.Purpose.RESULTS: (ev.DiagnosisTold,),
    }
    return any(
        isinstance(e, (ev.Booked, ev.Moved))
        and any(isinstance(x, done.get(e.purpose, ())) and x.occurred_at + DAY < e.starts_at for x in facts[i:])
        for i, e in enumerate(facts)
    )


def other_visit_confirmed(facts: list[ev.Event], _: Protocol) -> bool:
    return any(isinstance(e, ev.Booked) and e.confirmed_by_her and e.purpose is not ev.Purpose.PICTURES for e in facts)


def withdrawn_while_awaiting(facts: list[ev.Event], _: Protocol) -> bool:
    """Withdrawn, when all she had heard was that older pictures are awaited."""
    withdrawn = {e.exam for e in facts if isinstance(e, ev.ReportWithdrawn)}
    awaiting = {
        e.exam
        for e in facts
        if isinstance(e, (ev.Read, ev.ReportAmended)) and A.INCOMPLETE_PRIORS in e.reading.assessments
    }
    return bool(withdrawn & awaiting)


def answer_made_graver(facts: list[ev.Event], _: Protocol) -> bool:
    """Pictures had answered a finding, and their report was amended to answer one more gravely."""
    answers = [(i, e) for i, e in enumerate(facts) if isinstance(e, ev.WorkupAssessed)]
    return any(
        one.exam == later.exam
        and any(
            isinstance(x, ev.ReportAmended) and x.exam == one.exam and x.adds and x.occurred_at == later.occurred_at
            for x in facts[i:j]
        )
        for i, one in answers
        for j, later in answers
        if i < j
    )


def unsure_after_withdrawn(facts: list[ev.Event], _: Protocol) -> bool:
    return any(
        isinstance(e, ev.ReportWithdrawn)
        and any(isinstance(x, ev.Read) and x.exam == e.exam and x.reading.needs_person for x in facts[i:])
        for i, e in enumerate(facts)
    )


def incomplete_twice(facts: list[ev.Event], _: Protocol) -> bool:
    """Two sets of pictures each left one finding incomplete."""
    left = {
        (a.finding, e.exam)
        for e in facts
        if isinstance(e, ev.WorkupAssessed)
        for a in e.answers
        if a.assessment is A.INCOMPLETE_IMAGING
    }
    return len({finding for finding, _ in left}) < len(left)


def said_again(facts: list[ev.Event], _: Protocol) -> bool:
    """A finding was decided on, then taken away by its own report, then added again."""
    decided = (ev.NoTissueNeeded, ev.BiopsyDone, ev.BiopsyNotPossible, ev.WorkupAssessed)
    return any(
        isinstance(e, ev.ChangeConfirmed)
        and e.accepted
        and any(isinstance(x, decided) for x in facts[:i])
        and any(isinstance(x, ev.ReportAmended) and x.exam == e.exam and x.adds for x in facts[i:])
        for i, e in enumerate(facts)
    )


def question_amended(facts: list[ev.Event], _: Protocol) -> bool:
    """Pictures made for a finding had their report, and then the finding's own was amended to ask for more."""
    signed = set[str]()
    for i, e in enumerate(facts):
        if isinstance(e, ev.Read):
            signed.add(e.exam)
        if isinstance(e, ev.ExaminationPerformed) and e.kind in WORK_UP and signed:
            reported = [j for j, x in enumerate(facts) if isinstance(x, ev.Read) and x.exam == e.exam]
            amended = [
                j
                for j, x in enumerate(facts)
                if isinstance(x, ev.ReportAmended) and x.exam in signed - {e.exam} and x.adds
            ]
            if reported and amended and i < reported[0] < amended[-1]:
                return True
    return False


def confirmed_otherwise(facts: list[ev.Event], _: Protocol) -> bool:
    return any(
        isinstance(e, ev.WorkupAssessed)
        and any(isinstance(x, (ev.AssessmentConfirmed, ev.ChangeConfirmed)) and x.exam == e.exam for x in facts[i:])
        for i, e in enumerate(facts)
    )


def repeat_not_hers(facts: list[ev.Event], _: Protocol) -> bool:
    """Pictures were missing, and an examination proved to be another woman's."""
    return any(isinstance(e, ev.ExaminationIncomplete) for e in facts) and any(
        isinstance(e, ev.ReportWithdrawn) and not e.examination_hers for e in facts
    )


VISITS = frozenset({"close_visit", "cancel_visit", "remind"})

DISAGREED: dict[str, Disagreement] = {
    "answer made graver": Disagreement(
        PICTURES, answer_made_graver, "one report that asks for tissue of one breast asks for it once"
    ),
    "incomplete twice": Disagreement(
        PICTURES, incomplete_twice, "what the first pictures left open is carried by the finding that is open still"
    ),
}
"""Where the reference keeps to the design and the pathway does something else."""

COARSE: dict[str, Disagreement] = {
    "withdrawn with an answer": Disagreement(
        PICTURES,
        withdrawn_with_an_answer,
        "what of earlier answers outlives a withdrawn report is not said in the design",
    ),
    "confirmed otherwise than answered": Disagreement(
        PICTURES,
        confirmed_otherwise,
        "whether a report confirmed afterwards asks anew what its pictures answered is not said in the design",
    ),
    "more imaging instead of tissue": Disagreement(
        PICTURES,
        more_imaging_instead,
        "whether an earlier plan covers pictures asked for anew is not said in the design",
    ),
    "cancer taken back": Disagreement(
        frozenset({"refer", "accept_referral", "confirm_first_visit"}),
        cancer_taken_back,
        "what becomes of a referral when the tissue is reported anew is not said in the design",
    ),
}
"""Histories in which the design does not say enough for the reference to be sure of these kinds."""


# ---------------------------------------------------------------- comparing


def differences(log: Log, patient: Patient, protocol: Protocol) -> Owed:
    """Return what only one of the two says is owed, apart from what is known to differ."""
    facts = [f.event for f in facts_of(log)]
    apart_here = [d.kinds for d in (*DISAGREED.values(), *COARSE.values()) if d.where(facts, protocol)]
    left_out = frozenset[str]().union(*apart_here)
    pathway = {(episode, kind, subject.partition(":")[0]) for episode, kind, subject in patient.owed}
    apart = pathway ^ owed(log, {protocol.hash: protocol})
    return {key for key in apart if key[1] in KINDS and key[1] not in left_out}


def told(log: Log, patient: Patient, apart: Owed) -> str:
    """Return the history, and for each difference who says that it is owed."""
    pathway = {(episode, kind, subject.partition(":")[0]) for episode, kind, subject in patient.owed}
    says = [
        f"only {'the pathway' if key in pathway else 'the reference'} says: {key}" for key in sorted(apart, key=str)
    ]
    return "\n".join([*(f"{r.seq} {r.event}" for r in log), *says])


def walked(programme: str, seed: int) -> Iterator[tuple[Log, Patient, Protocol]]:
    """Yield her log and state after each step of one random walk over some groups of the menu."""
    draw, protocol = random.Random(seed), PROGRAMMES[programme]
    length = draw.choice([6, 10, 14, 20, 40])
    groups = sorted({*draw.sample(list(MENU), draw.randint(2, len(MENU))), "screened", "first_report"})
    patient, log, now = Patient("p1"), list[ev.Recorded](), MONDAY
    for _ in range(4 * length):
        tries = list(MENU[draw.choice(groups)](Here(patient, protocol, now)))
        if not tries or len(log) >= length:
            continue
        t = draw.choice(tries)
        if isinstance(t.step, st.RecordDeath) and draw.random() > 0.05:
            continue
        rules = {protocol.hash: protocol}
        try:
            facts = decide(t.step, patient, log, rules, default=protocol, actor=t.actor, now=t.at)
        except Refused:
            continue
        if facts:
            new = recorded(facts, patient, protocol, t.actor, t.at)
            patient, now = after(patient, log, new, rules), t.at
            log = [*log, *new]
            yield log, patient, protocol


@pytest.mark.parametrize("programme", sorted(PROGRAMMES))
def test_over_random_walks_both_say_the_same(programme: str) -> None:
    for seed in range(120):
        for log, patient, protocol in walked(programme, seed):
            apart = differences(log, patient, protocol)
            assert not apart, f"seed {seed}\n{told(log, patient, apart)}"


def test_every_kind_is_said_or_it_is_said_why_not() -> None:
    assert set(KINDS) | set(NOT_SAID) == set(ALL_KINDS)
    assert not set(KINDS) & set(NOT_SAID)


# ---------------------------------------------------------------- told histories


def check(her: Story) -> None:
    apart = differences(her.log, her.patient, her.protocol)
    assert not apart, told(her.log, her.patient, apart)


def test_called_back_and_worked_up() -> None:
    for assessment in (A.NEGATIVE, A.BENIGN, A.PROBABLY_BENIGN, A.SUSPICIOUS, A.INCOMPLETE_IMAGING):
        her = called_back()
        check(her)
        her = worked_up(assessment)
        check(her)
        her.answered(her.finding, her.exam.id, assessment)
        check(her)


def test_tissue_to_the_care_team_and_beyond() -> None:
    her = worked_up(A.SUSPICIOUS)
    finding = her.finding
    her.answered(finding, her.exam.id, A.SUSPICIOUS)
    check(her)
    her.take(st.RecordBiopsy(finding=finding, method=Sampling.CORE), RADIOLOGIST)
    check(her)
    specimen = next(iter(her.episode.specimens))
    episode = her.episode.id
    by_whom = (
        (st.RecordPathology(specimen=specimen, tissue=Tissue.MALIGNANT), COORDINATOR),
        (st.DecideConcordance(specimen=specimen, concordant=True), RADIOLOGIST),
        (st.TellProviderDiagnosis(specimen=specimen, proof="letter"), NAVIGATOR),
        (st.TellDiagnosis(specimen=specimen, channel=ev.Channel.IN_PERSON), CLINICIAN),
        (st.Refer(episode=episode, team="Hill"), NAVIGATOR),
        (st.RecordAccepted(episode=episode, first_visit_on=her.day(5)), NAVIGATOR),
    )
    for step, by in by_whom:
        her.take(step, by)
        check(her)
    her.take(st.RecordFirstVisit(episode=episode, came=False), NAVIGATOR, 8 * DAY)
    check(her)
    her.take(st.RecordAccepted(episode=episode, first_visit_on=her.day(5)), NAVIGATOR)
    check(her)
    her.take(st.RecordFirstVisit(episode=her.episode.id, came=True), NAVIGATOR, 20 * DAY)
    check(her)
    assert (None, "ask_treatment_end", her.episode.id) in owed(her.log, her.protocols)


@pytest.mark.parametrize(
    "tissue", [Tissue.INSUFFICIENT, Tissue.NORMAL_TISSUE, Tissue.HIGH_RISK, Tissue.SUSPICIOUS_TISSUE]
)
@pytest.mark.parametrize("plan", [Plan.REPEAT_BIOPSY, Plan.EXCISION])
def test_tissue_that_gives_no_settled_answer(tissue: Tissue, plan: Plan) -> None:
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    her.take(st.RecordBiopsy(finding=f"{exam}.left", method=Sampling.CORE), RADIOLOGIST)
    specimen = next(iter(her.episode.specimens))
    her.take(st.RecordPathology(specimen=specimen, tissue=tissue), COORDINATOR)
    check(her)
    if tissue is not Tissue.INSUFFICIENT:
        her.take(st.DecideConcordance(specimen=specimen, concordant=False), RADIOLOGIST)
        check(her)
    her.take(st.PlanNext(finding=f"{exam}.left", plan=plan), RADIOLOGIST)
    check(her)


def test_refused_and_resumed() -> None:
    her = called_back().declined()
    check(her)
    her.take(st.RecordChangedMind(episode=her.episode.id), NAVIGATOR)
    check(her)


def test_watched_and_seen_again() -> None:
    her = worked_up(A.PROBABLY_BENIGN)
    her.answered(her.finding, her.exam.id, A.PROBABLY_BENIGN)
    check(her)
    her.reported(
        A.BENIGN, None, kind=ExaminationKind.DIAGNOSTIC, looked_at=(LEFT,), answers=sorted(her.patient.dated)[0]
    )
    check(her)


def test_asked_seen_and_withdrawn() -> None:
    her = Story()
    exam = her.reported(A.SUSPICIOUS, A.INCOMPLETE_IMAGING)
    her.take(st.OpenResult(exam=exam), HERSELF)
    her.take(st.AskForCall(), HERSELF)
    check(her)
    her.take(st.WithdrawReport(exam=exam, reason="not hers", examination_hers=True), RADIOLOGIST)
    check(her)
    her.take(st.PlaceWithdrawn(exam=exam, outcome="filed"), FRONT_DESK)
    check(her)


def test_due_invited_and_not_coming() -> None:
    her = Story()
    her.take(st.Enrol(), FRONT_DESK)
    check(her)
    her.take(st.SetNextDue(due_on=her.day(30), why="guideline"), FRONT_DESK)
    check(her)
    her.take(st.OpenRound(site="main"), NAVIGATOR)
    check(her)
    episode = her.episode.id
    her.take(st.PrepareInvitation(episode=episode, file="i"), WORKER)
    check(her)
    her.take(st.RecordInvited(episode=episode, proof="posted"), FRONT_DESK)
    for _ in range(2):
        visit = st.BookVisit(episode=episode, starts_at=her.now + DAY, place="Hill", purpose=ev.Purpose.SCREENING)
        her.take(visit, NAVIGATOR)
        check(her)
        her.take(st.RecordMissed(episode=episode, purpose=ev.Purpose.SCREENING), FRONT_DESK, 2 * DAY)
        check(her)
    her.take(st.RecordNotScreened(episode=episode, proof="posted"), FRONT_DESK)
    check(her)


def test_resumed_with_old_pictures() -> None:
    her = called_back().declined()
    her.take(st.Resume(episode=her.episode.id), NAVIGATOR, 200 * DAY)
    check(her)


def test_taken_away_and_confirmed() -> None:
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.posted(exam).told(exam)
    her.amended(exam, A.NEGATIVE)
    check(her)
    her.take(st.ConfirmChange(exam=exam, accepted=True), RADIOLOGIST)
    check(her)


# ---------------------------------------------------------------- where they differ, told as briefly as can be


def no_tissue_needed() -> Story:
    """Screened, suspicious; no tissue was needed. Then an ultrasound of that breast is suspicious."""
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    her.take(st.RecordNoTissue(finding=f"{exam}.left", why="a cyst"), RADIOLOGIST)
    her.reported(A.SUSPICIOUS, None, kind=ExaminationKind.ULTRASOUND, looked_at=(LEFT,), episode=her.episode.id)
    return her


def answered_once() -> Story:
    """Called back, and an ultrasound answered it."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.reported(A.BENIGN, None, kind=ExaminationKind.ULTRASOUND, looked_at=(LEFT,), episode=her.episode.id)
    her.answered(f"{exam}.left", her.exam.id, A.BENIGN)
    return her


def incomplete_again() -> Story:
    """A second ultrasound of that breast is incomplete."""
    her = answered_once()
    her.reported(A.INCOMPLETE_IMAGING, None, kind=ExaminationKind.ULTRASOUND, looked_at=(LEFT,), episode="e1")
    return her


def screened_again() -> Story:
    """Screened once more in the same round, and called back."""
    her = answered_once()
    return her.planned(her.reported(A.INCOMPLETE_IMAGING, episode=her.episode.id))


def taken_away_and_back() -> Story:
    """A corrected report takes the call-back away, the next gives it back."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.amended(exam, A.NEGATIVE)
    her.amended(exam, A.INCOMPLETE_IMAGING)
    return her


def booked_in_between() -> Story:
    """Pictures made, then a visit booked, then the pictures are answered: still incomplete."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.planned(exam)
    pictures = her.examined(ExaminationKind.ULTRASOUND, (LEFT,), episode=her.episode.id)
    her.booked()
    her.answered(f"{exam}.left", pictures, A.INCOMPLETE_IMAGING)
    return her


# ---------------------------------------------------------------- where they differ still


def settled_before_the_visit() -> Story:
    """A biopsy is booked; before that day no tissue was needed. Nobody cancels her visit."""
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    her.booked(purpose=ev.Purpose.BIOPSY)
    her.take(st.RecordNoTissue(finding=f"{exam}.left", why="a cyst"), RADIOLOGIST)
    return her


def another_visit_confirmed() -> Story:
    """Called back for the left; she confirms a visit for tissue of the right. Nobody tells her about the left."""
    her = Story()
    her.reported(A.INCOMPLETE_IMAGING)
    ultrasound = ExaminationKind.ULTRASOUND
    her.reported(None, A.SUSPICIOUS, kind=ultrasound, looked_at=(Laterality.RIGHT,), episode=her.episode.id)
    her.booked(purpose=ev.Purpose.BIOPSY)
    her.take(st.ConfirmVisit(episode=her.episode.id, purpose=ev.Purpose.BIOPSY), HERSELF)
    return her


def withdrawn_when_awaiting() -> Story:
    """She saw that older pictures are awaited; it was another patient's report."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_PRIORS)
    her.take(st.OpenResult(exam=exam), HERSELF)
    her.take(st.WithdrawReport(exam=exam, reason="not hers", examination_hers=True), RADIOLOGIST)
    return her


def unsure_after_it_was_withdrawn() -> Story:
    """She saw a report that was another patient's; the next has no category."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.take(st.OpenResult(exam=exam), HERSELF)
    her.take(st.WithdrawReport(exam=exam, reason="not hers", examination_hers=True), RADIOLOGIST)
    her.now += DAY
    her.report(exam, her.reading((), needs_person=(NeedsPerson.NO_CATEGORY,)))
    return her


def completed_by_another() -> Story:
    """One breast was not imaged; the pictures made for it proved to be another woman's. Nobody makes them."""
    her = Story()
    exam = her.examined()
    her.take(st.RecordIncomplete(exam=exam, reason="she felt faint", missing=(LEFT,)), TECHNOLOGIST)
    again = her.reported(A.NEGATIVE, kind=ExaminationKind.TECHNICAL_REPEAT, episode=her.episode.id)
    her.take(st.WithdrawReport(exam=again, reason="not hers", examination_hers=False), RADIOLOGIST)
    return her


def graver_than_answered() -> Story:
    """An ultrasound left it incomplete; the radiologist says suspicious after all. One biopsy is asked for twice."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.reported(A.INCOMPLETE_IMAGING, None, kind=ExaminationKind.ULTRASOUND, looked_at=(LEFT,), episode="e1")
    her.answered(f"{exam}.left", her.exam.id, A.INCOMPLETE_IMAGING)
    her.answered(f"{exam}.left", her.exam.id, A.SUSPICIOUS)
    return her


def incomplete_by_both() -> Story:
    """Two ultrasounds each leave it incomplete. The radiologist is asked about the second once more."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    for _ in range(2):
        her.now += DAY
        her.reported(A.INCOMPLETE_IMAGING, None, kind=ExaminationKind.ULTRASOUND, looked_at=(LEFT,), episode="e1")
        her.answered(f"{exam}.left", her.exam.id, A.INCOMPLETE_IMAGING)
    return her


def amended_while_asked() -> Story:
    """A 3; an ultrasound of it is incomplete and waits to be weighed; the 3 becomes a 0. The question is dropped."""
    her = Story()
    exam = her.reported(A.PROBABLY_BENIGN)
    her.now += DAY
    her.reported(A.INCOMPLETE_IMAGING, None, kind=ExaminationKind.ULTRASOUND, looked_at=(LEFT,), episode="e1")
    her.amended(exam, A.INCOMPLETE_IMAGING)
    return her


def suspicious_once_more() -> Story:
    """Suspicious; no tissue was needed; confirmed as negative; then amended to suspicious: no biopsy is arranged."""
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    words = her.reading((), ReportStatus.ADDENDUM, needs_person=(NeedsPerson.NO_CATEGORY,), suspicious_words=True)
    her.report(exam, words)
    her.take(st.RecordNoTissue(finding=f"{exam}.left", why="a cyst"), RADIOLOGIST)
    her.take(st.ConfirmChange(exam=exam, accepted=True, sides=sides(A.NEGATIVE, A.NEGATIVE)), RADIOLOGIST)
    her.amended(exam, A.SUSPICIOUS)
    return her


@pytest.mark.parametrize(
    ("tell", "name", "kinds"),
    [
        (graver_than_answered, "answer made graver", {"arrange_biopsy"}),
        (incomplete_by_both, "incomplete twice", {"assess_workup"}),
    ],
)
def test_what_differs_still(tell: Callable[[], Story], name: str, kinds: set[str]) -> None:
    """Once this fails the pathway was mended: its entry in `DISAGREED` goes, and the story joins those above."""
    her = tell()
    pathway = {(episode, kind, subject.partition(":")[0]) for episode, kind, subject in her.patient.owed}
    apart = {key for key in pathway ^ owed(her.log, her.protocols) if key[1] in KINDS}
    assert kinds <= {kind for _, kind, _ in apart} <= DISAGREED[name].kinds, told(her.log, her.patient, apart)
    check(her)


@pytest.mark.parametrize(
    ("tell", "kinds"),
    [
        (no_tissue_needed, {"resolve_abnormal"}),
        (incomplete_again, {"resolve_abnormal", "plan_call_back", "attend_call_back"}),
        (screened_again, {"attend_call_back", "book_call_back", "assess_workup"}),
        (taken_away_and_back, {"confirm_change"}),
        (booked_in_between, {"close_visit"}),
        (settled_before_the_visit, {"cancel_visit"}),
        (another_visit_confirmed, {"tell_result"}),
        (withdrawn_when_awaiting, {"tell_change"}),
        (unsure_after_it_was_withdrawn, {"tell_change"}),
        (completed_by_another, {"complete_examination"}),
        (amended_while_asked, {"assess_workup"}),
        (suspicious_once_more, {"arrange_biopsy", "resolve_abnormal"}),
    ],
)
def test_what_once_differed(tell: Callable[[], Story], kinds: set[str]) -> None:
    her = tell()
    pathway = {kind for _, kind, _ in her.patient.owed} & kinds
    reference = {kind for _, kind, _ in owed(her.log, her.protocols)} & kinds
    assert pathway == reference
