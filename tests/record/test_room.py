"""What is stored fits its column on PostgreSQL too: SQLite keeps any length, PostgreSQL refuses what is longer."""

import pytest
from django.db import models

from closerlook.pathway import steps as st
from closerlook.pathway.events import TAGS
from closerlook.pathway.loops import KINDS
from closerlook.pathway.terms import Assessment, Role, Sampling
from closerlook.record import door
from closerlook.record.models import Event, OpenLoop
from tests.record.steps import FEED, RADIOLOGIST, report
from tests.stores import NOW

P = "p22222222222222"


def room(model: type[models.Model], name: str) -> int:
    """Return how many letters a column holds."""
    field = model._meta.get_field(name)
    assert isinstance(field, models.CharField)
    assert field.max_length is not None
    return field.max_length


@pytest.mark.parametrize(
    ("model", "name", "values"),
    [(OpenLoop, "owner", Role), (OpenLoop, "escalated_to", Role), (OpenLoop, "kind", KINDS), (Event, "type", TAGS)],
    ids=["owner", "escalated_to", "kind", "type"],
)
def test_every_word_we_store_has_room(model: type[models.Model], name: str, values: list[str]) -> None:
    assert max(map(len, values)) <= room(model, name)


def test_a_biopsy_is_taken_and_its_report_is_owed_by_the_coordinator(record: str) -> None:
    patient = door.take(report(Assessment.SUSPICIOUS), stream=P, actor=FEED, key="m1", now=NOW).history.patient
    (finding,) = patient.episodes["e1"].findings
    step = st.RecordBiopsy(finding=finding, method=Sampling.CORE, marker=True)
    door.take(step, stream=P, actor=RADIOLOGIST, key="b1", now=NOW)
    assert OpenLoop.objects.get(stream=P, kind="get_pathology").owner == Role.PATHOLOGY_COORDINATOR
