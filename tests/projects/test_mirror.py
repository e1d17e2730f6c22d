"""The bare copy of a repository follows the repository, whatever happens to either."""

import threading
from pathlib import Path

import pytest

from projects import git
from projects.faults import GitFailed
from projects.locking import exclusive
from projects.mirror import Mirror
from projects.models import Project
from tests.repositories import Repository

pytestmark = pytest.mark.django_db


def test_it_brings_branches_and_tags_and_drops_what_is_gone(shop: Project, repository: Repository) -> None:
    first = repository.commit("First")
    repository.git("tag", "-a", "v1", "-m", "One")
    repository.push("HEAD", "v1", "HEAD:refs/heads/old")
    mirror = Mirror(shop)
    mirror.fetch()
    repository.push(":refs/heads/old")

    mirror.fetch()

    assert mirror.branches() == ["main"]
    assert mirror.resolve(tag="v1") == first
    with pytest.raises(GitFailed, match=r"no branch “old”\. It has main"):
        mirror.resolve(branch="old")


def test_it_follows_a_force_push(shop: Project, repository: Repository) -> None:
    before = repository.commit("First")
    repository.push()
    mirror = Mirror(shop)
    mirror.fetch()
    repository.git("commit", "--quiet", "--amend", "-m", "Rewritten")
    repository.push()

    mirror.fetch()

    after = repository.git("rev-parse", "HEAD")
    assert mirror.resolve(branch="main") == after
    assert not mirror.is_ancestor(before, after)


def test_it_fetches_a_commit_that_no_branch_leads_to(shop: Project, repository: Repository) -> None:
    repository.commit("First")
    repository.push()
    wanted = repository.commit("A proposal")
    repository.push("HEAD:refs/pull/12/head")
    mirror = Mirror(shop)

    mirror.fetch()
    assert not mirror.has(wanted)
    mirror.fetch(wanted=wanted, ref="refs/pull/12/head")

    assert mirror.has(wanted)


def test_an_unknown_commit_is_named(shop: Project, repository: Repository) -> None:
    repository.commit()
    repository.push()
    mirror = Mirror(shop)

    mirror.fetch(wanted="ab" * 20)

    assert not mirror.has("ab" * 20)
    with pytest.raises(GitFailed, match=r"Commit abab.* is not in the repository"):
        mirror.resolve(commit="ab" * 20)


def test_it_is_made_again_when_it_is_broken(shop: Project, repository: Repository) -> None:
    commit = repository.commit()
    repository.push()
    mirror = Mirror(shop)
    mirror.fetch()
    for path in (mirror.path / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"")

    mirror.fetch(wanted=commit)

    assert mirror.commit(commit).message == "Change"


def test_it_is_made_again_when_the_project_gets_another_url(shop: Project, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    old, new = Repository.make(tmp_path / "a"), Repository.make(tmp_path / "b")
    before, after = old.commit("Old"), new.commit("New")
    old.push()
    new.push()
    shop.git_url = old.url
    Mirror(shop).fetch()

    shop.git_url = new.url
    Mirror(shop).fetch(wanted=before)

    assert Mirror(shop).has(after)
    assert not Mirror(shop).has(before)


def test_a_lock_that_a_killed_git_left_does_not_stop_it(shop: Project, repository: Repository) -> None:
    repository.commit()
    repository.push()
    mirror = Mirror(shop)
    mirror.fetch()
    (mirror.path / "packed-refs.lock").touch()
    (mirror.path / "refs/heads/main.lock").touch()
    commit = repository.commit("Second")
    repository.push()

    mirror.fetch()

    assert mirror.resolve(branch="main") == commit


def test_only_one_fetches_at_a_time(shop: Project, repository: Repository) -> None:
    repository.commit()
    repository.push()
    mirror = Mirror(shop)
    mirror.fetch()

    with exclusive(mirror.path.with_suffix(".lock"), wait=0), pytest.raises(GitFailed, match="still running") as found:
        mirror.fetch(wait=0.1)

    assert found.value.transient
    mirror.fetch(wait=0.1)


def test_it_reads_a_file_and_nothing_but_a_file(shop: Project, repository: Repository) -> None:
    (repository.work / "link.yml").symlink_to("/etc/passwd")
    commit = repository.commit(pipeline__yml="jobs: {}\n")
    repository.push()
    mirror = Mirror(shop)
    mirror.fetch()

    assert mirror.read(commit, "pipeline.yml", 100) == b"jobs: {}\n"
    assert mirror.read(commit, "absent.yml", 100) is None
    with pytest.raises(GitFailed, match="not a regular file"):
        mirror.read(commit, "link.yml", 100)
    with pytest.raises(GitFailed, match="has 9 bytes; at most 5 are read"):
        mirror.read(commit, "pipeline.yml", 5)


def test_a_fetch_stops_when_it_is_told_to(shop: Project, repository: Repository) -> None:
    repository.commit()
    repository.push()
    stop = threading.Event()
    stop.set()

    with pytest.raises(git.Stopped):
        Mirror(shop).fetch(stop=stop)


def test_no_url_can_name_another_transport(shop: Project) -> None:
    shop.git_url = "ext::sh -c touch% /tmp/x"
    with pytest.raises(GitFailed, match="no spaces or control"):
        Mirror(shop).fetch()
    with pytest.raises(GitFailed, match="not allowed on this server"):
        git.run(["ls-remote", "ext::true"])
