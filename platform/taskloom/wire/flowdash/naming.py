"""Names on the wire: titles become keys, and what nobody knows is refused by name."""

from collections.abc import Iterable, Mapping
from typing import Final

from taskloom.engine.writing import ABSENT, Draft
from taskloom.errors import Fault
from taskloom.schema.compiled import Compiled
from taskloom.schema.hints import did_you_mean
from taskloom.wire.exact import shortened

STAGE: Final = "Stage"
ASSIGNED_TO: Final = "Assigned To"
TASK_URL: Final = "Task URL"
CREATED_ON: Final = "Created On"
UPDATED_ON: Final = "Updated On"
READ_ONLY: Final = frozenset({TASK_URL, CREATED_ON, UPDATED_ON, "id", "createdAt", "updatedAt"})
"""Names that are ignored in a body, so that an answer can be sent back."""

_LONGEST_GUESSED: Final = 100
_MOST_GUESSED: Final = 5


def draft_of(
    document: Mapping[str, object], workflow: Compiled, digest: bytes | None = None
) -> Draft:
    """Read a task object; unknown names become faults unless the workflow ignores them.

    `digest` is that of the object's text, where it may be sent again and again.
    """
    keys = workflow.keys
    values: dict[str, object] = {}
    others: dict[str, object] = {}
    for name, value in document.items():
        key = keys.get(name)
        if key is not None:
            values[key] = value
        else:
            others[name] = value
    links = {side.name: others.pop(side.name) for side in workflow.linked if side.name in others}
    stage, assignees = others.pop(STAGE, ABSENT), others.pop(ASSIGNED_TO, ABSENT)
    unknown = [] if workflow.workflow.ignore_unknown else [n for n in others if n not in READ_ONLY]
    return Draft(
        values=values,
        stage=stage,
        assignees=assignees,
        links=links,
        faults=unknown_names(unknown, workflow) if unknown else (),
        print=digest,
    )


def link_names(workflow: Compiled) -> frozenset[str]:
    """Return what the links of a workflow are called."""
    return frozenset(side.name for side in workflow.linked)


def unknown_names(
    names: Iterable[str], workflow: Compiled, also: Iterable[str] = ()
) -> list[Fault]:
    """Refuse names, each with the nearest title; guessing stops after a few."""
    known = (STAGE, ASSIGNED_TO, *also, *workflow.keys)
    return [
        Fault(
            path=(shortened(name),),
            code="unknown",
            message="is not a field of this workflow",
            hint=_nearest(name, known, workflow) if index < _MOST_GUESSED else "",
        )
        for index, name in enumerate(names)
    ]


def _nearest(name: str, known: Iterable[str], workflow: Compiled) -> str:
    field = workflow.fields.get(name)
    if field is not None:
        return f"did you mean {field.title!r}?"
    return did_you_mean(name, known) if len(name) <= _LONGEST_GUESSED else ""
