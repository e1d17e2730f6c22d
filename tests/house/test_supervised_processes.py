import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from house.programs import Program
from house.steps import Stop
from house.supervisor import Supervisor

SLEEPING = [sys.executable, "-c", "import os, time; print('here', os.getpid(), flush=True); time.sleep(600)"]
ENDING = [sys.executable, "-c", "raise SystemExit('no database')"]


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def pids(folder: Path, name: str) -> list[int]:
    """The process ids that the sleeping program has had, oldest first."""
    log = folder / "log" / f"{name}.log"
    lines = log.read_text().splitlines() if log.exists() else []
    return [int(line.split()[1]) for line in lines if line.startswith("here")]


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_process_that_is_killed_is_started_again_and_nothing_outlives_the_block(tmp_path: Path) -> None:
    with Supervisor([Program("sleeper", SLEEPING, rank=1)], tmp_path, name="t"):
        until(lambda: pids(tmp_path, "sleeper"))
        time.sleep(2.5)  # supervisor counts an earlier end as a failed start
        os.kill(pids(tmp_path, "sleeper")[0], signal.SIGKILL)
        until(lambda: len(pids(tmp_path, "sleeper")) == 2)
        second = pids(tmp_path, "sleeper")[1]
        assert exists(second)

    assert not exists(second)


def test_a_process_that_cannot_run_stops_the_start_with_its_last_words(tmp_path: Path) -> None:
    with (
        Supervisor([Program("web", ENDING, rank=1)], tmp_path, name="t") as supervisor,
        pytest.raises(Stop, match="web cannot run") as stopped,
    ):
        supervisor.wait_until(lambda: False, what=lambda: "web", within=60)

    assert any("no database" in remedy for remedy in stopped.value.remedies)


def test_a_process_that_is_given_up_later_is_said_loudly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Supervisor([Program("web", ENDING, rank=1)], tmp_path, name="t") as supervisor:
        until(lambda: supervisor.fatal)

    assert "web ends each time it is started" in capsys.readouterr().err


def test_children_do_not_outlive_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with Supervisor([Program("sleeper", SLEEPING, rank=1)], tmp_path, name="t") as supervisor:
        until(lambda: pids(tmp_path, "sleeper"))
        supervisor.process.kill()

        until(lambda: not exists(pids(tmp_path, "sleeper")[0]))

        assert not supervisor.alive()
