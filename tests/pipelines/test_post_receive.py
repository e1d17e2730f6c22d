"""A real push into a bare repository whose hook calls a real server becomes a build."""

import textwrap

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from builds.models import Build
from config.celery import app
from pipelines.forges import post_receive
from pipelines.models import Delivery
from projects.models import Project
from tests.repositories import Repository

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks run where they are rung for: there is no worker here."""
    monkeypatch.setattr(app.conf, "task_always_eager", True)


def install(repository: Repository, url: str, secret: str) -> None:
    hook = repository.bare / "hooks/post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(post_receive(url, secret))
    hook.chmod(0o755)


def test_a_push_starts_a_build(shop: Project, repository: Repository, live_server: LiveServer) -> None:
    install(repository, f"{live_server.url}/hooks/shop", shop.webhook_secret)

    commit = repository.commit_pipeline()

    assert [(build.branch, build.commit) for build in Build.objects.all()] == [("main", commit)]
    assert Delivery.objects.get().verdict == "built"


def test_a_wrong_secret_is_told_to_who_pushes(shop: Project, repository: Repository, live_server: LiveServer) -> None:
    install(repository, f"{live_server.url}/hooks/shop", "it's wrong")
    repository.commit()

    said = repository.push()

    assert "not made with this project's webhook secret" in said
    assert not Build.objects.exists()


def test_a_server_that_is_away_does_not_hold_up_a_push(shop: Project, repository: Repository) -> None:
    install(repository, "http://127.0.0.1:9/hooks/shop", "x")
    commit = repository.commit()

    repository.push()

    assert repository.git("ls-remote", "origin", "refs/heads/main").startswith(commit)


def test_the_documented_hook_is_this_hook(settings: Settings) -> None:
    documented = (settings.BASE_DIR / "docs/webhooks.md").read_text()
    script = [line for line in post_receive("https://ci.example.com/hooks/shop", "…").splitlines() if line[:2] != "# "]

    assert textwrap.indent("\n".join(script), "    ") in documented
