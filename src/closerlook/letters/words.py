"""The words of a written summary: from an examination and its round to plain sentences. Pure.

You are here to change what a letter says about a result, what comes next, or the density statement. The sentences for
each breast stand in `sentences`; which of them apply is decided in `results`. Her page uses the same words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from closerlook.letters import results
from closerlook.letters.sentences import CALM, RESULT, SAMPLES, WHY, Means
from closerlook.look.words import date_words, isolated, local_day, moment_words
from closerlook.pathway.events import PauseReason, Purpose
from closerlook.pathway.regions import NO_VISIT_YET, Episode, Exam, Visit, VisitStage
from closerlook.pathway.terms import Density, ExaminationKind, Recommendation

NOT_DENSE = gettext_noop(
    "Breast tissue can be either dense or not dense. Dense tissue makes it harder to find breast cancer on a mammogram "
    "and also raises the risk of developing breast cancer. Your breast tissue is not dense. Talk to your healthcare "
    "provider about breast density, risks for breast cancer, and your individual situation."
)
DENSE = gettext_noop(
    "Breast tissue can be either dense or not dense. Dense tissue makes it harder to find breast cancer on a mammogram "
    "and also raises the risk of developing breast cancer. Your breast tissue is dense. In some people with dense "
    "tissue, other imaging tests in addition to a mammogram may help find cancers. Talk to your healthcare provider "
    "about breast density, risks for breast cancer, and your individual situation."
)
"""The two patient statements of 21 CFR 900.12(c)(2)(iii)-(iv), word for word: English in every language.

Where the page or letter is in another language a translation follows, and is called one.
"""

OF_WHAT: dict[ExaminationKind, str | Promise] = {
    ExaminationKind.SCREENING: _("Your screening mammogram of %(day)s"),
    ExaminationKind.DIAGNOSTIC: _("Your mammogram of %(day)s, with extra pictures"),
    ExaminationKind.ULTRASOUND: _("Your breast ultrasound of %(day)s"),
    ExaminationKind.MRI: _("Your breast MRI of %(day)s"),
    ExaminationKind.MARKER: _("Your mammogram after the procedure, %(day)s"),
    ExaminationKind.TECHNICAL_REPEAT: _("The pictures that were taken again on %(day)s"),
    ExaminationKind.CONTRAST_MAMMOGRAPHY: _("Your mammogram of %(day)s, with a dye"),
    ExaminationKind.CLINICAL_EXAMINATION: _("Your breast examination by hand of %(day)s"),
    ExaminationKind.OUTSIDE_REVIEW: _("Our look at your pictures of %(day)s from another clinic"),
}
PRIORS_WITHIN_DAYS = 30  # MQSA-D5: the follow-up report, with or without the earlier pictures


@dataclass(frozen=True)
class Setting:
    """What the words depend on besides the result: the clinic's zone, its number, today there, whether it is a man."""

    zone: str
    phone: str
    today: date
    man: bool = False

    def day(self, value: date | datetime) -> str:
        """Return a day with its year: a letter is read years later."""
        return date_words(value, self.zone, date.min)


@dataclass(frozen=True)
class Summary:
    """A result in plain words, part by part. `density` is None where it is not known, `take_care` may be empty.

    `density` is the law's English; `density_translated` says the same in the reader's language, None in English.
    """

    about: str
    corrects: tuple[str, ...]
    results: tuple[str, ...]
    next: tuple[str, ...]
    take_care: tuple[str, ...]
    density: str | None
    density_translated: str | None

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it but the density statement, whose words are the law's."""
        return (self.about, *self.corrects, *self.results, *self.next, *self.take_care)


