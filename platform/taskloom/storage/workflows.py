"""Workflows in MongoDB: the newest version of each in `workflows`, all in `workflow_versions`.

Of a workflow that plans were applied to, `slots` names by key where values of fields are, where
that is not the key; `retired` are the slots left behind, and `settling` what is left to do.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, TypeVar

from pymongo import IndexModel
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from taskloom.engine.ports import Claim, Taken
from taskloom.engine.shifts import FIRST, Applied, Move, Recalled, Retired, Settling
from taskloom.engine.versions import Version
from taskloom.errors import Invalid
from taskloom.model.task import Moment
from taskloom.model.workflow import Workflow
from taskloom.schema.compiled import Compiled
from taskloom.schema.slots import with_slots
from taskloom.storage.client import DURABLE, Database, Document, in_our_words
from taskloom.storage.generation import Fresh, Generation
from taskloom.storage.history import DROPPING

Compiler = Callable[[str, str, str, int], Compiled]
"""Compiles source, workspace, uid and version of a workflow."""

R = TypeVar("R")

MOST_COMPILED = 256

_PARTS: Mapping[str, int] = {"source": 1, "version": 1, "slots": 1}
_MOUNT: Final = "mounts.mount"
_ALL: Final = "all"
_SETTLING: Mapping[str, int] = {"ws": 1, "id": 1, "settling": 1}


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
    def insert(
        self, workflow: Workflow, origin: str | None, at: Moment, by: str | None = None
    ) -> None:
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
            self._keep(workflow, _version(workflow, origin, at), by, session)

        try:
            self._together(stored)
        except DuplicateKeyError as error:
            raise Taken from error

    @in_our_words
    def replace(
        self,
        workflow: Workflow,
        origin: str | None,
        at: Moment,
        *,
        by: str | None = None,
        applied: Applied | None = None,
    ) -> bool:
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
            update: Document = {"$set": written}
            if applied is not None:
                written["slots"] = dict(applied.slots)
                update["$push"] = _pushed(workflow, applied, at)
            self._workflows.update_one(before, update, session=session)
            self._keep(workflow, _version(workflow, origin, at), by, session)
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
        return tuple(map(_version_of, found))

    @in_our_words
    def version(self, workspace: str, workflow: str, version: int) -> Version | None:
        known = self._workflows.find_one({"ws": workspace, "id": workflow}, {"_id": 1})
        if known is None:
            return None
        found = self._versions.find_one({"w": known["_id"], "version": version})
        return None if found is None else _version_of(found)

    @in_our_words
    def retired(self, workspace: str, workflow: str) -> Sequence[Retired]:
        known = self._workflows.find_one({"ws": workspace, "id": workflow}, {"retired": 1})
        return tuple(Retired(**each) for each in (known or {}).get("retired", ()))

    @in_our_words
    def settling(self) -> Sequence[Settling]:
        found = self._workflows.find({"settling.0": {"$exists": True}}, _SETTLING)
        return tuple(
            Settling(
                **{**left, "moves": tuple(map(_move, left["moves"]))},
                workspace=document["ws"],
                workflow=document["id"],
                uid=document["_id"],
            )
            for document in found
            for left in document["settling"]
        )

    @in_our_words
    def settle(self, left: Settling, *, done: bool) -> None:
        this = {"_id": left.uid, "settling.new": left.new}
        noted = {"settling.$.round": left.round, "settling.$.after": left.after}
        gone = {"$pull": {"settling": {"new": left.new}}}
        self._workflows.update_one(this, gone if done else {"$set": noted})

    @in_our_words
    def kinds(self, workspace: str, workflow: str) -> Mapping[str, str]:
        known = self._workflows.find_one({"ws": workspace, "id": workflow}, {"kinds": 1})
        return {} if known is None else known["kinds"]

    def _keep(
        self, workflow: Workflow, version: Document, by: str | None, session: ClientSession
    ) -> None:
        kept = {"w": workflow.uid, **version, **({} if by is None else {"by": by})}
        self._versions.insert_one(kept, session=session)

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
        self._held: OrderedDict[tuple[str, int], tuple[object, Compiled]] = OrderedDict()

    def of(self, document: Document, workspace: str) -> Compiled:
        """Return the compiled form of a stored workflow."""
        key, slots = (document["_id"], document["version"]), document.get("slots", {})
        stored = (document["source"], slots)
        with self._lock:
            known, compiled = self._held.get(key, (None, None))
            if compiled is not None and known == stored:
                self._held.move_to_end(key)
                return compiled
        made = with_slots(self._compiler(document["source"], workspace, *key), slots)
        with self._lock:
            self._held[key] = (stored, made)
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


def _version_of(document: Document) -> Version:
    return Version(
        version=document["version"],
        at=document["at"],
        source=document["source"],
        origin=document["origin"],
        by=document.get("by"),
    )


def _pushed(workflow: Workflow, applied: Applied, at: Moment) -> Document:
    """Spell out what a plan leaves behind, and what is left to do."""
    left: list[dict[str, Any]] = []
    if applied.settles:
        moves = [asdict(move) for move in applied.moves]
        parts = {"at": at, "moves": moves, "round": FIRST, "after": None}
        left.append({"new": workflow.version, **parts})
    return {
        "retired": {"$each": [asdict(slot) for slot in applied.retired]},
        "settling": {"$each": left},
    }


def _move(document: Document) -> Move:
    recalled = document["recalled"]
    return Move(**{**document, "recalled": Recalled(**recalled) if recalled else None})


def _mounts_of(workflow: Workflow) -> list[dict[str, str]]:
    return [{"mount": facade.mount, "dialect": facade.dialect} for facade in workflow.facades]


def _kinds_of(workflow: Workflow) -> dict[str, str]:
    return {field.key: field.kind for field in workflow.fields}
