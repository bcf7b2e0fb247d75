"""A code is good once, for ten minutes and five tries, goes to the number on file alone, and not without end."""

from datetime import timedelta
from pathlib import Path

import pytest

from closerlook.letters.outbox import OutboxFailed
from closerlook.people.models import Patient
from closerlook.portal import codes, links
from closerlook.portal.models import OneTimeCode, PersonalLink
from tests.her_page.conftest import last_code
from tests.her_page.test_links import NOW


@pytest.fixture
def link(olsen: Patient) -> PersonalLink:
    links.issue(olsen, NOW, olsen.site)
    return PersonalLink.objects.select_related("patient").get()


def send(link: PersonalLink, minutes: float = 0) -> str:
    assert codes.send(link, site=link.patient.site, now=NOW + timedelta(minutes=minutes))
    return last_code()


def test_a_code_works_once(link: PersonalLink) -> None:
    code = send(link)
    assert codes.check(link, f" {code[:3]} {code[3:]} ", NOW)
    assert not codes.check(link, code, NOW)


def test_a_code_works_for_ten_minutes(link: PersonalLink) -> None:
    code = send(link)
    assert not codes.check(link, code, NOW + timedelta(minutes=10))


def test_the_fifth_wrong_try_ends_a_code(link: PersonalLink) -> None:
    code = send(link)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert not codes.check(link, wrong, NOW)
    assert not codes.check(link, code, NOW)


def test_a_new_code_ends_the_one_before(link: PersonalLink) -> None:
    first = send(link)
    second = send(link, minutes=1)
    assert first == second or not codes.check(link, first, NOW + timedelta(minutes=2))
    assert codes.check(link, second, NOW + timedelta(minutes=2))


def test_a_code_of_another_link_opens_nothing(olsen: Patient, link: PersonalLink) -> None:
    code = send(link)
    links.issue(olsen, NOW, olsen.site)
    other = PersonalLink.objects.exclude(pk=link.pk).get()
    assert not codes.check(other, code, NOW)


def test_codes_are_not_sent_without_end_even_over_several_links(olsen: Patient, link: PersonalLink) -> None:
    links.issue(olsen, NOW, olsen.site)
    for minute, one in enumerate([*PersonalLink.objects.all()] * 2 + [link]):
        send(one, minutes=minute)
    with pytest.raises(codes.TooManyCodes):
        codes.send(link, site=olsen.site, now=NOW + timedelta(minutes=10))
    send(link, minutes=61)


def test_the_database_holds_no_code(link: PersonalLink) -> None:
    code = send(link)
    assert OneTimeCode.objects.filter(code_hash__contains=code).count() == 0
    assert OneTimeCode.objects.get().code_hash != code


@pytest.mark.parametrize(("phone", "safe_contact"), [("", ""), ("unknown", ""), ("555 0199", "never by text")])
def test_no_text_goes_where_there_is_no_number_or_a_wish_about_contact(
    link: PersonalLink, tmp_path: Path, phone: str, safe_contact: str
) -> None:
    link.patient.phone, link.patient.safe_contact = phone, safe_contact
    assert not codes.send(link, site=link.patient.site, now=NOW)
    assert not (tmp_path / "outbox").exists()


def test_a_text_that_cannot_be_written_is_said(link: PersonalLink, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file stands in the way")
    with pytest.raises(OutboxFailed):
        codes.send(link, site=link.patient.site, now=NOW)
