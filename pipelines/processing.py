"""From a delivery that was taken in to the builds it leads to."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from builds.models import Build
from builds.starting import start_build
from events.doorbell import ring
from events.live import announce
from pipelines.building import LOCK_WAIT, Compiled, compile_at, facts
from pipelines.forges import Incoming, Kind, Push, by_name
from pipelines.judging import Judgement, judge
from pipelines.models import Delivery
from pipelines.receive import prune, tell
from projects.faults import GitFailed
from projects.mirror import Mirror
from projects.models import Project
from projects.reach import request_reach_check
from projects.refs import is_commit

log = structlog.get_logger()

MOST_BUILDS = 20
"""Builds that one delivery may start: a push of all branches at once must not flood the queue."""

PATIENCE = timedelta(minutes=15)
"""How long a delivery is tried again while the repository's server is away."""

Verdict = Delivery.Verdict


@dataclass(frozen=True)
class Wanted:
    """A build that is ready to be started. `facts` are the descriptive fields of Build."""

    push: Push
    commit: str
    compiled: Compiled
    facts: dict[str, Any]
    rewritten: bool


@dataclass
class Outcome:
    """What a delivery asks for, found out without a transaction: builds, and sentences for what is not built."""

    wanted: list[Wanted] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def process(delivery: Delivery) -> None:
    """Work on a delivery that waits. Safe to run twice, even at the same moment: the verdict changes once."""
    if delivery.verdict != Verdict.RECEIVED:
        return
    Delivery.objects.filter(pk=delivery.pk).update(rung_at=timezone.now())
    try:
        outcome = _work_out(delivery)
    except GitFailed as failure:
        if failure.transient and timezone.now() - delivery.received_at < PATIENCE:
            _later(delivery, failure)
            return
        outcome = Outcome(failures=[str(failure)])
    except DatabaseError:
        raise  # the sweep will call again
    except Exception:
        log.exception("delivery.broken", delivery=delivery.pk)
        fault = "Keelway failed at this delivery through a fault of its own; the log of the scheduler has the details."
        outcome = Outcome(failures=[fault])
    _finish(delivery, outcome)


def _work_out(delivery: Delivery) -> Outcome:
    if delivery.project.archived_at:
        return Outcome(notes=["The project is archived, so nothing was built."])
    judgement = _judged(delivery)
    if judgement.rejected:
        return Outcome(failures=[judgement.detail])
    outcome = Outcome(notes=list(judgement.notes) if judgement.pushes else [judgement.detail])
    pushes = judgement.pushes[:MOST_BUILDS]
    if len(judgement.pushes) > MOST_BUILDS:
        outcome.notes.append(
            f"It names {len(judgement.pushes)} branches and tags; only the first {MOST_BUILDS} were built. "
            "Start the others by hand."
        )
    mirror = Mirror(delivery.project)
    for push in pushes:
        _look_at(push, mirror, outcome)
    return outcome


def _judged(delivery: Delivery) -> Judgement:
    incoming = Incoming({name.lower(): value for name, value in delivery.headers.items()}, bytes(delivery.body))
    return judge(delivery.project, by_name(delivery.forge), incoming, delivery.event)


def _look_at(push: Push, mirror: Mirror, outcome: Outcome) -> None:
    mirror.fetch(wanted=push.commit if is_commit(push.commit) else None, ref=push.ref, wait=LOCK_WAIT)
    try:
        commit = mirror.resolve(commit=push.commit)
    except GitFailed as failure:
        outcome.failures.append(str(failure))
        return
    compiled = compile_at(mirror, commit)
    if compiled.absent:
        outcome.notes.append(compiled.reason)
        return
    # The forge does not always say so; Git knows, where the mirror still has what was there before.
    rewritten = push.forced or (
        push.kind == Kind.PUSH and mirror.has(push.before) and not mirror.is_ancestor(push.before, commit)
    )
    outcome.wanted.append(Wanted(push, commit, compiled, facts(mirror, commit), rewritten))


