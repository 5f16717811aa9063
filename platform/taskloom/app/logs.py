"""Where the log goes: standard error, one line an event; standard output is for answers."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

_LINE = "%(levelname)s %(name)s: %(message)s"


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out the advice to use fewer threads: most of ours only wait for a slow client."""
    return "Python threads" not in record.getMessage()


GRANIAN_LOGS: Mapping[str, Any] = {
    "formatters": {"generic": {"format": _LINE}},
    "filters": {"news": {"()": lambda: _is_news}},
    "handlers": {
        "console": {
            "formatter": "generic",
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
        },
    },
    "loggers": {
        "_granian": {
            "handlers": ["console"],
            "filters": ["news"],
            "level": "WARNING",
            "propagate": False,
        }
    },
}
"""What granian shall log, in the form of `logging.config.dictConfig`."""


def configure_logs() -> None:
    """Send our own log, and warnings of libraries, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(_LINE))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("taskloom").setLevel(logging.INFO)
