"""A script that speaks to the API with a token of someone's."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import ApiToken, User


class Script:
    """Paths are given from `/api/v1/` on. `user` None sends no token."""

    def __init__(self, user: User | None, access: str = ApiToken.Access.WRITE) -> None:
        key = ApiToken.issue(user, "script", access)[1] if user else ""
        self.headers = {"Authorization": f"Bearer {key}"} if user else {}
        self.client = Client(raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer: HttpResponse = self.client.generic(
            method,
            f"/api/v1/{path}",
            data=body if isinstance(body, bytes) else (b"" if body is None else json.dumps(body).encode()),
            content_type="application/json",
            headers={**self.headers, **named},
        )
        return answer

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)
