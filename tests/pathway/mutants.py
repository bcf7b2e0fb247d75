"""Mistakes someone could make in the pathway, each with the search that must find it.

You are here to add one: write the mistake as a patch, and say in which scene it shows. A mistake that no search finds
means that a promise does not ask, or that no scene goes there.
"""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from closerlook.pathway import deciding, findings, loops, matters, moves, opinions, patient, reading, reports, tissue
from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import HANDLERS, consequences, examining, telling
from closerlook.pathway.deciding.context import Context
from closerlook.pathway.events import Event, Recorded
from closerlook.pathway.matters import Matter
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import (
    Circumstances,
    Episode,
    Exam,
    FindingStatus,
    Opened,
    Patient,
    ReadingRegion,
    Specimen,
    VisitStage,
)
from closerlook.pathway.terms import Assessment, ExaminationKind, Plan, Tissue

Patch = Callable[[pytest.MonkeyPatch], None]
Owes = Callable[[Matter, Episode], bool]


class Mutant(Struct, frozen=True):
    """One mistake: what it is, how to make it, and the protocol and scene that must find it."""

    name: str
    patch: Patch
    scene: str
    protocol: str = "us"


# ---------------------------------------------------------------- how mistakes are made


def _owing_only(owes: Owes) -> Patch:
    """Let a round owe only what `owes` says."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        plain = matters.owed_by

        def owed_by(episode: Episode, protocol: Protocol, around: Circumstances) -> tuple[list[Matter], list[Matter]]:
            owed, held = plain(episode, protocol, around)
            return [m for m in owed if owes(m, episode)], [m for m in held if owes(m, episode)]

        for module in (matters, loops):
            monkeypatch.setattr(module, "owed_by", owed_by)

    return patch


def _never_owed(kind: str) -> Patch:
    """Let nobody ever owe things of this kind, in a round or beside it."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        _owing_only(lambda m, _episode: m.kind != kind)(monkeypatch)
        plain = matters.her_matters

        def her_matters(her: Patient) -> list[Matter]:
            return [m for m in plain(her) if m.kind != kind]

        for module in (matters, loops):
            monkeypatch.setattr(module, "her_matters", her_matters)

    return patch


def _set(module: Any, name: str, value: object) -> Patch:
    return lambda monkeypatch: monkeypatch.setattr(module, name, value)


def _together(*patches: Patch) -> Patch:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for one in patches:
            one(monkeypatch)

    return patch


def _moving(fact: type[Event], move: patient.Move) -> Patch:
    """Let a fact move a round in one more way."""
    return lambda monkeypatch: monkeypatch.setitem(patient.MOVES, fact, (*patient.MOVES[fact], move))


def _moving_otherwise(fact: type[Event], old: patient.Move, new: patient.Move | None = None) -> Patch:
    """Let a fact move a round in another way, or not at all."""
    moved = tuple(new if move is old else move for move in patient.MOVES[fact])
    return lambda monkeypatch: monkeypatch.setitem(patient.MOVES, fact, tuple(m for m in moved if m is not None))


def _deciding(step: type[st.Step], handler: Callable[[Any, Context], list[Event]]) -> Patch:
    return lambda monkeypatch: monkeypatch.setitem(HANDLERS, step, handler)


def _without_facts(*facts: type[Event]) -> Patch:
    """Let these facts never follow by themselves."""
    plain = consequences.with_consequences

    def with_consequences(events: list[Event], c: Context) -> list[Event]:
        return [e for e in plain(events, c) if not isinstance(e, facts)]

    return _set(deciding, "with_consequences", with_consequences)


def _closing(episode: Episode, _e: Event, _r: Recorded) -> Episode:
    """Close every open finding."""
    closed = {key: replace(f, status=FindingStatus.RESOLVED) for key, f in episode.findings.items()}
    return replace(episode, findings=closed)


# ---------------------------------------------------------------- tissue

_status = tissue._status


def _discordant_closes(s: Specimen, follow_up: Plan) -> FindingStatus:
    return FindingStatus.RESOLVED if s.concordant is False else _status(s, follow_up)