def summary(exam: Exam, episode: Episode, setting: Setting) -> Summary:
    """Return the lay summary of an examination. Raises ValueError while it has no result."""
    if exam.result is None:
        raise ValueError(f"{exam.id} has no result yet, so there is nothing to write about it.")
    density = results.density_of(exam, episode)
    return Summary(
        about=about(exam, setting),
        corrects=tuple(corrects(exam)),
        results=(*missing(exam), *result_sentences(exam, episode)),
        next=tuple(next_steps(exam, episode, setting)),
        take_care=tuple(take_care(exam, episode)),
        density=density_statement(density),
        density_translated=density_translated(density),
    )


def about(exam: Exam, setting: Setting) -> str:
    """Return which examination this is about: "Your screening mammogram of Monday 2 November 2026"."""
    return str(OF_WHAT[exam.kind]) % {"day": setting.day(exam.performed_at)}


def density_statement(density: Density | None) -> str | None:
    """Return the patient statement, word for word in English; None where the density is not known."""
    if density is None:
        return None
    return DENSE if density in (Density.C, Density.D) else NOT_DENSE


def density_translated(density: Density | None) -> str | None:
    """Return the patient statement in the language that is active; None in English, and where it is not known."""
    statement = density_statement(density)
    return None if statement is None or (get_language() or "en") == "en" else gettext(statement)


def corrects(exam: Exam) -> Iterator[str]:
    """Say that what was told before was wrong; softly where it is not sure that anything was."""
    if exam.telling.corrects:
        yield gettext("What we told you before about these pictures was wrong. The earlier letter was wrong.")
        yield gettext("This letter is right, and it takes the place of the earlier one. We are sorry.")
    elif exam.telling.replaces or exam.reading.initial_at != exam.reading.read_at:
        yield gettext("If you have had an earlier letter from us about these pictures, this letter takes its place.")


def missing(exam: Exam) -> Iterator[str]:
    """Say, before any result, that not every picture could be taken; nothing where all were, or the rest came since."""
    if exam.incomplete is not None:
        yield gettext("Not all of your pictures could be taken.")
        yield gettext("Some are missing. That says nothing about your breasts.")
        yield gettext("What we say here is about the pictures we have.")


def result_sentences(exam: Exam, episode: Episode) -> Iterator[str]:
    """Yield the result of each breast, what asks most of her first."""
    for what, which in results.said(exam, episode):
        yield str(RESULT[what][which])


# ---------------------------------------------------------------- what comes next


def next_steps(exam: Exam, episode: Episode, setting: Setting) -> Iterator[str]:
    """Yield what happens next and what she can do, in the order of what asks most of her."""
    told = {what for what, _which in results.said(exam, episode)}
    sample = results.sample_advised(exam, episode)
    so_far = results.sample(exam, episode)
    if told & SAMPLES and so_far is not results.Sample.WANTED:
        yield from _sample_since(so_far, setting)
    elif told & SAMPLES:
        yield from sample_next(soon=Means.SAMPLE_SOON in told, told=exam.telling.told, setting=setting)
    if Means.KNOWN in told:
        yield gettext("They help your care team with the care you are having. The team will go through them with you.")
    if Means.MORE_PICTURES in told:
        yield from _more_pictures(exam, episode, setting, sample=sample)
    elif exam.incomplete is not None:
        yield from _the_rest(exam, episode, setting)
    if Means.CHECK_LATER in told:
        yield gettext(
            "To be sure, we want to look at it again sooner than at your next screening, mostly after about six "
            "months. We will tell you the day. Please come even if you feel well."
        )
    if Means.OLDER_PICTURES in told:
        yield from _older_pictures(exam, setting)
    if Means.MARKER in told:
        yield gettext(
            "They were taken for that alone. What the tissue sample shows comes from the doctor who took the sample."
        )
    yield from _advised_beyond(results.further_advice(exam, episode), setting)
    if told <= {Means.NORMAL, Means.HARMLESS} and results.further_advice(exam, episode) is None:
        yield from _nothing_more(exam, episode, sample=sample)
    yield from _symptoms(episode, setting)


