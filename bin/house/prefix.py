"""supervisor's event listener: writes each line that a process logs with the name of the process before it.

It writes to standard error, for people; a change of a process's state goes there too, as a line that begins with
MARK, for house.supervisor. A process cannot forge one, as each of its lines begins with its name.
"""

import os
import sys
from typing import IO

MARK = "\x1e"
_COLOURS = ["36", "33", "35", "34", "32", "96", "93"]
_LONGEST = 16_000


class Prefixer:
    """Cuts the chunks of many processes into lines."""

    def __init__(self, *, coloured: bool) -> None:
        self.coloured = coloured
        self.begun: dict[str, str] = {}

    def lines(self, process: str, chunk: str) -> list[str]:
        """The lines that `chunk` ends, each with its prefix. The rest waits for more."""
        *whole, rest = (self.begun.get(process, "") + chunk).split("\n")
        if len(rest) > _LONGEST:
            whole, rest = [*whole, rest], ""
        self.begun[process] = rest
        return [f"{self._label(process)} {line.rstrip()}" for line in whole]

    def _label(self, process: str) -> str:
        label = f"{process:<9} │"
        if not self.coloured:
            return label
        colour = _COLOURS[list(self.begun).index(process) % len(_COLOURS)]
        return f"\x1b[{colour}m{label}\x1b[0m"


def listen(source: IO[str], protocol: IO[str], people: IO[str]) -> None:
    """Until supervisor closes `source`."""
    prefixer = Prefixer(coloured=os.environ.get("KEELWAY_COLOURS") == "1")
    while True:
        print("READY", file=protocol, flush=True)
        head = source.readline()
        if not head:
            return
        headers = dict(pair.split(":", 1) for pair in head.split())
        payload = source.read(int(headers["len"]))
        about, _, data = payload.partition("\n")
        about_pairs = dict(pair.split(":", 1) for pair in about.split())
        process = about_pairs["processname"]
        if headers["eventname"].startswith("PROCESS_LOG"):
            for line in prefixer.lines(process, data):
                print(line, file=people)
        elif process != "logs":
            state = headers["eventname"].removeprefix("PROCESS_STATE_")
            print(f"{MARK}{process} {state} {about_pairs.get('pid', 0)}", file=people)
        people.flush()
        print("RESULT 2\nOK", end="", file=protocol, flush=True)


if __name__ == "__main__":
    listen(sys.stdin, sys.stdout, sys.stderr)
