"""Everything the room hands out is signed there: preliminary and unclear reports, plans, one breast, after death."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from closerlook.desk.reading.forms import LOOK_AT_THE_PLAN
from closerlook.desk.reading.models import HandOut
from closerlook.pathway import steps as st
from closerlook.pathway.events import Anatomy, SideAssessment
from closerlook.pathway.terms import Assessment, FindingKind, Laterality
from closerlook.record import door, verify
from tests.feeds.messages import CALLED_LEFT
from tests.reading_room.room import Reader, Room

Readers = Callable[[str], Reader]
A = Assessment
LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
THREE: dict[str, Any] = {"side_left": "probably_benign", "side_right": "negative", "kind_left": "mass"}


def test_a_preliminary_report_is_signed_with_its_words_beside(room: Room, reader: Readers) -> None:
    patient = room.unit.report(status="P", coded=(), text="IMPRESSION: Spiculated mass, left.")
    eva = reader("radiologist").begins()
    assert "Spiculated mass, left." in eva.page
    said: dict[str, Any] = {"side_left": "suspicious:4C", "side_right": "negative", "kind_left": "mass"}
    eva.says("sign", **said)
    assert "await_final" not in room.unit.owes(patient)
    assert "arrange_biopsy" in room.unit.owes(patient)


def test_an_unclear_report_is_stated_by_one_key(room: Room, reader: Readers) -> None:
    patient = room.unit.report(coded=(), text="IMPRESSION: Nothing of note.")
    assert "confirm_assessment" in room.unit.owes(patient)
    eva = reader("radiologist").begins()
    assert "Nothing of note." in eva.page
    eva.says("normal")
    assert "confirm_assessment" not in room.unit.owes(patient)


def test_an_unclear_report_of_a_call_back_has_its_plan_at_once(room: Room, reader: Readers) -> None:
    patient = room.unit.report(coded=(), text="IMPRESSION: Something, left.")
    said: dict[str, Any] = {"side_left": "incomplete_imaging", "side_right": "negative", "kind_left": "distortion"}
    eva = reader("radiologist").begins().says("propose", **said)
    eva.says("sign", **said, views=["DBT"], ultrasound="yes", answer_same_day="yes")
    plan = room.unit.state(patient).episodes["e1"].plan
    assert plan is not None
    assert plan.reasons == (FindingKind.DISTORTION,)


def test_a_plan_that_is_owed_begins_with_what_is_proposed_for_the_finding(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    sides = (SideAssessment(A.INCOMPLETE_IMAGING, LEFT), SideAssessment(A.NEGATIVE, RIGHT))
    from closerlook.pathway.events import Finding

    found = Finding(f"{exam}.left.calcifications", FindingKind.CALCIFICATIONS, LEFT, None, A.INCOMPLETE_IMAGING)
    room.unit.take(patient, "radiologist", st.RecordReading(exam=exam, sides=sides, findings=(found,)))
    eva = reader("radiologist").begins(listing="work_up")
    for value in ("MAG", "ML", "calcifications"):
        assert f'value="{value}" id=' in eva.page
    assert eva.page.count(" checked>") >= 5  # the breast, the reason, two views, and the two questions' answers
    eva.says("sign", sides=["left"], reasons=["calcifications"], views=["MAG", "ML"], ultrasound="no",
             answer_same_day="yes", technical="no")  # fmt: skip
    assert "plan_call_back" not in room.unit.owes(patient)
    assert "book_call_back" in room.unit.owes(patient)


def test_a_report_from_outside_without_a_code_is_planned_too(room: Room, reader: Readers) -> None:
    patient = room.unit.report(coded=CALLED_LEFT, text="IMPRESSION: Focal asymmetry, left.")
    eva = reader("radiologist").begins(listing="work_up")
    assert "Focal asymmetry, left." in eva.page
    said: dict[str, Any] = {
        "sides": ["left"],
        "reasons": ["focal_asymmetry"],
        "answer_same_day": "no",
        "technical": "no",
    }
    assert LOOK_AT_THE_PLAN in eva.says("sign", **said, views=["CV"], ultrasound="no").page
    assert "plan_call_back" in room.unit.owes(patient)
    assert "X4" in eva.page
    eva.says("sign", **said, views=["SPOT"], ultrasound="yes")
    assert "book_call_back" in room.unit.owes(patient)


def test_a_3_on_screening_pictures_is_worked_up_and_not_watched(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    eva = reader("radiologist").begins().says("propose", **THREE)
    eva.says("sign", **THREE, views=["SPOT"], ultrasound="yes", answer_same_day="yes")
    assert room.exam(patient, exam).reading.report is not None
    assert "complete_assessment" not in room.unit.owes(patient)
    assert "book_call_back" in room.unit.owes(patient)


def test_one_breast_is_named_alone(room: Room, reader: Readers) -> None:
    patient, exam = room.examined(sides=(LEFT,))
    room.unit.take(patient, "technologist", st.RecordAnatomy(anatomy=Anatomy(absent=(RIGHT,), implants=(LEFT,))))
    eva = reader("radiologist").begins()
    assert "left breast" in eva.page
    assert "Implant" in eva.page
    said: dict[str, Any] = {"side_left": "incomplete_imaging", "kind_left": "calcifications"}
    assert re.search(r'value="ID" id="id_views_\d+" checked', eva.says("propose", **said).page)
    eva.says("normal")
    report = room.exam(patient, exam).reading.report
    assert report is not None
    assert [s.side for s in report.sides] == [LEFT]


def test_after_her_death_the_reading_is_signed_without_a_plan(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    room.unit.take(patient, "manager", st.RecordDeath(died_on=date(2026, 11, 1)))
    said: dict[str, Any] = {"side_left": "incomplete_imaging", "side_right": "negative", "kind_left": "mass"}
    reader("radiologist").begins().says("sign", **said)
    assert room.exam(patient, exam).reading.report is not None
    assert list(verify.verify()) == []


def test_earlier_results_stand_on_the_line_with_their_dates(room: Room, reader: Readers) -> None:
    first = room.examined(hours_ago=24 * 200)
    door.take(
        st.RecordReading(exam=first[1], sides=tuple(SideAssessment(A.BENIGN, side) for side in Laterality)),
        stream=first[0], actor=room.here("radiologist").actor, key="old", now=room.unit.now,
    )  # fmt: skip
    x = st.Examination(
        kind=room.exam(*first).kind, performed_at=room.unit.now, sides=(LEFT, RIGHT), accession="R|R|NEW"
    )
    room.unit.take(first[0], "technologist", st.TakeExamination(examination=x, site="main"))
    page = reader("radiologist").begins().page
    assert "16 April 2026: Screening mammogram, left 2 Benign, right 2 Benign" in page


def test_every_look_at_a_case_is_written_down(room: Room, reader: Readers) -> None:
    from closerlook.people.models import Look

    patient, _ = room.examined()
    reader("radiologist").begins()
    look = Look.objects.get(page="reading_case")
    assert (look.patient, look.who) == (patient, "radiologist")
    assert HandOut.objects.get().shown_at == room.unit.now
