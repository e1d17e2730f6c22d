import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from house import broker
from house.installation import Installation
from house.steps import Stop


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("REDIS_URL", "REDIS_URL_FILE", "KEELWAY_PORT", "KEELWAY_HOST", "KEELWAY_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KEELWAY_VAR", str(tmp_path / "first"))


def test_a_second_start_in_the_same_state_folder_is_told_about_the_first() -> None:
    installation = Installation.here()

    with installation.alone(), pytest.raises(Stop) as stopped, Installation.here().alone():
        pass

    assert "http://localhost:8000" in str(stopped.value)
    assert f"process {os.getpid()}" in str(stopped.value)


def test_it_can_be_started_again_after_it_was_stopped() -> None:
    with Installation.here().alone():
        pass
    with Installation.here().alone():
        pass


def test_two_state_folders_run_side_by_side(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = Installation.here()
    monkeypatch.setenv("KEELWAY_VAR", str(tmp_path / "second"))
    second = Installation.here()

    with first.alone(), second.alone():
        broker.own_redis(first.var)
        broker.own_redis(second.var)

    urls = {(installation.var / broker.URL_FILE).read_text() for installation in (first, second)}
    assert len(urls) == 2


def test_everyone_may_connect_but_in_development_only_this_machine() -> None:
    assert Installation.here().host == "0.0.0.0"  # noqa: S104
    assert Installation.here(reloading=True).host == "127.0.0.1"


def test_a_bad_port_is_named_with_what_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEELWAY_PORT", "http")

    with pytest.raises(Stop, match="KEELWAY_PORT is 'http'"):
        Installation.here()


def test_its_redis_is_for_its_owner_only(tmp_path: Path) -> None:
    program = broker.own_redis(tmp_path)

    assert program is not None
    assert (tmp_path / "redis.url").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "redis" / "redis.conf").stat().st_mode & 0o777 == 0o600
    assert "bind 127.0.0.1\n" in (tmp_path / "redis" / "redis.conf").read_text()


def test_its_redis_keeps_port_and_password(tmp_path: Path) -> None:
    broker.own_redis(tmp_path)
    first = (tmp_path / "redis.url").read_text()

    broker.own_redis(tmp_path)

    assert (tmp_path / "redis.url").read_text() == first


def test_its_redis_moves_when_its_port_was_taken_meanwhile(tmp_path: Path) -> None:
    broker.own_redis(tmp_path)
    first = urlsplit((tmp_path / "redis.url").read_text().strip())

    with socket.create_server(("127.0.0.1", first.port or 0)):
        broker.own_redis(tmp_path)

    assert urlsplit((tmp_path / "redis.url").read_text().strip()).port != first.port


def test_no_redis_is_started_beside_the_one_that_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://broker.example:6379/0")

    assert broker.own_redis(tmp_path) is None
    assert not (tmp_path / "redis.url").exists()
