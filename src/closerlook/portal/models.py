"""How a patient comes to her page, and what she looked at there: ids and hashes only.

A token or a code is never stored, only a keyed hash: who reads this database cannot open anybody's page.
"""

from typing import Any

from django.db import models

from closerlook.people.models import Patient


class PersonalLink(models.Model):
    """A way to her page, as printed on a letter. It opens nothing without her date of birth."""

    token_hash = models.CharField(max_length=64, unique=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="personal_links")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    failures = models.IntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link {self.pk}"


class OneTimeCode(models.Model):
    """Six digits texted to her number: good once, for ten minutes, for five tries."""

    link = models.ForeignKey(PersonalLink, on_delete=models.PROTECT, related_name="codes")
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["link", "created_at"], name="code_link")]

    def __str__(self) -> str:
        return f"code {self.pk} of link {self.link_id}"


class LooksAreKept(Exception):
    """What she was shown is kept as it was: it is added to, never changed."""


class Look(models.Model):
    """One showing of her page. `shown` holds the ids of the examinations whose results stood on it."""

    link = models.ForeignKey(PersonalLink, on_delete=models.PROTECT, related_name="looks")
    looked_at = models.DateTimeField()
    version = models.IntegerField(help_text="The last fact of her log at that moment.")
    shown = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["link", "looked_at"], name="look_link")]

    def __str__(self) -> str:
        return f"look {self.pk} through link {self.link_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise LooksAreKept("A look is kept as it was. Add another one instead.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        raise LooksAreKept("A look is kept. It says what she knew, and when.")


PERSONAL: dict[str, bool] = {
    "PersonalLink.id": False, "PersonalLink.token_hash": True, "PersonalLink.patient": False,
    "PersonalLink.created_at": False, "PersonalLink.expires_at": False, "PersonalLink.revoked_at": False,
    "PersonalLink.failures": False, "PersonalLink.locked_until": False,
    "OneTimeCode.id": False, "OneTimeCode.link": False, "OneTimeCode.code_hash": True, "OneTimeCode.created_at": False,
    "OneTimeCode.expires_at": False, "OneTimeCode.tries": False, "OneTimeCode.used_at": False,
    "Look.id": False, "Look.link": False, "Look.looked_at": True, "Look.version": False, "Look.shown": False,
}  # fmt: skip
