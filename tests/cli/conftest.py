import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from accounts.models import ApiToken, User
from tests.server import free_port


@dataclass
class Terminal:
    """A shell in a home folder of its own. What it types is run by the real command."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {**kept, "HOME": str(self.home), "PYTHONIOENCODING": "utf-8", **self.env}

    def types(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "cli", *words]
        return subprocess.run(
            argv, input=given, capture_output=True, text=True, timeout=60, env=self.environment(), check=False
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "cli", *words]
        return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=self.environment())


@pytest.fixture
def nobody(tmp_path: Path) -> Terminal:
    """Not signed in anywhere."""
    return Terminal(tmp_path)


@pytest.fixture
def terminal_of(tmp_path: Path, server: str) -> Callable[[User], Terminal]:
    def make(user: User) -> Terminal:
        key = ApiToken.issue(user, "terminal")[1]
        return Terminal(tmp_path, {"KEELWAY_URL": f"http://{server}", "KEELWAY_TOKEN": key})

    return make


@pytest.fixture
def nowhere() -> str:
    """An address at which nothing answers."""
    return f"http://127.0.0.1:{free_port()}"
