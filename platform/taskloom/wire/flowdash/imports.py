"""Imports over HTTP: a file is sent once, and what becomes of it is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.errors import Fault, Invalid, TaskloomError
from taskloom.exchange.writers import FORMATS
from taskloom.model.imports import MODES, UNKNOWN, Import, Options
from taskloom.schema.compiled import titles_of
from taskloom.wire.answer import Ready, ready
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, Titles
from taskloom.wire.body import parse
from taskloom.wire.docs.describe import (
    TEXT,
    UNPROCESSABLE,
    content,
    documented,
    parameter,
    reply,
)
from taskloom.wire.flowdash.describe import WORKFLOW
from taskloom.wire.flowdash.jobs import IMPORT, IMPORTS, brief, shown
from taskloom.wire.flowdash.lines import NDJSON
from taskloom.wire.flowdash.query import meaningless
from taskloom.wire.retries import origin_of, repeatable
from taskloom.wire.rowfiles import FILES, PART, READING, received_file

_FLAG: Final = {"type": "boolean", "default": False}
_MEANING: Final = (
    parameter("mode", "What each row does.", {"enum": list(MODES), "default": "upsert"}),
    parameter("dry_run", "Tell what would come of each row, and write nothing.", _FLAG),
    parameter(
        "unknown",
        "What happens to columns that belong to no field: `refuse` the file, keep their values "
        "`aside`, or `ignore` them.",
        {"enum": list(UNKNOWN), "default": "refuse"},
    ),
    parameter(
        "map",
        "A JSON object of columns and the titles they go to, null for one to be left out.",
        example='{"Name": "Company Name", "Notes": null}',
    ),
)
ASKED: Final = (
    parameter("name", "The name of the file, where the body does not say it."),
    *_MEANING,
    parameter("hold", "Look at the file, and wait to be started.", _FLAG),
    *(
        parameter(name, f"{text} Default: found out, and told among `notes`.")
        for name, text in READING.items()
    ),
)
_JOB: Final = parameter(
    "job", "Id of the import.", place="path", example="674054a1b2c3d4e5f6071829"
)
_ROWS: Final = {
    "description": "The rows: CSV for a file that was a table, else an object a line.",
    "content": {**content(TEXT, media="text/csv"), **content({"type": "object"}, media=NDJSON)},
}


class Imports:
    """The handlers of imports."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @repeatable
    @documented(
        "Import a file",
        description="Takes a file of rows and imports it beside all requests: as the body, or as "
        f"the part `{PART}` of a form. Each row is checked as a write of the key's holder.",
        parameters=[WORKFLOW, *ASKED],
        request=FILES,
        replies={
            202: reply("It waits to begin.", IMPORT, headers={"Location": "Where to ask for it."})
        },
        errors=(404,),
    )
    def start_import(self, request: Request, workflow: str) -> Ready:
        """Take in a file."""
        actor = actor_of(request, self._engine)
        self._engine.imports.require(actor, workflow)
        named, options = _options(request.args, self._limits)
        name, pieces = received_file(request, self._limits.max_import)
        made = self._engine.imports.start(
            actor,
            workflow,
            pieces,
            name=named or name,
            options=options,
            origin=origin_of(request),
        )
        where = f"{request.path}/{made.id}"
        return ready(shown(made, {}), 202, {"Location": where})

    @documented(
        "List imports",
        description="The newest into a workflow, newest first: one's own, to admins everybody's.",
        parameters=[WORKFLOW],
        replies={200: reply("The imports, without what their files hold.", IMPORTS)},
        errors=(404,),
    )
    def list_imports(self, request: Request, workflow: str) -> Ready:
        """Answer the newest."""
        actor = actor_of(request, self._engine)
        return ready([brief(found) for found in self._engine.imports.every(actor, workflow)])

    @documented(
        "Get an import",
        parameters=[WORKFLOW, _JOB],
        replies={200: reply("How far it is, and what came of it so far.", IMPORT)},
        errors=(404,),
    )
    def get_import(self, request: Request, workflow: str, job: str) -> Ready:
        """Answer one."""
        found, titles = self._found(request, workflow, job)
        return ready(shown(found, titles))

    @documented(
        "Start a held import",
        description="The parameters change what it was sent with.",
        parameters=[WORKFLOW, _JOB, *_MEANING],
        replies={202: reply("It waits to begin.", IMPORT)},
        errors=(404, 409, UNPROCESSABLE),
    )
    def begin_import(self, request: Request, workflow: str, job: str) -> Ready:
        """Let one begin."""
        actor = actor_of(request, self._engine)
        known = frozenset(str(each["name"]) for each in _MEANING)
        changes = Asked(request.args, self._limits, known).meaning()
        begun = self._engine.imports.begin(actor, workflow, job, changes)
        return ready(shown(begun, {}), 202)

    @documented(
        "Cancel an import",
        description="Rows that arrived stay; the rows that are being written still arrive.",
        parameters=[WORKFLOW, _JOB],
        replies={202: reply("It ends, or has ended.", IMPORT)},
        errors=(404, 409),
    )
    def cancel_import(self, request: Request, workflow: str, job: str) -> Ready:
        """End one."""
        actor = actor_of(request, self._engine)
        titles = titles_of(self._engine.workflows.get(actor, workflow))
        return ready(shown(self._engine.imports.cancel(actor, workflow, job), titles), 202)

    @documented(
        "Get refused rows",
        description="As they came, with `_line` and `_errors`: mended, they can be imported.",
        parameters=[WORKFLOW, _JOB],
        replies={200: _ROWS},
        errors=(404,),
    )
    def get_rejects(self, request: Request, workflow: str, job: str) -> Ready:
        """Answer the refused rows."""
        found, _ = self._found(request, workflow, job)
        return _file(found, "rejects", self._engine.imports.rejects(found))

    @documented(
        "Get what was kept aside",
        description="The columns that belong to no field, with `_line` and the unique ID.",
        parameters=[WORKFLOW, _JOB],
        replies={200: _ROWS},
        errors=(404,),
    )
    def get_aside(self, request: Request, workflow: str, job: str) -> Ready:
        """Answer what was kept aside."""
        found, _ = self._found(request, workflow, job)
        return _file(found, "aside", self._engine.imports.aside(found))

    def _found(self, request: Request, workflow: str, job: str) -> tuple[Import, Titles]:
        actor = actor_of(request, self._engine)
        found = self._engine.imports.get(actor, workflow, job)
        return found, titles_of(self._engine.workflows.get(actor, workflow))


