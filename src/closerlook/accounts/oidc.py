"""A unit's own identity provider (OpenID Connect), as CLOSERLOOK_OIDC_* name it. Settings read this at start."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from msgspec import Struct

PROVIDER = "unit"
"""The id of the one provider in addresses and in stored connections."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Oidc(Struct, frozen=True):
    """Where people may sign in elsewhere, and what proves there that a second factor was asked.

    `claim` holds the sign-in name of the account here. `proofs`: claim and value pairs of which one is enough.
    """

    issuer: str
    client_id: str
    secret: str
    name: str
    claim: str
    proofs: tuple[tuple[str, str], ...]

    def apps(self) -> dict[str, Any]:
        """Return it as allauth's settings want it."""
        app = {
            "provider_id": PROVIDER,
            "name": self.name,
            "client_id": self.client_id,
            "secret": self.secret,
            "settings": {"server_url": self.issuer},
        }
        return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True, "SCOPE": ["openid", "profile"]}}


def read(given: Mapping[str, str]) -> Oidc | None:
    """Return the provider that the environment names, None where it names none. Raises ImproperlyConfigured."""
    issuer = given.get("CLOSERLOOK_OIDC_ISSUER", "").rstrip("/")
    stray = sorted(name for name in given if name.startswith("CLOSERLOOK_OIDC_") and given[name])
    if not issuer:
        if stray:
            raise ImproperlyConfigured(
                f"{stray[0]} is set without CLOSERLOOK_OIDC_ISSUER: name the provider's address."
            )
        return None
    where = urlsplit(issuer)
    if where.scheme != "https" and not (where.scheme == "http" and where.hostname in _LOOPBACK):
        raise ImproperlyConfigured(f"CLOSERLOOK_OIDC_ISSUER has to begin with https:// and is {issuer!r}.")
    for name in ("CLOSERLOOK_OIDC_CLIENT_ID", "CLOSERLOOK_OIDC_CLIENT_SECRET"):
        if not given.get(name):
            raise ImproperlyConfigured(f"{name} is missing: the provider gives it to whom it lets ask.")
    return Oidc(
        issuer=issuer,
        client_id=given["CLOSERLOOK_OIDC_CLIENT_ID"],
        secret=given["CLOSERLOOK_OIDC_CLIENT_SECRET"],
        name=given.get("CLOSERLOOK_OIDC_NAME") or str(where.hostname),
        claim=given.get("CLOSERLOOK_OIDC_CLAIM") or "preferred_username",
        proofs=_proofs(given.get("CLOSERLOOK_OIDC_SECOND_FACTOR", "")),
    )


def _proofs(stated: str) -> tuple[tuple[str, str], ...]:
    found = []
    for part in filter(None, (part.strip() for part in stated.split(","))):
        claim, _, value = part.partition("=")
        if claim not in ("amr", "acr") or not value:
            raise ImproperlyConfigured(
                f"CLOSERLOOK_OIDC_SECOND_FACTOR: {part!r} is not understood; write amr=mfa or acr=<value>."
            )
        found.append((claim, value))
    return tuple(found)


def proves_second_factor(oidc: Oidc, claims: Mapping[str, Any]) -> bool:
    """Whether the provider's signed statement says that a second factor was asked there."""
    for claim, value in oidc.proofs:
        stated = claims.get(claim)
        if stated == value or (isinstance(stated, list) and value in stated):
            return True
    return False
