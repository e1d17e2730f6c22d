import os
import subprocess
import sys
from collections.abc import Iterator

import docker
import pytest

from house import leftovers
from house.engine import connect
from house.leftovers import Surroundings

RUN = "a-run-of-its-own"


@pytest.fixture
def stray() -> Iterator[subprocess.Popen[bytes]]:
    """A process that a test run started and forgot, in a session of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env={**os.environ, leftovers.VARIABLE: RUN},
        start_new_session=True,
    )
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def network() -> Iterator[str]:
    client: docker.DockerClient = connect(timeout=30)
    made = client.networks.create("keelway-forgotten", labels={"io.keelway.installation": "forgotten"})
    yield "network keelway-forgotten"
    made.remove()
    client.close()


def test_a_forgotten_process_is_named_and_killed(stray: subprocess.Popen[bytes]) -> None:
    left = leftovers.end(RUN, within=0.5)

    assert len(left) == 1
    assert left[0].startswith(f"process {stray.pid}: ")
    assert stray.wait(10) == -9


def test_processes_of_another_run_are_left_alone(stray: subprocess.Popen[bytes]) -> None:
    assert leftovers.end("another-run", within=0) == []
    assert stray.poll() is None


@pytest.mark.docker
def test_a_forgotten_network_is_named(request: pytest.FixtureRequest) -> None:
    before = Surroundings.now()

    network = request.getfixturevalue("network")

    assert network in before.more_now(within=0)
