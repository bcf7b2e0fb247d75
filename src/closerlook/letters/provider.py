"""The report to a health care provider, in the words the rule prescribes; where she has none, the same goes to her.

You are here to change what a provider reads. Category words and density sentences are canonical: emit these, whatever
synonyms a report came with. Source: 21 CFR 900.12(c)(1)(iv)-(vi); a category's number is optional, its words are not.
"""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from closerlook.pathway.events import Reading, SideAssessment
from closerlook.pathway.regions import AS_SCREENING, Exam
from closerlook.pathway.terms import Assessment, Density, ExaminationKind, Laterality, Recommendation

CATEGORY: dict[Assessment, str] = {
    Assessment.NEGATIVE: "Negative",
    Assessment.BENIGN: "Benign",
    Assessment.PROBABLY_BENIGN: "Probably Benign",
    Assessment.SUSPICIOUS: "Suspicious",
    Assessment.HIGHLY_SUGGESTIVE: "Highly Suggestive of Malignancy",
    Assessment.KNOWN_MALIGNANCY: "Known Biopsy-Proven Malignancy",
    Assessment.POST_PROCEDURE_MARKER: "Post-Procedure Mammogram for Marker Placement",
    Assessment.INCOMPLETE_IMAGING: "Incomplete: Need additional imaging evaluation",
    Assessment.INCOMPLETE_PRIORS: "Incomplete: Need prior mammograms for comparison",
}
DENSITY: dict[Density, str] = {
    Density.A: "The breasts are almost entirely fatty.",
    Density.B: "There are scattered areas of fibroglandular density.",
    Density.C: "The breasts are heterogeneously dense, which may obscure small masses.",
    Density.D: "The breasts are extremely dense, which lowers the sensitivity of mammography.",
}
EXAMINATION: dict[ExaminationKind, str | Promise] = {
    ExaminationKind.SCREENING: _("Screening mammogram"),
    ExaminationKind.DIAGNOSTIC: _("Diagnostic mammogram"),
    ExaminationKind.ULTRASOUND: _("Breast ultrasound"),
    ExaminationKind.MRI: _("Breast MRI"),
    ExaminationKind.TECHNICAL_REPEAT: _("Repeat of a screening mammogram, for technical reasons"),
    ExaminationKind.CONTRAST_MAMMOGRAPHY: _("Contrast-enhanced mammogram"),
    ExaminationKind.CLINICAL_EXAMINATION: _("Clinical breast examination"),
    ExaminationKind.MARKER: _("Mammogram after a procedure, for marker placement"),
    ExaminationKind.OUTSIDE_REVIEW: _("Review of pictures made elsewhere"),
}
ADVICE: dict[Recommendation, str | Promise] = {
    Recommendation.ROUTINE: _("Routine screening when it is due."),
    Recommendation.SHORT_INTERVAL: _("Short-interval follow-up imaging."),
    Recommendation.MORE_IMAGING: _("Additional imaging."),
    Recommendation.PRIORS: _("Comparison with prior mammograms."),
    Recommendation.BIOPSY: _("Tissue sampling (biopsy)."),
    Recommendation.SURGICAL_CONSULT: _("Surgical consultation."),
}
_USUAL: tuple[tuple[frozenset[Assessment], Recommendation], ...] = (
    (frozenset({Assessment.HIGHLY_SUGGESTIVE, Assessment.SUSPICIOUS}), Recommendation.BIOPSY),
    (frozenset({Assessment.INCOMPLETE_IMAGING}), Recommendation.MORE_IMAGING),
    (frozenset({Assessment.INCOMPLETE_PRIORS}), Recommendation.PRIORS),
)
_BREAST: dict[Laterality | None, str | Promise] = {
    Laterality.LEFT: _("Left breast"),
    Laterality.RIGHT: _("Right breast"),
    None: _("Assessment"),
}
_STATED = (Laterality.RIGHT, Laterality.LEFT, None)


def categories(reading: Reading) -> list[tuple[str, str]]:
    """Return each breast with its category in the rule's words, the sub-label where the reader stated one."""
    stated = [s for s in reading.sides if s.assessment is not None]
    if len(stated) > 1 and len({(s.assessment, s.suspicion) for s in stated}) == 1:
        return [(gettext("Both breasts"), _category(stated[0]))]
    return [(str(_BREAST[s.side]), _category(s)) for s in sorted(stated, key=lambda s: _STATED.index(s.side))]


def _category(stated: SideAssessment) -> str:
    assert stated.assessment is not None  # noqa: S101  the caller left those out
    words = CATEGORY[stated.assessment]
    return f"{words} ({stated.suspicion.value})" if stated.suspicion is not None else words


def advice(exam: Exam, *, has_prose: bool) -> Iterator[str]:
    """Yield what is recommended: the reader's own word, else where to find it, else what follows here surely.

    The last is for a reading signed here without prose. Nothing is ever derived from a calm category.
    """
    result = exam.result
    if result is None:
        return
    if exam.incomplete is not None:
        yield gettext("The examination is incomplete: not every picture could be taken. The missing ones are owed.")
        for side in exam.incomplete.missing:
            yield gettext("Not fully shown: %(breast)s.") % {"breast": _BREAST[side]}
    if result.recommendation is not None:
        yield str(ADVICE[result.recommendation])
    elif has_prose:
        yield gettext("As stated in the report below.")
    else:
        for assessments, usual in _USUAL:
            if result.assessments & assessments:
                yield str(ADVICE[usual])
        if Assessment.PROBABLY_BENIGN in result.assessments and exam.kind not in AS_SCREENING:
            yield str(ADVICE[Recommendation.SHORT_INTERVAL])
    if Assessment.PROBABLY_BENIGN in result.assessments and exam.kind in AS_SCREENING:
        yield gettext("Our radiologist is planning the diagnostic work-up: this was a screening examination.")
