"""Writing down who came in, who did not, and what was changed of an account. No password, code or key is ever noted."""

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from closerlook.accounts.models import Outcome, SignIn
from closerlook.limits.address import address_of
from closerlook.people.models import Changed


def sign_in(request: HttpRequest, who: str, how: str, outcome: Outcome) -> None:
    """Note a try. A name that has no account here is left out."""
    known = User.objects.filter(username__iexact=who).values_list("username", flat=True).first() or ""
    SignIn.objects.create(at=timezone.now(), who=known, how=how, outcome=outcome, address=address_of(request))


def change(by: str, about: str, what: str, before: str = "", after: str = "") -> None:
    """Note a change of someone's account."""
    Changed.objects.create(
        changed_at=timezone.now(), who=by, what="account", which=about, field=what, before=before, after=after
    )
