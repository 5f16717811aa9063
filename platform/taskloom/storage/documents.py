"""How tasks and events look in the database.

A task is `{_id, rev, uid, stage, assignee, by, eb, at, up, sv, v: {key: packed}, ev: [event, …]}`.
`uid`, `assignee`, `by` and `eb` (the editor) are left out where there is none; `assignee` is one
id or a list of them; `at` and `up` are milliseconds. `ln` counts how often others linked to it,
`w` are the words of the fields that the workflow searches, `j` is the task's face (see
`schema.faces`), and `pr` is a digest of what a write of many tasks asked for, beside the `rev` that
it made.
Each write adds exactly one event, so the last event in `ev` has the number `rev`, and the one
before it `rev - 1`. That of a new task does not repeat what the task holds anyway: what it began
with is what it holds now, with the later changes taken back.
"""

from collections.abc import Callable, Mapping, Sequence

from bson.decimal128 import Decimal128
from bson.errors import InvalidId
from bson.objectid import ObjectId

from taskloom.engine.ports import Insertion, Printed, Replacement
from taskloom.fields.base import IDENTITY
from taskloom.model.event import LINK, Change, Event
from taskloom.model.task import NO_LINKS, Row, Task
from taskloom.query.tree import BUILT_IN
from taskloom.schema.compiled import Compiled
from taskloom.schema.slots import by_key
from taskloom.storage.client import Document
from taskloom.storage.words import WORDS, tokens, touches

# Naming what to read, top level only, is what mongod does fastest; `ev` stays behind.
_HEAD: Mapping[str, int] = dict.fromkeys(
    ("rev", "uid", "stage", "assignee", "by", "eb", "at", "up", "sv"), 1
)
FACE = "j"
PRINT = "pr"
NO_SLOTS: Mapping[str, str] = {}
PRINTED: Mapping[str, int] = {"uid": 1, "rev": 1, "sv": 1, PRINT: 1}
WHOLE: Mapping[str, int] = {**_HEAD, "v": 1}
ROW_HEAD: Mapping[str, int] = dict.fromkeys(("rev", "stage", "assignee", "by", "at", "up"), 1)
_WHOLE_ROW: Mapping[str, int] = {**ROW_HEAD, "v": 1}


def projection(workflow: Compiled, fields: frozenset[str] | None) -> Mapping[str, int]:
    """Name what to read of a task: all values, or those of some fields; never the events."""
    if fields is None:
        return WHOLE
    return {**_HEAD, **{f"v.{workflow.slot(key)}": 1 for key in fields}}


def row_projection(workflow: Compiled, fields: frozenset[str] | None) -> Mapping[str, int]:
    """Name what to read of a task for a row: all values that the view shows, or some of them."""
    if fields is None and not workflow.role.hidden:
        return _WHOLE_ROW
    shown = workflow.fields if fields is None else fields.intersection(workflow.fields)
    return {**ROW_HEAD, **{f"v.{workflow.slot(key)}": 1 for key in shown}}


def object_id(text: object) -> ObjectId | None:
    """Read 24 hex digits; None when the text is anything else."""
    try:
        return ObjectId(text) if isinstance(text, str) else None
    except InvalidId:
        return None


def task_document(workflow: Compiled, new: Insertion) -> Document:
    """Spell out a new task with its first event."""
    task = new.task
    stored = workflow.pack(task.values)
    document = {
        "_id": ObjectId(task.id),
        "rev": task.rev,
        "stage": task.stage,
        "at": task.created,
        "up": task.updated,
        "sv": task.version,
        "v": stored,
        "ev": [event_document(new.event)],
        **_optional(task),
    }
    if words := tokens(workflow, task.values):
        document[WORDS] = words
    if (face := workflow.base.face.of(stored)) is not None:
        document[FACE] = face
    if new.print is not None:
        document[PRINT] = [task.rev, new.print]
    return document


def _optional(task: Task) -> Document:
    held: Document = {}
    if task.uid is not None:
        held["uid"] = task.uid
    if task.assignees:
        held["assignee"] = _assigned(task.assignees)
    if task.by is not None:
        held["by"] = task.by
    if task.editor is not None:
        held["eb"] = task.editor
    return held


def _assigned(assignees: Sequence[str]) -> object:
    return assignees[0] if len(assignees) == 1 else list(assignees)


def update_document(workflow: Compiled, change: Replacement) -> Document:
    """Spell out a change: the fields its event names are written, and the event with them.

    Values are compared nowhere but where the event was made, so that what is stored and what the
    event tells cannot differ: Python takes 1 and True for equal, also deep inside JSON values.
    """
    before, after = change.before, change.after
    made: Document = {
        "rev": before.rev + 1,
        "up": after.updated,
        "sv": after.version,
        **_changed(before, after),
        **_derived(workflow, change),
    }
    for each in change.event.changes:
        if not (each.field in BUILT_IN or each.field.startswith(LINK)):
            made[f"v.{workflow.slot(each.field)}"] = each.new
    if change.print is not None:
        made[PRINT] = [before.rev + 1, change.print]
    removed = [key for key, value in made.items() if value is None]
    for key in removed:
        del made[key]
    event = event_document(change.event, workflow.slots)
    update: Document = {"$set": made, "$push": {"ev": event}}
    if removed:
        update["$unset"] = dict.fromkeys(removed, "")
    return update


