"""May she record her visit? What the place's rule says, as information and not as advice.

Source: rules US-X9 to US-X11 (a survey of state recording laws): eleven states where everyone in the talk has to agree,
with the odd cases named. Elsewhere nothing is claimed: she is told to ask, which is right everywhere.
"""

import re

from django.utils.translation import gettext

EVERYONE = frozenset({"CA", "FL", "IL", "MD", "MA", "MI", "MT", "NH", "OR", "PA", "WA"})
"""States where everyone has to agree (US-X9). Michigan is disputed; in Oregon this is so for talks face to face."""
NO_RULE = frozenset({"VT"})
"""No statute (US-X10)."""
ONE = frozenset(
    {
        "AL", "AK", "AZ", "AR", "CO", "CT", "DE", "DC", "GA", "HI", "ID", "IN", "IA", "KS", "KY", "LA", "ME", "MN",
        "MS", "MO", "NE", "NV", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "RI", "SC", "SD", "TN", "TX", "UT", "VA",
        "WV", "WI", "WY",
    }
)  # fmt: skip
"""States where one person in the talk has to agree."""
STATES = EVERYONE | NO_RULE | ONE
_STATE_AND_CODE = re.compile(r"\b([A-Z]{2})\s+\d{5}(?:-\d{4})?\s*$")


def state_of(address_lines: list[str]) -> str | None:
    """Return the state of an address whose last line ends "NY 10001"; None for any other."""
    found = _STATE_AND_CODE.search(address_lines[-1]) if address_lines else None
    return found[1] if found and found[1] in STATES else None


def words(address_lines: list[str]) -> tuple[str, ...]:
    """Return what her page says about recording her visit at such an address."""
    state = state_of(address_lines)
    ask = gettext("Ask before you begin: “May I record this, so that I can listen to it again at home?”")
    no_advice = gettext("This is information about the rule of the place, not legal advice.")
    if state in EVERYONE:
        rule = gettext("Where this clinic is, all who are part of a talk have to agree first.")
    elif state in ONE:
        rule = gettext("Where this clinic is, the law asks for the agreement of one person in the talk, such as you.")
    else:
        return (ask, gettext("If they would rather not, ask whether someone may take notes with you."))
    return (ask, rule, no_advice)
