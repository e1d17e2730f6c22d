"""Reads YAML into a tree with places, within bounds.

Built on libyaml's events and a stack of our own: PyYAML's composer recurses in C and takes the process with it on
100 kB of `[`, loses duplicate keys, and turns `on` into true.
"""

import re
from dataclasses import dataclass, field

import yaml

from pipelines.language.nodes import Entry, Mapping, Node, Scalar, Sequence, Unknown, found
from pipelines.language.problems import LINE_BREAK, Findings, Path, Place, Placed, nearest, quote

MAX_BYTES = 512 * 1024
MAX_DEPTH = 32
MAX_NODES = 100_000
MAX_CHARS = 4 * 1024 * 1024
"""The last two hold with all aliases expanded: a few lines of aliases of aliases can mean a billion nodes."""

# The characters that libyaml's reader accepts; it names the others without line or column.
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_CORE_TAGS = "tag:yaml.org,2002:"
_HARMLESS_TAGS = {"!", *(_CORE_TAGS + kind for kind in ("str", "map", "seq"))}
_REMEDIES = (
    ("mapping values are not allowed", 'quote text that contains ": ", and check the indentation'),
    ("cannot start any token", "quote text that begins with a special character; indent with spaces"),
    ("did not find expected key", "check the indentation and the quotes of this line and the one before"),
    ("did not find expected '-' indicator", "check the indentation of this line and the one before"),
    ("could not find expected ':'", 'a key is followed by ": "'),
    ("did not find expected ',' or", "the bracket is never closed, or a comma is missing"),
)


class _Stop(Exception):
    """Reading on makes no sense; the finding is already recorded."""


