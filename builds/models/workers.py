from datetime import timedelta

from django.db import models
from django.utils import timezone

ALIVE_FOR = timedelta(seconds=30)


class Worker(models.Model):
    """A process that runs jobs. It says every few seconds that it is there, and how much it can do at once."""

    name = models.CharField(max_length=200, unique=True)
    slots = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def slots_alive(cls) -> int:
        """How many jobs all workers that were heard of lately can run at once; 0 when there is none."""
        alive = cls.objects.filter(seen_at__gt=timezone.now() - ALIVE_FOR)
        return alive.aggregate(total=models.Sum("slots"))["total"] or 0
