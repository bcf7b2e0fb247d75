"""Before the examination, beside the findings, and herself: each course told once. The docstring is what it shows."""

from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace

from closerlook.demonstration.stage import LEFT, RIGHT, Stage
from closerlook.demonstration.stories import (
    CALLED_LEFT,
    CALLED_RIGHT,
    DENSE,
    NORMAL,
    SCATTERED,
    booked,
    nearly_lost,
    normal,
    short_interval,
    told_to_book,
)
from closerlook.pathway import steps as st
from closerlook.pathway.events import (
    Anatomy,
    Capacity,
    Channel,
    ContactRoute,
    EndedFor,
    Finding,
    Purpose,
    Request,
    SideAssessment,
    Wishes,
)
from closerlook.pathway.terms import Assessment, FindingKind
from closerlook.portal.family import Cancer, Relation

A = Assessment
LETTER = "posted, first class"
SCREENING = Purpose.SCREENING

# ---------------------------------------------------------------- before the examination


def not_due_yet(s: Stage) -> None:
    """Known here and due in half a year: nothing is owed but her invitation, when the time comes."""
    s.days_ago(30)
    s.known()
    s.take("navigator", st.SetNextDue(due_on=s.day(210), why="yearly from 40"))


def invited(s: Stage) -> None:
    """Invited, and she has no time yet."""
    s.days_ago(6)
    s.invited()


def invitation_to_post(s: Stage) -> None:
    """Due soon: her round has begun by itself, and her invitation is printed and waits for the post."""
    s.days_ago(1)
    s.known()
    s.take("navigator", st.SetNextDue(due_on=s.day(20), why="yearly from 40"))
    s.work()


def invited_and_booked(s: Stage) -> None:
    """Invited, and booked for screening the day after tomorrow: she is to be reminded."""
    s.days_ago(10)
    s.invited(14)
    s.book(12, SCREENING)


def missed_twice(s: Stage) -> None:
    """Invited, and missed two visits: she and her doctor are to be written to before the round is closed."""
    s.days_ago(30)
    s.invited()
    _misses_two(s)


def _misses_two(s: Stage) -> None:
    for _ in range(2):
        s.book(7, SCREENING)
        s.later(7 * 24 + 2)
        s.begins(SCREENING)
        s.take("desk", st.RecordMissed(episode=s.episode.id, purpose=SCREENING))


def invited_again(s: Stage) -> None:
    """Missed two visits last year and was not screened; now she is due and invited again."""
    s.days_ago(360)
    s.invited(5)
    _misses_two(s)
    s.take("desk", st.RecordNotScreened(episode=s.episode.id, proof=LETTER))
    s.days_ago(3)
    s.work()
    s.take("desk", st.RecordInvited(episode=s.episode.id, proof=LETTER))


def put_off(s: Stage) -> None:
    """Invited while she was pregnant: put off to a day that suits her, and invited again then."""
    s.days_ago(15)
    s.invited()
    s.take("navigator", st.DeferScreening(episode=s.episode.id, until=s.day(300), reason="pregnant"))


def opted_out(s: Stage) -> None:
    """She asked not to be invited any more, and was told in writing that she may come back."""
    s.days_ago(20)
    s.invited()
    s.take("desk", st.EndInvitations(reason=EndedFor.OPTED_OUT, proof=LETTER))


def surveillance_invited(s: Stage) -> None:
    """Six months after "probably benign": her check is due, she was written to and is to be given a time."""
    short_interval(s, 185)
    first = next(iter(s.dated))
    s.days_ago(2)
    s.take("navigator", st.OpenRound(site="main", answers=first))
    s.work()
    s.take("desk", st.RecordInvited(episode=s.episode.id, proof=LETTER))


# ---------------------------------------------------------------- examined and read


def incomplete(s: Stage) -> None:
    """She felt faint, and the left breast was not shown: what there is waits to be read, the rest is owed."""
    s.days_ago(1)
    s.report(status="I", impression="")
    s.take("technologist", st.RecordIncomplete(exam=s.exam.id, reason="she felt faint", missing=(LEFT,)))


def reading_held(s: Stage) -> None:
    """The reading waits for older pictures, and a radiologist by name looks again."""
    s.days_ago(1)
    s.report(status="I", impression="")
    s.take("radiologist", st.DeferReading(exam=s.exam.id, reason="older pictures", release_by="radiologist"))


