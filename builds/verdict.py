"""What a build came to, in a sentence, for the top of its page. Pure."""

from collections.abc import Sequence

from builds.models import Build, Job
from builds.states import State

ENDED_BADLY = (State.FAILURE, State.ERROR)


def sentence(build: Build, jobs: Sequence[Job]) -> str:
    """`jobs` are the newest attempts. Without a full stop where a reason of someone else's follows."""
    if build.state == State.SUCCESS:
        tolerated = [job.name for job in jobs if job.state in ENDED_BADLY]
        ran = [job for job in jobs if job.state == State.SUCCESS]
        said = f"{_count(len(ran), 'job')} ended well." if len(ran) != 1 else f"“{ran[0].name}” ended well."
        return f"{said} {_names(tolerated)} failed, which is allowed." if tolerated else said
    if build.state in ENDED_BADLY:
        if build.problems:
            return f"The pipeline file has {_count(len(build.problems), 'problem')}; nothing ran."
        return build.reason or "It failed without saying why."
    if build.state == State.RUNNING:
        done = sum(job.ended for job in jobs)
        running = [job.name for job in jobs if job.state == State.RUNNING]
        now = f"{_names(running)} {'runs' if len(running) == 1 else 'run'} now" if running else "the next waits"
        return f"{done} of {_count(len(jobs), 'job')} done; {now}."
    if build.state == State.SKIPPED:
        return build.reason or "No job had to run."
    return build.reason


def progress(build: Build, jobs: Sequence[Job]) -> str:
    """What a tab's title says in two words: the job that counts, and how far the build is. `test 3/7`."""
    for states in (ENDED_BADLY, (State.RUNNING,)):
        counting = next((job for job in jobs if job.state in states and not (job.ended and job.allow_failure)), None)
        if counting:
            return f"{counting.name} {sum(job.ended for job in jobs)}/{len(jobs)}"
    return f"{sum(job.ended for job in jobs)}/{len(jobs)}" if jobs and not build.ended else ""


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _names(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names[:3]]
    if len(names) > 3:
        return ", ".join(quoted) + f" and {len(names) - 3} more"
    return " and ".join(quoted) if len(quoted) < 3 else f"{quoted[0]}, {quoted[1]} and {quoted[2]}"
