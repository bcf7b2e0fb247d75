"""The density of the breasts, asked of whoever reads a mammogram; where the rules want it, nothing is signed without.

You are here to change how density is asked. What papers say of it is `letters.results.density_of`.
"""

from typing import Any

from django import forms

from closerlook.desk import words
from closerlook.letters import results
from closerlook.pathway.protocol import Protocol
from closerlook.pathway.regions import Episode, Exam
from closerlook.pathway.terms import MAMMOGRAMS


class DensityField(forms.ChoiceField):
    """One of the four densities."""


class _ByKey(forms.RadioSelect):
    """Choices that are made by pressing their own letter too."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        if option["value"]:
            option["attrs"]["data-key"] = option["value"]
        return option


def is_wanted(exam: Exam | None, rules: Protocol | None) -> bool:
    """Whether a report of these pictures has to state the density: a mammogram, under rules that ask for it."""
    return rules is not None and rules.states_density and exam is not None and exam.kind in MAMMOGRAMS


def is_missing(exam: Exam, episode: Episode, rules: Protocol) -> bool:
    """Whether a report stands, and neither it nor its round says the density that her letter has to state."""
    return is_wanted(exam, rules) and exam.result is not None and results.density_of(exam, episode) is None


def field(exam: Exam | None, episode: Episode | None, rules: Protocol | None) -> DensityField:
    """Return the question. What was said already stands there: by a report of these pictures, or in their round."""
    wanted = is_wanted(exam, rules)
    nothing: list[tuple[str, str]] = [] if wanted else [("", "Not stated")]
    return DensityField(
        label="Density",
        choices=[*nothing, *((d.value, said) for d, said in words.DENSITIES.items())],
        widget=_ByKey,
        required=wanted,
        initial=_known(exam, episode) or "",
    )


def _known(exam: Exam | None, episode: Episode | None) -> str | None:
    if exam is None or episode is None:
        return None
    report = exam.reading.report
    return (report.density if report is not None else None) or results.density_of(exam, episode)
