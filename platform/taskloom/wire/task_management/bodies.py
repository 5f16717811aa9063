"""Bodies of requests: JSON objects, received within limits."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import Request

from taskloom.errors import Malformed
from taskloom.wire.base import Limits
from taskloom.wire.body import reading

Body = Mapping[str, object]


@contextmanager
def body_of(request: Request, limits: Limits) -> Iterator[Body]:
    """Read a body that is a JSON object, or raise `Malformed`.

    A large one stays the only large one until the block ends.
    """
    with reading(request, limits) as document:
        if not isinstance(document, dict):
            raise Malformed("the request body must be a JSON object")
        yield document


def has_body(request: Request) -> bool:
    """Tell whether a request came with a body, be it of unknown length."""
    return bool(request.content_length) or "Transfer-Encoding" in request.headers
