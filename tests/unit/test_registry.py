"""A registry finds its members by itself and never two of one name."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskloom.registry import Registry

MODULE = """
from taskloom.registry import Registry
import shop

@shop.WARES.register({name!r})
class Ware:
    price = {price}
"""
PACKAGE = """
from taskloom.registry import Registry

WARES: Registry[object] = Registry("ware", "shop")
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package `shop` with a registry and two modules, and a plug-in outside of it."""
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text(PACKAGE)
    (package / "rope.py").write_text(MODULE.format(name="rope", price=3))
    (package / "bell.py").write_text(MODULE.format(name="bell", price=5))
    (tmp_path / "annex.py").write_text(MODULE.format(name="annexed", price=7))
    about = tmp_path / "annex-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: annex\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[shop]\nannexed = annex\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield package
    for name in [name for name in sys.modules if name.split(".")[0] in {"shop", "annex"}]:
        del sys.modules[name]


def wares(package: Path) -> Registry[object]:
    """Import the package as its users do."""
    namespace: dict[str, Registry[object]] = {}
    exec(f"from {package.name} import WARES", namespace)  # noqa: S102 - made by this very test
    return namespace["WARES"]


def test_every_module_of_the_package_is_found_without_a_list(shop: Path) -> None:
    assert ["annexed", "bell", "rope"] == list(wares(shop))


def test_a_file_dropped_in_is_a_member(shop: Path) -> None:
    (shop / "lamp.py").write_text(MODULE.format(name="lamp", price=9))
    assert "lamp" in wares(shop)


def test_an_entry_point_of_another_distribution_is_a_member(shop: Path) -> None:
    assert "annexed" in wares(shop)


def test_a_class_is_registered_as_one_instance(shop: Path) -> None:
    found = wares(shop)
    assert not isinstance(found["bell"], type)
    assert found["bell"] is found["bell"]


def test_an_unknown_name_is_answered_with_those_there_are(shop: Path) -> None:
    with pytest.raises(KeyError, match="no ware 'nail'; there are: annexed, bell, rope"):
        wares(shop)["nail"]


def test_two_members_of_one_name_are_refused(shop: Path) -> None:
    (shop / "second.py").write_text(MODULE.format(name="bell", price=1))
    with pytest.raises(ValueError, match="two wares are named 'bell'"):
        wares(shop).members()


def test_a_function_is_registered_as_it_is() -> None:
    registry: Registry[object] = Registry("tool", "taskloom.model")

    @registry.register("saw")
    def saw() -> None: ...

    assert registry["saw"] is saw
