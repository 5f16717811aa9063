"""The stages of a workflow file, and which may follow which."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from taskloom.errors import Fault, Path
from taskloom.fields.base import INVALID
from taskloom.model.workflow import ANY, Stage
from taskloom.schema.hints import did_you_mean
from taskloom.schema.messages import MOST_SHOWN
from taskloom.schema.properties import Sound, alike, is_shown
from taskloom.schema.rules import no_field
from taskloom.schema.walk import Schema, workflow_part

STANDARD: Final[Sequence[Mapping[str, Any]]] = (
    {"name": "Not Started"},
    {"name": "In Progress"},
    {"name": "Done", "end": True},
)
"""The stages of a workflow that declares none."""

_STAGES: Final[Path] = ("workflow", "stages")
_TRANSITIONS: Final[Path] = ("workflow", "transitions")


def declared_stages(document: Schema) -> Sequence[Mapping[str, Any]]:
    """Return the stages as a file that is sound there declares them, or the usual ones."""
    return workflow_part(document, "stages", STANDARD)  # type: ignore[no-any-return] # checked before


def _fault(path: Path, message: str, hint: str = "", code: str = INVALID) -> Fault:
    return Fault(path=path, code=code, message=message, hint=hint)


def stage_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse stages that cannot be told apart, and a start where work is already over."""
    if not sound(_STAGES):
        return
    stages = declared_stages(document)
    yield from _name_faults(stages)
    yield from _start_faults(stages)
    yield from _require_faults(stages, document.get("properties"))


def _name_faults(stages: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    for word in ("name", "key"):
        seen: dict[str, int] = {}
        for position, stage in enumerate(stages):
            text = stage.get(word, stage["name"])
            path = (*_STAGES, position, word)
            if not is_shown(text):
                yield _fault(path, "must be text that can be seen, without line breaks")
            elif alike(text) in seen and (word in stage or word == "name"):
                yield _fault(
                    path,
                    f"is given to two stages: {text!r}",
                    f"stage {seen[alike(text)] + 1} has it already",
                    "duplicate",
                )
            seen.setdefault(alike(text), position)


def _start_faults(stages: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    marked = [position for position, stage in enumerate(stages) if stage.get("initial")]
    for position in marked[1:]:
        message = f"is given to two stages: {stages[marked[0]]['name']!r} has it already"
        yield _fault((*_STAGES, position, "initial"), message, "tasks start in one stage")
    start = marked[0] if marked else 0
    if stages[start].get("end") and not all(stage.get("end") for stage in stages):
        yield _fault(
            (*_STAGES, start, "end"),
            f"must not be true for {stages[start]['name']!r}, where tasks start",
            'mark another stage with "initial": true',
        )


def _require_faults(stages: Sequence[Mapping[str, Any]], fields: object) -> Iterator[Fault]:
    if not isinstance(fields, Mapping):
        return
    for position, stage in enumerate(stages):
        for index, name in enumerate(stage.get("require", ())):
            if name not in fields:
                yield no_field((*_STAGES, position, "require", index), name, fields)


def transition_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse transitions between stages that the workflow does not have."""
    if not sound(_STAGES) or not sound(_TRANSITIONS):
        return
    names = [str(stage["name"]) for stage in declared_stages(document)]
    ways = workflow_part(document, "transitions", "any")
    for start, ends in ways.items() if isinstance(ways, Mapping) else ():
        if start not in names:
            yield no_stage((*_TRANSITIONS, start), start, names)
        for position, end in enumerate(ends):
            if end not in names:
                yield no_stage((*_TRANSITIONS, start, position), end, names)


def no_stage(path: Path, name: str, names: Sequence[str]) -> Fault:
    """Say that a name is no stage, and which one it may have meant."""
    more = ", …" if len(names) > MOST_SHOWN else ""
    known = f"the stages are: {', '.join(names[:MOST_SHOWN])}{more}"
    hint = did_you_mean(name, names) or known
    return Fault(path=path, code="unknown", message=f"names no stage: {name!r}", hint=hint)


def build_stages(document: Schema) -> tuple[tuple[Stage, ...], str]:
    """Make the stages of a file without faults, and name the key of the one where tasks start."""
    declared = declared_stages(document)
    stages = tuple(_build(stage) for stage in declared)
    start = next((place for place, stage in enumerate(declared) if stage.get("initial")), 0)
    return stages, stages[start].key


def _build(stage: Mapping[str, Any]) -> Stage:
    limit = stage.get("wipLimit")
    return Stage(
        key=stage.get("key", stage["name"]),
        name=stage["name"],
        end=stage.get("end", False),
        colour=stage.get("colour"),
        require=tuple(stage.get("require", ())),
        wip_limit=None if limit is None else int(limit),
        checklist=tuple(stage.get("checklist", ())),
    )


def build_transitions(
    document: Schema, stages: Sequence[Stage]
) -> Mapping[str, frozenset[str]] | None:
    """Make the transitions of a file without faults, by stage key; what is left out is an end."""
    ways = workflow_part(document, "transitions", "any")
    if not isinstance(ways, Mapping):
        return ANY
    keys = {stage.name: stage.key for stage in stages}
    return {stage.key: frozenset(keys[end] for end in ways.get(stage.name, ())) for stage in stages}
