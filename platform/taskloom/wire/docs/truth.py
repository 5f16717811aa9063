"""A dialect's document as the dialect has it: its own names, and each error at its status."""

from collections.abc import Mapping
from typing import Any, Final

from taskloom.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotAllowed,
    NotFound,
    TaskloomError,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    Unexpected,
    Unsupported,
)
from taskloom.wire.base import Dialect

Document = Mapping[str, Any]

_RESPONSES: Final = "#/components/responses/"
_MET: Final[Mapping[str, TaskloomError]] = {
    "Malformed": Malformed(""),
    "Unauthorized": Unauthenticated("", reason="missing"),
    "Forbidden": Forbidden(""),
    "NotFound": NotFound(""),
    "MethodNotAllowed": NotAllowed("", allow=["GET"]),
    "Conflict": Conflict(""),
    "TooLarge": TooLarge(""),
    "UnsupportedMediaType": Unsupported(""),
    "Invalid": Invalid([]),
    "TooManyRequests": TooMany(""),
    "Unexpected": Unexpected(""),
    "Unavailable": Unavailable(""),
}
"""The error that each response component stands for."""


def by_dialect(document: Document, dialect: Dialect) -> Document:
    """Put the errors of every operation at the statuses that the dialect answers them with.

    Tags, which are the names of blueprints, lose the name of the dialect that stands before them.
    """
    statuses = {name: dialect.render(error).status for name, error in _MET.items()}
    paths = {
        path: {method: _corrected(operation, statuses) for method, operation in methods.items()}
        for path, methods in document["paths"].items()
    }
    tags = [{**tag, "name": _own(tag["name"])} for tag in document.get("tags", ())]
    return {**document, "paths": paths, "tags": tags}


def _corrected(operation: Any, statuses: Mapping[str, int]) -> Any:
    if not isinstance(operation, Mapping) or "responses" not in operation:
        return operation
    responses: dict[str, Any] = {}
    for status, response in operation["responses"].items():
        name = str(response.get("$ref", "")).removeprefix(_RESPONSES)
        if name in statuses:
            responses.setdefault(str(statuses[name]), response)
        else:
            responses[status] = response
    tags = [_own(tag) for tag in operation.get("tags", ())]
    return {**operation, "responses": dict(sorted(responses.items())), "tags": tags}


def _own(tag: str) -> str:
    return tag.rpartition(".")[2]
