from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pipelines.forges import FORGES
from pipelines.forges.plain import post_receive
from projects.gate import project_for
from vault.crypto import CannotOpen


@never_cache
@login_required
@require_safe
def webhook_setup(request: HttpRequest, slug: str) -> HttpResponse:
    """A part of the settings page: for each forge, where to paste the webhook's URL and secret."""
    project = project_for(request, slug, "project.webhook")
    try:
        script = post_receive(project.webhook_url, project.webhook_secret)
    except CannotOpen:
        script = ""
    return render(request, "pipelines/_forges.html", {"project": project, "forges": FORGES, "script": script})
