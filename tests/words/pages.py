"""Every page and letter a patient can be shown, rendered without a database or a browser, in the active language."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from closerlook.evidence import resources
from closerlook.letters import documents, texts, words
from closerlook.look.glossary import Terms
from closerlook.pathway import events as ev
from closerlook.pathway.terms import Assessment, Density, ExaminationKind, FindingKind, Recommendation
from closerlook.people.models import Patient, Site
from closerlook.portal import (
    family,
    forms,
    leaning,
    notebook,
    procedures,
    recording,
    sharing,
    suggestions,
    visits,
    wishes,
)
from closerlook.portal.models import PersonalLink
from closerlook.portal.numbers import numbers
from closerlook.portal.parts import Page, State
from closerlook.portal.public import forms as public_forms
from closerlook.portal.public import views as public_views
from closerlook.portal.visitor import Visitor
from tests.her_page.reading import page
from tests.her_page.test_states import STORIES
from tests.letters.database import riverside
from tests.letters.story import LEFT, RIGHT, START, Story

A = Assessment
SHIPPED = ("en", "es", "ar", "fr")
TRANSLATED = SHIPPED[1:]


def olsen(language: str = "") -> Patient:
    return Patient(
        id="p1", family="Olsen", given="Marta", birth_date=START.date().replace(year=1968), sex="F", phone="555 0199",
        address="22 Harbour Road\nRiverside, NY 10001", site=riverside(), created_at=START, language=language,
    )  # fmt: skip


def clinic() -> dict[str, Any]:
    site = riverside()
    return {"clinic_name": site.name, "clinic_phone": site.phone, "site": site, "csrf_input": ""}


def her_pages(state: State) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield each story of a state by name, with what renders her page in it, with a code and without."""
    for number, tell in enumerate(STORIES[state]):
        for coded in (True, False):
            name = f"{state}-{number + 1}{'' if coded else '-no-code'}"
            yield name, lambda tell=tell, coded=coded: _her_page(tell(), coded=coded)  # type: ignore[misc]


def _her_page(story: Story, *, coded: bool) -> str:
    return _shown(page(story, coded=coded), story)


def _shown(found: Page, story: Story, *, changed: bool = False) -> str:
    names = {
        "page": found, "call_form": forms.Call(), "changed": changed, "terms": Terms(), "procedures": procedures.ALL,
        "numbers": numbers(found, story.patient, _visitor(story)), "can_tell": ["e1"],
        "can_say_no": ["e1"] if found.main.state in visits.CAN_SAY_NO else [], "who": _visitor(story),
    }  # fmt: skip
    return render_to_string("portal/page.html", clinic() | names)


def _visitor(story: Story, *, coded: bool = True, proxy: str = "") -> Visitor:
    her = olsen(translation.get_language() or "en")
    return Visitor(PersonalLink(patient=her, proxy=proxy), her, riverside(), story.now, coded)


def _form_page(template: str, **names: Any) -> Callable[[], str]:
    return lambda: render_to_string(
        template, clinic() | {key: made() if callable(made) else made for key, made in names.items()}
    )


def around() -> dict[str, Callable[[], str]]:
    """Return the pages before, beside and after her own."""
    return {
        "birth date": _form_page("portal/birth_date.html", form=forms.BirthDate, refused=False),
        "birth date, wrong": _form_page("portal/birth_date.html", form=lambda: forms.BirthDate({}), refused=True),
        "code": _form_page("portal/code.html", form=forms.Code, refused=False, ending="99"),
        "code, wrong": _form_page("portal/code.html", form=lambda: forms.Code({}), refused=True, ending=""),
        "no link": _form_page("portal/no_link.html"),
        "left": _form_page("portal/left.html"),
        **{
            f"no code, {why}": _form_page("portal/no_code.html", why=why) for why in ("no_number", "too_many", "failed")
        },
        "all else changed": _changed,
    }


def _changed() -> str:
    """Her page with what stands there seldom: something has changed, several results, a call already asked for."""
    story = Story().report(A.NEGATIVE).sent()
    story.report((LEFT, A.INCOMPLETE_IMAGING), accession="S|9")
    return _shown(page(story, later=timedelta(days=400)), story, changed=True)


# ---------------------------------------------------------------- her other pages


