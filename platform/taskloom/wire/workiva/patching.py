"""JSON Patch (RFC 6902) as far as tasks take it: `replace`, and of whole properties only."""

from collections.abc import Mapping
from typing import Final

from taskloom.errors import Fault, Invalid
from taskloom.fields.base import BLANK, INVALID
from taskloom.wire.exact import shortened
from taskloom.wire.workiva import names

REPLACEABLE: Final[Mapping[str, str]] = {
    f"/{name}": name
    for name in (
        names.STEPS,
        names.ASSIGNEES,
        names.DESCRIPTION,
        names.DUE,
        names.LOCATION,
        names.OWNER,
        names.STATUS,
        names.TITLE,
    )
}
"""The paths that can be replaced, and the properties they stand for."""

_OPERATIONS: Final = ("add", "remove", "replace", "move", "copy", "test")
_REPLACE: Final = "replace"


def changes(document: object) -> Mapping[str, object]:
    """Return the new values of a patch by property; of several for one, the last stands.

    Raises `Invalid` with everything that is wrong with the operations.
    """
    if not isinstance(document, list):
        message = "must be an array of operations"
        raise Invalid([Fault(path=(), code="not_a_list", message=message)])
    faults: list[Fault] = []
    found: dict[str, object] = {}
    for place, operation in enumerate(document):
        wrong = _faults(operation, f"[{place}]")
        if not wrong:
            found[REPLACEABLE[operation["path"]]] = operation["value"]
        faults += wrong
    if faults:
        raise Invalid(faults)
    return found


def _faults(operation: object, place: str) -> list[Fault]:
    if not isinstance(operation, dict):
        return [Fault(path=(place,), code="not_an_object", message="must be an object")]
    faults = [*_op_faults(operation, place), *_path_faults(operation, place)]
    if not faults and "value" not in operation:
        faults = [Fault(path=(place, "value"), code=BLANK, message="must be there")]
    return faults


def _op_faults(operation: Mapping[str, object], place: str) -> list[Fault]:
    op = operation.get("op")
    if op == _REPLACE:
        return []
    path = (place, "op")
    if op is None:
        return [Fault(path=path, code=BLANK, message="must be there", hint="it is `replace`")]
    if op in _OPERATIONS:
        return [Fault(path=path, code="unsupported", message=f"can't be {op}, only replace")]
    return [Fault(path=path, code=INVALID, message="must be replace")]


def _path_faults(operation: Mapping[str, object], place: str) -> list[Fault]:
    path = operation.get("path")
    if isinstance(path, str) and path in REPLACEABLE:
        return []
    where = (place, "path")
    hint = f"one of {', '.join(REPLACEABLE)}"
    if path is None:
        return [Fault(path=where, code=BLANK, message="must be there", hint=hint)]
    if not isinstance(path, str):
        return [Fault(path=where, code=INVALID, message="must be text", hint=hint)]
    message = f"can't be {shortened(path)!r}"
    return [Fault(path=where, code="unsupported", message=message, hint=hint)]
