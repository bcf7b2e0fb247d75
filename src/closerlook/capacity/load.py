"""What is asked of each resource a week against what it offers: the load, by arithmetic and without chance.

A load of 1 or more has no steady wait: whatever comes in beyond what can be done is added to the queue week by week.
"""

from math import inf

from msgspec import Struct

from closerlook.capacity.assumptions import Assumptions
from closerlook.capacity.week import SESSION_HOURS, sessions_in

RESOURCES: dict[str, str] = {
    "readers": "Reading",
    "navigators": "Calling",
    "mammography": "Diagnostic mammography",
    "ultrasound": "Ultrasound",
    "biopsy": "Biopsy",
}
"""What has limited hours or places. The laboratory takes its days, however much comes."""


class Load(Struct, frozen=True):
    """A week's work against a week's hours (readers, navigators) or places (visits). `of_capacity` is their ratio."""

    asked: float
    offered: float
    unit: str

    @property
    def of_capacity(self) -> float:
        if self.offered:
            return self.asked / self.offered
        return inf if self.asked else 0.0


def loads(a: Assumptions) -> dict[str, Load]:
    """Return the load of every resource, if all before it keeps up."""
    exams = a.exams_per_day * 5
    called_back = exams * a.recall_share
    visits = called_back / a.attends
    biopsies = called_back * a.biopsy_share * (1 - a.biopsy_same_visit) / a.attends
    booked_biopsies = biopsies * a.attends
    conversations = called_back + (visits - called_back) + (biopsies - booked_biopsies)  # every missed visit needs one
    readings = exams * (a.readings_per_exam + a.third_reading_share)
    return {
        "readers": Load(readings * a.reading_minutes / 60, a.reading_sessions * SESSION_HOURS, "hours"),
        "navigators": Load(conversations / a.reached_share * a.call_minutes / 60, a.navigator_hours * 5, "hours"),
        "mammography": Load(visits, a.mammography_sessions * a.mammography_slots, "slots"),
        "ultrasound": Load(visits * a.ultrasound_share, usable_ultrasound(a), "slots"),
        "biopsy": Load(biopsies, a.biopsy_sessions * a.biopsy_slots, "slots"),
    }


def usable_ultrasound(a: Assumptions) -> float:
    """Return the ultrasound slots a week that stand in a half-day with diagnostic mammography: both are one visit."""
    mammography, ultrasound = sessions_in(int(a.mammography_sessions)), sessions_in(int(a.ultrasound_sessions))
    pairs = zip(mammography, ultrasound, strict=True)
    return float(sum(min(m * a.mammography_slots, u * a.ultrasound_slots) for m, u in pairs))


def unusable_ultrasound(a: Assumptions) -> float:
    """Return the ultrasound slots a week that no visit can use."""
    return a.ultrasound_sessions * a.ultrasound_slots - usable_ultrasound(a)


def events_a_week(a: Assumptions) -> float:
    """Return about how many events a simulated week has: what a simulation costs. Calls stop where hours do."""
    exams = a.exams_per_day * 5
    called_back = exams * a.recall_share
    wanted = called_back / a.attends / a.reached_share
    calls = min(wanted, a.navigator_hours * 5 * 60 / a.call_minutes)
    return exams * (2 * a.readings_per_exam + 1) + 6 * called_back / a.attends + 3 * calls