def beside() -> dict[str, Callable[[], str]]:
    """Return the pages behind her link beside her own: each as it stands empty, filled, and with something wrong."""
    told = Story().called_back(reasons=(FindingKind.CALCIFICATIONS,)).booked()
    part = page(told).main
    states = {f"notebook, {state}": _notebook(state) for state in State}
    support = {f"support, {how}": _support(how, diagnosed=how == 9) for how in (None, 1, 5, 9)}
    exercises = {f"exercise, {one.id}": _form_page("portal/exercise.html", exercise=one) for one in leaning.EXERCISES}
    made = sharing.Made("Ruth", "https://riverside.example/my/shared/abcd-efgh-jkmn-pqrs-tuvw/", "123 456")
    chosen = {
        "heading": part.heading, "words": part.lead, "marks": part.marks, "visit": part.visit, "sections": part.sections
    }  # fmt: skip
    return {
        **states, **support, **exercises,
        "share": _behind("portal/share.html", form=lambda: sharing.ShareForm(coded=False), made=None, shared=[]),
        "share, made": _behind(
            "portal/share.html", form=lambda: sharing.ShareForm(coded=True), made=made, shared=_shared_with
        ),
        "share, wrong": _behind(
            "portal/share.html", form=lambda: sharing.ShareForm({}, coded=False), made=None, shared=[]
        ),
        "shared, number": _form_page("portal/shared_number.html", form=sharing.NumberForm, refused=False),
        "shared, wrong": _form_page("portal/shared_number.html", form=lambda: sharing.NumberForm({}), refused=True),
        "shared, gone": _form_page("portal/shared_gone.html"),
        "shared": _form_page("portal/shared.html", parts=[chosen], given="Marta Olsen", contact=None, notes=lambda: [
            (title, []) for title, _label in notebook.KINDS.values()
        ]),
        "shared, empty": _form_page("portal/shared.html", parts=[], given="", contact=None, notes=[]),
        "wishes": _wishes(can_change=True), "wishes, safe": _wishes(open_route=False),
        "wishes, code": _wishes(may_code=True, waits_until="1", copies_asked=True), "wishes, ring": _wishes(),
        "wishes, wrong": _wishes(
            can_change=True, reach=lambda: wishes.Reach({"not_by": list(wishes.WAYS)}),
            details=lambda: wishes.Details({"phone": "12"}),
        ),
        "not today": _behind("portal/not_today.html", part=part, sample=False),
        "not today, sample": _behind("portal/not_today.html", part=part, sample=True),
        "change": _behind("portal/change.html", form=visits.ChangeForm),
        "change, wrong": _behind("portal/change.html", form=lambda: visits.ChangeForm({})),
        "older": _behind("portal/older.html", form=visits.OlderForm, noted=None),
        "older, wrong": _behind("portal/older.html", form=lambda: visits.OlderForm({}), noted="Hill Street surgeons"),
        "proxy": lambda: render_to_string(
            "portal/exercise.html",
            clinic() | {"exercise": leaning.EXERCISES[0], "who": _visitor(told, proxy="Ana Ruiz")},
        ),
    }  # fmt: skip


def _shared_with() -> list[dict[str, Any]]:
    return [
        {"id": 1, "name": "Ruth", "parts": [str(p) for p in sharing.PARTS.values()], "until": "1", "seen": "1"},
        {"id": 2, "name": "Ruth", "parts": [], "until": "1", "seen": None},
    ]


def _behind(template: str, **names: Any) -> Callable[[], str]:
    def render() -> str:
        return _form_page(template, who=_visitor(Story()), **names)()

    return render


def _notebook(state: State) -> Callable[[], str]:
    relatives = [(r, c, 50) for r, c in zip(family.Relation, [*family.Cancer] * 3, strict=False)]

    def render() -> str:
        return _behind(
            "portal/notebook.html",
            parts=[(kind, title, label, []) for kind, (title, label) in notebook.KINDS.items()],
            offered=[str(q) for q in suggestions.questions(state)],
            relatives=[(n, family.said(*one)) for n, one in enumerate(relatives)], tree=family.tree(relatives),
            shared=None if state is State.NORMAL else True,
            recording=recording.words([["Riverside, NY 10001"], ["Riverside, CA 90001"], []][len(state) % 3]),
            note_form=None, relative_form=notebook.RelativeForm, visit=None,
        )()  # fmt: skip

    return render


def _support(how: int | None, *, diagnosed: bool) -> Callable[[], str]:
    return _behind(
        "portal/support.html", form=leaning.HowAreYou, how=how, hard=leaning.HARD, worst=leaning.WORST,
        exercises=leaning.EXERCISES, call_asked=how == 1, crisis=resources.crisis_line("US"),
        lines=resources.helplines("US", diagnosed=diagnosed), after_cancer=diagnosed,
    )  # fmt: skip


def _wishes(**names: Any) -> Callable[[], str]:
    plain: dict[str, Any] = {
        "reach": wishes.Reach, "details": wishes.Details, "waits_until": None, "copies_asked": False,
        "can_change": False, "open_route": True, "may_code": False,
    }  # fmt: skip
    return _behind("portal/wishes.html", **(plain | names))


# ---------------------------------------------------------------- pages that need no account


