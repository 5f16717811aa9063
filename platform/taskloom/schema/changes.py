"""What a new version of a workflow changes, and what it would do to the tasks there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from taskloom.errors import Fault, Path
from taskloom.fields.structure import pack
from taskloom.model.workflow import Field, Stage, Workflow
from taskloom.schema.validators import assertions
from taskloom.schema.walk import Schema

NEEDS_PLAN: Final = "needs_plan"

Sort = Literal[
    "added", "removed", "renamed", "converted", "rules", "stages", "workflow", "presentation"
]
"""What a change is about. Of these, only added, removed and converted fields and rules touch
values of tasks."""

_OF_VALUES: Final = frozenset({"added", "removed", "converted", "rules"})
_TOLD: Final = frozenset({"properties", "workflow", "required", "title", "$id", "$schema"})
_LONGEST: Final = 80
_LOOKS: Final = frozenset(
    {"title", "description", "examples", "default", "deprecated", "filterable", "$comment"}
)
"""Keywords that no value can break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One change, where it stands in the file, in words."""

    path: Path
    sort: Sort
    text: str


def differences(old: Workflow, new: Workflow) -> list[Difference]:
    """Tell what changes from one version to another, in the order of the file."""
    found = [
        *_of_title(old, new),
        *_of_fields(old, new),
        *_of_rules(old, new),
        *_of_stages(old, new),
        *_of_processes(old, new),
    ]
    if not found and old.source != new.source:
        return [Difference(path=(), sort="presentation", text="only how the file is written")]
    return found


def touches_values(changes: Sequence[Difference]) -> bool:
    """Tell whether changes have to do with the values that tasks hold."""
    return any(change.sort in _OF_VALUES for change in changes)


def _of_title(old: Workflow, new: Workflow) -> Iterator[Difference]:
    if old.title != new.title:
        text = f"the workflow {old.title!r} is called {new.title!r}"
        yield Difference(path=("title",), sort="renamed", text=text)


def _of_fields(old: Workflow, new: Workflow) -> Iterator[Difference]:
    before = {field.key: field for field in old.fields}
    after = {field.key: field for field in new.fields}
    for key, field in after.items():
        path: Path = ("properties", key)
        if key not in before:
            text = f"the field {field.title!r} ({field.kind}) is added"
            yield Difference(path=path, sort="added", text=text)
        else:
            yield from _of_field(path, before[key], field)
    for key, field in before.items():
        if key not in after:
            text = f"the field {field.title!r} is removed; its values are kept until purged"
            yield Difference(path=("properties", key), sort="removed", text=text)
    if _common(before, after) != _common(after, before):
        text = "the order of the fields changes"
        yield Difference(path=("properties",), sort="presentation", text=text)


def _of_field(path: Path, old: Field, new: Field) -> Iterator[Difference]:
    name = repr(new.title)
    if old.title != new.title:
        text = f"the field {old.title!r} is called {name}; no task is touched"
        yield Difference(path=(*path, "title"), sort="renamed", text=text)
    if old.kind != new.kind:
        text = f"{name} becomes {new.kind} instead of {old.kind}"
        yield Difference(path=path, sort="converted", text=text)
        return
    if old.required != new.required:
        text = f"{name} {'becomes' if new.required else 'is no longer'} required"
        yield Difference(path=path, sort="rules", text=text)
    for keyword, text in _worded(old.schema, new.schema):
        if keyword != "title":
            sort: Sort = "presentation" if keyword in _LOOKS else "rules"
            yield Difference(path=(*path, keyword), sort=sort, text=f"{name}: {text}")


def _worded(old: Schema, new: Schema) -> Iterator[tuple[str, str]]:
    """Yield the keywords that differ, and how in words."""
    for keyword in dict.fromkeys((*old, *new)):
        before, after = _spelt(old.get(keyword)), _spelt(new.get(keyword))
        if before == after:
            continue
        if keyword not in old:
            yield keyword, f"{keyword} {after} is added"
        elif keyword not in new:
            yield keyword, f"{keyword} {before} is removed"
        else:
            yield keyword, f"{keyword} {before} becomes {after}"


def _spelt(value: Any) -> str:
    text = pack(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _of_rules(old: Workflow, new: Workflow) -> Iterator[Difference]:
    """Tell of rules that stand beside the fields, such as `if` and `allOf`."""
    before = {word: part for word, part in old.schema.items() if word not in _TOLD}
    after = {word: part for word, part in new.schema.items() if word not in _TOLD}
    for keyword, text in _worded(before, after):
        rules = keyword in assertions({keyword: True}) and keyword not in _LOOKS
        sort: Sort = "rules" if rules else "presentation"
        yield Difference(path=(keyword,), sort=sort, text=text)


def _of_stages(old: Workflow, new: Workflow) -> Iterator[Difference]:
    before = {stage.key: stage for stage in old.stages}
    after = {stage.key: stage for stage in new.stages}
    for key, stage in after.items():
        yield from _of_one_stage(before.get(key), stage)
    for key, stage in before.items():
        if key not in after:
            yield _of_stage(f"the stage {stage.name!r} is removed")
    if _common(before, after) != _common(after, before):
        yield _of_stage("the order of the stages changes")


def _common(ours: Mapping[str, object], theirs: Mapping[str, object]) -> list[str]:
    """Return the keys that both have, in the order of ours."""
    return [key for key in ours if key in theirs]


def _of_one_stage(old: Stage | None, new: Stage) -> Iterator[Difference]:
    if old is None:
        yield _of_stage(f"the stage {new.name!r} is added")
        return
    if old.name != new.name:
        text = f"the stage {old.name!r} is called {new.name!r}; no task is touched"
        yield Difference(path=("workflow", "stages"), sort="renamed", text=text)
    if _rest(old) != _rest(new):
        yield _of_stage(f"what is said of the stage {new.name!r} changes")


def _of_stage(text: str) -> Difference:
    return Difference(path=("workflow", "stages"), sort="stages", text=text)


def _rest(stage: Stage) -> object:
    return (stage.end, stage.colour, stage.require, stage.wip_limit, stage.checklist)


def _of_processes(old: Workflow, new: Workflow) -> Iterator[Difference]:
    before, after = (_part(document.schema) for document in (old, new))
    for name, text in _worded(before, after):
        if name != "stages":
            yield Difference(path=("workflow", name), sort="workflow", text=text)


def _part(document: Mapping[str, Any]) -> Schema:
    said = document.get("workflow")
    return said if isinstance(said, Mapping) else {}


def plan_faults(
    old: Workflow,
    new: Workflow,
    kinds_ever: Mapping[str, str],
    stage_counts: Mapping[str, int],
    tasks: int,
) -> list[Fault]:
    """Tell what a plain replacement of `old` by `new` must not do.

    `kinds_ever` is the kind of every field key any version declared, `stage_counts` the number of
    tasks by stage key, `tasks` their total.
    """
    return [
        *_kind_faults(old, new, kinds_ever),
        *blocking_faults(old, new, stage_counts, tasks),
    ]


def blocking_faults(
    old: Workflow, new: Workflow, stage_counts: Mapping[str, int], tasks: int
) -> list[Fault]:
    """Tell what even a plan must not do; the arguments are those of `plan_faults`."""
    return [
        *_unique_faults(old, new, tasks),
        *_unique_kind_faults(old, new, tasks),
        *_stage_faults(old, new, stage_counts),
    ]


def _kind_faults(old: Workflow, new: Workflow, kinds_ever: Mapping[str, str]) -> Iterator[Fault]:
    before = {**kinds_ever, **{field.key: field.kind for field in old.fields}}
    for field in new.fields:
        kind = before.get(field.key, field.kind)
        if kind != field.kind:
            yield Fault(
                path=("properties", field.key),
                code=NEEDS_PLAN,
                message=f"changes its kind from {kind} to {field.kind}, "
                f"but tasks may hold {kind} values",
                hint="give the new field another key, or have the change planned and apply that",
            )


def _unique_faults(old: Workflow, new: Workflow, tasks: int) -> Iterator[Fault]:
    if old.unique_id != new.unique_id and tasks:
        count = f"{tasks} task{'s'[: tasks != 1]}"
        yield Fault(
            path=("workflow", "uniqueId"),
            code=NEEDS_PLAN,
            message=f"changes from {_named(old.unique_id)} to {_named(new.unique_id)} "
            f"while there are {count}",
            hint=f"keep {_named(old.unique_id)}",
        )


def _unique_kind_faults(old: Workflow, new: Workflow, tasks: int) -> Iterator[Fault]:
    kinds = {field.key: field.kind for field in old.fields}
    for field in new.fields:
        if not field.unique or kinds.get(field.key, field.kind) == field.kind or not tasks:
            continue
        yield Fault(
            path=("properties", field.key),
            code=NEEDS_PLAN,
            message=f"becomes {field.kind} instead of {kinds[field.key]}, "
            "but tasks are found by its values",
            hint="the unique ID keeps its kind while there are tasks",
        )


def _named(key: str | None) -> str:
    return "none" if key is None else repr(key)


def _stage_faults(old: Workflow, new: Workflow, stage_counts: Mapping[str, int]) -> Iterator[Fault]:
    kept = {stage.key for stage in new.stages}
    names = ", ".join(repr(stage.name) for stage in new.stages)
    for stage in old.stages:
        count = stage_counts.get(stage.key, 0)
        if stage.key not in kept and count:
            yield Fault(
                path=("workflow", "stages"),
                code=NEEDS_PLAN,
                message=f"lack {stage.name!r}, which holds {count} task{'s'[: count != 1]}",
                hint=f'to rename it, say "key": "{stage.key}" in the stage that takes its place; '
                f"else move them first, to one of {names}",
            )
