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
from closerlook.pathway.terms import Assessment, ExaminationKind, NeedsPerson, ReportStatus
from closerlook.portal import guard
from closerlook.portal.parts import State
from tests.her_page.reading import COMFORT, GRAVE, THIRD_PERSON, page, said
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
    ]


@given(some.data())
@settings(max_examples=80)
def test_whatever_happens_her_page_has_words_and_none_too_soon(data: some.DataObject) -> None:
    story = Story()
    for _ in range(data.draw(some.integers(1, 12))):
        choices = steps(story)
        try:
            choices[data.draw(some.integers(0, len(choices) - 1))]()
        except (Refused, IndexError, KeyError):
            continue
        for coded in (False, True):
            holds(story, coded=coded)


def holds(story: Story, *, coded: bool) -> None:
    found = page(story, coded=coded)
    words = said(found)
    assert found.main.heading
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
    known = any(
        says & {Means.KNOWN, Means.MARKER} for exam, says in told if exam.id in found.exams
    )  # a biopsy that was
    grave = [exam for exam, says in told if says & SAMPLES]
    if not known and not any(coded and (exam.telling.told or exam.telling.seen) for exam in grave):
        assert not GRAVE.search(words), words
    if found.main.state is State.SAMPLE:
        assert not COMFORT.search(said(found.main)), words
