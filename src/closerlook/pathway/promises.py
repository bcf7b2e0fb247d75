"""The promises as plain questions about a log, a state and what a step changed; written apart from the code they hold.

You are here to see exactly what is proved. Nothing here asks `matters`, `findings` or `tissue`: what must be true is
said again from the facts, so that a mistake there cannot excuse itself.
"""

from collections.abc import Iterator, Sequence

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.events import Event, Kind, Reading, Recorded
from closerlook.pathway.loops import Loop, Protocols, open_loops
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Episode, Exam, FindingState, FindingStatus, Patient, Specimen, VisitStage
from closerlook.pathway.terms import (
    CALM,
    SUSPECT,
    URGENCY,
    Assessment,
    ExaminationKind,
    FindingKind,
    Laterality,
    Plan,
    Role,
    Tissue,
)
from closerlook.pathway.trying import Try

Broken = Iterator[tuple[str, str]]
"""(promise, what is wrong), for each that does not hold."""
SPOKEN = SUSPECT | {Assessment.INCOMPLETE_IMAGING, Assessment.INCOMPLETE_PRIORS, Assessment.PROBABLY_BENIGN}
STAYS = frozenset(
    {
        "read", "await_final", "arbitrate", "finalise_reading", "release_reading", "confirm_assessment",
        "confirm_change", "send_summary", "tell_provider", "post_document", "get_priors", "get_pathology",
        "decide_concordance", "plan_next",
        "find_owner", "pass_on_incidental", "tell_provider_diagnosis", "write_refusal", "get_outside_result",
    }
)  # fmt: skip
"""What a pause never suspends."""
ANSWER_CLOCKS = frozenset({"resolve_abnormal", "attend_call_back", "assess_workup", "get_priors", "get_pathology"})
NO_ANSWER = (
    ev.Booked, ev.Moved, ev.Cancelled, ev.Missed, ev.Attended, ev.Reminded, ev.Sending, ev.SummarySent,
    ev.ContactAttempted, ev.Invited, ev.Referred, ev.CareMoved, ev.OutsideClaimed,
)  # fmt: skip
"""Facts that answer nothing: sending, booking and coming."""
HERS = frozenset(
    {
        "tell_result", "tell_change", "tell_diagnosis", "ring_after_seen", "send_summary", "reach_her", "confirm_lost",
        "book_call_back", "attend_call_back", "book_screening", "attend_screening", "send_invitation", "invite",
        "remind", "call_her", "nurse_call", "refer", "accept_referral", "confirm_first_visit", "surveillance_visit",
        "set_next_due", "explain_wait", "arrange_biopsy", "write_refusal",
    }
)  # fmt: skip
"""What would have to be done with her or sent to her."""
WAITING = frozenset({FindingStatus.OPEN, FindingStatus.BIOPSY, FindingStatus.SAMPLED, FindingStatus.UNDECIDED})


# ---------------------------------------------------------------- of a state


def of_state(patient: Patient, log: Sequence[Recorded], loops: Sequence[Loop], protocol: Protocol) -> Broken:
    """Yield every promise that this state breaks."""
    for episode in patient.episodes.values():
        own = [loop for loop in loops if loop.episode == episode.id]
        if episode.settled is None:
            yield from _open(patient, episode, own)
        else:
            if own:
                yield "Promise 1", f"a settled round owes {own[0].kind}"
            if not _ended_by_death(patient, episode):
                yield from _settled(episode, [r.event for r in log])
        yield from _owed_for_its_facts(patient, episode, own, protocol)
    if patient.died_on is not None:
        asked = sorted({loop.kind for loop in loops} & HERS)
        if asked:
            yield "Promise 8", f"she has died, and {asked[0]} is still owed to her"
    for loop in loops:
        if loop.owner not in Role or (loop.due_at > loop.late_at and loop.rule == ""):
            yield "Promise 1", f"{loop.kind} has no owner or no due time"
    if patient.version and patient.died_on is None:
        yield from _never_forgotten(patient, loops)
        yield from _of_herself(patient, loops)


