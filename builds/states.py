"""The states of builds, jobs and steps: which there are, which may follow which, and how many become one."""

from collections.abc import Iterable

from django.db import models

from accounts.refusal import Refused as Refused  # what the verbs of builds raise


class State(models.TextChoices):
    """`failure` is the user's (a command exited non-zero); `error` is ours (image not found, engine gone)."""

    PENDING = "pending", "Pending"
    RUNNING = "running", "Running"
    SUCCESS = "success", "Success"
    FAILURE = "failure", "Failure"
    ERROR = "error", "Error"
    CANCELLED = "cancelled", "Cancelled"
    SKIPPED = "skipped", "Skipped"
    BLOCKED = "blocked", "Blocked"


ENDED = frozenset({State.SUCCESS, State.FAILURE, State.ERROR, State.CANCELLED, State.SKIPPED})
BROKEN = frozenset({State.FAILURE, State.ERROR, State.CANCELLED})

JOB_TRANSITIONS: dict[State, frozenset[State]] = {
    State.BLOCKED: frozenset({State.PENDING, State.CANCELLED, State.SKIPPED}),
    State.PENDING: frozenset({State.RUNNING, State.CANCELLED, State.SKIPPED, State.BLOCKED, State.ERROR}),
    State.RUNNING: frozenset({State.SUCCESS, State.FAILURE, State.ERROR, State.CANCELLED}),
    **{state: frozenset() for state in ENDED},
}
"""A job that has ended stays so: trying again makes a new attempt."""

BUILD_TRANSITIONS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset(State) - {State.PENDING},
    State.RUNNING: ENDED | {State.BLOCKED, State.PENDING},
    State.BLOCKED: ENDED | {State.RUNNING, State.PENDING},
    # A build lives again when some of its jobs are tried again.
    **{state: frozenset({State.PENDING, State.RUNNING}) for state in ENDED},
}


def before(target: State, transitions: dict[State, frozenset[State]]) -> list[State]:
    """Every state from which `target` may be entered: the guard of a conditional UPDATE."""
    return [state for state in State if target in transitions[state]]


def merge(states: Iterable[tuple[State, bool]]) -> State:
    """The state of a build from its jobs' states, each with whether that job is allowed to fail.

    Work under way comes first, then work that waits, then the worst end. Failures that are allowed count as success.
    No jobs at all make a success.
    """
    found = {State.SUCCESS if allowed and state in {State.FAILURE, State.ERROR} else state for state, allowed in states}
    if State.RUNNING in found or (State.PENDING in found and found & (ENDED - {State.SKIPPED})):
        return State.RUNNING
    for state in (State.PENDING, State.BLOCKED, State.ERROR, State.FAILURE, State.CANCELLED, State.SUCCESS):
        if state in found:
            return state
    return State.SKIPPED if found else State.SUCCESS
