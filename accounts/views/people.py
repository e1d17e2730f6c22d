"""Who may sign in. For the administrator only."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import PersonForm
from accounts.models import SignInLink, User
from accounts.pages import newest_first

View = Callable[..., HttpResponse]


def administrator_only(view: View) -> View:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (isinstance(request.user, User) and request.user.is_superuser):
            raise PermissionDenied("Only an administrator of this server may see who uses it, and add people.")
        return view(request, *args, **kwargs)

    return guarded


@never_cache
@administrator_only
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _page(request, PersonForm(), link_for=form.save())
    return _page(request, form)


@never_cache
@administrator_only
@require_POST
def link(request: HttpRequest, person_id: int) -> HttpResponse:
    """A new link for someone who lost their password."""
    return _page(request, PersonForm(), link_for=get_object_or_404(User, pk=person_id, is_active=True))


@administrator_only
@require_POST
def activity(request: HttpRequest, person_id: int) -> HttpResponse:
    """Lets a person in again, or no more: they are signed out everywhere and their tokens stop working."""
    person = get_object_or_404(User, pk=person_id)
    if person.pk == request.user.pk:
        messages.error(request, "You cannot deactivate yourself: ask another administrator.")
        return redirect("accounts:people")
    person.is_active = bool(request.POST.get("active"))
    person.save(update_fields=["is_active"])
    done = "may sign in again" if person.is_active else "cannot sign in any more, and their tokens are refused"
    messages.success(request, f"{person.username} {done}.")
    return redirect("accounts:people")


def _page(request: HttpRequest, form: PersonForm, *, link_for: User | None = None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "page": newest_first(User.objects.all(), request)}
    if link_for:
        path = reverse("accounts:sign_in_once", args=[SignInLink.issue(link_for)])
        context |= {"link_for": link_for, "link": settings.PUBLIC_URL + path}
    return render(request, "accounts/people.html", context)
