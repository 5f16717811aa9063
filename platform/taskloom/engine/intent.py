"""Reading a draft: wire values become typed values, and everything unreadable becomes a fault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from taskloom.engine.ports import Relink
from taskloom.engine.writing import ABSENT, Absent, Draft, Way
from taskloom.errors import ASSIGNEE, STAGE, Fault, Refusal
from taskloom.fields.base import BLANK, People
from taskloom.model.values import Entry, Kept, Parsed, Upload, Value
from taskloom.schema.compiled import Compiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a write wants: values by key (None clears), stage key, assignee ids, unique ID text.

    `unreadable` are the keys whose value became a fault, so that no second fault is told of them.
    `references` are the unique IDs that links refer to, by link name, and `relinks` what comes of
    them once they are looked up. `task` is the id that a new task gets, None for any.
    """

    values: Mapping[str, Parsed | None]
    stage: str | Absent
    assignees: tuple[str, ...] | Absent
    unique: str | None
    faults: tuple[Fault, ...]
    unreadable: frozenset[str]
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    relinks: tuple[Relink, ...] = ()
    way: Way = "hand"
    task: str | None = None


def entries(value: object) -> list[Entry]:
    """Return the file entries of a parsed value, none for any other kind of value."""
    if not isinstance(value, list | tuple):
        return []
    return [item for item in value if isinstance(item, Kept | Upload)]


def brings_files(intent: Intent, workflow: Compiled) -> bool:
    """Tell whether some value still names files to look up, store or fetch."""
    return any(entries(intent.values.get(key)) for key in workflow.files)


def _stage(draft: Draft, workflow: Compiled, faults: list[Fault]) -> str | Absent:
    if isinstance(draft.stage, Absent):
        return ABSENT
    key = workflow.stage_keys.get(draft.stage) if isinstance(draft.stage, str) else None
    if key is not None:
        return key
    names = ", ".join(repr(stage.name) for stage in workflow.stages.values())
    faults.append(
        Fault(path=(STAGE,), code="invalid", message="is not a stage", hint=f"one of {names}")
    )
    return ABSENT


def _emails(asked: object, *, several: bool) -> list[str]:
    if asked is None or asked == "":
        return []
    if isinstance(asked, str):
        return [asked]
    if not isinstance(asked, list) or not all(isinstance(email, str) for email in asked):
        raise Refusal("invalid", "must be an e-mail address or null")
    if len(asked) > 1 and not several:
        raise Refusal("invalid", "must be one e-mail address: this workflow has single assignees")
    return list(dict.fromkeys(asked))


def _assignees(
    draft: Draft, workflow: Compiled, people: People, faults: list[Fault]
) -> tuple[str, ...] | Absent:
    if isinstance(draft.assignees, Absent):
        return ABSENT
    try:
        emails = _emails(draft.assignees, several=workflow.workflow.several)
    except Refusal as refusal:
        faults.append(refusal.at(ASSIGNEE))
        return ABSENT
    found = {email: people.id_of(email) for email in emails}
    faults.extend(
        Fault(path=(ASSIGNEE,), code="no_such_user", message=f"nobody here has the e-mail {email}")
        for email, user in found.items()
        if user is None
    )
    return tuple(dict.fromkeys(user for user in found.values() if user is not None))


def _unique(
    workflow: Compiled, values: Mapping[str, Parsed | None], faults: list[Fault]
) -> str | None:
    key = workflow.workflow.unique_id
    if key is None or key not in values:
        return None
    value = values[key]
    if value is None:
        faults.append(Fault(path=(key,), code=BLANK, message="can't be blank"))
        return None
    return workflow.unique_text(cast(Value, value))


def read(draft: Draft, workflow: Compiled, people: People) -> Intent:
    """Parse everything a draft holds; every fault found so far is in the result."""
    faults = list(draft.faults)
    values: dict[str, Parsed | None] = {}
    unreadable: set[str] = set()
    for key, wire in draft.values.items():
        if wire is None:
            values[key] = None
            continue
        try:
            values[key] = workflow.codecs[key].parse(wire, people)
        except Refusal as refusal:
            faults.append(refusal.at(key))
            unreadable.add(key)
    unique = _unique(workflow, values, faults)
    return Intent(
        values=values,
        stage=_stage(draft, workflow, faults),
        assignees=_assignees(draft, workflow, people, faults),
        unique=unique,
        faults=tuple(faults),
        unreadable=frozenset(unreadable),
        way=draft.way,
        task=draft.task,
    )
