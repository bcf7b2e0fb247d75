"""Personal links: made for a letter, checked with a date of birth, locked after five wrong ones, revoked.

You are here to send someone to her page, or to take that away. A link that is unknown, expired, revoked or locked gives
the same answer as a wrong date of birth, so that nobody can learn which links exist.
"""

import hmac
import re
import secrets
from datetime import date, datetime, time, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac

from closerlook.look.words import local_day, zone_of
from closerlook.people.models import Patient, Site
from closerlook.portal.models import PersonalLink, SharedLink

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is mistaken for another when typed from a letter
GROUPS, GROUP = 5, 4  # 31**20: about 99 bits
WORKS_FOR = timedelta(days=365)
TRIES = 5
LOCKED_FOR = timedelta(hours=1)
_NOBODY = date(1, 1, 1)


def issue(patient: Patient, now: datetime, site: Site, *, proxy: str = "", phone: str = "") -> str:
    """Make a new link to her page and return its full address. Earlier ones go on working until they expire.

    `proxy`: the name of who acts for her and will hold it, with their own `phone` for codes.

    It works to the end of the clinic's local day a year on. Nobody can read the address again from the database.
    """
    token = new_token()
    last = local_day(now + WORKS_FOR, site.zone)
    PersonalLink.objects.create(
        token_hash=hash_of(token),
        patient=patient,
        proxy=proxy,
        phone=phone,
        created_at=now,
        expires_at=datetime.combine(last, time(23, 59, 59), zone_of(site.zone)),
    )
    return urljoin(settings.PUBLIC_URL + "/", reverse("portal:link", args=[token]).lstrip("/"))


def new_token() -> str:
    """Return the key of a new link: random, and easy to type from paper."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def revoke(patient: Patient, now: datetime) -> int:
    """End every link of a patient at once, such as when letters went to a wrong address. Returns how many ended."""
    SharedLink.objects.filter(patient=patient, revoked_at=None).update(revoked_at=now)
    return PersonalLink.objects.filter(patient=patient, revoked_at=None).update(revoked_at=now)


def hash_of(token: str) -> str:
    """Return what is stored of a token, however it was typed: keyed, so that the database alone opens nothing."""
    plain = re.sub(r"[\s\-–]+", "", token).lower()
    return salted_hmac("closerlook.portal.link", plain, algorithm="sha256").hexdigest()


def check(token_hash: str, born_on: date, now: datetime) -> PersonalLink | None:
    """Return the link if the date of birth is hers and the link is good; None for every other case alike.

    The fifth wrong date in a row locks the link for an hour, for the right date too.
    """
    with transaction.atomic():
        link = PersonalLink.objects.select_for_update().select_related("patient").filter(token_hash=token_hash).first()
        expected = link.patient.birth_date if link else _NOBODY
        hers = hmac.compare_digest(expected.isoformat().encode(), born_on.isoformat().encode())
        if link is None or not works(link, now) or (link.locked_until is not None and link.locked_until > now):
            return None
        if hers:
            link.failures, link.locked_until = 0, None
        else:
            link.failures += 1
            if link.failures >= TRIES:
                link.failures, link.locked_until = 0, now + LOCKED_FOR
        link.save(update_fields=["failures", "locked_until"])
        return link if hers else None


def works(link: PersonalLink, now: datetime) -> bool:
    """Whether a link that was opened still stands: asked again at every page, so that revoking acts at once."""
    return link.revoked_at is None and link.expires_at > now
