"""Where in a breast something lies, in the reading room's words and in hers.

Read this when a finding is drawn. A sentence is whole for each side: languages bend "left" and "your" differently.
"""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from closerlook.pathway.terms import Laterality

Words = str | Promise


class Place(StrEnum):
    """A part of the breast. `WHOLE`: the breast is meant, no place in it was stated."""

    UPPER_OUTER = "upper_outer"
    UPPER_INNER = "upper_inner"
    LOWER_OUTER = "lower_outer"
    LOWER_INNER = "lower_inner"
    UPPER = "upper"
    LOWER = "lower"
    OUTER = "outer"
    INNER = "inner"
    CENTRAL = "central"
    AXILLARY_TAIL = "axillary_tail"
    WHOLE = "whole"


# Hours as on a clock face laid on each breast, seen from the front: 12 is up, 3 is on the viewer's right. So 3 o'clock
# is outer in the left breast and inner in the right one.
BY_HOUR_LEFT: dict[int, Place] = {
    12: Place.UPPER,
    1: Place.UPPER_OUTER,
    2: Place.UPPER_OUTER,
    3: Place.OUTER,
    4: Place.LOWER_OUTER,
    5: Place.LOWER_OUTER,
    6: Place.LOWER,
    7: Place.LOWER_INNER,
    8: Place.LOWER_INNER,
    9: Place.INNER,
    10: Place.UPPER_INNER,
    11: Place.UPPER_INNER,
}

DESK: dict[Place, str] = {
    Place.UPPER_OUTER: "upper outer quadrant",
    Place.UPPER_INNER: "upper inner quadrant",
    Place.LOWER_OUTER: "lower outer quadrant",
    Place.LOWER_INNER: "lower inner quadrant",
    Place.UPPER: "upper, central line",
    Place.LOWER: "lower, central line",
    Place.OUTER: "outer, nipple level",
    Place.INNER: "inner, nipple level",
    Place.CENTRAL: "central, behind the nipple",
    Place.AXILLARY_TAIL: "axillary tail",
    Place.WHOLE: "no place stated",
}
"""The reading room's words stay English."""

HERS: dict[Laterality, dict[Place, Words]] = {
    Laterality.LEFT: {
        Place.UPPER_OUTER: _("the upper part of your left breast, towards your armpit"),
        Place.UPPER_INNER: _("the upper part of your left breast, towards the middle of your chest"),
        Place.LOWER_OUTER: _("the lower part of your left breast, towards your side"),
        Place.LOWER_INNER: _("the lower part of your left breast, towards the middle of your chest"),
        Place.UPPER: _("the upper part of your left breast"),
        Place.LOWER: _("the lower part of your left breast"),
        Place.OUTER: _("the outer part of your left breast, towards your side"),
        Place.INNER: _("the inner part of your left breast, towards the middle of your chest"),
        Place.CENTRAL: _("the middle of your left breast, behind the nipple"),
        Place.AXILLARY_TAIL: _("the part of your left breast that reaches into your armpit"),
        Place.WHOLE: _("your left breast"),
    },
    Laterality.RIGHT: {
        Place.UPPER_OUTER: _("the upper part of your right breast, towards your armpit"),
        Place.UPPER_INNER: _("the upper part of your right breast, towards the middle of your chest"),
        Place.LOWER_OUTER: _("the lower part of your right breast, towards your side"),
        Place.LOWER_INNER: _("the lower part of your right breast, towards the middle of your chest"),
        Place.UPPER: _("the upper part of your right breast"),
        Place.LOWER: _("the lower part of your right breast"),
        Place.OUTER: _("the outer part of your right breast, towards your side"),
        Place.INNER: _("the inner part of your right breast, towards the middle of your chest"),
        Place.CENTRAL: _("the middle of your right breast, behind the nipple"),
        Place.AXILLARY_TAIL: _("the part of your right breast that reaches into your armpit"),
        Place.WHOLE: _("your right breast"),
    },
}

BREAST: dict[Laterality, str] = {Laterality.LEFT: "Left breast", Laterality.RIGHT: "Right breast"}

MIRRORED: dict[Place, Place] = {
    Place.UPPER_OUTER: Place.UPPER_INNER,
    Place.UPPER_INNER: Place.UPPER_OUTER,
    Place.LOWER_OUTER: Place.LOWER_INNER,
    Place.LOWER_INNER: Place.LOWER_OUTER,
    Place.OUTER: Place.INNER,
    Place.INNER: Place.OUTER,
}


def place_at(side: Laterality, clock: int) -> Place:
    """Return the part of a breast at an hour, 1 to 12. Raises KeyError for any other hour."""
    place = BY_HOUR_LEFT[clock]
    return place if side is Laterality.LEFT else MIRRORED.get(place, place)
