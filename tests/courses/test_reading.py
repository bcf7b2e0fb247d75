"""Reading: one reader or two apart, agreement and arbitration, a held reading, a computer's, and earlier pictures."""

import pytest
from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.regions import FindingStatus
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind, FindingKind, Recommendation, ReportStatus
from tests.courses.course import PICTURES, computer, in_the_uk, owed, read_by
from tests.pathway.story import (
    BOTH,
    DAY,
    FIRST_READER,
    FRONT_DESK,
    HERSELF,
    HOUR,
    LEAD,
    LEFT,
    NAVIGATOR,
    RADIOLOGIST,
    SECOND_READER,
    THIRD_READER,
    UK,
    WORKER,
    Story,
    called_back,
    sides,
)


def test_two_readers_agree_and_their_result_stands_after_the_time_to_think_again() -> None:
    """Two readers look at her pictures without knowing of each other. Both find them normal. For two working hours
    either may still think again; then their reading becomes a result by itself, and she is written to."""
    her = in_the_uk()
    exam = her.examined()
    read_by(her, FIRST_READER, A.NEGATIVE)
    assert "radiologist: read" in owed(her), "one of two is not a result"
    read_by(her, SECOND_READER, A.NEGATIVE)
    assert owed(her) == {"system: finalise_reading", "navigator: explain_wait"}
    assert her.take(st.FinaliseReading(exam=exam), WORKER, HOUR) == [], "the time to think again has not run out"
    assert her.take(st.FinaliseReading(exam=exam), WORKER, DAY) == ["Read"]
    assert owed(her) == {"system: send_summary", "system: tell_provider"}
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL


def test_one_of_them_changes_her_mind_within_that_time() -> None:
    """Both called it normal. An hour later the second reader looks once more and wants her called back. Nothing was
    told to anyone yet; now the two differ, and a third reader is asked."""
    her = in_the_uk()
    exam = her.examined()
    read_by(her, FIRST_READER, A.NEGATIVE)
    read_by(her, SECOND_READER, A.NEGATIVE)
    read_by(her, SECOND_READER, A.INCOMPLETE_IMAGING)
    assert "radiologist: arbitrate" in owed(her)
    assert her.take(st.FinaliseReading(exam=exam), WORKER, DAY) == []
    assert her.exam.result is None


def found_normal_by_two() -> tuple[Story, int]:
    """Return her once two readings became a result, with the number of the first one."""
    her = in_the_uk()
    exam = her.examined()
    read_by(her, FIRST_READER, A.NEGATIVE)
    first = her.patient.version
    read_by(her, SECOND_READER, A.NEGATIVE)
    her.take(st.FinaliseReading(exam=exam), WORKER, DAY)
    return her, first


def test_one_of_them_takes_her_reading_back_after_it_became_a_result() -> None:
    """Both called it normal, and it became a result; the letter lies printed. Then the first reader sees what she
    missed and takes her reading back. Without it there is no result: the letter that lies there is hers no more, and
    two readings are asked for again. The new result is written anew."""
    her, first = found_normal_by_two()
    exam = her.exam.id
    her.take(st.PrepareDocument(exam=exam, document=ev.Document.SUMMARY, file="old"), WORKER)
    her.take(st.EnterInError(seqs=(first,), reason="a mass at two o'clock was missed"), FIRST_READER)
    assert her.exam.result is None
    assert {"radiologist: read", "navigator: explain_wait"} <= owed(her)
    assert not {"front_desk: post_document", "system: send_summary"} & owed(her)
    read_by(her, FIRST_READER, A.NEGATIVE)
    her.take(st.FinaliseReading(exam=exam), WORKER, DAY)
    assert "system: send_summary" in owed(her), "written anew, not the old letter posted"


def test_a_result_that_she_was_told_is_not_taken_back_with_a_reading() -> None:
    """They agreed, and her letter was posted. Taking one of the two readings back would leave her with a result that
    nobody stands for and nobody corrects: it is refused, and the report withdrawn instead, so that she hears of it."""
    her, first = found_normal_by_two()
    exam = her.exam.id
    her.posted(exam)
    with pytest.raises(Refused, match="Withdraw the report instead"):
        her.take(st.EnterInError(seqs=(first,), reason="a mass was missed"), FIRST_READER)


