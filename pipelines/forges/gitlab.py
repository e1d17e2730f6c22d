"""GitLab: https://docs.gitlab.com/user/project/integrations/webhook_events/"""

import base64
import binascii
import hashlib
import hmac
from typing import Any

from pipelines.forges.forge import (
    Forge,
    Incoming,
    Push,
    Reading,
    Signature,
    at,
    items,
    moved,
    number,
    proposed,
    reading,
    same,
    text,
    unknown,
    urls,
)

NEW_COMMITS = {"open", "reopen", "update"}


class GitLab(Forge):
    name = "gitlab"
    title = "GitLab"
    secret_field = "the webhook's field “Secret token”"  # noqa: S105
    steps = (
        "In the project: Settings → Webhooks → Add new webhook.",
        "URL: the webhook URL. Secret token: the secret.",
        "Trigger: push events and tag push events, or also merge request events.",
        "If Keelway runs in the same network, an administrator must allow requests to it (Admin → Network).",
    )

    def claims(self, incoming: Incoming) -> bool:
        return bool(incoming.header("x-gitlab-event"))

    def verify(self, incoming: Incoming, secret: str) -> Signature:
        given = incoming.header("webhook-signature")
        if given:
            return _signing_token(given, incoming, secret)
        return same(incoming.header("x-gitlab-token"), secret)

    def event(self, incoming: Incoming) -> str:
        return incoming.header("x-gitlab-event")

    def delivery_id(self, incoming: Incoming) -> str:
        own = incoming.header("idempotency-key") or incoming.header("webhook-id")
        if own:
            return own
        # Older versions give one id to all that an event leads to.
        event = incoming.header("x-gitlab-event-uuid")
        return f"{event}:{hashlib.sha256(incoming.body).hexdigest()[:16]}" if event else ""

    def read(self, event: str, payload: dict[str, Any]) -> Reading:
        where = urls(at(payload, "project"), "git_http_url", "git_ssh_url", "web_url")
        # A system hook has one event header for everything, so the body's own word counts.
        kind = text(payload, "object_kind") or text(payload, "event_name")
        if kind in {"push", "tag_push"}:
            return reading([_push(payload)], where)
        if kind == "merge_request":
            return reading([_merge_request(payload)], where)
        return unknown(event, where)


def signing_token(secret: str) -> str:
    """What GitLab's field “Signing token” is given so that it signs with `secret`."""
    return "whsec_" + base64.b64encode(_key(secret)).decode()


def _key(secret: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except (binascii.Error, ValueError):
        return b""


def _signing_token(given: str, incoming: Incoming, secret: str) -> Signature:
    """Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 of `id.timestamp.body`, in base 64.

    The timestamp is not held against the clock: a delivery is taken once, whenever it comes.
    """
    key = _key(secret)
    head = f"{incoming.header('webhook-id')}.{incoming.header('webhook-timestamp')}."
    digest = hmac.new(key, head.encode() + incoming.body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode() if key else ""
    results = [same(part, expected) for part in given.split()[:10]]
    return Signature.GOOD if Signature.GOOD in results else Signature.WRONG


def _push(payload: dict[str, Any]) -> Push | str:
    commit = text(payload, "checkout_sha")
    links = [text(item, "url") for item in items(payload, "commits") if text(item, "id") == commit]
    return moved(
        text(payload, "ref"),
        text(payload, "before"),
        text(payload, "after"),
        commit=commit,
        link=links[0] if links else "",
    )


def _merge_request(payload: dict[str, Any]) -> Push | str:
    request = at(payload, "object_attributes")
    action, found = text(request, "action"), number(request, "iid")
    # Only an update with new commits has `oldrev`: others change a title or a label.
    if action not in NEW_COMMITS or (action == "update" and not text(request, "oldrev")):
        return f"The merge request was changed ({action[:40] or 'no action'}) without new commits: nothing was built."
    ours, theirs = at(request, "target_project_id"), at(request, "source_project_id")
    return proposed(
        found,
        text(request, "last_commit", "id"),
        ref=f"refs/merge-requests/{found}/head",
        branch=text(request, "source_branch"),
        from_fork=theirs is None or ours != theirs,
        link=text(request, "url"),
    )
