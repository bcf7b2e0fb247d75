"""Whether a person is due for screening by a guideline body's rules, when, how, and why, step by step.

You are here when a date looks wrong, or when a body's rules have a new shape. A guideline decides only for those it
speaks of. Where it leaves the choice to her, has not enough evidence, or does not speak of her, `is_due` is None:
neither yes nor no, and a person decides. The rows that speak are named, so that it can all be explained years later.

Ages are counted in full years at her birthday. Who was born on 29 February has it on 28 February in other years, and an
interval that ends on a day its month does not have ends on that month's last day. The row in force on a day is the one
whose ages she is in on that day; an interval that would end beyond them is counted anew by the next row.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from closerlook.evidence import guidelines
from closerlook.evidence.guidelines import (
    AGES_NOT_READ,
    FIRST_BY_AGE,
    INTERVAL_NOT_READ,
    OTHER_INTERVALS,
    READ_OURSELVES,
    Row,
    Speaks,
    Standing,
)

OLDEST = 125
"""A birth date longer ago than this, in years, is a slip of the hand."""

LAST_YEAR = 9_000
"""Days after it leave no room to count on."""

Value = str | int | date


class PersonError(ValueError):
    """What is said of her cannot be; the message names the field and the mend."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What a guideline asks of a person. `screened_on` are days of screening of both breasts, in any order.

    `assigned_female` None: not known, and taken as yes. `family_history` is a mother, sister or daughter with breast
    cancer; `high_lifetime_risk` what the bodies call a strong family history or a lifetime risk of about 20% and more.
    `dense` is noted and moves no date: the rows on dense breasts are of further imaging. Implants move none either.
    """

    born_on: date
    screened_on: tuple[date, ...] = ()
    assigned_female: bool | None = True
    both_breasts_absent: bool = False
    died_on: date | None = None
    symptoms: bool = False
    prior_cancer: bool = False
    known_mutation: bool = False
    chest_radiation: bool = False
    high_risk_lesion: bool = False
    high_lifetime_risk: bool = False
    family_history: bool = False
    dense: bool | None = None

    @property
    def last_on(self) -> date | None:
        return max(self.screened_on, default=None)


class Answer(StrEnum):
    """What a body says of her today."""

    DUE = "due"
    NOT_DUE = "not_due"
    OPTION = "option"
    """She may, if she wishes."""
    ON_REQUEST = "on_request"
    """She is not invited, and may ask for it."""
    INSUFFICIENT = "insufficient_evidence"
    NO_ROUTINE = "no_routine_recommendation"
    INTERVAL_NOT_READ = "interval_not_stated"
    """The interval is not stated by a source we read."""
    NOT_ANSWERED = "not_answered"
    """The guideline does not speak of her: a clinician decides."""
    NOT_SCREENED = "not_screened"
    """There is nothing to screen, or nobody."""


class Step(NamedTuple):
    """One step of the reasoning: a code, and the values its sentence names. Pages have their own words for a code."""

    code: str
    values: dict[str, Value]


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What a body says of her on a day.

    is_due: None where it is hers or a clinician's to decide. due_on: the day she is or was due; None where no row sets
    one. from_on, until_on: the first and the last day of the ages of the row that `due_on` goes by, None for no last.
    standing: how firmly that row speaks. certainty: the weakest evidence among the rows named, "none" where there are
    none. rows: their ids, the first is the one that governs.
    """

    body: str
    version: str
    today: date
    answer: Answer
    is_due: bool | None
    due_on: date | None = None
    from_on: date | None = None
    until_on: date | None = None
    standing: Standing | None = None
    modality: tuple[str, ...] = ()
    interval_months: int | None = None
    rows: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    certainty: str = "none"


# ---------------------------------------------------------------- days


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or that month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def birthday(born_on: date, age: int) -> date:
    """Return the day she reaches an age in years."""
    return add_months(born_on, 12 * age)


def age_on(born_on: date, day: date) -> int:
    """Return her age in full years on a day, as `birthday` counts it."""
    age = day.year - born_on.year
    return age if birthday(born_on, age) <= day else age - 1


def _begins(row: Row, person: Person) -> date:
    return birthday(person.born_on, row.start_age)


def _ends(row: Row, person: Person) -> date | None:
    """The first day she is too old for a row."""
    return birthday(person.born_on, row.stop_age + 1) if row.stop_age else None


def _until(row: Row, person: Person) -> date | None:
    ends = _ends(row, person)
    return None if ends is None else ends - timedelta(days=1)


