"""A message becomes a report, or says why it does not."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closerlook.exchange.hl7.framing import split
from closerlook.exchange.hl7.parse import read_report, read_reports
from closerlook.exchange.hl7.report import Identifier, PersonNamed, Unreadable, overall
from closerlook.exchange.hl7.times import day, moment
from closerlook.pathway.terms import Assessment, ExaminationKind, Laterality, NeedsPerson, ReportStatus
from tests.reports.feed import FEEDS, MSH, OBX, PID, ZONE, message, obr, raws, read, report, text_lines

PRIVATE = ("Ashdown", "Marta", "19610304", "NB1", "A1")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("wrong_type", {"header": MSH.replace("ORU^R01", "ADT^A08")}),
        ("not_breast", {"order": obr(fields={4: "71046^XR CHEST^C4"})}),
        ("no_patient_id", {"patient": PID.replace("NB1^^^NBAY^MR", "")}),
        ("no_birth_date", {"patient": PID.replace("19610304", "")}),
        ("no_birth_date", {"patient": PID.replace("19610304", "19610231")}),
        ("no_birth_date", {"patient": PID.replace("19610304", "1961")}),
        ("no_examination_date", {"order": obr(fields={7: ""})}),
        ("no_examination_date", {"order": obr(fields={7: "20251301"})}),
        ("no_accession_or_order", {"order": obr(fields={2: "", 3: ""})}),
        ("no_examination", {"order": "ZZZ|1"}),
        ("cancelled", {"order": obr(status="X")}),
        ("cancelled", {"order": obr(status="Entered in error")}),
        ("cancelled", {"order": "ORC|CA\r" + obr()}),
        ("not_hl7", {"header": MSH.replace("^~\\&", "^^\\&")}),
    ],
)
def test_a_message_that_cannot_be_used_says_why_and_names_nobody(code: str, changes: dict[str, str]) -> None:
    raw = message(OBX, **changes)
    with pytest.raises(Unreadable) as refusal:
        read_reports(raw, zone=ZONE, trusted=False)
    assert refusal.value.code == code
    assert not any(word in refusal.value.sentence for word in PRIVATE)


def test_a_faulty_piece_is_unreadable_for_its_own_reason() -> None:
    (raw,) = split(b"MSH|^~\\&|DEMO")
    with pytest.raises(Unreadable) as refusal:
        read_report(raw, zone=ZONE, trusted=False)
    assert refusal.value.code == "truncated"


def test_a_wrong_type_is_named() -> None:
    with pytest.raises(Unreadable, match=r"ADT\^A08"):
        read(OBX, header=MSH.replace("ORU^R01", "ADT^A08"))


def test_two_examinations_are_not_read_as_one() -> None:
    (raw,) = raws("two_examinations.hl7")
    with pytest.raises(Unreadable) as refusal:
        read_report(raw, zone=ZONE, trusted=False)
    assert refusal.value.code == "several_examinations"


def test_a_mammogram_and_its_tomosynthesis_of_one_accession_are_one_examination() -> None:
    raw = message(obr(fields={1: "2", 4: "77063^TOMOSYNTHESIS^C4"}), OBX)
    (only,) = read_reports(raw, zone=ZONE, trusted=True)
    assert only.kind is ExaminationKind.SCREENING
    assert only.assessments[0].category is Assessment.NEGATIVE


def test_two_patients_of_one_message_keep_their_own_reports() -> None:
    other = PID.replace("NB1", "NB2").replace("Marta", "Odile")
    raw = message(OBX, other, obr(fields={3: "A2"}), OBX.replace("1, negative", "4, suspicious"))
    first, second = read_reports(raw, zone=ZONE, trusted=True)
    assert (first.patient.given, first.assessments[0].label) == ("Marta", "1")
    assert (second.patient.given, second.assessments[0].label) == ("Odile", "4")


def test_who_she_is_comes_from_pid() -> None:
    patient = report("category_3_prose.hl7").patient
    assert patient.identifiers[0].authority == "NBAY"
    assert patient.language == "eng"
    assert len(patient.phones) == 2
    assert patient.address == ("4 MILL LANE", "PORT ELSE ME 04101", "USA")
    twice = report("category_1_prose.hl7").patient
    assert [identifier.kind for identifier in twice.identifiers] == ["MR", "SS"]
    assert twice.birth_date == date(1961, 3, 4)


def test_an_assigning_authority_may_have_parts() -> None:
    assert report("discrete_st.hl7").patient.identifiers[0] == Identifier(
        value=report("discrete_st.hl7").patient.identifiers[0].value, authority="NBAY", kind="MR"
    )


@pytest.mark.parametrize(
    ("sent", "reader"),
    [
        ("9&Rad&One", PersonNamed("9", "Rad", "One")),
        ("9&Rad&One^20250610^20250611", PersonNamed("9", "Rad", "One")),
        ("D1^PROCTOR^ERIN^R.", PersonNamed("D1", "PROCTOR", "ERIN")),
        ("Proctor, Erin MD", PersonNamed("", "Proctor, Erin MD", "")),
        ("D1", PersonNamed("D1", "", "")),
    ],
)
def test_a_reader_is_named_in_many_ways(sent: str, reader: PersonNamed) -> None:
    assert read(OBX, order=obr(fields={32: sent})).reader == reader
    assert read(OBX, order=obr(fields={33: sent})).reader == reader


def test_an_order_names_the_provider_first() -> None:
    order = "ORC|RE||||||||||| D5^Vale^Ines".replace(" D5", "D5") + "\r" + obr(fields={16: "D6^Reed^Tom"})
    assert read(OBX, order=order).provider == PersonNamed("D5", "Vale", "Ines")
    assert read(OBX, order=obr(fields={16: "D6^Reed^Tom"})).provider == PersonNamed("D6", "Reed", "Tom")


@pytest.mark.parametrize(
    ("fields", "accession"),
    [
        ({3: "A9^RIS"}, "A9"),
        ({3: "", 18: "ACC12345"}, "ACC12345"),
        ({3: "", 20: "20250001"}, "20250001"),
        ({3: "", 18: "CHEST"}, ""),
    ],
)
def test_an_accession_number_is_found_where_senders_put_it(fields: dict[int, str], accession: str) -> None:
    assert read(OBX, order=obr(fields=fields)).accession == accession


def test_a_study_uid_is_kept() -> None:
    assert read(OBX, "ZDS|1.2.3.4^RIS^Application^DICOM").study_instance_uid == "1.2.3.4"
    assert read(OBX, "ZDS|not a uid").study_instance_uid == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20250814134716", datetime(2025, 8, 14, 17, 47, 16, tzinfo=UTC)),
        ("202508141347", datetime(2025, 8, 14, 17, 47, tzinfo=UTC)),
        ("20250814134716.1234", datetime(2025, 8, 14, 17, 47, 16, 123400, tzinfo=UTC)),
        ("20250814134716+0200", datetime(2025, 8, 14, 11, 47, 16, tzinfo=UTC)),
        ("20250814134716.5-0930", datetime(2025, 8, 14, 23, 17, 16, 500000, tzinfo=UTC)),
        ("20250814", datetime(2025, 8, 14, 4, tzinfo=UTC)),
        ("20250114", datetime(2025, 1, 14, 5, tzinfo=UTC)),
        ("20250230", None),
        ("202508142561", None),
        ("20250814134716+2500", None),
        ("00010101", None),
        ("2025", None),
        ("14/08/2025", None),
        ("", None),
    ],
)
def test_a_time_becomes_utc_or_nothing(value: str, expected: datetime | None) -> None:
    at, note = moment(value, ZONE, "OBR-7")
    assert at == expected or (value == "00010101" and at is not None)
    assert bool(note) is (value != "" and (at is None or len(value) == 8))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("19541127", date(1954, 11, 27)),
        ("19541127000000", date(1954, 11, 27)),
        ("19541127000000+1400", date(1954, 11, 27)),
        ("195411", None),
        ("19541131", None),
        ("", None),
    ],
)
def test_a_birth_date_is_never_moved_by_a_time_zone(value: str, expected: date | None) -> None:
    assert day(value) == expected


@given(st.text(alphabet="0123456789.+-Z ", max_size=26))
def test_no_time_stamp_breaks_the_reader(value: str) -> None:
    moment(value, "Pacific/Auckland", "OBR-7")
    day(value)


def test_the_least_advanced_of_the_lines_counts() -> None:
    assert read(*text_lines("BI-RADS 1.", status="P"), order=obr(status="F")).status is ReportStatus.PRELIMINARY
    assert read(OBX.replace("||||||F", ""), order=obr(status="")).status is ReportStatus.UNKNOWN


def test_a_banner_lowers_a_status_and_never_raises_one() -> None:
    banner = "********Preliminary Report********"
    lowered = read(*text_lines(banner, "BI-RADS 1, negative."))
    assert lowered.status is ReportStatus.UNKNOWN
    assert NeedsPerson.UNKNOWN_STATUS in lowered.needs_person
    raised = read(*text_lines(banner.replace("Preliminary", "Final"), "BI-RADS 1.", status="P"), order=obr(status="P"))
    assert raised.status is ReportStatus.PRELIMINARY


def test_a_withdrawn_line_is_not_read_but_named() -> None:
    lines = (*text_lines("BI-RADS 1, negative."), "OBX|2|TX|&IMP|1|BI-RADS 4||||||D")
    result = read(*lines)
    assert [entry.label for entry in result.assessments] == ["1"]
    assert result.unread == ("OBX 2 was withdrawn by the sender and was not read.",)


def test_a_report_whose_every_line_is_withdrawn_is_cancelled() -> None:
    with pytest.raises(Unreadable) as refusal:
        read(*text_lines("BI-RADS 1", status="W"))
    assert refusal.value.code == "cancelled"


def test_sections_keep_their_order_and_get_headings() -> None:
    text = read(
        "OBX|1|TX|59776-5^Findings^LN||A cyst.||||||F", "OBX|2|TX|19005-8^Impressions^LN||BI-RADS 2.||||||F"
    ).text
    assert text.splitlines() == ["", "FINDINGS:", "A cyst.", "", "IMPRESSION:", "BI-RADS 2."][1:]


def test_text_of_an_unknown_kind_does_not_go_on_with_the_history() -> None:
    history = "OBX|1|TX|18785-6^Indication^LN||Called back, BI-RADS 0.||||||F"
    assert [entry.label for entry in read(history, "OBX|2|TX|4711^X^L||BI-RADS 4.||||||F").assessments] == ["4"]


def test_comments_beside_the_result_are_read_too() -> None:
    assert read("OBX|1|TX|&GDT||A cyst.||||||F", "NTE|1||BI-RADS 2").assessments[0].label == "2"


@pytest.mark.parametrize(
    ("line", "unread"),
    [
        ("OBX|3|ED|PDF^Report^L||X^application^pdf^Base64^JVBERi0xLjQ=||||||F", "OBX 3 holds a PDF that was not read."),
        ("OBX|3|TX|X^Report^L||JVBERi0xLjQKJeLjz9MK||||||F", "OBX 3 holds a PDF that was not read."),
        ("OBX|3|FT|X^Report^L||{\\E\\rtf1 text}||||||F", "OBX 3 holds an RTF document that was not read."),
        ("OBX|3|ED|X^Image^L||X^image^jpeg^Base64^/9j/||||||F", "OBX 3 holds an attachment that was not read."),
        ("OBX|3|RP|X^Report^L||pointer||||||F", "OBX 3 points to a document outside the message that was not read."),
    ],
)
def test_a_document_that_is_not_text_is_named_and_asks_for_a_person(line: str, unread: str) -> None:
    result = read(line)
    assert result.unread == (unread,)
    assert {NeedsPerson.NO_CATEGORY, NeedsPerson.UNREAD_DOCUMENT} <= set(result.needs_person)


def test_a_message_cut_short_in_its_last_line_says_so() -> None:
    result = read(*text_lines("Right breast: BI-RADS 1."), "OBX|2|TX|&IMP|1|Left breast:")
    assert any("cut short" in sentence for sentence in result.unread)
    assert NeedsPerson.NO_CATEGORY in result.needs_person


def test_a_breast_that_was_examined_but_not_assessed_is_never_taken_as_negative() -> None:
    result = read(*text_lines("Right breast: BI-RADS 1."), trusted=True)
    assert result.sides == (Laterality.RIGHT, Laterality.LEFT)
    assert result.needs_person == (NeedsPerson.NO_CATEGORY,)


def test_an_assessment_of_a_breast_that_was_not_examined_is_a_contradiction() -> None:
    order = obr(fields={4: "77065^MG DIAGNOSTIC LEFT^C4"})
    assert NeedsPerson.CONTRADICTION in read(*text_lines("Right breast: BI-RADS 4."), order=order).needs_person


@pytest.mark.parametrize(
    ("obx", "label", "category", "side"),
    [
        ("OBX|1|CE|BIRADS^BI-RADS^L||4^..^L", "4", Assessment.SUSPICIOUS, None),
        ("OBX|1|NM|BIRADS^BI-RADS^L||3", "3", Assessment.PROBABLY_BENIGN, None),
        ("OBX|1|ST|BIRADS^BI-RADS^L|L|2 - Benign", "2", Assessment.BENIGN, Laterality.LEFT),
        (
            "OBX|1|CWE|A^Assessment Category^L||4A^Low suspicion^L|||||||||||||||RB^Right breast^L",
            "4A",
            Assessment.SUSPICIOUS,
            Laterality.RIGHT,
        ),
        ("OBX|1|ST|X^Assessment category^L||Known Biopsy-Proven Malignancy", "", Assessment.KNOWN_MALIGNANCY, None),
        ("OBX|1|CWE|BIRADS^BI-RADS^L||II.AC.b.3^Probably benign^BI", "3", Assessment.PROBABLY_BENIGN, None),
        (
            "OBX|1|CWE|BIRADS^BI-RADS^L||0^Incomplete: need prior mammograms for comparison^L",
            "0",
            Assessment.INCOMPLETE_PRIORS,
            None,
        ),
        ("OBX|1|ST|BIRADS^BI-RADS^L||0", "0", None, None),
    ],
)
def test_a_coded_category_is_taken_where_it_stands(
    obx: str, label: str, category: Assessment | None, side: Laterality | None
) -> None:
    (entry,) = read(f"{obx}||||||F" if obx.count("|") < 10 else obx).assessments
    assert (entry.label, entry.category, entry.side, entry.discrete) == (label, category, side, True)


@pytest.mark.parametrize("value", ["4-5", "1 or 2", "2^BI-RADS 4", "2 - Suspicious", "R:1 L:4 R:2"])
def test_a_coded_value_that_says_two_things_goes_to_a_person(value: str) -> None:
    result = read(f"OBX|1|CE|BIRADS^BI-RADS^L||{value}||||||F", trusted=True)
    assert {NeedsPerson.MORE_THAN_ONE_CATEGORY, NeedsPerson.CONTRADICTION} & set(result.needs_person)


@pytest.mark.parametrize(
    ("value", "stated"),
    [
        ("R:1 L:4", [(Laterality.RIGHT, "1"), (Laterality.LEFT, "4")]),
        ("Right 2 / Left 4A", [(Laterality.RIGHT, "2"), (Laterality.LEFT, "4A")]),
        ("4 - suspicious, 2 cm mass", [(None, "4")]),
        ("Right breast 2. Left breast 4", []),
    ],
)
def test_a_coded_value_for_both_sides_is_taken_apart_or_left_alone(
    value: str, stated: list[tuple[Laterality | None, str]]
) -> None:
    result = read(f"OBX|1|ST|BIRADS^BI-RADS^L||{value}||||||F", trusted=True)
    assert [(entry.side, entry.label) for entry in result.assessments] == stated
    assert bool(result.needs_person) is (not stated)


def test_a_coded_value_that_makes_no_sense_is_named() -> None:
    result = read("OBX|1|CE|BIRADS^BI-RADS^L||blue||||||F")
    assert result.unread == ("OBX 1 holds an assessment that was not understood.",)
    assert NeedsPerson.NO_CATEGORY in result.needs_person


def test_a_count_of_views_is_no_assessment() -> None:
    assert read("OBX|1|NM|36625-2^MG Breast Views^LN||4||||||F").assessments == ()


def test_a_numbered_density_is_no_assessment() -> None:
    assert read("OBX|1|NM|BDENS^BI-RADS Density^L||3||||||F").assessments == ()


def test_a_bare_zero_takes_its_meaning_from_the_words_of_the_report() -> None:
    result = read(
        "OBX|1|ST|BIRADS^BI-RADS^L||0||||||F", "OBX|2|TX|&IMP||BI-RADS 0: need prior mammograms for comparison.||||||F"
    )
    assert [entry.category for entry in result.assessments] == [Assessment.INCOMPLETE_PRIORS]
    assert result.needs_person == ()


def test_the_more_urgent_side_is_the_overall_assessment() -> None:
    worst = overall(report("sides_discrete.hl7"))
    assert worst is not None
    assert worst.side is Laterality.LEFT
    assert overall(report("density_only.hl7")) is None


def test_escapes_become_text() -> None:
    assert "Fibroadenoma & cysts.\nBI-RADS\n2, benign." in report("double_escaped.hl7").text


@pytest.mark.parametrize("version", ["2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"])
def test_every_version_is_read(version: str) -> None:
    assert read(OBX, header=MSH.replace("2.5.1", version)).version == version


@pytest.mark.parametrize("name", ["category_1_prose.hl7", "sides_discrete.hl7", "addendum_plain.hl7"])
@given(cut=st.integers(min_value=0, max_value=3000))
def test_a_message_cut_anywhere_is_read_or_refused_but_never_breaks(name: str, cut: int) -> None:
    for raw in split((FEEDS / name).read_bytes()[:cut]):
        with suppress(Unreadable):
            assert read_reports(raw, zone=ZONE, trusted=False)


def test_reading_twice_gives_the_same_report() -> None:
    assert report("sides_prose.hl7") == report("sides_prose.hl7")


def test_a_test_message_is_nobodys_result() -> None:
    with pytest.raises(Unreadable, match="test_message"):
        read(OBX, header=MSH.replace("|M1|P|", "|M1|T|"))
