"""Saved views: queries with a name, a layout and columns, for oneself or for all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.engine.saved_views import MOST, NewView
from taskloom.errors import Fault, Invalid
from taskloom.fields.base import People
from taskloom.model.people import Actor, User
from taskloom.model.saved_view import LAYOUTS, SavedView
from taskloom.query.tree import Filter
from taskloom.schema.compiled import Compiled
from taskloom.schema.hints import did_you_mean
from taskloom.wire.answer import Ready, encode, ready
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, by_title
from taskloom.wire.body import as_object, parse, read_json
from taskloom.wire.docs.describe import TEXT, UNPROCESSABLE, body, documented, parameter, reply
from taskloom.wire.exact import shortened
from taskloom.wire.flowdash import controls
from taskloom.wire.flowdash.describe import WORKFLOW
from taskloom.wire.flowdash.keyed import SORT, WHERE, WORDS, Titled, keyed, names_of
from taskloom.wire.flowdash.query import Asked, meaningless
from taskloom.wire.flowdash.querying import asked

LONGEST_NAME: Final = 100
MOST_COLUMNS: Final = 500
WIDTHS: Final = range(20, 4001)
READ_ONLY: Final = frozenset({"id", "owner", "broken", "count"})
"""Names that are ignored in a body, so that an answer can be sent back."""

_IN_QUERY: Final = (WHERE, SORT, WORDS)
_VIEW: Final = parameter(
    "view", "Id of the view.", place="path", example="674054a1b2c3d4e5f6071829"
)
_QUERY: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "As the body of `POST …/tasks/query`.",
    "properties": {
        WHERE: {"type": "object"},
        SORT: {"type": "array", "items": TEXT},
        WORDS: TEXT,
    },
    "additionalProperties": False,
}
_COLUMN: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "title": TEXT,
        "width": {"type": "integer", "minimum": WIDTHS.start, "maximum": WIDTHS.stop - 1},
        "hidden": {"type": "boolean"},
    },
    "required": ["title"],
    "additionalProperties": False,
}
_IN: Final[Mapping[str, Any]] = {
    "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
    "layout": {"enum": list(LAYOUTS)},
    "query": _QUERY,
    "columns": {"type": "array", "items": _COLUMN, "maxItems": MOST_COLUMNS},
    "shared": {"type": "boolean", "description": "Whether all of the workflow see it."},
}
_OWNER: Final[Mapping[str, Any]] = {
    "type": ["object", "null"],
    "description": "Null where that is a key without user, or somebody who is gone.",
    "properties": {"id": TEXT, "email": TEXT, "name": TEXT},
    "required": ["id", "email", "name"],
    "additionalProperties": False,
}
_BROKEN: Final[Mapping[str, Any]] = {
    "type": "array",
    "description": "What was left out of `query` and `columns`: fields, stages and people that "
    "are not there any more, or not for the holder of the key.",
    "items": {
        "type": "object",
        "properties": {"path": TEXT, "message": TEXT},
        "required": ["path", "message"],
        "additionalProperties": False,
    },
}
_OUT: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "id": TEXT,
        **_IN,
        "owner": _OWNER,
        "broken": _BROKEN,
        "count": {
            "type": ["integer", "null"],
            "description": "Where `_count` asks for it: how many tasks there are; null where "
            "counting takes too long, and where a condition is broken.",
        },
    },
    "required": ["id", *_IN, "owner", "broken"],
    "additionalProperties": False,
}
_EXAMPLE: Final = {
    "name": "Large and open",
    "layout": "table",
    "query": {
        "where": {"field": "Contract Value", "op": "gte", "value": 5000},
        "sort": ["-Contract Value"],
    },
    "columns": [{"title": "Company Name", "width": 240}, {"title": "Stage"}],
    "shared": True,
}


def _taken(*required: str) -> Mapping[str, Any]:
    """Describe a body, in which what an answer has besides is ignored."""
    known: Mapping[str, object] = {**_IN, **{name: {} for name in sorted(READ_ONLY)}}
    schema = {"type": "object", "properties": known, "additionalProperties": False}
    return body({**schema, "required": list(required)} if required else schema, example=_EXAMPLE)


class SavedViews:
    """The handlers of saved views."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "List views",
        description="One's own and those that are shared, by name, each with the titles of today.",
        parameters=[
            WORKFLOW,
            parameter(
                controls.COUNT, "How to count the tasks of each.", {"enum": list(controls.COUNTS)}
            ),
        ],
        replies={200: reply("The views.", {"type": "array", "items": _OUT})},
        errors=(404, UNPROCESSABLE),
    )
    def list_views(self, request: Request, workflow: str) -> Ready:
        """Answer those that the actor sees."""
        actor, compiled, people = self._asked(request, workflow)
        faults = meaningless(request.args, controls.COUNT)
        how = controls.count(request.args.getlist(controls.COUNT), faults)
        if faults:
            raise Invalid(faults)
        views = self._engine.saved_views.every(actor, compiled)
        owners = self._engine.saved_views.owners(actor, views)
        shown = [self._shown(view, compiled, people, owners) for view in views]
        if how is None:
            return ready(shown)
        filters = [_filter(view, compiled, people) for view in shown]
        counts = self._engine.saved_views.counts(actor, compiled, filters, how)
        return ready([{**view, "count": n} for view, n in zip(shown, counts, strict=True)])

    @documented(
        "Save a view",
        description=f"Belongs to the holder of the key, who may have {MOST} of a workflow. What "
        "is filtered, sorted and shown is kept by what it is, not by how it is called today.",
        parameters=[WORKFLOW],
        request=_taken("name"),
        replies={201: reply("The view.", _OUT)},
        errors=(404, 409),
    )
    def create_view(self, request: Request, workflow: str) -> Ready:
        """Save a new one."""
        actor, compiled, people = self._asked(request, workflow)
        given = self._given(request, compiled, people, new=True)
        made = self._engine.saved_views.create(actor, compiled, NewView(**given))
        return ready(self._one(actor, made, compiled, people), 201)

    @documented(
        "Change a view",
        description="What the body does not name stays. One's own, and as a manager or admin "
        "those that are shared.",
        parameters=[WORKFLOW, _VIEW],
        request=_taken(),
        replies={200: reply("The view.", _OUT)},
        errors=(404,),
    )
    def change_view(self, request: Request, workflow: str, view: str) -> Ready:
        """Change parts of one."""
        actor, compiled, people = self._asked(request, workflow)
        given = self._given(request, compiled, people, new=False)
        made = self._engine.saved_views.change(actor, compiled, view, given)
        return ready(self._one(actor, made, compiled, people))

    @documented(
        "Delete a view",
        parameters=[WORKFLOW, _VIEW],
        replies={204: reply("It is gone; no task is.")},
        errors=(404,),
    )
    def delete_view(self, request: Request, workflow: str, view: str) -> Ready:
        """Remove one."""
        actor, compiled, _ = self._asked(request, workflow)
        self._engine.saved_views.delete(actor, compiled, view)
        return Ready(status=204)

    def _asked(self, request: Request, workflow: str) -> tuple[Actor, Compiled, People]:
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        return actor, compiled, self._engine.people.people(actor)

    def _given(
        self, request: Request, compiled: Compiled, people: People, *, new: bool
    ) -> Mapping[str, Any]:
        document = as_object(read_json(request, self._limits))
        with by_title(compiled):
            return _Read(compiled, people).all(document, new=new)

    def _one(
        self, actor: Actor, view: SavedView, compiled: Compiled, people: People
    ) -> Mapping[str, Any]:
        owners = self._engine.saved_views.owners(actor, [view])
        return self._shown(view, compiled, people, owners)

    def _shown(
        self, view: SavedView, workflow: Compiled, people: People, owners: Mapping[str, User]
    ) -> Mapping[str, Any]:
        titled = Titled(workflow, people)
        query, columns = (
            cast(Any, parse(text.encode(), self._limits)) for text in (view.query, view.columns)
        )
        owner = owners.get(view.owner or "")
        return {
            "id": view.id,
            "name": view.name,
            "layout": view.layout,
            "query": titled.query(query),
            "columns": titled.columns(columns),
            "shared": view.shared,
            "owner": owner and {"id": owner.id, "email": owner.email, "name": owner.name},
            "broken": [each._asdict() for each in titled.broken],
        }


