"""How requests of the REST API are read: pages of a list, and bodies."""

from base64 import b64decode
from typing import Any, cast
from urllib.parse import parse_qs

from rest_framework import exceptions
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request


class Pagination(CursorPagination):
    """Newest first, by id: an order that no new row disturbs. `limit` is 1 to 200, and anything else is an error."""

    ordering = "-id"
    page_size_query_param = "limit"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get("limit")
        if given is None:
            return int(self.page_size or 50)
        if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= self.max_page_size):
            raise exceptions.ValidationError({"limit": f"Expected a whole number from 1 to {self.max_page_size}."})
        return int(given)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place that `cursor` names. The cursor is ours, so one that does not read was changed on its way."""
        encoded = request.query_params.get(self.cursor_query_param)
        if encoded is None:
            return None
        try:
            tokens = parse_qs(b64decode(encoded.encode("ascii"), validate=True).decode("ascii"))
            position = tokens.get("p", [None])[0]
            offset = int(tokens.get("o", ["0"])[0])
            if position is not None and not (position.isdigit() and len(position) < 19):
                raise ValueError(position)
            if not 0 <= offset <= 1000:
                raise ValueError(offset)
            return Cursor(offset, tokens.get("r", ["0"])[0] == "1", cast(Any, position))
        except ValueError as error:  # of base64, of ASCII, of int
            raise exceptions.ValidationError({"cursor": "Use the address in “next” or “previous” as it is."}) from error

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": address, "previous": address},
        }


class Json(JSONParser):
    """A body of JSON, within the limit on its size and on how deep it nests."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            found = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("JSON parse error - it nests too deep") from error
        if not isinstance(found, dict):
            raise exceptions.ParseError("Expected a JSON object, as in {}.")
        return found
