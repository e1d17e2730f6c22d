"""Which jobs of a build may start, and which never will. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from builds.plan import Plan
from builds.states import ENDED, State


@dataclass(frozen=True)
class Standing:
    """Where the newest attempt of a job stands."""

    state: State
    allow_failure: bool = False

    @property
    def ended_well(self) -> bool:
        """Whether a job that needs this one may start."""
        if self.state in {State.FAILURE, State.ERROR}:
            return self.allow_failure
        return self.state == State.SUCCESS


@dataclass(frozen=True)
class Decision:
    """Names of pending jobs: `ready` may start now; `skip` never will, each with the reason."""

    ready: tuple[str, ...] = ()
    skip: Mapping[str, str] = field(default_factory=dict)


_ENDS = {
    State.FAILURE: "failed",
    State.ERROR: "ended in an error",
    State.CANCELLED: "was cancelled",
    State.SKIPPED: "was skipped",
}


def decide(plan: Plan, standings: Mapping[str, Standing]) -> Decision:
    """What follows for the pending jobs of `plan` from where each job stands."""
    now = dict(standings)
    ready: list[str] = []
    skip: dict[str, str] = {}
    waiting = [job for job in plan.jobs if now[job.name].state == State.PENDING]
    changed = True
    while changed:
        changed = False
        for job in waiting:
            if job.name in skip:
                continue
            broken = next((need for need in job.needs if now[need].state in ENDED and not now[need].ended_well), None)
            if broken is not None:
                skip[job.name] = f"It needs “{broken}”, which {_ENDS[now[broken].state]}."
                now[job.name] = Standing(State.SKIPPED)
                changed = True
    for job in waiting:
        if job.name not in skip and all(now[need].ended_well for need in job.needs):
            ready.append(job.name)
    return Decision(tuple(ready), skip)
