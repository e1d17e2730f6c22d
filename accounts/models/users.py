from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser

from accounts.roles import Role, allows

if TYPE_CHECKING:
    from accounts.models.scopes import Scope


class User(AbstractUser):
    """A person. `is_superuser` is the administrator, who may do everything everywhere."""

    def role_on(self, scope: Scope) -> Role | None:
        """The highest role that this person has on `scope` or anywhere above it; None for an outsider."""
        from accounts.models.scopes import Membership

        if not self.is_active:
            return None
        if self.is_superuser:
            return Role.MAINTAINER
        found = Membership.objects.filter(user=self, scope__in=scope.path_ids()).values_list("role", flat=True)
        return max((Role(role) for role in found), key=lambda role: role.rank, default=None)

    def can(self, permission: str, scope: Scope) -> bool:
        return allows(self.role_on(scope), permission)
