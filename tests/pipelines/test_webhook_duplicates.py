"""A forge that sends the same delivery again gets no second build."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pipelines.models import Delivery
from projects.models import Project
from tests.pipelines.senders import NEW, push, send

pytestmark = pytest.mark.django_db


def test_the_same_delivery_is_counted_and_not_taken_again(client: Client, project: Project) -> None:
    first = send(client, project, push()).json()

    again = send(client, project, push())

    assert (again.status_code, again.json()["verdict"]) == (200, "duplicate")
    assert again.json()["delivery"] == first["delivery"]
    assert Delivery.objects.get().repeats == 1


def test_a_forged_delivery_does_not_take_the_place_of_the_genuine_one(client: Client, project: Project) -> None:
    send(client, project, push(), secret="wrong")
    send(client, project, b"{", id="d-1")

    assert send(client, project, push()).json()["verdict"] == "received"


def test_the_same_id_of_another_project_or_forge_is_another_delivery(client: Client, project: Project) -> None:
    send(client, project, push())

    assert send(client, project, push(), forge="gitea").json()["verdict"] == "received"


def test_one_that_failed_is_tried_again_when_it_is_sent_again(client: Client, project: Project) -> None:
    send(client, project, push())
    Delivery.objects.update(verdict="failed", detail="The host was not found.")

    again = send(client, project, push())

    assert (again.status_code, again.json()["verdict"]) == (202, "received")
    assert Delivery.objects.get().verdict == "received"


def test_without_an_id_the_same_body_is_the_same_delivery_for_a_while(client: Client, project: Project) -> None:
    def post() -> str:
        body = f"{'0' * 40} {NEW} refs/heads/main\n".encode()
        headers = {"Authorization": f"Bearer {project.webhook_secret}"}
        sent = client.post(f"/hooks/{project.slug}", body, content_type="text/plain", headers=headers)
        return str(sent.json()["verdict"])

    assert [post(), post()] == ["received", "duplicate"]
    Delivery.objects.update(received_at=timezone.now() - timedelta(hours=1))
    assert [post()] == ["received"]


def test_an_id_of_any_length_is_kept(client: Client, project: Project) -> None:
    for end in ("a", "b"):
        assert send(client, project, push(), id="x" * 5000 + end).json()["verdict"] == "received"


def test_only_so_many_deliveries_are_kept(client: Client, project: Project, settings: Settings) -> None:
    settings.DELIVERIES_KEPT = 10
    for number in range(15):
        send(client, project, push(after="0" * 40), id=f"d-{number}")

    kept = list(Delivery.objects.order_by("id").values_list("delivery_id", flat=True))
    assert kept == [f"d-{number}" for number in range(5, 15)]
