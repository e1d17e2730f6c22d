"""Who runs a job. A worker holds a lease that it keeps renewing; when it stops doing so, another may take over."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from builds.models import Job, Worker
from builds.states import State

log = structlog.get_logger()

BEAT = 1.0
"""Seconds between two looks at what was asked of the jobs that we hold."""
HELLO = 10.0
"""Seconds between two signs of life of a worker."""


class LeaseLost(Exception):
    """Another worker has the job now; whoever notices writes nothing more about it."""


def worker_name() -> str:
    """Unique on the machine, and not inherited by a restart, which would seem to hold the leases of the one before."""
    return f"{socket.gethostname()}-{os.getpid()}"


class LettingGo(Exception):
    """This worker is ending. The container goes on, and another worker will carry on."""


class Lease:
    """One worker's hold on one job. Its flags are set by the Keeper and read by the runner."""

    def __init__(self, job: Job) -> None:
        self.job_id = job.pk
        self.claim = job.claims
        self.renewed = time.monotonic()
        self.stop = threading.Event()
        """Whatever is being done should end soon; `cancelled`, `expired`, `lost` and `letting_go` say why."""
        self.cancelled = False
        self.expired = False
        self.lost = False
        self.letting_go = False
        self.deadline: Any = job.deadline_at

    @property
    def rows(self) -> Any:
        """The job's row while the lease is ours: every write of the runner goes through it."""
        return Job.objects.filter(pk=self.job_id, status=State.RUNNING, claims=self.claim)

    @property
    def held(self) -> Q:
        return Q(claims=self.claim)

    def require(self) -> None:
        """LeaseLost or LettingGo when this worker should leave the job alone, and not only stop it."""
        if self.lost:
            raise LeaseLost(f"job {self.job_id}")
        if self.letting_go and not self.cancelled and not self.expired:
            raise LettingGo

    def update(self, **changes: Any) -> None:
        """Write to the job's row. LeaseLost when it is no longer ours."""
        if self.rows.update(**changes) != 1:
            raise LeaseLost(f"job {self.job_id}")


def claim(job_id: int, worker: str) -> Job | None:
    """Take up a job that is ready, or one whose worker has vanished. None when it is neither: only one can win."""
    now = timezone.now()
    until = now + timedelta(seconds=settings.LEASE_SECONDS)
    with transaction.atomic():
        job = Job.objects.select_related("build__project").filter(pk=job_id).first()
        if job is None:
            return None
        ready = Q(ready_at__isnull=False, superseded=False)
        taken = {"worker": worker, "lease_until": until, "claims": F("claims") + 1}
        won = job.move(State.RUNNING, only_if=ready, started_at=now, **taken)
        if not won:
            vanished = Job.objects.filter(pk=job_id, status=State.RUNNING, lease_until__lt=now)
            won = vanished.update(**taken) == 1
        if not won:
            return None
        return Job.objects.select_related("build__project").get(pk=job_id)


class Keeper:
    """A thread of the worker that renews its leases, says that the worker is there, and passes on what is asked."""

    def __init__(self, worker: str, slots: int) -> None:
        self.worker = worker
        self.slots = slots
        self._leases: dict[int, Lease] = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._hello_at = 0.0

    def start(self) -> None:
        self._inherit()
        self._say_hello()
        self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)
        self._thread.start()

    def let_go(self) -> None:
        """The worker is about to end: its jobs' containers go on, and the next worker takes them over."""
        self._ending.set()
        with self._lock:
            for lease in self._leases.values():
                lease.letting_go = True
                lease.stop.set()

    def gone(self) -> None:
        self._ending.set()
        Worker.objects.filter(name=self.worker).delete()

    @contextmanager
    def keeping(self, job: Job) -> Iterator[Lease]:
        """The lease of a job just claimed, renewed until the block ends."""
        lease = Lease(job)
        lease.letting_go = self._ending.is_set()
        if lease.letting_go:
            lease.stop.set()
        with self._lock:
            self._leases[job.pk] = lease
        try:
            yield lease
        finally:
            with self._lock:
                del self._leases[job.pk]

    def _run(self) -> None:
        while not self._ending.wait(BEAT):
            try:
                self._beat()
            except DatabaseError as error:
                log.warning("lease.database_away", error=str(error))
            finally:
                connection.close_if_unusable_or_obsolete()
        connection.close()

    def _beat(self) -> None:
        if time.monotonic() - self._hello_at > HELLO:
            self._say_hello()
        with self._lock:
            leases = list(self._leases.values())
        if not leases:
            return
        for lease in leases:
            if time.monotonic() - lease.renewed > settings.LEASE_SECONDS / 4:
                self._renew(lease)
        asked = Job.objects.filter(pk__in=[lease.job_id for lease in leases], cancel_requested_at__isnull=False)
        to_cancel = set(asked.values_list("pk", flat=True))
        now = timezone.now()
        for lease in leases:
            if lease.job_id in to_cancel and not lease.cancelled:
                lease.cancelled = True
                lease.stop.set()
            if lease.deadline and now >= lease.deadline and not lease.expired:
                lease.expired = True
                lease.stop.set()

    def _renew(self, lease: Lease) -> None:
        until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
        if lease.rows.update(lease_until=until) == 1:
            lease.renewed = time.monotonic()
        else:
            lease.lost = True
            lease.stop.set()

    def _inherit(self) -> None:
        """End the leases of workers that died on this machine, so that nobody waits for them to run out."""
        host, _, _ = self.worker.rpartition("-")
        for name in Worker.objects.filter(name__startswith=f"{host}-").values_list("name", flat=True):
            pid = name.removeprefix(f"{host}-")
            if pid.isdigit() and not _alive(int(pid)):
                Job.objects.filter(worker=name, status=State.RUNNING).update(lease_until=timezone.now())
                Worker.objects.filter(name=name).delete()

    def _say_hello(self) -> None:
        self._hello_at = time.monotonic()
        Worker.objects.update_or_create(name=self.worker, defaults={"slots": self.slots, "seen_at": timezone.now()})


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
