"""Watching a build or a job until it has ended, and showing its log as it grows."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cli.faults import FINE, NOT_GREEN
from cli.server import Json, Server
from cli.terminal import log_text, paint, plain, say, state

ENDED = {"success", "failure", "error", "cancelled", "skipped"}
PAUSE = 1.0
AT_ONCE = 5000


@dataclass
class Follower:
    """Shows each line once. Several jobs are told apart by their names before the lines."""

    server: Server
    quiet: bool = False
    form: Callable[[Json], str] = lambda line: log_text(line["text"])
    pause: Callable[[float], None] = time.sleep
    next_line: dict[int, int] = field(default_factory=dict)
    complete: set[int] = field(default_factory=set)

    def build(self, build_id: int) -> Json:
        """The build once it has ended, after everything that its jobs have printed."""
        said = ""
        while True:
            build = self.server.get(f"builds/{build_id}")
            jobs = build["jobs"]
            width = max((len(plain(job["name"])) for job in jobs), default=0)
            for job in jobs:
                if job["started_at"]:
                    self._lines(job["id"], f"{plain(job['name']):{width}}  " if len(jobs) > 1 else "")
            said = self._waiting(build, said)
            if build["status"] in ENDED and all(job["id"] in self.complete for job in jobs if job["started_at"]):
                return build
            self.pause(PAUSE)

    def job(self, job_id: int, start: int = 1) -> Json:
        """The job once it has ended and its log from line `start` on is shown."""
        self.next_line[job_id] = start
        said = ""
        while True:
            job = self.server.get(f"jobs/{job_id}")
            self._lines(job_id, "")
            said = self._tell(job["waiting"], said)
            if job["status"] in ENDED and (job_id in self.complete or not job["started_at"]):
                return job
            self.pause(PAUSE)

    def _lines(self, job_id: int, before: str) -> None:
        while job_id not in self.complete:
            at = self.next_line.get(job_id, 1)
            page = self.server.get(f"jobs/{job_id}/log", **{"from": at, "limit": AT_ONCE})
            if not self.quiet:
                for line in page["lines"]:
                    say(paint(before, "90") + self.form(line) if before else self.form(line))
            self.next_line[job_id] = page["next"]
            if page["complete"]:
                self.complete.add(job_id)
            if len(page["lines"]) < AT_ONCE:
                return

    def _waiting(self, build: Json, said: str) -> str:
        """Say why nothing happens, once for each reason."""
        running = any(job["status"] == "running" for job in build["jobs"])
        reasons = [job["waiting"] for job in build["jobs"] if job["status"] == "pending" and job["waiting"]]
        if build["status"] in ENDED or running:
            return said
        return self._tell(reasons[0] if reasons else build["reason"], said)

    def _tell(self, why: str, said: str) -> str:
        if why and why != said and not self.quiet:
            say(paint(plain(why), "90"))
        return why or said


def verdict(row: dict[str, Any]) -> int:
    """The exit code that a build or job stands for."""
    return FINE if row["status"] in {"success", "skipped"} else NOT_GREEN


def summary(build: Json) -> None:
    """How each job ended, and why the build did not end well."""
    say()
    for job in build["jobs"]:
        why = plain(job["reason"]) if job["status"] != "success" else ""
        say(f"{state(job['status'])}  {plain(job['name'])}  {why}".rstrip())
    for problem in build["problems"]:
        hint = f"; {plain(problem['hint'])}" if problem["hint"] else ""
        place = f"{plain(problem['file'])}:{problem['line']}:{problem['column']}"
        say(f"{place}: {plain(problem['message'])}{hint}")
    say(f"Build #{build['number']} of {plain(build['project'])}: {state(build['status'])}. {plain(build['reason'])}")
