"""What happens next in a build, and which jobs workers are told of.

The database is the truth: every function here can be called at any time, any number of times, by any process. The
broker only carries the hint that now is a good time.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from builds.graph import Standing, decide
from builds.models import Build, Job, Worker
from builds.states import BROKEN, State, merge
from events.doorbell import ring

RING_AGAIN = timedelta(seconds=10)
"""A job that was rung for and not taken up for so long is rung for again: the message may be lost."""


def advance(build_id: int) -> None:
    """Bring a build in line with its jobs: skip what cannot run, mark what can as ready, settle the build's state."""
    with transaction.atomic():
        build = Build.objects.select_for_update(of=("self",)).select_related("project").get(pk=build_id)
        plan = build.plan
        if plan is None:
            return
        jobs = {job.name: job for job in build.current_jobs().defer("build__plan_data")}
        for job in jobs.values():
            job.build = build
        decision = decide(plan, {name: Standing(job.state, job.allow_failure) for name, job in jobs.items()})
        for name, reason in decision.skip.items():
            jobs[name].move(State.SKIPPED, reason=reason)
        ready = [jobs[name].pk for name in decision.ready]
        Job.objects.filter(pk__in=ready, ready_at=None).update(ready_at=timezone.now())
        settle(build, list(jobs.values()))
    transaction.on_commit(dispatch)


def settle(build: Build, jobs: list[Job]) -> None:
    """Move the build to the state that its jobs' states make."""
    state = merge((job.state, job.allow_failure) for job in jobs)
    if state != build.state:
        build.move(state, reason=verdict(state, jobs))


def verdict(state: State, jobs: list[Job]) -> str:
    """Why a build ended as it did, in a sentence; empty when all is well."""
    if state not in BROKEN:
        return ""
    causes = [job for job in jobs if job.state == state and not (job.allow_failure and state != State.CANCELLED)]
    if not causes:
        return ""
    first = f"{causes[0].name}: {causes[0].reason}" if causes[0].reason else f"{causes[0].name} ended in {state.label}."
    more = len(causes) - 1
    return first if not more else f"{first} {more} more {'job' if more == 1 else 'jobs'} did not end well either."


def dispatch() -> None:
    """Ring for as many ready jobs as there are free slots, oldest first, and for those whose worker has vanished."""
    now = timezone.now()
    running = Job.objects.filter(status=State.RUNNING)
    free = Worker.slots_alive() - running.filter(lease_until__gte=now).count()
    quiet = Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN)
    lost = running.filter(quiet, lease_until__lt=now).order_by("lease_until")[:50]
    _ring_for(list(lost.values_list("pk", flat=True)))
    if free <= 0:
        return
    ready = Job.objects.filter(status=State.PENDING, superseded=False, ready_at__isnull=False)
    oldest = ready.order_by("ready_at", "id").values_list("pk", "rung_at")[:free]
    _ring_for([pk for pk, rung_at in oldest if rung_at is None or rung_at < now - RING_AGAIN])


def _ring_for(job_ids: list[int]) -> None:
    from builds.tasks import run_job

    if not job_ids:
        return
    Job.objects.filter(pk__in=job_ids).update(rung_at=timezone.now())
    for job_id in job_ids:
        ring(run_job, job_id)


def sweep() -> None:
    """Put right what was missed: a build whose job ended just before its process died, a doorbell that nobody heard."""
    for build_id in _unsettled():
        advance(build_id)
    dispatch()


def _unsettled() -> list[int]:
    """Builds under way none of whose jobs run or wait ready: something should have followed."""
    busy = Job.objects.current().filter(Q(status=State.RUNNING) | Q(status=State.PENDING, ready_at__isnull=False))
    unended = Build.objects.unended().filter(plan_data__isnull=False).exclude(pk__in=busy.values("build_id"))
    return list(unended.values_list("pk", flat=True)[:200])
