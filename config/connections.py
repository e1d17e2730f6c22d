from collections.abc import Callable

from django.db import close_old_connections, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class HandBack:
    """Gives the database connection back as soon as the answer is made.

    Django would keep it until the client has taken the answer, and a few slow readers would have them all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        finally:
            if not connection.in_atomic_block:
                close_old_connections()