def _covers(row: Row, person: Person, day: date) -> bool:
    ends = _ends(row, person)
    return _begins(row, person) <= day and (ends is None or day < ends)


def _checked(person: Person, today: date) -> None:
    if today.year > LAST_YEAR:
        raise PersonError(f"today: the year {today.year} is too far ahead. Look at the day again.")
    if person.born_on > today:
        raise PersonError(f"born_on: {person.born_on} has not come yet. Look at the birth date again.")
    if age_on(person.born_on, today) > OLDEST:
        raise PersonError(f"born_on: {person.born_on} would make her older than {OLDEST}. Look at the year again.")
    if person.died_on is not None and person.died_on < person.born_on:
        raise PersonError(f"died_on: {person.died_on} is before she was born. Look at both dates again.")
    for day in person.screened_on:
        if day > today:
            raise PersonError(f"screened_on: {day} has not come yet. Give days of screenings that were done.")
        if day < person.born_on:
            raise PersonError(f"screened_on: {day} is before she was born. Look at both dates again.")


# ---------------------------------------------------------------- due


def due(person: Person, body: str, today: date, *, version: str | None = None, allow_secondary: bool = False) -> Due:
    """Return what a body says of her on a day, by the version given, the latest where None.

    `body` is a short name of guidelines.BODIES. Rows that only others quote are used where `allow_secondary`, and the
    answer says so. Raises PersonError for what cannot be, GuidelineError for a body or version that is not known.
    """
    _checked(person, today)
    reasoning = _Reasoning(person, body, today, version, allow_secondary)
    return reasoning.answer()


