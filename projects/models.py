from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Scope, User
from accounts.roles import Role
from events.bus import emit
from projects.addresses import check_git_url
from vault.models import Secret

RESERVED = frozenset({"new"})
"""Slugs whose pages would lie where another page is."""

SLUG = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Any) -> Self:
        """What `user` may see: everything for the administrator, else where a role is held on it or above."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        mine = Membership.objects.filter(user=user).values("scope_id")
        return self.filter(models.Q(scope__in=mine) | models.Q(scope__parent__in=mine))

    def active(self) -> Self:
        return self.filter(archived_at=None)


class Project(models.Model):
    """A Git repository with its settings."""

    class Reach(models.TextChoices):
        UNKNOWN = "unknown", "Not checked yet"
        CHECKING = "checking", "Checking"
        REACHED = "reached", "Reachable"
        FAILED = "failed", "Not reachable"

    slug = models.CharField(
        max_length=63,
        unique=True,
        validators=[RegexValidator(rf"^{SLUG}\Z", "Use lower-case letters, digits and hyphens, as in “web-shop”.")],
    )
    name = models.CharField(max_length=100)
    git_url = models.CharField("Git URL", max_length=500, validators=[check_git_url])
    default_branch = models.CharField(max_length=200, default="main")
    scope = models.OneToOneField(Scope, on_delete=models.PROTECT, related_name="project")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)

    builds_made = models.PositiveIntegerField(default=0)
    """How many build numbers were given out."""

    reach = models.CharField(max_length=16, choices=Reach.choices, default=Reach.UNKNOWN)
    reach_detail = models.TextField(blank=True)
    """Why the repository cannot be reached, or what one that answered lacks, and what to do; empty when all is well."""
    reach_checked_at = models.DateTimeField(null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("builds:project", args=[self.slug])

    @property
    def topic(self) -> str:
        return f"project:{self.pk}"

    @property
    def webhook_url(self) -> str:
        return f"{settings.PUBLIC_URL}/hooks/{self.slug}"

    @property
    def webhook_secret(self) -> str:
        return Secret.value_of(self.scope, "webhook.secret") or ""

    @classmethod
    def create(cls, *, by: User, name: str, slug: str, git_url: str, default_branch: str = "main") -> Project:
        """A new project with its scope and a webhook secret; `by` becomes its maintainer."""
        with transaction.atomic():
            scope = Scope.objects.create(kind=Scope.Kind.PROJECT, parent=Scope.installation())
            project = cls(
                slug=slug, name=name, git_url=git_url, default_branch=default_branch, scope=scope, created_by=by
            )
            project.full_clean()
            if slug in RESERVED:
                taken = f"“{slug}” is a page of Keelway's own. Choose another name."
                raise ValidationError({"slug": taken})
            project.save(force_insert=True)
            Membership.objects.create(scope=scope, user=by, role=Role.MAINTAINER)
            Secret.put(scope, "webhook.secret", secrets.token_urlsafe(32), by=by)
            emit(
                "projects.project.created",
                subject=project.topic,
                data={"slug": slug, "by": by.username},
                topics=["dashboard"],
            )
        return project

    def rotate_webhook_secret(self, *, by: User) -> None:
        with transaction.atomic():
            Secret.put(self.scope, "webhook.secret", secrets.token_urlsafe(32), by=by)
            emit("projects.project.webhook_rotated", subject=self.topic, data={"by": by.username})

    def archive(self, *, by: User) -> None:
        """Stop accepting pushes and hide it from lists; builds and logs stay. Safe to repeat."""
        self._set_archived(timezone.now(), "archived", by)

    def unarchive(self, *, by: User) -> None:
        self._set_archived(None, "unarchived", by)

    def _set_archived(self, at: datetime | None, what: str, by: User) -> None:
        with transaction.atomic():
            others = Project.objects.filter(pk=self.pk, archived_at__isnull=at is not None)
            if others.update(archived_at=at):
                emit(
                    f"projects.project.{what}",
                    subject=self.topic,
                    data={"by": by.username},
                    topics=["dashboard", self.topic],
                )
        self.archived_at = at

    def next_build_number(self) -> int:
        """Give out the next number. Inside a transaction that then creates the build, so that none is skipped."""
        Project.objects.filter(pk=self.pk).update(builds_made=F("builds_made") + 1)
        return Project.objects.values_list("builds_made", flat=True).get(pk=self.pk)
