"""The REST API's paths, room by room. Each answers with and without a slash at its end."""

from django.urls import URLPattern, path, re_path

from accounts import api as accounts_api
from builds import api as builds_api
from config.problems import UnknownPath
from config.schema import Docs, Schema
from pipelines import api as pipelines_api
from projects import api as projects_api


def both_forms(patterns: list[URLPattern]) -> list[URLPattern]:
    return [path(f"{pattern.pattern}{end}", pattern.callback) for pattern in patterns for end in ("", "/")]


rooms: list[URLPattern] = [
    *accounts_api.urlpatterns,
    *projects_api.urlpatterns,
    *builds_api.urlpatterns,
    *pipelines_api.urlpatterns,
]

urlpatterns: list[URLPattern] = [
    *both_forms(rooms),
    *both_forms([path("schema", Schema.as_view()), path("docs", Docs.as_view())]),
    re_path(r"^", UnknownPath.as_view()),
]
