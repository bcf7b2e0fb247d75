"""Tissue and what follows: taken, reported, weighed, told; and her way to the team that treats her."""

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.context import Context, Refused, resumed, text
from closerlook.pathway.events import Channel, Event
from closerlook.pathway.regions import Episode, FindingState, FindingStatus, Specimen
from closerlook.pathway.terms import Plan, Tissue
from closerlook.pathway.tissue import TAKES_NONE, latest

INSTEAD = frozenset({Plan.REPEAT_BIOPSY, Plan.EXCISION, Plan.MORE_IMAGING})
"""What can take the place of a biopsy that is not possible."""


def _of(finding_id: str, c: Context) -> tuple[Episode, FindingState]:
    rounds = sorted(c.patient.episodes.values(), key=lambda e: e.settled is not None)  # open rounds first
    for episode in rounds:
        finding = episode.findings.get(finding_id)
        if finding is not None:
            return c.open_episode(episode.id), finding
    raise Refused(f"She has no finding {finding_id}. Open her page again.")


def _wanting(finding_id: str, c: Context) -> tuple[Episode, FindingState]:
    episode, finding = _of(finding_id, c)
    if finding.status is not FindingStatus.BIOPSY:
        raise Refused("No tissue of this finding is asked for now. Someone may have recorded it already.")
    return episode, finding


def biopsy(step: st.RecordBiopsy, c: Context) -> list[Event]:
    episode, finding = _of(step.finding, c)
    known = latest(episode, finding.id)
    if finding.status is FindingStatus.SAMPLED and known is not None and known.tissue is None:
        return []  # the same piece, recorded twice
    episode, finding = _wanting(step.finding, c)
    going_on = resumed(episode, c)
    return [
        *going_on,
        ev.BiopsyDone(
            occurred_at=c.now,
            episode=episode.id,
            specimen=f"{episode.id}.t{c.next_seq + len(going_on)}",
            finding=finding.id,
            method=step.method,
            marker=step.marker,
        ),
    ]


def no_tissue(step: st.RecordNoTissue, c: Context) -> list[Event]:
    episode, finding = _wanting(step.finding, c)
    if latest(episode, finding.id) is not None:
        raise Refused("Earlier tissue of this finding explains nothing yet. Decide in conference what follows.")
    why = text(step.why, "reason")
    return [
        *resumed(episode, c),
        ev.NoTissueNeeded(occurred_at=c.now, episode=episode.id, finding=finding.id, why=why),
    ]


def not_possible(step: st.RecordNotPossible, c: Context) -> list[Event]:
    episode, finding = _wanting(step.finding, c)
    if step.plan not in INSTEAD:
        raise Refused("Say what is done instead: another biopsy, an operation, or other pictures.")
    if step.plan is Plan.MORE_IMAGING and latest(episode, finding.id) is not None:
        raise Refused("Earlier tissue of this finding explains nothing yet; pictures alone cannot answer it.")
    if finding.plan is step.plan:
        return []
    why = text(step.why, "reason")
    return [
        *resumed(episode, c),
        ev.BiopsyNotPossible(occurred_at=c.now, episode=episode.id, finding=finding.id, why=why, plan=step.plan),
    ]


# ---------------------------------------------------------------- what it showed


def _specimen(specimen_id: str, c: Context) -> tuple[Episode, Specimen]:
    episode = c.episode(specimen_id.partition(".")[0])
    specimen = episode.specimens.get(specimen_id)
    if specimen is None:
        raise Refused(f"She has no specimen {specimen_id}. Open her page again.")
    return episode, specimen


def pathology(step: st.RecordPathology, c: Context) -> list[Event]:
    episode, specimen = _specimen(step.specimen, c)
    if (specimen.tissue, specimen.lesion) == (step.tissue, step.lesion):
        return []
    return [
        ev.PathologyReported(
            occurred_at=c.now,
            episode=episode.id,
            specimen=specimen.id,
            tissue=step.tissue,
            lesion=step.lesion,
            message=step.message,
        )
    ]


def concordance(step: st.DecideConcordance, c: Context) -> list[Event]:
    episode, specimen = _specimen(step.specimen, c)
    if specimen.tissue is None:
        raise Refused("The pathologist has not reported this specimen yet.")
    if specimen.tissue is Tissue.INSUFFICIENT:
        raise Refused("There was not enough tissue to compare. Plan what follows instead.")
    if step.follow_up not in TAKES_NONE:
        raise Refused("What follows a fitting benign answer is routine screening or a look after a short time.")
    if (specimen.concordant, specimen.follow_up) == (step.concordant, step.follow_up):
        return []
    return [
        ev.ConcordanceDecided(
            occurred_at=c.now,
            episode=episode.id,
            specimen=specimen.id,
            concordant=step.concordant,
            follow_up=step.follow_up,
        )
    ]


