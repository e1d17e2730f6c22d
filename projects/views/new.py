from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from projects.forms import NewProjectForm
from projects.gate import person
from projects.models import Project
from projects.reach import request_reach_check


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not user.is_superuser:
        raise PermissionDenied("Only an administrator of this server may create projects. Ask one to, and to add you.")
    form = NewProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                project = Project.create(by=user, **form.cleaned_data)
                request_reach_check(project)
        except ValidationError as invalid:
            form.add_error(None, invalid)
        else:
            return redirect("projects:settings", project.slug)
    return render(request, "projects/new.html", {"form": form})
