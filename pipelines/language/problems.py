"""What is wrong with a pipeline file, where, and what to do about it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, Protocol

MAX_PROBLEMS = 100
"""How many problems one report names. The rest is counted, not kept: a build stores its report."""

MAX_EXCERPT = 200
"""Characters of the source line kept with a problem."""

# What YAML takes for the end of a line; str.splitlines() knows others and would count differently.
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file.

    `line` and `column` count characters from 1. `path` leads from the top of the document to the place, such as
    `jobs.test.steps[1].run`, and is empty at the top. `message` says what was found and what was expected; `hint` is
    the remedy or the nearest valid word, or empty. `source` is the line as written, at most 200 characters of it.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str = ""
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The same fields, ready for JSON; `Problem(**problem.as_dict())` gives the problem back."""
        return asdict(self)

    def __str__(self) -> str:
        said = f"{self.path}: {self.message}" if self.path else self.message
        remedy = f"; {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {said}{remedy}"


class PipelineInvalid(Exception):
    """The file cannot become a Plan. `problems` are ordered by place, never empty, and at most 100; `omitted` counts
    those beyond."""

    def __init__(self, problems: tuple[Problem, ...], omitted: int = 0) -> None:
        super().__init__(problems, omitted)
        self.problems = problems
        self.omitted = omitted

    def __str__(self) -> str:
        return render(self.problems, omitted=self.omitted)


def render(problems: Iterable[Problem], *, omitted: int = 0, excerpts: bool = False) -> str:
    """The problems as compilers print them, one per line; with `excerpts` each is followed by its line and a caret."""
    lines = []
    for problem in problems:
        lines.append(str(problem))
        if excerpts and problem.source.strip():
            margin = f"{problem.line:>6} | "
            lines.append(margin + problem.source)
            if problem.column <= len(problem.source) + 1:
                # Tabs stay tabs, so that the caret stands under its character however wide a terminal shows them.
                before = "".join("\t" if char == "\t" else " " for char in problem.source[: problem.column - 1])
                lines.append(" " * (len(margin) - 2) + "| " + before + "^")
    if omitted:
        lines.append(f"… and {omitted} more")
    return "\n".join(lines)


class Placed(Protocol):
    """Anything with a place in the file; both count from 1."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Place:
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class _Finding:
    line: int
    column: int
    path: Path
    message: str
    hint: str | Callable[[], str]


class Findings:
    """Gathers what is wrong while a file is read. A hint may be a function, called only if its problem is reported:
    looking for the nearest word is slow, and a hostile file has a hundred thousand wrong ones."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._found: list[_Finding] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, place: Placed, path: Path, message: str, hint: str | Callable[[], str] = "") -> None:
        self._found.append(_Finding(place.line, place.column, path, message, hint))

    def invalid(self) -> PipelineInvalid:
        """The exception to raise. The same mistake at the same place is told once, though aliases repeat it."""
        distinct: dict[tuple[int, int, str], _Finding] = {}
        for found in self._found:
            distinct.setdefault((found.line, found.column, found.message), found)
        ordered = sorted(distinct.values(), key=lambda found: (found.line, found.column))
        lines = LINE_BREAK.split(self._text)
        problems = tuple(
            Problem(
                file=self._file,
                line=found.line,
                column=found.column,
                path=show_path(found.path),
                message=found.message,
                hint=found.hint if isinstance(found.hint, str) else found.hint(),
                source=_excerpt(lines[found.line - 1]) if found.line <= len(lines) else "",
            )
            for found in ordered[:MAX_PROBLEMS]
        )
        return PipelineInvalid(problems, omitted=len(ordered) - len(problems))


def _excerpt(line: str) -> str:
    # A report is stored: neither NUL nor half a surrogate pair may reach a database.
    shown = line.removeprefix("\ufeff")[:MAX_EXCERPT]
    return "".join(char if char == "\t" or char.isprintable() else "�" for char in shown)


def show_path(path: Path) -> str:
    """`("jobs", "test", "steps", 1)` as `jobs.test.steps[1]`; keys that are more than a word stand in quotes."""
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part}]"
        else:
            bare = re.fullmatch(r"[\w-]{1,60}" if shown else r"\.?[\w-]{1,60}", part)
            word = part if bare else quote(part)
            shown += f".{word}" if shown else word
    return shown


def quote(text: str, limit: int = 60) -> str:
    """`text` in double quotes on one line, cut at `limit` characters."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return '"' + "".join(char if char.isprintable() else " " for char in cut) + '"'


def nearest(word: str, candidates: Iterable[str]) -> str:
    """`did you mean "image"?`, or nothing when no candidate is close."""
    # Three hundred candidates bound the time; nobody mistypes one of more names by hand.
    close = get_close_matches(word[:100], list(islice(candidates, 300)), n=1, cutoff=0.6)
    return f"did you mean {quote(close[0])}?" if close else ""