def plan_next(step: st.PlanNext, c: Context) -> list[Event]:
    episode, finding = _of(step.finding, c)
    piece = latest(episode, finding.id)
    again = finding.status is FindingStatus.BIOPSY and piece is not None
    if finding.status is not FindingStatus.UNDECIDED and not again:
        raise Refused("Nothing is to be decided about this finding now. Someone may have decided already.")
    if step.plan is Plan.MORE_IMAGING:
        raise Refused("Tissue that explains nothing is not answered by pictures: more tissue, or a conference.")
    if again and finding.plan is step.plan:
        return []
    names = tuple(name.strip() for name in step.conference if name.strip())
    if step.plan in TAKES_NONE and len(set(names)) < 2:
        raise Refused("To take no more tissue is decided in conference. Name two at least who decided it.")
    return [ev.NextPlanned(occurred_at=c.now, episode=episode.id, finding=finding.id, plan=step.plan, conference=names)]


# ---------------------------------------------------------------- told


def tell(step: st.TellDiagnosis, c: Context) -> list[Event]:
    episode, specimen = _specimen(step.specimen, c)
    c.alive()
    allowed = c.protocol(episode).tell_diagnosis_by
    if step.channel not in allowed or step.channel not in (Channel.PHONE, Channel.IN_PERSON):
        ways = " or ".join(way.replace("_", " ") for way in allowed)
        raise Refused(f"What tissue showed is told her by a clinician: {ways}.")
    if specimen.told:
        return resumed(episode, c)
    if (episode.id, "tell_diagnosis", specimen.id) not in {*c.patient.owed, *c.patient.suspended}:
        raise Refused("There is nothing to tell of this specimen yet.")
    return [
        *resumed(episode, c),
        ev.DiagnosisTold(occurred_at=c.now, episode=episode.id, specimen=specimen.id, channel=step.channel),
    ]


def tell_provider(step: st.TellProviderDiagnosis, c: Context) -> list[Event]:
    episode, specimen = _specimen(step.specimen, c)
    if specimen.provider_told:
        return []
    c.need("tell_provider_diagnosis", specimen.id)
    proof = text(step.proof, "proof")
    return [ev.DiagnosisProviderTold(occurred_at=c.now, episode=episode.id, specimen=specimen.id, proof=proof)]


# ---------------------------------------------------------------- her care team


def refer(step: st.Refer, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    team = text(step.team, "name of the team")
    if episode.referral.team == team and episode.referral.first_visit_on is None:
        return []
    if not any(c.patient.owed.keys() & {(episode.id, kind, episode.id)} for kind in ("refer", "accept_referral")):
        raise Refused("She is referred once she was told of a diagnosis, and until a team expects her.")
    return [ev.Referred(occurred_at=c.now, episode=episode.id, team=team)]


def accepted(step: st.RecordAccepted, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    if episode.referral.first_visit_on == step.first_visit_on:
        return []
    c.need("accept_referral", episode.id)
    if step.first_visit_on < c.protocol(episode).calendar.on(c.now):
        raise Refused("Give the day the team expects her, today or to come.")
    return [ev.ReferralAccepted(occurred_at=c.now, episode=episode.id, first_visit_on=step.first_visit_on)]


def first_visit(step: st.RecordFirstVisit, c: Context) -> list[Event]:
    episode = c.open_episode(step.episode)
    c.need("confirm_first_visit", episode.id)
    day = episode.referral.first_visit_on
    if day is not None and day > c.protocol(episode).calendar.on(c.now):
        raise Refused("The day of her first visit has not come.")
    if step.came:
        return [*resumed(episode, c), ev.FirstVisitAttended(occurred_at=c.now, episode=episode.id)]
    return [ev.FirstVisitMissed(occurred_at=c.now, episode=episode.id)]


def end_treatment(step: st.EndTreatment, c: Context) -> list[Event]:
    c.alive()
    episode = c.episode(step.episode)
    if episode.id not in c.patient.treating:
        raise Refused("No treatment goes on after this round, as far as is known here.")
    c.to_come(step.next_due_on)
    return [
        ev.TreatmentEnded(occurred_at=c.now, episode=episode.id),
        ev.NextDueSet(occurred_at=c.now, due_on=step.next_due_on, why=text(step.why, "reason")),
    ]
