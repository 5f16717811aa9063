"""The one decision behind every write: a task before, an intent, and what the rules make of it.

Pure: data in, data out. Every path that changes a task comes through `decide`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from taskloom.engine import processes
from taskloom.engine.comparing import differs, is_blank, packed
from taskloom.engine.intent import Intent, entries
from taskloom.engine.lifecycle import given, life_faults
from taskloom.engine.processes import Course
from taskloom.engine.writing import Absent
from taskloom.errors import ASSIGNEE, STAGE, Fault
from taskloom.fields.base import BLANK
from taskloom.model.event import CREATED, UPDATED, Change, Event
from taskloom.model.task import Moment, Task
from taskloom.model.values import Attachment, Entry, Kept, Parsed, Values
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


def _settled(workflow: Compiled, before: Task | None, waiting: Sequence[Entry]) -> list[Attachment]:
    """Give the attachments that entries name, or what stands for them until they are looked up."""
    held = {} if before is None else attached(workflow, before.values)
    known = {file["blobId"]: file for files in held.values() for file in files}
    blobs = (entry.blob if isinstance(entry, Kept) else "" for entry in waiting)
    return [
        known.get(blob, Attachment(blobId=blob, filename="", contentType="", size=0))
        for blob in blobs
    ]


def _start(workflow: Compiled, intent: Intent, context: Context) -> Mapping[str, Parsed]:
    """Return what a new task has before anything is asked for."""
    made = given(workflow, by=context.by, at=context.at)
    own = {key: value for key, value in made.items() if key not in intent.unreadable}
    return {**workflow.defaults, **own}


def _merged(before: Task | None, intent: Intent, workflow: Compiled, context: Context) -> Values:
    merged = dict(before.values if before else _start(workflow, intent, context))
    for key, value in intent.values.items():
        if value is None:
            merged.pop(key, None)
        elif waiting := entries(value):
            merged[key] = _settled(workflow, before, waiting)
        else:
            merged[key] = value
    return cast(Values, merged)


def _moves(before: Task | None, course: Course, workflow: Compiled) -> list[Fault]:
    """Check the transition and what the stage requires, where the task enters a stage.

    Where a rule chose the stage, the transitions do not count.
    """
    if before is not None and before.stage == course.stage:
        return []
    target = workflow.stages[course.stage]
    faults = [
        Fault(
            path=(key,),
            code=BLANK,
            message="can't be blank",
            hint=f"needed to enter the stage {target.name!r}",
        )
        for key in target.require
        if is_blank(course.values.get(key))
    ]
    table = None if course.by_rule else workflow.workflow.transitions
    # A task that was moved into a stage while a new version took the stage away may go anywhere.
    if before is None or table is None or before.stage not in workflow.stages:
        return faults
    allowed = table.get(before.stage, frozenset())
    if course.stage not in allowed:
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


def _changes(before: Task | None, after: Task, workflow: Compiled) -> list[Change]:
    old: Values = {} if before is None else before.values
    changes = [
        Change(
            field=key,
            old=packed(workflow, key, old.get(key)),
            new=packed(workflow, key, after.values.get(key)),
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


def _course(before: Task | None, intent: Intent, workflow: Compiled, context: Context) -> Course:
    """Say where a write leads, before any rule of a process."""
    stage = intent.stage
    if isinstance(stage, Absent):
        stage = before.stage if before else workflow.workflow.initial
    assignees = intent.assignees
    if isinstance(assignees, Absent):
        assignees = before.assignees if before else ()
    values = _merged(before, intent, workflow, context)
    return Course(values=values, stage=stage, assignees=assignees)


def _after(before: Task | None, course: Course, workflow: Compiled, context: Context) -> Task:
    base = before or Task(
        id=context.task_id,
        rev=0,
        uid=None,
        stage=course.stage,
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
        uid=_unique_of(workflow, course.values),
        stage=course.stage,
        assignees=course.assignees,
        updated=context.at,
        version=workflow.workflow.version,
        values=course.values,
        editor=context.by if before else None,
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
    wanted = _course(before, intent, workflow, context)
    course = processes.followed(before, intent, wanted, workflow)
    after = _after(before, course, workflow, context)
    faults = [
        *workflow.check(course.values),
        *life_faults(workflow, before, course.values, context.at),
        *course.faults,
        *_moves(before, course, workflow),
    ]
    changes = _changes(before, after, workflow)
    changes += [relink.change for relink in intent.relinks]
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
