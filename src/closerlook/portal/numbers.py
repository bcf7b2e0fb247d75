"""The numbers on her own page: of 100 women called back like her, while she waits for more pictures, and only then.

Once more is known of her than that she was called back from a screening (`call_back.is_like_others`), the figures are
not about her any more, and none are shown. Her own chance is never said.
"""

from closerlook.evidence.answers import OLDEST, YOUNGEST, Question
from closerlook.evidence.due import age_on
from closerlook.letters import results
from closerlook.letters.documents import setting_of
from closerlook.pathway.regions import Patient as State
from closerlook.people.countries import country_of
from closerlook.portal import call_back
from closerlook.portal.chances import FINDINGS, HerNumbers, her_numbers
from closerlook.portal.parts import Page
from closerlook.portal.parts import State as Where
from closerlook.portal.visitor import Visitor

WHERE = frozenset({Where.TO_PLAN, Where.TO_BOOK, Where.BOOKED, Where.MISSED, Where.VISIT_PAST, Where.SAID_NO})


def numbers(page: Page, state: State, who: Visitor) -> HerNumbers | None:
    """Return the numbers for the main part of her page; None where none are about her."""
    episode = state.episodes.get(page.main.episode or "")
    if episode is None or page.main.state not in WHERE or who.patient.sex.upper() == "M":
        return None
    if not call_back.is_like_others(episode, state):
        return None
    country = country_of(who.site)
    if not country:
        return None
    kinds = results.reasons(episode)
    finding = FINDINGS.get(kinds[0]) if len(kinds) == 1 else None
    today = setting_of(who.site, who.patient, who.now).today
    age = min(max(age_on(who.patient.birth_date, today), YOUNGEST), OLDEST)
    found = her_numbers(Question(country, age=age, finding=finding))
    return found if found.sentences else None
