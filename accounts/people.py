"""What happens to accounts: made, locked, opened again, given tokens."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from rest_framework.exceptions import PermissionDenied

from accounts.models import ApiToken, SignInLink, User
from accounts.refusal import Refused


def invite(*, username: str, email: str = "", administrator: bool = False) -> tuple[User, str]:
    """A new account without a password, and the address that signs its owner in once. ValidationError by field."""
    taken = {}
    if User.objects.filter(username__iexact=username).exists():
        taken["username"] = f"There is a person called “{username}” already."
    if email and User.objects.filter(email__iexact=email).exists():
        taken["email"] = "Another person has this address."
    if taken:
        raise ValidationError(taken)
    with transaction.atomic():
        user = User(username=username, email=email, is_superuser=administrator, is_staff=administrator)
        user.set_unusable_password()
        user.full_clean(exclude=["password"])
        user.save(force_insert=True)
        return user, sign_in_link(user)


def sign_in_link(user: User) -> str:
    return settings.PUBLIC_URL + reverse("accounts:sign_in_once", args=[SignInLink.issue(user)])


def deactivate(user: User, *, by: User) -> None:
    """Sessions and tokens stop working at once. Safe to repeat."""
    if user.pk == by.pk:
        raise Refused("You cannot lock yourself out. Another administrator can.")
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False


def activate(user: User) -> None:
    """Let the person in again, with the password they had. Safe to repeat."""
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.is_active = True


def issue_token(
    user: User, through: ApiToken | None, name: str, access: str, lasts: timedelta | None
) -> tuple[ApiToken, str]:
    """A token of `user`. Asked for with another token (`through`), it cannot outlive that one: a key that was meant to
    end would live on for ever otherwise."""
    if through and through.expires_at:
        left = through.expires_at - timezone.now()
        if lasts is None or lasts > left:
            raise PermissionDenied(
                f"The token “{through.name}” ends at {through.expires_at:%Y-%m-%d %H:%M} UTC, and what it issues must "
                f"end before: give expires_in of at most {max(0, int(left.total_seconds()))} seconds."
            )
    return ApiToken.issue(user, name, access, lasts)
