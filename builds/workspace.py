"""The folder of one job on the worker's disk: the checkout that its container sees as /workspace."""

import shutil
from pathlib import Path

from django.conf import settings

from builds.engine import engine

ROOT = settings.VAR / "workspaces"


def make(job_id: int, claim: int) -> Path:
    """A new empty folder. Each claim has its own, so that a worker that lost the job cannot meddle."""
    ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = ROOT / f"{job_id}.{claim}"
    folder.mkdir()
    folder.chmod(0o777)  # whatever user the image runs as; nobody else gets past ROOT
    return folder


def remove(job_id: int, image: str) -> None:
    """Delete all folders of a job. What cannot be deleted stays for the sweep, and raises EngineError or OSError."""
    for folder in ROOT.glob(f"{job_id}.*"):
        try:
            shutil.rmtree(folder)
        except PermissionError:  # written by root in the container, while this worker is not root
            engine().empty(folder, image)
            shutil.rmtree(folder)
        except FileNotFoundError:
            continue


def leftovers() -> list[tuple[int, Path]]:
    """(job id, folder) of everything under the root."""
    if not ROOT.exists():
        return []
    return [(int(stem), folder) for folder in ROOT.iterdir() if (stem := folder.name.partition(".")[0]).isdigit()]
