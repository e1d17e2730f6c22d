from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import PERMISSIONS, Role
from builds.models import Build
from projects.models import Project


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: Any) -> Self:
        """Deliveries show headers and bodies as they came, so a viewer does not see them."""
        projects = Project.objects.visible_to(user)
        if not user.is_authenticated or user.is_superuser:
            return self.filter(project__in=projects)
        least = PERMISSIONS["delivery.view"].rank
        enough = Membership.objects.filter(user=user, role__in=[role for role in Role if role.rank >= least])
        scopes = enough.values("scope_id")
        return self.filter(Q(project__scope__in=scopes) | Q(project__scope__parent__in=scopes))


class Delivery(models.Model):
    """One webhook request as it was received, with the verdict on it. Kept, deduplicated, replayable."""

    class Verdict(models.TextChoices):
        RECEIVED = "received", "Received"
        """Accepted; its task has not run yet."""
        BUILT = "built", "Started a build"
        IGNORED = "ignored", "Ignored"
        REJECTED = "rejected", "Rejected"
        """Refused in the request: bad signature, not JSON, too large."""
        FAILED = "failed", "Failed"
        """It should have led to a build, and could not: the repository cannot be reached, the commit is not there."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="deliveries")
    forge = models.CharField(max_length=20)
    """github, gitlab, gitea, bitbucket, git, or unknown."""
    delivery_id = models.CharField(max_length=200)
    """The forge's own id of it; made of the body's hash where the forge sends none."""
    event = models.CharField(max_length=100, blank=True)
    """The forge's own word for what happened."""
    headers = models.JSONField(default=dict)
    """As received, without signatures, tokens and cookies."""
    body = models.BinaryField()
    body_bytes = models.PositiveIntegerField(default=0)
    """How large the request's body was, also where it is not kept."""

    verdict = models.CharField(max_length=16, choices=Verdict.choices, default=Verdict.RECEIVED)
    detail = models.TextField(blank=True)
    """The verdict in a sentence, with what to do where something is to be done."""
    answer = models.PositiveIntegerField(default=202)
    """The HTTP status that the forge was given."""
    repeats = models.PositiveIntegerField(default=0)
    """How many more times the forge sent the same delivery."""
    replay_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replays")
    builds = models.ManyToManyField(Build, related_name="deliveries")

    received_at = models.DateTimeField(default=timezone.now)
    rung_at = models.DateTimeField(null=True)
    processed_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["project", "forge", "delivery_id"], name="delivery_once_per_project")
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="delivery_newest"),
            models.Index(fields=["id"], name="delivery_unprocessed", condition=Q(verdict="received")),
        ]

    def __str__(self) -> str:
        return f"{self.forge} {self.event} {self.delivery_id}"

    def get_absolute_url(self) -> str:
        return reverse("pipelines:delivery", args=[self.project.slug, self.pk])

    @property
    def topics(self) -> tuple[str, str]:
        return (f"delivery:{self.pk}", f"deliveries:{self.project_id}")
