"""Why a job does not run yet."""

from django.db.models import Q

from builds.models import Job, Worker
from builds.states import ENDED, State


def why(job: Job) -> str:
    """A sentence for a job that waits; empty for one that runs or has ended."""
    if job.state == State.BLOCKED:
        return job.reason or "It waits for an approval."
    if job.state != State.PENDING:
        return ""
    if job.ready_at is None:
        return _needs(job)
    slots = Worker.slots_alive()
    if slots == 0:
        return "No worker is running. Start one with bin/up, or look at the worker's log."
    ahead = Job.objects.filter(status=State.PENDING, superseded=False).filter(
        Q(ready_at__lt=job.ready_at) | Q(ready_at=job.ready_at, id__lt=job.pk)
    )
    running = Job.objects.filter(status=State.RUNNING).count()
    if running < slots:
        return "A worker is about to take it."
    queue = ahead.count()
    place = "it is next" if queue == 0 else f"{queue} {'job is' if queue == 1 else 'jobs are'} ahead of it"
    return f"All {slots} {'slot is' if slots == 1 else 'slots are'} busy; {place}."


def _needs(job: Job) -> str:
    names = job.plan.needs
    open_ones = job.build.jobs.filter(superseded=False, name__in=names).exclude(status__in=ENDED).order_by("position")
    waits = list(open_ones.values_list("name", flat=True)[:4])
    if not waits:
        return "It is about to be scheduled."
    listed = ", ".join(f"“{name}”" for name in waits[:3]) + (" and others" if len(waits) > 3 else "")
    return f"It waits for {listed}."
