"""Two read apart: nothing of the first reading is to be seen by the second, and then everything by who decides."""

import re
from collections.abc import Callable
from typing import Any

from closerlook.pathway.opinions import standing
from closerlook.pathway.terms import Assessment, FindingKind, Laterality
from closerlook.people import sites
from closerlook.record import door
from tests.reading_room.room import Reader, Room

Readers = Callable[[str], Reader]
RECALL: dict[str, Any] = {
    "side_left": "incomplete_imaging", "side_right": "negative", "kind_left": "distortion", "clock_left": "11",
    "place_left": "behind the scar", "density": "d",
}  # fmt: skip
WHAT_THE_FIRST_SAID = ("distortion", "11 o'clock", "behind the scar", "Eva Lindqvist: ", "Incomplete: more imaging,")
CHANGING = re.compile(r'name="(csrfmiddlewaretoken|key|seen)" value="[^"]*"')


def test_the_second_reader_sees_nothing_of_the_first(twice: Room, reader: Readers) -> None:
    patient, exam = twice.examined()
    reader("radiologist").begins().says("sign", **RECALL)
    second = reader("reader2").begins()
    main = second.page[second.page.index("<main") :]
    assert not [said for said in WHAT_THE_FIRST_SAID if said in main]
    assert "You read apart" in main
    record = reader("reader2").opens(f"/patient/{patient}/").page
    assert not [said for said in WHAT_THE_FIRST_SAID if said in record]
    assert second.at == f"/reading/{patient}/{exam}/"


def test_the_page_is_the_same_whatever_the_first_said(twice: Room, reader: Readers) -> None:
    pages = []
    for says, who in (("normal", "reader2"), ("sign", "reader3")):
        twice.examined()
        reader("radiologist").begins(size=1).says(says, **(RECALL if says == "sign" else {}))
        second = reader(who).begins()
        main = CHANGING.sub("", second.page.partition("<main")[2]).replace(" selected", "")
        pages.append(re.sub(r"Woman\d+|ACC\d+|p[2-9a-z]{14}", "", main))
        second.says("normal")
    one, other = pages
    assert "You read apart" in one
    assert one == other


def test_two_who_read_at_the_same_time_do_not_hold_each_other_up(twice: Room, reader: Readers) -> None:
    patient, exam = twice.examined()
    eva, noor = reader("radiologist").begins(), reader("reader2").begins()
    eva.says("normal")
    noor.says("normal")
    assert len(twice.exam(patient, exam).reading.opinions) == 2
    assert "finalise_reading" in twice.unit.owes(patient)


def test_one_of_two_has_no_plan_yet(twice: Room, reader: Readers) -> None:
    patient, _ = twice.examined()
    eva = reader("radiologist").begins().says("propose", **RECALL)
    assert "the plan is made once both have read" in eva.page
    eva.says("sign", **RECALL)
    assert "Opinion" in [type(r.event).__name__ for r in records(patient)]
    assert twice.unit.state(patient).episodes["e1"].plan is None


def test_who_decides_sees_both_side_by_side_and_plans_at_once(twice: Room, reader: Readers) -> None:
    patient, exam = twice.examined()
    reader("radiologist").begins().says("sign", **RECALL)
    reader("reader2").begins().says("normal")
    assert standing(twice.exam(patient, exam).reading, sites.protocol()) == "differ"
    third = reader("reader3").begins()
    for said in ("Two readings, side by side", "Eva Lindqvist", "Noor Haddad", "differs", "behind the scar"):
        assert said in third.page
    decided = {**RECALL, "kind_left": "mass"}
    third.says("propose", **decided)
    third.says("sign", **decided, views=["SPOT", "ML"], ultrasound="yes", answer_same_day="yes", panel="")
    report = twice.exam(patient, exam).reading.report
    assert report is not None
    assert Assessment.INCOMPLETE_IMAGING in report.assessments
    plan = twice.unit.state(patient).episodes["e1"].plan
    assert plan is not None
    assert (plan.reasons, plan.sides) == ((FindingKind.MASS,), (Laterality.LEFT,))


def test_a_panel_decides_by_its_names(twice: Room, reader: Readers) -> None:
    patient, exam = twice.examined()
    reader("radiologist").begins().says("sign", **RECALL)
    reader("reader2").begins().says("normal")
    reader("reader3").begins().says("normal", panel="Eva Lindqvist\nBram Visser")
    said = next(r.event for r in reversed(records(patient)) if type(r.event).__name__ == "Arbitrated")
    assert said.panel == ("Eva Lindqvist", "Bram Visser")
    assert twice.exam(patient, exam).reading.report is not None


def test_two_alone_decide_as_a_panel(twice: Room, reader: Readers) -> None:
    patient, exam = twice.examined()
    reader("radiologist").begins().says("sign", **RECALL)
    assert "do/Arbitrate/" not in reader("radiologist").opens(f"/reading/{patient}/{exam}/").page
    reader("reader2").begins().says("normal")
    eva = reader("radiologist").begins()
    assert "Nothing is left here for you just now" in eva.page
    assert f"/patient/{patient}/do/Arbitrate/?subject={exam}" in eva.opens(f"/reading/{patient}/{exam}/").page


def records(patient: str) -> list[Any]:
    return list(door.look(patient).records)
