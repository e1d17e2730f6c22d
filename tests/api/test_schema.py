"""The schema is true: it is complete and without doubts, and what the server answers conforms to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from hypothesis import HealthCheck, Phase, settings

from accounts.models import ApiToken, User
from builds.models import Build
from config.api import rooms
from config.schema import schema
from pipelines.models import Delivery
from projects.models import Project

offered = schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application())


def test_the_schema_is_generated_without_a_warning() -> None:
    schema.cache_clear()
    with GENERATOR_STATS.silence():
        GENERATOR_STATS.reset()
        schema()

        assert not GENERATOR_STATS

    assert schema()["openapi"].startswith("3.1")


def test_it_has_every_path_once_and_says_what_each_does() -> None:
    paths = schema()["paths"]

    assert len(paths) == len(rooms)
    for path, methods in paths.items():
        for method, operation in methods.items():
            assert operation.get("description"), f"{method} {path} needs a docstring"


@pytest.mark.parametrize("path", ["/api/v1/schema", "/api/v1/schema/"])
def test_it_is_open_to_everyone(path: str, client: Client) -> None:
    assert client.get(path).json()["info"]["title"] == "Keelway"


@pytest.mark.parametrize("path", ["/api/v1/docs", "/api/v1/docs/"])
def test_the_page_to_browse_it_loads_only_what_we_serve(path: str, client: Client) -> None:
    answer = client.get(path)

    page = answer.content.decode()
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "<style" not in page
    assert "://" not in page
    assert page.count("<script src=") == page.count("<script") == 2


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The server under test shares the test's own transaction, as Django's test client sees to."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous")
@offered.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_asked_the_answer_conforms(
    case: Any,
    one_connection: None,
    admin: User,
    charlie: User,
    project: Project,
    delivery: Delivery,
    a_build: Callable[..., Build],
) -> None:
    build = a_build()
    key = ApiToken.issue(admin, "schema")[1]
    real: dict[str, Any] = {"slug": "shop", "username": "charlie"}
    for room, row in {"builds": build, "jobs": build.jobs.first(), "deliveries": delivery}.items():
        if case.path.startswith(f"/api/v1/{room}/"):
            real["id"] = row.pk  # type: ignore[union-attr]
    for name in case.path_parameters or {}:
        case.path_parameters[name] = real.get(name, case.path_parameters[name])

    answer = case.call(headers={"Authorization": f"Bearer {key}"})

    case.validate_response(
        answer,
        checks=[
            schemathesis.checks.not_a_server_error,
            schemathesis.checks.status_code_conformance,
            schemathesis.checks.content_type_conformance,
            schemathesis.checks.response_schema_conformance,
        ],
    )
