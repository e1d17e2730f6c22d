"""A project's page says whether its repository can be reached, and if not, why not and what to do."""

import pytest
from pytest_django import Settings

from events.models import Event
from projects import reach
from projects.models import Project
from tests.repositories import Repository

pytestmark = pytest.mark.django_db


def checked(project: Project) -> Project:
    reach.check(project)
    project.refresh_from_db()
    return project


def test_a_repository_with_the_default_branch_is_reached(shop: Project, repository: Repository) -> None:
    repository.commit()
    repository.push()

    checked(shop)

    assert (shop.reach, shop.reach_detail) == (Project.Reach.REACHED, "")
    assert Event.objects.filter(type="projects.project.reach_checked", data__reach="reached").exists()


def test_a_missing_default_branch_is_told_with_the_branches_there_are(shop: Project, repository: Repository) -> None:
    repository.commit()
    repository.push("HEAD:refs/heads/trunk")

    checked(shop)

    assert shop.reach == Project.Reach.REACHED
    assert "It has no branch “main”. It has trunk." in shop.reach_detail


def test_an_empty_repository_asks_for_a_first_commit(shop: Project) -> None:
    checked(shop)

    assert (shop.reach, shop.reach_detail) == (Project.Reach.REACHED, "It is empty: push a first commit.")


def test_what_is_no_repository_is_told(shop: Project) -> None:
    shop.git_url = "file:///nowhere/shop.git"
    shop.save(update_fields=["git_url"])

    assert "no repository at this address" in checked(shop).reach_detail


def test_a_host_that_does_not_exist_is_told(project: Project) -> None:
    project.git_url = "https://git.invalid/team/shop.git"
    project.save(update_fields=["git_url"])

    checked(project)

    assert project.reach == Project.Reach.FAILED
    assert "git.invalid" in project.reach_detail


def test_a_local_repository_needs_the_operators_leave(shop: Project, settings: Settings) -> None:
    settings.ALLOW_LOCAL_GIT = False

    assert "KEELWAY_ALLOW_LOCAL_GIT=1" in checked(shop).reach_detail


def test_asking_for_a_check_shows_that_one_is_on_its_way(shop: Project) -> None:
    reach.request_reach_check(shop)

    shop.refresh_from_db()
    assert shop.reach == Project.Reach.CHECKING


def test_the_answer_for_an_earlier_address_is_dropped(shop: Project) -> None:
    earlier = Project.objects.get(pk=shop.pk)
    Project.objects.update(git_url="https://elsewhere.example.com/x", reach=Project.Reach.CHECKING)

    reach.check(earlier)

    shop.refresh_from_db()
    assert shop.reach == Project.Reach.CHECKING