def _later(delivery: Delivery, failure: GitFailed) -> None:
    """Leave it waiting: the sweep calls again, less and less often."""
    detail = f"{failure} Keelway tries again for {PATIENCE.seconds // 60} minutes."
    waiting = Delivery.objects.filter(pk=delivery.pk, verdict=Verdict.RECEIVED)
    if waiting.update(detail=detail, rung_at=timezone.now()):
        announce(*delivery.topics)


def _finish(delivery: Delivery, outcome: Outcome) -> None:
    with transaction.atomic():
        project = Project.objects.select_for_update().get(pk=delivery.project_id)
        wanted = [] if project.archived_at else outcome.wanted
        # Found out here, where no other delivery of the same pull request can start one at this moment.
        repeated = [] if delivery.replay_of_id else [one for one in wanted if _is_built(project, one)]
        new = [one for one in wanted if one not in repeated]
        verdict = Verdict.BUILT if new else Verdict.FAILED if outcome.failures else Verdict.IGNORED
        waiting = Delivery.objects.filter(pk=delivery.pk, verdict=Verdict.RECEIVED)
        if waiting.update(verdict=verdict, processed_at=timezone.now()) != 1:
            return
        started = [(one, _start(project, one)) for one in new]
        sentences = [_sentence(one, build) for one, build in started] + outcome.failures + outcome.notes
        sentences += [_told(one, "was built before at this commit, so it was not built again.") for one in repeated]
        delivery.verdict, delivery.detail = verdict, " ".join(dict.fromkeys(sentences))
        Delivery.objects.filter(pk=delivery.pk).update(detail=delivery.detail)
        delivery.builds.add(*(build for _, build in started))
        tell(delivery, builds=[build.pk for _, build in started])
        prune(project)
        # What the project's page says of the repository is no longer so.
        doubtful = project.reach == Project.Reach.FAILED or project.reach_detail
        if doubtful if verdict != Verdict.FAILED else project.reach == Project.Reach.REACHED:
            request_reach_check(project)


def _is_built(project: Project, one: Wanted) -> bool:
    """Whether this pull request was built at this commit: forges also send it when only a title has changed."""
    if one.push.kind != Kind.PULL_REQUEST:
        return False
    same = {"event": Build.Trigger.PULL_REQUEST, "pull_request": one.push.pull_request, "commit": one.commit}
    return Build.objects.filter(project=project, **same).exists()


def _start(project: Project, one: Wanted) -> Build:
    push = one.push
    return start_build(
        project,
        event=push.kind.value,
        commit=one.commit,
        plan=one.compiled.plan,
        problems=one.compiled.problems,
        reason=one.compiled.reason,
        branch=push.branch,
        tag=push.tag,
        pull_request=push.pull_request,
        link=push.link,
        **one.facts,
    )


def _sentence(one: Wanted, build: Build) -> str:
    if one.compiled.plan is None:
        return _told(one, f"made build #{build.number}, which could not start: {one.compiled.reason}").rstrip(".") + "."
    return _told(one, f"started build #{build.number}" + (" after a force push" if one.rewritten else "")) + "."


def _told(one: Wanted, what: str) -> str:
    push = one.push
    name = f"Pull request #{push.pull_request}" if push.pull_request else f"“{push.tag or push.branch}”"
    return f"{name} {what}"


# --- what nobody answered ---


def sweep() -> None:
    """Ring again for deliveries whose task was lost or put off: after 10 seconds, and then twice as long each time."""
    from pipelines.tasks import process_delivery

    now = timezone.now()
    waiting = Delivery.objects.filter(verdict=Verdict.RECEIVED).order_by("id")
    for pk, received_at, rung_at in waiting.values_list("pk", "received_at", "rung_at")[:500]:
        pause = max(timedelta(seconds=10), (rung_at or received_at) - received_at)
        if rung_at is None or now - rung_at >= pause:
            Delivery.objects.filter(pk=pk).update(rung_at=now)
            ring(process_delivery, pk)
