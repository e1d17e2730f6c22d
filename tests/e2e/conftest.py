"""One installation and one browser for all these tests: started as `bin/up` does it, stopped as Ctrl-C does it."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from builds.engine import Engine
from tests.builds.conftest import docker_engine
from tests.installation import Installation, Repository, running

__all__ = ["docker_engine"]

PASSWORD = "correct horse battery staple"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("installation"))  # there is one, so one process has it


@pytest.fixture(scope="session")
def installation(docker_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with running(tmp_path_factory.mktemp("installation") / "var") as found:
        yield found


@pytest.fixture(scope="session")
def person(installation: Installation) -> Callable[[str], str]:
    """Make a person with a password, once; the name again."""
    made: set[str] = set()

    def make(name: str) -> str:
        if name not in made:
            installation.manage(
                "shell",
                "-v0",
                "-c",
                "from accounts.models import User; "
                f"p, _ = User.objects.get_or_create(username={name!r}); p.set_password({PASSWORD!r}); p.save()",
            )
            made.add(name)
        return name

    return make


@pytest.fixture
def sign_in(
    installation: Installation, browser: Browser, person: Callable[[str], str]
) -> Iterator[Callable[..., Page]]:
    """A page of a browser of one's own in which that person has signed in. What its console complains of, fails."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(name: str, **options: Any) -> Page:
        context = browser.new_context(base_url=installation.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto("/accounts/login/")
        page.fill("input[name=login]", person(name))
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "login" not in url)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


_numbers = itertools.count(1)


@pytest.fixture
def shop(installation: Installation, person: Callable[[str], str], tmp_path: Path) -> Iterator[tuple[str, Repository]]:
    """A project that a real repository pushes to, with alice and bob as members; its slug, and the repository."""
    slug = f"shop-{next(_numbers)}"
    repository = Repository.make(tmp_path / "git")
    made = installation.as_admin("POST", "projects", name=f"Shop {slug}", slug=slug, git_url=repository.url)
    repository.hook(made["webhook_url"], made["webhook_secret"])
    for name, role in (("alice", "maintainer"), ("bob", "developer")):
        installation.as_admin("PUT", f"projects/{slug}/members/{person(name)}", role=role)
    yield slug, repository
    installation.as_admin("POST", f"projects/{slug}/archive")
