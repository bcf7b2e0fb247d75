from django.db import models


class OpenCall(models.Model):
    """Who has someone open at the call-back desk, since when, and until when that counts. Nothing hangs on it: what is
    recorded is guarded by the record's version; this only keeps two callers from ringing one person.
    """

    patient = models.CharField(primary_key=True, max_length=40)
    who = models.CharField(max_length=150)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        app_label = "desk"
        indexes = [models.Index(fields=["who"], name="open_call_who")]

    def __str__(self) -> str:
        return f"{self.patient} with {self.who}"


PERSONAL: dict[str, bool] = {
    "OpenCall.patient": False, "OpenCall.who": False, "OpenCall.since": False, "OpenCall.until": False,
}  # fmt: skip
