"""What the machines and the reporting system send of an examination: the same, as a step or as a message.

You are here because a feed and the direct run differ. `Sent` holds what is stated; `step_of` takes it as the inbox
would, routed by the same rules; `feeds` writes it as real senders do.
"""

from datetime import datetime

from msgspec import Struct

from closerlook.exchange.routing import Placement, Unplaced, route
from closerlook.pathway import steps as st
from closerlook.pathway.events import Reading, SideAssessment
from closerlook.pathway.regions import Patient
from closerlook.pathway.terms import Density, ExaminationKind, FindingKind, Laterality, ReportStatus


class Sent(Struct, frozen=True, kw_only=True):
    """An examination, with its report where there is one (`reported_at`). Moments are to the second."""

    number: int
    accession: str
    kind: ExaminationKind
    looked_at: tuple[Laterality, ...]
    performed_at: datetime
    provider: str | None
    sender: str
    reported_at: datetime | None = None
    status: ReportStatus = ReportStatus.FINAL
    stated: tuple[SideAssessment, ...] = ()
    density: Density | None = None
    reader: str | None = None
    seen: FindingKind | None = None
    episode: str | None = None
    """The round it was made for, as who made the pictures knows; the feed does not say."""


def step_of(sent: Sent, patient: Patient, site: str, *, history: bool = False) -> st.Step:
    """Return what the inbox would take of it; where its rules leave the round open, what a person would say."""
    examination = st.Examination(
        kind=sent.kind,
        performed_at=sent.performed_at,
        sides=sent.looked_at,
        accession=f"{sent.sender}|{sent.accession}",
        provider=sent.provider,
        history=history,
    )
    place = route(patient, examination)
    if isinstance(place, Unplaced):
        place = Placement(episode=sent.episode)
    return _step(sent, examination, place, site)


def _step(sent: Sent, examination: st.Examination, place: Placement, site: str) -> st.Step:
    episode = None if place.exam else place.episode
    if sent.reported_at is None:
        return st.TakeExamination(
            examination=examination, site=site, episode=episode, reason=place.reason, answers=place.answers
        )
    reading = Reading(
        status=sent.status,
        reported_at=sent.reported_at,
        reader=sent.reader,
        sides=sent.stated,
        density=sent.density,
    )
    return st.TakeReport(
        reading=reading,
        examination=examination,
        site=site,
        exam=place.exam,
        episode=episode,
        reason=place.reason,
        answers=place.answers,
    )
