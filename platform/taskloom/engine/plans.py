"""Changes of a workflow that are looked at before they are made: planned, applied, taken back.

A plan is not stored: its id follows from the version it was made for and from the file, and so it
says whether it is still the same change.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from taskloom.engine.converting import Route, routes_of
from taskloom.engine.impact import MOST_NAMED, Breaking, Conversion, Impact, Removed, name_of
from taskloom.engine.ports import Ports, Taken
from taskloom.engine.rights import require
from taskloom.engine.settling import Roster, Settler
from taskloom.engine.shifts import Applied, Move, Recalled, Retired
from taskloom.engine.versions import Version
from taskloom.engine.workflows import Saved, Workflows
from taskloom.errors import Fault, Invalid, NotFound, StalePlan
from taskloom.fields.structure import pack
from taskloom.model.people import Actor
from taskloom.model.workflow import Workflow
from taskloom.query.tree import STAGE, Compare, Query
from taskloom.schema.changes import Difference, differences, touches_values
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.schema.load import load_workflow
from taskloom.schema.slots import SIGN, with_slots

LOOKS_SECONDS: Final = 20.0
"""So long a plan looks at tasks; of very many, it tells of those it came to."""

SETTLES_SECONDS: Final = 20.0
"""So long who applies a plan waits for what can as well be done after it."""

_ID_BYTES: Final = 12
_SLOT_DIGITS: Final = 8
_ASKED_EVERY: Final = 1.0
_STALE: Final = "the workflow or the file is not what was planned; plan it anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a new version would change. Of the faults none may be left when it is applied.

    `exact` tells that all `tasks` were looked at; otherwise each count is that of some of them.
    """

    id: str
    old: int
    new: int
    tasks: int
    changes: Sequence[Difference]
    faults: Sequence[Fault]
    breaking: Sequence[Breaking]
    conversions: Sequence[Conversion]
    removed: Sequence[Removed]
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Values that no field shows: of a removed field, or of a kind that a field had (its slot)."""

    key: str
    title: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A version to come, and how values get there."""

    id: str
    old: Compiled
    new: Compiled
    changes: Sequence[Difference]
    routes: Sequence[Route]


