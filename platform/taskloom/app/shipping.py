"""Workflow files that are pushed when the server starts, without ever undoing anybody's change."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from taskloom.app.telling import placed, spelt
from taskloom.config import BadSetting
from taskloom.engine.engine import Engine
from taskloom.errors import Conflict, Invalid, NotFound
from taskloom.model.people import Actor
from taskloom.model.workflow import Workflow
from taskloom.schema.load import load_workflow

FOLDER = "workflow_schemas"

log = logging.getLogger(__name__)

Outcome = Literal["created", "updated", "unchanged", "kept", "faulty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What became of one file; `kept` means that the stored version was left alone."""

    file: str
    outcome: Outcome
    workflow: str | None = None


def folder_of(setting: Path | None) -> Path:
    """Find the folder: the setting, else the checkout's, else the one in the package."""
    if setting is not None:
        if not setting.is_dir():
            raise BadSetting(f"TASKLOOM_WORKFLOWS={str(setting)!r} is no folder")
        return setting
    package = Path(__file__).resolve().parents[1]
    places = (Path.cwd() / FOLDER, package.parents[1] / FOLDER, package / FOLDER)
    return next((place for place in places if place.is_dir()), places[-1])


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the workflow files of a folder in the order of their names."""
    yield from sorted(path for path in folder.glob("*.json") if path.is_file())


def push_all(engine: Engine, actor: Actor, folder: Path) -> list[Pushed]:
    """Push every file of the folder; what is wrong with one is logged and stops no other.

    A file may link to the workflow of a later one, so those with faults are tried again for as
    long as that helps.
    """
    done: list[Pushed] = []
    tried, faulty = 0, dict.fromkeys(files_in(folder), "")
    while len(faulty) != tried:
        tried = len(faulty)
        faulty = {path: fault for path in faulty if (fault := _try(engine, actor, path, done))}
    for path, fault in faulty.items():
        log.warning("%s is left out%s", path, fault)
        done.append(Pushed(file=path.name, outcome="faulty"))
    return sorted(done, key=lambda pushed: pushed.file)


def _try(engine: Engine, actor: Actor, path: Path, done: list[Pushed]) -> str | None:
    """Push a file and note what became of it, or return what is wrong with it."""
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        return f", it cannot be read: {fault}"
    try:
        new = load_workflow(source, workspace=actor.workspace, uid="", version=1)
        done.append(_apply(engine, actor, new, path))
    except Invalid as fault:
        told = "\n".join(f"  {spelt(str(path), each)}" for each in placed(source, fault.faults))
        return f", it has faults:\n{told}"
    return None


def _apply(engine: Engine, actor: Actor, new: Workflow, path: Path) -> Pushed:
    try:
        current = engine.workflows.get(actor, new.id).workflow
        origin = engine.workflows.versions(actor, new.id)[-1].origin
    except NotFound:
        return _save(engine, actor, new, path)
    if current.schema == new.schema:
        return Pushed(file=path.name, outcome="unchanged", workflow=new.id)
    if origin == path.name:
        return _save(engine, actor, new, path)
    log.warning(
        "%s differs from the stored workflow %r, which was changed elsewhere and is left alone; "
        "`taskloom workflow push %s` would replace it",
        path,
        new.id,
        path,
    )
    return Pushed(file=path.name, outcome="kept", workflow=new.id)


def _save(engine: Engine, actor: Actor, new: Workflow, path: Path) -> Pushed:
    try:
        saved = engine.workflows.save(actor, new.id, new.source, origin=path.name)
    except Conflict:
        # Another server, starting at the same moment, pushed it.
        return Pushed(file=path.name, outcome="unchanged", workflow=new.id)
    return Pushed(file=path.name, outcome=saved.outcome, workflow=new.id)
