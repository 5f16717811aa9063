"""`taskloom workflow …`: check, push, pull, list and propose workflow files."""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from taskloom.app.telling import placed, spelt
from taskloom.cli.answering import give, give_table, note
from taskloom.cli.client import Client, Refused, place_of
from taskloom.cli.examining import examined
from taskloom.cli.failure import REFUSED, Failure
from taskloom.cli.options import as_json, setting, settings
from taskloom.cli.planning import is_harmless, lines_of
from taskloom.errors import Fault, Invalid, Malformed, TooLarge
from taskloom.exchange.dates import CHOICES
from taskloom.exchange.detect import FORMATS
from taskloom.exchange.infer import infer as propose
from taskloom.exchange.numbers import SIGNS
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import choices_of
from taskloom.exchange.sources import IMPORTERS
from taskloom.schema.load import FileFault
from taskloom.schema.source import parse

_FILES = click.Path(exists=True, dir_okay=False, path_type=Path)
_BASE = "/api/v1/workflows"
_MEDIA = "application/schema+json"


@click.group()
def command() -> None:
    """Check, push, pull, list and propose workflow files."""


def read(path: Path) -> str:
    """Return a file's text, or raise `Failure`."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        raise Failure(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from fault
    except OSError as fault:
        raise Failure(f"{path} cannot be read: {fault.strerror}.") from fault


def _entry(path: Path, told: Sequence[FileFault]) -> dict[str, object]:
    faults = [
        {"line": fault.line, "path": fault.path, "message": fault.message, "remedy": fault.hint}
        for fault in told
    ]
    return {"file": str(path), "ok": not told, "faults": faults}


def _lines(path: Path, told: Sequence[FileFault]) -> list[str]:
    return [spelt(str(path), fault) for fault in told] or [f"{path}: ok"]


@command.command()
@click.argument("files", nargs=-1, required=True, type=_FILES)
@as_json
def check(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Tell every fault of workflow FILES, each with its line and a remedy; needs no server."""
    found = {path: examined(read(path)) for path in files}
    lines = [line for path, told in found.items() for line in _lines(path, told)]
    give([_entry(path, told) for path, told in found.items()], "\n".join(lines), as_json=as_json)
    if any(found.values()):
        raise click.exceptions.Exit(REFUSED)


