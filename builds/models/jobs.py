from __future__ import annotations

import secrets
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from builds.models.builds import Build
from builds.plan import JobPlan
from builds.states import ENDED, JOB_TRANSITIONS, State, before
from events.bus import emit
from projects.models import Project


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(build__project__in=Project.objects.visible_to(user))

    def current(self) -> Self:
        return self.filter(superseded=False)


def new_marker() -> str:
    return secrets.token_hex(16)


class Job(models.Model):
    """One attempt at one job of a build: one container, its steps, its log."""

    build = models.ForeignKey(Build, on_delete=models.CASCADE, related_name="jobs")
    name = models.CharField(max_length=100)
    stage = models.CharField(max_length=100)
    position = models.PositiveIntegerField()
    """Its place in the Plan."""
    attempt = models.PositiveIntegerField(default=1)
    superseded = models.BooleanField(default=False)
    """A later attempt has taken its place."""
    allow_failure = models.BooleanField(default=False)

    status = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    reason = models.TextField(blank=True)
    """Why it waits, failed, or was not run, and what to do next."""
    exit_code = models.IntegerField(null=True)

    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True)
    """When all that it needs had ended well: from here on it only waits for a slot."""
    rung_at = models.DateTimeField(null=True)
    """When a worker was last told of it."""
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    """When its time limit runs out; set when its container starts."""

    worker = models.CharField(max_length=200, blank=True)
    """Who holds the lease."""
    lease_until = models.DateTimeField(null=True)
    claims = models.PositiveIntegerField(default=0)
    """How many times a worker took it up; part of the lease, so that a worker that lost it cannot write."""

    cancel_requested_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    outcome = models.CharField(max_length=16, choices=State.choices, blank=True)
    """The end that was decided on. The job enters it when its container and files are gone; `reason` and `exit_code`
    are already final, so that whoever takes over from a worker that dies in between does not judge again."""
    container = models.CharField(max_length=64, blank=True)
    marker = models.CharField(max_length=32, default=new_marker)
    """Random text that sets the runner's step markers apart from anything that the job prints."""
    output_bytes = models.BigIntegerField(default=0)
    """How much of the container's output is in the log, so that it can be continued at that byte."""
    lines = models.PositiveIntegerField(default=0)
    """How many lines the log has."""
    log_complete = models.BooleanField(default=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["position", "attempt"]
        constraints = [models.UniqueConstraint(fields=["build", "name", "attempt"], name="job_attempt_once")]
        indexes = [
            models.Index(
                fields=["ready_at", "id"], name="job_waiting", condition=Q(status="pending", superseded=False)
            ),
            models.Index(fields=["lease_until"], name="job_leased", condition=Q(status="running")),
        ]

    def __str__(self) -> str:
        return f"{self.build} {self.name}"

    @property
    def topic(self) -> str:
        return f"job:{self.pk}"

    @property
    def state(self) -> State:
        return State(self.status)

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def plan(self) -> JobPlan:
        plan = self.build.plan
        if plan is None:
            raise LookupError(f"{self.build} has no plan")
        return plan.job(self.name)

    def cancel(self, *, by: User) -> None:
        """Stop it. Refused when it has ended."""
        from builds import stopping

        stopping.cancel_job(self, by=by)

    def retry(self, *, by: User) -> Job:
        """A new attempt at it and at the jobs that did not run because of it. Refused while it runs."""
        from builds import stopping

        return stopping.retry_job(self, by=by)

    def move(self, to: State, *, only_if: Q | None = None, **changes: Any) -> bool:
        """Enter `to` if that is allowed from where it stands (and `only_if` holds), setting `changes` with it.

        True when this call did it. In a transaction, which records the Event too.
        """
        now = timezone.now()
        changes |= {"status": to}
        if to == State.RUNNING:
            changes.setdefault("started_at", now)
        if to in ENDED:
            changes.setdefault("finished_at", now)
            changes |= {"lease_until": None, "log_complete": True}
        rows = Job.objects.filter(pk=self.pk, status__in=before(to, JOB_TRANSITIONS))
        if only_if is not None:
            rows = rows.filter(only_if)
        if rows.update(**changes) != 1:
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        what = "finished" if to in ENDED else to.value
        emit(
            f"builds.job.{what}",
            subject=self.topic,
            data={"build": self.build_id, "name": self.name, "status": to, "reason": self.reason},
            topics=[self.topic, f"log:{self.pk}", *self.build.topics],
        )
        return True


class Step(models.Model):
    """One step of a job. Number 0 is Keelway's own: getting the image, the checkout and the container ready."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    status = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    exit_code = models.IntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    first_line = models.PositiveIntegerField(null=True)
    """The number of its first log line; None while it has none."""

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="step_number_once")]

    def __str__(self) -> str:
        return f"{self.job} step {self.number}"
