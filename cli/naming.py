"""From what people call a build or a job to its id."""

import re

from cli.faults import REFUSED, USAGE, Stop
from cli.server import Server

_ID = re.compile(r"[0-9]{1,18}")
_BUILD = re.compile(r"([a-z0-9-]{1,63})[/#]#?([0-9]{1,9})")
_JOB = re.compile(r"([a-z0-9-]{1,63}[/#]#?[0-9]{1,9})/(.{1,100})")


def build_id(server: Server, name: str) -> int:
    """`name` is an id, or project and number as pages show them: `shop/12` or `shop#12`."""
    if _ID.fullmatch(name):
        return int(name)
    found = _BUILD.fullmatch(name)
    if not found:
        raise Stop(USAGE, f"“{name}” names no build.", "Give its id, or project and number as in shop/12.")
    project, number = found.groups()
    for build in server.list(f"projects/{project}/builds", 1, number=number):
        return int(build["id"])
    raise Stop(REFUSED, f"There is no build #{number} of {project}.", f"See: keelway builds {project}")


def job_id(server: Server, name: str) -> int:
    """`name` is an id, or a build's name and the job's: `shop/12/test`, the newest attempt."""
    if _ID.fullmatch(name):
        return int(name)
    found = _JOB.fullmatch(name)
    if not found:
        raise Stop(USAGE, f"“{name}” names no job.", "Give its id, or project, number and name as in shop/12/test.")
    jobs = server.get(f"builds/{build_id(server, found[1])}")["jobs"]
    for job in jobs:
        if job["name"] == found[2]:
            return int(job["id"])
    names = ", ".join(job["name"] for job in jobs) or "none yet"
    raise Stop(REFUSED, f"Build {found[1]} has no job “{found[2]}”. It has: {names}.")
