from typing import Any

import pytest

from accounts.models import Membership, User
from projects.credentials import credential_of
from projects.models import Project
from tests.api.client import Script

FIELDS = {"slug", "name", "git_url", "default_branch", "webhook_url", "webhook_secret", "reach", "reach_detail"}


def test_an_administrator_creates_a_project_whose_repository_is_checked_at_once(admins: Script) -> None:
    made = admins.post("projects", {"slug": "web", "git_url": "https://git.example.com/web.git"})

    assert made.status_code == 201
    found = made.json()
    assert found.keys() >= FIELDS
    assert (found["name"], found["default_branch"], found["reach"]) == ("web", "main", "checking")
    assert found["webhook_url"].endswith("/hooks/web")
    assert len(found["webhook_secret"]) > 30


def test_a_slug_is_given_once(admins: Script, project: Project) -> None:
    answer = admins.post("projects", {"slug": "shop", "git_url": "https://git.example.com/x.git"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "slug"


def test_only_maintainers_read_the_webhook_secret(
    project: Project, alices: Script, bobs: Script, admins: Script
) -> None:
    for maintainers in (alices, admins):
        assert maintainers.get("projects/shop").json()["webhook_secret"] == project.webhook_secret
        assert maintainers.get("projects").json()["results"][0]["webhook_secret"] == project.webhook_secret

    assert bobs.get("projects/shop").json()["webhook_secret"] is None
    assert bobs.get("projects").json()["results"][0]["webhook_secret"] is None


def test_a_new_webhook_secret_replaces_the_old(project: Project, alices: Script) -> None:
    before = project.webhook_secret

    after = alices.post("projects/shop/webhook-secret").json()["webhook_secret"]

    assert after == project.webhook_secret != before


def test_archived_projects_leave_the_list(project: Project, alices: Script) -> None:
    alices.post("projects/shop/archive")

    assert alices.get("projects").json()["results"] == []
    assert alices.get("projects?archived=true").json()["results"][0]["archived_at"]
    assert alices.post("projects/shop/unarchive").json()["archived_at"] is None


def test_an_archived_project_starts_no_build(project: Project, bobs: Script, alice: User) -> None:
    project.archive(by=alice)

    answer = bobs.post("projects/shop/builds", {})

    assert answer.status_code == 409
    assert "Unarchive" in answer.json()["detail"]


def test_an_edit_changes_what_it_names_and_nothing_else(project: Project, alices: Script) -> None:
    found = alices.call("PATCH", "projects/shop", {"default_branch": "trunk"}).json()

    assert (found["default_branch"], found["name"]) == ("trunk", "Shop")


@pytest.mark.parametrize(
    "change", [{"slug": "other"}, {"git_url": "http://x/y"}, {"default_branch": "a..b"}, {"name": ""}]
)
def test_an_edit_that_cannot_be_is_refused(change: dict[str, str], project: Project, alices: Script) -> None:
    answer = alices.call("PATCH", "projects/shop", change)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] in change


@pytest.fixture
def with_password(project: Project, alices: Script) -> Any:
    body = {"kind": "password", "username": "bot", "password": "s3cret-token"}
    return alices.call("PUT", "projects/shop/credential", body)


def test_a_credential_is_never_read_back(with_password: Any, project: Project, alices: Script) -> None:
    assert with_password.json() == {"kind": "password", "username": "bot", "public_key": ""}
    assert credential_of(project).password == "s3cret-token"
    assert b"s3cret" not in alices.get("projects/shop/credential").content + alices.get("projects/shop").content


def test_a_key_is_made_and_its_public_half_told(project: Project, alices: Script) -> None:
    found = alices.call("PUT", "projects/shop/credential", {"kind": "ssh_key"}).json()

    assert found["public_key"].startswith("ssh-ed25519 ")


def test_a_credential_stays_with_the_host_that_it_was_given_for(
    with_password: Any, project: Project, alices: Script
) -> None:
    alices.call("PATCH", "projects/shop", {"git_url": "https://git.example.com/team/store.git"})
    assert credential_of(project).kind == "password"

    alices.call("PATCH", "projects/shop", {"git_url": "https://evil.example.net/team/store.git"})
    assert credential_of(project).kind == "none"


def test_a_removed_credential_is_gone(with_password: Any, project: Project, alices: Script) -> None:
    assert alices.call("DELETE", "projects/shop/credential").status_code == 204
    assert alices.get("projects/shop/credential").json()["kind"] == "none"


def test_a_maintainer_makes_members(project: Project, alices: Script, charlies: Script, charlie: User) -> None:
    made = alices.call("PUT", "projects/shop/members/charlie", {"role": "viewer"})

    assert made.json()["role"] == "viewer"
    assert charlies.get("projects/shop").status_code == 200
    assert {m["username"] for m in alices.get("projects/shop/members").json()["results"]} == {"alice", "charlie"}

    alices.call("DELETE", "projects/shop/members/charlie")
    assert charlies.get("projects/shop").status_code == 404


def test_somebody_unknown_cannot_be_a_member(project: Project, alices: Script) -> None:
    assert alices.call("PUT", "projects/shop/members/nobody", {"role": "viewer"}).status_code == 404
    assert alices.call("DELETE", "projects/shop/members/nobody").status_code == 404


def test_the_only_maintainer_stays_one(project: Project, alices: Script, bob: User) -> None:
    assert alices.call("DELETE", "projects/shop/members/alice").status_code == 409
    assert alices.call("PUT", "projects/shop/members/alice", {"role": "viewer"}).status_code == 409

    alices.call("PUT", "projects/shop/members/bob", {"role": "maintainer"})
    assert alices.call("DELETE", "projects/shop/members/alice").status_code == 204
    assert Membership.objects.get(scope=project.scope).user == bob
