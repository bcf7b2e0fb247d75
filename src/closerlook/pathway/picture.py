"""The path as a picture: every kind of thing owed, by stage, with owner, clocks and rule, and what leads to what.

You are here to give a new kind its place. `PLACES` says in which stage a kind stands and `LEADS` which step leads from
one to the next; `draw` sets the boxes and arrows of one protocol as an SVG that needs no other file.
"""

from collections.abc import Iterator
from html import escape
from textwrap import wrap

from msgspec import Struct

from closerlook.pathway import steps as st
from closerlook.pathway.calendar import Clock
from closerlook.pathway.closing import CLOSED_BY, OPENED_BY
from closerlook.pathway.loops import KINDS
from closerlook.pathway.protocol import Protocol, Row
from closerlook.pathway.terms import Role

RESULT, SETTLED = "result", "settled"
MILESTONES = {RESULT: "A signed result stands", SETTLED: "The round is settled"}
"""What many steps lead to and many start from; nothing is owed there."""

PLACES: dict[str, tuple[str, ...]] = {
    "Before": (
        "set_next_due", "invite", "send_invitation", "post_invitation", "book_screening", "remind", "close_visit",
        "close_not_screened", "attend_screening", "complete_examination",
    ),
    "Reading": (
        "explain_wait", "read", "release_reading", "await_final", "confirm_assessment", "place_report",
        "arbitrate", "finalise_reading", RESULT, "get_priors",
    ),
    "Telling": (
        "tell_result", "ring_after_seen", "reach_her", "confirm_lost", "send_summary", "tell_provider",
        "post_document", "confirm_change", "tell_change",
    ),
    "Call-back": (
        "complete_assessment", "plan_call_back", "book_call_back", "attend_call_back", "replan", "cancel_visit",
        "nurse_call", "write_refusal",
    ),
    "Work-up": ("assess_workup", "resolve_abnormal", "answer_symptom", "pass_on_incidental"),
    "Tissue": ("arrange_biopsy", "get_pathology", "decide_concordance", "plan_next"),
    "Treatment and surveillance": (
        "tell_diagnosis", "tell_provider_diagnosis", "refer", "accept_referral", "confirm_first_visit",
        SETTLED, "ask_treatment_end", "surveillance_visit", "review_interval_cancer", "ask_care_end",
    ),
    "Beside every stage": (
        "call_her", "send_copies", "read_notes", "review_pause", "await_acknowledgement", "get_outside_result",
        "find_owner", "review_history",
        "hand_over", "resolve_message",
    ),
}  # fmt: skip
"""The stages, left to right, and what stands in each, top to bottom."""

