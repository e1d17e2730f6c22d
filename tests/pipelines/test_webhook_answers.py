"""Every webhook has a clear answer, and every one for a project is kept."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import User
from pipelines.models import Delivery
from projects.models import Project
from tests.pipelines.senders import NEW, push, send, shop

pytestmark = pytest.mark.django_db


def test_what_is_not_json_is_refused_with_the_place(client: Client, project: Project) -> None:
    response = send(client, project, b'{"ref": oops}')

    assert response.status_code == 400
    assert response.json()["detail"] == "The body is not JSON: Expecting value at line 1, column 9."
    assert bytes(Delivery.objects.get().body) == b'{"ref": oops}'
    assert send(client, project, b"[" * 100_000).status_code == 400
    assert send(client, project, b"\xff\xfe").status_code == 400
    assert send(client, project, b"[]").status_code == 400
    assert send(client, project, {"ref": "main", "repository": shop("github")}).status_code == 400


def test_a_body_of_30_megabytes_is_refused_and_not_kept(client: Client, project: Project) -> None:
    response = send(client, project, b"x" * 30 * 1024**2)

    delivery = Delivery.objects.get()
    assert response.status_code == 413
    assert "larger than 26,214,400 bytes" in response.json()["detail"]
    assert (bytes(delivery.body), delivery.body_bytes, delivery.verdict) == (b"", 30 * 1024**2, "rejected")


def test_a_large_body_within_the_limit_is_taken(client: Client, project: Project) -> None:
    assert send(client, project, push(filler="x" * 5 * 1024**2)).status_code == 202


def test_an_unknown_event_is_answered_and_kept(client: Client, project: Project) -> None:
    response = send(client, project, {"repository": shop("github")}, event="star")

    assert (response.status_code, response.json()["verdict"]) == (202, "ignored")
    assert "does nothing at “star”" in Delivery.objects.get().detail


def test_a_ping_is_answered(client: Client, project: Project) -> None:
    response = send(client, project, {"zen": "x", "repository": shop("github")}, event="ping")

    assert (response.status_code, response.json()["verdict"]) == (200, "pong")


def test_a_deleted_branch_is_ignored_with_the_reason(client: Client, project: Project) -> None:
    response = send(client, project, push(after="0" * 40))

    assert (response.status_code, response.json()["verdict"]) == (202, "ignored")
    assert "was deleted" in response.json()["detail"]


def test_a_webhook_of_another_project_is_refused_and_names_both(client: Client, project: Project) -> None:
    response = send(client, project, push() | {"repository": shop("github", "team/other")})

    assert response.status_code == 422
    assert "https://git.example.com/team/other.git" in response.json()["detail"]
    assert "https://git.example.com/team/shop.git" in response.json()["detail"]
    assert Delivery.objects.get().verdict == "rejected"


def test_the_same_repository_by_another_name_is_taken(client: Client, project: Project) -> None:
    for number, url in enumerate(["ssh://git@forge.internal:7999/Team/Shop.git", "git@other:team/shop"]):
        Project.objects.update(git_url=url)
        assert send(client, project, push(), id=f"d-{number}").status_code == 202


def test_an_unknown_project_is_told(client: Client, project: Project) -> None:
    response = client.post("/hooks/nowhere", b"{}", content_type="application/json")

    assert response.status_code == 404
    assert "There is no project “nowhere” here" in response.json()["detail"]


def test_an_archived_project_takes_nothing(client: Client, project: Project, alice: User) -> None:
    project.archive(by=alice)

    assert send(client, project, push()).status_code == 410
    assert not Delivery.objects.exists()


def test_a_browser_is_told_what_the_address_is_for(client: Client, project: Project) -> None:
    assert client.get(f"/hooks/{project.slug}").status_code == 405


def test_a_form_is_taken_too(client: Client, project: Project) -> None:
    body = urlencode({"payload": json.dumps(push())}).encode()

    response = send(client, project, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 202


def test_lines_of_a_post_receive_hook_are_taken(client: Client, project: Project) -> None:
    body = f"{'0' * 40} {NEW} refs/heads/main\n{'0' * 40} {NEW} refs/tags/v1\n".encode()
    headers = {"Authorization": f"Bearer {project.webhook_secret}"}

    response = client.post(f"/hooks/{project.slug}", body, content_type="text/plain", headers=headers)

    assert response.status_code == 202
    assert client.post(f"/hooks/{project.slug}", b"hi", content_type="text/plain", headers=headers).status_code == 400
