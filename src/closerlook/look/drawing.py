"""A place in a breast as a point on the drawing of both, and the sentence that stands beside it.

Read this when a page shows where a finding lies: build a `Mark` for each and give them to the macro `breasts`.
The drawing is 320 wide and 200 high, seen from the front, so the patient's right breast is on the viewer's left.
"""

from dataclasses import dataclass
from math import cos, radians, sin

from closerlook.look.places import BREAST, DESK, HERS, Place, place_at
from closerlook.pathway.terms import Laterality

NIPPLE: dict[Laterality, tuple[float, float]] = {Laterality.RIGHT: (97.0, 112.0), Laterality.LEFT: (223.0, 112.0)}
RADIUS = 46.0

# Hour and distance from the nipple (1 = the edge) at which a part of the LEFT breast is marked.
SPOT: dict[Place, tuple[float, float]] = {
    Place.UPPER_OUTER: (1.5, 0.62),
    Place.UPPER_INNER: (10.5, 0.62),
    Place.LOWER_OUTER: (4.5, 0.62),
    Place.LOWER_INNER: (7.5, 0.62),
    Place.UPPER: (12, 0.62),
    Place.LOWER: (6, 0.62),
    Place.OUTER: (3, 0.62),
    Place.INNER: (9, 0.62),
    Place.CENTRAL: (12, 0.0),
    Place.AXILLARY_TAIL: (1.5, 1.3),
    Place.WHOLE: (12, 0.0),
}


@dataclass(frozen=True)
class Mark:
    """One place to mark. `clock` (1 to 12) is finer than `place` and wins; with neither, the whole breast is ringed.

    `out` is how far out a clock's place lies (0: the nipple, 1: the edge of the drawing), None where nobody said.
    `note` is what stands after the place in words ("calcifications"), already in the reader's language.
    """

    side: Laterality
    clock: int | None = None
    place: Place = Place.WHOLE
    note: str = ""
    out: float | None = None

    @property
    def part(self) -> Place:
        return self.place if self.clock is None else place_at(self.side, self.clock)

    @property
    def whole(self) -> bool:
        return self.part is Place.WHOLE

    @property
    def x(self) -> float:
        hour, distance = self._spot
        return round(NIPPLE[self.side][0] + RADIUS * distance * sin(radians(hour * 30)), 1)

    @property
    def y(self) -> float:
        hour, distance = self._spot
        return round(NIPPLE[self.side][1] - RADIUS * distance * cos(radians(hour * 30)), 1)

    @property
    def words(self) -> str:
        """For the desk: "Left breast, upper outer quadrant, 2 o'clock: calcifications"."""
        said = f"{BREAST[self.side]}, {DESK[self.part]}"
        if self.clock is not None:
            said += f", {self.clock} o’clock"
        return self._with_note(said)

    @property
    def words_for_her(self) -> str:
        """For her: "the upper part of your left breast, towards your armpit"."""
        return self._with_note(str(HERS[self.side][self.part]))

    @property
    def _spot(self) -> tuple[float, float]:
        if self.clock is not None:
            return self.clock, SPOT[Place.UPPER][1] if self.out is None else self.out
        if self.side is Laterality.LEFT:
            return SPOT[self.place]
        hour, distance = SPOT[self.place]
        return 12 - hour, distance

    def _with_note(self, said: str) -> str:
        return f"{said}: {self.note}" if self.note else said
