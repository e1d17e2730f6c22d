"""Bodies of webhooks, shaped as each forge shapes them."""

from typing import Any

from pipelines.forges import Kind, Push
from tests.pipelines.senders import GONE, NEW, OLD, push, shop

LINK = "https://git.example.com/team/shop/commit/b"


def github_pull_request(action: str = "opened", head: int | None = 1) -> dict[str, Any]:
    side = {"sha": NEW, "ref": "feature", "repo": None if head is None else {"id": head}}
    request = {"head": side, "base": {"repo": {"id": 1}}, "html_url": LINK}
    return {"action": action, "number": 7, "pull_request": request, "repository": shop("github")}


def gitea_pull_request(action: str = "opened", head: int | None = 1) -> dict[str, Any]:
    request = {"head": {"sha": NEW, "ref": "feature", "repo_id": head}, "base": {"repo_id": 1}, "html_url": LINK}
    return {"action": action, "number": 7, "pull_request": request, "repository": shop("gitea")}


def merge_request(action: str = "open", head: int | None = 1, **more: str) -> dict[str, Any]:
    attributes = {"action": action, "iid": 7, "target_project_id": 1, "source_project_id": head, "url": LINK, **more}
    attributes |= {"source_branch": "feature", "last_commit": {"id": NEW}}
    return {"object_kind": "merge_request", "object_attributes": attributes, "project": shop("gitlab")}


def cloud_pull_request(source: str = "team/shop") -> dict[str, Any]:
    there = {"branch": {"name": "feature"}, "commit": {"hash": NEW[:12]}, "repository": {"full_name": source}}
    request = {"id": 7, "source": there, "destination": {"repository": {"full_name": "team/shop"}}}
    return {"pullrequest": {**request, "links": {"html": {"href": LINK}}}, "repository": shop("bitbucket")}


def server_pull_request(source: int = 1) -> dict[str, Any]:
    there = {"displayId": "feature", "latestCommit": NEW, "repository": {"id": source}}
    request = {"id": 7, "fromRef": there, "toRef": {"repository": {"id": 1}}, "links": {"self": [{"href": LINK}]}}
    return {"pullRequest": request}


def cloud_push(new: str | None, type: str = "branch", name: str = "main", forced: bool = False) -> dict[str, Any]:
    after = {"type": type, "name": name, "target": {"hash": new, "links": {"html": {"href": LINK}}}} if new else None
    before = {"type": type, "name": name, "target": {"hash": OLD}}
    return {"push": {"changes": [{"new": after, "old": before, "forced": forced}]}, "repository": shop("bitbucket")}


def server_push(to: str, ref: str = "refs/heads/main") -> dict[str, Any]:
    return {"changes": [{"ref": {"id": ref}, "fromHash": OLD, "toHash": to}]}


def gitlab_push(after: str = NEW, ref: str = "refs/heads/main", kind: str = "push") -> dict[str, Any]:
    commits = [{"id": NEW, "url": LINK}]
    checkout = None if after == GONE else NEW
    said = {"object_kind": kind, "ref": ref, "before": OLD, "after": after, "checkout_sha": checkout}
    return {**said, "commits": commits, "project": shop("gitlab")}


HEAD = {"head_commit": {"id": NEW, "url": LINK}}
MAIN = Push(Kind.PUSH, NEW, "refs/heads/main", branch="main", before=OLD, link=LINK)
TAG = Push(Kind.TAG, NEW, "refs/tags/v1", tag="v1", before=OLD, link=LINK)

PUSHES = [
    ("github", "push", push(**HEAD), MAIN),
    ("gitea", "push", push(**HEAD), MAIN),
    ("gitlab", "Push Hook", gitlab_push(), MAIN),
    ("gitlab", "System Hook", gitlab_push(), MAIN),
    ("bitbucket", "repo:push", cloud_push(NEW), MAIN),
]
TAGS = [
    # An annotated tag has an id of its own; what is built is the commit.
    ("github", "push", push("refs/tags/v1", after="c" * 40, **HEAD), TAG),
    ("gitea", "push", push("refs/tags/v1", after="c" * 40, **HEAD), TAG),
    ("gitlab", "Tag Push Hook", gitlab_push("c" * 40, "refs/tags/v1", "tag_push"), TAG),
    ("bitbucket", "repo:push", cloud_push(NEW, "tag", "v1"), TAG),
]
