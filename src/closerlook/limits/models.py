"""What was tried lately. A row holds a keyed hash of who and where: who reads this database learns no name from it."""

from django.db import models


class Tried(models.Model):
    """How often one thing was tried since `since`; it is closed while `until` is still to come."""

    key = models.CharField(primary_key=True, max_length=64)
    count = models.IntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["since"], name="tried_since")]

    def __str__(self) -> str:
        return self.key


PERSONAL: dict[str, bool] = {
    "Tried.key": False, "Tried.count": False, "Tried.since": False, "Tried.until": False,
}  # fmt: skip
