"""The forms of signing in, in our words, and each counted against its limit."""

import struct
from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.crypto import salted_hmac

from closerlook.accounts import guessing
from closerlook.limits import counting

CODES_HOLD = 120
"""Seconds in which a one-time code may be right (the one before and the one after count too): it is good once."""


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """A name and a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Name"
        self.fields["password"].label = "Password"
        self.fields["login"].widget.attrs["autofocus"] = True
        for field, missing in (("login", "Write the name you sign in with."), ("password", "Write your password.")):
            self.fields[field].error_messages["required"] = missing
            self.fields[field].widget.attrs.pop("placeholder", None)


class _CodeField(forms.CharField):
    """Digits as an app or a printed list shows them, with or without spaces between."""

    def __init__(self, label: str, hint: str = "") -> None:
        shown = {"autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr"}
        super().__init__(max_length=40, label=label, help_text=hint, widget=forms.TextInput(attrs=shown))
        self.error_messages["required"] = "Write the code."


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """A one-time code of the app, or one of the recovery codes."""

    code = _CodeField("Code", "Six digits from your app, or one of your recovery codes.")

    def clean_code(self) -> str:
        who, now = str(self.user.pk), timezone.now()
        until = counting.take(counting.SECOND_FACTOR, who, now=now)
        if until is not None:
            raise guessing.closed(until, "Codes for this account are closed")
        code: str = super().clean_code()
        plain = "".join(filter(str.isalnum, code))
        used = salted_hmac("closerlook.accounts.code", f"{who}:{plain}", algorithm="sha256").hexdigest()
        if not cache.add(f"code:{used}", 1, timeout=CODES_HOLD):
            raise ValidationError("This code was used already. Wait for the next one.")
        counting.clear(counting.SECOND_FACTOR, who)
        return code


class FirstCodeForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app, which proves that it holds the key."""

    code = _CodeField("Code that the app shows now", "Six digits. They change every half minute.")


NO_PASSKEY = (KeyError, TypeError, ValueError, AttributeError, struct.error)
"""What reading a passkey's answer may end in, where it is none: anybody can send anything."""
WRONG_PASSKEY = "This was no passkey of yours. Try once more, or choose another way."


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey. It always asks for a finger, a face or a number, so that it is two factors by itself."""

    passwordless = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "What you call it"
        self.fields["name"].help_text = "Such as: my phone, the key on my badge."
        self.fields["name"].max_length = 60
        self.fields["name"].initial = self.initial["name"] = ""

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True  # allauth then refuses one that did not check who holds it
        try:
            found: dict[str, Any] = super().clean()
        except NO_PASSKEY as error:
            raise ValidationError(WRONG_PASSKEY) from error
        return found


class _Shown:
    """A form in which a passkey is shown."""

    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except NO_PASSKEY as error:
            raise ValidationError(WRONG_PASSKEY) from error
        return found


class PasskeySignInForm(_Shown, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey alone."""


class SecondPasskeyForm(_Shown, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after a password."""


class AgainPasskeyForm(_Shown, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey of who is signed in."""


class ChangePasswordForm(AllauthChangePasswordForm):  # type: ignore[misc]
    """A new password, known only to who chose it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"oldpassword": "The password you have now", "password1": "New password", "password2": "Once more"}
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)
        self.fields["password1"].help_text = "At least 12 characters. A few words of your own are good."

    def clean_oldpassword(self) -> str:
        _counted(self.user)
        given: str = super().clean_oldpassword()
        counting.clear(counting.AGAIN, str(self.user.pk))
        return given

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean()
        if found.get("password1") and found.get("password1") == found.get("oldpassword"):
            self.add_error("password1", "This is the password you have now. Choose another one.")
        return found


class AgainForm(forms.Form):
    """The password of who is signed in, asked once more."""

    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": "Write your password."},
    )

    def __init__(self, user: User, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = user

    def clean_password(self) -> str:
        _counted(self.user)
        given: str = self.cleaned_data["password"]
        if not self.user.check_password(given):
            raise ValidationError("This is not your password. Check whether Caps Lock is on.")
        counting.clear(counting.AGAIN, str(self.user.pk))
        return given


def _counted(user: User) -> None:
    until = counting.take(counting.AGAIN, str(user.pk), now=timezone.now())
    if until is not None:
        raise guessing.closed(until, "Asking for your password is closed")
