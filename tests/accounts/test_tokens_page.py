import re

import pytest
from django.test import Client

from accounts.models import ApiToken, User

pytestmark = pytest.mark.django_db

WANTED = {"name": "deploy", "access": "read", "days": "30"}


def test_a_new_token_is_shown_once(client: Client, alice: User) -> None:
    client.force_login(alice)

    made = client.post("/you/tokens/", WANTED)

    key = re.search(rb"kw_[\w-]+", made.content)
    assert key
    found = ApiToken.by_key(key.group().decode())
    assert found
    assert (found.user, found.access) == (alice, "read")
    assert key.group() not in client.get("/you/tokens/").content


def test_an_answer_with_a_token_is_not_kept_by_browsers(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert "no-store" in client.post("/you/tokens/", WANTED).headers["Cache-Control"]


def test_a_token_can_be_revoked_by_its_owner_only(client: Client, alice: User, charlie: User) -> None:
    token, key = ApiToken.issue(alice, "deploy")
    path = f"/you/tokens/{token.pk}/revoke/"

    client.force_login(charlie)
    assert client.post(path).status_code == 404
    assert ApiToken.by_key(key)

    client.force_login(alice)
    client.post(path)
    assert ApiToken.by_key(key) is None