LEADS: tuple[tuple[str, type[st.Step] | None, tuple[str, ...]], ...] = (
    ("set_next_due", st.SetNextDue, ("invite",)),
    ("invite", st.OpenRound, ("send_invitation", "book_screening", "attend_screening")),
    ("send_invitation", st.PrepareInvitation, ("post_invitation",)),
    ("book_screening", st.BookVisit, ("remind", "close_visit")),
    ("close_visit", st.RecordMissed, ("book_screening", "close_not_screened", "book_call_back", "reach_her")),
    ("close_not_screened", st.RecordNotScreened, ("set_next_due",)),
    ("attend_screening", st.TakeExamination, ("complete_examination", "read", "explain_wait")),
    ("complete_examination", st.TakeExamination, ("read", "explain_wait")),
    ("read", st.DeferReading, ("release_reading",)),
    ("release_reading", st.ReleaseReading, ("read",)),
    ("read", st.TakeReport, ("await_final", "confirm_assessment", "place_report")),
    ("read", st.RecordReading, ("arbitrate", "finalise_reading", RESULT)),
    ("await_final", st.RecordReading, (RESULT,)),
    ("confirm_assessment", st.ConfirmAssessment, (RESULT,)),
    ("place_report", st.PlaceReport, (RESULT,)),
    ("arbitrate", st.Arbitrate, (RESULT,)),
    ("finalise_reading", st.FinaliseReading, (RESULT,)),
    ("get_priors", st.RecordReading, (RESULT,)),
    (RESULT, None, ("get_priors", "tell_result", "send_summary", "tell_provider")),
    (RESULT, None, ("complete_assessment", "plan_call_back", "resolve_abnormal", "arrange_biopsy", SETTLED)),
    ("tell_result", st.RecordContact, ("reach_her",)),
    ("reach_her", st.RecordContact, ("confirm_lost",)),
    ("confirm_lost", st.ConfirmLost, ("review_pause", "set_next_due")),
    ("send_summary", st.PrepareDocument, ("post_document",)),
    ("tell_provider", st.PrepareDocument, ("post_document",)),
    ("confirm_change", st.ConfirmChange, ("tell_change", "cancel_visit")),
    ("complete_assessment", st.DecideCallBack, ("book_call_back", "attend_call_back")),
    ("plan_call_back", st.DecideCallBack, ("book_call_back", "attend_call_back")),
    ("replan", st.DecideCallBack, ("book_call_back",)),
    ("book_call_back", st.BookVisit, ("remind", "close_visit")),
    ("book_call_back", st.RecordNoToday, ("nurse_call",)),
    ("book_call_back", st.MoveCare, ("await_acknowledgement",)),
    ("book_call_back", st.ClaimOutside, ("get_outside_result",)),
    ("attend_call_back", st.TakeExamination, ("assess_workup", "explain_wait")),
    ("nurse_call", st.RecordDecline, ("write_refusal", "review_pause", "set_next_due")),
    ("review_pause", st.Resume, ("replan",)),
    ("await_acknowledgement", st.AcknowledgeCare, ("get_outside_result",)),
    ("get_outside_result", st.TakeOutsideResult, ("assess_workup", "explain_wait")),
    ("assess_workup", st.AssessWorkup, ("arrange_biopsy", SETTLED)),
    ("resolve_abnormal", st.AssessWorkup, ("arrange_biopsy", SETTLED)),
    ("arrange_biopsy", st.RecordBiopsy, ("get_pathology",)),
    ("get_pathology", st.RecordPathology, ("decide_concordance", "tell_diagnosis", "tell_provider_diagnosis")),
    (
        "decide_concordance",
        st.DecideConcordance,
        ("plan_next", "tell_diagnosis", "tell_provider_diagnosis", "reach_her", SETTLED),
    ),
    ("plan_next", st.PlanNext, ("arrange_biopsy", "plan_call_back", SETTLED)),
    ("tell_diagnosis", st.TellDiagnosis, ("refer",)),
    ("refer", st.Refer, ("accept_referral",)),
    ("accept_referral", st.RecordAccepted, ("confirm_first_visit",)),
    ("confirm_first_visit", st.RecordFirstVisit, (SETTLED,)),
    (SETTLED, None, ("set_next_due", "ask_treatment_end", "surveillance_visit")),
    ("ask_treatment_end", st.EndTreatment, ("invite",)),
    ("surveillance_visit", st.OpenRound, ("attend_screening", "book_screening")),
    ("surveillance_visit", st.TakeExamination, ("read", "explain_wait")),
    ("review_interval_cancer", st.ReviewIntervalCancer, ("ask_care_end",)),
    ("ask_care_end", st.EndCare, ("invite",)),
    ("review_history", st.ReviewHistory, (SETTLED,)),
)
"""Which step, taken for what is owed, leads to what is owed next; from a milestone no one step does."""

FROM_OUTSIDE = frozenset(
    {
        "set_next_due", "ring_after_seen", "confirm_change", "call_her", "send_copies", "read_notes",
        "answer_symptom", "pass_on_incidental",
        "find_owner", "review_history", "review_interval_cancer", "hand_over", "resolve_message",
    }
)  # fmt: skip
"""What opens on news rather than on the step before: she says something, a message comes, something is found."""

UNITS = {"d": "day", "wd": "working day", "wh": "working hour", "mo": "month"}
MOMENTS = {
    "opened": "opening", "examination": "the examination", "reading": "the reading",
    "initial_report": "the first report", "screening": "screening", "hear_by": "the promised day",
    "review": "the review day", "surveillance": "the day of the check", "next_due": "the day she is due",
    "visit": "the visit", "first_visit": "the first visit", "settled": "the end of the round",
}  # fmt: skip
"""What a clock is counted from, in words."""


def words(name: str) -> str:
    """Return what a kind or a milestone is called."""
    return KINDS.get(name) or MILESTONES[name]


