"""Where the jobs of a Plan lie in its picture, and the lines between them. Pure; all sizes in CSS pixels.

Stages are columns. A job that needs another one of its own stage stands in a column further right. Of the lines only
those that matter are drawn: none that follows from others, and where a whole column needs the whole column before it,
all lines run through one point instead of crossing each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from builds.plan import JobPlan, Plan

JOB_WIDTH, JOB_HEIGHT = 200, 36
GAP_X, GAP_Y, HEAD = 44, 8, 28


@dataclass(frozen=True)
class Column:
    """`title` is the stage's name, empty where the column goes on with the stage of the one before it."""

    title: str
    jobs: tuple[str, ...]


@dataclass(frozen=True)
class Edge:
    """`path` is the `d` of an SVG path; `of` names the jobs at its ends, one of which may be empty (a joint)."""

    path: str
    source: str
    target: str


@dataclass(frozen=True)
class Drawing:
    columns: tuple[Column, ...]
    edges: tuple[Edge, ...]
    width: int
    height: int


def draw(plan: Plan) -> Drawing:
    columns = _columns(plan)
    place = {name: (x, y) for x, column in enumerate(columns) for y, name in enumerate(column.jobs)}
    needs = _needs_that_matter(plan)
    edges: list[Edge] = []
    for x in range(1, len(columns)):
        before, here = columns[x - 1].jobs, columns[x].jobs
        joined = len(before) > 1 and len(here) > 1 and all(set(before) <= needs[name] for name in here)
        if joined:
            edges += _joint(x, before, here, place)
        for name in here:
            rest = needs[name] - set(before) if joined else needs[name]
            edges += [_edge(need, name, place) for need in sorted(rest, key=lambda need: place[need])]
    return Drawing(
        columns=tuple(columns),
        edges=tuple(edges),
        width=len(columns) * (JOB_WIDTH + GAP_X) - GAP_X if columns else 0,
        height=HEAD + max((len(column.jobs) for column in columns), default=0) * (JOB_HEIGHT + GAP_Y) - GAP_Y,
    )


def _columns(plan: Plan) -> list[Column]:
    stages = {job.name: job.stage for job in plan.jobs}
    depth: dict[str, int] = {}
    for job in _needs_first(plan):
        same = [depth[need] + 1 for need in job.needs if stages[need] == job.stage]
        depth[job.name] = max(same, default=0)
    columns: list[Column] = []
    for stage in plan.stages:
        rows: dict[int, list[str]] = {}
        for job in plan.jobs:
            if job.stage == stage:
                rows.setdefault(depth[job.name], []).append(job.name)
        columns += [Column(stage if level == 0 else "", tuple(rows[level])) for level in sorted(rows)]
    return columns


def _needs_that_matter(plan: Plan) -> dict[str, set[str]]:
    """Each job's needs without those that one of its other needs already waits for."""
    above: dict[str, set[str]] = {}
    for job in _needs_first(plan):
        above[job.name] = set(job.needs).union(*(above[need] for need in job.needs))
    return {
        job.name: {need for need in job.needs if not any(need in above[other] for other in job.needs)}
        for job in plan.jobs
    }


def _needs_first(plan: Plan) -> list[JobPlan]:
    """The jobs, each after all that it needs."""
    ordered: list[JobPlan] = []
    done: set[str] = set()
    waiting = list(plan.jobs)
    while waiting:
        later = []
        for job in waiting:
            if done.issuperset(job.needs):
                ordered.append(job)
                done.add(job.name)
            else:
                later.append(job)
        waiting = later
    return ordered


def _left(x: int) -> int:
    return x * (JOB_WIDTH + GAP_X)


def _middle(y: int) -> int:
    return HEAD + y * (JOB_HEIGHT + GAP_Y) + JOB_HEIGHT // 2


def _curve(x1: int, y1: int, x2: int, y2: int) -> str:
    if y1 == y2:
        return f"M{x1} {y1}H{x2}"
    bend = (x1 + x2) // 2
    return f"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"


def _edge(source: str, target: str, place: dict[str, tuple[int, int]]) -> Edge:
    (x1, y1), (x2, y2) = place[source], place[target]
    start, end = _left(x1) + JOB_WIDTH, _left(x2)
    if x2 - x1 > 1:  # past the columns between: along the gap first, so that it does not look as if it ended there
        turn = end - GAP_X
        path = f"M{start} {_middle(y1)}H{turn}" + _curve(turn, _middle(y1), end, _middle(y2)).replace("M", "L", 1)
    else:
        path = _curve(start, _middle(y1), end, _middle(y2))
    return Edge(path, source, target)


def _joint(x: int, before: Iterable[str], here: Iterable[str], place: dict[str, tuple[int, int]]) -> list[Edge]:
    middle = _left(x) - GAP_X // 2
    rows = [place[name][1] for name in (*before, *here)]
    height = _middle(0) + (max(rows) * (JOB_HEIGHT + GAP_Y)) // 2
    into = [Edge(_curve(_left(x) - GAP_X, _middle(place[name][1]), middle, height), name, "") for name in before]
    out = [Edge(_curve(middle, height, _left(x), _middle(place[name][1])), "", name) for name in here]
    return into + out
