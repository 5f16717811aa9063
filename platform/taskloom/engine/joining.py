"""What speaks against the links of a workflow that is pushed, for the sake of other workflows."""

from collections.abc import Iterator, Mapping
from typing import Final

from taskloom.engine.ports import WorkflowStore
from taskloom.errors import Fault, Path
from taskloom.model.rules import Cardinality, Link
from taskloom.model.workflow import Workflow
from taskloom.schema.links import LINKS, links_of
from taskloom.schema.properties import alike

_EITHER: Final[frozenset[Cardinality]] = frozenset({"many-to-many"})
_LOOSER: Final[Mapping[Cardinality, frozenset[Cardinality]]] = {
    "one-to-one": _EITHER | {"one-to-one", "one-to-many", "many-to-one"},
    "one-to-many": _EITHER | {"one-to-many"},
    "many-to-one": _EITHER | {"many-to-one"},
    "many-to-many": _EITHER,
}
"""What a link of a cardinality may become: whatever was linked may stay so."""


def joining_faults(store: WorkflowStore, new: Workflow) -> list[Fault]:
    """Tell every fault of the links from and to a workflow that is about to be stored."""
    others = {other.id: other for other in store.every(new.workspace) if other.id != new.id}
    return [
        *(fault for place in _places(new) for fault in _target_faults(store, new, *place)),
        *_name_faults(new, others),
        *_change_faults(store, new),
    ]


def _places(new: Workflow) -> list[tuple[Path, Link]]:
    return [((*LINKS, position), link) for position, link in enumerate(new.links)]


def _target_faults(store: WorkflowStore, new: Workflow, path: Path, link: Link) -> Iterator[Fault]:
    if link.to == new.id:
        target = new
    else:
        found = store.newest(new.workspace, link.to)
        if found is None:
            message = f"is no workflow of this workspace: {link.to!r}"
            yield _fault((*path, "to"), message, "push that one first")
            return
        target = found.workflow
        holder = _taken_there(store, new, target).get(alike(link.inverse))
        if holder is not None:
            message = f"is taken in the workflow {target.id!r}: {link.inverse!r}"
            yield _fault((*path, "inverse"), message, f"{holder} is called so there", "duplicate")
    if target.unique_id is None:
        message = f"is a workflow without unique ID: {link.to!r}"
        yield _fault((*path, "to"), message, "tasks are linked by their unique ID")


def _taken_there(store: WorkflowStore, new: Workflow, target: Workflow) -> Mapping[str, str]:
    """Return what names look like that the target has already, each with whose it is."""
    taken = {alike(field.title): f"the field {field.key!r}" for field in target.fields}
    taken |= {alike(own.name): f"the link to {own.to!r}" for own in target.links}
    return taken | {
        alike(coming.inverse): _from(other)
        for other in store.every(new.workspace)
        for coming in other.links
        if other.id != new.id and coming.to == target.id
    }


def _from(other: Workflow) -> str:
    return f"a link from {other.id!r}"


def _name_faults(new: Workflow, others: Mapping[str, Workflow]) -> Iterator[Fault]:
    """Refuse names that links of other workflows have here already."""
    coming = {
        alike(link.inverse): _from(other)
        for other in others.values()
        for link in other.links
        if link.to == new.id
    }
    names: list[tuple[Path, str]] = [
        (("properties", field.key, "title"), field.title) for field in new.fields
    ]
    names += [((*path, "name"), link.name) for path, link in _places(new)]
    names += [((*path, "inverse"), x.inverse) for path, x in _places(new) if x.to == new.id]
    for path, name in names:
        holder = coming.get(alike(name))
        if holder is not None:
            hint = "give it another name, or the link another inverse"
            yield _fault(path, f"is what {holder} is called here: {name!r}", hint, "duplicate")


def _change_faults(store: WorkflowStore, new: Workflow) -> Iterator[Fault]:
    """Refuse a key that meant a link to elsewhere, or one that allowed more."""
    if not new.links:
        return
    hint = "give it another `key`; tasks linked so far stay linked under the old one"
    ever = _ever(store, new)
    for path, link in _places(new):
        before = ever.get(link.key, ())
        if before and before[-1].to != link.to:
            message = f"was {before[-1].to!r} for the link {link.key!r}"
            yield _fault((*path, "to"), message, hint, "needs_plan")
        tight = [b for b in before if link.cardinality not in _LOOSER[b.cardinality]]
        if tight:
            message = f"was {tight[-1].cardinality!r} for the link {link.key!r}, which allowed more"
            yield _fault((*path, "cardinality"), message, hint, "needs_plan")


def _ever(store: WorkflowStore, new: Workflow) -> Mapping[str, list[Link]]:
    """Return what each key of a link meant in all versions, oldest first."""
    found: dict[str, list[Link]] = {}
    for version in store.versions(new.workspace, new.id):
        for link in links_of(version.source):
            found.setdefault(link.key, []).append(link)
    return found


def _fault(path: Path, message: str, hint: str, code: str = "invalid") -> Fault:
    return Fault(path=path, code=code, message=message, hint=hint)
