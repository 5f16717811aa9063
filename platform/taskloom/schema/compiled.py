"""A workflow version as plain functions and look-up tables, made once and shared by threads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from taskloom.errors import ASSIGNEE, STAGE, Fault
from taskloom.fields.base import Codec
from taskloom.model.roles import FULL, Role
from taskloom.model.values import Value, Values
from taskloom.model.workflow import Field, Stage, Workflow
from taskloom.schema.faces import Face


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """One workflow version, ready for use.

    `fields` and `codecs` are by field key, `keys` maps titles to keys; `stages` is by stage key,
    `stage_keys` maps names to keys. `check` tells every fault of a task's merged values against
    the JSON Schema (not stage rules). `pack` and `unpack` convert all values of a task at once,
    leaving out stored keys that the workflow no longer declares. `unique_text` gives the canonical
    text of a unique ID value. `defaults` are the values a new task gets where none is given.
    `auto` are the fields that a new task gets by itself, `bound` those that not every write may
    set at any time, `files` those that hold files, and `fleeting` those where the same wire value
    may come to another value the next time; by key. `face` spells the faces of all its tasks.

    `role` is that of whom this is a view for: fields that the role does not see are nowhere in
    the view, but in `check`, which takes whole values. `whole` is then what it is a view of.
    `linked` are the links to workflows that the actor takes part in too. `slots` name by key where
    values are stored, where that is not the key itself.
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
    auto: Mapping[str, Field]
    bound: Mapping[str, Field]
    files: frozenset[str]
    fleeting: frozenset[str]
    face: Face
    role: Role = FULL
    whole: "Compiled | None" = None
    linked: tuple["LinkSide", ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)

    @property
    def base(self) -> "Compiled":
        """The workflow version with all its fields, which every write is decided with."""
        return self if self.whole is None else self.whole

    def slot(self, key: str) -> str:
        """Return the name that a field's values are stored under."""
        return self.slots.get(key, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSide:
    """A link as the tasks of one of its two workflows have it.

    `name` is what it is called here, `key` what faults and events call it. `pairs` names the link
    where linked tasks are stored, `declared_here` tells whether it is this workflow's file that
    has it. `target` is the view of the other workflow, without its links. `many` tells whether a
    task may have several there, `shared` whether one there may have several of here.
    """

    name: str
    key: str
    pairs: str
    declared_here: bool
    target: Compiled
    many: bool
    shared: bool


def titles_of(workflow: Compiled) -> Mapping[str, str]:
    """Name every field, link and built-in of a workflow, by its key, as people know it."""
    titles = {key: field.title for key, field in workflow.fields.items()}
    links = {side.key: side.name for side in workflow.linked}
    return {**titles, **links, STAGE: "Stage", ASSIGNEE: "Assigned To"}
