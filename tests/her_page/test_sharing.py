"""A shared link shows what she chose, to whoever has its number, until she ends it."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from re import search

import pytest
from django.test import Client

from closerlook.pathway.terms import Assessment, FindingKind, Tissue
from closerlook.people.models import Patient
from closerlook.portal import links, sharing
from closerlook.portal.models import Look, Note, SharedLink
from tests.her_page.conftest import Now
from tests.her_page.reading import GRAVE
from tests.her_page.told import Told
from tests.letters.story import LEFT

Enter = Callable[..., Client]


def make(her: Client, *parts: str, name: str = "") -> tuple[str, str]:
    """Make a shared link; returns its path and its number."""
    name = name or f"Ruth {SharedLink.objects.count() + 1}"
    page = unescape(her.post("/my/share/", {"name": name, "parts": list(parts)}).content.decode())
    path = search(r"http://testserver(/my/shared/\S+?)<", page)
    number = search(r"(\d{3} \d{3})<", page)
    assert path is not None
    assert number is not None
    return path[1], number[1]


def opened(path: str, number: str) -> Client:
    other = Client()
    other.get(path)
    assert other.post("/my/shared/", {"code": number}).status_code == 302
    return other


def text(other: Client) -> str:
    return unescape(other.get("/my/shared/").content.decode())


def test_only_what_she_chose_is_shown(enter: Enter, told: Told) -> None:
    told.called_back(reasons=(FindingKind.CALCIFICATIONS,)).booked()
    her = enter()
    her.post("/my/notebook/add/", {"kind": "question", "words": "Will it hurt?"})
    day = text(opened(*make(her, "visit")))
    assert "Riverside" in day
    assert "asked back" not in day
    assert "calcium" not in day
    assert "Will it hurt?" not in day
    why = text(opened(*make(her, "reason")))
    assert "You have been asked back" in why
    assert 'class="when"' not in why
    assert "Will it hurt?" in text(opened(*make(her, "notes")))


def test_a_result_is_shared_only_by_who_gave_a_code_and_chose_it(enter: Enter, told: Told) -> None:
    told.called_back(ultrasound=True).worked_up((LEFT, Assessment.SUSPICIOUS))
    plain = enter()
    assert plain.post("/my/share/", {"name": "Ruth", "parts": ["result"]}).status_code == 422
    her = enter(coded=True)
    exam = next(reversed(told.look().episode.exams))
    before = opened(*make(her, "result"))
    her.post(f"/my/result/{exam}/open/")
    assert not GRAVE.search(text(before))
    assert GRAVE.search(text(opened(*make(her, "result"))))
    assert not GRAVE.search(text(opened(*make(her, "visit", "reason", "notes"))))


def test_what_is_found_after_she_shared_is_not_in_it(enter: Enter, told: Told) -> None:
    """She shared that more pictures are needed. What the sample then showed is for her to share, or not."""
    told.called_back(ultrasound=True).booked()
    shared = opened(*make(enter(coded=True), "result", "reason"))
    assert "You have been asked back" in text(shared)
    told.worked_up((LEFT, Assessment.SUSPICIOUS)).told()
    assert not GRAVE.search(text(shared))
    told.sampled().pathology(Tissue.MALIGNANT).diagnosis_told()
    assert "cancer" not in text(shared)


def test_the_same_form_sent_again_makes_no_second_link(enter: Enter, told: Told) -> None:
    told.called_back().booked()
    her = enter()
    make(her, "visit", name="Ruth")
    assert her.post("/my/share/", {"name": "Ruth", "parts": ["visit"]}).status_code == 422
    assert SharedLink.objects.count() == 1


def test_it_ends_with_the_link_it_was_made_through(enter: Enter, told: Told, olsen: Patient) -> None:
    told.called_back().booked()
    other = opened(*make(enter(), "visit"))
    links.revoke(olsen, told.now)
    assert 'class="when"' not in text(other)


def test_leaving_closes_it(enter: Enter, told: Told) -> None:
    told.called_back().booked()
    other = opened(*make(enter(), "visit"))
    other.post("/my/leave/")
    assert 'class="when"' not in text(other)


def test_it_ends_the_moment_she_says_so(enter: Enter, told: Told) -> None:
    told.called_back().booked()
    her = enter()
    other = opened(*make(her, "visit"))
    her.post(f"/my/share/{SharedLink.objects.get().pk}/end/")
    assert "Riverside Breast Clinic, " not in text(other)
    assert "When" not in text(other)
    assert SharedLink.objects.get().revoked_at is not None


def test_five_wrong_numbers_end_it_for_the_right_one_too(enter: Enter, told: Told) -> None:
    told.called_back()
    path, number = make(enter(), "visit")
    other = Client()
    other.get(path)
    wrong = "000 000" if number != "000 000" else "111 111"
    answers = [other.post("/my/shared/", {"code": wrong}).status_code for _ in range(sharing.TRIES)]
    assert answers == [403] * sharing.TRIES
    assert other.post("/my/shared/", {"code": number}).status_code == 403


def test_an_unknown_link_a_wrong_number_and_an_ended_link_look_alike(enter: Enter, told: Told) -> None:
    told.called_back()
    path, _number = make(enter(), "visit")
    seen = set()
    for where in (path, "/my/shared/2222-2222-2222-2222-2222/"):
        other = Client()
        other.get(where)
        answer = other.post("/my/shared/", {"code": "not it"})
        seen.add((answer.status_code, "That did not open it." in answer.content.decode()))
    assert seen == {(403, True)}


def test_it_expires_and_forgets_after_half_an_hour(enter: Enter, told: Told, at: Now) -> None:
    told.called_back().booked()
    path, number = make(enter(), "visit")
    other = opened(path, number)
    at(told.now + timedelta(minutes=31))
    assert 'class="when"' not in text(other)
    at(told.now + sharing.WORKS_FOR + timedelta(minutes=1))
    late = Client()
    late.get(path)
    assert late.post("/my/shared/", {"code": number}).status_code == 403


def test_each_look_is_kept_and_she_sees_that_it_was_opened(enter: Enter, told: Told) -> None:
    told.called_back().booked()
    her = enter()
    other = opened(*make(her, "visit"))
    assert "Not opened yet." in her.get("/my/share/").content.decode()
    text(other)
    look = Look.objects.get(link=None)
    assert (look.shared.name if look.shared else "", look.shown) == ("Ruth 1", "visit")
    assert "Last opened on" in her.get("/my/share/").content.decode()


@pytest.mark.parametrize("path", ["/my/", "/my/notebook/", "/my/share/", "/my/wishes/", "/my/support/"])
def test_a_shared_link_opens_no_other_page_and_changes_nothing(enter: Enter, told: Told, path: str) -> None:
    told.called_back().booked()
    other = opened(*make(enter(), "visit", "reason"))
    assert other.get(path).status_code == 302
    other.post("/my/notebook/add/", {"kind": "question", "words": "not hers"})
    other.post("/my/call/", {"best_time": "any"})
    assert not Note.objects.exists()
    assert not told.look().patient.call_requested


def test_nothing_to_share_and_nobody_named_are_said(enter: Enter, told: Told) -> None:
    told.called_back()
    her = enter()
    answer = her.post("/my/share/", {"name": "", "parts": []})
    assert answer.status_code == 422
    assert "2 things to put right" in answer.content.decode()