def in_words(clock: Clock) -> str:
    """Return a clock in words: "7 days from the reading", "that day", "2 days before the visit"."""
    count = abs(clock.count)
    length = f"{count} {UNITS[clock.unit]}{'' if count == 1 else 's'}"
    if clock.anchor == "opened":
        return length if count else "that day"
    if not count:
        moment = MOMENTS[clock.anchor]
        return f"on {moment}" if "day" in moment else f"on the day of {moment}"
    return f"{length} {'before' if clock.count < 0 else 'from'} {MOMENTS[clock.anchor]}"


def late_in_words(row: Row) -> str:
    return " or ".join(in_words(clock) for clock in row.late)


def clocks_in_words(row: Row) -> str:
    """Return when a row is due and late, as short as can be: "due 1, late 2 working days from the reading"."""
    due, late = row.due, row.late[0]
    if len(row.late) == 1 and (due.unit, due.anchor) == (late.unit, late.anchor) and 0 < due.count < late.count:
        return f"due {due.count}, late {in_words(late)}"
    return f"due {in_words(due)}, late {late_in_words(row)}"


def rule_in_words(row: Row) -> str:
    """Return what a row rests on: law only where the protocol marks it, and what is from memory as unverified."""
    if row.source == "memory":
        return f"{row.rule} (unverified)"
    return f"{row.rule}, by law" if row.legal else row.rule


def owner_in_words(role: Role) -> str:
    return "software" if role is Role.SYSTEM else role.value.replace("_", " ")


# ---------------------------------------------------------------- the boxes

WIDE, GAP, PAD, TOP = 206, 18, 11, 132  # of a box; between two; inside one; above the columns
LINE, TITLE_LINE, TRACK = 15, 17, 8
MARGIN = 20


class Line(Struct, frozen=True):
    """One line of text in a box; `style` is its class."""

    text: str
    style: str = ""


class Box(Struct, frozen=True):
    """One kind, or a milestone, where it stands."""

    name: str
    column: int
    x: int
    y: int
    high: int
    lines: tuple[Line, ...]
    owner: str = ""
    unverified: bool = False

    def dashed(self) -> str:
        return " unverified" if self.unverified else ""


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(text, width, break_on_hyphens=False)


def _lines(kind: str, protocol: Protocol, beyond: list[str]) -> tuple[Line, ...]:
    """Return what stands in a box; `beyond` names what it leads to in a stage no arrow reaches."""
    found = [Line(text, "name") for text in _wrapped(words(kind), 25)]
    for row in protocol.rows:
        if row.kind == kind:
            found += _row_lines(row)
    if beyond:
        found += [Line(text, "then") for text in _wrapped(f"Then: {'; '.join(beyond)}", 31)]
    return tuple(found)


def _row_lines(row: Row) -> Iterator[Line]:
    when = f"{row.variant.replace('_', ' ').capitalize()}: " if row.variant else ""
    yield Line(f"{when}{owner_in_words(row.owner) if when else owner_in_words(row.owner).capitalize()}", "owner")
    for text in _wrapped(clocks_in_words(row), 31):
        yield Line(text)
    for text in _wrapped(rule_in_words(row), 31):
        yield Line(text, "law" if row.legal else "rule")


def _height(lines: tuple[Line, ...]) -> int:
    return 2 * PAD + sum(TITLE_LINE if line.style == "name" else LINE for line in lines)


def _edges() -> dict[tuple[str, str], None]:
    """Return what leads to what, each pair once, in the order declared."""
    return dict.fromkeys((source, target) for source, _, targets in LEADS for target in targets)


COLUMN = {name: place for place, names in enumerate(PLACES.values()) for name in names}


def _reached(source: str, target: str) -> bool:
    """Say whether an arrow is drawn: within a stage, or on to the next. What is farther away is named in words."""
    return COLUMN[target] - COLUMN[source] in (0, 1)


class Wire(Struct, frozen=True):
    """Arrows that share one vertical track: all from one box to the next stage, or all to one box within a stage."""

    gutter: int
    pairs: tuple[tuple[str, str], ...]
    inner: bool


