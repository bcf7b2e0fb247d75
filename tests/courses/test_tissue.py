"""Tissue: taken, reported, weighed against the pictures, told; and on to a care team where it is cancer."""

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import FindingKind, Plan, Recommendation, Sampling, Tissue
from tests.courses.course import BIOPSY, DIAGNOSTIC, MRI, RESULTS, TOLD, answer, looked_at, owed, planned, seen_by_team
from tests.pathway.story import (
    BOTH,
    CLINICIAN,
    COORDINATOR,
    DAY,
    LEFT,
    NAVIGATOR,
    NURSE,
    RADIOLOGIST,
    RIGHT,
    UK,
    Story,
    called_back,
    diagnosed,
    reported_tissue,
    sides,
    to_sample,
    worked_up,
)

F = "e1.x2.left"
CONFERENCE = ("dr-radiology", "dr-pathology", "dr-surgery")


def test_a_biopsy_showed_benign_tissue_that_explains_the_pictures() -> None:
    """Her biopsy is booked; she comes, tissue is taken and a marker left. The pathologist finds a fibroadenoma. The
    radiologist says that this is what the pictures showed. A clinician tells her, her doctor hears of it, and her round
    is settled as benign."""
    her = to_sample().booked(4, BIOPSY)
    assert {"navigator: arrange_biopsy", "navigator: resolve_abnormal"} <= owed(her)
    her.came(4, BIOPSY)
    her.take(st.RecordBiopsy(finding=F, method=Sampling.CORE, marker=True), RADIOLOGIST)
    assert owed(her) == {"pathology_coordinator: get_pathology", "navigator: resolve_abnormal"}
    (specimen,) = her.episode.specimens
    her.pathology(specimen, Tissue.BENIGN, "fibroadenoma")
    assert owed(her) == {"radiologist: decide_concordance", "navigator: resolve_abnormal"}
    her.weighed(specimen)
    assert owed(her) >= {"clinician: tell_diagnosis", "navigator: tell_provider_diagnosis", "navigator: reach_her"}
    assert "navigator: resolve_abnormal" not in owed(her), "the finding has its answer; she has still to hear it"
    her.diagnosis_told(specimen)
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_BIOPSY
    assert owed(her) == {"system: set_next_due"}


def test_benign_but_to_be_looked_at_again_in_six_months() -> None:
    """The tissue is benign and fits, and the radiologist wants to see the place again after a short time. Her round is
    settled as watched, with its dated visits."""
    her, specimen = reported_tissue(Tissue.BENIGN)
    her.weighed(specimen, follow_up=Plan.SHORT_INTERVAL)
    her.diagnosis_told(specimen)
    assert her.outcome is ev.SettledAs.SURVEILLANCE
    assert [v.months for v in her.patient.dated.values()] == [6, 12, 24]


def test_the_radiologist_thinks_again_about_what_follows() -> None:
    """The tissue is benign and fits; routine screening, the radiologist says. An hour later she would rather see the
    place again in six months, and says so. That is what counts, or she is told why not."""
    her, specimen = reported_tissue(Tissue.BENIGN)
    her.weighed(specimen)
    assert her.weighed(specimen, follow_up=Plan.SHORT_INTERVAL) == ["ConcordanceDecided"]


def test_too_little_tissue_and_the_second_biopsy_was_benign() -> None:
    """There was nothing in the specimen that could be read. She is told so, a second biopsy is decided and taken, and
    that one is benign and fits. The first never settled anything."""
    her, first = reported_tissue(Tissue.INSUFFICIENT)
    assert {"radiologist: plan_next", "clinician: tell_diagnosis"} <= owed(her)
    with pytest.raises(Refused, match="not enough tissue"):
        her.weighed(first)
    her.diagnosis_told(first)
    planned(her, F, Plan.REPEAT_BIOPSY)
    assert "navigator: arrange_biopsy" in owed(her)
    second = her.sampled(F, Sampling.VACUUM)
    her.pathology(second, Tissue.BENIGN).weighed(second)
    her.diagnosis_told(second)
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_BIOPSY