def test_they_disagree_and_a_third_reader_decides() -> None:
    """One reader calls her back, the other does not. Neither of the two may decide between them. A third reader finds
    the pictures normal; that is her result, and only that is told."""
    her = in_the_uk()
    exam = her.examined()
    read_by(her, FIRST_READER, A.INCOMPLETE_IMAGING)
    read_by(her, SECOND_READER, A.NEGATIVE)
    assert owed(her) == {"radiologist: arbitrate", "navigator: explain_wait"}
    decide = st.Arbitrate(exam=exam, sides=sides(A.NEGATIVE, A.NEGATIVE))
    with pytest.raises(Refused, match="one of the two"):
        her.take(decide, FIRST_READER)
    with pytest.raises(Refused, match="Two have read it"):
        read_by(her, THIRD_READER, A.NEGATIVE)
    assert her.take(decide, THIRD_READER) == ["Arbitrated", "Read"]
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL


def test_they_disagree_and_a_panel_calls_her_back() -> None:
    """The two readers and a third sit together. The panel's decision is recorded with the names of all who made it, and
    her call-back begins."""
    her = in_the_uk()
    exam = her.examined()
    read_by(her, FIRST_READER, A.INCOMPLETE_IMAGING)
    read_by(her, SECOND_READER, A.NEGATIVE)
    panel = (FIRST_READER.id, SECOND_READER.id, THIRD_READER.id)
    decide = st.Arbitrate(exam=exam, sides=sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), panel=panel)
    her.take(decide, FIRST_READER)
    decided = next(r.event for r in her.log if isinstance(r.event, ev.Arbitrated))
    assert decided.panel == panel
    assert {"radiologist: plan_call_back", "navigator: tell_result"} <= owed(her)


def test_both_call_her_back_and_a_programme_that_arbitrates_every_recall_asks_a_third() -> None:
    """Some programmes let a third reader look at every recall, also where the two agree. The same two readings then owe
    an arbitration."""
    for protocol, expected in ((UK, "system: finalise_reading"), (EVERY_RECALL, "radiologist: arbitrate")):
        her = Story(protocol=protocol)
        her.examined()
        read_by(her, FIRST_READER, A.INCOMPLETE_IMAGING)
        read_by(her, SECOND_READER, A.INCOMPLETE_IMAGING)
        assert expected in owed(her)


EVERY_RECALL = replace(UK, arbitrate="any_recall")


def test_two_recalls_of_other_breasts_are_no_agreement() -> None:
    """Both want her back: one for the left breast, one for the right. That is no agreement, and a third reader
    decides."""
    her = in_the_uk()
    her.examined()
    read_by(her, FIRST_READER, A.INCOMPLETE_IMAGING, A.NEGATIVE)
    read_by(her, SECOND_READER, A.NEGATIVE, A.INCOMPLETE_IMAGING)
    assert "radiologist: arbitrate" in owed(her)


def test_normal_and_normal_with_routine_advised_agree() -> None:
    """Both find it normal; one of them adds that routine screening goes on. They agree, and nobody is asked to decide
    between them."""
    her = in_the_uk()
    exam = her.examined()
    read_by(her, FIRST_READER, A.NEGATIVE)
    normal = sides(A.NEGATIVE, A.NEGATIVE)
    her.take(st.RecordReading(exam=exam, sides=normal, recommendation=Recommendation.ROUTINE), SECOND_READER)
    assert "system: finalise_reading" in owed(her)


def test_a_reading_is_held_until_someone_by_name_lets_it_go_on() -> None:
    """The reader waits for pictures from the unit she went to before. The reading is held, with the reason and the name
    of who looks again, so that it cannot be forgotten; nobody reads it meanwhile. When the pictures will not come it
    goes on without them."""
    her = in_the_uk()
    exam = her.examined()
    her.take(st.DeferReading(exam=exam, reason="pictures from Hill", release_by="u-lead"), FIRST_READER)
    assert her.loop("release_reading").assignee == "u-lead"
    with pytest.raises(Refused, match="held"):
        read_by(her, SECOND_READER, A.NEGATIVE)
    assert her.take(st.ReleaseReading(exam=exam), LEAD, 2 * DAY) == ["ReadingReleased"]
    assert "radiologist: read" in owed(her)


