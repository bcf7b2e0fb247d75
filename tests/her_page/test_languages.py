"""Her pages come in the language she chose, else hers on file, else her browser's; the desk stays English."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import translation

from closerlook.pathway.terms import Assessment as A
from closerlook.people.models import Patient, Site
from tests.her_page.conftest import BORN, Now
from tests.her_page.told import Told
from tests.letters.story import LEFT, RIGHT
from tests.look.html import Page
from tests.words.pages import SHIPPED

Enter = Callable[..., Client]
SPANISH_HEADING = "¿Cuál es su fecha de nacimiento?"


def language_of(answer: Any) -> str:
    return Page(answer.content.decode()).all("html")[0]["lang"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("es-MX,es;q=0.9,en;q=0.8", "es"), ("ar", "ar"), ("vi,fr;q=0.5", "fr"), ("de", "en"), ("*", "en"),
        ("en-GB,es;q=0.5", "en"), ("es;q=0,fr;q=0.1", "fr"), ("nonsense;;;", "en"),
    ],
)  # fmt: skip
def test_without_a_choice_the_browser_says_which(site: Site, header: str, language: str) -> None:
    assert language_of(Client().get("/my/birth-date/", headers={"Accept-Language": header})) == language


def test_a_choice_wins_and_is_kept_in_a_cookie_that_holds_nothing_else(site: Site) -> None:
    client = Client(headers={"Accept-Language": "fr"})
    answer = client.get("/my/birth-date/?language=es")
    cookie = answer.cookies["language"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == ("es", "Lax", True)
    assert language_of(answer) == language_of(client.get("/my/birth-date/")) == "es"
    with override_settings(HTTPS=True):
        assert client.get("/my/birth-date/?language=ar").cookies["language"]["secure"]


@pytest.mark.parametrize("made_up", ["xx", "", "../es", "es\r\nX: y", "EN"])
def test_a_choice_that_is_none_of_ours_is_left_aside(site: Site, made_up: str) -> None:
    client = Client()
    client.cookies["language"] = "zz"
    answer = client.get("/my/birth-date/", {"language": made_up})
    assert language_of(answer) == "en"
    assert "language" not in answer.cookies


@pytest.mark.parametrize("on_file", ["spa", "Spanish", "ES-MX"])
def test_what_is_on_file_comes_before_the_browser_and_after_her_choice(
    olsen: Patient, enter: Enter, on_file: str
) -> None:
    Patient.objects.filter(pk=olsen.pk).update(language=on_file)
    client = enter()
    assert language_of(client.get("/my/", headers={"Accept-Language": "fr"})) == "es"
    assert language_of(client.get("/my/?language=en", headers={"Accept-Language": "fr"})) == "en"
    assert language_of(client.get("/my/")) == "en"


def test_nothing_tells_whose_link_it_is_before_the_date_of_birth(olsen: Patient, url: str, at: Now, told: Told) -> None:
    Patient.objects.filter(pk=olsen.pk).update(language="spa")
    at(told.now)
    client = Client()
    client.get(url)
    assert language_of(client.get("/my/birth-date/")) == "en"
    client.post("/my/birth-date/", BORN)
    assert language_of(client.get("/my/")) == "es"
    client.post("/my/leave/")
    assert language_of(client.get("/my/birth-date/")) == "en"


def test_the_languages_to_choose_name_themselves(site: Site) -> None:
    page = Page(Client().get("/my/birth-date/?language=ar&x=1").content.decode())
    links = {a["lang"]: a for a in page.all("a") if "hreflang" in a}
    assert set(links) == set(SHIPPED) - {"ar"}
    assert links["es"]["href"] == "/my/birth-date/?x=1&language=es"
    for name in ("English", "Español", "العربية", "Français"):
        assert name in page.text


def test_a_choice_under_the_answer_to_a_form_leads_back_to_where_the_form_stood(enter: Enter, olsen: Patient) -> None:
    Patient.objects.filter(pk=olsen.pk).update(phone="")
    client = enter()
    page = "/my/code/send/"
    for referer, href in (("http://testserver/my/?x=1", "/my/"), ("https://elsewhere.example/a", "/my/"), ("", "/my/")):
        answer = client.post(page, headers={"Referer": referer})
        assert f'href="{href}?language=es"' in answer.content.decode()


def test_a_language_without_words_of_ours_brings_an_interpreter_line_in_it(enter: Enter, olsen: Patient) -> None:
    Patient.objects.filter(pk=olsen.pk).update(language="vie")
    answer = enter().get("/my/")
    page = Page(answer.content.decode())
    assert language_of(answer) == "en"
    assert "An interpreter costs you nothing. Ring us." in page.text
    assert {"lang": "vi", "dir": "ltr"} in page.all("p")


def test_the_desk_stays_english_and_so_do_its_words_for_what_went_wrong(site: Site) -> None:
    client = Client(headers={"Accept-Language": "es"})
    client.cookies["language"] = "es"
    with override_settings(ROOT_URLCONF="closerlook.urls"):
        desk = client.get("/nothing-here/")
    assert Page(desk.content.decode()).all("html")[0]["lang"] == "en"
    assert "language" not in desk.cookies
    assert "Accept-Language" not in desk.headers.get("Vary", "")


def test_no_language_is_left_behind_for_the_next_answer(site: Site) -> None:
    with translation.override("en"):
        Client().get("/my/birth-date/?language=ar")
        assert translation.get_language() == "en"


def test_a_printed_result_and_the_text_with_the_code_follow_the_page(told: Told, enter: Enter, olsen: Patient) -> None:
    Patient.objects.filter(pk=olsen.pk).update(language="spa")
    told.report((LEFT, A.INCOMPLETE_IMAGING), (RIGHT, A.NEGATIVE))
    client = enter()
    letter = client.get(f"/my/result/{told.exam.id}/print/").content.decode()
    assert "Necesitamos más imágenes de su mama izquierda." in letter
    client.post("/my/code/send/")
    body = max((Path(settings.DATA_DIR) / "outbox/texts").iterdir()).read_text()
    assert "es su clave de" in body


def test_what_went_wrong_on_her_page_is_said_in_english_and_marked_so(enter: Enter) -> None:
    client = enter()
    with override_settings(ROOT_URLCONF="closerlook.urls"):
        answer = client.get("/my/result/none/print/?language=ar")
    assert answer.status_code == 404
    assert Page(answer.content.decode()).all("html")[0] == {"lang": "en", "dir": "ltr", "class": "desk"}
