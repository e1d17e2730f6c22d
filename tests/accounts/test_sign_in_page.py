"""Signing in by a link, and passwords."""

import pytest
from django.test import Client

from accounts.models import SignInLink, User

pytestmark = pytest.mark.django_db

NEW = "staple battery horse"


@pytest.fixture
def newcomer() -> User:
    person = User(username="dora")
    person.set_unusable_password()
    person.save()
    return person


def test_opening_a_link_does_not_spend_it(client: Client, newcomer: User) -> None:
    path = f"/sign-in/{SignInLink.issue(newcomer)}/"

    for _ in range(2):
        assert client.get(path).status_code == 200

    assert "_auth_user_id" not in client.session


def test_a_link_signs_in_once_and_asks_for_a_password(client: Client, newcomer: User) -> None:
    path = f"/sign-in/{SignInLink.issue(newcomer)}/"

    answer = client.post(path)

    assert answer.headers["Location"] == "/you/password/"
    assert client.session["_auth_user_id"] == str(newcomer.pk)
    again = Client().post(path)
    assert again.status_code == 410
    assert b"no longer works" in again.content


def test_a_link_is_refused_without_the_form_that_it_shows(newcomer: User) -> None:
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post(f"/sign-in/{SignInLink.issue(newcomer)}/")

    assert answer.status_code == 403
    assert b"form has expired" in answer.content


def test_the_first_password_is_set_without_an_old_one(client: Client, newcomer: User) -> None:
    client.post(f"/sign-in/{SignInLink.issue(newcomer)}/")

    answer = client.post("/you/password/", {"new_password1": NEW, "new_password2": NEW})

    assert answer.status_code == 302
    newcomer.refresh_from_db()
    assert newcomer.check_password(NEW)
    assert client.get("/").status_code == 200


def test_who_forgot_the_password_sets_another_after_a_link(client: Client, alice: User) -> None:
    client.post(f"/sign-in/{SignInLink.issue(alice)}/")

    client.post("/you/password/", {"new_password1": NEW, "new_password2": NEW})

    alice.refresh_from_db()
    assert alice.check_password(NEW)


def test_otherwise_the_old_password_is_asked_for(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.post("/you/password/", {"new_password1": NEW, "new_password2": NEW})

    assert answer.status_code == 200
    assert b"old_password" in answer.content
    alice.refresh_from_db()
    assert not alice.check_password(NEW)


def test_signing_in_with_a_password_leads_where_one_wanted_to_go(client: Client, alice: User) -> None:
    data = {"login": "alice", "password": "correct horse battery"}

    answer = client.post("/accounts/login/?next=/you/tokens/", data)

    assert answer.headers["Location"] == "/you/tokens/"


def test_nobody_signs_up(client: Client) -> None:
    answer = client.post("/accounts/signup/", {"username": "eve", "password1": NEW, "password2": NEW})

    assert b"Nobody signs up here" in answer.content
    assert not User.objects.filter(username="eve").exists()
