"""Small workflows, tasks and events for tests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from bson.objectid import ObjectId

from taskloom.engine.ports import Insertion, Replacement
from taskloom.errors import STAGE
from taskloom.fields.base import kind_of
from taskloom.model.event import CREATED, DELETED, UPDATED, Change, Event
from taskloom.model.task import Task
from taskloom.model.workflow import Field, Stage, Workflow
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled

STAGES = ("todo", "doing", "done")
NOW = 1_700_000_000_000


def new_id() -> str:
    """Make an id of 24 hex digits."""
    return str(ObjectId())


def field_of(key: str, schema: Mapping[str, Any]) -> Field:
    """Read a field from its JSON Schema."""
    kind = kind_of(schema)
    assert kind is not None
    return Field(
        key=key,
        title=schema.get("title", key),
        kind=kind,
        schema=schema,
        filterable=schema.get("filterable", False),
        options=tuple(schema.get("enum", ())),
    )


def workflow_of(
    properties: Mapping[str, Mapping[str, Any]],
    *,
    id: str = "orders",  # noqa: A002 - the workflow's own word
    uid: str | None = None,
    workspace: str = "main",
    version: int = 1,
    unique_id: str | None = None,
    several: bool = False,
) -> Workflow:
    """Declare a workflow with three stages."""
    return Workflow(
        id=id,
        uid=uid or new_id(),
        workspace=workspace,
        version=version,
        title=id.title(),
        source=json.dumps({"id": id, "properties": properties, "uniqueId": unique_id}),
        schema={},
        fields=tuple(field_of(key, schema) for key, schema in properties.items()),
        stages=tuple(Stage(key=key, name=key.title()) for key in STAGES),
        initial=STAGES[0],
        unique_id=unique_id,
        several=several,
    )


def compile_source(source: str, workspace: str, uid: str, version: int) -> Compiled:
    """Compile what `workflow_of` wrote as its source."""
    read = json.loads(source)
    return compile_workflow(
        workflow_of(
            read["properties"],
            id=read["id"],
            uid=uid,
            workspace=workspace,
            version=version,
            unique_id=read["uniqueId"],
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Makes tasks of one workflow, a millisecond apart."""

    workflow: Compiled
    _clock: Any = field(default_factory=lambda: count(NOW))

    def new(self, uid: str | None = None, **values: Any) -> Insertion:
        """Make a new task in the first stage."""
        at = next(self._clock)
        task = Task(
            id=new_id(),
            rev=1,
            uid=uid,
            stage=STAGES[0],
            assignees=(),
            by=None,
            created=at,
            updated=at,
            version=self.workflow.workflow.version,
            values=values,
        )
        began = {**self.packed(values), STAGE: task.stage}
        changes = tuple(Change(field=key, old=None, new=new) for key, new in began.items())
        return Insertion(task=task, event=self.event(CREATED, at, *changes))

    def change(
        self, before: Task, *, values: Mapping[str, Any] | None = None, **rest: Any
    ) -> Replacement:
        """Change a task: `values` are merged, None clears; `rest` are attributes of the task."""
        at = next(self._clock)
        merged = {**before.values, **(values or {})}
        kept = {key: value for key, value in merged.items() if value is not None}
        changes = [
            Change(
                field=key,
                old=self.packed(before.values).get(key),
                new=self.packed(kept).get(key),
            )
            for key in merged
            if before.values.get(key) != kept.get(key)
        ]
        after = replace(before, rev=before.rev + 1, updated=at, values=kept, **rest)
        if after.stage != before.stage:
            changes.append(Change(field=STAGE, old=before.stage, new=after.stage))
        return Replacement(before=before, after=after, event=self.event(UPDATED, at, *changes))

    def deletion(self) -> Event:
        """Make the event of a deletion."""
        return self.event(DELETED, next(self._clock))

    def event(self, kind: str, at: int, *changes: Change) -> Event:
        """Make an event of the workspace's key."""
        return Event(id=new_id(), at=at, by=None, kind=kind, changes=changes)

    def packed(self, values: Mapping[str, Any]) -> dict[str, object]:
        """Give values in stored form."""
        return self.workflow.pack(values)
