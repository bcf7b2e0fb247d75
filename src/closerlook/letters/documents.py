"""Letters as files: the written summary for her, the report for her provider.

You are here to send a letter: `write` renders it and puts it into the outbox; `read` gives it back for printing.
The worker then takes `PrepareDocument`; that it was posted is for a person or a delivery service to record.
"""

from datetime import date, datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import dateformat, translation
from django.utils.translation import gettext, pgettext
from markupsafe import Markup

from closerlook.letters import outbox, provider, qr, results, words
from closerlook.look.words import isolated, local_day, ltr, moment_words
from closerlook.pathway.events import Document, Purpose
from closerlook.pathway.regions import Episode, Exam
from closerlook.people import languages
from closerlook.people.models import Patient, Provider, Site, Staff

_TEMPLATES = {
    Document.SUMMARY: "letters/summary.html",
    Document.PROVIDER_REPORT: "letters/provider_report.html",
}
_BEGIN_LINK, _END_LINK = "<!-- her link -->", "<!-- end of her link -->"
"""Marks in the summary's template: what stands between them opens her page. Her own data, escaped, cannot hold one."""
_STEMS = {Document.SUMMARY: "summary", Document.PROVIDER_REPORT: "report"}


def write(
    document: Document,
    *,
    patient_row: Patient,
    episode: Episode,
    exam: Exam,
    site: Site,
    link_url: str | None,
    report_text: str | None,
    now: datetime,
) -> str:
    """Render a document about the current result of `exam` and return its file name in outbox/letters.

    Equal arguments on the same day give the same file. `link_url` is her page's address, for the summary alone;
    `report_text` the report's own prose. Raises ValueError while there is no result, OutboxFailed if the disk refuses.
    """
    summary = document is Document.SUMMARY
    with translation.override(languages.to_write_in(patient_row.language) if summary else "en"):
        setting = setting_of(site, patient_row, now)
        context = _letterhead(site, patient_row, setting)
        if summary:
            context |= _summary(patient_row, episode, exam, site, setting, link_url)
        else:
            context |= _report(patient_row, episode, exam, site, report_text, now)
        content = render_to_string(_TEMPLATES[document], context)
    return outbox.put(outbox.LETTERS, _STEMS[document], "html", content)


def invite(*, patient_row: Patient, episode: Episode, site: Site, now: datetime) -> str:
    """Render the invitation of a round that begins because she is due; return its file name in outbox/letters."""
    with translation.override(languages.to_write_in(patient_row.language)):
        content = _invitation(patient_row, episode, site, now)
    return outbox.put(outbox.LETTERS, "invitation", "html", content)


def _invitation(patient_row: Patient, episode: Episode, site: Site, now: datetime) -> str:
    setting = setting_of(site, patient_row, now)
    visit = episode.visits.get(Purpose.SCREENING)
    ahead = visit is not None and visit.starts_at is not None and visit.starts_at > now
    context = _letterhead(site, patient_row, setting) | {
        "recipient_lines": [patient_row.name, *patient_row.address_lines],
        "watched": episode.answers is not None,
        "visit": moment_words(visit.starts_at, site.zone, date.min) if ahead and visit and visit.starts_at else None,
        "place": visit.place if ahead and visit else None,
    }
    return render_to_string("letters/invitation.html", context)


def read(file: str) -> str:
    """Return a letter as it was written. Raises NotThere."""
    return outbox.read(outbox.LETTERS, file)


def read_without_link(file: str, instead: str) -> str | None:
    """Return a summary with a sentence in place of her personal link and its code. Raises NotThere.

    Returns None for a letter in which they are not marked, as in an older one: it cannot be told what to leave out.
    """
    before, begin, rest = read(file).partition(_BEGIN_LINK)
    _, end, after = rest.partition(_END_LINK)
    if not begin or not end:
        return None
    notice = Markup('<section class="notice calm" lang="en" dir="ltr"><p>{}</p></section>').format(instead)
    return f"{before}{notice}{after}"


def born(patient_row: Patient) -> str:
    """Return her date of birth in words, as the second identifier on every document."""
    return dateformat.format(patient_row.birth_date, pgettext("pattern of a date of birth", "j E Y"))


def setting_of(site: Site, patient_row: Patient, now: datetime) -> words.Setting:
    """Return what the words depend on at this clinic on this day, in the language that is active."""
    today = local_day(now, site.zone)
    return words.Setting(zone=site.zone, phone=ltr(site.phone), today=today, man=patient_row.sex.upper() == "M")


def _letterhead(site: Site, patient_row: Patient, setting: words.Setting) -> dict[str, Any]:
    return {
        "patient": patient_row,
        "born": born(patient_row),
        "interpreter_lines": languages.interpreter_lines(patient_row.language),
        "site": site,
        "clinic_name": site.name,
        "clinic_lines": [*site.address_lines, ltr(site.phone)],
        "letter_date": setting.day(setting.today),
        "paper": "us-letter",
    }


def _summary(
    patient_row: Patient, episode: Episode, exam: Exam, site: Site, setting: words.Setting, link_url: str | None
) -> dict[str, Any]:
    return {
        "summary": words.summary(exam, episode, setting),
        "recipient_lines": [patient_row.name, *patient_row.address_lines],
        "link_url": link_url,
        "link_code": qr.svg(link_url, _code_title(site)) if link_url else None,
    }


def _code_title(site: Site) -> str:
    return gettext("A code for your phone’s camera: it opens your page at %(clinic)s") % {"clinic": isolated(site.name)}


def _report(
    patient_row: Patient, episode: Episode, exam: Exam, site: Site, report_text: str | None, now: datetime
) -> dict[str, Any]:
    result = exam.result
    if result is None:
        raise ValueError(f"{exam.id} has no result yet, so there is no report of it.")
    prose = (report_text or "").strip()
    density = results.density_of(exam, episode)
    to = None if exam.provider is None else _provider_name(exam.provider)
    setting = setting_of(site, patient_row, now)
    return {
        "for_her": _for_her(patient_row, episode, exam, site) if to is None else None,
        "recipient_lines": [to] if to else [patient_row.name, *patient_row.address_lines],
        "examination": provider.EXAMINATION[exam.kind],
        "performed": setting.day(exam.performed_at),
        "accession": (exam.accession or "").rpartition("|")[2],
        "reader": _reader_name(result.reader),
        "categories": provider.categories(result),
        "density": provider.DENSITY[density] if density else None,
        "advice": list(provider.advice(exam, has_prose=bool(prose))),
        "amended": exam.reading.initial_at != exam.reading.read_at,
        "report_text": prose,
    }


def _for_her(patient_row: Patient, episode: Episode, exam: Exam, site: Site) -> dict[str, Any]:
    """Return what stands before a report that goes to her because she named no doctor: in her own language."""
    tag = languages.to_write_in(patient_row.language)
    with translation.override(tag):
        lay = [*words.missing(exam), *words.result_sentences(exam, episode)]
        said = render_to_string("letters/report_for_her.html", {"patient": patient_row, "site": site, "lay": lay})
    return {"words": Markup(said), "language": tag, "direction": languages.direction_of(tag)}  # noqa: S704  ours, and escaped


def _provider_name(provider_id: str) -> str:
    known = Provider.objects.filter(pk=provider_id).first()
    return str(known) if known is not None and str(known) else provider_id.rpartition("|")[2]


def _reader_name(reader: str | None) -> str:
    """Return the name of a reader who works here; "" for one whom only a feed knows: the report's prose names them."""
    known = Staff.objects.filter(user__username=reader).first() if reader else None
    return known.name if known is not None else ""
