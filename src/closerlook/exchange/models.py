"""The inbox: every message that ever arrived, whole, with what became of it. Nothing here is ever deleted."""

from django.db import models

from closerlook.people.models import new_patient_id


def new_message_id() -> str:
    """Return a new message's id, which is also the id of its small stream."""
    return "m" + new_patient_id()[1:]


class MessageOutcome(models.TextChoices):
    RECEIVED = "received", "received, not looked at yet"
    TAKEN = "taken", "taken"
    SET_ASIDE = "set_aside", "set aside"
    DISCARDED = "discarded", "discarded"


class MessageFormat(models.TextChoices):
    HL7 = "hl7", "HL7 v2"
    EXAMINATION = "examination", "a line of a list of examinations"


class Message(models.Model):
    """One message's bytes, without framing. `digest` is unique: the same content is the same message."""

    id = models.CharField(primary_key=True, max_length=32, default=new_message_id)
    received_at = models.DateTimeField()
    source = models.CharField(max_length=500)
    format = models.CharField(max_length=12, choices=MessageFormat.choices, default=MessageFormat.HL7)
    sender = models.CharField(max_length=200, blank=True, default="")
    control_id = models.CharField(max_length=200, blank=True, default="")
    digest = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    outcome = models.CharField(max_length=12, choices=MessageOutcome.choices, default=MessageOutcome.RECEIVED)
    reason = models.CharField(max_length=60, blank=True, default="")
    sentence = models.CharField(max_length=500, blank=True, default="")
    patient = models.CharField(max_length=32, blank=True, default="")
    episode = models.CharField(max_length=40, blank=True, default="")
    exam = models.CharField(max_length=60, blank=True, default="")
    said = models.JSONField(default=dict)  # what was read from it, in the words of `ingest --json`
    prose = models.TextField(blank=True, default="")
    texts = models.JSONField(default=dict)  # each report's own prose, by "patient/examination"
    fault = models.CharField(max_length=60, blank=True, default="")  # what framing found wrong, before it was taken off
    fault_sentence = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["outcome", "received_at"], name="message_outcome"),
            models.Index(fields=["sender", "control_id"], name="message_control"),
            models.Index(fields=["patient"], name="message_patient"),
        ]

    def __str__(self) -> str:
        return self.id

    def text_of(self, patient: str, exam: str) -> str | None:
        """Return the prose of one examination's report, None where this message holds none of it."""
        found: str | None = self.texts.get(f"{patient}/{exam}")
        return found

    def prose_about(self, patient: str, exam: str) -> str:
        """Return what this message says of one examination: never the words about another person."""
        own = self.text_of(patient, exam)
        people = {place.partition("/")[0] for place in self.texts}
        return own if own is not None else self.prose if len(people) < 2 else ""


class Arrival(models.Model):
    """One time a message came in. The first made the message; the others are repeats of it."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="arrivals")
    arrived_at = models.DateTimeField()
    source = models.CharField(max_length=500)
    repeated = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.message_id} from {self.source}"


PERSONAL: dict[str, bool] = {
    "Message.id": False, "Message.received_at": False, "Message.source": False, "Message.format": False,
    "Message.sender": False,
    "Message.control_id": False, "Message.digest": False, "Message.content": True, "Message.outcome": False,
    "Message.reason": False, "Message.sentence": False, "Message.patient": False, "Message.episode": False,
    "Message.exam": False, "Message.said": True, "Message.prose": True, "Message.texts": True, "Message.fault": False,
    "Message.fault_sentence": False,
    "Arrival.id": False, "Arrival.message": False, "Arrival.arrived_at": False, "Arrival.source": False,
    "Arrival.repeated": False,
}  # fmt: skip
