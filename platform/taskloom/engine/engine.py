"""The engine as one object: what `app` builds and every dialect is given."""

from dataclasses import dataclass

from taskloom.engine.bulk import Bulk
from taskloom.engine.files import Files
from taskloom.engine.people import Directory
from taskloom.engine.ports import Ports
from taskloom.engine.tasks import Tasks
from taskloom.engine.workflows import Workflows


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The use cases, grouped by noun; all methods take the `Actor` first."""

    tasks: Tasks
    bulk: Bulk
    workflows: Workflows
    people: Directory
    files: Files


def open_engine(ports: Ports) -> Engine:
    """Put the use cases together over one set of ports."""
    tasks = Tasks(ports)
    return Engine(
        tasks=tasks,
        bulk=Bulk(ports, tasks),
        workflows=Workflows(ports),
        people=Directory(ports),
        files=Files(ports),
    )
