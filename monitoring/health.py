"""Whether the server is alive, and whether all that it needs answers."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import asdict, dataclass
from typing import Any

import docker
import redis
import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger()

PATIENCE = 2.0
"""Seconds that each part has to answer."""


@dataclass(frozen=True)
class Answer:
    """detail is for people and says what to do, without addresses or passwords; seconds is how long it took."""

    ok: bool
    detail: str
    seconds: float


def database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    finally:
        connection.close()  # the thread that asks is gone soon


def broker() -> None:
    patience = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
    with redis.Redis.from_url(settings.REDIS_URL, **patience) as client:
        client.ping()


def engine() -> None:
    client = docker.DockerClient(base_url=settings.DOCKER_HOST or None, version="auto", timeout=int(PATIENCE))
    try:
        client.ping()
    finally:
        client.close()


PARTS: dict[str, tuple[Callable[[], None], str]] = {
    "database": (database, "Look at DATABASE_URL and the database's own log."),
    "broker": (broker, "Is Redis running, and does REDIS_URL name it? Builds continue when it is back."),
    "engine": (engine, "Is the Docker Engine running, and may this account use it? See DOCKER_HOST."),
}


def ask() -> dict[str, Answer]:
    """Ask all parts at the same time. One that does not answer in time counts as missing."""
    pool = ThreadPoolExecutor(max_workers=len(PARTS), thread_name_prefix="readiness")
    asked = {name: pool.submit(_timed, part) for name, (part, _) in PARTS.items()}
    wait_for(asked.values(), timeout=PATIENCE)
    pool.shutdown(wait=False, cancel_futures=True)
    answers: dict[str, Answer] = {}
    for name, future in asked.items():
        if future.done():
            seconds, error = future.result()
        else:
            seconds, error = PATIENCE, TimeoutError()
        answers[name] = _answer(name, seconds, error)
    return answers


def _timed(part: Callable[[], None]) -> tuple[float, Exception | None]:
    began = time.monotonic()
    try:
        part()
    except Exception as error:  # whatever a driver raises means the same: not ready
        return time.monotonic() - began, error
    return time.monotonic() - began, None


def _answer(name: str, seconds: float, error: Exception | None) -> Answer:
    if error is None:
        return Answer(True, "", round(seconds, 3))
    log.warning("readiness.missing", part=name, error=str(error))
    kind = type(error).__name__
    late = "timeout" in kind.lower()  # of Python, of Redis, of HTTP: each driver has its own
    what = f"It did not answer within {PATIENCE:g} seconds." if late else f"It cannot be used ({kind})."
    return Answer(False, f"{what} {PARTS[name][1]}", round(seconds, 3))


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. It asks nothing of others: restarting it would not bring them back."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, else 503; each part by its name."""
    answers = ask()
    ready = all(answer.ok for answer in answers.values())
    body: dict[str, Any] = {"ready": ready, **{name: asdict(answer) for name, answer in answers.items()}}
    return JsonResponse(body, status=200 if ready else 503)
