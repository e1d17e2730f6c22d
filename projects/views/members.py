"""Who works on a project, and as what."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.models import Membership
from accounts.roles import Role
from events.bus import emit
from projects.forms import MemberForm
from projects.gate import person, project_for
from projects.models import Project
from projects.views.settings import page


@login_required
@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_for(request, slug, "project.members")
    form = MemberForm(request.POST, project=project)
    if not form.is_valid():
        return page(request, project, member_form=form)
    member = form.cleaned_data["username"]
    role = Role(form.cleaned_data["role"])
    with transaction.atomic():
        Membership.objects.create(scope=project.scope, user=member, role=role)
        _tell(request, project, "member_added", member.username, role)
    messages.success(request, f"{member.username} is {role.label.lower()} now.")
    return _back(project)


@login_required
@require_POST
def change(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    """Another role for a member, or none with `remove`."""
    project = project_for(request, slug, "project.members")
    membership = Membership.objects.filter(scope=project.scope, pk=member_id).select_related("user").first()
    if membership is None:
        raise Http404
    name = membership.user.username
    role = None if request.POST.get("remove") else request.POST.get("role")
    if role is not None and role not in Role.values:
        raise Http404
    with transaction.atomic():
        # One at a time, so that two people cannot take the role from each other at the same moment.
        others = Membership.objects.select_for_update().filter(scope=project.scope, role=Role.MAINTAINER)
        if role != Role.MAINTAINER and not others.exclude(pk=membership.pk).exists():
            messages.error(request, f"{name} is the only maintainer: make someone else one first.")
            return _back(project)
        if role is None:
            membership.delete()
            _tell(request, project, "member_removed", name, None)
        else:
            membership.role = role
            membership.save(update_fields=["role"])
            _tell(request, project, "member_changed", name, role)
    now = f"{Role(role).label.lower()} now" if role else "no member any more"
    messages.success(request, f"{name} is {now}.")
    if membership.user_id == request.user.pk and not person(request).can("project.edit", project.scope):
        return redirect("builds:dashboard")
    return _back(project)


def _tell(request: HttpRequest, project: Project, what: str, name: str, role: str | None) -> None:
    emit(
        f"projects.project.{what}",
        subject=project.topic,
        data={"member": name, "role": role, "by": person(request).username},
        topics=[project.topic],
    )


def _back(project: Project) -> HttpResponseRedirect:
    return HttpResponseRedirect(redirect("projects:settings", project.slug).url + "#members")
