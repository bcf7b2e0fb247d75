"""Whatever happens to her, in any order: her page has words, and none comes too soon."""

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from closerlook.letters import results
from closerlook.letters.sentences import SAMPLES, Means
from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import FindingAnswer
from closerlook.pathway.terms import (
    Assessment,
    ExaminationKind,
    NeedsPerson,
    Plan,
    Recommendation,
    ReportStatus,
    Tissue,
)
from closerlook.portal import guard
from closerlook.portal.parts import State
from tests.her_page.reading import COMFORT, GRAVE, THIRD_PERSON, TISSUE, page, said
from tests.her_page.test_states import STORIES
from tests.letters.story import HERSELF, LEFT, RIGHT, Story

A = Assessment
DIAGNOSTIC = ExaminationKind.DIAGNOSTIC


def steps(story: Story) -> list[Callable[[], object]]:
    """What could happen next to her; the pathway refuses what may not."""
    now: datetime = story.now
    episode = story.episode.id if story.patient.episodes else "e1"
    exam = story.exam.id if story.patient.episodes and story.episode.exams else "e1.x1"
    open_findings = story.episode.open_findings() if story.patient.episodes else []

    def answer(assessment: Assessment) -> Callable[[], object]:
        answers = tuple(FindingAnswer(f.id, assessment) for f in open_findings)
        return lambda: story.take(st.AssessWorkup(exam=exam, answers=answers))

    def report(assessment: Assessment, **more: object) -> Callable[[], object]:
        accession = more.pop("accession", "S|1")
        return lambda: story.report((LEFT, assessment), (RIGHT, A.NEGATIVE), accession=str(accession), **more)  # type: ignore[arg-type]

    workup = {"kind": DIAGNOSTIC, "accession": "S|2", "same_round": True, "exam_sides": (LEFT,)}
    return [
        story.examined,
        *(report(assessment) for assessment in A),
        *(report(assessment, **workup) for assessment in A),
        report(A.SUSPICIOUS, status=ReportStatus.PRELIMINARY),
        report(A.NEGATIVE, needs_person=(NeedsPerson.CONTRADICTION,)),
        *(answer(a) for a in (A.BENIGN, A.PROBABLY_BENIGN, A.SUSPICIOUS, A.INCOMPLETE_IMAGING)),
        lambda: story.take(st.DecideCallBack(exam=exam, ultrasound=True)),
        lambda: story.take(st.TellResult(exam=exam, channel=ev.Channel.PHONE)),
        lambda: story.take(st.OpenResult(exam=exam), by=HERSELF),
        story.sent,
        story.booked,
        lambda: story.take(st.ConfirmVisit(episode=episode), by=HERSELF),
        lambda: story.take(st.RecordMissed(episode=episode), wait=timedelta(days=5)),
        lambda: story.take(st.RecordAttended(episode=episode)),
        lambda: story.take(st.CancelVisit(episode=episode, by_her=True)),
        lambda: story.take(st.RecordNoToday(episode=episode)),
        lambda: story.paused("declined"),
        lambda: story.paused("moved"),
        story.lost,
        lambda: story.take(st.AskForCall(), by=HERSELF),
        lambda: story.take(st.ReportSymptom(episode=episode, what="lump")),
        lambda: story.take(st.ConfirmChange(exam=exam, accepted=True)),
        lambda: story.take(st.WithdrawReport(exam=exam, reason="r", examination_hers=True)),
        lambda: story.take(st.WithdrawReport(exam=exam, reason="r", examination_hers=False)),
        lambda: story.take(st.PlaceReport(exam=exam, outcome="with her surgeon")),
        lambda: story.take(st.EnterInError(seqs=(story.patient.version,), reason="r")),
        lambda: story.take(st.RecordDeath(died_on=now.date())),
        *beside(story, episode, exam),
        *tissue(story, episode),
    ]


