"""What a new version of a workflow would do to the tasks there are."""

from collections.abc import Iterator, Mapping
from typing import Final

from taskloom.errors import Fault
from taskloom.model.workflow import Workflow

NEEDS_PLAN: Final = "needs_plan"


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
        *_unique_faults(old, new, tasks),
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
                hint="give the new field another key",
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


def _named(key: str | None) -> str:
    return "none" if key is None else repr(key)


def _stage_faults(old: Workflow, new: Workflow, stage_counts: Mapping[str, int]) -> Iterator[Fault]:
    kept = {stage.key for stage in new.stages}
    for stage in old.stages:
        count = stage_counts.get(stage.key, 0)
        if stage.key not in kept and count:
            yield Fault(
                path=("workflow", "stages"),
                code=NEEDS_PLAN,
                message=f"lack {stage.name!r}, which holds {count} task{'s'[: count != 1]}",
                hint=f'to rename it, say "key": "{stage.key}" in the renamed stage',
            )
