"""What makes a Celery worker of the queue `jobs` one of Keelway's workers: its keeper, for as long as it lives."""

from typing import Any

import structlog
from celery.signals import worker_init, worker_ready, worker_shutdown, worker_shutting_down

from builds.lease import Keeper, worker_name

log = structlog.get_logger()

_keeper: Keeper | None = None


def keeper() -> Keeper:
    """The keeper of this process. LookupError where no worker runs."""
    if _keeper is None:
        raise LookupError("this process is not a worker of the queue “jobs”")
    return _keeper


@worker_init.connect
def _make(sender: Any, **signal: Any) -> None:
    global _keeper
    if "jobs" in sender.app.amqp.queues.consume_from:
        _keeper = Keeper(worker_name(), sender.concurrency)


@worker_ready.connect
def _start(**signal: Any) -> None:
    if _keeper:
        _keeper.start()
        log.info("worker.ready", worker=_keeper.worker, slots=_keeper.slots)
        from builds import scheduler

        scheduler.dispatch()


@worker_shutting_down.connect
def _let_go(**signal: Any) -> None:
    if _keeper:
        _keeper.let_go()


@worker_shutdown.connect
def _gone(**signal: Any) -> None:
    if _keeper:
        _keeper.gone()
