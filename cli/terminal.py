"""What is shown: text that cannot drive the terminal, states as mark and word and colour, and tables."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

MARKS = {
    "success": ("✓", "32"),
    "failure": ("✕", "31"),
    "error": ("!", "35"),
    "cancelled": ("⊘", "33"),
    "running": ("●", "34"),
    "pending": ("○", "36"),
    "blocked": ("◆", "33"),
    "skipped": ("–", "90"),
}

_COLOUR = r"\x1b\[[0-9;:]*m"
_SEQUENCES = re.compile(
    rf"({_COLOUR})"  # kept where colours are shown
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, DCS and other strings
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0a-\x1f\x7f-\x9f]"
)


def colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def plain(text: Any) -> str:
    """`text` in one line without anything that a terminal would obey: it comes from commits, branches and jobs."""
    return _SEQUENCES.sub("", str(text).replace("\n", " "))


def log_text(text: str) -> str:
    """A log line as a terminal would have left it: colours where they are shown, of `\\r` progress the last state."""
    shown = next((part for part in reversed(text.split("\r")) if part), "")
    kept = _SEQUENCES.sub(lambda found: (found[1] or "") if colours() else "", shown)
    return f"{kept}\x1b[0m" if "\x1b" in kept else kept


def state(status: str) -> str:
    mark, colour = MARKS.get(status, ("?", "0"))
    return paint(f"{mark} {plain(status)}", colour)


def paint(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if colours() else text


def say(text: str = "") -> None:
    """A line on standard output, at once: what follows a build is read while it runs."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


def table(rows: Iterable[Sequence[str]], empty: str) -> None:
    """Columns as wide as they must be; `empty` is said when there is no row."""
    found = [list(row) for row in rows]
    if not found:
        say(empty)
        return
    widths = [max(_width(row[at]) for row in found) for at in range(len(found[0]))]
    for row in found:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        say("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return len(re.sub(_COLOUR, "", text))


def ago(moment: str | None) -> str:
    if not moment:
        return ""
    return f"{_span((datetime.now(UTC) - _read(moment)).total_seconds())} ago"


def took(row: dict[str, Any]) -> str:
    """How long a build or job has run; empty before it does."""
    if not row.get("started_at"):
        return ""
    end = _read(row["finished_at"]) if row.get("finished_at") else datetime.now(UTC)
    return _span((end - _read(row["started_at"])).total_seconds())


def _read(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def _span(seconds: float) -> str:
    whole = max(0, int(seconds))
    for size, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if whole >= size:
            return f"{whole // size} {name}"
    return f"{whole} s"
