"""A list of examinations shows who was examined, whether or not a report ever comes."""

from pathlib import Path

from closerlook.exchange import intake
from closerlook.exchange.inbox import Result
from closerlook.people.models import Patient
from closerlook.record.models import OpenLoop
from tests.feeds.messages import oru, send
from tests.stores import NOW

HEAD = "patient_number;authority;family;given;birth_date;examination;performed_at;accession;sender\n"
LINE = "MR100;RIVERSIDE;Olsen;Marta;1968-05-03;screening;2026-11-02 06:00;A1;RIVERIS|RIVERSIDE\n"


def take(folder: Path, text: str, name: str = "list.csv", encoding: str = "utf-8") -> list[Result]:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return list(intake.ingest([file], clock=lambda: NOW))


def test_an_examination_without_a_report_owes_a_reading(sqlite_record: str, tmp_path: Path) -> None:
    (found,) = take(tmp_path, HEAD + LINE)
    assert found["outcome"] == "taken"
    owed = set(OpenLoop.objects.filter(stream=found["patient"]).values_list("kind", flat=True))
    assert owed == {"read", "explain_wait"}


def test_the_report_meets_its_examination_by_the_accession(sqlite_record: str, tmp_path: Path) -> None:
    (listed,) = take(tmp_path, HEAD + LINE)
    (reported,) = send(oru())
    assert (reported["patient"], reported["episode"]) == (listed["patient"], "e1")
    assert not OpenLoop.objects.filter(kind="read").exists()


def test_the_list_sent_again_changes_nothing(sqlite_record: str, tmp_path: Path) -> None:
    take(tmp_path, HEAD + LINE)
    (again,) = take(tmp_path, HEAD + LINE, encoding="utf-8-sig")
    assert again["outcome"] == "repeated"
    assert Patient.objects.count() == 1


def test_a_line_that_cannot_be_read_is_set_aside_and_the_others_are_taken(sqlite_record: str, tmp_path: Path) -> None:
    bad = LINE.replace("1968-05-03", "3 May").replace("MR100", "MR101")
    found = take(tmp_path, HEAD + bad + LINE)
    assert [one["outcome"] for one in found] == ["set_aside", "taken"]
    assert "birth_date" in found[0]["sentence"]


def test_a_table_of_something_else_named_on_its_own_is_set_aside_whole(sqlite_record: str, tmp_path: Path) -> None:
    (found,) = take(tmp_path, "a,b\n1,2\n")
    assert found["outcome"] == "set_aside"


def test_letters_outside_ascii_survive_an_old_encoding(sqlite_record: str, tmp_path: Path) -> None:
    take(tmp_path, HEAD + LINE.replace("Olsen", "Åström"), encoding="iso-8859-1")
    assert Patient.objects.get().family == "Åström"


def test_a_file_cut_anywhere_in_its_last_line_invents_no_examination(sqlite_record: str, tmp_path: Path) -> None:
    """A cut number is a number too: taken, it would be an examination that nobody ever reports."""
    last_column = len(HEAD + LINE) - len("RIVERIS|RIVERSIDE\n")
    whole = LINE.replace("MR100", "MR101").replace("Marta", "Maria").replace("A1", "A2")
    for end in range(len(HEAD + whole) + 1, last_column + len(whole), 7):
        for one in take(tmp_path, (HEAD + whole + LINE)[:end])[1:]:
            assert (one["outcome"], one["reason"]) == ("set_aside", "bad_row"), (end, one)
    assert take(tmp_path, HEAD + whole + LINE)[-1]["outcome"] == "taken"


def test_a_last_line_without_its_line_end_is_whole(sqlite_record: str, tmp_path: Path) -> None:
    (found,) = take(tmp_path, HEAD + LINE.rstrip())
    assert found["outcome"] == "taken"
