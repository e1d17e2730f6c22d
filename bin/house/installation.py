"""Which installation a command is about: where its state is and where people find it."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from house.steps import Stop

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installation:
    var: Path
    host: str
    port: int
    slots: int
    public_url: str
    reloading: bool = False
    """For development: the processes start again when the code changes."""

    @classmethod
    def here(cls, *, reloading: bool = False) -> "Installation":
        """As the environment says. Everyone may connect by default: webhooks and browsers come from elsewhere, and
        nobody gets in without the link that is printed here. For development only this machine may."""
        port = _number("KEELWAY_PORT", 8000, 65535)
        return cls(
            var=Path(os.environ.get("KEELWAY_VAR") or ROOT / "var").absolute(),
            host=os.environ.get("KEELWAY_HOST") or ("127.0.0.1" if reloading else "0.0.0.0"),  # noqa: S104
            port=port,
            slots=_number("KEELWAY_SLOTS", 2, 256),
            public_url=(os.environ.get("KEELWAY_URL") or f"http://localhost:{port}").rstrip("/"),
            reloading=reloading,
        )

    @property
    def own_url(self) -> str:
        """How a process on this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host and host[0] != '[' else host}:{self.port}"

    @property
    def neighbours_url(self) -> str | None:
        """How other machines reach it, as far as this one can tell; None when they cannot."""
        if self.host != "0.0.0.0":  # noqa: S104
            return None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # sends nothing: asks the routing table which address would be ours
                return f"http://{probe.getsockname()[0]}:{self.port}"
            except OSError:
                return None

    @property
    def log(self) -> Path:
        return self.var / "log" / "setup.log"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Holds the state folder: a second command on the same one is told about the first."""
        folder = self.var / "run"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.var / "log").mkdir(mode=0o700, exist_ok=True)
        with (folder / "up.lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                first = json.loads(lock.read() or '{"url": "an address not known yet", "pid": "?"}')
                raise Stop(
                    f"Keelway already runs from {self.var}: {first['url']} (process {first['pid']}).",
                    f"Stop it first: Ctrl-C in its terminal, or kill {first['pid']}",
                    "Or start another one beside it: KEELWAY_VAR=var/second KEELWAY_PORT=8001 bin/up",
                ) from None
            lock.truncate(0)
            lock.write(json.dumps({"url": self.public_url, "pid": os.getpid()}))
            lock.flush()
            yield


def _number(name: str, default: int, most: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Stop(f"{name} is {text!r}.", f"Expected a whole number from 1 to {most}, as in {name}={default}")
    return int(text)
