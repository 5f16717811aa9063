"""The approvals and the checklist of a workflow file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from taskloom.errors import ASSIGNEE, Fault, Path
from taskloom.fields.base import INVALID
from taskloom.model.rules import Approvals, Checklist
from taskloom.model.workflow import Stage
from taskloom.schema.properties import Sound, kinds_in
from taskloom.schema.rules import no_field
from taskloom.schema.stages import declared_stages, no_stage
from taskloom.schema.walk import Schema, workflow_part

_APPROVALS: Final[Path] = ("workflow", "approvals")
_CHECKLIST: Final[Path] = ("workflow", "checklist")
_ASSIGNEES: Final = "assignees"
_STAGES: Final[Mapping[str, str]] = {
    "start": "Created",
    "waiting": "Awaiting Approval",
    "done": "Completed",
    "returned": "Returned",
    "cancelled": "Cancelled",
}
"""The stages of a process that names none."""

_GOING_ON: Final = frozenset({"start", "waiting", "returned"})
"""The stages of a process in which work is not over."""

_KINDS: Final[Mapping[Path, tuple[str, ...]]] = {
    (*_APPROVALS, "steps"): ("approvalSteps",),
    (*_APPROVALS, "owner"): ("person",),
    (*_CHECKLIST, "items"): ("checklist",),
    (*_CHECKLIST, "progress"): ("integer", "number", "percent"),
}
"""The kinds of the fields that a process works with, by where the file names them."""

_OPEN: Final = frozenset({"steps", "items", "progress"})
"""What a process writes itself, and so has to stay open to changes."""

_FIXED: Final = (("readOnly", True), ("editable", False), ("writeOnce", True))


def process_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse processes over fields or stages that are not there, or not of the kind they need."""
    fields = document.get("properties")
    fields = fields if isinstance(fields, Mapping) else {}
    named = {path: _named(document, path) for path in _KINDS}
    kinds = kinds_in(document, sound) if any(named.values()) else {}
    for path, key in named.items():
        if key is not None and sound(path):
            yield from field_faults(path, key, _KINDS[path], fields, kinds)
            yield from _fixed_faults(fields, path, key)
    if sound((*_APPROVALS, "restartOn")):
        yield from _restart_faults(document, fields)
    if sound(("workflow", "stages")):
        yield from _approval_stage_faults(document, sound)
        yield from _checklist_stage_faults(document, sound)


def _part(document: Schema, path: Path) -> Mapping[str, Any]:
    said = workflow_part(document, str(path[1]), {})
    return said if isinstance(said, Mapping) else {}


def _named(document: Schema, path: Path) -> str | None:
    said = _part(document, path).get(str(path[2]))
    return said if isinstance(said, str) else None


def _fault(path: Path, message: str, hint: str = "") -> Fault:
    return Fault(path=path, code=INVALID, message=message, hint=hint)


def field_faults(
    path: Path,
    key: str,
    wanted: Sequence[str],
    fields: Mapping[str, Any],
    kinds: Mapping[str, str],
) -> Iterator[Fault]:
    """Refuse a field that is not there or of none of the wanted kinds; `kinds` are those known."""
    if key not in fields:
        yield no_field(path, key, fields)
    elif kinds.get(key, wanted[0]) not in wanted:
        fitting = [name for name, kind in kinds.items() if kind in wanted]
        hint = f"such fields are: {', '.join(fitting)}" if fitting else ""
        message = f"must be a field of kind {' or '.join(wanted)}: {key!r} is of kind {kinds[key]}"
        yield _fault(path, message, hint)


def _fixed_faults(fields: Mapping[str, Any], path: Path, key: str) -> Iterator[Fault]:
    """Refuse a field that is fixed where it must not be."""
    for keyword, value in _FIXED if path[2] in _OPEN else ():
        if isinstance(fields.get(key), Mapping) and fields[key].get(keyword) is value:
            here = ("properties", key, keyword)
            yield _fault(here, "is not possible here", f"workflow.{path[1]} changes this field")


def _restart_faults(document: Schema, fields: Mapping[str, Any]) -> Iterator[Fault]:
    known = {**fields, _ASSIGNEES: {}}
    for position, key in enumerate(_part(document, _APPROVALS).get("restartOn", ())):
        if key not in known:
            yield no_field((*_APPROVALS, "restartOn", position), key, known)


def _approval_stage_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    said = workflow_part(document, "approvals", None)
    path = (*_APPROVALS, "stages")
    if said is None or not sound(path) or not sound(_APPROVALS):
        return
    own = "stages" in said
    ends = {stage["name"]: bool(stage.get("end")) for stage in declared_stages(document)}
    seen: dict[str, str] = {}
    for part, name in (said["stages"] if own else _STAGES).items():
        here = (*path, part) if own else _APPROVALS
        if name not in ends:
            fault = no_stage(here, name, list(ends))
            yield fault if own else _unnamed(part, fault)
        elif name in seen:
            yield _fault(here, f"is {name!r}, as {seen[name]} is", "each needs a stage of its own")
        elif ends[name] and part in _GOING_ON:
            yield _fault(here, f"must not be an end stage: {name!r}", "work goes on there")
        seen.setdefault(name, part)


def _unnamed(part: str, fault: Fault) -> Fault:
    """Say that the stage of a process that names none is not there."""
    hint = f'name it, like "stages": {{"{part}": …}}; {fault.hint}'
    return _fault(_APPROVALS, f"needs a stage for {part}: {fault.message}", hint)


def _checklist_stage_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    path = (*_CHECKLIST, "stages")
    named = _part(document, _CHECKLIST).get("stages")
    if not isinstance(named, Mapping) or not sound(path):
        return
    stages = {stage["name"]: stage for stage in declared_stages(document)}
    for part, name in named.items():
        if name not in stages:
            yield no_stage((*path, part), name, list(stages))
        elif part == "all" and stages[name].get("checklist"):
            yield _fault(
                (*path, part),
                f"must not have a checklist: {name!r}",
                "its items would be open again in the stage where all are done",
            )


def build_approvals(document: Schema, stages: tuple[Stage, ...]) -> Approvals | None:
    """Make the approval process of a file without faults."""
    said: Mapping[str, Any] | None = workflow_part(document, "approvals", None)
    if said is None:
        return None
    keys = {stage.name: stage.key for stage in stages}
    named = {part: keys[name] for part, name in said.get("stages", _STAGES).items()}
    restart = said.get("restartOn", ())
    return Approvals(
        steps=said["steps"],
        owner=said.get("owner"),
        restart_on=frozenset(ASSIGNEE if key == _ASSIGNEES else key for key in restart),
        **named,
    )


def build_checklist(document: Schema, stages: tuple[Stage, ...]) -> Checklist | None:
    """Make the checklist rule of a file without faults."""
    said: Mapping[str, Any] | None = workflow_part(document, "checklist", None)
    if said is None:
        return None
    keys = {stage.name: stage.key for stage in stages}
    named = {part: keys[name] for part, name in said.get("stages", {}).items()}
    return Checklist(items=said["items"], progress=said.get("progress"), **named)
