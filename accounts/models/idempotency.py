from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone

KEPT = timedelta(hours=24)
ABANDONED = timedelta(seconds=60)
"""A request that has not been answered for so long died with its process: what it did was rolled back with it."""


def new_claim() -> str:
    return secrets.token_hex(16)


class Repeated(Exception):
    """The text says why this key cannot be used for this request."""


class UsedForAnother(Repeated):
    """The key came before with a different request."""


class InProgress(Repeated):
    """The first request with this key has not been answered yet."""


class IdempotencyKey(models.Model):
    """A request that a client may send again without its happening twice, and the answer that it was given."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotency_keys")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    """SHA-256 of method, path and body."""
    claim = models.CharField(max_length=32, default=new_claim)
    """Whose turn it is: changes when an abandoned request is taken over."""
    claimed_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)
    """The HTTP status that was answered; None until then."""
    answer = models.JSONField(null=True)
    location = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_per_person")]
        indexes = [models.Index(fields=["claimed_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def begin(cls, user: models.Model, key: str, fingerprint: str) -> IdempotencyKey:
        """The key, claimed for the caller; or, with `status` set, the answer that was given before.

        UsedForAnother or InProgress when it can be neither. What is older than a day is forgotten.
        """
        now = timezone.now()
        expired = cls.objects.filter(claimed_at__lt=now - KEPT)
        expired.filter(user=user, key=key).delete()
        cls.objects.filter(pk__in=list(expired.values_list("pk", flat=True)[:100])).delete()
        try:
            with transaction.atomic():
                return cls.objects.create(user=user, key=key, fingerprint=fingerprint, claimed_at=now)
        except IntegrityError:
            pass
        earlier = cls.objects.filter(user=user, key=key).first()
        if earlier is None:  # given up between the two statements
            raise InProgress("A request with this Idempotency-Key has just failed. Send it again.")
        if earlier.fingerprint != fingerprint:
            raise UsedForAnother(
                "This Idempotency-Key was sent before with a different request. Use a new key for each new request."
            )
        if earlier.status is None and not earlier._take_over(now):
            raise InProgress("The first request with this Idempotency-Key is still being worked on. Send it again.")
        return earlier

    def _take_over(self, now: Any) -> bool:
        claim = new_claim()
        dead = IdempotencyKey.objects.filter(pk=self.pk, claim=self.claim, claimed_at__lt=now - ABANDONED, status=None)
        taken = dead.update(claim=claim, claimed_at=now) == 1
        if taken:
            self.claim = claim
        return taken

    def finish(self, status: int, answer: Any, location: str) -> bool:
        """Keep the answer, in the transaction of what was done. False when another has taken the request over: then
        the caller must roll back."""
        mine = IdempotencyKey.objects.filter(pk=self.pk, claim=self.claim, status=None)
        return mine.update(status=status, answer=answer, location=location) == 1

    def give_up(self) -> None:
        """Nothing was done: the same key may be used again, also with a corrected request."""
        IdempotencyKey.objects.filter(pk=self.pk, claim=self.claim, status=None).delete()
