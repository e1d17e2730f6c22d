"""Cancelling what runs, for real."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.models import User
from builds import runner
from builds.engine import Engine
from builds.lease import Keeper
from builds.models import Job
from builds.states import State
from tests.builds.conftest import lines
from tests.builds.test_taking_over import logged, wait_until

pytestmark = [pytest.mark.docker, pytest.mark.django_db(transaction=True)]


def in_thread(job: Job, keeper: Keeper) -> threading.Thread:
    def run() -> None:
        try:
            runner.run(job.pk, keeper)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_cancelled_job_may_tidy_up_and_is_gone_when_it_is_cancelled(
    begin: Callable[..., Job], keeper: Keeper, docker_engine: Engine, bob: User
) -> None:
    job = begin("trap 'echo tidying; exit 1' TERM; echo here; while true; do sleep 0.1; done", "echo never")
    thread = in_thread(job, keeper)
    wait_until(lambda: "here" in lines(job))

    job.cancel(by=bob)
    thread.join(30)

    job.refresh_from_db()
    assert (job.status, job.reason) == (State.CANCELLED, "Cancelled by bob.")
    assert "tidying" in lines(job)
    assert "never" not in lines(job)
    assert docker_engine.find(job=str(job.pk)) is None
    assert list(job.steps.values_list("status", flat=True)) == ["success", "failure", "cancelled"]


def test_a_job_that_ignores_the_request_is_killed_after_its_grace(
    begin: Callable[..., Job], keeper: Keeper, docker_engine: Engine, bob: User, settings: object
) -> None:
    settings.CANCEL_GRACE_SECONDS = 1  # type: ignore[attr-defined]
    job = begin("trap '' TERM; echo here; while true; do sleep 0.1; done")
    thread = in_thread(job, keeper)
    wait_until(lambda: "here" in lines(job))

    job.cancel(by=bob)
    thread.join(30)

    job.refresh_from_db()
    assert job.status == State.CANCELLED
    assert docker_engine.find(job=str(job.pk)) is None


def test_a_worker_that_ends_lets_its_jobs_go_on_and_the_next_one_finishes_them(
    begin: Callable[..., Job], docker_engine: Engine, transactional_db: None
) -> None:
    job = begin("i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo $i; sleep 0.01; done")
    first = Keeper("first-0", 1)
    first.start()
    thread = in_thread(job, first)
    wait_until(logged(job, 20))

    first.let_go()
    thread.join(10)
    first.gone()
    job.refresh_from_db()
    assert job.status == State.RUNNING
    time.sleep(0.01)  # its lease ended just now
    second = Keeper("second-0", 1)
    second.start()
    runner.run(job.pk, second)
    second.let_go()
    second.gone()

    job.refresh_from_db()
    assert job.status == State.SUCCESS
    assert lines(job, step=1) == [str(n) for n in range(1, 201)]
