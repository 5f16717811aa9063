"""Tasks and links as a rehearsal leaves them: in memory, and on disk once they are many."""

import pickle
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Final

from taskloom.model.task import Task

_TABLES: Final = """
    CREATE TABLE tasks (id TEXT PRIMARY KEY, uid TEXT, made INTEGER, task BLOB) WITHOUT ROWID;
    CREATE UNIQUE INDEX by_uid ON tasks (uid) WHERE uid IS NOT NULL;
    CREATE TABLE freed (uid TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE pairs (link TEXT, a TEXT, b TEXT, there INTEGER, PRIMARY KEY (link, a, b))
        WITHOUT ROWID;
    CREATE INDEX back ON pairs (link, b);
"""
_AT_ONCE: Final = 1000

Ends = tuple[str, str]


class Scratch:
    """What a rehearsal made of tasks and links; gone with the object."""

    def __init__(self) -> None:
        # A database without a name is a temporary one, which keeps little of itself in memory.
        self._held = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._held.executescript(_TABLES)

    def close(self) -> None:
        """Forget everything."""
        self._held.close()

    def put(self, tasks: Iterable[Task], *, made: bool = False) -> None:
        """Keep tasks as they are from now on; `made` tells of those that are nowhere else."""
        self._held.executemany(
            "REPLACE INTO tasks VALUES "
            "(?, ?, coalesce((SELECT made FROM tasks WHERE id = ?), ?), ?)",
            ((task.id, task.uid, task.id, made, pickle.dumps(task)) for task in tasks),
        )

    def drop(self, tasks: Iterable[str]) -> None:
        """Note that tasks are gone."""
        self._held.executemany(
            "REPLACE INTO tasks VALUES (?, NULL, 0, NULL)", ((task,) for task in tasks)
        )

    def free(self, uniques: Iterable[str]) -> None:
        """Note that the tasks of the store with these unique IDs are gone, or have others."""
        self._held.executemany("REPLACE INTO freed VALUES (?)", ((unique,) for unique in uniques))

    def knows(self, task: str) -> bool:
        """Tell whether a task was put or dropped here."""
        with closing(self._held.execute("SELECT 1 FROM tasks WHERE id = ?", (task,))) as found:
            return found.fetchone() is not None

    def made(self, task: str) -> bool:
        """Tell whether a task was made here."""
        query = "SELECT made FROM tasks WHERE id = ?"
        with closing(self._held.execute(query, (task,))) as found:
            return bool(found.fetchone() == (1,))

    def by_ids(self, tasks: Iterable[str]) -> Iterator[Task]:
        """Yield the tasks with these ids that are here."""
        return self._named("id", tasks)

    def by_uniques(self, uniques: Iterable[str]) -> Iterator[Task]:
        """Yield the tasks with these unique IDs that are here."""
        return self._named("uid", uniques)

    def freed(self, uniques: Iterable[str]) -> Iterator[str]:
        """Yield which of these unique IDs are not those of the store's tasks any more."""
        for marks, some in _parts(uniques):
            query = f"SELECT uid FROM freed WHERE uid IN ({marks})"  # noqa: S608 - marks only
            yield from (unique for (unique,) in self._held.execute(query, some).fetchall())

    def _named(self, column: str, names: Iterable[str]) -> Iterator[Task]:
        for marks, some in _parts(names):
            query = f"SELECT task FROM tasks WHERE {column} IN ({marks}) AND task IS NOT NULL"  # noqa: S608 - marks and a column of ours
            for (held,) in self._held.execute(query, some).fetchall():
                yield pickle.loads(held)  # noqa: S301 - what this process wrote, and nobody else can

    def pair(self, link: str, ends: Ends, *, there: bool) -> None:
        """Note that two tasks are linked, or not any more."""
        self._held.execute("REPLACE INTO pairs VALUES (?, ?, ?, ?)", (link, *ends, there))

    def pairs(self, link: str, end: str, task: str) -> Iterator[tuple[str, bool]]:
        """Yield whom a task at this end, "a" or "b", is linked to or not any more."""
        other = "b" if end == "a" else "a"
        query = f"SELECT {other}, there FROM pairs WHERE link = ? AND {end} = ?"  # noqa: S608 - columns of ours
        for found, there in self._held.execute(query, (link, task)).fetchall():
            yield found, bool(there)


def _parts(names: Iterable[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Cut names into parts, each with as many marks for a query."""
    left = iter(names)
    while some := list(islice(left, _AT_ONCE)):
        yield ",".join("?" * len(some)), some