class _Reasoning:
    """One question on its way to an answer; `steps` are told as they are taken."""

    def __init__(self, person: Person, body: str, today: date, version: str | None, allow_secondary: bool) -> None:
        self.person, self.today, self.allow_secondary = person, today, allow_secondary
        self.body, self.name = guidelines.body(body), body.strip().lower()
        self.all_rows = guidelines.routine(self.name, version)
        self.rows = tuple(row for row in self.all_rows if guidelines.usable(row, allow_secondary=allow_secondary))
        self.version = self.all_rows[-1].version if self.all_rows else ""
        self.steps: list[Step] = []

    def say(self, code: str, **values: Value) -> None:
        self.steps.append(Step(code, values))

    def answer(self) -> Due:
        self.say("asked", body=self.body.name, version=self.version or "no version", day=self.today)
        self.say("age", age=age_on(self.person.born_on, self.today), born=self.person.born_on)
        return self._nobody_to_screen() or self._not_spoken_of() or self._no_rows() or self._by_rows()

    def found(
        self, answer: Answer, *, row: Row | None = None, due_on: date | None = None, more: tuple[Row, ...] = ()
    ) -> Due:
        """Return an answer by a row; DUE and NOT_DUE are the guideline's to say, all else is a person's."""
        named = ((row,) if row else ()) + more
        return Due(
            body=self.name,
            version=self.version,
            today=self.today,
            answer=answer,
            is_due={Answer.DUE: True, Answer.NOT_DUE: False, Answer.NOT_SCREENED: False}.get(answer),
            due_on=due_on,
            from_on=_begins(row, self.person) if row else None,
            until_on=_until(row, self.person) if row else None,
            standing=row.standing if row else None,
            modality=row.read_modality if row else (),
            interval_months=row.months if row else None,
            rows=tuple(dict.fromkeys(other.id for other in named)),
            steps=tuple(self.steps),
            certainty=_weakest(named),
        )

    # -- whom it does not speak of

    def _nobody_to_screen(self) -> Due | None:
        if self.person.died_on is not None and self.person.died_on <= self.today:
            self.say("died", day=self.person.died_on)
        elif self.person.both_breasts_absent:
            self.say("no_breasts")
        else:
            return None
        return self.found(Answer.NOT_SCREENED)

    def _not_spoken_of(self) -> Due | None:
        """A guideline for routine screening does not speak of men, of a symptom, or of whoever is at higher risk."""
        person = self.person
        if person.assigned_female is False:
            self.say("not_women", body=self.body.name)
            return self.found(Answer.NOT_ANSWERED)
        if person.symptoms:
            self.say("symptoms")
            return self.found(Answer.NOT_ANSWERED)
        outside = [speaks for speaks in _outside(person) if speaks in ALWAYS_LEFT_OUT | self.body.leaves_out]
        if not outside:
            return None
        for speaks in outside:
            self.say("outside", body=self.body.name, reason=speaks)
        self._who_would_speak(frozenset(outside))
        self.say("clinician_decides")
        return self.found(Answer.NOT_ANSWERED)

    def _who_would_speak(self, of: frozenset[Speaks]) -> None:
        for row in guidelines.of(self.name):
            if row.speaks_of & of and row.evidence != "memory":
                used = guidelines.usable(row, allow_secondary=self.allow_secondary)
                self.say("would_speak" if used else "would_speak_secondary", row=row.id, group=row.risk_group)

    def _no_rows(self) -> Due | None:
        if self.rows:
            return None
        for row in self.all_rows:
            self.say("row_not_used", row=row.id, evidence=row.evidence)
        self.say("no_usable_row", body=self.body.name)
        return self.found(Answer.NOT_ANSWERED)

    # -- by the rows

    def _by_rows(self) -> Due:
        if self.person.assigned_female is None:
            self.say("sex_not_known", body=self.body.name)
        if self.person.dense:
            self.say("dense")
        if self.person.family_history and any("includes family history" in row.risk_group for row in self.rows):
            self.say("family_history_included", body=self.body.name)
        last = self.person.last_on
        self.say("last", day=last) if last else self.say("never")
        ahead = [row for row in self.rows if (ends := _ends(row, self.person)) is None or self.today < ends]
        for row in ahead:
            on = self._on(row, last)
            if on is None:
                return self._interval_not_read(row)
            if (ends := _ends(row, self.person)) is None or on < ends:
                return self._dated(row, on, last)
            self.say("passes_last_age", row=row.id, day=on, last_day=ends - timedelta(days=1))
        return self._after_all()

    def _on(self, row: Row, last: date | None) -> date | None:
        """Return the day a row has her due; None where that needs an interval it does not have."""
        begins = _begins(row, self.person)
        if last is None or row.standing is Standing.INSUFFICIENT:
            return begins
        return None if row.months is None else max(begins, add_months(last, row.months))

    def _dated(self, row: Row, on: date, last: date | None) -> Due:
        self._tell(row)
        if on == _begins(row, self.person):
            self.say("begins", age=row.start_age, day=on)
        elif last is not None and row.months is not None:
            self.say("interval", months=row.months, last=last, day=on)
        if last is None and row.id in FIRST_BY_AGE:
            by = birthday(self.person.born_on, FIRST_BY_AGE[row.id])
            self.say("first_by", age=FIRST_BY_AGE[row.id], day=by)
        if row.id in OTHER_INTERVALS and row.months is not None:
            shortest, longest = OTHER_INTERVALS[row.id]
            self.say("interval_choice", shortest=shortest, longest=longest, used=row.months)
        if row.id in INTERVAL_NOT_READ:
            self.say("interval_not_read", row=row.id)
        if row.standing is Standing.OPTION:
            self._recommended_from(row)
        if on > self.today:
            if row.standing is Standing.INSUFFICIENT:
                self.say("insufficient_then", day=on)
                return self.found(Answer.NOT_DUE, row=row)
            self.say(THEN.get(row.standing, "not_yet"), day=on)
            self._ages_not_read()
            return self.found(Answer.NOT_DUE, row=row, due_on=on)
        answer = ANSWERS[row.standing]
        self.say(answer.value, day=on)
        return self.found(answer, row=row, due_on=None if answer is Answer.INSUFFICIENT else on)

    def _recommended_from(self, option: Row) -> None:
        later = (row for row in self.rows if row.start_age > option.start_age)
        row = next((row for row in later if ANSWERS.get(row.standing) is Answer.DUE), None)
        if row is not None:
            self.say("recommended_from", row=row.id, age=row.start_age, day=_begins(row, self.person))

    def _tell(self, row: Row) -> None:
        stop = f"to {row.stop_age}" if row.stop_age else "and over"
        self.say("row", row=row.id, start=row.start_age, stop=stop, standing=row.standing, evidence=row.evidence)
        if row.evidence == "secondary":
            self.say("secondary", row=row.id)

    def _ages_not_read(self) -> None:
        ages = [pair for row in self.rows for pair in AGES_NOT_READ.get(row.id, ())]
        if any(first <= age_on(self.person.born_on, self.today) <= last for first, last in ages):
            self.say("ages_not_read", body=self.body.name)

    def _interval_not_read(self, row: Row) -> Due:
        self._tell(row)
        self.say("interval_not_read", row=row.id)
        if _covers(row, self.person, self.today):
            return self.found(Answer.INTERVAL_NOT_READ, row=row)
        # Her present ages have an interval, and it has not run out: today is answered, her next day is not.
        now = [other for other in self.rows if _covers(other, self.person, self.today)]
        return self.found(Answer.NOT_DUE, row=now[0] if now else row, more=(row,))

    def _after_all(self) -> Due:
        """No row that may be used sets her next day: she is past their ages, or will be by then."""
        now = [row for row in self.rows if _covers(row, self.person, self.today)]
        if now:
            self._tell(now[0])
            self.say("none_after", body=self.body.name)
            return self.found(Answer.NOT_DUE, row=now[0])
        self._ages_not_read()
        for row in self.all_rows:
            if row not in self.rows and _covers(row, self.person, self.today):
                self.say("row_not_used", row=row.id, evidence=row.evidence)
        self.say("past_last_age", body=self.body.name, age=max(row.stop_age for row in self.rows))
        self.say("clinician_decides")
        return self.found(Answer.NO_ROUTINE, more=(max(self.rows, key=lambda row: row.stop_age),))


