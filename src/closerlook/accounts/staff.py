"""Who works here: adding people, changing what they may do, closing and reopening accounts. Every change is noted.

You are here to change an account. Each function checks who asks for it; what may not be is refused with a sentence.
"""

import secrets
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from msgspec import Struct

from closerlook.accounts import noting
from closerlook.accounts.models import Account
from closerlook.accounts.standing import account, end_all
from closerlook.pathway.terms import Role
from closerlook.people import settings_of_site
from closerlook.people.models import Provider, Site, Staff
from closerlook.people.roles import ROLES, WORKING, Office

KEEPERS = frozenset({Office.ADMINISTRATOR.value, Role.MANAGER.value})
"""Roles that look after accounts."""
INITIAL_WORKS_FOR = timedelta(days=7)
OTHER_SITES = "A manager looks after the accounts of the own site. Ask an administrator to do this at another one."
TERMINAL = "the command line"
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is mistaken for another when read out


class NotAllowed(Exception):
    """The change may not be; the sentence says why."""


class Wanted(Struct, frozen=True):
    """What an account should be: a name to show, roles, a site, and for a referring provider whose patients."""

    name: str
    roles: tuple[str, ...]
    site: Site
    provider: Provider | None = None


def add(by: Staff, username: str, wanted: Wanted) -> tuple[Staff, str]:
    """Open an account. Returns it with a password that is shown once and has to be changed at the first sign-in."""
    _check(by, wanted.roles, about=None, site=wanted.site)
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise NotAllowed("A name to sign in with has letters, digits and @ . + - _ only, and no spaces.") from error
    password = _new_password()
    taken = NotAllowed("Somebody signs in with this name already. Choose another one.")
    if User.objects.filter(username__iexact=username).exists():
        raise taken
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, password=password)
            found = Staff.objects.create(user=user, **_stored(wanted))
            Account.objects.create(user=user, initial_until=timezone.now() + INITIAL_WORKS_FOR)
            noting.change(_who(by), username, "account opened", after=said(found))
    except IntegrityError as error:  # someone was faster
        raise taken from error
    return found, password


def change(by: Staff, about: Staff, wanted: Wanted) -> None:
    """Change name, roles, site or provider. What stands already changes nothing and is not noted."""
    with transaction.atomic():
        _administrators()
        about = Staff.objects.select_for_update().select_related("user", "site", "provider").get(pk=about.pk)
        before = said(about)
        roles = tuple(sorted(wanted.roles))
        _check(by, {*roles, *about.role_set}, about, site=wanted.site)
        if roles != about.role_set and Office.ADMINISTRATOR not in roles:
            _keep_one(about)
        for field, value in _stored(wanted).items():
            setattr(about, field, value)
        if said(about) != before:
            about.save()
            noting.change(_who(by), about.user.username, "changed", before, said(about))


def alone_as(about: Staff) -> list[str]:
    """Return the roles that own work which, at this person's site, no other open account has."""
    others = Staff.objects.filter(site=about.site_id, user__is_active=True).exclude(pk=about.pk)
    covered = frozenset[str]().union(*(other.role_set for other in others))
    return sorted(WORKING.intersection(about.role_set) - covered) if about.user.is_active else []


def close(by: Staff, about: Staff) -> None:
    """Close an account: it is out at once, everywhere."""
    with transaction.atomic():
        _check(by, about.role_set, about)
        _keep_one(about)
        if User.objects.filter(pk=about.user_id, is_active=True).update(is_active=False):
            end_all(about.user)
            noting.change(_who(by), about.user.username, "account closed")


def reopen(by: Staff, about: Staff) -> None:
    """Open a closed account again, with the password and factors it had."""
    with transaction.atomic():
        _check(by, about.role_set, about)
        if User.objects.filter(pk=about.user_id, is_active=False).update(is_active=True):
            noting.change(_who(by), about.user.username, "account opened again")


def new_password(by: Staff, about: Staff) -> str:
    """Give an account a one-time password, and return it: it is shown once."""
    password = _new_password()
    with transaction.atomic():
        _check(by, about.role_set, about)
        about.user.set_password(password)
        about.user.save(update_fields=["password"])
        known = account(about.user)
        Account.objects.filter(pk=known.pk).update(initial_until=timezone.now() + INITIAL_WORKS_FOR)
        end_all(about.user)
        noting.change(_who(by), about.user.username, "one-time password given")
    return password


