"""Before the examination: she is due, has a time, came, did not come, put it off, or wants no more invitations.

You are here to change what a woman reads whose screening lies ahead. Nothing here presses her: it is her choice.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from closerlook.pathway.events import EndedFor, Purpose, SettledAs
from closerlook.pathway.regions import NO_VISIT_YET, Episode, VisitStage
from closerlook.portal import call_back
from closerlook.portal.parts import Part, Section, State
from closerlook.portal.view import View

NO_INVITATIONS: dict[EndedFor, str | Promise] = {
    EndedFor.OPTED_OUT: _("You asked us not to invite you any more. You can change your mind on any day: ring us."),
    EndedFor.AGE: _("Invitations end at a certain age. If you would like to come, or notice a change, ring us."),
    EndedFor.NO_BREAST_TISSUE: _("We do not invite you to screening, because there is no breast tissue to screen."),
    EndedFor.MOVED_AWAY: _("You have moved away, so we do not invite you any more. If you are back, tell us."),
    EndedFor.IN_OTHER_CARE: _("You are looked after elsewhere, so we do not invite you. If that changes, tell us."),
    EndedFor.NOT_ELIGIBLE: _("We do not send you invitations to screening. If you notice a change, ring us."),
}


def before(episode: Episode, view: View) -> Part | None:
    """Return what she reads of a round that began because she was due and in which no picture was made."""
    if episode.due_on is None or episode.examined:
        return None
    outcome = episode.settled.outcome if episode.settled is not None else episode.ended
    if outcome is not None:
        return _over(outcome, view)
    if view.patient.around.in_care:
        return in_care(view)
    return _ahead(episode, view)


def _over(outcome: SettledAs, view: View) -> Part:
    ended = view.patient.invitations_ended
    if outcome is SettledAs.ENDED and view.patient.around.in_care:
        return in_care(view)
    if outcome is SettledAs.ENDED and ended is not None:
        return Part(State.NOT_INVITED, gettext("You are not invited at present."), lead=(str(NO_INVITATIONS[ended]),))
    if outcome is SettledAs.DEFERRED:
        lead = gettext("That is fine. When the time has come, we write to you again. To come sooner, ring us.")
        return Part(State.PUT_OFF, gettext("Your screening has been put off, as you wished."), lead=(lead,))
    if outcome is SettledAs.NOT_SCREENED:
        lead = gettext("No pictures were taken this time. You can still come: ring us for a day that suits you.")
        more = gettext("If you notice a new lump or a change in a breast, ring us or your doctor. Do not wait.")
        return Part(State.NOT_SCREENED, gettext("You have not been screened this time."), lead=(lead, more))
    return Part(
        State.NOTHING_YET, gettext("There is nothing here for you to do."), lead=(gettext("Ring us any time."),)
    )


def in_care(view: View) -> Part:
    """Return what she reads while she is treated: no invitation; of the reason a word only behind the code."""
    heading = gettext("We do not invite you to screening at present.")
    if not view.coded:
        return Part(
            State.NOT_INVITED, heading, lead=(gettext("There is nothing here for you to do. Ring us any time."),)
        )
    lead = (
        gettext("You are in the care of your own team, and they look after your pictures too."),
        gettext("When your treatment is over, we set the day of your next pictures with you."),
    )
    return Part(State.IN_CARE, heading, lead=lead)


def _ahead(episode: Episode, view: View) -> Part:
    known = episode.visits.get(Purpose.SCREENING, NO_VISIT_YET)
    shown = call_back.visit(episode, view)
    heading, lead = _heading(episode, view), [_choose()]
    state = State.INVITED
    if known.stage is VisitStage.CAME:
        lead = [gettext("You have been here. As soon as there is a result, you hear from us.")]
        state = State.SCREENING_CAME
    elif shown is not None:
        lead = [gettext("If that does not suit you, ring us, or ask here to move it.")]
        state = State.SCREENING_BOOKED
    elif known.stage is VisitStage.BOOKED:
        lead = [gettext("If you were here, you will hear from us. If you could not come, ring us for a new day.")]
        state = State.SCREENING_PAST
    elif known.missed:
        lead = [gettext("Your last visit did not work out. That happens. Ring us, or ask us to ring you.")]
        state = State.SCREENING_MISSED
    return Part(
        state,
        heading,
        lead=tuple(lead),
        visit=shown,
        after_visit=() if state is State.SCREENING_CAME else (_her_choice(watched=episode.answers is not None),),
        sections=() if state is State.SCREENING_CAME else (_about_screening(), _on_the_day()),
    )


def _heading(episode: Episode, view: View) -> str:
    if episode.answers is None:
        return gettext("It is time for your breast screening.")
    if view.coded:  # that a check is due says what the result was
        return gettext("It is time for the check of your breast that we planned with you.")
    return gettext("It is time for your next pictures.")


def _choose() -> str:
    return gettext("Ring us to choose a time that suits you, or ask us to ring you.")


def _her_choice(*, watched: bool) -> str:
    if watched:
        return gettext("Please come even if you feel well. If something keeps you from coming, tell us.")
    return gettext("It is your choice. If you do not want to come, or not now, tell us. We put it off for you.")


def _about_screening() -> Section:
    return Section(
        gettext("What happens"),
        (
            gettext("A mammogram takes X-ray pictures of each breast."),
            gettext("If you notice a new lump or another change, do not wait for this visit. Ring us or your doctor."),
        ),
        shows=("mammogram",),
    )


def _on_the_day() -> Section:
    return Section(
        gettext("On the day"),
        (
            gettext("Wear something in two parts: you will undress above the waist."),
            gettext("Please use no deodorant, powder or cream that day: they can show in the pictures."),
            gettext("Tell us before if you may be pregnant, have implants, or need an interpreter or help."),
        ),
    )
