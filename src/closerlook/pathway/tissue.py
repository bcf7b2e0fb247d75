"""Tissue: from a finding that needs a biopsy to what the pathologist's report means for it, and on to a care team.

You are here when a specimen is waited for, does not fit, or gave a diagnosis. A finding leaves this way only by a
concordant answer, a named plan, or a team that has seen her.
"""

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from closerlook.pathway import events as ev
from closerlook.pathway.events import Recorded
from closerlook.pathway.regions import Episode, FindingState, FindingStatus, Referral, Specimen
from closerlook.pathway.terms import Plan, Tissue

E = Episode
S = FindingStatus

NEEDS_PLAN = frozenset({Tissue.INSUFFICIENT, Tissue.HIGH_RISK, Tissue.SUSPICIOUS_TISSUE})
"""Tissue that settles nothing by itself, whether it fits the pictures or not."""
AFTER_PLAN: dict[Plan, FindingStatus] = {
    Plan.REPEAT_BIOPSY: S.BIOPSY,
    Plan.EXCISION: S.BIOPSY,
    Plan.MORE_IMAGING: S.OPEN,
    Plan.SHORT_INTERVAL: S.SURVEILLANCE,
    Plan.ROUTINE: S.RESOLVED,
}
"""What each plan leaves of a finding: the thing it owes next follows from that."""


TAKES_NONE = frozenset({Plan.ROUTINE, Plan.SHORT_INTERVAL})
"""Plans that take no more tissue: a decision of two at least, and told to her."""


def _finding(episode: E, finding_id: str, **changes: Any) -> E:
    finding = episode.findings.get(finding_id)
    if finding is None:  # the reading it came from was entered in error
        return episode
    return replace(episode, findings={**episode.findings, finding_id: replace(finding, **changes)})


def _specimen(episode: E, specimen_id: str, **changes: Any) -> E:
    specimen = episode.specimens.get(specimen_id)
    if specimen is None:
        return episode
    return replace(episode, specimens={**episode.specimens, specimen_id: replace(specimen, **changes)})


def latest(episode: E, finding_id: str) -> Specimen | None:
    """Return the last specimen taken of a finding."""
    return next((s for s in reversed(episode.specimens.values()) if s.finding == finding_id), None)


def biopsied(episode: E, e: ev.BiopsyDone, _r: Recorded) -> E:
    specimen = Specimen(e.specimen, e.finding, e.method, e.occurred_at, e.marker)
    episode = replace(episode, specimens={**episode.specimens, specimen.id: specimen})
    return _finding(episode, e.finding, status=S.SAMPLED, tissue_at=e.occurred_at, plan=None)


def no_tissue(episode: E, e: ev.NoTissueNeeded, _r: Recorded) -> E:
    return _finding(episode, e.finding, status=S.RESOLVED, tissue_at=e.occurred_at, decided_at=e.occurred_at)


def not_possible(episode: E, e: ev.BiopsyNotPossible, _r: Recorded) -> E:
    return _planned(episode, e.finding, e.plan, e.occurred_at)


def next_planned(episode: E, e: ev.NextPlanned, _r: Recorded) -> E:
    """That no more tissue is taken is news to her and her provider, whatever they were told of the tissue itself."""
    piece = latest(episode, e.finding)
    if e.plan in TAKES_NONE and piece is not None:
        episode = _specimen(episode, piece.id, told=False, provider_told=False, was_told=piece.told or piece.was_told)
    return _planned(episode, e.finding, e.plan, e.occurred_at)


def _planned(episode: E, finding_id: str, plan: Plan, at: datetime) -> E:
    status = AFTER_PLAN[plan]
    if status is S.OPEN:  # other pictures answer it, as any finding
        return _finding(
            episode,
            finding_id,
            status=status,
            tissue_at=at,
            decided_at=at,
            plan=None,
            planned=False,
            examined_by=(),
            asked_of=(),
        )
    plan_left = plan if status is S.BIOPSY else None
    return _finding(episode, finding_id, status=status, tissue_at=at, decided_at=at, plan=plan_left)


