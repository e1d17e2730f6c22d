"""Pages stay true without a reload, and never at the reader's expense."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import expect

from accounts.models import Membership, User
from builds.models import Build
from builds.states import State
from projects.models import Project
from tests.pages.conftest import Meanwhile, Visit
from tests.scene import make_build, run_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def build(project: Project) -> Build:
    return make_build(project)


def move(build: Build, state: State, reason: str = "") -> None:
    with transaction.atomic():
        assert Build.objects.get(pk=build.pk).move(state, reason=reason)


def test_a_new_build_appears_on_the_open_project_page(
    visit: Visit, alice: User, project: Project, meanwhile: Meanwhile
) -> None:
    page = visit(alice, project.get_absolute_url())
    expect(page.locator("#first-build")).to_be_visible()

    meanwhile(lambda: make_build(project, message="The first"))

    expect(page.get_by_role("link", name="The first")).to_be_visible()


def test_what_the_page_fetched_for_itself_survives_an_update(
    visit: Visit, alice: User, project: Project, meanwhile: Meanwhile
) -> None:
    page = visit(alice, project.get_absolute_url())
    expect(page.locator("#last-delivery")).to_contain_text("No webhook has arrived yet")

    meanwhile(lambda: project.archive(by=alice))
    page.wait_for_timeout(1000)

    expect(page.locator("#last-delivery")).to_contain_text("No webhook has arrived yet")


def test_a_failure_turns_up_on_the_open_dashboard(
    visit: Visit, alice: User, build: Build, meanwhile: Meanwhile
) -> None:
    page = visit(alice)
    expect(page.locator(".strip-item.is-pending")).to_be_visible()

    meanwhile(lambda: move(build, State.FAILURE, "lint: no"))

    expect(page.locator(".strip-item.is-failure")).to_contain_text("lint: no")
    expect(page).to_have_title(re.compile("1 failing"))


def test_an_update_keeps_focus_what_is_open_and_what_is_typed(
    visit: Visit, alice: User, build: Build, meanwhile: Meanwhile
) -> None:
    page = visit(alice, build.get_absolute_url())
    page.locator("details[data-step='1'] summary").click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Keep it running").first.focus()

    meanwhile(lambda: move(build, State.RUNNING))

    expect(page.locator("#verdict")).to_contain_text("Running")
    expect(page.locator("#cancel-build")).to_be_visible()
    expect(page.get_by_role("button", name="Keep it running").first).to_be_focused()
    assert page.locator("details[data-step='1']").get_attribute("open") is not None


def test_who_is_no_member_any_more_sees_nothing_more(
    visit: Visit, bob: User, build: Build, meanwhile: Meanwhile
) -> None:
    page = visit(bob, build.get_absolute_url())
    expect(page.locator("#verdict")).to_be_visible()
    Membership.objects.filter(user=bob).delete()

    meanwhile(lambda: move(build, State.RUNNING))

    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def test_the_page_says_quietly_that_it_is_not_live(visit: Visit, alice: User, build: Build) -> None:
    page = visit(alice, build.get_absolute_url())
    page.wait_for_load_state("networkidle")

    page.context.set_offline(True)

    # Being offline does not close an open socket; a new page cannot open one.
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    expect(page.locator("#offline")).to_have_text("Not live: reconnecting…", timeout=15_000)

    page.context.set_offline(False)
    expect(page.locator("#offline")).to_have_text("", timeout=15_000)


def test_n_goes_from_failure_to_failure(visit: Visit, alice: User, build: Build) -> None:
    run_job(build.jobs.get(name="lint"), State.FAILURE, [["out"], ["no"]], exit_code=1, reason="Step exited with 1.")
    page = visit(alice, build.get_absolute_url())
    expect(page.locator(".ll")).to_have_count(2)

    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.className").startswith("graph-job")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.localName") == "summary"


def test_keys_lead_home_and_explain_themselves(visit: Visit, alice: User, build: Build) -> None:
    page = visit(alice, build.get_absolute_url())

    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")

    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


def test_the_chosen_theme_is_kept(visit: Visit, alice: User) -> None:
    page = visit(alice, theme="light")
    page.get_by_label("Menu of alice").click()
    page.get_by_role("button", name="Light or dark").click()

    page.reload()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 17, 19)"
