"""The one way to say that something happened."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from events.live import announce
from events.models import Event


def emit(type: str, *, subject: str, data: dict[str, Any] | None = None, topics: Iterable[str] = ()) -> Event:
    """Record an Event in the current transaction, which must be open, and nudge the pages that show `topics` after it.

    type: `<room>.<thing>.<what happened>`, as `builds.build.finished`. subject: `<thing>:<id>`, as `build:12`.
    data: JSON, and never a secret. topics: see `events.live`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{type} must be emitted in the transaction of the change that it tells of")
    event = Event.objects.create(type=type, source=f"/{type.split('.')[0]}", subject=subject, data=data or {})
    names = tuple(topics)
    if names:
        transaction.on_commit(lambda: announce(*names))
    return event
