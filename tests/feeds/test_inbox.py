"""Messages in: taken once, known when they come again, set aside rather than guessed; none is ever lost."""

from datetime import timedelta

import pytest

from closerlook.exchange import inbox
from closerlook.exchange.filing import Decision
from closerlook.exchange.ledger import ledger
from closerlook.exchange.models import Arrival, Message
from closerlook.pathway.events import Actor, Kind
from closerlook.pathway.regions import Episode
from closerlook.people.models import Identifier, Patient
from closerlook.record import door, verify
from closerlook.record.models import Event, Head, OpenLoop
from tests.feeds.messages import (
    CALLED_LEFT,
    DIAGNOSTIC_LEFT,
    HOURS,
    NORMAL,
    PRIORS,
    ULTRASOUND_RIGHT,
    oru,
    send,
)
from tests.stores import NOW

DAY = timedelta(days=1)
DANA = Actor(Kind.STAFF, "dana", ("front_desk",))


def rounds(patient_id: str) -> list[Episode]:
    return list(door.look(patient_id).patient.episodes.values())


def kinds(stream: str) -> set[str]:
    return set(OpenLoop.objects.filter(stream=stream).values_list("kind", flat=True))


def test_a_coded_report_of_a_trusted_sender_becomes_a_result(record: str) -> None:
    (found,) = send(oru(coded=CALLED_LEFT))
    assert (found["outcome"], found["assessment"], found["category"]) == ("taken", "0", "incomplete_imaging")
    assert {"plan_call_back", "tell_result"} <= kinds(found["patient"])
    assert list(verify.verify()) == []


def test_the_same_bytes_again_in_other_framing_are_a_repeat(record: str) -> None:
    first, again, framed = send(oru(), oru().replace(b"\r", b"\n"), b"\x0b" + oru() + b"\x1c\r")
    assert [first["outcome"], again["outcome"], framed["outcome"]] == ["taken", "repeated", "repeated"]
    assert Patient.objects.count() == 1
    assert Event.objects.filter(stream=first["patient"]).count() == 3
    assert Arrival.objects.count() == 3
    assert ledger(NOW).agrees


def test_the_same_control_id_with_other_content_is_set_aside(sqlite_record: str) -> None:
    _, other = send(oru("M1"), oru("M1", number="MR200", name="Lind^Eva", born="19700101", accession="A2"))
    assert (other["outcome"], other["reason"]) == ("set_aside", "control_id_reused")
    taken = inbox.process(other["message"], now=NOW, decision=Decision(same_control_id=True, by=DANA))
    assert taken.outcome == "taken"
    assert door.look(taken.id).message.filed_with == taken.patient


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"born": "19670503"}, "other_birth_date"),
        ({"name": "Olsen^Mette"}, "other_name"),
        ({"number": "MR999"}, "same_name_and_birth_date"),
    ],
)
def test_a_near_match_is_for_a_person(sqlite_record: str, changed: dict[str, str], reason: str) -> None:
    first, near = send(oru("M1"), oru("M2", accession="A2", **changed))  # type: ignore[arg-type]
    assert (near["outcome"], near["reason"]) == ("set_aside", reason)
    assert Patient.objects.count() == 1
    assert kinds(near["message"]) == {"resolve_message"}
    assert door.look(near["message"]).message.offered == (first["patient"],)


def test_twins_with_numbers_of_their_own_are_two_people(sqlite_record: str) -> None:
    send(oru("M1"), oru("M2", number="MR101", name="Olsen^Mette", accession="A2"))
    assert Patient.objects.count() == 2


def test_numbers_of_two_patients_are_set_aside(sqlite_record: str) -> None:
    send(oru("M1"), oru("M2", number="MR200", name="Lind^Eva", born="19700101", accession="A2"))
    (both,) = send(oru("M3", number="MR100^^^RIVERSIDE^MR~MR200", accession="A3"))
    assert both["reason"] == "two_patients"


def test_accents_case_and_a_second_number_do_not_make_another_person(sqlite_record: str) -> None:
    first, _ = send(
        oru("M1", name="Müller^Zoë"), oru("M2", name="MULLER^ZOE", number="MR100^^^RIVERSIDE^MR~E7^^^EPIC^MRN")
    )
    assert set(Identifier.objects.values_list("value", flat=True)) == {"MR100", "E7"}
    assert Patient.objects.get().id == first["patient"]


