"""One woman's figures for the command line: as a document, and as sentences that never say "times the average"."""

from typing import Any

import numpy as np

from closerlook.evidence import risk_lists
from closerlook.evidence.risk import NOT_COMPUTED_HERE, Risks, reasons, refused, risk

NOT_HER_CHANCE = "These are figures of the population, and not her chance given a call-back, a lump or a finding."
LEFT_OPEN = "What was left open ({names}) counted as the answer of lowest risk: her figures may be too low."
FIGURES = tuple(Risks.__dataclass_fields__)


def of_one(answers: dict[str, str]) -> dict[str, Any]:
    """Return her figures (0 to 1, None where there is none) and why she is refused, from answers as a list has them.

    Raises ValueError naming the answer and the mend.
    """
    women = risk_lists.one(answers)
    figures = risk(women)
    why = reasons(int(refused(women)[0]))
    shown = {name: float(getattr(figures, name)[0]) for name in FIGURES}
    return {
        "model": "BCRAT (Gail)",
        **{name: None if np.isnan(figure) else figure for name, figure in shown.items()},
        "refused": [
            {
                "code": reason.code,
                "field": risk_lists.COLUMN_OF.get(reason.field, reason.field),
                "sentence": reason.sentence,
            }
            for reason in why
        ],
        "note": NOT_HER_CHANCE,
        "left_open": sorted(name for name in risk_lists.MAY_BE_OPEN if not answers.get(name, "").strip()),
        "not_computed_here": [tool._asdict() for tool in NOT_COMPUTED_HERE],
    }


def in_words(found: dict[str, Any]) -> str:
    """Return the document of `of_one` as lines for a person."""
    if found["refused"]:
        lines = [f"{reason['field']}: {reason['sentence']}" for reason in found["refused"]]
        if any(reason["code"].startswith("not_for_") for reason in found["refused"]):
            lines += ["Other tools, not computed here:", *_others(found)]
        return "\n".join(lines)
    lines = [
        _line(words, found[name], found[f"average_{name}"])
        for name, words in (
            ("five_year", "within 5 years"),
            ("ten_year", "within 10 years"),
            ("to_90", "to the age of 90"),
        )
    ]
    if found["left_open"]:
        lines.append(LEFT_OPEN.format(names=", ".join(found["left_open"])))
    return "\n".join([*lines, NOT_HER_CHANCE])


def _line(words: str, hers: float | None, average: float | None) -> str:
    if hers is None or average is None:
        return f"{words}: no figure, the model ends at 90"
    return f"{words}: {hers * 100:.1f} of 100 women with these answers; {average * 100:.1f} of 100 of her age and group"


def _others(found: dict[str, Any]) -> list[str]:
    return [f"{tool['name']}, {tool['link']}: {tool['why']}" for tool in found["not_computed_here"]]
