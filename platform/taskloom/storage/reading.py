"""Reading tasks: a few at once in a single round trip, or any number in constant memory."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping

from pymongo.collection import Collection
from pymongo.errors import AutoReconnect

from taskloom.storage.client import DOCUMENTS, Document
from taskloom.storage.filters import both
from taskloom.storage.paging import Step, beyond_task

BATCH = 250
"""So many documents of one list are in memory at once; many lists may wait for slow clients."""

WINDOW = 10_000
"""So many documents one query of a long list yields."""

_Read = Callable[[Document, Mapping[str, int], int], Iterable[Document]]


class Reading:
    """Reads documents of one collection, `parts` of each."""

    def __init__(
        self, tasks: Collection[Document], parts: Mapping[str, int], *, query_ms: int
    ) -> None:
        self._tasks = tasks
        self._parts = parts
        self._query_ms = query_ms

    def step(self, step: Step, limit: int | None) -> Iterator[Document]:
        """Yield what one step of a planned query finds; `limit` is 1 or more."""
        if step.computed:
            return self._aggregated(step, limit)
        if limit is not None and limit <= BATCH:
            return iter(self.few(step.where, step.sort, limit))
        if step.natural:
            return self._windows(step, limit)
        return self.cursor(step.where, step.sort, limit)

    def few(self, where: Document, sort: Mapping[str, int], limit: int) -> Iterable[Document]:
        """Read some documents by a bare command, which spares much of the driver's own work.

        What is more than fits into one reply is read as it is consumed.
        """
        database = self._tasks.database
        command = {
            "find": self._tasks.name,
            "filter": where,
            "sort": sort,
            "projection": self._parts,
            "limit": limit,
            "batchSize": limit,
            "allowDiskUse": True,
            "maxTimeMS": self._query_ms,
        }
        # A bare command is not tried again when the primary changes; a cursor is.
        with contextlib.suppress(AutoReconnect):
            found = database.command(command, codec_options=DOCUMENTS)["cursor"]
            if not found["id"]:
                first: list[Document] = found["firstBatch"]
                return first
            database.command({"killCursors": self._tasks.name, "cursors": [found["id"]]})
        return self.cursor(where, sort, limit)

    def cursor(
        self, where: Document, sort: Mapping[str, int], limit: int | None
    ) -> Iterator[Document]:
        """Yield documents as they come, within the time limit of one query."""
        with self._tasks.find(
            where,
            self._parts,
            sort=list(sort.items()) or None,
            limit=limit or 0,
            batch_size=BATCH,
            allow_disk_use=True,
            max_time_ms=self._query_ms,
        ) as found:
            yield from found

    def _windows(self, step: Step, limit: int | None) -> Iterator[Document]:
        """Read a long list in pieces, so that the time limit of a query does not end it."""
        where, left, most = step.where, limit, BATCH
        while True:
            size = most if left is None else min(left, most)
            read: _Read = self.few if size <= BATCH else self.cursor
            seen, last = 0, Document()
            for last in read(where, step.sort, size):
                seen += 1
                yield last
            left = None if left is None else left - size
            if seen < size or left == 0:
                return
            where = both(step.where, beyond_task(step.sort, last["at"], last["_id"]))
            most = WINDOW

    def _aggregated(self, step: Step, limit: int | None) -> Iterator[Document]:
        pipeline: list[Document] = [
            {"$match": step.where},
            {"$project": {**self._parts, **step.computed}},
        ]
        if step.beyond:
            pipeline.append({"$match": step.beyond})
        pipeline.append({"$sort": step.sort})
        if limit is not None:
            pipeline.append({"$limit": limit})
        with self._tasks.aggregate(
            pipeline, allowDiskUse=True, batchSize=BATCH, maxTimeMS=self._query_ms
        ) as found:
            yield from found
