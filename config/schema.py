"""The API's description of itself: OpenAPI 3.1, and a page to browse it."""

from functools import cache
from typing import Any

from django.shortcuts import render
from django.views.generic import View
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "The kind of problem: `urn:keelway:problem:…`."},
        "title": {"type": "string", "description": "The HTTP status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What went wrong here, for people."},
        "instance": {"type": "string", "description": "The path of the request."},
        "errors": {
            "type": "array",
            "description": "With `urn:keelway:problem:validation`: everything that is wrong with the request.",
            "items": {
                "type": "object",
                "required": ["field", "pointer", "detail"],
                "properties": {
                    "field": {"type": "string", "description": "Dotted; empty for the request as a whole."},
                    "pointer": {"type": "string", "description": "The same as a JSON Pointer (RFC 6901)."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of yours: `Authorization: Bearer kw_…`."}


def one_form_of_each_path(endpoints: list[Any]) -> list[Any]:
    """Each path answers with and without a slash at its end; the schema has the one without."""
    return [endpoint for endpoint in endpoints if not endpoint[0].endswith("/")]


def problems_and_strictness(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """Any operation may answer with a problem, and no request may have fields that are not known."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    for name, schema in schemas.items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
    answer = {
        "description": "Anything that went wrong.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for methods in result["paths"].values():
        for operation in methods.values():
            operation["responses"]["default"] = answer
            operation["summary"] = operation.get("description", "").partition(".")[0]
    return result


@cache
def schema() -> dict[str, Any]:
    """The whole API, as OpenAPI 3.1. It depends on nothing that changes while the server runs."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


class Schema(APIView):
    """Open to everyone: it tells what the software can do, not what is on this server."""

    schema = None
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    def get(self, request: Request) -> Response:
        return Response(schema(), headers={"Content-Disposition": 'inline; filename="keelway-openapi.json"'})


class Docs(View):
    def get(self, request: Any) -> Any:
        return render(request, "config/api_docs.html")