def test_waiting_for_earlier_pictures_is_no_opinion() -> None:
    """One of two readers cannot say "wait for the earlier pictures" and call that a reading: it is held instead, and
    someone is named who looks again."""
    her = in_the_uk()
    her.examined()
    with pytest.raises(Refused, match="Hold the reading"):
        read_by(her, FIRST_READER, A.INCOMPLETE_PRIORS)


def test_a_computer_is_never_one_of_two() -> None:
    """A computer finds nothing, and one reader finds nothing. That is one reading: a second person is still owed."""
    her = in_the_uk()
    her.examined()
    computer(her, A.NEGATIVE)
    read_by(her, FIRST_READER, A.NEGATIVE)
    assert "radiologist: read" in owed(her)


def test_a_computer_is_one_of_two_only_where_the_protocol_says_so() -> None:
    """In a programme that lets a computer stand for the second reader, one person and the computer agree or differ as
    two people would. Two computers without a person are still nothing."""
    her = Story(protocol=WITH_COMPUTER)
    exam = her.examined()
    computer(her, A.NEGATIVE)
    again = her.reading(sides(A.NEGATIVE, A.NEGATIVE))
    her.take(st.TakeAIRead(exam=exam, reading=again, system="another system"), RADIOLOGIST)
    assert "radiologist: read" in owed(her), "two computers, and no person"
    read_by(her, FIRST_READER, A.INCOMPLETE_IMAGING)
    assert "radiologist: arbitrate" in owed(her)
    read_by(her, FIRST_READER, A.NEGATIVE)
    assert "system: finalise_reading" in owed(her)


WITH_COMPUTER = replace(UK, ai_counts=True)


def test_the_same_pictures_again_are_kept_apart_from_a_recall() -> None:
    """Her left breast moved while the picture was made. She is asked back for the same view again, not for a suspicion,
    and her letter says so. The repeat is read as a screening, and answers by itself what was only blurred."""
    her = Story()
    exam = her.examined()
    blurred = ev.Finding("f-blur", FindingKind.TECHNICAL, LEFT, "MLO", A.INCOMPLETE_IMAGING)
    her.report(exam, her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), findings=(blurred,)))
    her.told(exam).posted(exam)
    her.take(st.DecideCallBack(exam=exam, sides=(LEFT,), views=("MLO",), technical=True), RADIOLOGIST)
    her.booked().came()
    repeat = her.examined(looked_at=(LEFT,), episode="e1")
    assert her.exam.kind is ExaminationKind.TECHNICAL_REPEAT
    assert owed(her) == {"radiologist: read", "navigator: explain_wait"}
    her.take(st.RecordReading(exam=repeat, sides=sides(A.NEGATIVE)), RADIOLOGIST)
    her.posted(repeat)
    assert owed(her) == {"system: set_next_due"}


def test_a_repeat_that_is_normal_is_a_normal_screening() -> None:
    """Only a picture was blurred; made again it is normal. She was never worked up, and is not counted as if she had
    been."""
    her = Story()
    exam = her.examined()
    blurred = ev.Finding("f-blur", FindingKind.TECHNICAL, LEFT, "MLO", A.INCOMPLETE_IMAGING)
    her.report(exam, her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), findings=(blurred,)))
    her.told(exam).posted(exam).planned(exam).booked().came()
    repeat = her.examined(looked_at=(LEFT,), episode="e1")
    her.take(st.RecordReading(exam=repeat, sides=sides(A.NEGATIVE)), RADIOLOGIST)
    her.posted(repeat)
    assert her.outcome is ev.SettledAs.NORMAL


def test_readers_who_ask_for_other_pictures_again_differ() -> None:
    """Both readers want the same view made again, but of another place. A third reader says which."""
    her = in_the_uk()
    exam = her.examined()
    for reader, place in ((FIRST_READER, "MLO"), (SECOND_READER, "CC")):
        blur = ev.Finding(f"f-{place}", FindingKind.TECHNICAL, LEFT, place, A.INCOMPLETE_IMAGING)
        step = st.RecordReading(exam=exam, sides=sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), findings=(blur,))
        her.take(step, reader)
    assert "radiologist: arbitrate" in owed(her)


