"""Servers for tests that press or kill them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.serving import Server


def _running(data: Path) -> Iterator[Server]:
    server = Server(data)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that a module's tests share."""
    yield from _running(tmp_path_factory.mktemp("server") / "data")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """Give a server that one test may kill."""
    yield from _running(tmp_path / "data")
