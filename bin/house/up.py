"""bin/up and bin/dev: prepares an installation's state, runs its processes, and stays until it is told to stop."""

import argparse
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack

from house import broker, engine, images
from house.installation import Installation
from house.ports import require_free
from house.programs import keelway
from house.steps import Interrupted, ignore_signals, paint, run, say, speak, step, warn
from house.supervisor import Supervisor

MANAGE = [sys.executable, "manage.py"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/up")
    for option in ("--demo", "--exit", "--keep-jobs", "--reload"):
        parser.add_argument(option, action="store_true")
    options = parser.parse_args()
    if options.exit and not options.demo:
        parser.error("--exit goes with --demo")
    installation = Installation.here(reloading=options.reload)
    if options.demo:
        os.environ["KEELWAY_ALLOW_LOCAL_GIT"] = "1"  # the sample repository lies in the state folder
    if options.reload:
        os.environ.setdefault("KEELWAY_DEBUG", "1")
    with installation.alone():
        return _run(installation, options)


def _run(installation: Installation, options: argparse.Namespace) -> int:
    started = time.monotonic()
    next_port = installation.port + 1 if installation.port < 65535 else 8000
    remedy = f"Stop that, or choose another port: KEELWAY_PORT={next_port} bin/up"
    require_free(installation.host, installation.port, remedy=remedy)
    with ExitStack() as stack:
        with step("Docker Engine") as note:
            note.text = stack.enter_context(engine.running(installation.var))
        if options.demo:
            images.ensure_demo(installation.var, installation.log)
        redis = broker.own_redis(installation.var)
        sign_in = _prepare(installation)
        if not options.keep_jobs:
            stack.callback(_remove_containers, installation)
        programs = [*([redis] if redis else []), *keelway(installation)]
        supervisor = stack.enter_context(Supervisor(programs, installation.var, name="keelway"))
        stack.callback(_say_goodbye)
        with step("Keelway"):
            _wait_until_ready(installation, supervisor)
        _announce(installation, sign_in, time.monotonic() - started)
        return _stay(installation, supervisor, options, sign_in)


def _prepare(installation: Installation) -> str:
    """The database, and the administrator. Returns what tells people how to sign in; empty when they know."""
    quiet = {**os.environ, "KEELWAY_LOG_LEVEL": "ERROR"}
    with step("Settings and database"):
        remedy = "Every setting: docs/configuration.md"
        run([*MANAGE, "migrate", "--no-input"], log=installation.log, remedy=remedy, env=quiet)
    with step("Administrator"):
        # Kept in no log: the link is as good as a password.
        said = run([*MANAGE, "first_run"], log=None, remedy="Is the state folder writable?", env=quiet)
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

    supervisor.wait_until(ready, what=lambda: f"Keelway ({missing})", within=90)


def _announce(installation: Installation, sign_in: str, seconds: float) -> None:
    say("")
    say(f"{paint('Keelway is up', '1;32')} after {seconds:.0f} s: {paint(installation.public_url, '1')}")
    neighbours = installation.neighbours_url
    if neighbours and not os.environ.get("KEELWAY_URL"):
        say(f"  From other machines: {neighbours} (for links that lead there: KEELWAY_URL={neighbours} bin/up)")
    if sign_in:
        say(sign_in)
    say(f"  State is kept in {installation.var}; Ctrl-C stops everything.\n")


def _stay(installation: Installation, supervisor: Supervisor, options: argparse.Namespace, sign_in: str) -> int:
    """Until a signal or, with --exit, the end of the demo's build. The exit code of the command."""
    answer = 0
    try:
        if options.demo:
            answer = subprocess.run(
                [*MANAGE, "demo", "--address", installation.own_url], stdin=subprocess.DEVNULL
            ).returncode
            if answer:
                warn("The demo did not end in a green build: what it said is above.")
        if options.exit:
            return answer
        if options.demo and sign_in:
            say(f"{sign_in}\n")  # the logs have carried the first one away
        while supervisor.alive():
            time.sleep(0.5)
    except Interrupted as interrupted:
        asked = interrupted.signal in {signal.SIGINT, signal.SIGTERM} and not options.exit
        return 0 if asked else 128 + interrupted.signal
    warn("The supervisor has ended, and everything with it.", f"Its log: {supervisor.log}", "Start again: bin/up")
    return 1


def _say_goodbye() -> None:
    ignore_signals()  # a second Ctrl-C would only leave something behind
    say("\nStopping.")


def _remove_containers(installation: Installation) -> None:
    """Jobs that were running; without this they would run on, to be taken over by the next start."""
    done = subprocess.run([*MANAGE, "clean", "--all"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.stdout.strip():
        say("Removed what was still there:\n" + "\n".join(f"  {line}" for line in done.stdout.splitlines()))
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        warn(
            f"Containers of jobs may be left: {last}", "When the engine answers: .venv/bin/python manage.py clean --all"
        )
    say("Stopped.")


if __name__ == "__main__":
    speak(main)
