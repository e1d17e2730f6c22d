"""Writes what a job does while it does it: log lines, steps, and how far into the output they go, all in one piece."""

import time
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from builds.lease import Lease
from builds.log import pack
from builds.models import Job, LogChunk, Step
from builds.output import Begin, Done, End, Item, Text
from builds.patience import patiently
from builds.states import State
from events.live import announce

FLUSH_SECONDS = 0.05
"""A line is at most so old when readers are told of it."""
FLUSH_LINES = 1000
FLUSH_CHARACTERS = 256 * 1024


class Recorder:
    """The one writer of a running job's log. It buffers; `flush` makes a chunk, guarded by the lease."""

    def __init__(self, job: Job, lease: Lease) -> None:
        self._job = job
        self._lease = lease
        self._last = job.lines
        self._consumed = job.output_bytes
        self._lines: list[tuple[int, int, str]] = []
        self._characters = 0
        self._steps: dict[int, dict[str, Any]] = {}
        self._flushed = 0.0
        begun = job.steps.exclude(started_at=None).order_by("-number").first()
        self._step = begun.number if begun else 0
        self.begun = bool(begun and begun.number)
        """Whether the job's own script has begun."""
        self.done = False
        """Whether the script came to its own end."""
        self.failed: Step | None = None
        """The step that ended badly."""

    @property
    def consumed(self) -> int:
        """Bytes of output that have been taken, flushed or not."""
        return self._consumed

    def say(self, text: str) -> None:
        """A line of Keelway's own, in the current step."""
        for line in text.splitlines() or [""]:
            self._add(self._step, _now(), line)
        self.flush()

    def begin(self, number: int, millis: int | None = None) -> None:
        self._step = number
        self._steps[number] = {"status": State.RUNNING, "started_at": _moment(millis)}

    def end(self, number: int, state: State, exit_code: int | None = None, millis: int | None = None) -> None:
        self._steps.setdefault(number, {}).update(status=state, exit_code=exit_code, finished_at=_moment(millis))

    def take(self, item: Item, millis: int) -> None:
        """What the container's output said at `millis`. A marker out of order is not believed, but shown."""
        match item:
            case Text(text=text):
                self._add(self._step, millis, text)
            case Begin(step=number) if number == self._step + 1:
                self.begun = True
                self.begin(number, millis)
            case End(step=number, exit_code=code) if number == self._step and number > 0:
                self.end(number, State.SUCCESS if code == 0 else State.FAILURE, code, millis)
                if code:
                    self.failed = Step(number=number, exit_code=code)
            case Done():
                self.done = True
            case _:
                self._add(self._step, millis, f"Keelway: a step marker out of order was ignored ({item}).")
        self._consumed = item.consumed
        if len(self._lines) >= FLUSH_LINES or self._characters >= FLUSH_CHARACTERS:
            self.flush()

    @property
    def due_in(self) -> float | None:
        """Seconds until what is buffered should be flushed; None when nothing is."""
        if not self._lines and not self._steps:
            return None
        return max(0.0, self._flushed + FLUSH_SECONDS - time.monotonic())

    def flush(self) -> None:
        """Write what is buffered. LeaseLost when the job is no longer ours: then nothing is written."""
        if not self._lines and not self._steps and self._consumed == self._job.output_bytes:
            return
        patiently(self._write)
        topics = [f"log:{self._job.pk}"]
        if self._steps:
            topics += [self._job.topic, f"build:{self._job.build_id}"]
        self._lines, self._steps, self._characters = [], {}, 0
        self._last = self._job.lines
        self._flushed = time.monotonic()
        announce(*topics)

    def _write(self) -> None:
        lines, steps = self._lines, self._steps
        first, last = self._last + 1, self._last + len(lines)
        with transaction.atomic():
            self._lease.update(lines=last, output_bytes=self._consumed)
            if lines:
                LogChunk.objects.create(job_id=self._job.pk, first=first, last=last, body=pack(lines))
            for number, changes in steps.items():
                Step.objects.filter(job_id=self._job.pk, number=number).update(**changes)
            for number in {line[1] for line in lines}:
                at = first + next(index for index, line in enumerate(lines) if line[1] == number)
                Step.objects.filter(job_id=self._job.pk, number=number, first_line=None).update(first_line=at)
        self._job.lines, self._job.output_bytes = last, self._consumed

    def _add(self, step: int, millis: int, text: str) -> None:
        self._lines.append((millis, step, text))
        self._characters += len(text)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _moment(millis: int | None) -> datetime:
    return timezone.now() if millis is None else datetime.fromtimestamp(millis / 1000, UTC)
