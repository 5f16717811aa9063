"""Imports over HTTP, against the same algorithm in bare pymongo.

Both sides begin with NDJSON bytes in memory and read them with orjson. A raw row is the document
that our own import of the same row stored, so both hand mongod the same. The raw side takes a
thousand rows at a time, as our server does: it probes for their unique IDs, inserts what is new,
compares what is there, and updates what differs.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pymongo import UpdateOne

from bench import sample
from bench.raw import Document, Rows
from bench.rounds import ROUNDS, Compared, Run, compared, measured
from bench.serving import OURS_ALONE, ROWS_PER_REQUEST, Bench, bulk

ROWS = 20_000
BATCH = 1000
STATES = ("new", "unchanged", "changed")
_OUTCOME = {"new": "created", "unchanged": "unchanged", "changed": "updated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """The rows of one round: their numbers, and how both sides are given them."""

    bench: Bench
    rows: Rows
    numbers: range

    def bodies(self, made: Callable[[int], dict[str, object]]) -> Sequence[bytes]:
        """Spell the rows as the bodies of requests."""
        size = ROWS_PER_REQUEST
        starts = range(0, len(self.numbers), size)
        return [sample.lines(map(made, self.numbers[start : start + size])) for start in starts]

    def stored(self) -> bytes:
        """Spell the rows as they are stored with us now."""
        first, last = sample.unique(self.numbers[0]), sample.unique(self.numbers[-1])
        without = dict.fromkeys(("_id", *OURS_ALONE), 0)
        where = {"uid": {"$gte": first, "$lte": last}}
        found = self.bench.rows().find(where, without, sort=[("uid", 1)])
        body = sample.lines(found)
        assert body.count(b"\n") == len(self.numbers)
        return body


def imports(bench: Bench) -> dict[str, Compared]:
    """Import new rows, the same again, and the same with changes, in rounds."""
    kept: dict[str, list[tuple[Run, Run]]] = {state: [] for state in STATES}
    rows = bench.bare
    for number in range(ROUNDS):
        start = 50_000_000 + number * ROWS
        here = _Round(bench=bench, rows=rows, numbers=range(start, start + ROWS))
        for state in STATES:
            kept[state].append(_both(here, state))
    return {state: compared(rounds, "rows/s") for state, rounds in kept.items()}


def _both(here: _Round, state: str) -> tuple[Run, Run]:
    """Import the rows over HTTP, and then what we stored by bare pymongo."""
    bodies = here.bodies(sample.changed if state == "changed" else sample.task)
    groups = here.bench.groups([os.getpid()])
    mine = measured(groups, lambda: _sent(here.bench, bodies, _OUTCOME[state]))
    stored = here.stored()
    theirs = measured(groups, lambda: _raw(here.rows, stored, state))
    return mine, theirs


def _sent(bench: Bench, bodies: Iterable[bytes], outcome: str) -> int:
    done = 0
    for body in bodies:
        counts = bulk(bench, body)
        assert counts[outcome] == ROWS_PER_REQUEST, counts
        done += counts[outcome]
    return done


def _raw(rows: Rows, body: bytes, state: str) -> int:
    counts = dict.fromkeys(STATES, 0)
    lines = body.splitlines()
    for start in range(0, len(lines), BATCH):
        batch = [orjson.loads(line) for line in lines[start : start + BATCH]]
        wanted = [row["uid"] for row in batch]
        known = {found["uid"]: found for found in rows.find({"uid": {"$in": wanted}})}
        new: list[Document] = []
        changes: list[UpdateOne] = []
        for row in batch:
            before = known.get(row["uid"])
            if before is None:
                new.append(row)
            elif update := _difference(before["v"], row["v"]):
                changes.append(UpdateOne({"_id": before["_id"]}, {"$set": update}))
        if new:
            rows.insert_many(new, ordered=False)
        if changes:
            rows.bulk_write(changes, ordered=False)
        counts["new"] += len(new)
        counts["changed"] += len(changes)
        counts["unchanged"] += len(batch) - len(new) - len(changes)
    assert counts[state] == len(lines), counts
    return len(lines)


def _difference(before: dict[str, Any], after: dict[str, Any]) -> Document:
    return {f"v.{key}": value for key, value in after.items() if before.get(key) != value}
