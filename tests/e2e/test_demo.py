"""What `bin/up --demo` shows a stranger."""

from collections.abc import Iterator

import pytest
from docker.errors import ImageNotFound

from builds.engine import Engine
from tests.installation import Installation

DEMO, TEST = "keelway-demo/python", "keelway-test/python:latest"


@pytest.fixture
def demo_image(docker_engine: Engine) -> Iterator[None]:
    """The demo's base image; where there is none, the tests' own under its name."""
    images = docker_engine._docker.images
    try:
        images.get(f"{DEMO}:3.11")
        yield
    except ImageNotFound:
        images.get(TEST).tag(DEMO, "3.11")
        yield
        images.remove(f"{DEMO}:3.11")


def test_the_demo_ends_in_a_green_build_each_time(installation: Installation, demo_image: None) -> None:
    for number in (1, 2):
        said = installation.manage("demo")

        assert f"/projects/shop/builds/{number}/" in said
        assert said.count("✓") == 4, said
        assert "Success" in said
