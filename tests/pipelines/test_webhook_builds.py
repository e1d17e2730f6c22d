"""A push becomes a build, with everything that Git and the pipeline file say of it."""

from typing import Any

import pytest
from django.test import Client

from builds.models import Build
from builds.states import State
from pipelines.models import Delivery
from pipelines.processing import MOST_BUILDS
from pipelines.tasks import process_delivery
from projects.models import Project
from tests.pipelines.payloads import github_pull_request
from tests.pipelines.senders import OLD, push, send
from tests.repositories import Repository

pytestmark = pytest.mark.django_db


def deliver(client: Client, project: Project, payload: Any, **how: str) -> Delivery:
    delivery = Delivery.objects.get(pk=send(client, project, payload, **how).json()["delivery"])
    process_delivery(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def test_a_push_starts_a_build(client: Client, shop: Project, repository: Repository) -> None:
    commit = repository.commit_pipeline(message="Add a pipeline\n\nIt says hello.")
    link = "https://git.example.com/team/shop/commit/1"

    delivery = deliver(client, shop, push(after=commit, head_commit={"id": commit, "url": link}))

    build = delivery.builds.get()
    assert (delivery.verdict, delivery.detail) == ("built", "“main” started build #1.")
    assert (build.event, build.branch, build.commit, build.link) == ("push", "main", commit, link)
    assert (build.title, build.author_name, build.author_email) == (
        "Add a pipeline",
        "Ada Lovelace",
        "ada@example.com",
    )
    assert [job.name for job in build.jobs.all()] == ["test"]
    assert delivery.processed_at is not None


def test_working_on_a_delivery_twice_makes_one_build(client: Client, shop: Project, repository: Repository) -> None:
    delivery = deliver(client, shop, push(after=repository.commit_pipeline()))

    process_delivery(delivery.pk)

    assert Build.objects.count() == 1


def test_an_annotated_tag_builds_its_commit(client: Client, shop: Project, repository: Repository) -> None:
    commit = repository.commit_pipeline()
    repository.git("tag", "-a", "v1", "-m", "One")
    repository.push("v1")

    delivery = deliver(client, shop, push("refs/tags/v1", after=repository.git("rev-parse", "v1")))

    build = delivery.builds.get()
    assert (build.event, build.tag, build.branch, build.commit) == ("tag", "v1", "", commit)


def test_a_force_push_is_built_and_told(client: Client, shop: Project, repository: Repository) -> None:
    before = repository.commit_pipeline()
    deliver(client, shop, push(after=before), id="d-1")
    repository.git("commit", "--quiet", "--amend", "-m", "Rewritten")
    repository.push()

    delivery = deliver(client, shop, push(before=before, after=repository.git("rev-parse", "HEAD")), id="d-2")

    assert delivery.detail == "“main” started build #2 after a force push."


def test_a_pull_request_is_built_once_at_each_commit(client: Client, shop: Project, repository: Repository) -> None:
    repository.commit_pipeline()
    commit = repository.commit("A proposal")
    repository.push("HEAD:refs/pull/7/head")
    payload = github_pull_request()
    payload["pull_request"]["head"]["sha"] = commit

    first = deliver(client, shop, payload, event="pull_request", id="d-1")
    again = deliver(client, shop, payload, event="pull_request", id="d-2")

    build = first.builds.get()
    assert (build.event, build.pull_request, build.branch, build.commit) == ("pull_request", "7", "feature", commit)
    assert (again.verdict, again.builds.count()) == ("ignored", 0)
    assert "built before at this commit" in again.detail


def test_an_unknown_commit_fails_with_its_name(client: Client, shop: Project, repository: Repository) -> None:
    repository.commit_pipeline()

    delivery = deliver(client, shop, push(after="ab" * 20))

    assert delivery.verdict == "failed"
    assert f"Commit {'ab' * 20} is not in the repository" in delivery.detail


def test_a_repository_without_a_pipeline_file_is_told_what_to_add(
    client: Client, shop: Project, repository: Repository
) -> None:
    commit = repository.commit()
    repository.push()

    delivery = deliver(client, shop, push(after=commit))

    assert (delivery.verdict, Build.objects.count()) == ("ignored", 0)
    assert "There is no .keelway.yml at commit" in delivery.detail


def test_an_invalid_pipeline_file_makes_a_build_that_says_what_is_wrong(
    client: Client, shop: Project, repository: Repository
) -> None:
    commit = repository.commit_pipeline("jobs:\n  test:\n    image: busybox\n    step: [x]\n")

    delivery = deliver(client, shop, push(after=commit))

    build = delivery.builds.get()
    assert (build.state, build.plan) == (State.ERROR, None)
    assert {"file", "line", "column", "message"} <= build.problems[0].keys()
    assert "problem" in build.reason
    assert "build #1, which could not start" in delivery.detail


def test_a_repository_that_is_gone_fails_with_the_reason(client: Client, shop: Project) -> None:
    Project.objects.update(git_url="file:///nowhere/shop.git")

    delivery = deliver(client, shop, push())

    assert delivery.verdict == "failed"
    assert "no repository at this address" in delivery.detail


def test_a_server_that_is_away_is_tried_again(client: Client, shop: Project) -> None:
    Project.objects.update(git_url="https://127.0.0.1:9/team/shop.git")  # nothing listens on port 9

    delivery = deliver(client, shop, push())

    assert delivery.verdict == "received"
    assert "cannot be reached from here" in delivery.detail
    Delivery.objects.update(received_at="2020-01-01T00:00Z")
    process_delivery(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.verdict == "failed"


def test_one_delivery_may_name_several_branches(client: Client, shop: Project, repository: Repository) -> None:
    commit = repository.commit_pipeline()
    lines = [f"{OLD} {commit} refs/heads/b{number}" for number in range(MOST_BUILDS + 5)]
    body = "\n".join([f"{OLD} {'0' * 40} refs/heads/gone", *lines]).encode()

    delivery = deliver(client, shop, body, forge="git", content_type="text/plain")

    assert delivery.builds.count() == MOST_BUILDS
    assert f"only the first {MOST_BUILDS} were built" in delivery.detail
    assert "“gone” was deleted" in delivery.detail


def test_a_project_archived_meanwhile_builds_nothing(client: Client, shop: Project, repository: Repository) -> None:
    sent = send(client, shop, push(after=repository.commit_pipeline())).json()
    Project.objects.update(archived_at="2026-01-01T00:00Z")

    process_delivery(sent["delivery"])

    assert Delivery.objects.get().verdict == "ignored"
