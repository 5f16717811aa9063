"""Many tasks in one request, row by row, in constant memory.

NDJSON in gives NDJSON out: one result a row, then the summary. A JSON array in gives one object.
Results are kept on disk until the last row is read: a client that sends everything before it
reads anything would otherwise wait for a server that waits for the client.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from taskloom.engine.bulk import MOST_ATOMIC
from taskloom.engine.bulk import Bulk as Many
from taskloom.engine.engine import Engine
from taskloom.engine.stages import Result, Row, Stages
from taskloom.engine.terms import Origin
from taskloom.engine.writing import ABSENT, Mode
from taskloom.errors import ASSIGNEE, STAGE, Fault, Invalid, NotFound, TaskloomError, TooLarge
from taskloom.fields.base import BLANK
from taskloom.model.people import Actor
from taskloom.schema.compiled import Compiled, titles_of
from taskloom.wire.answer import JSON, PROBLEM, Ready
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.body import HEAVY, heavy, reading_items, require_json, too_large
from taskloom.wire.docs.describe import (
    FAULTS,
    TEXT,
    body,
    content,
    documented,
    parameter,
    reference,
)
from taskloom.wire.flowdash.chunks import Chunk, Chunks, chunks_of_items, chunks_of_lines
from taskloom.wire.flowdash.describe import TASK_IN, WORKFLOW
from taskloom.wire.flowdash.lines import NDJSON
from taskloom.wire.flowdash.outcomes import ALWAYS, OUTCOMES, UNPROCESSED, Report
from taskloom.wire.flowdash.query import meaningless
from taskloom.wire.retries import origin_of, repeatable

DELETE: Final = "delete"
_NOT_READ: Final = "means nothing where a task is deleted; only its unique ID does"
_NO_UNIQUE_ID: Final = "this workflow has no unique ID field, so nothing can be found by it"
LARGEST_ATOMIC: Final = 6 * 1024 * 1024
MODES: Final = ("upsert", "create", "update", DELETE)
_FLAGS: Final[Mapping[str, bool]] = {"true": True, "false": False}
_ATOMIC: Final = "atomic"
_DRY_RUN: Final = "dry_run"
_FLAG: Final = {"type": "boolean", "default": False}
_ROWS: Final = {"type": "array", "items": TASK_IN}
_BODY: Final = {
    "required": True,
    "content": {**body(_ROWS)["content"], **content(TASK_IN, media=NDJSON)},
}
_RESULT: Final = {
    "type": "object",
    "description": "A row's number from 0, what came of it, the task's id or what was wrong. "
    "A dry run has no id for a task that is not there yet.",
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
    "required": list(ALWAYS),
    "additionalProperties": False,
}
_REPORT: Final = {
    "type": "object",
    "properties": {"results": {"type": "array", "items": _RESULT}, **_COUNTS, "error": TEXT},
    "required": ["results", *ALWAYS],
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is to be done with the rows."""

    mode: str
    atomic: bool
    dry_run: bool


class Bulk:
    """The bulk handler."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @repeatable
    @documented(
        "Write many tasks",
        description="Each row stands for itself: what is refused stops no other, unless the "
        f"request is `atomic`. `{NDJSON}` may have any number of rows, and is answered in kind.",
        parameters=[
            WORKFLOW,
            parameter("mode", "What each row does.", {"enum": list(MODES), "default": "upsert"}),
            parameter(_ATOMIC, f"All rows or none; at most {MOST_ATOMIC:,}.", _FLAG),
            parameter(_DRY_RUN, "Tell what would come of the rows, and write nothing.", _FLAG),
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
        errors=(404, 409),
    )
    def write_tasks(self, request: Request, workflow: str) -> Ready:
        """Write all rows of the body."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        require_json(request, NDJSON)
        asked = _asked(request.args)
        media = NDJSON if request.mimetype == NDJSON else JSON
        with ExitStack() as stack:
            bulk = self._engine.bulk
            if asked.dry_run:
                bulk = stack.enter_context(bulk.rehearsing(compiled))
            if media == NDJSON:
                chunks = chunks_of_lines(request, compiled, self._limits)
            else:
                items = stack.enter_context(reading_items(request, self._limits))
                chunks = chunks_of_items(compiled, items)
            stack.enter_context(closing(chunks))
            writer = _Writer(self._engine, bulk, actor, compiled, asked)
            report = Report(titles_of(compiled), media)
            try:
                run = _Run(report, writer, origin_of(request))
                run.whole(chunks) if asked.atomic else run.each(chunks)
            except BaseException:
                report.close()
                raise
            return report.response(run.failure)


def _asked(parameters: MultiDict[str, str]) -> _Asked:
    faults = meaningless(parameters, "mode", _ATOMIC, _DRY_RUN)
    mode = _one_of(MODES, "mode", parameters, faults)
    atomic, dry_run = (
        _one_of(tuple(_FLAGS), name, parameters, faults) for name in (_ATOMIC, _DRY_RUN)
    )
    if faults:
        raise Invalid(faults)
    return _Asked(
        mode=mode or MODES[0], atomic=_FLAGS.get(atomic, False), dry_run=_FLAGS.get(dry_run, False)
    )


def _one_of(
    known: Sequence[str], name: str, parameters: MultiDict[str, str], faults: list[Fault]
) -> str:
    """Return a parameter that is there at most once and says one of some words, else ""."""
    given = parameters.getlist(name)
    if len(given) > 1 or not set(known).issuperset(given):
        message = f"must be one of {', '.join(known)}"
        faults.append(Fault(path=(name,), code="parameter", message=message))
    return given[0] if given else ""


