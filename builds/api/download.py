"""A log as a file of plain text, however long it is, in the memory of a few chunks."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from django.http import StreamingHttpResponse

from builds.log import Line, iterate
from builds.models import Job

BATCH = 1000
"""Lines that are read and sent at once."""


def download(job: Job, *, timestamps: bool = False) -> StreamingHttpResponse:
    name = f"{job.build.project.slug}-{job.build.number}-{job.pk}.log"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Accel-Buffering": "no"}
    parts = _parts(iterate(job), timestamps)
    return StreamingHttpResponse(parts, content_type="text/plain; charset=utf-8", headers=headers)


async def _parts(lines: Iterator[Line], timestamps: bool) -> AsyncIterator[bytes]:
    """Asynchronous, because the ASGI handler would first gather all of a plain iterator in memory."""
    read = sync_to_async(_next_part)
    while part := await read(lines, timestamps):
        yield part


def _next_part(lines: Iterator[Line], timestamps: bool) -> bytes:
    try:
        batch = islice(lines, BATCH)
        return "".join(f"{line.t} {line.text}\n" if timestamps else f"{line.text}\n" for line in batch).encode()
    finally:
        # While the client takes its time, the connection serves others.
        if not connection.in_atomic_block:
            close_old_connections()