def _open(patient: Patient, episode: Episode, own: Sequence[Loop]) -> Broken:
    if not own:
        yield "Promise 1", "a round that is neither settled nor paused owes nothing"
    if episode.paused is None or patient.died_on is not None:
        return
    if not any(x.kind == "review_pause" and x.assignee == episode.paused.reviewer for x in own):
        yield "Promise 1", "a pause that nobody by name will look at again"


def _ended_by_death(patient: Patient, episode: Episode) -> bool:
    return patient.died_on is not None or (episode.settled is not None and episode.settled.outcome is ev.SettledAs.DIED)


def _settled(episode: Episode, facts: Sequence[Event]) -> Broken:
    """A settled round has an answer for everything that was asked in it."""
    facts = [e for e in facts if getattr(e, "episode", None) == episode.id]
    if episode.paused is not None:
        yield "Promise 7", "a paused round is settled"
    for finding in episode.findings.values():
        if finding.status in WAITING:
            yield "Promise 10", f"settled with a finding that is {finding.status}"
    for x in episode.exams.values():
        if x.not_hers or x.history:
            continue
        if x.result is None:
            yield "Promise 10", "settled with an examination that has no result"
        if x.reading.pending is not None:
            yield "Promise 8", "settled with a change that nobody decided on"
        if x.result is not None and x.reading.placed is None and {s.assessment for s in x.result.sides} & BY_HAND:
            yield "Promise 10", "settled with a report that nobody placed"
        yield from _answered(episode, x)
    for symptom in (e for e in facts if isinstance(e, ev.SymptomReported)):
        if not any(isinstance(e, ev.SymptomAnswered) and e.symptom == symptom.symptom for e in facts):
            yield "Promise 10", "settled with a symptom that nobody answered"
    if any(visit.stage is VisitStage.BOOKED for visit in episode.visits.values()):
        yield "Promise 1", "settled while a visit stands booked"
    yield from _settled_tissue(facts)


def _answered(episode: Episode, x: Exam) -> Broken:
    """What a result asks of a breast has an answer there: a look at that breast, tissue of it, or a person's word."""
    if x.result is None:
        return
    later = [y for y in episode.exams.values() if y.id != x.id and y.performed_at >= x.performed_at]
    for s in x.result.sides:
        if s.assessment is None or not _asks(x, s.assessment):
            continue
        of_side = [f for f in episode.findings.values() if f.side in (s.side, None) or s.side is None]
        answered = [f for f in of_side if f.tissue_at is not None or f.answered_by is not None]
        looked = [y for y in later if not y.sides or s.side is None or s.side in y.sides]
        if not answered or not (looked or any(f.tissue_at for f in answered) or x.is_workup):
            yield "Promise 10", f"settled although nothing answered the {s.assessment} of the {s.side or 'breast'}"


def _settled_tissue(facts: Sequence[Event]) -> Broken:
    """Tissue sent has a report, a report its weighing, and a cancer a woman who knows and a team that has seen her."""
    taken = [e for e in facts if isinstance(e, ev.BiopsyDone)]
    malignant = False
    for piece in taken:
        said = [
            (n, e) for n, e in enumerate(facts) if isinstance(e, ev.PathologyReported) and e.specimen == piece.specimen
        ]
        if not said:
            yield "Promise 5", "settled with tissue that was never reported"
            continue
        at, last = said[-1]
        while len(said) > 1 and said[-2][1].tissue is last.tissue:
            at, last = said[-2]
            said.pop()
        since = facts[at:]
        weighed = [e for e in since if isinstance(e, ev.ConcordanceDecided) and e.specimen == piece.specimen]
        if last.tissue is not Tissue.INSUFFICIENT and not weighed:
            yield "Promise 5", "settled with tissue that was not weighed against the pictures"
        if last.tissue is Tissue.MALIGNANT:
            malignant = True
            if not any(isinstance(e, ev.DiagnosisTold) and e.specimen == piece.specimen for e in since):
                yield "Promise 6", "settled as cancer, and she was not told"
        elif last.tissue is not Tissue.BENIGN or (weighed and not weighed[-1].concordant):
            explained = bool(weighed) and weighed[-1].concordant and last.tissue is Tissue.NORMAL_TISSUE
            if not explained and not _decided_later(facts, piece, since):
                yield (
                    "Promise 5",
                    f"settled on tissue that is {last.tissue} or does not fit, and nobody decided",
                )
    if malignant and not any(isinstance(e, ev.FirstVisitAttended) for e in facts):
        yield "Promise 6", "settled as cancer, and no team has seen her"


