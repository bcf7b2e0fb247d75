"""A work-up's own result, beside the finding it was to answer: what it says is never lost with that finding."""

from closerlook.pathway import steps as st
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import ExaminationKind
from tests.pathway.story import LEFT, RADIOLOGIST, called_back, sides

ULTRASOUND, DIAGNOSTIC = ExaminationKind.ULTRASOUND, ExaminationKind.DIAGNOSTIC


def test_a_work_ups_four_outlives_the_finding_it_was_to_answer() -> None:
    her = called_back()
    first = her.exam.id
    her.reported(A.SUSPICIOUS, None, kind=DIAGNOSTIC, looked_at=(LEFT,), episode="e1")
    her.take(st.RecordReading(exam=first, sides=sides(A.NEGATIVE, A.NEGATIVE)), RADIOLOGIST)
    assert "arrange_biopsy" in her.kinds
    assert her.outcome is None


def test_an_answer_on_later_pictures_does_not_answer_an_earlier_four_away() -> None:
    her = called_back()
    finding = her.finding
    her.reported(A.SUSPICIOUS, None, kind=DIAGNOSTIC, looked_at=(LEFT,), episode="e1")
    second = her.reported(A.BENIGN, None, kind=ULTRASOUND, looked_at=(LEFT,), episode="e1")
    her.answered(finding, second, A.BENIGN)
    assert "arrange_biopsy" in her.kinds


def test_an_answer_on_later_pictures_ends_an_earlier_wish_for_more() -> None:
    her = called_back()
    finding = her.finding
    her.reported(A.INCOMPLETE_IMAGING, None, kind=DIAGNOSTIC, looked_at=(LEFT,), episode="e1")
    second = her.reported(A.BENIGN, None, kind=ULTRASOUND, looked_at=(LEFT,), episode="e1")
    her.answered(finding, second, A.BENIGN)
    assert not her.kinds & {"resolve_abnormal", "plan_call_back", "attend_call_back", "assess_workup"}
