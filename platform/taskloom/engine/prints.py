"""Digests of what was asked of tasks: who sends the same row again changes nothing.

Most rows of a repeated import say what they said the last time. A digest of it stands in the task,
beside the revision that it made, and while both are the same the row need not even be read.
"""

from collections.abc import Mapping, Sequence

from taskloom.engine.ports import Printed, TaskStore
from taskloom.engine.writing import Absent, Draft, Mode
from taskloom.fields.base import People
from taskloom.model.roles import ALL
from taskloom.schema.compiled import Compiled


def are_kept(view: Compiled, mode: Mode) -> bool:
    """Tell whether equal rows come to the same for whom this is the view, whoever sent them first.

    So it is where all tasks may be seen and written, and no process answers a write with another.
    """
    role, workflow = view.role, view.workflow
    everything = role.see is ALL and role.update is ALL and not role.hidden
    return mode != "create" and everything and not (workflow.approvals or workflow.checklist)


def print_of(draft: Draft, base: Compiled, people: People) -> bytes | None:
    """Return a draft's digest; None where the same draft may come to something else one day."""
    if draft.print is None or draft.faults or draft.links:
        return None
    if not base.fleeting.isdisjoint(draft.values):
        return None
    if isinstance(draft.assignees, Absent) or draft.assignees is None:
        return draft.print
    user = people.id_of(draft.assignees) if isinstance(draft.assignees, str) else None
    return None if user is None else draft.print + user.encode()


def by_unique(
    drafts: Mapping[int, Draft], named: Mapping[int, str], base: Compiled, people: People
) -> Mapping[str, tuple[int, bytes]]:
    """Return drafts and their digests by unique ID, of those that name one alone.

    `named` are the unique IDs that they name, by draft.
    """
    rows: dict[str, tuple[int, bytes | None]] = {}
    for index, unique in named.items():
        digest = None if unique in rows else print_of(drafts[index], base, people)
        rows[unique] = (index, digest)
    return {unique: (index, made) for unique, (index, made) in rows.items() if made is not None}


def same(
    tasks: TaskStore, base: Compiled, rows: Mapping[str, tuple[int, bytes]]
) -> tuple[Mapping[int, str], Sequence[str]]:
    """Return the tasks' ids by the rows that change nothing, and the unique IDs nobody has."""
    found = tasks.printed(base, list(rows)) if rows else {}
    nothing: dict[int, str] = {}
    absent: list[str] = []
    for unique, (index, made) in rows.items():
        task: Printed | None = found.get(unique)
        if task is None:
            absent.append(unique)
        elif task.print == made:
            nothing[index] = task.id
    return nothing, absent
