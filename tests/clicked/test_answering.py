"""Filling in: whatever a form can make, its answers can be found again from what it made."""

import pytest
from django.http import QueryDict

from closerlook.desk.forms import StepForm
from closerlook.pathway import steps as st
from tests.clicked.answering import answers
from tests.clicked.walking import as_posted
from tests.desk.test_forms import WITH_A_PAGE, _without_a_record, filled, target

__all__ = ["_without_a_record"]


@pytest.mark.parametrize("step", WITH_A_PAGE, ids=lambda s: s.__name__)
def test_the_answers_of_every_form_lead_back_to_its_step(step: type[st.Step]) -> None:
    empty = StepForm(step, target())
    once = StepForm(step, target(), data=posted(filled(empty)))
    assert once.is_valid(), once.errors
    made = once.made()
    again = StepForm(step, target(), data=as_posted(answers(made, empty)))
    assert again.is_valid(), again.errors
    assert again.made() == made


def posted(data: dict[str, object]) -> QueryDict:
    found = QueryDict(mutable=True)
    for name, value in data.items():
        found.setlist(name, list(value) if isinstance(value, list) else [str(value)])
    return found
