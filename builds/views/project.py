"""Is main green? A project's branch state and its builds."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.pages import answer, asked, newest_first
from builds.models import Build
from builds.states import ENDED, State
from projects.gate import may, project_for
from projects.models import Project

BAD = (State.FAILURE, State.ERROR)
SIGNS = {State.SUCCESS: "✓ ", State.FAILURE: "✕ ", State.ERROR: "! ", State.RUNNING: "▸ "}
FRAGMENTS = {"project": "builds/_project.html"}


@login_required
@require_safe
def project(request: HttpRequest, slug: str) -> HttpResponse:
    found = project_for(request, slug)
    branch, status = asked(request, "branch"), asked(request, "status")
    builds = Build.objects.filter(project=found).select_related("created_by").defer("plan_data", "problems")
    if branch:
        builds = builds.filter(branch=branch)
    if status in State.values:
        builds = builds.filter(status=status)
    page = newest_first(builds, request)
    for build in page.rows:
        build.project = found
    main = _branch_state(found)
    state = main["last"].status if main["last"] else ""
    context: dict[str, Any] = {
        "project": found,
        "page": page,
        "main": main,
        "branch": branch,
        "status": status if status in State.values else "",
        "filtered": bool(branch or status),
        "states": State,
        "branches": _branches(found),
        "may_run": may(request, "build.start", found),
        "may_edit": may(request, "project.edit", found),
        "may_see_deliveries": may(request, "delivery.view", found),
        "page_title": f"{SIGNS.get(State(state), '') if state else ''}{found.name} · {found.default_branch}",
        "page_state": state,
    }
    return answer(request, "builds/project.html", context, fragments=FRAGMENTS)


def _branch_state(project: Project) -> dict[str, Any]:
    """Of the default branch: its newest build, the newest finished one, the last green, and what broke it."""
    builds = (
        Build.objects.filter(project=project, branch=project.default_branch, pull_request="")
        .select_related("created_by")
        .defer("plan_data", "problems")
        .order_by("-id")
    )
    last = builds.first()
    ended = last if last is None or last.ended else builds.filter(status__in=ENDED).first()
    green = builds.filter(status=State.SUCCESS).first() if ended and ended.status in BAD else None
    broke = None
    if ended and ended.status in BAD:
        since = builds.filter(status__in=BAD)
        broke = (since.filter(pk__gt=green.pk) if green else since).order_by("id").first()
    for build in (last, ended, green, broke):
        if build:
            build.project = project
    return {"last": last, "ended": ended, "green": green, "broke": broke}


def _branches(project: Project) -> list[str]:
    """The branches of the last builds, for the filter to suggest."""
    recent = Build.objects.filter(project=project).order_by("-id").values_list("branch", flat=True)[:200]
    return list(dict.fromkeys(name for name in recent if name))[:40]
