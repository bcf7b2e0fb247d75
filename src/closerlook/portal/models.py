"""How a patient comes to her page, and what she looked at there: ids and hashes only.

A token or a code is never stored, only a keyed hash: who reads this database cannot open anybody's page.
"""

from django.db import models

from closerlook.people.kept import Kept
from closerlook.people.models import Patient


class PersonalLink(models.Model):
    """A way to her page, as printed on a letter. It opens nothing without her date of birth.

    `proxy`: the name of who acts for her and holds this link; empty where it is her own. Codes for it go to `phone`.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="personal_links")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    failures = models.IntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    proxy = models.CharField(max_length=120, blank=True, default="")
    phone = models.CharField(max_length=60, blank=True, default="")

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


class SharedLink(models.Model):
    """A way to the parts of her page that she chose, for someone she trusts. Its number is told apart from the link.

    `known`: the results that stood open to her when she shared them, as state and examinations; a later one is not in
    it. `through`: the link she made it with: it ends with that one.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    code_hash = models.CharField(max_length=64)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="shared_links")
    name = models.CharField(max_length=60)
    parts = models.CharField(max_length=100)
    known = models.TextField(blank=True, default="")
    through = models.ForeignKey(PersonalLink, on_delete=models.PROTECT, related_name="shared", null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    failures = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"shared link {self.pk}"

    @property
    def part_set(self) -> frozenset[str]:
        return frozenset(part for part in self.parts.split(",") if part)


class Note(models.Model):
    """One thing she wrote in her notebook. Hers alone until she shares it; shared ones are kept, marked as removed."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=12)
    words = models.CharField(max_length=500)
    written_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["patient", "kind"], name="note_of")]

    def __str__(self) -> str:
        return f"note {self.pk}"


class Relative(models.Model):
    """Someone of her family, and whether they had a cancer of the breast or the ovary. No names."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="relatives")
    relation = models.CharField(max_length=24)
    cancer = models.CharField(max_length=12)
    age = models.IntegerField(null=True, blank=True)
    written_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"relative {self.pk}"


class NotebookShared(models.Model):
    """She lets the unit read her notebook, from one moment until she ends it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    shared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sharing {self.pk}"


class Look(Kept):
    """One showing of her page, through her link or a shared one. `shown`: what stood on it: examinations, or parts."""

    link = models.ForeignKey(PersonalLink, on_delete=models.PROTECT, related_name="looks", null=True, blank=True)
    shared = models.ForeignKey(SharedLink, on_delete=models.PROTECT, related_name="looks", null=True, blank=True)
    looked_at = models.DateTimeField()
    version = models.IntegerField(help_text="The last fact of her log at that moment.")
    shown = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["link", "looked_at"], name="look_link"),
            models.Index(fields=["shared", "looked_at"], name="look_shared"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(link__isnull=False, shared=None) | models.Q(link=None, shared__isnull=False),
                name="look_through_one_link",
            )
        ]

    def __str__(self) -> str:
        return f"look {self.pk}"


PERSONAL: dict[str, bool] = {
    "PersonalLink.id": False, "PersonalLink.token_hash": True, "PersonalLink.patient": False,
    "PersonalLink.created_at": False, "PersonalLink.expires_at": False, "PersonalLink.revoked_at": False,
    "PersonalLink.failures": False, "PersonalLink.locked_until": False, "PersonalLink.proxy": True,
    "PersonalLink.phone": True,
    "SharedLink.id": False, "SharedLink.token_hash": True, "SharedLink.code_hash": True, "SharedLink.patient": False,
    "SharedLink.name": True, "SharedLink.parts": False, "SharedLink.known": False,
    "SharedLink.through": False, "SharedLink.created_at": False, "SharedLink.expires_at": False,
    "SharedLink.revoked_at": False, "SharedLink.failures": False,
    "Note.id": False, "Note.patient": False, "Note.kind": True, "Note.words": True, "Note.written_at": False,
    "Note.removed_at": False,
    "Relative.id": False, "Relative.patient": False, "Relative.relation": True, "Relative.cancer": True,
    "Relative.age": True, "Relative.written_at": False, "Relative.removed_at": False,
    "NotebookShared.id": False, "NotebookShared.patient": False, "NotebookShared.shared_at": False,
    "NotebookShared.ended_at": False,
    "OneTimeCode.id": False, "OneTimeCode.link": False, "OneTimeCode.code_hash": True, "OneTimeCode.created_at": False,
    "OneTimeCode.expires_at": False, "OneTimeCode.tries": False, "OneTimeCode.used_at": False,
    "Look.id": False, "Look.link": False, "Look.shared": False,
    "Look.looked_at": True, "Look.version": False, "Look.shown": False,
}  # fmt: skip
