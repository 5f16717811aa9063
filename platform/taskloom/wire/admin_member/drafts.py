"""What a body of this dialect asks for, as a draft of the engine."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from taskloom.engine.writing import ABSENT, Draft
from taskloom.errors import ASSIGNEE, STAGE, Fault, Refusal
from taskloom.fields.base import INVALID, OUT_OF_RANGE, invalid
from taskloom.fields.person import NO_SUCH_USER
from taskloom.schema.hints import did_you_mean
from taskloom.wire.admin_member.names import (
    ASSIGNED,
    CHECKLIST,
    DUE,
    FIELDS,
    MEDIUM,
    PENDING,
    PRIORITY,
    PROGRESS,
    READ_ONLY,
    SPELLINGS,
    STATUS,
    STATUSES,
    WRITABLE,
)
from taskloom.wire.answer import encode
from taskloom.wire.exact import shortened
from taskloom.wire.facades import Facing

Body = Mapping[str, object]

WHOLE: Final = 100
NOT_AN_ARRAY: Final = "must be an array of user IDs"
AT_MOST_ONE: Final = "must name one user at most: this workflow has single assignees"
_ITEM_KEYS: Final = {"_id": "id", "text": "text", "completed": "done"}
_ITEM: Final = '{"text": "Call back", "completed": false}'
_A_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_LENGTH: Final = 10
_A_MOMENT: Final = re.compile(
    rf"{_A_DAY.pattern}[Tt ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]+)?)?"
    r"([Zz]|[+\-][0-9]{2}:?[0-9]{2})?"
)


def draft_of(body: Body, facing: Facing) -> Draft:
    """Turn names and values into the workflow's; whatever cannot be read is a fault of the draft.

    What only answers hold is ignored, so that an answer can be sent back.
    """
    values: dict[str, object] = {}
    faults: list[Fault] = []
    for name, value in body.items():
        key = facing.key(name) if name in FIELDS else None
        if key is not None:
            try:
                values[key] = None if value is None else _value(name, value, facing)
            except Refusal as refusal:
                faults.append(refusal.at(key))
        elif name not in READ_ONLY and name not in {STATUS, ASSIGNED}:
            faults.append(unknown(name, facing))
    return Draft(
        values=values,
        stage=stage_of(body[STATUS], facing, faults) if STATUS in body else ABSENT,
        assignees=_assignees(body[ASSIGNED], facing, faults) if ASSIGNED in body else ABSENT,
        faults=faults,
    )


def unknown(name: str, facing: Facing) -> Fault:
    """Refuse a name that means nothing here, and say which was meant."""
    known = [known for known in WRITABLE if known not in FIELDS or facing.key(known) is not None]
    hint = did_you_mean(name, known) or f"known are {', '.join(known)}"
    return Fault(path=(shortened(name),), code="unknown", message="is unknown", hint=hint)


def complete(body: Body, facing: Facing) -> Body:
    """Add to a new task's body what it has here by default, where the workflow does not say so."""
    defaults: dict[str, object] = {}
    key = facing.key(PRIORITY)
    if key is not None and key not in facing.workflow.defaults:
        defaults[PRIORITY] = MEDIUM
    if facing.workflow.workflow.initial not in facing.stage_keys(PENDING):
        defaults[STATUS] = PENDING
    return {**defaults, **body}


def changes(body: Body, shown: Body) -> Body:
    """Leave out what a task reads as already: several stages may look like one status here."""
    return {
        name: value
        for name, value in body.items()
        if name not in shown or encode(value) != encode(shown[name])
    }


def status_of(value: object) -> object:
    """Return a status in its usual spelling; anything else as it is."""
    return SPELLINGS.get(value, value) if isinstance(value, str) else value


def stage_of(value: object, facing: Facing, faults: list[Fault]) -> object:
    """Return the name of the stage that a status means, or add to the faults."""
    status = status_of(value)
    stage = facing.stage_name(status) if isinstance(status, str) and status in STATUSES else None
    if stage is not None:
        return stage
    faults.append(_not_a_status((STAGE,)))
    return ABSENT


def stages_of(status: str, facing: Facing) -> tuple[str, ...] | Fault:
    """Return the keys of the stages of a status that a filter asks for."""
    spelt = str(status_of(status))
    keys = facing.stage_keys(spelt) if spelt in STATUSES else ()
    return keys or _not_a_status((STAGE,))


def _not_a_status(path: tuple[str]) -> Fault:
    return Fault(path=path, code=INVALID, message=f"must be one of {', '.join(STATUSES)}")


def items_of(value: object) -> object:
    """Turn checklist items into the workflow's; what is no list of items is left to be refused."""
    if not isinstance(value, list):
        return value
    return [_item(item, position) for position, item in enumerate(value)]


def _item(item: object, position: int) -> object:
    if not isinstance(item, dict):
        raise invalid(f"must be an item like {_ITEM}", path=(position,))
    strange = [name for name in item if name not in _ITEM_KEYS]
    if strange:
        known = ", ".join(_ITEM_KEYS)
        message = f"must not have {', '.join(map(shortened, strange))}"
        raise invalid(message, f"known are {known}", (position,))
    return {_ITEM_KEYS[name]: part for name, part in item.items()}


def percent(value: object) -> object:
    """Return how much is done, from 0 to 100; refuse everything else."""
    message = f"must be a number from 0 to {WHOLE}"
    if isinstance(value, str | bool | list | dict):
        raise invalid(message)
    if not 0 <= value <= WHOLE:  # type: ignore[operator] # JSON has only numbers beside those
        raise Refusal(OUT_OF_RANGE, message)
    return value


def _value(name: str, value: object, facing: Facing) -> object:
    convert = _CONVERTERS.get(name)
    return value if convert is None else convert(value, facing)


def _priority(value: object, facing: Facing) -> object:
    return facing.option(PRIORITY, value) if isinstance(value, str) else value


def _due(value: object, facing: Facing) -> object:
    """Fit a date, or date and time, to the kind of the field; a date stays the day it names."""
    if not isinstance(value, str):
        return value
    key = facing.key(DUE)
    kind = facing.workflow.fields[key].kind if key is not None else ""
    if kind == "datetime" and _A_DAY.fullmatch(value):
        return f"{value}T00:00:00Z"
    if kind == "date" and _A_MOMENT.fullmatch(value):
        return value[:_DAY_LENGTH]
    return value


def _items(value: object, _facing: Facing) -> object:
    return items_of(value)


def _percent(value: object, _facing: Facing) -> object:
    return percent(value)


_CONVERTERS: Final[Mapping[str, Callable[[object, Facing], object]]] = {
    PRIORITY: _priority,
    DUE: _due,
    CHECKLIST: _items,
    PROGRESS: _percent,
}


def _assignees(value: object, facing: Facing, faults: list[Fault]) -> object:
    if not isinstance(value, list) or not all(isinstance(user, str) for user in value):
        faults.append(Fault(path=(ASSIGNEE,), code=INVALID, message=NOT_AN_ARRAY))
        return ABSENT
    if len(set(value)) > 1 and not facing.workflow.workflow.several:
        faults.append(Fault(path=(ASSIGNEE,), code=INVALID, message=AT_MOST_ONE))
        return ABSENT
    known = [user for user in dict.fromkeys(value) if facing.people.id_of(user) is not None]
    faults.extend(
        Fault(path=(ASSIGNEE,), code=NO_SUCH_USER, message=f"names nobody: {shortened(user)}")
        for user in dict.fromkeys(value)
        if user not in known
    )
    return known
