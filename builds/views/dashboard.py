"""What needs me? Failing and running work first, then every project with its last builds."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import BooleanField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.pages import answer, asked
from builds.models import Build
from builds.states import ENDED, State
from projects.gate import person
from projects.models import Project

BARS = 30
PROJECTS = 30
STRIP = 12
UNENDED = RawSQL("builds_build.status IN ('pending', 'running', 'blocked')", [], output_field=BooleanField())
"""Written out, because SQLite takes the index `build_unended` only for the very condition that it was made with."""
FRAGMENTS = {"dashboard": "builds/_dashboard.html"}


@dataclass(frozen=True)
class Bar:
    """One build in a project's row of bars. x, y and height in a picture BARS * 8 wide and 32 high."""

    build: Build
    x: int
    y: int
    height: int


@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    user = person(request)
    projects, after = _projects(user, request)
    failing = _failing(user)
    running = _running(user)
    context: dict[str, Any] = {
        "rows": [(project, *_history(builds)) for project, builds in _with_builds(projects)],
        "after": after,
        "first": "after" not in request.GET,
        "search": asked(request, "q"),
        "failing": failing,
        "running": running,
        "page_title": f"{f'✕ {len(failing)} failing · ' if failing else ''}Keelway",
        "page_state": State.FAILURE.value if failing else State.RUNNING.value if running else "",
    }
    return answer(request, "builds/dashboard.html", context, fragments=FRAGMENTS)


def _projects(user: User, request: HttpRequest) -> tuple[list[Project], str]:
    """A page of projects by name; `?after=<slug>` continues behind that project."""
    rows: QuerySet[Project] = Project.objects.visible_to(user).active().order_by("name", "id")
    if search := asked(request, "q"):
        rows = rows.filter(Q(name__icontains=search) | Q(slug__icontains=search))
    last = Project.objects.visible_to(user).filter(slug=asked(request, "after")).first()
    if last:
        rows = rows.filter(Q(name__gt=last.name) | Q(name=last.name, id__gt=last.pk))
    found = list(rows[: PROJECTS + 1])
    return found[:PROJECTS], found[PROJECTS - 1].slug if len(found) > PROJECTS else ""


def _failing(user: User) -> list[Build]:
    """The default branches whose newest finished build did not end well, newest first."""
    finished = Build.objects.filter(
        project=OuterRef("pk"), branch=OuterRef("default_branch"), pull_request="", status__in=ENDED
    ).order_by("-id")
    red = (
        Project.objects.visible_to(user)
        .active()
        .annotate(last=Subquery(finished.values("pk")[:1]), last_status=Subquery(finished.values("status")[:1]))
        .filter(last_status__in=[State.FAILURE, State.ERROR])
        .order_by("-last")
        .values_list("last", flat=True)[:STRIP]
    )
    return list(Build.objects.filter(pk__in=list(red)).select_related("project").defer("plan_data").order_by("-id"))


def _running(user: User) -> list[Build]:
    """What has not ended, newest first."""
    # Among the newest of the whole server, so that its index answers and not a look at every build that ever was.
    open_ones = list(Build.objects.filter(UNENDED).order_by("-pk").values_list("pk", flat=True)[:500])
    return list(
        Build.objects.visible_to(user)
        .filter(pk__in=open_ones)
        .select_related("project")
        .defer("plan_data")
        .order_by("-pk")[:STRIP]
    )


def _with_builds(projects: list[Project]) -> list[tuple[Project, list[Build]]]:
    """Each with its last BARS builds, oldest first: numbers are given out one by one, so this is one range read."""
    recent = (
        Build.objects.filter(project__in=projects, number__gt=F("project__builds_made") - BARS)
        .defer("plan_data", "problems")
        .order_by("id")
    )
    by_project: dict[int, list[Build]] = {project.pk: [] for project in projects}
    names = {project.pk: project for project in projects}
    for build in recent:
        build.project = names[build.project_id]
        by_project[build.project_id].append(build)
    return [(project, by_project[project.pk]) for project in projects]


def _history(builds: list[Build]) -> tuple[list[Bar], Build | None]:
    """The bars, the newest at the right, and the newest build."""
    now = timezone.now()
    lengths = [
        ((build.finished_at or now) - build.started_at).total_seconds() if build.started_at else 0.0 for build in builds
    ]
    longest = max(lengths, default=0) or 1
    bars = []
    for place, (build, length) in enumerate(zip(builds, lengths, strict=True)):
        height = max(4, round(28 * max(0.0, length) / longest))
        bars.append(Bar(build, (BARS - len(builds) + place) * 8, 30 - height, height))
    return bars, builds[-1] if builds else None
