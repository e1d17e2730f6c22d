"""Who opens a socket: the session's person, or for scripts the one whose API token comes with the request."""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async

from accounts.models import ApiToken


class TokenMiddleware:
    """Puts the person of `Authorization: Bearer kw_…` into the scope; without that header it changes nothing."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        kind, _, key = header.partition(" ")
        if kind.lower() == "bearer":
            token = await database_sync_to_async(ApiToken.by_key)(key.strip())
            if token is not None:
                scope = {**scope, "user": token.user}
        return await self.inner(scope, receive, send)


def identified(inner: Any) -> Any:
    return AuthMiddlewareStack(TokenMiddleware(inner))