def _insufficient_closes(s: Specimen, follow_up: Plan) -> FindingStatus:
    return FindingStatus.RESOLVED if s.tissue is Tissue.INSUFFICIENT else _status(s, follow_up)


def _high_risk_closes(s: Specimen, follow_up: Plan) -> FindingStatus:
    return FindingStatus.RESOLVED if s.concordant and s.tissue is Tissue.HIGH_RISK else _status(s, follow_up)


def _last_piece_speaks(episode: Episode, specimen_id: str, follow_up: Plan = Plan.ROUTINE) -> Episode:
    """Weigh as if the last piece spoke for all of them, malignant ones too."""
    specimen = episode.specimens[specimen_id]
    finding = episode.findings[specimen.finding]
    pieces = [s for s in episode.specimens.values() if s.finding == finding.id]
    if pieces[-1].id != specimen_id:
        return episode
    status = FindingStatus.MALIGNANT if specimen.tissue is Tissue.MALIGNANT else _status(specimen, follow_up)
    return replace(episode, findings={**episode.findings, finding.id: replace(finding, status=status)})


def _weighed_by_itself(episode: Episode, e: ev.PathologyReported, record: Recorded) -> Episode:
    """The pathologist's report counts as fitting the pictures."""
    episode = tissue.reported(episode, e, record)
    fits = ev.ConcordanceDecided(
        occurred_at=e.occurred_at, episode=episode.id, specimen=e.specimen, concordant=True, follow_up=Plan.ROUTINE
    )
    return episode if e.tissue is Tissue.INSUFFICIENT else tissue.concordance_decided(episode, fits, record)


def _told_of_every_report(episode: Episode, e: ev.PathologyReported, record: Recorded) -> Episode:
    """She counts as told of a pathologist's later word because she was told of the first."""
    told = episode.specimens[e.specimen].told
    episode = tissue.reported(episode, e, record)
    known = episode.specimens[e.specimen]
    return replace(episode, specimens={**episode.specimens, known.id: replace(known, told=told)})


def _no_tissue(step: st.RecordNoTissue, c: Context) -> list[Event]:
    """No tissue is needed, whatever earlier tissue said."""
    for episode in c.patient.episodes.values():
        finding = episode.findings.get(step.finding)
        if finding is not None and finding.status is FindingStatus.BIOPSY:
            return [ev.NoTissueNeeded(occurred_at=c.now, episode=episode.id, finding=finding.id, why=step.why)]
    return []


# ---------------------------------------------------------------- reading and reports


def _all_readings(region: ReadingRegion, _protocol: Protocol) -> list[ev.Reading]:
    return [o.reading for o in region.opinions] + [a.reading for a in region.ai]


def _always_agree(region: ReadingRegion, protocol: Protocol) -> str:
    return "few" if len(opinions.readings(region, protocol)) < 2 else "agree"


def _no_wait_for_a_person(*_reports: ev.Reading) -> bool:
    """No later report takes anything away."""
    return False


def _still_hers(region: ReadingRegion, _e: ev.ReportWithdrawn, _at: object) -> ReadingRegion:
    return replace(region, withdrawn=True, unplaced=True)


def _withdrawing_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    moved: dict[type[Event], Any] = dict(reading.MOVES_OF_READING)
    moved[ev.ReportWithdrawn] = _still_hers
    for module in (reading, moves):
        monkeypatch.setattr(module, "MOVES_OF_READING", moved)


_renewed_telling, _renewed = reading._renewed_telling, findings.renewed


def _stays_told(old: Exam, new: Exam, *, live: bool) -> Exam:
    telling_now = replace(_renewed_telling(old, new, live=live).telling, told=old.telling.told, change=False)
    return replace(new, telling=telling_now)


def _letter_stays_sent(old: Exam, new: Exam, *, live: bool) -> Exam:
    renewed = _renewed_telling(old, new, live=live)
    return replace(renewed, telling=replace(renewed.telling, summary_sent=old.telling.summary_sent))


