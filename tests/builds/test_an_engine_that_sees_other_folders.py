import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from builds.engine import Engine, frames
from tests.builds.plans import job

pytestmark = pytest.mark.docker


@pytest.fixture
def unseen(tmp_path: Path) -> Iterator[Path]:
    """A folder at a path where the engine finds nothing: its working directory is not ours."""
    checkout = tmp_path / "keelway-unseen-checkout"
    (checkout / "src").mkdir(parents=True)
    (checkout / "src" / "main.txt").write_text("hello from the checkout\n")
    checkout.chmod(0o777)
    before = Path.cwd()
    os.chdir(tmp_path)
    yield Path("/proc/self/cwd") / checkout.name
    os.chdir(before)


def test_the_job_finds_its_checkout_all_the_same(docker_engine: Engine, unseen: Path) -> None:
    container = docker_engine.create(
        labels={"kind": "job", "job": "0"}, plan=job("test"), workspace=unseen, environment={}, name="keelway-unseen"
    )
    try:
        connection = docker_engine.start(container, "cat src/main.txt && touch made && exit 0\n")
        said = b"".join(frames(connection))
        connection.close()
    finally:
        docker_engine.remove(container)

    assert said == b"hello from the checkout\n"
