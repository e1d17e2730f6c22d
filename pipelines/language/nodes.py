"""The tree of a YAML document, each node with its place.

Text is kept as written. What a plain scalar would mean (a number, a truth value, nothing) is a question asked of it,
by the core schema of YAML 1.2 (chapter 10.3), so `3.10` can stay "3.10" and `on` is only a word.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from pipelines.language.problems import Path, quote

Kind = Literal["null", "bool", "int", "float", "str"]

_CORE: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("null", re.compile(r"~|null|Null|NULL|")),
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE")),
    ("int", re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")),
    ("float", re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")),
)


@dataclass(slots=True, eq=False)
class Node:
    """`size` and `chars` measure the node with all aliases expanded: nodes, and characters of text. `height` is how
    many collections lie within each other, this one included; 0 for a scalar."""

    line: int
    column: int
    size: int = field(default=1, kw_only=True)
    chars: int = field(default=0, kw_only=True)
    height: int = field(default=0, kw_only=True)


@dataclass(slots=True, eq=False)
class Scalar(Node):
    """`plain` is true for text without quotes, block style or tag: only that can mean more than text."""

    text: str
    plain: bool

    @property
    def kind(self) -> Kind:
        if self.plain:
            for kind, pattern in _CORE:
                if pattern.fullmatch(self.text):
                    return kind
        return "str"


@dataclass(slots=True, eq=False)
class Sequence(Node):
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Entry:
    key: Scalar
    value: Node


@dataclass(slots=True, eq=False)
class Mapping(Node):
    """Merge keys are already resolved: what came through `<<` is an entry like any other, placed where written."""

    entries: dict[str, Entry] = field(default_factory=dict)
    incomplete: bool = False
    """Something was to be merged and could not be: what is missing may have been there."""

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry.value if entry else None


@dataclass(slots=True, eq=False)
class Unknown(Node):
    """Stands where something was that could not be read, and has been reported already."""


def untangle(node: Node) -> Any:
    """Mappings as dicts and sequences as lists; scalars stay as they are."""
    match node:
        case Mapping():
            return {key: untangle(entry.value) for key, entry in node.entries.items()}
        case Sequence():
            return [untangle(item) for item in node.items]
        case _:
            return node


def found(value: object) -> str:
    """What a person would call it. Takes nodes and what `untangle` made of them."""
    match value:
        case Scalar(kind="null"):
            return "nothing"
        case Scalar(kind="bool"):
            return value.text
        case Scalar(kind="int" | "float"):
            return f"the number {value.text[:60]}"
        case Scalar():
            return f"the text {quote(value.text)}"
        case dict() | Mapping():
            return "a mapping"
        case list() | Sequence():
            return "a list"
        case _:
            return "something unreadable"


def locate(root: Node, path: Path) -> tuple[Node, Scalar | None, Path]:
    """Follow `path` as far as it goes: the node reached, the key that led to it if one did, and the part followed."""
    node, key = root, None
    for depth, part in enumerate(path):
        match node:
            case Mapping() if part in node.entries:
                entry = node.entries[str(part)]
                node, key = entry.value, entry.key
            case Sequence() if isinstance(part, int) and part < len(node.items):
                node, key = node.items[part], None
            case _:
                return node, key, path[:depth]
    return node, key, path
