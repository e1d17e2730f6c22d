from __future__ import annotations

from django.conf import settings
from django.db import models

from accounts.roles import Role


class Scope(models.Model):
    """A node of the one tree on which roles are granted and to which secrets are bound.

    installation → project; later installation → environment → service. The tree is at most three deep.
    """

    class Kind(models.TextChoices):
        INSTALLATION = "installation"
        PROJECT = "project"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(kind="installation"), name="one_installation_scope"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @classmethod
    def installation(cls) -> Scope:
        """The root, made when first asked for."""
        return cls.objects.get_or_create(kind=cls.Kind.INSTALLATION, defaults={"parent": None})[0]

    def path_ids(self) -> list[int]:
        """The ids of this scope and all above it, nearest first."""
        ids: list[int] = [self.pk]
        parent_id = self.parent_id
        while parent_id:
            ids.append(parent_id)
            parent_id = Scope.objects.values_list("parent_id", flat=True).get(pk=parent_id)
            if len(ids) > 4:
                raise ValueError(f"scope {self.pk} lies in a loop")
        return ids


class Membership(models.Model):
    """A role of one person on one scope, and so on everything below it."""

    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "user"], name="one_role_per_person_and_scope")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} on {self.scope}"
