"""The software's own share of what is owed: it asks for its due loops like anyone else, and works them.

Writes letters into the outbox, tells the next rung that something is late, and picks up messages that a crash left
unread. A loop is leased before it is worked, so that two workers never do the same; a lease of a dead one runs out.
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DatabaseError, close_old_connections
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat
from msgspec import Struct

from closerlook.exchange import inbox
from closerlook.exchange.models import Message
from closerlook.letters import documents
from closerlook.letters.outbox import OutboxFailed
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import Actor, Document, Kind
from closerlook.pathway.loops import Loop
from closerlook.people import invitations, sites
from closerlook.people.models import Patient
from closerlook.portal import links
from closerlook.record import caseload, door
from closerlook.record.models import OpenLoop

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
LONGEST_MINUTES = 120
"""What was in trouble is tried again after it at the latest; nothing is leased for longer."""
AT_ONCE = 50
DOCUMENTS = {"send_summary": Document.SUMMARY, "tell_provider": Document.PROVIDER_REPORT}
ACTOR = Actor(Kind.WORKER, "worker")


def name() -> str:
    """Return what this worker signs its leases with."""
    return f"{socket.gethostname()}:{os.getpid()}"[:80]


def run(*, pause_seconds: float = 2.0, until: Callable[[], bool] = lambda: False) -> None:
    """Work until told to stop. A database that is away is waited for; a loop in trouble stays owed and is shown."""
    while not until():
        try:
            busy = once(datetime.now(UTC))
        except DatabaseError as error:
            log.error("The database does not answer (%s); trying again.", type(error).__name__)
            close_old_connections()
            busy = 0
        if not busy:
            time.sleep(pause_seconds)


def once(now: datetime) -> int:
    """Do everything that is due now. Returns how many things were done."""
    done = 0
    for message_id in inbox.waiting()[:AT_ONCE]:
        done += _filed(message_id, now)
    for kind in (*OWN, "hand_over"):
        for loop in _due(kind, now):
            done += _work(loop, now, do)
    for loop in _due_documents(now):
        done += _work(loop, now, do)
    for loop in OpenLoop.objects.filter(_free(now), escalate_at__lte=now).order_by("escalate_at")[:AT_ONCE]:
        done += _work(loop, now, _escalate)
    return done


def _filed(message_id: str, now: datetime) -> int:
    try:
        inbox.process(message_id, now=now)
    except DatabaseError:
        raise  # the database is away, or gives way to someone: the whole round is tried again
    except Exception:
        log.exception("Message %s stays in the inbox; the others go on.", message_id)
        return 0
    return 1


def _free(now: datetime) -> Q:
    """Nobody works on it: no lease, one that ran out, or one of a worker whose clock was wrong, who may be gone.

    Should that one be at work still, both do the same, and the door takes it from whoever is first.
    """
    wrong = now + timedelta(minutes=LONGEST_MINUTES) + LEASE
    return Q(lease_until__isnull=True) | Q(lease_until__lt=now) | Q(lease_until__gt=wrong)


def _due(kind: str, now: datetime) -> list[OpenLoop]:
    return list(OpenLoop.objects.filter(_free(now), kind=kind, visible_from__lte=now).order_by("due_at")[:AT_ONCE])


def _due_documents(now: datetime) -> list[OpenLoop]:
    """Letters and reports that are due and do not lie ready in the outbox yet."""
    ready = OpenLoop.objects.filter(stream=OuterRef("stream"), kind="post_document", subject=OuterRef("paper"))
    found: list[OpenLoop] = []
    for kind, document in DOCUMENTS.items():
        wanted = (
            OpenLoop.objects.filter(_free(now), owner="system", kind=kind, visible_from__lte=now)
            .annotate(paper=Concat(F("subject"), Value(f":{document}")))
            .filter(~Exists(ready))
            .order_by("due_at")[:AT_ONCE]
        )
        found += wanted
    return found


def _work(loop: OpenLoop, now: datetime, do: Callable[[OpenLoop, datetime], bool]) -> int:
    """Lease a loop, work it, and give it back; what went wrong stands on its row, where people see it."""
    mine = OpenLoop.objects.filter(
        _free(now), stream=loop.stream, kind=loop.kind, subject=loop.subject, opened_seq=loop.opened_seq
    )
    if not mine.update(lease_until=now + LEASE, worker=name(), attempts=F("attempts") + 1):
        return 0
    row = OpenLoop.objects.filter(
        stream=loop.stream, kind=loop.kind, subject=loop.subject, opened_seq=loop.opened_seq, worker=name()
    )
    try:
        did = do(loop, now)
    except door.StaleHistory:
        did = False  # someone changed her record meanwhile: look again next time round
    except (Refused, OutboxFailed, LookupError, ValueError, TypeError, ArithmeticError, AssertionError) as error:
        wait = min(2 ** min(loop.attempts, 7), LONGEST_MINUTES)
        row.update(lease_until=now + timedelta(minutes=wait), trouble=str(error)[:300])
        log.error("%s of %s: %s; trying again in %s minutes", loop.kind, loop.stream, type(error).__name__, wait)
        return 0
    row.update(lease_until=None, trouble="")
    return int(did)


def do(loop: OpenLoop | Loop, now: datetime, row: Patient | None = None) -> bool:
    """Do what the software owes about one loop, leased by the caller or by nobody. False where nothing came of it.

    `row` is who she is, read here where it is not given.
    """
    if loop.kind == "hand_over":
        return bool(caseload.go_on(loop.stream, ACTOR, now))
    own = OWN.get(loop.kind, _prepare)
    return own(loop, row or row_of(loop.stream), now)


def row_of(stream: str) -> Patient:
    """Return who a patient is, with her provider and her site."""
    return Patient.objects.select_related("provider", "site").get(pk=stream)


class Paper(Struct, frozen=True):
    """A letter or report to be written, with all that its writing needs and the step that notes it."""

    stream: str
    version: int
    key: str
    exam: str
    document: Document
    about: dict[str, Any]

    def written(self) -> str:
        """Write it into the outbox and return its file; another process may do that."""
        return documents.write(self.document, **self.about)


def paper(loop: OpenLoop | Loop, patient: Patient, now: datetime, *, with_link: bool = True) -> Paper | None:
    """Return what is to be written for a loop; None where nothing is. `with_link`: her summary leads to her page."""
    history = door.look(loop.stream)
    found = history.patient.exam(loop.subject)
    if found is None or found[1].result is None:
        return None
    episode, exam = found
    document = DOCUMENTS[loop.kind]
    told = exam.telling
    if (told.summary_file if document is Document.SUMMARY else told.provider_file) is not None:
        return None  # another worker was faster
    message = Message.objects.filter(pk=exam.result.message).first() if exam.result and exam.result.message else None
    about = {
        "patient_row": patient,
        "episode": episode,
        "exam": exam,
        "site": patient.site,
        "link_url": links.issue(patient, now, patient.site) if with_link and document is Document.SUMMARY else None,
        "report_text": message.text_of(loop.stream, exam.id) if message else None,
        "now": now,
    }
    return Paper(loop.stream, history.state.version, _key(loop, history.state.version), exam.id, document, about)


def lies_ready(written: Paper, file: str, now: datetime) -> bool:
    """Note that a paper lies in the outbox. Raises StaleHistory where her record has changed since it was begun."""
    step = st.PrepareDocument(exam=written.exam, document=written.document, file=file)
    answer = door.take(step, stream=written.stream, actor=ACTOR, key=written.key, seen=written.version, now=now)
    return bool(answer.new)


def _prepare(loop: OpenLoop | Loop, row: Patient, now: datetime) -> bool:
    """Write a letter or a report into the outbox and note that it lies ready. It is not sent until someone posts it."""
    wanted = paper(loop, row, now)
    return wanted is not None and lies_ready(wanted, wanted.written(), now)


def _key(loop: OpenLoop | Loop, version: int) -> str:
    return f"{loop.kind}:{loop.subject}:{loop.opened_seq}:{version}"[:120]


def _take(loop: OpenLoop | Loop, step: st.Step, now: datetime, site: str | None = None) -> bool:
    """Take a step of our own on the record as it stands; someone who was faster is let be."""
    version = door.look(loop.stream).state.version
    key = _key(loop, version)
    return bool(door.take(step, stream=loop.stream, actor=ACTOR, key=key, seen=version, now=now, site=site).new)


def _set_next_due(loop: OpenLoop | Loop, row: Patient, now: datetime) -> bool:
    protocol = sites.protocol(row.site.slug)
    step = invitations.next_step(door.look(loop.stream).patient, row, protocol, protocol.calendar.on(now))
    return _take(loop, step, now, row.site.slug)


def _begin_round(loop: OpenLoop | Loop, row: Patient, now: datetime) -> bool:
    return _take(loop, st.OpenRound(site=row.site.slug), now)


def _invitation(loop: OpenLoop | Loop, row: Patient, now: datetime) -> bool:
    episode = door.look(loop.stream).patient.episodes[loop.subject]
    if episode.invitation is not None:
        return False  # it lies ready; someone has to post it
    file = documents.invite(patient_row=row, episode=episode, site=row.site, now=now)
    return _take(loop, st.PrepareInvitation(episode=episode.id, file=file), now)


def _finalise(loop: OpenLoop | Loop, _row: Patient, now: datetime) -> bool:
    return _take(loop, st.FinaliseReading(exam=loop.subject), now)


OWN: dict[str, Callable[[OpenLoop | Loop, Patient, datetime], bool]] = {
    "set_next_due": _set_next_due,
    "invite": _begin_round,
    "send_invitation": _invitation,
    "finalise_reading": _finalise,
}
"""What the software does by itself, as soon as it is visible; letters about results are asked for apart."""


def _escalate(loop: OpenLoop | Loop, now: datetime) -> bool:
    step = st.Escalate(kind=loop.kind, subject=loop.subject, opened_seq=loop.opened_seq, episode=loop.episode)
    key = f"escalate:{loop.kind}:{loop.subject}:{loop.opened_seq}:{loop.rung}"
    return bool(door.take(step, stream=loop.stream, actor=ACTOR, key=key, now=now).new)