def test_prose_of_an_untrusted_sender_waits_for_a_radiologist_and_nothing_is_sent(sqlite_record: str) -> None:
    (found,) = send(oru(sender="OTHER|PLACE", coded=(), text="IMPRESSION: BI-RADS category 1, negative."))
    assert found["outcome"] == "taken"
    assert found["needs_person"] == ["only_in_prose"]
    assert kinds(found["patient"]) == {"confirm_assessment", "explain_wait"}


def test_no_category_is_never_negative(sqlite_record: str) -> None:
    (found,) = send(oru(coded=(), text="FINDINGS: Spiculated mass. Biopsy is recommended."))
    assert found["assessment"] is None
    loop = OpenLoop.objects.get(stream=found["patient"], kind="confirm_assessment")
    assert loop.urgent


def test_a_preliminary_report_sends_nothing_and_a_late_one_never_overrides_the_final(sqlite_record: str) -> None:
    early, final, late = send(
        oru("M1", status="P", coded=CALLED_LEFT),
        oru("M2", coded=NORMAL, reported_at=NOW - HOURS),
        oru("M3", status="P", coded=CALLED_LEFT, reported_at=NOW),
    )
    assert early["status"] == "preliminary"
    assert {early["outcome"], final["outcome"], late["outcome"]} == {"taken"}
    (episode,) = rounds(early["patient"])
    assert episode.first_exam is not None
    assert episode.first_exam.result is not None
    assert {a.value for a in episode.first_exam.result.assessments} == {"negative"}
    assert "tell_result" not in kinds(early["patient"])


def test_a_correction_that_calms_waits_for_a_person(sqlite_record: str) -> None:
    called, _ = send(oru("M1", coded=CALLED_LEFT), oru("M2", status="C", coded=NORMAL, reported_at=NOW))
    assert {"confirm_change", "plan_call_back", "tell_result"} <= kinds(called["patient"])


def test_a_diagnostic_examination_goes_to_the_round_that_waits_for_it(sqlite_record: str) -> None:
    called, worked_up = send(
        oru("M1", coded=CALLED_LEFT, performed_at=NOW - 9 * DAY),
        oru("M2", accession="A2", procedure=DIAGNOSTIC_LEFT, coded=NORMAL, performed_at=NOW - DAY),
    )
    assert (worked_up["outcome"], worked_up["episode"]) == ("taken", "e1")
    assert len(rounds(called["patient"])) == 1


def test_an_ultrasound_of_the_other_breast_answers_nothing(sqlite_record: str) -> None:
    called, _ = send(
        oru("M1", coded=CALLED_LEFT, performed_at=NOW - 9 * DAY),
        oru("M2", accession="A2", procedure=ULTRASOUND_RIGHT, coded=NORMAL, performed_at=NOW - DAY),
    )
    assert {"attend_call_back", "resolve_abnormal"} <= kinds(called["patient"])


def test_a_diagnostic_examination_with_nowhere_to_go_is_set_aside(sqlite_record: str) -> None:
    normal, stray = send(
        oru("M1", performed_at=NOW - 90 * DAY),
        oru("M2", accession="A2", procedure=DIAGNOSTIC_LEFT, performed_at=NOW - DAY),
    )
    assert stray["reason"] == "no_round_waits"
    assert door.look(stray["message"]).message.offered == (f"{normal['patient']}/e1",)


def test_a_person_can_file_it_into_the_round_it_belongs_to(sqlite_record: str) -> None:
    normal, stray = send(
        oru("M1", performed_at=NOW - 90 * DAY),
        oru("M2", accession="A2", procedure=DIAGNOSTIC_LEFT, performed_at=NOW - DAY),
    )
    decision = Decision(patient=normal["patient"], episode="e1", by=DANA)
    filed = inbox.process(stray["message"], now=NOW, decision=decision)
    assert (filed.outcome, filed.episode) == ("taken", "e1")
    assert kinds(stray["message"]) == set()
    assert list(verify.verify()) == []


def test_a_second_screening_within_sixty_days_is_set_aside_and_later_opens_a_round(sqlite_record: str) -> None:
    first, soon, later = send(
        oru("M1", performed_at=NOW - 200 * DAY),
        oru("M2", accession="A2", performed_at=NOW - 170 * DAY),
        oru("M3", accession="A3", performed_at=NOW - DAY),
    )
    assert (soon["outcome"], soon["reason"]) == ("set_aside", "round_within_60_days")
    assert later["outcome"] == "taken"
    assert len(rounds(first["patient"])) == 2


