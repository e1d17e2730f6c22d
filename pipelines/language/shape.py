"""Holds a tree against the models of the schema, and puts what they say into words and places."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipelines.language.nodes import Mapping, Node, Scalar, Unknown, found, locate, untangle
from pipelines.language.problems import Findings, Path, nearest, quote
from pipelines.language.schema import HOLDERS, LATER_WORK, Defaults, Job, Limits, Pipeline, Step, Table

TABLES: tuple[type[Table], ...] = (Pipeline, Defaults, Job, Step, Limits)

FROM_ELSEWHERE = {
    "script": "steps",
    "commands": "steps",
    "run": "steps",
    "variables": "env",
    "environment": "env",
    "depends_on": "needs",
    "dependencies": "needs",
    "container": "image",
    "runs-on": "image",
    "timeout-minutes": "timeout",
    "continue-on-error": "allow_failure",
}
"""What other systems call our keys."""


def read_pipeline(root: Mapping, findings: Findings) -> Pipeline | None:
    """The file as models; None when its shape is wrong, which is then in `findings`."""
    data = {key: value for key, value in untangle(root).items() if not key.startswith(HOLDERS)}
    try:
        return Pipeline.model_validate(data)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False, include_input=False):
            _report(error, root, findings)
    return None


def _report(error: ErrorDetails, root: Node, findings: Findings) -> None:
    loc, kind = error["loc"], error["type"]
    if kind in ("missing", "extra_forbidden"):
        _report_key(loc, kind, root, findings)
        return
    # pydantic marks a key's own error by one more element; a key that cannot be followed is no longer in the tree.
    node, key, path = locate(root, loc)
    if isinstance(node, Unknown):
        return
    context: dict[str, Any] = error.get("ctx", {})
    place = key if loc[-1:] == ("[key]",) and key is not None else node
    message, hint = _in_words(kind, node, path, context)
    if kind in ("too_short", "too_long") and key is not None:
        place = key
    findings.add(place, path, message, hint)


def _in_words(kind: str, node: Node, path: Path, context: dict[str, Any]) -> tuple[str, str]:
    what = path[-1] if path else "entries"
    match kind:
        case "keelway":
            return context["message"], context["hint"]
        case "too_short":
            return f"found no {what}; expected at least one", ""
        case "too_long":
            return f"found {context['actual_length']:,} {what}; expected at most {context['max_length']:,}", ""
        case "list_type":
            brackets = isinstance(node, Scalar) and node.kind != "null" and len(node.text) <= 60
            return f"found {found(node)}; expected a list", f"write [{node.text}]" if brackets else ""  # type: ignore[attr-defined]
        case _:
            step = table_at(path) is Step
            return f"found {found(node)}; expected {'a command, or a mapping with a run' if step else 'a mapping'}", ""


def _report_key(loc: Path, kind: str, root: Node, findings: Findings) -> None:
    *parent, name = loc
    word = str(name)
    table = table_at(tuple(parent))
    node, key, path = locate(root, tuple(parent))
    if kind == "missing":
        if isinstance(node, Mapping) and excused(word, node, table):
            return
        findings.add(key or node, path, f'missing the key "{word}"', _example(table, word))
    else:
        _, key, path = locate(root, loc)
        present = node.entries.keys() if isinstance(node, Mapping) else ()
        message, hint = _unknown(word, table, set(present))
        findings.add(key or node, path, message, hint)


def _unknown(word: str, table: type[Table], present: set[str]) -> tuple[str, str | Callable[[], str]]:
    if word in table.later:
        return f"the key {quote(word)} is not supported yet by this version of Keelway", ""
    return f"unknown key {quote(word)}", lambda: _suggest(word, table, present)


def _suggest(word: str, table: type[Table], present: set[str]) -> str:
    keys = list(table.model_fields)
    if table is Pipeline and word in Job.model_fields:
        return f"{quote(word)} belongs in a job{' or under defaults' if word in Defaults.model_fields else ''}"
    if (ours := FROM_ELSEWHERE.get(word)) in keys:
        return f'here it is called "{ours}"'
    if close := nearest(word, [*(key for key in keys if key not in present), *table.later]):
        return close
    homes = [other.title for other in TABLES if other is not table and word in other.model_fields]
    if homes:
        return f"{quote(word)} belongs in {homes[0]}"
    return f"expected one of: {', '.join(keys)}"


def excused(key: str, node: Mapping, table: type[Table]) -> bool:
    """Whether the lack of `key` follows from something reported anyway: it is there but misspelt, or the job does work
    of a kind that this version does not know."""
    if node.incomplete or (table is Job and LATER_WORK & node.entries.keys()):
        return True
    unknown = [word for word in node.entries if word not in table.model_fields and word not in table.later]
    # The first ten bound the time; each is compared with one word.
    return any(FROM_ELSEWHERE.get(word) == key or nearest(word, [key]) for word in unknown[:10])


def _example(table: type[Table], key: str) -> str:
    return {
        "jobs": "a file has at least one job: jobs: {test: {image: …, steps: […]}}",
        "steps": "a job has at least one step: steps: [make test]",
        "run": "a step has a script: run: make test",
    }.get(key, "")


def table_at(path: Path) -> type[Table]:
    """The model that describes the mapping at `path`."""
    match path:
        case ("defaults",):
            return Defaults
        case ("jobs", _):
            return Job
        case ("jobs", _, "steps", _):
            return Step
        case (*_, "resources"):
            return Limits
        case _:
            return Pipeline
