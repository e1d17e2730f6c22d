from __future__ import annotations

from collections.abc import Iterable

import structlog
from django.conf import settings
from django.db import models, transaction
from django.db.models import Max

from accounts.models import Scope
from vault.crypto import CannotOpen, Sealed, seal, unseal

log = structlog.get_logger()


class Secret(models.Model):
    """A named secret of one scope. Its values are versions, and the newest is in force."""

    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="secrets")
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "name"], name="secret_name_once_per_scope")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def put(cls, scope: Scope, name: str, value: str, *, by: models.Model | None = None) -> SecretVersion:
        """Store `value` as the newest version of the secret `name` of `scope`."""
        with transaction.atomic():
            secret, _ = cls.objects.get_or_create(scope=scope, name=name)
            cls.objects.select_for_update().get(pk=secret.pk)
            number = (secret.versions.aggregate(newest=Max("number"))["newest"] or 0) + 1
            sealed = seal(value, _place(scope.pk, name, number))
            return secret.versions.create(
                number=number,
                key_id=sealed.key_id,
                nonce=sealed.nonce,
                ciphertext=sealed.ciphertext,
                created_by_id=by.pk if by else None,
            )

    @classmethod
    def value_of(cls, scope: Scope, name: str) -> str | None:
        """The value in force, or None when there is no such secret. CannotOpen as `vault.crypto.unseal`."""
        newest = (
            SecretVersion.objects.filter(secret__scope=scope, secret__name=name)
            .select_related("secret")
            .order_by("-number")
            .first()
        )
        return newest.open() if newest else None

    @classmethod
    def values_of(cls, scope_ids: Iterable[int], name: str) -> dict[int, str]:
        """The values in force of the secret `name` of many scopes, in one query: scope id → value. Left out: a scope
        without it, and one whose value does not open (which is logged)."""
        newest = SecretVersion.objects.filter(secret=models.OuterRef("secret")).order_by("-number").values("number")[:1]
        versions = SecretVersion.objects.filter(
            secret__scope__in=list(scope_ids), secret__name=name, number=models.Subquery(newest)
        )
        values: dict[int, str] = {}
        for version in versions.select_related("secret"):
            try:
                values[version.secret.scope_id] = version.open()
            except CannotOpen as error:
                log.error("vault.cannot_open", scope=version.secret.scope_id, secret=name, error=str(error))
        return values

    @classmethod
    def remove(cls, scope: Scope, name: str) -> None:
        cls.objects.filter(scope=scope, name=name).delete()


class SecretVersion(models.Model):
    """One immutable, encrypted value, bound to its scope, name and number: moved elsewhere, it does not open."""

    secret = models.ForeignKey(Secret, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    key_id = models.CharField(max_length=16)
    nonce = models.BinaryField(max_length=12)
    ciphertext = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["secret", "number"], name="secret_version_once")]

    def __str__(self) -> str:
        return f"{self.secret} v{self.number}"

    def open(self) -> str:
        place = _place(self.secret.scope_id, self.secret.name, self.number)
        return unseal(Sealed(self.key_id, bytes(self.nonce), bytes(self.ciphertext)), place)


def _place(scope_id: int, name: str, number: int) -> str:
    return f"scope {scope_id}, secret {name}, version {number}"
