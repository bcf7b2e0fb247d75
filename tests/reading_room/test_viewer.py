"""The link to the pictures: from the study the feed named, to the unit's viewer, with nothing else of hers in it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import override_settings

from closerlook.exchange import intake
from closerlook.exchange.hl7.framing import split
from closerlook.exchange.hl7.parse import read_report
from tests.feeds.messages import oru, send
from tests.feeds.test_examination_lists import HEAD, LINE
from tests.reading_room.room import Reader, Room
from tests.stores import NOW

Readers = Callable[[str], Reader]
STUDY = "1.2.840.113619.2.66.2158408118.16050010109105933.20000"
VIEWER = "https://viewer.example/show?study={study}&layout=mg"


def test_the_link_opens_the_study_in_the_units_viewer(room: Room, reader: Readers) -> None:
    room.examined(study=STUDY)
    with override_settings(VIEWER_URL=VIEWER):
        page = reader("radiologist").begins().page
    assert (
        f'href="https://viewer.example/show?study={STUDY}&layout=mg" target="_blank" rel="noopener noreferrer"' in page
    )


def test_without_a_study_nothing_false_is_offered(room: Room, reader: Readers) -> None:
    room.examined()
    with override_settings(VIEWER_URL=VIEWER):
        page = reader("radiologist").begins().page
    assert "viewer.example" not in page
    assert "the feed did not name the study" in page


def test_without_a_viewer_there_is_no_link(room: Room, reader: Readers) -> None:
    room.examined(study=STUDY)
    page = reader("radiologist").begins().page
    assert STUDY not in page
    assert "no viewer is set" in page


def test_a_report_brings_the_study_into_the_record(room: Room) -> None:
    named = oru(status="I", coded=(), text="").rstrip(b"\r") + f"\rZDS|{STUDY}^RIS^Application^DICOM\r".encode()
    (found,) = send(named, at=room.unit.now)
    (exam,) = room.unit.state(str(found["patient"])).episodes["e1"].exams.values()
    assert exam.study == STUDY


@pytest.mark.parametrize("code", ["110180^Study Instance UID^DCM", "113014^DICOM Study^DCM", "X^Study Instance UID^L"])
def test_an_observation_can_name_the_study(code: str) -> None:
    named = oru().rstrip(b"\r") + f"\rOBX|9|ST|{code}||{STUDY}||||||F\r".encode()
    (raw,) = split(named)
    assert read_report(raw, zone="UTC", trusted=True).study_instance_uid == STUDY


@pytest.mark.parametrize(("said", "outcome"), [(STUDY, "taken"), ("", "taken"), ("scan of May", "set_aside")])
def test_a_list_brings_the_study_or_is_set_aside(room: Room, tmp_path: Path, said: str, outcome: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(HEAD.rstrip("\n") + ";study\n" + LINE.rstrip("\n") + f";{said}\n")
    (found,) = intake.ingest([file], clock=lambda: NOW)
    assert found["outcome"] == outcome
    if outcome == "taken":
        (exam,) = room.unit.state(str(found["patient"])).episodes["e1"].exams.values()
        assert exam.study == (said or None)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://viewer.example/?s={study}", ""),
        ("http://localhost:8042/{study}", ""),
        ("http://[::1]/{study}", ""),
        ("http://viewer.example/?s={study}", "begins with https://"),
        ("https://viewer.example/", "write {study} once"),
        ("https://viewer.example/{study}/{study}", "write {study} once"),
        ("https://viewer.example/{study}?name={name}", "no other field"),
        ("https://{study}.example/", "begins with https://"),
        ("https://eva@viewer.example/{study}", "no user"),
        ("javascript:alert({study})", "begins with https://"),
    ],
)
def test_the_viewers_address_is_checked_at_start(url: str, says: str, tmp_path: Path) -> None:
    env = {**os.environ, "CLOSERLOOK_VIEWER_URL": url, "CLOSERLOOK_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", "from closerlook import settings; print(settings.VIEWER_URL)"]
    started = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (started.returncode == 0) == (not says), started.stderr
    assert (says or url) in (started.stderr if says else started.stdout)