class _Writer:
    """Does with rows what is asked for."""

    def __init__(
        self, engine: Engine, bulk: Many, actor: Actor, compiled: Compiled, asked: _Asked
    ) -> None:
        self._engine = engine
        self._bulk = bulk
        self._actor = actor
        self._compiled = compiled
        self.asked = asked

    def begin(self, rows: Sequence[Row], origin: Origin | None) -> Stages | None:
        """Begin a write whose stages may overlap those of others; None where there are none."""
        asked = self.asked
        if asked.mode == DELETE or asked.dry_run:
            return None
        people = self._engine.people.people(self._actor)
        mode = cast(Mode, asked.mode)
        return self._bulk.begin(self._actor, self._compiled, rows, people, mode=mode, origin=origin)

    def write(self, rows: Sequence[Row], origin: Origin | None) -> list[Result]:
        """Return what came of each row."""
        actor, compiled, asked = self._actor, self._compiled, self.asked
        people = self._engine.people.people(actor)
        if asked.mode == DELETE:
            uniques = [_unique_of(row, compiled) for row in rows]
            return self._bulk.delete(
                actor, compiled, uniques, people, atomic=asked.atomic, origin=origin
            )
        mode = cast(Mode, asked.mode)
        return self._bulk.write(
            actor, compiled, rows, people, mode=mode, atomic=asked.atomic, origin=origin
        )


def _unique_of(row: Row, compiled: Compiled) -> object:
    """Return the unique ID of the task that a row names, and nothing else, or what is wrong."""
    if isinstance(row, TaskloomError):
        return row
    key = compiled.workflow.unique_id
    said = [*(name for name in row.values if name != key), *row.links]
    said += [STAGE] if row.stage is not ABSENT else []
    said += [ASSIGNEE] if row.assignees is not ABSENT else []
    faults = [*row.faults]
    faults += [Fault(path=(name,), code="superfluous", message=_NOT_READ) for name in said]
    if key is not None and row.values.get(key) is None:
        faults.append(Fault(path=(key,), code=BLANK, message="can't be blank"))
    if faults:
        return Invalid(faults)
    return row.values[key] if key is not None else NotFound(_NO_UNIQUE_ID)


class _Run:
    """One request's rows on their way; after a failure nothing more is tried."""

    def __init__(self, report: Report, writer: _Writer, origin: Origin | None) -> None:
        self._report = report
        self._writer = writer
        self._origin = origin
        self._rows = 0
        self._begun = False
        self._under_way: tuple[Future[list[Result]], int] | None = None
        self._uniques: Collection[str] = ()
        self.failure: TaskloomError | None = None
        if writer.asked.mode == DELETE:
            report.counts("deleted")
        if writer.asked.atomic:
            report.counts(UNPROCESSED)

    def each(self, chunks: Chunks) -> None:
        """Write chunk by chunk; the next one is decided while the database stores the last."""
        with ThreadPoolExecutor(1, "bulk") as pool:
            for chunk in chunks:
                if self.failure is None:
                    self._follow(chunk, pool)
                else:
                    self._report.skip(len(chunk.rows), self.failure)
                if chunk.size > HEAVY:
                    self._settle()
                # The next chunk is waited for without this one in memory.
                del chunk
            self._settle()

    def _follow(self, chunk: Chunk, pool: ThreadPoolExecutor) -> None:
        """Decide a chunk while the one before it is stored, and then let it be stored."""
        count, origin = len(chunk.rows), self._next(chunk)
        try:
            work, uniques = self._decided(chunk.rows, origin)
        except TaskloomError as error:
            self._settle()
            self._fail(error, count)
            return
        self._settle()
        if self.failure is not None:
            self._report.skip(count, self.failure)
            return
        self._under_way, self._uniques = (pool.submit(work), count), uniques

    def _decided(
        self, rows: Sequence[Row], origin: Origin | None
    ) -> tuple[Callable[[], list[Result]], Collection[str]]:
        """Decide rows as soon as no other is stored that names one of their tasks."""
        begun = self._writer.begin(rows, origin)
        if begun is None:
            return partial(self._writer.write, rows, origin), ()
        if not begun.uniques.isdisjoint(self._uniques):
            self._settle()
        begun.decide()
        return begun.store, begun.uniques

    def whole(self, chunks: Chunks) -> None:
        """Write all rows at once, which are all held in memory for that."""
        rows: list[Row] = []
        size = 0
        for chunk in chunks:
            rows += chunk.rows
            size += chunk.size
            if len(rows) > MOST_ATOMIC:
                message = f"more than {MOST_ATOMIC:,} rows cannot be written all at once"
                raise TooLarge(message, limit=MOST_ATOMIC)
            if size > LARGEST_ATOMIC:
                raise too_large(LARGEST_ATOMIC)
        with heavy(size):
            self._report.add(self._writer.write(rows, self._origin))

    def _next(self, chunk: Chunk) -> Origin | None:
        origin = None if self._origin is None else self._origin.after(self._rows)
        self._rows += len(chunk.rows)
        return origin

    def _settle(self) -> None:
        """Note what came of the chunk under way."""
        if self._under_way is None:
            return
        (written, count), self._under_way, self._uniques = self._under_way, None, ()
        try:
            self._report.add(written.result())
        except TaskloomError as error:
            self._fail(error, count)
        self._begun = True

    def _fail(self, error: TaskloomError, count: int) -> None:
        """Try no more, of which a failure of the very first chunk says nothing but itself."""
        if not self._begun:
            raise error
        self.failure = error
        self._report.skip(count, error)
