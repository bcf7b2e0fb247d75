"""Am I due, and the risk form: what they say is what the evidence says, and nothing she writes is kept or sent."""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from itertools import product
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone, translation
from playwright.sync_api import Page

from closerlook.evidence import due, guidelines, risk
from closerlook.portal.public import due_words, forms, risk_words, views

BORN = {"month": "3", "day": "2", "year": "1975"}


def asked(client: Client, **said: Any) -> str:
    answer = client.post("/about/due/", {**BORN, **said})
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "no-store"
    return unescape(answer.content.decode())


def test_it_says_what_the_guideline_says_with_its_own_words_and_source(client: Client) -> None:
    page = asked(client, body="uspstf")
    row = next(r for r in guidelines.rows() if r.id == "uspstf-2024-average")
    assert "you are due for screening now" in page
    assert row.quote in page
    assert row.url in page
    assert f'data-guideline="{row.id}"' in page


def test_her_last_screening_moves_the_day(client: Client) -> None:
    this_year = timezone.now().year
    page = asked(client, body="uspstf", last_month="1", last_year=str(this_year))
    assert "you are not due yet" in page
    assert f"1 January {this_year + 2}" in page


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        ({"body": "uspstf", "last_month": "1"}, "both the month and the year"),
        ({"body": "uspstf", "year": "2090"}, "These dates cannot be"),
        ({"body": "nobody"}, "Select a valid choice"),
        ({"body": "uspstf", "month": "2", "day": "30"}, "no such day"),
    ],
)
def test_what_cannot_be_is_said_with_its_mend(client: Client, said: dict[str, str], mend: str) -> None:
    assert mend in asked(client, **said)


def test_a_change_she_has_noticed_is_never_answered_with_screening(client: Client) -> None:
    for body, _label in forms.BODIES:
        page = asked(client, body=body, about=["symptoms"])
        assert "ring one today" in page
        assert "due for screening now" not in page


def test_every_answer_and_step_has_words_with_the_values_it_needs() -> None:
    assert set(due_words.ANSWERS) == set(due.Answer)
    assert set(due_words.STEPS) == set(due.SENTENCES)
    for code, words in due_words.STEPS.items():
        needed = set(re.findall(r"%\((\w+)\)s", str(words or "")))
        assert needed <= set(re.findall(r"{(\w+)}", due.SENTENCES[code]))


def test_only_guidelines_read_at_their_source_are_offered() -> None:
    for body, _label in forms.BODIES:
        usable = [r for r in guidelines.routine(body, None) if guidelines.usable(r, allow_secondary=False)]
        assert usable, body


def test_every_refusal_and_every_group_has_words() -> None:
    assert set(risk_words.REASONS) == {reason.code for reason in risk.REASONS}
    assert set(risk_words.GROUPS) == set(risk.GROUPS)


# ---------------------------------------------------------------- in her browser

AGES = (35, 49, 50, 63.5, 85)
MENARCHE = (None, 11, 13, 15)
BIRTH = (None, "none", 19, 24, 29, 40)
BIOPSIES = (None, 0, 1, 3)
RELATIVES = (None, 0, 1, 2)


HYPERPLASIA = {"unknown": risk.UNKNOWN, "no": risk.NO, "yes": risk.YES}


def women() -> Iterator[dict[str, Any]]:
    every = product(AGES, risk.GROUPS, MENARCHE, BIRTH, BIOPSIES, RELATIVES, ("unknown", "no", "yes"))
    for n, (age, group, menarche, birth, biopsies, relatives, hyperplasia) in enumerate(every):
        if n % 7 == 0:
            yield {
                "age": age, "group": group, "menarche_age": menarche, "first_birth_age": birth, "biopsies": biopsies,
                "relatives": relatives, "hyperplasia": hyperplasia,
            }  # fmt: skip


def coded(value: Any) -> int:
    return risk.UNKNOWN if value is None else risk.NO_BIRTH if value == "none" else int(value)


def test_her_browser_counts_what_the_model_counts(open_page: Callable[..., Page], server: str) -> None:
    asked_of = list(women())
    page = open_page()
    page.goto(f"{server}risk/")
    found = page.evaluate(
        """async (asked) => {
            const {risk, refused} = await import("/static/look/risk.js");
            const model = JSON.parse(document.querySelector("#constants").textContent);
            return asked.map((a) => ({refused: refused(model, a), ...risk(model, a)}));
        }""",
        asked_of,
    )
    everyone = risk.Women.of(
        age=np.array([a["age"] for a in asked_of], float),
        group=np.array([risk.GROUPS.index(a["group"]) for a in asked_of]),
        hyperplasia=np.array([HYPERPLASIA[a["hyperplasia"]] for a in asked_of]),
        **{
            name: np.array([coded(a[name]) for a in asked_of])
            for name in ("menarche_age", "first_birth_age", "biopsies", "relatives")
        },
    )
    refused = risk.refused(everyone)
    assert [f["refused"] for f in found] == [[r.code for r in risk.reasons(int(bits))] for bits in refused]
    expected = risk.risk(everyone)
    kept = refused == 0
    assert kept.sum() > 1000
    for name in ("five_year", "to_90", "average_five_year", "average_to_90"):
        mine = np.array([f[name] for f in found])
        assert np.max(np.abs(mine - getattr(expected, name))[kept]) < 1e-12


def test_she_fills_it_in_and_nothing_leaves_her_browser(open_page: Callable[..., Page], server: str) -> None:
    page = open_page()
    page.goto(f"{server}risk/")
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.get_by_label("Your age", exact=True).fill("30")
    page.get_by_role("button", name="Count").click()
    assert page.get_by_text("The model is for women from 35 to 85.").is_visible()
    page.get_by_label("Your age", exact=True).fill("52")
    page.get_by_label("Which group is nearest to you?").select_option("white")
    page.get_by_role("button", name="Count").click()
    said = page.locator("#result").inner_text()
    women = risk.Women.of(
        age=np.array([52.0]), group=np.array([risk.GROUPS.index("white")]), menarche_age=np.array([99]),
        first_birth_age=np.array([99]), biopsies=np.array([99]), hyperplasia=np.array([99]), relatives=np.array([99]),
    )  # fmt: skip
    assert f"about {float(risk.risk(women).five_year[0]) * 1000:.1f} get breast cancer within five years" in said
    assert asked_for == []
    assert "?" not in page.url


def test_without_scripts_it_says_so_and_asks_for_nothing(open_page: Callable[..., Page], server: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{server}risk/")
    assert page.get_by_text("This form needs scripts").is_visible()
    assert page.locator("main input:visible").count() == 0


def test_the_constants_in_the_page_are_those_of_the_model() -> None:
    with translation.override("es"):
        found = json.loads(views.risk_constants())
    assert found["groups"]["white"]["log_rr"] == list(risk.MODEL.group["white"].log_rr)
    assert found["youngest"] == risk.YOUNGEST
    assert "</" not in views.risk_constants()
