"""Exports: the tasks of a list as a file."""

import io
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import islice
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, BinaryIO, Final, cast

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.engine.exports import Export
from taskloom.errors import Fault, Invalid, TooMany
from taskloom.exchange.writers import BROKEN_OFF, FORMATS, Format, Row
from taskloom.model.people import Actor
from taskloom.schema.compiled import Compiled
from taskloom.wire.answer import Ready, spooled
from taskloom.wire.auth import actor_of
from taskloom.wire.base import by_title
from taskloom.wire.body import HEAVY, PIECE
from taskloom.wire.docs.describe import UNPROCESSABLE, documented, parameter
from taskloom.wire.flowdash import controls
from taskloom.wire.flowdash.describe import LISTED, TASK, TASKS, WORKFLOW
from taskloom.wire.flowdash.naming import TASK_URL
from taskloom.wire.flowdash.query import Parameters, asked

FORMAT: Final = "_format"
PLAIN: Final = "format"
"""The same where no field has this title."""
DEFAULT: Final = "csv"

_PAGING: Final = (controls.LIMIT, controls.CURSOR, controls.COUNT)
_LARGE: Final = 10_000
_AGAIN_SECONDS: Final = 10
_BUSY: Final = "another large file is being put together; try again, or take a format like csv"
_LARGE_FILES: Final = Lock()
_BYTES: Final = {"type": "string", "format": "binary"}
_FILES: Final = {
    "csv": {"type": "string"},
    "ndjson": TASK,
    "json": TASKS,
    "xlsx": _BYTES,
}


class Exports:
    """The handler of exports."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @documented(
        "Export tasks",
        description="All tasks that match as a file, to be imported again: fields, stage, "
        "assignees and links by title; what is unset is null or an empty cell. `_format` says the "
        f"same as `{PLAIN}`, for workflows that have a field of that title.",
        parameters=[
            WORKFLOW,
            parameter(PLAIN, "Default: csv.", {"type": "string", "enum": list(FORMATS)}),
            *(told for told in LISTED if told["name"] not in _PAGING),
        ],
        replies={
            200: {
                "description": "The file.",
                "headers": {
                    "Content-Disposition": {
                        "description": "The name to save it by.",
                        "schema": {"type": "string"},
                    }
                },
                "content": {
                    kind.media.partition(";")[0]: {"schema": _FILES[name]}
                    for name, kind in FORMATS.items()
                },
            }
        },
        errors=(400, 404, UNPROCESSABLE),
    )
    def export_tasks(self, request: Request, workflow: str) -> Ready:
        """Answer all tasks that match as a file."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        with by_title(compiled):
            name, rest = _format(request.args, compiled)
            export = self._export(actor, compiled, rest)
            kind = FORMATS[name]
            headers = {
                "Content-Type": kind.media,
                "Content-Disposition": f'attachment; filename="{compiled.workflow.id}.{name}"',
            }
            if kind.streamed:
                return Ready(headers=headers, body=_begun(_pieces(kind, export)))
            return spooled(_file(kind, export), headers=headers)

    def _export(self, actor: Actor, compiled: Compiled, parameters: Parameters) -> Export:
        people = self._engine.people.people(actor)
        wanted = asked(parameters, compiled, people, active=False)
        if wanted.only is not None and TASK_URL in wanted.only:
            raise Invalid([_fault(controls.FIELDS, f"{TASK_URL!r} stands in no export")])
        return self._engine.exports.export(actor, compiled, wanted.query, people, only=wanted.only)


def _format(parameters: Parameters, workflow: Compiled) -> tuple[str, Parameters]:
    """Read which format is asked for; return it, and the parameters of the list."""
    names = {FORMAT} if PLAIN in workflow.keys else {FORMAT, PLAIN}
    given = [(name, text) for name in names for text in parameters.getlist(name)]
    faults = [
        _fault(name, "means nothing for an export, which has all tasks that match")
        for name in _PAGING
        if name in parameters
    ]
    faults += [
        _fault(name, f"must be one of {', '.join(FORMATS)}")
        for name, text in given
        if text not in FORMATS
    ]
    if len(given) > 1:
        faults.append(_fault(given[0][0], "can be given once"))
    if faults:
        raise Invalid(faults)
    rest = [(name, text) for name, text in parameters.items(multi=True) if name not in names]
    return given[0][1] if given else DEFAULT, MultiDict(rest)


def _fault(name: str, message: str) -> Fault:
    return Fault(path=(name,), code="parameter", message=message)


def _pieces(kind: Format, export: Export) -> Iterator[bytes]:
    """Yield a file in pieces of some size."""
    held = io.BytesIO()
    writer = kind.open(held, export.columns)
    for row in export.rows:
        writer.add(row)
        if held.tell() >= PIECE:
            yield _taken(held)
    writer.close()
    yield _taken(held)


def _taken(held: io.BytesIO) -> bytes:
    piece = held.getvalue()
    held.seek(0)
    held.truncate()
    return piece


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Make the first piece, so that what fails at once fails before the answer."""
    return _joined(next(pieces), pieces)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Give the rest of a file; where that fails, the file says so.

    The server ends an answer that broke off like any other, so that nothing else tells.
    """
    yield first
    try:
        yield from rest
    except Exception:
        yield BROKEN_OFF
        raise


def _file(kind: Format, export: Export) -> IO[bytes]:
    """Put a whole file together on disk; of large ones one at a time."""
    spool = SpooledTemporaryFile(max_size=HEAVY)  # noqa: SIM115 - closed with the answer
    try:
        with (
            closing(_bounded(export.rows)) as rows,
            closing(kind.open(cast(BinaryIO, spool), export.columns)) as writer,
        ):
            for row in rows:
                writer.add(row)
    except BaseException:
        spool.close()
        raise
    spool.seek(0, io.SEEK_END)
    return spool


def _bounded(rows: Iterator[Row]) -> Generator[Row, None, None]:
    """Let rows through, beyond some thousands those of one file at a time.

    Each takes a turn of this process until it is done; others must not have to wait for them all.
    """
    yield from islice(rows, _LARGE)
    first = next(rows, None)
    if first is None:
        return
    if not _LARGE_FILES.acquire(blocking=False):
        raise TooMany(_BUSY, retry_after=_AGAIN_SECONDS)
    try:
        yield first
        yield from rows
    finally:
        _LARGE_FILES.release()