def _options(parameters: MultiDict[str, str], limits: Limits) -> tuple[str, Options]:
    """Read what is asked of a new import; raise `Invalid` with every fault."""
    known = frozenset(str(each["name"]) for each in ASKED)
    asked = Asked(parameters, limits, known)
    return asked.new()


class Asked:
    """Parameters of an import; each method raises `Invalid` with all of their faults."""

    def __init__(
        self, parameters: MultiDict[str, str], limits: Limits, known: frozenset[str]
    ) -> None:
        self._parameters = parameters
        self._limits = limits
        self._faults = meaningless(parameters, *known)

    def new(self) -> tuple[str, Options]:
        """Return the name and the options of a new import."""
        meaning = self._meaning()
        hold = self._flag("hold")
        reading = {name: text for name in READING if (text := self._one(name)) is not None}
        named = self._one("name") or ""
        self._refuse()
        return named, Options(**meaning, hold=bool(hold), reading=reading)

    def preview(self, most: int, usual: int) -> tuple[str, Options, int, bool]:
        """Return also how many rows of how many are asked for, and if the file is a head."""
        given = self._one("rows")
        count = usual if given is None else int(given) if given.isdecimal() else 0
        if not 0 < count <= most:
            self._fault("rows", f"must be a whole number from 1 to {most}")
        head = self._flag("head")
        return *self.new(), count, bool(head)

    def meaning(self) -> Mapping[str, Any]:
        """Return what is said of the meaning of rows, by the names of `Options`."""
        meaning = self._meaning()
        self._refuse()
        return meaning

    def _meaning(self) -> Mapping[str, Any]:
        said = {
            "mode": self._word("mode", MODES),
            "unknown": self._word("unknown", UNKNOWN),
            "dry_run": self._flag("dry_run"),
            "columns": self._map(),
        }
        return {name: value for name, value in said.items() if value is not None}

    def _one(self, name: str) -> str | None:
        given = self._parameters.getlist(name)
        if len(given) > 1:
            self._fault(name, "can be given once")
        return given[0] if given else None

    def _word(self, name: str, words: Sequence[str]) -> str | None:
        given = self._one(name)
        if given is not None and given not in words:
            self._fault(name, f"must be one of {', '.join(words)}")
        return given

    def _flag(self, name: str) -> bool | None:
        given = self._word(name, ("true", "false"))
        return None if given is None else given == "true"

    def _map(self) -> Mapping[str, str | None] | None:
        given = self._one("map")
        if given is None:
            return None
        try:
            found = parse(given.encode("utf-8", "replace"), self._limits)
        except TaskloomError:
            found = None
        if isinstance(found, dict) and all(isinstance(t, str | None) for t in found.values()):
            return found
        self._fault("map", 'must be a JSON object like {"column": "Field title", "other": null}')
        return None

    def _fault(self, name: str, message: str) -> None:
        self._faults.append(Fault(path=(name,), code="parameter", message=message))

    def _refuse(self) -> None:
        if self._faults:
            raise Invalid(self._faults)


def _file(found: Import, part: str, pieces: Iterator[bytes]) -> Ready:
    """Answer rows of an import as a file."""
    table = found.analysis is not None and found.analysis.tabular
    ending = "csv" if table else "ndjson"
    headers = {
        "Content-Type": FORMATS[ending].media,
        "Content-Disposition": f'attachment; filename="{found.id}.{part}.{ending}"',
    }
    return Ready(headers=headers, body=pieces)