def test_benign_tissue_that_does_not_fit_and_the_second_biopsy_was_malignant() -> None:
    """The pictures look like cancer and the tissue is benign. That does not fit: the needle may have missed it.
    Pictures alone cannot answer it, and nobody alone may leave it there. A second biopsy is taken, and it is cancer."""
    her, first = reported_tissue(Tissue.BENIGN)
    her.weighed(first, fits=False)
    assert "radiologist: plan_next" in owed(her)
    with pytest.raises(Refused, match="conference"):
        planned(her, F, Plan.ROUTINE, "dr-radiology")
    with pytest.raises(Refused, match="not answered by pictures"):
        planned(her, F, Plan.MORE_IMAGING, *CONFERENCE)
    planned(her, F, Plan.REPEAT_BIOPSY)
    her.diagnosis_told(first)
    second = her.sampled(F, Sampling.VACUUM)
    her.pathology(second, Tissue.MALIGNANT)
    assert her.loop("tell_diagnosis", second).urgent
    her.weighed(second)
    her.diagnosis_told(second)
    assert "navigator: refer" in owed(her)


def test_benign_tissue_that_does_not_fit_and_an_operation_showed_why() -> None:
    """The tissue does not fit, and another needle would not help. The place is taken out by an operation, and what is
    taken out is benign and fits."""
    her, first = reported_tissue(Tissue.BENIGN)
    her.weighed(first, fits=False)
    planned(her, F, Plan.EXCISION)
    assert her.loop("arrange_biopsy").subject == F
    her.diagnosis_told(first)
    whole = her.sampled(F, Sampling.EXCISION)
    her.pathology(whole, Tissue.BENIGN, "radial scar").weighed(whole)
    her.diagnosis_told(whole)
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_BIOPSY


def test_tissue_of_uncertain_kind_owes_a_recorded_decision() -> None:
    """The tissue is neither benign nor cancer: it raises her risk. That settles nothing by itself, also where it fits.
    A conference decides that it is looked at again; their names stand beside the decision, and she is told of it."""
    her, specimen = reported_tissue(Tissue.HIGH_RISK)
    her.weighed(specimen)
    her.diagnosis_told(specimen)
    assert owed(her) == {"radiologist: plan_next", "navigator: resolve_abnormal"}
    planned(her, F, Plan.SHORT_INTERVAL, *CONFERENCE)
    assert owed(her) == {"clinician: tell_diagnosis", "navigator: tell_provider_diagnosis"}, (
        "news to her, and her doctor"
    )
    her.diagnosis_told(specimen)
    assert her.outcome is ev.SettledAs.SURVEILLANCE
    decided = next(r.event for r in her.log if isinstance(r.event, ev.NextPlanned))
    assert decided.conference == CONFERENCE


def test_no_one_alone_decides_that_tissue_of_uncertain_kind_is_left() -> None:
    """The tissue raises her risk, and fits. To take no more of it and send her back to routine screening is for two at
    least to decide, with their names beside it."""
    her, specimen = reported_tissue(Tissue.HIGH_RISK)
    her.weighed(specimen)
    her.diagnosis_told(specimen)
    with pytest.raises(Refused, match="two at least"):
        planned(her, F, Plan.ROUTINE)


def test_normal_tissue_that_does_not_explain_the_pictures_goes_to_the_conference() -> None:
    """The specimen is normal breast tissue. The pictures showed a mass: normal tissue does not explain it. Three of
    them look together, find that the mass was fat, and decide to take no more tissue."""
    her, specimen = reported_tissue(Tissue.NORMAL_TISSUE)
    her.weighed(specimen, fits=False)
    her.diagnosis_told(specimen)
    with pytest.raises(Refused, match="two at least"):
        planned(her, F, Plan.ROUTINE)
    planned(her, F, Plan.ROUTINE, *CONFERENCE)
    her.diagnosis_told(specimen)
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_BIOPSY


