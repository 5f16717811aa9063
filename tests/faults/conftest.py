"""Servers for tests that press or kill them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.serving import Restartable


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restartable]:
    """Give a server that a module's tests share."""
    server = Restartable(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Restartable]:
    """Give a server that one test may kill."""
    server = Restartable(tmp_path)
    yield server
    server.close()
