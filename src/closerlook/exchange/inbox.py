"""Messages in: every one lands in the inbox first, whole; then it is taken, known as a repeat, or set aside.

You are here when something arrives. `receive` commits the bytes; `process` files them, in one transaction with all that
follows. A crash between the two loses nothing: what was received and not looked at is processed by whoever comes next.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from msgspec import Struct

from closerlook.exchange.filing import MORE_THAN_CALM, Decision, Filed, NotFiled, file_message, file_row
from closerlook.exchange.hl7.framing import Raw
from closerlook.exchange.models import Arrival, Message, MessageFormat, MessageOutcome
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import Actor, Kind
from closerlook.pathway.terms import Role
from closerlook.record import door

log = logging.getLogger(__name__)
BATCH_SECONDS = 0.05
"""How long one import transaction may hold the database before people get a turn."""
BATCH_MESSAGES = 20
Progress = Callable[[int], None]


class Incoming(Struct, frozen=True):
    """Something that came in, before it is looked at."""

    source: str
    format: MessageFormat
    content: bytes
    digest: str
    sender: str = ""
    control_id: str = ""
    fault: str = ""
    fault_sentence: str = ""


def hl7(raw: Raw, source: str) -> Incoming:
    """Return an HL7 message as the inbox takes it."""
    header = raw.text[:2000].splitlines()[0].split(raw.text[3:4] or "|") if raw.text.startswith("MSH") else []
    control_id = header[9] if len(header) > 9 else ""
    digest = raw.digest
    if raw.fault is not None and raw.fault.code == "batch_count":
        # An envelope says the same of every short batch: each file's is an alarm of its own.
        digest = hashlib.sha256(f"{raw.digest}{source}".encode()).hexdigest()
    code, sentence = (raw.fault.code, raw.fault.sentence[:500]) if raw.fault is not None else ("", "")
    return Incoming(source, MessageFormat.HL7, raw.content, digest, _sender(header), _plain(control_id), code, sentence)


def _plain(text: str) -> str:
    """Return what any database takes: no NUL, nothing longer than its column."""
    return text.replace("\x00", "")[:200]


def receive(incoming: Sequence[Incoming], *, clock: Callable[[], datetime]) -> list[tuple[Message, bool]]:
    """Put things into the inbox, in order. Returns each, and whether its content was there already."""
    fresh = [_message(one, clock()) for one in incoming]
    Message.objects.bulk_create(fresh, ignore_conflicts=True)  # whoever came first has the content's digest
    kept = {m.digest: m for m in Message.objects.filter(digest__in={one.digest for one in incoming})}
    found = [(kept[m.digest], kept[m.digest].id != m.id) for m in fresh]
    Arrival.objects.bulk_create(
        Arrival(message=message, arrived_at=m.received_at, source=m.source, repeated=repeated)
        for m, (message, repeated) in zip(fresh, found, strict=True)
    )
    return found


def _message(incoming: Incoming, now: datetime) -> Message:
    return Message(
        received_at=now,
        source=incoming.source[-500:],
        format=incoming.format,
        sender=incoming.sender,
        control_id=incoming.control_id,
        digest=incoming.digest,
        content=incoming.content,
        fault=incoming.fault,
        fault_sentence=incoming.fault_sentence,
    )


def _sender(header: Sequence[str]) -> str:
    return _plain("|".join(part.split("^")[0] for part in header[2:4]))


def process(message_id: str, *, now: datetime, decision: Decision | None = None) -> Message:
    """File one message of the inbox, or set it aside; once. Safe to call again, and from two processes at once.

    `decision` is what a person said of a message set aside; without one the rules are tried again.
    """
    for last in range(door.TRIES - 1, -1, -1):
        try:
            with transaction.atomic(durable=True):
                return _process(message_id, now, decision)
        except (IntegrityError, OperationalError) as error:
            # Someone entered the same patient or round at the same moment: look again, on what stands now.
            if not last or not door.may_try_again(error):
                raise
    raise AssertionError("the loop above returns or raises")


def _process(message_id: str, now: datetime, decision: Decision | None = None) -> Message:
    message = Message.objects.select_for_update().get(pk=message_id)
    if message.outcome not in (MessageOutcome.RECEIVED, MessageOutcome.SET_ASIDE):
        return message
    earlier = message.outcome
    try:
        with transaction.atomic():
            filed = _reused(message, decision) or filer(message)(message, now=now, decision=decision)
    except NotFiled as why:
        filed = why
    except (OperationalError, IntegrityError):
        raise
    except Exception as why:  # noqa: BLE001  whatever a message does to us, it is set aside and the next one is taken
        log.error("Message %s could not be filed: %s", message.id, type(why).__name__)
        text = bytes(message.content[:20_000]).decode("utf-8", errors="replace").replace("\x00", " ")
        sentence = "Something in it cannot be recorded as it stands, such as a date out of range or a value too long."
        filed = NotFiled("cannot_be_read", sentence, prose=text, suspicious=True)
    actor = Actor(Kind.FEED, message.sender or "inbox")
    if isinstance(filed, NotFiled):
        _set_aside(message, filed, actor, now)
    else:
        _taken(message, filed, actor, now, was_aside=earlier == MessageOutcome.SET_ASIDE)
    message.save(
        update_fields=["outcome", "reason", "sentence", "patient", "episode", "exam", "said", "prose", "texts"]
    )
    return message


def filer(message: Message) -> Callable[..., Filed]:
    """Return what files a message of this format."""
    return file_row if message.format == MessageFormat.EXAMINATION else file_message


def _reused(message: Message, decision: Decision | None) -> NotFiled | None:
    """A sender's control id names one message; another content under it is for a person."""
    accepted = decision is not None and decision.same_control_id
    if accepted or not message.control_id or not message.sender or message.format != MessageFormat.HL7:
        return None
    others = Message.objects.filter(sender=message.sender, control_id=message.control_id).exclude(pk=message.pk)
    if others.filter(received_at__lte=message.received_at).exists():
        return NotFiled("control_id_reused", "The sender has used this control id for another message.")
    return None


