"""The log and what is computed from it, as tables. Only `door` writes here; the database refuses to change events.

The stream is the first part of every key, so that the tables can be spread over machines by patient.
"""

from django.db import models


class Event(models.Model):
    """One fact. `hash` chains over the stored text of this row and the row before it in the stream."""

    pk = models.CompositePrimaryKey("stream", "seq")
    stream = models.CharField(max_length=40)
    seq = models.IntegerField()
    step = models.IntegerField()
    type = models.CharField(max_length=60)
    body = models.TextField()
    actor = models.TextField()
    protocol = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.stream} {self.seq} {self.type}"


class Head(models.Model):
    """Where a stream stands: its last fact, the hash that seals it, and its place in the ledger."""

    stream = models.CharField(primary_key=True, max_length=40)
    kind = models.CharField(max_length=10)  # patient, message or programme
    version = models.IntegerField()
    hash = models.CharField(max_length=64)
    place = models.CharField(max_length=60)
    next_due_on = models.DateField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "place"], name="head_place")]

    def __str__(self) -> str:
        return f"{self.stream} at {self.version}"


class OpenLoop(models.Model):
    """Something owed. Refreshed by difference on the key, so that a lease survives what does not concern it."""

    pk = models.CompositePrimaryKey("stream", "kind", "subject", "opened_seq")
    stream = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    opened_seq = models.IntegerField()
    episode = models.CharField(max_length=40, null=True)  # noqa: DJ001  null: it belongs to no round
    owner = models.CharField(max_length=40)
    assignee = models.CharField(max_length=80, null=True)  # noqa: DJ001  null: nobody by name
    visible_from = models.DateTimeField()
    due_at = models.DateTimeField()
    late_at = models.DateTimeField()
    rule = models.CharField(max_length=60)
    legal = models.BooleanField()
    urgent = models.BooleanField()
    escalate_at = models.DateTimeField()
    rung = models.IntegerField()
    escalated_to = models.CharField(max_length=40, null=True)  # noqa: DJ001  null: nobody yet
    about = models.CharField(max_length=60, default="")
    cover = models.CharField(max_length=80, null=True)  # noqa: DJ001  null: nobody by name
    site = models.CharField(max_length=40, default="")
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, null=True)  # noqa: DJ001  null: nobody works on it
    attempts = models.IntegerField(default=0)
    trouble = models.CharField(max_length=300, default="")

    class Meta:
        indexes = [
            models.Index(fields=["owner", "due_at", "stream"], name="loop_owner_due"),
            models.Index(fields=["site", "owner", "due_at", "stream"], name="loop_site_owner_due"),
            models.Index(fields=["site", "due_at", "stream"], name="loop_site_due"),
            models.Index(fields=["escalate_at"], name="loop_escalate"),
            models.Index(fields=["site", "due_at", "stream"], condition=models.Q(urgent=True), name="loop_urgent"),
            models.Index(
                fields=["assignee", "due_at"], condition=models.Q(assignee__isnull=False), name="loop_assignee_due"
            ),
            models.Index(fields=["cover", "due_at"], condition=models.Q(cover__isnull=False), name="loop_cover_due"),
            models.Index(
                fields=["escalated_to", "due_at"], condition=models.Q(escalated_to__isnull=False), name="loop_told_due"
            ),
            models.Index(fields=["owner"], condition=~models.Q(trouble=""), name="loop_trouble"),
            models.Index(fields=["kind", "due_at", "stream"], name="loop_kind_due"),
            models.Index(
                fields=["site", "owner", "due_at", "stream"], condition=models.Q(urgent=True), name="loop_urgent_owner"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} of {self.stream}"


class Claim(models.Model):
    """What must be unique among all streams, such as an accession number."""

    pk = models.CompositePrimaryKey("kind", "value")
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=240)
    stream = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=["stream"], name="claim_stream")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.stream}"


class Taken(models.Model):
    """A step that was taken, by the key it came with: the same key again changes nothing."""

    pk = models.CompositePrimaryKey("stream", "key")
    stream = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    version = models.IntegerField()
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.stream} {self.key}"


class ProtocolVersion(models.Model):
    """Every protocol a fact was ever decided under, whole."""

    hash = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    body = models.TextField()
    first_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
