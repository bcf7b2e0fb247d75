"""Why her next screening is due when it is: the programme's rule, and what the guideline beside it says.

You are here when she asks "why then?". Where someone set her day by hand, nothing is said: only they know why.
"""

from datetime import date

from django.utils.translation import gettext

from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Patient as State
from closerlook.people import invitations
from closerlook.people.models import Patient


def why_due(state: State, row: Patient, protocol: Protocol, today: date) -> tuple[str, ...]:
    """Return the reason in sentences; none where it is not the programme's own rule."""
    reason = invitations.reason(state, row, protocol, today)
    if reason is None:
        return ()
    found = []
    if reason.last is not None:
        found.append(gettext("We count %(months)s months from your last screening.") % {"months": reason.months})
    else:
        found.append(gettext("We invite from the age of %(age)s.") % {"age": reason.from_age})
    if reason.row is not None:
        cited = {"body": reason.row.body, "version": reason.row.version}
        if reason.agrees:
            found.append(gettext("The guideline of %(body)s (%(version)s) says the same.") % cited)
        elif reason.other_months is not None:
            said = gettext("The guideline of %(body)s (%(version)s) says every %(months)s months.")
            found.append(said % {**cited, "months": reason.other_months})
            found.append(gettext("Ask us, or your doctor, which is right for you."))
    return tuple(found)