def _changed(before: Task, after: Task) -> Mapping[str, object]:
    """Give the built-ins that change; None is what there is no more."""
    held, now = _optional(before), _optional(after)
    changed: dict[str, object] = {key: None for key in held if key not in now}
    changed.update((key, value) for key, value in now.items() if held.get(key) != value)
    if before.stage != after.stage:
        changed["stage"] = after.stage
    return changed


def _derived(workflow: Compiled, change: Replacement) -> Mapping[str, object]:
    """Make anew what is derived from fields that change; None is what there is no more."""
    changes, values = change.event.changes, change.after.values
    derived: dict[str, object] = {}
    if touches(workflow, changes):
        derived[WORDS] = tokens(workflow, values)
    if any(each.field in workflow.base.codecs for each in changes):
        derived[FACE] = workflow.base.face.of(workflow.base.pack(values))
    return derived


def reader(workflow: Compiled) -> Callable[[Document], Task]:
    """Make the function that reads a task from its document."""
    unpack = workflow.unpack
    exact = _exact(workflow)

    def read(document: Document) -> Task:
        return Task(
            id=str(document["_id"]),
            rev=document["rev"],
            uid=document.get("uid"),
            stage=document["stage"],
            assignees=_assignees(document),
            by=document.get("by"),
            created=document["at"],
            updated=document["up"],
            version=document["sv"],
            values=unpack(_values(document, exact)),
            editor=document.get("eb"),
        )

    return read


def printed(document: Document, version: int) -> Printed:
    """Read what was last asked of a task; a digest holds for the revision it came with."""
    rev, print_ = document.get(PRINT) or (0, None)
    holds = rev == document["rev"] and document["sv"] == version
    return Printed(str(document["_id"]), print_ if holds else None)


def row_reader(workflow: Compiled) -> Callable[[Document], Row]:
    """Make the function that reads a row from the document of a task."""
    exact = _exact(workflow)
    moved = {key: slot for key, slot in workflow.slots.items() if key in workflow.fields}

    def read(document: Document) -> Row:
        stored = _values(document, exact)
        # As `Row(…)` does, without a call of Python's for each of very many.
        parts = (
            str(document["_id"]),
            document["rev"],
            document["stage"],
            _assignees(document) if "assignee" in document else (),
            document.get("by"),
            document["at"],
            document["up"],
            by_key(stored, moved) if moved else stored,
            NO_LINKS,
        )
        return tuple.__new__(Row, parts)

    return read


def _exact(workflow: Compiled) -> Sequence[str]:
    """Name the slots that may hold decimals, which only converted kinds do."""
    return [
        workflow.slot(key) for key, codec in workflow.codecs.items() if codec.unpack is not IDENTITY
    ]


def _values(document: Document, exact: Sequence[str]) -> Document:
    """Return the stored values; a bare command leaves decimals in MongoDB's form."""
    values: Document = document.get("v") or {}
    for key in exact:
        if type(values.get(key)) is Decimal128:
            values[key] = values[key].to_decimal()
    return values


def _assignees(document: Document) -> tuple[str, ...]:
    assignee = document.get("assignee")
    if assignee is None:
        return ()
    return (assignee,) if type(assignee) is str else tuple(assignee)


def event_document(event: Event, slots: Mapping[str, str] = NO_SLOTS) -> Document:
    """Spell out an event; who, what changed and why are left out where there is nothing to say.

    What changed is told by slots, so that it says also of what kind it was.
    """
    document: Document = {"i": event.id, "t": event.at, "k": event.kind}
    if event.by is not None:
        document["b"] = event.by
    if event.changes and slots:
        document["c"] = [(slots.get(c.field, c.field), c.old, c.new) for c in event.changes]
    elif event.changes:
        document["c"] = list(event.changes)
    if event.action is not None:
        document["a"] = event.action
    if event.comment is not None:
        document["m"] = event.comment
    return document


def event_of(document: Document, names: Mapping[str, str] = NO_SLOTS) -> Event:
    """Read an event from its document; `names` are the `event_names` of a workflow's slots."""
    return Event(
        id=document["i"],
        at=document["t"],
        by=document.get("b"),
        kind=document["k"],
        changes=tuple(
            Change(names.get(name, name), old, new) for name, old, new in document.get("c", ())
        ),
        action=document.get("a"),
        comment=document.get("m"),
    )