def test_suspicious_tissue_stays_open_until_more_is_taken() -> None:
    """The pathologist suspects cancer and cannot be sure of it. Whatever the radiologist says of the pictures, more
    tissue is owed."""
    her, specimen = reported_tissue(Tissue.SUSPICIOUS_TISSUE)
    her.weighed(specimen)
    assert "radiologist: plan_next" in owed(her)
    planned(her, F, Plan.EXCISION)
    assert "navigator: arrange_biopsy" in owed(her)


def test_no_needle_can_reach_it() -> None:
    """The place is too near the chest wall for a needle. An operation is planned in place of the biopsy: a named plan,
    which owes its own next thing, and never just a note that it was not possible."""
    her = to_sample()
    with pytest.raises(Refused, match="done instead"):
        her.take(st.RecordNotPossible(finding=F, why="too near the chest wall", plan=Plan.ROUTINE), CLINICIAN)
    her.take(st.RecordNotPossible(finding=F, why="too near the chest wall", plan=Plan.EXCISION), CLINICIAN)
    assert {"navigator: arrange_biopsy", "navigator: resolve_abnormal"} <= owed(her)
    her.sampled(F, Sampling.EXCISION)
    assert "pathology_coordinator: get_pathology" in owed(her)


def test_she_missed_her_biopsy_and_is_reached_again() -> None:
    """She did not come for her biopsy. It stays owed, and she is chased as for any call-back."""
    her = to_sample().booked(4, BIOPSY).missed(4, BIOPSY)
    assert {"navigator: arrange_biopsy", "navigator: reach_her"} <= owed(her)
    her.booked(4, BIOPSY)
    assert "navigator: reach_her" not in owed(her)


def test_two_findings_one_benign_and_one_malignant() -> None:
    """Two places in her left breast are sampled on one day. One is benign, the other is cancer. Each is weighed and
    told by itself; the benign one does not hush the other, and her round settles as cancer, after the team has seen
    her."""
    her = called_back()
    first = her.finding
    seen = looked_at(her, DIAGNOSTIC, A.SUSPICIOUS)
    other = ev.Finding("f-other", FindingKind.CALCIFICATIONS, LEFT, "6 o'clock", A.SUSPICIOUS)
    answer(her, seen, ev.FindingAnswer(first, A.SUSPICIOUS), added=(other,))
    benign, malignant = her.sampled(first), her.sampled("f-other")
    her.pathology(benign, Tissue.BENIGN).pathology(malignant, Tissue.MALIGNANT)
    for specimen in (benign, malignant):
        her.weighed(specimen)
        her.diagnosis_told(specimen)
    assert owed(her) == {"navigator: refer"}
    her.referred()
    seen_by_team(her)
    assert her.outcome is ev.SettledAs.CANCER


def test_cancer_from_the_word_to_the_team_to_the_end_of_treatment() -> None:
    """It is cancer. A clinician tells her. She is referred to a team by its name, which gives her a day. She is not
    there, and another day is asked for; she comes to that one, and only now is her round settled. Nine months later her
    treatment is asked after; it has ended, and the day of her next pictures is set beside that."""
    her, specimen = reported_tissue(Tissue.MALIGNANT)
    assert {"clinician: tell_diagnosis", "navigator: tell_provider_diagnosis"} <= owed(her)
    her.weighed(specimen)
    assert "navigator: refer" not in owed(her), "she is told before she is referred"
    her.take(st.TellDiagnosis(specimen=specimen, channel=ev.Channel.IN_PERSON), CLINICIAN)
    her.take(st.TellProviderDiagnosis(specimen=specimen, proof=TOLD), NAVIGATOR)
    her.take(st.Refer(episode="e1", team="Hill breast surgeons"), NAVIGATOR)
    assert owed(her) == {"navigator: accept_referral"}
    her.take(st.RecordAccepted(episode="e1", first_visit_on=her.day(5)), NAVIGATOR)
    with pytest.raises(Refused, match="has not come"):
        her.take(st.RecordFirstVisit(episode="e1", came=True), NAVIGATOR)
    her.take(st.RecordFirstVisit(episode="e1", came=False), NAVIGATOR, 6 * DAY)
    assert owed(her) == {"navigator: accept_referral"}
    her.take(st.RecordAccepted(episode="e1", first_visit_on=her.day(3)), NAVIGATOR)
    assert seen_by_team(her) == ["FirstVisitAttended", "Settled"]
    assert her.outcome is ev.SettledAs.CANCER
    assert owed(her) == {"navigator: ask_treatment_end"}
    her.wait(280 * DAY)
    her.take(st.EndTreatment(episode="e1", next_due_on=her.day(180), why="a year after treatment"), NAVIGATOR)
    assert owed(her) == {"system: invite"}


