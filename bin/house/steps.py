"""How the commands speak: a line a step with its time, and a remedy whenever they stop. The twin of bin/lib/say.sh."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_COLOURS = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def paint(text: str, codes: str) -> str:
    return f"\x1b[{codes}m{text}\x1b[0m" if _COLOURS else text


class Stop(Exception):
    """Ends the command with a message, and one line for each remedy."""

    def __init__(self, what: str, *remedies: str) -> None:
        super().__init__(what)
        self.remedies = remedies


class Interrupted(BaseException):
    """Ctrl-C, or the signal that a service manager or a closing terminal sends. Not for `except Exception`."""

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal


class Note:
    """What a step adds to its line."""

    text = ""


@contextmanager
def step(name: str) -> Iterator[Note]:
    note, started = Note(), time.monotonic()
    yield note
    took = paint(f"{time.monotonic() - started:6.1f} s", "2")
    print(f"{paint('✓', '32')} {name:<26} {took}  {note.text}".rstrip(), flush=True)


def say(text: str) -> None:
    print(text, flush=True)


def warn(what: str, *remedies: str) -> None:
    print("\n" + paint(f"✗ {what}", "1;31"), file=sys.stderr)
    for remedy in remedies:
        print(f"  → {remedy}", file=sys.stderr)
    sys.stderr.flush()


def run(argv: Sequence[str], *, log: Path | None, remedy: str, env: dict[str, str] | None = None) -> str:
    """The output of a command, which is kept in `log` too. Stop with its last lines when it fails."""
    process = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env
    )
    try:
        said, _ = process.communicate()
    except Interrupted:
        process.terminate()  # not killed: some have things to clear away, such as mounts
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        raise
    if log:
        with log.open("a") as kept:
            kept.write(said)
    if process.returncode:
        tail = "\n".join(f"    {line}" for line in said.splitlines()[-20:])
        print(tail, file=sys.stderr)
        more = [f"All of its output: {log}"] if log else []
        raise Stop(f"This failed: {' '.join(argv)}", remedy, *more)
    return said


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def ignore_signals() -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)


def speak(main: Callable[[], int]) -> None:
    """Run a command's main function and exit with its answer. Signals that end it raise Interrupted."""
    for number in _ENDING:
        signal.signal(number, _interrupt)
    try:
        sys.exit(main())
    except Stop as stop:
        warn(str(stop), *stop.remedies)
        sys.exit(1)
    except Interrupted as interrupted:
        sys.exit(128 + interrupted.signal)
