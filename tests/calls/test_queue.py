"""Whom to ring: everyone who is owed a call, each once, in an order that hides nobody."""

from collections.abc import Callable
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from closerlook.desk import looks
from closerlook.desk.calling import queue
from closerlook.desk.here import Here
from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, Outcome
from closerlook.people.models import Patient, Site, Staff
from closerlook.people.sites import forget, site
from closerlook.record.models import OpenLoop
from tests.calls.calling import GRAVE, Caller, called_back, in_words
from tests.desk.people import Unit, actor
from tests.feeds.messages import NORMAL

Calls = Callable[..., Caller]


def voicemail(unit: Unit, patient: str) -> None:
    unit.take(patient, "navigator", st.RecordContact(episode="e1", channel=Channel.PHONE, outcome=Outcome.VOICEMAIL))


def test_each_person_has_one_line_for_all_that_is_to_be_said(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    unit.take(her, "desk", st.AskForCall())
    ana = caller()
    assert ana.queue() == [her]
    page = ana.words(her)
    for what in ("Speak with her about the result", "Book the call-back", "Ring her: she asked for it"):
        assert what in page


def test_the_longest_late_come_first_and_who_was_rung_lately_last(unit: Unit, caller: Calls) -> None:
    old = called_back(unit, 1)
    unit.now += timedelta(days=9)
    young, tried = called_back(unit, 2), called_back(unit, 3)
    voicemail(unit, tried)
    assert caller().queue() == [old, young, tried]
    assert "not before" in caller().words()
    voicemail(unit, old)
    assert caller().queue()[0] == young, "nobody is rung twice within the hour"
    unit.now += timedelta(hours=1, minutes=1)
    assert caller().queue() == [old, young, tried]


def test_who_was_spoken_with_is_rung_again_on_another_day(unit: Unit, caller: Calls) -> None:
    told, other = called_back(unit, 1), called_back(unit, 2)
    exam = next(iter(unit.state(told).episodes["e1"].exams))
    unit.take(told, "navigator", st.TellResult(exam=exam, channel=Channel.PHONE))
    unit.now += timedelta(hours=4)
    assert caller().queue() == [other, told]
    assert "not before Tuesday 3 November, 08:00" in caller().words()
    unit.now += timedelta(days=9)
    assert "not before" not in caller().words(), "late beyond its limit, she is rung at once"


def test_an_hour_she_named_is_kept_and_comes_first_when_it_has_come(unit: Unit, caller: Calls) -> None:
    old = called_back(unit, 1)
    unit.now += timedelta(days=9)
    her = called_back(unit, 2)
    unit.take(her, "navigator", st.AskForCall(call_at=unit.now + timedelta(hours=3)))
    assert caller().queue() == [old, her]
    unit.now += timedelta(hours=3, minutes=1)
    assert caller().queue() == [her, old]


@pytest.mark.parametrize(("said", "now"), [("morning", True), ("afternoon", False), ("midday", False), ("any", True)])
def test_her_best_time_is_kept_until_she_is_late(unit: Unit, caller: Calls, said: str, now: bool) -> None:
    her = called_back(unit)
    unit.take(her, "desk", st.AskForCall(best_time=f"best time: {said}"))
    assert ("not before" in caller().words()) is not now, "it is nine in the morning"
    unit.now += timedelta(days=14)
    assert "not before" not in caller().words(), "late beyond its limit waits for no better hour"
    assert caller().queue() == [her]


def test_a_suspicious_result_is_a_clinicians_call(unit: Unit, caller: Calls) -> None:
    grave = unit.report("G", number="MR400", name="Novak^Olga", accession="G1", coded=GRAVE)
    her = called_back(unit)
    assert caller("navigator").queue() == [her]
    assert caller("radiologist").queue() == [grave]
    assert caller("nurse").queue()[0] == grave, "who is a clinician too tells it, the urgent in front"
    unit.take(grave, "desk", st.AskForCall())
    assert grave not in caller("navigator").queue()
    page = caller("navigator").words(grave)
    assert "a doctor speaks with her about this result first. Say nothing of it; hand her over." in page
    assert "biopsy" not in page.replace("Arrange the biopsy", "")


def test_the_front_desk_rings_who_knows_her_result(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    assert caller("desk").queue() == []
    exam = next(iter(unit.state(her).episodes["e1"].exams))
    unit.take(her, "nurse", st.TellResult(exam=exam, channel=Channel.PHONE))
    assert caller("desk").queue() == [her]


def test_a_rung_that_is_no_call_is_not_in_the_queue(unit: Unit, caller: Calls) -> None:
    her = called_back(unit, planned=False)
    for _ in range(3):
        voicemail(unit, her)
        unit.now += timedelta(hours=3)
    unit.now += timedelta(days=12)
    kinds = set(OpenLoop.objects.filter(stream=her, kind="reach_her").values_list("subject", flat=True))
    assert kinds == {"e1:text", "e1:letter", "e1:certified_letter"}
    assert "Try again to reach her" not in caller().words(her)
    assert caller().queue() == [her], "that she is told is owed all the same"


def test_whose_round_it_is_rings_her_until_it_is_late(unit: Unit, caller: Calls, second: str) -> None:
    her = called_back(unit)
    unit.take(her, "manager", st.AssignOwner(episode="e1", owner=second))
    assert caller(second).queue() == [her]
    assert caller("navigator").queue() == []
    unit.now += timedelta(days=8)
    assert caller("navigator").queue() == [her], "what is late is everyone's"


@pytest.mark.parametrize("how", ["the account is closed", "moved to another site"])
def test_whose_name_is_nobodys_any_more_is_everyones(unit: Unit, caller: Calls, second: str, how: str) -> None:
    her = called_back(unit)
    unit.take(her, "manager", st.AssignOwner(episode="e1", owner=second))
    assert caller().queue() == []
    if how == "moved to another site":
        hill = Site.objects.create(slug="hill", name="Hill", address="x", phone="555", zone="America/Chicago")
        forget()
        Staff.objects.filter(user__username=second).update(site=hill)
    else:
        User.objects.filter(username=second).update(is_active=False)
    assert caller().queue() == [her]


def test_a_long_caseload_hides_nobody(unit: Unit, caller: Calls, second: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_SHOWN", 2)
    late = called_back(unit, 1)
    unit.now += timedelta(days=21)
    for n in range(2, 6):
        unit.take(called_back(unit, n), "manager", st.AssignOwner(episode="e1", owner="navigator"))
    assert late in caller().queue()
    for n in range(6, 10):
        unit.take(called_back(unit, n), "desk", st.AskForCall())
    grave = unit.report("G", number="MR400", name="Novak^Olga", accession="G1", coded=GRAVE)
    assert caller("nurse").queue()[0] == grave


@pytest.mark.parametrize("owner", ["navigator", "technologist"])
def test_what_the_name_on_it_may_not_tell_is_for_who_may(unit: Unit, caller: Calls, owner: str) -> None:
    grave = unit.report("G", number="MR400", name="Novak^Olga", accession="G1", coded=GRAVE)
    unit.take(grave, "manager", st.AssignOwner(episode="e1", owner=owner))
    assert caller("radiologist").queue() == [grave]
    assert caller("navigator").queue() == []


def test_who_said_no_is_a_nurses_though_the_round_has_another_name(unit: Unit, caller: Calls, second: str) -> None:
    her = called_back(unit)
    unit.take(her, "manager", st.AssignOwner(episode="e1", owner=second))
    unit.take(her, "navigator", st.RecordNoToday(episode="e1"))
    unit.now += timedelta(hours=2)
    assert caller("nurse").queue() == [her]


def test_who_covers_rings_too(unit: Unit, caller: Calls, second: str) -> None:
    her = called_back(unit)
    unit.take(her, "manager", st.AssignOwner(episode="e1", owner=second, cover="radiologist"))
    assert caller("radiologist").queue() == [her]


def test_what_is_no_call_does_not_stand_in_front(unit: Unit, caller: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "AT_ONCE", 1)
    monkeypatch.setattr(queue, "MOST_BATCHES", 1)
    rung = called_back(unit, 1, planned=False)
    OpenLoop.objects.filter(stream=rung).exclude(subject="e1:letter").delete()
    assert OpenLoop.objects.filter(stream=rung).update(visible_from=unit.now, due_at=unit.now) == 1
    unit.now += timedelta(days=3)
    her = called_back(unit, 2)
    assert caller().queue() == [her]


def test_where_not_all_was_looked_through_nobody_is_not_said(
    unit: Unit, caller: Calls, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        unit.take(called_back(unit, n), "manager", st.AssignOwner(episode="e1", owner=second))
    monkeypatch.setattr(queue, "AT_ONCE", 1)
    monkeypatch.setattr(queue, "MOST_BATCHES", 1)
    page = caller().words()
    assert "Nobody waits" not in page
    assert "not all of it could be looked through" in page
    answer = caller().client.post("/calls/", follow=True)
    assert "Nobody is to be rung now." not in in_words(answer.content.decode())


def test_the_list_says_what_to_know_before_ringing(unit: Unit, caller: Calls) -> None:
    her = called_back(unit, language="es")
    Patient.objects.filter(pk=her).update(safe_contact="Only by her sister.")
    assert "Spanish safe contact" in caller().words()


def test_who_comes_back_to_a_call_reads_what_they_recorded(unit: Unit, caller: Calls) -> None:
    her, ana = called_back(unit), caller()
    said = "You recorded something here a moment ago"
    assert said not in ana.words(her)
    ana.end(her, "no_answer")
    assert said in ana.words(her)
    assert said not in caller("nurse").words(her)
    ana.undo(her)
    assert said not in ana.words(her)


def test_another_sites_people_are_not_in_it(unit: Unit, caller: Calls) -> None:
    her = called_back(unit)
    hill = Site.objects.create(slug="hill", name="Hill", address="x", phone="555", zone="America/Chicago")
    forget()
    Staff.objects.filter(user__username="navigator").update(site=hill)
    assert caller().queue() == []
    assert caller("nurse").queue() == [her]


def test_what_is_rung_by_telephone_is_said_by_the_callers_own_site(unit: Unit, tmp_path: Path) -> None:
    shipped = resources.files("closerlook.pathway") / "protocols" / "us.toml"
    own = tmp_path / "own.toml"
    own.write_text(shipped.read_text(encoding="utf-8").replace("call_2", "ring_again"))
    Site.objects.filter(slug="main").update(protocol=str(own))
    Site.objects.create(slug="albany", name="Albany", address="x", phone="555", zone="America/New_York")
    forget()
    again = OpenLoop(kind="reach_her", subject="e1:ring_again")
    for slug, expected in (("main", [again]), ("albany", [])):
        at = Here(actor("navigator"), "Ana Ruiz", site(slug), unit.now, Staff(site=site(slug)))
        assert list(queue.called([again], at)) == expected


def test_two_who_ask_for_the_next_at_one_moment_get_two_people(unit: Unit, caller: Calls, second: str) -> None:
    people = {called_back(unit, n) for n in range(2)}
    ana, ida = caller(), caller(second)
    given = {one.client.post("/calls/")["Location"].split("/")[2] for one in (ana, ida)}
    assert given == people
    third = caller("nurse")
    answer = third.client.post("/calls/", follow=True)
    assert "open with a colleague" in in_words(answer.content.decode())
    unit.now += timedelta(minutes=13)
    assert third.client.post("/calls/")["Location"].split("/")[2] in people, "a page left open holds nobody for long"


def test_who_is_named_is_written_down(unit: Unit, caller: Calls) -> None:
    her, other = called_back(unit, 1), called_back(unit, 2)
    caller().look(her)
    pages = {(look.page, look.patient) for look in looks.of_patient(her, unit.now - timedelta(hours=1))}
    assert pages >= {("calls", ""), ("call", her)}
    assert {look.page for look in looks.of_patient(other, unit.now - timedelta(hours=1))} >= {"calls"}


def test_an_empty_queue_says_so(unit: Unit, caller: Calls) -> None:
    unit.report(coded=NORMAL)
    assert "Nobody waits for a call of yours." in caller().words()
    answer = caller().client.post("/calls/", follow=True)
    assert "Nobody is to be rung now." in in_words(answer.content.decode())


def test_a_long_queue_costs_a_bounded_number_of_queries(unit: Unit, caller: Calls) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ana = caller()
    counts = []
    for upto in (3, 12):
        for n in range(upto - 3, upto):
            called_back(unit, n)
        ana.look()
        with CaptureQueriesContext(connection) as asked:
            ana.look()
        counts.append(len(asked))
    assert counts[0] == counts[1]
