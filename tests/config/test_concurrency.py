"""At most so many requests are worked on at once; the others wait, and beyond that are told to come back."""

import asyncio
import json
from typing import Any

from config.concurrency import Bounded, Message, Receive, Send

SCOPE = {"type": "http", "path": "/", "method": "GET", "headers": []}


class Recorder:
    """An application that works until it is let go, and counts how many of its requests do so at once."""

    def __init__(self, parts: int = 1) -> None:
        self.parts = parts
        self.at_work = 0
        self.most = 0
        self.done = 0
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        for part in range(self.parts):
            self.at_work += 1
            self.most = max(self.most, self.at_work)
            await self.go_on.wait()
            await asyncio.sleep(0)
            self.at_work -= 1
            if part == 0:
                await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"x", "more_body": part < self.parts - 1})
        self.done += 1


class Visitor:
    """A client. `slow_to_send` and `slow_to_read` hold it back at that point until `go_on`."""

    def __init__(
        self, *, body: tuple[bytes, ...] = (b"",), slow_to_send: bool = False, slow_to_read: bool = False
    ) -> None:
        self.body = list(body)
        self.slow_to_send = slow_to_send
        self.slow_to_read = slow_to_read
        self.go_on = asyncio.Event()
        self.got: list[Message] = []

    async def receive(self) -> Message:
        if self.slow_to_send:
            await self.go_on.wait()
        if not self.body:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": self.body.pop(0), "more_body": bool(self.body)}

    async def send(self, message: Message) -> None:
        if self.slow_to_read:
            await self.go_on.wait()
        self.got.append(message)

    def visit(self, app: Bounded, path: str = "/") -> asyncio.Task[None]:
        return asyncio.create_task(app({**SCOPE, "path": path}, self.receive, self.send))

    @property
    def status(self) -> int:
        return int(self.got[0]["status"])


def bounded(app: Any, **limits: Any) -> Bounded:
    return Bounded(app, **{"working": 2, "waiting": 3, "largest_body": 10, **limits})


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_no_more_than_the_limit_work_at_once_and_all_are_served() -> None:
    app = Recorder()
    server = bounded(app)
    visits = [Visitor().visit(server) for _ in range(5)]
    await settle()
    assert app.at_work == 2

    app.go_on.set()
    await asyncio.gather(*visits)

    assert (app.most, app.done, server.open) == (2, 5, 0)


async def test_beyond_the_queue_the_answer_says_when_to_come_back() -> None:
    app = Recorder()
    server = bounded(app)
    visits = [Visitor().visit(server) for _ in range(5)]
    await settle()

    late = Visitor()
    await late.visit(server, "/api/v1/builds")

    assert late.status == 503
    headers = dict(late.got[0]["headers"])
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers[b"retry-after"] == b"2"
    assert json.loads(late.got[1]["body"])["instance"] == "/api/v1/builds"
    app.go_on.set()
    await asyncio.gather(*visits)


async def test_a_path_that_must_always_answer_does() -> None:
    app = Recorder()
    server = bounded(app, unbounded=frozenset({"/healthz"}))
    visits = [Visitor().visit(server) for _ in range(5)]
    await settle()

    visits.append(Visitor().visit(server, "/healthz"))
    await settle()

    assert app.at_work == 3
    app.go_on.set()
    await asyncio.gather(*visits)


async def test_who_is_slow_to_send_or_to_read_keeps_nobody_out() -> None:
    app = Recorder()
    app.go_on.set()
    server = bounded(app, waiting=10)
    slow = [Visitor(slow_to_send=True), Visitor(slow_to_read=True), Visitor(slow_to_read=True)]
    visits = [visitor.visit(server) for visitor in slow]
    await settle()

    quick = Visitor()
    await quick.visit(server)

    assert quick.status == 200
    for visitor in slow:
        visitor.go_on.set()
    await asyncio.gather(*visits)
    assert app.done == 4


async def test_a_long_answer_takes_turns() -> None:
    app = Recorder(parts=50)
    app.go_on.set()
    server = bounded(app, working=1, waiting=10)
    visits = [Visitor().visit(server) for _ in range(4)]

    await asyncio.gather(*visits)

    assert (app.most, app.done) == (1, 4)


async def test_a_body_beyond_the_limit_is_refused_while_it_comes_in() -> None:
    visitor = Visitor(body=(b"123456", b"123456", b"never read"))

    await visitor.visit(bounded(Recorder()))

    assert visitor.status == 413
    assert visitor.body == [b"never read"]


async def test_what_leaves_early_gives_its_place_back() -> None:
    app = Recorder()
    server = bounded(app)
    visits = [Visitor().visit(server) for _ in range(5)]
    await settle()

    for visit in visits:
        visit.cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    app.go_on.set()
    after = Visitor()
    await after.visit(server)

    assert (server.open, after.status) == (0, 200)


async def test_a_socket_is_not_counted() -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    seen: list[str] = []

    await bounded(app, working=1, waiting=0)({"type": "websocket", "path": "/ws/"}, Visitor().receive, Visitor().send)

    assert seen == ["websocket"]
