"""Messages that were set aside: a person files them, tries again, or discards them with a reason."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from closerlook.exchange.models import Message
from closerlook.people.models import TrustedSender
from closerlook.record.models import OpenLoop
from tests.desk.people import ELSEWHERE, Desk, Unit
from tests.feeds.messages import CALLED_LEFT, oru

Sit = Callable[[str], Client]
CUT_OFF = b"MSH|^~\\&|RIVERIS|RIVERSIDE|A|B|2026"
GRAVE = "IMPRESSION: Spiculated mass, highly suspicious. Biopsy is recommended."


@pytest.fixture
def other_birth_date(unit: Unit) -> Message:
    """A report with her number and another birth date."""
    unit.report("M1")
    return unit.aside(
        oru("M2", accession="A2", born="19670503", performed_at=unit.now - timedelta(days=100), coded=CALLED_LEFT)
    )


def decide(client: Client, message: Message, **sent: str) -> str:
    """Send a decision, and return the page that follows."""
    return client.post(f"/set-aside/{message.id}/", sent, follow=True).content.decode()


def test_a_person_compares_and_files_it(desk: Desk, unit: Unit, other_birth_date: Message) -> None:
    # Given a message whose birth date is another than hers
    page = desk.sit("desk")
    desk.go(page, "Set aside 1")
    desk.row(page, "This number is known with another birth date.", "Open")
    # When the front desk sees both side by side, and looks at her record
    expect(page.get_by_text("3 May 1967")).to_be_visible()
    expect(page.get_by_text("born 3 May 1968")).to_be_visible()
    expect(page.get_by_text("MR100").first).to_be_visible()
    # And says that it is hers
    desk.press(page, "It belongs here")
    # Then it is in her record, and nothing waits any more
    expect(page.get_by_text("The message is in her record now.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Marta Olsen")
    assert not OpenLoop.objects.filter(kind="resolve_message").exists()


@pytest.mark.parametrize(
    ("coded", "urgent"),
    [(CALLED_LEFT, False), ((("BIRADS^BI-RADS Assessment^L", "5^Highly suggestive of malignancy^L"),), True)],
)
def test_what_is_more_than_calm_by_its_code_alone_is_discarded_by_a_radiologist(
    unit: Unit, sit: Sit, coded: Any, urgent: bool
) -> None:
    unit.report("M1")
    aside = unit.aside(oru("M2", accession="A2", born="19670503", coded=coded, text="IMPRESSION: As above."))
    assert OpenLoop.objects.get(stream=aside.id).urgent is urgent
    assert "a radiologist" in decide(sit("desk"), aside, what="discard", reason="nobody of that name")
    assert OpenLoop.objects.filter(stream=aside.id).exists()
    decide(sit("radiologist"), aside, what="discard", reason="nobody of that name")
    assert not OpenLoop.objects.filter(stream=aside.id).exists()


def test_it_can_be_filed_by_her_number(unit: Unit, sit: Sit, other_birth_date: Message) -> None:
    assert "in her record now" in decide(sit("desk"), other_birth_date, what="file", place="mr100 ")
    assert Message.objects.get(pk=other_birth_date.pk).patient == unit.patient().id


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"what": "file", "place": "MR404"}, "Nobody here has this number."),
        ({"what": "file", "place": ""}, "Say whose message it is"),
        ({"what": "dance"}, "Choose what to do with it."),
        ({"what": "discard", "reason": " "}, "Say why this message is nobody"),
        ({"what": "discard", "reason": "x" * 201}, "in 200 characters at most. Nothing was discarded."),
        ({"what": "again"}, "Still set aside: This number is known with another birth date."),
    ],
)
def test_what_cannot_be_done_is_said(sit: Sit, other_birth_date: Message, sent: dict[str, str], said: str) -> None:
    assert said in decide(sit("radiologist"), other_birth_date, **sent)
    assert Message.objects.get(pk=other_birth_date.pk).outcome == "set_aside"


def test_it_is_discarded_with_a_reason_and_kept(desk: Desk, unit: Unit) -> None:
    message = unit.aside(CUT_OFF)
    page = desk.sit("desk", f"/set-aside/{message.id}/")
    page.get_by_label("Why it is nobody's result here").fill("test message of the vendor")
    desk.press(page, "Discard, and keep it")
    expect(page.get_by_text("The message is discarded, and kept.")).to_be_visible()
    expect(page.get_by_text("Nothing is set aside.")).to_be_visible()
    page.goto(f"{desk.address}/set-aside/{message.id}/")
    desk.check(page)
    expect(page.get_by_text("discarded", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Discard, and keep it")).to_have_count(0)


def test_suspicious_words_are_for_a_radiologist(sit: Sit, unit: Unit) -> None:
    message = unit.aside(oru("M1", born="", text=GRAVE))
    page = sit("desk").get(f"/set-aside/{message.id}/").content.decode()
    assert "Only a radiologist may discard it" in page
    assert "Discard, and keep it" not in page
    refused = decide(sit("desk"), message, what="discard", reason="a mistake")
    assert "a radiologist decides about it" in refused
    assert Message.objects.get(pk=message.pk).outcome == "set_aside"
    assert "discarded, and kept" in decide(sit("radiologist"), message, what="discard", reason="read by phone")


def test_the_grave_stand_in_front_of_the_older(sit: Sit, unit: Unit) -> None:
    unit.aside(CUT_OFF)
    unit.aside(oru("M1", born="", text=GRAVE))
    page = sit("desk").get("/set-aside/").content.decode()
    assert page.index("Suspicious words.") < page.index("ends inside")


def test_more_than_a_page_can_be_reached(sit: Sit, unit: Unit) -> None:
    for n in range(53):
        unit.aside(oru(f"M{n}", born="", accession=f"A{n}"))
    first, second = (sit("desk").get(path).content.decode() for path in ("/set-aside/", "/set-aside/?from=50"))
    assert 'href="?from=50"' in first
    assert second.count("<tr>") - 1 == 3
    assert sit("desk").get("/set-aside/?from=x").status_code == 200


def test_of_two_who_decide_the_second_is_told(sit: Sit, unit: Unit, other_birth_date: Message) -> None:
    assert "in her record now" in decide(sit("desk"), other_birth_date, what="file", place="MR100")
    other = unit.report("M9", number="MR200", name="Lim^Joy", born="19700101", accession="A9")
    page = decide(sit("nurse"), other_birth_date, what="file", place=other)
    assert "Someone has decided about this message meanwhile" in page
    assert Message.objects.get(pk=other_birth_date.pk).patient == unit.patient().id


def test_another_person_of_the_same_name_is_entered_anew(sit: Sit, unit: Unit) -> None:
    unit.report("M1")
    message = unit.aside(oru("M2", number="MR200", accession="A2"))
    assert "same name" in message.reason.replace("_", " ")
    decide(sit("desk"), message, what="new_patient")
    assert unit.patient("MR200").id != unit.patient("MR100").id


def test_the_menu_counts_what_the_list_of_the_site_shows(house: Unit, sit: Sit) -> None:
    # Given one message of this site's sender, one of the other site's, and one of a sender nobody knows
    TrustedSender.objects.create(sender="HARBRIS|HARBOR", site_id=ELSEWHERE)
    house.report("M1")
    for n, sender in enumerate(("RIVERIS|RIVERSIDE", "HARBRIS|HARBOR", "NOBODY|NOWHERE"), 2):
        house.aside(oru(f"M{n}", born="19670503", accession=f"A{n}", sender=sender))
    # Then each site is counted what its list shows
    for who in ("desk", f"desk.{ELSEWHERE}"):
        page = sit(who).get("/set-aside/").content.decode()
        assert re.search(r'Set aside <span class="count">2</span>', page), who
        assert len(set(re.findall(r'href="(/set-aside/\w+/)"', page))) == 2, who
