"""The WebSocket paths."""

from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.urls import re_path

from builds.consumers import LogConsumer
from events.consumers import LiveConsumer


class NoSuchSocket(AsyncWebsocketConsumer):
    """Refuses what no other path takes, instead of an exception in the log."""

    async def connect(self) -> None:
        await self.close(code=4404)


_paths: list[tuple[str, Any]] = [
    (r"^ws/live/?$", LiveConsumer.as_asgi()),
    (r"^ws/jobs/(?P<job_id>[0-9]{1,18})/log/?$", LogConsumer.as_asgi()),
    (r"", NoSuchSocket.as_asgi()),
]

urlpatterns = [re_path(pattern, consumer) for pattern, consumer in _paths]
