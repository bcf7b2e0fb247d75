"""A page offers what the record allows: every step offered in a whole demonstration programme can be taken."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory, override_settings

from closerlook import demonstration
from closerlook.desk import offers, telling
from closerlook.desk.doing import target_of
from closerlook.desk.fields import RecordField
from closerlook.desk.forms import StepForm
from closerlook.desk.here import Here
from closerlook.pathway import steps as st
from closerlook.pathway.closing import STEPS_FOR
from closerlook.pathway.deciding import Refused, decide
from closerlook.people import sites
from closerlook.people.models import Patient, Staff
from closerlook.record import door
from closerlook.record.protocols import KNOWN
from tests import stores
from tests.desk.conftest import FAST
from tests.desk.people import PEOPLE, actor
from tests.desk.test_forms import filled
from tests.stores import NOW

OFFERED = re.compile(r'href="(/patient/[^"]*/do/(\w+)/[^"]*)"')
CONTENT = (
    "The report calls the",  # what the form asks for, not whether it may be asked
    "No open finding of that breast",
    "This would take back",
    "An attempt by",
    "She has not been told what the tissue showed",  # unless it is being told that she refuses
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("programme")


@pytest.fixture(scope="module")
def programme(sqlite_template: Path, folder: Path, django_db_blocker: Any) -> Iterator[None]:
    """The whole demonstration programme, in a record of its own."""
    (folder / "static").mkdir()
    url = stores.copied_file(sqlite_template, folder)
    own = {"DATA_DIR": folder, "STATIC_ROOT": folder / "static", "PASSWORD_HASHERS": FAST}
    with django_db_blocker.unblock(), stores.using(url), override_settings(**own):
        demonstration.fill(now=NOW, seed=1)
        yield


@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_nothing_is_offered_that_would_be_refused(programme: None, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = NOW + timedelta(minutes=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    client = Client()
    client.force_login(User.objects.get(username=who))
    tried = 0
    opened: set[str] = set()
    for patient in Patient.objects.all():
        page = client.get(f"/patient/{patient.id}/").content.decode()
        for address, name in dict(OFFERED.findall(page)).items():
            path = address.replace("&amp;", "&")
            if name not in opened or "subject" in path:  # one page of each step that is offered everywhere
                assert client.get(path).status_code == 200, path
                opened.add(name)
            tried += 1
            take_without_recording(patient.id, path, name, who, now)
    assert tried > 15


def take_without_recording(patient: str, path: str, name: str, who: str, now: Any) -> None:
    """Decide the step as the form would ask for it, without recording anything."""
    history = door.look(patient)
    here = Here(actor(who), PEOPLE[who][0], sites.site(), now, Staff(site=sites.site()))
    target = target_of(history, RequestFactory().get(path), here)
    kind = offers.STEPS[name]
    empty = StepForm(kind, target)
    others = {name: _another(patient) for name, field in empty.fields.items() if isinstance(field, RecordField)}
    form = StepForm(kind, target, data=filled(empty) | others)
    assert form.is_valid(), (path, form.errors)
    if kind is st.PrepareDocument:
        return
    step, rules, refused = form.made(), sites.protocol(), ""
    try:
        decide(step, history.patient, history.records, KNOWN, default=rules, actor=here.actor, now=now)
    except Refused as why:
        refused = str(why)
    assert not refused or refused.startswith(CONTENT), (path, refused)


def _another(patient: str) -> str:
    return str(Patient.objects.exclude(pk=patient).values_list("pk", flat=True)[0])


def test_every_page_of_the_programme_opens_for_every_role(programme: None) -> None:
    for who in PEOPLE:
        client = Client()
        client.force_login(User.objects.get(username=who))
        for path in ("/", "/?who=team", "/?who=everyone", "/post/", "/set-aside/", "/ledger/"):
            page = client.get(path)
            assert page.status_code == 200
            for message in re.findall(r'href="(/set-aside/m\w+/)"', page.content.decode()):
                assert client.get(message).status_code == 200


def test_a_step_names_what_it_is_about(programme: None) -> None:
    for patient in Patient.objects.all():
        history = door.look(patient.id)
        for loop in history.loops:
            about = telling.about_subject(history.patient, telling.subject_of(loop), NOW)
            if loop.episode:
                assert about.episode is not None
                assert about.episode.id == loop.episode
            if loop.subject in (about.episode.exams if about.episode else {}):
                assert about.exam is not None
                assert about.exam.id == loop.subject


def test_what_closes_each_kind_has_a_page_or_a_reason() -> None:
    for kind, steps in STEPS_FOR.items():
        for step in steps:
            assert step in offers.ELSEWHERE or offers.STEPS[step.__name__] is step, kind
