"""Builds as they look after they ran, made without running anything: for tests of pages."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from builds.log import pack
from builds.models import Build, Job, LogChunk, Step
from builds.plan import JobPlan, Plan, StepPlan
from builds.starting import start_build
from builds.states import ENDED, State
from projects.models import Project

JOBS = (
    ("lint", "lint", (), ("ruff check .", "mypy .")),
    ("test-3.11", "test", ("lint",), ("Install", "pytest")),
    ("test-3.12", "test", ("lint",), ("Install", "pytest")),
    ("image", "build", ("test-3.11", "test-3.12"), ("docker build", "Push")),
    ("docs", "build", ("test-3.11", "test-3.12"), ("mkdocs build",)),
)
"""(name, stage, needs, steps) of the plan that `shop_plan` makes."""


def shop_plan(jobs: Sequence[tuple[str, str, tuple[str, ...], tuple[str, ...]]] = JOBS) -> Plan:
    return Plan(
        stages=tuple(dict.fromkeys(stage for _, stage, _, _ in jobs)),
        jobs=tuple(
            JobPlan(
                name=name,
                stage=stage,
                image="python:3.12-slim",
                needs=needs,
                steps=tuple(StepPlan(name=step, run=step) for step in steps),
            )
            for name, stage, needs, steps in jobs
        ),
    )


def make_build(project: Project, *, plan: Plan | None = None, ago: timedelta = timedelta(0), **facts: str) -> Build:
    """A pending build of a push to main."""
    given = {"branch": "main", "message": "Round prices to the cent", "author_name": "Alice Moore"} | facts
    with transaction.atomic():
        build = start_build(project, event="push", commit="4f1c9e2" + "0" * 33, plan=plan or shop_plan(), **given)
    if ago:
        Build.objects.filter(pk=build.pk).update(created_at=timezone.now() - ago)
        build.refresh_from_db()
    return build


def end_build(build: Build, status: State, *, took: timedelta = timedelta(seconds=90), reason: str = "") -> Build:
    """As if all its jobs had ended so."""
    finished = build.created_at + took
    times = {"started_at": build.created_at, "finished_at": finished}
    Job.objects.filter(build=build).update(status=status, log_complete=True, **times)
    Step.objects.filter(job__build=build).update(status=status, **times)
    Build.objects.filter(pk=build.pk).update(status=status, reason=reason, **times)
    build.refresh_from_db()
    return build


def run_job(
    job: Job,
    status: State,
    output: Sequence[Sequence[str]],
    *,
    reason: str = "",
    exit_code: int | None = None,
    started: datetime | None = None,
) -> Job:
    """As if the job had run and written `output`: for each step that began, from step 0 on, its lines. The last of
    those steps is the one that runs now or that the job ended with."""
    start = started or timezone.now() - timedelta(seconds=60)
    ended = status in ENDED
    moment, number = start, 0
    rows: list[tuple[int, int, str]] = []
    for index, texts in enumerate(output):
        last = index == len(output) - 1
        begun, first = moment, len(rows) + 1
        for text in texts:
            moment += timedelta(milliseconds=150)
            rows.append((int(moment.timestamp() * 1000), index, text))
        moment += timedelta(milliseconds=400)
        Step.objects.filter(job=job, number=index).update(
            status=status if last else State.SUCCESS,
            exit_code=(exit_code if last else 0) if index and (ended or not last) else None,
            started_at=begun,
            finished_at=moment if ended or not last else None,
            first_line=first if texts else None,
        )
    for at in range(0, len(rows), 400):
        part = rows[at : at + 400]
        LogChunk.objects.create(job=job, first=at + 1, last=at + len(part), body=pack(part))
    if ended:
        number = len(output)
        Step.objects.filter(job=job, number__gte=number).update(status=State.SKIPPED)
    Job.objects.filter(pk=job.pk).update(
        status=status,
        reason=reason,
        exit_code=exit_code,
        started_at=start,
        ready_at=start,
        finished_at=moment if ended else None,
        lines=len(rows),
        log_complete=ended,
        claims=1,
    )
    job.refresh_from_db()
    return job
