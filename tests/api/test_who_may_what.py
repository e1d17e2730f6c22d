"""Every endpoint against everybody: no more and no less than the table of roles says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from accounts.models import User
from builds.models import Build
from config.api import rooms
from pipelines.models import Delivery
from projects.models import Project
from tests.api.client import Script

PEOPLE = ("anonymous", "outsider", "viewer", "developer", "maintainer", "administrator")


@dataclass(frozen=True)
class Row:
    """answers: the status that each of PEOPLE gets, in their order."""

    method: str
    path: str
    answers: tuple[int, ...]
    body: Any = None


def open_to(least: str, status: int = 200) -> tuple[int, ...]:
    """Members below `least` get 403, outsiders 404, the anonymous 401."""
    first = PEOPLE.index(least)
    return (401, 404, *(403 if at < first else status for at in range(2, len(PEOPLE))))


EVERYBODY = (401, 200, 200, 200, 200, 200)
ADMINISTRATOR = (401, 403, 403, 403, 403, 200)
NOBODY = (401, 404, 404, 404, 404, 404)
"""It is somebody else's own."""

TABLE = [
    Row("GET", "me", EVERYBODY),
    Row("GET", "tokens", EVERYBODY),
    Row("POST", "tokens", (401, 201, 201, 201, 201, 201), {"name": "deploys"}),
    Row("DELETE", "tokens/999999", NOBODY),
    Row("GET", "users", ADMINISTRATOR),
    Row("POST", "users", (401, 403, 403, 403, 403, 201), {"username": "dora"}),
    Row("GET", "users/alice", ADMINISTRATOR),
    Row("POST", "users/charlie/deactivate", ADMINISTRATOR),
    Row("POST", "users/charlie/activate", ADMINISTRATOR),
    Row("GET", "projects", EVERYBODY),
    Row(
        "POST",
        "projects",
        (401, 403, 403, 403, 403, 201),
        {"slug": "another", "git_url": "https://example.com/new.git"},
    ),
    Row("GET", "projects/shop", open_to("viewer")),
    Row("PATCH", "projects/shop", open_to("maintainer"), {"name": "The shop"}),
    Row("POST", "projects/shop/archive", open_to("maintainer")),
    Row("POST", "projects/shop/unarchive", open_to("maintainer")),
    Row("POST", "projects/shop/check", open_to("maintainer", 202)),
    Row("POST", "projects/shop/webhook-secret", open_to("maintainer")),
    Row("GET", "projects/shop/credential", open_to("maintainer")),
    Row("PUT", "projects/shop/credential", open_to("maintainer"), {"kind": "none"}),
    Row("DELETE", "projects/shop/credential", open_to("maintainer", 204)),
    Row("GET", "projects/shop/members", open_to("maintainer")),
    Row("PUT", "projects/shop/members/charlie", open_to("maintainer"), {"role": "viewer"}),
    Row("DELETE", "projects/shop/members/victor", open_to("maintainer", 204)),
    Row("GET", "projects/shop/builds", open_to("viewer")),
    Row("POST", "projects/shop/builds", open_to("developer", 201), {"branch": "main"}),
    Row("GET", "projects/shop/deliveries", open_to("developer")),
    Row("GET", "builds", EVERYBODY),
    Row("GET", "builds/{build}", open_to("viewer")),
    Row("POST", "builds/{build}/cancel", open_to("developer", 202)),
    Row("POST", "builds/{build}/retry", open_to("developer", 409)),
    Row("GET", "jobs/{job}", open_to("viewer")),
    Row("GET", "jobs/{job}/log", open_to("viewer")),
    Row("GET", "jobs/{job}/log.txt", open_to("viewer")),
    Row("POST", "jobs/{job}/cancel", open_to("developer", 202)),
    Row("POST", "jobs/{job}/retry", open_to("developer", 409)),
    # What a delivery has inside is not for viewers, so to them it is not there.
    Row("GET", "deliveries/{delivery}", (401, 404, 404, 200, 200, 200)),
    Row("POST", "deliveries/{delivery}/replay", (401, 404, 404, 201, 201, 201)),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.path}")
@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_gets_what_their_role_allows(
    who: str,
    row: Row,
    alice: User,
    bob: User,
    charlie: User,
    victor: User,
    admin: User,
    project: Project,
    delivery: Delivery,
    a_build: Callable[..., Build],
    settings: Any,
) -> None:
    people = {"outsider": charlie, "viewer": victor, "developer": bob, "maintainer": alice, "administrator": admin}
    build = a_build()
    path = row.path.format(build=build.pk, job=build.jobs.get(name="test").pk, delivery=delivery.pk)

    answer = Script(people.get(who)).call(row.method, path, row.body)

    assert answer.status_code == row.answers[PEOPLE.index(who)], getattr(answer, "content", b"")
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


def test_the_table_covers_every_endpoint() -> None:
    offered = set()
    for pattern in rooms:
        view = pattern.callback.view_class  # type: ignore[attr-defined]
        names = [name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)]
        offered |= {(name, shape(str(pattern.pattern))) for name in names}

    tested = {(row.method, shape(row.path)) for row in TABLE}

    assert offered == tested


def shape(path: str) -> str:
    """`builds/<int:id>/cancel` and `builds/{build}/cancel` both as `builds/*/cancel`."""
    named = {"shop", "alice", "charlie", "victor", "999999"}
    return "/".join("*" if part in named or part[0] in "<{" else part for part in path.split("/"))
