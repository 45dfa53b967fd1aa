"""What a launch can reach: its own loopback, and nothing else unless it asks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stackdoc.measure.wire import LaunchOrder
from stackdoc.run.process import confinement
from stackdoc.run.process.confinement import WITHIN_REACH, can_confine, confine
from stackdoc.run.process.runner import LaunchEnd
from tests.made.scripts import FAST, run_launch, written

CALLS = """
    import socket
    from stackdoc import example
    ex = example()
    ex.measure("sum", lambda: sum(range(300)), n=300)
    with socket.create_server(("127.0.0.1", 0)) as own, socket.create_connection(own.getsockname(), 5) as caller:
        print("own loopback works at", socket.gethostname())
    try:
        socket.create_connection(("127.0.0.1", {port}), 5).close()
        print("reached the outside")
    except OSError as error:
        print("kept off:", type(error).__name__)
"""


@pytest.fixture
def port() -> Iterator[int]:
    """A server outside of the launch, on an address that every launch would reach if it were not kept off."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: server.accept()[0].close(), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        socket.create_connection(server.getsockname(), 5).close() if thread.is_alive() else None
        thread.join(5)


def launch(tmp_path: Path, port: int, network: bool) -> LaunchEnd:
    path = written(tmp_path, "kernels/fixture", CALLS.replace("{port}", str(port)))
    return run_launch(LaunchOrder(path=str(path), network=network), FAST)


@pytest.mark.case(64)
def test_a_launch_is_kept_off_the_network_or_says_that_it_was_not(tmp_path: Path, port: int) -> None:
    end = launch(tmp_path, port, network=False)
    assert end.outcome.ok, end.outcome
    kept_off = can_confine()
    assert "own loopback works" in end.outcome.tail
    assert ("works at localhost\n" in end.outcome.tail) is kept_off
    assert ("kept off: ConnectionRefusedError" in end.outcome.tail) is kept_off
    assert end.caveats == (() if kept_off else (WITHIN_REACH,))


def test_an_example_that_asks_reaches_it_and_its_record_says_so(tmp_path: Path, port: int) -> None:
    end = launch(tmp_path, port, network=True)
    assert end.outcome.ok, end.outcome
    assert "reached the outside" in end.outcome.tail
    assert end.caveats == (f"{WITHIN_REACH}, as the example asks",)


def test_where_the_system_refuses_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "_unshare", lambda _: False)
    assert confine(network=False) == (WITHIN_REACH,)
