from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import TokenForm
from accounts.models import ApiToken, User
from accounts.pages import newest_first


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """A person's own tokens. A new key is part of this one answer and is stored nowhere, so there is no redirect."""
    person = request.user
    assert isinstance(person, User)  # noqa: S101  (login_required saw to it)
    form = TokenForm(request.POST or None)
    key = ""
    if request.method == "POST" and form.is_valid():
        days = int(form.cleaned_data["days"])
        _, key = ApiToken.issue(
            person,
            form.cleaned_data["name"],
            form.cleaned_data["access"],
            timedelta(days=days) if days else None,
        )
        form = TokenForm()
    page = newest_first(ApiToken.objects.filter(user=person), request)
    context = {"page": page, "form": form, "key": key, "public_url": settings.PUBLIC_URL}
    return render(request, "accounts/tokens.html", context)


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    assert isinstance(request.user, User)  # noqa: S101  (login_required saw to it)
    deleted, _ = ApiToken.objects.filter(user=request.user, pk=token_id).delete()
    if not deleted:
        raise Http404
    messages.success(request, "The token is revoked. Scripts that use it are refused from now on.")
    return redirect("accounts:tokens")
