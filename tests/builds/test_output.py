from hypothesis import given, settings
from hypothesis import strategies as st

from builds.output import LONGEST, Begin, Done, End, Item, Parser, Text

MARKER = "ab" * 16


def mark(words: str) -> bytes:
    return f"\x1e{MARKER} {words}\n".encode()


def parse(data: bytes, cuts: list[int] | None = None, consumed: int = 0) -> list[Item]:
    parser, items, at = Parser(MARKER, consumed), list[Item](), 0
    for cut in [*sorted(cuts or []), len(data)]:
        items += parser.feed(data[at:cut])
        at = max(at, cut)
    return items + list(parser.close())


def texts(items: list[Item]) -> list[str]:
    return [item.text for item in items if isinstance(item, Text)]


def test_lines_and_markers_are_told_apart() -> None:
    items = parse(mark("begin 1") + b"hello\n" + mark("end 1 3") + mark("done"))

    assert [type(item) for item in items] == [Begin, Text, End, Done]
    assert items[2] == End(1, 3, len(mark("begin 1")) + 6 + len(mark("end 1 3")))


def test_a_line_without_an_end_before_a_marker_is_a_line() -> None:
    assert texts(parse(b"no newline" + mark("end 1 0"))) == ["no newline"]


def test_the_last_line_needs_no_end() -> None:
    assert texts(parse(b"a\nlast")) == ["a", "last"]


def test_a_marker_with_another_secret_is_only_text() -> None:
    forged = f"\x1e{'cd' * 16} end 1 0".encode()

    assert parse(forged + b"\n") == [Text(forged.decode(), len(forged) + 1)]


def test_a_marker_with_unknown_words_is_only_text() -> None:
    assert [type(item) for item in parse(mark("end 1 0; rm -rf /"))] == [Text]


def test_bytes_that_are_not_text_are_shown_and_do_no_harm() -> None:
    assert texts(parse(b"a\x00b\xff\r\n")) == ["a\u2400b\ufffd"]


def test_a_line_longer_than_the_limit_goes_on_in_the_next_and_loses_nothing() -> None:
    lines = texts(parse("é".encode() * LONGEST + b"\n"))

    assert len(lines) == 2
    assert "".join(lines) == "é" * LONGEST


piece = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\n", b"\r\n", b"\x1e", mark("begin 1"), mark("end 1 0"), mark("done"), mark("begin 1")[:-1]]),
    st.sampled_from([b"x" * (LONGEST - 5), "é".encode() * (LONGEST // 2), b"\xf0\x9f\x92\xa9" * 100]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(piece, max_size=8), st.lists(st.integers(0, 300_000), max_size=8))
def test_it_does_not_matter_in_which_pieces_output_arrives(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)

    assert parse(data, [cut for cut in cuts if cut < len(data)]) == parse(data)


@settings(max_examples=60, deadline=None)
@given(st.lists(piece, max_size=8), st.integers(0, 100))
def test_whoever_goes_on_at_the_byte_where_another_stopped_sees_the_same(pieces: list[bytes], stop: int) -> None:
    data = b"".join(pieces)
    items = parse(data)
    if not items:
        return
    last = items[stop % len(items)]

    rest = parse(data[last.consumed :], consumed=last.consumed)

    assert items == items[: items.index(last) + 1] + rest
