"""Cases are handed out one at a time, the most at risk and the longest due first, and nobody's twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from closerlook.desk.reading import handing
from closerlook.desk.reading.models import Ending, HandOut
from closerlook.pathway import steps as st
from closerlook.pathway.events import SideAssessment
from closerlook.pathway.terms import Assessment, Laterality
from closerlook.people.models import Site
from tests.desk.people import Unit
from tests.reading_room.room import READERS, Room

A = Assessment
NORMAL = (SideAssessment(A.NEGATIVE, Laterality.LEFT), SideAssessment(A.NEGATIVE, Laterality.RIGHT))
RECALL = (SideAssessment(A.INCOMPLETE_IMAGING, Laterality.LEFT), SideAssessment(A.NEGATIVE, Laterality.RIGHT))


def case(one: HandOut | None) -> tuple[str, str]:
    assert one is not None
    return one.stream, one.exam


def test_one_case_at_a_time_and_the_longest_waiting_first(room: Room) -> None:
    newer, older = room.examined(hours_ago=30), room.examined(hours_ago=60)
    assert case(room.handed("radiologist")) == older
    assert case(room.handed("radiologist")) == older  # asked again, it is the same one
    assert case(room.handed("reader2")) == newer
    assert room.handed("reader3") is None


def test_a_reported_symptom_and_what_was_interrupted_come_first(room: Room, later: Callable[..., object]) -> None:
    older, newer = room.examined(hours_ago=5), room.examined(hours_ago=3)
    room.unit.take(newer[0], "nurse", st.ReportSymptom(episode="e1", what="lump", side=Laterality.LEFT))
    assert case(room.handed("radiologist")) == newer
    room.release("radiologist")
    newest = room.examined(hours_ago=1)
    room.unit.take(newest[0], "nurse", st.ReportSymptom(episode="e1", what="pain"))
    assert [case(room.handed(name)) for name in READERS] == [newer, newest, older]


def test_suspicious_words_in_a_preliminary_report_come_first(room: Room) -> None:
    room.examined(hours_ago=9)
    grave = room.unit.report(status="P", coded=(), text="IMPRESSION: Spiculated mass, concerning for malignancy.")
    assert case(room.handed("radiologist"))[0] == grave


def test_what_is_due_already_is_never_behind_what_is_at_risk(room: Room, later: Callable[..., object]) -> None:
    old = room.examined(hours_ago=1)
    later(days=8)
    fresh = room.examined(hours_ago=1)
    room.unit.take(fresh[0], "nurse", st.ReportSymptom(episode="e1", what="lump"))
    assert case(room.handed("radiologist")) == old


def test_a_case_given_back_goes_to_someone_else_at_once(room: Room) -> None:
    only = room.examined()
    mine = room.handed("radiologist")
    assert room.handed("reader2") is None
    assert mine is not None
    handing.end(mine, Ending.GIVEN_BACK, room.unit.now)
    assert room.handed("radiologist") is None  # not again in this batch
    assert case(room.handed("reader2")) == only


def test_who_goes_to_lunch_blocks_nothing(room: Room, later: Callable[..., object]) -> None:
    only = room.examined()
    room.handed("radiologist")
    later(minutes=29)
    assert room.handed("reader2") is None
    later(minutes=2)
    assert case(room.handed("reader2")) == only
    assert room.handed("radiologist") is None


def test_being_at_a_case_keeps_it(room: Room, later: Callable[..., object]) -> None:
    room.examined()
    mine = room.handed("radiologist")
    assert mine is not None
    later(minutes=20)
    handing.touch(mine, room.unit.now)
    later(minutes=20)
    assert room.handed("reader2") is None


def test_a_batch_ends_at_its_size(room: Room) -> None:
    first, second = room.examined(hours_ago=5), room.examined(hours_ago=3)
    mine = room.handed("radiologist", size=1)
    assert case(mine) == first
    assert mine is not None
    room.unit.take(first[0], "radiologist", st.RecordReading(exam=first[1], sides=NORMAL))
    handing.end(mine, Ending.SIGNED, room.unit.now)
    assert room.handed("radiologist", size=1) is None
    assert case(room.handed("reader2")) == second


def test_what_was_read_meanwhile_is_not_handed_out(room: Room) -> None:
    first, second = room.examined(hours_ago=5), room.examined(hours_ago=3)
    assert case(room.handed("radiologist")) == first
    room.unit.take(first[0], "radiologist", st.RecordReading(exam=first[1], sides=NORMAL))
    assert case(room.handed("radiologist")) == second
    assert HandOut.objects.get(exam=first[1], stream=first[0]).ending == Ending.GONE


def test_only_cases_of_the_readers_own_site(room: Room) -> None:
    Site.objects.create(slug="other", name="Hill Clinic", zone="America/Chicago", live_from="2026-01-01")
    room.examined(site="other")
    assert room.handed("radiologist") is None


def test_two_readers_have_one_case_for_two_opinions_and_a_third_none(twice: Room) -> None:
    only = twice.examined()
    hands = [twice.handed(name) for name in READERS]
    assert [(one.stream, one.opinion) if one else None for one in hands] == [(only[0], 1), (only[0], 2), None]


def test_nobody_gives_both_opinions(twice: Room, unit: Unit) -> None:
    only = twice.examined()
    assert case(twice.handed("radiologist")) == only
    unit.take(only[0], "radiologist", st.RecordReading(exam=only[1], sides=NORMAL))
    assert twice.handed("radiologist") is None
    second = twice.handed("reader2")
    assert second is not None
    assert second.opinion == 2
    assert twice.handed("reader3") is None  # the one missing opinion is being given


def test_a_third_decides_between_two(twice: Room) -> None:
    only = twice.examined()
    for who, sides in (("radiologist", NORMAL), ("reader2", RECALL)):
        one = twice.handed(who)
        assert one is not None
        take(twice, who, st.RecordReading(exam=only[1], sides=sides), only[0])
        handing.end(one, Ending.SIGNED, twice.unit.now)
    assert twice.handed("radiologist") is None
    assert twice.handed("reader2") is None
    third = twice.handed("reader3")
    assert third is not None
    assert (third.kind, third.opinion) == ("arbitrate", 3)


def test_work_up_is_a_list_of_its_own(room: Room) -> None:
    patient, exam = room.examined()
    room.unit.take(patient, "radiologist", st.RecordReading(exam=exam, sides=RECALL))
    assert room.handed("radiologist") is None
    plan = room.handed("reader2", listing="work_up")
    assert plan is not None
    assert plan.kind == "plan_call_back"


def test_a_reading_with_earlier_pictures_waits_for_them(room: Room) -> None:
    patient, exam = room.examined()
    sides = tuple(SideAssessment(A.INCOMPLETE_PRIORS, side) for side in Laterality)
    room.unit.take(patient, "radiologist", st.RecordReading(exam=exam, sides=sides))
    assert room.handed("radiologist", listing="work_up") is None
    room.unit.take(patient, "desk", st.ReceivePriors(episode="e1", source="Hill Clinic"))
    found = room.handed("radiologist", listing="work_up")
    assert found is not None
    assert found.kind == "get_priors"


def test_a_held_reading_is_not_handed_out(room: Room) -> None:
    patient, exam = room.examined()
    room.unit.take(patient, "radiologist", st.DeferReading(exam=exam, reason="priors come", release_by="radiologist"))
    assert room.handed("reader2") is None
    room.unit.take(patient, "radiologist", st.ReleaseReading(exam=exam))
    assert case(room.handed("reader2")) == (patient, exam)


@pytest.mark.parametrize("same", ["opinion", "reader"])
def test_the_database_itself_refuses_two(room: Room, same: str) -> None:
    room.examined()
    mine = room.handed("radiologist")
    assert mine is not None
    mine.pk = None
    if same == "opinion":
        mine.reader = "reader2"
    else:
        mine.opinion = 2
    with pytest.raises(IntegrityError), transaction.atomic():
        mine.save(force_insert=True)
    assert timedelta(0) < handing.IDLE


def take(room: Room, who: str, step: st.Step, patient: str) -> None:
    """Let any of the three readers take a step."""
    from closerlook.record import door

    here = room.here(who)
    door.take(step, stream=patient, actor=here.actor, key=f"{who}:{step!r}"[:100], now=here.now)
