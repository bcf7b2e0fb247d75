"""The courses, each told once. The docstring is what the story shows; `ALL` is the order they are played in."""

from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace

from closerlook.demonstration import feed
from closerlook.demonstration.stage import LEFT, RIGHT, Stage
from closerlook.pathway import steps as st
from closerlook.pathway.events import Channel, FindingAnswer, Outcome
from closerlook.pathway.terms import Assessment, FindingKind

NORMAL = (("", "1^Negative^L"),)
BENIGN = (("", "2^Benign^L"),)
CALLED_LEFT = (("left", "0^Incomplete: Need additional imaging evaluation^L"), ("right", "1^Negative^L"))
CALLED_RIGHT = (("right", "0^Incomplete: Need additional imaging evaluation^L"), ("left", "2^Benign^L"))
DENSE = "The breasts are heterogeneously dense, which may obscure small masses."
SCATTERED = "There are scattered areas of fibroglandular density."
A = Assessment


def normal(s: Stage) -> None:
    """A normal result, told in writing, settled."""
    s.days_ago(20)
    s.report(coded=NORMAL, findings=SCATTERED, impression="No mammographic evidence of malignancy.")
    s.letters()


def normal_dense(s: Stage) -> None:
    """A normal result with dense breasts; her letter says so."""
    s.days_ago(9)
    s.report(coded=BENIGN, findings=DENSE, impression="Benign findings. Routine screening.")
    s.letters()


def normal_today(s: Stage) -> None:
    """A normal result of this morning; the letter is printed and waits for the post."""
    s.days_ago(0, -4)
    s.report(coded=NORMAL, findings=SCATTERED, impression="No mammographic evidence of malignancy.")
    s.letters(posted=False)


def not_read_yet(s: Stage) -> None:
    """Examined, no report yet: the list of examinations knows her, the report feed does not."""
    s.days_ago(0, -4)
    s.report(status="I", impression="")


def preliminary(s: Stage) -> None:
    """A preliminary report that sounds grave: shown to staff, told to nobody, owes a signature today."""
    s.days_ago(0, -4)
    s.report(status="P", findings=DENSE, impression="Spiculated mass in the left breast, concerning for malignancy.")


def prose_only(s: Stage) -> None:
    """A sender whose prose is not trusted: a radiologist confirms the category before she hears anything."""
    s.days_ago(0, -4)
    s.report(sender=feed.PROSE, findings=SCATTERED, impression="No suspicious finding. BI-RADS category 2, benign.")


def no_category(s: Stage) -> None:
    """No category at all, and the words advise biopsy: in front of the radiologist's list."""
    s.days_ago(0, -5)
    s.report(sender=feed.PROSE, findings=DENSE, impression="New spiculated mass at 2 o'clock. Biopsy is recommended.")


def called_back(s: Stage) -> None:
    """Called back this morning; the call-back is not planned yet."""
    s.days_ago(0, -4)
    s.report(coded=CALLED_LEFT, findings=DENSE, impression="Focal asymmetry, left. Additional views and ultrasound.")


def called_back_planned(s: Stage) -> None:
    """Called back and planned: nobody has spoken with her yet."""
    s.days_ago(0, -5)
    s.report(coded=CALLED_LEFT, findings=SCATTERED, impression="Calcifications, left. Magnification views.")
    s.plan(reason=FindingKind.CALCIFICATIONS)


def called_back_voicemail(s: Stage) -> None:
    """Two calls, two voicemails: voicemail is not contact, the next rung is open."""
    s.days_ago(5)
    s.report(coded=CALLED_RIGHT, findings=SCATTERED, impression="Asymmetry, right. Additional views.")
    s.plan(side=RIGHT, reason=FindingKind.ASYMMETRY)
    for hours in (20, 27):
        s.later(hours)
        s.take("navigator", called(s, Outcome.VOICEMAIL))


def told_to_book(s: Stage) -> None:
    """Told by phone, the visit not booked yet."""
    s.days_ago(0, -4)
    s.report(coded=CALLED_LEFT, findings=DENSE, impression="Mass, left. Additional views and ultrasound.")
    s.plan(reason=FindingKind.MASS)
    s.tell()
    s.letters()


def booked(s: Stage) -> None:
    """Told and booked for the day after tomorrow."""
    told_to_book(s)
    s.book(3.9)


def booked_a_man(s: Stage) -> None:
    """A man called back for a lump he told of; booked."""
    s.person = replace(s.person, given="Martin", sex="M")
    told_to_book(s)
    s.take("nurse", st.ReportSymptom(episode=s.episode.id, what="lump behind the nipple", side=LEFT))
    s.book(2.9)


def missed(s: Stage) -> None:
    """She did not come: booking is owed again, without blame, and the first clocks run on."""
    s.days_ago(8)
    s.report(coded=CALLED_RIGHT, findings=DENSE, impression="Mass, right. Additional views and ultrasound.")
    s.plan(side=RIGHT, reason=FindingKind.MASS)
    s.tell()
    s.letters()
    s.book(3)
    s.later(80)
    s.begins()
    s.take("desk", st.RecordMissed(episode=s.episode.id))


