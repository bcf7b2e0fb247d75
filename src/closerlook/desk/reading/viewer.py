"""The link to the pictures in the unit's own viewer: the study's UID in an address the unit gave, and nothing else."""

from urllib.parse import quote

from django.conf import settings

from closerlook.pathway.regions import Exam


def link(exam: Exam) -> str:
    """Return the address of an examination's pictures, "" where no viewer is set or the feed named no study."""
    if not settings.VIEWER_URL or not exam.study:
        return ""
    return str(settings.VIEWER_URL).replace("{study}", quote(exam.study, safe=""))


def why_none(exam: Exam) -> str:
    """Return why there is no link, "" where there is one."""
    if not settings.VIEWER_URL:
        return "No link to the pictures: no viewer is set for this unit."
    return "" if exam.study else "No link to the pictures: the feed did not name the study. Find them by the accession."
