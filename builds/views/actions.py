"""What people do to builds and jobs with a button."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from builds.models import Build, Job
from builds.states import Refused
from builds.views.build import build_of
from projects.gate import person, project_for


def _do(request: HttpRequest, action: Callable[[], object], done: str) -> None:
    try:
        action()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)


def _build(request: HttpRequest, slug: str, number: int, permission: str) -> Build:
    return build_of(project_for(request, slug, permission), number)


def _job(request: HttpRequest, slug: str, number: int, job_id: int, permission: str) -> Job:
    build = _build(request, slug, number, permission)
    job = build.jobs.filter(pk=job_id).first()
    if job is None:
        raise Http404
    job.build = build
    return job


def _to_job(job: Job) -> HttpResponseRedirect:
    return redirect("builds:job", job.build.project.slug, job.build.number, job.pk)


@login_required
@require_POST
def cancel(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    build = _build(request, slug, number, "build.cancel")
    _do(request, lambda: build.cancel(by=person(request)), "Cancelling. Running jobs get time to stop.")
    return redirect(build)


@login_required
@require_POST
def retry(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    build = _build(request, slug, number, "build.retry")
    failed_only = bool(request.POST.get("failed_only"))
    done = "Running the failed jobs again." if failed_only else "Running all jobs again."
    _do(request, lambda: build.retry(by=person(request), failed_only=failed_only), done)
    return redirect(build)


@login_required
@require_POST
def cancel_job(request: HttpRequest, slug: str, number: int, job_id: int) -> HttpResponse:
    job = _job(request, slug, number, job_id, "build.cancel")
    _do(request, lambda: job.cancel(by=person(request)), f"Cancelling “{job.name}”.")
    return _to_job(job)


@login_required
@require_POST
def retry_job(request: HttpRequest, slug: str, number: int, job_id: int) -> HttpResponse:
    job = _job(request, slug, number, job_id, "build.retry")
    try:
        again = job.retry(by=person(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _to_job(job)
    again.build = job.build
    messages.success(request, f"Running “{job.name}” again. The earlier attempt and its log stay.")
    return _to_job(again)
