"""What a result means for one breast, in whole sentences a patient reads: a table, one row for each result and side.

You are here to change the words or to translate them. A sentence is whole for each side, because languages bend "left"
and "your" differently. No sentence here names a category, and none comforts where a sample of tissue is advised.
"""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from closerlook.pathway.terms import FindingKind

Words = str | Promise


class Means(StrEnum):
    """What an assessment amounts to for her. A 3 on a screening examination asks for more pictures."""

    SAMPLE_SOON = "sample_soon"
    SAMPLE = "sample"
    KNOWN = "known"
    MORE_PICTURES = "more_pictures"
    CHECK_LATER = "check_later"
    OLDER_PICTURES = "older_pictures"
    MARKER = "marker"
    HARMLESS = "harmless"
    NORMAL = "normal"


ORDER = tuple(Means)
"""What is told first where two breasts differ: what asks most of her."""
SAMPLES = frozenset({Means.SAMPLE, Means.SAMPLE_SOON})
CALM = frozenset({Means.NORMAL, Means.HARMLESS})


class Which(StrEnum):
    """Which breast a sentence speaks of. `UNSTATED`: the report names none."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    UNSTATED = "unstated"


RESULT: dict[Means, dict[Which, Words]] = {
    Means.NORMAL: {
        Which.LEFT: _("We saw no sign of cancer in your left breast."),
        Which.RIGHT: _("We saw no sign of cancer in your right breast."),
        Which.BOTH: _("We saw no sign of cancer in your breasts."),
        Which.UNSTATED: _("We saw no sign of cancer in your pictures."),
    },
    Means.HARMLESS: {
        Which.LEFT: _("We saw something harmless in your left breast, and no sign of cancer in it."),
        Which.RIGHT: _("We saw something harmless in your right breast, and no sign of cancer in it."),
        Which.BOTH: _("We saw something harmless in your breasts, and no sign of cancer."),
        Which.UNSTATED: _("We saw something harmless in your pictures, and no sign of cancer."),
    },
    Means.MORE_PICTURES: {
        Which.LEFT: _("We need more pictures of your left breast."),
        Which.RIGHT: _("We need more pictures of your right breast."),
        Which.BOTH: _("We need more pictures of both your breasts."),
        Which.UNSTATED: _("We need more pictures."),
    },
    Means.OLDER_PICTURES: {
        Which.LEFT: _("We want to compare the pictures of your left breast with your older pictures first."),
        Which.RIGHT: _("We want to compare the pictures of your right breast with your older pictures first."),
        Which.BOTH: _("We want to compare your pictures with your older pictures first."),
        Which.UNSTATED: _("We want to compare your pictures with your older pictures first."),
    },
    Means.CHECK_LATER: {
        Which.LEFT: _("We saw something in your left breast that is very likely harmless."),
        Which.RIGHT: _("We saw something in your right breast that is very likely harmless."),
        Which.BOTH: _("We saw something in both your breasts that is very likely harmless."),
        Which.UNSTATED: _("We saw something in your pictures that is very likely harmless."),
    },
    Means.SAMPLE: {
        Which.LEFT: _("We saw an area in your left breast that needs a tissue sample (a biopsy)."),
        Which.RIGHT: _("We saw an area in your right breast that needs a tissue sample (a biopsy)."),
        Which.BOTH: _("We saw areas in both your breasts that need a tissue sample (a biopsy)."),
        Which.UNSTATED: _("We saw an area in your pictures that needs a tissue sample (a biopsy)."),
    },
    Means.SAMPLE_SOON: {
        Which.LEFT: _("We saw an area in your left breast that needs a tissue sample (a biopsy) soon."),
        Which.RIGHT: _("We saw an area in your right breast that needs a tissue sample (a biopsy) soon."),
        Which.BOTH: _("We saw areas in both your breasts that need a tissue sample (a biopsy) soon."),
        Which.UNSTATED: _("We saw an area in your pictures that needs a tissue sample (a biopsy) soon."),
    },
    Means.KNOWN: {
        Which.LEFT: _("These pictures show the area in your left breast that is already known from your biopsy."),
        Which.RIGHT: _("These pictures show the area in your right breast that is already known from your biopsy."),
        Which.BOTH: _("These pictures show the areas in both your breasts that are already known from your biopsy."),
        Which.UNSTATED: _("These pictures show the area that is already known from your biopsy."),
    },
    Means.MARKER: {
        Which.LEFT: _("These pictures show where the small marker lies in your left breast."),
        Which.RIGHT: _("These pictures show where the small marker lies in your right breast."),
        Which.BOTH: _("These pictures show where the small markers lie in both your breasts."),
        Which.UNSTATED: _("These pictures show where the small marker lies."),
    },
}

ASKED_BACK: dict[Which, Words] = {
    Which.LEFT: _("You have been asked back for more pictures of your left breast."),
    Which.RIGHT: _("You have been asked back for more pictures of your right breast."),
    Which.BOTH: _("You have been asked back for more pictures of both your breasts."),
    Which.UNSTATED: _("You have been asked back for more pictures."),
}

WHY: dict[FindingKind, Words] = {
    FindingKind.ASYMMETRY: _("an area looks different from the other breast, and was seen in one picture only"),
    FindingKind.FOCAL_ASYMMETRY: _("a small area looks different from the same place in the other breast"),
    FindingKind.GLOBAL_ASYMMETRY: _("a larger area looks different from the other breast"),
    FindingKind.DEVELOPING_ASYMMETRY: _("an area looks different from your earlier pictures"),
    FindingKind.MASS: _("a spot that stands out and needs pictures from other angles"),
    FindingKind.CALCIFICATIONS: _("small calcium specks that need a magnified view"),
    FindingKind.DISTORTION: _("a place where the tissue looks drawn together, which needs another angle"),
    FindingKind.NODE: _("a lymph node near your armpit that needs a closer look"),
    FindingKind.SKIN: _("a place in the skin that needs a closer look"),
    FindingKind.NIPPLE: _("a place near the nipple that needs a closer look"),
    FindingKind.TECHNICAL: _("some of the pictures did not come out clearly enough and need to be taken again"),
    FindingKind.CLINICAL: _("what you or your doctor noticed needs pictures of that place"),
    FindingKind.UNNAMED: _("an area is not shown clearly enough yet"),
}
"""Why more pictures are needed, to stand after "Why: "."""

WHAT_IT_CAN_BE: dict[FindingKind, Words] = {
    FindingKind.ASYMMETRY: _(
        "Tissue that lies on top of other tissue can look like this. "
        "Gentle pressure on that place, or another angle, shows it more clearly."
    ),
    FindingKind.FOCAL_ASYMMETRY: _("Breasts are seldom quite alike. Pictures of just that place show it more clearly."),
    FindingKind.GLOBAL_ASYMMETRY: _("Breasts are seldom quite alike. More pictures show whether that is all it is."),
    FindingKind.DEVELOPING_ASYMMETRY: _("Breasts change over the years. More pictures show what has changed."),
    FindingKind.MASS: _(
        "Often this is a cyst, which is a small pocket of fluid. Ultrasound can tell fluid from tissue."
    ),
    FindingKind.CALCIFICATIONS: _(
        "Calcium specks are common and have nothing to do with the calcium you eat. A magnified view shows their shape."
    ),
    FindingKind.DISTORTION: _("An old scar can look like this, and so can tissue that lies on top of other tissue."),
    FindingKind.NODE: _("Lymph nodes can swell after an infection or a vaccination in the arm."),
    FindingKind.SKIN: _("Pictures from another angle show whether it is only in the skin."),
    FindingKind.NIPPLE: _("Pictures from another angle show that place more clearly."),
    FindingKind.TECHNICAL: _("This happens when a breast moves a little or is not wholly in the picture."),
    FindingKind.CLINICAL: _("Pictures of that very place, and often ultrasound, show what can be felt there."),
    FindingKind.UNNAMED: _("Another angle or a closer view usually shows it."),
}
"""One or two sentences more about it; only where no sample is advised."""
