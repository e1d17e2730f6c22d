"""A worker dies: its containers live on, and the next worker carries on at the exact line."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from builds import clean, runner, scheduler
from builds.engine import Engine
from builds.lease import Keeper
from builds.models import Job, Worker
from builds.states import State
from tests.builds.conftest import lines
from tests.server import database_url

pytestmark = [pytest.mark.docker, pytest.mark.django_db(transaction=True)]

COUNTING = "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo $i; sleep 0.01; done; printf end"


def wait_until(what: Callable[[], object], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def doomed_worker() -> Callable[[Job], "subprocess.Popen[bytes]"]:
    def start(job: Job) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.builds.lone_worker", str(job.pk)],
            env=os.environ | {"DATABASE_URL": database_url()},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    return start


def logged(job: Job, at_least: int) -> Callable[[], bool]:
    return lambda: Job.objects.get(pk=job.pk).lines >= at_least


@pytest.mark.parametrize("at", [8, 120])
def test_the_log_of_a_killed_workers_job_has_each_line_once(
    begin: Callable[..., Job], doomed_worker: Callable[..., "subprocess.Popen[bytes]"], docker_engine: Engine, at: int
) -> None:
    job = begin("echo before", COUNTING, "echo after")
    victim = doomed_worker(job)
    wait_until(logged(job, at))
    victim.send_signal(signal.SIGKILL)
    victim.wait()

    keeper = Keeper(f"{os.uname().nodename}-0", 1)
    keeper.start()  # finds that the other one is dead, and ends its leases
    runner.run(job.pk, keeper)
    keeper.gone()

    job.refresh_from_db()
    assert (job.status, job.claims) == (State.SUCCESS, 2)
    assert lines(job, step=2) == [*(str(n) for n in range(1, 301)), "end"]
    assert lines(job, step=3) == ["after"]
    assert list(job.steps.values_list("status", flat=True)) == ["success"] * 4
    assert docker_engine.find(job=str(job.pk)) is None


def test_a_job_that_ended_while_nobody_looked_is_judged_by_what_it_did(
    begin: Callable[..., Job], doomed_worker: Callable[..., "subprocess.Popen[bytes]"], docker_engine: Engine
) -> None:
    job = begin("echo one; sleep 1; echo two; exit 7")
    victim = doomed_worker(job)
    wait_until(lambda: Job.objects.get(pk=job.pk).steps.filter(number=1, status=State.RUNNING).exists())
    victim.kill()
    victim.wait()
    found = docker_engine.find(job=str(job.pk))
    assert found is not None
    wait_until(lambda: not docker_engine.look(found.id).live)  # type: ignore[union-attr]

    keeper = Keeper(f"{os.uname().nodename}-0", 1)
    keeper.start()
    runner.run(job.pk, keeper)
    keeper.gone()

    job.refresh_from_db()
    assert (job.status, job.exit_code) == (State.FAILURE, 7)
    assert lines(job, step=1) == ["one", "two"]


def test_a_container_that_vanished_with_its_worker_is_an_error_that_says_so(
    begin: Callable[..., Job],
    doomed_worker: Callable[..., "subprocess.Popen[bytes]"],
    docker_engine: Engine,
    keeper: Keeper,
) -> None:
    job = begin(COUNTING)
    victim = doomed_worker(job)
    wait_until(logged(job, 20))
    victim.kill()
    victim.wait()
    docker_engine.remove(docker_engine.find(job=str(job.pk)).id)  # type: ignore[union-attr]
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))

    runner.run(job.pk, keeper)

    job.refresh_from_db()
    assert job.status == State.ERROR
    assert job.reason.startswith("Its container is gone")
    assert lines(job)[-1] == job.reason


def test_a_live_workers_job_is_nobody_elses(begin: Callable[..., Job], keeper: Keeper) -> None:
    job = begin("true")
    Job.objects.filter(pk=job.pk).update(
        status=State.RUNNING, claims=1, worker="other", lease_until=timezone.now() + timedelta(minutes=1)
    )

    runner.run(job.pk, keeper)

    job.refresh_from_db()
    assert (job.worker, job.claims, job.status) == ("other", 1, State.RUNNING)


def test_a_job_whose_lease_ran_out_is_rung_for(begin: Callable[..., Job]) -> None:
    job = begin("true")
    Job.objects.filter(pk=job.pk).update(
        status=State.RUNNING, rung_at=None, lease_until=timezone.now() - timedelta(seconds=1)
    )

    scheduler.sweep()

    assert Job.objects.get(pk=job.pk).rung_at is not None


def test_a_sweep_removes_what_belongs_to_no_live_job_and_nothing_else(
    begin: Callable[..., Job], doomed_worker: Callable[..., "subprocess.Popen[bytes]"], docker_engine: Engine
) -> None:
    job = begin("sleep 60")
    victim = doomed_worker(job)
    wait_until(lambda: (found := docker_engine.find(job=str(job.pk))) and found.live)
    victim.kill()
    victim.wait()

    assert clean.clean_up() == []
    Job.objects.filter(pk=job.pk).update(status=State.CANCELLED)
    assert {found.kind for found in clean.clean_up()} == {"container", "folder"}

    assert docker_engine.find(job=str(job.pk)) is None
    Worker.objects.all().delete()
