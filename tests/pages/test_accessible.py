"""Every page, in light and dark and on a phone: nothing that axe objects to, nothing that runs out of the window."""

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import ApiToken, User
from builds.models import Build
from builds.starting import start_build
from builds.states import State
from pipelines.models import Delivery
from projects.models import Project
from tests.pages.conftest import Visit, violations
from tests.scene import end_build, make_build, run_job

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = {
    "dashboard": "/",
    "project": "/projects/shop/",
    "red build": "/projects/shop/builds/2/",
    "running build": "/projects/shop/builds/3/",
    "invalid pipeline": "/projects/shop/builds/4/",
    "project without builds": "/projects/fresh/",
    "settings": "/projects/shop/settings/",
    "new project": "/projects/new/",
    "deliveries": "/projects/shop/deliveries/",
    "no deliveries": "/projects/fresh/deliveries/",
    "tokens": "/you/tokens/",
    "people": "/people/",
    "password": "/you/password/",
    "not found": "/nothing/",
}


@pytest.fixture
def everything(admin: User, project: Project) -> None:
    """A project in which all has happened, and one in which nothing has."""
    fresh = Project.create(by=admin, name="Fresh", slug="fresh", git_url="https://git.example.com/team/fresh.git")
    Project.objects.filter(pk=fresh.pk).update(reach="failed", reach_detail="No such repository.")
    end_build(make_build(project), State.SUCCESS)
    red = make_build(project, message="A long title " * 8, branch="feature/with-a-name-that-does-not-end-soon-at-all")
    output = [["checked out"], ["one"], ["\x1b[1;31mFAILED\x1b[0m \x1b[42mtests\x1b[0m", "x" * 500]]
    run_job(red.jobs.get(name="test-3.12"), State.FAILURE, output, exit_code=1, reason="Step “pytest” exited with 1.")
    Build.objects.filter(pk=red.pk).update(status=State.FAILURE, reason="test-3.12: Step “pytest” exited with 1.")
    running = make_build(project)
    run_job(running.jobs.get(name="lint"), State.RUNNING, [["checked out"], ["line"] * 50])
    Build.objects.filter(pk=running.pk).update(status=State.RUNNING, started_at=timezone.now())
    problem = {
        "file": ".keelway.yml",
        "line": 4,
        "column": 5,
        "path": "jobs.test.stepz",
        "message": "unknown key",
        "hint": "did you mean “steps”?",
        "source": "    stepz: []" + " " * 150,
    }
    with transaction.atomic():
        start_build(project, event="push", commit="a" * 40, plan=None, problems=[problem], reason="x", branch="main")
    for verdict in Delivery.Verdict:
        Delivery.objects.create(
            project=project,
            forge="github",
            delivery_id=verdict,
            event="push",
            verdict=verdict,
            detail="Because. " * 30,
            body=b'{"ref": "refs/heads/main"}',
            headers={"user-agent": "GitHub-Hookshot/" + "0" * 120},
        )
    ApiToken.issue(admin, "deploy")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_wrong(visit: Visit, admin: User, everything: None, theme: str) -> None:
    page = visit(admin, theme=theme, bypass_csp=True)
    paths = {**PAGES, "delivery": Delivery.objects.first().get_absolute_url()}  # type: ignore[union-attr]
    found = {}

    for name, path in paths.items():
        page.goto("http://" + page.url.split("/")[2] + path)
        page.wait_for_load_state("networkidle")
        # What axe objects to is the same in both but for the colours.
        found[name] = violations(page, *(["color-contrast"] if theme == "dark" else []))

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_axe_finds_nothing_wrong_at_the_entrance(visit: Visit) -> None:
    page = visit(None, "/", bypass_csp=True)

    assert page.url.endswith("/accounts/login/?next=/")
    assert violations(page) == []


def test_nothing_runs_out_of_a_phone(visit: Visit, admin: User, everything: None) -> None:
    page = visit(admin, width=390)
    paths = {**PAGES, "delivery": Delivery.objects.first().get_absolute_url()}  # type: ignore[union-attr]
    wide = {}

    for name, path in paths.items():
        page.goto("http://" + page.url.split("/")[2] + path)
        page.wait_for_load_state("networkidle")
        wide[name] = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert {name: by for name, by in wide.items() if by > 0} == {}
