"""HL7 time stamps: moments in UTC, birth dates as plain dates, and a sentence where one is impossible.

Source: HL7 v2.5.1 section 2.A.22 (DTM): YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ].
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_DTM = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,9}))?)?)?)?\s*([+-]\d{4})?", re.ASCII)


def moment(value: str, zone: str, where: str) -> tuple[datetime | None, str]:
    """Return (aware UTC moment, "") or (None, why not); a sentence may also come with a moment that is only a day.

    A time without an offset is local time in `zone` (an IANA name). A date without a time is its local midnight.
    `where` names the field in the sentence ("OBR-7"). An empty value gives (None, "").
    """
    if not value:
        return None, ""
    match = _DTM.fullmatch(value)
    if not match:
        return None, f"{where} is not a time precise to the day; it was left out."
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    parts = (int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micro)
    try:
        at = datetime(*parts, tzinfo=_offset(offset) if offset else ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None, f"{where} is a time that does not exist; it was left out."
    return at, "" if hour else f"{where} gives a day without a time; midnight was taken."


def day(value: str) -> date | None:
    """Return a birth date, or None if it is missing, impossible or not precise to the day.

    Clock and offset after the day are ignored, never converted: `19541127000000` is 27 November wherever it is read.
    """
    match = _DTM.fullmatch(value)
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _offset(text: str) -> timezone:
    hours, minutes = int(text[1:3]), int(text[3:5])
    if hours > 14 or minutes > 59:
        raise ValueError(text)
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if text[0] == "-" else away)
