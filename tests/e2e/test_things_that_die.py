"""What people see when a process dies under them."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.test_a_push_becomes_a_build import ended, last_build, pipeline
from tests.installation import Installation, Repository, wait_for

SignIn = Callable[..., Page]
Shop = tuple[str, Repository]

COUNTING = "Count: i=0; while [ $i -lt 600 ]; do i=$((i+1)); echo $i; sleep 0.01; done"


def lines(installation: Installation, job: int) -> list[str]:
    found: list[str] = []
    start = 1
    while True:
        page = installation.as_admin("GET", f"jobs/{job}/log?from={start}&limit=1000")
        assert [line["n"] for line in page["lines"]] == list(range(start, page["next"]))
        found += [line["text"] for line in page["lines"] if line["step"] == 1]
        start = page["next"]
        if page["complete"] or not page["lines"]:
            return found


def shown(page: Page, least: int) -> list[str]:
    """The lines that the page shows once there are `least`, checked to be numbered without a gap."""
    page.wait_for_function(f"document.querySelectorAll('.ll').length >= {least}", timeout=30_000)
    numbers = page.locator(".ll > a").all_text_contents()
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]
    return page.locator(".ll > span").all_text_contents()


def under_way(installation: Installation, shop: Shop) -> tuple[dict[str, object], int]:
    """A build whose job has printed some lines; the build, and the job's id."""
    slug, repository = shop
    build = last_build(installation, slug, repository.push({".keelway.yml": pipeline(COUNTING)}))
    job = wait_for(lambda: installation.as_admin("GET", f"builds/{build['id']}")["jobs"])[0]["id"]
    wait_for(lambda: len(lines(installation, job)) > 30)
    return build, job


def test_a_worker_killed_in_the_middle_costs_neither_the_build_nor_a_line(
    installation: Installation, sign_in: SignIn, shop: Shop
) -> None:
    build, job = under_way(installation, shop)
    page = sign_in("bob")
    page.goto(f"/projects/{shop[0]}/builds/{build['number']}/")

    installation.kill("-Q jobs")

    assert ended(installation, build, 90)["status"] == "success"
    assert lines(installation, job) == [str(n) for n in range(1, 601)]
    expect(page.locator(".verdict.is-success")).to_be_visible(timeout=20_000)
    assert shown(page, 600)[-600:] == [str(n) for n in range(1, 601)]


def test_a_web_process_killed_in_the_middle_leaves_a_page_that_goes_on_by_itself(
    installation: Installation, sign_in: SignIn, shop: Shop
) -> None:
    build, _ = under_way(installation, shop)
    page = sign_in("bob")
    page.goto(f"/projects/{shop[0]}/builds/{build['number']}/")
    expect(page.locator(".ll").first).to_be_visible()

    installation.kill("config.asgi")

    expect(page.locator(".verdict.is-success")).to_be_visible(timeout=60_000)
    assert shown(page, 600)[-600:] == [str(n) for n in range(1, 601)]


def test_a_scheduler_killed_before_a_push_still_builds_it(installation: Installation, shop: Shop) -> None:
    slug, repository = shop

    installation.kill("-Q default")

    build = last_build(installation, slug, repository.push({".keelway.yml": pipeline("One: echo one")}))
    assert ended(installation, build)["status"] == "success"


def test_a_broker_that_is_killed_loses_no_build(installation: Installation, shop: Shop) -> None:
    slug, repository = shop

    installation.kill("redis-server")

    build = last_build(installation, slug, repository.push({".keelway.yml": pipeline("One: echo one")}))
    assert ended(installation, build, 90)["status"] == "success"


def test_a_page_that_was_idle_for_over_a_minute_is_still_live(
    installation: Installation, sign_in: SignIn, shop: Shop
) -> None:
    slug, repository = shop
    page = sign_in("alice")
    page.goto(f"/projects/{slug}/")
    page.evaluate("window.untouched = true")
    page.wait_for_timeout(65_000)

    repository.push({".keelway.yml": pipeline("One: echo one")}, "After a long rest")

    expect(page.get_by_role("row").filter(has_text="After a long rest")).to_be_visible(timeout=20_000)
    assert page.evaluate("window.untouched") is True
