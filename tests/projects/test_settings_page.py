import pytest
from django.test import Client

from accounts.models import Membership, User
from accounts.roles import Role
from projects.access import Kind
from projects.credentials import credential_of
from projects.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture
def hers(client: Client, alice: User, project: Project) -> Client:
    client.force_login(alice)
    return client


def test_settings_are_saved_and_the_repository_is_asked_again(hers: Client, project: Project) -> None:
    data = {"name": "Web shop", "git_url": "https://git.example.com/team/web.git", "default_branch": "trunk"}

    hers.post("/projects/shop/settings/", data)

    project.refresh_from_db()
    assert (project.name, project.git_url, project.default_branch) == tuple(data.values())
    assert project.reach == Project.Reach.CHECKING


def test_a_bad_url_is_explained_at_its_field(hers: Client, project: Project) -> None:
    data = {"name": "Shop", "git_url": "ftp://example.com/shop", "default_branch": "main"}

    answer = hers.post("/projects/shop/settings/", data)

    assert answer.status_code == 422
    assert b"Use https://host/path.git" in answer.content
    project.refresh_from_db()
    assert project.git_url.startswith("https://")


def test_a_developer_is_told_which_role_it_takes(client: Client, bob: User) -> None:
    client.force_login(bob)

    answer = client.get("/projects/shop/settings/")

    assert answer.status_code == 403
    assert b"takes the role maintainer on Shop; yours is developer" in answer.content


def test_a_password_is_stored_and_never_shown(hers: Client, project: Project) -> None:
    data = {"kind": "password", "username": "robot", "password": "hunter2hunter2"}

    hers.post("/projects/shop/settings/credentials/", data)

    assert credential_of(project).password == "hunter2hunter2"
    page = hers.get("/projects/shop/settings/").content
    assert b"robot" in page
    assert b"hunter2" not in page


def test_an_ssh_key_is_made_and_its_public_half_shown(hers: Client, project: Project) -> None:
    hers.post("/projects/shop/settings/credentials/", {"kind": "ssh_key"})

    assert credential_of(project).kind == Kind.SSH_KEY
    page = hers.get("/projects/shop/settings/").content
    assert b"ssh-ed25519 " in page
    assert b"PRIVATE KEY" not in page


def test_a_credential_that_cannot_be_is_explained(hers: Client) -> None:
    answer = hers.post("/projects/shop/settings/credentials/", {"kind": "ssh_key", "private_key": "ssh-rsa AAAA"})

    assert answer.status_code == 422
    assert b"This is a public key" in answer.content


def test_the_secret_is_replaced_after_a_confirmation(hers: Client, project: Project) -> None:
    before = project.webhook_secret
    assert before in hers.get("/projects/shop/settings/").content.decode()

    hers.post("/projects/shop/settings/webhook/")

    assert project.webhook_secret != before


def test_each_forge_is_told_where_to_paste(hers: Client) -> None:
    page = hers.get("/projects/shop/settings/webhook/forges/").content.decode()

    for name in ("GitHub", "GitLab", "Gitea", "Bitbucket", "post-receive"):
        assert name in page


def test_members_are_added_changed_and_removed(hers: Client, project: Project, charlie: User) -> None:
    hers.post("/projects/shop/settings/members/", {"username": "charlie", "role": "viewer"})
    member = Membership.objects.get(scope=project.scope, user=charlie)
    assert member.role == Role.VIEWER

    hers.post(f"/projects/shop/settings/members/{member.pk}/", {"role": "developer"})
    member.refresh_from_db()
    assert member.role == Role.DEVELOPER

    hers.post(f"/projects/shop/settings/members/{member.pk}/", {"remove": "1"})
    assert not project.scope.memberships.filter(user=charlie).exists()


def test_the_last_maintainer_stays(hers: Client, project: Project, alice: User) -> None:
    member = Membership.objects.get(scope=project.scope, user=alice)

    for data in ({"role": "viewer"}, {"remove": "1"}):
        answer = hers.post(f"/projects/shop/settings/members/{member.pk}/", data, follow=True)
        assert "the only maintainer" in answer.content.decode()

    member.refresh_from_db()
    assert member.role == Role.MAINTAINER


def test_a_project_is_archived_and_brought_back(hers: Client, project: Project) -> None:
    hers.post("/projects/shop/settings/archive/", {"archived": "1"})
    project.refresh_from_db()
    assert project.archived_at
    assert b"Shop</strong>" not in hers.get("/").content

    hers.post("/projects/shop/settings/archive/")
    project.refresh_from_db()
    assert project.archived_at is None
