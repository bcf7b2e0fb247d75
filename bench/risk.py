"""The risk model over a population: as it is used, one by one in arrays, and plainly, woman by woman."""

from tests.evidence import plain
from tests.evidence.people import Answers, random_answers

from bench.measure import Figure, paired, rate, seconds
from closerlook.evidence.risk import Women, exactly, risk

PLAINLY = 300
"""Women for the plain way, which is about a thousand times slower; its time is scaled up."""


def run(*, quick: bool) -> list[Figure]:
    """Return women a second, and the fast way against the plain one; six figures for each woman."""
    rounds, count = (3, 200_000) if quick else (9, 2_000_000)
    whole, parts = random_answers(count, seed=1), random_answers(count // 10, seed=2, whole_ages=False)
    risk(Women.of(**whole))  # makes the tables, and touches the memory
    some = {name: row[:PLAINLY] for name, row in whole.items()}
    fast, slow, exact, apart = [], [], [], []
    for _ in range(rounds):
        fast.append(seconds(lambda: risk(Women.of(**whole))))
        slow.append(seconds(lambda: _plainly(some)) * count / PLAINLY)
        apart.append(seconds(lambda: risk(Women.of(**parts))))
        exact.append(seconds(lambda: exactly(Women.of(**parts))))
    size = len(parts["age"])
    return [
        rate("Risk of women of whole ages", "≥ 4,000,000", [count / time for time in fast]),
        rate("Risk of women of ages in parts of years", "-", [size / time for time in apart]),
        rate("Risk integrated for each woman, no table", "-", [size / time for time in exact]),
        paired("Risk in arrays ÷ woman by woman in plain Python", "-", list(zip(fast, slow, strict=True))),
    ]


def _plainly(answers: Answers) -> None:
    for age, *rest in zip(*answers.values(), strict=True):  # in the order that `plain.figures` takes them
        plain.figures(float(age), *(int(answer) for answer in rest))
