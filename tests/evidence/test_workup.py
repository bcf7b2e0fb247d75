"""The plan proposed for each reason of a call-back: as it is on file, with where it comes from and how sure that is."""

import pytest

from closerlook.desk import words
from closerlook.evidence import workup
from closerlook.evidence.workup import Plan, View, Watching, WorkupError, everything, parse, propose
from closerlook.pathway.terms import FindingKind

NO_PLAN_ON_FILE = {"global_asymmetry", "node", "skin", "nipple", "unnamed"}
EXPECTED: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]] = {
    "asymmetry": (("SPOT", "DBT"), ("RL", "ML", "OBL"), True),
    "focal_asymmetry": (("SPOT", "DBT", "ML"), (), True),
    "developing_asymmetry": (("SPOT", "DBT", "ML"), (), True),
    "mass": (("SPOT", "DBT", "ML"), (), True),
    "calcifications": (("MAG", "ML"), ("TAN",), False),
    "distortion": (("DBT", "SPOT", "ML"), (), True),
    "technical": (("REP",), (), False),
    "clinical": (("TAN", "SPOT"), (), True),
}
"""reason: (first, then, ultrasound booked too), as a person read them in the table of reasons."""


@pytest.mark.parametrize("kind", [kind.value for kind in FindingKind])
def test_each_reason_proposes_its_plan_or_says_that_none_is_on_file(kind: str) -> None:
    found = propose([kind])
    if kind in NO_PLAN_ON_FILE:
        assert (found.views, found.unknown) == ((), (kind,))
    else:
        assert (found.views, found.then, found.ultrasound) == EXPECTED[kind]
        assert found.rows[0].source
        assert found.technical == (kind == "technical")


def test_two_reasons_are_one_visit() -> None:
    found = propose(["mass", "calcifications"])
    assert found.views == ("SPOT", "DBT", "ML", "MAG")
    assert (found.then, found.ultrasound) == (("TAN",), True)


def test_pictures_to_be_taken_again_ask_for_nothing_else() -> None:
    assert propose(["technical"], implant=True, edge="lateral").views == ("REP",)
    assert not propose(["technical", "mass"]).technical


@pytest.mark.parametrize(
    ("edge", "views"), [("lateral", {"XCCL"}), ("medial", {"XCCM", "CV"}), ("unknown", {"XCCL", "XCCM", "CV"})]
)
def test_what_lies_near_an_edge_has_its_own_views(edge: str, views: set[str]) -> None:
    assert set(propose(["mass"], edge=edge).views) - set(propose(["mass"]).views) == views


def test_an_implant_adds_displaced_views() -> None:
    assert propose(["calcifications"], implant=True).views == ("MAG", "ML", "ID")
    assert propose(["skin"], implant=True).unknown == ("skin",)


def test_nothing_asked_is_nothing_proposed() -> None:
    assert propose([]) == workup.Proposal()
    assert propose([], implant=True) == workup.Proposal()


def test_the_same_reasons_give_the_same_plan() -> None:
    assert propose(["mass", "mass"]) == propose(["mass"])


def test_the_desk_has_a_word_for_every_view_and_every_reason() -> None:
    assert set(everything().views) <= set(words.VIEWS)
    assert {p.reason for p in everything().plans.values() if not p.besides} <= set(FindingKind)


def test_nothing_is_called_verified_without_the_words_that_say_it() -> None:
    found = everything()
    rows: list[View | Plan | Watching] = [*found.views.values(), *found.plans.values(), *found.watching]
    assert all(row.source and row.quote for row in rows if row.verified)
    assert not any(plan.verified for plan in everything().plans.values())  # put together here, for a reader to judge


WHOLE = """
[sources]
V1 = "https://example.org"
[[view]]
code = "SPOT"
purpose = "p"
source = ["V1"]
verified = false
[[plan]]
reason = "mass"
views = ["SPOT"]
ultrasound = "yes"
note = "n"
source = ["V1"]
verified = false
[[watching]]
id = "S"
rule = "r"
quote = "q"
source = ["V1"]
verified = false
"""


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ('views = ["SPOT"]', 'views = ["SPIT"]', "plan mass: no view SPIT"),
        ('rule = "r"\nquote = "q"\nsource = ["V1"]', 'rule = "r"\nquote = "q"\nsource = ["V9"]', "no source V9"),
        ('source = ["V1"]\nverified = false\n[[plan]]', 'source = ["V1"]\nverified = true\n[[plan]]', "view SPOT"),
        ('ultrasound = "yes"', 'ultrasound = "perhaps"', "Invalid enum value 'perhaps'"),
        ("[[view]]", "[[wiew]]", "view"),
    ],
)
def test_a_wrong_row_is_named_with_its_mend(was: str, now: str, says: str) -> None:
    assert was in WHOLE
    with pytest.raises(WorkupError, match="a file") as why:
        parse(WHOLE.replace(was, now), where="a file")
    assert says in str(why.value)
    assert parse(WHOLE, where="a file").plans["mass"].views == ("SPOT",)
