"""What is sent, delivered as a real site delivers it: written in its sender's dialect and taken by the real inbox.

You are here to run a programme on messages instead of steps: give `Post().deliver` to `programme`, on a doorway that
keeps every step at once (`ThroughDoor(in_bulk=False)`). What routing leaves open the front desk resolves, as `Sent`
says.
"""

from collections import Counter
from collections.abc import Callable

from closerlook.exchange import inbox
from closerlook.exchange.filing import Decision
from closerlook.exchange.hl7.framing import split
from closerlook.exchange.inbox import Incoming, Result
from closerlook.exchange.models import MessageFormat
from closerlook.exchange.tables import examinations
from closerlook.pathway.deciding import Refused
from closerlook.pathway.terms import Role
from closerlook.simulate.engine import Case, Engine
from closerlook.simulate.feeds import Folder, message, row, table
from closerlook.simulate.population import Woman
from closerlook.simulate.programme import at_once
from closerlook.simulate.sending import Sent

OPEN_ROUND = frozenset({"round_within_60_days", "two_rounds_wait", "no_round_waits"})
"""Why routing leaves a round open; a person who knows the visit says which it is."""


class Post:
    """Delivers into the inbox of the database that is set up here. `became` counts what each message became."""

    def __init__(self) -> None:
        self.messages = 0
        self.became: Counter[str] = Counter()

    def deliver(self, e: Engine, case: Case, sent: Sent) -> None:
        """Write it, let the inbox take it, and show the engine what that makes owed. Raises Refused."""
        self.messages += 1
        incoming = _incoming(sent, case.woman, f"C{self.messages:08}", e.unit.site)
        (found,) = inbox.take_all([incoming], clock=lambda: e.now)
        self.became[found["reason"] or found["outcome"]] += 1
        if found["reason"] in OPEN_ROUND:
            found = _resolved(e, case, sent, found)
        if found["outcome"] != "taken":
            raise Refused(f"{sent.accession} was not taken: {found['outcome']}, {found['reason']}: {found['sentence']}")
        e.see(case, e.doorway.look(case.stream))


def _incoming(sent: Sent, woman: Woman, control_id: str, source: str) -> Incoming:
    if sent.reported_at is None:
        (line,) = examinations.rows(table([row(sent, woman)]))
        return Incoming(source, MessageFormat.EXAMINATION, line.content, line.digest, sent.sender)
    (raw,) = split(message(sent, woman, control_id))
    return inbox.hl7(raw, source)


def _resolved(e: Engine, case: Case, sent: Sent, found: Result) -> Result:
    """Say, as the front desk would, which round it was made for; a screening that has none begins one."""
    desk = e.roster.anyone(Role.FRONT_DESK).actor
    decision = Decision(patient=case.stream, episode=sent.episode, new_round=sent.episode is None, by=desk)
    filed = inbox.process(found["message"], now=e.now, decision=decision)
    return inbox.result(filed, found["source"], repeated=False)


def also_into(folder: Folder) -> Callable[[Engine, Case, Sent], None]:
    """Return a way to deliver that takes each as a step and leaves it in a folder too, for a system elsewhere."""

    def deliver(e: Engine, case: Case, sent: Sent) -> None:
        at_once(e, case, sent)
        folder.add(sent, case.woman, e.now)

    return deliver
