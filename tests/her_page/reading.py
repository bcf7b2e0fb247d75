"""Reads a page as a value: all its words, and which of them would be too soon or too kind."""

import re
from dataclasses import fields, is_dataclass
from datetime import timedelta

from closerlook.pathway.loops import open_loops
from closerlook.portal.page import her_page
from closerlook.portal.parts import Page, State
from tests.letters.database import riverside
from tests.letters.story import UNDER, Story, rules

GRAVE = re.compile(r"biops|tissue sample|could be cancer|may be cancer|Tissue sample", re.IGNORECASE)
COMFORT = re.compile(
    r"nothing to worry|not a diagnosis|cyst|do not have cancer|Nothing more is needed|very likely harmless",
    re.IGNORECASE,
)
TISSUE = re.compile(r"sample (?:showed|cannot tell|has not given)|not enough tissue|your sample to give", re.IGNORECASE)
"""What names the answer of a tissue sample, or that there is one."""
THIRD_PERSON = re.compile(r"\b(?:she|her|hers|he|his|patient|abnormal|negative|BI-?RADS|category)\b", re.IGNORECASE)


def page(story: Story, *, coded: bool = False, man: bool = False, later: timedelta = timedelta()) -> Page:
    here = rules(UNDER.get())
    loops = open_loops(story.patient, {here.hash: here}, default=here)
    dues = {(loop.kind, loop.subject): loop.due_at for loop in loops}
    now = story.now + later
    return her_page(story.patient, riverside(), "America/New_York", now, man=man, coded=coded, dues=dues)


def said(value: object) -> str:
    """All that a page would say, whatever the template does with it."""
    if isinstance(value, str) and not isinstance(value, State):
        return value
    if isinstance(value, tuple):
        return " ".join(said(item) for item in value)
    if is_dataclass(value):
        hidden = {"episode", "exam", "exams", "opens", "marks", "purpose"}
        return " ".join(said(getattr(value, f.name)) for f in fields(value) if f.name not in hidden)
    return ""
