"""Where the values of fields are stored: under the field's key, until its kind changes.

Values of one kind and values of another never share a name, so that whoever still reads or writes
by an older version of the workflow finds there what that version expects. The name of a field's
values is its slot: the key, or `key~…` once a plan gave the field another kind. No key has a `~`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from taskloom.schema.compiled import Compiled
from taskloom.schema.faces import face_of

SIGN: Final = "~"


def with_slots(compiled: Compiled, slots: Mapping[str, str]) -> Compiled:
    """Let a workflow version keep values under these names, by key; all others under their keys.

    Slots of keys that this version does not declare are remembered for versions that do.
    """
    moved = {key: slots[key] for key in compiled.codecs if slots.get(key, key) != key}
    if not moved:
        return replace(compiled, slots=slots)
    pack, unpack = compiled.pack, compiled.unpack
    return replace(
        compiled,
        slots=slots,
        face=face_of(compiled.fields.values(), compiled.codecs, moved),
        pack=lambda values: {moved.get(key, key): value for key, value in pack(values).items()},
        unpack=lambda stored: unpack(by_key(stored, moved)),
    )


def by_key(stored: Mapping[str, object], moved: Mapping[str, str]) -> dict[str, object]:
    """Return stored values by the keys of their fields; `moved` are slots by key."""
    found = {name: value for name, value in stored.items() if name not in moved}
    for key, slot in moved.items():
        if slot in found:
            found[key] = found.pop(slot)
    return found


def event_names(slots: Mapping[str, str]) -> Mapping[str, str]:
    """Say what readers of events call what was stored under a name, where that is another.

    A value of a kind that the field does not have any more is told of no field.
    """
    names: dict[str, str] = {}
    for key, slot in slots.items():
        if slot != key:
            names |= {slot: key, key: f"{key}{SIGN}"}
    return names
