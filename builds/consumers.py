"""A job's log as it grows: `/ws/jobs/<id>/log?from=N`."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from builds.log import LogPage, read_lines
from builds.models import Job
from events.live import group

log = structlog.get_logger()

LINES = 1000
"""Lines in one message, at the most."""
LOOK_AGAIN = 10.0
"""Seconds without a nudge after which the log is read all the same: a nudge can be lost, a line cannot."""


class LogConsumer(AsyncWebsocketConsumer):
    """Sends {"lines": [...], "next": N, "complete": bool} from line N on; after `complete` it closes with 1000.

    What it sends is what the API's `log?from=` gives. Whoever may not see the job gets 404, as if there were none.
    """

    async def connect(self) -> None:
        self.pump: asyncio.Task[None] | None = None
        self.bell = asyncio.Event()
        self.topic = ""
        job = await self._visible(int(self.scope["url_route"]["kwargs"]["job_id"]))
        if job is None:
            await self._not_found()
            return
        asked = parse_qs(self.scope["query_string"].decode("latin-1")).get("from", ["1"])[0]
        start = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 12 else 1
        try:
            self.topic = f"log:{job.pk}"
            await self.channel_layer.group_add(group(self.topic), self.channel_name)
        except OSError as error:  # no broker: then it is read every few seconds
            log.warning("log.no_nudges", error=str(error))
        await self.accept()
        self.pump = asyncio.create_task(self._pump(job, max(1, start)))

    async def nudge(self, message: dict[str, Any]) -> None:
        self.bell.set()

    async def disconnect(self, code: int) -> None:
        if self.pump:
            self.pump.cancel()
        if self.topic:
            try:
                await self.channel_layer.group_discard(group(self.topic), self.channel_name)
            except OSError as error:
                log.warning("log.no_broker", error=str(error))

    async def _pump(self, job: Job, start: int) -> None:
        first = True
        while True:
            self.bell.clear()
            page = await self._read(job, start)
            if page.lines or page.complete or first:
                await self.send(json.dumps(page.as_dict(), ensure_ascii=False))
            first = False
            start = page.next
            if page.complete:
                await self.close(code=1000)
                return
            if len(page.lines) < LINES:
                try:
                    await asyncio.wait_for(self.bell.wait(), LOOK_AGAIN)
                except TimeoutError:
                    continue

    async def _not_found(self) -> None:
        if "websocket.http.response" in (self.scope.get("extensions") or {}):
            send: Any = self.base_send
            headers = [(b"content-type", b"text/plain")]
            await send({"type": "websocket.http.response.start", "status": 404, "headers": headers})
            await send({"type": "websocket.http.response.body", "body": b"There is no such job.\n"})
        else:
            await self.close(code=4404)

    @database_sync_to_async
    def _visible(self, job_id: int) -> Job | None:
        return Job.objects.visible_to(self.scope["user"]).filter(pk=job_id).first()

    @database_sync_to_async
    def _read(self, job: Job, start: int) -> LogPage:
        return read_lines(job, start, LINES)
