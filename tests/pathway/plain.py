"""The plain way to fold a log: after every step ask everything anew. Slow, and what the fast fold must equal."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway.matters import her_matters, owed_by
from closerlook.pathway.patient import evolve
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Key, Opened, Patient


def plain_fold(stream: str, log: Sequence[ev.Recorded], protocols: Mapping[str, Protocol]) -> Patient:
    """Fold a log, remembering of the past only what was owed or held back at each step."""
    standing = _standing(log)
    patient = Patient(stream)
    owed: dict[Key, Opened] = {}
    held: dict[Key, Opened] = {}
    for step in dict.fromkeys(r.step for r in standing):
        facts = [r for r in standing if r.step == step]
        for record in facts:
            patient = evolve(patient, record)
        now, waiting = _asked(patient, protocols)
        at = facts[-1].recorded_at
        before, held_before = owed, held
        owed = {
            key: before.get(key) or Opened(step, at, held_before[key].first_at if key in held_before else at)
            for key in now
        }
        held = {key: held_before.get(key) or before.get(key) or Opened(step, at, at) for key in waiting}
    return replace(patient, owed=owed, suspended=held, version=log[-1].seq if log else 0)


def _standing(log: Sequence[ev.Recorded]) -> list[ev.Recorded]:
    """The facts that no standing fact calls an error: the last word counts, so the log is read backwards."""
    out: set[int] = set()
    standing: list[ev.Recorded] = []
    for record in reversed(log):
        if record.seq in out:
            continue
        standing.insert(0, record)
        if isinstance(record.event, ev.EnteredInError):
            out |= set(record.event.seqs)
    return standing


def _asked(patient: Patient, protocols: Mapping[str, Protocol]) -> tuple[list[Key], list[Key]]:
    now: list[Key] = [(None, m.kind, m.subject) for m in her_matters(patient)]
    waiting: list[Key] = []
    for episode in patient.episodes.values():
        if episode.settled is None:
            owed, held = owed_by(episode, protocols[episode.protocol], patient.around)
            now += [(episode.id, m.kind, m.subject) for m in owed]
            waiting += [(episode.id, m.kind, m.subject) for m in held]
    return now, waiting
