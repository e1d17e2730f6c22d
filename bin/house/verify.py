"""bin/test: checks and tests everything against real parts, which it starts on free ports and stops again."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from house import broker, engine, images, leftovers
from house.installation import Installation
from house.leftovers import Surroundings
from house.postgresql import Server
from house.steps import Interrupted, ignore_signals, paint, say, speak, step, warn
from house.supervisor import Supervisor

_TOOLS = Path(sys.executable).parent
_PYTEST = [sys.executable, "-m", "pytest"]
# Two at a time: much of a test's time is spent waiting for containers.
_ALL = ["-n", "2", "--dist", "loadgroup"]
CHECKS = {
    "Lint": [str(_TOOLS / "ruff"), "check", "."],
    "Format": [str(_TOOLS / "ruff"), "format", "--check", "."],
    "Types": [str(_TOOLS / "mypy")],
    "Rooms": [str(_TOOLS / "lint-imports")],
    "Migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "Settings": [sys.executable, "manage.py", "check", "--fail-level", "WARNING"],
}


def main() -> int:
    installation = Installation.here()
    token = os.environ.setdefault(leftovers.VARIABLE, secrets.token_hex(8))
    folder = Path(tempfile.mkdtemp(prefix="keelway-test-"))
    folder.chmod(0o755)  # PostgreSQL passes through as another user
    started, strays, failed = time.monotonic(), list[str](), list[str]()
    try:
        with engine.running(folder / "parts"):
            images.ensure_test(installation.var, installation.log)
            before = Surroundings.now()
            with _parts(folder, installation.log) as environment:
                failed += _tested(environment, sys.argv[1:])
            around = before.more_now()
    finally:
        ignore_signals()
        strays += leftovers.end(token)
        shutil.rmtree(folder, ignore_errors=True)
    return _verdict(failed, strays, around, time.monotonic() - started)


@contextmanager
def _parts(folder: Path, log: Path) -> Iterator[dict[str, str]]:
    """Redis and PostgreSQL, as long as the block lasts; yields the environment in which everything is tested."""
    parts, temporary = folder / "parts", folder / "tmp"
    parts.mkdir(exist_ok=True)
    temporary.mkdir()
    with step("Redis and PostgreSQL") as note:
        server = Server(folder / "postgresql", log)
        redis = broker.own_redis(parts)
        programs = [server.program, *([redis] if redis else [])]
    with Supervisor(programs, parts, name="parts") as supervisor:
        supervisor.wait_until(
            lambda: server.answers() and (redis is None or broker.answers(parts)),
            what=lambda: "Redis or PostgreSQL",
            within=60,
        )
        note.text = "on free ports"
        environment = {
            **os.environ,
            "TMPDIR": str(temporary),
            "KEELWAY_VAR": str(temporary / "var"),
            "KEELWAY_TEST_POSTGRESQL": server.url,
        }
        if redis:
            environment["REDIS_URL"] = (parts / broker.URL_FILE).read_text().strip()
        yield environment


def _tested(environment: Mapping[str, str], arguments: Sequence[str]) -> list[str]:
    """The names of what failed. With arguments for pytest, nothing but pytest runs, and once."""
    if arguments:
        return [] if _pytest("Tests", environment, arguments) else ["Tests"]
    failed = [name for name, argv in CHECKS.items() if not _check(name, argv, environment)]
    on_sqlite = {name: value for name, value in environment.items() if name != "DATABASE_URL"}
    if not _pytest("Tests on SQLite", on_sqlite, _ALL):
        failed.append("Tests on SQLite")
    on_postgresql = {**environment, "DATABASE_URL": environment["KEELWAY_TEST_POSTGRESQL"]}
    touching = [*_ALL, "-p", "house.database_tests", "-m", "not e2e and not chaos"]
    if not _pytest("Tests on PostgreSQL", on_postgresql, touching):
        failed.append("Tests on PostgreSQL")
    return failed


def _check(name: str, argv: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether it passes; its output is shown when it does not."""
    started = time.monotonic()
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    _line(name, done.returncode == 0, time.monotonic() - started)
    if done.returncode:
        say(done.stdout.rstrip())
    return done.returncode == 0


def _pytest(name: str, environment: Mapping[str, str], arguments: Sequence[str]) -> bool:
    """Whether all pass; its output is ours. An interruption is passed on to it, and it gets the time to clear up."""
    say(f"\n{paint(name, '1')}: pytest {' '.join(arguments)}")
    started = time.monotonic()
    path = {"PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen(
        [*_PYTEST, *arguments], stdin=subprocess.DEVNULL, env={**environment, **path}, start_new_session=True
    )
    try:
        process.wait()
    except Interrupted:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        raise
    _line(name, process.returncode == 0, time.monotonic() - started)
    return process.returncode == 0


def _line(name: str, passed: bool, seconds: float) -> None:
    say(f"{paint('✓', '32') if passed else paint('✗', '31')} {name:<26} {paint(f'{seconds:6.1f} s', '2')}")


def _verdict(failed: Sequence[str], strays: Sequence[str], around: Sequence[str], seconds: float) -> int:
    if strays:
        warn("The tests left processes behind; they were killed:", *strays)
    if around:
        warn("There is more on this machine than before; the tests may have left it behind:", *around)
    # On a machine that others use at the same time, what is around may be theirs.
    untidy = bool(strays) or (bool(around) and bool(os.environ.get("CI")))
    if failed:
        warn(f"Failed: {', '.join(failed)}.")
    elif not untidy:
        say(f"\n{paint('All passed', '1;32')} in {seconds:.0f} s; nothing is left behind.")
    return 1 if failed or untidy else 0


if __name__ == "__main__":
    speak(main)
