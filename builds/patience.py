"""Writes that must not be lost because the database is away for a while."""

import time
from collections.abc import Callable

import structlog
from django.db import OperationalError, connection

log = structlog.get_logger()

SECONDS = 300.0


def patiently(write: Callable[[], None], patience: float = SECONDS) -> None:
    """Call `write`, which must be one transaction, until the database takes it; OperationalError after `patience`."""
    until = time.monotonic() + patience
    pause = 0.1
    while True:
        try:
            return write()
        except OperationalError as error:
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            log.warning("database.away", error=str(error))
            connection.close()
            time.sleep(pause)
            pause = min(2 * pause, 5.0)
