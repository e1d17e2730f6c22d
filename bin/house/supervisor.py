"""Runs programs under supervisord as long as a `with` block lasts: their logs on our output, each line prefixed."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from house.prefix import MARK
from house.programs import Program, dies_with_parent, render
from house.steps import Stop, warn


class Supervisor:
    """`states` maps a program's name to supervisor's word for its state: STARTING, RUNNING, BACKOFF, FATAL …"""

    def __init__(self, programs: Sequence[Program], var: Path, *, name: str) -> None:
        self.programs = programs
        self.var = var
        self.name = name
        self.states: dict[str, str] = {}
        self._ends = {program.name: 0 for program in programs}
        self._stopping = False
        self._waited_for = False

    def __enter__(self) -> Self:
        for folder in ("run", "log"):
            (self.var / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        config = self.var / "run" / f"{self.name}-supervisor.conf"
        config.write_text(render(self.programs, self.var, name=self.name))
        colours = "1" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else "0"
        # In a session of its own: Ctrl-C reaches only us, and we stop everything in order.
        self.process = subprocess.Popen(
            [*dies_with_parent(), sys.executable, "-m", "supervisor.supervisord", "-c", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore", "KEELWAY_COLOURS": colours},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping = True
        self.process.terminate()
        most = sum(program.patience for program in self.programs) + 30
        try:
            self.process.wait(most)
        except subprocess.TimeoutExpired:
            self.process.kill()  # its children get their signal from the kernel
            self.process.wait()
        self._reader.join(5)

    @property
    def fatal(self) -> list[str]:
        """Programs that ended so often that supervisor has given up on them."""
        return [name for name, state in self.states.items() if state == "FATAL"]

    def wait_until(self, ready: Callable[[], bool], *, what: Callable[[], str], within: float) -> None:
        """Stop, with the reason, when `ready` does not come true: a program is given up, or the time is over."""
        self._waited_for = True
        deadline = time.monotonic() + within
        while not ready():
            if self.fatal:
                raise Stop(f"{' and '.join(self.fatal)} cannot run.", *self._logs(self.fatal))
            if self.process.poll() is not None:
                raise Stop("The supervisor has ended.", f"Its log: {self.log}")
            if time.monotonic() > deadline:
                raise Stop(f"{what()} did not come up within {within:.0f} s.", *self._logs(list(self._ends)))
            time.sleep(0.1)
        self._waited_for = False

    @property
    def log(self) -> Path:
        return self.var / "log" / f"{self.name}-supervisor.log"

    def alive(self) -> bool:
        return self.process.poll() is None

    def _logs(self, names: Sequence[str]) -> list[str]:
        """For each program, where its log is and how it ends."""
        said = []
        for name in names:
            log = self.var / "log" / f"{name}.log"
            said.append(f"Its log says why: {log}")
            if log.exists():
                said += [f"    {line}" for line in log.read_text(errors="replace").splitlines()[-8:]]
        return said

    def _read(self) -> None:
        heard = True
        for line in self.process.stdout or ():
            if line.startswith(MARK):
                name, state, _pid = line[1:].split()
                self._changed(name, state)
            elif heard:
                try:
                    sys.stdout.write(line)
                    sys.stdout.flush()
                except OSError:  # nobody reads us any more: go on without, or the processes would block
                    heard = False

    def _changed(self, name: str, state: str) -> None:
        self.states[name] = state
        if self._stopping or self._waited_for:  # who waits says it better
            return
        if state in {"EXITED", "BACKOFF"}:
            warn(f"{name} has ended, and is started again.", f"Its log: {self.var / 'log' / name}.log")
        elif state == "FATAL":
            warn(
                f"{name} ends each time it is started: it is now given up, and Keelway does not work without it.",
                *self._logs([name]),
                "When the cause is gone, stop Keelway with Ctrl-C and start it again.",
            )