def test_in_the_united_kingdom_she_is_told_face_to_face_once_tissue_and_pictures_were_compared() -> None:
    """There a result is told after the meeting that compares tissue and pictures, and not by telephone. Until the
    meeting nobody may tell her; then her visit for results is booked, and a clinician tells her there."""
    her = to_sample(her=Story(protocol=UK))
    specimen = her.sampled()
    her.pathology(specimen, Tissue.MALIGNANT)
    assert "clinician: tell_diagnosis" not in owed(her)
    with pytest.raises(Refused, match="nothing to tell"):
        her.take(st.TellDiagnosis(specimen=specimen, channel=ev.Channel.IN_PERSON), CLINICIAN)
    her.weighed(specimen)
    her.booked(2, RESULTS)
    with pytest.raises(Refused, match="in person"):
        her.take(st.TellDiagnosis(specimen=specimen, channel=ev.Channel.PHONE), CLINICIAN)
    her.came(2, RESULTS)
    her.take(st.TellDiagnosis(specimen=specimen, channel=ev.Channel.IN_PERSON), CLINICIAN)
    assert "navigator: refer" in owed(her)


def test_told_benign_and_then_the_pathologist_corrects_the_report() -> None:
    """She was told that it is benign, and her round was settled. Ten days later the pathologist's second look says that
    it is cancer. Her round opens again: a radiologist weighs it anew, and a clinician tells her, with the shorter clock
    of a diagnosis. Nothing of what she was told before stands."""
    her, specimen = reported_tissue(Tissue.BENIGN)
    her.weighed(specimen)
    her.diagnosis_told(specimen)
    assert owed(her) == {"system: set_next_due"}
    her.wait(10 * DAY)
    step = st.RecordPathology(specimen=specimen, tissue=Tissue.MALIGNANT, lesion="lobular carcinoma")
    assert her.take(step, COORDINATOR) == ["PathologyReported", "Reopened"]
    assert {"clinician: tell_diagnosis", "navigator: tell_provider_diagnosis"} <= owed(her)
    assert {"radiologist: decide_concordance", "navigator: reach_her"} <= owed(her)
    her.weighed(specimen)
    her.diagnosis_told(specimen).referred()
    seen_by_team(her)
    assert her.outcome is ev.SettledAs.CANCER


def test_the_same_pathology_report_twice_changes_nothing() -> None:
    """The laboratory sends its report again under another number. Nothing is owed anew by that."""
    her, specimen = reported_tissue(Tissue.BENIGN)
    before = her.loops
    assert her.take(st.RecordPathology(specimen=specimen, tissue=Tissue.BENIGN, message="m9"), COORDINATOR) == []
    assert her.loops == before


def test_she_declines_her_treatment() -> None:
    """She knows that it is cancer and does not want to be referred. A clinician takes that from her. Her round is
    paused and never settled by it; someone by name speaks with her again."""
    her, _ = diagnosed()
    her.take(st.RecordDecline(episode="e1", what="referral", review_on=her.day(14), reviewer="u-clinician"), CLINICIAN)
    assert her.outcome is None
    assert "navigator: refer" not in owed(her)
    assert her.loop("review_pause").owner == "radiologist"
    her.take(st.RecordChangedMind(episode="e1"), NAVIGATOR, 3 * DAY)
    assert "navigator: refer" in owed(her)


