"""After a tissue sample: waiting for the answer, the answer once she was told, and the way to a care team.

You are here to change what a woman reads who had a biopsy. Nothing here names what tissue showed before someone told
her, and the words of waiting are the same whatever the pathologist has written.
"""

from collections.abc import Iterator
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from closerlook.letters import results
from closerlook.look.words import isolated
from closerlook.pathway.events import SettledAs
from closerlook.pathway.regions import Episode, FindingStatus, Specimen
from closerlook.pathway.terms import Plan, Tissue
from closerlook.portal import call_back
from closerlook.portal.parts import Part, Section, State, Way
from closerlook.portal.view import View

SHOWED: dict[Tissue, str | Promise] = {
    Tissue.INSUFFICIENT: _("There was not enough tissue in your sample to give an answer."),
    Tissue.NORMAL_TISSUE: _("Your tissue sample showed normal breast tissue."),
    Tissue.BENIGN: _("Your tissue sample showed no cancer."),
    Tissue.HIGH_RISK: _("Your tissue sample showed cells that are not cancer, but that can raise the risk of it."),
    Tissue.SUSPICIOUS_TISSUE: _("Your tissue sample cannot tell yet whether it is cancer."),
    Tissue.MALIGNANT: _("Your tissue sample showed cancer."),
}
"""What a sample showed, as she reads it once she was told."""
_GRAVEST = (
    Tissue.MALIGNANT, Tissue.SUSPICIOUS_TISSUE, Tissue.HIGH_RISK, Tissue.INSUFFICIENT, Tissue.NORMAL_TISSUE,
    Tissue.BENIGN,
)  # fmt: skip


def showed(episode: Episode) -> list[str]:
    """Return what tissue of this round showed, of those specimens alone that she was told of, the gravest first."""
    tissues = [s.tissue for s in episode.specimens.values() if s.told and s.tissue is not None]
    return [str(SHOWED[tissue]) for tissue in _GRAVEST if tissue in tissues]


def talk_first(episode: Episode) -> bool:
    """Whether what she was told of her tissue does not stand any more: a person speaks with her first."""
    return any(s.was_told and not s.told for s in episode.specimens.values())


def is_behind(episode: Episode) -> bool:
    """Whether tissue was taken, or found not to be needed, and nothing asks for more of it that she knows of."""
    if any(f.status is FindingStatus.BIOPSY and not _is_secret(f.id, episode) for f in episode.findings.values()):
        return False
    return bool(episode.specimens) or any(f.tissue_at is not None for f in episode.findings.values())


def _is_secret(finding: str, episode: Episode) -> bool:
    """Whether more tissue of a finding is wanted because of what she was not told yet."""
    return any(s.finding == finding and not s.told for s in episode.specimens.values())


def is_again(episode: Episode) -> bool:
    """Whether the tissue that is wanted is to be taken once more, and she knows why."""
    return any(
        f.status is FindingStatus.BIOPSY and any(s.finding == f.id for s in episode.specimens.values())
        for f in episode.findings.values()
    ) and not is_behind(episode)


def after_sample(episode: Episode, view: View) -> Part | None:
    """Return what she reads of her tissue where that stands before all else in her round; None where it does not."""
    if knows_cancer(episode):
        return _cancer(episode, view)
    if not is_behind(episode):
        return None
    if any(not s.told for s in episode.specimens.values()):
        return _waiting(episode, view)
    statuses = {f.status for f in episode.findings.values()}
    if FindingStatus.UNDECIDED in statuses:
        return _undecided(episode, view)
    if FindingStatus.OPEN in statuses:
        return None  # further pictures come first
    return _answered(episode, view)


def knows_cancer(episode: Episode) -> bool:
    """Whether someone told her that her tissue showed cancer."""
    return any(s.told and s.tissue is Tissue.MALIGNANT for s in episode.specimens.values())


def sections(episode: Episode, view: View) -> Iterator[Section]:
    """Yield what is known of tissue beside something else that stands first."""
    known = tuple(showed(episode))
    if known:
        yield Section(gettext("Your tissue sample"), known)
    untold = [s for s in episode.specimens.values() if not s.told]
    if untold:
        yield Section(gettext("The tissue that is being looked at"), tuple(_expected(untold, view)))


# ---------------------------------------------------------------- one part for each turn


