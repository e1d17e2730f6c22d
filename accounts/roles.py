"""What each role may do. One table, which code, API and docs read."""

from django.db import models


class Role(models.TextChoices):
    """From least to most: each role may do all that the ones before it may."""

    VIEWER = "viewer", "Viewer"
    DEVELOPER = "developer", "Developer"
    MAINTAINER = "maintainer", "Maintainer"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


PERMISSIONS: dict[str, Role] = {
    "project.view": Role.VIEWER,
    "build.view": Role.VIEWER,
    "build.start": Role.DEVELOPER,
    "build.cancel": Role.DEVELOPER,
    "build.retry": Role.DEVELOPER,
    "delivery.view": Role.DEVELOPER,
    "delivery.replay": Role.DEVELOPER,
    "project.edit": Role.MAINTAINER,
    "project.archive": Role.MAINTAINER,
    "project.members": Role.MAINTAINER,
    "project.webhook": Role.MAINTAINER,
}
"""Permission → the least role on the project (or above it) that has it. Creating projects is the administrator's."""


def allows(role: Role | None, permission: str) -> bool:
    """Whether `role` has `permission`. None is an outsider and has nothing; an unknown permission is a KeyError."""
    least = PERMISSIONS[permission]
    return role is not None and role.rank >= least.rank
