"""`taskloom backup`: everything in one file, made beside the database."""

import contextlib
from importlib.metadata import version
from pathlib import Path

import click

from taskloom.app.beside import open_beside
from taskloom.cli.answering import give
from taskloom.cli.failure import Failure
from taskloom.cli.fresh import fresh_file
from taskloom.cli.gauge import Gauge
from taskloom.cli.options import as_json, setting, settings
from taskloom.errors import TaskloomError
from taskloom.storage.archive import BackupFault, Manifest
from taskloom.storage.backup import back_up, long_memory

_MODE = 0o600


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@setting("data_dir")
@setting("mongodb_uri")
def command(file: Path, *, as_json: bool) -> None:
    """Write all workspaces, workflows, tasks, files, users and keys into FILE.

    Works on the database itself, whether a server runs or not, and everything in FILE is of one
    moment. Who holds FILE holds what the database holds: only its owner may read it.
    """
    if file.exists():
        raise Failure(f"{file} exists already.", "Name another file, or remove that one.")
    found = settings()
    try:
        with (
            open_beside(found, "`taskloom backup`") as database,
            # An external MongoDB is its administrator's to set up.
            long_memory(database.client) if found.mongodb_uri is None else contextlib.nullcontext(),
            fresh_file(file, mode=_MODE) as written,
            Gauge("documents") as gauge,
        ):
            manifest = back_up(database, written, version("taskloom"), gauge.show)
    except BackupFault as fault:
        raise Failure(fault.message, fault.remedy) from fault
    except TaskloomError as fault:
        raise Failure(f"{fault.message}.") from fault
    size = file.stat().st_size
    text = f"{file} written: {told(manifest)}, {size:,} bytes"
    give({**counts(manifest), "file": str(file), "bytes": size}, text, as_json=as_json)


def counts(manifest: Manifest) -> dict[str, object]:
    """Say how much a backup holds."""
    return {
        "collections": len(manifest),
        "documents": sum(found.documents for found in manifest.values()),
    }


def told(manifest: Manifest) -> str:
    """Say in words how much a backup holds."""
    found = counts(manifest)
    return f"{found['documents']:,} documents of {found['collections']} collections"