def _decided_later(facts: Sequence[Event], piece: ev.BiopsyDone, since: Sequence[Event]) -> bool:
    after_it = facts[facts.index(piece) + 1 :]
    more = any(isinstance(e, ev.BiopsyDone) and e.finding == piece.finding for e in after_it)
    plans = [e for e in since if isinstance(e, ev.NextPlanned) and e.finding == piece.finding]
    return more or any(e.conference and e.plan in TAKES_NO_MORE for e in plans)


TAKES_NO_MORE = frozenset({Plan.ROUTINE, Plan.SHORT_INTERVAL})


def _never_forgotten(patient: Patient, loops: Sequence[Loop]) -> Broken:
    """Whoever is known has a day, a round, a dated visit, a care team, or a recorded reason for none."""
    kinds = {loop.kind for loop in loops}
    in_care = bool(kinds & {"ask_treatment_end", "ask_care_end", "review_interval_cancer"})
    in_round = any(e.settled is None and e.paused is None for e in patient.episodes.values())
    asked = bool(kinds & {"set_next_due", "invite"})
    if not (asked or in_round or in_care or patient.invitations_ended is not None or patient.merged_into is not None):
        yield "Promise 1", "she is known and nobody will ever ask when she is due"


def _of_herself(patient: Patient, loops: Sequence[Loop]) -> Broken:
    """What she asked for, and every day that was set for her, is owed beside any round."""
    owed = {(loop.kind, loop.subject) for loop in loops}
    if patient.call_requested and ("call_her", patient.id) not in owed:
        yield "Promise 1", "she asked to be rung and nobody owes the call"
    for what in patient.requests:
        kind = {"copies": "send_copies", "notes": "read_notes"}[what]
        if (kind, patient.id) not in owed:
            yield "Promise 1", f"she asked for {what} and nobody owes it"
    for visit in patient.dated:
        if ("surveillance_visit", visit) not in owed:
            yield "Promise 1", "a day was set to look again and nobody owes that visit"


def _owed_for_its_facts(patient: Patient, episode: Episode, own: Sequence[Loop], protocol: Protocol) -> Broken:
    """What the facts alone say must be owed is owed, unless she has died or a pause holds it."""
    if patient.died_on is not None or episode.settled is not None or episode.is_history:
        return
    kinds = {loop.kind for loop in own} | {kind for e, kind, _ in patient.suspended if e == episode.id}
    about = (*_of_a_round(episode), *_of_visits(patient, episode), *_of_waiting_for_her(patient, episode, protocol))
    asked = [("Promise 1", "the round asks for it", kind) for kind in about]
    if kinds & TO_SAY and episode.contact.calls and not episode.contact.reached:
        asked.append(("Promise 7", "she was tried and not reached", "|".join(sorted(TO_REACH))))
    for x in episode.exams.values():
        if not (x.not_hers or x.history):
            asked += [("Promise 4", "an examination asks for it", kind) for kind in _of_an_examination(x, protocol)]
    for f in episode.findings.values():
        asked += [("Promise 10", f"a finding is {f.status}", kind) for kind in _of_a_finding(f, episode)]
    for s in episode.specimens.values():
        asked += [("Promise 5", "tissue asks for it", kind) for kind in _of_a_specimen(s)]
    for promise, why, kind in asked:
        if kinds.isdisjoint(kind.split("|")):
            yield promise, f"{why}, and nobody owes {kind.replace('|', ' or ')}"


def _of_a_specimen(s: Specimen) -> Iterator[str]:
    """What is owed of a specimen: its report, its weighing, the word to her and to her provider."""
    weighed = s.concordant is not None or s.tissue is Tissue.INSUFFICIENT
    if s.tissue is None:
        yield "get_pathology"
    elif not weighed:
        yield "decide_concordance"
    if weighed and not s.told:
        yield "tell_diagnosis"
    if (weighed or s.tissue is Tissue.MALIGNANT) and not s.provider_told:
        yield "tell_provider_diagnosis"


