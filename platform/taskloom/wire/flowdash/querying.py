"""Lists asked for by a body: the filter as a tree, the controls under their own names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.errors import Fault, Invalid
from taskloom.fields.base import People
from taskloom.query.tree import Filter
from taskloom.schema.compiled import Compiled
from taskloom.schema.hints import did_you_mean
from taskloom.wire.answer import Ready
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, by_title
from taskloom.wire.body import as_object, read_json
from taskloom.wire.docs.describe import TEXT, body, documented, reply
from taskloom.wire.exact import shortened
from taskloom.wire.flowdash import controls
from taskloom.wire.flowdash.describe import COUNTED, TASKS, WORKFLOW
from taskloom.wire.flowdash.filters import searched
from taskloom.wire.flowdash.headers import NEXT
from taskloom.wire.flowdash.query import Asked, Controls, controlled
from taskloom.wire.flowdash.reading import Reading
from taskloom.wire.flowdash.trees import DEEPEST, MOST_PARTS, tree

WHERE: Final = "where"
WORDS: Final = "q"
MEMBERS: Final = (WHERE, WORDS, "sort", "limit", "cursor", "fields", "count")

_TITLES: Final[Mapping[str, Any]] = {"type": "array", "items": TEXT}
_FILTER: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": '`{"and": […]}`, `{"or": […]}`, `{"not": {…}}` or `{"field": title, "op": '
    f'operator, "value": value}}`; at most {MOST_PARTS} of these, {DEEPEST} deep.',
    "examples": [
        {
            "and": [
                {"field": "Stage", "op": "in", "value": ["Not Started", "In Progress"]},
                {"not": {"field": "Contract Value", "op": "lt", "value": 5000}},
            ]
        }
    ],
}
_QUERY: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        WHERE: _FILTER,
        WORDS: {**TEXT, "description": "As `_q`."},
        "sort": {**_TITLES, "description": "Titles, `-` before one for descending."},
        "limit": {"type": "integer", "minimum": 1, "maximum": controls.LARGEST_PAGE},
        "cursor": {**TEXT, "description": f"The `{NEXT}` of the page before."},
        "fields": {**_TITLES, "description": "Titles to show."},
        "count": {"enum": list(controls.COUNTS)},
    },
    "additionalProperties": False,
}


class Querying:
    """The handler of queries; what it finds is answered as lists are."""

    def __init__(self, engine: Engine, limits: Limits, reading: Reading) -> None:
        self._engine = engine
        self._limits = limits
        self._reading = reading

    @documented(
        "Query tasks",
        description="Lists tasks as `GET` does, by a filter of any shape and with typed values. "
        f"Where there is more than a page, `{NEXT}` is the `cursor` of the next one.",
        parameters=[WORKFLOW],
        request=body(dict(_QUERY)),
        replies={200: reply("The tasks.", TASKS, headers={NEXT: "The next page.", **COUNTED})},
        errors=(404,),
    )
    def query_tasks(self, request: Request, workflow: str) -> Ready:
        """Answer all tasks that match."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        people = self._engine.people.people(actor)
        document = as_object(read_json(request, self._limits))
        with by_title(compiled):
            wanted = asked(document, compiled, people)
        return self._reading.listed(request, actor, compiled, people, wanted)


def asked(document: Mapping[str, object], workflow: Compiled, people: People) -> Asked:
    """Read a query, or raise `Invalid` with everything wrong with it."""
    faults = [_unknown(name) for name in document if name not in MEMBERS]
    where: list[Filter] = []
    if WHERE in document:
        where.append(tree(document[WHERE], (WHERE,), workflow, people, faults))
    words = _texts(document, WORDS, faults)
    for text in words:
        where += searched(text, workflow, faults)
    given = Controls(
        sort=_texts(document, "sort", faults, several=True),
        only=_texts(document, "fields", faults, several=True),
        limit=_numbers(document, "limit"),
        cursor=_texts(document, "cursor", faults),
        count=_texts(document, "count", faults),
    )
    try:
        return controlled(where, given, workflow, faults)
    except Invalid as error:
        raise Invalid([_named(fault) for fault in error.faults]) from None


def _named(fault: Fault) -> Fault:
    """Name a control as it is called in a body."""
    name = fault.path[0] if fault.path else ""
    if name not in controls.CONTROLS:
        return fault
    return replace(fault, path=(str(name).removeprefix("_"), *fault.path[1:]))


def _unknown(name: str) -> Fault:
    return Fault(
        path=(shortened(name),),
        code="unknown",
        message="means nothing here",
        hint=did_you_mean(name, MEMBERS) or f"there are {', '.join(MEMBERS)}",
    )


def _texts(
    document: Mapping[str, object], name: str, faults: list[Fault], *, several: bool = False
) -> Sequence[str]:
    """Read a text, or a list of texts, as a parameter that is given so often."""
    said = document.get(name)
    if said is None:
        return ()
    if several and isinstance(said, list) and all(isinstance(text, str) for text in said):
        return said
    if not several and isinstance(said, str):
        return (said,)
    message = "must be a list of titles" if several else "must be text"
    faults.append(Fault(path=(name,), code="parameter", message=message))
    return ()


def _numbers(document: Mapping[str, object], name: str) -> Sequence[str]:
    """Read a number as a parameter; what is none cannot be read as one either."""
    said = document.get(name)
    if said is None:
        return ()
    return (str(said) if isinstance(said, int) and not isinstance(said, bool) else "",)
