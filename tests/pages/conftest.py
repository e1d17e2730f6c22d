"""A real browser at a real web process over the tests' database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from playwright.sync_api import Browser, Page

from accounts.models import User

Visit = Callable[..., Page]
Meanwhile = Callable[[Callable[[], Any]], Any]

# What a broken connection says in the console is the test's own doing.
EXPECTED = ("WebSocket connection", "net::ERR", "status of 404")


@pytest.fixture
def visit(server: str, browser: Browser, transactional_db: None) -> Iterator[Visit]:
    """Opens a path as a person, in a window of its own; at the end no script may have failed on any page.

    `width` in CSS pixels; `theme` light or dark; `bypass_csp` lets a test bring a script of its own.
    """
    contexts: list[Any] = []
    errors: list[str] = []

    def make(
        person: User | None, path: str = "/", *, width: int = 1280, theme: Any = "light", bypass_csp: bool = False
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=theme, bypass_csp=bypass_csp, has_touch=width < 600
        )
        contexts.append(context)
        if person:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": signed_in(person), "url": f"http://{server}"}]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: (
                errors.append(said.text)
                if said.type == "error" and not any(text in said.text for text in EXPECTED)
                else None
            ),
        )
        page.goto(f"http://{server}{path}")
        return page

    yield make
    for context in contexts:
        context.close()
    assert not errors


@pytest.fixture
def meanwhile(transactional_db: None) -> Iterator[Meanwhile]:
    """Calls something as another process would: its nudges reach the pages.

    Playwright runs an event loop in the test's own thread, in which nothing can be announced.
    """
    with ThreadPoolExecutor(1) as thread:
        yield lambda act: thread.submit(act).result()
        thread.submit(connections.close_all).result()


def signed_in(person: User) -> str:
    """The key of a session in which `person` has signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds wrong with the page as it stands, a line each; only by `rules` where there are any."""
    page.evaluate(resources.files("axe_playwright_python").joinpath("axe.min.js").read_text())
    options: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
