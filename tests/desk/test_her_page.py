"""Her own page seen from the desk: what she shares is read, links are ended, and who looked can be said."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from closerlook.pathway import steps as st
from closerlook.pathway.events import Capacity, ContactRoute, Request, Wishes
from closerlook.people.models import Patient
from closerlook.portal import links, notebook
from closerlook.portal.models import Look, Note, NotebookShared, PersonalLink, Relative, SharedLink
from tests.desk.people import Unit
from tests.feeds.messages import CALLED_LEFT

Sit = Callable[[str], Client]


@pytest.fixture
def row(unit: Unit) -> Patient:
    return Patient.objects.get(pk=unit.report(coded=CALLED_LEFT))


def page(client: Client, row: Patient, **said: Any) -> str:
    path = f"/patient/{row.pk}/her-page/"
    return (client.post(path, said) if said else client.get(path)).content.decode()


def test_what_she_wrote_is_shown_only_while_she_shares_it(unit: Unit, row: Patient, sit: Sit) -> None:
    Note.objects.create(patient=row, kind="medicine", words="warfarin", written_at=unit.now)
    Relative.objects.create(patient=row, relation="mother", cancer="breast", age=44, written_at=unit.now)
    navigator = sit("navigator")
    assert "warfarin" not in navigator.get(f"/patient/{row.pk}/").content.decode()
    NotebookShared.objects.create(patient=row, shared_at=unit.now)
    shown = navigator.get(f"/patient/{row.pk}/").content.decode()
    assert "warfarin" in shown
    assert "mother: breast cancer, found at 44" in shown
    NotebookShared.objects.update(ended_at=unit.now)
    assert notebook.shared_since(row) is None
    assert "warfarin" not in navigator.get(f"/patient/{row.pk}/").content.decode()


def test_every_link_is_ended_at_once_when_a_letter_went_astray(unit: Unit, row: Patient, sit: Sit) -> None:
    links.issue(row, unit.now, row.site)
    SharedLink.objects.create(
        token_hash="t", code_hash="c", patient=row, name="Ruth", parts="visit", created_at=unit.now,
        expires_at=unit.now.replace(year=unit.now.year + 1),
    )  # fmt: skip
    desk = sit("desk")
    assert "End it" in page(desk, row)
    page(desk, row, end="all")
    assert all(one.revoked_at is not None for one in (PersonalLink.objects.get(), SharedLink.objects.get()))


def test_one_link_is_ended_and_another_patients_never(unit: Unit, row: Patient, sit: Sit) -> None:
    other = Patient.objects.create(family="Lim", birth_date=row.birth_date, site=row.site, created_at=unit.now)
    for person in (row, other):
        links.issue(person, unit.now, person.site)
    mine, hers = PersonalLink.objects.get(patient=row), PersonalLink.objects.get(patient=other)
    desk = sit("desk")
    for which in (f"link {hers.pk}", "link x", "shared 1", "nonsense", f"link {mine.pk}"):
        page(desk, row, end=which)
    mine.refresh_from_db()
    hers.refresh_from_db()
    assert (mine.revoked_at is None, hers.revoked_at is None) == (False, True)


def test_who_acts_for_her_gets_a_link_only_where_that_is_recorded(unit: Unit, row: Patient, sit: Sit) -> None:
    desk = sit("desk")
    page(desk, row, name="Eva Olsen", phone="555 010 0188")
    assert not PersonalLink.objects.exists()
    unit.take(
        row.pk, "navigator", st.SetWishes(wishes=Wishes(route=ContactRoute.PROXY, capacity=Capacity.PROXY_DECIDES))
    )
    assert "Write the whole number" in page(desk, row, name="Eva Olsen", phone="12")
    assert "/my/" in page(desk, row, name="Eva Olsen", phone="555 010 0188")
    assert PersonalLink.objects.get().proxy == "Eva Olsen"


def test_who_looked_can_be_said(unit: Unit, row: Patient, sit: Sit) -> None:
    links.issue(row, unit.now, row.site)
    Look.objects.create(link=PersonalLink.objects.get(), looked_at=unit.now, version=1, shown="e1.x2")
    assert "she herself" in page(sit("desk"), row)


def test_who_does_not_speak_with_her_does_not_see_who_looked(unit: Unit, row: Patient, sit: Sit) -> None:
    assert sit("manager").get(f"/patient/{row.pk}/her-page/").status_code == 403
    assert Client().get(f"/patient/{row.pk}/her-page/").status_code == 302


def test_what_she_asked_for_is_owed_until_it_is_done(unit: Unit, row: Patient, sit: Sit) -> None:
    unit.take(row.pk, "navigator", st.AskFor(what=Request.COPIES))
    shown = sit("desk").get(f"/patient/{row.pk}/").content.decode()
    assert "Give her copies of her pictures and reports" in shown
    unit.take(row.pk, "navigator", st.RecordMet(what=Request.COPIES, proof="on a disc, handed over"))
    shown = sit("desk").get(f"/patient/{row.pk}/").content.decode()
    assert "Give her copies" not in shown
    assert "on a disc, handed over" in shown


def test_a_visit_says_that_she_has_said_no(unit: Unit, row: Patient, sit: Sit) -> None:
    unit.take(row.pk, "radiologist", st.DecideCallBack(exam=next(iter(unit.state(row.pk).episodes["e1"].exams))))
    unit.take(row.pk, "navigator", st.BookVisit(episode="e1", starts_at=unit.now + timedelta(days=3), place="Hill"))
    assert "she has said no" not in sit("desk").get(f"/patient/{row.pk}/").content.decode()
    unit.take(row.pk, "navigator", st.RecordNoToday(episode="e1"))
    assert "she has said no" in sit("desk").get(f"/patient/{row.pk}/").content.decode()
