import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from monitoring import health


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """Takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_the_process_is_alive_without_asking_anyone(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_each_missing_part_is_named_with_a_remedy_and_no_secret(client: Client, settings: Any) -> None:
    settings.REDIS_URL = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    settings.DOCKER_HOST = f"tcp://127.0.0.1:{free_port()}"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    found = answer.json()
    assert found["ready"] is False
    assert found["broker"]["ok"] is found["engine"]["ok"] is False
    assert "REDIS_URL" in found["broker"]["detail"]
    assert "DOCKER_HOST" in found["engine"]["detail"]
    assert b"hunter2" not in answer.content
    assert b"127.0.0.1" not in answer.content


@pytest.mark.django_db
def test_what_does_not_answer_in_time_is_missing(
    client: Client, settings: Any, deaf_port: int, monkeypatch: Any
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    settings.REDIS_URL = f"redis://127.0.0.1:{deaf_port}/0"
    settings.DOCKER_HOST = f"tcp://127.0.0.1:{deaf_port}"

    found = client.get("/readyz").json()

    assert found["broker"]["ok"] is found["engine"]["ok"] is False
    assert "did not answer within" in found["broker"]["detail"]


@pytest.mark.django_db
def test_ready_is_when_all_parts_are(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(health, "PARTS", {"database": (lambda: None, ""), "broker": (lambda: None, "")})

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert answer.json()["database"].keys() == {"ok", "detail", "seconds"}


def test_a_driver_that_fails_does_not_take_the_others_along(monkeypatch: Any) -> None:
    def broken() -> None:
        raise DatabaseError("password authentication failed for user keelway")

    monkeypatch.setattr(health, "PARTS", {"database": (broken, "Look."), "broker": (lambda: None, "")})

    answers = health.ask()

    assert answers["broker"].ok
    assert answers["database"].detail == "It cannot be used (DatabaseError). Look."
