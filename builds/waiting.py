"""Why a job does not run yet."""

from collections.abc import Sequence

from django.db.models import Count, Q

from builds.models import Job, Worker
from builds.states import ENDED, State


def why(job: Job) -> str:
    """A sentence for a job that waits; empty for one that runs or has ended."""
    if job.state == State.PENDING and job.ready_at is None:
        names = job.plan.needs
        needed = job.build.jobs.filter(superseded=False, name__in=names).exclude(status__in=ENDED)
        return _needs(list(needed.order_by("position").values_list("name", flat=True)[:4]))
    return _ready([job])[job.pk] if job.state == State.PENDING else _other(job)


def why_each(jobs: Sequence[Job]) -> dict[int, str]:
    """The same for all the newest attempts of one build, by job id, in a number of queries that does not grow."""
    needs = {each["name"]: each["needs"] for each in (jobs[0].build.plan_data or {"jobs": []})["jobs"]} if jobs else {}
    unended = [job.name for job in jobs if not job.ended]
    said = {job.pk: _other(job) for job in jobs}
    for job in jobs:
        if job.state == State.PENDING and job.ready_at is None:
            said[job.pk] = _needs([name for name in unended if name in needs.get(job.name, ())])
    ready = [job for job in jobs if job.state == State.PENDING and job.ready_at is not None]
    return said | _ready(ready)


def _other(job: Job) -> str:
    return (job.reason or "It waits for an approval.") if job.state == State.BLOCKED else ""


def _ready(jobs: Sequence[Job]) -> dict[int, str]:
    """For jobs that only wait for a slot."""
    if not jobs:
        return {}
    slots = Worker.slots_alive()
    if slots == 0:
        return {job.pk: "No worker is running. Start one with bin/up, or look at the worker's log." for job in jobs}
    if Job.objects.filter(status=State.RUNNING).count() < slots:
        return {job.pk: "A worker is about to take it." for job in jobs}
    before = {
        f"before_{job.pk}": Count("pk", Q(ready_at__lt=job.ready_at) | Q(ready_at=job.ready_at, id__lt=job.pk))
        for job in jobs[:COUNTED]
    }
    ahead = Job.objects.filter(status=State.PENDING, superseded=False, ready_at__isnull=False).aggregate(**before)
    return {job.pk: _busy(slots, ahead.get(f"before_{job.pk}")) for job in jobs}


COUNTED = 50
"""Jobs whose place in the queue is counted in one query."""


def _busy(slots: int, queue: int | None) -> str:
    busy = f"All {slots} {'slot is' if slots == 1 else 'slots are'} busy"
    if queue is None:
        return f"{busy}."
    place = "it is next" if queue == 0 else f"{queue} {'job is' if queue == 1 else 'jobs are'} ahead of it"
    return f"{busy}; {place}."


def _needs(waits: list[str]) -> str:
    if not waits:
        return "It is about to be scheduled."
    listed = ", ".join(f"“{name}”" for name in waits[:3]) + (" and others" if len(waits) > 3 else "")
    return f"It waits for {listed}."
