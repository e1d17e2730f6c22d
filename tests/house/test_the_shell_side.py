import os
import subprocess
from pathlib import Path

from house.installation import ROOT


def shell(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    keep = {name: value for name, value in os.environ.items() if name not in {"DOCKER_HOST", "REDIS_URL"}}
    return subprocess.run(
        ["bash", "-euc", f". bin/lib/say.sh; . bin/lib/packages.sh; {script}"],
        cwd=ROOT,
        env={**keep, **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_what_is_missing_is_named_with_the_command_that_installs_it(tmp_path: Path) -> None:
    bare = "has_engine() { false; }; command() { return 1; }; need_for_running; unset -f command; install_missing"

    done = shell(bare, KEELWAY_NO_INSTALL="1")

    assert done.returncode == 1
    for package in ("git", "docker.io", "redis-server", "haproxy"):
        assert package in done.stderr.splitlines()[1]
    assert "apt-get install --no-install-recommends git" in done.stderr


def test_nothing_is_said_to_be_missing_on_a_machine_that_has_it_all() -> None:
    done = shell("install_missing")

    assert done.returncode == 0
    assert "nothing missing" in done.stdout


def test_a_redis_that_was_given_need_not_be_installed() -> None:
    script = "command() { return 1; }; need_for_running; printf '%s\\n' \"${missing[@]}\""

    assert "redis-server" in shell(script).stdout
    assert "redis-server" not in shell(script, REDIS_URL="redis://broker.example/0").stdout


def test_an_unknown_option_is_refused_before_anything_is_installed() -> None:
    done = subprocess.run(["bin/up", "--dmeo"], cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)

    assert done.returncode == 2
    assert '"--dmeo"' in done.stderr
    assert "--demo" in done.stderr