TO_SAY = frozenset({"tell_result", "tell_change", "tell_diagnosis", "ring_after_seen", "book_call_back"})
TO_REACH = frozenset({"reach_her", "confirm_lost", "tell_provider"})
"""What follows an attempt that did not reach her; before anyone calls her lost, her provider is told."""


def _stands_for(x: Exam, episode: Episode) -> Broken:
    """For every breast that a result asks something of there is a finding that waits or was answered."""
    for side, assessment in _by_side(x.result).items():
        if not _asks(x, assessment):
            continue
        of_side = [f for f in episode.findings.values() if f.side in (side, None) or side is None]
        if not any(f.status is not FindingStatus.RESOLVED or f.answered_by or f.tissue_at for f in of_side):
            yield "Promise 10", f"nothing stands for the {assessment} of the {side or 'breast'}"


def _asks(x: Exam, assessment: Assessment) -> bool:
    """Whether an assessment asks for an answer in this round; a 3 at a work-up is one."""
    if assessment is Assessment.PROBABLY_BENIGN:
        return x.kind is ExaminationKind.SCREENING
    return assessment in SUSPECT or assessment is Assessment.INCOMPLETE_IMAGING


def _of_visits(patient: Patient, episode: Episode) -> Iterator[str]:
    """A visit that stands booked is to be cancelled where nothing asks for it; else she is reminded, and it is closed.

    A suspended reminder counts as owed: a pause holds it.
    """
    statuses = {f.status for f in episode.findings.values()}
    missing = any(x.incomplete is not None for x in episode.exams.values())
    wanted = {
        ev.Purpose.SCREENING: missing if episode.examined else _is_invited(patient, episode),
        ev.Purpose.PICTURES: FindingStatus.OPEN in statuses,
        ev.Purpose.BIOPSY: FindingStatus.BIOPSY in statuses,
        ev.Purpose.RESULTS: any(not s.told for s in episode.specimens.values()),
    }
    for purpose, visit in episode.visits.items():
        if visit.stage is not VisitStage.BOOKED:
            continue
        if not wanted[purpose]:
            yield "cancel_visit"
            continue
        yield "close_visit|cancel_visit"
        if not visit.reminded:
            yield "remind|cancel_visit"


def _is_invited(patient: Patient, episode: Episode) -> bool:
    """Whether she is still to come: a dated visit stands whatever she says of invitations."""
    in_care = bool(patient.treating) or any(not c.care_ended for c in patient.cancers.values())
    uninvited = in_care or patient.invitations_ended is not None
    return episode.ended is None and (episode.answers is not None or not uninvited)


def _of_waiting_for_her(patient: Patient, episode: Episode, protocol: Protocol) -> Iterator[str]:
    """A round that began because she is due asks for her letter, her time and her coming, while she is invited."""
    if episode.due_on is None or episode.examined or not _is_invited(patient, episode):
        return
    yield "attend_screening"
    if not episode.invited:
        yield "send_invitation"
        if episode.invitation is not None:
            yield "post_invitation"
    visit = episode.visits.get(ev.Purpose.SCREENING)
    if visit is None or visit.stage is VisitStage.NONE:
        offered = visit is not None and visit.missed >= protocol.screening_visits and episode.answers is None
        yield "close_not_screened" if offered else "book_screening"


def _of_a_round(episode: Episode) -> Iterator[str]:
    """What stands in a round for itself, each with its own word for what is owed."""
    if episode.contact.said_no:
        yield "nurse_call"
    if episode.refusals:
        yield "write_refusal"
    if episode.incidentals:
        yield "pass_on_incidental"
    if any(not s.answered for s in episode.symptoms.values()):
        yield "answer_symptom"
    if episode.elsewhere.asked is not None and not episode.elsewhere.acknowledged:
        yield "await_acknowledgement"
    if episode.elsewhere.claimed is not None or episode.elsewhere.acknowledged:
        yield "get_outside_result"
    if any(x.reading.unplaced for x in episode.exams.values()):
        yield "find_owner"
    if any(x.telling.change for x in episode.exams.values()):
        yield "tell_change"
    if episode.replan and episode.open_findings():
        yield "replan"
    visit = episode.visits.get(ev.Purpose.PICTURES)
    unbooked = visit is None or visit.stage is VisitStage.NONE
    planned = [f for f in episode.open_findings() if f.planned and not f.examined_by]
    if planned and unbooked and not episode.elsewhere.acknowledged:
        yield "book_call_back"
    if planned and not episode.elsewhere.acknowledged:
        yield "attend_call_back"


