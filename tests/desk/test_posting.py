"""Letters: printed, looked at, posted, come back, posted again; and never the wrong printing."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from closerlook.desk import here
from closerlook.pathway import steps as st
from tests.desk.people import Unit
from tests.feeds.messages import CALLED_LEFT

Sit = Callable[[str], Client]


@pytest.fixture
def patient(unit: Unit, letters: Callable[[], int]) -> str:
    found = unit.report()
    letters()
    return found


def values(client: Client) -> list[str]:
    return re.findall(r'name="letter" value="([^"]+)"', client.get("/post/").content.decode())


def post(client: Client, letters: list[str], proof: str = "posted, first class") -> str:
    return client.post("/post/", {"letter": letters, "proof": proof}, follow=True).content.decode()


def test_what_is_ticked_is_posted_and_settles_a_normal_round(unit: Unit, patient: str, sit: Sit) -> None:
    assert unit.owes(patient)
    assert "Recorded as posted: 2." in post(sit("desk"), values(sit("desk")))
    assert set(unit.owes(patient)) <= {"set_next_due", "invite"}  # her next screening is all that is left
    assert unit.state(patient).episodes["e1"].settled


def test_nothing_ticked_and_nothing_said_are_told(patient: str, sit: Sit) -> None:
    assert "Tick what was posted." in post(sit("desk"), [])
    assert "Say how it went." in post(sit("desk"), values(sit("desk")), proof=" ")


def test_a_whole_batch_is_ticked_at_once_where_someone_asks_for_it(
    unit: Unit, letters: Callable[[], int], sit: Sit
) -> None:
    for n in range(3):
        unit.report(f"P{n}", number=f"MR5{n}", name=f"Weber^Ina{n}", accession=f"P{n}")
    letters()
    page = sit("desk").get("/post/").content.decode()
    assert "?tick=all" in page
    assert "checked" not in page
    ticked = sit("desk").get("/post/?tick=all").content.decode()
    assert ticked.count(" checked") == len(values(sit("desk"))) > 3


def test_ticked_twice_it_is_recorded_once(unit: Unit, patient: str, sit: Sit) -> None:
    ticked = values(sit("desk"))
    post(sit("desk"), ticked)
    before = unit.state(patient).version
    post(sit("desk"), ticked)
    assert unit.state(patient).version == before


def test_a_letter_that_came_back_is_printed_and_posted_again(
    unit: Unit, patient: str, sit: Sit, letters: Callable[[], int]
) -> None:
    # Given a letter that was posted and came back
    post(sit("desk"), values(sit("desk")))
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    unit.take(patient, "desk", st.RecordReturned(exam=exam, reason="unknown at this address"))
    assert "send_summary" in unit.owes(patient)
    # When it is printed and posted again
    letters()
    (again,) = values(sit("desk"))
    assert "Recorded as posted: 1." in post(sit("desk"), [again])
    # Then that counts
    assert set(unit.owes(patient)) <= {"set_next_due", "invite"}  # her next screening is all that is left


def test_what_was_printed_anew_meanwhile_is_not_ticked_by_an_old_page(
    unit: Unit, patient: str, sit: Sit, letters: Callable[[], int]
) -> None:
    # Given a page with a letter that says "normal"
    ticked = values(sit("desk"))
    # When a corrected report asks for more pictures, and the letter is printed anew
    unit.report("M2", status="C", coded=CALLED_LEFT)
    letters()
    # Then the old tick is not taken for the new letter
    page = post(sit("desk"), ticked)
    assert "has been printed anew since" in page
    assert "post_document" in unit.owes(patient)


@pytest.mark.parametrize("value", ["", "x", "p/e1.x2:summary/x", "p/e1.x2:other/1", "nobody/e1.x2:summary/0"])
def test_a_tick_that_makes_no_sense_records_nothing(patient: str, sit: Sit, unit: Unit, value: str) -> None:
    before = unit.state(patient).version
    sit("desk").post("/post/", {"letter": [value], "proof": "posted"})
    assert unit.state(patient).version == before


def test_who_may_not_post_may_look(patient: str, sit: Sit) -> None:
    page = sit("technologist").get("/post/").content.decode()
    assert "Marta Olsen" in page
    assert "checkbox" not in page


def test_her_link_in_the_letter_is_for_who_may_hand_it_out(unit: Unit, patient: str, sit: Sit, outbox: Path) -> None:
    # Given her letter, with her personal link and its code
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    path = f"/patient/{patient}/letter/{exam}/summary/"
    address = re.compile(r"/my/[\w-]+|<svg")
    (file,) = [one for one in outbox.iterdir() if one.name.startswith("summary")]
    whole = file.read_text()
    assert address.search(whole)
    # Then whoever may hand it out sees the letter as it is posted
    for who in ("desk", "navigator", "nurse"):
        assert sit(who).get(path).content.decode() == whole
    # And everybody else the same words without the link
    for who in ("technologist", "pathology", "manager"):
        page = sit(who).get(path).content.decode()
        assert not address.search(page)
        assert "They are not shown to your role." in page
        assert "Dear" in page
        assert "This letter is for" in page
    assert file.read_text() == whole


def test_an_older_letter_in_which_her_link_is_not_marked_is_not_shown_to_who_may_not_have_it(
    unit: Unit, patient: str, sit: Sit, outbox: Path
) -> None:
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    path = f"/patient/{patient}/letter/{exam}/summary/"
    (file,) = [one for one in outbox.iterdir() if one.name.startswith("summary")]
    file.write_text(file.read_text().replace("<!-- end of her link -->", ""))
    answer = sit("technologist").get(path)
    assert answer.status_code == 403
    assert "ask the front desk" in answer.content.decode()
    assert sit("desk").get(path).status_code == 200


def test_a_file_that_is_gone_can_be_printed_anew(unit: Unit, patient: str, sit: Sit, outbox: Path) -> None:
    # Given a letter whose file is gone from the outbox
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    for file in outbox.iterdir():
        file.unlink()
    client = sit("desk")
    answer = client.get(f"/patient/{patient}/letter/{exam}/summary/")
    assert answer.status_code == 404
    # When the front desk prints it anew
    (path,) = re.findall(r'href="([^"]*PrepareDocument[^"]*)"', answer.content.decode())
    path = path.replace("&amp;", "&")
    page = client.get(path).content.decode()
    assert re.search(r'value="summary"[^>]*checked', page)
    sent = {"seen": unit.state(patient).version, "key": "k", "document": "summary"}
    client.post(path, sent)
    # Then it can be looked at, and posted
    assert client.get(f"/patient/{patient}/letter/{exam}/summary/").status_code == 200
    assert any(":summary/" in value for value in values(client))


def test_nobody_but_the_desk_is_offered_to_print(unit: Unit, patient: str, sit: Sit, outbox: Path) -> None:
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    for file in outbox.iterdir():
        file.unlink()
    page = sit("nurse").get(f"/patient/{patient}/letter/{exam}/summary/").content.decode()
    assert "The printed file is gone" in page
    assert "Print it anew" not in page


def test_a_count_that_stopped_says_so(patient: str, sit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.search(r'To post <span class="count">2</span>', sit("desk").get("/").content.decode())
    monkeypatch.setattr(here, "COUNTED", 1)
    assert re.search(r'To post <span class="count">1\+</span>', sit("desk").get("/").content.decode())
