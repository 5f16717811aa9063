"""The same operations in bare pymongo: two processes of eight threads, no HTTP, no rules."""

import itertools
import multiprocessing
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pymongo
from pymongo.collection import Collection
from pymongo.write_concern import WriteConcern

from bench.sample import unique

PROCESSES, THREADS = 2, 8
Rows = Collection[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the raw documents are: a copy of our own collection with the same indexes."""

    uri: str
    database: str
    collection: str

    def open(self) -> Rows:
        """Connect; majority and journal, as we do."""
        client = pymongo.MongoClient[dict[str, Any]](self.uri, maxPoolSize=THREADS)
        durable = WriteConcern("majority", j=True)
        return client[self.database].get_collection(self.collection, write_concern=durable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one thread works with: the collection, the numbers to use, a document to copy."""

    rows: Rows
    numbers: Iterator[int]
    model: dict[str, Any]


def create(side: Side) -> None:
    """Insert a new document."""
    side.rows.insert_one({**side.model, "uid": unique(next(side.numbers))})


def upsert(side: Side) -> None:
    """Change one value of an existing document, found by its unique ID."""
    change = {"$set": {"v.employees": random.randrange(10**6)}}
    side.rows.update_one({"uid": unique(next(side.numbers))}, change, upsert=True)


def get(side: Side) -> None:
    """Read one document by its unique ID."""
    side.rows.find_one({"uid": unique(next(side.numbers))})


def find(side: Side) -> None:
    """Read the first hundred documents of a stage and an assignee."""
    where = {"stage": "In Progress", "assignee": side.model["assignee"]}
    list(side.rows.find(where).sort([("at", 1), ("_id", 1)]).limit(100))


OPERATIONS: dict[str, Callable[[Side], None]] = {
    "create": create,
    "upsert": upsert,
    "get": get,
    "list": find,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a process does for `seconds`; `base` and `process` keep new unique IDs apart."""

    place: Place
    operation: str
    seconds: float
    existing: int
    base: int
    process: int

    def numbers(self, thread: int) -> Iterator[int]:
        """Give new numbers to create with, or random ones that exist."""
        worker = self.process * THREADS + thread
        if self.operation == "create":
            return itertools.count(self.base + worker * 1_000_000)
        chooser = random.Random(self.base + worker)
        return iter(lambda: chooser.randrange(self.existing), None)


def _work(work: Work, out: Any) -> None:
    rows = work.place.open()
    model = rows.find_one({"assignee": {"$exists": True}}, {"_id": 0, "uid": 0}) or {}
    counts = [0] * THREADS

    def run(thread: int) -> None:
        side = Side(rows=rows, numbers=work.numbers(thread), model=model)
        act = OPERATIONS[work.operation]
        end = time.perf_counter() + work.seconds
        while time.perf_counter() < end:
            act(side)
            counts[thread] += 1

    threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put(sum(counts))


def rate(place: Place, operation: str, *, seconds: float, existing: int, base: int) -> float:
    """Return operations a second over all processes and threads."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    workers = [
        context.Process(
            target=_work,
            args=(
                Work(
                    place=place,
                    operation=operation,
                    seconds=seconds,
                    existing=existing,
                    base=base,
                    process=process,
                ),
                out,
            ),
        )
        for process in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    done: int = sum(out.get(timeout=seconds + 120) for _ in workers)
    for worker in workers:
        worker.join()
    return done / seconds


def load(place: Place, documents: Iterator[list[dict[str, Any]]]) -> float:
    """Probe for unique IDs and insert what is new, batch by batch; return rows a second."""
    rows = place.open()
    count = 0
    started = time.perf_counter()
    for batch in documents:
        known = {
            found["uid"]
            for found in rows.find({"uid": {"$in": [row["uid"] for row in batch]}}, {"uid": 1})
        }
        fresh = [row for row in batch if row["uid"] not in known]
        if fresh:
            rows.insert_many(fresh, ordered=False)
        count += len(batch)
    return count / (time.perf_counter() - started)
