"""Who works on a project, and as what."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.models import Membership
from accounts.refusal import Refused
from accounts.roles import Role
from projects.editing import remove_member, set_role
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
    member, role = form.cleaned_data["username"], Role(form.cleaned_data["role"])
    set_role(project, member, role, by=person(request))
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
    member, role = membership.user, request.POST.get("role", "")
    try:
        if request.POST.get("remove"):
            remove_member(project, member, by=person(request))
            now = "no member any more"
        elif role in Role.values:
            set_role(project, member, Role(role), by=person(request))
            now = f"{Role(role).label.lower()} now"
        else:
            raise Http404
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _back(project)
    messages.success(request, f"{member.username} is {now}.")
    if member.pk == request.user.pk and not person(request).can("project.edit", project.scope):
        return redirect("builds:dashboard")
    return _back(project)


def _back(project: Project) -> HttpResponseRedirect:
    return HttpResponseRedirect(redirect("projects:settings", project.slug).url + "#members")
