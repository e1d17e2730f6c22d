"""From a slug in a path to a project that the person may use, and what they may do there."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from accounts.models import User
from accounts.roles import PERMISSIONS, Role, allows
from projects.models import Project


def person(request: HttpRequest) -> User:
    """Who asks, on a page that needs someone to have signed in."""
    assert isinstance(request.user, User)  # noqa: S101  (login_required saw to it)
    return request.user


def project_for(request: HttpRequest, slug: str, permission: str = "project.view") -> Project:
    """The project, for people with `permission` on it.

    An outsider gets 404, as if it were not there; a member whose role is too low gets 403 with the role that it takes.
    """
    project = Project.objects.visible_to(person(request)).select_related("scope").filter(slug=slug).first()
    if project is None:
        raise Http404
    require(request, permission, project)
    return project


def may(request: HttpRequest, permission: str, project: Project) -> bool:
    return allows(role_in(request, project), permission)


def require(request: HttpRequest, permission: str, project: Project) -> None:
    if may(request, permission, project):
        return
    role = role_in(request, project)
    raise PermissionDenied(
        f"This takes the role {PERMISSIONS[permission].label.lower()} on {project.name}; yours is "
        f"{role.label.lower() if role else 'none'}. A maintainer of the project can change it under its settings."
    )


def role_in(request: HttpRequest, project: Project) -> Role | None:
    """The person's role on the project, looked up once for each request: a page asks for many permissions."""
    known: dict[int, Role | None] = request.__dict__.setdefault("roles_on_scopes", {})
    if project.scope_id not in known:
        known[project.scope_id] = person(request).role_on(project.scope)
    return known[project.scope_id]
