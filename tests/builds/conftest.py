"""Real parts for the runner: an image, a repository, a keeper."""

import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import transaction

from builds import runner
from builds.engine import Engine, engine
from builds.lease import Keeper
from builds.models import Job
from builds.starting import start_build
from projects.models import Project
from tests.builds.plans import IMAGE, job, plan


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[Engine]:
    """The engine, with the image that the tests' jobs run in. Leaves no network of ours behind."""
    found = engine()
    if not found._docker.images.list(IMAGE):
        _import_busybox(found)
    yield found
    for container, _ in found.containers():
        found.remove(container)
    found.remove_network()


def _import_busybox(found: Engine) -> None:
    busybox = shutil.which("busybox")
    assert busybox, "apt-get install busybox-static"
    names = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(busybox, "bin/busybox")
        for name in set(names) - {"busybox"}:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        folder = tarfile.TarInfo("tmp")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
        tar.addfile(folder)
    found._api.import_image_from_data(archive.getvalue(), repository=IMAGE, tag="latest", changes=["ENV PATH=/bin"])


@pytest.fixture
def commit(tmp_path: Path, project: Project) -> str:
    """A commit in a real repository that `project` points at."""
    folder = tmp_path / "shop"

    def git(*words: str) -> str:
        who = ["-c", "user.name=Alice", "-c", "user.email=alice@example.com"]
        done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    folder.mkdir()
    git("init", "-q", "-b", "main")
    (folder / "hello.txt").write_text("hello from the repository\n")
    git("add", ".")
    git("commit", "-q", "-m", "Say hello")
    Project.objects.filter(pk=project.pk).update(git_url=f"file://{folder}")
    project.refresh_from_db()
    return git("rev-parse", "HEAD")


@pytest.fixture
def keeper(transactional_db: None) -> Iterator[Keeper]:
    made = Keeper("test-0", 2)
    made.start()
    yield made
    made.let_go()
    made.gone()


@pytest.fixture
def begin(project: Project, commit: str) -> Callable[..., Job]:
    """Start a build of one job with these steps; the job, not yet run."""

    def make(*runs: str, **facts: object) -> Job:
        with transaction.atomic():
            build = start_build(
                project, event="push", commit=commit, plan=plan(job("work", *runs, **facts)), branch="main"
            )
        return build.jobs.select_related("build__project").get()

    return make


@pytest.fixture
def run(begin: Callable[..., Job], keeper: Keeper, docker_engine: Engine) -> Callable[..., Job]:
    """Run a job with these steps to its end, in a real container."""

    def make(*runs: str, **facts: object) -> Job:
        made = begin(*runs, **facts)
        runner.run(made.pk, keeper)
        return Job.objects.select_related("build__project").get(pk=made.pk)

    return make


def lines(job: Job, step: int | None = None) -> list[str]:
    from builds.log import iterate

    found = list(iterate(job))
    assert [line.n for line in found] == list(range(1, len(found) + 1)), "line numbers are contiguous from 1"
    return [line.text for line in found if step in {None, line.step}]
