"""The real command against a real server."""

import json
from collections.abc import Callable

import pytest
from django.db import transaction

from accounts.models import ApiToken, User
from builds import log
from builds.models import Build, Job, LogChunk
from builds.starting import start_build
from builds.states import State
from pipelines.models import Delivery
from projects.models import Project
from tests.builds.plans import job, plan
from tests.cli.conftest import Terminal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bobs(terminal_of: Callable[[User], Terminal], bob: User) -> Terminal:
    return terminal_of(bob)


@pytest.fixture
def build(project: Project) -> Build:
    with transaction.atomic():
        both = plan(job("test"), job("ship", needs=("test",)))
        return start_build(project, event="push", commit="1f0e5c3" + "0" * 33, plan=both, branch="main", message="Sell")


def printed(job: Job, *lines: str) -> None:
    body = log.pack([(1_769_860_800_000, 1, line) for line in lines])
    LogChunk.objects.create(job=job, first=job.lines + 1, last=job.lines + len(lines), body=body)
    job.lines += len(lines)
    job.save(update_fields=["lines"])


def end(job: Job, state: State, **facts: object) -> None:
    with transaction.atomic():
        job.move(State.RUNNING)
        job.move(state, **facts)


def test_it_says_who_one_is_and_where(bobs: Terminal, server: str) -> None:
    done = bobs.types("me")

    assert (done.returncode, done.stdout) == (0, f"bob at http://{server}\n")


def test_login_keeps_the_token_privately_and_for_its_server_only(
    nobody: Terminal, server: str, bob: User, nowhere: str
) -> None:
    key = ApiToken.issue(bob, "laptop")[1]

    assert nobody.types("login", f"http://{server}/", given=f"{key}\n").returncode == 0

    kept = nobody.home / ".config/keelway/login.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert nobody.types("me").returncode == 0
    nobody.env = {"KEELWAY_URL": nowhere}
    assert "Not signed in" in nobody.types("me").stderr
    nobody.env = {}
    assert nobody.types("logout").returncode == 0
    assert nobody.types("me").returncode == 3


def test_login_refuses_a_wrong_token_and_keeps_nothing(nobody: Terminal, server: str) -> None:
    done = nobody.types("login", f"http://{server}", given="kw_wrong\n")

    assert done.returncode == 3
    assert not (nobody.home / ".config").exists()


def test_lists_are_tables_for_people_and_json_for_scripts(bobs: Terminal, build: Build) -> None:
    assert "shop  Shop  https://git.example.com/team/shop.git" in bobs.types("projects").stdout
    assert "○ pending  main  1f0e5c3  Sell" in bobs.types("builds", "shop").stdout

    rows = json.loads(bobs.types("builds", "shop", "--json").stdout)
    assert [row["number"] for row in rows] == [1]


def test_a_build_goes_by_its_id_and_by_its_number(bobs: Terminal, build: Build) -> None:
    by_id, by_number = bobs.types("build", str(build.pk)), bobs.types("build", "shop/1")

    assert by_id.stdout == by_number.stdout
    assert "It waits for “test”." in by_id.stdout
    assert bobs.types("build", "shop/99").returncode == 3
    assert bobs.types("build", "what?").returncode == 2


def test_a_run_is_started_and_told(bobs: Terminal, project: Project) -> None:
    done = bobs.types("run", "shop", "--branch", "next")

    assert done.returncode == 0
    assert "/projects/shop/builds/1/" in done.stdout
    assert Build.objects.get().branch == "next"


def test_the_log_is_printed_without_what_drives_a_terminal(bobs: Terminal, build: Build) -> None:
    test = build.jobs.get(name="test")
    printed(test, "\x1b[32mgreen\x1b[0m", "\x1b]0;owned\x07title\x1b[2J", "10%\r50%\r100%", "tab\there")
    end(test, State.SUCCESS)

    done = bobs.types("log", "shop/1/test")

    assert done.stdout.splitlines() == ["green", "title", "100%", "tab\there"]
    assert "\x1b[32mgreen\x1b[0m" in bobs.types("log", "shop/1/test", "--raw").stdout
    assert bobs.types("log", "shop/1/test", "--from", "4", "--timestamps").stdout.startswith("2026-01-31T12:00:00")


def test_followed_to_its_end_a_failed_build_is_exit_code_1(bobs: Terminal, build: Build) -> None:
    test = build.jobs.get(name="test")
    following = bobs.start("build", "shop/1", "--wait")
    printed(test, "boom")
    end(test, State.FAILURE, reason="“Tests” ended with exit code 7.", exit_code=7)
    with transaction.atomic():
        build.jobs.get(name="ship").move(State.SKIPPED, reason="“test” did not end well.")
        build.move(State.FAILURE, reason="test: “Tests” ended with exit code 7.")

    output, _ = following.communicate(timeout=60)

    assert following.returncode == 1
    assert "exit code 7" in output


def test_a_followed_job_shows_lines_as_they_come(bobs: Terminal, build: Build) -> None:
    test = build.jobs.get(name="test")
    following = bobs.start("log", str(test.pk), "--follow")
    assert following.stdout
    assert "No worker" in following.stdout.readline()
    printed(test, "one")
    assert following.stdout.readline() == "one\n"
    printed(test, "two")
    end(test, State.SUCCESS)

    output, _ = following.communicate(timeout=60)

    assert output.splitlines() == ["two", "✓ success  test"]
    assert following.returncode == 0


def test_cancel_and_retry(bobs: Terminal, build: Build) -> None:
    assert "cancelled" in bobs.types("cancel", "shop/1").stdout
    again = bobs.types("cancel", "shop/1")
    assert again.returncode == 3
    assert "already ended" in again.stderr

    assert bobs.types("retry", "shop/1", "--failed").returncode == 0
    assert bobs.types("cancel", "shop/1/test", "--job").returncode == 0
    assert bobs.types("retry", "shop/1/test", "--job").returncode == 0
    assert set(build.jobs.filter(name="test").values_list("attempt", flat=True)) == {1, 2, 3}


def test_deliveries_are_listed_and_replayed(bobs: Terminal, project: Project) -> None:
    body = b'{"ref": "refs/heads/main"}'
    delivery = Delivery.objects.create(project=project, forge="github", delivery_id="1", event="push", body=body)

    assert "github  push  received" in bobs.types("deliveries", "shop").stdout
    assert bobs.types("replay", str(delivery.pk)).returncode == 0
    assert Delivery.objects.get(replay_of=delivery)


def test_an_outsider_is_told_no_more_than_that_nothing_is_there(
    terminal_of: Callable[[User], Terminal], charlie: User, build: Build
) -> None:
    done = terminal_of(charlie).types("builds", "shop")

    assert done.returncode == 3
    assert "or you may not see it" in done.stderr
