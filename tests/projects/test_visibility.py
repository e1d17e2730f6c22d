import pytest

from accounts.models import User
from projects.models import Project

pytestmark = pytest.mark.django_db


def test_a_member_sees_the_project(project: Project, alice: User, bob: User) -> None:
    assert list(Project.objects.visible_to(alice)) == [project]
    assert list(Project.objects.visible_to(bob)) == [project]


def test_an_outsider_does_not(project: Project, charlie: User) -> None:
    assert not Project.objects.visible_to(charlie).exists()


def test_the_administrator_sees_everything(project: Project, admin: User) -> None:
    assert list(Project.objects.visible_to(admin)) == [project]
