"""Workflows in MongoDB: the newest version of each in `workflows`, all in `workflow_versions`."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from pymongo import IndexModel
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from taskloom.engine.ports import Claim, Taken, Version
from taskloom.errors import Invalid
from taskloom.model.task import Moment
from taskloom.model.workflow import Workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import DURABLE, Database, Document, in_our_words
from taskloom.storage.generation import Fresh, Generation
from taskloom.storage.history import DROPPING

Compiler = Callable[[str, str, str, int], Compiled]
"""Compiles source, workspace, uid and version of a workflow."""

R = TypeVar("R")

MOST_COMPILED = 256

_PARTS: Mapping[str, int] = {"source": 1, "version": 1}
_MOUNT: Final = "mounts.mount"
_ALL: Final = "all"


class Workflows:
    """Fulfils `WorkflowStore`; every process compiles a version once."""

    def __init__(self, database: Database, *, compiler: Compiler, generation: Generation) -> None:
        self._client = database.client
        self._workflows = database["workflows"]
        self._versions = database["workflow_versions"]
        self._dropping = database[DROPPING]
        self._generation = generation
        self._compiled = _Compilations(compiler)
        self._newest: Fresh[tuple[str, str], Compiled] = Fresh(generation)
        self._every: Fresh[str, Sequence[Workflow]] = Fresh(generation)
        self._mounts: Fresh[str, Mapping[str, str]] = Fresh(generation)

    @in_our_words
    def prepare(self) -> None:
        """Make the indexes; harmless to repeat."""
        unique = IndexModel([("ws", 1), ("id", 1)], name="tl_id", unique=True)
        mount = IndexModel(
            [(_MOUNT, 1), ("ws", 1)],
            name="tl_mount",
            unique=True,
            partialFilterExpression={_MOUNT: {"$exists": True}},
        )
        self._workflows.create_indexes([unique, mount])
        version = IndexModel([("w", 1), ("version", 1)], name="tl_version", unique=True)
        self._versions.create_indexes([version])
        for document in self._workflows.find({"mounts": {"$exists": False}}, {**_PARTS, "ws": 1}):
            self._note_mounts(document)

    def _note_mounts(self, document: Document) -> None:
        """Note the mounts of a workflow stored before they were; none of one that is broken."""
        this = {"_id": document["_id"], "version": document["version"]}
        try:
            workflow = self._compiled.of(document, document["ws"]).workflow
            self._workflows.update_one(this, {"$set": {"mounts": _mounts_of(workflow)}})
        except (Invalid, DuplicateKeyError):
            self._workflows.update_one(this, {"$set": {"mounts": []}})

    def current(self, workspace: str, workflow: str) -> Compiled | None:
        return self._newest.get((workspace, workflow), lambda: self.newest(workspace, workflow))

    @in_our_words
    def newest(self, workspace: str, workflow: str) -> Compiled | None:
        found = self._workflows.find_one({"ws": workspace, "id": workflow}, _PARTS)
        return None if found is None else self._compiled.of(found, workspace)

    def every(self, workspace: str) -> Sequence[Workflow]:
        return self._every.get(workspace, lambda: self._load_every(workspace) or None) or ()

    @in_our_words
    def _load_every(self, workspace: str) -> Sequence[Workflow]:
        found = self._workflows.find({"ws": workspace}, _PARTS)
        workflows = [self._compiled.of(document, workspace).workflow for document in found]
        return tuple(sorted(workflows, key=lambda workflow: (workflow.title, workflow.id)))

    def mounts(self) -> Mapping[str, str]:
        return self._mounts.get(_ALL, self._load_mounts) or {}

    def _load_mounts(self) -> Mapping[str, str]:
        # Should two dialects have got one mount at the same moment, that of the older workflow.
        return {claim.mount: claim.dialect for claim in reversed(self.claims())}

    @in_our_words
    def claims(self) -> Sequence[Claim]:
        parts = {"ws": 1, "id": 1, "mounts": 1}
        found = self._workflows.find({_MOUNT: {"$exists": True}}, parts).sort("_id", 1)
        return [
            Claim(workspace=document["ws"], uid=document["_id"], workflow=document["id"], **noted)
            for document in found
            for noted in document["mounts"]
        ]

    @in_our_words
    def insert(self, workflow: Workflow, origin: str | None, at: Moment) -> None:
        document = {
            "_id": workflow.uid,
            "ws": workflow.workspace,
            "id": workflow.id,
            "kinds": _kinds_of(workflow),
            "mounts": _mounts_of(workflow),
            **_version(workflow, origin, at),
        }

        def stored(session: ClientSession) -> None:
            self._workflows.insert_one(document, session=session)
            self._keep(workflow, origin, at, session)

        try:
            self._together(stored)
        except DuplicateKeyError as error:
            raise Taken from error

    @in_our_words
    def replace(self, workflow: Workflow, origin: str | None, at: Moment) -> bool:
        before = {"_id": workflow.uid, "version": workflow.version - 1}

        def stored(session: ClientSession) -> bool:
            known = self._workflows.find_one(before, {"kinds": 1}, session=session)
            if known is None:
                return False
            kinds = {**known["kinds"], **_kinds_of(workflow)}
            written = {
                "kinds": kinds,
                "mounts": _mounts_of(workflow),
                **_version(workflow, origin, at),
            }
            self._workflows.update_one(before, {"$set": written}, session=session)
            self._keep(workflow, origin, at, session)
            return True

        try:
            return self._together(stored)
        except DuplicateKeyError as error:
            raise Taken from error

    @in_our_words
    def delete(self, workflow: Workflow) -> None:
        def removed(session: ClientSession) -> None:
            self._workflows.delete_one({"_id": workflow.uid}, session=session)
            self._versions.delete_many({"w": workflow.uid}, session=session)
            note: Document = {"_id": workflow.uid}
            self._dropping.replace_one(note, note, upsert=True, session=session)

        self._together(removed)

    @in_our_words
    def versions(self, workspace: str, workflow: str) -> Sequence[Version]:
        known = self._workflows.find_one({"ws": workspace, "id": workflow}, {"_id": 1})
        if known is None:
            return ()
        found = self._versions.find({"w": known["_id"]}).sort("version", 1)
        return tuple(
            Version(
                version=document["version"],
                at=document["at"],
                source=document["source"],
                origin=document["origin"],
            )
            for document in found
        )

    @in_our_words
    def kinds(self, workspace: str, workflow: str) -> Mapping[str, str]:
        known = self._workflows.find_one({"ws": workspace, "id": workflow}, {"kinds": 1})
        return {} if known is None else known["kinds"]

    def _keep(
        self, workflow: Workflow, origin: str | None, at: Moment, session: ClientSession
    ) -> None:
        version = {"w": workflow.uid, **_version(workflow, origin, at)}
        self._versions.insert_one(version, session=session)

    def _together(self, work: Callable[[ClientSession], R]) -> R:
        """Do all of it or nothing, then let every process look again."""
        with self._generation.bumped(), self._client.start_session() as session:
            return session.with_transaction(
                work, read_concern=ReadConcern("snapshot"), write_concern=DURABLE
            )


class _Compilations:
    """The versions compiled last, shared by all threads of a process.

    A version may turn out to be another than it was: a failover can undo one before it is known
    to be stored, and a backup can bring back an older one. The source tells.
    """

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, int], tuple[str, Compiled]] = OrderedDict()

    def of(self, document: Document, workspace: str) -> Compiled:
        """Return the compiled form of a stored workflow."""
        key, source = (document["_id"], document["version"]), document["source"]
        with self._lock:
            known, compiled = self._held.get(key, ("", None))
            if compiled is not None and known == source:
                self._held.move_to_end(key)
                return compiled
        made = self._compiler(source, workspace, *key)
        with self._lock:
            self._held[key] = (source, made)
            self._held.move_to_end(key)
            while len(self._held) > MOST_COMPILED:
                self._held.popitem(last=False)
        return made


def _version(workflow: Workflow, origin: str | None, at: Moment) -> Document:
    return {
        "version": workflow.version,
        "source": workflow.source,
        "origin": origin,
        "at": at,
    }


def _mounts_of(workflow: Workflow) -> list[dict[str, str]]:
    return [{"mount": facade.mount, "dialect": facade.dialect} for facade in workflow.facades]


def _kinds_of(workflow: Workflow) -> dict[str, str]:
    return {field.key: field.kind for field in workflow.fields}
