"""`taskloom serve`: the server in the foreground."""

import difflib
import json
import os
import sys
from collections.abc import Mapping

import click

from taskloom.app.banner import Announcement
from taskloom.app.server import serve
from taskloom.cli.answering import note
from taskloom.cli.options import as_json as json_flag
from taskloom.cli.options import of_server, settings
from taskloom.config import SETTINGS

_PREFIX = "TASKLOOM_"


def unknown_settings(environ: Mapping[str, str]) -> list[str]:
    """Warn of every variable that looks like a setting and is none."""
    known = {row.env.removeprefix(_PREFIX): row.env for row in SETTINGS}
    warnings = []
    for name in sorted(environ):
        if not name.startswith(_PREFIX) or name in known.values():
            continue
        near = difflib.get_close_matches(name.removeprefix(_PREFIX), known, n=1)
        hint = f"; did you mean {known[near[0]]}?" if near else ""
        warnings.append(f"{name} is no setting of Taskloom and has no effect{hint}")
    return warnings


@click.command()
@of_server
@json_flag
def command(*, as_json: bool) -> None:
    """Run the server in the foreground until it is interrupted."""
    for warning in unknown_settings(os.environ):
        note(f"taskloom: warning: {warning}")

    def announce(ready: Announcement) -> None:
        click.echo(json.dumps(ready.as_mapping()) if as_json else ready.as_text())

    sys.exit(serve(settings(), announce))
