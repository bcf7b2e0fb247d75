"""Each macro writes sound HTML, says in words what it shows, and never lets text become markup."""

import pytest
from django import forms

from closerlook.look.drawing import Mark
from closerlook.look.places import Place
from closerlook.pathway.terms import Laterality
from tests.look.conftest import Render
from tests.look.html import Page

EVIL = '<script>"x"</script>'


class CallForm(forms.Form):
    name = forms.CharField(label="Name to ask for", help_text="As she wants to be called.")
    number = forms.CharField(label="Number", required=False)
    outcome = forms.ChoiceField(
        label="What happened?", choices=[("a", "Reached"), ("b", "No answer")], widget=forms.RadioSelect
    )
    sure = forms.BooleanField(label="Two identifiers", help_text="Name and birth date.")
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


ALL_FIELDS = "{{ look.error_summary(form) }}{% for f in form %}{{ look.field(f) }}{% endfor %}"


def test_each_field_has_its_label_hint_and_error(render: Render) -> None:
    page = Page(render(ALL_FIELDS, form=CallForm({})))
    assert page.faults == []
    name = next(attrs for attrs in page.all("input") if attrs["name"] == "name")
    assert name["aria-describedby"] == "id_name_helptext id_name_error"
    assert name["aria-invalid"] == "true"
    assert {"for": "id_name"} in page.all("label")
    assert "Number (optional)" in page.text


def test_a_group_of_choices_is_a_fieldset_that_names_its_error(render: Render) -> None:
    page = Page(render(ALL_FIELDS, form=CallForm({})))
    assert page.all("fieldset")[0]["aria-describedby"] == "id_outcome_error"
    assert page.all("legend")


def test_the_summary_counts_and_leads_to_each_error(render: Render) -> None:
    form = CallForm({})
    form.add_error(None, "Someone was faster. Read what was recorded first.")
    page = Page(render(ALL_FIELDS, form=form))
    assert "4 things to put right" in page.text
    assert "Someone was faster." in page.text
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    assert {attrs["href"][1:] for attrs in page.all("a")} == {"id_name", "id_outcome_group", "id_sure"} <= ids


def test_a_form_without_errors_has_no_summary(render: Render) -> None:
    assert render("{{ look.error_summary(form) }}", form=CallForm()).strip() == ""
    assert "One thing to put right" in render(
        "{{ look.error_summary(form) }}", form=CallForm({"name": "A", "outcome": "a"})
    )


@pytest.mark.parametrize(
    "source",
    [
        "{{ look.button(evil, name=evil, value=evil, key=evil) }}",
        "{{ look.action(evil, evil) }}",
        "{{ look.tag(evil, evil) }}",
        "{{ look.notice(evil, evil) }}",
        "{{ look.visit(evil, evil, evil) }}",
        "{{ look.person(evil, evil, evil, evil) }}",
        "{{ look.facts([(evil, evil)]) }}",
        "{% call look.table(evil, [evil, (evil, evil)]) %}{% call look.row() %}"
        "{{ look.row_head(evil, evil) }}{{ look.cell(evil, evil, evil) }}{% endcall %}{% endcall %}",
        "{% call look.loops(evil) %}"
        "{{ look.loop_row('late', evil, evil, evil, evil, evil, evil, evil, evil) }}{% endcall %}",
        "{{ look.path([evil, evil], 1, evil) }}",
        "{{ look.of_hundred(3, evil, evil, evil) }}",
        "{{ look.breasts([mark]) }}",
    ],
)
def test_text_never_becomes_markup(render: Render, source: str) -> None:
    html = render(source, evil=EVIL, mark=Mark(Laterality.LEFT, note=EVIL))
    page = Page(html)
    assert page.faults == []
    assert page.all("script") == []
    assert EVIL in page.text or EVIL in str(page.tags)


def test_the_path_says_what_is_done_present_and_to_come(render: Render) -> None:
    page = Page(render("{{ look.path(['Screening', 'More pictures', 'Answer'], 1) }}"))
    assert page.text == "Where you are Screening : done More pictures : you are here Answer : still to come"
    assert [attrs.get("aria-current") for attrs in page.all("li")] == [None, "step", None]


def test_a_finished_path_has_no_present_step(render: Render) -> None:
    page = Page(render("{{ look.path(['Screening', 'Answer'], 2) }}"))
    assert "you are here" not in page.text


def test_the_hundred_are_drawn_and_counted_in_words(render: Render) -> None:
    page = Page(render("{{ look.of_hundred(7, 'have cancer', 'do not') }}"))
    assert [attrs["class"] for attrs in page.all("use")] == ["some"] * 7 + ["rest"] * 93
    assert "7 of 100 have cancer. 93 of 100 do not." in page.text.replace(" .", ".")


def test_both_breasts_are_drawn_with_a_sentence_beside_them(render: Render) -> None:
    marks = [Mark(Laterality.LEFT, place=Place.UPPER_OUTER), Mark(Laterality.RIGHT)]
    page = Page(render("{{ look.breasts(marks, hers=true) }}{{ look.breasts([], id='none') }}", marks=marks))
    assert page.faults == []
    assert page.text.count("the upper part of your left breast, towards your armpit") == 2
    assert "your right breast." in page.text
    assert "No place is marked." in page.text


def test_a_table_names_its_columns_again_for_narrow_screens(render: Render) -> None:
    source = (
        "{% call look.loops('Late') %}"
        "{{ look.loop_row('late', 'Late', 'Book call-back', 'R. Adeyemi', 'left, mass',"
        " '1 day late', '', '#', 'Call') }}"
        "{% endcall %}"
    )
    page = Page(render(source))
    heads = ["Due", "Owed", "Patient", "About", "When", "So far", "Next"]
    assert [attrs["data-label"] for _, attrs in page.tags if "data-label" in attrs] == heads
    assert [attrs["scope"] for attrs in page.all("th")] == ["col"] * 7 + ["row"]
    assert page.all("caption")
    assert "Call : Book call-back, R. Adeyemi" in page.text


def test_a_notice_takes_more_than_text(render: Render) -> None:
    page = Page(render("{% call look.notice('Saved') %}<p>Go <a href='#'>on</a>.</p>{% endcall %}"))
    assert page.all("a") == [{"href": "#"}]
