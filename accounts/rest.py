"""What the REST endpoints of every room share: whose request it is, what it may see and do, and plain refusals."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, cast

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request

from accounts.models import Scope, User
from accounts.roles import PERMISSIONS, Role, allows

M = TypeVar("M", bound=Model)


class Conflict(APIException):
    """The state of things does not allow it now."""

    status_code = 409
    default_code = "conflict"
    default_detail = "The present state does not allow this."


class Unprocessable(APIException):
    """Well-formed, and yet it cannot be done as asked."""

    status_code = 422
    default_code = "unprocessable"
    default_detail = "This cannot be done as asked."


def person(request: Request) -> User:
    """Who is asking. Endpoints let nobody in without signing in, so there always is someone."""
    return cast(User, request.user)


def found(rows: QuerySet[M], what: str, **by: Any) -> M:
    """The one row of `rows` (already narrowed to what the person may see); NotFound says which `what` is not there."""
    row = rows.filter(**by).first()
    if row is None:
        named = " ".join(str(value) for value in by.values())
        raise NotFound(f"There is no {what} “{named}”, or you may not see it.")
    return row


def require(user: User, permission: str, scope: Scope) -> None:
    """PermissionDenied, with the role that would be needed, unless `user` has `permission` on `scope`."""
    role = user.role_on(scope)
    if not allows(role, permission):
        least = PERMISSIONS[permission].label.lower()
        has = role.label.lower() if role else "no role"
        raise PermissionDenied(f"This needs the role {least} on the project; you have {has}.")


def require_administrator(user: User) -> None:
    if not user.is_superuser:
        raise PermissionDenied("Only the administrator may do this.")


def roles_on(user: User, scopes: list[Scope]) -> dict[int, Role]:
    """`user.role_on` for many scopes at once, in two queries at most: scope id → role, outsiders left out.

    Looks one level up, which is where all that is above a project ends.
    """
    if user.is_superuser:
        return {scope.pk: Role.MAINTAINER for scope in scopes}
    ids = {scope.pk for scope in scopes} | {scope.parent_id for scope in scopes if scope.parent_id}
    granted = {m.scope_id: Role(m.role) for m in user.memberships.filter(scope__in=ids)}
    found = {
        scope.pk: [granted[pk] for pk in (scope.pk, scope.parent_id) if pk is not None and pk in granted]
        for scope in scopes
    }
    return {pk: max(roles, key=lambda role: role.rank) for pk, roles in found.items() if roles}


class Input(serializers.Serializer[Any]):
    """What a request may say. A field that does not exist is an error, never passed over: it may be a typing slip."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            raise ValidationError({name: self._unknown(name) for name in unknown[:20]}, code="unknown")
        return super().to_internal_value(data)

    def _unknown(self, name: str) -> str:
        near = get_close_matches(name, list(self.fields), n=1)
        known = ", ".join(self.fields) or "none"
        return (
            f"There is no such field. Did you mean “{near[0]}”?" if near else f"There is no such field. Known: {known}."
        )


def read(kind: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """The request's body as `kind` has it; ValidationError names every field that is wrong."""
    serializer = kind(data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return cast("dict[str, Any]", serializer.validated_data)


def asked(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The query string as `kind` has it. Fields that it does not name are left to pages and filters."""
    serializer = kind(data=request.query_params.dict())
    serializer.is_valid(raise_exception=True)
    return cast("dict[str, Any]", serializer.validated_data)
