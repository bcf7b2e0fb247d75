"""What a session holds about who signed in through it, and how all sessions of an account end at once."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from msgspec import Struct

from closerlook.accounts.models import Account

KEPT_AS = "accounts"


class Standing(Struct):
    """What a session holds about who signed in: since when, when last seen, and of which count of ended sessions.

    `identified`: when they last proved who they are; `strong`: whether with a second factor; `asked_for`: where they
    wanted to go when something had to be set up first.
    """

    since: datetime
    seen: datetime
    identified: datetime
    ended: int
    strong: bool = False
    asked_for: str = ""


def standing(request: HttpRequest) -> Standing | None:
    """Return what the session holds, None where nobody signed in through it."""
    kept: dict[str, Any] | None = request.session.get(KEPT_AS)
    if kept is None:
        return None
    moments = {name: datetime.fromisoformat(kept[name]) for name in ("since", "seen", "identified")}
    return Standing(**moments, ended=kept["ended"], strong=kept["strong"], asked_for=kept["asked_for"])


def write(request: HttpRequest, held: Standing) -> None:
    request.session[KEPT_AS] = {
        "since": held.since.isoformat(),
        "seen": held.seen.isoformat(),
        "identified": held.identified.isoformat(),
        "ended": held.ended,
        "strong": held.strong,
        "asked_for": held.asked_for,
    }


def begin(request: HttpRequest, user: AbstractBaseUser, *, strong: bool) -> None:
    """Note that someone signed in just now."""
    now = timezone.now()
    write(request, Standing(now, now, now, ended=account(user).ended, strong=strong))


def account(user: AbstractBaseUser) -> Account:
    return Account.objects.get_or_create(user_id=user.pk)[0]


def end_all(user: AbstractBaseUser, *, but: HttpRequest | None = None) -> None:
    """End every session of an account at once, except the one in hand."""
    known = account(user)
    Account.objects.filter(pk=known.pk).update(ended=F("ended") + 1)
    held = standing(but) if but is not None else None
    if but is not None and held is not None:
        held.ended = account(user).ended
        write(but, held)
