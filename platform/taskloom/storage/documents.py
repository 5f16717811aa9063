"""How tasks and events look in the database.

A task is `{_id, rev, uid, stage, assignee, by, eb, at, up, sv, v: {key: packed}, ev: [event, …]}`.
`uid`, `assignee`, `by` and `eb` (the editor) are left out where there is none; `assignee` is one
id or a list of them; `at` and `up` are milliseconds. `ln` counts how often others linked to it.
Each write adds exactly one event, so the last event in `ev` has the number `rev`, and the one
before it `rev - 1`.
"""

from collections.abc import Callable, Mapping, Sequence

from bson.decimal128 import Decimal128
from bson.errors import InvalidId
from bson.objectid import ObjectId

from taskloom.engine.ports import Insertion, Replacement
from taskloom.fields.base import IDENTITY
from taskloom.model.event import LINK, Change, Event
from taskloom.model.task import Task
from taskloom.query.tree import BUILT_IN
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Document

# Naming what to read, top level only, is what mongod does fastest; `ev` stays behind.
_HEAD: Mapping[str, int] = dict.fromkeys(
    ("rev", "uid", "stage", "assignee", "by", "eb", "at", "up", "sv"), 1
)
WHOLE: Mapping[str, int] = {**_HEAD, "v": 1}


def projection(fields: frozenset[str] | None) -> Mapping[str, int]:
    """Name what to read of a task: all values, or those of some fields; never the events."""
    if fields is None:
        return WHOLE
    return {**_HEAD, **{f"v.{key}": 1 for key in fields}}


def object_id(text: object) -> ObjectId | None:
    """Read 24 hex digits; None when the text is anything else."""
    try:
        return ObjectId(text) if isinstance(text, str) else None
    except InvalidId:
        return None


def task_document(workflow: Compiled, new: Insertion) -> Document:
    """Spell out a new task with its first event."""
    task = new.task
    return {
        "_id": ObjectId(task.id),
        "rev": task.rev,
        "stage": task.stage,
        "at": task.created,
        "up": task.updated,
        "sv": task.version,
        "v": workflow.pack(task.values),
        "ev": [event_document(new.event)],
        **_optional(task),
    }


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


def update_document(change: Replacement) -> Document:
    """Spell out a change: the fields its event names are written, and the event with them.

    Values are compared nowhere but where the event was made, so that what is stored and what the
    event tells cannot differ: Python takes 1 and True for equal, also deep inside JSON values.
    """
    before, after = change.before, change.after
    written: Document = {"rev": before.rev + 1, "up": after.updated, "sv": after.version}
    if before.stage != after.stage:
        written["stage"] = after.stage
    held, now = _optional(before), _optional(after)
    written.update({key: value for key, value in now.items() if held.get(key) != value})
    removed = [key for key in held if key not in now]
    for each in change.event.changes:
        if each.field in BUILT_IN or each.field.startswith(LINK):
            continue
        if each.new is None:
            removed.append(f"v.{each.field}")
        else:
            written[f"v.{each.field}"] = each.new
    update: Document = {"$set": written, "$push": {"ev": event_document(change.event)}}
    if removed:
        update["$unset"] = dict.fromkeys(removed, "")
    return update


def reader(workflow: Compiled) -> Callable[[Document], Task]:
    """Make the function that reads a task from its document."""
    unpack = workflow.unpack
    # A bare command leaves decimals in MongoDB's form; only converted kinds may hold any.
    exact = [key for key, codec in workflow.codecs.items() if codec.unpack is not IDENTITY]

    def read(document: Document) -> Task:
        values = document.get("v", {})
        for key in exact:
            if type(values.get(key)) is Decimal128:
                values[key] = values[key].to_decimal()
        assignee = document.get("assignee")
        if assignee is None:
            assignees: tuple[str, ...] = ()
        elif isinstance(assignee, str):
            assignees = (assignee,)
        else:
            assignees = tuple(assignee)
        return Task(
            id=str(document["_id"]),
            rev=document["rev"],
            uid=document.get("uid"),
            stage=document["stage"],
            assignees=assignees,
            by=document.get("by"),
            created=document["at"],
            updated=document["up"],
            version=document["sv"],
            values=unpack(values),
            editor=document.get("eb"),
        )

    return read


def event_document(event: Event) -> Document:
    """Spell out an event; who, what changed and why are left out where there is nothing to say."""
    document: Document = {"i": event.id, "t": event.at, "k": event.kind}
    if event.by is not None:
        document["b"] = event.by
    if event.changes:
        document["c"] = [[change.field, change.old, change.new] for change in event.changes]
    if event.action is not None:
        document["a"] = event.action
    if event.comment is not None:
        document["m"] = event.comment
    return document


def event_of(document: Document) -> Event:
    """Read an event from its document."""
    return Event(
        id=document["i"],
        at=document["t"],
        by=document.get("b"),
        kind=document["k"],
        changes=tuple(
            Change(field=field, old=old, new=new) for field, old, new in document.get("c", ())
        ),
        action=document.get("a"),
        comment=document.get("m"),
    )
