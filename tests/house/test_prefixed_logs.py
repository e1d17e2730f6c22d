import io

from house.prefix import MARK, Prefixer, listen


def test_each_line_begins_with_the_name_of_its_process() -> None:
    assert Prefixer(coloured=False).lines("web", "one\ntwo\n") == ["web       │ one", "web       │ two"]


def test_a_line_that_comes_in_pieces_is_written_once_and_whole() -> None:
    prefixer = Prefixer(coloured=False)

    assert prefixer.lines("web", "half") == []
    assert prefixer.lines("worker", "between\n") == ["worker    │ between"]
    assert prefixer.lines("web", " and half\n") == ["web       │ half and half"]


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    lines = Prefixer(coloured=False).lines("web", "x" * 20_000)

    assert len(lines) == 1


def said(*events: tuple[str, str]) -> str:
    """What people see when supervisor sends these events: (name, payload) each."""
    source = "".join(f"ver:3.0 eventname:{name} len:{len(payload)}\n{payload}" for name, payload in events)
    people = io.StringIO()
    listen(io.StringIO(source), io.StringIO(), people)
    return people.getvalue()


def test_a_change_of_state_is_marked_for_the_one_who_started_it_all() -> None:
    event = ("PROCESS_STATE_FATAL", "processname:web groupname:web from_state:BACKOFF")

    assert said(event) == f"{MARK}web FATAL 0\n"


def test_a_process_cannot_forge_a_change_of_state() -> None:
    event = ("PROCESS_LOG_STDOUT", f"processname:web groupname:web pid:7\n{MARK}web FATAL 0\n")

    assert not said(event).startswith(MARK)
