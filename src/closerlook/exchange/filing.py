"""From a message's bytes to facts in a patient's log: read it, find whose it is, find its round, take the step."""

import json
import re
from datetime import date, datetime
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from msgspec import Struct
from msgspec.structs import replace

from closerlook.exchange.hl7.framing import Raw, decode, split
from closerlook.exchange.hl7.parse import read_reports
from closerlook.exchange.hl7.report import Report, Unreadable, overall
from closerlook.exchange.models import Message
from closerlook.exchange.routing import Placement, Unplaced, route
from closerlook.exchange.tables.examinations import understand
from closerlook.pathway import steps as st
from closerlook.pathway.deciding import Refused
from closerlook.pathway.events import Actor, Kind, Reading, SideAssessment
from closerlook.pathway.regions import Patient as PatientState
from closerlook.pathway.terms import CALM, SUSPECT, ExaminationKind, Laterality, NeedsPerson
from closerlook.people import identity, sites
from closerlook.people.models import Patient, Site, TrustedSender
from closerlook.record import door

EVIDENCE_LENGTH = 200
MORE_THAN_CALM = "more_than_calm"
"""In what a message set aside says: whether any of its reports asks for more than a normal result does."""


class Filed(Struct, frozen=True):
    """Where a message went, what it said, and its prose."""

    patient: str
    episode: str
    exam: str
    said: dict[str, Any]
    prose: str
    texts: dict[str, str] = {}


class NotFiled(Exception):
    """Why a person has to look at a message. `offered` are places it may belong ("patient" or "patient/round")."""

    def __init__(
        self,
        reason: str,
        sentence: str,
        *,
        offered: tuple[str, ...] = (),
        said: dict[str, Any] | None = None,
        prose: str = "",
        suspicious: bool = False,
    ) -> None:
        super().__init__(f"{reason}: {sentence}")
        self.reason, self.sentence, self.offered = reason, sentence, offered
        self.said, self.prose, self.suspicious = said or {}, prose, suspicious


class Decision(Struct, frozen=True):
    """What a person decided about a message set aside: whose it is, and into which round (None: as the rules say).

    `same_control_id`: that the sender used its control id before does not matter here.
    """

    patient: str | None = None
    new_patient: bool = False
    episode: str | None = None
    new_round: bool = False
    same_control_id: bool = False
    by: Actor | None = None


def file_message(message: Message, *, now: datetime, decision: Decision | None = None) -> Filed:
    """Take every report of a message into its patient's log. Raises NotFiled; call it inside a transaction."""
    site = sites.of_sender(message.sender)
    trusted = TrustedSender.objects.filter(sender=message.sender).exists()
    if message.fault:  # known from the framing, which is not kept
        prose = decode(bytes(message.content))[0][:20_000]
        raise NotFiled(message.fault, message.fault_sentence, prose=prose, suspicious=_grave(prose, message.fault))
    raw = next(iter(split(bytes(message.content))), None)
    if raw is None:
        raise NotFiled("empty", "There is nothing in this message.")
    reports = _read(raw, site, trusted=trusted)
    if decision is not None and len({report.patient for report in reports}) > 1:
        raise NotFiled("several_patients", "This message is about more than one person; it cannot be filed by hand.")
    about = About(message, site, now, decision)
    try:
        filed = [_file(report, n, about) for n, report in enumerate(reports)]
    except NotFiled as why:  # it is set aside whole: what any of its reports says counts
        why.suspicious = why.suspicious or any(_says_grave(report) for report in reports)
        why.said = {**why.said, MORE_THAN_CALM: any(not _calm(report) for report in reports)}
        raise
    first = min(filed, key=lambda f: f.said.get("urgency", 9))
    return replace(first, texts={f"{f.patient}/{f.exam}": f.prose for f in filed})


