"""Ringing for a Celery task after the commit. The broker is a doorbell: when it is down, a sweep rings again later."""

from typing import Any

import structlog
from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger()


def ring(task: Task, *args: Any) -> None:
    """Queue `task(*args)` once the current transaction has committed; at once when there is none.

    Never raises and never waits for a broker that is away: what must be done stands in the database.
    """

    def send() -> None:
        try:
            task.apply_async(args=args, retry=False)
        except (OperationalError, OSError) as error:
            log.warning("doorbell.unanswered", task=task.name, args=args, error=str(error))

    transaction.on_commit(send)
