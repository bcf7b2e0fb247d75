"""Questions she may want to ask, by where she stands: offered in her notebook, hers to keep or to leave."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from closerlook.portal.parts import State

Words = tuple[str | Promise, ...]

BEFORE_MORE_PICTURES: Words = (
    _("What did the doctor see in my pictures?"),
    _("Which pictures will be taken, and how long does it take?"),
    _("Will I know the result before I leave? If not, who tells me, and when?"),
    _("Does it cost me anything?"),
    _("Do you have my older pictures to compare?"),
)
AFTER_MORE_PICTURES: Words = (
    _("Who reads the pictures, and when will I hear?"),
    _("How will I hear: by phone, by letter, or here?"),
    _("What happens if you need to look again?"),
)
BEFORE_A_SAMPLE: Words = (
    _("Why do you advise a sample? What else could be done?"),
    _("Who takes it, how, and will it hurt?"),
    _("What do I do about my medicines before it?"),
    _("When will the answer be there? Who tells me, and may I bring someone?"),
    _("What can the answer be?"),
)
CANCER_FOUND: Words = (
    _("What kind is it, and how far has it grown?"),
    _("Who is in my team, and whom do I ring between visits?"),
    _("What are my choices, and what would you do next?"),
    _("How long may I take to think?"),
    _("Can I hear a second opinion?"),
    _("Where can I meet others who went through this?"),
)
A_LATER_CHECK: Words = (
    _("What did you see, and why is it enough to look again later?"),
    _("When is my next check, and who sends for me?"),
    _("What change should make me ring before then?"),
)
NEUTRAL: Words = (
    _("What happens next, and by when?"),
    _("Whom do I ring with questions?"),
    _("What change should make me ring you?"),
)
CALM: Words = (
    _("When is my next screening, and why then?"),
    _("Is my breast tissue dense? What does that mean for me?"),
    _("What change should make me ring you?"),
)

_OF: dict[State, Words] = {
    State.NORMAL: CALM,
    State.INVITED: CALM,
    State.SCREENING_BOOKED: CALM,
    State.CANCER: CANCER_FOUND,
    State.IN_CARE: CANCER_FOUND,
    State.SAMPLE: BEFORE_A_SAMPLE,
    State.SAMPLE_AGAIN: BEFORE_A_SAMPLE,
    State.TISSUE_WAITING: AFTER_MORE_PICTURES,
    State.TISSUE_OPEN: AFTER_MORE_PICTURES,
    State.EXAMINED: AFTER_MORE_PICTURES,
    State.CAME: AFTER_MORE_PICTURES,
    State.WAITING: AFTER_MORE_PICTURES,
    State.SCREENING_CAME: AFTER_MORE_PICTURES,
    State.CHECK_LATER: A_LATER_CHECK,
    State.TISSUE_ANSWERED: A_LATER_CHECK,
    State.NO_SAMPLE: A_LATER_CHECK,
    State.TO_PLAN: BEFORE_MORE_PICTURES,
    State.TO_BOOK: BEFORE_MORE_PICTURES,
    State.BOOKED: BEFORE_MORE_PICTURES,
    State.MISSED: BEFORE_MORE_PICTURES,
    State.SAID_NO: BEFORE_MORE_PICTURES,
    State.VISIT_PAST: BEFORE_MORE_PICTURES,
    State.INCOMPLETE: BEFORE_MORE_PICTURES,
}


def questions(state: State) -> Words:
    """Return the questions offered in a state. Nothing in them names what she has not been told."""
    return _OF.get(state, NEUTRAL)
