"""`taskloom import`: rows of a file become tasks, found again by their unique ID."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click

from taskloom.cli.answering import give, note
from taskloom.cli.client import Client, place_of
from taskloom.cli.failure import REFUSED, Failure
from taskloom.cli.importing.jobs import Job, Jobs, as_options, beside, lacking, remedy, why_failed
from taskloom.cli.options import as_json as json_flag
from taskloom.cli.options import setting, settings
from taskloom.exchange.detect import FORMATS
from taskloom.model.imports import MODES

OUTCOMES: Final = ("created", "updated", "unchanged", "refused")

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("workflow")
@click.argument("file", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Tell what would come of each row; write nothing.")
@click.option("--mode", type=click.Choice(MODES), help="What each row does. Default: upsert.")
@click.option("--format", type=click.Choice(FORMATS), help="Default: found out.")
@click.option("--encoding", help="Of a CSV file. Default: found out, and said unless UTF-8.")
@click.option("--delimiter", help="Of a CSV file. Default: found out, and said unless a comma.")
@click.option("--quote", help='Of a CSV file. Default: ".')
@click.option("--dates", help="Order in dates such as 03/04/25: dmy, mdy or ymd.")
@click.option("--decimal", help="Decimal sign of numbers: a point or a comma.")
@click.option("--source", help="The program whose export it is. Default: found out.")
@click.option("--sheet", help="The sheet of a workbook. Default: the first.")
@click.option(
    "--map", "mapping", type=_FILE, help='JSON file: {"column": "Field title", "other": null}.'
)
@click.option(
    "--unknown",
    type=click.Choice(("refuse", "aside", "ignore")),
    help="What happens to columns that belong to no field. Default: refuse the file.",
)
@click.option(
    "--aside",
    type=_NEW_FILE,
    help="File for columns kept aside. Default: FILE.aside.csv or FILE.aside.ndjson.",
)
@click.option(
    "--rejects",
    type=_NEW_FILE,
    help="File for refused rows. Default: FILE.rejects.csv or FILE.rejects.ndjson.",
)
@click.option("--resume", metavar="ID", help="Watch an import that was sent before.")
@click.option("--cancel", metavar="ID", help="End an import that was sent before.")
@json_flag
@setting("key")
@setting("url")
def command(
    workflow: str,
    file: Path,
    *,
    mapping: Path | None,
    rejects: Path | None,
    aside: Path | None,
    resume: str | None,
    cancel: str | None,
    as_json: bool,
    **options: str | bool | None,
) -> None:
    """Create or update tasks of WORKFLOW from the rows of FILE (CSV, NDJSON, JSON or XLSX).

    A row whose unique ID is known updates that task, and changes nothing where it says nothing
    new. Columns find their fields by title. An empty cell clears its field; a field without a
    column is left alone. Refused rows go to a file of their own, with line and reasons. The server
    does the work: an import that is interrupted here goes on there.
    """
    chosen = _chosen(options, mapping, aside)
    for path in filter(None, (rejects, aside)):
        if path.exists() and path.samefile(file):
            raise Failure(f"{path} is the imported file itself.", "Choose another.")
    with ExitStack() as stack:
        client = stack.enter_context(Client(place_of(settings())))
        jobs = Jobs(client, workflow)
        if cancel is not None:
            jobs.cancel(cancel)
        known = cancel or resume
        job = jobs.send(file, chosen) if known is None else jobs.get(known)
        ended = _watched(jobs, job, f"taskloom import {workflow} {file}")
        _fetch(jobs, ended, file, {"rejects": rejects, "aside": aside})
    _report(ended, as_json=as_json)


def _chosen(
    options: Mapping[str, str | bool | None], mapping: Path | None, aside: Path | None
) -> dict[str, str]:
    """Spell the options as the server takes them."""
    for name in ("delimiter", "quote"):
        sign = options.get(name)
        if isinstance(sign, str) and len(sign) != 1:
            raise click.UsageError(f"a {name} is one character")
    chosen = {name: value for name, value in options.items() if isinstance(value, str)}
    if options.get("dry_run"):
        chosen["dry_run"] = "true"
    if aside is not None and chosen.setdefault("unknown", "aside") != "aside":
        raise click.UsageError(f"--aside has nothing to do with --unknown {chosen['unknown']}")
    if mapping is not None:
        chosen["map"] = json.dumps(_read_map(mapping))
    return chosen


def _read_map(path: Path) -> object:
    """Read a map of columns to field titles, null for a column to be left out."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as fault:
        raise Failure(f"{path} cannot be read: {fault}.") from fault
    if not isinstance(found, dict) or not all(
        title is None or isinstance(title, str) for title in found.values()
    ):
        raise Failure(f'{path} is no map: write {{"column": "Field title", "other": null}}.')
    return found


def _watched(jobs: Jobs, job: Job, again: str) -> Job:
    """Wait for the end of an import; whoever does not want to wait is told how to come back."""
    try:
        return jobs.watch(job)
    except KeyboardInterrupt:
        raise Failure(
            f"the import {job['id']} goes on at the server.",
            f"Watch it with\n  {again} --resume {job['id']}\n"
            f"or end it with\n  {again} --cancel {job['id']}",
        ) from None


def _fetch(jobs: Jobs, job: Job, file: Path, paths: Mapping[str, Path | None]) -> None:
    """Tell what there is to be told, and fetch what somebody has to look at again."""
    for told in (*job["notes"], *lacking(job)):
        note(as_options(told))
    if job["refused"]:
        path = paths["rejects"] or beside(file, "rejects", job)
        jobs.save(job, "rejects", path)
        note(f"refused rows, with line and reasons, are in {path}")
    if job["aside"]:
        path = paths["aside"] or beside(file, "aside", job)
        jobs.save(job, "aside", path)
        note(f"columns that belong to no field are in {path}")


def _report(job: Job, *, as_json: bool) -> None:
    """Say what came of it, as answer and as exit code."""
    if job["dryRun"]:
        note("this was a dry run: nothing was written")
    counts = {outcome: job[outcome] for outcome in OUTCOMES}
    if job["state"] != "failed" or job["rows"]:
        line = ", ".join(f"{outcome} {count}" for outcome, count in counts.items())
        give(counts, line, as_json=as_json)
    if job["state"] == "failed":
        raise Failure(why_failed(job), remedy(job))
    if job["state"] == "cancelled":
        raise Failure(f"the import {job['id']} was cancelled.", "What had arrived stays.")
    if counts["refused"]:
        raise click.exceptions.Exit(REFUSED)
