"""`taskloom import`: rows of a file become tasks, found again by their unique ID."""

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import click

from taskloom.cli.answering import give, note
from taskloom.cli.client import Client, place_of
from taskloom.cli.failure import REFUSED, Failure
from taskloom.cli.importing.columns import Columns, Target, require_present, target_of
from taskloom.cli.importing.opening import FORMATS, Reading, open_file, read_map
from taskloom.cli.importing.progress import meter
from taskloom.cli.importing.rejects import Rejects, default_path
from taskloom.cli.importing.rows import Reader
from taskloom.cli.importing.sending import Sender
from taskloom.cli.importing.values import speller
from taskloom.cli.options import as_json as json_flag
from taskloom.cli.options import setting, settings

OUTCOMES = ("created", "updated", "unchanged", "refused")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("workflow")
@click.argument("file", type=_FILE)
@click.option("--format", type=click.Choice(FORMATS), help="Default: by the file's ending.")
@click.option("--encoding", help="Of a CSV file. Default: found out, and said unless UTF-8.")
@click.option("--delimiter", help="Of a CSV file. Default: found out, and said unless a comma.")
@click.option(
    "--map", "mapping", type=_FILE, help='JSON file: {"column": "Field title", "other": null}.'
)
@click.option(
    "--rejects",
    type=_NEW_FILE,
    help="File for refused rows. Default: FILE.rejects.csv or FILE.rejects.ndjson.",
)
@json_flag
@setting("key")
@setting("url")
def command(
    workflow: str,
    file: Path,
    *,
    mapping: Path | None,
    rejects: Path | None,
    as_json: bool,
    **reading: str | None,
) -> None:
    """Create or update tasks of WORKFLOW from the rows of FILE (CSV, NDJSON or JSON).

    A row whose unique ID is known updates that task, and changes nothing where it says nothing
    new. Columns find their fields by title. An empty cell clears its field; a field without a
    column is left alone. Refused rows go to a file of their own, with line and reasons.
    """
    delimiter = reading.get("delimiter")
    if delimiter is not None and len(delimiter) != 1:
        raise click.UsageError("a delimiter is one character")
    with ExitStack() as stack:
        reader = stack.enter_context(open_file(file, Reading(**reading)))
        for told in reader.notes:
            note(told)
        client = stack.enter_context(Client(place_of(settings())))
        target = _target(client, workflow)
        columns = _columns(reader, target, read_map(mapping))
        path = rejects or default_path(file, tabular=reader.tabular)
        if path.exists() and path.samefile(file):
            raise Failure(f"{path} is the imported file itself.", "Choose another with --rejects.")
        refused = Rejects(path, reader.columns(), tabular=reader.tabular)
        stack.callback(refused.close)
        counts: Counter[str] = Counter()
        stack.callback(_report, counts, refused, as_json)
        _carry(client, target, columns, reader=reader, refused=refused, counts=counts, file=file)
    if counts["refused"]:
        raise click.exceptions.Exit(REFUSED)


def _target(client: Client, workflow: str) -> Target:
    target = target_of(client.send("GET", f"/api/v1/workflows/{quote(workflow, safe='')}").json())
    if target.unique is None:
        note(
            f"the workflow {workflow} has no unique ID: every row makes a new task, and nothing "
            "is sent twice when the connection breaks"
        )
    return target


def _columns(reader: Reader, target: Target, mapped: Mapping[str, str | None]) -> Columns:
    if reader.tabular:
        require_present(mapped, reader.columns())
    columns = Columns(target, mapped)
    columns.require(reader.columns())
    return columns


def _carry(
    client: Client,
    target: Target,
    columns: Columns,
    *,
    reader: Reader,
    refused: Rejects,
    counts: Counter[str],
    file: Path,
) -> None:
    sender = Sender(client, target.id, target.unique)
    spell = speller(target, columns, tabular=reader.tabular)
    with meter(file.stat().st_size) as shown:
        for fates in sender.send(reader.rows(), spell):
            for fate in fates:
                counts[fate.outcome] += 1
                if fate.outcome == "refused":
                    refused.add(fate.row, fate.reasons)
            shown.show(counts.total(), reader.position())


def _report(counts: Counter[str], refused: Rejects, as_json: bool) -> None:  # noqa: FBT001 - a callback's arguments have no names
    if refused.count:
        note(f"refused rows, with line and reasons, are in {refused.path}")
    line = ", ".join(f"{outcome} {counts[outcome]}" for outcome in OUTCOMES)
    give({outcome: counts[outcome] for outcome in OUTCOMES}, line, as_json=as_json)
