"""Many tasks in one request, row by row, in constant memory.

NDJSON in gives NDJSON out: one result a row, then the summary. A JSON array in gives one object.
Results are kept on disk until the last row is read: a client that sends everything before it
reads anything would otherwise wait for a server that waits for the client.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Final, TypeVar

from flask import Response, request
from werkzeug.datastructures import MultiDict

from taskloom.engine.bulk import Result
from taskloom.engine.engine import Engine
from taskloom.engine.writing import Draft, Mode
from taskloom.errors import Fault, Invalid, TaskloomError
from taskloom.model.people import Actor
from taskloom.schema.compiled import Compiled
from taskloom.wire.answer import JSON, PROBLEM
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, titles_of
from taskloom.wire.body import (
    as_object,
    heavy,
    parse,
    reading_items,
    require_json,
    too_large,
)
from taskloom.wire.docs.describe import (
    FAULTS,
    TEXT,
    body,
    content,
    documented,
    parameter,
    reference,
)
from taskloom.wire.flowdash.describe import TASK_IN, WORKFLOW
from taskloom.wire.flowdash.lines import NDJSON, Line, lines
from taskloom.wire.flowdash.naming import draft_of
from taskloom.wire.flowdash.outcomes import OUTCOMES, Report
from taskloom.wire.flowdash.query import meaningless

MODES: Final[Mapping[str, Mode]] = {"upsert": "upsert", "create": "create", "update": "update"}
CHUNK_ROWS: Final = 1000
CHUNK_BYTES: Final = 1024 * 1024
_ROWS: Final = {"type": "array", "items": TASK_IN}
_BODY: Final = {
    "required": True,
    "content": {**body(_ROWS)["content"], **content(TASK_IN, media=NDJSON)},
}
_RESULT: Final = {
    "type": "object",
    "description": "A row's number from 0, what came of it, the task's id or what was wrong.",
    "properties": {
        "index": {"type": "integer"},
        "status": {"enum": list(OUTCOMES)},
        "id": TEXT,
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}},
        "faults": FAULTS,
        "error": TEXT,
    },
    "required": ["index", "status"],
    "additionalProperties": False,
}
_COUNTS: Final = {outcome: {"type": "integer", "minimum": 0} for outcome in OUTCOMES}
_SUMMARY: Final = {
    "type": "object",
    "properties": {**_COUNTS, "error": TEXT},
    "required": list(OUTCOMES),
    "additionalProperties": False,
}
_REPORT: Final = {
    "type": "object",
    "properties": {"results": {"type": "array", "items": _RESULT}, **_COUNTS, "error": TEXT},
    "required": ["results", *OUTCOMES],
    "additionalProperties": False,
}
_LINES: Final = content(
    {
        "anyOf": [_RESULT, _SUMMARY],
        "description": "One line: a result, and in the end the summary.",
    },
    media=NDJSON,
)
_BROKEN_OFF: Final = {"anyOf": [reference("schemas", "Error"), _REPORT]}

Row = Draft | TaskloomError
Chunks = Generator[Sequence[Row], None, None]
T = TypeVar("T")


class Bulk:
    """The bulk view; it takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "Write many tasks",
        description="Each row stands for itself: what is refused stops no other. "
        f"`{NDJSON}` may have any number of rows, and is answered in kind.",
        parameters=[
            WORKFLOW,
            parameter("mode", "What each row does.", {"enum": list(MODES), "default": "upsert"}),
        ],
        request=_BODY,
        replies={
            200: {
                "description": "What came of each row.",
                "content": {**content(_REPORT), **_LINES},
            },
            503: {
                "description": "The database failed; `error` says so beside what was done before.",
                "content": {
                    **content(_BROKEN_OFF),
                    **_LINES,
                    **content(reference("schemas", "Problem"), media=PROBLEM),
                },
            },
        },
        errors=(404,),
    )
    def write_tasks(self, workflow: str) -> Response:
        """Write all rows of the body."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        require_json(request, NDJSON)
        mode = _mode(request.args)
        writer = _Writer(self._engine, actor, compiled, mode)
        if request.mimetype == NDJSON:
            chunks = _chunks_of_lines(compiled, self._limits)
            return _run(Report(titles_of(compiled), NDJSON), writer, chunks)
        with reading_items(request, self._limits) as items:
            chunks = _chunks_of_items(compiled, items)
            return _run(Report(titles_of(compiled), JSON), writer, chunks)


def _mode(parameters: MultiDict[str, str]) -> Mode:
    faults = meaningless(parameters, "mode")
    given = parameters.getlist("mode") or ["upsert"]
    if len(given) > 1 or given[0] not in MODES:
        message = f"must be one of {', '.join(MODES)}"
        faults.append(Fault(path=("mode",), code="parameter", message=message))
    if faults:
        raise Invalid(faults)
    return MODES[given[0]]


def _chunks_of_lines(compiled: Compiled, limits: Limits) -> Chunks:
    """Yield the rows of an NDJSON body; what still waits for the client is not parsed yet."""
    sized = ((line, line.size) for line in lines(request.stream, limits.max_body))
    for gathered, size in _chunks(sized):
        with heavy(size):
            yield [_row_of_line(compiled, line, limits) for line in gathered]


def _row_of_line(compiled: Compiled, line: Line, limits: Limits) -> Row:
    if line.held is None:
        return too_large(limits.max_body)
    try:
        return draft_of(as_object(parse(line.contents(), limits)), compiled)
    except TaskloomError as error:
        return error


def _chunks_of_items(compiled: Compiled, items: Iterable[tuple[object, int]]) -> Chunks:
    """Yield the rows of a JSON array."""
    for gathered, _size in _chunks(items):
        yield [_row(compiled, item) for item in gathered]


def _row(compiled: Compiled, item: object) -> Row:
    try:
        return draft_of(as_object(item), compiled)
    except TaskloomError as error:
        return error


def _chunks(sized: Iterable[tuple[T, int]]) -> Iterator[tuple[Sequence[T], int]]:
    """Gather what comes with its size until it is many, or one more would make it large."""
    chunk: list[T] = []
    held = 0
    for one, size in sized:
        if chunk and (len(chunk) >= CHUNK_ROWS or held + size > CHUNK_BYTES):
            yield chunk, held
            chunk, held = [], 0
        chunk.append(one)
        held += size
    if chunk:
        yield chunk, held


class _Writer:
    """Writes chunks; after a failure nothing more is tried, and all rows share its reason."""

    def __init__(self, engine: Engine, actor: Actor, compiled: Compiled, mode: Mode) -> None:
        self._engine = engine
        self._actor = actor
        self._compiled = compiled
        self._mode = mode
        self._begun = False
        self.failure: TaskloomError | None = None

    def write(self, chunk: Sequence[Row]) -> Sequence[Result]:
        """Write the rows of a chunk that could be read; a failure at the very start is raised."""
        if self.failure is None:
            try:
                return self._written(chunk)
            except TaskloomError as error:
                if not self._begun:
                    raise
                self.failure = error
        return [self.failure] * len(chunk)

    def _written(self, chunk: Sequence[Row]) -> Sequence[Result]:
        drafts = [row for row in chunk if isinstance(row, Draft)]
        people = self._engine.people.people(self._actor)
        results = iter(
            self._engine.bulk.write(self._actor, self._compiled, drafts, people, mode=self._mode)
        )
        self._begun = True
        return [next(results) if isinstance(row, Draft) else row for row in chunk]


def _run(report: Report, writer: _Writer, chunks: Chunks) -> Response:
    try:
        with closing(chunks):
            for chunk in chunks:
                report.add(writer.write(chunk))
                # The next chunk is waited for without this one in memory.
                del chunk
    except BaseException:
        report.close()
        raise
    return report.response(writer.failure)
