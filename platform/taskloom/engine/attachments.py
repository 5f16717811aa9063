"""Turning the file entries of a write into stored attachments, or into faults."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import cast

from taskloom.engine.blobs import StoredFile
from taskloom.engine.decide import attached, with_attachments
from taskloom.engine.intent import Intent, entries
from taskloom.engine.media import named_type
from taskloom.engine.ports import Ports
from taskloom.errors import Fault, Invalid, Refusal
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.model.values import Attachment, Entry, Kept, Upload
from taskloom.schema.compiled import Compiled

FETCH_SECONDS = 30.0
"""No file is fetched for a write that has fetched for longer."""


class Attachments:
    """Settles files: kept ones are looked up, new ones stored, remote ones fetched and stored."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def settle(
        self, actor: Actor, workflow: Compiled, intent: Intent, before: Task | None, task: str
    ) -> Intent:
        """Store what is new and note that the task is about to hold it all.

        Called only for a write that has no other fault, so that nothing is fetched in vain.
        `workflow` is the actor's view: files of fields that it does not show are not the actor's.
        Raises `Invalid` naming each entry that may not be kept or cannot be fetched.
        """
        files = {key: entries(value) for key, value in intent.values.items() if entries(value)}
        kept = [entry.blob for all_ in files.values() for entry in all_ if isinstance(entry, Kept)]
        known = self._ports.files.find(actor.workspace, kept) if kept else {}
        faults = _not_allowed(files, known, actor, blobs_of(workflow, before))
        brought = self._brought(actor, files, faults)
        if faults:
            raise Invalid(sorted(faults, key=lambda fault: (str(fault.path[0]), fault.path[1])))
        stored = _stored(files, known, brought)
        blobs = [attachment["blobId"] for all_ in stored.values() for attachment in all_]
        self._ports.files.attach(blobs, workflow.workflow.uid, task)
        return with_attachments(intent, stored)

    def _brought(
        self, actor: Actor, files: Mapping[str, Sequence[Entry]], faults: list[Fault]
    ) -> dict[tuple[str, int], Attachment]:
        """Fetch what is remote and store what is new, with one file in memory at a time.

        Adds to `faults`; after the first nothing more is stored. What was stored before it is an
        upload that no task holds, and goes the way of all of these.
        """
        end = time.monotonic() + FETCH_SECONDS
        brought: dict[tuple[str, int], Attachment] = {}
        for key, all_ in files.items():
            for index, entry in enumerate(all_):
                if isinstance(entry, Kept):
                    continue
                try:
                    upload = self._loaded(entry, end)
                except Refusal as refusal:
                    faults.append(refusal.at(key, index))
                    continue
                if not faults:
                    brought[key, index] = self.store(actor, upload)
        return brought

    def _loaded(self, upload: Upload, end: float) -> Upload:
        if upload.url is not None and time.monotonic() > end:
            raise Refusal("fetch_failed", "cannot be fetched: the files before it took too long")
        return self.load(upload)

    def load(self, upload: Upload) -> Upload:
        """Return the upload with its contents; raise `Refusal` when they cannot be fetched."""
        if upload.url is None:
            return upload
        fetched = self._ports.fetcher.fetch(upload.url)
        return Upload(
            filename=upload.filename or fetched.filename,
            content_type=upload.content_type or fetched.content_type,
            contents=fetched.contents,
            url=upload.url,
        )

    def store(self, actor: Actor, upload: Upload) -> Attachment:
        """Store an upload that has its contents, as the actor's own attachment."""
        contents = cast(bytes, upload.contents)
        filename = upload.filename or "file"
        return self._ports.files.add(
            workspace=actor.workspace,
            by=actor.user,
            filename=filename,
            content_type=upload.content_type or named_type(filename, contents),
            contents=contents,
            at=self._ports.clock(),
        )


def _stored(
    files: Mapping[str, Sequence[Entry]],
    known: Mapping[str, StoredFile],
    brought: Mapping[tuple[str, int], Attachment],
) -> dict[str, list[Attachment]]:
    """Put the attachments together in the order of their entries."""
    return {
        key: [
            known[entry.blob].attachment if isinstance(entry, Kept) else brought[key, index]
            for index, entry in enumerate(all_)
        ]
        for key, all_ in files.items()
    }


def kept(workflow: Compiled, intent: Intent) -> Intent:
    """Turn stored attachments back into entries, for another try at a perhaps other task."""
    stored = attached(workflow, intent.values)
    again = {key: [Kept(blob=file["blobId"]) for file in files] for key, files in stored.items()}
    return replace(intent, values={**intent.values, **again})


def blobs_of(workflow: Compiled, task: Task | None) -> frozenset[str]:
    """Return the `blobId`s of a task's attachments in the fields that the view shows.

    A task that is not there has none.
    """
    seen = {k: v for k, v in task.values.items() if k in workflow.fields} if task else {}
    held = attached(workflow, seen).values()
    return frozenset(file["blobId"] for files in held for file in files)


def _not_allowed(
    files: Mapping[str, Sequence[Entry]],
    known: Mapping[str, StoredFile],
    actor: Actor,
    held: Collection[str],
) -> list[Fault]:
    """Refuse attachments that are neither on this task already nor the actor's own uploads."""
    return [
        Fault(path=(key, index), code="invalid", message="is not a file of this task or yours")
        for key, all_ in files.items()
        for index, entry in enumerate(all_)
        if isinstance(entry, Kept)
        and not (
            (found := known.get(entry.blob)) is not None
            and (found.by == actor.user or entry.blob in held)
        )
    ]
