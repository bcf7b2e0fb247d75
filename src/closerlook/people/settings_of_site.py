"""A unit's own settings, and who works there."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import transaction
from django.utils import timezone

from closerlook.people import sites
from closerlook.people.models import Changed, Site, Staff, TrustedSender
from closerlook.people.roles import ROLES


def change(
    given: dict[str, str],
    trust: tuple[str, ...] = (),
    *,
    site: Site | None = None,
    by: str = "the command line",
    now: datetime | None = None,
) -> dict[str, Any]:
    """Set what is given, check it, write down what changed, and return all settings of the site, the first if None.

    Raises ImproperlyConfigured.
    """
    site = site or Site.objects.order_by("slug").first()
    if site is None:
        raise ImproperlyConfigured("There is no site yet. Run: closerlook init")
    before = {key: str(getattr(site, key) or "") for key in given}
    for key, value in given.items():
        setattr(site, key, _checked(key, value))
    if given.get("protocol") or given.get("zone"):
        sites.compiled(site.protocol, site.zone)  # says what is wrong before it is kept
    with transaction.atomic():
        if given:
            site.save()
            for key in given:
                after = str(getattr(site, key) or "")
                if after != before[key]:
                    Changed.objects.create(
                        changed_at=now or timezone.now(), who=by, what="site", which=site.slug, field=key,
                        before=before[key], after=after,
                    )  # fmt: skip
        for sender in trust:
            TrustedSender.objects.get_or_create(sender=sender, defaults={"site": site})
    sites.forget()
    fields = ("slug", "name", "address", "phone", "zone", "live_from", "protocol", "contact_name", "contact_hours")
    trusted = sorted(TrustedSender.objects.values_list("sender", flat=True))
    return {**{field: getattr(site, field) for field in fields}, "trusted_senders": trusted}


def lines_of(address: str) -> str:
    """Return an address as it is kept: a line each, however the lines were ended."""
    return "\n".join(line.strip() for line in address.splitlines() if line.strip())


def _checked(key: str, value: str) -> Any:
    match key:
        case "address":
            return lines_of(value)
        case "live_from":
            try:
                return date.fromisoformat(value)
            except ValueError as error:
                raise ImproperlyConfigured(f"live-from: {value!r} is not a day; write YYYY-MM-DD.") from error
        case "zone":
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise ImproperlyConfigured(
                    f"zone: {value!r} is not a time zone; write one as America/Chicago."
                ) from error
    return value


def staff(username: str, name: str, roles: tuple[str, ...], password: str) -> Staff:
    """Add a member of staff or change one. Raises ValueError with the mend."""
    unknown = sorted(set(roles) - ROLES)
    if unknown:
        raise ValueError(f"There is no role {', '.join(unknown)}. Choose from: {', '.join(sorted(ROLES))}.")
    try:
        validate_password(password)
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from error
    with transaction.atomic():
        user, _ = User.objects.get_or_create(username=username)
        user.set_password(password)
        user.save()
        found, _ = Staff.objects.update_or_create(
            user=user, defaults={"site": sites.site(), "roles": ",".join(sorted(set(roles))), "name": name}
        )
    return found
