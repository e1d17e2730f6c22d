from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from builds.states import Refused
from pipelines import building
from pipelines.views.deliveries import said
from projects.gate import person, project_for


@login_required
@require_POST
def run(request: HttpRequest, slug: str) -> HttpResponse:
    """Builds the newest commit of a branch."""
    project = project_for(request, slug, "build.start")
    try:
        build = building.request_build(project, by=person(request), branch=request.POST.get("branch", "").strip())
    except (Refused, ValidationError) as refusal:
        messages.error(request, said(refusal))
        return redirect(project)
    return redirect(build)
