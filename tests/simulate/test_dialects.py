"""What made-up senders write is read as it was meant: by our parser, and by a grammar that is not ours."""

from collections.abc import Iterator
from datetime import date

import pytest
from hl7apy.parser import parse_message  # type: ignore[import-untyped]

from closerlook.exchange.filing import needs_person
from closerlook.exchange.hl7.framing import split
from closerlook.exchange.hl7.parse import read_reports
from closerlook.pathway.events import SideAssessment
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import Density, ExaminationKind, FindingKind, ReportStatus, Suspicion
from closerlook.simulate.feeds import CATEGORY, DIALECTS, HILL, LAKE, RIVER, TRUSTED, message
from closerlook.simulate.parameters import load
from closerlook.simulate.population import Woman, woman
from closerlook.simulate.sending import Sent
from tests.simulate.sents import L, R, report


def everything_stated() -> Iterator[Sent]:
    """All that a simulated reader may state, in every dialect."""
    for sender in TRUSTED:
        for category in CATEGORY:
            one_side = category not in (A.NEGATIVE, A.BENIGN, A.INCOMPLETE_PRIORS)
            for calm in (A.NEGATIVE, A.BENIGN):
                stated = (SideAssessment(category, L), SideAssessment(calm, R)) if one_side else ()
                seen = FindingKind.CALCIFICATIONS if one_side else None
                for density in (None, *Density):
                    yield report(sender, stated or (SideAssessment(category),), density=density, seen=seen)
        for kind in FindingKind:
            stated = (SideAssessment(A.INCOMPLETE_IMAGING, L), SideAssessment(A.INCOMPLETE_IMAGING, R))
            yield report(sender, stated, seen=kind, status=ReportStatus.CORRECTED)
        for suspicion in Suspicion:
            graded = (SideAssessment(A.SUSPICIOUS, R, suspicion),)
            yield report(sender, graded, kind=ExaminationKind.DIAGNOSTIC, looked_at=(R,), density=None)


@pytest.fixture(scope="module")
def her() -> Woman:
    return woman(5, 1, load("us"), date(2024, 1, 1))


def test_every_dialect_is_read_as_it_was_meant_and_asks_nobody(her: Woman) -> None:
    for sent in everything_stated():
        (raw,) = split(message(sent, her, "C1"))
        (read,) = read_reports(raw, zone="America/Chicago", trusted=True)
        told = tuple(SideAssessment(s.category, s.side, s.suspicion) for s in read.assessments)
        assert (told, read.density, read.status, read.kind) == (sent.stated, sent.density, sent.status, sent.kind), sent
        assert (read.performed_at, read.reported_at) == (sent.performed_at, sent.reported_at)
        assert needs_person(read) == (), sent


@pytest.mark.parametrize(("sender", "version"), [(RIVER, "2.5.1"), (LAKE, "2.3"), (HILL, "2.4")])
def test_an_independent_grammar_reads_every_dialect(her: Woman, sender: str, version: str) -> None:
    assert DIALECTS[sender].version == version
    for sent in everything_stated():
        if sent.sender != sender:
            continue
        text = message(sent, her, "C1").decode().replace("\r\n", "\r")
        found = parse_message(text, find_groups=False)
        assert found.version == version
        assert found.msh.msh_10.value == "C1"
        assert found.pid.pid_3.pid_3_1.value == "S0000001"
        assert [s.name for s in found.children][:4] == ["MSH", "PID", "ORC", "OBR"]


def test_an_examination_without_a_report_is_no_message(her: Woman) -> None:
    with pytest.raises(ValueError, match="list of examinations"):
        message(report(RIVER, (), reported_at=None), her, "C1")
