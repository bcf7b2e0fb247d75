"""What is signed in the reading room: once, on the case that was looked at, with its plan, or not at all."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from closerlook.accounts import again
from closerlook.desk.forms import AGAINST
from closerlook.desk.reading import handing, pages
from closerlook.desk.reading.forms import LOOK_AT_THE_PLAN, NO_REASON, NOT_SEEN
from closerlook.desk.reading.models import Ending, HandOut
from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.terms import Assessment, ExaminationKind, FindingKind, Laterality
from closerlook.record import door, verify
from tests.desk.people import PASSWORD
from tests.reading_room.room import Reader, Room

Readers = Callable[[str], Reader]
A = Assessment
LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
CALL_LEFT: dict[str, Any] = {
    "side_left": "incomplete_imaging", "side_right": "negative", "kind_left": "mass", "clock_left": "2",
    "distance_left": "4", "depth_left": "posterior",
}  # fmt: skip
PLAN: dict[str, Any] = {"views": ["SPOT"], "ultrasound": "yes", "answer_same_day": "yes"}


def facts(patient: str) -> list[str]:
    return [type(r.event).__name__ for r in door.look(patient).records]


@pytest.mark.parametrize(("key", "assessment"), [("normal", A.NEGATIVE), ("benign", A.BENIGN)])
def test_one_word_signs_both_breasts_and_leads_on(room: Room, reader: Readers, key: str, assessment: A) -> None:
    first, second = room.examined(hours_ago=60), room.examined(hours_ago=30)
    eva = reader("radiologist").begins().says(key, density="c")
    report = room.exam(*first).reading.report
    assert report is not None
    assert {s.side: s.assessment for s in report.sides} == {LEFT: assessment, RIGHT: assessment}
    assert (report.density, report.reader) == ("c", "radiologist")
    assert eva.at == f"/reading/{second[0]}/{second[1]}/"
    assert "2 of 25" in eva.page


def test_the_next_case_names_the_last_one_and_leads_back_to_it(room: Room, reader: Readers) -> None:
    first = room.examined(hours_ago=60)
    room.examined(hours_ago=30)
    eva = reader("radiologist").begins().says("normal")
    assert "Last: normal, both breasts, screening mammogram 30 October 2026, accession ending 001" in eva.page
    assert f'href="/reading/{first[0]}/{first[1]}/">open it again' in eva.page


def test_a_second_press_of_the_key_cannot_sign_the_next_case(room: Room, reader: Readers) -> None:
    room.examined(hours_ago=60)
    second = room.examined(hours_ago=30)
    eva = reader("radiologist").begins().says("normal").says("normal", waited_s=1)
    assert pages.JUST_SHOWN in eva.page
    assert room.exam(*second).reading.report is None
    eva.says("normal", waited_s=1)
    assert room.exam(*second).reading.report is not None


def test_a_double_click_signs_one_case_and_leads_to_the_next(room: Room, reader: Readers) -> None:
    first, second = room.examined(hours_ago=60), room.examined(hours_ago=30)
    eva = reader("radiologist").begins()
    at, page = eva.at, eva.page
    eva.says("normal")
    eva.at, eva.page = at, page  # the same form once more
    eva.says("normal")
    assert facts(first[0]).count("Read") == 1
    assert room.exam(*second).reading.report is None
    assert eva.at == f"/reading/{second[0]}/{second[1]}/"


def test_a_batch_says_when_it_is_at_its_end(room: Room, reader: Readers) -> None:
    room.examined(hours_ago=60)
    room.examined(hours_ago=30)
    eva = reader("radiologist").begins(size=1).says("normal")
    assert eva.at == "/reading/"
    assert "Your batch is at its end: 1 of 1." in eva.page
    assert not HandOut.objects.filter(ended_at=None).exists()


# ---------------------------------------------------------------- symptoms


def test_nothing_is_signed_before_each_symptom_is_ticked_as_seen(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    symptom = next(
        iter(room.unit.take(patient, "nurse", st.ReportSymptom(episode="e1", what="lump", side=LEFT))
             .episodes["e1"].symptoms)
    )  # fmt: skip
    eva = reader("radiologist").begins()
    assert "I have seen that she reported: lump, left" in eva.page
    assert "It still needs an answer of its own" in eva.page
    assert NOT_SEEN in eva.says("normal").page
    assert room.exam(patient, exam).reading.report is None
    ticked: dict[str, Any] = {f"symptom_{symptom.replace('.', '-')}": "on"}
    eva.says("normal", **ticked)
    assert room.exam(patient, exam).reading.report is not None
    assert "answer_symptom" in room.unit.owes(patient)  # a tick answers nothing
    assert HandOut.objects.get(ending=Ending.SIGNED).acknowledged == symptom


def test_a_symptom_told_meanwhile_is_shown_before_anything_is_signed(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    eva = reader("radiologist").begins()
    room.unit.take(patient, "nurse", st.ReportSymptom(episode="e1", what="bleeding nipple"))
    assert "bleeding nipple" in eva.says("normal").page
    assert room.exam(patient, exam).reading.report is None


# ---------------------------------------------------------------- the call-back and its plan


def test_a_category_0_shows_the_plan_before_it_is_signed(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    eva = reader("radiologist").begins().says("call_back")
    eva.says("sign", **CALL_LEFT)
    assert LOOK_AT_THE_PLAN in eva.page
    assert "not verified" in eva.page
    assert room.exam(patient, exam).reading.report is None


def test_the_reading_and_its_plan_are_recorded_together(room: Room, reader: Readers) -> None:
    patient, _ = room.examined()
    eva = reader("radiologist").begins().says("call_back").says("propose", **CALL_LEFT)
    eva.says("sign", **CALL_LEFT, **PLAN)
    assert facts(patient)[-2:] == ["Read", "CallBackDecided"]
    episode = room.unit.state(patient).episodes["e1"]
    assert episode.plan is not None
    assert (episode.plan.sides, episode.plan.reasons, episode.plan.views) == ((LEFT,), (FindingKind.MASS,), ("SPOT",))
    assert (episode.plan.ultrasound, episode.plan.answer_same_day) == (True, True)
    (found,) = episode.findings.values()
    assert (found.kind, found.side) == (FindingKind.MASS, LEFT)
    assert found.place == "2 o'clock, 4 cm from the nipple, posterior depth"
    owed = room.unit.owes(patient)
    assert "book_call_back" in owed
    assert "plan_call_back" not in owed
    assert list(verify.verify()) == []


def test_a_refused_plan_takes_the_reading_with_it(room: Room, reader: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    patient, exam = room.examined()
    eva = reader("radiologist").begins().says("propose", **CALL_LEFT)
    answered = eva.says("sign", **CALL_LEFT, views=["SPOT"], ultrasound="yes")  # not said whether she knows that day
    assert "Choose one." in answered.page
    assert facts(patient) == ["RoundOpened", "ExaminationPerformed"]
    monkeypatch.setattr("closerlook.desk.reading.forms.OpinionForm.steps", lambda form: [
        form.made(), st.DecideCallBack(exam=exam, sides=(RIGHT,)),
    ])  # fmt: skip
    assert "No open finding of that breast" in eva.says("sign", **CALL_LEFT, **PLAN).page
    assert facts(patient) == ["RoundOpened", "ExaminationPerformed"]


def test_a_plan_sent_twice_is_recorded_once(room: Room, reader: Readers) -> None:
    patient, _ = room.examined()
    eva = reader("radiologist").begins().says("propose", **CALL_LEFT)
    at, page = eva.at, eva.page
    eva.says("sign", **CALL_LEFT, **PLAN)
    eva.at, eva.page = at, page
    eva.says("sign", **CALL_LEFT, **PLAN)
    assert facts(patient).count("CallBackDecided") == facts(patient).count("Read") == 1


def test_another_reason_has_another_plan_before_it_is_signed(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    eva = reader("radiologist").begins().says("propose", **CALL_LEFT)
    other = {**CALL_LEFT, "kind_left": "calcifications"}
    assert LOOK_AT_THE_PLAN in eva.says("sign", **other, **PLAN).page
    assert room.exam(patient, exam).reading.report is None
    eva.says("sign", **other, views=["MAG"], ultrasound="no", answer_same_day="yes")
    assert room.exam(patient, exam).reading.report is not None


def test_a_call_back_says_why(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    eva = reader("radiologist").begins()
    assert NO_REASON in eva.says("sign", side_left="incomplete_imaging", side_right="negative").page
    assert room.exam(patient, exam).reading.report is None


def test_pictures_that_were_not_good_enough_are_only_taken_again(room: Room, reader: Readers) -> None:
    patient, _ = room.examined()
    said: dict[str, Any] = {"side_left": "incomplete_imaging", "side_right": "negative", "kind_left": "technical"}
    eva = reader("radiologist").begins().says("propose", **said)
    eva.says("sign", **said, views=["REP"], ultrasound="no", answer_same_day="no")
    plan = room.unit.state(patient).episodes["e1"].plan
    assert plan is not None
    assert plan.technical


# ---------------------------------------------------------------- the ways back


def test_what_was_signed_by_a_slip_is_taken_back_and_read_again(room: Room, reader: Readers) -> None:
    first = room.examined(hours_ago=60)
    room.examined(hours_ago=30)
    eva = reader("radiologist").begins().says("normal").says("give_back").opens(f"/reading/{first[0]}/{first[1]}/")
    assert "You have signed this" in eva.page
    eva.says("take_back", at=f"/reading/{first[0]}/{first[1]}/", reason="pressed the wrong key")
    assert "Taken back. Its reading is owed again." in eva.page
    assert room.exam(*first).reading.report is None
    assert room.unit.owes(first[0]).count("read") == 1
    assert HandOut.objects.get(stream=first[0]).ending == Ending.TAKEN_BACK
    assert eva.begins().at == f"/reading/{first[0]}/{first[1]}/"


def test_taking_back_says_why(room: Room, reader: Readers) -> None:
    first = room.examined()
    at = f"/reading/{first[0]}/{first[1]}/"
    eva = reader("radiologist").begins().says("normal").opens(at).says("take_back", at=at, reason="")
    assert "Write the reason." in eva.page
    assert room.exam(*first).reading.report is not None


def test_what_she_was_told_is_not_silently_taken_back(room: Room, reader: Readers) -> None:
    first = room.examined()
    at = f"/reading/{first[0]}/{first[1]}/"
    eva = reader("radiologist").begins().says("propose", **CALL_LEFT).says("sign", **CALL_LEFT, **PLAN)
    room.unit.take(first[0], "radiologist", st.TellResult(exam=first[1], channel=ev.Channel.PHONE))
    eva.opens(at).says("take_back", at=at, reason="slip")
    assert "Someone has been told of this" in eva.page
    assert room.exam(*first).reading.report is not None


def test_a_reading_on_hold_shows_why_and_who_looks_again(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    eva = reader("radiologist").begins()
    eva.says("hold", reason="earlier pictures are on the way", release_by="reader2")
    why = "earlier pictures are on the way; Noor Haddad, radiologist looks again"
    assert why in eva.opens("/reading/").page
    page = reader("reader3").opens(f"/reading/{patient}/{exam}/").page
    assert "This reading is held" in page
    assert why in page
    assert f"/patient/{patient}/do/ReleaseReading/?subject={exam}" in page


def test_who_comes_back_after_half_an_hour_goes_on_where_nobody_has_it(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    eva = reader("radiologist").begins()
    room.unit.now += handing.IDLE * 2
    reader("manager").opens("/reading/")
    handing.expire(room.unit.now)
    eva.says("normal")
    assert room.exam(patient, exam).reading.report is not None


def test_who_comes_back_signs_nothing_that_another_has_now(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    eva = reader("radiologist").begins()
    room.unit.now += handing.IDLE * 2
    reader("reader2").begins()
    assert pages.MEANWHILE in eva.says("normal").page
    assert room.exam(patient, exam).reading.report is None


def test_work_up_pictures_are_answered_in_the_room(room: Room, reader: Readers) -> None:
    patient, exam = room.examined(hours_ago=60)
    reader("radiologist").begins().says("propose", **CALL_LEFT).says("sign", **CALL_LEFT, **PLAN)
    x = st.Examination(
        kind=ExaminationKind.DIAGNOSTIC, performed_at=room.unit.now, sides=(LEFT,), accession="R|R|D1"
    )  # fmt: skip
    room.unit.take(patient, "technologist", st.TakeExamination(examination=x, site="main", episode="e1"))
    reader2 = reader("reader2").begins(listing="work_up")
    assert "how it is watched" in reader2.page
    reader2.says("sign", answer_0="benign")
    assert "assess_workup" not in room.unit.owes(patient)
    assert exam


def test_what_was_planned_and_not_done_stands_before_who_answers(room: Room, reader: Readers) -> None:
    patient, _ = room.examined(hours_ago=60)
    reader("radiologist").begins().says("propose", **CALL_LEFT).says("sign", **CALL_LEFT, **PLAN)
    for kind, accession in ((ExaminationKind.DIAGNOSTIC, "R|R|D1"), (ExaminationKind.ULTRASOUND, "R|R|D2")):
        x = st.Examination(kind=kind, performed_at=room.unit.now, sides=(LEFT,), accession=accession)
        room.unit.take(patient, "technologist", st.TakeExamination(examination=x, site="main", episode="e1"))
        page = reader("reader2").begins(listing="work_up").page
        assert ("Planned and not recorded" in page) is (kind is ExaminationKind.DIAGNOSTIC)
        room.release("reader2")


def test_the_missing_pictures_are_said_with_their_breast(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    room.unit.take(patient, "technologist", st.RecordIncomplete(exam=exam, reason="she felt faint", missing=(LEFT,)))
    assert "Left breast: she felt faint" in reader("radiologist").begins().page


def test_normal_against_a_report_that_is_not_is_said_twice(room: Room, reader: Readers) -> None:
    text = "FINDINGS: Spiculated mass in the left breast, concerning for malignancy."
    patient = room.unit.report(coded=(), text=text, status="P")
    eva = reader("radiologist").begins()
    calm: dict[str, Any] = {"side_left": "negative", "side_right": "negative"}
    eva.says("sign", **calm)
    assert AGAINST in eva.page
    assert "await_final" in room.unit.owes(patient)
    eva.says("sign", **calm, despite="on")
    assert "await_final" not in room.unit.owes(patient)


def test_managers_see_who_holds_what(room: Room, reader: Readers, sit: Callable[[str], Client]) -> None:
    patient, exam = room.examined()
    reader("radiologist").begins()
    page = reader("manager").opens("/reading/").page
    assert "Who holds what just now" in page
    assert "Eva Lindqvist" in page
    manager = sit("manager")
    assert manager.post("/reading/", {"do": "begin", "listing": "reading", "size": 5}).status_code == 403
    assert manager.get(f"/reading/{patient}/{exam}/").status_code == 403
    assert "Woman1" not in page


def test_there_is_no_page_for_an_examination_that_is_not_hers(room: Room, sit: Callable[[str], Client]) -> None:
    patient, _ = room.examined()
    assert sit("radiologist").get(f"/reading/{patient}/e9.x9/").status_code == 404


def test_who_signs_proves_again_who_they_are_and_finds_the_reading_as_it_was(
    room: Room, reader: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a reader whose last proof is half an hour old, with a call-back filled in
    patient, exam = room.examined(hours_ago=60)
    eva = reader("radiologist").begins().says("call_back").says("propose", **CALL_LEFT)
    monkeypatch.setattr(again, "FRESH", timedelta(minutes=30))
    room.unit.now += timedelta(minutes=29)
    eva.opens(f"/reading/{patient}/{exam}/")
    # When they sign
    eva.says("sign", waited_s=120, **CALL_LEFT, **PLAN)
    # Then they are asked who they are, and nothing is signed
    assert eva.at.startswith("/again/")
    assert room.exam(patient, exam).reading.report is None
    # And afterwards the form is as it was, and signing is still theirs to do
    answer = eva.client.post(eva.at, {"how": "password", "password": PASSWORD}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == f"/reading/{patient}/{exam}/"
    assert re.search(r'value="mass"[^>]*selected', page)
    assert room.exam(patient, exam).reading.report is None


# ---------------------------------------------------------------- the density her letter has to state


def test_nothing_is_signed_without_the_density_where_the_rules_want_it(room: Room, reader: Readers) -> None:
    patient, exam = room.examined()
    eva = reader("radiologist").begins()
    assert "Say the density of the breasts" in eva.says("normal", density="").page
    assert room.exam(patient, exam).result is None
    eva.says("normal", density="d")
    result = room.exam(patient, exam).result
    assert result is not None
    assert result.density == "d"


def test_where_no_rule_asks_for_it_the_density_may_stay_open(twice: Room, reader: Readers) -> None:
    patient, exam = twice.examined()
    reader("radiologist").begins().says("normal", density="")
    assert [o.reading.density for o in twice.exam(patient, exam).reading.opinions] == [None]


def test_a_feeds_report_without_it_is_shown_as_such_and_signed_again_with_it(room: Room, reader: Readers) -> None:
    patient = room.unit.report()
    eva = reader("radiologist")
    assert "density not stated:" in eva.opens(f"/patient/{patient}/").page
    exam = next(iter(room.unit.state(patient).episodes["e1"].exams))
    form = f"/patient/{patient}/do/RecordReading/?subject={exam}"
    data: dict[str, Any] = {"side_left": "negative", "side_right": "negative", "with_priors": "no"}
    assert "Say the density of the breasts" in eva.opens(form).says("", at=form, density="", **data).page
    eva.opens(form).says("", at=form, density="c", **data)
    assert "density not stated:" not in eva.opens(f"/patient/{patient}/").page
