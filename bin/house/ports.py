"""Ports of this machine: a free one, and who holds one that is taken."""

import socket
from pathlib import Path

from house.steps import Stop

_LISTENING = "0A"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError:
            return False
    return True


def require_free(host: str, port: int, *, remedy: str) -> None:
    """Stop when nobody could listen there, naming who does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.getaddrinfo(host, port, family)
    except OSError:
        raise Stop(f"{host!r} is not an address of this machine.", "Choose one: KEELWAY_HOST=127.0.0.1") from None
    if not is_free(host, port):
        raise Stop(f"Port {port} is taken{_by(holder(port))}.", remedy)


def _by(who: str | None) -> str:
    return f" by {who}" if who else ", by a process that only root can see"


def holder(port: int) -> str | None:
    """Which process listens on `port`, in words; None when that cannot be seen."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(fd.readlink()) in sockets for fd in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return f"process {process.name} ({words[:100]})"
        except OSError:  # gone meanwhile, or not ours to look into
            continue
    return None


def _inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in (row.split() for row in rows):
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(fields[9])
    return found
