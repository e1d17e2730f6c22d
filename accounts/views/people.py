"""Who may sign in. For the administrator only."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import PersonForm
from accounts.models import User
from accounts.pages import newest_first
from accounts.people import activate, deactivate, invite, sign_in_link
from accounts.refusal import Refused

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
        try:
            newcomer, address = invite(**form.cleaned_data)
        except ValidationError as invalid:
            form.add_error(None, invalid)
        else:
            return _page(request, PersonForm(), link_for=newcomer, link=address)
    return _page(request, form)


@never_cache
@administrator_only
@require_POST
def link(request: HttpRequest, person_id: int) -> HttpResponse:
    """A new link for someone who lost their password."""
    person = get_object_or_404(User, pk=person_id, is_active=True)
    return _page(request, PersonForm(), link_for=person, link=sign_in_link(person))


@administrator_only
@require_POST
def activity(request: HttpRequest, person_id: int) -> HttpResponse:
    """Lets a person in again, or no more: they are signed out everywhere and their tokens stop working."""
    person = get_object_or_404(User, pk=person_id)
    if request.POST.get("active"):
        activate(person)
        messages.success(request, f"{person.username} may sign in again.")
        return redirect("accounts:people")
    try:
        deactivate(person, by=cast(User, request.user))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{person.username} cannot sign in any more, and their tokens are refused.")
    return redirect("accounts:people")


def _page(request: HttpRequest, form: PersonForm, *, link_for: User | None = None, link: str = "") -> HttpResponse:
    context: dict[str, Any] = {"form": form, "page": newest_first(User.objects.all(), request)}
    if link_for:
        context |= {"link_for": link_for, "link": link}
    return render(request, "accounts/people.html", context)
