import os
import socket
from collections.abc import Iterator

import pytest

from house.ports import free_port, holder, require_free
from house.steps import Stop


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_refused_with_the_process_that_holds_it_and_a_remedy(taken: int) -> None:
    with pytest.raises(Stop, match=f"Port {taken} is taken by process {os.getpid()} ") as stopped:
        require_free("127.0.0.1", taken, remedy="choose another")

    assert stopped.value.remedies == ("choose another",)


def test_all_addresses_are_taken_when_one_is(taken: int) -> None:
    with pytest.raises(Stop):
        require_free("0.0.0.0", taken, remedy="choose another")  # noqa: S104


def test_a_free_port_is_accepted() -> None:
    require_free("127.0.0.1", free_port(), remedy="choose another")


def test_nobody_holds_a_free_port() -> None:
    assert holder(free_port()) is None


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(Stop, match="not an address"):
        require_free("no such host", 8000, remedy="choose another")
