"""Before the examination: she is due, invited, reminded; she comes, does not come, puts it off, or wants no more."""

import pytest

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.terms import Assessment as A
from tests.courses.course import DIAGNOSTIC, LETTER, SCREENING, came_and_was_screened, lost, owed, read_normal
from tests.pathway.story import (
    DAY,
    FRONT_DESK,
    HERSELF,
    LEFT,
    MANAGER,
    NAVIGATOR,
    PROXY,
    RADIOLOGIST,
    RIGHT,
    TECHNOLOGIST,
    UK,
    WORKER,
    Story,
    sides,
    worked_up,
)


def test_due_invited_reminded_came_and_all_was_normal() -> None:
    """She is due in a month. Her round begins, her invitation goes out with a time, she is reminded two days before,
    comes, and her pictures are normal. Once her letter and her doctor's report are posted the round is settled, and the
    day of her next screening is to be set."""
    her = Story()
    her.take(st.Enrol(), FRONT_DESK)
    assert owed(her) == {"system: set_next_due"}
    her.due(30)
    assert owed(her) == {"system: invite"}
    her.begun()
    assert owed(her) == {"system: send_invitation", "front_desk: book_screening", "front_desk: attend_screening"}
    her.booked(14, SCREENING).invited()
    assert owed(her) == {"front_desk: attend_screening", "front_desk: remind", "front_desk: close_visit"}
    her.wait(12 * DAY)
    step = st.RecordReminded(episode=her.round.id, channel=ev.Channel.TEXT, purpose=SCREENING)
    her.take(step, FRONT_DESK)
    assert owed(her) == {"front_desk: attend_screening", "front_desk: close_visit"}
    exam = came_and_was_screened(her, 2)
    assert owed(her) == {"radiologist: read", "navigator: explain_wait"}
    read_normal(her, exam)
    assert owed(her) == {"system: send_summary", "system: tell_provider"}
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL
    assert owed(her) == {"system: set_next_due"}
    her.due(365)
    assert owed(her) == {"system: invite"}


def test_she_missed_two_visits_was_not_screened_and_is_invited_in_the_next_round() -> None:
    """She does not come. She is given a second time, and misses that too. She and her doctor are written to, the round
    closes as not screened, and she is invited again when the next round is due: missing a visit ends nothing."""
    her = Story().due().begun().booked(14, SCREENING).invited().missed(15, SCREENING)
    assert "front_desk: book_screening" in owed(her)
    with pytest.raises(Refused, match="Nothing of this kind is owed"):
        her.take(st.RecordNotScreened(episode=her.round.id, proof=LETTER), FRONT_DESK)
    her.booked(14, SCREENING).missed(15, SCREENING)
    assert owed(her) == {"front_desk: attend_screening", "front_desk: close_not_screened"}
    her.take(st.RecordNotScreened(episode=her.round.id, proof=LETTER), FRONT_DESK)
    assert her.outcome is ev.SettledAs.NOT_SCREENED
    assert owed(her) == {"system: set_next_due"}
    her.due(365).wait(330 * DAY).begun().invited()
    assert owed(her) == {"front_desk: book_screening", "front_desk: attend_screening"}


def test_a_woman_who_comes_after_her_round_was_closed_as_not_screened_is_examined_in_it() -> None:
    """She missed both visits, and the round was closed. A week later she stands at the desk. Her pictures are filed in
    that round, which opens again as if it had never been closed."""
    her = Story().due().begun().invited()
    for _ in range(2):
        her.booked(14, SCREENING).missed(15, SCREENING)
    her.take(st.RecordNotScreened(episode=her.round.id, proof=LETTER), FRONT_DESK)
    exam = her.examined(episode=her.round.id)
    assert her.facts()[-1] == "Reopened"
    assert owed(her) == {"radiologist: read", "navigator: explain_wait"}
    read_normal(her, exam)
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL


