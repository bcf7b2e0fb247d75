"""Random women whose answers can be, for every group."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Answers = dict[str, NDArray[Any]]


def random_answers(count: int, seed: int, *, whole_ages: bool = True) -> Answers:
    """Answers that nobody is refused for, groups in turn so that each is met alike."""
    dice = np.random.default_rng(seed)
    age = dice.integers(35, 86, count).astype(np.float64)
    if not whole_ages:
        age = np.minimum(age + dice.random(count), 85.0)
    first = np.minimum(dice.integers(16, 46, count), age.astype(int))
    first = np.where(dice.random(count) < 0.2, 98, np.where(dice.random(count) < 0.1, 99, first))
    menarche = np.where(dice.random(count) < 0.1, 99, dice.integers(8, 17, count))
    biopsies = dice.choice([0, 1, 2, 3, 7, 99], count)
    counted = (biopsies > 0) & (biopsies < 99)
    return {
        "age": age,
        "group": np.arange(count) % 11,
        "menarche_age": menarche,
        "first_birth_age": first,
        "biopsies": biopsies,
        "hyperplasia": np.where(counted, dice.choice([0, 1, 99], count), 99),
        "relatives": dice.choice([0, 1, 2, 4, 99], count),
    }
