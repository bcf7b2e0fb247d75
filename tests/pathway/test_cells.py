"""Every fact against every region: written down by what the fact means, and held against what the fold does."""

from typing import Any

import pytest
from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.events import Event, Recorded
from closerlook.pathway.patient import TOUCHES, Region, evolve
from closerlook.pathway.regions import (
    DatedVisit,
    Elsewhere,
    IntervalCancer,
    Patient,
    ReadingRegion,
    Referral,
    Specimen,
    TellingRegion,
    Visit,
    VisitStage,
)
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, FindingKind, NeedsPerson, Plan, ReportStatus, Sampling, Tissue
from tests.pathway.story import (
    BOTH,
    DAY,
    FEED,
    FRONT_DESK,
    HERSELF,
    LEFT,
    MONDAY,
    RADIOLOGIST,
    TECHNOLOGIST,
    US,
    WORKER,
    Story,
    called_back,
    sides,
)

R = Region
ROUND, READING, TELLING, FINDINGS, VISIT, CONTACT, STANDING = (
    R.ROUND, R.READING, R.TELLING, R.FINDINGS, R.VISIT, R.CONTACT, R.STANDING,
)  # fmt: skip
NEWS = {READING, TELLING, FINDINGS, CONTACT}
"""A report may change the result: then she is told anew, the findings are others, and reaching her begins anew."""

