"""`Idempotency-Key`: a POST that starts something can be sent again safely after a lost answer."""

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models.idempotency import IdempotencyKey, InProgress, UsedForAnother
from accounts.rest import Conflict, Unprocessable, person

_KEY = re.compile(r"[\x21-\x7e]{1,200}")

HEADER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,200}$"},
    OpenApiParameter.HEADER,
    description="Any text of your own. Sent again within 24 hours, the same request does nothing new and gets the same "
    "answer, with `Idempotent-Replayed: true`.",
)

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Wrap an endpoint's method so that it honours the header.

    What the endpoint does and the record that it was done commit together, so a crash leaves either both or neither.
    Only answers of success are kept: a refused request has done nothing, and its key is free again.
    """

    @wraps(handler)
    def answer(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(self, request, *args, **kwargs)
        if not _KEY.fullmatch(key):
            raise ValidationError({"Idempotency-Key": "Use 1 to 200 visible ASCII characters, as a UUID has."})
        try:
            row = IdempotencyKey.begin(person(request), key, fingerprint(request))
        except UsedForAnother as error:
            raise Unprocessable(str(error), code="idempotency-key-reused") from error
        except InProgress as error:
            raise Conflict(str(error), code="idempotency-key-in-progress") from error
        if row.status is not None:
            headers = {"Idempotent-Replayed": "true"} | ({"Location": row.location} if row.location else {})
            return Response(row.answer, row.status, headers=headers)
        try:
            with transaction.atomic():
                response = handler(self, request, *args, **kwargs)
                kept = json.loads(JSONRenderer().render(response.data) or b"null")
                if not row.finish(response.status_code, kept, response.headers.get("Location", "")):
                    raise Conflict("Another request with this Idempotency-Key has taken over. Send it again.")
        except BaseException:
            row.give_up()
            raise
        return response

    return answer


def fingerprint(request: Request) -> str:
    """What makes two requests the same: method, path, and the body's meaning, however it is written."""
    body = json.dumps(request.data, sort_keys=True)
    return hashlib.sha256(f"{request.method}\n{request.path.rstrip('/')}\n{body}".encode()).hexdigest()
