"""The bare handler that files are measured against: GridFS behind granian, and nothing else.

`POST` stores the body as a file and answers with its id, `GET /ID` answers the file whole.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

import gridfs
import pymongo
from bson.objectid import ObjectId

from bench.handed import URI

CHUNK = 1024 * 1024


def load_app() -> Callable[..., Iterable[bytes]]:
    """Make the WSGI application of one worker."""
    client = pymongo.MongoClient[dict[str, Any]](os.environ[URI], w="majority", journal=True)
    files = gridfs.GridFS(client["bare"])

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            made = files.put(environ["wsgi.input"].read(), chunk_size=CHUNK)
            body = str(made).encode()
        else:
            body = files.get(ObjectId(environ["PATH_INFO"].strip("/"))).read()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return app
