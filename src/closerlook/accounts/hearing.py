"""What happens when Django or allauth say that someone signed in, or that a password or a factor was changed."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from closerlook.accounts import noting
from closerlook.accounts.models import Account, Outcome
from closerlook.accounts.standing import begin, end_all, standing, write

PROVED_ELSEWHERE = "second_factor_elsewhere"
"""In the session: whose second factor the unit's provider has proved."""
WAYS = {
    "password": "password",
    "socialaccount": "the unit's provider",
    "totp": "one-time code",
    "recovery_codes": "recovery code",
    "webauthn": "passkey",
}
FACTORS = {"totp": "one-time codes", "recovery_codes": "recovery codes", "webauthn": "passkey"}


def proved_elsewhere(request: HttpRequest, user: User) -> bool:
    """Whether someone comes from the unit's provider just now, and a second factor was asked there."""
    records = get_authentication_records(request, user)
    through_it = bool(records) and records[-1]["method"] == "socialaccount"
    return through_it and request.session.get(PROVED_ELSEWHERE) == user.pk


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    records = get_authentication_records(request, user)
    ways = [WAYS.get(str(one.get("type") or one["method"]), str(one["method"])) for one in records]
    strong = proved_elsewhere(request, user) or any(one["method"] == "mfa" for one in records)
    request.session.pop(PROVED_ELSEWHERE, None)
    begin(request, user, strong=strong)
    request.session.set_expiry(0)  # until the browser is closed; what ends it sooner, the doorkeeper knows
    noting.sign_in(request, user.username, " and ".join(dict.fromkeys(ways)), Outcome.SIGNED_IN)
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


@receiver(authentication_failed)
def _wrong_factor(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    noting.sign_in(request, user.username, WAYS[authenticator.type], Outcome.WRONG)


@receiver(authenticator_added)
def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    held = standing(request)
    if held is not None and authenticator.type != Authenticator.Type.RECOVERY_CODES:
        held.strong = True
        write(request, held)
    end_all(user, but=request)
    noting.change(user.username, user.username, "second factor added", after=FACTORS[authenticator.type])


@receiver(authenticator_removed)
def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    end_all(user, but=request)
    noting.change(user.username, user.username, "second factor removed", before=FACTORS[authenticator.type])


@receiver(authenticator_reset)
def _factor_reset(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    end_all(user, but=request)
    noting.change(user.username, user.username, "made anew", after=FACTORS[authenticator.type])


@receiver(password_changed)
def _password_changed(request: HttpRequest, user: User, **_: Any) -> None:
    end_all(user, but=request)
    Account.objects.filter(user=user).update(initial_until=None)
    noting.change(user.username, user.username, "password changed")