def _wires() -> list[Wire]:
    groups: dict[tuple[int, bool, str], list[tuple[str, str]]] = {}
    for source, target in _edges():
        if not _reached(source, target) or _just_below(source, target):
            continue
        inner = COLUMN[source] == COLUMN[target]
        key = (COLUMN[target], inner, target if inner else source)
        groups.setdefault(key, []).append((source, target))
    order = list(COLUMN)
    keys = sorted(groups, key=lambda key: (key[0], key[1], order.index(key[2])))
    return [Wire(key[0], tuple(groups[key]), key[1]) for key in keys]


def _just_below(source: str, target: str) -> bool:
    names = tuple(PLACES.values())[COLUMN[source]]
    return target in names and names.index(target) == names.index(source) + 1


def _placed(protocol: Protocol, wires: list[Wire]) -> tuple[dict[str, Box], int, int]:
    """Return the boxes, and how wide and high the picture is."""
    boxes: dict[str, Box] = {}
    x, lowest = MARGIN, 0
    for column, names in enumerate(PLACES.values()):
        x += _gutter(column, wires)
        y = TOP
        for name in names:
            beyond = [words(t) for s, t in _edges() if s == name and not _reached(s, t)]
            lines = _lines(name, protocol, beyond)
            rows = [row for row in protocol.rows if row.kind == name]
            owner = next((row.owner.value for row in rows if not row.variant), "")
            unverified = any(row.source == "memory" for row in rows)
            boxes[name] = Box(name, column, x, y, _height(lines), lines, owner, unverified)
            y += boxes[name].high + GAP
        lowest = max(lowest, y)
        x += WIDE
    return boxes, x + MARGIN, lowest + MARGIN


def _gutter(column: int, wires: list[Wire]) -> int:
    return 30 + TRACK * sum(wire.gutter == column for wire in wires)


# ---------------------------------------------------------------- the picture

STYLE = """
  svg { --paper: #ffffff; --band: #f2f4f6; --ink: #17202a; --soft: #4a5560; --edge: #8a949e; --law: #9b1c1c;
        --box: #ffffff; font-family: system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: var(--ink); }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #14181c; --band: #1c2228; --ink: #eef1f4; --soft: #b4bec8; --edge: #7d8994; --law: #ff9d94;
          --box: #252c33; }
  }
  .paper { fill: var(--paper); } .band { fill: var(--band); }
  text { fill: currentColor; font-size: 12px; } .title { font-size: 22px; font-weight: 700; }
  .stage { font-size: 15px; font-weight: 700; } .name { font-size: 13px; font-weight: 700; }
  .owner { font-weight: 600; } .rule, .then, .note { fill: var(--soft); } .then { font-style: italic; }
  .law { fill: var(--law); font-weight: 700; }
  .box { fill: var(--box); stroke: var(--edge); } .milestone { stroke: currentColor; stroke-width: 2; }
  .unverified { stroke-dasharray: 5 4; stroke: currentColor; }
  .arrow { fill: none; stroke: var(--edge); stroke-width: 1.5; } .head { fill: var(--edge); }
  .o-system { fill: #7d8590; } .o-front_desk { fill: #b7791f; } .o-radiologist { fill: #2b6cb0; }
  .o-navigator { fill: #2f855a; } .o-clinician { fill: #c53030; } .o-nurse { fill: #c05299; }
  .o-pathology_coordinator { fill: #805ad5; } .o-manager { fill: #5f4b32; } .o-technologist, .o-lead { fill: #319795; }
"""


def draw(protocol: Protocol) -> str:
    """Return the picture of one protocol as an SVG."""
    wires = _wires()
    boxes, wide, high = _placed(protocol, wires)
    name = escape(protocol.name)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"',
            '  role="graphics-document document" aria-labelledby="title desc" lang="en">',
            f'<title id="title">The path from an invitation to a settled answer: protocol {name}</title>',
            f'<desc id="desc">{len(KINDS)} kinds of things owed in {len(PLACES)} stages. Each box says who owns it,',
            "when it is due and late, and on what rule. Arrows lead from what is done to what is owed next.</desc>",
            f"<style>{STYLE}</style>",
            '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"'
            ' markerUnits="userSpaceOnUse"><path class="head" d="M0 0 8 4 0 8Z"/></marker>',
            f'<rect class="paper" width="{wide}" height="{high}"/>',
            f'<text class="title" x="{MARGIN}" y="36">From an invitation to a settled answer: {name}, version'
            f" {escape(protocol.version)}</text>",
            *_legend(protocol),
            *_bands(boxes, high),
            '<g aria-hidden="true">',
            *_arrows(boxes, wires),
            "</g>",
            *_columns(boxes),
            "</svg>",
            "",
        ]
    )