def _waiting(episode: Episode, view: View) -> Part:
    untold = [s for s in episode.specimens.values() if not s.told]
    done = (*_before(episode), gettext("Tissue sample"))
    return Part(
        State.TISSUE_WAITING,
        gettext("Your tissue sample has been taken."),
        lead=(gettext("A doctor looks at it under a microscope. That takes some days."), *_expected(untold, view)),
        visit=call_back.visit(episode, view),
        after_visit=(gettext("Waiting is hard. If you would like to talk, ring us, or ask us to ring you."),),
        way=Way((*done, gettext("Tissue looked at"), gettext("Answer")), len(done)),
        sections=(*_known_already(episode), _after_taking()),
        exams=call_back.open_exams(episode, view),
    )


def _known_already(episode: Episode) -> Iterator[Section]:
    known = tuple(showed(episode))
    if known:
        yield Section(gettext("What you know already"), known)


def _expected(untold: list[Specimen], view: View) -> Iterator[str]:
    """Yield by when the answer is awaited, as long as somebody owes it by a day; what it is changes no word."""
    days = [view.owed("get_pathology", s.id) for s in untold if s.tissue is None]
    known = [day for day in days if day is not None]
    if known and max(known) >= view.setting.today:
        yield gettext("We expect the answer from the laboratory by %(day)s.") % {"day": view.day(max(known))}
    elif known:
        yield gettext("We expected the answer from the laboratory by %(day)s. We are sorry: please ring us.") % {
            "day": view.day(max(known))
        }
    yield gettext("A doctor or nurse will tell you what it shows, and go through it with you.")


def _after_taking() -> Section:
    return Section(
        gettext("After the sample"),
        (
            gettext("A bruise and some soreness are common, and go away in a week or two."),
            gettext("Ring us if it bleeds, gets red or hot, or hurts more and more, or if you have a fever."),
        ),
    )


def _undecided(episode: Episode, view: View) -> Part:
    heading, rest = gettext("Your tissue sample has not given a sure answer yet."), showed(episode)
    unlike = any(s.told and s.concordant is False for s in episode.specimens.values())
    doubt = (
        [gettext("That does not fully explain what the pictures show, so we do not leave it there.")] if unlike else []
    )
    done = (*_before(episode), gettext("Tissue sample"))
    return Part(
        State.TISSUE_OPEN,
        heading,
        lead=(
            *rest,
            *doubt,
            gettext("Doctors decide what comes next. Then someone from our clinic talks with you about it."),
        ),
        visit=call_back.visit(episode, view),
        after_visit=(gettext("You need not wait for our call: ring us with anything you would like to ask."),),
        way=Way((*done, gettext("What comes next"), gettext("Answer")), len(done)),
        exams=call_back.open_exams(episode, view),
    )


def _answered(episode: Episode, view: View) -> Part:
    known = showed(episode)
    watched = any(f.status is FindingStatus.SURVEILLANCE for f in episode.findings.values())
    if known:
        state, (heading, *rest) = State.TISSUE_ANSWERED, known
        done = (*_before(episode), gettext("Tissue sample"), gettext("Answer"))
    else:
        state, heading = State.NO_SAMPLE, gettext("No tissue sample is needed.")
        rest = [gettext("A doctor has looked at the place again and found that it needs no sample.")]
        done = (*_before(episode), gettext("Answer"))
    later = gettext(
        "To be sure, we want to look at it again sooner than at your next screening, mostly after about six months. "
        "We will tell you the day. Please come even if you feel well."
    )
    return Part(
        state,
        heading,
        lead=(*rest, *_weighed(episode), *([later] if watched else [])),
        visit=call_back.visit(episode, view),
        after_visit=(
            gettext(
                "If you notice a new lump or a change in a breast, ring us or your doctor. "
                "Do not wait for your next visit."
            ),
            *_doctor_knows(episode),
        ),
        way=Way(done, len(done) if episode.settled is not None else len(done) - 1),
        exams=call_back.open_exams(episode, view),
    )


def _weighed(episode: Episode) -> Iterator[str]:
    told = [s for s in episode.specimens.values() if s.told]
    if told and all(s.concordant and s.tissue in (Tissue.BENIGN, Tissue.NORMAL_TISSUE) for s in told):
        yield gettext("It explains what the pictures show.")
    elif told:
        yield gettext("Doctors have weighed it together with your pictures. No more tissue is needed now.")


def _doctor_knows(episode: Episode) -> Iterator[str]:
    told = [s for s in episode.specimens.values() if s.told]
    if told and all(s.provider_told for s in told) and any(x.provider for x in episode.exams.values()):
        yield gettext("Your doctor knows what the sample showed.")