def after_the_visit(s: Stage) -> None:
    """The further pictures are taken and reported; the radiologist has to say what they answer."""
    s.days_ago(8)
    s.report(coded=CALLED_LEFT, findings=DENSE, impression="Focal asymmetry, left. Additional views and ultrasound.")
    s.plan()
    s.tell()
    s.letters()
    s.book(3)
    s.later(73)
    s.begins()
    s.take("technologist", st.RecordAttended(episode=s.episode.id))
    s.report(
        exam="2",
        procedure=feed.DIAGNOSTIC.format(side="left"),
        coded=(("left", "2^Benign^L"),),
        impression="The asymmetry spreads out on spot views. Benign.",
    )


def settled_benign(s: Stage) -> None:
    """Called back, looked at again, benign, everybody told: settled in six days."""
    s.days_ago(30)
    s.report(coded=CALLED_LEFT, findings=DENSE, impression="Focal asymmetry, left. Additional views and ultrasound.")
    s.plan()
    s.tell()
    s.letters()
    s.book(4)
    s.later(97)
    worked_up(s, A.BENIGN, "2^Benign^L", "The asymmetry spreads out on spot views. Benign.")
    s.letters()


def short_interval(s: Stage, days: int = 60) -> None:
    """Probably benign after the work-up: settled as surveillance, with looks at 6, 12 and 24 months."""
    s.days_ago(days)
    s.report(coded=CALLED_LEFT, findings=SCATTERED, impression="Calcifications, left. Magnification views.")
    s.plan(reason=FindingKind.CALCIFICATIONS)
    s.tell()
    s.letters()
    s.book(5)
    s.later(121)
    worked_up(s, A.PROBABLY_BENIGN, "3^Probably Benign^L", "Round calcifications, probably benign. Six months.")
    s.tell()
    s.letters()


def priors_awaited(s: Stage) -> None:
    """Waiting for older pictures: the thirty days run from the first report."""
    s.days_ago(12)
    incomplete = "0^Incomplete: Need prior mammograms for comparison^L"
    s.report(coded=(("", incomplete),), findings=SCATTERED, impression="Prior mammograms are needed for comparison.")
    s.tell()
    s.letters()
    s.take("desk", st.RequestPriors(episode=s.episode.id, source="Lakeside Imaging"))


def three_at_screening(s: Stage) -> None:
    """A 3 on a screening examination: it asks its reader for the work-up, it starts no six-month wait."""
    s.days_ago(0, -4)
    s.report(coded=(("left", "3^Probably Benign^L"), ("right", "1^Negative^L")), findings=SCATTERED)


def suspicious(s: Stage) -> None:
    """Suspicious after the work-up: a clinician has told her; the biopsy is to be arranged."""
    s.days_ago(9)
    s.report(coded=CALLED_LEFT, findings=DENSE, impression="Mass, left. Additional views and ultrasound.")
    s.plan(reason=FindingKind.MASS)
    s.tell()
    s.letters()
    s.book(3)
    s.later(73)
    worked_up(s, A.SUSPICIOUS, "4B^Suspicious^L", "Irregular mass at 2 o'clock. Ultrasound-guided biopsy.")
    s.tell("radiologist")
    s.letters()


def highly_suggestive_untold(s: Stage) -> None:
    """A 5 read yesterday that nobody has told her yet; she has opened it on her page: ring her within two hours."""
    s.days_ago(0, -4)
    s.report(coded=(("right", "5^Highly Suggestive of Malignancy^L"), ("left", "1^Negative^L")), findings=DENSE)
    s.she(st.OpenResult(exam=s.exam.id))


def known_cancer(s: Stage) -> None:
    """A 6: proven already, read for treatment; the radiologist says where it belongs."""
    s.days_ago(0, -4)
    s.report(coded=(("", "6^Known Biopsy-Proven Malignancy^L"),), findings=SCATTERED)


def amended_worse(s: Stage) -> None:
    """Settled as normal, then an addendum asks for more pictures: reopened, and she is told the letter was wrong."""
    s.days_ago(14)
    s.report(coded=NORMAL, findings=DENSE, impression="No mammographic evidence of malignancy.")
    performed_at = s.exam.performed_at
    s.letters()
    s.days_ago(0, -4)
    s.report(
        performed_at=performed_at,
        status="C",
        coded=CALLED_LEFT,
        findings=DENSE,
        addendum="On review, a focal asymmetry of the left breast needs additional views.",
    )


def amended_calmer(s: Stage) -> None:
    """Called back, then a corrected report says normal: nothing falls away before a radiologist confirms it."""
    s.days_ago(1, -2)
    s.report(coded=CALLED_RIGHT, findings=SCATTERED, impression="Asymmetry, right. Additional views.")
    s.plan(side=RIGHT, reason=FindingKind.ASYMMETRY)
    performed_at = s.exam.performed_at
    s.later(20)
    s.report(
        performed_at=performed_at, status="C", coded=NORMAL, impression="Compared with priors: unchanged. Negative."
    )


