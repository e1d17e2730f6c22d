from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from builds.plan import Plan
from builds.states import BUILD_TRANSITIONS, ENDED, State, before
from events.bus import emit
from projects.models import Project


class BuildQuerySet(models.QuerySet["Build"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))

    def ended(self) -> Self:
        return self.filter(status__in=ENDED)

    def unended(self) -> Self:
        return self.exclude(status__in=ENDED)


class Build(models.Model):
    """One run of a Plan at one commit; numbered per project."""

    class Trigger(models.TextChoices):
        PUSH = "push", "Push"
        TAG = "tag", "Tag"
        PULL_REQUEST = "pull_request", "Pull request"
        MANUAL = "manual", "Started by hand"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="builds")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    reason = models.TextField(blank=True)
    """Why it failed or could not start, in a sentence; empty while all is well."""

    event = models.CharField(max_length=16, choices=Trigger.choices)
    commit = models.CharField(max_length=64)
    branch = models.CharField(max_length=255, blank=True)
    tag = models.CharField(max_length=255, blank=True)
    pull_request = models.CharField(max_length=40, blank=True)
    message = models.TextField(blank=True)
    author_name = models.CharField(max_length=200, blank=True)
    author_email = models.CharField(max_length=320, blank=True)
    link = models.CharField(max_length=1000, blank=True)
    """The commit's page at the forge, https only; empty where there is none."""
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    plan_data = models.JSONField(null=True)
    """The Plan as JSON; None when the pipeline file could not be compiled."""
    problems = models.JSONField(default=list)
    """What is wrong with the pipeline file: `pipelines`' Problem.as_dict(), each."""

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = BuildQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="build_number_once_per_project")]
        indexes = [
            models.Index(fields=["project", "-id"], name="build_newest"),
            models.Index(fields=["project", "branch", "-id"], name="build_newest_of_branch"),
            models.Index(fields=["project", "status", "-id"], name="build_newest_in_state"),
            models.Index(
                fields=["id"], name="build_unended", condition=Q(status__in=["pending", "running", "blocked"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} #{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("builds:build", args=[self.project.slug, self.number])

    @property
    def topic(self) -> str:
        return f"build:{self.pk}"

    @property
    def topics(self) -> tuple[str, str, str]:
        """All that shows this build."""
        return (self.topic, f"project:{self.project_id}", "dashboard")

    @property
    def state(self) -> State:
        return State(self.status)

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def plan(self) -> Plan | None:
        return Plan.model_validate(self.plan_data) if self.plan_data is not None else None

    @property
    def short_commit(self) -> str:
        return self.commit[:7]

    @property
    def title(self) -> str:
        """The first line of the commit message."""
        return self.message.strip().partition("\n")[0]

    @property
    def ref(self) -> str:
        """What people call the thing that was built."""
        if self.pull_request:
            return f"#{self.pull_request}"
        return self.tag or self.branch or self.short_commit

    def current_jobs(self) -> models.QuerySet[Any]:
        """The newest attempt of each job, in the order of the Plan."""
        return self.jobs.filter(superseded=False).order_by("position")

    def cancel(self, *, by: User) -> None:
        """Stop everything of it that has not ended. Refused when all has."""
        from builds import stopping

        stopping.cancel_build(self, by=by)

    def retry(self, *, by: User, failed_only: bool = False) -> None:
        """Run its jobs again, as new attempts. Refused while it runs, or when nothing failed."""
        from builds import stopping

        stopping.retry_build(self, by=by, failed_only=failed_only)

    def move(self, to: State, *, reason: str = "") -> bool:
        """Enter `to` if that is allowed from where it stands; True when this call did it. In a transaction."""
        now = timezone.now()
        changes: dict[str, Any] = {"status": to, "reason": reason}
        if to in ENDED:
            changes["finished_at"] = self.jobs.aggregate(last=Max("finished_at"))["last"] or now
        else:
            changes["finished_at"] = None
        if to == State.RUNNING and self.started_at is None:
            changes["started_at"] = now
        allowed = before(to, BUILD_TRANSITIONS)
        if Build.objects.filter(pk=self.pk, status__in=allowed).update(**changes) != 1:
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        what = "finished" if to in ENDED else to.value
        emit(
            f"builds.build.{what}",
            subject=self.topic,
            data={"project": self.project_id, "number": self.number, "status": to, "reason": reason},
            topics=self.topics,
        )
        return True