def _one_breast_only(episode: Episode, exam: Exam, before: ev.Reading | None) -> findings.Findings:
    """A later report speaks for every finding of its examination but the first one's breast."""
    found = _renewed(episode, exam, before)
    kept = next(iter(found.values())).side if before is not None and found else None
    return {
        key: f if kept is None or f.side is kept else replace(f, status=FindingStatus.RESOLVED)
        for key, f in found.items()
    }


def _nothing_left_out(*_stated: object) -> tuple[ev.SideAssessment, ...]:
    return ()


def _calm_work_up_closes(episode: Episode, e: ev.Read, record: Recorded) -> Episode:
    """A calm report of further pictures closes what they looked at, without the radiologist's answer."""
    exam = episode.exams[e.exam]
    calm = exam.is_workup and exam.reading.gist is not None and exam.reading.gist.calm
    return _closing(episode, e, record) if calm else episode


def _calm_mammogram_answers(episode: Episode, e: ev.Read, _r: Recorded) -> Episode:
    exam = episode.exams[e.exam]
    if exam.reading.gist is None or not exam.reading.gist.calm:
        return episode
    answered = {key: replace(s, answered=True) for key, s in episode.symptoms.items()}
    return replace(episode, symptoms=answered)


_status_of = findings.status_of


def _a_3_waits(kind: ExaminationKind, assessment: Assessment) -> FindingStatus:
    waits = assessment is Assessment.PROBABLY_BENIGN
    return FindingStatus.SURVEILLANCE if waits else _status_of(kind, assessment)


def _repeats_answer_nothing(episode: Episode, _exam: Exam) -> findings.Findings:
    return episode.findings


def _answers_anything(*_args: object) -> None:
    """Any pictures can answer any finding."""


def _told_without_a_result(_exam: Exam) -> None:
    """Nobody asks whether there is a result to tell."""


# ---------------------------------------------------------------- visits, contact, standing

_ladder = matters._ladder


def _stage(episode: Episode) -> VisitStage:
    return episode.visit.stage


def _short_ladder(found: list[Matter], episode: Episode, protocol: Protocol, around: Circumstances) -> None:
    """One call is enough to call her lost."""
    _ladder(found, episode, protocol, around)
    if episode.contact.calls and all(m.kind != "confirm_lost" for m in found):
        found.append(Matter("confirm_lost", episode.id))


def _lost_to_anyone(step: st.ConfirmLost, c: Context) -> list[Event]:
    """Whoever tried last may call her lost."""
    episode = c.open_episode(step.episode)
    if (episode.id, "confirm_lost", episode.id) not in c.patient.owed or episode.paused is not None:
        return []
    reason = ev.PauseReason.LOST
    return [ev.Paused(occurred_at=c.now, episode=episode.id, reason=reason, review_on=step.review_on, reviewer="x")]


def _opened_anew(record: Recorded, _held: Opened | None) -> Opened:
    return Opened(record.step, record.recorded_at, record.recorded_at)


def _unseen(_step: st.Step, _c: Context) -> list[Event]:
    return []


def _put_off(step: st.DeferScreening, c: Context) -> list[Event]:
    return [ev.Deferred(occurred_at=c.now, episode=step.episode, until=step.until, reason=step.reason)]


def _seen_by_the_team(episode: Episode, _e: Event, _r: Recorded) -> Episode:
    return replace(episode, referral=replace(episode.referral, attended=True))


def _stands(episode: Episode, _e: Event, _r: Recorded) -> Episode:
    return episode


def _pausing_too(*kinds: str) -> Patch:
    return _set(matters, "NEEDS_HER", matters.NEEDS_HER | set(kinds))


# ---------------------------------------------------------------- all of them

