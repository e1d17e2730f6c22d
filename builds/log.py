"""Reading and writing a job's log: numbered lines, contiguous from 1, in chunks."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from builds.models import Job, LogChunk

MOST = 5000
"""Lines that one read returns at the most."""


@dataclass(frozen=True)
class Line:
    """n counts from 1; t is RFC 3339 in UTC with milliseconds; step 0 is Keelway's own."""

    n: int
    t: str
    step: int
    text: str


@dataclass(frozen=True)
class LogPage:
    """`next` is the number to read on from. `complete`: the job has ended and there is nothing at or after `next`."""

    lines: list[Line]
    next: int
    complete: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_lines(job: Job, start: int = 1, limit: int = 1000) -> LogPage:
    """Lines from number `start` (1 at the least) on, `limit` at the most."""
    start = max(1, start)
    limit = max(1, min(limit, MOST))
    # Before the lines: had the log been complete then, no line could come after these.
    complete, total = Job.objects.values_list("log_complete", "lines").get(pk=job.pk)
    lines: list[Line] = []
    for chunk in _chunks(job.pk, start):
        lines.extend(line for line in _unpack(chunk) if line.n >= start)
        if len(lines) >= limit:
            break
    lines = lines[:limit]
    following = lines[-1].n + 1 if lines else start
    return LogPage(lines, following, complete and following > total)


def iterate(job: Job) -> Iterator[Line]:
    """The whole log as it stands, a chunk at a time in memory."""
    for chunk in _chunks(job.pk, 1):
        yield from _unpack(chunk)


def _chunks(job_id: int, start: int) -> Iterator[LogChunk]:
    """Chunks that hold line `start` or later, in order; a few at a time, so that the first is quick."""
    at = start
    while True:
        batch = list(LogChunk.objects.filter(job_id=job_id, last__gte=at).order_by("last")[:20])
        yield from batch
        if len(batch) < 20:
            return
        at = batch[-1].last + 1


def _unpack(chunk: LogChunk) -> Iterator[Line]:
    for n, (millis, step, text) in enumerate(json.loads(chunk.body), start=chunk.first):
        yield Line(n, stamp(millis), step, text)


def pack(lines: list[tuple[int, int, str]]) -> str:
    """The body of a chunk: (milliseconds since 1970, step, text), each."""
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":"))


def stamp(millis: int) -> str:
    moment = datetime.fromtimestamp(millis // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{millis % 1000:03d}Z"
