"""The live log over a real socket of a real server."""

import json
import time
from collections.abc import Iterator

import pytest
from django.db import transaction
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from accounts.models import ApiToken, User
from builds.lease import Lease
from builds.models import Job
from builds.output import Text
from builds.recorder import Recorder
from builds.starting import start_build
from builds.states import State
from projects.models import Project
from tests.builds.plans import job, plan

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def running(project: Project) -> Job:
    with transaction.atomic():
        build = start_build(project, event="push", commit="a" * 40, plan=plan(job("work")), branch="main")
    found = build.jobs.select_related("build__project").get()
    with transaction.atomic():
        found.move(State.RUNNING, claims=1)
    return found


@pytest.fixture
def recorder(running: Job) -> Recorder:
    return Recorder(running, Lease(running))


def write(recorder: Recorder, *texts: str) -> None:
    for text in texts:
        recorder.take(Text(text, recorder.consumed + len(text) + 1), time.time_ns() // 1_000_000)
    recorder.flush()


def end(job: Job) -> None:
    with transaction.atomic():
        assert job.move(State.SUCCESS)


def open_log(server: str, job: Job, person: User, start: int = 1) -> ClientConnection:
    _, key = ApiToken.issue(person, "test", ApiToken.Access.READ)
    url = f"ws://{server}/ws/jobs/{job.pk}/log?from={start}"
    return connect(url, additional_headers={"Authorization": f"Bearer {key}"})


def texts(socket: ClientConnection, *, until: str | None = None) -> Iterator[str]:
    """Lines as they come, checked to be contiguous, until one is `until` or the log is complete."""
    expected = None
    while True:
        message = json.loads(socket.recv(timeout=20))
        for line in message["lines"]:
            assert expected in {None, line["n"]}
            expected = line["n"] + 1
            yield line["text"]
            if line["text"] == until:
                return
        if message["complete"]:
            return


def test_lines_arrive_while_the_job_runs_and_the_end_is_told(
    server: str, running: Job, recorder: Recorder, bob: User
) -> None:
    write(recorder, "one", "two")

    with open_log(server, running, bob) as socket:
        assert list(texts(socket, until="two")) == ["one", "two"]
        write(recorder, "three")
        assert list(texts(socket, until="three")) == ["three"]
        write(recorder, "four")
        end(running)
        assert list(texts(socket)) == ["four"]


def test_a_reader_resumes_at_the_line_it_asks_for(server: str, running: Job, recorder: Recorder, bob: User) -> None:
    write(recorder, *(str(n) for n in range(1, 5001)))
    end(running)

    with open_log(server, running, bob, start=2345) as socket:
        assert list(texts(socket)) == [str(n) for n in range(2345, 5001)]


def test_the_administrator_may_read_too(server: str, running: Job, recorder: Recorder, admin: User) -> None:
    end(running)

    with open_log(server, running, admin) as socket:
        assert list(texts(socket)) == []


def test_an_outsider_gets_404(server: str, running: Job, charlie: User) -> None:
    with pytest.raises(InvalidStatus) as refused:
        open_log(server, running, charlie)

    assert refused.value.response.status_code == 404


def test_nobody_gets_404_too(server: str, running: Job) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{server}/ws/jobs/{running.pk}/log")

    assert refused.value.response.status_code == 404


def test_a_page_is_nudged_about_what_its_person_may_see_and_nothing_else(
    server: str, running: Job, recorder: Recorder, bob: User, charlie: User
) -> None:
    topic = f"build:{running.build_id}"

    def page(person: User) -> ClientConnection:
        _, key = ApiToken.issue(person, "test")
        return connect(f"ws://{server}/ws/live/", additional_headers={"Authorization": f"Bearer {key}"})

    with page(bob) as insider, page(charlie) as outsider:
        for socket in (insider, outsider):
            socket.send(json.dumps({"watch": [topic, "dashboard", "nonsense"]}))
        assert json.loads(insider.recv(timeout=10)) == {"denied": "nonsense"}
        assert {json.loads(outsider.recv(timeout=10))["denied"] for _ in range(2)} == {topic, "nonsense"}
        end(running)
        assert json.loads(insider.recv(timeout=10)) in ({"topic": topic}, {"topic": "dashboard"})
        assert json.loads(outsider.recv(timeout=10)) == {"topic": "dashboard"}


@pytest.mark.parametrize("rubbish", ["", "[]", "{}", '{"watch": 3}', "\x00"])
def test_rubbish_closes_the_page_socket(server: str, bob: User, rubbish: str) -> None:
    _, key = ApiToken.issue(bob, "test")
    headers = {"Authorization": f"Bearer {key}"}

    with connect(f"ws://{server}/ws/live/", additional_headers=headers) as socket:
        socket.send(rubbish)
        with pytest.raises(Exception, match="4400"):
            socket.recv(timeout=10)
