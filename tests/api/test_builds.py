from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from builds.models import Build, Job, Worker
from builds.states import State
from pipelines.models import Delivery
from projects.models import Project
from tests.api.client import Script
from tests.api.conftest import COMMIT, a_job

BUILD = {"id", "number", "project", "status", "reason", "commit", "branch", "tag", "event", "message", "author_name"}
JOB = {"id", "name", "stage", "status", "exit_code", "reason", "attempt", "allow_failure"}


def test_a_build_is_started_at_once(bobs: Script, project: Project) -> None:
    made = bobs.post("projects/shop/builds")

    assert made.status_code == 201
    found = made.json()
    assert found.keys() >= {*BUILD, "created_at", "started_at", "finished_at", "problems", "jobs"}
    assert (found["number"], found["project"], found["branch"]) == (1, "shop", "main")
    assert (found["status"], found["event"], found["jobs"]) == ("pending", "manual", [])


@pytest.mark.parametrize(
    "what", [{"branch": "release/1.2"}, {"tag": "v1.2"}, {"commit": "1f0e5c3"}, {"commit": "a" * 40}]
)
def test_a_branch_a_tag_or_a_commit_is_built(what: dict[str, str], bobs: Script, project: Project) -> None:
    found = bobs.post("projects/shop/builds", what).json()

    assert {name: found[name] for name in what} == what


@pytest.mark.parametrize(
    "what", [{"branch": "a", "tag": "b"}, {"branch": "--upload-pack=x"}, {"tag": "a..b"}, {"commit": "HEAD"}]
)
def test_what_git_could_misread_is_refused(what: dict[str, str], bobs: Script, project: Project) -> None:
    assert bobs.post("projects/shop/builds", what).status_code == 400
    assert not Build.objects.exists()


def test_a_build_shows_its_jobs_and_why_they_wait(bobs: Script, a_build: Callable[..., Build]) -> None:
    build = a_build()

    test, ship = bobs.get(f"builds/{build.pk}").json()["jobs"]

    assert test.keys() >= JOB
    assert (test["name"], test["status"], test["needs"]) == ("test", "pending", [])
    assert "No worker is running" in test["waiting"]
    assert (ship["needs"], ship["waiting"]) == (["test"], "It waits for “test”.")


def test_a_list_and_a_single_job_tell_the_same_reason(bobs: Script, a_build: Callable[..., Build]) -> None:
    Worker.objects.create(name="w", slots=1)
    running = a_build(a_job("busy")).jobs.get()
    Job.objects.filter(pk=running.pk).update(status=State.RUNNING)
    build = a_build(a_job("one"), a_job("two"), a_job("three", "one", "two"))

    told = {job["name"]: job["waiting"] for job in bobs.get(f"builds/{build.pk}").json()["jobs"]}

    assert told["two"] == "All 1 slot is busy; 1 job is ahead of it."
    for job in build.jobs.all():
        assert bobs.get(f"jobs/{job.pk}").json()["waiting"] == told[job.name]


def test_a_job_shows_its_steps(bobs: Script, a_build: Callable[..., Build]) -> None:
    build = a_build()

    found = bobs.get(f"jobs/{build.jobs.get(name='test').pk}").json()

    assert found["build"] == build.pk
    assert [(step["number"], step["name"]) for step in found["steps"]] == [(0, "Set up"), (1, "Tests")]


def test_builds_are_listed_newest_first_and_page_by_page(bobs: Script, a_build: Callable[..., Build]) -> None:
    made = [a_build().pk for _ in range(5)]

    seen, at = [], "projects/shop/builds?limit=2"
    while at:
        page = bobs.get(at).json()
        seen += [build["id"] for build in page["results"]]
        at = page["next"] and page["next"].partition("/api/v1/")[2]

    assert seen == sorted(made, reverse=True)
    assert page["previous"]


def test_builds_are_found_by_branch_status_and_commit(bobs: Script, a_build: Callable[..., Build], bob: User) -> None:
    mine = a_build(branch="mine")
    other = a_build(commit="2" * 40)
    other.cancel(by=bob)

    def found(query: str) -> list[int]:
        return [build["id"] for build in bobs.get(f"builds?{query}").json()["results"]]

    assert found("branch=mine") == [mine.pk]
    assert found("status=cancelled") == [other.pk]
    assert found(f"commit={COMMIT}") == [mine.pk]
    assert found("commit=2222") == [other.pk]
    assert found("commit=222f") == []


def test_cancelling_ends_what_waits_and_is_refused_the_second_time(bobs: Script, a_build: Callable[..., Build]) -> None:
    build = a_build()

    first = bobs.post(f"builds/{build.pk}/cancel")
    again = bobs.post(f"builds/{build.pk}/cancel")

    assert first.json()["status"] == "cancelled"
    assert {job["status"] for job in first.json()["jobs"]} == {"cancelled"}
    assert again.status_code == 409
    assert "already ended" in again.json()["detail"]


def test_a_retried_job_is_a_new_attempt(bobs: Script, a_build: Callable[..., Build]) -> None:
    job = a_build().jobs.get(name="test")
    bobs.post(f"jobs/{job.pk}/cancel")

    made = bobs.post(f"jobs/{job.pk}/retry")

    assert made.status_code == 201
    assert (made.json()["name"], made.json()["attempt"]) == ("test", 2)
    assert bobs.get(f"jobs/{job.pk}").json()["superseded"] is True
    assert bobs.post(f"jobs/{job.pk}/retry").status_code == 409


def test_deliveries_show_what_came(bobs: Script, delivery: Delivery) -> None:
    listed: dict[str, Any] = bobs.get("projects/shop/deliveries?verdict=built").json()["results"][0]
    found = bobs.get(f"deliveries/{delivery.pk}").json()

    assert listed["builds"] == found["builds"] == [{"id": 1, "number": 1, "status": "pending"}] or listed["builds"]
    assert "body" not in listed
    assert found["headers"] == {"X-GitHub-Event": "push"}
    assert found["body"] == '{"ref": "refs/heads/main"}'


def test_a_delivery_is_replayed_as_a_new_one(bobs: Script, delivery: Delivery) -> None:
    made = bobs.post(f"deliveries/{delivery.pk}/replay")

    assert made.status_code == 201
    assert made.json()["replay_of"] == delivery.pk
    assert made.json()["verdict"] == "received"
