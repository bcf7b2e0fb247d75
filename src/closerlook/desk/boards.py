"""Boards: everyone at one part of the way – tissue, earlier pictures, referral, checks, amended results, pauses.

You are here to add a board or a column. A board is kinds of loops, the gravest first, and what the record says of each.
It is read along an index, a page at a time, so that the oldest case is never further than the first page of its kind.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from msgspec import Struct

from closerlook.desk import looks, offers, owed, telling, words
from closerlook.desk.here import COUNTED, Here, frame, staff_only
from closerlook.desk.tables import Column, csv_of, wants_file
from closerlook.pathway.closing import STEPS_FOR
from closerlook.pathway.deciding import may
from closerlook.pathway.loops import KINDS
from closerlook.pathway.regions import Episode, Exam
from closerlook.pathway.regions import Patient as State
from closerlook.people.models import Patient
from closerlook.record import door
from closerlook.record.models import OpenLoop

PAGE = 50
FILE = 2_000
"""Lines of a file at the most; a longer list says so."""


class About(Struct, frozen=True):
    """What a line is about: her record, the round and examination of the loop, and the loop itself."""

    state: State
    episode: Episode | None
    exam: Exam | None
    loop: OpenLoop
    about: offers.About


Cell = Callable[[About], str]


class Board(Struct, frozen=True):
    """A board: its name, what it answers, its kinds with the gravest first, and its own columns."""

    title: str
    lead: str
    kinds: tuple[str, ...]
    cells: tuple[tuple[str, Cell], ...]


# ---------------------------------------------------------------- what a line says


def _thing(a: About) -> str:
    return words.named(a.state, a.loop.subject.partition(":")[0]) or a.loop.about


def _specimens(a: About) -> list[Any]:
    if a.episode is None:
        return []
    name = a.loop.subject.partition(":")[0]
    return [s for s in a.episode.specimens.values() if name in (s.id, s.finding)]


def _taken(a: About) -> str:
    return "; ".join(f"{words.SAMPLINGS[s.method]}, {words.day(s.taken_at)}" for s in _specimens(a)) or "not yet"


def _tissue(a: About) -> str:
    return "; ".join(words.TISSUES[s.tissue] if s.tissue else "waited for" for s in _specimens(a))


def _concordant(a: About) -> str:
    said = {None: "not said yet", True: "fits the pictures", False: "does not fit the pictures"}
    return "; ".join(said[s.concordant] for s in _specimens(a) if s.tissue)


def _who_knows(a: About) -> str:
    found = [s for s in _specimens(a) if s.tissue]
    if not found:
        return ""
    told = "she was told" if all(s.told for s in found) else "she is not told yet"
    return f"{told}, {'provider told' if all(s.provider_told for s in found) else 'provider not told'}"


def _biopsy_visit(a: About) -> str:
    return _visit(a, "biopsy")


def _visit(a: About, purpose: str) -> str:
    for name, visit in a.episode.visits.items() if a.episode else ():
        if name == purpose and visit.starts_at is not None:
            return words.moment(visit.starts_at)
    return ""


def _source(a: About) -> str:
    return (a.episode.priors.requested or a.episode.priors.known or "not known") if a.episode else ""


def _priors(a: About) -> str:
    if a.episode is None:
        return ""
    p = a.episode.priors
    if p.received:
        return "here: a reading with them is owed"
    if p.unavailable:
        return "cannot be had: a reading without them is owed"
    return "asked for" if p.requested else "not asked for yet"


def _team(a: About) -> str:
    if a.episode is None:
        return ""
    return a.episode.referral.team or a.episode.elsewhere.asked or a.episode.elsewhere.claimed or "none yet"


def _first_visit(a: About) -> str:
    way = a.episode.referral if a.episode else None
    return words.day(way.first_visit_on) if way is not None and way.first_visit_on else "no day yet"


def _missed(a: About) -> str:
    return str(a.episode.referral.missed) if a.episode and a.episode.referral.missed else ""


def _check(a: About) -> str:
    found = a.state.dated.get(a.loop.subject) or next(
        (d for d in a.state.dated.values() if d.id == a.loop.subject.partition(":")[0]), None
    )
    return words.checked(found) if found else ""


def _said(a: About) -> str:
    report = a.exam.reading.report if a.exam else None
    return words.assessed(report.sides) if report else "nothing signed"


def _says(a: About) -> str:
    pending = a.exam.reading.pending if a.exam else None
    return words.assessed(pending.sides) if pending else "in force already"


def _she_knows(a: About) -> str:
    if a.exam is None:
        return ""
    telling_ = a.exam.telling
    known = [word for word, so in (("told", telling_.told), ("opened it", telling_.seen),
                                   ("letter went", telling_.summary_sent)) if so]  # fmt: skip
    return ", ".join(known) or "nothing yet"


def _pause(a: About) -> str:
    paused = a.episode.paused if a.episode else None
    return words.plain(paused.reason) if paused else "not paused yet"


def _tried(a: About) -> str:
    tried = a.episode.contact.attempts if a.episode else ()
    if not tried:
        return "never tried"
    count = "once" if len(tried) == 1 else f"{len(tried)} times"
    return f"{count}, the last {words.day(tried[-1].occurred_at)} by {words.plain(tried[-1].channel)}"


BOARDS: dict[str, Board] = {
    "tissue": Board(
        "Biopsy and pathology",
        "Every finding from advised tissue to the answer she was told. Tissue that settles nothing stands in front.",
        ("plan_next", "tell_diagnosis", "decide_concordance", "get_pathology", "arrange_biopsy",
         "tell_provider_diagnosis"),
        (("Finding", _thing), ("Biopsy visit", _biopsy_visit), ("Taken", _taken), ("Pathologist", _tissue),
         ("Tissue and pictures", _concordant), ("Who knows", _who_knows)),
    ),
    "priors": Board(
        "Earlier pictures",
        "Results that wait for pictures made before: where they are, and whether they came.",
        ("get_priors",),
        (("Where", _source), ("Standing", _priors), ("Read so far", _said)),
    ),
    "referral": Board(
        "Care teams and care elsewhere",
        "Who is on the way to a team or to another unit. It stays ours until the other side has her.",
        ("refer", "accept_referral", "confirm_first_visit", "await_acknowledgement", "get_outside_result",
         "ask_treatment_end", "ask_care_end"),
        (("Team or unit", _team), ("First visit", _first_visit), ("Missed", _missed)),
    ),
    "surveillance": Board(
        "Short-interval checks",
        "Who comes back early by advice, and when.",
        ("surveillance_visit",),
        (("Check", _check), ("Visit", lambda a: _visit(a, "screening"))),
    ),
    "amended": Board(
        "Amended results",
        "Reports that were changed after they were signed: what stood, what is said now, and what she knows.",
        ("confirm_change", "tell_change", "find_owner", "place_report"),
        (("Signed first", _said), ("Now said", _says), ("She knows", _she_knows)),
    ),
    "pauses": Board(
        "Paused and hard to reach",
        "Rounds that stand still, and people whom nobody has reached. Each is looked at again on a day.",
        ("confirm_lost", "nurse_call", "reach_her", "review_pause"),
        (("Why", _pause), ("Tried", _tried)),
    ),
}  # fmt: skip


# ---------------------------------------------------------------- the page


class Line(Struct, frozen=True):
    """One line of a board."""

    stream: str
    name: str
    owed: str
    tone: str
    word: str
    due_at: datetime
    whose: str
    cells: tuple[str, ...]
    href: str
    action: str


@staff_only
def board(request: HttpRequest, here: Here, name: str = "tissue") -> HttpResponse:
    """One board: all of it, or one kind of what is owed there, and either oldest or newest first."""
    found = BOARDS.get(name)
    if found is None:
        raise Http404("There is no such board.")
    kind, newest = request.GET.get("kind", ""), request.GET.get("order") == "newest"
    kinds = (kind,) if kind in found.kinds else found.kinds
    if wants_file(request):
        listed, _ = _page(found, kinds, here, "", newest, FILE)
        looks.listed(here.staff, here.now, f"board {name}, file", [line.stream for line in listed])
        return csv_of(name, _columns(found), listed)
    listed, more = _page(found, kinds, here, request.GET.get("after", ""), newest, PAGE)
    looks.listed(here.staff, here.now, f"board {name}", [line.stream for line in listed])
    context = {
        "name": name,
        "board": found,
        "boards": [(key, one.title) for key, one in BOARDS.items()],
        "counts": [(k, KINDS[k], _count(here, k)) for k in found.kinds],
        "most": COUNTED,
        "kind": kind,
        "order": "newest" if newest else "",
        "lines": listed,
        "more": more,
    }
    return render(request, "desk/board.html", frame(here, "boards") | context)


def _columns(found: Board) -> list[Column]:
    def cell(n: int) -> Callable[[Line], str]:
        return lambda line: line.cells[n]

    return [
        Column("patient", "Patient", lambda line: line.name),
        Column("owed", "Owed", lambda line: line.owed),
        *(Column(f"c{n}", label, cell(n)) for n, (label, _) in enumerate(found.cells)),
        Column("due", "Due", lambda line: line.due_at),
        Column("whose", "Whose", lambda line: line.whose),
    ]


AHEAD = frozenset({"review_pause", "surveillance_visit"})
"""What stands on its board from the beginning: its day is far off, and nobody on it is out of sight until then."""


def _of(here: Here, kind: str) -> QuerySet[OpenLoop]:
    rows = OpenLoop.objects.filter(site=here.site.slug) if kind in AHEAD else owed.of_site(here)
    return rows.filter(kind=kind)


def _count(here: Here, kind: str) -> int:
    return _of(here, kind)[:COUNTED].count()


def _page(
    found: Board, kinds: Sequence[str], here: Here, after: str, newest: bool, most: int
) -> tuple[list[Line], str]:
    """Return one page, kind after kind, each by due time, and the mark of the next ("" at the end)."""
    begin, _, mark = after.partition("~")
    begun = kinds.index(begin) if begin in kinds and owed.row_of(mark) else 0
    loops: list[OpenLoop] = []
    for kind in kinds[begun:]:
        room = most + 1 - len(loops)
        if room <= 0:
            break
        loops += owed.slice_of([_of(here, kind)], mark if kind == begin else "", room, newest=newest)
    listed = _lines(found, loops[:most], here)
    more = f"{loops[most - 1].kind}~{owed.mark_of(loops[most - 1])}" if len(loops) > most else ""
    return listed, more


def _lines(found: Board, loops: Sequence[OpenLoop], here: Here) -> list[Line]:
    streams = {loop.stream for loop in loops}
    names = {p.id: p for p in Patient.objects.filter(id__in=streams)}
    histories = door.look_at(streams)
    return [_line(found, loop, names.get(loop.stream), histories[loop.stream], here) for loop in loops]


def _line(found: Board, loop: OpenLoop, patient: Patient | None, history: door.History, here: Here) -> Line:
    state = history.patient
    about = telling.about_subject(state, loop.subject, here.now)
    if loop.episode is not None and loop.episode in state.episodes:
        episode: Episode | None = state.episodes[loop.episode]
    else:
        episode = about.episode
    its = About(state, episode, about.exam, loop, about)
    late, today = loop.due_at < here.now, loop.due_at <= owed.end_of_today(here)
    first = next((step for step in STEPS_FOR[loop.kind] if step in offers.STEPS.values()), None)
    mine = first if first is not None and may(first, here.actor) else None
    page = reverse("desk:patient", args=[loop.stream])
    return Line(
        stream=loop.stream,
        name=owed.short_name(patient) if patient else loop.stream,
        owed=KINDS[loop.kind],
        tone="late" if late else "today" if today else "calm",
        word="Late" if late else "Today" if today else "Next",
        due_at=loop.due_at,
        whose=f"with {loop.assignee}" if loop.assignee else words.plain(loop.owner),
        cells=tuple(cell(its) for _, cell in found.cells),
        href=offers.link(mine, loop.stream, loop.subject) if mine else page,
        action=words.label(mine) if mine else "Open",
    )