def read_document(text: str, findings: Findings) -> Node | None:
    """The tree of the only document in `text`, or None when there is nothing to go on with.

    Everything wrong is added to `findings`, in which case the tree may have holes (`Unknown`)."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        findings.add(Place(1, 1), (), f"the file is larger than {MAX_BYTES // 1024} kB")
        return None
    bare = text.removeprefix("\ufeff")
    if unreadable := _UNREADABLE.search(bare):
        lines = LINE_BREAK.split(bare[: unreadable.start()])
        place = Place(len(lines), len(lines[-1]) + 1)
        findings.add(place, (), f"found the character U+{ord(unreadable[0]):04X}, which YAML does not allow")
        return None
    try:
        return _Builder(findings).build(bare)
    except _Stop:
        return None
    except yaml.MarkedYAMLError as error:
        _explain_syntax(error, bare, findings)
    except yaml.YAMLError as error:
        findings.add(Place(1, 1), (), f"not valid YAML: {error}")
    return None


def _explain_syntax(error: yaml.MarkedYAMLError, text: str, findings: Findings) -> None:
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    problem = error.problem or "cannot be read"
    lines = LINE_BREAK.split(text)
    if place.line <= len(lines) and "\t" in re.match(r"\s*", lines[place.line - 1])[0]:  # type: ignore[index]
        findings.add(place, (), "not valid YAML: found a tab in the indentation", "indent with spaces")
        return
    if "unexpected end of stream" in problem and error.context_mark:
        place = Place(error.context_mark.line + 1, error.context_mark.column + 1)
        findings.add(place, (), "not valid YAML: found a quote that is never closed")
        return
    where = ""
    if error.context and error.context_mark:
        where = f" ({error.context} that began at {error.context_mark.line + 1}:{error.context_mark.column + 1})"
    hint = next((remedy for symptom, remedy in _REMEDIES if symptom in problem), "")
    findings.add(place, (), f"not valid YAML: {problem}{where}", hint)


@dataclass(slots=True, eq=False)
class _Frame:
    """A collection whose end has not been seen."""

    node: Sequence | Mapping
    anchor: str | None
    key: Node | None = None
    merges: list[Mapping] = field(default_factory=list)
    merge_key: Scalar | None = None


class _Builder:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.frames: list[_Frame] = []
        self.anchors: dict[str, Node] = {}
        self.root: Node | None = None

    def build(self, text: str) -> Node | None:
        documents = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        self.stop(_place(event), "found a second document; expected one per file", 'remove the "---"')
                case yaml.AliasEvent():
                    self.add(self.resolve(event), alias=_place(event))
                case yaml.ScalarEvent():
                    self.anchored(event.anchor, self.scalar(event))
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self.open(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    frame = self.frames.pop()
                    if isinstance(frame.node, Mapping):
                        _merge(frame)
                    self.anchored(frame.anchor, frame.node)
                case _:
                    pass
        return self.root

    def scalar(self, event: yaml.ScalarEvent) -> Scalar:
        self.check_tag(event)
        place, text = _place(event), event.value
        if "\0" in text:
            self.findings.add(place, self.path(), "found the character U+0000 in text", "remove the \\0")
            text = text.replace("\0", "")
        plain = event.implicit[0] and event.style in (None, "")
        return Scalar(place.line, place.column, text, plain, chars=len(text))

    def open(self, event: yaml.CollectionStartEvent) -> None:
        self.check_tag(event)
        place = _place(event)
        if len(self.frames) >= MAX_DEPTH:
            self.too_deep(place)
        kind = Mapping if isinstance(event, yaml.MappingStartEvent) else Sequence
        self.frames.append(_Frame(kind(place.line, place.column, height=1), event.anchor))

    def check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None and event.tag not in _HARMLESS_TAGS:
            tag = event.tag.replace(_CORE_TAGS, "!!")
            self.findings.add(_place(event), self.path(), f"found the tag {quote(tag)}; tags have no meaning here")

    def anchored(self, anchor: str | None, node: Node) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        self.add(node)

    def resolve(self, event: yaml.AliasEvent) -> Node:
        place, name = _place(event), event.anchor or ""
        if name in self.anchors:
            return self.anchors[name]
        if any(frame.anchor == name for frame in self.frames):
            self.findings.add(place, self.path(), f"the alias *{name[:60]} stands inside what it refers to")
        else:
            message = f"no anchor &{name[:60]} comes before this alias"
            self.findings.add(place, self.path(), message, lambda: nearest(name, self.anchors))
        return Unknown(place.line, place.column)

    def add(self, node: Node, alias: Place | None = None) -> None:
        """Put a finished node where it belongs, charging its expanded size to the collection that takes it."""
        if not self.frames:
            self.root = node
            return
        frame = self.frames[-1]
        parent = frame.node
        parent.size += node.size
        parent.chars += node.chars
        if parent.size > MAX_NODES or parent.chars > MAX_CHARS:
            self.stop(
                alias or node,
                f"the document is too large: more than {MAX_NODES:,} values or {MAX_CHARS // 1024**2} MB of text"
                " with its aliases expanded",
            )
        parent.height = max(parent.height, node.height + 1)
        if len(self.frames) + node.height > MAX_DEPTH:
            self.too_deep(alias or node)
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif frame.key is None:
            frame.key = node
        else:
            self.enter(frame, parent, frame.key, node, alias)
            frame.key = None

    def enter(self, frame: _Frame, mapping: Mapping, key: Node, value: Node, alias: Place | None) -> None:
        if not isinstance(key, Scalar):
            if not isinstance(key, Unknown):
                self.findings.add(key, self.path()[:-1], f"found {found(key)} as a key; expected text")
        elif key.plain and key.text == "<<":
            if frame.merge_key is not None:
                self.findings.add(key, self.path(), 'the key "<<" stands here twice', "write <<: [*one, *other]")
            frame.merge_key = key
            self.take_merge(frame, mapping, value, alias or value)
        elif key.text in mapping.entries:
            first = mapping.entries[key.text].key
            message = f"the key {quote(key.text)} stands here twice; first on line {first.line}"
            self.findings.add(key, self.path(), message)
        else:
            mapping.entries[key.text] = Entry(key, value)

    def take_merge(self, frame: _Frame, mapping: Mapping, value: Node, place: Placed) -> None:
        for source in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(source, Mapping):
                frame.merges.append(source)
                continue
            mapping.incomplete = True
            if not isinstance(source, Unknown):
                message = f"found {found(source)} after <<; expected a mapping or a list of them"
                self.findings.add(place, self.path(), message)

    def path(self) -> Path:
        """Where in the document the builder stands: the keys and positions not yet complete."""
        path: list[str | int] = []
        for frame in self.frames:
            if isinstance(frame.node, Sequence):
                path.append(len(frame.node.items))
            elif isinstance(frame.key, Scalar):
                path.append(frame.key.text)
        return tuple(path)

    def too_deep(self, place: Placed) -> None:
        self.stop(place, f"the document is nested more than {MAX_DEPTH} levels deep")

    def stop(self, place: Placed, message: str, hint: str = "") -> None:
        self.findings.add(place, self.path(), message, hint)
        raise _Stop


def _merge(frame: _Frame) -> None:
    """What is written here wins over what is merged, and an earlier source over a later one, wherever `<<` stands."""
    for source in frame.merges:
        for key, entry in source.entries.items():
            frame.node.entries.setdefault(key, entry)  # type: ignore[union-attr]


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
