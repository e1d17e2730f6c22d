import re

import pytest
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_admin(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def test_only_the_administrator_sees_people(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.get("/people/")

    assert answer.status_code == 403
    assert b"Only an administrator" in answer.content


def test_a_person_is_added_with_a_link_that_signs_in(as_admin: Client) -> None:
    answer = as_admin.post("/people/", {"username": "dora", "email": "dora@example.com"})

    dora = User.objects.get(username="dora")
    assert not dora.has_usable_password()
    link = re.search(rb"/sign-in/[\w-]+/", answer.content)
    assert link
    fresh = Client()
    fresh.post(link.group().decode())
    assert fresh.session["_auth_user_id"] == str(dora.pk)


def test_a_name_is_taken_whatever_its_case(as_admin: Client, alice: User) -> None:
    answer = as_admin.post("/people/", {"username": "Alice"})

    assert "There is a person called “Alice” already." in answer.content.decode()


def test_who_is_deactivated_is_out_at_once_and_can_be_let_in_again(as_admin: Client, alice: User) -> None:
    hers = Client()
    hers.force_login(alice)

    as_admin.post(f"/people/{alice.pk}/activity/")
    assert hers.get("/").status_code == 302

    as_admin.post(f"/people/{alice.pk}/activity/", {"active": "1"})
    alice.refresh_from_db()
    assert alice.is_active


def test_the_administrator_cannot_lock_themselves_out(as_admin: Client, admin: User) -> None:
    as_admin.post(f"/people/{admin.pk}/activity/")

    admin.refresh_from_db()
    assert admin.is_active
