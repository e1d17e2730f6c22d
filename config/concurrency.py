"""How many HTTP requests Django works on at once.

Under ASGI each request that reaches synchronous code gets a thread, and each thread a database connection, without
bound. So a request gets one of a fixed number of slots for as long as Django works on it. It holds none while its body
is still coming in or while the client takes its time with the answer: neither slow uploads nor slow readers keep others
out. A long answer gives its slot up after each part and gets few of them for the next: work on parts is the same
whoever does it first, and who waits for a page should not wait for downloads.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

PATIENCE = 30.0
"""Seconds that a request waits for its first slot."""

AT_ONCE = 0.1
"""Seconds in which a client that reads takes what it is sent. One that takes longer loses its slot meanwhile."""


class Bounded:
    """At most `working` requests in `app` at once, and `waiting` more that wait, send or receive; beyond, 503 at once.

    `unbounded` are paths that must answer also then and do next to nothing. `largest_body` is in bytes: what is larger
    gets 413 as soon as that is known, before it fills the disk.
    """

    def __init__(
        self, app: App, *, working: int, waiting: int, largest_body: int, unbounded: frozenset[str] = frozenset()
    ) -> None:
        self.app = app
        self.most = working + waiting
        self.largest_body = largest_body
        self.unbounded = unbounded
        self.open = 0
        self.slots = asyncio.Semaphore(working)
        self.parts = asyncio.Semaphore(max(1, working // 8))

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.unbounded:
            await self.app(scope, receive, send)
            return
        if self.open >= self.most:
            await _refuse(scope, send, 503, "overloaded", "The server is busy. Try again in a few seconds.")
            return
        self.open += 1
        try:
            await self._serve(scope, receive, send)
        finally:
            self.open -= 1

    async def _serve(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        turn = _Turn(self.slots, self.parts, receive, send, self.largest_body)
        try:
            await self.app(scope, turn.receive, turn.send)
        except _TooLarge:
            detail = f"The request's body is larger than {self.largest_body} bytes."
            await _refuse(scope, send, 413, "too-large", detail)
        except _NoTurn:
            await _refuse(scope, send, 503, "overloaded", "The server is busy. Try again in a few seconds.")
        finally:
            turn.release()


class _TooLarge(Exception):
    pass


class _NoTurn(Exception):
    pass


class _Turn:
    """One request's hold on a slot: taken when its body is complete, lent to others while the client receives."""

    def __init__(
        self, slots: asyncio.Semaphore, parts: asyncio.Semaphore, receive: Receive, send: Send, largest_body: int
    ) -> None:
        self.slots = slots
        self.parts = parts
        self.receive_next = receive
        self.send_on = send
        self.left = largest_body
        self.body_complete = False
        self.held: list[asyncio.Semaphore] = []

    async def receive(self) -> Message:
        message = await self.receive_next()
        if self.body_complete or message["type"] != "http.request":
            return message
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            raise _TooLarge
        if not message.get("more_body", False):
            self.body_complete = True
            try:
                async with asyncio.timeout(PATIENCE):
                    await self.acquire(self.slots)
            except TimeoutError:
                raise _NoTurn from None
        return message

    async def send(self, message: Message) -> None:
        is_part = bool(message.get("more_body", False))
        if is_part:
            self.release()
        sending = asyncio.ensure_future(self.send_on(message))
        try:
            await asyncio.wait({sending}, timeout=AT_ONCE)
            if not sending.done():
                self.release()
            await sending
        finally:
            sending.cancel()
        if is_part:
            await self.acquire(self.parts, self.slots)
        elif message["type"] == "http.response.start" and not self.held:
            await self.acquire(self.slots)

    async def acquire(self, *wanted: asyncio.Semaphore) -> None:
        for semaphore in wanted:
            await semaphore.acquire()
            self.held.append(semaphore)

    def release(self) -> None:
        while self.held:
            self.held.pop().release()


async def _refuse(scope: MutableMapping[str, Any], send: Send, status: int, kind: str, detail: str) -> None:
    title = {413: "Content Too Large", 503: "Service Unavailable"}[status]
    problem = {
        "type": f"urn:keelway:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": scope["path"],
    }
    body = json.dumps(problem).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if status == 503:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
