"""What Keelway asks of a Docker Engine for its jobs.

Order of calls for one job: `ensure_image`, `create`, `start`, then `follow` until the container has ended, `remove`.
`find` may be called at any time, by a worker that takes over. `stop` and `remove` may be called twice. Everything may
raise EngineError, whose text says what happened and what to do; EngineGone when the engine does not answer.
One Engine serves many threads.
"""

import functools
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import docker
import requests
import structlog
from django.conf import settings
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import LogConfig, Mount

from builds.handover import packed
from builds.plan import JobPlan
from builds.script import WORKSPACE

log = structlog.get_logger()

LABEL = "io.keelway."
MINE = {"label": f"{LABEL}installation={settings.INSTALLATION}"}


class EngineError(Exception):
    """The engine refused or failed. The text is for the person whose job it is."""


class EngineGone(EngineError):
    """The engine does not answer."""


class ImageUnavailable(EngineError):
    """The image is not here and cannot be pulled."""


@dataclass(frozen=True)
class Container:
    """status is Docker's: created, running, exited … exit_code means something when it has ended."""

    id: str
    status: str
    exit_code: int
    out_of_memory: bool

    @property
    def live(self) -> bool:
        return self.status in {"running", "paused", "restarting"}


class Engine:
    def __init__(self) -> None:
        with _translated():
            self._docker = docker.from_env(timeout=60)
            self._api: Any = self._docker.api

    @property
    def version(self) -> str:
        return str(self._docker.version()["Version"])

    def ensure_image(self, ref: str, say: Callable[[str], None]) -> None:
        """Have the image here, pulling it when it is not. ImageUnavailable says why it cannot be had."""
        with _translated():
            try:
                self._docker.images.get(ref)
                return
            except ImageNotFound:
                pass
            say(f"Pulling {ref}")
            repository, tag = _split(ref)
            try:
                for event in self._api.pull(repository, tag=tag, stream=True, decode=True):
                    if "error" in event:
                        raise ImageUnavailable(_no_image(ref, str(event["error"])))
                    if event.get("status", "").startswith(("Digest:", "Status:")):
                        say(event["status"])
            except APIError as error:
                raise ImageUnavailable(_no_image(ref, str(error.explanation or error))) from error

    def create(
        self, *, labels: dict[str, str], plan: JobPlan, workspace: Path, environment: dict[str, str], name: str
    ) -> str:
        """A container that will run the script it is given, with the least that a job needs. Its id."""
        limits = plan.resources
        wanted: dict[str, Any] = {
            "image": plan.image,
            "name": name,
            "entrypoint": ["/bin/sh"],
            "command": ["-s"],
            "stdin_open": True,
            "environment": environment,
            "working_dir": WORKSPACE,
            "labels": {f"{LABEL}installation": settings.INSTALLATION} | _prefixed(labels),
            "mem_limit": limits.memory,
            "memswap_limit": limits.memory,
            "nano_cpus": int(limits.cpus * 1e9),
            "pids_limit": limits.pids,
            "cap_drop": ["NET_RAW", "MKNOD", "AUDIT_WRITE"],
            "security_opt": ["no-new-privileges:true"],
            "log_config": LogConfig(type="json-file"),
            "hostname": "job",
        }
        with _translated():
            wanted["network"] = self._network()
            here = Mount(WORKSPACE, str(workspace), type="bind")
            try:
                return str(self._docker.containers.create(**wanted, mounts=[here]).id)
            except APIError as error:
                if "bind source path does not exist" not in str(error.explanation):
                    raise
            # The engine does not see our folders: it is on another machine, or we are in a chroot. It gets a copy.
            container = self._docker.containers.create(**wanted)
            with packed(workspace, WORKSPACE.strip("/")) as archive:
                container.put_archive("/", archive)
            return str(container.id)

    def start(self, container: str, script: str) -> "socket.socket":
        """Start it and give it its script; the connection on which its output comes, from the first byte.

        Attached before the start: a follower that comes later can miss the end of a short job.
        """
        with _translated():
            connection = self._api.attach_socket(container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            raw: socket.socket = getattr(connection, "_sock", connection)
            raw.settimeout(None)
            try:
                self._api.start(container)
            except APIError as error:
                if "/bin/sh" in str(error.explanation):
                    raise EngineError("The image has no /bin/sh, with which steps are run. Take another.") from error
                raise
            raw.sendall(script.encode())
            return raw

    def replay(self, container: str, *, follow: bool) -> Iterator[tuple[int, bytes]]:
        """(milliseconds since 1970, bytes) of everything it has written since its start, and, with `follow`, will."""
        with _translated():
            stream = self._api.logs(container, stdout=True, stderr=True, stream=True, follow=follow, timestamps=True)
            for payload in stream:
                moment, _, data = payload.partition(b" ")
                yield _millis(moment.decode()), data

    def find(self, **labels: str) -> Container | None:
        """The newest of our containers with `labels`."""
        with _translated():
            wanted = [MINE["label"], *(f"{key}={value}" for key, value in _prefixed(labels).items())]
            found = self._api.containers(all=True, filters={"label": wanted})
            return self.look(found[0]["Id"]) if found else None

    def look(self, container: str) -> Container | None:
        """How it stands; None when it is gone."""
        with _translated():
            try:
                state = self._api.inspect_container(container)["State"]
            except NotFound:
                return None
            return Container(container, state["Status"], state["ExitCode"], state["OOMKilled"])

    def stop(self, container: str, grace: int) -> None:
        """Ask it to end, and kill it after `grace` seconds."""
        with _translated():
            try:
                self._api.stop(container, timeout=grace)
            except NotFound:
                return

    def remove(self, container: str) -> None:
        """Kill it if it runs, and remove it with its anonymous volumes."""
        with _translated():
            try:
                self._api.remove_container(container, force=True, v=True)
            except NotFound:
                return
            except APIError as error:
                if "already in progress" not in str(error):
                    raise

    def empty(self, folder: Path, image: str) -> None:
        """Delete everything in `folder` as root, in a container: a job leaves files that its worker may not touch."""
        with _translated():
            self._docker.containers.run(
                image,
                entrypoint=["/bin/sh"],
                command=["-c", "rm -rf /leftover/* /leftover/.[!.]* /leftover/..?*"],
                user="0",
                network_mode="none",
                mounts=[Mount("/leftover", str(folder), type="bind")],
                labels={f"{LABEL}installation": settings.INSTALLATION, f"{LABEL}kind": "cleaner"},
                remove=True,
            )

    def containers(self) -> list[tuple[str, dict[str, str]]]:
        """All containers of this installation, each with our labels without their prefix."""
        with _translated():
            return [
                (found["Id"], {k.removeprefix(LABEL): v for k, v in found["Labels"].items() if k.startswith(LABEL)})
                for found in self._api.containers(all=True, filters=MINE)
            ]

    def remove_network(self) -> None:
        """Remove the network of the jobs. Nothing happens while one is on it."""
        with _translated():
            try:
                self._api.remove_network(_network_name())
            except (NotFound, APIError):
                return

    def _network(self) -> str:
        """One network for all jobs, on which they reach the outside but not each other."""
        name = _network_name()
        try:
            self._api.inspect_network(name)
        except NotFound:
            try:
                self._api.create_network(
                    name,
                    driver="bridge",
                    check_duplicate=True,
                    options={"com.docker.network.bridge.enable_icc": "false"},
                    labels={f"{LABEL}installation": settings.INSTALLATION, f"{LABEL}kind": "jobs"},
                )
            except APIError as error:
                if error.status_code != 409:  # another job made it just now
                    raise
        return name


def frames(connection: socket.socket) -> Iterator[bytes]:
    """The payloads of an attached container's output; each has a header of 8 bytes: stream, three zeros, length."""
    buffer = bytearray()
    while True:
        data = connection.recv(256 * 1024)
        if not data:
            return
        buffer += data
        at = 0
        while len(buffer) - at >= 8:
            length = int.from_bytes(buffer[at + 4 : at + 8])
            if len(buffer) - at < 8 + length:
                break
            yield bytes(buffer[at + 8 : at + 8 + length])
            at += 8 + length
        del buffer[:at]


@functools.lru_cache(maxsize=1)
def engine() -> Engine:
    """The engine of this process. EngineGone, and asked again next time, when it does not answer."""
    return Engine()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except EngineError:
        raise
    except requests.exceptions.ConnectionError as error:
        raise EngineGone(_GONE) from error
    except APIError as error:
        raise EngineError(f"The Docker Engine refused: {error.explanation or error}") from error
    except (DockerException, requests.exceptions.RequestException, OSError) as error:
        raise EngineGone(f"{_GONE} ({error})") from error


_GONE = "The Docker Engine does not answer. See that it runs, and that DOCKER_HOST names it."


def _prefixed(labels: dict[str, str]) -> dict[str, str]:
    return {LABEL + key: value for key, value in labels.items()}


def _network_name() -> str:
    return f"keelway-{settings.INSTALLATION}-jobs"


def _split(ref: str) -> tuple[str, str | None]:
    """Repository and tag, as the engine's pull takes them: a digest goes where the tag goes, and no tag is latest."""
    if "@" in ref:
        repository, _, digest = ref.partition("@")
        return repository, digest
    head, _, tail = ref.rpartition(":")
    return (head, tail) if head and "/" not in tail else (ref, "latest")


def _no_image(ref: str, why: str) -> str:
    return f"The image {ref} is not on this machine and cannot be pulled: {why}"


def _millis(moment: str) -> int:
    """Docker's RFC 3339 with nanoseconds, to milliseconds since 1970."""
    whole, _, fraction = moment.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    return seconds * 1000 + int((fraction + "000")[:3])
