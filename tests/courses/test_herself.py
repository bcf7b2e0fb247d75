"""Herself: what she asks for, how she is reached, who helps her, and a body that is not as the form expects."""

import pytest
from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.terms import Assessment as A
from closerlook.pathway.terms import FindingKind
from tests.courses.course import DIAGNOSTIC, SCREENING, answer, looked_at, lost, owed
from tests.pathway.story import (
    BOTH,
    CLINICIAN,
    DAY,
    FRONT_DESK,
    HERSELF,
    HOUR,
    LEFT,
    NAVIGATOR,
    NURSE,
    PROXY,
    RADIOLOGIST,
    RIGHT,
    TECHNOLOGIST,
    Story,
    called_back,
    sides,
)


def rungs(her: Story) -> set[str]:
    """The ways that are left to try to reach her."""
    return {x.subject.partition(":")[2] for x in her.loops if x.kind == "reach_her"}


def wishes(her: Story, wishes: ev.Wishes, by: ev.Actor = NAVIGATOR) -> Story:
    her.take(st.SetWishes(wishes=wishes), by)
    return her


def test_one_breast() -> None:
    """She has had her left breast removed. Her screening is of the right one; read normal, it settles her round, and
    the next one is counted from that day although only one breast was seen."""
    her = Story()
    her.take(st.Enrol(), FRONT_DESK)
    her.take(st.RecordAnatomy(anatomy=ev.Anatomy(absent=(LEFT,))), TECHNOLOGIST)
    exam = her.reported(None, A.NEGATIVE, looked_at=(RIGHT,))
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL
    assert her.episode.settled is not None
    assert her.episode.settled.screened_on == her.protocol.calendar.on(her.exam.performed_at)


def test_implants() -> None:
    """She has implants. The technologist records it, so that displaced views are made; the pictures of one breast could
    not be completed behind the implant, and a radiologist finds that they are the best to be had."""
    her = Story()
    exam = her.examined()
    her.take(st.RecordAnatomy(anatomy=ev.Anatomy(implants=BOTH)), TECHNOLOGIST)
    her.take(st.RecordIncomplete(exam=exam, reason="behind the implant", missing=(RIGHT,)), TECHNOLOGIST)
    her.take(st.RecordReading(exam=exam, sides=sides(A.NEGATIVE, A.NEGATIVE)), RADIOLOGIST)
    her.posted(exam)
    assert owed(her) == {"navigator: complete_examination"}
    her.take(st.AcceptExamination(exam=exam, reason="displaced views made; no better can be had"), RADIOLOGIST)
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL
    assert her.patient.anatomy.implants == BOTH


def test_a_man_with_a_lump() -> None:
    """He is a man and comes because of a lump, not from any invitation. The same pathway carries him: the symptom is
    answered by its own answer, and no screening day is set for him, with the reason recorded."""
    him = Story()
    him.examined(DIAGNOSTIC, (LEFT,), reason=ev.RoundReason.SYMPTOM)
    him.take(st.ReportSymptom(episode="e1", what="lump", side=LEFT), NURSE)
    exam = him.exam.id
    him.report(exam, him.reading(sides(A.BENIGN)))
    him.posted(exam)
    assert "radiologist: answer_symptom" in owed(him)
    (lump,) = him.episode.symptoms
    him.take(st.AnswerSymptom(symptom=lump, answer="gynaecomastia"), RADIOLOGIST)
    assert owed(him) == {"system: set_next_due"}
    him.take(st.EndInvitations(reason=ev.EndedFor.NO_BREAST_TISSUE, proof="told at the visit, letter"), FRONT_DESK)
    assert owed(him) == set()


def test_in_a_shelter_nothing_is_sent_home() -> None:
    """She lives in a shelter, and no letter or text may reach the address she has left. These ways are no rungs of the
    ladder for her: she is rung only, and nobody reminds her by text. She is not called lost because of letters that
    were never sent, but by a second person once the calls were made."""
    her = Story()
    quiet = (ev.Channel.TEXT, ev.Channel.LETTER, ev.Channel.CERTIFIED_LETTER)
    exam = her.reported(A.INCOMPLETE_IMAGING)
    assert {"text", "letter", "certified_letter"} <= rungs(her)
    wishes(her, ev.Wishes(not_by=quiet, route=ev.ContactRoute.SHELTER))
    assert not rungs(her) & {"text", "letter", "certified_letter"}
    her.take(st.RecordPosted(exam=exam, document=ev.Document.PROVIDER_REPORT, proof="fax"), FRONT_DESK)
    for _ in range(3):
        her.attempted()
    assert "manager: confirm_lost" in owed(her)
    lost(her)
    her.take(st.OpenHerPage(), HERSELF, 9 * DAY)
    her.told(exam, NAVIGATOR).planned(exam).booked()
    with pytest.raises(Refused, match="asked not to be contacted this way"):
        her.take(st.RecordReminded(episode="e1", channel=ev.Channel.TEXT), FRONT_DESK)


