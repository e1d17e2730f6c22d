"""Rules that hold on every page."""

import re

import pytest
from django.test import Client

from accounts.models import User
from projects.models import Project
from tests.scene import make_build

pytestmark = pytest.mark.django_db

OF_A_PROJECT = [
    "/projects/shop/",
    "/projects/shop/settings/",
    "/projects/shop/settings/webhook/forges/",
    "/projects/shop/deliveries/",
    "/projects/shop/deliveries/last/",
    "/projects/shop/builds/1/",
]


@pytest.fixture
def built(project: Project) -> None:
    make_build(project)


@pytest.mark.parametrize("path", OF_A_PROJECT)
def test_an_outsider_gets_404(client: Client, built: None, charlie: User, path: str) -> None:
    client.force_login(charlie)

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/you/tokens/", "/you/password/", "/people/", "/projects/new/", *OF_A_PROJECT])
def test_who_has_not_signed_in_is_asked_to(client: Client, built: None, path: str) -> None:
    answer = client.get(path)

    assert answer.headers["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize(
    "action",
    ["run/", "builds/1/cancel/", "builds/1/retry/", "settings/webhook/", "settings/archive/", "settings/members/"],
)
def test_an_outsider_cannot_do_anything(client: Client, built: None, charlie: User, action: str) -> None:
    client.force_login(charlie)

    assert client.post(f"/projects/shop/{action}").status_code == 404


@pytest.mark.parametrize("path", ["/", "/you/tokens/", "/people/", "/projects/new/", "/nothing/", *OF_A_PROJECT])
def test_no_page_has_a_script_or_a_style_of_its_own(client: Client, built: None, admin: User, path: str) -> None:
    client.force_login(admin)

    answer = client.get(path)

    text = answer.content.decode()
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=\"|javascript:", text)
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("query", ["?before=x", "?before=-1", "?before=99999999999999999999", "?fragment=nothing"])
def test_an_address_that_cannot_be_is_not_found(client: Client, built: None, alice: User, query: str) -> None:
    client.force_login(alice)

    assert client.get(f"/projects/shop/{query}").status_code == 404


@pytest.mark.parametrize("query", ["?branch=%00", "?status=nonsense", "?branch=" + "x" * 5000, "?q=%00", "?after=%00"])
def test_a_filter_that_matches_nothing_breaks_nothing(client: Client, built: None, alice: User, query: str) -> None:
    client.force_login(alice)

    assert client.get(f"/projects/shop/{query}").status_code == 200
    assert client.get(f"/{query}").status_code == 200
