"""What her page is made of: frozen values that a template lays out in their order, with nothing left to decide.

You are here to see what a page can hold. Which of it she is shown, and in which words, is decided in `rounds`.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from closerlook.look.drawing import Mark
from closerlook.pathway.events import Purpose


class State(StrEnum):
    """Where one round of hers stands, as her page tells it; what asks most of her stands first."""

    TAKEN_BACK = "taken_back"
    READY = "ready"
    TALK_FIRST = "talk_first"
    CANCER = "cancer"
    SAMPLE = "sample"
    SAMPLE_AGAIN = "sample_again"
    TISSUE_OPEN = "tissue_open"
    TISSUE_WAITING = "tissue_waiting"
    PAUSED = "paused"
    ELSEWHERE = "elsewhere"
    TO_PLAN = "to_plan"
    TO_BOOK = "to_book"
    MISSED = "missed"
    BOOKED = "booked"
    VISIT_PAST = "visit_past"
    SAID_NO = "said_no"
    CAME = "came"
    EXAMINED = "examined"
    INCOMPLETE = "incomplete"
    OLDER_PICTURES = "older_pictures"
    SYMPTOM = "symptom"
    HELD = "held"
    WAITING = "waiting"
    SCREENING_PAST = "screening_past"
    SCREENING_MISSED = "screening_missed"
    SCREENING_BOOKED = "screening_booked"
    INVITED = "invited"
    SCREENING_CAME = "screening_came"
    IN_CARE = "in_care"
    TISSUE_ANSWERED = "tissue_answered"
    NO_SAMPLE = "no_sample"
    KNOWN = "known"
    CHECK_LATER = "check_later"
    ADVISED = "advised"
    NORMAL = "normal"
    NOT_SCREENED = "not_screened"
    PUT_OFF = "put_off"
    NOT_INVITED = "not_invited"
    HISTORY = "history"
    NOTHING_YET = "nothing_yet"
    MOVED = "moved"
    CLOSED = "closed"


URGENT_FIRST = tuple(State)


@dataclass(frozen=True)
class Visit:
    """A visit in words. `can_confirm`: it is still to come and she has not said that she will.

    `purpose` is for the clinic's own steps and never shown: what a visit is for can tell a result.
    """

    purpose: Purpose
    when: str
    where: str
    can_confirm: bool
    confirmed: bool


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it. `verbatim` stands first, in the English that the law prescribes.

    `shows`: what it is like to have done, by ids of `procedures`: drawn and told where she opens it.
    """

    title: str
    sentences: tuple[str, ...]
    verbatim: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Way:
    """Where she is on the way: the steps in words and the place of the present one."""

    steps: tuple[str, ...]
    here: int


@dataclass(frozen=True)
class Part:
    """One round of hers on the page, in the order in which she reads it.

    `lead` stands under the heading, `why` after it, `visit` and `after_visit` next. `opens` is the examination whose
    result waits to be opened; `exams` are those whose results stand in the words here, and may be printed.
    """

    state: State
    heading: str
    episode: str | None = None
    corrects: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    visit: Visit | None = None
    after_visit: tuple[str, ...] = ()
    reassuring: tuple[str, ...] = ()
    way: Way | None = None
    marks: tuple[Mark, ...] = ()
    sections: tuple[Section, ...] = ()
    opens: str | None = None
    can_change_mind: bool = False
    exams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contact:
    """Whom she can ring. `name` and `hours` are empty where the clinic gave none."""

    name: str
    phone: str
    hours: str


@dataclass(frozen=True)
class Earlier:
    """A round that is over: which examination it was and what came of it."""

    about: str
    results: tuple[str, ...]
    exam: str


@dataclass(frozen=True)
class Page:
    """Her page. `closed`: it says nothing of her and offers the number alone."""

    main: Part
    contact: Contact
    also: tuple[Part, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    dates: tuple[str, ...] = ()
    call_asked: bool = False
    needs_code: bool = False
    closed: bool = False
    exams: tuple[str, ...] = field(default=())
