"""A server process: made after the fork, with a database connection of its own."""

import gc
import os
import signal
from collections.abc import Callable

from taskloom.app.composition import open_app
from taskloom.app.logs import configure_logs
from taskloom.app.memory import keep_little, trimmed
from taskloom.app.processes import die_with_parent, leave_group
from taskloom.app.turns import Turns
from taskloom.config import SETTINGS, BadSetting, load
from taskloom.storage.client import connect

AT_ONCE = 4
"""Requests that one worker works on at a time."""


def load_app() -> Callable[..., object]:
    """Make the WSGI application from the environment, which `server` filled in."""
    die_with_parent()
    leave_group()
    keep_little()
    # Until granian listens for it, a request to end means: end.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    configure_logs()
    settings = load()
    if settings.mongodb_uri is None:
        raise BadSetting("TASKLOOM_MONGODB_URI is not set in a worker: `taskloom serve` sets it")
    app = open_app(settings, connect(settings.mongodb_uri))
    for row in SETTINGS:
        # The environment becomes part of every request; secrets have no business there.
        os.environ.pop(row.env, None)
    # What was made so far is there for good: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    return Turns(trimmed(app), AT_ONCE)