BY_HAND = frozenset({Assessment.KNOWN_MALIGNANCY, Assessment.POST_PROCEDURE_MARKER})


def _of_an_examination(x: Exam, protocol: Protocol) -> Iterator[str]:
    t, r = x.telling, x.reading
    if x.result is None:
        yield "read|confirm_assessment|assess_workup|arbitrate|finalise_reading|release_reading"
        if r.preliminary is not None and r.report is None:
            yield "await_final"
        if t.hear_by_on is not None:
            yield "explain_wait"
        return
    if r.placed is None and {s.assessment for s in x.result.sides} & BY_HAND:
        yield "place_report"
    if not t.summary_sent and x.kind is not ExaminationKind.OUTSIDE_REVIEW:
        yield "send_summary"
    if not t.provider_told:
        yield "tell_provider"
    spoken = {s.assessment for s in x.result.sides} & SPOKEN
    confirmed = t.confirmed and protocol.told_by_confirmed_visit and spoken == {Assessment.INCOMPLETE_IMAGING}
    if spoken and not t.told and not confirmed:
        yield "tell_result|tell_change"
    if t.seen and not t.told and spoken & SUSPECT:
        yield "ring_after_seen"
    hers = x.kind is not ExaminationKind.OUTSIDE_REVIEW  # what was made elsewhere is no letter of ours
    if (hers and t.summary_file and not t.summary_sent) or (t.provider_file and not t.provider_told):
        yield "post_document"
    if r.pending is not None:
        yield "confirm_change"
    if x.incomplete is not None:
        yield "complete_examination"
    if r.gist is not None and r.gist.awaits_priors:
        yield "get_priors"


def _of_a_finding(f: FindingState, episode: Episode) -> Iterator[str]:
    if f.status in WAITING:
        yield "resolve_abnormal"
    if episode.elsewhere.acknowledged:
        return
    if f.status is FindingStatus.BIOPSY:
        yield "arrange_biopsy"
    elif f.status is FindingStatus.UNDECIDED:
        yield "plan_next"
    elif f.status is FindingStatus.MALIGNANT:
        if not episode.referral.attended:
            yield "tell_diagnosis|refer|accept_referral|confirm_first_visit|decide_concordance"
    elif f.status is FindingStatus.OPEN:
        if f.examined_by or f.asked_of:
            yield "assess_workup"
        if not f.planned and not f.examined_by:
            yield "plan_call_back|complete_assessment"


# ---------------------------------------------------------------- of a step


def of_step(
    t: Try,
    events: Sequence[Event],
    before: Patient,
    then: Patient,
    log: Sequence[Recorded],
    protocol: Protocol,
    protocols: Protocols,
    owed: Sequence[Loop],
) -> Broken:
    """Yield every promise that a step breaks. `log` and `owed` are as before it."""
    yield from _concluded(events, before, protocol)
    for event in events:
        yield from _told_too_soon(event, before, protocol)
        yield from _never(event, before, then)
        if isinstance(event, ev.Paused):
            yield from _paused(event, t, before, then, log, protocol)
        if isinstance(event, ev.Resumed):
            yield from _resumed(event, before, then)
        # Asked of every way to a settled round: states that look alike are met once, and their logs may differ.
        if isinstance(event, ev.Settled) and not _ended_by_death(then, then.episodes[event.episode]):
            yield from _settled(then.episodes[event.episode], [*(r.event for r in log), *events])
    yield from _taken_away_by_a_feed(t, before, then)
    yield from _closed(events, before, then)
    yield from _reopened(before, then)
    yield from _by_her(t, then)
    if events and all(isinstance(e, NO_ANSWER) for e in events):
        yield from _clocks(owed, open_loops(then, protocols, default=protocol))


