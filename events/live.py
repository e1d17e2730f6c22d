"""Nudges to open pages: "what you show as <topic> has changed". They carry no data, so a lost one loses nothing.

A topic is `<thing>:<id>`: `build:12`, `job:31`, `project:4`, and `dashboard`. A reader that connects, or connects
again, reads the present state first and then listens.
"""

import re
from collections.abc import Callable
from typing import Any

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

log = structlog.get_logger()

TOPIC = re.compile(r"^(dashboard|(build|job|log|project|delivery|deliveries):[0-9]{1,18})$")


def group(topic: str) -> str:
    """The Channels group of a topic; group names may not hold a colon."""
    return "live." + topic.replace(":", ".")


_rows: dict[str, Callable[[Any], Any]] = {}


def watchable(kind: str, visible_to: Callable[[Any], Any]) -> None:
    """Topics `<kind>:<id>` may be watched by whoever sees the row of that id in the query set `visible_to(user)`."""
    _rows[kind] = visible_to


def may_watch(user: Any, topic: str) -> bool:
    """Whether `user` may be told that `topic` changed; the dashboard's is everyone's."""
    kind, _, id = topic.partition(":")
    if kind == "dashboard":
        return bool(user.is_authenticated)
    return kind in _rows and _rows[kind](user).filter(pk=int(id)).exists()


def announce(*topics: str) -> None:
    """Nudge everyone who watches one of `topics`. Without a broker nobody is nudged, and that is only logged: the
    change itself is already in the database."""
    try:
        async_to_sync(_send)(topics)
    except Exception as error:  # any fault of the network or of Redis; nothing depends on a nudge
        log.warning("live.nudge_lost", topics=topics, error=str(error))


async def _send(topics: tuple[str, ...]) -> None:
    layer: Any = get_channel_layer()
    for topic in topics:
        await layer.group_send(group(topic), {"type": "nudge", "topic": topic})
