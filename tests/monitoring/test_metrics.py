from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import ApiToken, User
from builds.models import Worker
from builds.starting import start_build
from pipelines.models import Delivery
from projects.models import Project
from tests.builds.plans import job, plan

pytestmark = pytest.mark.django_db


def scrape(client: Client, **headers: str) -> dict[tuple[str, ...], float]:
    """Name and label values → figure."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.content
    families = text_string_to_metric_families(answer.content.decode())
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_the_figures_are_those_of_the_installation(client: Client, project: Project) -> None:
    Worker.objects.create(name="w", slots=3)
    Delivery.objects.create(project=project, forge="git", delivery_id="1", body=b"", verdict="ignored")
    with transaction.atomic():
        start_build(project, event="push", commit="a" * 40, plan=plan(job("test"), job("ship", needs=("test",))))

    found = scrape(client)

    assert found["keelway_builds", "pending"] == 1
    assert found["keelway_builds", "running"] == 0
    assert found["keelway_builds_created_total",] == 1
    assert found["keelway_jobs_waiting",] == 1
    assert found["keelway_jobs_waiting_oldest_seconds",] >= 0
    assert found["keelway_jobs_running",] == 0
    assert (found["keelway_workers",], found["keelway_slots",]) == (1, 3)
    assert found["keelway_deliveries_recent", "ignored"] == 1
    assert found["keelway_deliveries_waiting",] == 0
    assert found["process_resident_memory_bytes",] > 0


def test_a_scrape_asks_a_fixed_number_of_questions(client: Client, project: Project) -> None:
    with CaptureQueriesContext(connection) as before:
        scrape(client)
    for number in range(10):
        Delivery.objects.create(project=project, forge="git", delivery_id=str(number), body=b"")

    with CaptureQueriesContext(connection) as after:
        scrape(client)

    assert len(after) == len(before) <= 8


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.0.2.7", {}),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}),
        ("", {}),
        ("127.0.0.1", {"Authorization": "Bearer kw_wrong"}),
    ],
)
def test_from_elsewhere_it_takes_a_token(address: str, headers: dict[str, str], client: Client) -> None:
    answer = client.get("/metrics", headers=headers, REMOTE_ADDR=address)

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.0.2.7"])
def test_an_administrators_token_is_enough_from_anywhere(address: str, client: Client, admin: User) -> None:
    _, key = ApiToken.issue(admin, "prometheus", ApiToken.Access.READ)
    headers: dict[str, Any] = {"Authorization": f"Bearer {key}", "X-Forwarded-For": "192.0.2.9"}

    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == 200


def test_other_peoples_tokens_are_not(client: Client, alice: User) -> None:
    _, key = ApiToken.issue(alice, "prometheus")

    assert client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).status_code == 401
