"""The log viewer, in a browser, while a job writes."""

import re
import time

import pytest
from django.db import transaction
from playwright.sync_api import expect

from accounts.models import User
from builds.lease import Lease
from builds.models import Build
from builds.output import Begin, Text
from builds.recorder import Recorder
from builds.states import State
from projects.models import Project
from tests.pages.conftest import Meanwhile, Visit
from tests.scene import make_build, shop_plan

pytestmark = pytest.mark.django_db(transaction=True)

ONE_JOB = shop_plan((("test", "test", (), ("Install", "pytest")),))


class Writer:
    """A job that runs and writes what it is told."""

    def __init__(self, build: Build, meanwhile: Meanwhile) -> None:
        self.meanwhile = meanwhile
        self.job = build.jobs.select_related("build__project").get()
        with transaction.atomic():
            assert self.job.move(State.RUNNING, claims=1)
            build.move(State.RUNNING)
        self.recorder = Recorder(self.job, Lease(self.job))

    def step(self, number: int) -> None:
        self.recorder.take(Begin(number, self.recorder.consumed + 1), time.time_ns() // 1_000_000)

    def write(self, *texts: str) -> None:
        for text in texts:
            self.recorder.take(Text(text, self.recorder.consumed + len(text) + 1), time.time_ns() // 1_000_000)
        self.meanwhile(self.recorder.flush)

    def end(self, state: State) -> None:
        def act() -> None:
            with transaction.atomic():
                assert self.job.move(state)
                assert Build.objects.get(pk=self.job.build_id).move(state)

        self.meanwhile(act)


@pytest.fixture
def writer(project: Project, meanwhile: Meanwhile) -> Writer:
    return Writer(make_build(project, plan=ONE_JOB), meanwhile)


def test_lines_appear_while_one_watches(visit: Visit, alice: User, writer: Writer) -> None:
    page = visit(alice, writer.job.build.get_absolute_url())
    writer.step(1)

    writer.write("first", "second")

    expect(page.locator(".ll")).to_have_count(2)
    expect(page.locator(".ll").nth(1)).to_contain_text("second")
    assert page.locator("details[data-step='1']").get_attribute("open") is not None


def test_a_log_that_grew_before_one_came_is_whole(visit: Visit, alice: User, writer: Writer) -> None:
    writer.step(1)
    writer.write(*(f"line {n}" for n in range(2500)))

    page = visit(alice, writer.job.build.get_absolute_url())
    writer.write("one more")

    expect(page.locator(".ll")).to_have_count(2501)
    assert page.evaluate("[...document.querySelectorAll('.ll > a')].every((a, i) => Number(a.textContent) === i + 1)")


def test_moving_up_stops_following_and_says_what_is_new(visit: Visit, alice: User, writer: Writer) -> None:
    writer.step(1)
    writer.write(*(f"line {n}" for n in range(200)))
    page = visit(alice, writer.job.build.get_absolute_url())
    expect(page.locator(".ll")).to_have_count(200)
    scroll = page.locator(".log-scroll")
    scroll.hover()
    page.mouse.wheel(0, -400)
    expect(page.locator("[data-log=toggle]")).to_have_attribute("aria-pressed", "false")
    before = scroll.evaluate("e => e.scrollTop")

    writer.write("new", "newer")

    expect(page.locator(".log-more")).to_have_text("2 new lines")
    assert scroll.evaluate("e => e.scrollTop") == before

    page.locator(".log-more").click()

    expect(page.locator(".log-more")).to_be_hidden()
    assert scroll.evaluate("e => e.scrollTop + e.clientHeight >= e.scrollHeight - 6")


def test_the_end_turns_the_page_red_without_a_reload(visit: Visit, alice: User, writer: Writer) -> None:
    page = visit(alice, writer.job.build.get_absolute_url())
    page.evaluate("window.stayed = true")
    writer.step(1)
    writer.write("boom")
    expect(page.locator(".ll")).to_have_count(1)

    writer.end(State.FAILURE)

    expect(page.locator("#verdict")).to_contain_text("Failure")
    expect(page).to_have_title(re.compile("^✕ test 1/1"))
    assert "favicon-failure" in page.locator("link[rel=icon]").get_attribute("href")
    assert page.evaluate("window.stayed")
    expect(page.locator(".ll")).to_have_count(1)


def test_a_lost_connection_resumes_at_the_next_line(visit: Visit, alice: User, writer: Writer) -> None:
    page = visit(alice, writer.job.build.get_absolute_url())
    writer.step(1)
    writer.write("before")
    expect(page.locator(".ll")).to_have_count(1)
    page.context.set_offline(True)

    writer.write("meanwhile")
    page.context.set_offline(False)
    writer.write("after")

    expect(page.locator(".ll")).to_have_count(3, timeout=15_000)
    assert page.locator(".ll > span").all_inner_texts() == ["before", "meanwhile", "after"]
