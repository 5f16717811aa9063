"""Eve, serving the same tasks: run by granian in a virtual environment of its own.

It is set as favourably as its documentation allows: no ETags, no links, no counting of pages, JSON
only. Every request needs a token. Its field names cannot hold spaces, so they are our keys.
"""

import os
from typing import Any

from eve import Eve
from eve.auth import TokenAuth

from bench.handed import SECRET, URI

_TEXT = {"type": "string"}
_TASKS = {
    "id_field": "company_id",
    "item_lookup_field": "company_id",
    "item_url": 'regex("C-[0-9]+")',
    "resource_methods": ["GET", "POST"],
    "item_methods": ["GET", "PUT"],
    "schema": {
        "company_id": {**_TEXT, "required": True},
        "company_name": {**_TEXT, "maxlength": 200},
        "employees": {"type": "number", "min": 0},
        "value": {"type": "number"},
        "close_date": {**_TEXT, "regex": "[0-9]{4}-[0-9]{2}-[0-9]{2}"},
        "international": {"type": "boolean"},
        "notes": _TEXT,
        "email": {**_TEXT, "regex": "[^@ ]+@[^@ ]+"},
        "phone": {**_TEXT, "regex": r"\+?[0-9 ()-]+"},
        "site": {**_TEXT, "regex": "https?://[^ ]+"},
        "region": {**_TEXT, "allowed": ["EMEA", "APAC", "AMER"]},
        "labels": {"type": "list", "schema": {"type": "string", "allowed": ["a", "b", "c"]}},
        "called_at": {"type": "datetime"},
        "stage": {**_TEXT, "allowed": ["Not Started", "In Progress", "Done"], "required": True},
        "assignee": _TEXT,
    },
}
_FILES = {
    "resource_methods": ["POST"],
    "item_methods": ["GET"],
    "schema": {"file": {"type": "media", "required": True}},
}


class _Token(TokenAuth):  # type: ignore[misc] # it has no types
    def check_auth(self, token: str, *_: object) -> bool:
        return token == os.environ[SECRET]


def load_app() -> Any:
    """Make the WSGI application of one worker."""
    return Eve(
        auth=_Token,
        settings={
            "MONGO_URI": os.environ[URI],
            # On a replica set that includes the journal.
            "MONGO_WRITE_CONCERN": {"w": "majority"},
            "DOMAIN": {"tasks": _TASKS, "files": _FILES},
            "DATE_FORMAT": "%Y-%m-%dT%H:%M:%SZ",
            "IF_MATCH": False,
            "HATEOAS": False,
            "OPTIMIZE_PAGINATION_FOR_SPEED": True,
            "PAGINATION_LIMIT": 100,
            "RENDERERS": ["eve.render.JSONRenderer"],
            "RETURN_MEDIA_AS_BASE64_STRING": False,
            "RETURN_MEDIA_AS_URL": True,
        },
    )
