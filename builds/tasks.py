import structlog
from celery import shared_task

from builds import clean, runner, scheduler
from builds.engine import EngineError
from builds.worker import keeper

log = structlog.get_logger()


@shared_task
def run_job(job_id: int) -> None:
    runner.run(job_id, keeper())


@shared_task
def sweep() -> None:
    scheduler.sweep()


@shared_task
def clean_up() -> None:
    try:
        clean.clean_up()
    except EngineError as error:
        log.warning("clean.engine", error=str(error))
