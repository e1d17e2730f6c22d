"""The Docker Engine: the one that answers, else the one of this machine's service manager, else one of our own."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import docker
import requests

from house.programs import Program
from house.steps import Stop
from house.supervisor import Supervisor

SOCKET = Path("/var/run/docker.sock")


def connect(timeout: int = 600) -> docker.DockerClient:
    return docker.from_env(timeout=timeout)


def problem() -> str:
    """Why the engine does not answer; empty when it does."""
    try:
        client = connect(timeout=5)
        try:
            client.ping()
        finally:
            client.close()
    except (docker.errors.DockerException, requests.RequestException) as error:
        return str(error)
    return ""


def answers() -> bool:
    return not problem()


@contextmanager
def running(var: Path) -> Iterator[str]:
    """An engine that answers, as long as the block lasts; yields where it is, for people. Stop with a remedy."""
    where = os.environ.get("DOCKER_HOST", "")
    why = problem()
    if not why:
        yield f"at {where}" if where else "running"
        return
    if where:
        raise Stop(
            f"The Docker Engine at DOCKER_HOST={where} does not answer: {why}",
            "Start it, or unset DOCKER_HOST to use the engine of this machine.",
        )
    if SOCKET.exists() and not os.access(SOCKET, os.W_OK):
        raise Stop(
            "You may not use the Docker Engine of this machine.",
            f"Run: sudo usermod -aG docker {os.environ.get('USER', '$USER')}, then sign in again.",
        )
    manager = _service_manager()
    if manager:
        yield _started_by(manager)
        return
    if os.geteuid() != 0:
        raise Stop("The Docker Engine is not running, and only root can start it.", "Run: sudo dockerd &")
    if not shutil.which("dockerd"):
        raise Stop(f"Nothing answers at {SOCKET}, and there is no dockerd.", "Run: apt-get install docker.io")
    with _own(var):
        yield "started by us, and stopped with us"


@contextmanager
def _own(var: Path) -> Iterator[None]:
    """Its mounts stay in a namespace of its own, so that none is left in ours when it ends."""
    apart = ["unshare", "--mount"]
    probe = subprocess.run([*apart, "true"], stdin=subprocess.DEVNULL, capture_output=True)
    root = var / "run" / "root"
    if probe.returncode:
        # We are in a chroot whose root is no mount, which neither this nor the engine can do with: make one of it.
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        turn = 'mount --rbind / "$0" && exec chroot "$0" "$@"'
        apart = ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", turn, str(root)]
    try:
        with Supervisor([dockerd(var, apart)], var, name="engine") as supervisor:
            supervisor.wait_until(answers, what=lambda: "The Docker Engine", within=60)
            yield
    finally:
        if probe.returncode:  # where the machine shares its mounts, ours are in its own namespace too
            subprocess.run(["umount", "--recursive", "--lazy", str(root)], capture_output=True)


def dockerd(var: Path, apart: Sequence[str]) -> Program:
    pidfile = var / "run" / "dockerd.pid"
    pidfile.unlink(missing_ok=True)
    argv = [*apart, "dockerd", "--pidfile", str(pidfile), "--log-level", "error"]
    return Program("engine", argv, rank=10, patience=40, quiet=True)


def _service_manager() -> list[str]:
    """The command that starts the engine as a service of this machine; empty when there is no such service."""
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if Path("/run/systemd/system").exists() and shutil.which("systemctl"):
        return [*sudo, "systemctl", "start", "docker"]
    if sudo and Path("/etc/init.d/docker").exists():
        return [*sudo, "service", "docker", "start"]
    return []


def _started_by(command: list[str]) -> str:
    words = " ".join(command)
    done = subprocess.run(command, capture_output=True, text=True)
    deadline = time.monotonic() + 60
    while done.returncode == 0 and time.monotonic() < deadline:
        if answers():
            return f"started: {words}"
        time.sleep(0.5)
    raise Stop(
        f"The Docker Engine could not be started: {words}: {done.stderr.strip() or problem()}",
        "See why: " + ("journalctl -u docker -n 50" if "systemctl" in command else "tail /var/log/docker.log"),
    )
