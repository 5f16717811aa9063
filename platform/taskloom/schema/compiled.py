"""A workflow version as plain functions and look-up tables, made once and shared by threads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from taskloom.errors import Fault
from taskloom.fields.base import Codec
from taskloom.model.values import Value, Values
from taskloom.model.workflow import Field, Stage, Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """One workflow version, ready for use.

    `fields` and `codecs` are by field key, `keys` maps titles to keys; `stages` is by stage key,
    `stage_keys` maps names to keys. `check` tells every fault of a task's merged values against
    the JSON Schema (not stage rules). `pack` and `unpack` convert all values of a task at once,
    leaving out stored keys that the workflow no longer declares. `unique_text` gives the canonical
    text of a unique ID value. `defaults` are the values a new task gets where none is given.
    """

    workflow: Workflow
    fields: Mapping[str, Field]
    codecs: Mapping[str, Codec]
    keys: Mapping[str, str]
    stages: Mapping[str, Stage]
    stage_keys: Mapping[str, str]
    check: Callable[[Values], Sequence[Fault]]
    pack: Callable[[Values], dict[str, object]]
    unpack: Callable[[Mapping[str, object]], dict[str, Value]]
    unique_text: Callable[[Value], str]
    defaults: Values
