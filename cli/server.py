"""The REST API, as commands see it."""

import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from cli.account import Account
from cli.faults import REFUSED, UNREACHABLE, Stop

TIMEOUT = 30.0
TRIES = 4
"""How often a request is sent until the server is given up. Each pause is twice the one before."""

Json = dict[str, Any]


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would take the token to another place."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Server:
    """Paths are given from `/api/v1/` on. Every method raises Stop, with what the person can do."""

    def __init__(self, account: Account, pause: Callable[[float], None] = time.sleep) -> None:
        self.account = account
        self.pause = pause
        self.opener = urllib.request.build_opener(_Stay)

    def get(self, path: str, **query: Any) -> Json:
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return self._call("GET", path + (f"?{urlencode(given)}" if given else ""))

    def post(self, path: str, body: Json | None = None) -> Json:
        """Safe against a lost answer: sent again, it does nothing twice."""
        return self._call("POST", path, body or {})

    def list(self, path: str, most: int, **query: Any) -> Iterator[Json]:
        """The first `most` rows, fetched page by page as they are asked for."""
        page = self.get(path, limit=min(most, 100), **query)
        while True:
            for row in page["results"]:
                yield row
                most -= 1
                if most == 0:
                    return
            if not page["next"]:
                return
            # Of the address only what it asks for: the server may know itself by another name than we do.
            page = self.get(f"{path}?{urlsplit(page['next']).query}")

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        headers = {
            "Authorization": f"Bearer {self.account.token}",
            "Accept": "application/json",
            "User-Agent": "keelway",
        }
        if method == "POST":
            headers |= {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        request = urllib.request.Request(  # noqa: S310  (the scheme was checked when the address was given)
            f"{self.account.url}/api/v1/{quote(path, safe='/?&=%+')}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers=headers,
        )
        for attempt in range(1, TRIES + 1):
            try:
                with self.opener.open(request, timeout=TIMEOUT) as answer:
                    return _read(answer.read(), self.account.url)
            except urllib.error.HTTPError as error:
                failure, again = _said(error, self.account.url)
                wait = _seconds(error.headers.get("Retry-After"), attempt)
                if not again or attempt == TRIES:
                    raise failure from None
            except (OSError, http.client.HTTPException) as error:
                failure = _silent(error, self.account.url)
                wait = _seconds(None, attempt)
                if attempt == TRIES:
                    raise failure from None
            self.pause(wait)
        raise AssertionError("unreachable")


def _seconds(told: str | None, attempt: int) -> float:
    return min(30.0, float(told)) if told and told.isdigit() else 0.5 * 2 ** (attempt - 1)


def _read(body: bytes, url: str) -> Json:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Stop(UNREACHABLE, f"What answers at {url} is not Keelway.", "Check the address.")
    return found


def _said(error: urllib.error.HTTPError, url: str) -> tuple[Stop, bool]:
    """What the server's refusal means for the person, and whether asking again may help."""
    try:
        problem = json.loads(error.read(1_000_000))
        detail = str(problem["detail"])
    except (ValueError, KeyError, TypeError, OSError, http.client.HTTPException):
        problem, detail = {}, ""
    # Our own request, sent before, is still being worked on: its answer comes.
    again = error.code in {429, 502, 503, 504} or str(problem.get("type", "")).endswith(":idempotency-key-in-progress")
    return _stop(error, url, detail, problem.get("errors") or []), again


def _stop(error: urllib.error.HTTPError, url: str, detail: str, errors: Sequence[Json]) -> Stop:
    if error.code in range(300, 400):
        place = error.headers.get("Location", "another place")
        return Stop(UNREACHABLE, f"{url} sends us to {place}.", "Use that address: keelway login ADDRESS")
    if error.code == 401:
        return Stop(REFUSED, detail or "The server does not know this token.", "Run “keelway login” with a new one.")
    if error.code >= 500 or not detail:
        remedy = f"{url}/readyz says what is missing there." if error.code >= 500 else "Check the address."
        return Stop(UNREACHABLE, detail or f"{url} answered {error.code} {error.reason}.", remedy)
    listed = "; ".join(f"{each.get('field') or 'request'}: {each.get('detail')}" for each in errors)
    return Stop(REFUSED, listed or detail)


def _silent(error: Exception, url: str) -> Stop:
    reason = getattr(error, "reason", None) or error
    said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return Stop(UNREACHABLE, f"No answer from {url}: {said}.", "Is the server running, and the address right?")
