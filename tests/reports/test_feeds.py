"""Each feed of this folder, and what is read from it: side, number, category, and why a person looks first."""

import pytest
from hl7apy.parser import parse_message  # type: ignore[import-untyped]

from closerlook.exchange.hl7.report import Unreadable
from closerlook.pathway.terms import (
    Assessment,
    Density,
    ExaminationKind,
    Laterality,
    NeedsPerson,
    ReportStatus,
    Suspicion,
)
from tests.reports.feed import FEEDS, raws, report, reports

L, R = Laterality.LEFT, Laterality.RIGHT
PROSE = (NeedsPerson.ONLY_IN_PROSE,)
Stated = list[tuple[Laterality | None, str, Assessment | None]]

EXPECTED: dict[str, tuple[Stated, tuple[NeedsPerson, ...]]] = {
    "category_1_prose": ([(None, "1", Assessment.NEGATIVE)], PROSE),
    "category_2_prose": ([(None, "2", Assessment.BENIGN)], PROSE),
    "category_3_prose": ([(L, "3", Assessment.PROBABLY_BENIGN)], PROSE),
    "category_4_prose": ([(None, "4", Assessment.SUSPICIOUS)], PROSE),
    "category_4a_prose": ([(R, "4A", Assessment.SUSPICIOUS)], PROSE),
    "category_4b_prose": ([(R, "4B", Assessment.SUSPICIOUS)], PROSE),
    "category_4c_prose": ([(R, "4C", Assessment.SUSPICIOUS)], PROSE),
    "category_5_prose": ([(None, "5", Assessment.HIGHLY_SUGGESTIVE)], PROSE),
    "category_6_prose": ([(None, "6", Assessment.KNOWN_MALIGNANCY)], PROSE),
    "category_0_imaging": ([(None, "0", Assessment.INCOMPLETE_IMAGING)], PROSE),
    "category_0_priors": ([(None, "0", Assessment.INCOMPLETE_PRIORS)], PROSE),
    "category_0_bare": ([(None, "0", None)], (NeedsPerson.BARE_ZERO,)),
    "marker_film": ([(None, "", Assessment.POST_PROCEDURE_MARKER)], PROSE),
    "outside_review": ([(None, "2", Assessment.BENIGN)], PROSE),
    "sides_prose": ([(R, "2", Assessment.BENIGN), (L, "0", Assessment.INCOMPLETE_IMAGING)], PROSE),
    "sides_letters": ([(R, "1", Assessment.NEGATIVE), (L, "4", Assessment.SUSPICIOUS)], PROSE),
    "sides_discrete": ([(R, "1", Assessment.NEGATIVE), (L, "4B", Assessment.SUSPICIOUS)], ()),
    "discrete_st": ([(None, "1", Assessment.NEGATIVE)], ()),
    "discrete_ft": ([(None, "2", Assessment.BENIGN)], ()),
    "discrete_ce_acr": ([(None, "1", Assessment.NEGATIVE)], ()),
    "discrete_cpt_name": ([(None, "1", Assessment.NEGATIVE)], ()),
    "discrete_4": ([(None, "4", Assessment.SUSPICIOUS)], ()),
    "discrete_snomed": ([(None, "5", Assessment.HIGHLY_SUGGESTIVE)], ()),
    "discrete_snomed_0": ([(None, "0", Assessment.INCOMPLETE_IMAGING)], ()),
    "discrete_cid6027": ([(None, "4C", Assessment.SUSPICIOUS)], ()),
    "discrete_density_beside": ([(None, "2", Assessment.BENIGN)], ()),
    "preliminary": ([(None, "1", Assessment.NEGATIVE)], PROSE),
    "wet_read": ([(None, "1", Assessment.NEGATIVE)], PROSE),
    "corrected": ([(None, "2", Assessment.BENIGN)], ()),
    "unknown_status": ([(None, "1", Assessment.NEGATIVE)], (*PROSE, NeedsPerson.UNKNOWN_STATUS)),
    "addendum_plain": ([(None, "2", Assessment.BENIGN)], (NeedsPerson.CONTRADICTION, *PROSE)),
    "addendum_not_plain": (
        [(None, "4", Assessment.SUSPICIOUS), (None, "2", Assessment.BENIGN)],
        (NeedsPerson.MORE_THAN_ONE_CATEGORY, NeedsPerson.CONTRADICTION, *PROSE),
    ),
    "density_only": ([], (NeedsPerson.NO_CATEGORY,)),
    "legend": ([], (NeedsPerson.NO_CATEGORY,)),
    "legend_and_category": ([(None, "2", Assessment.BENIGN)], PROSE),
    "quoted_earlier": ([(None, "2", Assessment.BENIGN)], PROSE),
    "conditional": ([(None, "2", Assessment.BENIGN)], PROSE),
    "two_categories": (
        [(None, "2", Assessment.BENIGN), (None, "4", Assessment.SUSPICIOUS)],
        (NeedsPerson.MORE_THAN_ONE_CATEGORY, *PROSE),
    ),
    "three_but_more_now": ([(None, "3", Assessment.PROBABLY_BENIGN)], (NeedsPerson.CONTRADICTION, *PROSE)),
    "discrete_against_prose": (
        [(None, "2", Assessment.BENIGN), (R, "5", Assessment.HIGHLY_SUGGESTIVE)],
        (NeedsPerson.MORE_THAN_ONE_CATEGORY, NeedsPerson.CONTRADICTION),
    ),
    "no_category_biopsy": ([], (NeedsPerson.NO_CATEGORY,)),
    "pdf_only": ([], (NeedsPerson.NO_CATEGORY, NeedsPerson.UNREAD_DOCUMENT)),
    "latin1_no_charset": ([(None, "2", Assessment.BENIGN)], PROSE),
    "mllp_framed": ([(None, "1", Assessment.NEGATIVE)], PROSE),
    "lf_line_ends": ([(None, "1", Assessment.NEGATIVE)], PROSE),
    "raw_line_breaks": ([(None, "2", Assessment.BENIGN)], PROSE),
    "double_escaped": ([(None, "2", Assessment.BENIGN)], PROSE),
    "custom_separators": ([(None, "1", Assessment.NEGATIVE)], PROSE),
}
UNREADABLE = {"cancelled": "cancelled", "chest_xray": "not_breast"}
SEVERAL = {"batch", "two_examinations"}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_feed_says_what_its_reader_meant(name: str) -> None:
    read = report(f"{name}.hl7")
    stated, needs = EXPECTED[name]
    assert [(entry.side, entry.label, entry.category) for entry in read.assessments] == stated
    assert set(read.needs_person) == set(needs)
    assert all(entry.evidence for entry in read.assessments)