def test_nobody_can_decline_a_diagnosis_she_does_not_know() -> None:
    """Her tissue is malignant, and nobody has told her yet. A nurse rings about something else and writes down that she
    wants nothing more. That is no informed refusal: she is told first. Else the telling itself would be held back."""
    her, _ = reported_tissue(Tissue.MALIGNANT)
    step = st.RecordDecline(episode="e1", what="treatment", review_on=her.day(90), reviewer="u-navigator")
    with pytest.raises(Refused, match="not been told"):
        her.take(step, NURSE)


def test_bilateral_findings_each_owe_tissue() -> None:
    """Both breasts were called back, and both need a biopsy. The tissue of the right one says nothing of the left."""
    her = called_back(A.INCOMPLETE_IMAGING, A.INCOMPLETE_IMAGING)
    her.wait(3 * DAY)
    seen = her.reported(A.SUSPICIOUS, A.SUSPICIOUS, kind=DIAGNOSTIC, looked_at=BOTH, episode="e1")
    her.told(seen).posted(seen)
    answer(her, seen, *(ev.FindingAnswer(f.id, A.SUSPICIOUS) for f in her.episode.open_findings()))
    right = her.sampled("e1.x2.right")
    her.pathology(right, Tissue.BENIGN).weighed(right)
    her.diagnosis_told(right)
    assert her.episode.findings["e1.x2.right"].side is RIGHT
    assert owed(her) == {"navigator: arrange_biopsy", "navigator: resolve_abnormal"}


def test_the_other_breast_can_be_answered_after_the_first_had_its_biopsy() -> None:
    """Magnetic resonance of both breasts: the left, which she was called back for, is benign; the right has something
    suspicious, which the needle proves to be a cyst. Afterwards the radiologist says what the pictures mean for the
    left. The right has had its answer, and does not stand in the way."""
    her = called_back()
    left = her.finding
    seen = her.reported(A.BENIGN, A.SUSPICIOUS, kind=MRI, looked_at=BOTH, episode="e1")
    her.told(seen).posted(seen)
    her.take(st.RecordNoTissue(finding=f"{seen}.right", why="emptied by needle"), RADIOLOGIST)
    assert answer(her, seen, ev.FindingAnswer(left, A.BENIGN))[0] == "WorkupAssessed"


def test_a_finding_coded_alike_in_an_earlier_round_does_not_hide_the_new_one() -> None:
    """Her first round had a finding that its sender called "f1", and is settled. In the next round the sender calls
    another finding "f1" too, and this one needs a biopsy, which is taken and recorded."""
    her = Story()
    for left in (A.BENIGN, A.SUSPICIOUS):
        exam = her.examined()
        her.report(exam, her.reading(sides(left, A.NEGATIVE), findings=(ev.Finding("f1", FindingKind.MASS, LEFT),)))
        her.posted(exam)
    assert "navigator: arrange_biopsy" in owed(her)
    assert her.take(st.RecordBiopsy(finding="f1", method=Sampling.CORE), RADIOLOGIST) == ["BiopsyDone"]


def test_a_four_with_tissue_advised_beside_a_calm_category() -> None:
    """Her report says "benign", and advises a biopsy of the lump. The category alone would settle her; the advice owes
    the biopsy all the same."""
    her = Story()
    exam = her.examined()
    advised = her.reading(sides(A.BENIGN, A.BENIGN), recommendation=Recommendation.BIOPSY)
    her.report(exam, advised)
    assert {"navigator: arrange_biopsy", "clinician: tell_result"} <= owed(her)


def test_answered_suspicious_at_the_work_up_is_told_by_a_clinician() -> None:
    """The further pictures are suspicious. That is a result of its own: a clinician tells her, before a biopsy is
    refused or done."""
    her = worked_up(A.SUSPICIOUS)
    assert her.loop("assess_workup").owner == "radiologist"
    her.answered(her.finding, her.exam.id, A.SUSPICIOUS)
    assert owed(her) == {"navigator: arrange_biopsy", "navigator: resolve_abnormal"}
