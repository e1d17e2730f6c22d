"""The Celery application. Two kinds of worker run it: `-Q jobs` runs jobs, `-Q default` is the scheduler."""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.beat import EmbeddedService, Scheduler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("keelway")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class Tick(bootsteps.StartStopStep):
    """Beat as a thread of the scheduler: the ticks live and die with the one process that answers them.

    Celery's own `--beat` would fork, and a fork outlives a scheduler that is killed. The schedule is kept in memory:
    every tick is a sweep, which may come late or twice.
    """

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        self.beat: Any = None
        self.wanted = "default" in (worker.app.amqp.queues.consume_from or {})

    def start(self, worker: Any) -> None:
        if self.wanted:
            self.beat = EmbeddedService(worker.app, thread=True, scheduler_cls=Scheduler)
            self.beat.daemon = True
            self.beat.start()

    def stop(self, worker: Any) -> None:
        if self.beat:
            self.beat.stop()


app.steps["worker"].add(Tick)
