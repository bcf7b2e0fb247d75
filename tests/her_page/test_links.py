"""A link opens nothing without her date of birth, locks after five wrong ones, and cannot be read from the database."""

import logging
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client

from closerlook.people.kept import NeverChanged
from closerlook.people.models import DetailsChanged, Patient
from closerlook.portal import links
from closerlook.portal.models import PERSONAL, Look, PersonalLink
from tests.her_page.conftest import BORN, Now, session_of
from tests.her_page.told import Told

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
HERS, WRONG = date(1968, 5, 3), date(1968, 5, 4)


@pytest.fixture
def token(olsen: Patient) -> str:
    return links.issue(olsen, NOW, olsen.site).rstrip("/").rpartition("/")[2]


def test_a_link_is_an_address_that_can_be_typed(olsen: Patient) -> None:
    url = links.issue(olsen, NOW, olsen.site)
    assert re.fullmatch(r"http://testserver/my/(?:[2-9a-hj-km-np-z]{4}-){4}[2-9a-hj-km-np-z]{4}/", url)
    assert links.issue(olsen, NOW, olsen.site) != url


def test_the_database_holds_no_token(token: str) -> None:
    stored = PersonalLink.objects.get()
    row = " ".join(str(getattr(stored, field.attname)) for field in stored._meta.concrete_fields)
    assert token not in row
    assert token.replace("-", "") not in row


def test_a_token_is_read_however_it_was_typed(token: str) -> None:
    for typed in (token, token.upper(), token.replace("-", ""), f" {token} "):
        assert links.check(links.hash_of(typed), HERS, NOW) is not None


def test_five_wrong_dates_lock_the_link_for_an_hour_for_the_right_date_too(token: str) -> None:
    key = links.hash_of(token)
    for _ in range(5):
        assert links.check(key, WRONG, NOW) is None
    assert links.check(key, HERS, NOW + timedelta(minutes=59)) is None
    assert links.check(key, HERS, NOW + timedelta(minutes=61)) is not None


def test_the_right_date_starts_the_count_again(token: str) -> None:
    key = links.hash_of(token)
    for _ in range(3):
        for _ in range(4):
            links.check(key, WRONG, NOW)
        assert links.check(key, HERS, NOW) is not None


def test_a_link_ends_when_it_expires_and_when_it_is_revoked(olsen: Patient, token: str) -> None:
    key = links.hash_of(token)
    assert links.check(key, HERS, NOW + timedelta(days=365)) is not None
    assert links.check(key, HERS, NOW + timedelta(days=366)) is None
    assert links.revoke(olsen, NOW) == 1
    assert links.check(key, HERS, NOW) is None
    assert links.revoke(olsen, NOW) == 0


def test_every_refusal_is_the_same_page(olsen: Patient, at: Now) -> None:
    at(NOW)
    answers = set()
    for case in ("unknown", "wrong", "expired", "revoked", "locked"):
        url = links.issue(olsen, NOW - timedelta(days=400 if case == "expired" else 0), olsen.site)
        if case == "unknown":
            url = "http://testserver/my/aaaa-aaaa-aaaa-aaaa-aaaa/"
        if case == "revoked":
            links.revoke(olsen, NOW)
        client = Client()
        first = client.get(url, follow=True)
        if case == "locked":
            for _ in range(5):
                client.post("/my/birth-date/", {**BORN, "day": "4"})
        answer = client.post("/my/birth-date/", BORN if case != "wrong" else {**BORN, "day": "4"})
        html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", (first.content + answer.content).decode())
        answers.add((first.status_code, answer.status_code, html))
    assert len(answers) == 1
    assert next(iter(answers))[1] == 403


@pytest.mark.parametrize(
    "wrong", [{"day": "31", "month": "2"}, {"day": ""}, {"month": ""}, {"year": "68"}, {"day": "x"}]
)
def test_a_date_that_is_none_is_no_try(olsen: Patient, token: str, at: Now, wrong: dict[str, str]) -> None:
    at(NOW)
    client = Client()
    client.get(f"/my/{token}/")
    assert client.post("/my/birth-date/", {**BORN, **wrong}).status_code == 200
    assert PersonalLink.objects.get().failures == 0


@pytest.mark.parametrize("typed", [{"day": "03", "month": "5", "year": " 1968 "}, {"day": " 3"}])
def test_a_date_is_read_however_it_is_typed(token: str, at: Now, typed: dict[str, str]) -> None:
    at(NOW)
    client = Client()
    client.get(f"/my/{token}/")
    assert client.post("/my/birth-date/", {**BORN, **typed}).headers["Location"] == "/my/"


def test_the_token_leaves_the_address_at_once_and_stands_in_no_page_or_session(token: str, at: Now) -> None:
    at(NOW)
    client = Client()
    answer = client.get(f"/my/{token}/")
    assert answer.headers["Location"] == "/my/birth-date/"
    assert "portal" in session_of(client)
    assert token not in str(session_of(client))
    for page in (client.get("/my/birth-date/"), client.post("/my/birth-date/", BORN, follow=True)):
        assert token not in page.content.decode()
        assert page.headers["Cache-Control"] == "no-store"


def test_the_token_is_in_no_log_even_when_its_page_fails(
    token: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("the session store is away")

    monkeypatch.setattr("closerlook.portal.visitor.arrive", fails)
    client = Client(raise_request_exception=False)
    with caplog.at_level(logging.DEBUG):
        assert client.get(f"/my/{token}/").status_code == 500
        client.post(f"/my/{token}/")
        Client(enforce_csrf_checks=True).post(f"/my/{token}/")
    assert "/my/" in caplog.text
    assert token not in caplog.text


def test_revoking_a_link_ends_a_page_that_is_open(olsen: Patient, told: Told, enter: Any) -> None:
    client = enter()
    assert client.get("/my/").status_code == 200
    links.revoke(olsen, told.now)
    assert client.get("/my/").headers["Location"] == "/my/birth-date/"


def test_a_page_closes_by_itself_after_half_an_hour(told: Told, enter: Any, at: Now) -> None:
    client = enter()
    at(told.now + timedelta(minutes=29))
    assert client.get("/my/").status_code == 200
    at(told.now + timedelta(minutes=58))
    assert client.get("/my/").status_code == 200
    at(told.now + timedelta(minutes=89))
    assert client.get("/my/").status_code == 302


def test_what_she_looked_at_is_added_to_and_never_changed(told: Told, enter: Any) -> None:
    enter().get("/my/")
    look = Look.objects.get()
    with pytest.raises(NeverChanged):
        look.save()
    with pytest.raises(NeverChanged):
        look.delete()
    for model in (Look, DetailsChanged):
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'")
            assert {name for (name,) in cursor.fetchall()} == {f"{table}_no_update", f"{table}_no_delete"}
    with pytest.raises(DatabaseError), transaction.atomic():
        Look.objects.update(shown="")


def test_every_stored_field_is_marked_personal_or_not() -> None:
    models = apps.get_app_config("portal").get_models()
    stored = {f"{model.__name__}.{field.name}" for model in models for field in model._meta.concrete_fields}
    assert stored == set(PERSONAL)