def test_what_the_repeat_shows_is_a_recall_of_its_own() -> None:
    """The blur is gone, and now something is seen. That is a recall like any other, from the day of the repeat."""
    her = Story()
    exam = her.examined()
    blurred = ev.Finding("f-blur", FindingKind.TECHNICAL, LEFT, "MLO", A.INCOMPLETE_IMAGING)
    her.report(exam, her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), findings=(blurred,)))
    her.told(exam).posted(exam).planned(exam).booked().came()
    repeat = her.examined(looked_at=(LEFT,), episode="e1")
    her.take(st.RecordReading(exam=repeat, sides=sides(A.INCOMPLETE_IMAGING)), RADIOLOGIST)
    assert {"radiologist: plan_call_back", "navigator: tell_result", "navigator: resolve_abnormal"} <= owed(her)


# ---------------------------------------------------------------- earlier pictures


def test_read_with_the_earlier_pictures_the_call_back_is_withdrawn() -> None:
    """She was called back and has a day. Her earlier pictures arrive, and what was seen was there five years ago, quite
    unchanged. The call-back is withdrawn: her visit is cancelled so that she does not come for nothing, somebody tells
    her that the earlier letter was wrong, and a new letter says so too."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.told(exam).posted(exam).planned(exam)
    her.take(st.KnowPriors(episode="e1", source="Lakeside, 2021"), HERSELF)
    her.take(st.RequestPriors(episode="e1", source="Lakeside, 2021"), FRONT_DESK)
    her.booked(10)
    her.take(st.ReceivePriors(episode="e1", source="Lakeside, 2021"), FRONT_DESK, 4 * DAY)
    her.take(st.RecordReading(exam=exam, sides=sides(A.BENIGN, A.NEGATIVE), with_priors=True), RADIOLOGIST)
    expected = {"navigator: cancel_visit", "navigator: tell_change", "system: send_summary", "system: tell_provider"}
    assert expected <= owed(her)
    assert "navigator: attend_call_back" not in owed(her)
    her.take(st.CancelVisit(episode="e1", by_her=False, purpose=PICTURES), NAVIGATOR)
    her.told(exam, NAVIGATOR).posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL


def test_earlier_pictures_are_awaited_and_read() -> None:
    """The reader wants the earlier pictures before saying anything. She is told so; they are asked for, come, and read
    with them her breasts are normal."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_PRIORS, A.INCOMPLETE_PRIORS)
    assert her.loop("get_priors").legal
    her.told(exam).posted(exam)
    her.take(st.RequestPriors(episode="e1", source="Lakeside"), FRONT_DESK)
    her.take(st.ReceivePriors(episode="e1", source="Lakeside"), FRONT_DESK, 5 * DAY)
    assert "front_desk: get_priors" in owed(her), "that they came is not yet that they were read"
    her.take(st.RecordReading(exam=exam, sides=sides(A.NEGATIVE, A.NEGATIVE), with_priors=True), RADIOLOGIST)
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL


def test_the_earlier_pictures_cannot_be_had() -> None:
    """The unit she went to has closed and its archive is gone. The reading is made without the earlier pictures, before
    the legal limit for waiting has run out."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_PRIORS, A.INCOMPLETE_PRIORS)
    her.told(exam).posted(exam)
    her.take(st.RecordNoPriors(episode="e1", reason="archive destroyed"), FRONT_DESK, 6 * DAY)
    assert "front_desk: get_priors" in owed(her), "a reading is still owed"
    her.take(st.RecordReading(exam=exam, sides=sides(A.INCOMPLETE_IMAGING, A.NEGATIVE)), RADIOLOGIST)
    assert {"radiologist: plan_call_back", "navigator: tell_result"} <= owed(her)


def test_what_follows_a_wait_for_earlier_pictures_corrects_nothing() -> None:
    """Her right breast is normal; for the left the earlier pictures are awaited, and she was told so. Read with them it
    needs further pictures. That completes what she was told: nothing in the earlier letter was wrong."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_PRIORS, A.NEGATIVE)
    her.told(exam).posted(exam)
    step = st.RecordReading(exam=exam, sides=sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), with_priors=True)
    her.take(step, RADIOLOGIST)
    assert "navigator: tell_result" in owed(her)
    assert "navigator: tell_change" not in owed(her)


# ---------------------------------------------------------------- a report that changes, or is not hers


