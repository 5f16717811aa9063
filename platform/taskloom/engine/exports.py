"""Exports: all tasks that match as rows of a file, from which an import makes the same tasks."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from taskloom.engine.rights import require_export
from taskloom.engine.tasks import Tasks
from taskloom.exchange.cells import LINK
from taskloom.exchange.targets import ASSIGNED_TITLE, STAGE_TITLE
from taskloom.exchange.writers import Column
from taskloom.fields.base import People
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.query.tree import Query
from taskloom.schema.compiled import Compiled, LinkSide

_STAGE_KIND: Final = "singleSelect"
_ONE: Final = "person"
_SEVERAL: Final = "personList"

_Value = Callable[[Task], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What goes into a file.

    `rows` map titles to values as reads spell them, but for what an import could not tell: what is
    unset is None where reads show an empty list, and a link is a reference or a list of them.
    """

    columns: Sequence[Column]
    rows: Iterator[Mapping[str, object]]


class Exports:
    """The use case of exports; `workflow` arguments come from `Workflows.get` for the actor."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def export(
        self,
        actor: Actor,
        workflow: Compiled,
        query: Query,
        people: People,
        *,
        only: Collection[str] | None = None,
    ) -> Export:
        """Give matching tasks that the actor sees, in constant memory; `only` are titles.

        Raises `Forbidden` unless the role may take tasks away.
        """
        require_export(workflow.role)
        told = {
            title: kept
            for title, kept in _columns(workflow, people).items()
            if only is None or title in only
        }
        values = [(title, value) for title, (_, value) in told.items()]
        tasks = self._tasks.find(actor, workflow, query)
        return Export(
            columns=[Column(title=title, kind=kind) for title, (kind, _) in told.items()],
            rows=({title: value(task) for title, value in values} for task in tasks),
        )


def _columns(workflow: Compiled, people: People) -> Mapping[str, tuple[str, _Value]]:
    """Say by title of which kind a column is, and how its value comes from a task."""
    fields = {
        field.title: (field.kind, _of_field(workflow, key, people))
        for key, field in workflow.fields.items()
    }
    assigned = _SEVERAL if workflow.workflow.several else _ONE
    built_in = {
        STAGE_TITLE: (_STAGE_KIND, _stage(workflow)),
        ASSIGNED_TITLE: (assigned, _assigned(workflow, people)),
    }
    links = {
        side.name: (LINK, _linked(side, people))
        for side in workflow.linked
        if side.target.workflow.unique_id in side.target.fields
    }
    return {**fields, **built_in, **links}


def _of_field(workflow: Compiled, key: str, people: People) -> _Value:
    dump = workflow.codecs[key].dump

    def value(task: Task) -> object:
        held = task.values.get(key)
        return None if held is None else dump(held, people)

    return value


def _stage(workflow: Compiled) -> _Value:
    names = {key: stage.name for key, stage in workflow.stages.items()}
    return lambda task: names.get(task.stage, task.stage)


def _assigned(workflow: Compiled, people: People) -> _Value:
    several = workflow.workflow.several

    def value(task: Task) -> object:
        emails = [email for user in task.assignees if (email := people.email_of(user)) is not None]
        if not emails:
            return None
        return emails if several else emails[0]

    return value


def _linked(side: LinkSide, people: People) -> _Value:
    key = cast(str, side.target.workflow.unique_id)
    title, dump = side.target.fields[key].title, side.target.codecs[key].dump

    def value(task: Task) -> object:
        references = [
            {title: dump(linked.values[key], people)}
            for linked in task.links.get(side.name, ())
            if key in linked.values
        ]
        if not references:
            return None
        return references if side.many else references[0]

    return value
