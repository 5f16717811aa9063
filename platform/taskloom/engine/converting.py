"""What becomes of a task's values when fields get other kinds. Pure, but for who people are."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from taskloom.engine.shifts import Held, Move, Shift
from taskloom.fields.base import People
from taskloom.model.workflow import Field
from taskloom.schema.conversions import Convert, converter
from taskloom.schema.properties import codec_of

_BYTES: Final = 8

FieldOf = Callable[[str, int], Field | None]
"""Gives a field, by key, as a version declared it, if it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A move with its functions: `forth` makes new values of old ones, `again` old ones of new.

    `back` makes old ones of those that may be recalled. `old` is the field as it was, `shown`
    writes its values for people. `fleeting` are values that may not be made of the same again.
    """

    move: Move
    old: Field
    forth: Convert
    again: Convert
    back: Convert
    shown: Convert
    fleeting: bool


def routes_of(moves: Sequence[Move], field_of: FieldOf) -> list[Route]:
    """Make the functions of moves."""
    return [_route(move, field_of) for move in moves]


def _route(move: Move, field_of: FieldOf) -> Route:
    old, new = _declared(move, move.version, field_of), _declared(move, move.new, field_of)
    recalled = move.recalled
    earlier = new if recalled is None else _declared(move, recalled.version, field_of)
    codec = codec_of(old)

    def shown(stored: object, people: People) -> object:
        return codec.dump(codec.unpack(stored), people)

    return Route(
        move=move,
        old=old,
        forth=converter(old, new),
        again=converter(new, old),
        back=converter(earlier, old),
        shown=shown,
        fleeting=not (codec.repeatable and codec_of(new).repeatable),
    )


def _declared(move: Move, version: int, field_of: FieldOf) -> Field:
    found = field_of(move.key, version)
    if found is None:
        raise LookupError(f"version {version} does not declare {move.key!r}")
    return found


def wanted(route: Route, values: Mapping[str, object], people: People) -> object:
    """Return what a field is to hold in its new kind, in stored form; None for nothing.

    An older value of that kind comes back if the present one is what was once made of it.
    """
    move = route.move
    now = values.get(move.source)
    if move.recalled is not None:
        earlier = values.get(move.recalled.slot)
        if earlier is not None and print_of(route.back(earlier, people)) == print_of(now):
            return earlier
    return None if now is None else route.forth(now, people)


def print_of(stored: object) -> bytes:
    """Return a digest of a stored value that no other value has; 1, 1.0 and True are three."""
    return hashlib.blake2b(repr(stored).encode(), digest_size=_BYTES).digest()


def converted(
    routes: Sequence[Route], values: Mapping[str, object], people: People
) -> dict[str, object]:
    """Return what a task would hold, by slot, were its values converted now."""
    held = dict(values)
    for route in routes:
        held.pop(route.move.target, None)
        value = wanted(route, values, people)
        if value is not None:
            held[route.move.target] = value
    return held


def shifted(routes: Sequence[Route], held: Held, people: People) -> Shift:
    """Say what is to be written into a task so that it holds what the moves make of its values.

    A value that was made from what is not there any more is made anew, unless somebody wrote
    another one since: the mark beside it tells of both.
    """
    put: dict[str, object] = {}
    drop: set[str] = set()
    marks: dict[str, bytes] = {}
    for route in routes:
        target = route.move.target
        if not _is_due(route.move, held):
            continue
        value = wanted(route, held.values, people)
        if value is not None:
            put[target] = value
        elif target in held.values:
            drop.add(target)
        marks[target] = _mark(held.values.get(route.move.source), value)
    return Shift(task=held.id, rev=held.rev, put=put, drop=frozenset(drop), marks=marks)


def needless(
    routes: Sequence[Route], values: Mapping[str, object], people: People
) -> frozenset[str]:
    """Name the slots that say nothing more once an old value has come back.

    These are the slot that it came from, and the one of the kind in between, if that can be made
    again of it.
    """
    found: set[str] = set()
    for route in routes:
        move, now = route.move, values.get(route.move.target)
        if move.recalled is None or now is None or route.fleeting:
            continue
        if print_of(values.get(move.recalled.slot)) == print_of(now):
            found.add(move.recalled.slot)
            if print_of(values.get(move.source)) == print_of(route.again(now, people)):
                found.add(move.source)
    return frozenset(found)


def _is_due(move: Move, held: Held) -> bool:
    mark, values = held.marks.get(move.target), held.values
    if mark is None:
        earlier = move.recalled is not None and move.recalled.slot in values
        return move.target not in values and (move.source in values or earlier)
    source, target = mark[:_BYTES], mark[_BYTES:]
    return print_of(values.get(move.source)) != source and (
        print_of(values.get(move.target)) == target
    )


def _mark(source: object, target: object) -> bytes:
    return print_of(source) + print_of(target)
