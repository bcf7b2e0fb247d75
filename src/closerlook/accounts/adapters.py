"""What we tell allauth: nobody signs up, nothing is mailed, tries are counted, secrets are sealed, words are ours."""

import base64
import io
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AbstractBaseUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from qrcode.image.svg import SvgPathFillImage

from closerlook.accounts import again, guessing, noting, oidc
from closerlook.accounts.hearing import PROVED_ELSEWHERE
from closerlook.accounts.models import Outcome
from closerlook.accounts.standing import account
from closerlook.limits.address import address_of
from closerlook.people import sites

MESSAGES = {
    "account/messages/password_changed.txt": "Your password is changed. Every other session of yours has ended.",
    "mfa/messages/totp_activated.txt": "One-time codes are set up.",
    "mfa/messages/totp_deactivated.txt": "One-time codes are removed.",
    "mfa/messages/webauthn_added.txt": "The passkey is set up.",
    "mfa/messages/webauthn_removed.txt": "The passkey is removed.",
    "mfa/messages/recovery_codes_generated.txt": "You have new recovery codes.",
}
"""What we say after what; of all else (that one signed in, say) nothing needs to be said."""
CLOSED = "This account is closed. Ask the administrator."
RAN_OUT = "This one-time password has run out. Ask the administrator for a new one."


def refusal(request: HttpRequest, sentence: str, status: int = 403) -> HttpResponse:
    """Say why somebody does not come in, and how to try again."""
    return render(request, "account/refused.html", {"sentence": sentence}, status=status)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Names and passwords."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": (
            "This name and password do not belong together. Check both, and whether Caps Lock is on."
        ),
        "enter_current_password": "This is not the password you have now. Check whether Caps Lock is on.",
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False

    def send_mail(self, *_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("signing in sends no mail")

    def send_notification_mail(self, *_args: Any, **_kwargs: Any) -> None:
        """What was changed stands on the account's page; nothing is mailed."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *_: Any, **kwargs: Any
    ) -> None:
        said = kwargs.get("message") or MESSAGES.get(message_template or "")
        if said:
            super().add_message(request, level, message=said)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        name = str(credentials.get("username", ""))
        until = guessing.begin(request, name)
        if until is not None:
            noting.sign_in(request, name, "password", Outcome.CLOSED_FOR_NOW)
            raise guessing.closed(until, "Signing in with this name and a password is closed from here")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None:
            guessing.was_right(request, str(credentials.get("username", "")))
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        noting.sign_in(request, str(credentials.get("username", "")), "password", Outcome.WRONG)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        until = account(user).initial_until
        if user.is_active and until is not None and until <= timezone.now():
            noting.sign_in(request, user.username, "password", Outcome.INITIAL_OVER)
            return refusal(request, RAN_OUT)
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        noting.sign_in(request, user.username, "", Outcome.ACCOUNT_CLOSED)
        return refusal(request, CLOSED)

    def logout(self, request: HttpRequest) -> None:
        """Sign out; what was being sent waits for the same person, who may only have gone to prove who they are."""
        kept, proved = again.kept_of(request), request.session.get(PROVED_ELSEWHERE)
        logout(request)
        again.put(request, kept)
        if proved is not None:
            request.session[PROVED_ELSEWHERE] = proved

    def is_reauthentication_required(self, **_: Any) -> bool:
        """Never here: the doorkeeper asked before allauth's page was reached."""
        return False

    def get_login_stages(self) -> list[str]:
        return ["closerlook.accounts.stages.SecondFactor"]


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Passkeys, one-time codes, recovery codes."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This was not right, or it was used already. Try once more.",
        "cannot_delete_authenticator": "This is your only second factor. Set up another one first.",
    }

    def get_totp_issuer(self) -> str:
        return f"Closer Look, {sites.site().name}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        found: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**found, "name": self.get_totp_issuer()}

    def encrypt(self, text: str) -> str:
        return _seal().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret. One sealed under another CLOSERLOOK_SECRET_KEY is lost: no code may ever fit it."""
        try:
            return _seal().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return str(generate_totp_secret())  # not an empty one: everybody could compute its codes

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
        theirs = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=kinds)
        return bool(theirs.exclude(pk=authenticator.pk).exists())

    def build_totp_svg(self, url: str) -> str:
        """Return the picture for the app on a ground of its own, so that it can be read on a dark page too."""
        drawn = io.BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
        return drawn.getvalue().decode()


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """A unit's own identity provider: it says who somebody is, and only who has an account here comes in."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        provider = _provider()
        said = sociallogin.account.extra_data
        claims = {**said.get("userinfo", {}), **said.get("id_token", {})}
        sociallogin.account.extra_data = {}  # what else the provider says of her is none of our business
        if sociallogin.is_existing:
            sociallogin.account.save(update_fields=["extra_data"])
        else:
            sociallogin.connect(request, self._known(request, str(claims.get(provider.claim) or "")))
        if oidc.proves_second_factor(provider, said.get("id_token", {})):
            request.session[PROVED_ELSEWHERE] = sociallogin.user.pk
        else:
            request.session.pop(PROVED_ELSEWHERE, None)

    def _known(self, request: HttpRequest, name: str) -> User:
        """Return whose account it is: their first time through the provider. A name is tied to one identity there."""
        user = User.objects.filter(username=name, staff__isnull=False).first() if name else None
        if user is None or SocialAccount.objects.filter(user=user).exists():
            noting.sign_in(request, name, "the unit's provider", Outcome.NO_ACCOUNT)
            raise ImmediateHttpResponse(refusal(request, self._sentence(user)))
        return user

    def _sentence(self, user: User | None) -> str:
        if user is None:
            return "You are known to your organisation, and have no account here. Ask the administrator for one."
        return "The account of this name belongs to another identity of your organisation. Ask the administrator."

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: SocialLogin) -> bool:
        return False

    def on_authentication_error(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> None:
        noting.sign_in(request, "", "the unit's provider", Outcome.WRONG)
        sentence = f"{_provider().name} did not say who you are. Nothing is changed; try again."
        raise ImmediateHttpResponse(refusal(request, sentence))

    def get_connect_redirect_url(self, *_: Any) -> str:
        return reverse("mfa_index")


def _provider() -> oidc.Oidc:
    found: oidc.Oidc | None = settings.OIDC
    assert found is not None  # noqa: S101  without one, nobody is sent there
    return found


def _seal() -> Fernet:
    key = salted_hmac("closerlook.accounts.seal", "1", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