def reported(episode: E, e: ev.PathologyReported, _r: Recorded) -> E:
    known = episode.specimens.get(e.specimen)
    if known is None:
        return episode
    again = known.tissue is e.tissue
    episode = _specimen(
        episode,
        e.specimen,
        tissue=e.tissue,
        lesion=e.lesion,
        concordant=known.concordant if again else None,
        told=known.told and again,
        provider_told=known.provider_told and again,
        was_told=known.told or known.was_told,
    )
    return episode if again else _weighed(episode, e.specimen)


def concordance_decided(episode: E, e: ev.ConcordanceDecided, _r: Recorded) -> E:
    episode = _specimen(episode, e.specimen, concordant=e.concordant, follow_up=e.follow_up)
    specimen = episode.specimens.get(e.specimen)
    if specimen is not None:
        episode = _finding(episode, specimen.finding, decided_at=e.occurred_at)
    return _weighed(episode, e.specimen, e.follow_up)


def _weighed(episode: E, specimen_id: str, follow_up: Plan = Plan.ROUTINE) -> E:
    """Move the finding to what its tissue says by now. Malignant tissue of it is never outweighed by another piece."""
    specimen = episode.specimens.get(specimen_id)
    finding = episode.findings.get(specimen.finding) if specimen is not None else None
    if specimen is None or finding is None:
        return episode
    pieces = [s for s in episode.specimens.values() if s.finding == finding.id]
    if any(s.tissue is Tissue.MALIGNANT for s in pieces):
        return _finding(episode, finding.id, status=S.MALIGNANT)
    if finding.status is S.MALIGNANT:  # what was malignant is reported otherwise now: the last piece speaks again
        specimen = pieces[-1]
        follow_up = specimen.follow_up or Plan.ROUTINE
    elif pieces[-1].id != specimen_id and not _reopens(specimen, finding):
        return episode  # a later specimen speaks for it
    return _finding(episode, finding.id, status=_status(specimen, follow_up))


def _reopens(specimen: Specimen, finding: FindingState) -> bool:
    """Whether an earlier piece, reported anew, asks for more than its finding's answer allows."""
    return _status(specimen, Plan.ROUTINE) is S.UNDECIDED and finding.status in (S.RESOLVED, S.SURVEILLANCE)


def _status(specimen: Specimen, follow_up: Plan) -> FindingStatus:
    if specimen.tissue is None:
        return S.SAMPLED
    if specimen.tissue is Tissue.INSUFFICIENT or specimen.concordant is False:
        return S.UNDECIDED
    if specimen.concordant is None:
        return S.SAMPLED
    if specimen.tissue in NEEDS_PLAN:
        return S.UNDECIDED
    return S.SURVEILLANCE if follow_up is Plan.SHORT_INTERVAL else S.RESOLVED


def diagnosis_told(episode: E, e: ev.DiagnosisTold, _r: Recorded) -> E:
    return _specimen(episode, e.specimen, told=True)


def provider_told(episode: E, e: ev.DiagnosisProviderTold, _r: Recorded) -> E:
    return _specimen(episode, e.specimen, provider_told=True)


def referred(episode: E, e: ev.Referred, _r: Recorded) -> E:
    return replace(episode, referral=Referral(team=e.team, missed=episode.referral.missed))


def accepted(episode: E, e: ev.ReferralAccepted, _r: Recorded) -> E:
    return replace(episode, referral=replace(episode.referral, first_visit_on=e.first_visit_on))


def first_visit_missed(episode: E, _e: ev.FirstVisitMissed, _r: Recorded) -> E:
    missed = episode.referral.missed + 1
    return replace(episode, referral=replace(episode.referral, first_visit_on=None, missed=missed))


def first_visit_attended(episode: E, _e: ev.FirstVisitAttended, _r: Recorded) -> E:
    return replace(episode, referral=replace(episode.referral, attended=True))
