"""Figures of reports, counted within the database in one pass over the tasks.

When a task came into which stage its events tell, the newest of which stand in the task. Only of
tasks whose older events were moved out is `history` asked.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from taskloom.engine.measures import DIGITS, HUNDREDTH_DAY, HUNDREDTH_HOUR, QUARTER, Length
from taskloom.model.event import CREATED
from taskloom.model.task import Moment
from taskloom.query.tree import STAGE, All, Compare, Filter
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database, Document, each_in_our_words, in_our_words
from taskloom.storage.filters import compiled, place
from taskloom.storage.history import collection

_FIRST: Final = "ev.0.k"
_WIDEST: Final = 12
"""Lengths have so many digits at most."""


class Figures:
    """Fulfils `FigureStore`; `query_ms` is what the server may spend on one figure."""

    def __init__(self, database: Database, *, query_ms: int) -> None:
        self._database = database
        self._query_ms = query_ms

    @in_our_words
    def values(
        self, workflow: Compiled, where: Filter, field: str
    ) -> Mapping[str | bool | None, int]:
        held = place(workflow, field)
        value: object = f"${held.path}"
        stages: list[Document] = [{"$match": compiled(where, workflow)}]
        if held.list:
            # One assignee stands there without a list.
            several = {"$setUnion": [value, []]}
            each = {"$cond": [{"$isArray": [value]}, several, [value]]}
            stages += [{"$project": {"x": each}}, {"$unwind": _kept("x")}]
            value = "$x"
        stages.append({"$group": {"_id": value, "n": {"$sum": 1}}})
        counts: dict[str | bool | None, int] = {}
        for row in self._asked(workflow, stages):
            found = None if row["_id"] in held.unset else row["_id"]
            counts[found] = counts.get(found, 0) + row["n"]
        return counts

    @in_our_words
    def created(
        self, workflow: Compiled, where: Filter, start: Moment, end: Moment
    ) -> Mapping[int, int]:
        within = {"at": {"$gte": start, "$lt": end}}
        stages: list[Document] = [
            {"$match": {"$and": [compiled(where, workflow), within]}},
            {"$group": {"_id": _floor("$at", QUARTER), "n": {"$sum": 1}}},
        ]
        return {int(row["_id"]): row["n"] for row in self._asked(workflow, stages)}

    @in_our_words
    def finished(
        self, workflow: Compiled, where: Filter, start: Moment, end: Moment
    ) -> Mapping[int, int]:
        ends = [key for key, stage in workflow.stages.items() if stage.end]
        done = All((where, Compare(STAGE, "in", tuple(ends))))
        # What came there since `start` was changed since, or made.
        since = {"$and": [compiled(done, workflow), {"up": {"$gte": start}}]}
        came = {
            "$filter": {
                "input": "$moves",
                "as": "m",
                "cond": {"$and": [{"$in": ["$$m.n", ends]}, {"$not": {"$in": ["$$m.o", ends]}}]},
            }
        }
        at = {"$ifNull": [{"$last": {"$map": {"input": came, "in": "$$this.t"}}}, "$at"]}
        stages: list[Document] = [
            *_moves(workflow, since),
            {"$project": {"f": at}},
            {"$match": {"f": {"$gte": start, "$lt": end}}},
            {"$group": {"_id": _floor("$f", QUARTER), "n": {"$sum": 1}}},
        ]
        return {int(row["_id"]): row["n"] for row in self._asked(workflow, stages)}

    def ages(self, workflow: Compiled, where: Filter, now: Moment) -> Iterator[Length]:
        # A task made by a server whose clock is ahead has no age yet.
        age = {"$max": [0, {"$subtract": [now, "$at"]}]}
        stages: list[Document] = [
            {"$match": compiled(where, workflow)},
            {"$project": {"s": "$stage", "d": age}},
            *_lengths(HUNDREDTH_DAY),
        ]
        return self._read(workflow, stages)

    def visits(
        self, workflow: Compiled, where: Filter, start: Moment | None, end: Moment | None
    ) -> Iterator[Length]:
        move = {"$arrayElemAt": ["$moves", "$$i"]}
        before = {"$arrayElemAt": ["$moves", {"$subtract": ["$$i", 1]}]}
        came = {"$cond": ["$$i", {"$let": {"vars": {"m": before}, "in": "$$m.t"}}, "$at"]}
        visit = {
            "$let": {
                "vars": {"m": move, "came": came},
                "in": {"s": "$$m.o", "t": "$$m.t", "d": {"$subtract": ["$$m.t", "$$came"]}},
            }
        }
        every = {"$range": [0, {"$size": "$moves"}]}
        bounds = {"$gte": start, "$lt": end}
        within = {name: at for name, at in bounds.items() if at is not None}
        changed = compiled(where, workflow)
        if start is not None:
            # What did not change since `start` left no stage since.
            changed = {"$and": [changed, {"up": {"$gte": start}}]}
        stages: list[Document] = [
            *_moves(workflow, changed),
            {"$project": {"v": {"$map": {"input": every, "as": "i", "in": visit}}}},
            {"$unwind": "$v"},
            {"$replaceRoot": {"newRoot": "$v"}},
            *([{"$match": {"t": within}}] if within else []),
            *_lengths(HUNDREDTH_HOUR),
        ]
        return self._read(workflow, stages)

    def _read(self, workflow: Compiled, stages: list[Document]) -> Iterator[Length]:
        return each_in_our_words(
            Length(row["_id"]["s"], int(row["_id"]["u"]), row["n"], int(row["ms"]))
            for row in self._asked(workflow, stages)
        )

    def _asked(self, workflow: Compiled, stages: list[Document]) -> Iterator[Document]:
        tasks = self._database[collection(workflow)]
        return tasks.aggregate(stages, maxTimeMS=self._query_ms, allowDiskUse=True)


def _kept(path: str) -> Document:
    return {"path": f"${path}", "preserveNullAndEmptyArrays": True}


def _floor(value: object, unit: int) -> Document:
    return {"$floor": {"$divide": [value, unit]}}


def _moves(workflow: Compiled, where: Document) -> list[Document]:
    """Give of matching tasks `at` and `moves`: when (`t`), from (`o`) and to (`n`) which stage."""
    whole = {"$and": [where, {_FIRST: CREATED}]}
    parted = {"$and": [where, {_FIRST: {"$ne": CREATED}}]}
    here: Document = {"at": 1, "ev.t": 1, "ev.c": 1}
    held: Document = {**here, "rest": {"$subtract": ["$rev", {"$size": "$ev"}]}}
    together = {"$concatArrays": ["$past", "$ev"]}
    return [
        {"$match": whole},
        {"$project": here},
        {
            "$unionWith": {
                "coll": collection(workflow),
                "pipeline": [
                    {"$match": parted},
                    {"$project": held},
                    {"$lookup": _moved_out(workflow)},
                    {"$project": {"at": 1, "ev": together}},
                ],
            }
        },
        {"$project": {"at": 1, "moves": _staged("$ev")}},
    ]


def _moved_out(workflow: Compiled) -> Document:
    """Look up the events that are not in the task any more; those on their way are in both."""
    of_task = {"$eq": ["$task", "$$task"]}
    older = {"$lte": ["$n", "$$rest"]}
    return {
        "from": "history",
        "let": {"task": "$_id", "rest": "$rest"},
        "pipeline": [
            {"$match": {"w": workflow.workflow.uid, "$expr": {"$and": [of_task, older]}}},
            {"$sort": {"n": 1}},
            {"$project": {"_id": 0, "t": 1, "c": 1}},
        ],
        "as": "past",
    }


def _staged(events: str) -> Document:
    """Pick the changes of the stage; one from nothing tells what a task began with."""
    own = {"$eq": [{"$arrayElemAt": ["$$c", 0]}, STAGE]}
    changes = {"$ifNull": ["$$e.c", []]}
    change = {"$first": {"$filter": {"input": changes, "as": "c", "cond": own}}}
    told = {
        "$let": {
            "vars": {"c": change},
            "in": {
                "t": "$$e.t",
                "o": {"$arrayElemAt": ["$$c", 1]},
                "n": {"$arrayElemAt": ["$$c", 2]},
            },
        }
    }
    every = {"$map": {"input": events, "as": "e", "in": told}}
    return {"$filter": {"input": every, "as": "m", "cond": {"$gt": ["$$m.o", None]}}}


def _lengths(unit: int) -> list[Document]:
    """Count stages `s` and lengths `d` as `measures.cut` tells them."""
    return [
        {"$project": {"s": 1, "d": 1, "u": _floor("$d", unit)}},
        {
            "$group": {
                "_id": {"s": "$s", "u": _cut("$u")},
                "n": {"$sum": 1},
                "ms": {"$sum": "$d"},
            }
        },
        {"$sort": {"_id.s": 1, "_id.u": 1}},
    ]


def _cut(units: str) -> Document:
    steps = [10**n for n in range(_WIDEST)]
    return {
        "$switch": {
            "branches": [
                {
                    "case": {"$lt": [units, DIGITS * step]},
                    "then": {"$subtract": [units, {"$mod": [units, step]}]},
                }
                for step in steps
            ],
            "default": units,
        }
    }
