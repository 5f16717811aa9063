"""Bodies of task writes: names become keys, and what nobody knows is refused by name."""

from collections.abc import Mapping

from taskloom.engine.writing import ABSENT, Draft
from taskloom.model.task import Task
from taskloom.wire.facades import Facing
from taskloom.wire.task_management.bodies import Body
from taskloom.wire.task_management.dates import read
from taskloom.wire.task_management.names import (
    ASSIGNEE_ID,
    DUE_DATE,
    FIELDS,
    PRIORITY,
    READ_ONLY,
    STATUS,
    TAGS,
    unknown_names,
)


def draft_of(body: Body, facing: Facing, before: Task | None = None) -> Draft:
    """Read a task, or what changes in the one before.

    Unknown names become faults unless the workflow ignores them.
    """
    keys = keys_of(facing)
    known = (*keys, STATUS, ASSIGNEE_ID)
    unknown = [name for name in body if name not in known and not _says_nothing(name, body[name])]
    ignored = facing.workflow.workflow.ignore_unknown
    return Draft(
        values={
            key: _value(name, body[name], facing, before and before.values.get(key))
            for name, key in keys.items()
            if name in body
        },
        stage=_stage(body, facing, before),
        assignees=_assignee(body.get(ASSIGNEE_ID, ABSENT)),
        faults=() if ignored else unknown_names(unknown, known),
    )


def keys_of(facing: Facing) -> Mapping[str, str]:
    """Return the fields that there are for this actor: names to keys."""
    found = {name: facing.key(name) for name in FIELDS}
    return {name: key for name, key in found.items() if key is not None}


def _says_nothing(name: str, value: object) -> bool:
    """Tell whether a name may be ignored, so that an answer can be sent back.

    Answers show what the workflow has no field for as unset.
    """
    return name in READ_ONLY or (name in FIELDS and value in (None, []))


def _stage(body: Body, facing: Facing, before: Task | None) -> object:
    """Return the stage to write, None where the status is none.

    The status that a task has already means no stage: several may be shown alike.
    """
    status = body.get(STATUS)
    if STATUS not in body or (before is not None and facing.status(before.stage) == status):
        return ABSENT
    return facing.stage_name(status) if isinstance(status, str) else None


def _assignee(asked: object) -> object:
    """Return whom to assign; a list, which the engine would read as users, is none here."""
    return [asked] if isinstance(asked, list) else asked


def _value(name: str, value: object, facing: Facing, held: object) -> object:
    """Read a value; `held` is what the task has, if there is one."""
    if name == DUE_DATE:
        key = facing.key(name)
        kind = facing.workflow.fields[key].kind if key is not None else ""
        return read(value, kind, facing.people)
    if name == TAGS and isinstance(value, list):
        return [_option(name, item, facing) for item in value]
    return _option(name, value, facing, held) if name in {PRIORITY, TAGS} else value


def _option(name: str, value: object, facing: Facing, held: object = None) -> object:
    return facing.option(name, value, held) if isinstance(value, str) else value
