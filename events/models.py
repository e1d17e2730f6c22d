import uuid

from django.db import models


class Event(models.Model):
    """Something that happened, as CloudEvents 1.0 has it; written in the transaction of the change it tells of."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=100)
    source = models.CharField(max_length=200)
    subject = models.CharField(max_length=200)
    time = models.DateTimeField(auto_now_add=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["time"], name="event_time"),
            models.Index(fields=["subject", "time"], name="event_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"