def reset_factors(by: Staff, about: Staff) -> None:
    """Take away every second factor, and the tie to an identity elsewhere: the next sign-in sets up new ones."""
    with transaction.atomic():
        _check(by, about.role_set, about)
        _take_factors(_who(by), about.user)


def end_sessions(by: Staff, about: Staff) -> None:
    """End every session of an account. It may sign in again."""
    _check(by, about.role_set, about, oneself=True)
    end_all(about.user)
    noting.change(_who(by), about.user.username, "sessions ended")


def at_terminal(username: str, name: str, roles: tuple[str, ...], password: str) -> Staff:
    """Add or change someone from the command line, where nobody is asked who they are. Raises ValueError."""
    known = Staff.objects.select_related("user", "site", "provider").filter(user__username=username).first()
    before = said(known) if known else ""
    with transaction.atomic():
        found = settings_of_site.staff(username, name, roles, password)
        User.objects.filter(pk=found.user_id, is_active=False).update(is_active=True)
        Account.objects.filter(user=found.user).update(initial_until=None)
        end_all(found.user)
        what = "changed, with a new password" if before else "account opened"
        noting.change(TERMINAL, username, what, before, said(found))
    return found


def reset_at_terminal(username: str) -> None:
    """Take away someone's second factors from the command line. Raises ValueError where nobody has the name."""
    user = User.objects.filter(username=username, staff__isnull=False).first()
    if user is None:
        raise ValueError(f"Nobody signs in as {username}.")
    with transaction.atomic():
        _take_factors(TERMINAL, user)


def said(found: Staff) -> str:
    """Return what an account is, in a line: it stands in the log of changes."""
    parts = [found.name, ", ".join(role.replace("_", " ") for role in found.role_set), f"at {found.site.name}"]
    if found.provider is not None:
        parts.append(f"patients of {found.provider}")
    return "; ".join(parts)


def is_administrator(found: Staff) -> bool:
    return Office.ADMINISTRATOR in found.role_set


def _take_factors(by: str, user: User) -> None:
    had = sorted(set(Authenticator.objects.filter(user=user).values_list("type", flat=True)))
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    end_all(user)
    noting.change(by, user.username, "second factors reset", before=", ".join(had))


def sites_of(by: Staff) -> QuerySet[Site]:
    """Return the sites whose accounts someone looks after: an administrator every site's, a manager the own one's."""
    return Site.objects.all() if is_administrator(by) else Site.objects.filter(pk=by.site_id)


def _check(
    by: Staff,
    roles: tuple[str, ...] | set[str],
    about: Staff | None,
    *,
    site: Site | None = None,
    oneself: bool = False,
) -> None:
    """Refuse what `by` may not do to an account that has, had or gets these roles, and is or gets at these sites."""
    unknown = sorted(set(roles) - ROLES)
    if unknown:
        raise NotAllowed(f"There is no role {unknown[0]}.")
    if KEEPERS.isdisjoint(by.role_set):
        raise NotAllowed("Only an administrator or a manager changes accounts.")
    if about is not None and about.pk == by.pk and not oneself:
        raise NotAllowed("This is your own account. Ask another administrator or manager.")
    if Office.ADMINISTRATOR in roles and not is_administrator(by):
        raise NotAllowed("Only an administrator changes the account of one, or makes one.")
    at = {one for one in (about.site_id if about else None, site.pk if site else None) if one is not None}
    if sites_of(by).filter(pk__in=at).count() < len(at):
        raise NotAllowed(OTHER_SITES)


def _keep_one(about: Staff) -> None:
    """Refuse to leave the unit without an administrator who can sign in."""
    if is_administrator(about) and not any(one.user.is_active and one.pk != about.pk for one in _administrators()):
        raise NotAllowed("This is the last administrator. Make another one first.")


def _administrators() -> list[Staff]:
    """Return all administrators, their rows locked: two who close each other at once settle who was first."""
    rows = Staff.objects.select_for_update().select_related("user").filter(roles__contains=Office.ADMINISTRATOR)
    return [one for one in rows.order_by("pk") if is_administrator(one)]


def _stored(wanted: Wanted) -> dict[str, object]:
    roles = ",".join(sorted(set(wanted.roles)))
    return {"name": wanted.name, "roles": roles, "site": wanted.site, "provider": wanted.provider}


def _who(by: Staff) -> str:
    return by.user.username


def _new_password() -> str:
    """Return a one-time password of about 79 bits that can be read out."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
