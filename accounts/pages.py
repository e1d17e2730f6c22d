"""What pages of every room share: lists in pages, and pages whose parts are updated live."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list, newest first. `before` is the cursor of the next one, empty on the last."""

    rows: list[Row]
    before: str
    first: bool


def asked(request: HttpRequest, name: str) -> str:
    """What the query of an address says for `name`, as text that a database can be asked for."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:255]


def newest_first(rows: models.QuerySet[Row], request: HttpRequest, *, size: int = 25) -> Page[Row]:
    """The page of `rows` that `?before=<id>` asks for. Costs the same wherever it lies."""
    cursor = request.GET.get("before", "")
    if cursor:
        if not cursor.isdecimal() or len(cursor) > 18:
            raise Http404
        rows = rows.filter(pk__lt=int(cursor))
    found = list(rows.order_by("-pk")[: size + 1])
    return Page(found[:size], str(found[size - 1].pk) if len(found) > size else "", not cursor)


def answer(
    request: HttpRequest,
    page: str,
    context: dict[str, Any],
    *,
    fragments: Mapping[str, str],
    status: int = 200,
) -> HttpResponse:
    """The whole page, or with `?fragment=<name>` only that part of it, from the template that the page includes."""
    name = request.GET.get("fragment")
    if name is None:
        return render(request, page, context, status=status)
    if name not in fragments:
        raise Http404
    return render(request, fragments[name], context, status=status)
