import pytest
from django.test import Client

from accounts.models import User
from projects.models import Project

pytestmark = pytest.mark.django_db

GIVEN = {
    "name": "Web shop",
    "slug": "web-shop",
    "git_url": "https://git.example.com/team/web.git",
    "default_branch": "main",
}


@pytest.fixture
def as_admin(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def test_the_administrator_makes_a_project_whose_repository_is_asked_at_once(as_admin: Client) -> None:
    answer = as_admin.post("/projects/new/", GIVEN)

    assert answer.headers["Location"] == "/projects/web-shop/settings/"
    assert Project.objects.get(slug="web-shop").reach == Project.Reach.CHECKING


def test_others_are_told_who_may(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert b"Only an administrator" in client.get("/projects/new/").content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"slug": "new"}, "is a page of Keelway"),
        ({"slug": "Web Shop"}, "lower-case letters"),
        ({"git_url": "https://me:secret@git.example.com/x.git"}, "Leave user name and password out"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_a_mistake_is_explained_and_nothing_is_made(as_admin: Client, change: dict[str, str], said: str) -> None:
    answer = as_admin.post("/projects/new/", GIVEN | change)

    assert said in answer.content.decode()
    assert not Project.objects.exists()
