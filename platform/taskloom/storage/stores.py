"""All of storage over one database, ready for the engine."""

from dataclasses import dataclass
from pathlib import Path

from taskloom.storage.calls import Calls
from taskloom.storage.client import Database, in_our_words
from taskloom.storage.directory import Directory
from taskloom.storage.feed import Feed
from taskloom.storage.figures import Figures
from taskloom.storage.generation import Generation
from taskloom.storage.history import History
from taskloom.storage.imports import Imports
from taskloom.storage.links import Links
from taskloom.storage.notifications import Notifications
from taskloom.storage.retries import Retries
from taskloom.storage.saved_views import SavedViews
from taskloom.storage.sessions import Sessions
from taskloom.storage.shifts import Shifts
from taskloom.storage.tasks import Tasks
from taskloom.storage.throttle import Throttle
from taskloom.storage.upkeep import Upkeep
from taskloom.storage.workflows import Compiler, Workflows


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The stores of one process; they may be shared by its threads."""

    tasks: Tasks
    workflows: Workflows
    directory: Directory
    throttle: Throttle
    notifications: Notifications
    imports: Imports
    upkeep: Upkeep
    retries: Retries
    sessions: Sessions
    feed: Feed
    saved_views: SavedViews
    shifts: Shifts
    figures: Figures
    calls: Calls
    generation: Generation

    def close(self) -> None:
        """Let go of the file shared with other processes; the database stays open."""
        self.generation.close()


@in_our_words
def open_stores(
    database: Database, *, compiler: Compiler, generation_path: Path, query_ms: int
) -> Stores:
    """Open the stores and make the indexes that all workflows share.

    Any number of processes may do so at once. `generation_path` is a file that all server
    processes of this machine use; `query_ms` is what MongoDB may spend on one query.
    """
    generation = Generation(generation_path)
    stores = Stores(
        tasks=Tasks(database, query_ms=query_ms),
        workflows=Workflows(database, compiler=compiler, generation=generation),
        directory=Directory(database, generation=generation),
        throttle=Throttle(database),
        notifications=Notifications(database),
        imports=Imports(database),
        upkeep=Upkeep(database),
        retries=Retries(database),
        sessions=Sessions(database, generation=generation),
        feed=Feed(database, query_ms=query_ms),
        saved_views=SavedViews(database),
        shifts=Shifts(database),
        figures=Figures(database, query_ms=query_ms),
        calls=Calls(database),
        generation=generation,
    )
    History(database).prepare()
    Links(database).prepare()
    stores.workflows.prepare()
    stores.directory.prepare()
    stores.throttle.prepare()
    stores.notifications.prepare()
    stores.imports.prepare()
    stores.retries.prepare()
    stores.sessions.prepare()
    stores.saved_views.prepare()
    stores.calls.prepare()
    return stores