MEANT: dict[type[Event], set[Region]] = {
    ev.Enrolled: set(),
    ev.RoundOpened: {ROUND, R.HERSELF},  # it may answer a dated visit of hers
    # Pictures look at findings, end the visit, are a new look at an old plan, and undo an ending without them.
    ev.ExaminationPerformed: {ROUND, R.INVITATION, FINDINGS, R.CALL_BACK, VISIT},
    ev.Read: NEWS,
    ev.ReportAmended: NEWS,
    ev.ChangeConfirmed: NEWS,
    ev.ReportWithdrawn: NEWS | {ROUND, R.HERSELF},  # the examination may go, and the visit it answered come back
    ev.AssessmentConfirmed: NEWS,
    ev.ReportPlaced: {READING},
    ev.WaitExplained: {TELLING},
    ev.Sending: {TELLING},
    ev.SummarySent: {TELLING},
    ev.SummaryReturned: {TELLING},
    ev.ResultTold: {TELLING, CONTACT},  # whoever was spoken with was reached
    ev.ResultSeen: {TELLING},
    ev.ProviderTold: {TELLING},
    ev.CallBackDecided: {R.CALL_BACK, FINDINGS},
    ev.ContactAttempted: {CONTACT},
    ev.LadderRestarted: {CONTACT},
    ev.CallRequested: {R.HERSELF},
    ev.SpokenWith: {R.HERSELF},
    ev.RequestMade: {R.HERSELF},
    ev.RequestMet: {R.HERSELF},
    ev.SaidNoToday: {CONTACT},
    ev.Declined: {CONTACT, STANDING},  # it is confirmed in writing
    ev.ChangedMind: {CONTACT},
    ev.Booked: {VISIT, CONTACT, TELLING},  # one she confirms herself counts as told, where the protocol says so
    ev.Moved: {VISIT},
    ev.Cancelled: {VISIT, CONTACT},
    ev.Missed: {VISIT, CONTACT},
    ev.Attended: {VISIT},
    ev.WorkupAssessed: {FINDINGS, VISIT},
    ev.PriorsRequested: {R.PRIORS},
    ev.PriorsReceived: {R.PRIORS},
    ev.PriorsUnavailable: {R.PRIORS},
    ev.SymptomReported: {R.SYMPTOMS},
    ev.SymptomAnswered: {R.SYMPTOMS},
    ev.SurveillancePlanned: {R.HERSELF},
    ev.SurveillanceEnded: {R.HERSELF},
    ev.Paused: {STANDING},
    ev.PauseReviewed: {STANDING},
    ev.Resumed: {STANDING, CONTACT},
    ev.HistoryReviewed: {ROUND, FINDINGS},
    ev.OwnerChanged: {ROUND},
    ev.Escalated: {R.HERSELF},
    ev.Died: {R.HERSELF},
    ev.Settled: {STANDING, R.HERSELF},  # a cancer is treated beyond its round
    ev.Reopened: {STANDING, R.HERSELF},
    ev.NextDueSet: {R.HERSELF},
    ev.EnteredInError: set(),
    # Before the examination.
    ev.Reminded: {VISIT},
    ev.InvitationPrepared: {R.INVITATION},
    ev.Invited: {R.INVITATION},
    ev.NotScreened: {R.INVITATION},
    ev.Deferred: {R.INVITATION},
    ev.InvitationsEnded: {R.HERSELF},
    ev.InvitationsResumed: {R.HERSELF},
    # Examined and read.
    ev.ExaminationIncomplete: {ROUND, TELLING},  # what was said of the whole is put right
    ev.ExaminationAccepted: {ROUND, TELLING},  # a paper that says pictures are missing is printed anew
    ev.Opinion: {READING},  # two opinions are not a result: nothing is renewed by one
    ev.AIRead: {READING},
    ev.ReadingDeferred: {READING},
    ev.ReadingReleased: {READING},
    ev.Arbitrated: set(),  # the Read beside it is what counts
    ev.PriorsKnown: {R.PRIORS},
    ev.WithdrawnPlaced: {READING},
    ev.IncidentalFound: {R.BESIDE},
    ev.IncidentalPassedOn: {R.BESIDE},
    # Tissue moves its finding with it.
    ev.BiopsyDone: {R.TISSUE, FINDINGS, VISIT},
    ev.NoTissueNeeded: {FINDINGS, VISIT},
    ev.BiopsyNotPossible: {FINDINGS, VISIT},
    ev.PathologyReported: {R.TISSUE, FINDINGS, CONTACT},  # another matter to reach her about
    ev.ConcordanceDecided: {R.TISSUE, FINDINGS},
    ev.NextPlanned: {FINDINGS},
    ev.DiagnosisTold: {R.TISSUE, VISIT, CONTACT},
    ev.DiagnosisProviderTold: {R.TISSUE},
    ev.Referred: {R.REFERRAL},
    ev.ReferralAccepted: {R.REFERRAL},
    ev.FirstVisitMissed: {R.REFERRAL},
    ev.FirstVisitAttended: {R.REFERRAL},
    ev.TreatmentEnded: {R.HERSELF},
    # Care elsewhere, refusals, other rules.
    ev.RefusalWritten: {STANDING},
    ev.OutsideClaimed: {R.ELSEWHERE},
    ev.CareMoved: {R.ELSEWHERE},
    ev.CareAcknowledged: {R.ELSEWHERE},
    ev.CareTakenBack: {R.ELSEWHERE},
    ev.OutsideResultReceived: {R.ELSEWHERE},
    ev.ProtocolMoved: {ROUND},
    ev.WishesSet: {R.HERSELF},
    ev.AnatomyRecorded: {R.HERSELF},
    ev.IntervalCancerKnown: {R.HERSELF},
    ev.IntervalCancerReviewed: {R.HERSELF},
    ev.CareEnded: {R.HERSELF},
    ev.MergedInto: {R.HERSELF},
    ev.Absorbed: {R.HERSELF},
    ev.Unmerged: {R.HERSELF},
    ev.CallTried: {R.HERSELF},
    ev.BarrierNoted: {R.HERSELF},
}
MAY_TOUCH: dict[type[Event], set[Region]] = {
    # The table says of all facts about tissue that they touch findings; that she or her doctor was told moves none.
    ev.DiagnosisTold: {FINDINGS},
    ev.DiagnosisProviderTold: {FINDINGS},
    # What no tissue decides leaves the specimens as they are.
    ev.NoTissueNeeded: {R.TISSUE},
    ev.BiopsyNotPossible: {R.TISSUE},
    ev.NextPlanned: {R.TISSUE},
}
"""What the table names for a fact beyond what it moves."""

X, F, NOW = "e1.x2", "e1.x2.left", MONDAY
FINAL = ev.Reading(ReportStatus.CORRECTED, reported_at=NOW, sides=sides(A.SUSPICIOUS, A.BENIGN))


