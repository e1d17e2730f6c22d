"""From a slug in a path to a project that the person may use."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from accounts.models import User
from accounts.roles import PERMISSIONS
from projects.models import Project


def person(request: HttpRequest) -> User:
    """Who asks, on a page that needs someone to have signed in."""
    assert isinstance(request.user, User)  # noqa: S101  (login_required saw to it)
    return request.user


def project_for(request: HttpRequest, slug: str, permission: str = "project.view") -> Project:
    """The project, for people with `permission` on it.

    An outsider gets 404, as if it were not there; a member whose role is too low gets 403 with the role that it takes.
    """
    user = person(request)
    project = Project.objects.visible_to(user).select_related("scope").filter(slug=slug).first()
    if project is None:
        raise Http404
    require(user, permission, project)
    return project


def require(user: User, permission: str, project: Project) -> None:
    if user.can(permission, project.scope):
        return
    role = user.role_on(project.scope)
    raise PermissionDenied(
        f"This takes the role {PERMISSIONS[permission].label.lower()} on {project.name}; yours is "
        f"{role.label.lower() if role else 'none'}. A maintainer of the project can change it under its settings."
    )
