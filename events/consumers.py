"""The socket of open pages: it is told which topics a page shows, and nudges it when one changes."""

import json
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from events.live import TOPIC, group, may_watch

MOST = 200
"""Topics that one page may watch."""


class LiveConsumer(AsyncWebsocketConsumer):
    """In: {"watch": ["build:12", …]}. Out: {"topic": "build:12"}, {"denied": "build:13"}."""

    async def connect(self) -> None:
        self.watched: set[str] = set()
        user: Any = self.scope["user"]
        if not user.is_authenticated:
            await self.close(code=4401)
            return
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            wanted = json.loads(text_data or "")["watch"]
            topics = {topic for topic in wanted if isinstance(topic, str)}
        except (ValueError, KeyError, TypeError):
            await self.close(code=4400)
            return
        for topic in sorted(topics - self.watched):
            if len(self.watched) < MOST and TOPIC.match(topic) and await self._allowed(topic):
                await self.channel_layer.group_add(group(topic), self.channel_name)
                self.watched.add(topic)
            else:
                await self.send(json.dumps({"denied": topic}))

    async def nudge(self, message: dict[str, Any]) -> None:
        await self.send(json.dumps({"topic": message["topic"]}))

    async def disconnect(self, code: int) -> None:
        for topic in self.watched:
            await self.channel_layer.group_discard(group(topic), self.channel_name)

    @database_sync_to_async
    def _allowed(self, topic: str) -> bool:
        return may_watch(self.scope["user"], topic)
