"""The first promise: a push becomes a green build, live in the browser."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.builds.plans import IMAGE
from tests.installation import Installation, Repository, wait_for

SignIn = Callable[..., Page]
Shop = tuple[str, Repository]


def pipeline(*steps: str) -> str:
    """A pipeline file with one job, `test`, of these one-line steps."""
    lines = "".join(f"      - name: {name}\n        run: {run}\n" for name, run in (s.split(": ", 1) for s in steps))
    return f"jobs:\n  test:\n    image: {IMAGE}\n    steps:\n{lines}"


def last_build(installation: Installation, slug: str, commit: str) -> Any:
    """The build of this commit, once there is one."""

    def found() -> Any:
        builds = installation.as_admin("GET", f"projects/{slug}/builds")["results"]
        return next((build for build in builds if build["commit"] == commit), None)

    return wait_for(found, 30, f"no build of {commit}")


def ended(installation: Installation, build: Any, seconds: float = 60) -> Any:
    def found() -> Any:
        now = installation.as_admin("GET", f"builds/{build['id']}")
        return now if now["finished_at"] else None

    return wait_for(found, seconds, "the build did not end")


SLOWLY = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; sleep 0.3; done"


def test_a_push_becomes_a_green_build_while_a_browser_watches_its_log_grow(
    installation: Installation, sign_in: SignIn, shop: Shop
) -> None:
    slug, repository = shop
    page = sign_in("alice")
    page.goto(f"/projects/{slug}/")

    commit = repository.push({".keelway.yml": pipeline(f"Count: {SLOWLY}")}, "Count slowly")

    row = page.get_by_role("row").filter(has_text="Count slowly")
    expect(row).to_be_visible(timeout=20_000)  # it appears without a reload
    row.get_by_role("link", name="#1").click()
    counted = page.locator(".ll", has_text="line ")
    expect(counted.first).to_be_visible(timeout=20_000)
    seen = {counted.count()}
    while page.locator(".verdict.is-success").count() == 0:
        seen.add(counted.count())
        page.wait_for_timeout(100)
        assert len(seen) < 200
    assert len(seen) >= 4, f"the log grew in steps, not at once: {sorted(seen)}"
    expect(counted).to_have_count(12)
    build = ended(installation, last_build(installation, slug, commit))
    assert build["status"] == "success"
    numbers = page.locator(".ll > a").all_inner_texts()
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]


def test_a_failing_test_makes_it_red_and_the_page_says_which_step_and_which_exit_code(
    installation: Installation, sign_in: SignIn, shop: Shop
) -> None:
    slug, repository = shop
    commit = repository.push({".keelway.yml": pipeline("Fine: echo fine", "Tests: sh -c 'echo 1 failed; exit 4'")})
    build = ended(installation, last_build(installation, slug, commit))
    assert build["status"] == "failure"
    page = sign_in("bob")

    page.goto(f"/projects/{slug}/builds/{build['number']}/")

    verdict = page.locator(".verdict")
    expect(verdict).to_contain_text("Failure")
    expect(verdict).to_contain_text("Tests")
    expect(verdict).to_contain_text("exited with 4")
    expect(page.locator(".ll", has_text="1 failed")).to_be_visible()  # its log is open at the failing step


def test_a_broken_pipeline_file_is_shown_with_line_and_remedy(
    installation: Installation, sign_in: SignIn, shop: Shop
) -> None:
    slug, repository = shop
    broken = pipeline("One: 'true'").replace("image:", "imge:")
    build = ended(installation, last_build(installation, slug, repository.push({".keelway.yml": broken})))
    assert build["status"] == "error"
    page = sign_in("bob")

    page.goto(f"/projects/{slug}/builds/{build['number']}/")

    expect(page.locator("#build")).to_contain_text("imge")
    expect(page.locator("#build")).to_contain_text('did you mean "image"', ignore_case=True)


def test_an_outsider_gets_404_on_pages_api_and_socket_while_a_member_sees_it(
    installation: Installation, sign_in: SignIn, shop: Shop
) -> None:
    slug, repository = shop
    commit = repository.push({".keelway.yml": pipeline("One: echo one")})
    build = ended(installation, last_build(installation, slug, commit))
    job = build["jobs"][0]["id"]
    insider, outsider = sign_in("bob"), sign_in("charlie")
    key = installation.manage("issue_token", "charlie")
    pages = [f"/projects/{slug}/", f"/projects/{slug}/builds/{build['number']}/", f"/projects/{slug}/settings/"]

    for path in pages[:2]:
        assert insider.goto(path).status == 200  # type: ignore[union-attr]
    for path in pages:
        assert outsider.goto(path).status == 404  # type: ignore[union-attr]
    for path in (f"projects/{slug}", f"builds/{build['id']}", f"jobs/{job}", f"jobs/{job}/log"):
        assert installation.api("GET", path, key=key).status_code == 404
    socket = """([port, job]) => new Promise(done => {
        const socket = new WebSocket(`ws://localhost:${port}/ws/jobs/${job}/log?from=1`);
        socket.onmessage = message => done("told");
        socket.onerror = () => done("refused");
    })"""
    assert insider.evaluate(socket, [installation.port, job]) == "told"
    assert outsider.evaluate(socket, [installation.port, job]) == "refused"