def test_opted_out_and_back() -> None:
    """She asks not to be invited any more, and is told in writing that she may come back at any time. A year later she
    changes her mind, on her own page. From that day a day for her is owed again."""
    her = Story().due().begun().invited()
    her.take(st.EndInvitations(reason=ev.EndedFor.OPTED_OUT, proof="letter of that day"), FRONT_DESK)
    assert her.outcome is ev.SettledAs.ENDED
    assert owed(her) == set()
    with pytest.raises(Refused, match="not invited at present"):
        her.take(st.SetNextDue(due_on=her.day(90), why="guideline"), WORKER)
    her.wait(365 * DAY)
    assert her.take(st.ResumeInvitations(), HERSELF) == ["InvitationsResumed"]
    assert owed(her) == {"system: set_next_due"}
    her.due(14).begun()
    assert "system: send_invitation" in owed(her)


def test_opted_out_with_a_visit_booked() -> None:
    """She has a time for her screening and then opts out. The visit is to be cancelled: nobody reminds a woman of a
    screening she has said no to."""
    her = Story().due().begun().invited().booked(14, SCREENING)
    her.take(st.EndInvitations(reason=ev.EndedFor.OPTED_OUT, proof=LETTER), FRONT_DESK)
    assert owed(her) == {"navigator: cancel_visit"}
    her.take(st.CancelVisit(episode=her.round.id, by_her=True, purpose=SCREENING), NAVIGATOR)
    assert her.outcome is ev.SettledAs.ENDED


def test_put_off_because_she_is_pregnant() -> None:
    """She is pregnant when her invitation comes. Her screening is put off to a day she agrees to, her visit is
    cancelled so that nobody waits for her, and on that day her next round begins by itself."""
    her = Story().due().begun().invited().booked(14, SCREENING)
    until = her.day(300)
    her.take(st.DeferScreening(episode=her.round.id, until=until, reason="pregnant"), NAVIGATOR)
    assert owed(her) == {"navigator: cancel_visit", "system: invite"}
    her.take(st.CancelVisit(episode=her.round.id, by_her=True, purpose=SCREENING), NAVIGATOR)
    assert her.outcome is ev.SettledAs.DEFERRED
    assert owed(her) == {"system: invite"}
    assert her.loop("invite").due_at == her.protocol.calendar.end_of(until)


def test_a_work_up_is_never_put_off() -> None:
    """She has been examined and called back when she asks for it to be put off. That is not a deferral: she books
    another day, or a nurse takes her informed refusal."""
    her = Story().due().begun().invited().booked(7, SCREENING)
    exam = came_and_was_screened(her)
    her.report(exam, her.reading(sides(A.INCOMPLETE_IMAGING, A.NEGATIVE)))
    with pytest.raises(Refused, match="a work-up is not put off"):
        her.take(st.DeferScreening(episode=her.round.id, until=her.day(100), reason="holiday"), NAVIGATOR)


def test_she_moves_her_visit_herself_and_confirms_it() -> None:
    """Her time does not suit her. The desk gives her another; she confirms it on her page and is reminded of the new
    one, not of the old."""
    her = Story().due().begun().booked(14, SCREENING).invited()
    her.take(st.RecordReminded(episode=her.round.id, channel=ev.Channel.TEXT, purpose=SCREENING), FRONT_DESK)
    move = st.MoveVisit(episode=her.round.id, starts_at=her.now + 20 * DAY, place="Riverside", purpose=SCREENING)
    her.take(move, FRONT_DESK)
    assert "front_desk: remind" in owed(her)
    her.take(st.ConfirmVisit(episode=her.round.id, purpose=SCREENING), PROXY)
    her.take(st.RecordReminded(episode=her.round.id, channel=ev.Channel.PHONE, purpose=SCREENING), FRONT_DESK)
    assert owed(her) == {"front_desk: attend_screening", "front_desk: close_visit"}


def test_the_examination_could_not_be_completed_and_was_completed_another_day() -> None:
    """She felt faint, and the left breast could not be shown. What was made is read, and she is asked to come once
    more. The pictures of the left breast complete her screening: they are its repeat, not a new round."""
    her = Story().due().begun().invited().booked(7, SCREENING)
    exam = came_and_was_screened(her)
    her.take(st.RecordIncomplete(exam=exam, reason="she felt faint", missing=(LEFT,)), TECHNOLOGIST)
    assert "navigator: complete_examination" in owed(her)
    rest = her.examined(looked_at=(LEFT,), episode=her.round.id)
    assert "navigator: complete_examination" not in owed(her)
    assert her.exam.kind == "technical_repeat"
    read_normal(her, exam)
    her.posted(exam)
    her.take(st.RecordReading(exam=rest, sides=sides(A.NEGATIVE)), RADIOLOGIST)
    her.posted(rest)
    assert her.outcome is ev.SettledAs.NORMAL