def _set_aside(message: Message, why: NotFiled, actor: Actor, now: datetime) -> None:
    message.outcome = MessageOutcome.SET_ASIDE
    message.reason, message.sentence = why.reason, why.sentence[:500]
    message.said, message.prose = why.said, why.prose.replace("\x00", " ")
    step = st.SetMessageAside(reason=why.reason, suspicious_words=why.suspicious, offered=why.offered)
    key = f"aside:{message.id}:{now.timestamp()}"
    door.take_within(step, stream=message.id, actor=actor, key=key, now=now)


def _taken(message: Message, filed: Filed, actor: Actor, now: datetime, *, was_aside: bool) -> None:
    message.outcome = MessageOutcome.TAKEN
    message.reason = message.sentence = ""
    message.patient, message.episode, message.exam = filed.patient, filed.episode, filed.exam
    message.said, message.prose, message.texts = filed.said, filed.prose, filed.texts
    if was_aside:
        step = st.FileMessage(patient=filed.patient)
        door.take_within(step, stream=message.id, actor=actor, key=f"filed:{message.id}", now=now)


class Result(dict[str, Any]):
    """What became of one message, in the documented shape of `ingest --json`."""


def take_all(
    incoming: Iterable[Incoming], *, clock: Callable[[], datetime], progress: Progress = lambda _: None
) -> Iterator[Result]:
    """Receive and process, yielding what became of each, in order.

    Small batches are committed together, and the database is free between them.
    """
    left = iter(incoming)
    while batch := list(islice(left, BATCH_MESSAGES)):
        with transaction.atomic(durable=True):
            received = receive(batch, clock=clock)
        done = process_many([message.id for message, _ in received], clock=clock)
        told: set[str] = set()
        for one, (message, repeated) in zip(batch, received, strict=True):
            progress(1)
            # One that a crash left unread is no repeat: it is taken now, the first time it is told of.
            again = message.id in told or (repeated and message.outcome != MessageOutcome.RECEIVED)
            told.add(message.id)
            yield result(done.get(message.id, message), one.source, repeated=again)


def process_many(message_ids: Sequence[str], *, clock: Callable[[], datetime]) -> dict[str, Message]:
    """Process messages several to a transaction; where one fails for the database's sake, one by one."""
    done: dict[str, Message] = {}
    left = list(dict.fromkeys(message_ids))
    while left:
        try:
            with transaction.atomic(durable=True):
                begun = time.monotonic()
                taken: dict[str, Message] = {}
                while left[len(taken) :] and (not taken or time.monotonic() - begun < BATCH_SECONDS):
                    message_id = left[len(taken)]
                    taken[message_id] = _process(message_id, clock())
        except (IntegrityError, OperationalError) as error:
            if not door.may_try_again(error):
                raise
            taken = {left[0]: process(left[0], now=clock())}
        done |= taken
        left = left[len(taken) :]
    return done


def waiting() -> list[str]:
    """Return the ids of messages received and never looked at, oldest first: a crash leaves such."""
    found = Message.objects.filter(outcome=MessageOutcome.RECEIVED).order_by("received_at", "id")
    return list(found.values_list("id", flat=True))


def discard(message_id: str, *, reason: str, actor: Actor, key: str, now: datetime) -> Message:
    """Discard a message set aside, with the reason a person gives. Raises Refused."""
    with transaction.atomic(durable=True):
        message = Message.objects.select_for_update().get(pk=message_id)
        if not may_discard(message, actor):
            raise Refused("It asks for more than a normal result does: a radiologist says that it is nobody's here.")
        door.take_within(st.DiscardMessage(reason=reason), stream=message.id, actor=actor, key=key, now=now)
        message.outcome = MessageOutcome.DISCARDED
        message.save(update_fields=["outcome"])
    return message


def may_discard(message: Message, actor: Actor) -> bool:
    """Whether someone may say that a message is nobody's result here: of a call-back only a radiologist does."""
    return not message.said.get(MORE_THAN_CALM) or actor.kind is not Kind.STAFF or Role.RADIOLOGIST in actor.roles


def result(message: Message, source: str, *, repeated: bool) -> Result:
    """Return the documented JSON object for one message."""
    said = message.said
    outcome = "repeated" if repeated else str(message.outcome)
    return Result(
        source=source,
        control_id=message.control_id,
        outcome=outcome,
        reason=message.reason or None,
        sentence=message.sentence or None,
        patient=message.patient or None,
        episode=message.episode or None,
        assessment=said.get("assessment"),
        category=said.get("category"),
        sides=said.get("sides", []),
        density=said.get("density"),
        assessment_evidence=said.get("assessment_evidence"),
        status=said.get("status", "unknown"),
        needs_person=said.get("needs_person", []),
        message=message.id,
    )