def withdrawn(s: Stage) -> None:
    """A report that was another patient's: withdrawn after the letter went; she is owed a call, and it an owner."""
    s.days_ago(4)
    s.report(coded=CALLED_LEFT, findings=SCATTERED, impression="Mass, left. Additional views and ultrasound.")
    s.letters()
    s.take(
        "radiologist",
        st.WithdrawReport(exam=s.exam.id, reason="read under the wrong name", examination_hers=True),
    )


def declined(s: Stage) -> None:
    """An informed refusal taken by the nurse: paused, its two letters still to be written, and a day to look again."""
    s.days_ago(20)
    s.report(coded=CALLED_LEFT, findings=SCATTERED, impression="Calcifications, left. Magnification views.")
    s.plan(reason=FindingKind.CALCIFICATIONS)
    s.take("navigator", st.RecordNoToday(episode=s.episode.id))
    s.later(20)
    s.take("nurse", st.TellResult(exam=s.exam.id, channel=Channel.PHONE))
    review = (s.today + timedelta(days=30)).date()
    what = "further pictures of the left breast"
    s.take("nurse", st.RecordDecline(episode=s.episode.id, what=what, review_on=review, reviewer="nurse"))
    s.letters()


def says_no_today(s: Stage) -> None:
    """She said no to the navigator: that pauses nothing, a nurse calls her."""
    s.days_ago(0, -5)
    s.report(coded=CALLED_RIGHT, findings=DENSE, impression="Focal asymmetry, right. Additional views and ultrasound.")
    s.plan(side=RIGHT)
    s.take("navigator", st.RecordNoToday(episode=s.episode.id))


def nearly_lost(s: Stage) -> None:
    """Every rung of the ladder is tried: a second person has to confirm it before she counts as lost."""
    s.days_ago(25)
    s.report(coded=CALLED_LEFT, findings=DENSE, impression="Mass, left. Additional views and ultrasound.")
    s.plan(reason=FindingKind.MASS)
    s.letters()
    for outcome in (Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.NO_ANSWER):
        s.later(26)
        s.take("navigator", called(s, outcome))
    for channel in (Channel.TEXT, Channel.LETTER, Channel.CERTIFIED_LETTER):
        s.later(72)
        s.take("navigator", st.RecordContact(episode=s.episode.id, channel=channel, outcome=Outcome.SENT))


def asks_for_a_call(s: Stage) -> None:
    """Called back and booked; on her page she asked to be rung."""
    told_to_book(s)
    s.book(3.9)
    s.she(st.AskForCall(best_time="after five"))


def other_birth_date(s: Stage) -> None:
    """A report with her number and another birth date: set aside, nobody guesses."""
    normal(s)
    twin = s.person.birth_date.replace(year=s.person.birth_date.year - 1)
    s.days_ago(1)
    s.report(exam="9", person=replace(s.person, birth_date=twin), coded=NORMAL, impression="No evidence of malignancy.")


def not_ours(s: Stage) -> None:
    """A chest film in the breast feed: set aside as not ours."""
    s.days_ago(1)
    s.report(procedure="71046^Chest radiograph two views^CPT", impression="The lungs are clear.")


def cut_off(s: Stage) -> None:
    """A message that was cut off on its way: kept as it came, set aside."""
    s.days_ago(1)
    s.deliver(b"MSH|^~\\&|RIVERIS|RIVERSIDE|CLOSERLOOK|UNIT|2026")


def before_the_start(s: Stage) -> None:
    """An unfinished call-back from before the unit went live: nothing sent, on the one review list."""
    s.days_ago(420)
    performed_at = s.clock
    s.days_ago(3)
    s.report(performed_at=performed_at, coded=CALLED_LEFT, impression="Mass, left. Additional views.")


def called(s: Stage, outcome: Outcome) -> st.RecordContact:
    return st.RecordContact(episode=s.episode.id, channel=Channel.PHONE, outcome=outcome)


def worked_up(s: Stage, answer: Assessment, coded: str, impression: str) -> None:
    """She came; the pictures are reported and the radiologist says what they answer."""
    s.begins()
    s.take("technologist", st.RecordAttended(episode=s.episode.id))
    finding = s.episode.open_findings()[0]
    s.report(exam="2", procedure=feed.DIAGNOSTIC.format(side="left"), coded=(("left", coded),), impression=impression)
    s.take("radiologist", st.AssessWorkup(exam=s.exam.id, answers=(FindingAnswer(finding.id, answer),)))


ALL: tuple[Callable[[Stage], None], ...] = (
    normal, normal, normal, normal_dense, normal_dense, normal_today, normal_today, normal_today, not_read_yet,
    not_read_yet, preliminary, prose_only, prose_only, no_category, called_back, called_back, called_back_planned,
    called_back_voicemail, told_to_book, booked, booked, booked_a_man, missed, after_the_visit, settled_benign,
    settled_benign, short_interval, priors_awaited, three_at_screening, suspicious, highly_suggestive_untold,
    known_cancer, amended_worse, amended_calmer, withdrawn, declined, says_no_today, nearly_lost, asks_for_a_call,
    other_birth_date, not_ours, cut_off, before_the_start,
)  # fmt: skip
