"""The one decision behind every write: a task before, an intent, and what the rules make of it.

Pure: data in, data out. Every path that changes a task comes through `decide`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from taskloom.engine.intent import Intent, entries
from taskloom.engine.writing import Absent
from taskloom.errors import ASSIGNEE, STAGE, Fault
from taskloom.fields.base import BLANK
from taskloom.model.event import CREATED, UPDATED, Change, Event
from taskloom.model.task import Moment, Task
from taskloom.model.values import Attachment, Entry, Kept, Parsed, Value, Values
from taskloom.schema.compiled import Compiled

FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who writes, when by the clock, and the ids a new task and event get."""

    by: str | None
    at: Moment
    task_id: str
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The task as it would be, its event (None when nothing changes), and every fault."""

    task: Task
    event: Event | None
    faults: tuple[Fault, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """Keys and built-ins that differ from before."""
        return tuple(change.field for change in self.event.changes) if self.event else ()


def attached(
    workflow: Compiled, values: Mapping[str, Parsed | None]
) -> Mapping[str, Sequence[Attachment]]:
    """Pick the attachments out of values, by field; free JSON that looks like one is none."""
    return {
        key: cast(Sequence[Attachment], value)
        for key, value in values.items()
        if value and workflow.fields[key].kind == FILE and not entries(value)
    }


def _settled(entry: Entry, known: Mapping[str, Attachment]) -> Attachment:
    """Give the attachment an entry names, or one that stands for it until it is looked up."""
    blob = entry.blob if isinstance(entry, Kept) else ""
    nothing = Attachment(blobId=blob, filename="", contentType="", size=0)
    return known.get(blob, nothing)


def _merged(before: Task | None, intent: Intent, workflow: Compiled) -> Values:
    merged: dict[str, Value] = dict(workflow.defaults if before is None else before.values)
    for key, value in intent.values.items():
        if value is None:
            merged.pop(key, None)
        elif waiting := entries(value):
            held = {} if before is None else attached(workflow, before.values)
            known = {file["blobId"]: file for files in held.values() for file in files}
            merged[key] = [_settled(entry, known) for entry in waiting]
        else:
            merged[key] = cast(Value, value)
    return merged


def differs(workflow: Compiled, key: str, old: Value | None, new: Value | None) -> bool:
    """Tell whether two values of a field are different ones.

    Stored forms are compared: Python takes 1 and True for equal, also deep inside JSON values.
    """
    return old is not new and _packed(workflow, key, old) != _packed(workflow, key, new)


def _fixed(before: Task | None, after: Values, workflow: Compiled) -> list[Fault]:
    """Refuse changes of fields that are fixed once the task exists."""
    if before is None:
        return []
    return [
        Fault(path=(key,), code="not_editable", message="is not editable")
        for key, field in workflow.fields.items()
        if not field.editable and differs(workflow, key, before.values.get(key), after.get(key))
    ]


def is_blank(value: Value | None) -> bool:
    """Tell whether a value counts as missing where one is required."""
    return value is None or value in ("", [])


def _moves(before: Task | None, stage: str, after: Values, workflow: Compiled) -> list[Fault]:
    """Check the transition and what the stage requires, where the task enters a stage."""
    if before is not None and before.stage == stage:
        return []
    target = workflow.stages[stage]
    faults = [
        Fault(
            path=(key,),
            code=BLANK,
            message="can't be blank",
            hint=f"needed to enter the stage {target.name!r}",
        )
        for key in target.require
        if is_blank(after.get(key))
    ]
    table = workflow.workflow.transitions
    # A task that was moved into a stage while a new version took the stage away may go anywhere.
    if before is None or table is None or before.stage not in workflow.stages:
        return faults
    allowed = table.get(before.stage, frozenset())
    if stage not in allowed:
        names = [repr(s.name) for s in workflow.stages.values() if s.key in allowed]
        now = workflow.stages[before.stage].name
        faults.append(
            Fault(
                path=(STAGE,),
                code="transition",
                message=f"can't go from {now!r} to {target.name!r}",
                hint=f"from here: {', '.join(names) or 'nowhere'}",
            )
        )
    return faults


def _packed(workflow: Compiled, key: str, value: Value | None) -> object:
    return None if value is None else workflow.codecs[key].pack(value)


def _changes(before: Task | None, after: Task, workflow: Compiled) -> list[Change]:
    old: Values = {} if before is None else before.values
    changes = [
        Change(
            field=key,
            old=_packed(workflow, key, old.get(key)),
            new=_packed(workflow, key, after.values.get(key)),
        )
        for key in workflow.fields
        if differs(workflow, key, old.get(key), after.values.get(key))
    ]
    stage = before.stage if before else None
    if stage != after.stage:
        changes.append(Change(field=STAGE, old=stage, new=after.stage))
    assignees = before.assignees if before else ()
    if assignees != after.assignees:
        changes.append(Change(field=ASSIGNEE, old=list(assignees), new=list(after.assignees)))
    return changes


def _unique_of(workflow: Compiled, values: Values) -> str | None:
    key = workflow.workflow.unique_id
    value = values.get(key) if key is not None else None
    return None if value is None else workflow.unique_text(value)


def _after(
    before: Task | None, intent: Intent, values: Values, workflow: Compiled, context: Context
) -> Task:
    stage = intent.stage
    if isinstance(stage, Absent):
        stage = before.stage if before else workflow.workflow.initial
    assignees = intent.assignees
    if isinstance(assignees, Absent):
        assignees = before.assignees if before else ()
    base = before or Task(
        id=context.task_id,
        rev=0,
        uid=None,
        stage=stage,
        assignees=(),
        by=context.by,
        created=context.at,
        updated=context.at,
        version=workflow.workflow.version,
        values={},
    )
    return replace(
        base,
        rev=base.rev + 1,
        uid=_unique_of(workflow, values),
        stage=stage,
        assignees=assignees,
        updated=context.at,
        version=workflow.workflow.version,
        values=values,
    )


def _told_once(faults: Sequence[Fault], intent: Intent) -> tuple[Fault, ...]:
    """Drop what follows only from a value that could not be read, and repetitions."""
    known = [*intent.faults]
    for fault in faults:
        if fault.path and fault.path[0] in intent.unreadable:
            continue
        if all((fault.path, fault.code) != (other.path, other.code) for other in known):
            known.append(fault)
    return tuple(known)


def decide(
    before: Task | None, intent: Intent, workflow: Compiled, *, context: Context
) -> Decision:
    """Say what the task becomes and everything that speaks against it.

    A change is never told to be earlier than the one before it, even if the clock went backwards.
    """
    context = replace(context, at=max(context.at, before.updated if before else context.at))
    values = _merged(before, intent, workflow)
    after = _after(before, intent, values, workflow, context)
    faults = [
        *workflow.check(values),
        *_fixed(before, values, workflow),
        *_moves(before, after.stage, values, workflow),
    ]
    changes = _changes(before, after, workflow)
    event = Event(
        id=context.event_id,
        at=context.at,
        by=context.by,
        kind=UPDATED if before else CREATED,
        changes=tuple(changes),
    )
    unchanged = before is not None and not changes
    return Decision(
        task=before if before is not None and unchanged else after,
        event=None if unchanged else event,
        faults=_told_once(faults, intent),
    )


def with_attachments(intent: Intent, attachments: Mapping[str, Sequence[Attachment]]) -> Intent:
    """Put stored attachments in the place of the file entries they came from."""
    return replace(intent, values={**intent.values, **attachments})
