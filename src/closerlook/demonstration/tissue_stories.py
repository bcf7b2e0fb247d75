"""Biopsies and what came of them, each course told once. The docstring is what the story shows."""

from collections.abc import Callable
from datetime import timedelta

from closerlook.demonstration import feed
from closerlook.demonstration.stage import LEFT, Stage
from closerlook.demonstration.stories import CALLED_LEFT, DENSE, worked_up
from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, Finding, FindingAnswer, How, Purpose, SideAssessment
from closerlook.pathway.terms import Assessment, FindingKind, Laterality, Plan, Sampling, Tissue

A = Assessment
CONFERENCE = ("radiologist", "Dr Okoye, pathology", "Dr Hale, surgery")


def to_sample(s: Stage, days: int) -> None:
    """Called back, looked at again, suspicious, told by the radiologist, the letters posted: four days' work."""
    s.days_ago(days)
    s.report(coded=CALLED_LEFT, findings=DENSE, impression="Mass, left. Additional views and ultrasound.")
    s.plan(reason=FindingKind.MASS)
    s.tell()
    s.letters()
    s.book(3)
    s.later(73)
    worked_up(s, A.SUSPICIOUS, "4B^Suspicious^L", "Irregular mass at 2 o'clock. Ultrasound-guided biopsy.")
    s.tell("radiologist")
    s.letters()


def sampled(s: Stage, days: int, method: Sampling = Sampling.CORE) -> str:
    """Her biopsy is booked, she comes, and tissue is taken; return the specimen."""
    to_sample(s, days)
    s.book(3, Purpose.BIOPSY)
    s.later(73)
    s.came(Purpose.BIOPSY)
    return _taken(s, method)


def _taken(s: Stage, method: Sampling = Sampling.CORE) -> str:
    s.take("radiologist", st.RecordBiopsy(finding=_finding(s), method=method, marker=method is Sampling.CORE))
    return list(s.episode.specimens)[-1]


def _finding(s: Stage) -> str:
    return list(s.episode.findings)[-1]


def reported(s: Stage, days: int, tissue: Tissue, lesion: str | None = None) -> str:
    specimen = sampled(s, days)
    s.later(48)
    s.take("pathology", st.RecordPathology(specimen=specimen, tissue=tissue, lesion=lesion))
    return specimen


def weighed(s: Stage, specimen: str, *, fits: bool = True, follow_up: Plan = Plan.ROUTINE) -> None:
    s.later(3)
    s.take("radiologist", st.DecideConcordance(specimen=specimen, concordant=fits, follow_up=follow_up))


def told(s: Stage, specimen: str) -> None:
    """A clinician tells her, and her doctor hears of it."""
    s.later(2)
    s.take("radiologist", st.TellDiagnosis(specimen=specimen, channel=Channel.IN_PERSON))
    s.take("navigator", st.TellProviderDiagnosis(specimen=specimen, proof="rang the practice"))


def part_of_another(s: Stage) -> None:
    """Two places called back, and the further pictures showed that one is the edge of the other: settled benign."""
    s.days_ago(16)
    s.report(status="I", impression="")
    mass = Finding("f-mass", FindingKind.MASS, LEFT, "2 o'clock", A.INCOMPLETE_IMAGING)
    edge = Finding("f-edge", FindingKind.ASYMMETRY, LEFT, "upper outer", A.INCOMPLETE_IMAGING)
    sides = (SideAssessment(A.INCOMPLETE_IMAGING, LEFT), SideAssessment(A.NEGATIVE, Laterality.RIGHT))
    s.take("radiologist", st.RecordReading(exam=s.exam.id, sides=sides, findings=(mass, edge)))
    s.plan(reason=FindingKind.MASS)
    s.tell()
    s.letters()
    s.book(3)
    s.later(73)
    s.came()
    s.report(
        exam="2",
        procedure=feed.DIAGNOSTIC.format(side="left"),
        coded=(("left", "2^Benign^L"),),
        impression="A simple cyst; the asymmetry is its edge.",
    )
    answers = (
        FindingAnswer(mass.id, A.BENIGN, How.BENIGN_CAUSE),
        FindingAnswer(edge.id, A.BENIGN, How.PART_OF_ANOTHER, mass.id),
    )
    s.take("radiologist", st.AssessWorkup(exam=s.exam.id, answers=answers))
    s.letters()


def biopsy_booked(s: Stage) -> None:
    """Suspicious, told, and her biopsy booked for the day after tomorrow."""
    to_sample(s, 8)
    s.book(3, Purpose.BIOPSY)


def tissue_away(s: Stage) -> None:
    """Tissue was taken two days ago, and the pathologist has not reported yet."""
    sampled(s, 13)


def tissue_late(s: Stage) -> None:
    """Tissue was taken two weeks ago, and no report has come: the laboratory is to be asked."""
    sampled(s, 22)


