"""What a stream that owes one thing at a time needs: its loop, and how that is carried when it is late.

A message that could not be filed and a caseload that is handed over have such streams.
"""

from datetime import datetime

from closerlook.pathway import events as ev
from closerlook.pathway.events import Event
from closerlook.pathway.loops import Loop, next_escalation, next_rung
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Opened, Reach


def only_loop(
    stream: str,
    kind: str,
    protocol: Protocol,
    *,
    opened_seq: int,
    opened_at: datetime,
    reach: Reach | None,
    suspicious: bool = False,
    about: str = "",
) -> Loop:
    """Return the one loop such a stream owes, since `opened_at`."""
    row = protocol.row(kind, "suspicious" if suspicious else "")
    late = min(protocol.calendar.after(opened_at, clock) for clock in row.late)
    opened = Opened(opened_seq, opened_at, opened_at)
    return Loop(
        stream=stream,
        kind=kind,
        subject=stream,
        opened_seq=opened_seq,
        episode=None,
        owner=row.owner,
        assignee=None,
        visible_from=opened_at,
        due_at=protocol.calendar.after(opened_at, row.due),
        late_at=late,
        rule=row.rule,
        legal=row.legal,
        urgent=suspicious,
        escalate_at=next_escalation(row, late, opened, reach.at if reach else None, protocol),
        rung=reach.rung if reach else 0,
        escalated_to=reach.to if reach else None,
        about=about,
    )


def escalated(loops: list[Loop], opened_seq: int, protocol: Protocol, now: datetime) -> list[Event]:
    """Return the fact that the next rung was told; none where it is closed, or told by another worker."""
    return [
        ev.Escalated(
            occurred_at=now,
            kind=loop.kind,
            subject=loop.subject,
            opened_seq=opened_seq,
            rung=loop.rung + 1,
            to=next_rung(loop, protocol),
        )
        for loop in loops
        if loop.opened_seq == opened_seq and loop.escalate_at <= now
    ]