def test_in_custody_no_letter_goes_to_her_home() -> None:
    """She is in custody and is reached through the prison's health service. A letter to her home is no way to reach
    her."""
    her = Story()
    her.reported(A.INCOMPLETE_IMAGING)
    wishes(her, ev.Wishes(route=ev.ContactRoute.CUSTODY))
    assert not rungs(her) & {"text", "letter", "certified_letter"}


def test_a_woman_who_may_be_reached_through_her_shelter_only_is_not_lost_before_anyone_tried() -> None:
    """She may not be rung, texted or written to: she is reached through the shelter. On the day of her result nobody
    has tried anything, and nobody may call her lost."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.posted(exam)
    every = tuple(c for c in ev.Channel if c not in (ev.Channel.IN_PERSON, ev.Channel.HER_PAGE))
    wishes(her, ev.Wishes(not_by=every, route=ev.ContactRoute.SHELTER))
    assert "manager: confirm_lost" not in owed(her)


def test_she_needs_an_interpreter() -> None:
    """She speaks Polish. That is a wish of hers that stands through all her rounds; changing it later takes the place
    of what was set before, as a whole."""
    her = wishes(called_back(), ev.Wishes(interpreter="pl"), HERSELF)
    assert her.patient.wishes.interpreter == "pl"
    wishes(her, replace(her.patient.wishes, not_by=(ev.Channel.TEXT,)))
    assert (her.patient.wishes.interpreter, her.patient.wishes.not_by) == ("pl", (ev.Channel.TEXT,))
    assert her.take(st.SetWishes(wishes=her.patient.wishes), NAVIGATOR) == []


def test_her_daughter_decides_with_her() -> None:
    """She cannot decide alone any more, and her daughter helps her. The daughter may open the page, confirm a visit and
    ask for a call. A refusal is still taken by a clinician, and recorded as such; nobody declines on a page."""
    her = wishes(called_back(), ev.Wishes(route=ev.ContactRoute.PROXY, capacity=ev.Capacity.PROXY_DECIDES))
    her.take(st.ConfirmVisit(episode="e1"), PROXY)
    her.take(st.OpenResult(exam="e1.x2"), PROXY)
    her.take(st.AskForCall(best_time="after five"), PROXY)
    assert "navigator: call_her" in owed(her)
    step = st.RecordDecline(episode="e1", what="pictures", review_on=her.day(30), reviewer="u-navigator")
    with pytest.raises(Refused, match="Your role"):
        her.take(step, PROXY)
    her.take(st.RecordSpoken(channel=ev.Channel.PHONE), NURSE)
    her.take(step, NURSE)
    assert "navigator: review_pause" in owed(her)


def test_what_she_wrote_for_her_visit_is_read_and_copies_go_to_her() -> None:
    """She writes down what she wants to ask and shares it with the unit: somebody has to read it before she comes, and
    says so. She asks for copies of her pictures too; within the law's days they go to her. What she adds to
    her notes is told anew; asking twice for copies is asking once. Neither keeps her round open."""
    her = called_back()
    her.take(st.AskFor(what=ev.Request.NOTES), HERSELF)
    assert her.take(st.AskFor(what=ev.Request.NOTES), HERSELF) == ["RequestMade"]
    her.take(st.AskFor(what=ev.Request.COPIES), HERSELF)
    assert her.take(st.AskFor(what=ev.Request.COPIES), HERSELF) == []
    assert {"navigator: read_notes", "front_desk: send_copies"} <= owed(her)
    her.take(st.RecordMet(what=ev.Request.NOTES, proof="read; she takes warfarin, told the room"), NAVIGATOR)
    assert "navigator: read_notes" not in owed(her)
    with pytest.raises(Refused, match="not asked"):
        her.take(st.RecordMet(what=ev.Request.NOTES, proof="read"), NAVIGATOR)
    her.take(st.RecordMet(what=ev.Request.COPIES, proof="on a disc, handed over"), FRONT_DESK)
    assert "front_desk: send_copies" not in owed(her)


def test_she_says_no_on_her_page() -> None:
    """She reads what waiting means and says: not now. A page takes no refusal: a nurse rings her, and her round is as
    open as before."""
    her = called_back()
    her.take(st.RecordNoToday(episode="e1"), HERSELF)
    assert {"nurse: nurse_call", "navigator: resolve_abnormal"} <= owed(her)
    assert her.round.paused is None


def test_she_asks_to_be_told_before_her_page_shows_it() -> None:
    """She does not want to read of it alone. Until the day she named her page holds back a result that is not normal; a
    clinician tells her first, and then it is there. A normal result is never held back, and after that day nothing
    is."""
    her = Story()
    exam = her.examined()
    wishes(her, ev.Wishes(tell_first_until=her.day(14)), HERSELF)
    her.report(exam, her.reading(sides(A.SUSPICIOUS, A.NEGATIVE)))
    with pytest.raises(Refused, match="asked us to tell you this result ourselves first"):
        her.take(st.OpenResult(exam=exam), HERSELF)
    her.told(exam)
    assert her.take(st.OpenResult(exam=exam), HERSELF) == ["ResultSeen"]
    other = Story()
    exam = other.reported(A.NEGATIVE)
    wishes(other, ev.Wishes(tell_first_until=other.day(14)), HERSELF)
    assert other.take(st.OpenResult(exam=exam), HERSELF) == ["ResultSeen"]
    late = Story()
    exam = late.reported(A.INCOMPLETE_IMAGING)
    wishes(late, ev.Wishes(tell_first_until=late.day(2)), HERSELF).wait(3 * DAY)
    assert late.take(st.OpenResult(exam=exam), HERSELF) == ["ResultSeen"]


def test_she_opens_a_suspicious_result_before_anyone_rang() -> None:
    """Nothing is withheld from her: she opens her page at night and reads a suspicious result. Within two working hours
    a clinician rings her."""
    her = Story()
    exam = her.reported(A.HIGHLY_SUGGESTIVE)
    her.take(st.OpenResult(exam=exam), HERSELF, 4 * HOUR)
    assert her.loop("ring_after_seen").owner == "clinician"
    with pytest.raises(Refused, match="clinician tells her"):
        her.take(st.TellResult(exam=exam, channel=ev.Channel.PHONE), NAVIGATOR)
    her.told(exam, CLINICIAN)
    assert "clinician: ring_after_seen" not in owed(her)


def test_she_tells_where_her_earlier_pictures_are() -> None:
    """On her page she says where she was screened before, and that the pictures may be fetched. Nobody has to ask her
    again."""
    her = called_back()
    her.take(st.KnowPriors(episode="e1", source="Lakeside, 2021"), HERSELF)
    assert her.episode.priors.known == "Lakeside, 2021"
    assert her.take(st.KnowPriors(episode="e1", source="Lakeside, 2021"), HERSELF) == []


def test_she_asks_for_a_visit_she_confirmed_to_count_as_told() -> None:
    """She was called back and confirms her visit on her own page. Where the protocol says so, she knows why she comes,
    and no further call is owed for that. A suspicious result is always told by a person."""
    her = Story()
    exam = her.reported(A.INCOMPLETE_IMAGING)
    her.posted(exam).planned(exam).booked()
    assert "navigator: tell_result" in owed(her)
    her.take(st.ConfirmVisit(episode="e1"), HERSELF)
    assert "navigator: tell_result" not in owed(her)
    grave = Story()
    exam = grave.reported(A.INCOMPLETE_IMAGING, A.SUSPICIOUS)
    grave.posted(exam).planned(exam).booked()
    grave.take(st.ConfirmVisit(episode="e1"), HERSELF)
    assert "clinician: tell_result" in owed(grave)


def test_what_she_was_called_back_for_keeps_its_name() -> None:
    """Her reader coded calcium specks. Everything owed for her says so, so that whoever rings her knows why."""
    her = Story()
    exam = her.examined()
    specks = ev.Finding("f1", FindingKind.CALCIFICATIONS, LEFT)
    her.report(exam, her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE), findings=(specks,)))
    assert her.loop("tell_result").about == "left calcifications"
    her.told(exam).posted(exam).planned(exam).booked()
    seen = looked_at(her, DIAGNOSTIC, A.BENIGN)
    answer(her, seen, ev.FindingAnswer("f1", A.BENIGN, ev.How.BENIGN_CAUSE))
    assert her.outcome is ev.SettledAs.BENIGN_AFTER_WORKUP


def test_she_is_too_old_to_be_invited_and_may_still_come() -> None:
    """Invitations end with an age, and she is told in writing. She may come all the same: her screening is read and
    told like any other, and nobody invites her again."""
    her = Story().due()
    her.take(st.EndInvitations(reason=ev.EndedFor.AGE, proof="letter"), FRONT_DESK)
    assert owed(her) == set()
    her.posted(her.reported(A.NEGATIVE))
    assert her.outcome is ev.SettledAs.NORMAL
    assert owed(her) == set()
    assert SCREENING not in her.episode.visits
