"""In a unit of two sites a message is taken at its sender's site, whichever site comes first by name."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from closerlook.exchange import intake
from closerlook.exchange.filing import Decision, file_message
from closerlook.exchange.models import Message
from closerlook.pathway.events import Actor, Kind
from closerlook.pathway.regions import Episode, Exam
from closerlook.people import sites
from closerlook.people.models import Patient, Site, TrustedSender
from closerlook.record import door, verify
from closerlook.record.models import OpenLoop
from tests.feeds.messages import CALLED_LEFT, oru, send
from tests.stores import NOW

FIRST = "albany"
HEAD = "patient_number;authority;family;given;birth_date;examination;performed_at;accession;sender\n"
ALBANY_TIME = datetime(2026, 11, 2, 11, tzinfo=UTC)
MAIN_TIME = datetime(2026, 11, 2, 12, tzinfo=UTC)
"""Six in the morning at each site."""


@pytest.fixture
def albany(sqlite_record: str) -> Site:
    """A second site whose name comes before the sender's: in another zone, and live only from tomorrow."""
    first = Site.objects.create(
        slug=FIRST, name="Albany Clinic", address="1 Pier", phone="555-0100", zone="America/New_York",
        live_from=date(2026, 11, 3),
    )  # fmt: skip
    TrustedSender.objects.create(sender="ALBRIS|ALBANY", site=first)
    sites.forget()
    assert sites.site() == first
    return first


def exam(episode: Episode) -> Exam:
    (found,) = episode.exams.values()
    return found


def of_the_round(patient_id: str) -> tuple[str, Episode]:
    (episode,) = door.look(patient_id).patient.episodes.values()
    return Patient.objects.get(pk=patient_id).site_id, episode


def without_offset(report: bytes) -> bytes:
    return report.replace(b"+0000", b"")


def test_a_new_patient_is_of_the_site_whose_sender_reports_her(albany: Site) -> None:
    (found,) = send(oru(coded=CALLED_LEFT))
    site, episode = of_the_round(found["patient"])
    assert (site, episode.site, episode.protocol) == ("main", "main", sites.protocol("main").hash)
    assert set(OpenLoop.objects.filter(stream=found["patient"]).values_list("site", flat=True)) == {"main"}
    assert not exam(episode).history  # the other site goes live tomorrow: of no concern to her
    assert list(verify.verify()) == []


def test_the_other_sites_patient_is_of_the_other_site(albany: Site) -> None:
    (found,) = send(oru(coded=CALLED_LEFT, sender="ALBRIS|ALBANY"))
    site, episode = of_the_round(found["patient"])
    assert (site, episode.site, episode.protocol) == (FIRST, FIRST, sites.protocol(FIRST).hash)
    assert exam(episode).history


def test_a_moment_without_a_zone_is_in_the_zone_of_the_senders_site(albany: Site) -> None:
    six = datetime(2026, 11, 2, 6, tzinfo=UTC)
    her, other = (
        oru("M1", performed_at=six),
        oru("M2", number="MR200", name="Lind^Eva", accession="A2", performed_at=six, sender="ALBRIS|ALBANY"),
    )
    here, there = send(without_offset(her), without_offset(other))
    assert exam(of_the_round(here["patient"])[1]).performed_at == MAIN_TIME
    assert exam(of_the_round(there["patient"])[1]).performed_at == ALBANY_TIME


def test_a_line_of_a_list_is_of_the_site_of_the_sender_it_names(albany: Site, tmp_path: Path) -> None:
    line = "{};RIVERSIDE;Olsen;Marta;{};screening;2026-11-02 06:00;{};{}\n"
    file = tmp_path / "list.csv"
    file.write_text(
        HEAD
        + line.format("MR100", "1968-05-03", "A1", "RIVERIS|RIVERSIDE")
        + line.format("MR200", "1970-01-01", "A2", "ALBRIS|ALBANY")
        + line.format("MR300", "1972-01-01", "A3", "")
    )
    found = [of_the_round(one["patient"]) for one in intake.ingest([file], clock=lambda: NOW)]
    assert [(site, e.site, exam(e).performed_at) for site, e in found] == [
        ("main", "main", MAIN_TIME), (FIRST, FIRST, ALBANY_TIME), (FIRST, FIRST, ALBANY_TIME)
    ]  # fmt: skip


def test_an_unknown_senders_message_goes_to_the_first_site(albany: Site) -> None:
    (found,) = send(oru(sender="NOBODY|NOWHERE"))
    assert of_the_round(found["patient"])[0] == FIRST


def test_whoever_decides_about_a_message_her_site_is_the_senders(albany: Site) -> None:
    (found,) = send(oru(coded=CALLED_LEFT).replace(b"19680503", b""))
    message = Message.objects.get(pk=found["message"])
    assert message.reason == "no_birth_date"
    message.content = oru(coded=CALLED_LEFT)
    by = Actor(Kind.STAFF, "dana", ("front_desk",))
    filed = file_message(message, now=NOW, decision=Decision(new_patient=True, by=by))
    assert of_the_round(filed.patient)[0] == "main"


def test_a_unit_of_one_site_takes_every_sender_there(sqlite_record: str) -> None:
    known, unknown = send(
        oru("M1"), oru("M2", number="MR200", name="Lind^Eva", accession="A2", born="19700101", sender="NOBODY|NOWHERE")
    )
    assert {of_the_round(one["patient"])[0] for one in (known, unknown)} == {"main"}
