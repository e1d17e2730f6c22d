"""Real Git repositories to test with."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from projects.models import Project

PIPELINE = """\
jobs:
  test:
    image: busybox
    steps:
      - echo hello
"""

_ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada Lovelace",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada Lovelace",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


@dataclass
class Repository:
    """A bare repository at `bare`, and a clone of it at `work` in which people commit."""

    bare: Path
    work: Path

    @classmethod
    def make(cls, folder: Path) -> "Repository":
        made = cls(folder / "shop.git", folder / "shop")
        made._run("init", "--quiet", "--bare", "--initial-branch=main", str(made.bare), at=folder)
        made._run("clone", "--quiet", str(made.bare), str(made.work), at=folder)
        made.git("checkout", "--quiet", "-B", "main")
        return made

    @property
    def url(self) -> str:
        return self.bare.as_uri()

    def git(self, *arguments: str) -> str:
        """Run Git where people commit; what it prints."""
        return self._run(*arguments, at=self.work)

    def commit(self, message: str = "Change", **files: str) -> str:
        """Commit `files` (`name__ext` stands for `name.ext`) on the branch that is checked out; its id."""
        for name, text in (files or {"README__md": message}).items():
            path = self.work / name.replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def push(self, *refs: str) -> str:
        """Push `refs`, by default what is checked out; what the other side said."""
        command = ["git", "push", "--quiet", "--force", "origin", *(refs or ("HEAD",))]
        return subprocess.run(command, cwd=self.work, env=_ENV, check=True, capture_output=True, text=True).stderr

    def commit_pipeline(self, text: str = PIPELINE, message: str = "Add a pipeline") -> str:
        """Commit the pipeline file and push it; the commit's id."""
        (self.work / ".keelway.yml").write_text(text)
        sha = self.commit(message)
        self.push()
        return sha

    def _run(self, *arguments: str, at: Path) -> str:
        done = subprocess.run(["git", *arguments], cwd=at, env=_ENV, check=True, capture_output=True, text=True)
        return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository without a commit."""
    return Repository.make(tmp_path)


@pytest.fixture
def shop(project: Project, repository: Repository) -> Project:
    """The project, its code in `repository`."""
    Project.objects.filter(pk=project.pk).update(git_url=repository.url)
    project.refresh_from_db()
    return project
