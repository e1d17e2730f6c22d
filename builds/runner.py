"""Runs one job, from its claim to its end; or carries on with one whose worker has vanished."""

import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from builds import scheduler, workspace
from builds.engine import Container, EngineError, engine, frames
from builds.environment import environment
from builds.following import Follower, Output
from builds.lease import Keeper, Lease, LeaseLost, LettingGo, claim
from builds.models import Job
from builds.patience import patiently
from builds.recorder import Recorder
from builds.script import render
from builds.states import State
from projects import git
from projects.faults import GitFailed
from projects.mirror import Mirror

log = structlog.get_logger()

DEPTH = 50
"""Commits of history that a checkout has."""


class Stopped(Exception):
    """The job is to end before its container began."""


@dataclass(frozen=True)
class Outcome:
    """How a job ends. `reason` says why, and what to do next; empty when all is well."""

    state: State
    reason: str = ""
    exit_code: int | None = None


def run(job_id: int, keeper: Keeper) -> None:
    """Run the job if it is there to be run. Returns when it has ended, or is somebody else's."""
    job = claim(job_id, keeper.worker)
    if job is None:
        return
    scheduler.advance(job.build_id)
    with keeper.keeping(job) as lease:
        work = Run(job, lease)
        try:
            work.go()
        except LeaseLost:
            log.warning("job.lease_lost", job=job_id)
        except LettingGo:
            work.recorder.flush()
            lease.rows.update(lease_until=timezone.now(), rung_at=None)
            log.info("job.let_go", job=job_id)


