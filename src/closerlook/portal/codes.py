"""One-time codes, texted to her number before a later result is shown: the letter with the link may lie on a table.

You are here to send or check one. A code is good once, for ten minutes and five tries; a new one ends the one before.
"""

import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from closerlook.letters import texts
from closerlook.people.models import Patient, Site
from closerlook.portal.digits import digits_of
from closerlook.portal.models import OneTimeCode, PersonalLink

WORKS_FOR = timedelta(minutes=10)
TRIES = 5
SENT_WITHIN, MOST_SENT = timedelta(hours=1), 5
DIGITS = 6


class TooManyCodes(Exception):
    """So many codes were asked for that someone may be guessing, or texting a stranger's number."""


def number_to_text(link: PersonalLink) -> str | None:
    """Return the number to which a code for this link may go: hers on file, or her proxy's own. None: there is none.

    None too where she has asked for a safe way to be reached: software cannot read that wish, so a person answers.
    """
    number = link.phone if link.proxy else link.patient.phone
    digits = len(digits_of(number))
    return number if digits >= 7 and not link.patient.safe_contact.strip() else None


def send(link: PersonalLink, *, site: Site, now: datetime) -> bool:
    """Text a new code and return True; False where there is no number for it.

    Raises TooManyCodes, and letters.outbox.OutboxFailed if the text could not be put into the outbox.
    """
    number = number_to_text(link)
    if number is None:
        return False
    code = new_code()
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=link.patient_id)  # two askings at once settle who is the fifth
        lately = OneTimeCode.objects.filter(link__patient=link.patient, created_at__gt=now - SENT_WITHIN).count()
        if lately >= MOST_SENT:
            raise TooManyCodes(f"{lately} codes in an hour")
        OneTimeCode.objects.create(
            link=link, code_hash=_hash_of(link, code), created_at=now, expires_at=now + WORKS_FOR
        )
    texts.put(number, site=site, now=now, code=code)  # after the commit: a text for a code that was not kept is no use
    return True


def new_code() -> str:
    """Return six random digits."""
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


def check(link: PersonalLink, typed: str, now: datetime) -> bool:
    """Whether `typed` is the newest code of this link. Each asking is a try, the right one uses the code up."""
    plain = digits_of(typed)
    with transaction.atomic():
        PersonalLink.objects.select_for_update().get(pk=link.pk)
        code = OneTimeCode.objects.filter(link=link).order_by("-created_at", "-pk").first()
        if code is None or code.used_at is not None or code.expires_at <= now or code.tries >= TRIES:
            return False
        right = hmac.compare_digest(code.code_hash, _hash_of(link, plain))
        used = {"used_at": now} if right else {}
        OneTimeCode.objects.filter(pk=code.pk).update(tries=F("tries") + 1, **used)
        return right


def _hash_of(link: PersonalLink, code: str) -> str:
    return salted_hmac("closerlook.portal.code", f"{link.pk}:{code}", algorithm="sha256").hexdigest()
