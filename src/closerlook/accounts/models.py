"""What is kept of accounts beside Django's and allauth's own: when sessions ended, and who came in."""

from enum import StrEnum

from django.conf import settings
from django.db import models

from closerlook.people.kept import Kept


class Demonstration(models.Model):
    """That everyone in this database is made up: its sign-ins are printed, and no second factor is asked.

    `demonstration.fill` writes the one row, into a database in which nobody is known yet; nothing else does.
    """

    id = models.IntegerField(primary_key=True, default=1)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_demonstration")]

    def __str__(self) -> str:
        return "demonstration"


class Account(models.Model):
    """What an account holds beside its password and factors.

    `ended`: how often all its sessions were ended; a session of an earlier count is over. `initial_until`: until when
    the password someone else gave it may be used to choose one's own; None where it is one's own.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="account", primary_key=True
    )
    ended = models.IntegerField(default=0)
    initial_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.user_id)


class Outcome(StrEnum):
    SIGNED_IN = "signed in"
    IDENTIFIED = "identified again"
    WRONG = "wrong"
    CLOSED_FOR_NOW = "closed for a while: too many tries"
    NO_ACCOUNT = "no account here"
    ACCOUNT_CLOSED = "the account is closed"
    INITIAL_OVER = "the one-time password had run out"


class SignIn(Kept):
    """One try to come in, or to prove again who one is. `who`: a name that has an account here, else empty.

    A name nobody has is not kept: people type passwords into the wrong field.
    """

    at = models.DateTimeField()
    who = models.CharField(max_length=150, blank=True, default="")
    how = models.CharField(max_length=60)
    outcome = models.CharField(max_length=60)
    address = models.CharField(max_length=45, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["who", "at"], name="sign_in_who"),
            models.Index(fields=["at"], name="sign_in_at"),
        ]

    def __str__(self) -> str:
        return f"sign-in {self.pk}"


PERSONAL: dict[str, bool] = {
    "Demonstration.id": False, "Demonstration.made_at": False,
    "Account.user": False, "Account.ended": False, "Account.initial_until": False,
    "SignIn.id": False, "SignIn.at": True, "SignIn.who": True, "SignIn.how": False, "SignIn.outcome": False,
    "SignIn.address": True,
}  # fmt: skip
