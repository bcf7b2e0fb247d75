"""Each step of her whole path, taken once through its own form by someone who may, from a link on her page."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.utils import timezone

from closerlook.desk import offers
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import may
from closerlook.pathway.events import (
    Addressee,
    Channel,
    ContactRoute,
    Document,
    EndedFor,
    How,
    Purpose,
    SettledAs,
    Wishes,
)
from closerlook.pathway.regions import FindingStatus
from closerlook.pathway.regions import Patient as State
from closerlook.pathway.terms import Assessment, FindingKind, Laterality, Plan, Tissue
from closerlook.people.models import Staff
from closerlook.people.sites import site
from closerlook.record import door
from tests.desk.people import PEOPLE, Desk, Unit, actor
from tests.desk.test_offers import OFFERED, take_without_recording
from tests.feeds.messages import CALLED_LEFT, DIAGNOSTIC_LEFT, NORMAL

Sit = Callable[[str], Client]
LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
NEIGHBOUR = {"name": "Hale^Josephine", "born": "19750702"}
OTHER = {"name": "Ortega^Ines", "born": "19700101"}
THIRD = {"name": "Vargas^Pia", "born": "19610911"}
GRAVE_LEFT = (("BIRADSL^BI-RADS Assessment left^L", "4B^Suspicious^L"),)
HIDDEN = re.compile(r'name="(seen|key)" value="([^"]*)"')
ERRORS = re.compile(r'<section class="notice late".*?</section>', re.DOTALL)


class Forms:
    """Someone takes steps through their forms: `forms("nurse", st.RecordContact, channel="phone", …)`."""

    def __init__(self, unit: Unit, sit: Sit, patient: str) -> None:
        self.unit, self.sit, self.patient = unit, sit, patient

    def __call__(self, who: str, step: type[st.Step], subject: str = "", **data: Any) -> State:
        """Follow the link her page shows for this step, fill the form in and record it."""
        client = self.sit(who)
        links = self.links(who, step)
        about = [link for link in links if not subject or f"subject={subject}" in unescape(link).replace("%3A", ":")]
        assert about, (step.__name__, subject, links)
        return self.at(client, unescape(about[0]), data)

    def at(self, client: Client, path: str, data: dict[str, Any]) -> State:
        page = client.get(path).content.decode()
        answer = client.post(path, dict(HIDDEN.findall(page)) | data)
        assert answer.status_code == 302, ERRORS.findall(answer.content.decode())
        self.unit.now += timedelta(minutes=1)
        self.hold_to_its_word()
        return self.unit.state(self.patient)

    def refused(self, who: str, step: type[st.Step], subject: str = "", **data: Any) -> str:
        """Fill in a step's form as it stands for a subject, which is not taken; return what is said to that."""
        client, path = self.sit(who), offers.link(step, self.patient, subject)
        answer = client.post(path, dict(HIDDEN.findall(client.get(path).content.decode())) | data)
        assert answer.status_code == 200
        return " ".join(ERRORS.findall(unescape(answer.content.decode())))

    def hold_to_its_word(self) -> None:
        """Whatever her page offers anyone now, the record would take."""
        for who in PEOPLE:
            page = self.sit(who).get(f"/patient/{self.patient}/").content.decode()
            for address, name in dict(OFFERED.findall(page)).items():
                take_without_recording(self.patient, unescape(address), name, who, self.unit.now)

    def links(self, who: str, step: type[st.Step]) -> list[str]:
        page = self.sit(who).get(f"/patient/{self.patient}/").content.decode()
        return re.findall(rf'href="(/patient/[^"]*/do/{step.__name__}/[^"]*)"', page)

    def page(self, who: str) -> str:
        page = self.sit(who).get(f"/patient/{self.patient}/").content.decode()
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())

    def hour(self, **ahead: float) -> str:
        return (timezone.localtime(self.unit.now) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M")

    def day(self, ahead: int) -> str:
        return (timezone.localdate(self.unit.now) + timedelta(days=ahead)).isoformat()


@pytest.fixture
def made(unit: Unit, sit: Sit) -> Callable[..., Forms]:
    """A patient whose screening was reported, with her forms; she is not the only one."""
    unit.report("M0", number="MR900", accession="B0", coded=NORMAL, **NEIGHBOUR)
    return lambda coded=CALLED_LEFT, **said: Forms(unit, sit, unit.report(coded=coded, **said))


@pytest.fixture
def grave(made: Callable[..., Forms], unit: Unit) -> Forms:
    """A patient called back whose further pictures are suspicious: tissue is wanted."""
    forms = made()
    exam = next(iter(unit.state(forms.patient).episodes["e1"].exams))
    unit.take(forms.patient, "radiologist", st.DecideCallBack(exam=exam))
    unit.take(forms.patient, "nurse", st.TellResult(exam=exam, channel=Channel.PHONE))
    unit.now += timedelta(days=1)
    unit.report("M2", accession="A2", procedure=DIAGNOSTIC_LEFT, performed_at=unit.now, coded=GRAVE_LEFT)
    forms("radiologist", st.AssessWorkup, answer_0=Assessment.SUSPICIOUS)
    return forms


def newest(state: State, what: str, round_: str = "e1") -> str:
    return str(list(getattr(state.episodes[round_], what))[-1])


# ---------------------------------------------------------------- before the examination


def test_a_round_begins_because_she_is_due_and_she_is_invited_and_comes(made: Callable[..., Forms], unit: Unit) -> None:
    do = made(NORMAL)
    do("desk", st.SetNextDue, due_on=do.day(10), why="two years since the last")
    state = do("desk", st.OpenRound)
    due = list(state.episodes)[-1]
    assert state.episodes[due].is_awaited
    unit.take(do.patient, "desk", st.PrepareInvitation(episode=due, file="invitation.pdf"))
    assert do("desk", st.RecordInvited, due, proof="posted, first class").episodes[due].invited
    state = do("desk", st.BookVisit, f"{due}:screening", starts_at=do.hour(days=3), place="Riverside")
    assert "Screening visit booked for" in do.page("desk")
    assert state.episodes[due].visits[Purpose.SCREENING].starts_at is not None
    unit.now += timedelta(days=2)
    do("navigator", st.RecordReminded, f"{due}:screening", channel=Channel.TEXT)
    assert "Reminded by text: screening visit." in do.page("desk")
    unit.now += timedelta(days=1)
    do("technologist", st.RecordAttended, due)
    assert "She came: screening visit." in do.page("desk")
    state = do(
        "technologist", st.TakeExamination, due, kind="screening", performed_at=do.hour(), sides=["left", "right"],
        accession="",
    )  # fmt: skip
    assert state.episodes[due].examined


def test_who_misses_every_visit_is_closed_as_not_screened(made: Callable[..., Forms], unit: Unit) -> None:
    do = made(NORMAL)
    do("desk", st.SetNextDue, due_on=do.day(10), why="due")
    due = list(do("desk", st.OpenRound).episodes)[-1]
    for _ in range(2):
        do("desk", st.BookVisit, f"{due}:screening", starts_at=do.hour(days=1), place="Riverside")
        unit.now += timedelta(days=2)
        do("desk", st.RecordMissed, due)
    assert "2 visits missed." in do.page("desk")
    settled = do("desk", st.RecordNotScreened, due, proof="both letters posted").episodes[due].settled
    assert settled is not None
    assert settled.outcome is SettledAs.NOT_SCREENED


def test_her_screening_is_put_off_and_her_invitations_end_and_begin_again(made: Callable[..., Forms]) -> None:
    do = made(NORMAL)
    do("desk", st.SetNextDue, due_on=do.day(10), why="due")
    due = list(do("desk", st.OpenRound).episodes)[-1]
    state = do("navigator", st.DeferScreening, due, until=do.day(90), reason="a new baby")
    assert state.next_due is not None
    assert do("desk", st.EndInvitations, reason=EndedFor.OPTED_OUT, proof="letter").invitations_ended
    assert "not invited any more: she asked for no more invitations" in do.page("desk")
    assert not do.links("desk", st.EndInvitations)
    assert do("desk", st.ResumeInvitations).invitations_ended is None


# ---------------------------------------------------------------- examined and read


def test_missing_pictures_are_recorded_and_accepted(made: Callable[..., Forms]) -> None:
    do = made(NORMAL)
    state = do("technologist", st.RecordIncomplete, reason="frozen shoulder", missing=["left"])
    assert next(iter(state.episodes["e1"].exams.values())).incomplete is not None
    assert "left frozen shoulder" in do.page("technologist")
    state = do("radiologist", st.AcceptExamination, reason="the best to be had")
    assert next(iter(state.episodes["e1"].exams.values())).incomplete is None


def test_a_reading_is_held_and_goes_on(made: Callable[..., Forms], unit: Unit) -> None:
    do = made()
    do(
        "technologist", st.TakeExamination, kind="diagnostic", performed_at=do.hour(), sides=["left"], accession="",
    )  # fmt: skip
    exam = newest(unit.state(do.patient), "exams")
    path = offers.link(st.DeferReading, do.patient, exam)
    state = do.at(do.sit("radiologist"), path, {"reason": "earlier pictures", "release_by": "radiologist"})
    assert state.episodes["e1"].exams[exam].reading.held is not None
    assert "earlier pictures; Eva Lindqvist, clinician and radiologist looks again" in do.page("navigator")
    path = offers.link(st.ReleaseReading, do.patient, exam)
    assert do.at(do.sit("manager"), path, {}).episodes["e1"].exams[exam].reading.held is None


def test_earlier_pictures_are_known_of(made: Callable[..., Forms]) -> None:
    do = made()
    assert do("desk", st.KnowPriors, source="St. Anne's").episodes["e1"].priors.known == "St. Anne's"
    assert "Earlier pictures: St. Anne's, not asked for yet" in do.page("desk")


def test_a_reading_signed_here_names_its_findings_once(made: Callable[..., Forms]) -> None:
    do = made()
    seen = {
        "side_left": Assessment.INCOMPLETE_IMAGING, "side_right": Assessment.NEGATIVE, "with_priors": "no",
        "kind_left": FindingKind.MASS, "place_left": "2 o'clock", "density": "b",
    }  # fmt: skip
    for place in ("2 o'clock", "3 o'clock"):
        state = do("radiologist", st.RecordReading, **(seen | {"place_left": place}))
        found = [f for f in state.episodes["e1"].findings.values() if f.status is FindingStatus.OPEN]
        assert [(f.kind, f.side, f.place) for f in found] == [(FindingKind.MASS, LEFT, place)]


def test_what_the_further_pictures_add_is_answered_at_the_desk(made: Callable[..., Forms], unit: Unit) -> None:
    do = made()
    exam = next(iter(unit.state(do.patient).episodes["e1"].exams))
    unit.take(do.patient, "radiologist", st.DecideCallBack(exam=exam))
    both = (
        ("BIRADSL^BI-RADS Assessment left^L", "1^Negative^L"),
        ("BIRADSR^BI-RADS Assessment right^L", "4^Suspicious^L"),
    )
    bilateral = "77066^Diagnostic mammography bilateral^CPT"
    unit.report("M2", accession="A2", procedure=bilateral, performed_at=unit.now, coded=both)
    state = do(
        "radiologist", st.AssessWorkup, answer_0=Assessment.NEGATIVE, how_0=How.NOT_SEEN_AGAIN,
        added_assessment=Assessment.SUSPICIOUS, added_side="right", added_kind=FindingKind.MASS,
        added_place="10 o'clock",
    )  # fmt: skip
    findings = state.episodes["e1"].findings.values()
    assert [f.how for f in findings if f.side is LEFT] == [How.NOT_SEEN_AGAIN]
    assert (FindingKind.MASS, FindingStatus.BIOPSY) in [(f.kind, f.status) for f in findings if f.side is RIGHT]
    assert "not seen again" in do.page("radiologist")


# ---------------------------------------------------------------- tissue


def test_tissue_all_the_way_to_the_team_that_treats_her(grave: Forms, unit: Unit) -> None:
    do = grave
    do("navigator", st.BookVisit, starts_at=do.hour(days=1), place="Riverside", purpose=Purpose.BIOPSY)
    assert "Biopsy booked for" in do.page("navigator")
    unit.now += timedelta(days=1, hours=1)
    state = do("technologist", st.RecordBiopsy, method="core", marker="yes")
    specimen = newest(state, "specimens")
    assert "core biopsy, marker left" in do.page("nurse")
    state = do("nurse", st.RecordPathology, specimen, tissue=Tissue.MALIGNANT, lesion="invasive, no special type")
    assert state.episodes["e1"].specimens[specimen].tissue is Tissue.MALIGNANT
    do("radiologist", st.DecideConcordance, specimen, concordant="yes")
    do("nurse", st.TellDiagnosis, specimen, channel=Channel.IN_PERSON)
    do("navigator", st.TellProviderDiagnosis, specimen, proof="rang the practice")
    page = do.page("nurse")
    assert "malignant, invasive, no special type" in page
    assert "she was told; her provider knows" in page
    do("navigator", st.Refer, "e1", team="Breast surgery, Harbour Hospital")
    do("navigator", st.RecordAccepted, "e1", first_visit_on=do.day(1))
    assert not do.links("navigator", st.RecordFirstVisit)  # its day has not come
    unit.now += timedelta(days=1)
    do("navigator", st.RecordFirstVisit, "e1", came="no")
    assert "one visit missed" in do.page("navigator")
    do("navigator", st.RecordAccepted, "e1", first_visit_on=do.day(1))
    unit.now += timedelta(days=1)
    assert do("navigator", st.RecordFirstVisit, "e1", came="yes").episodes["e1"].referral.attended


def test_the_end_of_treatment_sets_the_next_pictures(grave: Forms, unit: Unit, letters: Callable[[], int]) -> None:
    do = grave
    unit.now += timedelta(days=1)
    specimen = newest(do("radiologist", st.RecordBiopsy, method="core", marker="no"), "specimens")
    for who, step in (
        ("nurse", st.RecordPathology(specimen=specimen, tissue=Tissue.MALIGNANT)),
        ("radiologist", st.DecideConcordance(specimen=specimen, concordant=True)),
        ("nurse", st.TellDiagnosis(specimen=specimen, channel=Channel.IN_PERSON)),
        ("nurse", st.TellProviderDiagnosis(specimen=specimen, proof="rang")),
        ("nurse", st.Refer(episode="e1", team="Surgery")),
        ("nurse", st.RecordAccepted(episode="e1", first_visit_on=timezone.localdate(unit.now))),
        ("nurse", st.RecordFirstVisit(episode="e1", came=True)),
    ):
        unit.take(do.patient, who, step)
    settle(do, unit, letters)
    assert "e1" in unit.state(do.patient).treating
    state = do("navigator", st.EndTreatment, "e1", next_due_on=do.day(300), why="a year after surgery")
    assert not state.treating


def settle(do: Forms, unit: Unit, letters: Callable[[], int]) -> None:
    """Tell her and post what is still owed for her examinations."""
    letters()
    for exam in unit.state(do.patient).episodes["e1"].exams.values():
        if "tell_result" in unit.owes(do.patient):
            unit.take(do.patient, "nurse", st.TellResult(exam=exam.id, channel=Channel.PHONE))
    letters()
    for loop in [x for x in door.look(do.patient).loops if x.kind == "post_document"]:
        exam_id, _, paper = loop.subject.partition(":")
        unit.take(do.patient, "desk", st.RecordPosted(exam=exam_id, document=Document(paper), proof="posted"))


def test_tissue_that_settles_nothing_is_planned_again(grave: Forms) -> None:
    do = grave
    finding = next(f.id for f in do.unit.state(do.patient).episodes["e1"].findings.values() if f.side is LEFT)
    do("radiologist", st.RecordNotPossible, finding, why="too close to the implant", plan=Plan.EXCISION)
    assert "planned: excision" in do.page("radiologist")
    specimen = newest(do("radiologist", st.RecordBiopsy, finding, method="vacuum", marker="no"), "specimens")
    do("nurse", st.RecordPathology, specimen, tissue=Tissue.INSUFFICIENT, lesion="")
    assert not do.links("radiologist", st.RecordNoTissue)
    state = do("radiologist", st.PlanNext, finding, plan=Plan.SHORT_INTERVAL, conference="Eva Lindqvist\nRuth Osei")
    assert state.episodes["e1"].findings[finding].status is FindingStatus.SURVEILLANCE
    assert "decided by Eva Lindqvist, Ruth Osei" in do.page("radiologist")


def test_no_tissue_is_needed_after_all(grave: Forms) -> None:
    do = grave
    state = do("radiologist", st.RecordNoTissue, why="aspirated, clear")
    assert not state.episodes["e1"].open_findings()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_a_full_page_and_its_forms_fit_and_read_well(grave: Forms, desk: Desk, width: int, scheme: str) -> None:
    do, unit = grave, grave.unit
    for who, step in (
        ("nurse", st.SetWishes(wishes=Wishes(not_by=(Channel.TEXT,), route=ContactRoute.CUSTODY))),
        ("radiologist", st.RecordIncidental(episode="e1", what="nodule")),
        ("nurse", st.BookVisit(
            episode="e1", starts_at=unit.now + timedelta(days=2), place="Riverside", purpose=Purpose.BIOPSY)),
        ("nurse", st.MoveCare(episode="e1", to="Harbour Hospital")),
    ):  # fmt: skip
        unit.take(do.patient, who, step)
    specimen = newest(do("radiologist", st.RecordBiopsy, method="vacuum", marker="yes"), "specimens")
    unit.take(do.patient, "nurse", st.RecordPathology(specimen=specimen, tissue=Tissue.HIGH_RISK, lesion="radial scar"))
    page = desk.sit("radiologist", viewport={"width": width, "height": 800}, color_scheme=scheme)
    forms: list[tuple[type[st.Step], str]] = [
        (st.DecideConcordance, specimen), (st.PlanNext, specimen), (st.AssessWorkup, "e1"), (st.SetWishes, ""),
        (st.RecordReading, "e1"), (st.Arbitrate, "e1"), (st.TakeExamination, "e1"), (st.BookVisit, "e1"),
    ]  # fmt: skip
    paths = [offers.link(step, do.patient, subject) for step, subject in forms]
    for path in ("/?who=everyone", f"/patient/{do.patient}/", *paths):
        page.goto(desk.address + path)
        desk.check(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_worklist_says_which_visit_and_what_tissue(grave: Forms, unit: Unit) -> None:
    do = grave
    booked = st.BookVisit(
        episode="e1", starts_at=unit.now + timedelta(days=1), place="Riverside", purpose=Purpose.BIOPSY
    )
    unit.take(do.patient, "nurse", booked)
    unit.now += timedelta(days=1, hours=1)
    page = do.sit("desk").get("/?who=everyone").content.decode()
    said = " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert "Say what became of the visit" in said
    assert re.search(r"Say what became of the visit .{0,60}biopsy", said)
    assert "Arrange the biopsy" in said


# ---------------------------------------------------------------- elsewhere and refused


def test_care_goes_elsewhere_and_its_result_comes_back(made: Callable[..., Forms]) -> None:
    do = made()
    do("desk", st.ClaimOutside, source="Harbour Hospital")
    do("navigator", st.TakeCareBack, reason="they do not know her")
    do("navigator", st.MoveCare, to="Harbour Hospital")
    assert "Harbour Hospital, asked, no answer yet" in do.page("navigator")
    do("navigator", st.AcknowledgeCare, proof="rang, Dr. Hale")
    assert "Harbour Hospital, has her" in do.page("navigator")
    state = do(
        "desk", st.TakeOutsideResult, source="Harbour Hospital", kind="diagnostic", performed_at=do.hour(),
        sides=["left"], accession="",
    )  # fmt: skip
    assert state.episodes["e1"].exams[newest(state, "exams")].outside
    assert "made elsewhere:" in do.page("desk")


def test_a_refusal_is_confirmed_in_writing_to_both(made: Callable[..., Forms]) -> None:
    do = made()
    do("nurse", st.RecordDecline, what="further pictures", review_on=do.day(30), reviewer="nurse")
    for to in Addressee:
        do("desk", st.RecordRefusalWritten, f"e1:{to}", proof="posted, first class")
    assert not do.unit.state(do.patient).episodes["e1"].refusals


# ---------------------------------------------------------------- herself


def test_what_she_asked_for_stands_at_the_top(made: Callable[..., Forms]) -> None:
    do = made()
    state = do(
        "desk", st.SetWishes, not_by=["letter", "text"], route=ContactRoute.SHELTER, capacity="decides",
        interpreter="Somali", tell_first_until="",
    )  # fmt: skip
    assert state.wishes.not_by == (Channel.TEXT, Channel.LETTER)
    do("technologist", st.RecordAnatomy, absent=["right"], implants=["left"])
    page = do.page("navigator")
    top = page.partition("What is owed")[0]
    assert "Safe contact: Contact only through the shelter. Never by text or letter. Interpreter: Somali." in top
    assert "Right breast removed. Implants: left; displaced views too." in top
    path = offers.link(st.RecordContact, do.patient, "e1")
    assert "She asked not to be contacted by text or letter." in do.sit("desk").get(path).content.decode()


def test_something_outside_the_breast_is_passed_on(made: Callable[..., Forms]) -> None:
    do = made()
    state = do("radiologist", st.RecordIncidental, what="nodule at the lung's edge")
    assert "Outside the breast: nodule at the lung's edge; to be passed on" in do.page("nurse")
    found = newest(state, "incidentals")
    assert not do("nurse", st.PassOnIncidental, found, to="Dr. Reyes", proof="she rang back").episodes["e1"].incidentals


def test_a_cancer_found_outside_screening_is_reviewed_and_its_care_ends(made: Callable[..., Forms]) -> None:
    do = made(NORMAL)
    do("radiologist", st.RecordIntervalCancer, found_on=do.day(-10), side="left")
    assert "not invited while she is treated" in do.page("navigator")
    do("radiologist", st.ReviewIntervalCancer, outcome="nothing to be seen")
    state = do("navigator", st.EndCare, next_due_on=do.day(300), why="treatment over")
    assert next(iter(state.cancers.values())).care_ended


def test_a_record_is_given_up_and_both_say_so(made: Callable[..., Forms], unit: Unit) -> None:
    do = made()
    other = unit.report("M9", number="MR200", accession="B9", coded=NORMAL, **OTHER)
    assert other
    assert other != do.patient
    assert "tick that you made sure of it" in do.refused("manager", st.MergeInto, survivor="MR200")
    state = do("manager", st.MergeInto, survivor="MR200", sure="on")
    assert state.merged_into == other
    assert unit.state(other).absorbed == (do.patient,)
    assert f"record {other}" in do.page("desk")
    theirs = Forms(unit, do.sit, other)
    assert f"record {do.patient}" in theirs.page("desk")
    assert theirs("manager", st.Unmerge).absorbed == ()
    assert unit.state(do.patient).merged_into is None
    assert theirs("manager", st.Absorb, retired=do.patient, sure="on").absorbed == (do.patient,)
    assert unit.state(do.patient).merged_into == other


def test_the_record_of_someone_who_lives_is_not_given_up_for_one_that_says_she_died(
    made: Callable[..., Forms], unit: Unit
) -> None:
    do = made()
    other = unit.report("M9", number="MR200", accession="B9", coded=NORMAL, **OTHER)
    unit.take(other, "nurse", st.RecordDeath(died_on=unit.now.date()))
    said = do.refused("manager", st.MergeInto, survivor="MR200", sure="on")
    assert "One of the two records says that she died" in said
    assert unit.state(do.patient).merged_into is None


def test_a_slip_in_a_year_is_refused(made: Callable[..., Forms], unit: Unit) -> None:
    do = made(NORMAL)
    unit.take(do.patient, "desk", st.SetNextDue(due_on=unit.now.date(), why="due"))
    unit.take(do.patient, "desk", st.OpenRound(site="main"))
    due = list(unit.state(do.patient).episodes)[-1]
    seen = {"kind": "screening", "sides": ["left", "right"], "accession": ""}
    for year, why in ((1926, "She was born on"), (2025, "it cannot be of this round")):
        said = do.refused("technologist", st.TakeExamination, due, performed_at=f"{year}-11-02T08:00", **seen)
        assert why in said
    assert "attend_screening" in unit.owes(do.patient)
    assert "Look at the year" in do.refused("desk", st.SetNextDue, due_on="2072-11-02", why="a slip")


def test_what_one_of_two_records_refuses_is_recorded_in_neither(made: Callable[..., Forms], unit: Unit) -> None:
    do = made()
    other = unit.report("M9", number="MR200", accession="B9", coded=NORMAL, **OTHER)
    third = unit.report("M8", number="MR300", accession="B8", coded=NORMAL, **THIRD)
    unit.take(other, "manager", st.MergeInto(survivor=third))
    client, path = do.sit("manager"), offers.link(st.MergeInto, do.patient, "")
    page = client.get(path).content.decode()
    answer = client.post(path, dict(HIDDEN.findall(page)) | {"survivor": other, "sure": "on"})
    assert answer.status_code == 200
    assert "was itself merged into another" in answer.content.decode()
    assert unit.state(do.patient).merged_into is None


def test_a_withdrawn_report_finds_its_owner(made: Callable[..., Forms]) -> None:
    do = made()
    exam = next(iter(do.unit.state(do.patient).episodes["e1"].exams))
    do("radiologist", st.WithdrawReport, exam=exam, reason="another woman's", examination_hers="no")
    do("desk", st.PlaceWithdrawn, exam, outcome="MR200, sent there")
    assert "Whose the withdrawn report is: MR200, sent there." in do.page("desk")


def test_a_round_goes_on_under_todays_rules(made: Callable[..., Forms]) -> None:
    do = made()
    assert not do.links("manager", st.MoveToProtocol)
    with override_settings(PROTOCOL="eu"):
        before = do.unit.state(do.patient).episodes["e1"].protocol
        after = do("manager", st.MoveToProtocol, reason="the programme has changed").episodes["e1"].protocol
        assert after != before


# ---------------------------------------------------------------- two readers, apart


@pytest.fixture
def twice(made: Callable[..., Forms], unit: Unit) -> Any:
    """A screening examination that two have to read, apart, at a unit with three radiologists."""
    for username in ("second", "third"):
        user = User.objects.create_user(username)
        Staff.objects.create(user=user, site=site(), roles="radiologist", name=f"Reader {username.capitalize()}")
    with override_settings(PROTOCOL="uk"):
        do = made(NORMAL)
        seen = {"kind": "screening", "performed_at": do.hour(), "sides": ["left", "right"], "accession": ""}
        settled = unit.state(do.patient)
        assert settled.episodes["e1"]
        do("desk", st.SetNextDue, due_on=do.day(10), why="due")
        due = list(do("desk", st.OpenRound).episodes)[-1]
        state = do("technologist", st.TakeExamination, f"{due}:screening", **seen)
        yield do, newest(state, "exams", due)


def read(do: Forms, who: str, exam: str, left: Assessment) -> None:
    said = {"side_left": left, "side_right": Assessment.NEGATIVE, "with_priors": "no"}
    said |= {"kind_left": FindingKind.MASS} if left is not Assessment.NEGATIVE else {}
    do.at(do.sit(who), offers.link(st.RecordReading, do.patient, exam), said)


def test_who_has_not_read_it_sees_nothing_of_the_first_reading(twice: tuple[Forms, str]) -> None:
    do, exam = twice
    read(do, "radiologist", exam, Assessment.INCOMPLETE_IMAGING)
    for path in (
        f"/patient/{do.patient}/",
        offers.link(st.RecordReading, do.patient, exam),
        offers.link(st.EnterInError, do.patient, ""),
    ):
        page = do.sit("second").get(path).content.decode()
        main = page.partition("<main")[2].partition("<form")[0] if "RecordReading" in path else page
        assert "Read by radiologist" not in page, path
        assert "left 0 Incomplete" not in main, path
    assert "One of two has read it." in do.page("second")
    assert "left 0 Incomplete" in do.page("radiologist")  # one's own is no secret


def test_two_who_differ_are_decided_between(twice: tuple[Forms, str]) -> None:
    do, exam = twice
    read(do, "radiologist", exam, Assessment.INCOMPLETE_IMAGING)
    read(do, "second", exam, Assessment.NEGATIVE)
    assert "Eva Lindqvist" in do.page("third")
    page = do.sit("third").get(offers.link(st.Arbitrate, do.patient, exam)).content.decode()
    assert "left 0 Incomplete: more imaging" in page
    state = do(
        "third", st.Arbitrate, exam, side_left=Assessment.INCOMPLETE_IMAGING, side_right=Assessment.NEGATIVE,
        kind_left=FindingKind.MASS, panel="",
    )  # fmt: skip
    found = state.exam(exam)
    assert found is not None
    assert found[1].result is not None
    assert [f.kind for f in found[0].open_findings()] == [FindingKind.MASS]


def test_two_who_differ_decide_alone_only_as_a_panel(twice: tuple[Forms, str]) -> None:
    do, exam = twice
    read(do, "radiologist", exam, Assessment.INCOMPLETE_IMAGING)
    read(do, "second", exam, Assessment.NEGATIVE)
    client, path = do.sit("second"), offers.link(st.Arbitrate, do.patient, exam)
    page = client.get(path).content.decode()
    assert "name the panel" in page
    said = {"side_left": Assessment.NEGATIVE, "side_right": Assessment.NEGATIVE}
    answer = client.post(path, dict(HIDDEN.findall(page)) | said)
    assert "Fill this in." in answer.content.decode()


# ---------------------------------------------------------------- who may


def test_each_form_opens_for_who_may_and_for_nobody_else(made: Callable[..., Forms]) -> None:
    do = made()
    for name, step in offers.STEPS.items():
        for who in PEOPLE:
            path = f"/patient/{do.patient}/do/{name}/"
            allowed = may(step, actor(who))
            assert do.sit(who).get(path).status_code == (200 if allowed else 403), (name, who)
            if not allowed:
                answer = do.sit(who).post(path, {"seen": "1", "key": "k"})
                assert answer.status_code == 403, (name, who)