def test_before_the_start_it_is_history_nothing_is_sent_and_no_clock_runs(sqlite_record: str) -> None:
    calm, called = send(
        oru("M1", performed_at=NOW - 400 * DAY),
        oru("M2", number="MR200", name="Lind^Eva", born="19700101", accession="A2", coded=CALLED_LEFT,
            performed_at=NOW - 400 * DAY),
    )  # fmt: skip
    assert kinds(calm["patient"]) == {"set_next_due"}, "her next screening is live work"
    assert kinds(called["patient"]) == {"review_history"}


def test_waiting_for_priors_ends_with_the_final_report(sqlite_record: str) -> None:
    waiting, _ = send(
        oru("M1", coded=PRIORS, performed_at=NOW - 20 * DAY),
        oru("M2", coded=NORMAL, performed_at=NOW - 20 * DAY, reported_at=NOW - DAY),
    )
    assert "get_priors" not in kinds(waiting["patient"])
    assert "resolve_abnormal" not in kinds(waiting["patient"])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", None),
        (b"not a message at all", "not_hl7"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "not_hl7"),
        (b"MSH|^~\\&|A|B|C|D|2026", "truncated"),
        (b"MSH|^~\\&|A|B|C|D|20261102||ADT^A08|77|P|2.5\rPID|1||X\r", "wrong_type"),
        (oru(procedure="71046^Chest radiograph two views^CPT", coded=(), text="Clear lungs."), "not_breast"),
        (oru(born=""), "no_birth_date"),
        (oru(born="19681341"), "no_birth_date"),
    ],
)
def test_what_cannot_be_filed_is_kept_whole_and_owed_to_a_person(
    sqlite_record: str, data: bytes, reason: str | None
) -> None:
    found = send(data)
    assert [one["outcome"] for one in found] in (["set_aside"], [])
    for one in found:
        message = Message.objects.get(pk=one["message"])
        assert reason is None or message.reason == reason
        assert message.sentence
        assert kinds(message.id) == {"resolve_message"}
        if data:
            assert bytes(message.content).strip() in data
    assert not Patient.objects.exists()
    assert list(verify.verify()) == []


def test_a_message_that_a_crash_left_unread_is_read_by_whoever_comes_next(record: str) -> None:
    from closerlook.exchange.hl7.framing import split

    (raw,) = split(oru(coded=CALLED_LEFT))
    inbox.receive([inbox.hl7(raw, "x#1")], clock=lambda: NOW)  # and then the power went
    assert len(inbox.waiting()) == 1
    (found,) = send(oru(coded=CALLED_LEFT))
    assert found["outcome"] == "taken"
    assert inbox.waiting() == []
    assert Head.objects.get(stream=found["patient"]).version == 3


def test_a_discarded_message_stays_and_needs_a_reason(sqlite_record: str) -> None:
    from closerlook.pathway.deciding import Refused

    (found,) = send(b"not a message at all")
    with pytest.raises(Refused, match="Say why"):
        inbox.discard(found["message"], reason=" ", actor=DANA, key="d", now=NOW)
    inbox.discard(found["message"], reason="a stray file", actor=DANA, key="d2", now=NOW)
    assert Message.objects.get().outcome == "discarded"
    assert bytes(Message.objects.get().content) == b"not a message at all"
    assert ledger(NOW).agrees


def test_a_calm_category_over_grave_words_waits_for_a_person(sqlite_record: str) -> None:
    (found,) = send(oru(coded=NORMAL, text="IMPRESSION: Spiculated mass in the left breast, 2 o'clock."))
    assert "confirm_assessment" in kinds(found["patient"])
    assert "send_summary" not in kinds(found["patient"])


def test_a_graver_report_stamped_earlier_is_never_dropped(sqlite_record: str) -> None:
    suspicious = (("BIRADSL^BI-RADS Assessment left^L", "4^Suspicious^L"),)
    first, _ = send(
        oru("M1", coded=NORMAL, reported_at=NOW - HOURS),
        oru("M2", status="C", coded=suspicious, reported_at=NOW - 2 * HOURS),
    )
    assert "confirm_change" in kinds(first["patient"])


