"""Where the time of a request goes: the application in this process, under cProfile."""

import cProfile
import io
import itertools
import os
import pstats
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from bench import sample
from bench.files import stored, up
from bench.load import request
from bench.operations import REQUESTS, prepared
from bench.serving import AUTHORIZATION, EXISTING, ROWS_PER_REQUEST, Bench, running, tasks_of
from taskloom.app.worker import load_app

REPEATED = 3_000
SHOWN = 40
UPLOADED = 100
PROFILED = (*REQUESTS, "import", "up", "down")

Application = Callable[..., Iterable[bytes]]


def profile(operation: str) -> None:
    """Carry out an operation many times by WSGI, and print what took the time.

    The profiler makes calls of Python functions look dearer than they are.
    """
    with running() as bench, tempfile.TemporaryDirectory() as folder:
        requests = list(_requests(bench, operation))
        os.environ.update({**bench.server.settings, "TASKLOOM_DATA_DIR": folder})
        app = cast(Application, load_app())
        warming = len(requests) // 10
        for asked in requests[:warming]:
            _answer(app, asked)
        profiler = cProfile.Profile()
        with profiler:
            for asked in requests[warming:]:
                _answer(app, asked)
    print(f"{len(requests) - warming} requests")
    shown = pstats.Stats(profiler).strip_dirs()
    shown.sort_stats("tottime").print_stats(SHOWN)
    shown.sort_stats("cumulative").print_stats(SHOWN)


def _requests(bench: Bench, operation: str) -> Iterator[bytes]:
    if operation == "import":
        path = f"{tasks_of(sample.WORKFLOW)}/bulk"
        for start in range(EXISTING, 2 * EXISTING, ROWS_PER_REQUEST):
            rows = sample.lines(map(sample.task, range(start, start + ROWS_PER_REQUEST)))
            yield request("POST", path, AUTHORIZATION, rows, "application/x-ndjson")
    elif operation == "up":
        yield from (up() for _ in range(UPLOADED))
    elif operation == "down":
        yield from itertools.islice(itertools.cycle(stored(bench)), REPEATED)
    else:
        made = prepared(operation, sample.WORKFLOW, EXISTING, 40_000_000)
        yield from itertools.islice(made, REPEATED)


def _answer(app: Application, spelt: bytes) -> None:
    head, _, body = spelt.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in rest)
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": headers["Authorization"],
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": headers.get("Content-Length", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    statuses: list[str] = []
    answer = app(environ, lambda status, _headers, _fault=None: statuses.append(status))
    for _ in answer:
        pass
    if close := getattr(answer, "close", None):
        close()
    assert statuses[0][0] == "2", statuses
