"""Gitea and Forgejo (and Gogs, from which both come): https://forgejo.org/docs/latest/user/webhooks/"""

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

KINDS = ("forgejo", "gitea", "gogs")
NEW_COMMITS = {"opened", "reopened", "synchronized", "synchronize"}


class Gitea(Forge):
    name = "gitea"
    title = "Gitea, Forgejo"
    secret_field = "the webhook's field “Secret”"  # noqa: S105
    steps = (
        "In the repository: Settings → Webhooks → Add Webhook → Gitea or Forgejo.",
        "Target URL: the webhook URL. HTTP method: POST. Content type: application/json. Secret: the secret.",
        "Trigger on: push events, or also pull requests opened, reopened and synchronized.",
        "If Keelway runs in the same network, the forge's ALLOWED_HOST_LIST must allow its address.",
    )

    def claims(self, incoming: Incoming) -> bool:
        return bool(self.event(incoming))

    def verify(self, incoming: Incoming, secret: str) -> Signature:
        # They send the same one under several names. Only the first counts: a good one does not mend a bad one.
        return signed(_first(incoming, "signature"), incoming.body, secret)

    def event(self, incoming: Incoming) -> str:
        return _first(incoming, "event")

    def delivery_id(self, incoming: Incoming) -> str:
        return _first(incoming, "delivery")

    def read(self, event: str, payload: dict[str, Any]) -> Reading:
        where = urls(at(payload, "repository"), "clone_url", "ssh_url", "html_url")
        if event == "ping":
            return Reading(ping=True, repositories=where)
        if event == "push":
            return reading([_push(payload)], where)
        if event in {"pull_request", "pull_request_sync"}:
            return reading([_pull_request(payload)], where)
        if event == "delete":
            name = f"{text(payload, 'ref_type')} “{text(payload, 'ref')[:80]}”"
            return Reading(notes=(f"The {name} was deleted, so there is nothing to build.",), repositories=where)
        if event == "create":
            return Reading(notes=("A push tells the same, so nothing was built for this one.",), repositories=where)
        return unknown(event, where)


def _first(incoming: Incoming, what: str) -> str:
    return next((found for kind in KINDS if (found := incoming.header(f"x-{kind}-{what}"))), "")


def _push(payload: dict[str, Any]) -> Push | str:
    return moved(
        text(payload, "ref"),
        text(payload, "before"),
        text(payload, "after"),
        commit=text(payload, "head_commit", "id"),
        link=text(payload, "head_commit", "url"),
    )


def _pull_request(payload: dict[str, Any]) -> Push | str:
    request, action = at(payload, "pull_request"), text(payload, "action")
    if action not in NEW_COMMITS:
        return f"The pull request was {action[:40] or 'changed'} without new commits, so nothing was built."
    ours, theirs = at(request, "base", "repo_id"), at(request, "head", "repo_id")
    found = number(payload, "number")
    return proposed(
        found,
        text(request, "head", "sha"),
        ref=f"refs/pull/{found}/head",
        branch=text(request, "head", "ref"),
        from_fork=theirs is None or ours != theirs,
        link=text(request, "html_url"),
    )