@pytest.mark.parametrize(
    "name", ["PRIOR^Prior BI-RADS Assessment^L", "AI^AI BI-RADS category^L", "RISK^Risk Assessment Category^L"]
)
def test_somebody_elses_category_is_no_assessment(sqlite_record: str, name: str) -> None:
    (found,) = send(oru(coded=((name, "1"),), text="IMPRESSION: New asymmetry."))
    assert "confirm_assessment" in kinds(found["patient"])
    assert "send_summary" not in kinds(found["patient"])


def test_an_order_used_again_next_year_is_another_examination(sqlite_record: str) -> None:
    first, _ = send(
        oru("M1", accession="A1", performed_at=NOW - 300 * DAY),
        oru("M2", accession="A2", performed_at=NOW - DAY).replace(b"OA2", b"OA1"),
    )
    assert len(rounds(first["patient"])) == 2


def test_one_poisoned_message_holds_nobody_up(record: str) -> None:
    poison = oru("M1", number="MR" + "9" * 300)
    far = oru("M2", number="MR300", name="Far^Away", accession="A3").replace(b"20261102", b"99991231")
    found = send(poison, far, oru("M3", number="MR200", name="Lind^Eva", born="19700101", accession="A2"))
    assert found[-1]["outcome"] == "taken"
    assert {one["outcome"] for one in found} <= {"taken", "set_aside"}
    assert list(verify.verify()) == []


def test_a_frame_without_its_end_is_not_taken(sqlite_record: str) -> None:
    (found,) = send(b"\x0b" + oru()[:-1])
    assert (found["outcome"], found["reason"]) == ("set_aside", "truncated")


def test_a_message_with_a_known_number_can_still_be_filed_where_it_belongs(sqlite_record: str) -> None:
    first, near, other = send(
        oru("M1"),
        oru("M2", accession="A2", born="19670503"),
        oru("M3", number="MR300", name="Roe^Ann", born="19670503", accession="A3", performed_at=NOW - 90 * DAY),
    )
    assert near["reason"] == "other_birth_date"
    decision = Decision(patient=other["patient"], new_round=True, by=DANA)
    filed = inbox.process(near["message"], now=NOW, decision=decision)
    assert (filed.outcome, filed.patient) == ("taken", other["patient"])
    assert Identifier.objects.get(value="MR100").patient_id == first["patient"]


def test_left_and_right_read_from_the_order_and_not_from_rule_out(sqlite_record: str) -> None:
    (found,) = send(oru(procedure="77067^MAMMO SCREENING R/O CA^CPT", coded=NORMAL))
    (episode,) = rounds(found["patient"])
    assert episode.first_exam is not None
    assert {str(side) for side in episode.first_exam.sides} == {"left", "right"}


@pytest.mark.parametrize(
    "text",
    [
        "IMPRESSION: The patient will be recalled for left views.",
        "ADDENDUM: Left breast is 4A.",
        "IMPRESSION: BI-RADS: [ ] 1 [ ] 2 [X] 4",
        "IMPRESSION: OVERALL: 4.",
    ],
)
def test_words_that_sit_ill_beside_a_calm_category_ask_a_person(sqlite_record: str, text: str) -> None:
    (found,) = send(oru(coded=NORMAL, text=text))
    assert "confirm_assessment" in kinds(found["patient"])


def test_the_name_of_a_coded_value_is_no_word_of_doubt(sqlite_record: str) -> None:
    named = (("ASSESS^Assessment category overall^L", "1^Negative^L"),)
    (found,) = send(oru(coded=named, text="IMPRESSION: No mammographic evidence of malignancy."))
    assert (found["outcome"], found["assessment"], found["needs_person"]) == ("taken", "1", [])
    (doubtful,) = send(oru("M2", number="MR101", name="Lind^Eva", accession="A2", coded=named, text="OVERALL: 2."))
    assert doubtful["needs_person"] == ["contradiction"]


def test_a_log_that_vanished_with_all_its_rows_is_missed_by_the_ledger(sqlite_record: str) -> None:
    from django.db import connection

    from closerlook.record.models import Claim

    (found,) = send(oru(coded=CALLED_LEFT))
    assert ledger(NOW).agrees
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER record_event_no_delete")
    for model in (Event, OpenLoop, Claim, Head):
        model.objects.filter(stream=found["patient"]).delete()
    assert any("no log knows" in sentence for sentence in ledger(NOW).mismatches)
