"""How a route describes itself: replies, parameters and bodies as plain OpenAPI 3.1 data.

`documented` only notes the description on the view; it never wraps it, so it costs a request
nothing. Errors are named by status; what they look like is said once, in `COMPONENTS`.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, TypeVar

View = TypeVar("View", bound=Callable[..., Any])
Data = Mapping[str, Any]

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
TEXT: Final[Data] = {"type": "string"}
SECURITY: Final[Sequence[Data]] = [{"key": []}]
IN_SESSION: Final[Sequence[Data]] = [{"session": []}]
UNPROCESSABLE: Final = 422

_CONFLICTS: Final[Data] = {
    "type": "object",
    "description": "What others changed since, by field title, and what it was before.",
    "additionalProperties": {
        "type": "object",
        "properties": {"base": True, "theirs": True, "yours": True},
        "required": ["base", "theirs"],
        "additionalProperties": False,
    },
}
_MESSAGE: Final[Data] = {
    "type": "object",
    "properties": {"error": TEXT, "conflicts": _CONFLICTS},
    "required": ["error"],
    "additionalProperties": False,
    "examples": [{"error": "there is no task with this unique ID"}],
}
_MESSAGES: Final[Data] = {
    "type": "object",
    "description": "What is wrong, by field title; `base` speaks of the whole body.",
    "properties": {
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": TEXT, "minItems": 1},
            "minProperties": 1,
        }
    },
    "required": ["errors"],
    "additionalProperties": False,
    "examples": [{"errors": {"Expected Close Date": ["is invalid"]}}],
}
FAULTS: Final[Data] = {
    "type": "array",
    "description": "Every fault in full: path by titles, field key, code, what would be right.",
    "items": {
        "type": "object",
        "properties": {
            "path": {"type": "array", "items": {"type": ["string", "integer"]}},
            "key": {"type": ["string", "null"]},
            "code": TEXT,
            "message": TEXT,
            "hint": {"type": ["string", "null"]},
        },
        "required": ["path", "code", "message"],
    },
}
_PROBLEM: Final[Data] = {
    "type": "object",
    "description": "The same error in the form of RFC 9457, on `Accept: application/problem+json`.",
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "instance": TEXT,
        "code": TEXT,
        "faults": FAULTS,
        "conflicts": _CONFLICTS,
    },
    "required": ["title", "status"],
}

_NAMES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("Malformed", "The request cannot be read."),
    401: ("Unauthorized", "The API key is missing, unknown or revoked."),
    403: ("Forbidden", "The holder of the key may not do this."),
    404: ("NotFound", "The thing asked for does not exist, or not for the holder of the key."),
    405: ("MethodNotAllowed", "The address exists, but not with this method."),
    409: ("Conflict", "The thing exists already, or others were changing it all the time."),
    412: ("Stale", "What `If-Match` or `If-None-Match` asks for does not hold."),
    413: ("TooLarge", "The request passes a limit on size, depth or count."),
    415: ("UnsupportedMediaType", "The body is of a type that is not read here."),
    422: ("Invalid", "The data breaks the rules; every broken rule is told, nothing is saved."),
    429: ("TooManyRequests", "A rate limit was passed; `Retry-After` says when to come back."),
    500: ("Unexpected", "Our own mistake; the text holds a reference to the log."),
    503: ("Unavailable", "The database cannot be reached, or gave up on this query."),
}
KEYED: Final = (401, 403, 429, 500, 503)
"""What any request with a key may meet."""
BODIED: Final = (400, 413, 415, 422)
"""What any request with a body may meet."""
_WRITES: Final = frozenset({"post", "put", "patch", "delete"})
_OF_RETRIES: Final = (400, 409, 413, 422)
_RETRIED: Final[Data] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Of your making, for this request: sent again within 24 hours it is answered "
    "as it was, with `Idempotent-Replayed: true`, and done only once.",
    "schema": {"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": 255},
}


def reference(group: str, name: str) -> dict[str, str]:
    """Point at a component, such as `reference("schemas", "Error")`."""
    return {"$ref": f"#/components/{group}/{name}"}


def _failure(status: int, description: str) -> dict[str, Any]:
    plain = reference("schemas", "Errors" if status == UNPROCESSABLE else "Error")
    problem = reference("schemas", "Problem")
    return {
        "description": description,
        "content": {JSON: {"schema": plain}, PROBLEM: {"schema": problem}},
    }


def components(error: Data, errors: Data) -> Mapping[str, Mapping[str, Data]]:
    """Return the components that a document needs, by the schemas of its errors.

    `errors` is what invalid data is answered with.
    """
    return {
        "schemas": {"Error": error, "Errors": errors, "Problem": _PROBLEM},
        "responses": {name: _failure(status, text) for status, (name, text) in _NAMES.items()},
        "securitySchemes": {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key of the workspace, as `Authorization: Bearer tl_…`.",
            }
        },
    }


_SESSION: Final[Data] = {
    "type": "apiKey",
    "in": "cookie",
    "name": "taskloom_session",
    "description": "The web app's sign-in, which is good for every address below `/api/v1`; what "
    "changes anything needs the header `X-CSRF-Token` beside it.",
}
_NATIVE: Final = components(_MESSAGE, _MESSAGES)
COMPONENTS: Final = {
    **_NATIVE,
    "securitySchemes": {**_NATIVE["securitySchemes"], "session": _SESSION},
}
"""Components that every native document holds."""


def failures(*statuses: int) -> dict[str, dict[str, str]]:
    """Return references to the error responses of these statuses."""
    return {str(status): reference("responses", _NAMES[status][0]) for status in sorted(statuses)}


def reply(
    description: str,
    schema: object = None,
    *,
    media: str = JSON,
    example: object = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Describe an answer; without a schema it has no body. `headers` says what each is for."""
    answer: dict[str, Any] = {"description": description}
    if headers:
        answer["headers"] = {
            name: {"description": text, "schema": TEXT} for name, text in headers.items()
        }
    if schema is not None:
        answer["content"] = content(schema, media=media, example=example)
    return answer


