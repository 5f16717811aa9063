"""Reading tasks: a few at once in a single round trip, or any number in constant memory."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from pymongo.collection import Collection
from pymongo.errors import AutoReconnect, OperationFailure

from taskloom.errors import TooLarge
from taskloom.storage.client import LARGEST_DOCUMENT, Document
from taskloom.storage.direct import Direct
from taskloom.storage.filters import both
from taskloom.storage.paging import Step, beyond_task

BATCH = 250
"""So many documents of one list are in memory at once; many lists may wait for slow clients."""

LINKED_BATCH = 25
"""As many where each comes with the tasks linked to it."""

_TOO_LARGE = 10334

WINDOW = 10_000
"""So many documents one query of a long list yields."""

_Read = Callable[[Document, Mapping[str, int], int, int], Iterable[Document]]


class Reading:
    """Reads documents of one collection, `parts` of each.

    `links` are the stages of an aggregation that read what is linked to them at the same time.
    """

    def __init__(
        self,
        direct: Direct,
        collection: str,
        parts: Mapping[str, int],
        *,
        links: Sequence[Document] = (),
        query_ms: int,
    ) -> None:
        self._direct = direct
        self._name = collection
        self._parts = parts
        self._links = links
        self._query_ms = query_ms

    @property
    def _tasks(self) -> Collection[Document]:
        # Made when it is needed: that takes the driver as long as a small find.
        return self._direct.database[self._name]

    def planned(self, steps: Sequence[Step], limit: int | None, skip: int) -> Iterator[Document]:
        """Yield what the steps of a planned query find, `limit` after the first `skip`."""
        left = limit
        for step in steps:
            if left == 0:
                return
            if skip and step is not steps[-1] and (held := self.holds(step, skip)) < skip:
                skip -= held
                continue
            for document in self.step(step, left, skip):
                yield document
                if left is not None:
                    left -= 1
            skip = 0

    def step(self, step: Step, limit: int | None, skip: int = 0) -> Iterator[Document]:
        """Yield what one step of a planned query finds after `skip`; `limit` is 1 or more."""
        if step.computed:
            return self._aggregated(step, limit, skip)
        if limit is not None and limit <= BATCH:
            return iter(self.few(step.where, step.sort, limit, skip))
        if step.natural:
            return self._windows(step, limit, skip)
        return self.cursor(step.where, step.sort, limit, skip)

    def holds(self, step: Step, most: int) -> int:
        """Count what one step finds, up to `most`."""
        return self._tasks.count_documents(step.where, limit=most, maxTimeMS=self._query_ms)

    def few(
        self, where: Document, sort: Mapping[str, int], limit: int, skip: int = 0
    ) -> Iterable[Document]:
        """Read some documents by a bare command, which spares much of the driver's own work.

        What is more than fits into one reply is read as it is consumed.
        """
        if self._links:
            return self.cursor(where, sort, limit, skip)
        command: Document = {
            "find": self._name,
            "filter": where,
            "projection": self._parts,
            "limit": limit,
            # One more than can come, or else a sort leaves its cursor open after the last.
            "batchSize": limit + 1,
            "maxTimeMS": self._query_ms,
        }
        # Each further part costs mongod some time.
        if sort:
            command |= {"sort": sort, "allowDiskUse": True}
        if skip:
            command["skip"] = skip
        # A bare command is not tried again when the primary changes; a cursor is.
        with contextlib.suppress(AutoReconnect):
            found = self._direct.find(command)
            if not found["id"]:
                first: list[Document] = found["firstBatch"]
                return first
            self._direct.database.command({"killCursors": self._name, "cursors": [found["id"]]})
        return self.cursor(where, sort, limit, skip)

    def cursor(
        self, where: Document, sort: Mapping[str, int], limit: int | None, skip: int = 0
    ) -> Iterator[Document]:
        """Yield documents as they come, within the time limit of one query."""
        if self._links:
            yield from self._piped([{"$match": where}], sort, limit, skip)
            return
        with self._tasks.find(
            where,
            self._parts,
            sort=list(sort.items()) or None,
            skip=skip,
            limit=limit or 0,
            batch_size=BATCH,
            allow_disk_use=True,
            max_time_ms=self._query_ms,
        ) as found:
            yield from found

    def _windows(self, step: Step, limit: int | None, skip: int) -> Iterator[Document]:
        """Read a long list in pieces, so that the time limit of a query does not end it."""
        # The links of tasks are read by one command, however few or many they are.
        where, left, most = step.where, limit, WINDOW if self._links else BATCH
        while True:
            size = most if left is None else min(left, most)
            read: _Read = self.few if size <= BATCH else self.cursor
            seen, last = 0, Document()
            for last in read(where, step.sort, size, skip):
                seen += 1
                yield last
            left = None if left is None else left - size
            if seen < size or left == 0:
                return
            where = both(step.where, beyond_task(step.sort, last["at"], last["_id"]))
            most, skip = WINDOW, 0

    def _aggregated(self, step: Step, limit: int | None, skip: int) -> Iterator[Document]:
        pipeline: list[Document] = [
            {"$match": step.where},
            {"$project": {**self._parts, **step.computed}},
        ]
        if step.beyond:
            pipeline.append({"$match": step.beyond})
        return self._piped(pipeline, step.sort, limit, skip)

    def _piped(
        self,
        matching: Sequence[Document],
        sort: Mapping[str, int],
        limit: int | None,
        skip: int,
    ) -> Iterator[Document]:
        """Yield what an aggregation finds, with its links."""
        pipeline = list(matching)
        if sort:
            pipeline.append({"$sort": sort})
        if skip:
            pipeline.append({"$skip": skip})
        if limit is not None:
            pipeline.append({"$limit": limit})
        if self._links:
            pipeline += [{"$project": self._parts}, *self._links]
        size = LINKED_BATCH if self._links else BATCH
        try:
            with self._tasks.aggregate(
                pipeline, allowDiskUse=True, batchSize=size, maxTimeMS=self._query_ms
            ) as found:
                yield from found
        except OperationFailure as error:
            if error.code != _TOO_LARGE:
                raise
            message = "a task and what is linked to it are too large to be read at once"
            raise TooLarge(message, limit=LARGEST_DOCUMENT) from error
