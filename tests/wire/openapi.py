"""What makes a document valid OpenAPI 3.1, beyond the official meta-schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31

from tests.wire.validating import resolved

Document = Mapping[str, Any]

BODIED = frozenset({"400", "413", "415", "422"})
"""What any operation with a body answers with, where the dialect says nothing else."""
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def operations(document: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Give every operation with its path and method."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def schemas(part: Any) -> Iterator[Any]:
    """Give every JSON Schema that stands in a document, outermost only."""
    if isinstance(part, list):
        for item in part:
            yield from schemas(item)
    elif isinstance(part, dict):
        for key, item in part.items():
            if key == "schema":
                yield item
            elif key == "schemas":
                yield from item.values()
            elif key not in {"example", "examples"}:
                yield from schemas(item)


def references(part: Any) -> Iterator[str]:
    """Give every reference in a document."""
    if isinstance(part, list):
        for item in part:
            yield from references(item)
    elif isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for key, item in part.items():
            if key not in {"example", "examples"}:
                yield from references(item)


def assert_valid(document: Document, *, bodied: frozenset[str] = BODIED) -> None:
    """Fail unless a document is OpenAPI 3.1 in every part, and all it refers to is there."""
    faults = [
        f"{fault.json_path}: {fault.message[:200]}"
        for fault in Draft202012Validator(OPENAPI_31).iter_errors(document)
    ]
    assert [] == faults
    for schema in schemas(document):
        Draft202012Validator.check_schema(schema)
    for reference in references(document):
        assert resolved(document, {"$ref": reference}) is not None, reference
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert sorted(set(names)) == sorted(names)
    for path, method, operation in operations(document):
        assert_complete(document, path, method, operation, bodied=bodied)


def assert_complete(
    document: Document,
    path: str,
    method: str,
    operation: Mapping[str, Any],
    *,
    bodied: frozenset[str] = BODIED,
) -> None:
    """Fail unless an operation says all that a reader needs; `bodied` are errors of bodies."""
    where = f"{method} {path}"
    assert operation["summary"], where
    assert operation["tags"], where
    declared = {tag["name"] for tag in document["tags"]}
    assert set(operation["tags"]) <= declared, where
    assert "security" in operation, where
    if operation["security"]:
        assert {"401", "403", "500", "503"} <= operation["responses"].keys(), where
    if "requestBody" in operation:
        assert bodied <= operation["responses"].keys(), where
    for status, answer in operation["responses"].items():
        described = resolved(document, answer)
        assert described["description"], where
        if int(status) >= 400:
            assert "application/json" in described["content"], f"{where}: {status}"
    parameters = [
        resolved(document, parameter)
        for parameter in (
            *document["paths"][path].get("parameters", ()),
            *operation.get("parameters", ()),
        )
    ]
    named = [(parameter["in"], parameter["name"]) for parameter in parameters]
    in_path = {name for place, name in named if place == "path"}
    assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}, where
    assert all(
        parameter.get("description") for parameter in parameters if parameter["in"] == "query"
    )