class Run:
    def __init__(self, job: Job, lease: Lease) -> None:
        self.job = job
        self.lease = lease
        self.plan = job.plan
        self.recorder = Recorder(job, lease)
        self.follower = Follower(job, lease, self.recorder)

    def go(self) -> None:
        if self.job.outcome:
            outcome = Outcome(State(self.job.outcome), self.job.reason, self.job.exit_code)
        else:
            outcome = self._outcome()
            self._decide(outcome)
        if outcome.state == State.CANCELLED:  # which promises that nothing of it is left
            self._clear_away()
            self._finish(outcome)
        else:
            self._finish(outcome)
            self._clear_away()

    def _outcome(self) -> Outcome:
        try:
            return self._work()
        except (Stopped, git.Stopped):
            self.lease.require()
            return self._stopped(None)
        except (EngineError, GitFailed) as error:
            if self.lease.stop.is_set():  # what failed was being stopped
                self.lease.require()
                return self._stopped(None)
            return Outcome(State.ERROR, str(error))
        except (LeaseLost, LettingGo):
            raise
        except Exception as error:
            log.exception("job.broke", job=self.job.pk)
            return Outcome(State.ERROR, f"Keelway itself failed: {type(error).__name__}. The worker's log says more.")

    # --- doing it ---

    def _work(self) -> Outcome:
        found = engine().find(job=str(self.job.pk))
        if found and found.status == "created":  # its worker vanished between making and starting it
            engine().remove(found.id)
            found = None
        if found:
            log.info("job.adopted", job=self.job.pk, container=found.id)
            ended = self.follower.catch_up(found)
            if self.recorder.begun:
                return self._judge(ended)
            engine().remove(found.id)  # it never got its whole script, so it has run nothing
        elif self.job.container:
            return Outcome(
                State.ERROR,
                "Its container is gone: it was removed from outside, or the Docker Engine lost it. Try it again.",
            )
        elif self.job.claims > 1:
            self.recorder.say(f"Worker {self.job.worker} starts again: the one before vanished while preparing.")
        container = self._prepare()
        return self._judge(self.follower.follow(container, self._started(container)))

    def _prepare(self) -> str:
        """Image, checkout, container. Its id."""
        recorder, job = self.recorder, self.job
        recorder.begin(0)
        recorder.say(f"Worker {job.worker}")
        self._check()
        engine().ensure_image(self.plan.image, self._say)
        self._check()
        folder = self._checkout()
        self._check()
        container = engine().create(
            labels={
                "kind": "job",
                "project": job.build.project.slug,
                "build": str(job.build_id),
                "job": str(job.pk),
            },
            plan=self.plan,
            workspace=folder,
            environment=environment(job),
            name=f"keelway-{settings.INSTALLATION}-job-{job.pk}-{job.claims}",
        )
        recorder.say(f"Starting {self.plan.image}")
        return container

    def _checkout(self) -> Path:
        build = self.job.build
        mirror = Mirror(build.project)
        if not mirror.has(build.commit):
            self._say(f"Fetching {build.project.git_url}")
            mirror.fetch(wanted=build.commit, stop=self.lease.stop)
        self._check()
        self._say(f"Checking out {build.short_commit} {build.ref}")
        folder = workspace.make(self.job.pk, self.job.claims)
        mirror.checkout(build.commit, folder, branch=build.branch, depth=DEPTH, stop=self.lease.stop)
        return folder

    def _started(self, container: str) -> Output:
        """The output of a container that this starts."""
        connection = engine().start(container, render(self.plan, self.job.marker))
        deadline = timezone.now() + timedelta(seconds=self.plan.timeout)
        self.lease.update(container=container, deadline_at=deadline)
        self.lease.deadline = deadline
        self.recorder.end(0, State.SUCCESS)
        return ((time.time_ns() // 1_000_000, data) for data in frames(connection))

    # --- judging ---

    def _judge(self, ended: Container) -> Outcome:
        failed, code = self.recorder.failed, ended.exit_code
        if self.lease.cancelled or self.lease.expired:
            return self._stopped(code)
        if ended.out_of_memory:
            limit = self.plan.resources.memory // 1024**2
            return Outcome(
                State.FAILURE,
                f"It used more memory than its limit of {limit} MiB and was killed. Raise "
                "`resources.memory`, or do less at once.",
                code,
            )
        if code == 0 and self.recorder.done:
            return Outcome(State.SUCCESS, exit_code=0)
        if failed is not None:
            name = self.plan.steps[failed.number - 1].name
            return Outcome(State.FAILURE, f"Step “{name}” exited with {failed.exit_code}.", failed.exit_code)
        if code == 0:
            return Outcome(State.ERROR, "The container ended before its steps did. Try it again.", code)
        return Outcome(State.FAILURE, f"The container was ended from within or outside (exit code {code}).", code)

    def _stopped(self, code: int | None) -> Outcome:
        if self.lease.expired and not self.lease.cancelled:
            return Outcome(
                State.FAILURE,
                f"It ran longer than its limit of {_spoken(self.plan.timeout)} and was stopped. Raise `timeout`, or "
                "look for what hangs.",
                code,
            )
        by = Job.objects.values_list("cancelled_by__username", flat=True).get(pk=self.job.pk)
        return Outcome(State.CANCELLED, f"Cancelled by {by}." if by else "Cancelled.", code)

    # --- ending ---

    def _decide(self, outcome: Outcome) -> None:
        """Record the end before anything is taken away, so that nobody has to judge again."""
        if outcome.reason and self.recorder.failed is None:
            self.recorder.say(outcome.reason)
        rest = State.CANCELLED if outcome.state == State.CANCELLED else State.SKIPPED

        self.recorder.flush()

        def write() -> None:
            with transaction.atomic():
                self.lease.update(outcome=outcome.state, reason=outcome.reason, exit_code=outcome.exit_code)
                now = timezone.now()
                self.job.steps.filter(status=State.RUNNING).update(status=outcome.state, finished_at=now)
                self.job.steps.filter(status=State.PENDING, number=0, started_at=None).update(status=rest)
                self.job.steps.filter(status=State.PENDING).update(status=rest)

        patiently(write)

    def _clear_away(self) -> None:
        """Remove container and files. What cannot go now is left to the sweep: it must not keep the job from ending."""
        try:
            while found := engine().find(job=str(self.job.pk)):
                engine().remove(found.id)
            workspace.remove(self.job.pk, self.plan.image)
        except (EngineError, OSError) as error:
            log.warning("job.not_cleared_away", job=self.job.pk, error=str(error))

    def _finish(self, outcome: Outcome) -> None:
        def write() -> None:
            with transaction.atomic():
                moved = self.job.move(
                    outcome.state, only_if=self.lease.held, reason=outcome.reason, exit_code=outcome.exit_code
                )
                if moved:
                    scheduler.advance(self.job.build_id)

        patiently(write)

    # --- small things ---

    def _say(self, text: str) -> None:
        self._check()
        self.recorder.say(text)

    def _check(self) -> None:
        """Raise when the job is to stop here."""
        if self.lease.stop.is_set():
            self.lease.require()
            raise Stopped


def _spoken(seconds: int) -> str:
    """300 → 5 min; 5400 → 1 h 30 min."""
    parts = [(seconds // 3600, "h"), (seconds % 3600 // 60, "min"), (seconds % 60, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
