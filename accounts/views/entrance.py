"""Signing in by a link, and passwords. Signing in with a password is allauth's."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import tidy
from accounts.models import SignInLink, User

BY_LINK = "signed_in_by_link"
"""In the session of someone who came by a link: they may set a password without knowing the old one."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_once(request: HttpRequest, key: str) -> HttpResponse:
    """A link works once, and mail scanners open every link they see: so opening it only shows a button."""
    if request.method != "POST":
        return render(request, "accounts/sign_in_once.html")
    person = SignInLink.redeem(key)
    if person is None:
        return render(request, "accounts/sign_in_once.html", {"spent": True}, status=410)
    assert isinstance(person, User)  # noqa: S101  (links belong to people)
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[BY_LINK] = True
    if not person.has_usable_password():
        return redirect("accounts:password")
    return redirect(settings.LOGIN_REDIRECT_URL)


@never_cache
@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    person = request.user
    assert isinstance(person, User)  # noqa: S101  (login_required saw to it)
    first = not person.has_usable_password()
    kind = SetPasswordForm if first or request.session.get(BY_LINK) else PasswordChangeForm
    form = tidy(kind(person, request.POST or None))
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, person)  # other browsers are signed out, this one is not
        request.session.pop(BY_LINK, None)
        messages.success(request, "Your password is set." if first else "Your password is changed.")
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/password.html", {"form": form, "first": first})