def no_tissue_needed(s: Stage) -> None:
    """At the visit for tissue it proved to be a cyst and was emptied: no tissue needed, settled."""
    to_sample(s, 15)
    s.book(3, Purpose.BIOPSY)
    s.later(73)
    s.came(Purpose.BIOPSY)
    s.take("radiologist", st.RecordNoTissue(finding=_finding(s), why="a cyst, emptied by needle and gone"))


def tissue_to_weigh(s: Stage) -> None:
    """The pathologist has reported benign tissue: the radiologist says whether it fits, and she knows nothing yet."""
    reported(s, 17, Tissue.BENIGN, "fibroadenoma")


def benign_told(s: Stage) -> None:
    """Benign tissue that fits the pictures; she and her doctor were told, and the round is settled."""
    specimen = reported(s, 25, Tissue.BENIGN, "fibroadenoma")
    weighed(s, specimen)
    told(s, specimen)


def discordant(s: Stage) -> None:
    """Benign tissue that does not explain the pictures: she knows, and the conference is to come."""
    specimen = reported(s, 18, Tissue.BENIGN, "fibrosis")
    weighed(s, specimen, fits=False)
    told(s, specimen)


def repeat_biopsy(s: Stage) -> None:
    """Too little tissue the first time: told, and a second biopsy is to be arranged."""
    specimen = reported(s, 18, Tissue.INSUFFICIENT)
    told(s, specimen)
    s.take("radiologist", st.PlanNext(finding=_finding(s), plan=Plan.REPEAT_BIOPSY))


def high_risk(s: Stage) -> None:
    """Tissue that raises the risk: told, and what follows is to be decided."""
    specimen = reported(s, 18, Tissue.HIGH_RISK, "atypical ductal hyperplasia")
    weighed(s, specimen)
    told(s, specimen)


def high_risk_decided(s: Stage) -> None:
    """Tissue that raises the risk: a conference decided to look again in six months, and their names stand with it."""
    specimen = reported(s, 24, Tissue.HIGH_RISK, "flat epithelial atypia")
    weighed(s, specimen)
    told(s, specimen)
    s.take("radiologist", st.PlanNext(finding=_finding(s), plan=Plan.SHORT_INTERVAL, conference=CONFERENCE))


def malignant_untold(s: Stage) -> None:
    """Malignant tissue reported this morning: a clinician tells her today, in front of everything else."""
    specimen = sampled(s, 14)
    s.days_ago(0, -3)
    s.take("pathology", st.RecordPathology(specimen=specimen, tissue=Tissue.MALIGNANT, lesion="invasive, no type"))


def cancer_told(s: Stage) -> None:
    """Malignant tissue, and she was told this week: she is to be referred to a care team."""
    specimen = reported(s, 18, Tissue.MALIGNANT, "invasive carcinoma, no special type")
    weighed(s, specimen)
    told(s, specimen)


def referred(s: Stage) -> None:
    """Told that it is cancer, referred to a named team; its first day for her is awaited."""
    cancer_told(s)
    s.take("navigator", st.Refer(episode=s.episode.id, team="Hill Street breast surgeons"))


def expected_by_team(s: Stage) -> None:
    """Told that it is cancer; the team expects her on a day to come."""
    referred(s)
    s.later(5)
    first = (s.today + timedelta(days=4)).date()
    s.take("navigator", st.RecordAccepted(episode=s.episode.id, first_visit_on=first))


def in_treatment(s: Stage) -> None:
    """Settled as cancer: the team has seen her, and her treatment goes on."""
    specimen = reported(s, 60, Tissue.MALIGNANT, "ductal carcinoma in situ")
    weighed(s, specimen)
    told(s, specimen)
    s.take("navigator", st.Refer(episode=s.episode.id, team="Hill Street breast surgeons"))
    s.take("navigator", st.RecordAccepted(episode=s.episode.id, first_visit_on=s.day(5)))
    s.later(150)
    s.take("navigator", st.RecordFirstVisit(episode=s.episode.id, came=True))


def pathology_amended(s: Stage) -> None:
    """Told that it is benign and settled; then the pathologist's second look says cancer: reopened, to be told."""
    benign_told(s)
    s.days_ago(0, -3)
    specimen = list(s.episode.specimens)[-1]
    s.take("pathology", st.RecordPathology(specimen=specimen, tissue=Tissue.MALIGNANT, lesion="lobular carcinoma"))


ALL: tuple[Callable[[Stage], None], ...] = (
    part_of_another, biopsy_booked, tissue_away, tissue_late, no_tissue_needed, tissue_to_weigh, benign_told,
    discordant, repeat_biopsy, high_risk, high_risk_decided, malignant_untold, cancer_told, referred, expected_by_team,
    in_treatment, pathology_amended,
)  # fmt: skip
