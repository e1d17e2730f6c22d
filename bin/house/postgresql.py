"""A PostgreSQL server for the tests: on loopback, in a folder that is thrown away, with nothing made durable."""

import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path

from house.ports import free_port
from house.programs import Program
from house.steps import Stop, run


class Server:
    """`program` is to be supervised; it answers at `url` when `answers()`."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.port = free_port()
        self.bin = _programs()
        password = secrets.token_urlsafe(24)
        self.url = f"postgres://keelway:{password}@127.0.0.1:{self.port}/keelway"
        user = _user()
        data = _initialised(folder, password, user, self.bin, log)
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
        }
        argv = [str(self.bin / "postgres"), "-D", str(data), "-p", str(self.port)]
        argv += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        # INT is its fast end: it does not wait for those who are connected.
        self.program = Program(
            "postgresql", argv, rank=20, stop_signal="INT", user=user, folder=folder, quiet=True, patience=20
        )

    def answers(self) -> bool:
        asking = [str(self.bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asking, stdin=subprocess.DEVNULL).returncode == 0


def _programs() -> Path:
    """Debian keeps them off PATH, one folder for each version; the newest one is taken."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise Stop("There is no PostgreSQL to test with.", "Run: apt-get install postgresql")
    return found[-1].parent


def _user() -> str:
    """Whom it runs as: it refuses to run as root. Empty for whoever runs this."""
    if os.geteuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _initialised(folder: Path, password: str, user: str, programs: Path, log: Path) -> Path:
    folder.mkdir(mode=0o700)
    secret = folder / "password"
    secret.write_text(password)
    become: list[str] = []
    if user:
        for path in (folder, secret):
            shutil.chown(path, user)
        become = ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]
    data = folder / "data"
    argv = [str(programs / "initdb"), "-D", str(data), "-U", "keelway", f"--pwfile={secret}", "-A", "scram-sha-256"]
    argv += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    run([*become, *argv], log=log, remedy="Try it by hand; is there room in the folder for temporary files?")
    return data
