"""What a test run has left behind: processes, things in the Docker Engine, mounts, network namespaces."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from house.engine import connect

VARIABLE = "KEELWAY_TEST_RUN"
"""Every process of a run inherits this variable, so that each can be found however it was started."""

_LABEL: dict[str, str | list[str] | bool] = {"label": "io.keelway.installation"}


def processes(run: str) -> dict[int, str]:
    """Process id → command line of everything that belongs to `run`, except this very process."""
    mark = f"{VARIABLE}={run}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        try:
            if pid != os.getpid() and mark in (folder / "environ").read_bytes().split(b"\0"):
                found[pid] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:  # gone meanwhile, or not ours to look into
            continue
    return {pid: words for pid, words in found.items() if words}  # no words: a zombie


def end(run: str, *, within: float = 5) -> list[str]:
    """What is still there after some seconds of patience, in words; it is killed."""
    deadline = time.monotonic() + within
    while (left := processes(run)) and time.monotonic() < deadline:
        time.sleep(0.2)
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return [f"process {pid}: {words[:150]}" for pid, words in left.items()]


@dataclass(frozen=True)
class Surroundings:
    """What the machine had at one moment, in words."""

    docker: frozenset[str]
    mounts: frozenset[str]
    namespaces: frozenset[str]

    @classmethod
    def now(cls) -> "Surroundings":
        client = connect(timeout=30)
        try:
            docker = [f"container {found.name}" for found in client.containers.list(all=True, filters=_LABEL)]
            docker += [f"network {found.name}" for found in client.networks.list(filters=_LABEL)]
            docker += [f"volume {found.name}" for found in client.volumes.list(filters=_LABEL)]
        finally:
            client.close()
        mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
        namespaces = [path.name for path in Path("/run/netns").glob("*")]
        return cls(
            frozenset(docker),
            frozenset(f"mount {path}" for path in mounts if not path.startswith(("/run/docker", "/var/lib/docker"))),
            frozenset(f"network namespace {name}" for name in namespaces),
        )

    def more_now(self, *, within: float = 30) -> list[str]:
        """What is here now and was not then. What goes by itself within some seconds was in somebody's use."""
        deadline = time.monotonic() + within
        new = self._new(Surroundings.now())
        while new and time.monotonic() < deadline:
            time.sleep(1)
            new &= self._new(Surroundings.now())
        return sorted(new)

    def _new(self, now: "Surroundings") -> set[str]:
        more = (now.docker - self.docker) | (now.mounts - self.mounts) | (now.namespaces - self.namespaces)
        return set(more)
