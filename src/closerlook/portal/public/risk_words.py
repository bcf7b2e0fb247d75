"""The risk form in her words: the groups the model knows, and why it refuses."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

GROUPS: dict[str, Words] = {
    "other_or_unknown": _("None of these, or I would rather not say"),
    "white": _("White"),
    "black": _("Black or African American"),
    "hispanic_us_born": _("Hispanic, born in the United States"),
    "hispanic_foreign_born": _("Hispanic, born elsewhere"),
    "chinese": _("Chinese"),
    "japanese": _("Japanese"),
    "filipino": _("Filipino"),
    "hawaiian": _("Hawaiian"),
    "pacific_islander": _("Other Pacific Islander"),
    "other_asian": _("Other Asian"),
}
REASONS: dict[str, Words] = {
    "age": _("Write your age in years, such as 52."),
    "not_for_her_age": _("The model is for women from 35 to 85."),
    "group": _("Choose a group."),
    "menarche_age": _("Write your age at your first period in full years, from 5 to 25, or leave it empty."),
    "first_birth_age": _("Write your age at your first birth in full years, from 8 to 60, or leave it empty."),
    "biopsies": _("Write how many breast biopsies you had, from 0 to 50, or leave it empty."),
    "relatives": _("Write how many of your mother, sisters and daughters had breast cancer, or leave it empty."),
    "hyperplasia": _("Choose yes, no or not known."),
    "menarche_after_age": _("Your first period is put at an age you have not reached. Look at both again."),
    "birth_after_age": _("Your first birth is put at an age you have not reached. Look at both again."),
    "menarche_after_birth": _("Your first period is put after your first birth. Look at both again."),
    "hyperplasia_no_biopsy": _("Atypical hyperplasia is found in a biopsy. Write how many you had."),
    "not_for_earlier_cancer": _("The model is not for women who have had breast cancer, DCIS or LCIS. Ask a doctor."),
    "not_for_mutation": _("The model is not for families with a known gene change. Ask a doctor or a genetics clinic."),
    "not_for_radiotherapy": _("The model is not for women whose chest was treated with radiation. Ask a doctor."),
}
"""Keyed as `evidence.risk.REASONS`; a test holds that none is missing."""
