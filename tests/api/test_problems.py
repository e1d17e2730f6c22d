"""Whatever goes wrong, the answer is a problem (RFC 9457) that says what and what to do."""

from typing import Any

import pytest

from accounts.models import User
from projects.models import Project
from tests.api.client import Script


def problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["type"] == f"urn:keelway:problem:{kind}"
    assert found["status"] == status
    assert found["title"]
    assert found["detail"]
    return found


@pytest.mark.parametrize("path", ["nothing", "projects/shop/nothing", "builds/x", "", "%00", "projects/a%2Fb/builds"])
def test_an_unknown_path_is_not_found(path: str, charlies: Script) -> None:
    found = problem(charlies.get(path), 404, "not-found")

    assert "/api/v1/docs/" in found["detail"]


def test_a_number_beyond_the_database_is_not_found(charlies: Script) -> None:
    problem(charlies.get(f"builds/{10**30}"), 404, "not-found")


def test_a_method_that_is_not_offered_is_named(charlies: Script) -> None:
    answer = charlies.call("DELETE", "projects")

    problem(answer, 405, "method-not-allowed")
    assert answer["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("body", [b"{", b'{"a": NaN}', b"\xff", b"[" * 100_000, b'{"a":' * 50_000, b"[]", b'"text"'])
def test_a_body_that_is_no_json_object_is_refused(body: bytes, admins: Script) -> None:
    problem(admins.post("projects", body), 400, "parse-error")


def test_another_media_type_is_refused(admins: Script) -> None:
    answer = admins.call("POST", "projects", b"slug=x", Content_Type="application/x-www-form-urlencoded")

    problem(answer, 415, "unsupported-media-type")


def test_a_body_that_is_too_large_is_refused(admins: Script) -> None:
    problem(admins.post("projects", b'{"name": "' + b"x" * 3_000_000 + b'"}'), 413, "too-large")


def test_all_that_is_wrong_with_a_request_is_told_at_once(admins: Script) -> None:
    found = problem(admins.post("projects", {"slug": "Shop!", "git_url": "ftp://x/y"}), 400, "validation")

    assert {(error["field"], error["pointer"]) for error in found["errors"]} == {
        ("slug", "/slug"),
        ("git_url", "/git_url"),
    }
    assert "https://" in str(found["errors"])


def test_a_misspelt_field_is_an_error_with_a_suggestion(bobs: Script) -> None:
    found = problem(bobs.post("projects/shop/builds", {"brnach": "main"}), 400, "validation")

    assert found["errors"][0]["field"] == "brnach"
    assert "“branch”" in found["errors"][0]["detail"]


@pytest.mark.parametrize("text", ["\x00", "\ud800"])
def test_text_that_no_database_takes_is_refused(text: str, alices: Script, project: Project) -> None:
    problem(alices.call("PATCH", "projects/shop", {"name": f"a{text}b"}), 400, "validation")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=-1", "limit=²", "cursor=x", "cursor=cD14"])
def test_a_page_that_cannot_be_is_refused(query: str, charlies: Script) -> None:
    problem(charlies.get(f"builds?{query}"), 400, "validation")


@pytest.mark.parametrize("query", ["status=purple", "commit=xyz", "branch=%00", "commit=abc"])
def test_a_filter_that_cannot_match_is_refused(query: str, charlies: Script) -> None:
    problem(charlies.get(f"builds?{query}"), 400, "validation")


def test_a_fault_of_ours_is_told_without_its_text(alices: Script, project: Project, monkeypatch: Any) -> None:
    def broken(self: Project, *, by: User) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(Project, "archive", broken)

    answer = alices.post("projects/shop/archive")

    problem(answer, 500, "server-fault")
    assert b"hunter2" not in answer.content


@pytest.mark.parametrize("path", ["me", "projects", "projects/shop", "projects/shop/builds", "builds"])
def test_paths_answer_with_and_without_a_slash(path: str, alices: Script, project: Project) -> None:
    assert alices.get(path).status_code == 200
    assert alices.get(f"{path}/").status_code == 200
