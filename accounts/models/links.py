from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models.tokens import digest


class SignInLink(models.Model):
    """A link that signs one person in once, so that a first password never stands in a terminal or a file."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_in_links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link for {self.user}"

    @classmethod
    def issue(cls, user: models.Model, lasts: timedelta = timedelta(hours=24)) -> str:
        """A new key for `user`; earlier unused links of the same person stop working."""
        key = secrets.token_urlsafe(32)
        with transaction.atomic():
            cls.objects.filter(user=user, used_at=None).delete()
            cls.objects.create(user=user, digest=digest(key), expires_at=timezone.now() + lasts)
        return key

    @classmethod
    def redeem(cls, key: str) -> models.Model | None:
        """The person whom `key` signs in, once; None when it is unknown, used, expired or the person is inactive."""
        now = timezone.now()
        live = cls.objects.filter(digest=digest(key), used_at=None, expires_at__gt=now, user__is_active=True)
        if live.update(used_at=now) != 1:
            return None
        return cls.objects.select_related("user").get(digest=digest(key)).user
