"""What a Study Instance UID looks like: feeds and lists name the pictures of an examination by it."""

import re

_UID = re.compile(r"[0-2](?:\.\d+)+")


def is_uid(text: str) -> bool:
    """Whether a text is a UID: numbers with dots between, at most 64 characters. Source: DICOM PS3.5 section 9.1."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None
