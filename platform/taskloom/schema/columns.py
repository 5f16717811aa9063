"""Fields as reads show them, from the stored form, for very many tasks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from taskloom.fields.base import IDENTITY, Codec, People, as_is
from taskloom.model.workflow import Field

Show = Callable[[Any, People], object]
Special = tuple[str, Show | None, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Some fields: titles, keys or slots, and title, show and empty of what is not shown as it is.

    Most values look on the wire as they are stored, so the others are put right afterwards.
    """

    titles: tuple[str, ...]
    keys: tuple[str, ...]
    special: tuple[Special, ...]

    def fill(
        self, shown: dict[str, object], stored: Mapping[str, object], people: People
    ) -> dict[str, object]:
        """Show these fields of a task among what is shown of it already."""
        shown.update(zip(self.titles, map(stored.get, self.keys), strict=False))
        for title, show, empty in self.special:
            value = shown[title]
            if value is None:
                shown[title] = empty
            elif show is not None:
                shown[title] = show(value, people)
        return shown


def columns_of(fields: Iterable[Field], codecs: Mapping[str, Codec]) -> Columns:
    """Put columns together for some fields; codecs are by key."""
    kept = {field.title: field.key for field in fields}
    special = [
        (title, show_of(codec), codec.empty)
        for title, key in kept.items()
        for codec in (codecs[key],)
    ]
    return Columns(
        titles=tuple(kept),
        keys=tuple(kept.values()),
        special=tuple(each for each in special if each[1:] != (None, None)),
    )


def show_of(codec: Codec) -> Show | None:
    """Return what dumps the stored form of a kind; None where it is dumped as it is stored."""
    if codec.show is not None:
        return codec.show
    dump, unpack = codec.dump, codec.unpack
    if unpack is IDENTITY:
        return None if dump is as_is else dump
    return lambda stored, people: dump(unpack(stored), people)
