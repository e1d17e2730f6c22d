"""A Redis of the installation's own: on loopback, with a password, keeping nothing that matters."""

import os
import secrets
import socket
from pathlib import Path
from urllib.parse import urlsplit

from house.ports import free_port, is_free
from house.programs import Program

URL_FILE = "redis.url"


def own_redis(var: Path) -> Program | None:
    """The program to supervise, with its configuration and `redis.url` written; None when REDIS_URL names another."""
    if os.environ.get("REDIS_URL") or os.environ.get("REDIS_URL_FILE"):
        return None
    folder = var / "redis"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    port, password = _remembered(var / URL_FILE)
    _write_private(var / URL_FILE, f"redis://:{password}@127.0.0.1:{port}/0\n")
    _write_private(folder / "redis.conf", _configuration(folder, port, password))
    return Program("redis", ["redis-server", str(folder / "redis.conf")], rank=20, quiet=True)


def answers(var: Path) -> bool:
    """Whether something listens at the address in `redis.url`."""
    url = urlsplit((var / URL_FILE).read_text())
    try:
        with socket.create_connection((str(url.hostname), int(url.port or 0)), timeout=1):
            return True
    except OSError:
        return False


def _remembered(file: Path) -> tuple[int, str]:
    """The port and password of the last time, as long as the port is still free."""
    try:
        url = urlsplit(file.read_text().strip())
        if url.port and url.password and is_free("127.0.0.1", url.port):
            return url.port, url.password
    except (OSError, ValueError):
        pass
    return free_port(), secrets.token_urlsafe(32)


def _configuration(folder: Path, port: int, password: str) -> str:
    # Nothing is written to disk: the database is the truth, and a sweep rings again for what an emptied broker forgot.
    # A title of its own would overwrite the environment by which its processes are recognised.
    return f"""\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
save ""
appendonly no
maxmemory 512mb
maxmemory-policy noeviction
loglevel warning
daemonize no
set-proc-title no
"""


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(text)
