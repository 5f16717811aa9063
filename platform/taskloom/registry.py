"""Registries: an extension is one file in a package, or an entry point; nobody edits a list."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from typing import Generic, TypeVar

T = TypeVar("T")
M = TypeVar("M")


class Registry(Generic[T]):
    """Members of one family by name, found by importing every module of a package once."""

    def __init__(self, family: str, package: str) -> None:
        self._family = family
        self._package = package
        self._members: dict[str, T] = {}
        self._found = False

    def register(self, name: str) -> Callable[[M], M]:
        """Decorate a class (an instance of it is registered) or any other member."""

        def add(member: M) -> M:
            if name in self._members:
                raise ValueError(f"two {self._family}s are named {name!r}")
            self._members[name] = member() if isinstance(member, type) else member  # type: ignore[assignment] # the decorator keeps M, the registry T
            return member

        return add

    def __getitem__(self, name: str) -> T:
        members = self.members()
        if name not in members:
            raise KeyError(f"no {self._family} {name!r}; there are: {', '.join(sorted(members))}")
        return members[name]

    def __contains__(self, name: str) -> bool:
        return name in self.members()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.members()))

    def members(self) -> Mapping[str, T]:
        """All members by name; the first call imports the package's modules and entry points."""
        if not self._found:
            self._found = True
            package = importlib.import_module(self._package)
            for module in pkgutil.iter_modules(package.__path__):
                importlib.import_module(f"{self._package}.{module.name}")
            for point in entry_points(group=self._package):
                point.load()
        return self._members