def _filter(shown: Mapping[str, Any], workflow: Compiled, people: People) -> Filter | None:
    """Return what a view finds; None where it does not find what it was made for."""
    if any(broken["path"].startswith(f"query.{WHERE}") for broken in shown["broken"]):
        return None
    only = {name: said for name, said in shown["query"].items() if name != SORT}
    return asked(only, workflow, people).query.where


class _Read:
    """Reads the body of a view; faults are gathered."""

    def __init__(self, workflow: Compiled, people: People) -> None:
        self._workflow = workflow
        self._people = people
        self._faults: list[Fault] = []

    def all(self, document: Mapping[str, object], *, new: bool) -> Mapping[str, Any]:
        """Return the parts that are named, by their names in `NewView`; or raise `Invalid`."""
        readers: Mapping[str, Callable[[object], object]] = {
            "name": self._name,
            "layout": self._layout,
            "query": self._query,
            "columns": self._columns,
            "shared": self._shared,
        }
        for name in document:
            if name not in readers and name not in READ_ONLY:
                hint = did_you_mean(name, readers) or f"there are {', '.join(readers)}"
                self._refuse(shortened(name), "means nothing here", hint, code="unknown")
        if new and "name" not in document:
            self._refuse("name", "can't be blank", code="blank")
        read = {name: of(document[name]) for name, of in readers.items() if name in document}
        if self._faults:
            raise Invalid(self._faults)
        return read

    def _name(self, said: object) -> str:
        name = said.strip() if isinstance(said, str) else ""
        if not name:
            self._refuse("name", "can't be blank", code="blank")
        elif len(name) > LONGEST_NAME or not name.isprintable():
            self._refuse("name", f"must be at most {LONGEST_NAME} characters of one line")
        return name

    def _layout(self, said: object) -> object:
        if said not in LAYOUTS:
            self._refuse("layout", f"must be {' or '.join(LAYOUTS)}")
        return said

    def _shared(self, said: object) -> object:
        if not isinstance(said, bool):
            self._refuse("shared", "must be true or false")
        return said

    def _query(self, said: object) -> str:
        if not isinstance(said, dict):
            self._refuse("query", "must be an object", "like the body of POST …/tasks/query")
            return ""
        for name in said:
            if name not in _IN_QUERY:
                hint = f"a view has {', '.join(_IN_QUERY)}"
                self._refuse(f"query.{shortened(name)}", "means nothing here", hint, code="unknown")
        read = self._asked({name: said[name] for name in _IN_QUERY if name in said})
        if read is None:
            return ""
        return encode(keyed(said, read.query.order, self._workflow, self._people)).decode()

    def _asked(self, said: Mapping[str, object]) -> Asked | None:
        try:
            return asked(said, self._workflow, self._people)
        except Invalid as error:
            for fault in error.faults:
                told = ".".join(str(part) for part in fault.path)
                self._faults.append(replace(fault, path=(f"query.{told}",)))
            return None

    def _columns(self, said: object) -> str:
        if not isinstance(said, list) or len(said) > MOST_COLUMNS:
            self._refuse("columns", f"must be a list of at most {MOST_COLUMNS} columns")
            return ""
        keys = {title: key for key, title in names_of(self._workflow).items()}
        read = [self._column(f"columns[{n}]", each, keys) for n, each in enumerate(said)]
        titles = [column.get("key") for column in read]
        if len(set(titles)) < len(titles) and not self._faults:
            self._refuse("columns", "must not name a title twice")
        return encode(read).decode()

    def _column(self, path: str, said: object, keys: Mapping[str, str]) -> Mapping[str, object]:
        if not isinstance(said, dict) or not isinstance(said.get("title"), str):
            self._refuse(path, 'must be a column like {"title": "Stage", "width": 120}')
            return {}
        title, width = said["title"], said.get("width")
        if title not in keys:
            hint = did_you_mean(shortened(title), keys)
            self._refuse(f"{path}.title", "is not a field of this workflow", hint)
        if "width" in said and (type(width) is not int or width not in WIDTHS):
            least, most = WIDTHS.start, WIDTHS.stop - 1
            self._refuse(f"{path}.width", f"must be a whole number from {least} to {most}")
        if "hidden" in said and not isinstance(said["hidden"], bool):
            self._refuse(f"{path}.hidden", "must be true or false")
        for name in said.keys() - {"title", "width", "hidden"}:
            self._refuse(f"{path}.{shortened(name)}", "means nothing here", code="unknown")
        rest = {name: said[name] for name in ("width", "hidden") if name in said}
        return {"key": keys.get(title, ""), **rest}

    def _refuse(self, path: str, message: str, hint: str = "", *, code: str = "parameter") -> None:
        self._faults.append(Fault(path=(path,), code=code, message=message, hint=hint))