def test_the_examination_could_not_be_completed_and_is_the_best_to_be_had() -> None:
    """She cannot raise her arm, and no better pictures can be made. A radiologist says so, and they are read as they
    are; she is not asked to come for nothing, and the letter that said so is followed by one that does not."""
    her = Story()
    exam = her.examined()
    her.take(st.RecordIncomplete(exam=exam, reason="frozen shoulder", missing=(LEFT,)), TECHNOLOGIST)
    read_normal(her, exam)
    her.posted(exam)
    assert owed(her) == {"navigator: complete_examination"}
    her.take(st.AcceptExamination(exam=exam, reason="no better view of the left armpit"), RADIOLOGIST_ON_DUTY)
    her.posted(exam)
    assert her.outcome is ev.SettledAs.NORMAL


RADIOLOGIST_ON_DUTY = ev.Actor(ev.Kind.STAFF, "u-on-duty", ("radiologist",))


def test_the_visit_for_the_missing_pictures_ends_with_them() -> None:
    """She is given a time for the missing pictures, comes, and they are made. Nothing is left to be cancelled."""
    her = Story()
    exam = her.examined()
    her.take(st.RecordIncomplete(exam=exam, reason="she felt faint", missing=(LEFT,)), TECHNOLOGIST)
    her.booked(3, SCREENING).wait(3 * DAY)
    her.examined(looked_at=(LEFT,), episode=her.round.id)
    assert "navigator: cancel_visit" not in owed(her)


# ---------------------------------------------------------------- the short-interval check


def watched() -> Story:
    """Her call-back ended as probably benign: she is to be seen after six months, a year and two years."""
    her = worked_up(A.PROBABLY_BENIGN)
    her.answered(her.finding, her.exam.id, A.PROBABLY_BENIGN)
    return her


def test_seen_after_six_months_a_year_and_two_years() -> None:
    """What was found is probably benign. Her round is settled as watched, and three dated visits are owed. She comes to
    each of them; after the last her breast is benign, and nothing is owed but her next screening."""
    her = watched()
    assert her.outcome is ev.SettledAs.SURVEILLANCE
    assert [v.months for v in her.patient.dated.values()] == [6, 12, 24]
    for visit, says in (("e1.s6", A.PROBABLY_BENIGN), ("e1.s12", A.PROBABLY_BENIGN), ("e1.s24", A.BENIGN)):
        her.wait(180 * DAY)
        assert her.loop("surveillance_visit", visit).owner == "navigator"
        exam = her.reported(says, None, kind=DIAGNOSTIC, looked_at=(LEFT,), answers=visit)
        her.told(exam).posted(exam)
    assert her.patient.dated == {}
    assert owed(her) == {"system: set_next_due"}


def test_the_watching_ends_when_what_was_watched_is_benign() -> None:
    """After six months what was watched is plainly a cyst, and her breast is called benign. The visits after a year
    and two years would be for nothing: they end, and her log says by which round. The other breast ends nothing."""
    her = watched()
    her.wait(180 * DAY)
    other = her.reported(None, A.BENIGN, kind=DIAGNOSTIC, looked_at=(RIGHT,), answers="e1.s6")
    her.posted(other)
    assert [v.months for v in her.patient.dated.values()] == [12, 24]
    her.wait(180 * DAY)
    exam = her.reported(A.BENIGN, None, kind=DIAGNOSTIC, looked_at=(LEFT,), answers="e1.s12")
    her.posted(exam)
    assert her.patient.dated == {}
    assert "SurveillanceEnded" in her.facts()