def _read(raw: Raw, site: Site, *, trusted: bool) -> list[Report]:
    if raw.fault is not None:
        raise NotFiled(raw.fault.code, raw.fault.sentence, prose=raw.text[:20_000])
    try:
        return read_reports(raw, zone=site.zone, trusted=trusted)
    except Unreadable as why:
        # What cannot be read may still say something grave: a radiologist looks before the front desk discards it.
        raise NotFiled(why.code, why.sentence, prose=raw.text[:20_000], suspicious=_grave(raw.text, why.code)) from why


def _says_grave(report: Report) -> bool:
    return report.suspicious_words or any(s.category in SUSPECT for s in report.assessments)


def _calm(report: Report) -> bool:
    """Whether every category that a report states is normal or benign."""
    return all(s.category in CALM for s in report.assessments if s.category is not None)


def _grave(text: str, code: str) -> bool:
    from closerlook.exchange.hl7.advice import suspicious_words

    return code != "not_breast" and suspicious_words(text.replace("\r", "\n"))


class Aside(Protocol):
    """Makes the answer for a message that a person has to look at."""

    def __call__(self, reason: str, sentence: str, offered: tuple[str, ...] = ()) -> NotFiled: ...


class About(Struct, frozen=True):
    """What is the same for every report of a message. `site` is its sender's."""

    message: Message
    site: Site
    now: datetime
    decision: Decision | None


def _file(report: Report, n: int, about: About) -> Filed:
    said = said_of(report)

    def aside(reason: str, sentence: str, offered: tuple[str, ...] = ()) -> NotFiled:
        return NotFiled(
            reason, sentence, offered=offered, said=said, prose=report.text, suspicious=report.suspicious_words
        )

    if report.kind is None:
        raise aside("kind_not_stated", "It does not say what kind of breast examination this was.")
    if report.patient.birth_date is None:
        raise aside("no_birth_date", "It states no birth date, so nobody can be sure whose it is.")
    if report.provider is not None and report.provider.id:
        identity.know_provider(report.provider.id, report.provider.family, report.provider.given)
    examination = _examination(report, about)
    reading = _reading(report, about.message)
    patient, episode, exam = _take(_stated(report, report.patient.birth_date), examination, reading, n, about, aside)
    identity.referred_by(patient, examination.provider)
    return Filed(patient, episode, exam, said, report.text)


def file_row(message: Message, *, now: datetime, decision: Decision | None = None) -> Filed:
    """Take one line of a list of examinations into its patient's log. Raises NotFiled."""
    about = About(message, sites.of_sender(message.sender), now, decision)
    fields: dict[str, str] = json.loads(bytes(message.content))
    said = {"kind": fields.get("examination"), "performed_at": fields.get("performed_at")}

    def aside(reason: str, sentence: str, offered: tuple[str, ...] = ()) -> NotFiled:
        return NotFiled(reason, sentence, offered=offered, said=said)

    try:
        row = understand(fields, about.site.zone)
    except ValueError as why:
        raise aside("bad_row", str(why)) from why
    if row.provider:
        identity.know_provider(row.provider, row.provider, "")
    stated = identity.Stated(
        numbers=((row.authority or row.sender or "unstated", row.patient_number),),
        family=row.family,
        given=row.given,
        birth_date=row.birth_date,
        sex=row.sex,
        phone=row.phone,
        address=row.address,
        language=row.language,
    )
    examination = st.Examination(
        kind=row.kind,
        performed_at=row.performed_at,
        sides=row.sides,
        accession=f"{row.sender}|{row.accession}" if row.accession else None,
        order=f"{row.sender}|{row.order}" if row.order else None,
        provider=row.provider or None,
        history=_is_history(about.site, row.performed_at),
        study=row.study or None,
    )
    patient, episode, exam = _take(stated, examination, None, 0, about, aside)
    identity.referred_by(patient, examination.provider)
    return Filed(patient, episode, exam, said, "")


