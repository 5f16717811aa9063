"""The raw side: what bare pymongo does with the same documents and indexes, no HTTP, no rules."""

import itertools
import multiprocessing
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import pymongo
from bson.regex import Regex
from pymongo.collection import Collection
from pymongo.write_concern import WriteConcern

from bench.sample import MOST_EMPLOYEES, REGIONS, STAGES, unique

PROCESSES, THREADS = 2, 8
PAGE = 100
SPAN = 500
"""So many numbers of employees wide is a range."""

SEARCHED = ("company", "4711")
"""Beginnings of words that are searched for where words are indexed."""

Document = dict[str, Any]
Rows = Collection[Document]
Client = pymongo.MongoClient[Document]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the raw documents are: a copy of our own collection with the same indexes."""

    uri: str
    database: str
    collection: str

    def of(self, client: Client) -> Rows:
        """Give the collection; majority and journal, as we do."""
        durable = WriteConcern("majority", j=True)
        return client[self.database].get_collection(self.collection, write_concern=durable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one thread works with: the collection, the numbers to use, a document to copy."""

    rows: Rows
    numbers: Iterator[int]
    model: Document


def create(side: Side) -> None:
    """Insert a new document."""
    side.rows.insert_one({**side.model, "uid": unique(next(side.numbers))})


def upsert(side: Side) -> None:
    """Change one value of an existing document, found by its unique ID."""
    change = {"$set": {"v.employees": random.randrange(MOST_EMPLOYEES)}}
    side.rows.update_one({"uid": unique(next(side.numbers))}, change, upsert=True)


def get(side: Side) -> object:
    """Read one document by its unique ID."""
    return side.rows.find_one({"uid": unique(next(side.numbers))})


def list_(side: Side) -> Sequence[Document]:
    """Read the first hundred documents of a stage and an assignee."""
    where = {"stage": STAGES[next(side.numbers) % 3], "assignee": side.model["assignee"]}
    return list(side.rows.find(where).sort([("at", 1), ("_id", 1)]).limit(PAGE))


def eq(side: Side) -> Sequence[Document]:
    """Read the hundred documents of a region with the largest value."""
    where = {"v.region": REGIONS[next(side.numbers) % 3]}
    order = [("v.value", -1), ("at", -1), ("_id", -1)]
    return list(side.rows.find(where).sort(order).limit(PAGE))


def range_(side: Side) -> Sequence[Document]:
    """Read the first hundred documents of a range of a number, by that number."""
    low = next(side.numbers) % (MOST_EMPLOYEES - SPAN)
    where = {"v.employees": {"$gte": low, "$lt": low + SPAN}}
    order = [("v.employees", 1), ("at", 1), ("_id", 1)]
    return list(side.rows.find(where).sort(order).limit(PAGE))


def words(side: Side) -> Sequence[Document]:
    """Read the first hundred documents that have words that begin so."""
    parts = [{"w": {"$in": [Regex(f"^company_name {word}")]}} for word in SEARCHED]
    return list(side.rows.find({"$and": parts}).sort([("at", 1), ("_id", 1)]).limit(PAGE))


def count(side: Side) -> int:
    """Count the documents of a region."""
    return side.rows.count_documents({"v.region": REGIONS[next(side.numbers) % 3]})


OPERATIONS: dict[str, Callable[[Side], Any]] = {
    "create": create,
    "upsert": upsert,
    "get": get,
    "list": list_,
    "eq": eq,
    "range": range_,
    "words": words,
    "count": count,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a process does for `seconds`; new unique IDs begin at `base`."""

    operation: str
    seconds: float
    existing: int
    base: int

    def numbers(self, worker: int) -> Iterator[int]:
        """Give new numbers to create with, or random ones that exist."""
        if self.operation == "create":
            return itertools.count(self.base + worker * 1_000_000)
        chooser = random.Random(self.base + worker)
        return iter(lambda: chooser.randrange(self.existing), None)


def model(rows: Rows) -> Document:
    """Give an assigned document to make others of."""
    found = rows.find_one({"assignee": {"$exists": True}}, {"_id": 0, "uid": 0})
    assert found is not None
    return found


class Raw:
    """Two processes of eight threads each, which wait for work."""

    def __init__(self, place: Place) -> None:
        context = multiprocessing.get_context("spawn")
        # The processes find it by name, so it has to live here as long as they do.
        self._together = together = context.Barrier(PROCESSES)
        self._pipes: list[Connection] = []
        self._processes = []
        for number in range(PROCESSES):
            mine, theirs = context.Pipe()
            process = context.Process(
                target=_work, args=(place, number, theirs, together), daemon=True
            )
            process.start()
            self._pipes.append(mine)
            self._processes.append(process)

    @property
    def pids(self) -> Sequence[int]:
        """The ids of the processes."""
        return [process.pid for process in self._processes if process.pid is not None]

    def run(self, work: Work) -> int:
        """Let all threads work; return how many operations they did."""
        for pipe in self._pipes:
            pipe.send(work)
        return sum(pipe.recv() for pipe in self._pipes)

    def close(self) -> None:
        """End the processes."""
        for pipe in self._pipes:
            pipe.send(None)
        for process in self._processes:
            process.join()


def _work(place: Place, process: int, pipe: Connection, together: Any) -> None:
    rows = place.of(Client(place.uri, maxPoolSize=THREADS))
    while (work := pipe.recv()) is not None:
        made = model(rows)
        sides = [
            Side(rows=rows, numbers=work.numbers(process * THREADS + thread), model=made)
            for thread in range(THREADS)
        ]
        together.wait()
        with ThreadPoolExecutor(THREADS) as pool:
            counts = pool.map(partial(_counted, work=work), sides)
            pipe.send(sum(counts))


def _counted(side: Side, work: Work) -> int:
    act = OPERATIONS[work.operation]
    end = time.perf_counter() + work.seconds
    done = 0
    while time.perf_counter() < end:
        act(side)
        done += 1
    return done
