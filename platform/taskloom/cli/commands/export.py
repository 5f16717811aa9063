"""`taskloom export`: the tasks of a workflow as a file."""

import sys
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlencode

import click
import requests

from taskloom.cli.answering import give
from taskloom.cli.client import PROBLEM, Client, place_of
from taskloom.cli.failure import Failure
from taskloom.cli.fresh import fresh_file
from taskloom.cli.gauge import Gauge
from taskloom.cli.options import as_json as json_flag
from taskloom.cli.options import setting, settings
from taskloom.exchange.detect import ENDINGS
from taskloom.exchange.writers import BROKEN_OFF, FORMATS

_PIECE = 64 * 1024
_ACCEPTED = {"Accept": f"{PROBLEM}, */*;q=0.5"}


@click.command()
@click.argument("workflow")
@click.option(
    "--format",
    "form",
    type=click.Choice(tuple(FORMATS)),
    help="Default: by the ending of the output, else csv.",
)
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="TITLE[OP]=VALUE",
    help="Which tasks, such as Stage=Done or 'Pages[gte]=5'; may be given several times.",
)
@click.option("--sort", multiple=True, metavar="TITLE", help="Order; -TITLE for descending.")
@click.option("--fields", multiple=True, metavar="TITLE", help="Columns. Default: all.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File. Default: standard output.",
)
@json_flag
@setting("key")
@setting("url")
def command(
    workflow: str,
    *,
    form: str | None,
    filters: tuple[str, ...],
    output: Path | None,
    as_json: bool,
    **order: tuple[str, ...],
) -> None:
    """Write tasks of WORKFLOW into a file that `taskloom import` reads back.

    Without --filter all tasks that the key's holder sees. With --json and no --output the tasks
    come as one JSON array. A file that cannot be written to its end is not there.
    """
    form = _format(form, output, as_json=as_json)
    asked = [("_format", form), *map(_filter, filters)]
    asked += [("_sort", title) for title in order["sort"]]
    asked += [("_fields", title) for title in order["fields"]]
    with Client(place_of(settings())) as client:
        path = f"/api/v1/workflows/{quote(workflow, safe='')}/tasks/export?{urlencode(asked)}"
        with client.receive(path, headers=_ACCEPTED) as response:
            if output is None:
                _carry(client, response, sys.stdout.buffer)
                return
            with fresh_file(output) as file, Gauge("bytes") as gauge:
                size = _carry(client, response, file, gauge)
    give(
        {"workflow": workflow, "file": str(output), "format": form, "bytes": size},
        f"{output} written, {size:,} bytes",
        as_json=as_json,
    )


def _format(form: str | None, output: Path | None, *, as_json: bool) -> str:
    if output is None and as_json:
        if form not in {None, "json"}:
            raise click.UsageError("--json answers in JSON; leave out --format, or use --output")
        return "json"
    form = form or (ENDINGS.get(output.suffix.lower()) if output is not None else None) or "csv"
    if form == "xlsx" and output is None and sys.stdout.isatty():
        raise click.UsageError("a workbook is nothing to look at here; name a file with --output")
    return form


def _filter(text: str) -> tuple[str, str]:
    title, sign, value = text.partition("=")
    if not sign or not title:
        raise click.UsageError(f"{text!r} is no filter: write TITLE=VALUE or 'TITLE[OP]=VALUE'")
    return title, value


def _carry(
    client: Client, response: requests.Response, file: BinaryIO, gauge: Gauge | None = None
) -> int:
    """Write an answer into a file as it comes; return how many bytes there were."""
    done, end = 0, b""
    try:
        for piece in response.iter_content(_PIECE):
            file.write(piece)
            done += len(piece)
            end = (end + piece)[-len(BROKEN_OFF) :]
            if gauge is not None:
                gauge.show(done)
    except requests.RequestException as fault:
        raise _broken(client, done) from fault
    if end == BROKEN_OFF:
        raise _broken(client, done)
    return done


def _broken(client: Client, done: int) -> Failure:
    return Failure(
        f"the answer of {client.place.url} broke off after {done:,} bytes.",
        "Export again; the server's log tells what was wrong.",
    )
