"""A workflow as its file declares it, after checking; the compiled form is `schema.compile`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from taskloom.model.roles import STANDARD, Role
from taskloom.model.rules import Approvals, Checklist, Facade, Link, Listing, Reminder

ANY = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: immutable `key`, renamable `title`, `kind` from `type` and `format`.

    `editable` is false for `readOnly` fields: settable at creation, fixed afterwards. Of
    `write_once` fields a value stays once there is one; a value of a `future` field lies in the
    future when it is set. `auto` says what a new task gets where nothing is given: its creator or
    the moment. `schema` is the property's own JSON Schema. `limit` counts attachments. `options`
    are those of selects.
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
    write_once: bool = False
    future: bool = False
    auto: Literal["creator", "now"] | None = None


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
    it; None (`ANY`) allows all. `several` tells whether a task may have several assignees. `links`
    are those that this file declares; other workflows may declare links to this one. `lists` are
    those that an index is to serve, `search` the keys of the fields whose words are indexed.
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
    roles: tuple[Role, ...] = STANDARD
    approvals: Approvals | None = None
    checklist: Checklist | None = None
    reminders: tuple[Reminder, ...] = ()
    facades: tuple[Facade, ...] = ()
    links: tuple[Link, ...] = ()
    lists: tuple[Listing, ...] = ()
    search: tuple[str, ...] = ()