def sample_next(*, soon: bool, told: bool, setting: Setting, rung_soon: bool = False) -> Iterator[str]:
    """What a tissue sample is for, and who talks with her about it.

    `told`: someone has spoken with her. `rung_soon`: she opened the result herself, and is rung because of it.
    """
    if soon:
        yield gettext("The area looks as if it could be cancer. Only the sample can tell for certain.")
    else:
        yield gettext("It may be cancer, or it may be something else. Only the sample can tell.")
    if told:
        yield gettext("As we told you, a doctor or nurse of our clinic arranges the sample with you.")
        asked = gettext("If you have no day for it yet, please ring us on %(phone)s.")
    elif rung_soon:
        yield gettext("This is hard to read alone. A doctor or nurse rings you within two working hours.")
        asked = gettext("You need not wait for that: ring us now on %(phone)s.")
    else:
        yield gettext("A doctor or nurse of our clinic wants to talk with you about this and arrange the sample.")
        asked = gettext(
            "If nobody has spoken with you about it yet, please ring us now on %(phone)s. Do not wait for our call."
        )
    yield asked % {"phone": setting.phone}
    yield gettext("A sample is usually taken with a needle, after the place has been made numb.")


def _sample_since(so_far: results.Sample, setting: Setting) -> Iterator[str]:
    """What became of the sample before this letter was written; what it showed is told, never written first."""
    if so_far is results.Sample.TAKEN:
        yield gettext("The sample has been taken since. A doctor or nurse of our clinic tells you what it shows.")
    else:
        yield gettext("A doctor has looked at the place again since, and found that no sample is needed.")
    yield gettext("If you would like to ask something, ring us on %(phone)s.") % {"phone": setting.phone}


def _more_pictures(exam: Exam, episode: Episode, setting: Setting, *, sample: bool) -> Iterator[str]:
    if results.is_repeat(exam, episode):
        yield gettext("Some of your pictures were not clear enough to read. They need to be taken again.")
        yield gettext("That says nothing about your breasts.")
    elif not sample:
        yield gettext("This is not a diagnosis.")
        yield from why(episode)
        if not setting.man:
            yield gettext("Most women who are asked back do not have cancer.")
    if not results.waiting(exam, episode):
        yield gettext("These pictures have been taken since. Their result comes in a letter of its own.")
        return
    if _is_to_come(episode.visit, setting):
        yield from _day_of(episode.visit, setting)
    elif episode.paused is not None and episode.paused.reason is PauseReason.DECLINED:
        yield gettext(
            "You told us that you do not want them now. You can change your mind on any day: ring us on %(phone)s."
        ) % {"phone": setting.phone}
    else:
        yield gettext(
            "We will ring you to find a day for them. You need not wait for our call: ring us on %(phone)s."
        ) % {"phone": setting.phone}
    yield gettext("You may bring someone with you.")


def _the_rest(exam: Exam, episode: Episode, setting: Setting) -> Iterator[str]:
    """What becomes of the pictures that could not be taken."""
    purpose = Purpose.PICTURES if exam.is_workup else Purpose.SCREENING
    visit = episode.visits.get(purpose, NO_VISIT_YET)
    yield gettext("The missing pictures still need to be taken.")
    if _is_to_come(visit, setting):
        yield from _day_of(visit, setting)
    else:
        yield gettext("Ring us to choose a day for the rest, or ask us to ring you.")


def _is_to_come(visit: Visit, setting: Setting) -> bool:
    return (
        visit.stage is VisitStage.BOOKED
        and visit.starts_at is not None
        and local_day(visit.starts_at, setting.zone) >= setting.today
    )


def _day_of(visit: Visit, setting: Setting) -> Iterator[str]:
    assert visit.starts_at is not None  # noqa: S101  it is booked
    when = moment_words(visit.starts_at, setting.zone, date.min)
    yield gettext("Your visit: %(when)s, %(place)s.") % {"when": when, "place": isolated(visit.place or "")}
    yield gettext("If that does not suit you, ring us on %(phone)s.") % {"phone": setting.phone}


