from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, User
from accounts.roles import Role
from builds.models import Build, Job, Worker
from builds.states import State
from projects.models import Project
from tests.scene import end_build, make_build, run_job, shop_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def his(client: Client, bob: User) -> Client:
    client.force_login(bob)
    return client


@pytest.fixture
def red(project: Project) -> Build:
    build = make_build(project)
    end_build(build, State.SUCCESS)
    output = [["checked out"], ["installed"], [f"line {n}" for n in range(30)] + ["\x1b[31mE assert\x1b[0m <b>"]]
    run_job(build.jobs.get(name="test-3.12"), State.FAILURE, output, exit_code=4, reason="Step “pytest” exited with 4.")
    Build.objects.filter(pk=build.pk).update(status=State.FAILURE, reason="test-3.12: Step “pytest” exited with 4.")
    build.refresh_from_db()
    return build


def test_a_red_build_says_which_step_which_exit_code_and_shows_its_last_lines(his: Client, red: Build) -> None:
    page = his.get(red.get_absolute_url())

    assert page.context["chosen"].name == "test-3.12"
    text = page.content.decode()
    assert "test-3.12: Step “pytest” exited with 4." in text
    assert "exit code 4" in text
    assert "E assert &lt;b&gt;" in text
    assert "\x1b" not in text
    assert page.context["page_title"].startswith("✕ test-3.12 5/5 #1 · main")


def test_a_waiting_build_says_why(his: Client, project: Project) -> None:
    Worker.objects.create(name="w", slots=1)
    busy, waiting = make_build(project), make_build(project)
    run_job(busy.jobs.get(name="lint"), State.RUNNING, [["checked out"]])

    page = his.get(waiting.get_absolute_url())

    assert "All 1 slot is busy" in page.content.decode()


def test_a_job_that_waits_for_others_names_them(his: Client, project: Project) -> None:
    build = make_build(project)
    job = build.jobs.get(name="docs")

    page = his.get(f"{build.get_absolute_url()}jobs/{job.pk}/")

    assert "It waits for “test-3.11”, “test-3.12”." in page.content.decode()


def test_a_job_of_another_build_is_not_there(his: Client, red: Build, project: Project) -> None:
    other = make_build(project).jobs.all()[0]

    assert his.get(f"{red.get_absolute_url()}jobs/{other.pk}/").status_code == 404


def test_retrying_the_failed_job_keeps_the_earlier_attempt(his: Client, red: Build) -> None:
    failed = red.jobs.get(name="test-3.12")

    answer = his.post(f"{red.get_absolute_url()}jobs/{failed.pk}/retry/", follow=True)

    assert answer.context["chosen"].attempt == 2
    assert "Attempt 2 of 2" in answer.content.decode()
    earlier = his.get(f"{red.get_absolute_url()}jobs/{failed.pk}/")
    assert "earlier attempt" in earlier.content.decode()
    assert earlier.context["chosen"] == failed


def test_cancelling_and_running_again(his: Client, project: Project) -> None:
    build = make_build(project)

    his.post(f"{build.get_absolute_url()}cancel/")
    build.refresh_from_db()
    assert build.state == State.CANCELLED

    his.post(f"{build.get_absolute_url()}retry/")
    build.refresh_from_db()
    assert build.state == State.PENDING


def test_a_refusal_is_shown_in_its_own_words(his: Client, red: Build) -> None:
    answer = his.post(f"{red.get_absolute_url()}cancel/", follow=True)

    assert "Build #1 has already ended (failure)." in answer.content.decode()


def test_a_viewer_has_no_buttons_and_no_way_around_them(client: Client, red: Build, charlie: User) -> None:
    Membership.objects.create(scope=red.project.scope, user=charlie, role=Role.VIEWER)
    client.force_login(charlie)

    assert b"Retry failed" not in client.get(red.get_absolute_url()).content
    assert client.post(f"{red.get_absolute_url()}retry/").status_code == 403
    assert client.post(f"{red.get_absolute_url()}cancel/").status_code == 403


def test_a_build_without_jobs_yet_has_a_page(his: Client, project: Project, bob: User) -> None:
    from builds.starting import request_build

    build = request_build(project, by=bob, branch="main")

    assert b"Fetching the repository" in his.get(build.get_absolute_url()).content


def test_many_jobs_cost_no_more_queries_than_few(
    his: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    jobs = tuple((f"job-{n}", "test", (), ("one", "two")) for n in range(150))
    build = make_build(project, plan=shop_plan(jobs))
    Job.objects.filter(build=build).update(status=State.RUNNING)

    with django_assert_max_num_queries(14):
        page = his.get(build.get_absolute_url())

    assert page.content.count(b'class="graph-job ') == 150
