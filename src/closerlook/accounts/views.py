"""Signing in and out, one's own account, and proving again who one is. Most pages are allauth's, with our words."""

import json
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.base import views as factors
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.openid_connect import views as openid
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from closerlook.accounts import noting, oidc
from closerlook.accounts.again import is_kept
from closerlook.accounts.forms import AgainForm, AgainPasskeyForm, CodeForm
from closerlook.accounts.marks import is_demonstration
from closerlook.accounts.models import Outcome
from closerlook.accounts.standing import standing, write
from closerlook.people import sites

WHY = {
    "idle": "You are signed out because nothing was done here for half an hour.",
    "day": "You are signed out because you signed in more than ten hours ago. Sign in again to go on.",
    "ended": "You are signed out because this session has ended: it was ended elsewhere, or the account was changed.",
    "out": "You are signed out.",
}
"""Why someone has to sign in again. The address holds the word; only these sentences are ever shown."""


class SignIn(account.LoginView):  # type: ignore[misc]
    """Sign in by name and password, by passkey, or through the unit's provider; then on to what was asked for."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            # Coming from another site, the browser keeps a strict cookie back. Once we ask ourselves, it sends it.
            return render(request, "socialaccount/login_redirect.html", {"redirect_to": request.get_full_path()})
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        provider: oidc.Oidc | None = settings.OIDC
        return found | {
            "why": WHY.get(self.request.GET.get("why", ""), ""),
            "next": self.get_next_url() or "",
            "provider": provider.name if provider else "",
            "demonstration": is_demonstration(),
        }


sign_in = SignIn.as_view()


@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session. Only a press of the button does: nobody is signed out by a link."""
    if request.method == "POST":
        logout(request)
        return HttpResponseRedirect(f"{reverse('account_login')}?why=out")
    return HttpResponseRedirect(reverse("account_login"))


class SecondFactor(factors.AuthenticateView):  # type: ignore[misc]
    """Ask for the second factor of who has given the right password."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return found | ways_of(self.stage.login.user) | {"options": as_json(found["js_data"]["request_options"])}

    def form_invalid(self, form: Form) -> HttpResponse:
        if "credential" in form.fields:  # a wrong code is heard of by itself
            noting.sign_in(self.request, self.stage.login.user.username, "passkey", Outcome.WRONG)
        response: HttpResponse = super().form_invalid(form)
        return response


second_factor = SecondFactor.as_view()


class PasskeySignIn(webauthn.LoginWebAuthnView):  # type: ignore[misc]
    """Sign in by a passkey alone."""

    def form_invalid(self, form: Form) -> HttpResponse:
        noting.sign_in(self.request, "", "passkey", Outcome.WRONG)
        response: HttpResponse = super().form_invalid(form)
        return response


class OwnAccount(factors.IndexView):  # type: ignore[misc]
    """One's own account: second factors, recovery codes, password."""

    template_name = "account/own.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        held = standing(self.request)
        return found | {
            "must": held is not None and not held.strong and not is_demonstration(),
            "has_password": self.request.user.has_usable_password(),
            "zone": sites.site().zone,
        }


own_account = OwnAccount.as_view()


class Password(account.PasswordChangeView):  # type: ignore[misc]
    """Change one's own password; whoever was given a first one is led here before anything else."""

    success_url = reverse_lazy("mfa_index")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated or not request.user.has_usable_password():
            return HttpResponseRedirect(reverse("mfa_index"))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_success_url(self) -> str:
        held = standing(self.request)
        return (held.asked_for if held else "") or str(self.success_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return found | {"first": self.request.user.account.initial_until is not None}


class App(totp.ActivateTOTPView):  # type: ignore[misc]
    """Set up one-time codes: a picture for the app, the key in letters, and the first code as proof."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        secret: str = found["form"].secret
        return found | {"secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))}


class NewPasskey(webauthn.AddWebAuthnView):  # type: ignore[misc]
    """Set up a passkey."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs) | kwargs
        found.setdefault("form", self.get_form())
        return found | {"options": as_json(found["js_data"]["creation_options"])}


class RemovePasskey(webauthn.RemoveWebAuthnView):  # type: ignore[misc]
    """Remove a passkey, unless it is the only second factor."""

    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Form) -> HttpResponse:
        if not get_factor_adapter().can_delete_authenticator(self.get_object()):
            form.add_error(None, get_factor_adapter().error_messages["cannot_delete_authenticator"])
            refused: HttpResponse = self.render_to_response(self.get_context_data(form=form))
            return refused
        response: HttpResponse = super().form_valid(form)
        return response


