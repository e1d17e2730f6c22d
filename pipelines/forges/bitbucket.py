"""Bitbucket Cloud (https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/) and Bitbucket Data Center
(https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html), which share headers, not payloads."""

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
    signed,
    text,
    unknown,
    urls,
)

NOTHING = "0" * 40


class Bitbucket(Forge):
    name = "bitbucket"
    title = "Bitbucket"
    secret_field = "the webhook's field “Secret”"  # noqa: S105
    steps = (
        "In the repository: Repository settings → Webhooks → Add webhook.",
        "URL: the webhook URL. Secret: the secret.",
        "Triggers: repository push, or also pull request created and updated.",
    )

    def claims(self, incoming: Incoming) -> bool:
        return bool(incoming.header("x-event-key"))

    def verify(self, incoming: Incoming, secret: str) -> Signature:
        return signed(incoming.header("x-hub-signature"), incoming.body, secret, prefix="sha256=")

    def event(self, incoming: Incoming) -> str:
        return incoming.header("x-event-key")

    def delivery_id(self, incoming: Incoming) -> str:
        return incoming.header("x-request-uuid") or incoming.header("x-request-id")

    def read(self, event: str, payload: dict[str, Any]) -> Reading:
        where = _repositories(at(payload, "repository"))
        if event == "diagnostics:ping":
            return Reading(ping=True)
        if event == "repo:push":
            return reading([_cloud_change(change) for change in items(payload, "push", "changes")], where)
        if event == "repo:refs_changed":
            return reading([_server_change(change) for change in items(payload, "changes")], where)
        if event in {"pullrequest:created", "pullrequest:updated"}:
            return reading([_cloud_pull_request(at(payload, "pullrequest"))], where)
        if event in {"pr:opened", "pr:from_ref_updated"}:
            request = at(payload, "pullRequest")
            return reading([_server_pull_request(request)], _repositories(at(request, "toRef", "repository")))
        return unknown(event, where)


def _repositories(repository: Any) -> tuple[str, ...]:
    clones = tuple(text(link, "href") for link in items(repository, "links", "clone"))
    page = urls(at(repository, "links", "html"), "href")
    return tuple(filter(None, (*clones, *page)))


def _cloud_change(change: dict[str, Any]) -> Push | str:
    new, old = at(change, "new"), at(change, "old")
    named = new if isinstance(new, dict) else old
    folder = {"branch": "heads", "named_branch": "heads", "tag": "tags"}.get(text(named, "type"), "other")
    return moved(
        f"refs/{folder}/{text(named, 'name')}",
        text(old, "target", "hash") or NOTHING,
        text(new, "target", "hash") if isinstance(new, dict) else NOTHING,
        forced=at(change, "forced") is True,
        link=text(new, "target", "links", "html", "href"),
    )


def _server_change(change: dict[str, Any]) -> Push | str:
    ref = text(change, "ref", "id") or text(change, "refId")
    return moved(ref, text(change, "fromHash"), text(change, "toHash"))


def _cloud_pull_request(request: Any) -> Push | str:
    ours, theirs = (text(request, side, "repository", "full_name") for side in ("destination", "source"))
    return proposed(
        number(request, "id"),
        text(request, "source", "commit", "hash"),
        ref="",  # it has none: the branch is in the same repository
        branch=text(request, "source", "branch", "name"),
        from_fork=not theirs or ours != theirs,
        link=text(request, "links", "html", "href"),
    )


def _server_pull_request(request: Any) -> Push | str:
    ours, theirs = (at(request, side, "repository", "id") for side in ("toRef", "fromRef"))
    found = number(request, "id")
    pages = items(request, "links", "self")
    return proposed(
        found,
        text(request, "fromRef", "latestCommit"),
        ref=f"refs/pull-requests/{found}/from",
        branch=text(request, "fromRef", "displayId"),
        from_fork=theirs is None or ours != theirs,
        link=text(pages[0], "href") if pages else "",
    )
