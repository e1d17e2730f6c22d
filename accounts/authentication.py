"""Bearer tokens for the REST API (RFC 6750)."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS

from accounts.models import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer kw_…`. Without the header it passes, and the session is asked.

    A token that only reads is refused here for every unsafe method, so that no endpoint can forget it.
    """

    def authenticate(self, request: Any) -> tuple[User, ApiToken] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        scheme, _, key = header.partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = ApiToken.by_key(key.strip())
        if token is None:
            raise AuthenticationFailed(
                "This token is unknown, expired or revoked. Make a new one on your account page or with "
                "“manage.py issue_token”, and send it as “Authorization: Bearer kw_…”."
            )
        if token.access == ApiToken.Access.READ and request.method not in SAFE_METHODS:
            raise PermissionDenied(f"The token “{token.name}” may only read. Use one with write access.")
        token.touch()
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        known = request.META.get("HTTP_AUTHORIZATION", "").lower().startswith("bearer ")
        return 'Bearer realm="keelway", error="invalid_token"' if known else 'Bearer realm="keelway"'
