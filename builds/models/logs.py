from django.db import models

from builds.models.jobs import Job


class LogChunk(models.Model):
    """Contiguous lines of a job's log. Chunks never overlap and leave no gap: line numbers run 1..Job.lines."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="chunks")
    first = models.PositiveIntegerField()
    """The number of its first line."""
    last = models.PositiveIntegerField()
    body = models.TextField()
    """JSON: a list of [milliseconds since 1970 in UTC, step number, text], one for each line."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "first"], name="log_chunk_once")]
        indexes = [models.Index(fields=["job", "last"], name="log_chunk_range")]

    def __str__(self) -> str:
        return f"{self.job} lines {self.first}-{self.last}"
