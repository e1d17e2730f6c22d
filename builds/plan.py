"""The Plan: what a build will do, decided before anything runs.

Every pipeline format compiles to this one graph. It is immutable, holds no reference to where it came from, and is
stored with the build as JSON, so that a retry a month later does exactly the same.
"""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_TIMEOUT = 3600
"""Seconds a job may run when its file says nothing."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StepPlan(Frozen):
    """One shell script. `run` is text for `/bin/sh -e`, at most 100 kB."""

    name: str
    run: str
    env: dict[str, str] = Field(default_factory=dict)


class Resources(Frozen):
    """Limits of a job's container. cpus in cores, memory in bytes, pids a count of processes and threads."""

    cpus: float = 2.0
    memory: int = 2 * 1024**3
    pids: int = 2048


class JobPlan(Frozen):
    """One container: an image, and the steps that run in it one after the other.

    `needs` are names of jobs in the same Plan that must have ended well before this one starts; stages have already
    been turned into needs. `timeout` is in seconds and counts from the start of the container.
    """

    name: str
    stage: str
    image: str
    steps: tuple[StepPlan, ...]
    needs: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    timeout: int = DEFAULT_TIMEOUT
    allow_failure: bool = False
    resources: Resources = Resources()


class Plan(Frozen):
    """A graph of jobs without cycles. `stages` and `jobs` are in the order in which people should see them."""

    stages: tuple[str, ...]
    jobs: tuple[JobPlan, ...]

    def job(self, name: str) -> JobPlan:
        """The job called `name`; KeyError when there is none."""
        for job in self.jobs:
            if job.name == name:
                return job
        raise KeyError(name)

    def dependents(self, names: set[str]) -> Iterator[JobPlan]:
        """Every job that needs one of `names`, directly or through others. The jobs named are not among them."""
        reached = set(names)
        pending = True
        while pending:
            pending = False
            for job in self.jobs:
                if job.name not in reached and reached.intersection(job.needs):
                    reached.add(job.name)
                    pending = True
        for job in self.jobs:
            if job.name in reached and job.name not in names:
                yield job
