import pytest
from django.db import transaction

from accounts.models import User
from builds.models import Build
from builds.starting import fill_build, request_build
from builds.states import Refused, State
from events.models import Event
from projects.models import Project
from tests.builds.plans import job, plan
from tests.builds.test_scheduling import CHAIN, end, start, states

pytestmark = pytest.mark.django_db


def test_waiting_jobs_are_cancelled_at_once(project: Project, bob: User) -> None:
    build = start(project)

    build.cancel(by=bob)

    build.refresh_from_db()
    assert set(states(build).values()) == {"cancelled"}
    assert build.status == State.CANCELLED
    assert build.jobs.first().reason == "Cancelled by bob."  # type: ignore[union-attr]


def test_a_running_job_is_cancelled_only_when_its_worker_has_cleared_it_away(project: Project, bob: User) -> None:
    build = start(project)
    lint = build.jobs.get(name="lint")
    with transaction.atomic():
        lint.move(State.RUNNING)

    lint.cancel(by=bob)

    lint.refresh_from_db()
    assert lint.status == State.RUNNING
    assert lint.cancel_requested_at is not None
    assert Event.objects.filter(type="builds.job.cancel_requested", subject=lint.topic).count() == 1


def test_cancelling_twice_is_no_fault_while_it_stops(project: Project, bob: User) -> None:
    build = start(project)
    lint = build.jobs.get(name="lint")
    with transaction.atomic():
        lint.move(State.RUNNING)

    lint.cancel(by=bob)
    lint.cancel(by=bob)


def test_a_finished_build_refuses_to_be_cancelled(project: Project, bob: User) -> None:
    build = start(project, plan(job("only")))
    end(build, "only", State.SUCCESS)

    with pytest.raises(Refused, match="already ended"):
        Build.objects.get(pk=build.pk).cancel(by=bob)


def test_trying_a_job_again_keeps_the_earlier_attempt_and_brings_back_what_was_skipped(
    project: Project, bob: User
) -> None:
    build = start(project)
    end(build, "lint", State.FAILURE)

    again = build.jobs.get(name="lint").retry(by=bob)

    build.refresh_from_db()
    assert (again.attempt, again.status) == (2, State.PENDING)
    assert build.jobs.get(name="lint", attempt=1).status == State.FAILURE
    assert states(build) == {"lint": "pending", "test": "pending", "ship": "pending"}
    assert build.status == State.PENDING
    assert build.finished_at is None


def test_only_failed_jobs_are_tried_again_when_asked_so(project: Project, bob: User) -> None:
    build = start(project, plan(job("good"), job("bad")))
    end(build, "good", State.SUCCESS)
    end(build, "bad", State.ERROR)

    build.retry(by=bob, failed_only=True)

    assert sorted(build.jobs.values_list("name", "attempt")) == [("bad", 1), ("bad", 2), ("good", 1)]
    build.refresh_from_db()
    assert build.status == State.RUNNING


def test_the_whole_build_can_be_run_again(project: Project, bob: User) -> None:
    build = start(project, plan(job("good"), job("bad")))
    end(build, "good", State.SUCCESS)
    end(build, "bad", State.SUCCESS)

    build.retry(by=bob)

    assert build.jobs.filter(superseded=False, attempt=2).count() == 2


def test_a_build_under_way_refuses_a_retry(project: Project, bob: User) -> None:
    build = start(project)

    with pytest.raises(Refused, match="has not ended"):
        build.retry(by=bob)
    with pytest.raises(Refused, match="has not ended"):
        build.jobs.get(name="lint").retry(by=bob)


def test_an_earlier_attempt_refuses_a_retry(project: Project, bob: User) -> None:
    build = start(project)
    end(build, "lint", State.FAILURE)
    first = build.jobs.get(name="lint")
    first.retry(by=bob)

    with pytest.raises(Refused, match="already tried again"):
        first.retry(by=bob)


def test_a_requested_build_is_filled_once(project: Project, bob: User) -> None:
    with transaction.atomic():
        build = request_build(project, by=bob, branch="main")

    assert fill_build(build, commit="b" * 40, plan=CHAIN, message="Hello")
    assert not fill_build(build, commit="c" * 40, plan=CHAIN)

    build.refresh_from_db()
    assert (build.commit, build.title, build.jobs.count()) == ("b" * 40, "Hello", 3)


def test_a_requested_build_can_be_cancelled_before_its_file_was_read(project: Project, bob: User) -> None:
    with transaction.atomic():
        build = request_build(project, by=bob, branch="main")

    build.cancel(by=bob)

    build.refresh_from_db()
    assert build.status == State.CANCELLED
    assert not fill_build(build, commit="b" * 40, plan=CHAIN)
