import pytest
from django.db import transaction

from builds import scheduler, waiting
from builds.models import Build, Job, Worker
from builds.plan import Plan
from builds.starting import start_build
from builds.states import State
from projects.models import Project
from tests.builds.plans import job, plan

pytestmark = pytest.mark.django_db

CHAIN = plan(job("lint"), job("test", needs=("lint",)), job("ship", needs=("test",)))


def start(project: Project, what: Plan = CHAIN) -> Build:
    with transaction.atomic():
        return start_build(project, event="push", commit="a" * 40, plan=what, branch="main")


def end(build: Build, name: str, state: State) -> None:
    found = build.jobs.get(name=name, superseded=False)
    with transaction.atomic():
        assert found.move(State.RUNNING)
        assert found.move(state)
        scheduler.advance(build.pk)


def states(build: Build) -> dict[str, str]:
    return dict(build.jobs.filter(superseded=False).values_list("name", "status"))


def test_builds_of_a_project_are_numbered_from_one(project: Project) -> None:
    assert [start(project).number for _ in range(3)] == [1, 2, 3]


def test_only_what_needs_nothing_is_ready_at_first(project: Project) -> None:
    build = start(project)

    assert list(build.jobs.exclude(ready_at=None).values_list("name", flat=True)) == ["lint"]
    assert build.status == State.PENDING


def test_a_build_goes_on_as_its_jobs_end_and_ends_with_the_last(project: Project) -> None:
    build = start(project)

    end(build, "lint", State.SUCCESS)
    build.refresh_from_db()
    assert build.status == State.RUNNING
    assert build.started_at
    end(build, "test", State.SUCCESS)
    end(build, "ship", State.SUCCESS)

    build.refresh_from_db()
    assert build.status == State.SUCCESS
    assert build.finished_at


def test_a_failure_skips_what_follows_and_says_why(project: Project) -> None:
    build = start(project)

    end(build, "lint", State.FAILURE)

    build.refresh_from_db()
    assert states(build) == {"lint": "failure", "test": "skipped", "ship": "skipped"}
    assert build.jobs.get(name="ship").reason == "It needs “test”, which was skipped."
    assert build.status == State.FAILURE
    assert build.reason.startswith("lint")


def test_an_allowed_failure_does_not_fail_the_build(project: Project) -> None:
    build = start(project, plan(job("lint", allow_failure=True), job("test", needs=("lint",))))

    end(build, "lint", State.FAILURE)
    end(build, "test", State.SUCCESS)

    build.refresh_from_db()
    assert build.status == State.SUCCESS


def test_without_a_plan_a_build_ends_in_error_with_its_problems(project: Project) -> None:
    with transaction.atomic():
        build = start_build(
            project, event="push", commit="a" * 40, plan=None, problems=[{"line": 3}], reason="No good."
        )

    build.refresh_from_db()
    assert (build.status, build.reason, build.problems) == ("error", "No good.", [{"line": 3}])


def test_no_more_jobs_are_rung_for_than_there_are_free_slots(
    project: Project, django_capture_on_commit_callbacks: object
) -> None:
    Worker.objects.create(name="one", slots=2)
    start(project, plan(*(job(f"job {n}") for n in range(5))))

    scheduler.dispatch()

    assert Job.objects.exclude(rung_at=None).count() == 2


def test_a_lost_doorbell_is_rung_again(project: Project) -> None:
    Worker.objects.create(name="one", slots=1)
    start(project, plan(job("only")))
    scheduler.dispatch()
    first = Job.objects.get().rung_at
    assert first is not None
    Job.objects.update(rung_at=first - scheduler.RING_AGAIN * 2)

    scheduler.sweep()

    assert Job.objects.get().rung_at > first


def test_a_sweep_settles_a_build_whose_job_ended_just_before_its_worker_died(project: Project) -> None:
    build = start(project)
    lint = build.jobs.get(name="lint")
    with transaction.atomic():
        lint.move(State.RUNNING)
        lint.move(State.SUCCESS)

    scheduler.sweep()

    assert build.jobs.get(name="test").ready_at is not None


def test_a_waiting_job_says_what_it_waits_for(project: Project) -> None:
    build = start(project, plan(job("a"), job("b"), job("c", needs=("a", "b"))))
    a, b, c = build.jobs.order_by("position")

    assert waiting.why(c) == "It waits for “a”, “b”."
    assert "No worker is running" in waiting.why(a)
    Worker.objects.create(name="one", slots=1)
    assert waiting.why(a) == "A worker is about to take it."
    with transaction.atomic():
        a.move(State.RUNNING)
    assert waiting.why(b) == "All 1 slot is busy; it is next."
    assert waiting.why(a) == ""
