"""From the bytes that a container writes to numbered steps and whole lines. Pure, and exact to the byte.

Feeding the same bytes in other pieces gives the same lines: whoever continues another's work starts at `consumed`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from builds.script import RECORD

LONGEST = 64 * 1024
"""Bytes of one line of the log. A longer one goes on in the next: no byte is lost, and memory is bounded."""


@dataclass(frozen=True)
class Text:
    """A line, without its end. `consumed` is how many bytes of output lie before what comes next."""

    text: str
    consumed: int


@dataclass(frozen=True)
class Begin:
    step: int
    consumed: int


@dataclass(frozen=True)
class End:
    step: int
    exit_code: int
    consumed: int


@dataclass(frozen=True)
class Done:
    """The script came to its own end."""

    consumed: int


Item = Text | Begin | End | Done


class Parser:
    """Cuts output into Items. `consumed` is where its input begins, when it continues."""

    def __init__(self, marker: str, consumed: int = 0) -> None:
        self.consumed = consumed
        self._prefix = f"{RECORD}{marker} ".encode()
        self._pattern = re.compile(
            re.escape(self._prefix) + rb"(?:(begin) ([0-9]{1,6})|(end) ([0-9]{1,6}) ([0-9]{1,3})|(done))$"
        )
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[Item]:
        """What becomes complete with `data`."""
        searched = len(self._rest)
        self._rest += data
        start = 0
        while True:
            end = self._rest.find(b"\n", max(start, searched))
            if end >= 0:
                yield from self._line(bytes(self._rest[start:end]), 1)
                start = end + 1
            elif len(self._rest) - start > LONGEST:
                cut = start + _cut(self._rest[start : start + LONGEST])
                yield from self._texts(bytes(self._rest[start:cut]), 0)
                start = cut
            else:
                break
        del self._rest[:start]

    def close(self) -> Iterator[Item]:
        """What is left at the end of output: a last line without its end."""
        if self._rest:
            line = bytes(self._rest)
            self._rest.clear()
            yield from self._line(line, 0)

    def _line(self, line: bytes, newline: int) -> Iterator[Item]:
        """`newline` is how many bytes the end of the line took."""
        at = line.find(self._prefix)
        marked = self._pattern.search(line, at) if at >= 0 else None
        if marked is None:
            yield from self._texts(line, newline)
            return
        if marked.start() > 0:  # a step that did not end its last line
            yield from self._texts(line[: marked.start()], 0)
        self.consumed += len(line) - marked.start() + newline
        begin, begun, end, ended, code, done = marked.groups()
        if begin:
            yield Begin(int(begun), self.consumed)
        elif end:
            yield End(int(ended), int(code), self.consumed)
        elif done:
            yield Done(self.consumed)

    def _texts(self, line: bytes, newline: int) -> Iterator[Text]:
        while len(line) > LONGEST:
            cut = _cut(line[:LONGEST])
            self.consumed += cut
            yield Text(_text(line[:cut]), self.consumed)
            line = line[cut:]
        self.consumed += len(line) + newline
        yield Text(_text(line), self.consumed)


def _text(line: bytes) -> str:
    """Readable text: what is not UTF-8 becomes U+FFFD; NUL, which PostgreSQL and browsers refuse, its picture."""
    return line.removesuffix(b"\r").decode("utf-8", errors="replace").replace("\x00", "\u2400")


def _cut(piece: bytes | bytearray) -> int:
    """Where to cut `piece`, which is LONGEST bytes: not inside a character, and not inside what may be a marker."""
    record = piece.rfind(RECORD.encode(), len(piece) - 64)
    if record > 0:
        return record
    for back in range(1, 5):
        byte = piece[-back]
        if byte & 0b1100_0000 == 0b1000_0000:
            continue
        needs = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return len(piece) if needs <= back else len(piece) - back
    return len(piece)  # not UTF-8 anyway