def examples() -> list[Event]:
    """One of every fact, such that it does move what it is meant to move in `a_busy_round`."""
    here: dict[str, Any] = {"occurred_at": NOW, "episode": "e1"}
    exam: dict[str, Any] = {**here, "exam": X}
    at: dict[str, Any] = {"occurred_at": NOW}
    return [
        ev.Enrolled(**at),
        ev.RoundOpened(**at, episode="e99", site="main", reason=ev.RoundReason.SURVEILLANCE, answers="e1.s6"),
        ev.ExaminationPerformed(
            occurred_at=NOW + 9 * DAY, episode="e1", exam="e1.x90", kind=ExaminationKind.ULTRASOUND, sides=BOTH
        ),
        ev.Read(**exam, reading=FINAL),
        ev.ReportAmended(**exam, reading=FINAL, adds=True),
        ev.ChangeConfirmed(**exam, accepted=True, sides=FINAL.sides),
        ev.ReportWithdrawn(**exam, reason="not hers", examination_hers=False),
        ev.AssessmentConfirmed(**exam, sides=FINAL.sides),
        ev.ReportPlaced(**exam, outcome="elsewhere"),
        ev.WaitExplained(**exam, hear_by_on=US.calendar.on(NOW)),
        ev.Sending(**exam, document=ev.Document.SUMMARY, file="other"),
        ev.SummarySent(**exam, proof="posted"),
        ev.SummaryReturned(**exam, reason="unknown"),
        ev.ResultTold(**exam, channel=ev.Channel.PHONE),
        ev.ResultSeen(**exam),
        ev.ProviderTold(**exam, proof="fax"),
        ev.CallBackDecided(**exam, sides=(LEFT,), ultrasound=True),
        ev.ContactAttempted(**here, channel=ev.Channel.PHONE, outcome=ev.Outcome.VOICEMAIL),
        ev.LadderRestarted(**here, reason="not all tried"),
        ev.CallRequested(**at),
        ev.SpokenWith(**at, channel=ev.Channel.PHONE),
        ev.RequestMade(**at, what=ev.Request.COPIES),
        ev.RequestMet(**at, what=ev.Request.NOTES, proof="read"),
        ev.SaidNoToday(**here),
        ev.Declined(**here, what="pictures"),
        ev.ChangedMind(**here),
        ev.Booked(**here, starts_at=NOW, place="Hill", confirmed_by_her=True),
        ev.Moved(**here, starts_at=NOW, place="Valley"),
        ev.Cancelled(**here, by_her=True),
        ev.Missed(**here),
        ev.Attended(**here),
        ev.WorkupAssessed(**exam, answers=(ev.FindingAnswer(F, A.BENIGN),)),
        ev.PriorsRequested(**here, source="Elsewhere"),
        ev.PriorsReceived(**here, source="Elsewhere"),
        ev.PriorsUnavailable(**here, reason="lost"),
        ev.SymptomReported(**here, symptom="e1.y99", what="pain"),
        ev.SymptomAnswered(**here, symptom="e1.y1", answer="cyst"),
        ev.SurveillanceEnded(**here, answered_by="e2"),
        ev.SurveillancePlanned(**here, visit="e1.s12", due_on=US.calendar.on(NOW), months=12),
        ev.Paused(**here, reason=ev.PauseReason.LOST, review_on=US.calendar.on(NOW), reviewer="u9"),
        ev.PauseReviewed(**here, review_on=US.calendar.on(NOW), note="later"),
        ev.Resumed(**here),
        ev.HistoryReviewed(**here, follow_up=False, note="old"),
        ev.OwnerChanged(**here, owner="u1"),
        ev.Escalated(**at, kind="read", subject=X, opened_seq=1, rung=1, to="lead"),
        ev.Died(**at, died_on=US.calendar.on(NOW)),
        ev.Settled(**here, outcome=ev.SettledAs.CANCER),
        ev.Reopened(**here),
        ev.NextDueSet(**at, due_on=US.calendar.on(NOW), why="guideline"),
        ev.EnteredInError(**at, seqs=(1,), reason="wrong"),
        ev.Reminded(**here, purpose=ev.Purpose.PICTURES, channel=ev.Channel.TEXT),
        ev.InvitationPrepared(**here, file="f"),
        ev.Invited(**here, proof="posted"),
        ev.NotScreened(**here, proof="posted"),
        ev.Deferred(**here, until=US.calendar.on(NOW), reason="pregnant"),
        ev.InvitationsEnded(**at, reason=ev.EndedFor.OPTED_OUT, proof="letter"),
        ev.InvitationsResumed(**at),
        ev.ExaminationIncomplete(**exam, reason="she felt faint", missing=(LEFT,)),
        ev.ExaminationAccepted(**exam, reason="the best to be had"),
        ev.Opinion(**exam, reading=FINAL, reader="u1"),
        ev.AIRead(**exam, reading=FINAL, system="ai"),
        ev.ReadingDeferred(**exam, reason="older pictures", release_by="u1"),
        ev.ReadingReleased(**exam),
        ev.Arbitrated(**exam, reading=FINAL, reader="u3"),
        ev.PriorsKnown(**here, source="Elsewhere"),
        ev.WithdrawnPlaced(**exam, outcome="filed where it belongs"),
        ev.IncidentalFound(**here, incidental="e1.i99", what="node in the armpit"),
        ev.IncidentalPassedOn(**here, incidental="e1.i1", to="her doctor", proof="rang"),
        ev.BiopsyDone(**here, specimen="e1.t99", finding=F, method=Sampling.CORE),
        ev.NoTissueNeeded(**here, finding=F, why="a cyst, aspirated"),
        ev.BiopsyNotPossible(**here, finding=F, why="too deep", plan=Plan.EXCISION),
        ev.PathologyReported(**here, specimen="e1.t1", tissue=Tissue.MALIGNANT),
        ev.ConcordanceDecided(**here, specimen="e1.t1", concordant=False),
        ev.NextPlanned(**here, finding=F, plan=Plan.EXCISION),
        ev.DiagnosisTold(**here, specimen="e1.t1", channel=ev.Channel.IN_PERSON),
        ev.DiagnosisProviderTold(**here, specimen="e1.t1", proof="letter"),
        ev.Referred(**here, team="Valley surgeons"),
        ev.ReferralAccepted(**here, first_visit_on=US.calendar.on(NOW)),
        ev.FirstVisitMissed(**here),
        ev.FirstVisitAttended(**here),
        ev.TreatmentEnded(**here),
        ev.RefusalWritten(**here, to=ev.Addressee.HER, proof="posted"),
        ev.OutsideClaimed(**here, source="Elsewhere"),
        ev.CareMoved(**here, to="Elsewhere"),
        ev.CareAcknowledged(**here, proof="letter"),
        ev.CareTakenBack(**here, reason="not known there"),
        ev.OutsideResultReceived(**here, source="Elsewhere", exam="e1.x77"),
        ev.ProtocolMoved(**here, protocol="other", reason="new rules"),
        ev.WishesSet(**at, wishes=ev.Wishes(interpreter="pl")),
        ev.AnatomyRecorded(**at, anatomy=ev.Anatomy(absent=(LEFT,))),
        ev.IntervalCancerKnown(**at, cancer="p1.c99", found_on=US.calendar.on(NOW)),
        ev.IntervalCancerReviewed(**at, cancer="p1.c1", outcome="not to be seen"),
        ev.CareEnded(**at, cancer="p1.c1"),
        ev.MergedInto(**at, survivor="p2"),
        ev.Absorbed(**at, retired="p3"),
        ev.Unmerged(**at, other="p4"),
        ev.CallTried(**at, outcome=ev.Outcome.NO_ANSWER),
        ev.BarrierNoted(**at, barrier=ev.Barrier.TRANSPORT, arranged="a taxi"),
    ]


