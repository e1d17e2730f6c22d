"""Only who knows a project's webhook secret is heard, and the secret itself is kept nowhere else."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client

from events.models import Event
from pipelines.forges.gitlab import signing_token
from pipelines.models import Delivery
from pipelines.receive import REJECTED_KEPT
from projects.models import Project
from tests.pipelines.senders import NEW, headers_of, hexadecimal, push, send, shop

pytestmark = pytest.mark.django_db

FORGES = [
    ("github", "push", push()),
    ("gitea", "push", push()),
    ("forgejo", "push", push()),
    ("gitlab", "Push Hook", {**push(), "object_kind": "push", "project": shop("gitlab")}),
    (
        "bitbucket",
        "repo:push",
        {"push": {"changes": [{"new": {"type": "branch", "name": "main", "target": {"hash": NEW}}, "old": None}]}},
    ),
    ("git", "push", push()),
]


@pytest.mark.parametrize(("forge", "event", "payload"), FORGES)
def test_a_signed_push_is_taken(client: Client, project: Project, forge: str, event: str, payload: Any) -> None:
    response = send(client, project, payload, forge=forge, event=event)

    delivery = Delivery.objects.get()
    assert (response.status_code, response.json()["verdict"]) == (202, "received")
    assert response.json()["delivery"] == delivery.pk
    assert (delivery.forge, delivery.event, delivery.verdict) == (forge.replace("forgejo", "gitea"), event, "received")
    assert json.loads(bytes(delivery.body)) == payload
    assert Event.objects.filter(type="pipelines.delivery.received", subject=f"delivery:{delivery.pk}").exists()


@pytest.mark.parametrize(("forge", "event", "payload"), FORGES)
def test_a_wrong_signature_is_refused(client: Client, project: Project, forge: str, event: str, payload: Any) -> None:
    response = send(client, project, payload, forge=forge, event=event, secret="wrong")

    delivery = Delivery.objects.get()
    assert (response.status_code, response.json()["verdict"]) == (401, "rejected")
    assert "not made with this project's webhook secret" in response.json()["detail"]
    assert (delivery.verdict, delivery.answer, bytes(delivery.body)) == ("rejected", 401, b"")
    assert not Event.objects.filter(type__startswith="pipelines.").exists()


@pytest.mark.parametrize("forge", ["github", "gitea", "gitlab", "bitbucket", "git"])
def test_a_missing_signature_is_refused(client: Client, project: Project, forge: str) -> None:
    headers = {
        name: value
        for name, value in headers_of(forge, "push", "x", b"{}").items()
        if "Signature" not in name and "Token" not in name
    }
    response = client.post(f"/hooks/{project.slug}", b"{}", content_type="application/json", headers=headers)

    assert response.status_code == 401
    assert "not signed" in response.json()["detail"]


def test_a_request_of_nobody_is_refused(client: Client, project: Project) -> None:
    response = client.post(f"/hooks/{project.slug}", b"{}", content_type="application/json")

    assert response.status_code == 401
    assert Delivery.objects.get().forge == "unknown"


def test_the_signature_covers_the_body_as_it_came(client: Client, project: Project) -> None:
    headers = headers_of("github", "push", project.webhook_secret, json.dumps(push()).encode())
    changed = json.dumps(push()).replace("main", "evil").encode()

    response = client.post(f"/hooks/{project.slug}", changed, content_type="application/json", headers=headers)

    assert response.status_code == 401


def test_a_project_without_a_secret_takes_nothing(client: Client, project: Project) -> None:
    project.scope.secrets.all().delete()

    assert send(client, project, push(), secret="").status_code == 401
    assert send(client, project, push(), forge="gitlab", secret="").status_code == 401


def test_gitlabs_signing_token_is_understood(client: Client, project: Project) -> None:
    body = json.dumps({**push(), "object_kind": "push"}).encode()
    key = base64.b64decode(signing_token(project.webhook_secret).removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, b"d-9.1700000000." + body, hashlib.sha256).digest()).decode()
    headers = {"X-Gitlab-Event": "Push Hook", "webhook-id": "d-9", "webhook-timestamp": "1700000000"}

    for sent, status in [(f"v1,{signature}", 202), ("v1,AAAA", 401)]:
        headers["webhook-signature"] = sent
        response = client.post(f"/hooks/{project.slug}", body, content_type="application/json", headers=headers)
        assert response.status_code == status


def test_no_secret_is_kept_with_a_delivery(client: Client, project: Project) -> None:
    secret = project.webhook_secret
    body = json.dumps(push(secret=secret)).encode()
    headers = headers_of("gitea", "push", secret, body) | {"Authorization": f"Bearer {secret}", "Cookie": "session=1"}

    client.post(f"/hooks/{project.slug}", body, content_type="application/json", headers=headers)

    delivery = Delivery.objects.get()
    assert delivery.headers["x-gitea-event"] == "push"
    kept = json.dumps(delivery.headers) + bytes(delivery.body).decode()
    assert secret not in kept
    assert hexadecimal(secret, body) not in kept
    assert "session=1" not in kept


def test_what_anyone_can_send_is_bounded(client: Client, project: Project) -> None:
    send(client, project, push(), id="genuine")
    for number in range(REJECTED_KEPT + 20):
        send(client, project, push(), id=f"forged-{number}", secret="wrong")

    assert Delivery.objects.filter(verdict="rejected").count() == REJECTED_KEPT
    assert Delivery.objects.filter(delivery_id="genuine").exists()


def test_a_secret_that_does_not_open_is_our_fault_and_says_so(client: Client, project: Project, settings: Any) -> None:
    secret = project.webhook_secret
    settings.MASTER_KEY = "another key"
    body = json.dumps(push()).encode()

    answer = client.post(
        f"/hooks/{project.slug}", body, "application/json", headers=headers_of("github", "push", secret, body)
    )

    assert answer.status_code == 503
    assert "cannot be opened" in answer.json()["detail"]
