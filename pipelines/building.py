"""From a commit to a Plan; builds asked for by hand; deliveries gone through again."""

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import User
from builds import starting
from builds.models import Build
from builds.plan import Plan
from builds.states import Refused, State
from events.doorbell import ring
from events.live import announce
from pipelines import receive
from pipelines.language import PipelineInvalid, compile_pipeline
from pipelines.models import Delivery
from projects.faults import GitFailed
from projects.mirror import Mirror
from projects.models import Project
from projects.refs import PART_OF_COMMIT, is_commit, is_ref_name

log = structlog.get_logger()

FILE = ".keelway.yml"
MOST_FILE = 1024**2

LOCK_WAIT = 20.0
"""Seconds that a task waits for another fetch of the same project before it lets the sweep call it again."""

PATIENCE = timedelta(minutes=2)
"""How long a build asked for by hand is tried while the repository's server is away: somebody watches."""


RING_AGAIN = 30.0


@dataclass(frozen=True)
class Compiled:
    """A pipeline file as start_build takes it: a plan, or no plan with `problems` and a `reason`."""

    plan: Plan | None
    problems: tuple[dict[str, Any], ...] = ()
    reason: str = ""
    absent: bool = False


def compile_at(mirror: Mirror, commit: str) -> Compiled:
    """What the pipeline file says at `commit`, a full id that the mirror has."""
    try:
        content = mirror.read(commit, FILE, MOST_FILE)
    except GitFailed as failure:
        return Compiled(None, reason=str(failure))
    if content is None:
        reason = (
            f"There is no {FILE} at commit {commit[:7]}, so there is nothing to run. "
            "Add one at the top of the repository; a job with an image and a step is enough."
        )
        return Compiled(None, reason=reason, absent=True)
    try:
        return Compiled(compile_pipeline(content, path=FILE))
    except PipelineInvalid as invalid:
        count = len(invalid.problems) + invalid.omitted
        said = "a problem" if count == 1 else f"{count} problems"
        problems = tuple(problem.as_dict() for problem in invalid.problems)
        return Compiled(None, problems, f"{FILE} has {said}. First: {invalid.problems[0]}")


def facts(mirror: Mirror, commit: str) -> dict[str, Any]:
    """Who made `commit` and what they said, as the fields of Build."""
    found = mirror.commit(commit)
    return {"message": found.message, "author_name": found.author_name, "author_email": found.author_email}


# --- by hand ---


def request_build(project: Project, *, by: User, branch: str = "", tag: str = "", commit: str = "") -> Build:
    """A pending build at once; what it will do follows when the repository was read. The default branch when none of
    the three is given.

    ValidationError names the field that cannot be one. Refused for an archived project.
    """
    given = {name: value for name, value in {"branch": branch, "tag": tag, "commit": commit}.items() if value}
    if len(given) > 1:
        raise ValidationError("Give one of branch, tag and commit.")
    given = given or {"branch": project.default_branch}
    for name, value in given.items():
        if not (PART_OF_COMMIT.match(value) if name == "commit" else is_ref_name(value)):
            expected = "7 to 64 hexadecimal digits, in lower case" if name == "commit" else f"the name of a {name}"
            raise ValidationError({name: f"Expected {expected}; found “{value[:80]}”."})
    from pipelines.tasks import prepare_build

    with transaction.atomic():
        if not Project.objects.active().select_for_update().filter(pk=project.pk).first():
            raise Refused("The project is archived. Unarchive it to build again.")
        build = starting.request_build(project, by=by, **given)
        ring(prepare_build, build.pk)
    return build


def prepare(build: Build) -> None:
    """Read the repository for a build that was asked for by hand. Safe to run twice."""
    if build.state != State.PENDING or build.plan_data is not None:
        return
    mirror = Mirror(build.project)
    commit = build.commit
    try:
        mirror.fetch(wanted=commit if is_commit(commit) else None, wait=LOCK_WAIT)
        commit = mirror.resolve(branch=build.branch, tag=build.tag, commit=commit)
        compiled = compile_at(mirror, commit)
        found = facts(mirror, commit)
    except GitFailed as failure:
        if failure.transient and timezone.now() - build.created_at < PATIENCE:
            Build.objects.filter(pk=build.pk, status=State.PENDING, plan_data__isnull=True).update(reason=str(failure))
            announce(*build.topics)
            return
        compiled, found = Compiled(None, reason=str(failure)), {}
    except DatabaseError:
        raise  # the sweep will call again
    except Exception:
        log.exception("build.unprepared", build=build.pk)
        fault = "Keelway failed at this build through a fault of its own; the log of the scheduler has the details."
        compiled, found = Compiled(None, reason=fault), {}
    starting.fill_build(
        build, commit=commit, plan=compiled.plan, problems=compiled.problems, reason=compiled.reason, **found
    )


_rung: dict[int, float] = {}
"""Builds that this process rang for, and when. Forgotten with the process: then they are rung for once more."""


def sweep() -> None:
    """Ring again for builds asked for by hand whose repository nobody has read yet."""
    from pipelines.tasks import prepare_build

    early = timezone.now() - timedelta(seconds=10)
    lost = Build.objects.filter(status=State.PENDING, plan_data__isnull=True, created_at__lt=early).order_by("id")
    waiting = list(lost.values_list("pk", flat=True)[:100])
    for build_id in [known for known in _rung if known not in waiting]:
        del _rung[build_id]
    for build_id in waiting:
        if time.monotonic() - _rung.get(build_id, -RING_AGAIN) >= RING_AGAIN:
            _rung[build_id] = time.monotonic()
            ring(prepare_build, build_id)


# --- again ---


def replay(delivery: Delivery, *, by: User) -> Delivery:
    """The same delivery as if it came now. Refused when its body was not kept, or the project is archived."""
    from pipelines.tasks import process_delivery

    with transaction.atomic():
        if not Project.objects.active().select_for_update().filter(pk=delivery.project_id).first():
            raise Refused("The project is archived. Unarchive it to build again.")
        if not delivery.body:
            raise Refused("Its body was not kept, because nothing showed that the project's own forge had sent it.")
        now = timezone.now()
        again = Delivery.objects.create(
            project_id=delivery.project_id,
            forge=delivery.forge,
            delivery_id=f"replay:{delivery.pk}:{secrets.token_hex(8)}",
            event=delivery.event,
            headers=delivery.headers,
            body=bytes(delivery.body),
            body_bytes=delivery.body_bytes,
            replay_of=delivery,
            received_at=now,
            rung_at=now,
        )
        receive.tell(again, by=by.username, replay_of=delivery.pk)
        ring(process_delivery, again.pk)
    return again
