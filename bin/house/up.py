"""bin/up and bin/dev: prepares an installation's state, runs its processes, and stays until it is told to stop."""

import argparse
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType

from house import broker, engine, images
from house.installation import Installation
from house.ports import require_free
from house.programs import keelway
from house.steps import Interrupted, paint, run, say, speak, step, warn
from house.supervisor import Supervisor

_HARMLESS = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/up")
    for option in ("--demo", "--exit", "--reload"):
        parser.add_argument(option, action="store_true")
    options = parser.parse_args()
    if options.exit and not options.demo:
        parser.error("--exit goes with --demo")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    installation = Installation.here(reloading=options.reload)
    if options.demo:
        os.environ["KEELWAY_ALLOW_LOCAL_GIT"] = "1"  # the sample repository lies in the state folder
    if options.reload:
        os.environ.setdefault("KEELWAY_DEBUG", "1")
    with installation.alone():
        return _serve(installation, demo=options.demo, leave=options.exit)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)


def _serve(installation: Installation, *, demo: bool, leave: bool) -> int:
    started = time.monotonic()
    suggestion = installation.port + 1 if installation.port < 65535 else 8000
    require_free(
        installation.host,
        installation.port,
        remedy=f"Stop that, or choose another port: KEELWAY_PORT={suggestion} bin/up",
    )
    with step("Docker Engine") as note:
        own_engine, note.text = engine.find(installation.var)
    own_redis = broker.own_redis(installation.var)
    sign_in = _prepare(installation)
    programs = [program for program in (own_engine, own_redis) if program] + keelway(installation)
    answer = 0
    with Supervisor(programs, installation.var) as supervisor:
        try:
            with step("Keelway"):
                _wait_until_ready(installation, supervisor)
            _announce(installation, sign_in, time.monotonic() - started)
            if demo:
                answer = _demo(installation)
            while supervisor.alive() and not leave:
                time.sleep(0.5)
            if not leave:
                warn("The supervisor has ended.", f"Its log: {installation.var / 'log' / 'supervisord.log'}")
                answer = 1
        except Interrupted as interrupted:
            answer = 0 if interrupted.signal in _HARMLESS else 128 + interrupted.signal
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            say(f"\nStopping: {', '.join(program.name for program in reversed(programs))}.")
    say("Stopped.")
    return answer


def _prepare(installation: Installation) -> str:
    """The database, and the administrator. Returns what tells people how to sign in; empty when they know."""
    manage = [sys.executable, "manage.py"]
    quiet = {**os.environ, "KEELWAY_LOG_LEVEL": "ERROR"}
    with step("Settings and database"):
        remedy = "Every setting: docs/configuration.md"
        run([*manage, "migrate", "--no-input"], log=installation.log, remedy=remedy, env=quiet)
    with step("Administrator"):
        # Kept in no log: the link is as good as a password.
        said = run([*manage, "first_run"], log=None, remedy="Is the state folder writable?", env=quiet)
    return said.strip()


def _wait_until_ready(installation: Installation, supervisor: Supervisor) -> None:
    missing = "no answer yet"

    def ready() -> bool:
        nonlocal missing
        try:
            with urllib.request.urlopen(f"{installation.own_url}/readyz", timeout=5):  # noqa: S310 — our own address
                return supervisor.states.get("worker") == supervisor.states.get("scheduler") == "RUNNING"
        except urllib.error.HTTPError as error:
            missing = error.read().decode(errors="replace")[:500]
        except OSError:
            pass
        return False

    supervisor.wait_until(ready, what=f"Keelway ({missing})", within=90)


def _announce(installation: Installation, sign_in: str, seconds: float) -> None:
    say("")
    say(f"{paint('Keelway is up', '1;32')} after {seconds:.0f} s: {paint(installation.public_url, '1')}")
    neighbours = installation.neighbours_url
    if neighbours and not os.environ.get("KEELWAY_URL"):
        say(f"  From other machines: {neighbours} (for links that lead there: KEELWAY_URL={neighbours} bin/up)")
    if sign_in:
        say(sign_in)
    say(f"  State is kept in {installation.var}; Ctrl-C stops everything.\n")


def _demo(installation: Installation) -> int:
    images.ensure_demo(installation.var, installation.log)
    return subprocess.run([sys.executable, "manage.py", "demo"], stdin=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    speak(main)