def beside(story: Story, episode: str, exam: str) -> list[Callable[[], object]]:
    """Before the examination, beside the reading, and in other hands."""
    visits = [lambda p=p: story.visit(p) for p in ev.Purpose]
    gone = [lambda p=p: story.missed(p) for p in ev.Purpose]
    return [
        *visits,
        *gone,
        story.invited,
        lambda: story.take(st.DeferScreening(episode=episode, until=story.day(99), reason="pregnant")),
        lambda: story.take(st.EndInvitations(reason=ev.EndedFor.OPTED_OUT, proof="posted")),
        lambda: story.take(st.RecordNotScreened(episode=episode, proof="posted")),
        lambda: story.take(st.RecordIncomplete(exam=exam, reason="faint", missing=(LEFT,))),
        lambda: story.take(st.DeferReading(exam=exam, reason="older pictures", release_by="u3")),
        lambda: story.take(st.MoveCare(episode=episode, to="Lakeside")),
        lambda: story.take(st.AcknowledgeCare(episode=episode, proof="letter")),
        lambda: story.take(st.ClaimOutside(episode=episode, source="Lakeside")),
        lambda: story.take(st.SetWishes(wishes=ev.Wishes(tell_first_until=story.day(9))), by=HERSELF),
        lambda: story.take(st.RecordIntervalCancer(found_on=story.now.date())),
        lambda: story.take(st.MergeInto(survivor="p9")),
    ]


def tissue(story: Story, episode: str) -> list[Callable[[], object]]:
    """What can happen to tissue and after it; the first steps lead there at once, so that walks get far enough."""
    findings = list(story.episode.findings) if story.patient.episodes else []
    return [
        lambda: story.sampled() if story.patient.episodes else story.to_sample(),
        story.to_sample,
        *(lambda t=t: story.pathology(t) for t in Tissue),
        story.weighed,
        lambda: story.weighed(fits=False),
        lambda: story.weighed(follow_up=Plan.SHORT_INTERVAL),
        story.diagnosis_told,
        *(lambda p=p: story.take(st.PlanNext(finding=findings[-1], plan=p, conference=("a", "b"))) for p in Plan),
        lambda: story.take(st.RecordNoTissue(finding=findings[-1], why="a cyst")),
        lambda: story.take(st.RecordNotPossible(finding=findings[-1], why="too deep", plan=Plan.MORE_IMAGING)),
        lambda: story.take(st.Refer(episode=episode, team="Hill Street")),
        lambda: story.take(st.RecordAccepted(episode=episode, first_visit_on=story.day(3))),
        lambda: story.take(st.RecordFirstVisit(episode=episode, came=True), wait=timedelta(days=4)),
        lambda: story.take(st.RecordFirstVisit(episode=episode, came=False), wait=timedelta(days=4)),
    ]


STARTS: tuple[Callable[[], Story], ...] = (Story, *(tell for told in STORIES.values() for tell in told))


@given(some.sampled_from(STARTS), some.data())
@settings(max_examples=200, deadline=None)
def test_whatever_happens_her_page_has_words_and_none_too_soon(
    start: Callable[[], Story], data: some.DataObject
) -> None:
    """From the beginning, or from any state that has a story: whatever comes next."""
    story = start()
    for _ in range(data.draw(some.integers(1, 10))):
        choices = steps(story)
        try:
            choices[data.draw(some.integers(0, len(choices) - 1))]()
        except (Refused, IndexError, KeyError, ValueError):
            continue
        for coded in (False, True):
            holds(story, coded=coded)


def holds(story: Story, *, coded: bool) -> None:
    found = page(story, coded=coded)
    words = said(found)
    assert found.main.heading
    assert found.main.lead or found.main.visit or found.closed, found.main
    assert not THIRD_PERSON.search(words), words
    for episode in story.patient.episodes.values():
        for exam in episode.exams.values():
            if exam.id in found.exams:
                assert exam.result is not None
                assert guard.is_open(exam, episode, coded=coded)
    told = [
        (exam, {what for what, _which in results.said(exam, episode)})
        for episode in story.patient.episodes.values()
        for exam in episode.exams.values()
    ]
    knows = any(s.told for e in story.patient.episodes.values() for s in e.specimens.values())
    if not (knows and coded):
        assert not TISSUE.search(words), words
    sampled = coded and any(e.specimens for e in story.patient.episodes.values())  # she was there
    known = sampled or any(
        says & {Means.KNOWN, Means.MARKER} for exam, says in told if exam.id in found.exams
    )  # a biopsy that was
    grave = [
        exam
        for exam, says in told
        if says & SAMPLES or (exam.result is not None and exam.result.recommendation is Recommendation.BIOPSY)
    ]
    if not known and not any(coded and (exam.telling.told or exam.telling.seen) for exam in grave):
        assert not GRAVE.search(words), words
    if found.main.state in (State.SAMPLE, State.SAMPLE_AGAIN, State.TISSUE_WAITING, State.TISSUE_OPEN, State.CANCER):
        assert not COMFORT.search(said(found.main)), words
