"""Removes what jobs left behind: only what carries our labels or lies in our folders, and belongs to nothing alive."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from django.utils import timezone

from builds import workspace
from builds.engine import EngineError, engine
from builds.models import Job, Worker
from builds.states import ENDED

log = structlog.get_logger()

FORGOTTEN = timedelta(hours=1)
"""A worker that was not heard of for so long is no longer listed."""


@dataclass(frozen=True)
class Leftover:
    """kind is `container` or `folder`; reason says why nobody needs it."""

    kind: str
    name: str
    reason: str
    job_id: int = 0


def leftovers() -> list[Leftover]:
    """What can go. EngineError when the engine cannot be asked."""
    containers = [(id, labels) for id, labels in engine().containers() if labels.get("kind") == "job"]
    folders = workspace.leftovers()
    ids = {int(labels.get("job", 0)) for _, labels in containers} | {job_id for job_id, _ in folders}
    alive = set(Job.objects.filter(pk__in=ids).exclude(status__in=ENDED).values_list("pk", flat=True))
    return [
        Leftover("container", id, _why(int(labels.get("job", 0))), int(labels.get("job", 0)))
        for id, labels in containers
        if int(labels.get("job", 0)) not in alive
    ] + [Leftover("folder", str(folder), _why(job_id), job_id) for job_id, folder in folders if job_id not in alive]


def clean_up() -> list[Leftover]:
    """Remove every leftover; what could not be removed is logged and tried again next time. What was removed."""
    removed = []
    for leftover in leftovers():
        try:
            if leftover.kind == "container":
                engine().remove(leftover.name)
            else:
                _remove_folder(leftover)
        except (EngineError, OSError) as error:
            log.warning("clean.failed", kind=leftover.kind, name=leftover.name, error=str(error))
            continue
        removed.append(leftover)
        log.info("clean.removed", kind=leftover.kind, name=leftover.name, reason=leftover.reason)
    Worker.objects.filter(seen_at__lt=timezone.now() - FORGOTTEN).delete()
    return removed


def _remove_folder(leftover: Leftover) -> None:
    try:
        shutil.rmtree(leftover.name)
    except PermissionError:
        job = Job.objects.select_related("build").filter(pk=leftover.job_id).first()
        if job is None:
            raise
        engine().empty(Path(leftover.name), job.plan.image)
        shutil.rmtree(leftover.name)


def _why(job_id: int) -> str:
    return f"job {job_id} has ended or does not exist"
