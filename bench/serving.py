"""The server that is measured, its mongod, and the same documents for the raw side."""

import http.client
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench import sample
from bench.load import Load, drive
from bench.machine import Groups
from bench.raw import Client, Place, Raw, Rows
from taskloom.storage.mongod import Mongod
from tests.servers import Server, descendants

KEY = "tl_key_of_a_server_that_is_measured"
AUTHORIZATION = f"Bearer {KEY}"
CONNECTIONS = 16
EXISTING = 100_000
TIMES = 10
"""The large workflow holds so many times as many tasks."""

OURS_ALONE = ("ev", "pr", "j")
"""What a document has for us alone: its events, the print of what was asked for, its face."""

ROWS_PER_REQUEST = 10_000
CACHE_GB = 2.0
"""The million tasks fit into mongod's memory: what is compared is not the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A running server, a connection to its mongod, and the raw side's processes.

    `mongod` is the id of its process.
    """

    server: Server
    place: Place
    client: Client
    mongod: int
    raw: Raw

    @property
    def address(self) -> tuple[str, int]:
        """Where the server listens."""
        return "127.0.0.1", self.server.port

    @property
    def app(self) -> Sequence[int]:
        """The server's processes, without the mongod that it may have started."""
        first = self.server.process.pid
        return [first, *(child for child in descendants(first) if child != self.mongod)]

    def groups(self, client: Sequence[int]) -> Groups:
        """Give the processes whose time is counted; `client` are those of the load."""
        return {"client": client, "app": self.app, "mongod": [self.mongod]}

    def rows(self, workflow: str = sample.WORKFLOW) -> Rows:
        """Our own collection of a workflow's tasks."""
        database = self.client["taskloom"]
        found = database["workflows"].find_one({"id": workflow})
        assert found is not None
        return database[f"tasks_{found['_id']}"]

    @property
    def bare(self) -> Rows:
        """The collection of the raw side."""
        return self.place.of(self.client)

    def call(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> tuple[int, bytes]:
        """Send one request and read the answer whole."""
        connection = http.client.HTTPConnection(*self.address, timeout=600)
        headers = {"Authorization": AUTHORIZATION, "Content-Type": kind}
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        read = answer.read()
        connection.close()
        return answer.status, read

    def drive(self, requests: Iterator[bytes], seconds: float) -> Load:
        """Keep sixteen connections busy."""
        return drive(self.address, requests, connections=CONNECTIONS, seconds=seconds)


def tasks_of(workflow: str) -> str:
    """Spell the path of a workflow's tasks."""
    return f"/api/v1/workflows/{workflow}/tasks"


@contextmanager
def running() -> Iterator[Bench]:
    """Start mongod and a server that holds the small workflow, filled, and its raw copy."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        mongod = Mongod(folder / "mongod", cache_gb=CACHE_GB)
        stack.callback(mongod.stop)
        mongod.start()
        address = mongod.uri.replace("/?", "/taskloom?", 1)
        settings = {"TASKLOOM_BOOTSTRAP_KEY": KEY, "TASKLOOM_MONGODB_URI": address}
        server = Server(folder / "server", settings)
        stack.callback(server.close)
        place = Place(uri=mongod.uri, database="raw", collection="tasks")
        raw = Raw(place)
        stack.callback(raw.close)
        assert mongod.pid is not None
        client = stack.enter_context(Client(mongod.uri))
        bench = Bench(server=server, place=place, client=client, mongod=mongod.pid, raw=raw)
        push(bench, sample.WORKFLOW)
        fill(bench)
        copy(bench)
        yield bench


def push(bench: Bench, workflow: str, *search: str) -> None:
    """Store the measured workflow, whose fields `search` are searched."""
    body = orjson.dumps(sample.file(workflow, *search))
    status, answer = bench.call("PUT", f"/api/v1/workflows/{workflow}", body)
    if status not in {200, 201}:
        raise SystemExit(f"the bench workflow was refused: {answer!r}")


def fill(bench: Bench) -> None:
    """Import the tasks that there are from the start."""
    for first in range(0, EXISTING, ROWS_PER_REQUEST):
        body = sample.lines(map(sample.task, range(first, first + ROWS_PER_REQUEST)))
        counts = bulk(bench, body)
        assert counts["created"] == ROWS_PER_REQUEST, counts


def bulk(bench: Bench, body: bytes) -> Mapping[str, int]:
    """Send NDJSON rows in one request; give what came of them."""
    path = f"{tasks_of(sample.WORKFLOW)}/bulk"
    status, answer = bench.call("POST", path, body, "application/x-ndjson")
    if status != http.client.OK:
        raise SystemExit(f"rows were refused: {status} {answer[:500]!r}")
    counts: Mapping[str, int] = orjson.loads(answer.rstrip().rpartition(b"\n")[2])
    return counts


def copy(bench: Bench) -> None:
    """Copy our tasks to the raw side, without what only we keep, with the same indexes."""
    place = bench.place
    bench.rows().aggregate(
        [{"$unset": list(OURS_ALONE)}, {"$out": {"db": place.database, "coll": place.collection}}]
    )
    index_alike(bench.rows(), bench.bare)


def index_alike(ours: Rows, theirs: Rows) -> None:
    """Make the indexes of one collection on another, in one pass over what it holds."""
    indexes = [dict(index) for index in ours.list_indexes() if index["name"] != "_id_"]
    theirs.database.command("createIndexes", theirs.name, indexes=indexes)


def multiply(bench: Bench) -> None:
    """Fill the large workflow within mongod: ten copies of each task, under other unique IDs.

    An import of a million tasks would take minutes; `make soak` does that.
    """
    push(bench, sample.LARGE)
    there = bench.rows(sample.LARGE)
    made = there.database[f"{there.name}.made"]
    spelt = {"$substrCP": ["$uid", 3, 7]}
    other = {"$concat": ["C-", {"$toString": "$copy"}, spelt]}
    bench.rows().aggregate(
        [
            {"$match": {"uid": {"$lt": sample.unique(EXISTING)}}},
            {"$set": {"copy": list(range(TIMES))}},
            {"$unwind": "$copy"},
            {"$set": {"uid": other, "v.company_id": other, "at": {"$add": ["$at", "$copy"]}}},
            {"$unset": ["_id", "copy"]},
            {"$out": made.name},
        ]
    )
    index_alike(there, made)
    made.rename(there.name, dropTarget=True)
    held = there.estimated_document_count()
    assert held == TIMES * EXISTING, held