ALWAYS_LEFT_OUT = frozenset({Speaks.PRIOR_CANCER, Speaks.MUTATION, Speaks.RADIATION})
ANSWERS = {
    Standing.RECOMMENDED: Answer.DUE,
    Standing.SUGGESTED: Answer.DUE,
    Standing.OPTION: Answer.OPTION,
    Standing.ON_REQUEST: Answer.ON_REQUEST,
    Standing.INSUFFICIENT: Answer.INSUFFICIENT,
}
"""What it is, on the day and after, by how firmly the row speaks."""

THEN = {Standing.OPTION: "option_then", Standing.ON_REQUEST: "on_request_then"}


def _outside(person: Person) -> Iterator[Speaks]:
    facts = {
        Speaks.PRIOR_CANCER: person.prior_cancer,
        Speaks.MUTATION: person.known_mutation,
        Speaks.RADIATION: person.chest_radiation,
        Speaks.LESION: person.high_risk_lesion,
        Speaks.HIGH_LIFETIME_RISK: person.high_lifetime_risk,
    }
    return (speaks for speaks, true in facts.items() if true)


def _weakest(rows: tuple[Row, ...]) -> str:
    order = ("secondary", "official", "primary")
    return min((row.evidence for row in rows), key=order.index, default="none")


# ---------------------------------------------------------------- the row of a day


def cited(born_on: date, day: date, body: str) -> Row | None:
    """Return the routine row, read by ourselves and of the latest version, whose ages she is in on a day; else None."""
    person = Person(born_on=born_on)
    rows = (row for row in guidelines.routine(body, None) if row.evidence in READ_OURSELVES)
    return next((row for row in rows if _covers(row, person, day)), None)


# ---------------------------------------------------------------- up to date


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """Whether she counts in the measure, and whether she is up to date (None where she does not count).

    reason: why she does not count, or what she was measured by. rule: the published measure it has the shape of, "" for
    our own. until_on: the last day she is up to date.
    """

    counted: bool
    up_to_date: bool | None
    reason: str
    rule: str = ""
    rows: tuple[str, ...] = ()
    until_on: date | None = None


PUBLISHED_MEASURE = {"nhsbsp": "UK-S2"}
"""Coverage: a result in the last 36 months, at 53 to 70; both breasts absent is left out (UK-E5)."""


