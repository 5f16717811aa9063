"""`taskloom restore`: a backup back into the database."""

from functools import partial
from pathlib import Path

import click

from taskloom.app.beside import open_alone
from taskloom.app.composition import open_ports
from taskloom.cli.answering import give
from taskloom.cli.commands.backup import counts, told
from taskloom.cli.failure import Failure
from taskloom.cli.gauge import Gauge
from taskloom.cli.options import as_json, setting, settings
from taskloom.config import Settings
from taskloom.errors import TaskloomError
from taskloom.storage.archive import Archive, BackupFault
from taskloom.storage.backup import require_empty, restore
from taskloom.storage.client import Database


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Remove all that the database holds before.")
@as_json
@setting("data_dir")
@setting("mongodb_uri")
def command(file: Path, *, force: bool, as_json: bool) -> None:
    """Put the backup FILE into an empty database, and compare what is there then.

    No server may use the database meanwhile. A file that is damaged is told before anything is
    written.
    """
    try:
        archive = _restored(file, settings(), force=force)
    except BackupFault as fault:
        raise Failure(fault.message, fault.remedy) from fault
    except TaskloomError as fault:
        remedy = f"Run `taskloom restore {file} --force` again, to its end."
        raise Failure(f"{fault.message}.", remedy) from fault
    except OSError as fault:
        raise Failure(f"{file} cannot be read: {fault.strerror or fault}.") from fault
    head = archive.head
    text = f"restored as of {head.at}: {told(archive.manifest)}, compared one by one"
    give(
        {**counts(archive.manifest), "at": head.at, "version": head.version}, text, as_json=as_json
    )


def _restored(file: Path, found: Settings, *, force: bool) -> Archive:
    with file.open("rb") as read:
        archive = Archive(read)
        total = sum(archive.head.documents.values())
        with Gauge("documents checked") as gauge:
            done = 0
            for count in archive.verify():
                done += count
                gauge.show(done, total)
        with open_alone(found, "`taskloom restore`") as database:
            if not force:
                require_empty(database)
            with Gauge("documents") as gauge:
                restore(
                    database, archive, file.name, partial(_prepare, found, database), gauge.show
                )
        return archive


def _prepare(found: Settings, database: Database) -> None:
    """Make all indexes."""
    ports = open_ports(found, database)
    for workspace in ports.directory.workspaces():
        for workflow in ports.workflows.every(workspace.id):
            compiled = ports.workflows.current(workspace.id, workflow.id)
            if compiled is not None:
                ports.tasks.prepare(compiled)