def public() -> dict[str, Callable[[], str]]:
    """Return the public pages, as they stand and asked in several ways. What is for units stays English."""
    asked = ("country=US&age=47&screen=first&density=c&finding=calcifications", "country=UK&age=72", "country=NO",
             "country=US&finding=technical", "country=NL", "country=&age=9")  # fmt: skip
    plain = {name: _public(name) for name in public_views.PAGES if name != "units"}
    return plain | {f"chances, {query}": _public("chances", query=query) for query in asked} | {
        f"due, {body}, born {year}{list(more)}": _public("due", said={"body": body, "year": year, **more})
        for body, _name in public_forms.BODIES
        for year, more in (
            ("1990", {}), ("1984", {}), ("1976", {"last_month": "3", "last_year": "2025"}), ("1953", {}), ("1940", {}),
            ("1970", {"about": ["symptoms"]}), ("1970", {"about": ["prior_cancer", "known_mutation"]}), ("", {}),
        )
    }  # fmt: skip


def _public(name: str, query: str = "", said: dict[str, Any] | None = None) -> Callable[[], str]:
    def render() -> str:
        factory = RequestFactory()
        asked = {"month": "5", "day": "3", **(said or {})}
        path = f"/?language={translation.get_language()}&{query}"
        request = factory.get(path) if said is None else factory.post(path, asked)
        return str(getattr(public_views, name)(request).content.decode())

    return render


# ---------------------------------------------------------------- letters


LETTERS: dict[str, Callable[[], Story]] = {
    "normal": lambda: Story().report(A.NEGATIVE, density=Density.A),
    "harmless, dense": lambda: Story().report(A.BENIGN, density=Density.D),
    "asked back": lambda: Story().called_back(reasons=(FindingKind.CALCIFICATIONS,), density=Density.C),
    "asked back, booked": lambda: Story().called_back(reasons=(FindingKind.MASS,)).booked(),
    "older pictures": lambda: Story().report(A.INCOMPLETE_PRIORS),
    "check later": lambda: Story().report((LEFT, A.PROBABLY_BENIGN), kind=ExaminationKind.DIAGNOSTIC),
    "sample": lambda: Story().report((LEFT, A.SUSPICIOUS), (RIGHT, A.NEGATIVE)),
    "sample soon": lambda: Story().report((LEFT, A.HIGHLY_SUGGESTIVE), (RIGHT, A.NEGATIVE)).told(),
    "sample taken": lambda: Story().sampled(),
    "known": lambda: Story().report(A.KNOWN_MALIGNANCY),
    "marker": lambda: Story().report(A.POST_PROCEDURE_MARKER, kind=ExaminationKind.MARKER),
    "corrected": lambda: (
        Story().report(A.NEGATIVE).sent().report((LEFT, A.INCOMPLETE_IMAGING), (RIGHT, A.NEGATIVE)).told()
    ),
    "declined": lambda: Story().called_back(ultrasound=True).paused("declined"),
    **{
        f"advised beyond: {advice}": lambda advice=advice: Story().report(A.BENIGN, recommendation=advice)  # type: ignore[misc]
        for advice in Recommendation
    },
}
"""A story for each turn that a summary's words can take."""


def letters() -> dict[str, Callable[[], str]]:
    """Return the letters that go to her, by name, written in the active language."""
    found: dict[str, Callable[[], str]] = {
        f"summary, {name}": lambda tell=tell: _summary(tell())  # type: ignore[misc]
        for name, tell in LETTERS.items()
    }
    found["invitation"] = lambda: _invitation(Story().invited())
    found["invitation with a time"] = lambda: _invitation(Story().invited().visit(ev.Purpose.SCREENING))
    found["invitation to a check"] = lambda: _invitation(_watched())
    found["before the full report"] = lambda: render_to_string(
        "letters/report_for_her.html",
        {"patient": olsen(), "site": riverside(), "lay": []},
    )
    return found


def _watched() -> Story:
    from tests.her_page.test_states import watched_and_invited

    return watched_and_invited()


def _summary(story: Story) -> str:
    context = documents._letterhead(riverside(), _reader(), documents.setting_of(riverside(), _reader(), story.now))
    setting = documents.setting_of(riverside(), _reader(), story.now)
    return render_to_string(
        "letters/summary.html",
        context
        | {
            "summary": words.summary(story.exam, story.episode, setting),
            "recipient_lines": [_reader().name, *_reader().address_lines],
            "link_url": "https://riverside.example/my/abcd-efgh-jkmn-pqrs-tuvw/",
            "link_code": "",
        },
    )


def _invitation(story: Story) -> str:
    return documents._invitation(_reader(), story.episode, riverside(), story.now)


def _reader() -> Patient:
    return olsen(translation.get_language() or "en")


def text_messages(site: Site | None = None) -> list[str]:
    site = site or riverside()
    return [texts.you_have_a_message(site), texts.your_code(site, "123456")]


def everything() -> dict[str, Callable[[], str]]:
    """Return all of it, by name."""
    pages = {name: render for state in State for name, render in her_pages(state)}
    return pages | around() | beside() | public() | letters()


def rendered_by(part: str) -> dict[str, Callable[[], str]]:
    """Return the pages of a state, those "around" her page or "beside" it, the "public" ones, or the "letters"."""
    if isinstance(part, State):
        return dict(her_pages(part))
    return {"around": around, "beside": beside, "public": public, "letters": letters}[part]()
