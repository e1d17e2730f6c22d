"""GitHub: https://docs.github.com/en/webhooks/webhook-events-and-payloads"""

from typing import Any

from pipelines.forges.forge import (
    Forge,
    Incoming,
    Push,
    Reading,
    Signature,
    at,
    moved,
    number,
    proposed,
    reading,
    signed,
    text,
    unknown,
    urls,
)

NEW_COMMITS = {"opened", "reopened", "synchronize"}


class GitHub(Forge):
    name = "github"
    title = "GitHub"
    secret_field = "the webhook's field “Secret”"  # noqa: S105
    steps = (
        "In the repository: Settings → Webhooks → Add webhook.",
        "Payload URL: the webhook URL. Content type: application/json. Secret: the secret.",
        "Events: “Just the push event”, or also “Pull requests”.",
    )

    def claims(self, incoming: Incoming) -> bool:
        return bool(incoming.header("x-github-event"))

    def verify(self, incoming: Incoming, secret: str) -> Signature:
        return signed(incoming.header("x-hub-signature-256"), incoming.body, secret, prefix="sha256=")

    def event(self, incoming: Incoming) -> str:
        return incoming.header("x-github-event")

    def delivery_id(self, incoming: Incoming) -> str:
        return incoming.header("x-github-delivery")

    def read(self, event: str, payload: dict[str, Any]) -> Reading:
        where = urls(at(payload, "repository"), "clone_url", "ssh_url", "html_url")
        if event == "ping":
            return Reading(ping=True, repositories=where)
        if event == "push":
            return reading([_push(payload)], where)
        if event == "pull_request":
            return reading([_pull_request(payload)], where)
        if event in {"create", "delete"}:
            return Reading(notes=("A push tells the same, so nothing was built for this one.",), repositories=where)
        return unknown(event, where)


def _push(payload: dict[str, Any]) -> Push | str:
    return moved(
        text(payload, "ref"),
        text(payload, "before"),
        text(payload, "after"),
        commit=text(payload, "head_commit", "id"),
        forced=at(payload, "forced") is True,
        link=text(payload, "head_commit", "url"),
    )


def _pull_request(payload: dict[str, Any]) -> Push | str:
    request, action = at(payload, "pull_request"), text(payload, "action")
    if action not in NEW_COMMITS:
        return f"The pull request was {action[:40] or 'changed'} without new commits, so nothing was built."
    ours, theirs = at(request, "base", "repo", "id"), at(request, "head", "repo", "id")
    found = number(payload, "number")
    return proposed(
        found,
        text(request, "head", "sha"),
        ref=f"refs/pull/{found}/head",
        branch=text(request, "head", "ref"),
        from_fork=theirs is None or ours != theirs,  # None: the fork was deleted
        link=text(request, "html_url"),
    )
