"""Guessing: what it closes, for how long, for whom, and what it gives away."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from closerlook.accounts.models import Outcome, SignIn
from closerlook.limits import counting
from closerlook.limits.address import place_of
from closerlook.limits.models import Tried
from closerlook.portal import visitor
from tests.accounts.signing_in import code_of, typed, with_app
from tests.desk.people import PASSWORD, Unit
from tests.stores import NOW

Later = Callable[..., datetime]
HERE, THERE = "198.51.100.7", "203.0.113.9"


def guess(client: Client, name: str, password: str = "a wrong password", *, at: str = HERE) -> str:
    answer = client.post("/sign-in/", {"login": name, "password": password}, REMOTE_ADDR=at)
    return "in" if answer.status_code == 302 else str(answer.content.decode())


def test_five_wrong_close_a_name_from_there_for_a_quarter_of_an_hour(unit: Unit, later: Later) -> None:
    client = Client()
    for _ in range(5):
        assert "do not belong together" in guess(client, "navigator")
    said = guess(client, "navigator", PASSWORD)  # the right one is not looked at
    assert "Too many wrong tries" in said
    assert "until 09:16" in said  # at the unit, where it is nine
    assert guess(Client(), "nurse", PASSWORD) == "in"
    assert guess(Client(), "navigator", PASSWORD, at=THERE) == "in"
    later(minutes=15, seconds=1)
    assert guess(client, "navigator", PASSWORD) == "in"


def test_a_name_that_nobody_has_gets_the_same_answers(unit: Unit) -> None:
    answers: dict[str, list[str]] = {}
    for name in ("navigator", "nobody-at-all"):
        client = Client()
        answers[name] = [alike(guess(client, name), name) for _ in range(7)]
    assert answers["navigator"] == answers["nobody-at-all"]
    assert "Too many wrong tries" in answers["navigator"][-1]


def alike(page: str, name: str) -> str:
    """Return a page without what differs on any two: its form's token, and the name as it was typed."""
    head, _, rest = page.partition('name="csrfmiddlewaretoken" value="')
    while rest:
        page = head + rest.partition('"')[2]
        head, _, rest = page.partition('name="csrfmiddlewaretoken" value="')
    return page.replace(name, "…")


def test_a_guesser_elsewhere_closes_out_nobody_who_works_here(unit: Unit) -> None:
    assert guess(Client(), "navigator", PASSWORD) == "in"
    for n in range(60):
        guess(Client(), "navigator", at=f"203.0.113.{n}")
    assert "Too many" in guess(Client(), "navigator", PASSWORD, at="192.0.2.1")
    assert guess(Client(), "navigator", PASSWORD) == "in"


def test_a_guesser_at_the_same_address_closes_out_only_names_they_guess(unit: Unit) -> None:
    """The whole unit may stand behind one address."""
    assert guess(Client(), "navigator", PASSWORD) == "in"
    for n in range(40):
        guess(Client(), f"name-{n}")
    assert "Too many" in guess(Client(), "nurse", PASSWORD)  # not known from there yet
    assert guess(Client(), "navigator", PASSWORD) == "in"


def test_the_name_is_one_however_it_is_written(unit: Unit) -> None:
    for name in ("navigator", "NAVIGATOR", " navigator", "Navigator ", "naviGator"):
        guess(Client(), name)
    assert "Too many" in guess(Client(), "navigator", PASSWORD)


