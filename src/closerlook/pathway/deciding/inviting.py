"""Before the examination: rounds begun because she is due, invitations, screening put off, or asked for no more."""

from datetime import timedelta

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.context import Context, Refused, text
from closerlook.pathway.events import Event, Kind
from closerlook.pathway.regions import Episode

LONGEST_DEFERRAL = timedelta(days=2 * 366)
"""Screening put off for longer is another due date, set with its reason; site default."""


def open_round(step: st.OpenRound, c: Context) -> list[Event]:
    c.alive()
    if step.answers is not None:
        visit = c.patient.dated.get(step.answers)
        if visit is None:
            return []  # its round has begun, or it was answered
        reason, due_on = ev.RoundReason.SURVEILLANCE, visit.due_on
    else:
        due = c.patient.next_due
        if due is None or c.patient.around.uninvited or c.patient.merged_into is not None:
            return []  # another worker was faster, or she is not invited any more
        if any(e.is_awaited and e.settled is None and e.answers is None for e in c.patient.episodes.values()):
            raise Refused("A round that waits for her is open already.")
        reason, due_on = ev.RoundReason.SCREENING, due.due_on
    return [
        ev.RoundOpened(
            occurred_at=c.now,
            episode=f"e{c.next_seq}",
            site=step.site,
            reason=reason,
            answers=step.answers,
            due_on=due_on,
        )
    ]


def _awaited(episode_id: str, c: Context) -> Episode:
    episode = c.open_episode(episode_id)
    if not episode.is_awaited:
        raise Refused("She has been examined in this round already, or it did not begin with an invitation.")
    return episode


def prepare_invitation(step: st.PrepareInvitation, c: Context) -> list[Event]:
    episode = _awaited(step.episode, c)
    if episode.invited or episode.invitation is not None:
        return []
    return [ev.InvitationPrepared(occurred_at=c.now, episode=episode.id, file=step.file)]


def invited(step: st.RecordInvited, c: Context) -> list[Event]:
    episode = _awaited(step.episode, c)
    if episode.invited:
        return []
    if episode.invitation is None:
        raise Refused("Her invitation has not been printed yet. Print it first, then record that it was posted.")
    return [ev.Invited(occurred_at=c.now, episode=episode.id, proof=text(step.proof, "proof"))]


def not_screened(step: st.RecordNotScreened, c: Context) -> list[Event]:
    episode = _awaited(step.episode, c)
    c.need("close_not_screened", episode.id)
    return [ev.NotScreened(occurred_at=c.now, episode=episode.id, proof=text(step.proof, "proof"))]


def defer(step: st.DeferScreening, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.examined:
        raise Refused(
            "She has been examined; a work-up is not put off. Take her informed refusal, or book another day."
        )
    if episode.answers is not None:
        raise Refused("This is a short-interval check, not a screening. Book another day for it.")
    episode = _awaited(step.episode, c)
    today = c.protocol(episode).calendar.on(c.now)
    if not today < step.until <= today + LONGEST_DEFERRAL:
        raise Refused("Give a day to come, within two years.")
    reason = text(step.reason, "reason")
    return [
        ev.Deferred(occurred_at=c.now, episode=episode.id, until=step.until, reason=reason),
        ev.NextDueSet(occurred_at=c.now, due_on=step.until, why=reason),
    ]


def end_invitations(step: st.EndInvitations, c: Context) -> list[Event]:
    c.alive()
    if c.patient.invitations_ended is step.reason:
        return []
    if c.actor.kind is Kind.WORKER and step.reason not in ev.BY_ITSELF:
        raise Refused("The software ends invitations by age or where the programme is not for her, by nothing else.")
    proof = text(step.proof, "how she was told in writing")
    return [ev.InvitationsEnded(occurred_at=c.now, reason=step.reason, proof=proof)]


def resume_invitations(_step: st.ResumeInvitations, c: Context) -> list[Event]:
    c.alive()
    return [] if c.patient.invitations_ended is None else [ev.InvitationsResumed(occurred_at=c.now)]