def _told_too_soon(event: Event, before: Patient, protocol: Protocol) -> Broken:
    if isinstance(event, ev.ResultTold | ev.ResultSeen | ev.SummarySent | ev.ProviderTold | ev.Sending):
        found = before.exam(event.exam)
        if found is None or (found[1].result is None and not found[1].telling.change):
            yield "Promise 4", "something was told before there was a signed result"
    if isinstance(event, ev.DiagnosisTold):
        episode = before.episodes[event.episode]
        specimen = episode.specimens[event.specimen]
        weighed = specimen.concordant is not None or specimen.tissue is Tissue.INSUFFICIENT
        if not weighed and not (specimen.tissue is Tissue.MALIGNANT and protocol.diagnosis_after == "pathology"):
            yield "Promise 4", "what tissue showed was told before it was known"


def _concluded(events: Sequence[Event], before: Patient, protocol: Protocol) -> Broken:
    """Where two read, a reading made here is a result only if two agree, or a third person decided."""
    decided = any(isinstance(e, ev.Arbitrated) for e in events)
    for event in events:
        found = before.exam(event.exam) if isinstance(event, ev.Read) and protocol.reading == "double" else None
        if found is None or not isinstance(event, ev.Read) or found[1].kind not in TWICE:
            continue
        if (event.reading.reader or "dr-outside").startswith("dr-outside"):
            continue
        region = found[1].reading
        read = [o.reading for o in region.opinions] + [a.reading for a in region.ai if protocol.ai_counts]
        if len(read) < 2:
            yield "Promise 4", "one reading alone became a result"
        elif not decided and len({r.assessments <= CALM for r in read}) > 1:
            yield "Promise 4", "two readings that differ became a result, and nobody decided between them"


def _never(event: Event, before: Patient, then: Patient) -> Broken:
    """What no step may do, whoever takes it."""
    if isinstance(event, ev.Deferred) and before.episodes[event.episode].examined:
        yield "Promise 8", "a work-up was put off as if it were a screening"
    if isinstance(event, ev.ReportWithdrawn):
        found = then.exam(event.exam)
        if found is not None and found[1].result is not None:
            yield "Promise 8", "a withdrawn report is still her result"
    if isinstance(event, ev.ReportAmended | ev.ChangeConfirmed | ev.AssessmentConfirmed):
        yield from _another_result(event, before, then)
    if isinstance(event, ev.PathologyReported):
        known = before.episodes[event.episode].specimens.get(event.specimen)
        left = then.episodes[event.episode].specimens.get(event.specimen)
        other = known is not None and left is not None and known.tissue is not left.tissue
        if other and left is not None and (left.told or left.provider_told or left.concordant is not None):
            yield "Promise 8", "a pathologist's other word counts as weighed or told already"
    if isinstance(event, ev.Cancelled | ev.Missed):
        visit = then.episodes[event.episode].visits[event.purpose]
        if visit.stage is not VisitStage.NONE:
            yield "Promise 11", "a visit that was cancelled or missed still stands"
    if isinstance(event, ev.ExaminationPerformed) and event.kind is ExaminationKind.TECHNICAL_REPEAT:
        yield from _made_again(event, before.episodes[event.episode], then.episodes[event.episode])


def _another_result(event: ev.ExamEvent, before: Patient, then: Patient) -> Broken:
    """A result that says something else is told and written anew, and silence about a breast takes nothing away."""
    was, now = before.exam(event.exam), then.exam(event.exam)
    if was is None or now is None:
        return
    yield from _stands_for(now[1], now[0])
    known, said, telling = _by_side(was[1].result), _by_side(now[1].result), now[1].telling
    if known != said and telling.told and set(said.values()) & SPOKEN:
        yield "Promise 8", "she counts as told of a result that is another now"
    if known != said and (telling.summary_sent or telling.provider_told):
        yield "Promise 8", "a letter about an earlier result counts for the one that is another now"
    for side, assessment in known.items():
        if said and _asks(was[1], assessment) and not {side, None} & said.keys():
            yield "Promise 8", f"a later report is silent about the {side or 'breast'} that was asked about before"


