"""The API describes itself: OpenAPI 3.1 documents, and pages that show them."""

from taskloom.wire.docs.api import make_api

__all__ = ["make_api"]