def test_an_amended_report_after_her_round_was_settled() -> None:
    """All was normal and settled. Six weeks later a corrected report says that the right breast needs further pictures.
    Her round opens again; she is told that the earlier letter was wrong, before any visit, and is called back."""
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.posted(exam).wait(42 * DAY)
    her.amended(exam, A.NEGATIVE, A.INCOMPLETE_IMAGING)
    assert her.outcome is None
    assert {"navigator: tell_change", "radiologist: plan_call_back", "navigator: resolve_abnormal"} <= owed(her)
    assert "navigator: tell_result" not in owed(her), "one conversation, which says that the letter was wrong"


def test_an_amendment_that_takes_away_waits_for_a_radiologist() -> None:
    """She has a suspicious result. A corrected report calls it benign. No message makes a result calmer: a radiologist
    looks, and only then is her biopsy not needed."""
    her = Story()
    exam = her.reported(A.SUSPICIOUS)
    her.told(exam).posted(exam)
    her.amended(exam, A.BENIGN)
    assert {"radiologist: confirm_change", "navigator: arrange_biopsy"} <= owed(her)
    her.take(st.ConfirmChange(exam=exam, accepted=True), RADIOLOGIST)
    assert "navigator: arrange_biopsy" not in owed(her)
    assert "navigator: tell_change" in owed(her)


def test_a_report_that_was_another_womans() -> None:
    """She has been told that she must come back. Then it turns out that the report is another woman's, and so were the
    pictures. It leaves her page at once. She is told that it was a mistake and not hers; and the front desk, or a
    radiologist where she was told already, has to find out whose it is: that woman waits."""
    her = called_back()
    exam = her.exam.id
    her.take(st.WithdrawReport(exam=exam, reason="two women of one name", examination_hers=False), RADIOLOGIST)
    assert {"navigator: tell_change", "radiologist: find_owner", "navigator: cancel_visit"} <= owed(her)
    her.told(exam, NAVIGATOR)
    her.take(st.CancelVisit(episode="e1", by_her=False), NAVIGATOR)
    assert owed(her) == {"radiologist: find_owner"}
    her.take(st.PlaceWithdrawn(exam=exam, outcome="filed with its owner"), RADIOLOGIST)
    assert her.outcome is ev.SettledAs.WITHDRAWN
    assert owed(her) == {"system: set_next_due"}, "her own screening is still to be made"


def test_a_report_withdrawn_of_pictures_that_are_hers() -> None:
    """Only the report was another woman's; the pictures are hers and nobody has read them. They are to be read."""
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.take(st.WithdrawReport(exam=exam, reason="dictated into the wrong record", examination_hers=True), RADIOLOGIST)
    assert {"radiologist: read", "front_desk: find_owner"} <= owed(her)


def test_a_preliminary_report_is_no_result() -> None:
    """A preliminary report comes at night with grave words. It is signed the same day; until then nothing is told."""
    her = Story()
    exam = her.examined(looked_at=BOTH)
    grave = her.reading(sides(A.SUSPICIOUS, A.NEGATIVE), ReportStatus.PRELIMINARY, suspicious_words=True)
    her.report(exam, grave)
    assert her.loop("await_final").urgent
    with pytest.raises(Refused, match="no confirmed result"):
        her.take(st.OpenResult(exam=exam), HERSELF)
    her.report(exam, her.reading(sides(A.SUSPICIOUS, A.NEGATIVE)))
    assert {"clinician: tell_result", "navigator: arrange_biopsy"} <= owed(her)


def test_two_examinations_code_two_findings_alike() -> None:
    """Her screening's report codes a mass as number 1. Pictures made again that week code theirs as number 1 too, and
    it is benign. They are two findings: what the second report says of its own closes nothing of the first."""
    her = Story()
    first = her.examined()
    mass = (ev.Finding("1", FindingKind.MASS, LEFT, assessment=A.INCOMPLETE_IMAGING),)
    her.report(first, her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), findings=mass))
    second = her.examined(episode="e1")
    other = (ev.Finding("1", FindingKind.MASS, LEFT, assessment=A.BENIGN),)
    her.report(second, her.reading(sides(A.BENIGN, A.NEGATIVE), findings=other))
    assert {f.status for f in her.episode.findings.values() if f.exam == first} == {FindingStatus.OPEN}
    assert "navigator: resolve_abnormal" in owed(her)
