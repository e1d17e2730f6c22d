"""Cancelling and trying again: what people do to builds and jobs that exist."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from builds import scheduler
from builds.models import Build, Job
from builds.starting import add_attempts
from builds.states import ENDED, Refused, State
from events.bus import emit


def cancel_job(job: Job, *, by: User) -> None:
    """Stop one job. A waiting one is cancelled at once; a running one when its container is gone."""
    with transaction.atomic():
        if not _cancel(job, by):
            raise Refused(f"“{job.name}” has already ended ({job.state.label.lower()}).")
        scheduler.advance(job.build_id)


def cancel_build(build: Build, *, by: User) -> None:
    """Stop everything of a build that has not ended."""
    with transaction.atomic():
        Build.objects.select_for_update(of=("self",)).get(pk=build.pk)
        open_jobs = build.jobs.filter(superseded=False).exclude(status__in=ENDED).select_related("build__project")
        stopped = [job for job in open_jobs if _cancel(job, by)]
        if stopped:
            scheduler.advance(build.pk)
            return
        build.refresh_from_db(fields=["status", "plan_data"])
        if build.plan_data is None and not build.ended:
            build.move(State.CANCELLED, reason=f"Cancelled by {by.username} before its pipeline file was read.")
            return
        raise Refused(f"Build #{build.number} has already ended ({build.state.label.lower()}).")


def _cancel(job: Job, by: User) -> bool:
    reason = f"Cancelled by {by.username}."
    if job.move(State.CANCELLED, only_if=Q(status__in=[State.PENDING, State.BLOCKED]), reason=reason, cancelled_by=by):
        return True
    running = Job.objects.filter(pk=job.pk, status=State.RUNNING)
    if running.filter(cancel_requested_at=None).update(
        cancel_requested_at=timezone.now(), cancelled_by=by, reason=f"Being stopped: {reason.lower()}"
    ):
        emit(
            "builds.job.cancel_requested",
            subject=job.topic,
            data={"build": job.build_id, "by": by.username},
            topics=[job.topic, *job.build.topics],
        )
        return True
    return running.exists()


def retry_job(job: Job, *, by: User) -> Job:
    """A new attempt at an ended job, and at the jobs after it that did not run because of it."""
    with transaction.atomic():
        build = Build.objects.select_for_update(of=("self",)).select_related("project").get(pk=job.build_id)
        job.refresh_from_db()
        if job.superseded:
            raise Refused(f"“{job.name}” was already tried again; its newest attempt is another one.")
        if not job.ended:
            raise Refused(f"“{job.name}” has not ended yet.")
        plan = build.plan
        assert plan is not None  # noqa: S101  (a build with jobs has a plan)
        after = {dependent.name for dependent in plan.dependents({job.name})}
        halted = build.jobs.filter(superseded=False, name__in=after, status__in=[State.SKIPPED, State.CANCELLED])
        names = {job.name, *halted.values_list("name", flat=True)}
        return next(attempt for attempt in _again(build, names, by) if attempt.name == job.name)


def retry_build(build: Build, *, by: User, failed_only: bool) -> None:
    """New attempts: at all jobs of an ended build, or only at those that did not end well."""
    with transaction.atomic():
        build = Build.objects.select_for_update(of=("self",)).select_related("project").get(pk=build.pk)
        if build.plan is None:
            raise Refused("Its pipeline file could not be read, so there is nothing to run. Push a corrected one.")
        if not build.ended:
            raise Refused(f"Build #{build.number} has not ended yet. Cancel it first, or wait.")
        jobs = build.jobs.filter(superseded=False)
        if failed_only:
            jobs = jobs.exclude(status=State.SUCCESS)
        names = set(jobs.values_list("name", flat=True))
        if not names:
            raise Refused("No job of it failed.")
        _again(build, names, by)


def _again(build: Build, names: set[str], by: User) -> list[Job]:
    plan = build.plan
    assert plan is not None  # noqa: S101  (the callers saw to it)
    earlier = {job.name: job for job in build.jobs.filter(superseded=False, name__in=names)}
    build.jobs.filter(pk__in=[job.pk for job in earlier.values()]).update(superseded=True)
    jobs = add_attempts(
        build,
        [
            (position, job, earlier[job.name].attempt + 1)
            for position, job in enumerate(plan.jobs)
            if job.name in earlier
        ],
    )
    emit(
        "builds.build.retried",
        subject=build.topic,
        data={"jobs": sorted(names), "by": by.username},
        topics=build.topics,
    )
    scheduler.advance(build.pk)
    return jobs