def measure(
    person: Person,
    body: str,
    today: date,
    *,
    version: str | None = None,
    tolerance_days: int = 0,
    allow_secondary: bool = False,
) -> Measure:
    """Return whether she is up to date under a body on a day.

    Our own definition, except where `PUBLISHED_MEASURE` names one of this shape: of those whom the body recommends
    screening today and has recommended it to for a whole interval, who was screened less than that interval ago. Where
    the body leaves a choice of interval the longest counts. `tolerance_days` are added to the interval. Left out are
    whoever died, has no breast tissue, or is not spoken of by the routine rows. Raises as `due` does.
    """
    said = due(person, body, today, version=version, allow_secondary=allow_secondary)
    if tolerance_days < 0:
        raise ValueError("tolerance_days: days that are added; write 0 or more")
    if said.answer in (Answer.NOT_SCREENED, Answer.NOT_ANSWERED):
        return Measure(counted=False, up_to_date=None, reason=said.steps[-1].code)
    rows = [
        row
        for row in guidelines.routine(said.body, version)
        if guidelines.usable(row, allow_secondary=allow_secondary)
        and row.standing in (Standing.RECOMMENDED, Standing.SUGGESTED)
    ]
    now = next((row for row in rows if _covers(row, person, today)), None)
    if now is None:
        return Measure(counted=False, up_to_date=None, reason="not_of_these_ages")
    if now.longest_months is None:
        return Measure(counted=False, up_to_date=None, reason="interval_not_stated", rows=(now.id,))
    if today < add_months(_begins(rows[0], person), rows[0].longest_months or 0):
        return Measure(counted=False, up_to_date=None, reason="not_yet_a_whole_interval", rows=(now.id,))
    rule = PUBLISHED_MEASURE.get(said.body, "")
    last = person.last_on
    until = None if last is None else add_months(last, now.longest_months) + timedelta(days=tolerance_days - 1)
    return Measure(
        counted=True,
        up_to_date=until is not None and today <= until,
        reason="measured",
        rule=rule if not tolerance_days else "",
        rows=(now.id,),
        until_on=until,
    )


# ---------------------------------------------------------------- one English sentence for each step

SENTENCES: dict[str, str] = {
    "asked": "Asked of {body}, {version}, for {day}.",
    "age": "She is {age}, born on {born}.",
    "died": "She died on {day}.",
    "no_breasts": "She has no breast tissue to screen.",
    "not_women": "{body} speaks of women and of persons assigned female at birth; for others a clinician decides.",
    "symptoms": "She has noticed something: that is for a clinician now, and not for screening.",
    "outside": "The routine rows of {body} leave her out: {reason}.",
    "would_speak": "Row {row} speaks of her instead ({group}).",
    "would_speak_secondary": "Row {row} would speak of her ({group}), but we have it only as others quote it.",
    "clinician_decides": "A clinician decides with her.",
    "row_not_used": "Row {row} is not used: its evidence is {evidence}.",
    "no_usable_row": "No row of {body} rests on a source that may be used here.",
    "sex_not_known": "Her sex is not on record; {body} speaks of women and of persons assigned female at birth.",
    "dense": "Dense breasts are noted; they move no date of routine screening.",
    "family_history_included": "A family history is included in the routine rows of {body}.",
    "last": "She was last screened on {day}.",
    "never": "No earlier screening is known.",
    "passes_last_age": "By row {row} she would be due on {day}, after its last day for her, {last_day}.",
    "row": "Row {row} governs: ages {start} {stop}, {standing}, evidence {evidence}.",
    "secondary": "Row {row} is as others quote it; we have not read it at its source.",
    "begins": "It begins at the age of {age}, reached on {day}.",
    "interval": "{months} months after {last} is {day}.",
    "first_by": "The first invitation comes by the age of {age}: before {day}.",
    "interval_choice": "The body leaves {shortest} to {longest} months to choose from; {used} are counted here.",
    "insufficient_then": "From {day} the body finds the evidence insufficient, for or against.",
    "not_yet": "Not due today; due on {day}.",
    "option_then": "Not today; from {day} it is hers to choose: an option, no recommendation.",
    "on_request_then": "Not today; from {day} she may ask for it, and is not invited.",
    "recommended_from": "By row {row} it is recommended from the age of {age}, reached on {day}.",
    "due": "Due since {day}.",
    "option": "Hers to choose since {day}: an option, no recommendation.",
    "on_request": "Not invited; she may ask for it since {day}.",
    "insufficient_evidence": "The evidence is insufficient: neither yes nor no, a clinician decides with her.",
    "interval_not_read": "Row {row}: interval not stated by a source we read.",
    "none_after": "{body} has no row, of evidence that may be used here, for when she would next be due.",
    "ages_not_read": "What {body} says at her age is not stated by a source we read.",
    "past_last_age": "She is past {age}, the last age a usable row of {body} speaks of: no routine recommendation.",
}
"""For the command line. What patients and staff read on pages has words of its own, in each language."""


def in_words(step: Step) -> str:
    """Return one English sentence for a step."""
    spoken = {
        name: value.replace("_", " ") if isinstance(value, StrEnum) else value for name, value in step.values.items()
    }
    return SENTENCES[step.code].format(**spoken)


def told(found: Due) -> list[dict[str, object]]:
    """Return the steps of an answer with their sentences, for who reads JSON."""
    return [{"code": step.code, "values": step.values, "sentence": in_words(step)} for step in found.steps]
