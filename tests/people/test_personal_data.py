"""Every stored field is marked personal or not, and no name lands where it does not belong."""

import importlib

import pytest
from django.apps import apps

from closerlook.people.models import Patient, Provider, Staff

OURS = ("people", "visits", "exchange", "portal", "desk", "accounts", "limits")


@pytest.mark.parametrize("label", OURS)
def test_every_field_is_marked_personal_or_not(label: str) -> None:
    marked = importlib.import_module(f"closerlook.{label}.models").PERSONAL
    fields = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if not (field.auto_created and not field.concrete)
    }
    assert fields - set(marked) == set()
    assert set(marked) - fields == set()


def test_the_record_holds_no_identity() -> None:
    names = {f.name for model in apps.get_app_config("record").get_models() for f in model._meta.get_fields()}
    assert names & {"name", "family", "given", "phone", "address", "birth_date"} <= {"name"}  # a protocol has a name


def test_what_lands_in_logs_is_an_id_and_never_a_name() -> None:
    assert str(Patient(id="p1", family="Olsen", given="Marta")) == "p1"
    assert "Olsen" not in str(Staff(user_id=7, name="Olsen"))
    assert str(Provider(id="A|1", family="Lind", given="Eva")) == "Eva Lind"  # printed in letters, and so not for logs
