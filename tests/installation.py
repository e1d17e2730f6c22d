"""A whole installation, as `bin/up` starts it, on ports and state of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.server import free_port

ROOT = Path(__file__).resolve().parent.parent

HOOK = """#!/bin/sh
# As docs/webhooks.md has it for plain Git.
body=$(cat)
signature=$(printf '%s' "$body" | openssl dgst -sha256 -hmac '{secret}' | sed 's/^.* //')
printf '%s' "$body" | curl -fsS --data-binary @- -H 'Content-Type: text/plain' \\
  -H "X-Keelway-Signature: sha256=$signature" '{url}'
"""


@dataclass
class Installation:
    """url is where its pages are; `as_admin` calls its API as the administrator."""

    var: Path
    port: int
    environment: dict[str, str] = field(repr=False)
    key: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def manage(self, *words: str) -> str:
        """What `manage.py` with these words prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def api(self, method: str, path: str, key: str | None = None, **json: Any) -> requests.Response:
        """The answer to a call of the API; as the administrator without `key`."""
        return requests.request(
            method,
            f"{self.url}/api/v1/{path}",
            json=json or None,
            headers={"Authorization": f"Bearer {self.key if key is None else key}"},
            timeout=30,
        )

    def as_admin(self, method: str, path: str, **json: Any) -> Any:
        """The JSON that the API answers to the administrator, who must not be refused."""
        answer = self.api(method, path, **json)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def pids(self, what: str) -> list[int]:
        """The processes of this installation whose command line holds `what`."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                ours = f"KEELWAY_VAR={self.var}\0".encode() in (folder / "environ").read_bytes()
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if (ours or self._redis_at in words) and what in words:
                found.append(int(folder.name))
        return found

    @property
    def _redis_at(self) -> str:
        """What its Redis calls itself; it writes its title over its environment."""
        return f"redis-server 127.0.0.1:{urlsplit((self.var / 'redis.url').read_text().strip()).port}"

    def kill(self, what: str) -> None:
        """kill -9 of every such process; the supervisor starts them again."""
        pids = self.pids(what)
        assert pids, f"no process runs {what}"
        for pid in pids:
            os.kill(pid, signal.SIGKILL)


@contextmanager
def running(var: Path, **settings: str) -> Iterator[Installation]:
    """An installation that is ready; stopped at the end as by Ctrl-C, which must leave nothing and exit well."""
    port = free_port()
    inherited = {
        k: v for k, v in os.environ.items() if k not in {"REDIS_URL", "DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    environment = inherited | {
        "KEELWAY_VAR": str(var),
        "KEELWAY_PORT": str(port),
        "KEELWAY_HOST": "127.0.0.1",
        "KEELWAY_ALLOW_LOCAL_GIT": "1",
        "PYTHONPATH": str(ROOT / "bin"),
        **settings,
    }
    var.mkdir(parents=True, exist_ok=True)
    log = (var / "up.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "house.up"], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
    )
    installation = Installation(var, port, environment)
    try:
        wait_for(lambda: process.poll() is not None or b"Keelway is up" in (var / "up.log").read_bytes(), 120)
        assert process.poll() is None, (var / "up.log").read_text()
        installation.key = installation.manage("issue_token", "admin")
        yield installation
    finally:
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(90)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert code == 0, (var / "up.log").read_text()[-3000:]
    assert installation.pids("") == []


def wait_for(what: Callable[[], Any], seconds: float = 60, why: str = "it did not happen") -> Any:
    """What `what` gives once it is true."""
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, why
        time.sleep(0.05)
    return found


@dataclass
class Repository:
    """A bare repository with a hook that posts to Keelway, and a clone to push from."""

    bare: Path
    clone: Path

    @property
    def url(self) -> str:
        return f"file://{self.bare}"

    @classmethod
    def make(cls, folder: Path) -> "Repository":
        made = cls(folder / "shop.git", folder / "shop")
        folder.mkdir(parents=True)
        _git(folder, "init", "-q", "--bare", "-b", "main", str(made.bare))
        _git(folder, "clone", "-q", str(made.bare), str(made.clone))
        _git(made.clone, "checkout", "-q", "-B", "main")
        return made

    def hook(self, url: str, secret: str) -> None:
        path = self.bare / "hooks" / "post-receive"
        path.write_text(HOOK.format(url=url, secret=secret))
        path.chmod(0o755)

    def push(self, files: dict[str, str], message: str = "Change something") -> str:
        """Commit `files` (path → text) and push; the commit."""
        for name, text in files.items():
            path = self.clone / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        _git(self.clone, "add", "-A")
        _git(self.clone, "commit", "-q", "-m", message)
        _git(self.clone, "push", "-q", "origin", "main")
        return _git(self.clone, "rev-parse", "HEAD")


def _git(at: Path, *words: str) -> str:
    who = ["-c", "user.name=Alice", "-c", "user.email=alice@example.com"]
    done = subprocess.run(["git", *who, *words], cwd=at, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