def _before(episode: Episode) -> tuple[str, ...]:
    screened = any(not x.is_workup for x in episode.exams.values())
    first = gettext("Screening") if screened else gettext("Pictures taken")
    more = screened and any(x.is_workup for x in episode.exams.values())
    return (first, gettext("More pictures")) if more else (first,)


# ---------------------------------------------------------------- where it is cancer


def _cancer(episode: Episode, view: View) -> Part:
    treated = episode.settled is not None and episode.settled.outcome is SettledAs.CANCER
    if treated and episode.id not in view.patient.treating:
        heading, state = gettext("Your treatment is over, as far as we know."), State.IN_CARE
        lead = [gettext("If that is not so, or something worries you, ring us.")]
    elif treated:
        heading, state = gettext("You are in the care of your team."), State.IN_CARE
        lead = [
            *_team(episode),
            gettext("When your treatment is over, we set the day of your next pictures with you."),
        ]
    else:
        heading, state = showed(episode)[0], State.CANCER
        lead = [
            gettext("A doctor or nurse has talked with you about it. You can ask us anything, as often as you like."),
            *_way_to_team(episode, view),
        ]
    done = (*_before(episode), gettext("Tissue sample"), gettext("Your care team"), gettext("Treatment"))
    more = tuple(s for s in sections(episode, view) if not treated and s.title != gettext("Your tissue sample"))
    wanted = any(f.status is FindingStatus.BIOPSY and not _is_secret(f.id, episode) for f in episode.findings.values())
    beside = (Section(gettext("One more thing"), (_one_more(sample=wanted),)),) if _beside(episode, wanted) else ()
    return Part(
        state,
        heading,
        lead=tuple(lead),
        visit=call_back.visit(episode, view),
        way=Way(done, len(done) - (1 if treated else 2)),
        sections=(*beside, *more, _to_ask()),
        exams=call_back.open_exams(episode, view),
    )


def _beside(episode: Episode, wanted: bool) -> bool:
    return episode.settled is None and (wanted or bool(episode.open_findings()))


def _one_more(*, sample: bool) -> str:
    if sample:
        return gettext("Another place still needs a tissue sample. A doctor or nurse plans it with you.")
    return gettext("Another place still needs further pictures. We ring you to find a day, or you ring us.")


def _team(episode: Episode) -> Iterator[str]:
    if episode.referral.team:
        yield gettext("Your team: %(team)s.") % {"team": isolated(episode.referral.team)}


def _way_to_team(episode: Episode, view: View) -> Iterator[str]:
    referral = episode.referral
    if referral.team is None:
        yield gettext("We are asking a care team to see you soon. We will tell you who they are, and the day.")
        return
    names = {"team": isolated(referral.team)}
    if referral.first_visit_on is None:
        if referral.missed:
            yield gettext("Your last visit with the team did not work out. That happens.")
        yield gettext("We have asked a team to see you: %(team)s. We tell you the day as soon as they give it.") % names
    elif referral.first_visit_on >= view.setting.today:
        day: dict[str, str | date] = {**names, "day": view.day(referral.first_visit_on)}
        yield gettext("Your care team expects you on %(day)s: %(team)s.") % day
        yield gettext("You may bring someone with you. Writing down what you want to ask helps.")
    else:
        day = {**names, "day": view.day(referral.first_visit_on)}
        yield gettext("Your first visit with your care team was planned for %(day)s: %(team)s.") % day
        yield gettext("If it did not work out, ring us. We find another day.")


def _to_ask() -> Section:
    return Section(
        gettext("What you may want to ask"),
        (
            gettext("What kind of cancer is it, and how far has it grown?"),
            gettext("Which treatments are there, and what do they do?"),
            gettext("Who is my one person to ring? Who can help me at home, with work, and with the cost?"),
        ),
    )


def again_words(episode: Episode) -> tuple[str, list[str]]:
    """Return heading and first sentences where tissue is to be taken once more, or by an operation."""
    by_operation = any(f.status is FindingStatus.BIOPSY and f.plan is Plan.EXCISION for f in episode.findings.values())
    heading = (
        gettext("We advise a small operation to take out the place we saw.")
        if by_operation
        else gettext("We need one more tissue sample.")
    )
    return heading, [*showed(episode), gettext("So we do not have a sure answer yet.")]


def is_sample_advised(episode: Episode) -> bool:
    """Whether a sample is still wanted that she may read of here."""
    return results.sample_advised(None, episode) and not is_behind(episode)
