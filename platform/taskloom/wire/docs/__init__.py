"""The API describes itself: OpenAPI 3.1 documents, and pages that show them."""

from taskloom.wire.docs.api import NATIVE, make_apis

__all__ = ["NATIVE", "make_apis"]
