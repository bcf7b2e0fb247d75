"""The boards, the day's visits and one round: what each line says, who is in front, and that nobody is hidden."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from closerlook.desk.boards import BOARDS
from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, Outcome
from closerlook.pathway.loops import KINDS
from closerlook.pathway.terms import Plan, Sampling, Tissue
from closerlook.people.models import Look
from closerlook.record.models import OpenLoop
from tests.desk.people import ELSEWHERE, Desk, Unit
from tests.feeds.messages import CALLED_LEFT

Sit = Callable[[str], Client]
SUSPECT_LEFT = (
    ("BIRADSL^BI-RADS Assessment left^L", "4B^Suspicious^L"),
    ("BIRADSR^BI-RADS Assessment right^L", "1^Negative^L"),
)


def suspected(unit: Unit, n: int) -> tuple[str, str]:
    """Return a patient with a suspicious finding, and the finding."""
    patient = unit.report(f"S{n}", number=f"MR{n}", name=f"Lim^Joy{n}", accession=f"B{n}", coded=SUSPECT_LEFT)
    return patient, next(iter(unit.state(patient).episodes["e1"].findings))


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_every_kind_of_a_board_is_a_kind_of_thing_owed() -> None:
    listed = [kind for board in BOARDS.values() for kind in board.kinds]
    assert set(listed) <= KINDS.keys()
    assert len(listed) == len(set(listed))


def test_tissue_that_settles_nothing_stands_in_front_however_new(unit: Unit, sit: Sit) -> None:
    # Given a biopsy to arrange for long, and tissue that does not fit the pictures since today
    old, _ = suspected(unit, 1)
    unit.now += timedelta(days=5)
    new, finding = suspected(unit, 2)
    unit.take(new, "radiologist", st.RecordBiopsy(finding=finding, method=Sampling.CORE))
    specimen = next(iter(unit.state(new).episodes["e1"].specimens))
    assert "waited for" in text(sit("pathology"), "/boards/tissue/")
    unit.take(new, "pathology", st.RecordPathology(specimen=specimen, tissue=Tissue.BENIGN))
    unit.take(new, "radiologist", st.DecideConcordance(specimen=specimen, concordant=False))
    # Then the discordant one is the first line, and says so
    page = text(sit("radiologist"), "/boards/tissue/")
    assert page.index(f"/patient/{new}/") < page.index(f"/patient/{old}/")
    assert "does not fit the pictures" in page
    assert "core biopsy" in page
    assert "she is not told yet" in page
    # And only what was asked for is listed
    only = text(sit("radiologist"), "/boards/tissue/?kind=arrange_biopsy")
    assert f"/patient/{new}/" not in only
    assert f"/patient/{old}/" in only


def test_a_board_leads_to_the_step_of_who_may_take_it_and_to_the_record_for_others(unit: Unit, sit: Sit) -> None:
    patient, finding = suspected(unit, 1)
    unit.take(patient, "radiologist", st.RecordBiopsy(finding=finding, method=Sampling.CORE))
    assert "/do/RecordPathology/" in text(sit("pathology"), "/boards/tissue/?kind=get_pathology")
    assert "/do/RecordPathology/" not in text(sit("desk"), "/boards/tissue/?kind=get_pathology")


def test_a_board_is_turned_page_by_page_across_kinds_and_loses_nobody(
    unit: Unit, sit: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("closerlook.desk.boards.PAGE", 2)
    patients = [suspected(unit, n)[0] for n in range(5)]
    for patient in patients[:2]:
        finding = next(iter(unit.state(patient).episodes["e1"].findings))
        unit.take(patient, "radiologist", st.RecordBiopsy(finding=finding, method=Sampling.CORE))
    seen: list[str] = []
    path = "/boards/tissue/"
    for _ in range(6):
        page = text(sit("radiologist"), path)
        seen += [p for p in patients if f'href="/patient/{p}/"' in page]
        after = page.partition('class="button quiet" href="?')[2].partition('"')[0]
        if "after=" not in after:
            break
        path = f"/boards/tissue/?{after.replace('&amp;', '&')}"
    assert sorted(seen) == sorted(patients)


def test_priors_referral_and_pauses_have_their_lines(unit: Unit, sit: Sit) -> None:
    patient, _ = suspected(unit, 1)
    called = unit.report("C", number="MR77", name="Diaz^Ines", accession="A7", coded=CALLED_LEFT)
    unit.take(called, "desk", st.RecordContact(episode="e1", channel=Channel.PHONE, outcome=Outcome.NO_ANSWER))
    unit.now += timedelta(days=2)
    page = text(sit("navigator"), "/boards/pauses/")
    assert f"/patient/{called}/" in page
    assert "1 times" not in page
    assert sit("navigator").get("/boards/nothing/").status_code == 404
    assert Look.objects.filter(page="board pauses", shown__contains=called).exists()
    assert f"/patient/{patient}/" not in text(sit("navigator"), "/boards/priors/")


def test_who_has_moved_stands_on_the_board_from_the_first_day(unit: Unit, sit: Sit) -> None:
    her = unit.report("C", number="MR77", name="Diaz^Ines", accession="A7", coded=CALLED_LEFT)
    path = f"/patient/{her}/do/RecordMovedAway/?subject=e1"
    hidden = dict(re.findall(r'name="(seen|key)" value="([^"]*)"', sit("desk").get(path).content.decode()))
    moved = {"review_on": "2026-12-01", "reviewer": "navigator"}
    said = sit("desk").post(path, hidden | moved).content.decode()
    assert "A navigator, nurse or physician records this" in said  # nobody has told her
    for wrong in ({"reviewer": "desk"}, {"review_on": "2027-06-01"}):
        assert sit("navigator").post(path, hidden | moved | wrong).status_code == 200
    assert sit("navigator").post(path, hidden | moved).status_code == 302
    assert f"/patient/{her}/" in text(sit("navigator"), "/boards/pauses/?kind=review_pause")


def test_another_sites_board_is_empty(house: Unit, sit: Sit) -> None:
    patient, _ = suspected(house, 1)
    assert patient in text(sit("radiologist"), "/boards/tissue/")
    page = text(sit(f"radiologist.{ELSEWHERE}"), "/boards/tissue/")
    assert patient not in page
    assert "Nobody is here now." in page
    assert patient not in sit(f"radiologist.{ELSEWHERE}").get("/boards/tissue/?file=csv").content.decode()


def test_the_visits_of_a_day_say_what_is_planned_and_what_to_heed(unit: Unit, sit: Sit) -> None:
    # Given a call-back with ultrasound, booked for Thursday
    patient = unit.report(coded=CALLED_LEFT)
    exam = next(iter(unit.state(patient).episodes["e1"].exams))
    unit.take(patient, "radiologist", st.DecideCallBack(exam=exam, ultrasound=True, views=("magnification",)))
    starts = unit.now + timedelta(days=3)
    unit.take(patient, "navigator", st.BookVisit(episode="e1", starts_at=starts, place="Room 2"))
    # Then the technologist finds her on that day and on no other
    on = f"/visits/?on={starts.date().isoformat()}"
    page = text(sit("technologist"), on)
    assert "Marta Olsen" in page
    assert "ultrasound in the same visit" in page
    assert "Room 2" in page
    assert "/do/TakeExamination/" not in page, "nobody has come yet"
    assert "/do/MoveVisit/" in text(sit("navigator"), on)
    assert "Marta Olsen" not in text(sit("technologist"), "/visits/")
    assert "Marta Olsen" not in text(sit("technologist"), "/visits/?on=9999-99-99")
    # And once the day has come, she can be recorded as come from there
    unit.now = starts
    assert "/do/RecordAttended/" in text(sit("technologist"), "/visits/")
    unit.take(patient, "technologist", st.RecordAttended(episode="e1"))
    assert "Marta Olsen" not in text(sit("technologist"), "/visits/")


def test_one_round_shows_what_is_owed_what_she_knows_and_the_log_behind_each_line(
    desk: Desk, unit: Unit, letters: Callable[[], int]
) -> None:
    patient = unit.report(coded=CALLED_LEFT)
    unit.take(patient, "navigator", st.RecordContact(episode="e1", channel=Channel.PHONE, outcome=Outcome.VOICEMAIL))
    letters()
    page = desk.sit("navigator", f"/patient/{patient}/")
    page.get_by_role("link", name="Screening round of").first.click()
    desk.check(page)
    assert (
        page.get_by_text("What would close it:").count()
        == OpenLoop.objects.filter(stream=patient, episode="e1").count()
    )
    assert page.get_by_text("letter printed").is_visible()
    assert page.get_by_role("row").filter(has_text="voicemail").filter(has_text="Ana Ruiz").count() >= 1
    page.locator("summary", has_text="The log").first.click()
    assert page.get_by_text("Kind of fact").first.is_visible()
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_round_she_does_not_have_is_not_there(unit: Unit, sit: Sit) -> None:
    patient = unit.report(coded=CALLED_LEFT)
    assert sit("navigator").get(f"/patient/{patient}/round/e9/").status_code == 404


def test_the_plan_after_tissue_is_taken_from_the_board(desk: Desk, unit: Unit) -> None:
    patient, finding = suspected(unit, 1)
    unit.take(patient, "radiologist", st.RecordBiopsy(finding=finding, method=Sampling.CORE))
    specimen = next(iter(unit.state(patient).episodes["e1"].specimens))
    unit.take(patient, "pathology", st.RecordPathology(specimen=specimen, tissue=Tissue.HIGH_RISK))
    unit.take(patient, "radiologist", st.DecideConcordance(specimen=specimen, concordant=True))
    page = desk.sit("radiologist", "/boards/tissue/?kind=plan_next")
    page.get_by_role("row").filter(has_text="J. Lim").get_by_role("link").last.click()
    desk.check(page)
    assert "/do/PlanNext/" in page.url
    assert Plan.EXCISION.value in page.content()
