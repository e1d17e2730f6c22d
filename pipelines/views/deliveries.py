"""Did the hook arrive? What came in, what became of it, and why."""

import json
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import answer, newest_first
from builds.models import Build
from builds.states import Refused
from pipelines import building
from pipelines.models import Delivery
from projects.gate import may, person, project_for
from projects.models import Project

SHOWN = 64 * 1024
"""Bytes of a body on a page."""
PARSED = 1024**2
"""Bytes up to which a body is laid out anew as JSON."""

Verdict = Delivery.Verdict
LOOKS = {
    Verdict.RECEIVED: "pending",
    Verdict.BUILT: "success",
    Verdict.IGNORED: "skipped",
    Verdict.REJECTED: "failure",
    Verdict.FAILED: "error",
}
"""The state whose mark and colour a verdict borrows; the word is its own."""

_BUILDS = Prefetch("builds", Build.objects.only("pk", "number", "status", "project_id").order_by("id"))


@login_required
@require_safe
def deliveries(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_for(request, slug, "delivery.view")
    rows = Delivery.objects.filter(project=project).defer("body", "headers").prefetch_related(_BUILDS)
    verdict = request.GET.get("verdict", "")
    if verdict in Verdict.values:
        rows = rows.filter(verdict=verdict)
    page = newest_first(rows, request)
    context = _tabs(request, project) | {
        "page": page,
        "rows": [_look(delivery, project) for delivery in page.rows],
        "verdicts": Verdict,
        "verdict": verdict if verdict in Verdict.values else "",
    }
    return answer(request, "pipelines/deliveries.html", context, fragments={"deliveries": "pipelines/_deliveries.html"})


@login_required
@require_safe
def delivery(request: HttpRequest, slug: str, delivery_id: int) -> HttpResponse:
    project = project_for(request, slug, "delivery.view")
    found = _delivery(project, delivery_id)
    text, cut = _body(bytes(found.body))
    context = _tabs(request, project) | {
        "delivery": _look(found, project),
        "body": text,
        "cut": cut,
        "replays": Delivery.objects.filter(replay_of=found).defer("body", "headers").order_by("-pk")[:10],
        "may_replay": may(request, "delivery.replay", project) and bool(found.body),
    }
    return answer(request, "pipelines/delivery.html", context, fragments={"delivery": "pipelines/_delivery.html"})


@login_required
@require_POST
def replay(request: HttpRequest, slug: str, delivery_id: int) -> HttpResponse:
    found = _delivery(project_for(request, slug, "delivery.replay"), delivery_id)
    try:
        again = building.replay(found, by=person(request))
    except (Refused, ValidationError) as refusal:
        messages.error(request, said(refusal))
        return redirect(found)
    messages.success(request, "It is gone through again, as if it came now.")
    return redirect(again)


@login_required
@require_safe
def last_delivery(request: HttpRequest, slug: str) -> HttpResponse:
    """A part of the project's page: whether anything has arrived yet."""
    project = project_for(request, slug, "delivery.view")
    last = Delivery.objects.filter(project=project).defer("body", "headers").order_by("-pk").first()
    return render(
        request,
        "pipelines/_last_delivery.html",
        {"project": project, "delivery": _look(last, project) if last else None},
    )


def said(refusal: Exception) -> str:
    """What a verb's refusal says to people."""
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)


def _delivery(project: Project, delivery_id: int) -> Delivery:
    found = Delivery.objects.filter(project=project, pk=delivery_id).select_related("replay_of").first()
    if found is None:
        raise Http404
    found.project = project
    return found


def _look(found: Delivery, project: Project) -> Delivery:
    found.project = project
    found.look = LOOKS[Verdict(found.verdict)]  # type: ignore[attr-defined]
    return found


def _tabs(request: HttpRequest, project: Project) -> dict[str, Any]:
    return {
        "project": project,
        "may_see_deliveries": True,
        "may_edit": may(request, "project.edit", project),
    }


def _body(raw: bytes) -> tuple[str, bool]:
    """A body as text to read, laid out where it is JSON, and whether it was cut."""
    text = raw[:PARSED].decode(errors="replace")
    if len(raw) <= PARSED:
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return text[:SHOWN], len(text) > SHOWN or len(raw) > PARSED