def _made_again(event: ev.ExaminationPerformed, before: Episode, then: Episode) -> Broken:
    waiting = (f for f in before.open_findings() if _repeats(event, f))
    if any(then.findings[f.id].status is FindingStatus.OPEN for f in waiting):
        yield "Promise 10", "the same pictures were made again, and what was wrong with the first still waits"


TWICE = frozenset({ExaminationKind.SCREENING, ExaminationKind.TECHNICAL_REPEAT})


def _paused(
    event: ev.Paused, t: Try, before: Patient, then: Patient, log: Sequence[Recorded], protocol: Protocol
) -> Broken:
    episode = before.episodes[event.episode]
    gone = before.owed.keys() - then.owed.keys() - then.suspended.keys()
    dropped = {k for k in gone if k[0] == episode.id and k[1] not in SPOKEN_WITH}
    if dropped:
        yield "Promise 1", f"a pause closed {sorted(k[1] for k in dropped)[0]}"
    held = {kind for e, kind, _ in then.suspended if e == episode.id} & STAYS
    if held:
        yield "Promise 1", f"a pause suspended {sorted(held)[0]}, which does not need her"
    if event.reason is ev.PauseReason.LOST:
        yield from _lost(episode, t, log, before, protocol)


SPOKEN_WITH = frozenset({"reach_her", "confirm_lost", "nurse_call"})
"""What an informed refusal answers: whoever refuses was spoken with."""


def _lost(episode: Episode, t: Try, log: Sequence[Recorded], before: Patient, protocol: Protocol) -> Broken:
    tried = episode.contact.attempts
    ways = {a.channel for a in tried}
    rungs = {r.channel for r in protocol.ladder if r.channel not in before.wishes.not_by and not r.only}
    if not rungs <= ways:
        yield "Promise 7", "called lost before every way to reach her was tried"
    calls = sum(r.after is None for r in protocol.ladder) + 1
    if ev.Channel.PHONE not in before.wishes.not_by and sum(a.channel is ev.Channel.PHONE for a in tried) < calls:
        yield "Promise 7", "called lost before she was rung as often as the ladder says"
    last = [r for r in log if isinstance(r.event, ev.ContactAttempted) and r.event.episode == episode.id]
    if last and last[-1].actor.id == t.actor.id:
        yield "Promise 7", "called lost by the person who tried last"
    if episode.is_suspect and t.actor.kind is Kind.STAFF and not {"clinician", "radiologist"} & set(t.actor.roles):
        yield "Promise 7", "a suspicious result called lost by no physician"


def _resumed(event: ev.Resumed, before: Patient, then: Patient) -> Broken:
    for key, held in before.suspended.items():
        if key[0] == event.episode and key in then.owed:
            if then.owed[key].first_at != held.first_at:
                yield "Promise 1", f"{key[1]} lost its first clock in a pause"
            if then.owed[key].seq <= held.seq:
                yield "Promise 1", f"{key[1]} has its old key after a pause"


def _taken_away_by_a_feed(t: Try, before: Patient, then: Patient) -> Broken:
    """No message makes a result calmer, or takes what waits for an answer away: a radiologist confirms that."""
    if t.actor.kind is not Kind.FEED:
        return
    for episode in before.episodes.values():
        for x in episode.exams.values():
            after_it = then.episodes[episode.id].exams.get(x.id)
            if x.result is None or after_it is None:
                continue
            was, now = _by_side(x.result), _by_side(after_it.result)
            for side, assessment in was.items():
                if assessment in CALM or assessment is Assessment.INCOMPLETE_PRIORS:
                    continue
                if side not in now or URGENCY[now[side]] > URGENCY[assessment]:
                    yield "Promise 8", f"a report by itself made the {side or 'breast'} calmer than {assessment}"


def _by_side(reading: Reading | None) -> dict[Laterality | None, Assessment]:
    if reading is None:
        return {}
    return {s.side: s.assessment for s in reading.sides if s.assessment is not None}


