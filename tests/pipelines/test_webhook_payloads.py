"""Each forge says the same things in its own words."""

from typing import Any

import pytest

from pipelines.forges import Kind, Malformed, Push, by_name
from tests.pipelines.payloads import (
    LINK,
    PUSHES,
    TAGS,
    cloud_pull_request,
    cloud_push,
    gitea_pull_request,
    github_pull_request,
    gitlab_push,
    merge_request,
    server_pull_request,
    server_push,
)
from tests.pipelines.senders import GONE, NEW, OLD, push, shop


@pytest.mark.parametrize(("forge", "event", "payload", "expected"), PUSHES + TAGS)
def test_a_push_or_a_tag_is_understood(forge: str, event: str, payload: dict[str, Any], expected: Push) -> None:
    assert by_name(forge).read(event, payload).pushes == (expected,)


@pytest.mark.parametrize(
    ("forge", "event", "payload", "commit", "ref"),
    [
        ("github", "pull_request", github_pull_request(), NEW, "refs/pull/7/head"),
        ("gitea", "pull_request", gitea_pull_request("synchronized"), NEW, "refs/pull/7/head"),
        ("gitlab", "Merge Request Hook", merge_request("update", oldrev=OLD), NEW, "refs/merge-requests/7/head"),
        ("bitbucket", "pullrequest:updated", cloud_pull_request(), NEW[:12], ""),
        ("bitbucket", "pr:from_ref_updated", server_pull_request(), NEW, "refs/pull-requests/7/from"),
    ],
)
def test_a_pull_request_is_understood(forge: str, event: str, payload: dict[str, Any], commit: str, ref: str) -> None:
    (found,) = by_name(forge).read(event, payload).pushes

    expected = Push(Kind.PULL_REQUEST, commit, ref, branch="feature", pull_request="7", link=LINK)
    assert found == expected


@pytest.mark.parametrize(
    ("forge", "event", "payload"),
    [
        ("github", "pull_request", github_pull_request(head=2)),
        ("github", "pull_request", github_pull_request(head=None)),
        ("gitea", "pull_request", gitea_pull_request(head=2)),
        ("gitlab", "Merge Request Hook", merge_request(head=2)),
        ("bitbucket", "pullrequest:created", cloud_pull_request("stranger/shop")),
        ("bitbucket", "pr:opened", server_pull_request(2)),
    ],
)
def test_a_pull_request_from_a_fork_is_not_built(forge: str, event: str, payload: dict[str, Any]) -> None:
    said = by_name(forge).read(event, payload)

    assert said.pushes == ()
    assert "comes from a fork" in said.notes[0]


@pytest.mark.parametrize(
    ("forge", "event", "payload"),
    [
        ("github", "push", push(after=GONE, deleted=True)),
        ("gitea", "delete", {"ref": "main", "ref_type": "branch", "repository": shop("gitea")}),
        ("gitlab", "Push Hook", gitlab_push(GONE)),
        ("bitbucket", "repo:push", cloud_push(None)),
        ("bitbucket", "repo:refs_changed", server_push(GONE)),
        ("git", "push", {"ref": "refs/heads/main", "before": OLD, "after": GONE}),
    ],
)
def test_a_deleted_branch_has_nothing_to_build(forge: str, event: str, payload: dict[str, Any]) -> None:
    said = by_name(forge).read(event, payload)

    assert said.pushes == ()
    assert said.notes == ("The branch “main” was deleted, so there is nothing to build.",)


@pytest.mark.parametrize(
    ("forge", "event"), [("github", "ping"), ("gitea", "ping"), ("bitbucket", "diagnostics:ping"), ("git", "ping")]
)
def test_a_ping_is_a_ping(forge: str, event: str) -> None:
    assert by_name(forge).read(event, {}).ping


def test_a_force_push_is_told_where_the_forge_tells_it() -> None:
    assert by_name("github").read("push", push(forced=True)).pushes[0].forced
    assert by_name("bitbucket").read("repo:push", cloud_push(NEW, forced=True)).pushes[0].forced


def test_a_merge_request_whose_title_changed_is_not_built() -> None:
    assert "without new commits" in by_name("gitlab").read("Merge Request Hook", merge_request("update")).notes[0]
    assert "closed without" in by_name("github").read("pull_request", github_pull_request("closed")).notes[0]


def test_a_link_that_is_not_https_is_left_out() -> None:
    payload = push(head_commit={"id": NEW, "url": "javascript:alert(1)"})

    assert by_name("github").read("push", payload).pushes[0].link == ""


@pytest.mark.parametrize("forge", ["github", "gitea", "gitlab", "bitbucket", "git"])
@pytest.mark.parametrize("event", ["push", "pull_request", "Push Hook", "repo:push", "repo:refs_changed", "pr:opened"])
@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"ref": 5, "before": [], "after": {}, "repository": "x", "object_kind": "push"},
        {"ref": "refs/heads/--upload-pack=x", "before": OLD, "after": "--exec=x", "object_kind": "merge_request"},
        {"push": {"changes": [None, {"new": 5}]}, "changes": [{"ref": "x"}], "pull_request": [], "action": "opened"},
        push("refs/heads/a\x00b"),
    ],
)
def test_a_payload_of_any_shape_is_read_or_refused(forge: str, event: str, payload: dict[str, Any]) -> None:
    try:
        found = by_name(forge).read(event, payload).pushes
    except Malformed:
        found = ()

    assert found == ()
