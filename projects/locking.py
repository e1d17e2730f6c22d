"""Locks between threads and processes of one machine, which end with whoever holds them."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(path: Path, *, wait: float, stop: threading.Event | None = None) -> Iterator[int]:
    """Hold the lock file `path`; yields its descriptor.

    A child that inherits the descriptor holds the lock too, until it ends: so a Git that outlives a killed worker is
    not disturbed by the next. Raises TimeoutError after `wait` seconds, or when `stop` is set meanwhile.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline or (stop is not None and stop.is_set()):
                    raise TimeoutError(f"{path} is held by another") from None
                time.sleep(0.05)
        yield descriptor
    finally:
        os.close(descriptor)
