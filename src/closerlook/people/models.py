"""Who is who: patients, their identifiers, providers, sites and staff. Identity lives apart from the log.

Each field is marked personal or not in `PERSONAL`; a test finds the unmarked one.
"""

import secrets

from django.conf import settings
from django.db import models

from closerlook.people.kept import Kept

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # none that are mistaken for another when read out


def new_patient_id() -> str:
    """Return a new identifier of our own: random, so that it says nothing and cannot be guessed."""
    return "p" + "".join(secrets.choice(_ALPHABET) for _ in range(14))


class Site(models.Model):
    """A unit: what stands on its letters, its clock's zone, and from when it is live."""

    slug = models.SlugField(primary_key=True, max_length=40)
    name = models.CharField(max_length=120)
    address = models.TextField(help_text="One line each: street, city with state and postal code.")
    phone = models.CharField(max_length=40)
    zone = models.CharField(max_length=60, default="America/New_York")
    live_from = models.DateField(null=True, blank=True)
    protocol = models.CharField(max_length=200, default="us")
    contact_name = models.CharField(max_length=120, blank=True, default="")
    contact_hours = models.CharField(max_length=120, blank=True, default="")

    def __str__(self) -> str:
        return self.name

    @property
    def address_lines(self) -> list[str]:
        return [line.strip() for line in self.address.splitlines() if line.strip()]


class TrustedSender(models.Model):
    """A sender ("APP|FACILITY") whose prose states assessments reliably; the unit answers for this."""

    sender = models.CharField(primary_key=True, max_length=200)
    site = models.ForeignKey(Site, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return self.sender


class Provider(models.Model):
    """A doctor or practice that asked for an examination, as feeds name them ("AUTHORITY|number")."""

    id = models.CharField(primary_key=True, max_length=120)
    family = models.CharField(max_length=120)
    given = models.CharField(max_length=120, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.given} {self.family}".strip()


class Patient(models.Model):
    """One person. `id` is the stream of her log. Nothing clinical is kept here."""

    id = models.CharField(primary_key=True, max_length=32, default=new_patient_id)
    family = models.CharField(max_length=120)
    given = models.CharField(max_length=120, blank=True, default="")
    middle = models.CharField(max_length=120, blank=True, default="")
    birth_date = models.DateField()
    sex = models.CharField(max_length=1, blank=True, default="")
    phone = models.CharField(max_length=60, blank=True, default="")
    address = models.TextField(blank=True, default="")
    language = models.CharField(max_length=20, blank=True, default="")
    safe_contact = models.CharField(max_length=200, blank=True, default="")
    provider = models.ForeignKey(Provider, null=True, blank=True, on_delete=models.PROTECT)
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["family", "given"]), models.Index(fields=["birth_date"])]

    def __str__(self) -> str:
        return self.id  # never the name: this lands in logs

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.given, self.middle, self.family) if part)

    @property
    def address_lines(self) -> list[str]:
        return [line.strip() for line in self.address.splitlines() if line.strip()]


class Identifier(models.Model):
    """A number some authority gave her. One number of one authority is one person: the database holds that."""

    pk = models.CompositePrimaryKey("authority", "value")
    authority = models.CharField(max_length=120)
    value = models.CharField(max_length=120)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="identifiers")

    def __str__(self) -> str:
        return f"an identifier of {self.patient_id}"


class DetailsChanged(Kept):
    """What she changed of her details on her page: the field, what stood there before, when. Rows are only added."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="changes")
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=60)
    field = models.CharField(max_length=20)
    before = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"change {self.pk}"


class Staff(models.Model):
    """A person who works here: a sign-in, the roles they hold, their site.

    `provider`: whose patients a referring provider sees.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff")
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    roles = models.CharField(max_length=200, help_text="Comma separated, as in pathway.terms.Role.")
    name = models.CharField(max_length=120)
    provider = models.ForeignKey(Provider, null=True, blank=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return str(self.user_id)

    @property
    def role_set(self) -> tuple[str, ...]:
        return tuple(sorted(role for role in self.roles.split(",") if role))


class Look(Kept):
    """One look at one patient's data, or at a list that named several. The database refuses to change or remove a row.

    `page` is the name of the route; `shown` holds the ids that a list named, between spaces; `reason` is why someone
    opened a record that is not their site's.
    """

    looked_at = models.DateTimeField()
    who = models.CharField(max_length=150)
    site = models.CharField(max_length=40)
    page = models.CharField(max_length=60)
    patient = models.CharField(max_length=32, blank=True, default="")
    shown = models.TextField(blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["patient", "looked_at"], name="look_patient"),
            models.Index(fields=["who", "looked_at"], name="look_who"),
            models.Index(fields=["looked_at"], name="look_when"),
        ]

    def __str__(self) -> str:
        return f"look {self.pk}"


class Changed(Kept):
    """A change of the house's own data (`what`: "site" or "account"): who, of which one, what stood there before."""

    changed_at = models.DateTimeField()
    who = models.CharField(max_length=150)
    what = models.CharField(max_length=20)
    which = models.CharField(max_length=150)
    field = models.CharField(max_length=60)
    before = models.TextField(blank=True, default="")
    after = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["what", "which", "changed_at"], name="changed_what")]

    def __str__(self) -> str:
        return f"change {self.pk} of {self.what}"


PERSONAL: dict[str, bool] = {
    "Site.slug": False, "Site.name": False, "Site.address": False, "Site.phone": False, "Site.zone": False,
    "Site.live_from": False, "Site.protocol": False, "Site.contact_name": True, "Site.contact_hours": False,
    "TrustedSender.sender": False, "TrustedSender.site": False,
    "Provider.id": True, "Provider.family": True, "Provider.given": True,
    "Patient.id": False, "Patient.family": True, "Patient.given": True, "Patient.middle": True,
    "Patient.birth_date": True, "Patient.sex": True, "Patient.phone": True, "Patient.address": True,
    "Patient.language": True, "Patient.safe_contact": True, "Patient.provider": True, "Patient.site": False,
    "Patient.created_at": False,
    "Identifier.pk": True, "Identifier.authority": False, "Identifier.value": True, "Identifier.patient": False,
    "DetailsChanged.id": False, "DetailsChanged.patient": False, "DetailsChanged.changed_at": False,
    "DetailsChanged.changed_by": False, "DetailsChanged.field": False, "DetailsChanged.before": True,
    "Staff.id": False, "Staff.user": False, "Staff.site": False, "Staff.roles": False, "Staff.name": True,
    "Staff.provider": True,
    "Look.id": False, "Look.looked_at": False, "Look.who": False, "Look.site": False, "Look.page": False,
    "Changed.id": False, "Changed.changed_at": False, "Changed.who": False, "Changed.what": False,
    "Changed.which": False, "Changed.field": False, "Changed.before": True, "Changed.after": True,
    "Look.patient": False, "Look.shown": False, "Look.reason": True,
}  # fmt: skip
