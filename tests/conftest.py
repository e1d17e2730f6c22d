"""The cast: alice owns the project, bob works on it, charlie is an outsider, and admin runs the server."""

import asyncio
import inspect
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import DjangoDbBlocker, Settings

from accounts.models import Membership, User
from accounts.roles import Role
from projects.models import Project
from tests.server import serving

pytest_plugins = ["tests.browsers", "tests.repositories"]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """An `async def` test runs in a thread of its own: in the main one, a browser's loop may already be running."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})).result()
    return True


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """A hash that is slow on purpose takes most of a test's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser("admin", password="correct horse battery")


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", email="alice@example.com", password="correct horse battery")


@pytest.fixture
def bob(db: None, project: Project) -> User:
    bob = User.objects.create_user("bob", password="correct horse battery")
    Membership.objects.create(scope=project.scope, user=bob, role=Role.DEVELOPER)
    return bob


@pytest.fixture
def charlie(db: None) -> User:
    return User.objects.create_user("charlie", password="correct horse battery")


@pytest.fixture
def project(alice: User) -> Project:
    return Project.create(by=alice, name="Shop", slug="shop", git_url="https://git.example.com/team/shop.git")


@pytest.fixture(scope="session")
def server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """`host:port` of a real web process over the tests' database. For tests with `django_db(transaction=True)`."""
    with django_db_blocker.unblock(), serving() as address:
        yield address
