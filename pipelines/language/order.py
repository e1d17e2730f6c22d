"""What comes before what: stages, needs, and the mistakes one can make with them.

Works on the tree rather than on the models, so that a file with a misspelt key also hears of its unknown needs.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pipelines.language.cycles import cycles
from pipelines.language.nodes import Entry, Mapping, Node, Scalar, Sequence
from pipelines.language.problems import Findings, nearest, quote
from pipelines.language.schema import DEFAULT_STAGE

MAX_CYCLE_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Order:
    """`stages` in order; the stage of each job; the position of each job's stage; needs as written, where written."""

    stages: tuple[str, ...]
    stage_of: dict[str, str]
    needs: dict[str, tuple[str, ...]]


def read_order(root: Mapping, findings: Findings) -> Order:
    """Parts of the wrong type are passed over: the shape's check tells of those."""
    jobs = root.get("jobs")
    entries = jobs.entries if isinstance(jobs, Mapping) else {}
    stage_of = {name: _stage(entry.value) for name, entry in entries.items()}
    listed = root.get("stages")
    if isinstance(listed, Sequence):
        stages = _listed_stages(listed, findings)
        known = set(stages)
        for name, stage in stage_of.items():
            if stage and stages and stage not in known:
                _report_stage(name, entries[name], stages, findings)
    else:
        # A wrong `stages` says nothing about the order, so nothing is held against it.
        stages = tuple(dict.fromkeys(filter(None, stage_of.values()))) if listed is None else ()
    position = {stage: index for index, stage in enumerate(stages)}
    needs: dict[str, tuple[str, ...]] = {}
    for name, entry in entries.items():
        written = entry.value.get("needs") if isinstance(entry.value, Mapping) else None
        if isinstance(written, Sequence):
            needs[name] = tuple(_needs_of(name, written, stage_of, position, listed is None, findings))
    _report_cycles(entries, needs, findings)
    return Order(stages, stage_of, needs)


def _stage(job: Node) -> str:
    """Empty where it cannot be known, so that nobody is told of a stage that he did not write."""
    if not isinstance(job, Mapping):
        return ""
    given = job.get("stage")
    if given is None:
        return "" if job.incomplete else DEFAULT_STAGE
    return given.text if isinstance(given, Scalar) else ""


def _listed_stages(listed: Sequence, findings: Findings) -> tuple[str, ...]:
    seen: dict[str, Scalar] = {}
    for index, item in enumerate(listed.items):
        if not isinstance(item, Scalar):
            continue
        if item.text in seen:
            findings.add(item, ("stages", index), f"the stage {quote(item.text)} is listed twice")
        seen.setdefault(item.text, item)
    return tuple(seen)


def _report_stage(job: str, entry: Entry, stages: tuple[str, ...], findings: Findings) -> None:
    shown = ", ".join(quote(stage) for stage in stages[:10])
    given = entry.value.get("stage") if isinstance(entry.value, Mapping) else None
    if not isinstance(given, Scalar):
        message = f'no stage: the job then belongs to "{DEFAULT_STAGE}", which "stages" does not list'
        findings.add(entry.key, ("jobs", job), message, f"expected one of: {shown}")
    else:
        findings.add(
            given,
            ("jobs", job, "stage"),
            f'unknown stage {quote(given.text)}: "stages" does not list it',
            lambda: nearest(given.text, stages) or f"expected one of: {shown}",
        )


def _needs_of(
    job: str,
    written: Sequence,
    stage_of: dict[str, str],
    position: dict[str, int],
    by_appearance: bool,
    findings: Findings,
) -> Iterator[str]:
    seen = set()
    for index, item in enumerate(written.items):
        if not isinstance(item, Scalar):
            continue
        need, path = item.text, ("jobs", job, "needs", index)
        if need == job:
            findings.add(item, path, "a job cannot need itself")
        elif need in seen:
            findings.add(item, path, f"the job {quote(need)} is listed twice")
        elif need not in stage_of:
            findings.add(item, path, f"unknown job {quote(need)}", _nearest_job(need, job, stage_of))
        elif position.get(stage_of[need], -1) > position.get(stage_of[job], len(position)):
            findings.add(
                item,
                path,
                f"the job {quote(need)} belongs to the stage {quote(stage_of[need])}, "
                f"which comes after {quote(stage_of[job])}",
                'without "stages", stages are in order of appearance' if by_appearance else "",
            )
        else:
            yield need
        seen.add(need)


def _nearest_job(need: str, job: str, jobs: Iterable[str]) -> Callable[[], str]:
    return lambda: nearest(need, [other for other in jobs if other != job])


def _report_cycles(entries: dict[str, Entry], needs: dict[str, tuple[str, ...]], findings: Findings) -> None:
    for cycle in cycles(needs):
        written = entries[cycle[0]].value.get("needs")  # type: ignore[attr-defined]
        index, item = next(
            (index, item) for index, item in enumerate(written.items) if getattr(item, "text", None) == cycle[1]
        )
        shown = cycle if len(cycle) <= MAX_CYCLE_SHOWN else [*cycle[: MAX_CYCLE_SHOWN - 2], "…", cycle[-1]]
        findings.add(item, ("jobs", cycle[0], "needs", index), f"these jobs wait for each other: {' → '.join(shown)}")
