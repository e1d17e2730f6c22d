"""Every error as RFC 9457 problem details."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from accounts.refusal import Refused
from projects.faults import GitFailed

log = structlog.get_logger()

PROBLEM = "application/problem+json"


def problem(error: Exception, context: dict[str, Any]) -> Response:
    """Every error of the API as RFC 9457 problem details. What nobody foresaw is logged, and told without its text."""
    set_rollback()
    known = _known(error)
    headers: dict[str, str] = {}
    if header := getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(known, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(known, Unavailable):
        headers["Retry-After"] = "5"
    request: Request = context["request"]
    if known.status_code == 500:
        log.error("api.failed", path=request.path, method=request.method, exc_info=error)
    return Response(as_problem(known, request.path), known.status_code, headers=headers, content_type=PROBLEM)


class Unavailable(exceptions.APIException):
    status_code = 503
    default_code = "unavailable"
    default_detail = "A part of the server does not answer. Try again in a few seconds; /readyz says which."


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too-large"
    default_detail = "The request's body is too large."


class Refusal(exceptions.APIException):
    status_code = 409
    default_code = "conflict"


def _known(error: Exception) -> exceptions.APIException:
    match error:
        case exceptions.APIException():
            return error
        case Refused() | GitFailed():
            return Refusal(str(error))
        case ModelInvalid():
            return exceptions.ValidationError(
                detail=error.message_dict if hasattr(error, "error_dict") else error.messages
            )
        case Http404():
            return exceptions.NotFound(str(error) or None)
        case PermissionDenied():
            return exceptions.PermissionDenied(str(error) or None)
        case RequestDataTooBig():
            return TooLarge()
        case SuspiciousOperation():
            return exceptions.ParseError("This request cannot be read.")
        case OperationalError() | InterfaceError():
            log.warning("api.database_unavailable", exc_info=error)
            return Unavailable()
        case _:
            return exceptions.APIException(
                "This is a fault of the server's, and its log has the details. If it happens again, please report it."
            )


def as_problem(error: exceptions.APIException, path: str) -> dict[str, Any]:
    """The members of the problem: `type` names the kind, `errors` the fields of a request that cannot be accepted."""
    title = HTTPStatus(error.status_code).phrase
    if isinstance(error, exceptions.ValidationError):
        errors = list(_field_errors(error.detail))
        first = errors[0]
        said = f"{first['field']}: {first['detail']}" if first["field"] else first["detail"]
        more = f" There are {len(errors) - 1} more errors." if len(errors) > 2 else ""
        more = " There is one more error." if len(errors) == 2 else more
        return {**_members("validation", title, error.status_code, said + more, path), "errors": errors}
    kind = str(error.get_codes()) if error.status_code != 500 else "server-fault"
    return _members(kind.replace("_", "-"), title, error.status_code, str(error.detail), path)


def _members(kind: str, title: str, status: int, detail: str, path: str) -> dict[str, Any]:
    return {
        "type": f"urn:keelway:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": path,
    }


def _field_errors(detail: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """One entry for each thing that is wrong: `field` (dotted), `pointer` (RFC 6901, empty for the whole), `detail`."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _field_errors(value, path if key in {"non_field_errors", "__all__"} else (*path, str(key)))
    elif isinstance(detail, list | tuple):
        for position, value in enumerate(detail):
            nested = isinstance(value, dict | list)
            yield from _field_errors(value, (*path, str(position)) if nested else path)
    else:
        escaped = (part.replace("~", "~0").replace("/", "~1") for part in path)
        yield {"field": ".".join(path), "pointer": "".join(f"/{part}" for part in escaped), "detail": str(detail)}


class UnknownPath(APIView):
    """Answers for every path under the API that does not exist."""

    schema = None
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound(f"There is no {request.path}. /api/v1/docs/ lists what there is.")
