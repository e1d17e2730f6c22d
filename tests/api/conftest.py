from collections.abc import Callable

import pytest
from django.db import transaction

from accounts.models import Membership, User
from accounts.roles import Role
from builds.models import Build
from builds.plan import JobPlan, Plan, StepPlan
from builds.starting import start_build
from pipelines.models import Delivery
from projects.models import Project
from tests.api.client import Script

COMMIT = "1f0e5c3a9d7b2846" + "0" * 24


@pytest.fixture
def victor(project: Project) -> User:
    """A viewer of the project."""
    victor = User.objects.create_user("victor", password="correct horse battery")
    Membership.objects.create(scope=project.scope, user=victor, role=Role.VIEWER)
    return victor


@pytest.fixture
def alices(alice: User) -> Script:
    return Script(alice)


@pytest.fixture
def bobs(bob: User) -> Script:
    return Script(bob)


@pytest.fixture
def charlies(charlie: User) -> Script:
    return Script(charlie)


@pytest.fixture
def admins(admin: User) -> Script:
    return Script(admin)


def a_job(name: str, *needs: str) -> JobPlan:
    return JobPlan(name=name, stage="test", image="debian", needs=needs, steps=(StepPlan(name="Tests", run="true"),))


@pytest.fixture
def a_build(project: Project) -> Callable[..., Build]:
    """Makes a build of `jobs`, `test` and then `ship` by default."""

    def make(*jobs: JobPlan, on: Project = project, branch: str = "main", commit: str = COMMIT) -> Build:
        plan = Plan(stages=("test",), jobs=jobs or (a_job("test"), a_job("ship", "test")))
        with transaction.atomic():
            return start_build(on, event="push", commit=commit, plan=plan, branch=branch, message="Sell more\n\nof it")

    return make


@pytest.fixture
def delivery(project: Project, a_build: Callable[..., Build]) -> Delivery:
    delivery = Delivery.objects.create(
        project=project,
        forge="github",
        delivery_id="d-1",
        event="push",
        headers={"X-GitHub-Event": "push"},
        body=b'{"ref": "refs/heads/main"}',
        body_bytes=26,
        verdict=Delivery.Verdict.BUILT,
    )
    delivery.builds.add(a_build())
    return delivery