def test_a_missed_six_month_visit_is_chased_like_a_call_back() -> None:
    """Her six-month round begins, she has a time, and does not come. This is no invitation that may lapse: she is rung,
    texted and written to, and called lost only when everything was tried and a second person says so. The next
    dated visits stay owed."""
    her = watched().wait(180 * DAY).begun("e1.s6").invited()
    assert "system: invite" not in owed(her)
    her.booked(14, SCREENING).missed(15, SCREENING)
    assert {"front_desk: book_screening", "front_desk: attend_screening"} <= owed(her)
    assert "navigator: reach_her" in owed(her)
    assert "front_desk: close_not_screened" not in owed(her)
    with pytest.raises(Refused, match="short-interval check"):
        her.take(st.DeferScreening(episode=her.round.id, until=her.day(100), reason="holiday"), NAVIGATOR)
    for channel in (ev.Channel.PHONE,) * 3 + (ev.Channel.TEXT, ev.Channel.LETTER, ev.Channel.CERTIFIED_LETTER):
        outcome = ev.Outcome.VOICEMAIL if channel is ev.Channel.PHONE else ev.Outcome.SENT
        her.take(st.RecordContact(episode=her.round.id, channel=channel, outcome=outcome), NAVIGATOR, DAY)
    assert "manager: confirm_lost" in owed(her)
    lost(her)
    assert owed(her) >= {"navigator: review_pause", "navigator: surveillance_visit"}
    assert her.take(st.OpenHerPage(), HERSELF) == ["Resumed"]
    assert "front_desk: book_screening" in owed(her)


def test_the_visit_of_a_six_month_check_ends_with_its_pictures() -> None:
    """She comes to her six-month visit and a diagnostic mammogram is made. Her visit is over with that: nobody is asked
    to cancel it."""
    her = watched().wait(180 * DAY).begun("e1.s6").invited().booked(14, SCREENING).wait(14 * DAY)
    her.examined(DIAGNOSTIC, (LEFT,), episode=her.round.id)
    assert "navigator: cancel_visit" not in owed(her)


def test_a_six_month_check_filed_without_its_round_is_put_where_it_belongs() -> None:
    """Her six-month round has begun. The feed sends the diagnostic mammogram and names the dated visit, as it would
    have before the round began. It belongs in the round that waits for it, which must not wait for ever."""
    her = watched().wait(180 * DAY).begun("e1.s6").invited()
    her.examined(DIAGNOSTIC, (LEFT,), answers="e1.s6")
    assert "front_desk: attend_screening" not in owed(her)


# ---------------------------------------------------------------- who she is


def test_a_screening_in_the_united_kingdom_has_its_own_clocks() -> None:
    """The same course under other rules: the second timed visit, and the round closed as not screened, belong to the
    programme; how long each may take is in its protocol."""
    her = Story(protocol=UK).due().begun().booked(14, SCREENING).invited().missed(15, SCREENING)
    assert her.loop("book_screening").late_at > her.now
    her.booked(14, SCREENING).missed(15, SCREENING)
    her.take(st.RecordNotScreened(episode=her.round.id, proof=LETTER), FRONT_DESK)
    assert her.outcome is ev.SettledAs.NOT_SCREENED


def test_two_records_of_one_woman_are_merged_and_taken_apart_again() -> None:
    """A registrar finds two records of one woman. This one is retired: what was open in it stays owed, and no new round
    begins from it. When they prove to be two women after all, a day for her is owed again."""
    her = Story()
    exam = her.reported(A.NEGATIVE)
    her.take(st.MergeInto(survivor="p2"), MANAGER)
    assert owed(her) == {"system: send_summary", "system: tell_provider"}
    her.posted(exam)
    assert owed(her) == set()
    with pytest.raises(Refused, match="not invited"):
        her.take(st.SetNextDue(due_on=her.day(90), why="guideline"), WORKER)
    with pytest.raises(Refused, match="merged with another"):
        her.take(st.MergeInto(survivor="p3"), MANAGER)
    her.take(st.Unmerge(other="p2"), MANAGER)
    assert owed(her) == {"system: set_next_due"}


def test_the_record_that_survives_knows_which_one_it_took_in() -> None:
    """The other side of a merge: the surviving record names the retired one, and can itself not be retired before."""
    her = Story().due()
    her.take(st.Absorb(retired="p9"), MANAGER)
    assert her.patient.absorbed == ("p9",)
    with pytest.raises(Refused, match="merged with another"):
        her.take(st.MergeInto(survivor="p2"), MANAGER)
    her.take(st.Unmerge(other="p9"), MANAGER)
    assert not her.patient.absorbed
    assert owed(her) == {"system: invite"}