def content(schema: object, *, media: str = JSON, example: object = None) -> dict[str, Any]:
    """Describe one representation; `schema` is JSON Schema or a marshmallow class."""
    described = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {media: described}


def body(schema: object, *, media: str = JSON, example: object = None) -> dict[str, Any]:
    """Describe a required request body of one media type."""
    return {"required": True, "content": content(schema, media=media, example=example)}


def parameter(
    name: str,
    description: str,
    schema: Data = TEXT,
    *,
    place: str = "query",
    example: object = None,
) -> dict[str, Any]:
    """Describe a parameter; those in the path are required, all others are not."""
    described: dict[str, Any] = {"name": name, "in": place, "description": description}
    described["schema"] = schema
    if place == "path":
        described["required"] = True
    if example is not None:
        described["example"] = example
    return described


def operation(
    summary: str,
    *,
    replies: Mapping[int, Data],
    errors: Sequence[int] = (),
    description: str = "",
    parameters: Sequence[Data] = (),
    request: Data | None = None,
    public: bool = False,
    security: Sequence[Data] = SECURITY,
) -> dict[str, Any]:
    """Describe one method of one path.

    `replies` are the successes by status (and failures that look unlike all others), `errors` the
    statuses of what may go wrong beyond what any request with a key (and any with a body) may
    meet. A `public` route asks for no key; what others ask for is their `security`.
    """
    expected = {*errors, *(() if public else KEYED), *(BODIED if request else ())}
    described: dict[str, Any] = {
        "summary": summary,
        "responses": {
            **failures(*expected),
            **{str(status): answer for status, answer in replies.items()},
        },
        "security": [] if public else security,
    }
    described |= {"description": description} if description else {}
    described |= {"parameters": list(parameters)} if parameters else {}
    return described | ({"requestBody": request} if request else {})


def retriable(paths: Mapping[str, Mapping[str, Any]]) -> None:
    """Note on all operations that write with a key what an `Idempotency-Key` makes of them."""
    for path in paths.values():
        for method in _WRITES & path.keys():
            described = path[method]
            if described.get("security") == []:
                continue
            described["parameters"] = [*described.get("parameters", ()), _RETRIED]
            for status, told in failures(*_OF_RETRIES).items():
                described["responses"].setdefault(status, told)


def documented(summary: str, **rest: Any) -> Callable[[View], View]:
    """Note a view's `operation` where flask-smorest looks for it."""
    noted = operation(summary, **rest)

    def note(view: View) -> View:
        view._apidoc = {"manual_doc": noted}  # type: ignore[attr-defined] # noqa: SLF001 - where flask-smorest keeps it
        return view

    return note


def noted(view: Callable[..., Any]) -> dict[str, Any]:
    """Return a copy of the operation that `documented` noted on a view."""
    described: dict[str, Any] = deepcopy(view._apidoc["manual_doc"])  # type: ignore[attr-defined] # noqa: SLF001 - as above
    return described
