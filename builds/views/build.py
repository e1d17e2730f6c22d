"""A build, and the log of one of its jobs."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.pages import answer
from builds import verdict, waiting
from builds.drawing import Drawing, draw
from builds.models import Build, Job, Step
from builds.states import State
from builds.views.excerpt import failed_step, last_lines
from projects.gate import may, project_for
from projects.models import Project

FRAGMENTS = {"build": "builds/_build.html"}
SIGNS = {State.SUCCESS: "✓", State.FAILURE: "✕", State.ERROR: "!", State.RUNNING: "▸", State.CANCELLED: "⊘"}
SHORT_LOG = 1000
"""Lines up to which all steps of a log that ended well lie open."""


@login_required
@require_safe
def build(request: HttpRequest, slug: str, number: int, job_id: int | None = None) -> HttpResponse:
    project = project_for(request, slug)
    found = build_of(project, number)
    attempts = list(found.jobs.order_by("position", "attempt").prefetch_related(Prefetch("steps", Step.objects.all())))
    for job in attempts:
        job.build = found
    current = [job for job in attempts if not job.superseded]
    chosen = _chosen(attempts, current, job_id)
    context = _context(request, found, attempts, current, chosen)
    return answer(request, "builds/build.html", context, fragments=FRAGMENTS)


def build_of(project: Project, number: int) -> Build:
    """The build of that number with its project and people; 404 when there is none."""
    found = Build.objects.filter(project=project, number=number).select_related("created_by").first()
    if found is None:
        raise Http404
    found.project = project
    return found


def _chosen(attempts: list[Job], current: list[Job], job_id: int | None) -> Job | None:
    """The job whose log is shown: the one asked for, else the first that failed, that runs, or that is there."""
    if job_id is not None:
        for job in attempts:
            if job.pk == job_id:
                return job
        raise Http404
    failed = [job for job in current if job.state in verdict.ENDED_BADLY]
    for jobs in (
        [job for job in failed if not job.allow_failure],
        [job for job in current if job.state == State.RUNNING],
        failed,
        [job for job in current if job.state == State.CANCELLED and job.lines],
    ):
        if jobs:
            return jobs[0]
    return current[0] if current else None


def _context(
    request: HttpRequest, found: Build, attempts: list[Job], current: list[Job], chosen: Job | None
) -> dict[str, Any]:
    project = found.project
    plan = found.plan
    said = verdict.progress(found, current)
    waits = next((job for job in [chosen, *current] if job and job.state in (State.PENDING, State.BLOCKED)), None)
    context: dict[str, Any] = {
        "project": project,
        "build": found,
        "jobs": current,
        "chosen": chosen,
        "verdict": verdict.sentence(found, current),
        "why_waiting": waiting.why(waits) if waits and not waits.superseded else "",
        "waits": waits,
        "drawing": _cards(draw(plan), current, chosen) if plan and current else None,
        "may_cancel": may(request, "build.cancel", project) and not found.ended,
        "may_retry": may(request, "build.retry", project),
        "can_run_again": found.ended and plan is not None,
        "some_failed": found.ended and any(job.state in (*verdict.ENDED_BADLY, State.CANCELLED) for job in current),
        "open_jobs": sum(not job.ended for job in current),
        "page_title": " ".join(filter(None, [SIGNS.get(found.state, "•"), said, f"#{found.number}"]))
        + f" · {found.ref} · {project.name}",
        "page_state": found.status,
        "problems": [problem | {"pointer": _pointer(problem)} for problem in found.problems],
        # A reader stays with the job that they look at; only while there is nothing to read the page may choose anew.
        "src": _address(found, chosen if chosen and (chosen.lines or chosen.state != State.PENDING) else None),
        "link": _address(found, chosen),
    }
    if found.state in verdict.ENDED_BADLY:
        context["green"] = _last_green(found)
    if chosen:
        context |= _log(chosen, attempts)
    return context


def _last_green(found: Build) -> Build | None:
    """The newest build of the same branch before this one that ended well: what changed lies between the two."""
    if not found.branch or found.pull_request:
        return None
    before = Build.objects.filter(project=found.project, branch=found.branch, pull_request="", pk__lt=found.pk)
    green = before.filter(status=State.SUCCESS).defer("plan_data", "problems").order_by("-id").first()
    if green:
        green.project = found.project
    return green


def _address(found: Build, job: Job | None) -> str:
    return found.get_absolute_url() + (f"jobs/{job.pk}/" if job else "")


def _log(job: Job, attempts: list[Job]) -> dict[str, Any]:
    steps = list(job.steps.all())
    failed = failed_step(steps) if job.ended else None
    opened = {
        step.number
        for step in steps
        if step == failed
        or step.status == State.RUNNING
        or (failed is None and job.ended and step.number > 0 and job.lines <= SHORT_LOG)
    }
    return {
        "steps": [(step, step.number in opened) for step in steps],
        "failed_step": failed,
        "last_lines": last_lines(job, failed, steps) if failed and failed.status != State.CANCELLED else [],
        "attempts": [other for other in attempts if other.name == job.name],
    }


def _cards(drawing: Drawing, jobs: list[Job], chosen: Job | None) -> dict[str, Any]:
    by_name = {job.name: job for job in jobs}
    chosen_name = chosen.name if chosen else ""
    return {
        "columns": [
            {"title": column.title, "jobs": [by_name[name] for name in column.jobs if name in by_name]}
            for column in drawing.columns
        ],
        "edges": [
            {"path": edge.path, "chosen": chosen_name and chosen_name in (edge.source, edge.target)}
            for edge in drawing.edges
        ],
        "width": drawing.width,
        "height": drawing.height,
    }


def _pointer(problem: dict[str, Any]) -> str:
    """An arrow under the column of `problem`; empty where the excerpt was cut off before it."""
    column = int(problem.get("column") or 0)
    source = str(problem.get("source") or "")
    if not 0 < column <= len(source) + 1:
        return ""
    return "".join("\t" if character == "\t" else " " for character in source[: column - 1]) + "↑"
