"""Her notebook: hers alone until she shares it, read by somebody once she does."""

from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.test import Client

from closerlook.pathway import steps as st
from closerlook.pathway.events import Request
from closerlook.people.models import Patient
from closerlook.portal import notebook, recording, suggestions
from closerlook.portal.family import Cancer, Relation, tree
from closerlook.portal.models import Note, NotebookShared, Relative
from closerlook.portal.parts import State
from closerlook.record import door
from tests.her_page.told import Told

Enter = Callable[..., Client]


@pytest.fixture
def her(enter: Enter, told: Told) -> Client:
    told.called_back()
    return enter()


def add(her: Client, words: str, kind: str = "question") -> int:
    return int(her.post("/my/notebook/add/", {"kind": kind, "words": words}).status_code)


def test_what_she_writes_stands_in_its_part_and_a_double_click_adds_nothing(her: Client) -> None:
    assert add(her, "Will it hurt?") == add(her, "Will it hurt?") == 302
    add(her, "aspirin, for the heart", "medicine")
    page = her.get("/my/notebook/").content.decode()
    assert page.count("<bdi>Will it hurt?") == 1
    assert page.index("Will it hurt?") < page.index("Medicines you take") < page.index("aspirin")


def test_a_question_that_is_offered_is_offered_once_and_kept_with_one_press(her: Client) -> None:
    offered = str(suggestions.questions(State.TO_BOOK)[0])
    assert her.get("/my/notebook/").content.decode().count(f'value="{offered}"') == 1
    add(her, offered)
    page = her.get("/my/notebook/").content.decode()
    assert f'value="{offered}"' not in page
    assert f"<bdi>{offered}" in page


def test_nothing_and_too_much_are_refused_with_what_to_do(her: Client) -> None:
    assert add(her, "  ") == 422
    assert add(her, "x" * 501) == 422
    assert add(her, "fine", kind="diary") == 422
    assert not Note.objects.exists()
    for n in range(notebook.MOST):
        add(her, f"question {n}")
    assert add(her, "one more") == 422
    assert Note.objects.count() == notebook.MOST


def test_what_nobody_could_read_is_removed_for_good_and_what_was_shared_is_kept(her: Client) -> None:
    add(her, "mine alone")
    her.post(f"/my/notebook/note/{Note.objects.get().pk}/remove/")
    assert not Note.objects.exists()
    add(her, "for the clinic")
    her.post("/my/notebook/share/")
    her.post(f"/my/notebook/note/{Note.objects.get().pk}/remove/")
    assert Note.objects.get().removed_at is not None
    assert "for the clinic" not in her.get("/my/notebook/").content.decode()


def test_sharing_is_owed_a_reader_and_so_is_what_she_adds_later(her: Client, told: Told) -> None:
    add(her, "Will it hurt?")
    assert told.look().patient.requests == ()
    her.post("/my/notebook/share/")
    assert told.look().patient.requests == (Request.NOTES,)
    told.take(st.RecordMet(what=Request.NOTES, proof="read, rang her"))
    add(her, "And for how long?")
    assert told.look().patient.requests == (Request.NOTES,)
    version = told.look().patient.version
    add(her, "I have found a lump")
    assert told.look().patient.version > version, "who was about to say that it was read is told to look again"
    told.take(st.RecordMet(what=Request.NOTES, proof="read"))
    her.post("/my/notebook/unshare/")
    add(her, "Only for me")
    assert told.look().patient.requests == ()


def test_nobody_else_can_remove_what_is_hers(her: Client, olsen: Patient, told: Told) -> None:
    other = Patient.objects.create(
        family="Lim", birth_date=olsen.birth_date, site=olsen.site, created_at=olsen.created_at
    )
    note = Note.objects.create(patient=other, kind="worry", words="hers", written_at=told.now)
    her.post(f"/my/notebook/note/{note.pk}/remove/")
    assert Note.objects.filter(pk=note.pk, removed_at=None).exists()


def test_her_family_is_told_in_words_and_drawn(her: Client) -> None:
    answer = her.post("/my/notebook/add-relative/", {"relation": "mother", "cancer": "breast", "age": "52"})
    assert answer.status_code == 302
    her.post("/my/notebook/add-relative/", {"relation": "sister", "cancer": "none", "age": ""})
    page = her.get("/my/notebook/").content.decode()
    assert "your mother: breast cancer, found at 52" in page
    assert "your sister: neither, as far as you know" in page
    assert '<svg viewBox="0 0 640' in page
    assert (
        her.post("/my/notebook/add-relative/", {"relation": "mother", "cancer": "breast", "age": "old"}).status_code
        == 422
    )
    assert Relative.objects.count() == 2


def test_the_tree_sets_the_oldest_on_top_and_fills_who_had_a_cancer() -> None:
    drawn = tree([(Relation.DAUGHTER, Cancer.NONE, None), (Relation.MOTHERS_MOTHER, Cancer.OVARY, 70)])
    assert drawn is not None
    grandmother, herself, daughter = drawn.members
    assert grandmother.y < herself.y < daughter.y
    assert (grandmother.marked, grandmother.label, daughter.marked) == (True, "70", False)
    assert herself.herself
    assert tree([]) is None


@pytest.mark.parametrize(
    ("last", "says"),
    [
        ("Riverside, NY 10001", "agreement of one person"),
        ("Oakland, CA 94601-1234", "all who are part"),
        ("Burlington, VT 05401", "take notes"),
        ("Leeds LS1 4AP", "take notes"),
        ("", "take notes"),
    ],
)
def test_recording_says_the_rule_of_the_place_and_nothing_where_none_is_known(last: str, says: str) -> None:
    assert any(says in sentence for sentence in recording.words(["1 Main Street", last] if last else []))


def test_calm_questions_are_for_whoever_knows_that_all_is_calm() -> None:
    calm = {State.NORMAL, State.INVITED, State.SCREENING_BOOKED}
    assert {state for state in State if suggestions.questions(state) is suggestions.CALM} == calm


def test_no_question_that_is_offered_names_what_she_was_not_told() -> None:
    for state in State:
        offered = " ".join(str(q) for q in suggestions.questions(state))
        if state not in (State.CANCER, State.IN_CARE):
            assert "team" not in offered
            assert "cancer" not in offered


def test_nothing_is_shared_that_nobody_owes_a_reading(her: Client, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_named: object) -> None:
        raise OperationalError("disk full")

    add(her, "warfarin", "medicine")
    monkeypatch.setattr(door, "take", full)
    with pytest.raises(OperationalError):
        her.post("/my/notebook/share/")
    assert not NotebookShared.objects.exists()


def test_two_clicks_make_one_relative(her: Client) -> None:
    for _ in range(2):
        her.post("/my/notebook/add-relative/", {"relation": "sister", "cancer": "breast", "age": "50"})
    assert Relative.objects.count() == 1
