"""Worklists: whose, in which order, a page at a time, and what each row says."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from closerlook.desk import owed
from closerlook.desk.here import Here
from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, Outcome
from closerlook.pathway.loops import KINDS
from closerlook.people.models import Site, Staff
from closerlook.people.sites import forget, site
from closerlook.record.models import OpenLoop
from tests.desk.people import PEOPLE, Unit, actor
from tests.desk.test_pages import many
from tests.feeds.messages import CALLED_LEFT

SUSPECT = (("BIRADS^BI-RADS Assessment^L", "5^Highly Suggestive of Malignancy^L"),)


def here(unit: Unit, who: str) -> Here:
    return Here(actor(who), PEOPLE[who][0], site(), unit.now, Staff(site=site()))


def listed(unit: Unit, who: str, whose: str = "mine", when: str = "") -> list[str]:
    at = here(unit, who)
    rows = owed.narrowed(owed.whose(owed.visible(at), at, whose), at, when, "")
    return [row.what for row in owed.page(rows, at)[0]]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_thing_owed_has_a_row(unit: Unit, kind: str) -> None:
    subject = {"post_document": "e1.x2:summary", "reach_her": "call_2"}.get(kind, "e1.x2")
    stream = "mabc" if kind == "resolve_message" else "pabc"
    row = OpenLoop(
        stream=stream, kind=kind, subject=subject, opened_seq=1, owner="navigator", visible_from=unit.now,
        due_at=unit.now, late_at=unit.now, rule="", legal=True, urgent=True, escalate_at=unit.now, rung=0,
    )  # fmt: skip
    for who in PEOPLE:
        (line,) = owed.lines([row], here(unit, who))
        assert line.what == KINDS[kind]
        assert line.href.startswith(("/set-aside/mabc/", "/patient/pabc/"))
        assert (line.word, line.tone) == ("Today", "today")


def test_mine_is_by_name_by_role_or_told_to_me(unit: Unit) -> None:
    patient = unit.report(coded=CALLED_LEFT)
    assert "Speak with her about the result" in listed(unit, "navigator")
    assert listed(unit, "radiologist") == ["Plan the call-back"]
    assert listed(unit, "technologist") == []
    # When someone else looks after this round by name
    unit.take(patient, "manager", st.AssignOwner(episode="e1", owner="nurse"))
    assert "Speak with her about the result" in listed(unit, "nurse")
    assert listed(unit, "navigator") == []
    # Then my team still sees it, and so does everyone
    assert "Speak with her about the result" in listed(unit, "navigator", "team")
    assert "Speak with her about the result" in listed(unit, "desk", "everyone")
    assert "Speak with her about the result" in listed(unit, "desk", "navigator")


def test_what_the_software_cannot_do_is_seen_by_who_leads(unit: Unit) -> None:
    unit.report(coded=CALLED_LEFT)
    assert listed(unit, "manager") == []
    OpenLoop.objects.filter(kind="send_summary").update(trouble="The disk refuses.")
    assert listed(unit, "manager") == ["Send her the written summary"]
    assert "Send her the written summary" in listed(unit, "desk", "everyone")


def test_the_urgent_stand_in_front(unit: Unit) -> None:
    unit.report("M1", coded=CALLED_LEFT)
    patient = unit.report("M2", number="MR200", name="Lim^Joy", born="19700101", accession="A2", coded=SUSPECT)
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    OpenLoop.objects.filter(kind="plan_call_back").update(due_at=unit.now - timedelta(days=3))
    OpenLoop.objects.filter(stream=patient, kind="tell_result").update(due_at=unit.now + timedelta(hours=1))
    rows, _ = owed.page(owed.visible(here(unit, "radiologist")), here(unit, "radiologist"))
    assert (rows[0].what, rows[0].patient) == ("Speak with her about the result", "J. Lim")
    assert exam


def test_late_today_and_next_count_what_they_show(unit: Unit, sit: Callable[[str], Client]) -> None:
    unit.report(coded=CALLED_LEFT)
    at = here(unit, "radiologist")
    rows = owed.visible(here(unit, "navigator"))
    counts = owed.counts(rows, at)
    for when, key in (("late", "late"), ("today", "today"), ("next", "next"), ("", "all")):
        assert sum(part.count() for part in owed.narrowed(rows, at, when, "")) == counts[key]
    page = sit("radiologist").get("/?when=next").content.decode()
    assert 'aria-current="true">Next 3 days' in page


def test_today_ends_when_the_day_of_her_own_site_ends(unit: Unit) -> None:
    # Given a site in New York, first by name, and something owed at hers in Chicago until the day's last minute
    unit.report(coded=CALLED_LEFT)
    chicago, kind = ZoneInfo(site("main").zone), "tell_result"
    Site.objects.create(slug="albany", name="Albany", address="x", phone="555", zone="America/New_York")
    forget()
    nine = timezone.localtime(unit.now, chicago)
    assert (nine.hour, site().slug) == (9, "albany")
    OpenLoop.objects.filter(kind=kind).update(due_at=nine.replace(hour=23, minute=59))
    OpenLoop.objects.exclude(kind=kind).update(due_at=unit.now + timedelta(days=9))
    # Then it is under today, counted there, and says so
    at = Here(actor("navigator"), "Ana Ruiz", site("main"), unit.now, Staff(site=site("main")))
    parts = owed.visible(at)
    assert owed.counts(parts, at)["today"] == 1
    (row,), _ = owed.page(owed.narrowed(parts, at, "today", ""), at)
    assert (row.what, row.word) == (KINDS[kind], "Today")


def test_page_after_page_shows_every_row_once(unit: Unit) -> None:
    many(130)
    at = here(unit, "navigator")
    rows = owed.visible(here(unit, "navigator"))
    seen: list[tuple[str, str]] = []
    after, pages = "", 0
    while True:
        found, after = owed.page(rows, at, after)
        seen += [(row.href, row.what) for row in found]
        pages += 1
        if not after:
            break
    assert len(seen) == len(set(seen)) == 390
    assert pages == 8


MOMENT = "2026-11-02T00:00:00+00:00"
NONSENSE = (
    "nonsense", "x~y", f"{MOMENT}~p~k~s~x", "~", "",
    f"{MOMENT}~p~k~s~{'9' * 30}", f"{MOMENT}~p~k~s~{'9' * 6000}", f"{MOMENT}~p~k~s~-9223372036854775809",
    "2026-11-02T00:00:00~p~k~s~1", "2026-11-02~p~k~s~1",
    "9999-12-31T23:59:59-14:00~p~k~s~1", "0001-01-01T00:00:00+14:00~p~k~s~1",
)  # fmt: skip


@pytest.mark.parametrize("mark", NONSENSE)
def test_a_mark_that_makes_no_sense_shows_the_first_page(unit: Unit, sit: Callable[[str], Client], mark: str) -> None:
    many(3)
    at = here(unit, "navigator")
    first = owed.page(owed.visible(at), at)
    for part in ("rest", "urgent"):
        assert owed.page(owed.visible(at), at, f"{part}~{mark}") == first
        assert sit("navigator").get("/", {"after": f"{part}~{mark}", "who": "everyone"}).status_code == 200
    assert sit("navigator").get("/", {"after": mark, "order": "newest"}).status_code == 200
    assert sit("navigator").get("/boards/tissue/", {"after": f"get_pathology~{mark}"}).status_code == 200


def test_a_row_says_how_often_she_was_tried(unit: Unit) -> None:
    patient = unit.report(coded=CALLED_LEFT)
    for _ in range(2):
        unit.take(patient, "nurse", st.RecordContact(episode="e1", channel=Channel.PHONE, outcome=Outcome.VOICEMAIL))
    assert _so_far(unit, "tell_result") == "2 attempts"
    # And an attempt that never happened does not count
    last = unit.state(patient).version
    unit.take(patient, "nurse", st.EnterInError(seqs=(last,), reason="wrong patient"))
    assert _so_far(unit, "tell_result") == "1 attempt"


def _so_far(unit: Unit, kind: str) -> str:
    (row,) = owed.lines(list(OpenLoop.objects.filter(kind=kind)), here(unit, "navigator"))
    return row.so_far


def test_a_row_says_what_it_is_about_where_the_record_does(unit: Unit) -> None:
    loop = SimpleNamespace(kind="tell_result", subject="e1.x2", urgent=True, about="left calcifications")
    assert owed._about(loop) == "urgent, left calcifications"  # type: ignore[arg-type]
