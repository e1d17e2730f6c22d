from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

PREFIX = "kw_"


def digest(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so a fast hash is enough: there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiToken(models.Model):
    """A key of one person's for scripts. The key itself is shown once and never stored."""

    class Access(models.TextChoices):
        READ = "read", "Read only"
        WRITE = "write", "Read and write"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    hint = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    access = models.CharField(max_length=8, choices=Access.choices, default=Access.WRITE)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @classmethod
    def issue(
        cls, user: models.Model, name: str, access: str = Access.WRITE, lasts: timedelta | None = None
    ) -> tuple[ApiToken, str]:
        """A new token of `user` and its key, which cannot be read again."""
        key = PREFIX + secrets.token_urlsafe(32)
        token = cls.objects.create(
            user=user,
            name=name,
            access=access,
            hint=key[:8],
            digest=digest(key),
            expires_at=timezone.now() + lasts if lasts else None,
        )
        return token, key

    @classmethod
    def by_key(cls, key: str) -> ApiToken | None:
        """The live token that `key` belongs to, its person loaded; None when there is none."""
        found = cls.objects.select_related("user").filter(digest=digest(key)).first()
        if found is None or not found.user.is_active:
            return None
        if found.expires_at and found.expires_at <= timezone.now():
            return None
        return found

    def touch(self) -> None:
        """Note that it was used; at most once a minute, so that a busy script does not write at every call."""
        now = timezone.now()
        if self.used_at is None or now - self.used_at > timedelta(minutes=1):
            ApiToken.objects.filter(pk=self.pk).update(used_at=now)
