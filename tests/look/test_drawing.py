"""The place on the drawing and the words beside it agree."""

import pytest

from closerlook.look.drawing import NIPPLE, Mark
from closerlook.look.places import BY_HOUR_LEFT, DESK, HERS, Place, place_at
from closerlook.pathway.terms import Laterality

LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT


def test_the_right_breast_is_on_the_viewers_left() -> None:
    assert NIPPLE[RIGHT][0] < NIPPLE[LEFT][0]


def test_two_o_clock_is_outer_in_the_left_breast_and_inner_in_the_right() -> None:
    assert place_at(LEFT, 2) is Place.UPPER_OUTER
    assert place_at(RIGHT, 2) is Place.UPPER_INNER


@pytest.mark.parametrize("side", Laterality)
@pytest.mark.parametrize("clock", range(1, 13))
def test_every_hour_lies_where_its_part_says(side: Laterality, clock: int) -> None:
    mark = Mark(side, clock=clock)
    outward = mark.x - NIPPLE[side][0] if side is LEFT else NIPPLE[side][0] - mark.x
    upward = NIPPLE[side][1] - mark.y
    assert ("outer" in mark.part) == (outward > 0.5)
    assert ("inner" in mark.part) == (outward < -0.5)
    assert ("upper" in mark.part) == (upward > 0.5)
    assert ("lower" in mark.part) == (upward < -0.5)


@pytest.mark.parametrize("place", Place)
def test_a_part_is_marked_at_mirrored_points(place: Place) -> None:
    left, right = Mark(LEFT, place=place), Mark(RIGHT, place=place)
    assert right.x == pytest.approx(320 - left.x)
    assert right.y == left.y


@pytest.mark.parametrize("side", Laterality)
@pytest.mark.parametrize("place", Place)
def test_every_part_has_words_that_name_its_own_side(side: Laterality, place: Place) -> None:
    other = RIGHT if side is LEFT else LEFT
    assert side.value in str(HERS[side][place])
    assert other.value not in str(HERS[side][place])
    assert str(DESK[place])


def test_the_clock_has_twelve_hours() -> None:
    assert sorted(BY_HOUR_LEFT) == list(range(1, 13))
    with pytest.raises(KeyError):
        place_at(LEFT, 13)


def test_the_desk_hears_breast_part_hour_and_finding() -> None:
    mark = Mark(LEFT, clock=2, note="calcifications")
    assert mark.words == "Left breast, upper outer quadrant, 2 o’clock: calcifications"


def test_a_breast_without_a_place_is_ringed_whole() -> None:
    assert Mark(LEFT).whole
    assert Mark(LEFT).words_for_her == "your left breast"
    assert not Mark(LEFT, clock=12).whole
