"""How many women have had a false alarm after ten years of screening: nothing was fitted to it, so it is a prediction.

It depends on how alike the rounds of one woman are: the more women differ in how busy their breasts look, the fewer of
them share the same number of false alarms.
"""

from datetime import timedelta

from closerlook.simulate.disease import YEAR, declared
from closerlook.simulate.measures import Estimate, estimate
from closerlook.simulate.opinions import all_readers
from closerlook.simulate.outcomes import FIRST_DAY, READERS, one_round
from closerlook.simulate.parameters import Parameters, load
from closerlook.simulate.population import stream, woman

STREAM = 2


def cumulative(
    seed: int,
    women: int,
    country: str,
    every_months: int,
    *,
    years: int = 10,
    ages: tuple[int, int] = (40, 79),
    density: str | None = None,
    parameters: Parameters | None = None,
) -> dict[str, Estimate]:
    """Return the shares with a false alarm, a short-interval one and a biopsy, of women who came every time.

    Women of `ages` (and `density`) at the start, without a cancer in these years; `women` are looked at, those of other
    ages and densities left out. The first of their rounds is first where they were never screened before.
    """
    parameters = parameters or load(country)
    staff = all_readers(READERS, parameters)
    n = alarmed = watched = sampled = 0
    for number in range(women):
        her = woman(seed, number, parameters, FIRST_DAY)
        if not ages[0] <= her.age_at(FIRST_DAY) < ages[1] + 1:
            continue
        if density and her.density_at(FIRST_DAY) != density:
            continue
        dice = stream(seed, number, STREAM)
        days = [FIRST_DAY + timedelta(days=int(m * YEAR / 12)) for m in range(0, 12 * years, every_months)]
        if her.tumours and declared(her, FIRST_DAY, days[-1]):
            continue
        rounds = [
            one_round(her, day, place == 0 and not her.screened_before, parameters, staff, dice)
            for place, day in enumerate(days)
        ]
        if any(o.cancer for o in rounds):
            continue
        n += 1
        alarmed += any(o.recalled for o in rounds)
        watched += any(o.short_interval for o in rounds)
        sampled += any(o.biopsy_advised for o in rounds)
    return {"recall": estimate(alarmed, n), "short_interval": estimate(watched, n), "biopsy": estimate(sampled, n)}