def states() -> list[Patient]:
    """Rounds at many stages, so that every fact has something to move in one of them."""
    told, unread, unclear, busy = called_back(), Story(), Story(), called_back()
    unread.examined()
    exam = unclear.examined()
    unclear.report(exam, unclear.reading((), needs_person=(NeedsPerson.NO_CATEGORY,)))
    busy.examined(ExaminationKind.DIAGNOSTIC, (LEFT,), episode="e1")
    waiting = called_back()
    waiting.amended(X, A.NEGATIVE)
    paused = called_back().declined()
    untold = Story()
    untold.reported(A.INCOMPLETE_IMAGING)
    marked = Story()
    marked.reported(A.BENIGN, kind=ExaminationKind.MARKER)
    told.take(st.AskForCall(), HERSELF)
    told.take(st.AskFor(what=ev.Request.NOTES), HERSELF)
    settled = Story()
    settled.posted(settled.reported(A.NEGATIVE))
    settled.take(st.EndInvitations(reason=ev.EndedFor.OPTED_OUT, proof="letter"), FRONT_DESK)
    held = Story()
    held.take(st.DeferReading(exam=held.examined(), reason="older pictures", release_by="u1"), RADIOLOGIST)
    gap = Story()
    gap.take(st.RecordIncomplete(exam=gap.examined(), reason="she felt faint", missing=(LEFT,)), TECHNOLOGIST)
    part = Story()
    read_in_part = part.reported(A.NEGATIVE)
    part.take(st.RecordIncomplete(exam=read_in_part, reason="she felt faint", missing=(LEFT,)), TECHNOLOGIST)
    part.take(st.PrepareDocument(exam=read_in_part, document=ev.Document.SUMMARY, file="part.html"), WORKER)
    withdrawn = Story()
    gone = withdrawn.reported(A.NEGATIVE)
    withdrawn.take(st.WithdrawReport(exam=gone, reason="not hers", examination_hers=True), RADIOLOGIST)
    stories = (told, unread, unclear, busy, waiting, paused, untold, marked, settled, held, gap, part, withdrawn)
    here = [dated(her.patient) for her in stories] + [dated(old_round())]
    return [*here, *(in_care(patient) for patient in here)]