class Codes(codes.ViewRecoveryCodesView):  # type: ignore[misc]
    """Show the recovery codes that are left."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        held = standing(self.request)
        return found | {"onward": (held.asked_for if held else "") or reverse(settings.LOGIN_REDIRECT_URL)}


def as_json(options: Any) -> str:
    """Return what a browser needs for a passkey, as text for an attribute."""
    return json.dumps(options, cls=DjangoJSONEncoder)


def ways_of(user: User) -> dict[str, bool]:
    """Return which second factors somebody has."""
    known = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return {"has_codes": bool(known & {"totp", "recovery_codes"}), "has_passkey": "webauthn" in known}


# ---------------------------------------------------------------- the unit's provider


def with_provider(request: HttpRequest) -> HttpResponse:
    """Go to the unit's provider to sign in. By a page of ours: forms may lead nowhere else, and theirs is elsewhere."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("account_login"))
    answer: HttpResponse = openid.login(request, oidc.PROVIDER)
    if isinstance(answer, HttpResponseRedirect):
        return render(request, "socialaccount/login_redirect.html", {"redirect_to": answer.url})
    return answer


# ---------------------------------------------------------------- again


@require_http_methods(["GET", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Prove once more who is at it, by one of the ways this account has, and go back to where one was."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("account_login"))
    assert isinstance(request.user, User)  # noqa: S101  no other kind of account is kept
    user, how = request.user, request.POST.get("how", "")
    asked: dict[str, Any] = {
        "password": AgainForm(user, data=request.POST if how == "password" else None),
        "code": CodeForm(user=user, data=request.POST if how == "code" else None),
        "passkey": AgainPasskeyForm(user=user, data=request.POST if how == "passkey" else None),
    }
    then = request.POST.get("next") or request.GET.get("next") or ""
    then = then if get_adapter().is_safe_url(then) else ""
    if how in asked and asked[how].is_valid():
        _is_here(request, user, how)
        return HttpResponseRedirect(then or reverse(settings.LOGIN_REDIRECT_URL))
    if how in asked:
        outcome = Outcome.CLOSED_FOR_NOW if "Too many" in str(asked[how].errors) else Outcome.WRONG
        noting.sign_in(request, user.username, f"again: {how}", outcome)
    ways = ways_of(user)
    context = ways | {
        "password_form": asked["password"] if user.has_usable_password() else None,
        "code_form": asked["code"] if ways["has_codes"] else None,
        "passkey": asked["passkey"],
        "options": as_json(begin_authentication(user)) if ways["has_passkey"] else "",
        "provider": settings.OIDC.name if settings.OIDC and SocialAccount.objects.filter(user=user).exists() else "",
        "next": then,
        "kept": is_kept(request, then),
        "user_shown": user.get_username(),
    }
    return render(request, "account/again.html", context, status=422 if how else 200)


def _is_here(request: HttpRequest, user: User, how: str) -> None:
    held = standing(request)
    assert held is not None  # noqa: S101  the doorkeeper lets nobody here without one
    held.identified = timezone.now()
    write(request, held)  # under the same key: a second click that comes with the old one would be signed out
    noting.sign_in(request, user.username, f"again: {how}", Outcome.IDENTIFIED)


password = Password.as_view()
app = App.as_view()
remove_app = totp.DeactivateTOTPView.as_view()
new_passkey = NewPasskey.as_view()
remove_passkey = RemovePasskey.as_view()
recovery_codes = Codes.as_view()
new_recovery_codes = codes.GenerateRecoveryCodesView.as_view()
passkey_sign_in = PasskeySignIn.as_view()
provider_answers = openid.callback
