"""Care in other hands, and what is beside the breast: claims, hand-overs between units, incidental findings, AI."""

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.context import Context, Refused, text
from closerlook.pathway.deciding.examining import examined, known
from closerlook.pathway.events import Event
from closerlook.pathway.regions import NOWHERE, UNANSWERED, WORKUP, Episode


def _asking(episode_id: str, c: Context) -> Episode:
    episode = c.open_episode(episode_id)
    if not any(f.status in UNANSWERED for f in episode.findings.values()):
        raise Refused("Nothing in this round asks for anything that could be done elsewhere.")
    return episode


def claim(step: st.ClaimOutside, c: Context) -> list[Event]:
    episode = _asking(step.episode, c)
    source = text(step.source, "where it was done")
    if episode.elsewhere.claimed == source:
        return []
    return [ev.OutsideClaimed(occurred_at=c.now, episode=episode.id, source=source)]


def move_care(step: st.MoveCare, c: Context) -> list[Event]:
    episode = _asking(step.episode, c)
    to = text(step.to, "name of the other unit")
    if episode.elsewhere.asked == to:
        return []
    return [ev.CareMoved(occurred_at=c.now, episode=episode.id, to=to)]


def acknowledge(step: st.AcknowledgeCare, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.elsewhere.acknowledged:
        return []
    if episode.elsewhere.asked is None:
        raise Refused("Nobody was asked to go on with her care.")
    return [ev.CareAcknowledged(occurred_at=c.now, episode=episode.id, proof=text(step.proof, "proof"))]


def take_back(step: st.TakeCareBack, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.elsewhere.asked is None and episode.elsewhere.claimed is None:
        return []
    return [ev.CareTakenBack(occurred_at=c.now, episode=episode.id, reason=text(step.reason, "reason"))]


def outside_result(step: st.TakeOutsideResult, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if step.examination.kind not in WORKUP:
        raise Refused("What was done elsewhere is a work-up examination: a diagnostic mammogram, ultrasound or MRI.")
    source = text(step.source, "where it was done")
    take = st.TakeExamination(examination=step.examination, site=episode.site, episode=episode.id)
    there = known(c.patient, step.examination)
    events: list[Event] = []
    if there is None:
        _, exam_id, events = examined(take, c, by_report=False, outside=True)
    elif there[1].outside == source and episode.elsewhere == NOWHERE:
        return []
    else:
        exam_id = there[1].id  # a feed was faster; the document is about the same examination
    received = ev.OutsideResultReceived(occurred_at=c.now, episode=episode.id, source=source, exam=exam_id)
    return [*events, received]


def incidental(step: st.RecordIncidental, c: Context) -> list[Event]:
    episode = c.episode(step.episode)
    what = text(step.what, "what was seen")
    if what in episode.incidentals.values():
        return []
    name = f"{episode.id}.i{c.next_seq}"
    return [ev.IncidentalFound(occurred_at=c.now, episode=episode.id, incidental=name, what=what)]


def pass_on(step: st.PassOnIncidental, c: Context) -> list[Event]:
    episode = c.episode(step.incidental.partition(".")[0])
    if step.incidental not in episode.incidentals:
        raise Refused("This was passed on already.")
    return [
        ev.IncidentalPassedOn(
            occurred_at=c.now,
            episode=episode.id,
            incidental=step.incidental,
            to=text(step.to, "who looks after it"),
            proof=text(step.proof, "proof"),
        )
    ]


def merge_into(step: st.MergeInto, c: Context) -> list[Event]:
    survivor = text(step.survivor, "other record")
    if survivor == c.patient.id:
        raise Refused("A record cannot be merged into itself.")
    if c.patient.merged_into == survivor:
        return []
    if c.patient.merged_into is not None or c.patient.absorbed:
        raise Refused("This record is merged with another already. Take that apart first.")
    return [ev.MergedInto(occurred_at=c.now, survivor=survivor)]


def absorb(step: st.Absorb, c: Context) -> list[Event]:
    retired = text(step.retired, "other record")
    if retired == c.patient.id:
        raise Refused("A record cannot be merged into itself.")
    if retired in c.patient.absorbed:
        return []
    if c.patient.merged_into is not None:
        raise Refused("This record was itself merged into another. Merge into that one.")
    return [ev.Absorbed(occurred_at=c.now, retired=retired)]


def unmerge(step: st.Unmerge, c: Context) -> list[Event]:
    if step.other != c.patient.merged_into and step.other not in c.patient.absorbed:
        return []
    return [ev.Unmerged(occurred_at=c.now, other=step.other)]