def test_every_try_is_written_down_without_what_was_typed(unit: Unit) -> None:
    client = Client()
    guess(client, "navigator", "hunter2-and-more")
    guess(client, "my-password-by-mistake", "x")
    guess(client, "navigator", PASSWORD)
    rows = list(SignIn.objects.order_by("pk").values_list("who", "how", "outcome", "address"))
    assert rows == [
        ("navigator", "password", Outcome.WRONG, HERE),
        ("", "password", Outcome.WRONG, HERE),
        ("navigator", "password", Outcome.SIGNED_IN, HERE),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_signin")
        assert "hunter2" not in str(cursor.fetchall())


def test_five_wrong_codes_close_the_second_factor(real: Unit, later: Later) -> None:
    secret, client = with_app("navigator"), Client()
    typed(client, "navigator")
    for _ in range(5):
        assert "This was not right" in client.post("/sign-in/second-factor/", {"code": "000000"}).content.decode()
    other = Client()
    typed(other, "navigator")
    said = other.post("/sign-in/second-factor/", {"code": code_of(secret)}).content.decode()
    assert "Too many wrong tries" in said
    later(minutes=15, seconds=1)
    assert other.post("/sign-in/second-factor/", {"code": code_of(secret)}).status_code == 302
    assert SignIn.objects.filter(how="one-time code", outcome=Outcome.WRONG).count() == 5


def test_so_many_searches_are_not_a_front_desks(unit: Unit, later: Later, sit: Callable[[str], Client]) -> None:
    client, other = sit("desk"), sit("nurse")
    for _ in range(counting.SEARCH.most):
        counting.take(counting.SEARCH, "desk", now=unit.now)
    refused = client.post("/find/", {"q": "olsen"})
    assert (refused.status_code, "Search again at 09:06" in refused.content.decode()) == (429, True)
    assert other.post("/find/", {"q": "olsen"}).status_code == 200
    later(minutes=6)
    assert client.post("/find/", {"q": "olsen"}).status_code == 200


def test_birth_dates_are_guessed_only_so_often_from_one_address(unit: Unit) -> None:
    wrong = {"month": "1", "day": "2", "year": "1970"}
    for _ in range(31):
        client = Client()
        client.get("/my/abcd-efgh-jkmn-pqrs-tuvw/")
        assert client.post("/my/birth-date/", wrong).status_code == 403
    assert Tried.objects.filter(until__isnull=False).count() == 1


def test_many_at_once_get_no_more_tries_than_one_after_another(record: str) -> None:
    """On each engine, in connections of their own, as in processes of their own."""
    limit = counting.Limit("a test", 5, timedelta(minutes=15), timedelta(minutes=15))
    start, let_through, faults = threading.Barrier(12), [], []

    def ask() -> None:
        try:
            start.wait(timeout=20)
            if counting.take(limit, "somebody", now=NOW) is None:
                let_through.append(1)
        except Exception as fault:  # noqa: BLE001  shown by the test
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert faults == []
    assert len(let_through) == 5


def test_what_is_long_over_is_swept_away(record: str) -> None:
    counting.take(counting.SEARCH, "somebody", now=NOW)
    counting.take(counting.SEARCH, "another", now=NOW + timedelta(days=2))
    assert Tried.objects.count() == 1


def test_an_address_is_believed_from_the_units_own_proxies_only(unit: Unit, settings: Any) -> None:
    forged = {"X-Forwarded-For": "192.0.2.66, 198.51.100.8"}
    for proxies, expected in ((0, "127.0.0.1"), (1, "198.51.100.8"), (2, "192.0.2.66"), (3, "127.0.0.1")):
        settings.PROXIES = proxies
        Client().post("/sign-in/", {"login": "navigator", "password": "wrong"}, headers=forged)
        assert SignIn.objects.order_by("-pk")[0].address == expected, proxies


def test_every_address_of_one_ipv6_network_is_one_place(unit: Unit) -> None:
    for n in range(30):
        assert "do not belong together" in guess(Client(), f"name-{n}", at=f"2001:db8:1:2::{n:x}")
    assert "Too many" in guess(Client(), "nurse", PASSWORD, at="2001:db8:1:2:ffff::1")
    assert guess(Client(), "nurse", PASSWORD, at="2001:db8:1:3::1") == "in"


def test_who_came_in_lately_is_known_from_their_whole_network(unit: Unit) -> None:
    """An IPv6 address changes by itself within a day; the row of the sign-in holds it as it was."""
    assert guess(Client(), "nurse", PASSWORD, at="2001:db8:1:2::77") == "in"
    assert SignIn.objects.get().address == "2001:db8:1:2::77"
    for n in range(40):
        guess(Client(), f"name-{n}", at=f"2001:db8:1:2::{n:x}")
    assert guess(Client(), "nurse", PASSWORD, at="2001:db8:1:2::78") == "in"


def test_ipv4_written_as_ipv6_is_the_same_address(unit: Unit) -> None:
    for n in range(5):
        guess(Client(), "navigator", at=HERE if n % 2 else f"::ffff:{HERE}")
    assert set(SignIn.objects.values_list("address", flat=True)) == {HERE}
    assert "Too many" in guess(Client(), "navigator", PASSWORD, at=f"::ffff:{HERE}")
    assert guess(Client(), "nurse", PASSWORD, at="::ffff:203.0.113.9") == "in"


def test_a_patients_birth_date_is_counted_by_the_network_too(unit: Unit, rf: RequestFactory) -> None:
    looked: list[str] = []
    for n in range(40):
        visitor.guess(rf.post("/my/", REMOTE_ADDR=f"2001:db8:1:2::{n:x}"), NOW, lambda: looked.append("at"))
    assert len(looked) == 30


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_a_place_is_an_ipv4_address_or_an_ipv6_network(address: str, place: str) -> None:
    assert place_of(address) == place