class Plans:
    """The use cases of plans; only who may configure workflows sees or applies one."""

    def __init__(
        self, ports: Ports, workflows: Workflows, *, looks_seconds: float = LOOKS_SECONDS
    ) -> None:
        self._ports = ports
        self._workflows = workflows
        self._settler = Settler(ports)
        self._looks_seconds = looks_seconds

    def plan(self, actor: Actor, workflow: str, source: str) -> Plan:
        """Say what the file would change, as the workflow's next version; nothing is changed.

        Raises `Invalid` with every fault of the file.
        """
        old = self._configured(actor, workflow)
        return self._planned(self._draft(old, self._loaded(old, source)))

    def back(self, actor: Actor, workflow: str, version: int) -> Plan:
        """Plan to go back to an earlier version's file."""
        return self.plan(actor, workflow, self.version(actor, workflow, version).source)

    def version(self, actor: Actor, workflow: str, version: int) -> Version:
        """Return one version, file and all."""
        self._configured(actor, workflow)
        found = self._ports.workflows.version(actor.workspace, workflow, version)
        if found is None:
            raise NotFound(f"the workflow {workflow!r} has no version {version}")
        return found

    def apply(self, actor: Actor, workflow: str, source: str, plan: str) -> Saved:
        """Make the file the next version, exactly as it was planned.

        Values are converted before the version is in force, and those of tasks that are written
        meanwhile right after. Who is cut off asks again, and what was done is not done twice.
        Raises `StalePlan`, or `Invalid` with the faults of the plan.
        """
        old = self._configured(actor, workflow)
        new = self._loaded(old, source)
        if new.source == old.workflow.source:
            return Saved(workflow=old.workflow, outcome="unchanged")
        if _id_of(old.workflow, new) != plan:
            raise StalePlan(_STALE)
        draft = self._draft(old, new)
        if faults := self._faults(draft, self._ports.tasks.stage_counts(old)):
            raise Invalid(faults)
        if draft.routes:
            self._settler.finish(actor.workspace, workflow)
            self._settler.fill(old, draft.routes, self._asked(actor, old.workflow))
        self._ports.tasks.prepare(draft.new)
        if not self._stored(actor, draft):
            raise StalePlan(_STALE)
        self._settle(new)
        return Saved(workflow=new, outcome="updated")

    def _settle(self, new: Workflow) -> None:
        for left in self._ports.workflows.settling():
            if (left.uid, left.new) == (new.uid, new.version):
                self._settler.settle(left, seconds=SETTLES_SECONDS)

    def _asked(self, actor: Actor, old: Workflow) -> Callable[[], None]:
        """Make the question whether the planned version is still the newest."""
        asked = time.monotonic()

        def go_on() -> None:
            nonlocal asked
            if time.monotonic() < asked + _ASKED_EVERY:
                return
            now = self._ports.workflows.newest(actor.workspace, old.id)
            if now is None or now.workflow.version != old.version:
                raise StalePlan(_STALE)
            asked = time.monotonic()

        return go_on

    def _stored(self, actor: Actor, draft: _Draft) -> bool:
        old = draft.old.workflow
        moves = [route.move for route in draft.routes]
        titles = {field.key: field.title for field in old.fields}
        applied = Applied(
            slots=draft.new.slots,
            retired=[
                Retired(
                    slot=move.source,
                    key=move.key,
                    kind=route.old.kind,
                    title=titles.get(move.key, route.old.title),
                    version=move.version,
                )
                for move, route in zip(moves, draft.routes, strict=True)
            ],
            moves=moves,
            settles=touches_values(draft.changes),
        )
        store, now = self._ports.workflows, self._ports.clock()
        try:
            return store.replace(draft.new.workflow, None, now, by=actor.user, applied=applied)
        except Taken:
            return False

    def _configured(self, actor: Actor, workflow: str) -> Compiled:
        require(actor, "configure", "workflows")
        found = self._ports.workflows.newest(actor.workspace, workflow)
        if found is None:
            raise NotFound(f"there is no workflow {workflow!r}")
        return found

    def _loaded(self, old: Compiled, source: str) -> Workflow:
        now = old.workflow
        return load_workflow(
            source, workspace=now.workspace, uid=now.uid, version=now.version + 1, id=now.id
        )

    def _draft(self, old: Compiled, new: Workflow) -> _Draft:
        """Work out where values go: to a slot of its own for each kind that a field gets."""
        made, compiled = _id_of(old.workflow, new), compile_workflow(new)
        moves = self._moves(old, new, made)
        slots = {**old.slots, **{move.key: move.target for move in moves}}
        after = with_slots(compiled, slots)
        field_of = self._settler.fields_of(new.workspace, new.id, old, after)
        return _Draft(
            id=made,
            old=old,
            new=after,
            changes=differences(old.workflow, new),
            routes=routes_of(moves, field_of),
        )

    def _moves(self, old: Compiled, new: Workflow, plan: str) -> list[Move]:
        kinds = self._ports.workflows.kinds(new.workspace, new.id)
        kinds = {**kinds, **{field.key: field.kind for field in old.workflow.fields}}
        changed = [f for f in new.fields if kinds.get(f.key, f.kind) != f.kind]
        if not changed:
            return []
        retired = self._ports.workflows.retired(new.workspace, new.id)
        return [
            Move(
                key=field.key,
                source=old.slot(field.key),
                target=f"{field.key}{SIGN}{plan[:_SLOT_DIGITS]}",
                version=self._last_with(old, field.key),
                new=new.version,
                recalled=_recalled(retired, field.key, field.kind),
            )
            for field in changed
        ]

    def _last_with(self, old: Compiled, key: str) -> int:
        """Return the last version that declared a field, which may have been removed since."""
        if key in old.fields:
            return old.workflow.version
        now = old.workflow
        field_of = self._settler.fields_of(now.workspace, now.id)
        for version in range(now.version - 1, 0, -1):
            if field_of(key, version) is not None:
                return version
        raise AssertionError("a kind is known of fields that some version declared")

    def _faults(self, draft: _Draft, counts: Mapping[str, int]) -> list[Fault]:
        return self._workflows.blocking(draft.old, draft.new.workflow, counts)

    def _planned(self, draft: _Draft) -> Plan:
        old, new = draft.old, draft.new
        counts = self._ports.tasks.stage_counts(old)
        impact = Impact(old, new, draft.routes, Roster(self._ports, old.workflow.workspace))
        looks = touches_values(draft.changes)
        exact = self._look(old, impact) if looks else True
        same = old.workflow.source == new.workflow.source
        return Plan(
            id=draft.id,
            old=old.workflow.version,
            new=old.workflow.version if same else new.workflow.version,
            tasks=sum(counts.values()),
            changes=draft.changes,
            faults=() if same else self._faults(draft, counts),
            breaking=[*self._homeless(old, new, counts), *impact.breaking],
            conversions=list(impact.conversions.values()),
            removed=list(impact.removed.values()),
            exact=exact,
        )

    def _look(self, old: Compiled, impact: Impact) -> bool:
        """Look at all tasks, or at as many as there is time for; tell which."""
        end = time.monotonic() + self._looks_seconds
        for held in self._ports.shifts.held(old):
            if time.monotonic() > end:
                return False
            impact.add(held)
        return True

    def _homeless(
        self, old: Compiled, new: Compiled, counts: Mapping[str, int]
    ) -> Sequence[Breaking]:
        """Tell of tasks in stages that are not there any more."""
        names = ", ".join(repr(stage.name) for stage in new.workflow.stages)
        found = []
        for stage in old.workflow.stages:
            if stage.key in new.stages or not counts.get(stage.key, 0):
                continue
            there = Query(
                where=Compare(STAGE, "eq", stage.key), limit=MOST_NAMED, fields=frozenset()
            )
            found.append(
                Breaking(
                    path=("workflow", "stages"),
                    message=f"the stage {stage.name!r} is removed while it holds tasks; move them "
                    f"first, to one of {names}",
                    count=counts[stage.key],
                    tasks=[name_of(task) for task in self._ports.tasks.find(old, there)],
                )
            )
        return found

    def kept(self, actor: Actor, workflow: str) -> Sequence[Kept]:
        """List the values that no field shows, and how many tasks hold them."""
        found = self._configured(actor, workflow)
        titles = self._unshown(found)
        counts = self._ports.shifts.count(found, list(titles))
        return [
            Kept(key=slot, title=title, count=counts[slot])
            for slot, title in titles.items()
            if counts[slot]
        ]

    def purge(self, actor: Actor, workflow: str, key: str) -> None:
        """Remove values that no field shows, for good. What history tells of them stays."""
        found = self._configured(actor, workflow)
        if key in found.fields and found.slot(key) == key:
            message = f"the field {key!r} is in use; remove it from the workflow first"
            raise NotFound(message)
        slots = self._unshown(found)
        slot = key if key in slots else found.slot(key)
        if slot not in slots:
            raise NotFound(f"the workflow {workflow!r} keeps nothing under {key!r}")
        self._ports.shifts.purge(found, slot)

    def _unshown(self, workflow: Compiled) -> Mapping[str, str]:
        """Name the slots that the workflow does not use any more, with titles for people."""
        now = workflow.workflow
        retired = self._ports.workflows.retired(now.workspace, now.id)
        titles = {
            one.slot: f"{one.title} ({one.kind}, until version {one.version})" for one in retired
        }
        gone = [
            key
            for key in self._ports.workflows.kinds(now.workspace, now.id)
            if key not in workflow.fields
        ]
        if gone:
            field_of = self._settler.fields_of(now.workspace, now.id)
            for key in gone:
                field = field_of(key, self._last_with(workflow, key))
                titles[workflow.slot(key)] = field.title if field is not None else key
        return titles


def _recalled(retired: Sequence[Retired], key: str, kind: str) -> Recalled | None:
    """Find the last slot that holds older values of a kind."""
    for one in reversed(retired):
        if (one.key, one.kind) == (key, kind):
            return Recalled(slot=one.slot, version=one.version)
    return None


def _id_of(old: Workflow, new: Workflow) -> str:
    # Of the file, what it says and not how it is laid out.
    told = "\0".join((old.uid, str(old.version), old.source, _spelt(new)))
    return blake2b(told.encode(), digest_size=_ID_BYTES).hexdigest()


def _spelt(workflow: Workflow) -> str:
    document: Mapping[str, Any] = workflow.schema
    return pack(document)
