"""A build asked for by hand is there at once, and says what it will do when the repository was read."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from builds.models import Build
from builds.states import Refused, State
from pipelines.building import request_build
from pipelines.tasks import prepare_build
from projects.models import Project
from tests.repositories import Repository

pytestmark = pytest.mark.django_db


def prepared(build: Build) -> Build:
    prepare_build(build.pk)
    build.refresh_from_db()
    return build


def test_it_is_there_at_once_and_says_what_it_waits_for(shop: Project, bob: User) -> None:
    build = request_build(shop, by=bob)

    assert (build.state, build.branch, build.commit, build.created_by) == (State.PENDING, "main", "", bob)
    assert "Fetching the repository" in build.reason


def test_it_builds_a_branch(shop: Project, repository: Repository, bob: User) -> None:
    commit = repository.commit_pipeline()

    build = prepared(request_build(shop, by=bob, branch="main"))

    assert (build.commit, build.title, build.reason) == (commit, "Add a pipeline", "")
    assert build.jobs.count() == 1


def test_it_builds_a_tag_and_a_commit_cut_short(shop: Project, repository: Repository, bob: User) -> None:
    commit = repository.commit_pipeline()
    repository.git("tag", "v1")
    repository.push("v1")

    assert prepared(request_build(shop, by=bob, tag="v1")).commit == commit
    assert prepared(request_build(shop, by=bob, commit=commit[:8])).commit == commit


def test_preparing_it_twice_changes_nothing(shop: Project, repository: Repository, bob: User) -> None:
    repository.commit_pipeline()
    build = prepared(request_build(shop, by=bob))

    prepare_build(build.pk)

    assert build.jobs.count() == 1


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"branch": "nowhere"}, "no branch “nowhere”. It has main"),
        ({"tag": "v9"}, "no tag “v9”. It has no tags at all yet"),
        ({"commit": "abcdef1"}, "Commit abcdef1 is not in the repository"),
    ],
)
def test_what_is_not_there_ends_it_with_the_reason(
    shop: Project, repository: Repository, bob: User, wanted: dict[str, str], reason: str
) -> None:
    repository.commit_pipeline()

    build = prepared(request_build(shop, by=bob, **wanted))

    assert build.state == State.ERROR
    assert reason in build.reason


def test_without_a_pipeline_file_it_ends_with_the_remedy(shop: Project, repository: Repository, bob: User) -> None:
    repository.commit()
    repository.push()

    build = prepared(request_build(shop, by=bob))

    assert (build.state, build.jobs.count()) == (State.ERROR, 0)
    assert "Add one at the top" in build.reason


@pytest.mark.parametrize(
    "wanted", [{"branch": "-x"}, {"branch": "a..b"}, {"tag": "a b"}, {"commit": "HEAD"}, {"commit": "--all"}]
)
def test_what_cannot_be_a_name_is_refused(shop: Project, bob: User, wanted: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="Expected"):
        request_build(shop, by=bob, **wanted)
    assert not Build.objects.exists()


def test_only_one_of_them_is_taken(shop: Project, bob: User) -> None:
    with pytest.raises(ValidationError, match="one of"):
        request_build(shop, by=bob, branch="main", tag="v1")


def test_an_archived_project_builds_nothing(shop: Project, bob: User, alice: User) -> None:
    shop.archive(by=alice)

    with pytest.raises(Refused, match="archived"):
        request_build(shop, by=bob)


def test_one_cancelled_before_it_was_read_stays_cancelled(shop: Project, repository: Repository, bob: User) -> None:
    repository.commit_pipeline()
    build = request_build(shop, by=bob)
    build.cancel(by=bob)

    assert prepared(build).state == State.CANCELLED
