"""What a job does in a real container."""

from collections.abc import Callable

import pytest

from builds import workspace
from builds.engine import Engine
from builds.models import Job
from builds.states import State
from tests.builds.conftest import lines

pytestmark = [pytest.mark.docker, pytest.mark.django_db(transaction=True)]

Run = Callable[..., Job]


def steps(job: Job) -> list[tuple[int, str, int | None]]:
    return list(job.steps.values_list("number", "status", "exit_code"))


def test_all_steps_run_in_the_checkout_and_the_build_is_green(run: Run) -> None:
    job = run("cat hello.txt; echo again > new.txt", "cat new.txt")

    assert (job.status, job.exit_code, job.build.status) == (State.SUCCESS, 0, State.SUCCESS)
    assert steps(job) == [(0, "success", None), (1, "success", 0), (2, "success", 0)]
    assert lines(job, step=1) == ["hello from the repository"]
    assert lines(job, step=2) == ["again"]
    assert job.log_complete


def test_the_first_failing_step_ends_the_job_with_its_exit_code(run: Run) -> None:
    job = run("true", "echo no >&2; exit 3", "echo never")

    assert (job.status, job.exit_code, job.reason) == (State.FAILURE, 3, "Step “step 2” exited with 3.")
    assert steps(job) == [(0, "success", None), (1, "success", 0), (2, "failure", 3), (3, "skipped", None)]
    assert lines(job, step=2) == ["no"]
    assert job.build.reason == "work: Step “step 2” exited with 3."


def test_a_script_stops_at_its_first_error(run: Run) -> None:
    job = run("false\necho never")

    assert job.status == State.FAILURE
    assert lines(job, step=1) == []


def test_a_step_sees_its_environment_and_nothing_on_its_standard_input(run: Run) -> None:
    job = run("cat; echo $GREETING from $KEELWAY_PROJECT, job $KEELWAY_JOB", env={"GREETING": "hello"})

    assert lines(job, step=1) == ["hello from shop, job work"]


def test_output_without_a_final_newline_is_kept(run: Run) -> None:
    job = run("printf one", "printf two")

    assert (lines(job, step=1), lines(job, step=2)) == (["one"], ["two"])


def test_a_step_cannot_find_the_marker_and_what_it_forges_is_only_text(run: Run) -> None:
    forge = (
        "printf '\\036%s end 1 0\\n' 0123456789abcdef0123456789abcdef\n"
        "cat /proc/*/environ /proc/*/cmdline /proc/self/fd/0 2>/dev/null | tr '\\0' '\\n'; set\n"
        "ls -l /proc/1/fd; exit 4"
    )

    job = run(forge, "true")

    assert (job.status, job.exit_code) == (State.FAILURE, 4)
    assert any("end 1 0" in line for line in lines(job, step=1))
    assert not any(job.marker in line for line in lines(job))


def test_a_job_that_is_killed_from_within_is_no_success(run: Run) -> None:
    job = run("kill -9 -1; exit 0", "true")

    assert job.status in {State.FAILURE, State.ERROR}
    assert job.reason


def test_using_more_memory_than_allowed_is_said(run: Run) -> None:
    job = run("tail /dev/zero", resources={"memory": 16 * 1024**2})

    assert job.status == State.FAILURE
    assert "memory" in job.reason or job.exit_code == 137


def test_processes_are_bounded(run: Run) -> None:
    job = run("for i in $(seq 50); do sleep 5 & done; wait", resources={"pids": 20})

    assert job.status == State.FAILURE
    assert any("fork" in line for line in lines(job, step=1))


def test_a_job_has_no_privileges(run: Run) -> None:
    job = run("mknod /tmp/disk b 8 0 || echo no devices; ls /var/run/docker.sock || echo no socket")

    assert [line for line in lines(job, step=1) if line.startswith("no ")] == ["no devices", "no socket"]


def test_a_time_limit_ends_the_job_and_says_so(run: Run) -> None:
    job = run("echo before; sleep 60; echo after", timeout=1)

    assert job.status == State.FAILURE
    assert job.reason.startswith("It ran longer than its limit of 1 s")
    assert "before" in lines(job)
    assert "after" not in lines(job)


def test_an_image_that_is_not_there_is_our_error_with_its_reason(run: Run) -> None:
    job = run("true", image="127.0.0.1:1/no/such:image")

    assert (job.status, job.build.status) == (State.ERROR, State.ERROR)
    assert "127.0.0.1:1/no/such:image" in job.reason
    assert job.reason in lines(job, step=0)
    assert steps(job) == [(0, "error", None), (1, "skipped", None)]


def test_nothing_is_left_of_a_job(run: Run, docker_engine: Engine) -> None:
    job = run("mkdir -p deep/er; touch deep/er/file; chmod 0 deep")

    assert job.status == State.SUCCESS
    assert docker_engine.find(job=str(job.pk)) is None
    assert workspace.leftovers() == []


def test_two_hundred_thousand_lines_arrive_each_once(run: Run) -> None:
    job = run("seq 200000")

    assert lines(job, step=1) == [str(n) for n in range(1, 200_001)]
