"""What she does on her page goes through the door as hers, once, and the next page shows it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from closerlook.pathway import steps as st
from closerlook.pathway.events import Kind, Purpose
from closerlook.pathway.terms import Assessment, Density, ExaminationKind, FindingKind
from closerlook.people.models import Patient
from closerlook.portal.models import Look
from tests.her_page.told import Told
from tests.letters.story import LEFT
from tests.look.html import Page

A = Assessment
Enter = Callable[..., Client]


def page(client: Client) -> Page:
    answer = client.get("/my/")
    assert answer.status_code == 200
    found = Page(answer.content.decode())
    assert found.faults == []
    return found


def asked_back(told: Told) -> Told:
    told.called_back(reasons=(FindingKind.CALCIFICATIONS,), views=("magnification",), answer_same_day=True)
    return told


def worked_up(told: Told, assessment: Assessment = A.SUSPICIOUS) -> Told:
    asked_back(told).worked_up((LEFT, assessment))
    return told


def test_she_confirms_her_visit(told: Told, enter: Enter) -> None:
    asked_back(told).booked()
    client = enter()
    assert "Yes, I will come" in page(client).text
    for _ in range(2):  # a second click changes nothing
        client.post(f"/my/round/{told.episode.id}/confirm/")
    assert told.look().episode.visit.confirmed_by_her
    assert "You have told us that you will come." in page(client).text
    record = told_records(told)[-1]
    assert (record.actor.kind, record.actor.id) == (Kind.PATIENT, told.stream)


def test_she_confirms_the_visit_that_her_page_shows_whatever_it_is_for(told: Told, enter: Enter) -> None:
    told.invited().visit(Purpose.SCREENING)
    client = enter()
    assert "Yes, I will come" in page(client).text
    client.post(f"/my/round/{told.episode.id}/confirm/")
    assert told.look().episode.visits[Purpose.SCREENING].confirmed_by_her
    assert "You have told us that you will come." in page(client).text


def test_what_a_visit_is_for_stands_nowhere_before_the_code(told: Told, enter: Enter) -> None:
    told.to_sample().visit(Purpose.BIOPSY)
    html = enter().get("/my/").content.decode()
    assert "2nd floor" in html
    assert "biopsy" not in html
    assert "On that day the sample is taken." in page(enter(coded=True)).text


def test_a_day_for_the_laboratorys_answer_comes_from_what_is_owed(told: Told, enter: Enter) -> None:
    told.sampled()
    assert "We expect the answer from the laboratory by" in page(enter(coded=True)).text


def told_records(told: Told) -> Any:
    from closerlook.record import door

    return door.look(told.stream).records


def test_she_asks_for_a_call(told: Told, enter: Enter) -> None:
    asked_back(told)
    client = enter()
    client.post("/my/call/", {"best_time": "morning"})
    assert told.look().patient.call_requested
    assert "You have asked us to ring you." in page(client).text
    assert "Ask us to ring me" not in page(client).text
    client.post("/my/call/", {"best_time": "morning"})
    assert [type(r.event).__name__ for r in told_records(told)].count("CallRequested") == 1


def test_she_asks_to_move_her_visit(told: Told, enter: Enter) -> None:
    asked_back(told).booked()
    enter().post("/my/call/", {"about": "move"})
    assert told_records(told)[-1].event.best_time == "to move the visit; best time: any"


def test_she_goes_on_after_all(told: Told, enter: Enter) -> None:
    asked_back(told).paused("declined")
    client = enter()
    assert "I would like to go on" in page(client).text
    client.post(f"/my/round/{told.episode.id}/go-on/")
    assert told.look().episode.paused is None
    assert "You have been asked back" in page(client).text


def test_opening_her_page_finds_who_was_lost(told: Told, enter: Enter) -> None:
    asked_back(told).sent().lost()
    assert told.look().episode.paused is not None
    client = enter()
    page(client)
    assert told.look().episode.paused is None


# ---------------------------------------------------------------- a result behind the code


def test_a_later_result_asks_for_a_code_then_for_her_choice_then_opens(told: Told, enter: Enter) -> None:
    worked_up(told)
    client = enter()
    assert "A result of yours is ready." in page(client).text
    exam = told.exam.id
    client.post(f"/my/result/{exam}/open/")  # not before the code
    assert not told.look().exam.telling.seen
    client = enter(coded=True)
    assert "How would you like to hear your result?" in page(client).text
    assert "sample" not in page(client).text
    client.post(f"/my/result/{exam}/open/")
    assert told.look().exam.telling.seen
    assert "needs a tissue sample" in page(client).text
    assert any(key[1] == "ring_after_seen" for key in told.patient.owed)


def test_she_may_rather_hear_it_from_a_person(told: Told, enter: Enter) -> None:
    worked_up(told)
    client = enter(coded=True)
    client.post("/my/call/")
    assert told.look().patient.call_requested
    said = page(client).text
    assert "You have asked us to ring you." in said
    assert "Open it here now" in said
    assert "sample" not in said


def test_a_changed_result_must_be_opened_anew_and_can_be(told: Told, enter: Enter) -> None:
    worked_up(told, A.BENIGN)
    exam = told.exam.id
    client = enter(coded=True)
    client.post(f"/my/result/{exam}/open/")
    assert "harmless" in page(client).text
    told.look().report((LEFT, A.SUSPICIOUS), kind=ExaminationKind.DIAGNOSTIC, accession="S|2", same_round=True)
    client = enter(coded=True)
    assert "harmless" not in page(client).text
    assert "How would you like" in page(client).text
    client.post(f"/my/result/{exam}/open/")
    assert told.look().exam.telling.seen
    said = page(client).text
    assert "The earlier letter was wrong" in said
    assert "needs a tissue sample" in said


def test_a_wrong_code_opens_nothing(told: Told, enter: Enter) -> None:
    worked_up(told)
    client = enter()
    client.post("/my/code/send/")
    assert client.post("/my/code/", {"code": "not a code"}).status_code == 403
    assert client.post("/my/code/", {"code": ""}).status_code == 200
    assert "A result of yours is ready." in page(client).text


def test_without_a_number_she_is_told_whom_to_ring(told: Told, olsen: Patient, enter: Enter) -> None:
    worked_up(told)
    Patient.objects.filter(pk=olsen.pk).update(phone="")
    answer = enter().post("/my/code/send/")
    assert "Please ring us for this result." in answer.content.decode()
    assert "555 0100" in answer.content.decode()


def test_too_many_codes_and_a_full_disk_have_pages_of_their_own(told: Told, enter: Enter, tmp_path: Path) -> None:
    worked_up(told)
    client = enter()
    for _ in range(5):
        client.post("/my/code/send/")
    assert client.post("/my/code/send/").status_code == 429
    for text in (tmp_path / "outbox/texts").iterdir():
        assert "result" not in json.loads(text.read_text())["body"]
        text.unlink()
    (tmp_path / "outbox/texts").rmdir()
    (tmp_path / "outbox/texts").write_text("a file stands in the way")
    from closerlook.portal.models import OneTimeCode

    OneTimeCode.objects.all().delete()
    assert client.post("/my/code/send/").status_code == 503


def test_a_result_taken_back_while_she_chose_is_not_opened(told: Told, enter: Enter) -> None:
    worked_up(told)
    exam = told.exam.id
    client = enter(coded=True)
    page(client)
    told.take(st.WithdrawReport(exam=exam, reason="another's", examination_hers=True))
    answer = client.post(f"/my/result/{exam}/open/", follow=True)
    assert "Something has changed while you looked." in answer.content.decode()
    assert "sample" not in answer.content.decode()
    assert "Something has changed" not in page(client).text


# ---------------------------------------------------------------- printing, looking, leaving


def test_she_prints_what_is_open_to_her_and_nothing_else(told: Told, enter: Enter) -> None:
    asked_back(told)
    first = told.exam.id
    told.worked_up((LEFT, A.SUSPICIOUS))
    client = enter()
    assert client.get(f"/my/result/{told.exam.id}/print/").status_code == 404
    assert client.get(f"/my/result/{first}/print/").status_code == 404
    client = enter(coded=True)
    client.post(f"/my/result/{told.exam.id}/open/")
    letter = Page(client.get(f"/my/result/{told.exam.id}/print/").content.decode())
    assert letter.faults == []
    assert "Marta Olsen" in letter.text
    assert "needs a tissue sample" in letter.text


def test_the_printed_letter_of_a_normal_result_holds_the_density_statement(told: Told, enter: Enter) -> None:
    told.report(A.NEGATIVE, density=Density.C)
    client = enter()
    assert "Your breast tissue is dense." in page(client).text
    assert "Your breast tissue is dense." in client.get(f"/my/result/{told.exam.id}/print/").content.decode()


def test_it_is_kept_what_stood_on_her_page(told: Told, enter: Enter) -> None:
    worked_up(told)
    enter().get("/my/")
    assert Look.objects.latest("pk").shown == ""
    client = enter(coded=True)
    client.post(f"/my/result/{told.exam.id}/open/")
    client.get("/my/")
    look = Look.objects.latest("pk")
    assert look.shown == told.exam.id
    assert look.version == told.look().patient.version


def test_leaving_closes_the_page_and_says_nothing_of_her(told: Told, enter: Enter) -> None:
    asked_back(told)
    client = enter()
    left = client.post("/my/leave/").content.decode()
    assert "You have left your page." in left
    assert "asked back" not in left
    assert client.get("/my/", follow=True).redirect_chain[-1][0] == "/my/birth-date/"
    assert "Please open your link again." in client.get("/my/birth-date/").content.decode()


def test_another_link_in_the_same_browser_forgets_the_first(told: Told, enter: Enter, url: str) -> None:
    asked_back(told)
    client = enter()
    client.get(url)
    assert client.get("/my/").status_code == 302


@pytest.mark.parametrize(
    "path", ["/my/", "/my/code/", "/my/result/e1.x1/print/"],
)  # fmt: skip
def test_no_page_opens_without_a_date_of_birth(told: Told, url: str, path: str) -> None:
    client = Client()
    client.get(url)
    assert client.get(path).headers["Location"] == "/my/birth-date/"


@pytest.mark.parametrize("path", ["/my/call/", "/my/code/send/", "/my/result/e1.x1/open/", "/my/round/e1/confirm/"])
def test_nothing_is_done_without_a_date_of_birth(told: Told, url: str, path: str) -> None:
    client = Client()
    client.get(url)
    asked_back(told).booked()
    before = told.patient.version
    assert client.post(path).headers["Location"] == "/my/birth-date/"
    assert told.look().patient.version == before


def test_a_form_from_elsewhere_does_nothing(told: Told, enter: Enter) -> None:
    asked_back(told)
    client = enter()
    client.handler.enforce_csrf_checks = True
    assert client.post("/my/call/").status_code == 403
    assert not told.look().patient.call_requested


def test_who_has_died_has_a_page_that_says_nothing(told: Told, enter: Enter) -> None:
    asked_back(told).take(st.RecordDeath(died_on=told.now.date()))
    said = page(enter()).text
    assert "This page is closed." in said
    assert "555 0100" in said.replace("\u00a0", " ")
    assert "asked back" not in said
    assert "ring you" not in said
