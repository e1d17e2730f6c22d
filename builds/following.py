"""Follows what a job's container writes, to its end, and stops the container when that is asked."""

import queue
import threading
import time
from collections.abc import Callable, Iterator

import structlog
from django.conf import settings

from builds.engine import Container, EngineError, engine
from builds.lease import Lease
from builds.models import Job
from builds.output import Parser
from builds.recorder import Recorder

log = structlog.get_logger()

Output = Iterator[tuple[int, bytes]]
"""What a container writes, in pieces: milliseconds since 1970, and bytes."""


class Follower:
    """Every method may raise EngineError, and LeaseLost or LettingGo when this worker should leave the job alone."""

    def __init__(self, job: Job, lease: Lease, recorder: Recorder) -> None:
        self.job = job
        self.lease = lease
        self.recorder = recorder

    def follow(self, container: str, output: Output) -> Container:
        """Record `output` of a container that was attached before its start, to its end. How the container ended."""
        return self._follow(container, output, attached=True)

    def catch_up(self, container: Container) -> Container:
        """The same for one that another worker started: from the byte where the log stops."""
        output = _after(self.recorder.consumed, engine().replay(container.id, follow=container.live))
        return self._follow(container.id, output, attached=False)

    def _follow(self, container: str, output: Output, *, attached: bool) -> Container:
        stopper: threading.Thread | None = None
        whole = attached
        while True:
            parser = Parser(self.job.marker, self.recorder.consumed)
            broke = False
            for piece in self._pieces(output):
                match piece:
                    case (int() as millis, bytes() as data):
                        for item in parser.feed(data):
                            self.recorder.take(item, millis)
                    case Exception() as error:
                        log.warning("job.output_broke", job=self.job.pk, error=str(error))
                        broke = True
                if self.recorder.due_in == 0:
                    self.recorder.flush()
                if self.lease.stop.is_set() and stopper is None:
                    self.lease.require()
                    stopper = _in_background(engine().stop, container, settings.CANCEL_GRACE_SECONDS)
            looked = _settled(container)
            if not looked.live and whole and not broke:
                for item in parser.close():
                    self.recorder.take(item, time.time_ns() // 1_000_000)
                self.recorder.flush()
                return looked
            # Followed late, a log can lack its end. Read again once the container has ended, it is all there.
            whole = not looked.live
            output = _after(self.recorder.consumed, engine().replay(container, follow=looked.live))

    def _pieces(self, output: Output) -> Iterator[tuple[int, bytes] | Exception | None]:
        """What a thread reads of `output`, and None whenever it is time to look at other things."""
        pieces: queue.Queue[tuple[int, bytes] | Exception | None] = queue.Queue(maxsize=64)
        wanted = threading.Event()
        wanted.set()

        def put(piece: tuple[int, bytes] | Exception | None) -> None:
            while wanted.is_set():
                try:
                    pieces.put(piece, timeout=1)
                    return
                except queue.Full:
                    continue

        def read() -> None:
            try:
                for piece in output:
                    put(piece)
                    if not wanted.is_set():
                        return
                put(None)
            except Exception as error:
                put(error)
                put(None)

        _in_background(read)
        try:
            while True:
                due = self.recorder.due_in
                try:
                    piece = pieces.get(timeout=0.2 if due is None else max(0.001, min(due, 0.2)))
                except queue.Empty:
                    yield None
                    continue
                if piece is None:
                    return
                yield piece
        finally:
            wanted.clear()


def _after(consumed: int, output: Output) -> Output:
    """`output` without its first `consumed` bytes."""
    for millis, data in output:
        if consumed >= len(data):
            consumed -= len(data)
            continue
        yield millis, data[consumed:]
        consumed = 0


def _in_background(call: Callable[..., object], *args: object) -> threading.Thread:
    thread = threading.Thread(target=call, args=args, daemon=True)
    thread.start()
    return thread


def _settled(container: str) -> Container:
    """How the container stands now that its output has ended: the engine takes a moment to notice its exit."""
    pause = 0.005
    while True:
        looked = engine().look(container)
        if looked is None:
            raise EngineError("Its container was removed from outside while it ran. Try it again.")
        if not looked.live or pause > 0.4:
            return looked
        time.sleep(pause)
        pause *= 2
