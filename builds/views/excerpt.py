"""The last lines of the step that failed: enough to see why, before the log has been opened."""

import json
import re
from dataclasses import dataclass

from builds.models import Job, LogChunk, Step
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


def last_lines(job: Job, step: Step) -> list[Line]:
    """Up to LINES lines of `step`, without colours, oldest first. Reads a few chunks, however long the log is."""
    found: list[Line] = []
    for chunk in LogChunk.objects.filter(job=job).order_by("-first")[:4]:
        rows = json.loads(chunk.body)
        for offset in range(len(rows) - 1, -1, -1):
            _, number, text = rows[offset]
            if number == step.number:
                found.append(Line(chunk.first + offset, plain(text)))
            if len(found) == LINES or number < step.number:
                return found[::-1]
    return found[::-1]


def plain(text: str) -> str:
    """What is left to read of a line of terminal output: no escape sequences, and of `\\r` the last part."""
    shown = next((part for part in reversed(text.split("\r")) if part), "")
    return _CONTROL.sub("", shown)[:400]