def technical_repeat(s: Stage) -> None:
    """One picture was blurred: asked back to have it made again, which is no finding."""
    s.days_ago(2)
    s.report(status="I", impression="")
    blurred = Finding("f-blur", FindingKind.TECHNICAL, LEFT, "MLO", A.INCOMPLETE_IMAGING)
    sides = (SideAssessment(A.INCOMPLETE_IMAGING, LEFT), SideAssessment(A.NEGATIVE, RIGHT))
    s.take("radiologist", st.RecordReading(exam=s.exam.id, sides=sides, findings=(blurred,)))
    step = st.DecideCallBack(exam=s.exam.id, sides=(LEFT,), reasons=(FindingKind.TECHNICAL,), views=("MLO",))
    s.take("radiologist", replace(step, technical=True))
    s.tell()
    s.letters()


def priors_cancel_the_call_back(s: Stage) -> None:
    """Booked, then older pictures came and show that nothing is new: her visit is to be cancelled, and she told."""
    s.days_ago(3)
    s.report(coded=CALLED_RIGHT, findings=SCATTERED, impression="Asymmetry, right. Additional views.")
    s.plan(side=RIGHT, reason=FindingKind.ASYMMETRY)
    s.tell()
    s.letters()
    s.book(6)
    s.take("desk", st.KnowPriors(episode=s.episode.id, source="Lakeside Imaging"))
    s.later(30)
    s.take("desk", st.ReceivePriors(episode=s.episode.id, source="Lakeside Imaging"))
    s.sign(A.NEGATIVE, with_priors=True)


def withdrawn_unplaced(s: Stage) -> None:
    """Report and pictures were another woman's: both are gone from her record, and their owner is sought."""
    s.days_ago(2)
    s.report(coded=CALLED_LEFT, findings=SCATTERED, impression="Mass, left. Additional views and ultrasound.")
    step = st.WithdrawReport(exam=s.exam.id, reason="scanned under the wrong name", examination_hers=False)
    s.take("radiologist", step)


def incidental(s: Stage) -> None:
    """A thyroid nodule was seen beside the breast: her doctor has taken it over, and her own result is normal."""
    normal(s)
    s.take("radiologist", st.RecordIncidental(episode=s.episode.id, what="thyroid nodule"))
    name = next(iter(s.episode.incidentals))
    s.take("navigator", st.PassOnIncidental(incidental=name, to="Dr Moreau", proof="rang, Dr Moreau sees her Friday"))


# ---------------------------------------------------------------- care elsewhere


def lost(s: Stage) -> None:
    """The whole ladder was tried, and a second person confirmed it: lost, with a day on which someone looks again."""
    nearly_lost(s)
    review = (s.today + timedelta(days=60)).date()
    step = st.ConfirmLost(episode=s.episode.id, everything_tried=True, review_on=review, reviewer="navigator")
    s.take("manager", step)


def care_moved(s: Stage) -> None:
    """Called back, and she goes on at another clinic, which has said so: its result is to be fetched."""
    told_to_book(s)
    s.take("navigator", st.MoveCare(episode=s.episode.id, to="Lakeside Breast Center"))
    s.take("navigator", st.AcknowledgeCare(episode=s.episode.id, proof="their letter"))


def care_asked(s: Stage) -> None:
    """Called back, and another clinic was asked to go on: until it says yes, she stays ours."""
    told_to_book(s)
    s.take("navigator", st.MoveCare(episode=s.episode.id, to="Hillcrest Radiology"))


def claims_outside(s: Stage) -> None:
    """She says that it was done elsewhere: a claim closes nothing, the result is fetched."""
    told_to_book(s)
    s.take("navigator", st.ClaimOutside(episode=s.episode.id, source="Lakeside Imaging"))


# ---------------------------------------------------------------- herself


def one_breast(s: Stage) -> None:
    """She has one breast: a screening of that one alone, normal, is whole."""
    s.days_ago(15)
    s.known()
    s.take("technologist", st.RecordAnatomy(anatomy=Anatomy(absent=(LEFT,))))
    s.report(status="I", impression="")
    s.take("radiologist", st.RecordReading(exam=s.exam.id, sides=(SideAssessment(A.NEGATIVE, RIGHT),)))
    s.letters()


def implants(s: Stage) -> None:
    """She has implants: whoever plans her visit sees it. Examined, to be read."""
    s.days_ago(0, -4)
    s.report(status="I", impression="")
    s.take("technologist", st.RecordAnatomy(anatomy=Anatomy(implants=(LEFT, RIGHT))))


