"""The one decision behind every write: a task before, an intent, and what the rules make of it.

Pure: data in, data out. Every path that changes a task comes through `decide`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from taskloom.engine import processes
from taskloom.engine.comparing import differing, is_blank
from taskloom.engine.intent import Intent, entries
from taskloom.engine.lifecycle import given, life_faults
from taskloom.engine.processes import Course
from taskloom.engine.writing import Absent, Written
from taskloom.errors import ASSIGNEE, STAGE, Fault
from taskloom.fields.base import BLANK
from taskloom.model.event import CREATED, UPDATED, Change, Event
from taskloom.model.task import Moment, Task
from taskloom.model.values import Attachment, Entry, Kept, Parsed, Values
from taskloom.schema.compiled import Compiled


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
        if self.event is None:
            return ()
        named = tuple(change.field for change in self.event.changes)
        if self.event.kind == UPDATED:
            return named
        return (*self.task.values, STAGE, *([ASSIGNEE] if self.task.assignees else ()), *named)


def attached(
    workflow: Compiled, values: Mapping[str, Parsed | None]
) -> Mapping[str, Sequence[Attachment]]:
    """Pick the attachments out of values, by field; free JSON that looks like one is none."""
    return {
        key: cast(Sequence[Attachment], value)
        for key, value in values.items()
        if value and key in workflow.files and not entries(value)
    }


def settled(workflow: Compiled, before: Task | None, waiting: Sequence[Entry]) -> list[Attachment]:
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
    if not workflow.auto:
        return workflow.defaults
    made = given(workflow, by=context.by, at=context.at)
    own = {key: value for key, value in made.items() if key not in intent.unreadable}
    return {**workflow.defaults, **own}


def _merged(before: Task | None, intent: Intent, workflow: Compiled, context: Context) -> Values:
    start = before.values if before else _start(workflow, intent, context)
    merged = {**start, **intent.values}
    for key, value in intent.values.items():
        if value is None:
            del merged[key]
        elif key in workflow.files and (waiting := entries(value)):
            merged[key] = settled(workflow, before, waiting)
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


def _changes(before: Task, course: Course, workflow: Compiled) -> list[Change]:
    old, new = before.values, course.values
    changes = []
    for key, codec in workflow.codecs.items():
        forms = differing(codec, old.get(key), new.get(key))
        if forms is not None:
            changes.append(Change(key, *forms))
    if before.stage != course.stage:
        changes.append(Change(STAGE, before.stage, course.stage))
    if before.assignees != course.assignees:
        changes.append(Change(ASSIGNEE, list(before.assignees), list(course.assignees)))
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
    return Task(
        id=before.id if before else context.task_id,
        rev=before.rev + 1 if before else 1,
        uid=_unique_of(workflow, course.values),
        stage=course.stage,
        assignees=course.assignees,
        by=before.by if before else context.by,
        created=before.created if before else context.at,
        updated=context.at,
        version=workflow.workflow.version,
        values=course.values,
        links=before.links if before else {},
        editor=context.by if before else None,
    )


def _told_once(faults: Sequence[Fault], intent: Intent) -> tuple[Fault, ...]:
    """Drop what follows only from a value that could not be read, and repetitions."""
    if not faults:
        return intent.faults
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
    if before is not None and before.updated > context.at:
        context = replace(context, at=before.updated)
    wanted = _course(before, intent, workflow, context)
    course = processes.followed(before, intent, wanted, workflow)
    changes = [] if before is None else _changes(before, course, workflow)
    changes.extend(relink.change for relink in intent.relinks)
    if before is not None and not changes:
        # What this version has checked and what stays as it was is not checked again.
        checked = before.version == workflow.workflow.version
        faults = [*(() if checked else workflow.check(course.values)), *course.faults]
        return Decision(task=before, event=None, faults=_told_once(faults, intent))
    faults = [
        *workflow.check(course.values),
        *life_faults(workflow, before, course.values, context.at),
        *course.faults,
        *_moves(before, course, workflow),
    ]
    event = Event(
        id=context.event_id,
        at=context.at,
        by=context.by,
        kind=UPDATED if before else CREATED,
        changes=tuple(changes),
    )
    after = _after(before, course, workflow, context)
    return Decision(task=after, event=event, faults=_told_once(faults, intent))


def outcome(before: Task | None, decision: Decision) -> Written:
    """Name what a committed decision was."""
    if before is None:
        return Written(task=decision.task, outcome="created", changed=decision.changed)
    if decision.event is None:
        return Written(task=decision.task, outcome="unchanged")
    return Written(task=decision.task, outcome="updated", changed=decision.changed)


def with_attachments(intent: Intent, attachments: Mapping[str, Sequence[Attachment]]) -> Intent:
    """Put stored attachments in the place of the file entries they came from."""
    return replace(intent, values={**intent.values, **attachments})