def _legend(protocol: Protocol) -> Iterator[str]:
    yield '<g role="group" aria-label="Legend">'
    x = MARGIN
    for role in dict.fromkeys(row.owner for row in protocol.rows):
        called = owner_in_words(role)
        yield f'<rect class="o-{role.value}" x="{x}" y="52" width="12" height="12" rx="2"/>'
        yield f'<text x="{x + 18}" y="62">{called}</text>'
        x += 18 + 7 * len(called) + 18
    notes = (
        "Due and late count from the moment a thing is owed, unless a box names another. A rule id cites what asks for"
        " it; “site default” is the unit's own choice; “by law” marks a limit set by law.",
        "A dashed edge marks figures from memory, still to be checked. An arrow leads from what is done to what may be"
        " owed next; “Then” names what lies farther off.",
    )
    for y, note in zip((82, 99), notes, strict=True):
        yield f'<text class="note" x="{MARGIN}" y="{y}">{note}</text>'
    yield "</g>"


def _bands(boxes: dict[str, Box], high: int) -> Iterator[str]:
    for stage, names in PLACES.items():
        x = boxes[names[0]].x
        yield f'<rect class="band" x="{x - 8}" y="{TOP - 22}" width="{WIDE + 16}" height="{high - TOP + 10}" rx="8"/>'
        yield f'<text class="stage" x="{x}" y="{TOP - 5}" aria-hidden="true">{stage}</text>'


def _columns(boxes: dict[str, Box]) -> Iterator[str]:
    for stage, names in PLACES.items():
        yield f'<g role="group" aria-label="{stage}">'
        for name in names:
            yield from _box(boxes[name])
        yield "</g>"


def _box(box: Box) -> Iterator[str]:
    yield f'<g id="{box.name}" role="group" aria-label="{escape(words(box.name))}">'
    if box.name in KINDS:
        yield f"<title>Opens: {escape(OPENED_BY[box.name])} Closes: {escape(CLOSED_BY[box.name])}</title>"
    style = f"box{box.dashed()}" if box.owner else "box milestone"
    yield f'<rect class="{style}" x="{box.x}" y="{box.y}" width="{WIDE}" height="{box.high}" rx="6"/>'
    if box.owner:
        yield f'<rect class="o-{box.owner}" x="{box.x}" y="{box.y}" width="5" height="{box.high}" rx="2"/>'
    y = box.y + PAD - 3
    for line in box.lines:
        y += TITLE_LINE if line.style == "name" else LINE
        style = f' class="{line.style}"' if line.style else ""
        yield f'<text{style} x="{box.x + PAD + 2}" y="{y}">{escape(line.text)}</text>'
    yield "</g>"


def _arrows(boxes: dict[str, Box], wires: list[Wire]) -> Iterator[str]:
    for source, target in _edges():
        if _just_below(source, target):
            a, b = boxes[source], boxes[target]
            yield _arrow(f"M{a.x + WIDE // 2} {a.y + a.high}V{b.y}")
    arriving: dict[str, int] = {}
    leaving: dict[str, int] = {}
    track: dict[int, int] = {}
    for wire in wires:
        track[wire.gutter] = track.get(wire.gutter, 0) + 1
        left = boxes[wire.pairs[0][1]].x - _gutter(wire.gutter, wires)
        x = left + 14 + TRACK * track[wire.gutter]
        enters: dict[str, int] = {}
        for target in dict.fromkeys(target for _, target in wire.pairs):
            arriving[target] = arriving.get(target, -1) + 1
            enters[target] = boxes[target].y + 12 + 9 * arriving[target]
        for source, target in wire.pairs:
            a, b = boxes[source], boxes[target]
            if wire.inner:
                leaving[source] = leaving.get(source, -1) + 1
                start = f"M{a.x} {a.y + a.high - 8 - 7 * leaving[source]}"
            else:
                start = f"M{a.x + WIDE} {a.y + 18}"
            yield _arrow(f"{start}H{x}V{enters[target]}H{b.x}")


def _arrow(path: str) -> str:
    return f'<path class="arrow" marker-end="url(#head)" d="{path}"/>'
