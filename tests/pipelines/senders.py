"""Webhooks as the forges send them: headers and bodies, signed with a project's secret."""

import hashlib
import hmac
import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from projects.models import Project

OLD, NEW, GONE = "a" * 40, "b" * 40, "0" * 40


def hexadecimal(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers_of(forge: str, event: str, secret: str, body: bytes, id: str = "d-1") -> dict[str, str]:
    """What `forge` sends along with `body`."""
    digest = hexadecimal(secret, body)
    return {
        "github": {"X-GitHub-Event": event, "X-GitHub-Delivery": id, "X-Hub-Signature-256": f"sha256={digest}"},
        "gitlab": {"X-Gitlab-Event": event, "Idempotency-Key": id, "X-Gitlab-Token": secret},
        "gitea": {
            "X-Gitea-Event": event,
            "X-GitHub-Event": event,
            "X-Gitea-Delivery": id,
            "X-Gitea-Signature": digest,
        },
        "forgejo": {"X-Forgejo-Event": event, "X-Forgejo-Delivery": id, "X-Forgejo-Signature": digest},
        "bitbucket": {"X-Event-Key": event, "X-Request-UUID": id, "X-Hub-Signature": f"sha256={digest}"},
        "git": {"X-Keelway-Event": event, "X-Keelway-Delivery": id, "X-Keelway-Signature": f"sha256={digest}"},
    }[forge]


def send(
    client: Client,
    project: Project,
    payload: dict[str, Any] | bytes,
    *,
    forge: str = "github",
    event: str = "push",
    id: str = "d-1",
    secret: str | None = None,
    content_type: str = "application/json",
) -> HttpResponse:
    """POST `payload` to the project's webhook, as `forge` does."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = headers_of(forge, event, project.webhook_secret if secret is None else secret, body, id)
    return client.post(f"/hooks/{project.slug}", body, content_type=content_type, headers=headers)  # type: ignore[return-value]


def push(ref: str = "refs/heads/main", before: str = OLD, after: str = NEW, **more: Any) -> dict[str, Any]:
    """A push as GitHub tells it, to the repository of the fixture `project`."""
    return {"ref": ref, "before": before, "after": after, "repository": shop("github"), **more}


def shop(forge: str, path: str = "team/shop") -> dict[str, Any]:
    """The repository in a payload of `forge`."""
    web, ssh = f"https://git.example.com/{path}", f"git@git.example.com:{path}.git"
    if forge == "gitlab":
        return {"git_http_url": f"{web}.git", "git_ssh_url": ssh, "web_url": web}
    if forge == "bitbucket":
        return {"full_name": path, "links": {"html": {"href": web}}}
    return {"clone_url": f"{web}.git", "ssh_url": ssh, "html_url": web}
