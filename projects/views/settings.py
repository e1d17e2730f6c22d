"""A project's settings: one page, with a form for each thing that can be changed on its own."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Membership
from accounts.pages import answer
from accounts.roles import Role
from projects.access import NOBODY, Kind
from projects.credentials import credential_of, set_credential
from projects.editing import edit
from projects.faults import GitFailed
from projects.forms import CredentialForm, MemberForm, ProjectForm
from projects.gate import person, project_for, require
from projects.models import Project
from projects.reach import request_reach_check
from vault.crypto import CannotOpen

FRAGMENTS = {"reach": "projects/_reach.html"}
MEMBERS = 200
"""Shown at once; a project with more is filled from a directory, which comes with sign-in by OIDC."""


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_for(request, slug, "project.edit")
    if request.method != "POST":
        return page(request, project)
    form = ProjectForm(request.POST, instance=project)
    if form.is_valid():
        signed_in = credential_of(project).kind != Kind.NONE
        try:
            edit(project, by=person(request), **form.cleaned_data)
        except ValidationError as invalid:
            form.add_error(None, invalid)
        else:
            messages.success(request, "Saved.")
            if signed_in and credential_of(project).kind == Kind.NONE:
                messages.warning(
                    request, "The URL is on another host, so the credentials for the old one were removed."
                )
            return redirect("projects:settings", slug)
    return page(request, project_for(request, slug), form=form)


@never_cache
@login_required
@require_POST
def credentials(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_for(request, slug, "project.edit")
    form = CredentialForm(request.POST)
    if form.is_valid():
        try:
            set_credential(project, by=person(request), **form.cleaned_data)
        except ValidationError as invalid:
            form.add_error(None, invalid)
    if form.errors:
        return page(request, project, credential_form=form)
    messages.success(request, "The credentials are stored; the repository is being asked.")
    return redirect("projects:settings", slug)


@login_required
@require_POST
def reach(request: HttpRequest, slug: str) -> HttpResponse:
    request_reach_check(project_for(request, slug, "project.edit"))
    return redirect("projects:settings", slug)


@login_required
@require_POST
def rotate(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_for(request, slug, "project.webhook")
    project.rotate_webhook_secret(by=person(request))
    messages.warning(request, "The webhook has a new secret. Until the forge has it too, deliveries are rejected.")
    return redirect("projects:settings", slug)


@login_required
@require_POST
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_for(request, slug, "project.archive")
    if request.POST.get("archived"):
        project.archive(by=person(request))
        messages.success(request, f"{project.name} is archived.")
        return redirect("builds:dashboard")
    project.unarchive(by=person(request))
    messages.success(request, f"{project.name} is back.")
    return redirect("projects:settings", slug)


def page(request: HttpRequest, project: Project, **forms: Any) -> HttpResponse:
    """The settings page; `forms` replaces those that were sent with mistakes."""
    require(request, "project.edit", project)
    try:
        credential, credential_fault = credential_of(project), ""
    except GitFailed as fault:
        credential, credential_fault = NOBODY, str(fault)
    try:
        secret, secret_fault = project.webhook_secret, ""
    except CannotOpen as error:
        secret, secret_fault = "", f"The secret does not open: {error}. Make a new one."
    members = (
        Membership.objects.filter(scope__in=project.scope.path_ids())
        .select_related("user", "scope")
        .order_by("user__username", "id")[:MEMBERS]
    )
    initial = {"kind": credential.kind, "username": credential.username}
    context: dict[str, Any] = {
        "project": project,
        "form": forms.get("form") or ProjectForm(instance=project),
        "credential": credential,
        "credential_fault": credential_fault,
        "credential_form": forms.get("credential_form") or CredentialForm(initial=initial, prefix=None),
        "member_form": forms.get("member_form") or MemberForm(project=project),
        "members": members,
        "roles": Role,
        "secret": secret,
        "secret_fault": secret_fault,
        "may_edit": True,
        "may_see_deliveries": True,
    }
    return answer(request, "projects/settings.html", context, fragments=FRAGMENTS, status=422 if forms else 200)
