"""Who reads what just now: batches of the reading room, and the cases handed out from them.

What a reader said stands in the log. These rows only see to it that no two readers share a case; losing them loses no
reading. Each field is marked personal or not in `PERSONAL`; a test finds the unmarked one.
"""

from django.db import models


class Batch(models.Model):
    """So many cases that one reader means to read in one sitting. A reader has one open batch at most."""

    reader = models.CharField(max_length=150)
    site = models.CharField(max_length=40)
    listing = models.CharField(max_length=20)  # which of the room's lists
    size = models.PositiveSmallIntegerField()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader"], condition=models.Q(ended_at__isnull=True), name="one_batch_a_reader"
            )
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"


class Ending(models.TextChoices):
    """How a hand-out ended."""

    SIGNED = "signed"
    HELD = "held"  # its reading was put on hold
    GIVEN_BACK = "given_back"
    EXPIRED = "expired"  # nobody touched it for too long
    GONE = "gone"  # it was read in another way meanwhile
    TAKEN_BACK = "taken_back"  # signed, and then entered in error


class HandOut(models.Model):
    """One opinion of one case, in one reader's hands until `ended_at`.

    `opinion`: 1 or 2 where two read apart, 3 for who decides between them, else 1. `kind` is what was owed. `seqs` are
    the facts that were signed, `acknowledged` the symptoms ticked as seen, both with spaces between.
    """

    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="handed")
    stream = models.CharField(max_length=40)
    exam = models.CharField(max_length=40)
    opinion = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=40)
    reader = models.CharField(max_length=150)
    site = models.CharField(max_length=40)
    handed_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=12, choices=Ending.choices, blank=True, default="")
    seqs = models.CharField(max_length=200, blank=True, default="")
    acknowledged = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            # The database itself refuses a second reader, whatever two of them ask for in the same moment.
            models.UniqueConstraint(
                fields=["stream", "exam", "opinion"],
                condition=models.Q(ended_at__isnull=True),
                name="one_reader_an_opinion",
            ),
            models.UniqueConstraint(
                fields=["reader"], condition=models.Q(ended_at__isnull=True), name="one_case_a_reader"
            ),
        ]
        indexes = [
            models.Index(fields=["stream", "exam"], name="hand_out_case"),
            models.Index(fields=["reader", "ended_at"], name="hand_out_reader"),
            models.Index(
                fields=["site", "held_until"], condition=models.Q(ended_at__isnull=True), name="hand_out_held"
            ),
        ]

    def __str__(self) -> str:
        return f"hand-out {self.pk}"


PERSONAL: dict[str, bool] = {
    "Batch.id": False, "Batch.reader": False, "Batch.site": False, "Batch.listing": False, "Batch.size": False,
    "Batch.begun_at": False, "Batch.ended_at": False,
    "HandOut.id": False, "HandOut.batch": False, "HandOut.stream": False, "HandOut.exam": False,
    "HandOut.opinion": False, "HandOut.kind": False, "HandOut.reader": False, "HandOut.site": False,
    "HandOut.handed_at": False, "HandOut.shown_at": False, "HandOut.held_until": False, "HandOut.ended_at": False,
    "HandOut.ending": False, "HandOut.seqs": False, "HandOut.acknowledged": False,
}  # fmt: skip
