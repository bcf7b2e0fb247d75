"""A stated category is found, and nothing else is ever taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closerlook.exchange.hl7.category import assess, stated_in
from closerlook.exchange.hl7.report import most_urgent
from closerlook.pathway.terms import Assessment, Laterality, NeedsPerson, Recommendation

L, R = Laterality.LEFT, Laterality.RIGHT


def found(prose: str) -> list[tuple[Laterality | None, str]]:
    return [(entry.side, entry.label or str(entry.category)) for entry in stated_in(prose)]


def needs(prose: str) -> set[NeedsPerson]:
    return set(assess(prose, (), documents=0, trusted=True).needs_person)


@pytest.mark.parametrize(
    ("prose", "label"),
    [
        ("BI-RADS II.", "2"),
        ("BIRADS: 4B", "4B"),
        ("BI-RADS IVb", "4B"),
        ("BI-RADS 4 A.", "4A"),
        ("BI-RADS 4 A biopsy is recommended", "4"),
        ("Bi-Rads category four", "4"),
        ("BI-RADS® 2", "2"),
        ("BI-RADS (R) 2", "2"),
        ("BIRADS2", "2"),
        ("BI RADS 2", "2"),
        ("BIRADS-4", "4"),
        ("ACR category 2", "2"),
        ("category 4 (suspicious)", "4"),
        ("Assessment: Category 5", "5"),
        ("BI-RADS 5th edition category 3, probably benign", "3"),
        ("The study is\nclassified as BI-RADS\ncategory 1 (negative).", "1"),
        ("with a BI-RADS classification of 1.", "1"),
        ("Overall BI-RADS assessment: 4 – Suspicious", "4"),
        ("BI-RADS 4 2 cm mass", "4"),
        ("ASSESSMENT: Benign findings.", "benign"),
        ("ASSESSMENT: Suspicious abnormality - biopsy should be considered.", "suspicious"),
        ("Incomplete: Need prior mammograms for comparison.", "incomplete_priors"),
        ("breast density remains consistent with a BI-RADS category 1, indicating negative results", "1"),
        ("ACR density type B. Assessment: BI-RADS 2.", "2"),
        ("Upgraded from BI-RADS 3 to BI-RADS 4.", "4"),
        ("Prior study was BI-RADS 3. Now BI-RADS 2.", "2"),
        ("TI-RADS 4 nodule. BI-RADS 1.", "1"),
        ("BI-RADS 2. The left cyst measures 4 cm.", "2"),
        ("ASSESSMENT:\n1. No mass.\n2. Stable cysts. BI-RADS 2.", "2"),
    ],
)
def test_a_stated_category_is_found(prose: str, label: str) -> None:
    assert [entry for _, entry in found(prose)] == [label]
    assert not needs(prose) - {NeedsPerson.BARE_ZERO}


@pytest.mark.parametrize(
    ("prose", "stated"),
    [
        ("R: BI-RADS 1, L: BI-RADS 4", [(R, "1"), (L, "4")]),
        ("L BI-RADS 4 / R BI-RADS 2", [(L, "4"), (R, "2")]),
        ("Right breast: BI-RADS 2. Left breast: BI-RADS 0", [(R, "2"), (L, "0")]),
        ("Right breast: BI-RADS 2\nLeft breast: BI-RADS 0", [(R, "2"), (L, "0")]),
        ("Right breast: BI-RADS 2. Left breast: 4.", [(R, "2"), (L, "4")]),
        ("BI-RADS 2 right, BI-RADS 4 left", [(R, "2"), (L, "4")]),
        ("BI-RADS 2 (right); BI-RADS 5 (left)", [(R, "2"), (L, "5")]),
        ("BI-RADS 2 on the right and 4 on the left.", [(R, "2"), (L, "4")]),
        ("BI-RADS category for the right breast is 2 and for the left breast is 4.", [(R, "2"), (L, "4")]),
        ("BI-RADS: right 2, left 4.", [(R, "2"), (L, "4")]),
        ("BI-RADS 4 for the left breast and BI-RADS 1 for the right breast.", [(L, "4"), (R, "1")]),
        ("BI-RADS CATEGORY 1 - NEGATIVE (BOTH BREASTS)", [(None, "1")]),
        ("Left breast mass. Right breast unremarkable. BI-RADS 4.", [(None, "4")]),
    ],
)
def test_a_side_is_taken_only_from_where_it_stands(prose: str, stated: list[tuple[Laterality | None, str]]) -> None:
    assert found(prose) == stated


@pytest.mark.parametrize(
    "prose",
    [
        "BI-RADS category C",
        "Breast density: BI-RADS 2",
        "Breast density category 3.",
        "The breasts are heterogeneously dense (BI-RADS 3).",
        "The mass was previously assessed as BI-RADS 4.",
        "The prior study was BI-RADS 3.",
        "Prior mammogram of 2019, BI-RADS 1. New mass on the right.",
        "HISTORY: Called back, BI-RADS 0 at screening.",
        "If the mass grows it would be BI-RADS 4.",
        "This is not BI-RADS 4.",
        "BI-RADS 0-6 is the scale used.",
        "BI-RADS categories: 0, 1, 2, 3, 4, 5, 6",
        "BI-RADS 1 = negative, BI-RADS 2 = benign, BI-RADS 3 = probably benign, BI-RADS 4 = suspicious.",
        "Lung-RADS category 4",
        "BI-RADS 6-month follow-up",
        "BI-RADS 4.5",
        "BI-RADS on 2/3/2021",
        "BI-RADS: N/A",
        "Clinical assessment: negative.",
        "category 2",
        "No evidence of malignancy. Findings are benign.",
    ],
)
def test_what_is_no_statement_gives_no_category_and_goes_to_a_person(prose: str) -> None:
    assert found(prose) == []
    assert NeedsPerson.NO_CATEGORY in needs(prose)


@pytest.mark.parametrize(
    ("prose", "reason"),
    [
        ("BI-RADS 4-5.", NeedsPerson.MORE_THAN_ONE_CATEGORY),
        ("BI-RADS 1 or 2", NeedsPerson.MORE_THAN_ONE_CATEGORY),
        ("Cyst, BI-RADS 2. Mass, BI-RADS 4.", NeedsPerson.MORE_THAN_ONE_CATEGORY),
        ("RIGHT BREAST: No mass. BI-RADS 1. LEFT BREAST: Mass. BI-RADS 4.", NeedsPerson.MORE_THAN_ONE_CATEGORY),
        ("Left breast: BI-RADS 4. Overall BI-RADS 2.", NeedsPerson.MORE_THAN_ONE_CATEGORY),
        ("BI-RADS 2 - suspicious", NeedsPerson.CONTRADICTION),
        ("BI-RADS 3: benign", NeedsPerson.CONTRADICTION),
        ("Compared with 2019, BI-RADS 4 on the left. Right breast: BI-RADS 1.", NeedsPerson.CONTRADICTION),
        ("The dense tissue hides a mass, BI-RADS 4. Right breast: BI-RADS 1.", NeedsPerson.CONTRADICTION),
        ("BI-RADS 1. Biopsy of the palpable lump is recommended.", NeedsPerson.CONTRADICTION),
        ("BI-RADS 2. The asymmetry necessitates additional imaging for correlation.", NeedsPerson.CONTRADICTION),
        ("BI-RADS 0", NeedsPerson.BARE_ZERO),
        ("BI-RADS 0: need additional imaging evaluation and/or prior mammograms", NeedsPerson.BARE_ZERO),
    ],
)
def test_where_two_readings_are_possible_a_person_decides(prose: str, reason: NeedsPerson) -> None:
    assert reason in needs(prose)


@pytest.mark.parametrize(
    "prose",
    [
        "BI-RADS 1. No additional imaging is needed.",
        "BI-RADS 1. There are no abnormalities that warrant further investigation.",
        "BI-RADS 2. Should any symptoms arise, additional views are recommended.",
        "BI-RADS 3. Diagnostic mammogram and ultrasound are recommended in 6 months.",
        "BI-RADS 2. A negative mammogram should not delay biopsy of a suspicious mass.",
        "BI-RADS 2. Routine screening is recommended. Biopsy-proven fibroadenoma.",
    ],
)
def test_ordinary_advice_contradicts_nothing(prose: str) -> None:
    assert needs(prose) == set()


def test_the_more_urgent_of_two_is_the_overall_one() -> None:
    worst = most_urgent(stated_in("Right breast: BI-RADS 2. Left breast: BI-RADS 4."))
    assert worst is not None
    assert (worst.side, worst.category) == (L, Assessment.SUSPICIOUS)


def test_a_bare_zero_is_as_urgent_as_a_call_for_pictures() -> None:
    worst = most_urgent(stated_in("Right breast: BI-RADS 3. Left breast: BI-RADS 0."))
    assert worst is not None
    assert worst.label == "0"


@pytest.mark.parametrize(
    ("prose", "alarming"),
    [
        ("No evidence of malignancy.", False),
        ("No masses, suspicious calcifications or distortion.", False),
        ("Absence of concerning lesions.", False),
        ("Routine breast cancer screening.", False),
        ("A speculated mass is seen.", True),
        ("No calcifications, but a mass concerning for malignancy.", True),
        ("Malignancy cannot be excluded.", True),
    ],
)
def test_alarming_words_count_unless_plainly_negated(prose: str, alarming: bool) -> None:
    assert assess(prose, (), documents=0, trusted=True).suspicious_words is alarming


@pytest.mark.parametrize(
    ("prose", "advice"),
    [
        ("Recommend routine screening mammography.", Recommendation.ROUTINE),
        ("Recommend biopsy and further imaging.", Recommendation.BIOPSY),
        ("Biopsy-proven cancer.", None),
        ("Biopsy may be considered.", None),
        ("Additional views are recommended.", Recommendation.MORE_IMAGING),
    ],
)
def test_a_recommendation_is_taken_only_where_it_is_plain(prose: str, advice: Recommendation | None) -> None:
    assert assess(prose, (), documents=0, trusted=True).recommendation is advice


VOCABULARY = """
    BI-RADS category assessment 0 1 2 3 4 4A 5 6 II left right both density heterogeneously dense prior was not if would
    be benign negative suspicious : ; , . ( ) - / to and or ADDENDUM: HISTORY: IMPRESSION: cm 2019 need additional
    imaging
