import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User
from projects.models import Project
from tests.api.client import Script


@pytest.mark.django_db
def test_without_a_token_the_answer_says_what_is_wanted() -> None:
    answer = Script(None).get("me")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="keelway"'


@pytest.mark.parametrize("header", ["Bearer kw_wrong", "Bearer ", "Bearer \x00", "bearer kw_ü"])
@pytest.mark.django_db
def test_a_wrong_token_is_refused_with_a_remedy(header: str) -> None:
    answer = Client().get("/api/v1/me", headers={"Authorization": header})

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]
    assert "issue_token" in answer.json()["detail"]


def test_the_word_bearer_may_be_written_in_any_case(bob: User) -> None:
    key = ApiToken.issue(bob, "t")[1]

    assert Client().get("/api/v1/me", headers={"Authorization": f"BEARER {key}"}).json()["username"] == "bob"


def test_a_token_that_only_reads_changes_nothing(alice: User, project: Project) -> None:
    reader = Script(alice, access=ApiToken.Access.READ)

    assert reader.get("projects/shop").status_code == 200
    answer = reader.post("projects/shop/archive")

    assert answer.status_code == 403
    assert "may only read" in answer.json()["detail"]
    project.refresh_from_db()
    assert project.archived_at is None


def test_an_expired_token_is_refused(bob: User) -> None:
    key = ApiToken.issue(bob, "t", lasts=timedelta(hours=1))[1]

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_a_key_is_shown_once(bobs: Script) -> None:
    made = bobs.post("tokens", {"name": "deploys", "access": "read", "expires_in": 3600})

    assert made.status_code == 201
    key = made.json()["key"]
    assert re.fullmatch(r"kw_[\w-]{43}", key)
    assert key not in bobs.get("tokens").content.decode()
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_a_revoked_token_is_refused_at_once(bob: User, bobs: Script) -> None:
    token, key = ApiToken.issue(bob, "t")

    assert bobs.call("DELETE", f"tokens/{token.pk}").status_code == 204
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_nobody_sees_or_revokes_the_tokens_of_others(bob: User, charlies: Script) -> None:
    token, _ = ApiToken.issue(bob, "bob's")

    assert "bob's" not in charlies.get("tokens").content.decode()
    assert charlies.call("DELETE", f"tokens/{token.pk}").status_code == 404
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_a_token_that_ends_issues_none_that_lasts_longer(bob: User) -> None:
    key = ApiToken.issue(bob, "short", lasts=timedelta(hours=1))[1]
    short = Script(None)
    short.headers = {"Authorization": f"Bearer {key}"}

    assert short.post("tokens", {"name": "for ever"}).status_code == 403
    assert short.post("tokens", {"name": "longer", "expires_in": 7200}).status_code == 403
    assert short.post("tokens", {"name": "shorter", "expires_in": 60}).status_code == 201


def test_a_session_that_changes_something_needs_the_csrf_token(alice: User, project: Project) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    assert browser.get("/api/v1/projects/shop").status_code == 200
    answer = browser.post("/api/v1/projects/shop/archive", content_type="application/json")

    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]


def test_a_locked_person_is_out_at_once(bob: User, bobs: Script, admins: Script) -> None:
    assert admins.post("users/bob/deactivate").json()["active"] is False
    assert bobs.get("me").status_code == 401

    link = admins.post("users/bob/activate").json()["sign_in_link"]

    assert bobs.get("me").status_code == 200
    assert "/sign-in/" in link


def test_an_administrator_cannot_lock_themselves_out(admins: Script) -> None:
    assert admins.post("users/admin/deactivate").status_code == 409


def test_an_invitation_gives_a_link_that_signs_in(admins: Script) -> None:
    made = admins.post("users", {"username": "dora", "email": "dora@example.com"})

    assert made.status_code == 201
    assert made.json()["administrator"] is False
    assert Client().get(made.json()["sign_in_link"].partition("localhost:8000")[2]).status_code in {200, 302}


def test_a_name_is_given_once_however_it_is_written(admins: Script, alice: User) -> None:
    answer = admins.post("users", {"username": "Alice", "email": "ALICE@example.com"})

    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {"username", "email"}
