"""The shell script that runs all steps of a job in one container, and the markers by which it reports.

The script goes to the container's standard input whole, so that a job needs nobody once it has begun. It is one
compound command: a shell reads it to its end before it runs any of it, so half a script runs nothing.

A marker is a line `\\x1e<marker> <word> …` on standard output. The marker is random, known only to a shell variable
that is not exported, and gone from standard input before the first step begins: no argument, environment or file
holds it.
"""

import shlex

from builds.plan import JobPlan

RECORD = "\x1e"
WORKSPACE = "/workspace"

_FRAME = """{{
exec 2>&1
kw={marker}
kw_child=
trap 'kill -TERM -1 2>/dev/null' TERM
kw_run() {{
  "$@" </dev/null &
  kw_child=$!
  while :; do
    wait "$kw_child"
    kw_code=$?
    kill -0 "$kw_child" 2>/dev/null || break
  done
}}
cd {workspace} || exit 1
{steps}
printf '\\036%s done\\n' "$kw"
exit 0
}}
"""

_STEP = """printf '\\036%s begin {number}\\n' "$kw"
kw_run env {env} /bin/sh -e -c {run}
printf '\\036%s end {number} %s\\n' "$kw" "$kw_code"
[ "$kw_code" -eq 0 ] || exit "$kw_code\""""


def render(job: JobPlan, marker: str) -> str:
    """The script for `job`. Steps are numbered from 1; each runs in a shell of its own that stops at an error."""
    steps = "\n".join(
        _STEP.format(
            number=number,
            env=" ".join(shlex.quote(f"{name}={value}") for name, value in step.env.items()),
            run=shlex.quote(step.run),
        )
        for number, step in enumerate(job.steps, start=1)
    )
    return _FRAME.format(marker=marker, workspace=WORKSPACE, steps=steps)
