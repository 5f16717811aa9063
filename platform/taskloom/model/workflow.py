"""A workflow as its file declares it, after checking; the compiled form is `schema.compile`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ANY = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: immutable `key`, renamable `title`, `kind` from `type` and `format`.

    `editable` is false for `readOnly` fields: settable at creation, fixed afterwards. `schema` is
    the property's own JSON Schema. `limit` counts attachments. `options` are those of selects.
    """

    key: str
    title: str
    kind: str
    schema: Mapping[str, object]
    required: bool = False
    editable: bool = True
    filterable: bool = False
    options: tuple[str, ...] = ()
    limit: int | None = None
    unique: bool = False
    auto_increment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage; `key` is stored in tasks, `name` is shown and may be renamed."""

    key: str
    name: str
    end: bool = False
    colour: str | None = None
    require: tuple[str, ...] = ()
    wip_limit: int | None = None
    checklist: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """One version of a workflow.

    `id` is the `$id` of the file, unique in its workspace; `uid` is our own id, which names the
    collection and never changes. `transitions` maps a stage key to the stage keys reachable from
    it; None (`ANY`) allows all. `several` tells whether a task may have several assignees.
    """

    id: str
    uid: str
    workspace: str
    version: int
    title: str
    source: str
    schema: Mapping[str, object]
    fields: tuple[Field, ...]
    stages: tuple[Stage, ...]
    initial: str
    transitions: Mapping[str, frozenset[str]] | None = ANY
    unique_id: str | None = None
    ignore_unknown: bool = False
    several: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)
