from builds.models.builds import Build
from builds.models.jobs import Job, Step
from builds.models.logs import LogChunk
from builds.models.workers import Worker

__all__ = ["Build", "Job", "LogChunk", "Step", "Worker"]