DROPPED: dict[str, tuple[str, str]] = {
    "arrange_biopsy": ("tissue", "us"),
    "get_pathology": ("tissue", "us"),
    "decide_concordance": ("tissue", "uk"),
    "plan_next": ("tissue", "us"),
    "tell_diagnosis": ("tissue", "us"),
    "refer": ("diagnosis", "us"),
    "accept_referral": ("diagnosis", "eu"),
    "confirm_first_visit": ("diagnosis", "us"),
    "book_call_back": ("reaching", "us"),
    "attend_call_back": ("work_up", "us"),
    "plan_call_back": ("work_up", "us"),
    "assess_workup": ("work_up", "us"),
    "resolve_abnormal": ("work_up", "uk"),
    "complete_assessment": ("three_at_screening", "uk"),
    "answer_symptom": ("symptoms", "us"),
    "pass_on_incidental": ("symptoms", "us"),
    "call_her": ("symptoms", "us"),
    "send_copies": ("symptoms", "us"),
    "read_notes": ("symptoms", "uk"),
    "review_pause": ("says_no", "us"),
    "nurse_call": ("says_no", "us"),
    "write_refusal": ("says_no", "us"),
    "read": ("reading", "us"),
    "await_final": ("reading", "us"),
    "explain_wait": ("reading", "us"),
    "place_report": ("reading", "us"),
    "confirm_assessment": ("reading", "eu"),
    "arbitrate": ("twice", "uk"),
    "finalise_reading": ("twice", "uk"),
    "release_reading": ("twice", "eu"),
    "send_summary": ("telling", "us"),
    "post_document": ("telling", "us"),
    "tell_provider": ("telling", "us"),
    "tell_result": ("telling", "us"),
    "ring_after_seen": ("telling", "us"),
    "reach_her": ("reaching", "us"),
    "confirm_lost": ("reaching", "us"),
    "confirm_change": ("changed", "us"),
    "tell_change": ("telling", "us"),
    "find_owner": ("changed", "us"),
    "get_priors": ("priors", "us"),
    "complete_examination": ("technical", "us"),
    "set_next_due": ("invited", "us"),
    "invite": ("invited", "us"),
    "send_invitation": ("invited", "us"),
    "post_invitation": ("invited", "us"),
    "book_screening": ("invited", "us"),
    "attend_screening": ("invited", "uk"),
    "close_not_screened": ("invited", "uk"),
    "remind": ("invited", "uk"),
    "close_visit": ("invited", "uk"),
    "cancel_visit": ("called_off", "us"),
    "get_outside_result": ("elsewhere", "us"),
    "await_acknowledgement": ("elsewhere", "us"),
    "replan": ("elsewhere", "us"),
    "tell_provider_diagnosis": ("tissue_again", "us"),
    "ask_treatment_end": ("diagnosis", "us"),
    "review_interval_cancer": ("seen", "us"),
    "ask_care_end": ("seen", "us"),
    "surveillance_visit": ("work_up", "us"),
}
"""Each kind of thing owed, with the search that must miss it once nobody ever owes it."""