def _take(
    stated: identity.Stated, examination: st.Examination, reading: Reading | None, n: int, about: About, aside: Aside
) -> tuple[str, str, str]:
    """Find the patient and the round, take the step; return (patient, episode, exam)."""
    patient = _patient(stated, about, aside)
    place = _place(door.look(patient.id).patient, examination, about.decision)
    if isinstance(place, Unplaced):
        raise aside(place.reason, place.sentence, tuple(f"{patient.id}/{e}" for e in place.offered) or (patient.id,))
    step = _step(examination, reading, place, about.site.slug)
    actor = (about.decision.by if about.decision else None) or Actor(Kind.FEED, about.message.sender or "inbox")
    key = f"message:{about.message.id}:{n}"
    try:
        answer = door.take_within(step, stream=patient.id, actor=actor, key=key, now=about.now, site=about.site.slug)
    except Refused as why:
        raise aside("refused", str(why), (patient.id,)) from why
    return (patient.id, *_landed(answer.history, place, examination))


def _step(examination: st.Examination, reading: Reading | None, place: Placement, site: str) -> st.Step:
    episode = None if place.exam else place.episode
    if reading is None:
        return st.TakeExamination(
            examination=examination, site=site, episode=episode, reason=place.reason, answers=place.answers
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


def _place(patient: PatientState, examination: st.Examination, decision: Decision | None) -> Placement | Unplaced:
    if decision is not None and decision.new_round:
        return Placement()
    if decision is not None and decision.episode is not None:
        return Placement(episode=decision.episode)
    return route(patient, examination)


def _landed(history: door.History, place: Placement, examination: st.Examination) -> tuple[str, str]:
    """Return (episode, exam) the report now belongs to."""
    patient = history.patient
    if place.exam is not None:
        return place.exam.partition(".")[0], place.exam
    for episode in reversed(list(patient.episodes.values())):
        for exam in reversed(list(episode.exams.values())):
            if exam.accession == examination.accession and exam.order == examination.order:
                return episode.id, exam.id
    return "", ""


def _stated(report: Report, birth_date: date) -> identity.Stated:
    who = report.patient
    numbers = dict.fromkeys((i.authority or report.sender or "unstated", i.value) for i in who.identifiers)
    return identity.Stated(
        numbers=tuple(numbers),
        family=who.family,
        given=who.given,
        middle=who.middle,
        birth_date=birth_date,
        sex=who.sex,
        phone=next(iter(who.phones), ""),
        address="\n".join(who.address),
        language=who.language,
    )


def _patient(stated: identity.Stated, about: About, aside: Aside) -> Patient:
    decision = about.decision
    if decision is not None and decision.patient is not None:
        # A person says whose it is. A number that is somebody else's stays theirs: this message does not move it.
        known = Patient.objects.get(pk=decision.patient)
        if identity.is_someone_else(known, stated):
            raise aside("someone_else", "Name and birth date in this message are another person's. Check the number.")
        identity.learn(known, identity.unclaimed(stated.numbers))
        return known
    found = identity.match(stated)
    if found.patient is not None:
        identity.learn(found.patient, stated.numbers)
        identity.update_contact(found.patient, stated)
        return found.patient
    if found.reason and not (decision is not None and decision.new_patient):
        raise aside(found.reason, found.sentence, found.offered)
    try:
        with transaction.atomic():
            return identity.enter(stated, site=about.site, now=about.now)
    except IntegrityError:
        if decision is None:
            raise  # someone entered her at the same moment: the message is tried again
        sentence = "A number in it is another person's. Say whose message it is, or correct the number at its source."
        raise aside("number_of_another", sentence) from None


def _examination(report: Report, about: About) -> st.Examination:
    assert report.kind is not None  # noqa: S101  the caller set reports without a kind aside
    sender = about.message.sender
    sides = report.sides
    if not sides and report.kind is ExaminationKind.SCREENING:
        sides = (Laterality.LEFT, Laterality.RIGHT)
    return st.Examination(
        kind=report.kind,
        performed_at=report.performed_at,
        sides=sides,
        accession=f"{sender}|{report.accession}" if report.accession else None,
        order=f"{sender}|{report.order}" if report.order else None,
        provider=report.provider.id if report.provider and report.provider.id else None,
        history=_is_history(about.site, report.performed_at),
        study=report.study_instance_uid or None,
    )


def _is_history(site: Site, performed_at: datetime) -> bool:
    on = sites.protocol(site.slug).calendar.on(performed_at)
    return site.live_from is not None and on < site.live_from


def _reading(report: Report, message: Message) -> Reading:
    stated = overall(report)
    return Reading(
        status=report.status,
        reported_at=report.reported_at,
        reader=report.reader.id if report.reader else None,
        sides=tuple(SideAssessment(s.category, s.side, s.suspicion) for s in report.assessments),
        density=report.density,
        recommendation=report.recommendation,
        needs_person=needs_person(report),
        suspicious_words=report.suspicious_words,
        message=message.id,
        evidence=stated.evidence[:EVIDENCE_LENGTH] if stated else None,
    )


def needs_person(report: Report) -> tuple[NeedsPerson, ...]:
    """Return why a person confirms this report first: the reader's reasons, and a calm category over grave words."""
    needs = report.needs_person
    calm = bool(report.assessments) and all(s.category in CALM for s in report.assessments)
    withdrawn = any("was withdrawn" in sentence for sentence in report.unread)
    if calm and (report.suspicious_words or report.addendum or withdrawn or _DOUBT.search(_without_names(report))):
        needs = tuple(dict.fromkeys((*needs, NeedsPerson.CONTRADICTION)))
    if any("assessment that" in sentence for sentence in report.unread):
        needs = tuple(dict.fromkeys((*needs, NeedsPerson.CONTRADICTION)))
    return needs


def _without_names(report: Report) -> str:
    """Return a report's text without the names of its coded values: a name such as "… overall" is no word of doubt."""
    text = report.text
    for said in report.assessments:
        if said.discrete:
            text = text.replace(f"{said.evidence.partition(': ')[0]}:", "")
    return text


_DOUBT = re.compile(
    r"\brecall(?:ed)?\b|\bcall(?:ed)?[- ]?back\b|\breturn(?:ing)? for\b|\bMRI\b[^.]{0,40}\brecommend|\bexcision\b"
    r"|\bsampling\b|\bnot appropriate\b|\bdisagree|\bwrong patient\b|\bin error\b|\bwas considered\b|\bdictated for\b"
    r"|\[\s*[xX]\s*\]|\[\s\]|-{1,2}>|\u2192|\bOVERALL\s*:|\bpending\b|\bto follow\b"
    r"|\bcat\.? ?[03-6]\b|\bcategory changed\b|\bshould be [3-5]\b",
    re.IGNORECASE,
)
"""Words that sit ill beside a calm category: a person looks, whatever they turn out to mean."""


def said_of(report: Report) -> dict[str, Any]:
    """Return what a report says in the words of `ingest --json`."""
    stated = overall(report)
    return {
        "assessment": (stated.label or None) if stated else None,
        "category": stated.category.value if stated and stated.category else None,
        "sides": [
            {"side": s.side, "assessment": s.label or None, "category": s.category, "evidence": s.evidence}
            for s in report.assessments
        ],
        "density": report.density.value if report.density else None,
        "assessment_evidence": stated.evidence if stated else None,
        "status": _status(report),
        "needs_person": [str(reason) for reason in needs_person(report)],
        "kind": report.kind,
        "examined": [str(side) for side in report.sides],
        "accession": report.accession,
        "performed_at": report.performed_at.isoformat(),
        "unread": list(report.unread),
        "notes": list(report.notes),
        "urgency": 0 if report.suspicious_words else 1,
    }


def _status(report: Report) -> str:
    return "corrected" if report.status.value == "addendum" else str(report.status.value)