def in_a_shelter(s: Stage) -> None:
    """Called back, and living in a shelter: nothing is sent home, she is reached through the shelter."""
    s.days_ago(1, -3)
    s.report(coded=CALLED_LEFT, findings=DENSE, impression="Mass, left. Additional views and ultrasound.")
    s.plan(reason=FindingKind.MASS)
    quiet = (Channel.TEXT, Channel.LETTER, Channel.CERTIFIED_LETTER)
    s.take("navigator", st.SetWishes(wishes=Wishes(not_by=quiet, route=ContactRoute.SHELTER)))


def interpreter(s: Stage) -> None:
    """Called back and booked; she speaks Polish, and an interpreter is asked for."""
    booked(s)
    s.take("navigator", st.SetWishes(wishes=Wishes(interpreter="pl")))


def with_her_daughter(s: Stage) -> None:
    """She cannot decide alone any more, and her daughter helps her: called back and told."""
    told_to_book(s)
    wishes = Wishes(route=ContactRoute.PROXY, capacity=Capacity.PROXY_DECIDES)
    s.take("navigator", st.SetWishes(wishes=wishes))


def tell_me_first(s: Stage) -> None:
    """She asked to be told before her page shows it; the result is suspicious, and a clinician has to ring her."""
    s.days_ago(0, -4)
    s.known()
    s.she(st.SetWishes(wishes=Wishes(tell_first_until=s.day(14))))
    s.report(coded=(("left", "4B^Suspicious^L"), ("right", "1^Negative^L")), findings=DENSE)


def interval_cancer(s: Stage) -> None:
    """A cancer found elsewhere since her normal screening: no invitations, and her last pictures to be reviewed."""
    s.days_ago(300)
    s.report(coded=NORMAL, findings=DENSE, impression="No mammographic evidence of malignancy.")
    s.letters()
    s.days_ago(2)
    s.take("radiologist", st.RecordIntervalCancer(found_on=s.day(-20), side=LEFT))


def died(s: Stage) -> None:
    """Called back and booked; then her family rang: she has died, and nothing is sent to her any more."""
    booked(s)
    s.take("nurse", st.RecordDeath(died_on=s.day(-1)))


def merged(s: Stage) -> None:
    """Entered twice under two numbers: one record was merged into the other, where her call-back goes on."""
    s.days_ago(12)
    s.known()
    first = s.patient
    s.person = replace(s.person, number=f"{s.person.number}-2")
    s.days_ago(6)
    s.known()
    s.report(coded=CALLED_LEFT, findings=DENSE, impression="Focal asymmetry, left. Additional views and ultrasound.")
    s.plan()
    survivor = s.patient
    s.patient = first
    s.take("manager", st.MergeInto(survivor=survivor))
    s.patient = survivor
    s.take("manager", st.Absorb(retired=first))


def owner_named(s: Stage) -> None:
    """Called back and told; the navigator by name looks after her, with the nurse as cover."""
    told_to_book(s)
    s.take("manager", st.AssignOwner(episode=s.episode.id, owner="navigator", cover="nurse"))


def shares_her_notebook(s: Stage) -> None:
    """Called back and booked; she wrote down what she wants to ask and to tell, and shares it with the unit."""
    told_to_book(s)
    s.book(2.1)
    s.writes("question", "Will I know the result before I leave?")
    s.writes("worry", "My mother had it, and I cannot sleep.")
    s.writes("medicine", "warfarin, for the heart")
    s.tells_of(Relation.MOTHER, Cancer.BREAST, 52)
    s.tells_of(Relation.MOTHERS_SISTER, Cancer.OVARY, 61)
    s.tells_of(Relation.SISTER, Cancer.NONE, None)
    s.shares_notebook()


def asks_for_copies(s: Stage) -> None:
    """Screened and normal; she moves, and asks for copies of her pictures."""
    s.days_ago(9)
    s.report(coded=NORMAL, findings=DENSE, impression="No mammographic evidence of malignancy.")
    s.letters()
    s.days_ago(2)
    s.she(st.AskFor(what=Request.COPIES))


ALL: tuple[Callable[[Stage], None], ...] = (
    not_due_yet, invited, invitation_to_post, invited_and_booked, missed_twice, invited_again, put_off, opted_out,
    surveillance_invited, incomplete, reading_held, technical_repeat, priors_cancel_the_call_back, withdrawn_unplaced,
    incidental, lost, care_moved, care_asked, claims_outside, one_breast, implants, in_a_shelter, interpreter,
    with_her_daughter, tell_me_first, interval_cancer, died, merged, owner_named,
    shares_her_notebook, asks_for_copies,
)  # fmt: skip
