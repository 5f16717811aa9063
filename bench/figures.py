"""The figures: each measures Taskloom and bare pymongo alternately and keeps the median ratio."""

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo

from bench import over_http, raw
from bench.sample import WORKFLOW, batches
from tests.faults.serving import Restartable

EXISTING = 100_000
BATCH = 1000
ROUNDS = 3
SECONDS = 5.0
RAW = "taskloom_raw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: operations (or rows) a second of ours and of raw, and the median ratio."""

    name: str
    unit: str
    ours: float
    raw: float
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A running server and the copy of its tasks for the raw side."""

    server: Restartable
    place: raw.Place

    @property
    def rows(self) -> raw.Rows:
        """Our own collection."""
        client = pymongo.MongoClient[dict[str, Any]](self.place.uri)
        return client["taskloom"][self.place.collection]


@contextmanager
def running() -> Iterator[Bench]:
    """Start a server with an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        server = Restartable(Path(folder))
        try:
            over_http.push_workflow(server)
            uri = server.database_uri
            with pymongo.MongoClient[dict[str, Any]](uri) as client:
                found = client["taskloom"]["workflows"].find_one({"id": WORKFLOW})
            assert found is not None
            place = raw.Place(uri=uri, database=RAW, collection=f"tasks_{found['_id']}")
            yield Bench(server=server, place=place)
        finally:
            server.close()


def copied(bench: Bench) -> None:
    """Copy our tasks, without events, to the raw side, with the same indexes."""
    bench.rows.aggregate([{"$unset": "ev"}, {"$out": {"db": RAW, "coll": bench.place.collection}}])
    there = bench.place.open()
    for name, index in bench.rows.index_information().items():
        if name != "_id_":
            options = {k: v for k, v in index.items() if k not in {"key", "v", "ns"}}
            there.create_index(list(index["key"]), name=name, **options)


def imports(bench: Bench, *, count: int = EXISTING) -> list[Figure]:
    """Import new rows, and the same again unchanged."""
    new, counts = over_http.load(bench.server, batches(0, count, BATCH))
    assert counts["created"] == count, counts
    again, counts = over_http.load(bench.server, batches(0, count, BATCH))
    assert counts["unchanged"] == count, counts
    documents = list(bench.rows.find({}, {"_id": 0, "ev": 0}))
    target = raw.Place(uri=bench.place.uri, database="taskloom_import", collection="rows")
    for name, index in bench.rows.index_information().items():
        if name != "_id_":
            options = {k: v for k, v in index.items() if k not in {"key", "v", "ns"}}
            target.open().create_index(list(index["key"]), name=name, **options)

    def parts() -> Iterator[list[dict[str, Any]]]:
        for start in range(0, len(documents), BATCH):
            yield [dict(row) for row in documents[start : start + BATCH]]

    raw_new, raw_again = raw.load(target, parts()), raw.load(target, parts())
    return [
        _figure(f"import of {count:,} new rows", "rows/s", [new], [raw_new]),
        _figure(f"import of the same {count:,} rows", "rows/s", [again], [raw_again]),
    ]


def operation(bench: Bench, name: str, *, seconds: float = SECONDS) -> Figure:
    """Measure one operation in alternating rounds."""
    ours, bare = [], []
    for number in range(ROUNDS):
        base = 200_000_000 + number * 1_000_000_000 // 10
        bare.append(raw.rate(bench.place, name, seconds=seconds, existing=EXISTING, base=base))
        load = over_http.rate(bench.server, name, seconds=seconds, existing=EXISTING, base=base)
        if load.failures:
            raise SystemExit(f"{name}: {load.failures} of {load.requests} requests failed")
        ours.append(load.rate)
    return _figure(name, "requests/s", ours, bare)


def _figure(name: str, unit: str, ours: Sequence[float], bare: Sequence[float]) -> Figure:
    ratios = [mine / other for mine, other in zip(ours, bare, strict=True)]
    return Figure(
        name=name,
        unit=unit,
        ours=statistics.median(ours),
        raw=statistics.median(bare),
        ratio=statistics.median(ratios),
    )