def why(episode: Episode) -> Iterator[str]:
    """Yield why she is asked back, one sentence each; nothing where no reason is known."""
    for kind in results.reasons(episode):
        yield gettext("Why: %(reason)s.") % {"reason": WHY[kind]}


def _older_pictures(exam: Exam, setting: Setting) -> Iterator[str]:
    yield gettext("Older pictures show whether something is new or has long been there. We are asking for yours.")
    yield gettext(
        "Where were they taken? If you have not told us yet, please ring us on %(phone)s. That makes it faster."
    ) % {"phone": setting.phone}
    if exam.reading.initial_at is not None:
        last = exam.reading.initial_at + timedelta(days=PRIORS_WITHIN_DAYS)
        yield gettext(
            "We will finish reading your pictures by %(day)s at the latest, with or without the older ones, and then "
            "write to you again."
        ) % {"day": setting.day(last)}


def _advised_beyond(advice: Recommendation | None, setting: Setting) -> Iterator[str]:
    """What the reader asks for although nothing was seen: never left out, because a picture does not show all."""
    if advice is None:
        return
    asked: dict[Recommendation, str] = {
        Recommendation.BIOPSY: gettext(
            "Even so, the doctor who read your pictures advises a tissue sample (a biopsy)."
        ),
        Recommendation.SURGICAL_CONSULT: gettext(
            "Even so, the doctor who read your pictures advises that you see a breast specialist."
        ),
        Recommendation.MORE_IMAGING: gettext("Even so, the doctor who read your pictures advises further pictures."),
        Recommendation.PRIORS: gettext(
            "Even so, the doctor who read your pictures wants to compare them with your older ones."
        ),
        Recommendation.SHORT_INTERVAL: gettext(
            "Even so, the doctor who read your pictures wants to look again sooner than at your next screening."
        ),
    }
    yield asked[advice]
    yield gettext("Someone from our clinic will talk with you about it. You need not wait: ring us on %(phone)s.") % {
        "phone": setting.phone
    }


def _nothing_more(exam: Exam, episode: Episode, *, sample: bool) -> Iterator[str]:
    unsettled = sample or bool(episode.open_findings()) or any(_is_unsettled(x) for x in episode.exams.values())
    if exam.incomplete is not None:
        return
    if unsettled:
        yield gettext(
            "This is one part of the answer. We will tell you what comes next. Please keep any visit with us."
        )
    elif any(not symptom.answered for symptom in episode.symptoms.values()):
        return
    elif exam.is_workup:
        yield gettext("Nothing more is needed now. Please come to your next screening when it is due.")
    else:
        yield gettext("Nothing more is needed until your next screening. Please come when it is due.")


def _is_unsettled(exam: Exam) -> bool:
    return (exam.result is None or exam.incomplete is not None) and not exam.history and not exam.not_hers


def _symptoms(episode: Episode, setting: Setting) -> Iterator[str]:
    if any(not symptom.answered for symptom in episode.symptoms.values()):
        yield gettext(
            "You told us about something you had noticed. These pictures alone do not answer that: a doctor will look "
            "at it and tell you. If it changes, ring us on %(phone)s."
        ) % {"phone": setting.phone}


def take_care(exam: Exam, episode: Episode) -> Iterator[str]:
    """What no picture can promise, and what to do about a change. It is left out where a sample is advised."""
    told = {what for what, _which in results.said(exam, episode)}
    if results.sample_advised(exam, episode) or told <= {Means.KNOWN, Means.MARKER}:
        return
    if told <= CALM | {Means.CHECK_LATER}:
        yield gettext("No picture of the breast can rule out cancer completely.")
    yield gettext(
        "If you notice a new lump or a change in a breast, ring us or your doctor. Do not wait for your next visit."
    )