CLOSES_FINDINGS = (
    ev.WorkupAssessed, ev.NoTissueNeeded, ev.ConcordanceDecided, ev.NextPlanned, ev.PathologyReported,
    ev.BiopsyNotPossible, ev.HistoryReviewed, ev.ReportWithdrawn, ev.ChangeConfirmed, ev.EnteredInError,
    ev.AssessmentConfirmed,
)  # fmt: skip
"""The only facts by which a finding may stop waiting; a report of its own examination is the other way."""


def _closed(events: Sequence[Event], before: Patient, then: Patient) -> Broken:
    for episode in before.episodes.values():
        for f in episode.findings.values():
            now = then.episodes[episode.id].findings.get(f.id)
            if f.status not in WAITING or (now is not None and now.status in WAITING):
                continue
            yield from _closed_rightly(f, episode, events)
        for symptom in episode.symptoms.values():
            answered = then.episodes[episode.id].symptoms[symptom.id].answered
            if answered and not symptom.answered:
                right = any(isinstance(e, ev.SymptomAnswered) and e.symptom == symptom.id for e in events)
                if not right:
                    yield "Promise 10", "a symptom was answered by something else"


def _closed_rightly(f: FindingState, episode: Episode, events: Sequence[Event]) -> Broken:
    for e in events:
        if isinstance(e, ev.ExaminationPerformed) and _repeats(e, f):
            return
        if isinstance(e, ev.WorkupAssessed) and any(a.finding == f.id for a in e.answers):
            exam = episode.exams.get(e.exam)
            if exam is not None and exam.sides and f.side is not None and f.side not in exam.sides:
                yield "Promise 10", f"pictures of the other breast closed a finding of the {f.side} one"
            return
        if isinstance(e, ev.Read | ev.ReportAmended) and e.exam == f.exam:
            return
        if isinstance(e, CLOSES_FINDINGS) and not isinstance(e, ev.WorkupAssessed):
            return
    yield "Promise 10", f"a finding of the {f.side or 'breast'} closed by nothing that addressed it"


def _repeats(e: ev.ExaminationPerformed, f: FindingState) -> bool:
    technical = e.kind is ExaminationKind.TECHNICAL_REPEAT and f.kind is FindingKind.TECHNICAL
    return technical and (f.side is None or f.side in e.sides)


def _reopened(before: Patient, then: Patient) -> Broken:
    for episode in before.episodes.values():
        now = then.episodes.get(episode.id)
        if now is None or episode.settled is None or now.settled is not None:
            continue
        if not any(e == episode.id for e, _, _ in then.owed):
            yield "Promise 8", "a settled round was reopened and owes nothing"


def of_nothing(t: Try, patient: Patient) -> Broken:
    """Yield what is broken where a try changes nothing: she was in contact, and nobody took notice."""
    yield from _by_her(t, patient)


def _by_her(t: Try, then: Patient) -> Broken:
    """Whatever comes from her shows that she is not lost."""
    hers = t.actor.kind is Kind.PATIENT or isinstance(t.step, st.RecordAttended | st.RecordChangedMind | st.BookVisit)
    if not hers or isinstance(t.step, st.SetWishes | st.ResumeInvitations | st.KnowPriors):
        return
    for episode in then.episodes.values():
        if episode.settled is None and episode.paused is not None and episode.paused.reason is ev.PauseReason.LOST:
            about = getattr(t.step, "episode", episode.id)
            if about == episode.id:
                yield "Promise 7", "she was in contact and is still called lost"


def _clocks(owed: Sequence[Loop], now: Sequence[Loop]) -> Broken:
    clocks = {(x.kind, x.subject): (x.due_at, x.late_at) for x in owed if x.kind in ANSWER_CLOCKS}
    after_it = {(x.kind, x.subject): (x.due_at, x.late_at) for x in now if x.kind in ANSWER_CLOCKS}
    for key, moments in clocks.items():
        if key not in after_it:
            yield "Promise 11", f"{key[0]} closed by something that answers nothing"
        elif after_it[key] != moments:
            yield "Promise 11", f"the clock of {key[0]} moved by something that answers nothing"
