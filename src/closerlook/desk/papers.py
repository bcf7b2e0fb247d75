"""What the desk keeps for itself: the lists that were printed for a day without the software."""

from django.db import models


class PaperList(models.Model):
    """A list of everyone owed something soon, as it was printed: dated, of one site, kept until it is reconciled."""

    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    site = models.CharField(max_length=40)
    days = models.IntegerField()
    reconciled_at = models.DateTimeField(null=True)
    reconciled_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["site", "made_at"], name="paper_site")]

    def __str__(self) -> str:
        return f"paper list {self.pk}"


class PaperLine(models.Model):
    """One line of a printed list: the key of what was owed, and what became of it on paper."""

    paper = models.ForeignKey(PaperList, on_delete=models.PROTECT, related_name="lines")
    stream = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    opened_seq = models.IntegerField()
    owner = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    untouched_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "stream", "kind", "subject", "opened_seq"], name="paper_line_once")
        ]

    def __str__(self) -> str:
        return f"line {self.pk} of a paper list"


PERSONAL: dict[str, bool] = {
    "PaperList.id": False, "PaperList.made_at": False, "PaperList.made_by": False, "PaperList.site": False,
    "PaperList.days": False, "PaperList.reconciled_at": False, "PaperList.reconciled_by": False,
    "PaperLine.id": False, "PaperLine.paper": False, "PaperLine.stream": False, "PaperLine.kind": False,
    "PaperLine.subject": False, "PaperLine.opened_seq": False, "PaperLine.owner": False, "PaperLine.due_at": False,
    "PaperLine.untouched_by": False,
}  # fmt: skip
