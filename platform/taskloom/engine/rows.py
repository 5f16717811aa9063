"""Tasks to be shown and nothing else: what `Tasks` reads, without the cost of whole tasks."""

from collections.abc import Iterator

from taskloom.engine.ports import Ports
from taskloom.engine.rights import NO_UNIQUE, require, sees
from taskloom.engine.tasks import Tasks
from taskloom.engine.uniques import canonical
from taskloom.errors import NotFound
from taskloom.fields.base import People
from taskloom.model.people import Actor
from taskloom.model.task import Faces, Row
from taskloom.query.tree import ID, Compare, Query
from taskloom.schema.compiled import Compiled


class Rows:
    """The use cases of rows; rights are those of the same use cases of tasks."""

    def __init__(self, ports: Ports, tasks: Tasks) -> None:
        self._ports = ports
        self._tasks = tasks

    def get(self, actor: Actor, workflow: Compiled, unique: str, people: People) -> Row:
        """Return the task with this unique ID as people write it, or raise `NotFound`."""
        require(actor, "read")
        text = canonical(workflow, unique, people)
        row = None if text is None else self._ports.tasks.row_by_unique(workflow, text)
        if row is None or not sees(actor, workflow.role, row):
            raise NotFound(NO_UNIQUE)
        if not workflow.linked:
            return row
        alone = Query(where=Compare(ID, "eq", row.id), limit=1, fields=frozenset())
        return row._replace(links=next(self.find(actor, workflow, alone), row).links)

    def faces(self, actor: Actor, workflow: Compiled, query: Query) -> Faces | None:
        """Return a page of what `find` yields; None where it is to be had by `find` only."""
        asked = self._tasks.asked(actor, workflow, query)
        if workflow.role.hidden or workflow.linked or query.fields is not None:
            return None
        return self._ports.tasks.faces(workflow, asked)

    def find(self, actor: Actor, workflow: Compiled, query: Query) -> Iterator[Row]:
        """Yield matching tasks that the actor sees, in order, in constant memory."""
        return self._ports.tasks.rows(workflow, self._tasks.asked(actor, workflow, query))
