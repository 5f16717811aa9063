"""The meta-schema of workflow files, public, so that editors can check and complete."""

import orjson
from flask import Response, request
from flask_smorest import Blueprint

from taskloom.schema.meta import ADDRESS, meta_schema
from taskloom.wire.docs.describe import documented, reply

MEDIA = "application/schema+json"
_CACHE_SECONDS = 300


class Meta:
    """The view; the document is written once."""

    def __init__(self) -> None:
        self._document = orjson.dumps(meta_schema())

    @documented(
        "Get the meta-schema of workflow files",
        description="The JSON Schema that every workflow file is checked against.",
        replies={
            200: reply("The meta-schema.", {"type": "object"}, media=MEDIA),
            304: reply("It has not changed."),
        },
        public=True,
    )
    def workflow_schema(self) -> Response:
        """Answer the meta-schema."""
        response = Response(self._document, mimetype=MEDIA)
        response.cache_control.public = True
        response.cache_control.max_age = _CACHE_SECONDS
        response.add_etag()
        # A public document: editors in a browser may load it from any page.
        response.access_control_allow_origin = "*"
        response.make_conditional(request)
        return response


def blueprint() -> Blueprint:
    """Make the blueprint."""
    made = Blueprint("schemas", __name__, description="Schemas that this server publishes.")
    made.add_url_rule(ADDRESS, view_func=Meta().workflow_schema, methods=["GET"])
    return made