@command.command()
@click.argument("files", nargs=-1, required=True, type=_FILES)
@as_json
@setting("key")
@setting("url")
def push(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Make the workflows of FILES, or their next versions; the same file again changes nothing."""
    with Client(place_of(settings())) as client:
        pushed = [_push(client, path) for path in files]
    lines = [f"{each['id']} version {each['version']}: {each['outcome']}" for each in pushed]
    give(pushed, "\n".join(lines), as_json=as_json)


@command.command()
@click.argument("file", type=_FILES)
@click.option("--apply", "applies", is_flag=True, help="Apply the plan, whatever it says.")
@as_json
@setting("key")
@setting("url")
def plan(file: Path, *, applies: bool, as_json: bool) -> None:
    """Say what pushing FILE would change, and what would become of the tasks there are.

    Exit code 1: tasks would break a rule, values would not be shown any more, or the plan cannot
    be applied. With --apply it is applied nevertheless, if it can be.
    """
    text = read(file)
    with Client(place_of(settings())) as client:
        planned = _sent(client, file, text, "POST", "/plan")
        answer: dict[str, Any] = {"plan": planned}
        if applies and not planned["faults"]:
            query = f"?plan={quote(planned['id'], safe='')}"
            answer["applied"] = _sent(client, file, text, "PUT", query)
    lines = lines_of(planned)
    if "applied" in answer:
        applied = answer["applied"]
        lines.append(f"{applied['id']} version {applied['version']}: {applied['outcome']}")
    give(answer if applies else planned, "\n".join(lines), as_json=as_json)
    if not is_harmless(planned) and "applied" not in answer:
        raise click.exceptions.Exit(REFUSED)


def _push(client: Client, path: Path) -> dict[str, Any]:
    return _sent(client, path, read(path), "PUT")


def _sent(client: Client, path: Path, text: str, method: str, rest: str = "") -> dict[str, Any]:
    """Send a file to its workflow; faults are told with their lines."""
    address = f"{_BASE}/{quote(_id_of(path, text), safe='')}{rest}"
    try:
        response = client.send(
            method, address, body=text.encode(), headers={"Content-Type": _MEDIA}
        )
    except Refused as refused:
        if not refused.problems:
            raise
        raise Failure(f"{path} was refused:\n" + "\n".join(_with_lines(path, text, refused))) from (
            refused
        )
    answer: dict[str, Any] = response.json()
    return answer


def _id_of(path: Path, text: str) -> str:
    value = parse(text).value
    name = value.get("$id") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name:
        told = "\n".join(_lines(path, examined(text)))
        raise Failure(f'{path} names no workflow in its "$id":\n{told}')
    return name


def _with_lines(path: Path, text: str, refused: Refused) -> list[str]:
    places = {".".join(map(str, place)): place for place in parse(text).lines}
    faults = [
        Fault(
            path=places.get(".".join(map(str, problem.path)), problem.path),
            code="refused",
            message=problem.message,
            hint=problem.hint,
        )
        for problem in refused.problems
    ]
    return _lines(path, placed(text, faults))


@command.command()
@click.argument("workflow")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="File.")
@as_json
@setting("key")
@setting("url")
def pull(workflow: str, *, output: Path | None, as_json: bool) -> None:
    """Print the file of WORKFLOW exactly as it was pushed, or write it to a file."""
    with Client(place_of(settings())) as client:
        address = f"{_BASE}/{quote(workflow, safe='')}"
        file = client.send("GET", address, headers={"Accept": _MEDIA}).content
    if output is None:
        sys.stdout.buffer.write(file)
        return
    output.write_bytes(file)
    give({"id": workflow, "file": str(output)}, f"{output} written", as_json=as_json)


@command.command("list")
@as_json
@setting("key")
@setting("url")
def list_(*, as_json: bool) -> None:
    """List the workflows of the workspace."""
    with Client(place_of(settings())) as client:
        found = client.send("GET", _BASE).json()
    give_table(found, ("id", "name"), as_json=as_json)


@command.command()
@click.argument("file", type=_FILES)
@click.option("--format", type=click.Choice(FORMATS), help="Default: by the file's contents.")
@click.option("--source", help=f"One of {', '.join(IMPORTERS)}, plain. Default: found out.")
@click.option("--encoding", help="Of a CSV file. Default: found out.")
@click.option("--delimiter", help="Of a CSV file. Default: found out.")
@click.option("--dates", type=click.Choice(CHOICES), help="Order in dates like 03/04/25.")
@click.option("--decimal", type=click.Choice(SIGNS), help="Decimal sign of numbers.")
@click.option("--sheet", help="Of a workbook. Default: the first that is not empty.")
@as_json
def infer(file: Path, *, as_json: bool, **choices: str | None) -> None:
    """Propose a workflow that takes in the rows of FILE; needs no server.

    The workflow file goes to standard output, the reasons to standard error.
    """
    try:
        with file.open("rb") as opened:
            proposal = propose(open_rows(opened, file.name, choices_of(choices)), file.name)
    except OSError as fault:
        raise Failure(f"{file} cannot be read: {fault.strerror}.") from fault
    except Invalid as invalid:
        told = [f"{each.path[0]} {each.message}" for each in invalid.faults]
        hints = [each.hint for each in invalid.faults if each.hint]
        raise Failure(f"{file}: {'; '.join(told)}.", _as_options("\n".join(hints))) from invalid
    except (Malformed, TooLarge) as broken:
        remedy = _as_options(str(broken.details.get("hint", "")))
        raise Failure(f"{broken.message}.", remedy) from broken
    reasons = [{"path": list(each.path), "text": each.text} for each in proposal.reasons]
    for each in () if as_json else proposal.reasons:
        note(f"{'.'.join(each.path) or file.name}: {_as_options(each.text)}")
    text = json.dumps(proposal.file, indent=2, ensure_ascii=False)
    give({"file": proposal.file, "reasons": reasons}, text, as_json=as_json)


def _as_options(text: str) -> str:
    """Spell the choices that a text names as options of this command."""
    return re.sub(r"`(\w+)`", r"--\1", text)
