"""Making builds, with their jobs and steps, from a Plan."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from builds import scheduler
from builds.models import Build, Job, Step
from builds.plan import JobPlan, Plan
from builds.states import State
from events.bus import emit
from projects.models import Project

SET_UP = "Set up"
"""The name of step 0, which is Keelway's own."""


def start_build(
    project: Project,
    *,
    event: str,
    commit: str,
    plan: Plan | None,
    problems: Sequence[dict[str, Any]] = (),
    reason: str = "",
    by: User | None = None,
    **facts: str,
) -> Build:
    """A new build of `commit` with everything it will do. In a transaction.

    Without a plan it ends at once in `error`, for `reason` and `problems` (what is wrong with the pipeline file).
    `facts` are the descriptive fields of Build: branch, tag, pull_request, message, author_name, author_email, link.
    """
    build = Build.objects.create(
        project=project,
        number=project.next_build_number(),
        event=event,
        commit=commit,
        created_by=by,
        **{name: fit(name, value) for name, value in facts.items()},
    )
    _created(build)
    _plan(build, plan, problems, reason)
    return build


def request_build(project: Project, *, by: User, branch: str = "", tag: str = "", commit: str = "") -> Build:
    """A new build whose commit and Plan are still to be found out; `fill_build` brings them. In a transaction."""
    build = Build.objects.create(
        project=project,
        number=project.next_build_number(),
        event=Build.Trigger.MANUAL,
        commit=commit,
        branch=branch,
        tag=tag,
        created_by=by,
        reason="Fetching the repository and reading its pipeline file.",
    )
    _created(build)
    return build


def fill_build(
    build: Build,
    *,
    commit: str,
    plan: Plan | None,
    problems: Sequence[dict[str, Any]] = (),
    reason: str = "",
    **facts: str,
) -> bool:
    """Give a requested build its commit and Plan. True when this call did it: a second one changes nothing."""
    changes: dict[str, Any] = {"commit": commit, "reason": "", **{n: fit(n, v) for n, v in facts.items()}}
    with transaction.atomic():
        waiting = Build.objects.filter(pk=build.pk, status=State.PENDING, plan_data__isnull=True)
        if waiting.update(**changes, plan_data=plan.model_dump(mode="json") if plan else None) != 1:
            return False
        for name, value in changes.items():
            setattr(build, name, value)
        _plan(build, plan, problems, reason)
    return True


def fit(name: str, value: str) -> str:
    """`value` without NUL and cut to what the field of Build holds: a forge may send anything."""
    length = Build._meta.get_field(name).max_length  # type: ignore[union-attr]
    return value.replace("\x00", "")[: length or 10_000]


def _created(build: Build) -> None:
    emit(
        "builds.build.created",
        subject=build.topic,
        data={"project": build.project_id, "number": build.number, "event": build.event},
        topics=build.topics,
    )


def _plan(build: Build, plan: Plan | None, problems: Sequence[dict[str, Any]], reason: str) -> None:
    if plan is None:
        Build.objects.filter(pk=build.pk).update(problems=list(problems))
        build.problems = list(problems)
        build.move(State.ERROR, reason=reason)
        return
    build.plan_data = plan.model_dump(mode="json")
    Build.objects.filter(pk=build.pk).update(plan_data=build.plan_data)
    add_attempts(build, [(position, job, 1) for position, job in enumerate(plan.jobs)])
    scheduler.advance(build.pk)


def add_attempts(build: Build, wanted: Sequence[tuple[int, JobPlan, int]]) -> list[Job]:
    """New pending jobs with their steps: (position in the Plan, what it does, which attempt it is)."""
    now = timezone.now()
    jobs = Job.objects.bulk_create(
        Job(
            build=build,
            name=plan.name,
            stage=plan.stage,
            position=position,
            attempt=attempt,
            allow_failure=plan.allow_failure,
            created_at=now,
        )
        for position, plan, attempt in wanted
    )
    Step.objects.bulk_create(
        Step(job=job, number=number, name=name)
        for job, (_, plan, _) in zip(jobs, wanted, strict=True)
        for number, name in enumerate([SET_UP, *(step.name[:200] for step in plan.steps)])
    )
    return jobs
