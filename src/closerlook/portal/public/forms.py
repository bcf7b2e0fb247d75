"""The plain choices of the page of figures. All but the country may be left open."""

from datetime import date
from typing import Any

from django import forms
from django.utils import dates
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from closerlook.evidence.answers import OLDEST, YOUNGEST, Question
from closerlook.evidence.due import Person
from closerlook.portal.forms import BirthDate

COUNTRIES: list[tuple[str, Any]] = [
    ("US", _("United States")),
    ("UK", _("United Kingdom")),
    ("UK-WAL", _("Wales")),
    ("NL", _("Netherlands")),
    ("NO", _("Norway")),
    ("IT", _("Italy")),
    ("AT", _("Austria")),
    ("AU", _("Australia")),
]
UNKNOWN: tuple[str, Any] = ("", _("I do not know"))
SCREENS: list[tuple[str, Any]] = [UNKNOWN, ("first", _("My first")), ("subsequent", _("I have had one before"))]
PICTURES: list[tuple[str, Any]] = [UNKNOWN, ("dm", _("2D pictures")), ("dbt", _("3D pictures (tomosynthesis)"))]
DENSITIES: list[tuple[str, Any]] = [
    UNKNOWN,
    ("a", _("A: almost all fat")),
    ("b", _("B: some dense tissue")),
    ("c", _("C: much dense tissue")),
    ("d", _("D: very dense")),
]
REASONS: list[tuple[str, Any]] = [
    UNKNOWN,
    ("calcifications", _("Calcium specks (calcifications)")),
    ("mass", _("A spot that stands out (mass)")),
    ("one_view_asymmetry", _("An area seen in one picture only (asymmetry)")),
    ("focal_asymmetry", _("A small area unlike the other breast (focal asymmetry)")),
    ("developing_asymmetry", _("An area that has changed (developing asymmetry)")),
    ("architectural_distortion", _("Tissue that looks drawn together (distortion)")),
    ("technical", _("A picture was not clear enough")),
]
AGE = format_lazy(_("Write an age in years, from {low} to {high}."), low=YOUNGEST, high=OLDEST)


class Chances(forms.Form):
    """What she may tell; `question` is valid whenever the form is."""

    country = forms.ChoiceField(
        label=_("Where are you screened?"),
        choices=COUNTRIES,
        help_text=_("If your country is not here, we have no figures for it."),
        error_messages={"required": _("Choose a country."), "invalid_choice": _("Choose a country from the list.")},
    )
    age = forms.IntegerField(
        label=_("Your age"),
        required=False,
        min_value=YOUNGEST,
        max_value=OLDEST,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 4}),
        error_messages={"invalid": AGE, "min_value": AGE, "max_value": AGE},
    )
    screen = forms.ChoiceField(label=_("Which screening was it?"), required=False, choices=SCREENS)
    modality = forms.ChoiceField(label=_("What kind of pictures?"), required=False, choices=PICTURES)
    density = forms.ChoiceField(
        label=_("How dense is your breast tissue?"),
        required=False,
        choices=DENSITIES,
        help_text=_("Your result letter may say."),
    )
    finding = forms.ChoiceField(label=_("Why were you called back?"), required=False, choices=REASONS)

    def question(self) -> Question:
        given = self.cleaned_data
        return Question(
            given["country"],
            age=given["age"],
            screen=given["screen"] or None,
            density=given["density"] or None,
            finding=given["finding"] or None,
            modality=given["modality"] or None,
        )


BODIES: list[tuple[str, Any]] = [
    ("uspstf", _("United States: USPSTF")),
    ("acs", _("United States: American Cancer Society")),
    ("acog", _("United States: ACOG")),
    ("nhsbsp", _("United Kingdom: NHS Breast Screening Programme")),
    ("ecibc", _("Europe: ECIBC, of the European Commission")),
    ("eusobi", _("Europe: EUSOBI")),
    ("breastscreen-australia", _("Australia: BreastScreen Australia")),
]
"""The guidelines whose routine rules we have read at their source."""


class Due(BirthDate):
    """Her date of birth, her last screening, and what takes her out of routine screening."""

    body = forms.ChoiceField(label=_("By which guideline?"), choices=BODIES)
    last_month = forms.TypedChoiceField(
        label=_("Month of your last screening"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=[("", "–"), *dates.MONTHS.items()],
    )
    last_year = forms.IntegerField(
        label=_("Year of your last screening. Leave it empty if you had none."),
        required=False,
        min_value=1950,
        max_value=2100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": _("Write the year with four digits, such as 2024."),
            "min_value": _("Write the year with four digits, such as 2024."),
            "max_value": _("Write the year with four digits, such as 2024."),
        },
    )
    about = forms.MultipleChoiceField(
        label=_("Is one of these so?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("symptoms", _("I have noticed a lump or another change.")),
            ("prior_cancer", _("I have had breast cancer.")),
            ("known_mutation", _("A gene change such as BRCA is known in me.")),
            ("chest_radiation", _("My chest was treated with radiation when I was young.")),
        ],
    )
    field_order = ("body", "month", "day", "year", "last_month", "last_year", "about")

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        month, year = found.get("last_month"), found.get("last_year")
        if (month is None) != (year is None) and not {"last_month", "last_year"} & self.errors.keys():
            self.add_error("last_year", _("Give both the month and the year of your last screening, or neither."))
        return found

    def person(self) -> Person:
        """Return what a guideline asks. Her last screening counts from the first of its month."""
        given = self.cleaned_data
        last = (date(given["last_year"], given["last_month"], 1),) if given["last_year"] else ()
        about = given["about"]
        return Person(
            born_on=given["born_on"],
            screened_on=last,
            symptoms="symptoms" in about,
            prior_cancer="prior_cancer" in about,
            known_mutation="known_mutation" in about,
            chest_radiation="chest_radiation" in about,
        )
