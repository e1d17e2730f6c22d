"""What an answer costs does not grow with what it shows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from builds.models import Build, Worker
from pipelines.models import Delivery
from projects.models import Project
from tests.api.client import Script
from tests.api.conftest import a_job


def cost(script: Script, path: str) -> int:
    script.get(path)  # the first call notes that the token was used
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert script.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    "path", ["builds", "projects/shop/builds", "projects", "projects/shop/deliveries", "builds/{id}", "tokens"]
)
@pytest.mark.parametrize("who", ["alices", "admins"])
def test_ten_cost_as_much_as_one(
    who: str, path: str, request: Any, project: Project, a_build: Callable[..., Build], alices: Script
) -> None:
    script: Script = request.getfixturevalue(who)
    Worker.objects.create(name="w", slots=1)

    def more(number: int) -> Build:
        delivery = Delivery.objects.create(project=project, forge="git", delivery_id=f"d{number}", body=b"")
        build = a_build(*[a_job(f"j{n}") for n in range(number)], a_job("last", "j0"))
        delivery.builds.add(build)
        Project.create(by=project.created_by, name="x", slug=f"x{number}", git_url="https://x.example/y.git")  # type: ignore[arg-type]
        alices.post("tokens", {"name": f"t{number}"})
        return build

    one = cost(script, path.format(id=more(1).pk))
    ten = cost(script, path.format(id=[more(n) for n in range(2, 12)][-1].pk))

    assert ten == one <= 14
