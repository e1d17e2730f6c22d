"""The log viewer, in a browser, on a log that ended badly."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from builds.models import Build, Job
from builds.states import State
from projects.models import Project
from tests.pages.conftest import Visit
from tests.scene import make_build, run_job, shop_plan

pytestmark = pytest.mark.django_db(transaction=True)

ONE_JOB = shop_plan((("test", "test", (), ("Install", "pytest")),))


@pytest.fixture
def failed(project: Project) -> Job:
    build = make_build(project, plan=ONE_JOB)
    output = [
        ["checked out"],
        [f"package {n}" for n in range(700)],
        ["10%\r100%", "\x1b[31mred\x1b[0m text", "<b>not bold</b>", "E assert 1 == 2"],
    ]
    job = run_job(build.jobs.get(), State.FAILURE, output, exit_code=1, reason="Step “pytest” exited with 1.")
    Build.objects.filter(pk=build.pk).update(status=State.FAILURE, reason="test: Step “pytest” exited with 1.")
    return job


def test_a_red_build_opens_at_the_failing_step(visit: Visit, alice: User, failed: Job) -> None:
    page = visit(alice, failed.build.get_absolute_url())

    expect(page.locator(".ll")).to_have_count(705)
    opened = page.locator("details[data-step][open]")
    expect(opened).to_have_count(1)
    assert opened.get_attribute("data-step") == "2"
    expect(page.locator(".cause")).to_contain_text("E assert 1 == 2")


def test_colours_are_classes_and_text_stays_text(visit: Visit, alice: User, failed: Job) -> None:
    page = visit(alice, failed.build.get_absolute_url())
    lines = page.locator("details[data-step='2'] .ll > span")

    expect(lines.nth(0)).to_have_text("100%")
    expect(lines.nth(1).locator(".ansi-red")).to_have_text("red")
    expect(lines.nth(2)).to_have_text("<b>not bold</b>")


def test_a_link_to_lines_opens_their_step_and_marks_them(visit: Visit, alice: User, failed: Job) -> None:
    page = visit(alice, f"{failed.build.get_absolute_url()}jobs/{failed.pk}/#L600-L602")

    expect(page.locator(".ll.is-marked")).to_have_count(3)
    expect(page.locator(".ll.is-marked").first).to_be_in_viewport()
    assert page.locator(".ll.is-marked > a").all_inner_texts() == ["600", "601", "602"]


def test_shift_and_a_click_link_to_a_range(visit: Visit, alice: User, failed: Job) -> None:
    page = visit(alice, failed.build.get_absolute_url())
    numbers = page.locator("details[data-step='2'] .ll > a")
    expect(numbers).to_have_count(4)

    numbers.nth(1).click()
    numbers.nth(3).click(modifiers=["Shift"])

    assert page.url.endswith(f"/jobs/{failed.pk}/#L703-L705")
    expect(page.locator(".ll.is-marked")).to_have_count(3)


def test_search_finds_text_in_folded_steps(visit: Visit, alice: User, failed: Job) -> None:
    page = visit(alice, failed.build.get_absolute_url())
    expect(page.locator(".ll")).to_have_count(705)

    page.keyboard.press("/")
    page.keyboard.type("package 69")

    expect(page.locator(".log-found")).to_have_text("1 of 11")
    expect(page.locator(".ll.is-found")).to_be_in_viewport()
