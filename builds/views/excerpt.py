"""The last lines of the step that failed: enough to see why, before the log has been opened."""

import re
from dataclasses import dataclass

from builds.log import read_lines
from builds.models import Job, Step
from builds.states import State

LINES = 12
_CONTROL = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-9;?]*[A-Za-z]|\x1b.|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Line:
    n: int
    text: str


def failed_step(steps: list[Step]) -> Step | None:
    """The step to open first: the one that failed, or the one that was running when the job was stopped."""
    for states in ((State.FAILURE, State.ERROR), (State.CANCELLED,)):
        for step in steps:
            if step.status in states:
                return step
    return None


def last_lines(job: Job, step: Step, steps: list[Step]) -> list[Line]:
    """Up to LINES lines of `step`, one of `steps`, without colours, oldest first."""
    if step.first_line is None:
        return []
    later = [other.first_line for other in steps if other.number > step.number and other.first_line]
    end = min(later) if later else job.lines + 1
    start = max(step.first_line, end - LINES)
    return [Line(line.n, plain(line.text)) for line in read_lines(job, start, end - start).lines] if end > start else []


def plain(text: str) -> str:
    """What is left to read of a line of terminal output: no escape sequences, and of `\\r` the last part."""
    shown = next((part for part in reversed(text.split("\r")) if part), "")
    return _CONTROL.sub("", shown)[:400]
