"""Each macro writes sound HTML, says in words what it shows, and never lets text become markup."""

import re

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
        "{{ look.icon_array([{'count': 100, 'words': evil, 'mark': 'solid'}], rows=evil) }}",
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


ARRAY = """{{ look.icon_array([{'count': 80, 'words': 'have no biopsy', 'mark': 'outline'},
{'count': 14, 'words': 'have a biopsy', 'mark': 'half'}, {'count': 6, 'words': 'have cancer', 'mark': 'solid'}]) }}"""


def test_every_woman_of_an_array_is_drawn_once_and_counted_in_words(render: Render) -> None:
    page = Page(render(ARRAY))
    assert page.faults == []
    drawn = [attrs["d"] for attrs in page.all("path") if attrs.get("fill", "").startswith("url(#array-p")]
    assert [sum(int(width) // 24 for width in re.findall(r"h(\d+)v", d)) for d in drawn] == [80, 14, 6]
    cells = [
        (int(x) // 24 + step, int(y))
        for d in drawn
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v", d)
        for step in range(int(width) // 24)
    ]
    assert len(cells) == len(set(cells)) == 100
    assert "80 of 100 have no biopsy. 14 of 100 have a biopsy. 6 of 100 have cancer" in page.text
    assert page.text.count("14 of 100") == 2  # once for whoever hears it, once beside it


def test_an_array_is_small_and_needs_neither_script_nor_style(render: Render) -> None:
    html = render(ARRAY)
    assert len(html.encode()) < 4_000
    assert "style=" not in html
    assert "<script" not in html


def test_the_groups_of_an_array_are_told_apart_without_colour(render: Render) -> None:
    one = "{{ look.icon_array([{'count': 100, 'words': 'x', 'mark': mark}]) }}"
    drawn = {mark: render(one, mark=mark).split("<pattern")[0] for mark in ("outline", "barred", "half", "solid")}
    assert len(set(drawn.values())) == 4
    assert 'class="some"' not in drawn["outline"] + drawn["barred"]