_OTHERS = (
    Mutant("tissue that does not fit closes its finding", _set(tissue, "_status", _discordant_closes), "tissue"),
    Mutant("too little tissue closes its finding", _set(tissue, "_status", _insufficient_closes), "tissue"),
    Mutant("high-risk tissue that fits closes its finding", _set(tissue, "_status", _high_risk_closes), "tissue"),
    Mutant("a benign piece outweighs a malignant one", _set(tissue, "_weighed", _last_piece_speaks), "two_pieces"),
    Mutant(
        "tissue counts as weighed once it is reported",
        _moving_otherwise(ev.PathologyReported, tissue.reported, _weighed_by_itself),
        "tissue",
    ),
    Mutant(
        "told of one pathologist's word, told of every later one",
        _moving_otherwise(ev.PathologyReported, tissue.reported, _told_of_every_report),
        "tissue_again",
    ),
    Mutant("no tissue needed although earlier tissue does not fit", _deciding(st.RecordNoTissue, _no_tissue), "tissue"),
    Mutant(
        "a first visit she missed counts as seen",
        _moving_otherwise(ev.FirstVisitMissed, tissue.first_visit_missed, _seen_by_the_team),
        "diagnosis",
    ),
    Mutant("told before two readings are decided", _set(telling, "_result", _told_without_a_result), "twice", "uk"),
    Mutant(
        "one reading of two becomes a result",
        _set(examining, "is_read_twice", lambda _exam, _protocol: False),
        "twice",
        "uk",
    ),
    Mutant("a computer is one of two readers", _set(opinions, "readings", _all_readings), "twice", "uk"),
    Mutant(
        "two readings that differ stand",
        _together(
            _set(deciding.reading_twice, "standing", _always_agree), _set(matters, "standing", _always_agree)
        ),
        "twice",
        "eu",
    ),
    Mutant("a look at the right breast answers the left", _set(examining, "_can_answer", _answers_anything), "pairs"),
    Mutant(
        "a calm report of further pictures closes by itself", _moving(ev.Read, _calm_work_up_closes), "reported"
    ),
    Mutant(
        "a 3 at screening starts a wait",
        _together(_set(findings, "status_of", _a_3_waits), _set(examining, "status_of", _a_3_waits)),
        "three_at_screening",
    ),
    Mutant(
        "a calmer report from a feed acts at once", _set(reports, "takes_away", _no_wait_for_a_person), "changed"
    ),
    Mutant(
        "a later report loses the other breast's finding", _set(reading, "renewed", _one_breast_only), "changed_of_two"
    ),
    Mutant(
        "a report of one breast, confirmed, takes the other's away",
        _set(examining, "left_out", _nothing_left_out),
        "changed_of_two",
    ),
    Mutant(
        "a withdrawn report stays her result",
        _withdrawing_nothing,
        "changed",
    ),
    Mutant("told once, told of every later result", _set(reading, "_renewed_telling", _stays_told), "changed"),
    Mutant(
        "the letter about an earlier result will do", _set(reading, "_renewed_telling", _letter_stays_sent), "changed"
    ),
    Mutant("worse news reopens no settled round", _without_facts(ev.Reopened), "changed"),
    Mutant(
        "booking is as good as coming",
        _owing_only(lambda m, e: m.kind != "attend_call_back" or _stage(e) is not VisitStage.BOOKED),
        "reaching",
    ),
    Mutant(
        "coming is as good as being examined",
        _owing_only(lambda m, e: m.kind != "attend_call_back" or _stage(e) is not VisitStage.CAME),
        "reaching",
    ),
    Mutant("a visit she cancelled stands", _moving_otherwise(ev.Cancelled, moves.cancelled, _stands), "invited"),
    Mutant("called lost after one call", _set(matters, "_ladder", _short_ladder), "reaching"),
    Mutant("called lost by whoever tried last", _deciding(st.ConfirmLost, _lost_to_anyone), "reaching"),
    Mutant("a pause holds the pathologist's report back", _pausing_too("get_pathology"), "diagnosis"),
    Mutant("a pause holds her refusal's confirmation back", _pausing_too("write_refusal"), "says_no"),
    Mutant("going on starts every clock anew", _set(loops, "_opened", _opened_anew), "says_no"),
    Mutant("opening her page does not find her", _deciding(st.OpenHerPage, _unseen), "reaching"),
    Mutant("a normal mammogram answers a symptom", _moving(ev.Read, _calm_mammogram_answers), "symptoms"),
    Mutant("a screening is put off after the examination", _deciding(st.DeferScreening, _put_off), "seen"),
    Mutant("said to be done elsewhere, it is answered", _moving(ev.OutsideClaimed, _closing), "elsewhere"),
    Mutant("once the other side has her, nothing is asked", _moving(ev.CareAcknowledged, _closing), "elsewhere"),
    Mutant(
        "once the other side has her, nothing is owed",
        _owing_only(lambda _m, e: not e.elsewhere.acknowledged),
        "elsewhere",
    ),
    Mutant(
        "calls are owed to the dead",
        _set(matters, "AFTER_DEATH", matters.AFTER_DEATH | {"reach_her", "tell_result", "book_call_back"}),
        "reaching",
    ),
    Mutant(
        "the same pictures made again answer nothing",
        _set(findings, "_repeated", _repeats_answer_nothing),
        "technical",
    ),
)  # fmt: skip

MUTANTS = (
    *(Mutant(f"nobody owes {kind}", _never_owed(kind), *where) for kind, where in DROPPED.items()),
    *_OTHERS,
)
