"""The cast: alice owns the project, bob works on it, charlie is an outsider, and admin runs the server."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker, Settings

from accounts.models import Membership, User
from accounts.roles import Role
from projects.models import Project
from tests.server import serving

pytest_plugins = ["tests.browsers", "tests.repositories"]


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