def in_care(patient: Patient) -> Patient:
    """Further on: her visits for tissue and results are booked, tissue was reported, a team expects her, she is
    treated, her earlier plan is old, and her round had ended without pictures."""
    episode = patient.episodes["e1"]
    visits = {purpose: Visit(VisitStage.BOOKED, NOW, "Hill") for purpose in ev.Purpose}
    moved = replace(
        episode,
        visits=visits,
        replan=True,
        ended=ev.SettledAs.NOT_SCREENED,
        specimens={"e1.t1": Specimen("e1.t1", F, Sampling.CORE, NOW, tissue=Tissue.BENIGN, concordant=True)},
        referral=Referral(team="Hill surgeons", first_visit_on=US.calendar.on(NOW)),
        elsewhere=Elsewhere(claimed="Hill", asked="Hill"),
        refusals=(ev.Addressee.HER,),
        incidentals={"e1.i1": "node in the armpit"},
    )
    known = IntervalCancer("p1.c1", US.calendar.on(NOW), NOW)
    return replace(
        patient,
        episodes={"e1": moved},
        treating={"e1": NOW},
        cancers={"p1.c1": known},
        next_due=ev.NextDueSet(occurred_at=NOW, due_on=US.calendar.on(NOW), why="guideline"),
        merged_into="p4",
    )


def old_round() -> Patient:
    her = Story()
    her.reported(A.INCOMPLETE_IMAGING, history=True)
    return her.patient


def dated(patient: Patient) -> Patient:
    """A dated visit is planned; one planned before was answered by this round; a symptom was told."""
    planned = ev.SurveillancePlanned(occurred_at=NOW, episode="e1", visit="e1.s6", due_on=US.calendar.on(NOW), months=6)
    lump = ev.SymptomReported(occurred_at=NOW, episode="e1", symptom="e1.y1", what="lump")
    patient = evolve(evolve(patient, record(planned)), record(lump))
    answered = DatedVisit("e0.s6", "e0", US.calendar.on(NOW), 6)
    return replace(patient, came_for={"e1": answered})


def record(event: Event) -> Recorded:
    return Recorded(500, 500, NOW, US.hash, event, HERSELF)


