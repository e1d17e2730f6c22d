from collections.abc import Callable
from typing import Any

import pytest

from builds import log
from builds.models import Build, Job, LogChunk
from tests.api.client import Script

START = 1_769_860_800_123  # 2026-01-31T12:00:00.123Z


@pytest.fixture
def job(a_build: Callable[..., Build]) -> Job:
    """Has a log of 25 lines in chunks of ten."""
    job: Job = a_build().jobs.get(name="test")
    for first in (1, 11, 21):
        last = min(first + 9, 25)
        body = log.pack([(START + n, 1, f"\x1b[32mline {n}\x1b[0m") for n in range(first, last + 1)])
        LogChunk.objects.create(job=job, first=first, last=last, body=body)
    Job.objects.filter(pk=job.pk).update(lines=25, log_complete=True)
    return job


def test_lines_are_read_by_number(bobs: Script, job: Job) -> None:
    page = bobs.get(f"jobs/{job.pk}/log?from=9&limit=3").json()

    assert [line["n"] for line in page["lines"]] == [9, 10, 11]
    assert page["lines"][0] == {
        "n": 9,
        "t": "2026-01-31T12:00:00.132Z",
        "step": 1,
        "text": "\x1b[32mline 9\x1b[0m",
    }
    assert (page["next"], page["complete"]) == (12, False)


def test_reading_on_from_next_gives_every_line_once(bobs: Script, job: Job) -> None:
    seen: list[int] = []
    page: dict[str, Any] = {"next": 1, "complete": False}
    while not page["complete"]:
        page = bobs.get(f"jobs/{job.pk}/log?from={page['next']}&limit=7").json()
        seen += [line["n"] for line in page["lines"]]

    assert seen == list(range(1, 26))


def test_beyond_the_end_there_is_nothing_and_it_is_said(bobs: Script, job: Job) -> None:
    assert bobs.get(f"jobs/{job.pk}/log?from=1000").json() == {"lines": [], "next": 1000, "complete": True}


@pytest.mark.parametrize("query", ["from=0", "from=-5", "from=x", "limit=0", "limit=5001", f"from={2**40}"])
def test_a_range_that_cannot_be_is_refused(query: str, bobs: Script, job: Job) -> None:
    answer = bobs.get(f"jobs/{job.pk}/log?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] in {"from", "limit"}


@pytest.mark.parametrize("accept", ["*/*", "text/plain", "text/html", "application/json"])
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous")
def test_the_whole_log_is_a_text_file(accept: str, bobs: Script, job: Job) -> None:
    answer = bobs.get(f"jobs/{job.pk}/log.txt", Accept=accept)

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="shop-1-{job.pk}.log"'
    lines = b"".join(answer).decode().splitlines()
    assert len(lines) == 25
    assert lines[24] == "\x1b[32mline 25\x1b[0m"


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous")
def test_it_can_begin_each_line_with_its_time(bobs: Script, job: Job) -> None:
    text = b"".join(bobs.get(f"jobs/{job.pk}/log.txt?timestamps=1")).decode()

    assert text.startswith("2026-01-31T12:00:00.124Z \x1b[32mline 1\x1b[0m\n")
