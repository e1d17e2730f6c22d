"""A job gets a copy of its own, and nothing of the repository is run while it is made."""

import stat
from pathlib import Path

import pytest

from projects import git
from projects.faults import GitFailed
from projects.mirror import Mirror
from projects.models import Project
from tests.repositories import Repository

pytestmark = pytest.mark.django_db


def test_a_checkout_shares_nothing_with_the_mirror(shop: Project, repository: Repository, tmp_path: Path) -> None:
    repository.commit("First")
    commit = repository.commit("Second", run__sh="echo hi\n")
    repository.push()
    mirror = Mirror(shop)
    mirror.fetch()
    job = tmp_path / "job"

    mirror.checkout(commit, job, branch="main")

    assert (job / "run.sh").read_text() == "echo hi\n"
    assert stat.S_IMODE((job / "run.sh").stat().st_mode) == 0o666
    assert not (job / ".git/objects/info/alternates").exists()
    mine = {path.stat().st_ino for path in mirror.path.rglob("*") if path.is_file()}
    assert not any(path.stat().st_ino in mine for path in job.rglob("*") if path.is_file())
    seen = git.run(["-C", str(job), "log", "--format=%s", "main"]).decode()
    assert seen == "Second\nFirst\n"
    assert git.run(["-C", str(job), "config", "remote.origin.url"]).decode().strip() == repository.url


def test_a_checkout_runs_nothing_of_the_repository(shop: Project, repository: Repository, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    commit = repository.commit(**{".gitattributes": "*.txt filter=evil\n", "a__txt": f"touch {trace}\n"})
    repository.push()
    mirror = Mirror(shop)
    mirror.fetch()

    mirror.checkout(commit, tmp_path / "job")

    assert not trace.exists()
    assert not (tmp_path / "job/.git/hooks").exists()


def test_a_checkout_of_an_absent_commit_says_so(shop: Project, repository: Repository, tmp_path: Path) -> None:
    repository.commit()
    repository.push()
    Mirror(shop).fetch()

    with pytest.raises(GitFailed, match="is not in the repository"):
        Mirror(shop).checkout("ab" * 20, tmp_path / "job")
    with pytest.raises(GitFailed, match="not a full commit id"):
        Mirror(shop).checkout("--upload-pack=touch /tmp/x", tmp_path / "job")