def parts(patient: Patient) -> dict[Region, object]:
    """Return the state of a one-round patient cut into its regions."""
    e = patient.episodes["e1"]
    # What came from elsewhere is said of an examination, and belongs to its own region.
    bare = {
        x.id: replace(x, reading=ReadingRegion(), telling=TellingRegion(), history=False, outside=None)
        for x in e.exams.values()
    }
    about = (e.id, e.opened_at, e.protocol, e.site, e.reason, e.answers, e.history_reviewed, e.followed_up)
    p = patient
    return {
        ROUND: (about, e.owner, e.cover, bare),
        READING: {x.id: x.reading for x in e.exams.values() if x.reading != ReadingRegion()},
        # Whether an examination is history says whether its result is told.
        TELLING: {x.id: (x.telling, x.history) for x in e.exams.values() if x.telling != TellingRegion()},
        FINDINGS: e.findings,
        R.SYMPTOMS: e.symptoms,
        R.CALL_BACK: (e.plan, e.replan),
        R.INVITATION: (e.due_on, e.invitation, e.invited, e.ended),
        R.TISSUE: e.specimens,
        R.REFERRAL: e.referral,
        R.BESIDE: e.incidentals,
        R.ELSEWHERE: (e.elsewhere, {x.id: x.outside for x in e.exams.values() if x.outside}),
        VISIT: e.visits,
        CONTACT: e.contact,
        R.PRIORS: e.priors,
        STANDING: (e.paused, e.settled, e.refusals),
        R.HERSELF: (
            (p.dated, p.came_for, p.call_requested, p.died_on, p.next_due, p.escalated, p.invitations_ended),
            (p.treating, p.cancers, p.wishes, p.anatomy, p.merged_into, p.absorbed, p.around, p.requests),
            (p.call_at, p.calls_tried, p.barriers),
        ),
    }


def moved_by(event: Event, patient: Patient) -> set[Region]:
    after = evolve(patient, record(event))
    first, then = parts(patient), parts(after)
    moved = {region for region in Region if first[region] != then[region]}
    return moved | ({ROUND} if after.episodes.keys() - patient.episodes.keys() else set())


def test_every_fact_has_its_row() -> None:
    assert set(MEANT) == set(ev.PATIENT_FACTS)
    assert {type(e) for e in examples()} == set(ev.PATIENT_FACTS)
    assert set(ev.FACTS) == set(ev.PATIENT_FACTS) | set(ev.MESSAGE_FACTS) | set(ev.PROGRAMME_FACTS)


def test_every_region_is_moved_by_some_fact_and_looked_at_here() -> None:
    assert set().union(*MEANT.values()) == set(Region) == parts(called_back().patient).keys()


def test_the_table_in_the_code_says_what_is_meant() -> None:
    assert {fact: set(regions) for fact, regions in TOUCHES.items()} == {
        fact: regions | MAY_TOUCH.get(fact, set()) for fact, regions in MEANT.items()
    }


@pytest.mark.parametrize("event", examples(), ids=lambda e: type(e).__name__)
def test_a_fact_moves_the_regions_it_is_meant_to_and_no_other(event: Event) -> None:
    moved: set[Region] = set()
    for patient in states():
        here = moved_by(event, patient)
        assert here <= MEANT[type(event)], "it moved what it is not meant to"
        moved |= here
    assert moved == MEANT[type(event)], "it never moved what it is meant to"


def test_facts_that_move_an_episode_are_facts_about_one() -> None:
    about_a_round = {fact for fact, regions in TOUCHES.items() if set(regions) - {R.HERSELF}}
    assert about_a_round
    assert all(issubclass(fact, ev.EpisodeEvent) for fact in about_a_round)


def test_a_fact_about_a_round_never_opened_stops() -> None:
    event = ev.Booked(occurred_at=NOW, episode="e7", starts_at=NOW, place="Hill")
    with pytest.raises(AssertionError, match="never opened"):
        evolve(Patient("p1"), record(event))


def test_a_report_about_an_examination_that_is_gone_moves_nothing() -> None:
    her = Story()
    her.reported(A.NEGATIVE)
    event = ev.Read(occurred_at=NOW, episode="e1", exam="e1.x77", reading=FINAL)
    after = evolve(her.patient, Recorded(9, 9, NOW, US.hash, event, FEED))
    assert after.episodes == her.patient.episodes


def test_kinds_of_finding_keep_their_code() -> None:
    her = Story()
    exam = her.examined()
    coded = (ev.Finding("f1", FindingKind.CALCIFICATIONS, LEFT),)
    her.report(exam, her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), findings=coded))
    assert [f.kind for f in her.episode.findings.values()] == [FindingKind.CALCIFICATIONS]
