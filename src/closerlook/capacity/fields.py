"""What can be assumed of a unit: each figure with its words, unit, limits and mend. One table, for every reader of it.

You are here to add a figure: give it a row, a field in `Assumptions`, a value in each file of data/, and use it in
`unit`. The command line, the manager's page, the checks and the reference page follow.
"""

from enum import StrEnum

from msgspec import Struct


class Group(StrEnum):
    """What a figure is about, as the page has it."""

    SCREENING = "Screening"
    READING = "Reading"
    REACHING = "Reaching her"
    VISIT = "The visit for more pictures"
    TISSUE = "Tissue"
    HEARING = "Hearing the answer"


class Field(Struct, frozen=True):
    """One figure. `low` and `high` bound what is accepted; `whole` numbers have no parts; a `share` is 0 to 1."""

    name: str
    group: Group
    words: str
    unit: str
    low: float
    high: float
    whole: bool = False

    @property
    def share(self) -> bool:
        return self.unit == "share"


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("exams_per_day", Group.SCREENING, "Screening examinations a working day", "women", 0, 150),
        Field("recall_share", Group.SCREENING, "Called back", "share", 0, 0.5),
        Field("readings_per_exam", Group.READING, "Readings of each examination", "readings", 1, 2, whole=True),
        Field("third_reading_share", Group.READING, "Read once more, to decide", "share", 0, 0.5),
        Field("reading_sessions", Group.READING, "Reading sessions a week", "half-days", 0, 60, whole=True),
        Field("reading_minutes", Group.READING, "Time for one reading", "minutes", 0.1, 60),
        Field("navigator_hours", Group.REACHING, "Hours for calling, each working day", "hours", 0, 80),
        Field("call_minutes", Group.REACHING, "Time for one attempt to reach her", "minutes", 0.5, 120),
        Field("reached_share", Group.REACHING, "Reached at an attempt", "share", 0.02, 1),
        Field("attempts_per_day", Group.REACHING, "Attempts a day, if needed", "attempts", 1, 2, whole=True),
        Field("notice_days", Group.VISIT, "Shortest notice before the visit", "working days", 0, 20, whole=True),
        Field("mammography_sessions", Group.VISIT, "Diagnostic mammography sessions a week", "half-days", 0, 60, True),
        Field("mammography_slots", Group.VISIT, "Women in one mammography session", "slots", 1, 40, whole=True),
        Field("ultrasound_share", Group.VISIT, "Need ultrasound in the same visit", "share", 0, 1),
        Field("ultrasound_sessions", Group.VISIT, "Ultrasound sessions a week", "half-days", 0, 60, whole=True),
        Field("ultrasound_slots", Group.VISIT, "Women in one ultrasound session", "slots", 1, 40, whole=True),
        Field("attends", Group.VISIT, "Come to a visit that was booked", "share", 0.1, 1),
        Field("biopsy_share", Group.TISSUE, "Of those called back, need a biopsy", "share", 0, 1),
        Field("biopsy_same_visit", Group.TISSUE, "Of these, have it at the same visit", "share", 0, 1),
        Field("biopsy_sessions", Group.TISSUE, "Biopsy sessions a week", "half-days", 0, 60, whole=True),
        Field("biopsy_slots", Group.TISSUE, "Women in one biopsy session", "slots", 1, 40, whole=True),
        Field("biopsy_notice_days", Group.TISSUE, "Shortest notice before a biopsy", "working days", 0, 20, whole=True),
        Field("laboratory_days", Group.TISSUE, "The laboratory takes, on average", "working days", 0, 40),
        Field("told_same_day", Group.HEARING, "Hear the answer at the visit, where no tissue is taken", "share", 0, 1),
        Field("telling_days", Group.HEARING, "Others hear it after", "working days", 0, 20, whole=True),
        Field("letter_days", Group.HEARING, "A normal result reaches her after", "working days", 0, 30, whole=True),
    )
}


def said(field: Field, value: float) -> str:
    """Return a value as a person writes it: "8.9 %", "3 half-days"."""
    if field.share:
        return f"{value * 100:.3g} %"
    return f"{value:g} {one(field.unit) if value == 1 else field.unit}"


def one(unit: str) -> str:
    """Return a unit for one of it."""
    return {"women": "woman"}.get(unit, unit.removesuffix("s"))