@pytest.mark.parametrize("name", EXPECTED)
def test_trusting_a_sender_drops_one_reason_and_no_other(name: str) -> None:
    doubted, trusted = report(f"{name}.hl7"), report(f"{name}.hl7", trusted=True)
    assert set(trusted.needs_person) == set(doubted.needs_person) - {NeedsPerson.ONLY_IN_PROSE}
    assert trusted.assessments == doubted.assessments


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_report_of_ours_says_why(name: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        reports(f"{name}.hl7")
    assert refusal.value.code == UNREADABLE[name]


def test_every_feed_is_expected_somewhere() -> None:
    assert {path.stem for path in FEEDS.glob("*.hl7")} == {*EXPECTED, *UNREADABLE, *SEVERAL}


@pytest.mark.parametrize("name", sorted({*EXPECTED, *UNREADABLE} - {"raw_line_breaks", "custom_separators"}))
def test_an_independent_grammar_reads_our_feeds_too(name: str) -> None:
    (raw,) = raws(f"{name}.hl7")
    text = raw.text.replace("\r\n", "\r").replace("\n", "\r")
    assert parse_message(text, find_groups=False).msh.msh_10.value.startswith("NB")


@pytest.mark.parametrize(
    ("name", "kind", "sides"),
    [
        ("category_1_prose", ExaminationKind.SCREENING, (R, L)),
        ("category_3_prose", ExaminationKind.DIAGNOSTIC, (L,)),
        ("category_4a_prose", ExaminationKind.DIAGNOSTIC, (R,)),
        ("marker_film", ExaminationKind.MARKER, (L,)),
        ("outside_review", ExaminationKind.OUTSIDE_REVIEW, ()),
        ("discrete_snomed", ExaminationKind.DIAGNOSTIC, (L,)),
    ],
)
def test_the_examination_is_named(name: str, kind: ExaminationKind, sides: tuple[Laterality, ...]) -> None:
    read = report(f"{name}.hl7")
    assert (read.kind, read.sides, read.is_breast) == (kind, sides, True)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("category_1_prose", ReportStatus.FINAL),
        ("category_3_prose", ReportStatus.FINAL),
        ("preliminary", ReportStatus.PRELIMINARY),
        ("wet_read", ReportStatus.PRELIMINARY),
        ("corrected", ReportStatus.CORRECTED),
        ("unknown_status", ReportStatus.UNKNOWN),
    ],
)
def test_the_status_is_never_better_than_sent(name: str, status: ReportStatus) -> None:
    assert report(f"{name}.hl7").status is status


def test_an_addendum_is_seen() -> None:
    assert report("addendum_plain.hl7").addendum
    assert not report("category_1_prose.hl7").addendum


def test_a_density_letter_is_a_density() -> None:
    assert report("density_only.hl7").density is Density.C
    assert report("discrete_density_beside.hl7").density is Density.C


def test_the_sub_label_of_four_is_kept() -> None:
    assert report("category_4b_prose.hl7").assessments[0].suspicion is Suspicion.MODERATE


def test_an_unread_pdf_is_named() -> None:
    assert report("pdf_only.hl7").unread == ("OBX 2 holds a PDF that was not read.",)


def test_two_examinations_of_one_message_are_two_reports_and_the_third_is_named() -> None:
    mammogram, ultrasound = reports("two_examinations.hl7")
    assert mammogram.assessments[0].category is Assessment.INCOMPLETE_IMAGING
    assert (ultrasound.kind, ultrasound.accession) == (ExaminationKind.ULTRASOUND, "A77")
    assert mammogram.notes == ("OBR 3 of this message is not a breast examination and was not read.",)


def test_alarming_words_move_a_report_forward_in_the_queue() -> None:
    assert report("no_category_biopsy.hl7").suspicious_words
    assert not report("category_1_prose.hl7").suspicious_words