"""
WORDS = st.sampled_from([*VOCABULARY.split(), "\n", "\n\n"])


@given(st.text(max_size=200) | st.lists(WORDS, max_size=25).map(" ".join))
def test_the_search_never_fails_and_never_stays_silent(prose: str) -> None:
    read = assess(prose, (), documents=0, trusted=False)
    assert read.needs_person  # prose of an untrusted sender always waits for a person
    assert all(entry.category is not None or entry.label == "0" for entry in read.assessments)


DENSITY = st.builds(
    "{} {}{}{}".format,
    st.sampled_from(
        [
            "Breast density:",
            "The breast density is",
            "Breast composition",
            "Breast tissue density category",
            "BI-RADS density",
            "BI-RADS breast composition category",
            "The breasts are heterogeneously dense,",
            "The breasts are extremely dense, ACR density type",
            "There are scattered areas of fibroglandular density.\nBI-RADS density:",
        ]
    ),
    st.sampled_from(["", "BI-RADS ", "ACR ", "category ", "BI-RADS category ", "BI-RADS® ", "(BI-RADS "]),
    st.sampled_from([*"abcdABCD", "1", "2", "3", "4"]),
    st.sampled_from([".", "", ")", ", which may obscure small masses.", "\n"]),
)


@given(DENSITY)
def test_a_density_sentence_never_yields_an_assessment(sentence: str) -> None:
    assert stated_in(sentence) == ()
