"""What the processes of a workflow make of a write: approvals start anew, checklists grow.

Pure functions over the task before and the course that the write takes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from taskloom.actions.approvals import carried, cleared, goes_on
from taskloom.engine.comparing import changes
from taskloom.engine.intent import Intent
from taskloom.engine.writing import Absent
from taskloom.errors import ASSIGNEE, STAGE, Fault
from taskloom.fields.approval import DUE, turn
from taskloom.fields.checklist import missing
from taskloom.model.rules import Approvals, Checklist
from taskloom.model.task import Task
from taskloom.model.values import Item, Step, Value, Values
from taskloom.schema.compiled import Compiled

BY_APPROVAL: Final = "by_approval"
DUE_ORDER: Final = "due_order"
ALL_DONE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Where a write leads: the values and the stage a task would have, and what is wrong.

    `by_rule` tells whether a rule, not a hand, chose the stage.
    """

    values: Values
    stage: str
    assignees: tuple[str, ...]
    faults: tuple[Fault, ...] = ()
    by_rule: bool = False

    def with_value(self, key: str, value: Value) -> "Course":
        """Return the course with another value of a field."""
        return replace(self, values={**self.values, key: value})


def followed(before: Task | None, intent: Intent, course: Course, workflow: Compiled) -> Course:
    """Return what becomes of a write by the rules of the workflow's processes."""
    approvals, checklist = workflow.workflow.approvals, workflow.workflow.checklist
    if intent.way == "action":
        course = replace(course, by_rule=True)
    elif approvals is not None:
        course = _approved(approvals, before, intent, course, workflow)
    if checklist is not None:
        course = _checked(checklist, before, intent, course, workflow)
    return course


# --- approvals -----------------------------------------------------------------------------------


def steps_of(rule: Approvals, values: Values) -> Sequence[Step]:
    """Return a task's approval steps."""
    return cast(Sequence[Step], values.get(rule.steps) or ())


def _approved(
    rule: Approvals, before: Task | None, intent: Intent, course: Course, workflow: Compiled
) -> Course:
    steps = steps_of(rule, course.values)
    faults = (
        *_hand_faults(rule, before, course, workflow),
        *(_due_faults(rule, steps) if rule.steps in intent.values else ()),
    )
    course = replace(course, faults=faults)
    if before is None:
        return course
    old = steps_of(rule, before.values)
    if rule.steps in intent.values:
        steps = carried(old, steps)
        course = course.with_value(rule.steps, steps) if steps else course
    moved = course.stage != before.stage
    if _restarts(rule, before, course, workflow) or (moved and course.stage == rule.start):
        course = course.with_value(rule.steps, cleared(steps)) if steps else course
        return course if moved else replace(course, stage=rule.start, by_rule=True)
    return course


def _hand_faults(
    rule: Approvals, before: Task | None, course: Course, workflow: Compiled
) -> Iterator[Fault]:
    """Refuse to move a task by hand where only actions may."""
    old = before.stage if before else workflow.workflow.initial
    new = course.stage
    if old == new:
        return
    several = len(steps_of(rule, course.values)) > 1
    decides = new in {rule.start, rule.done, rule.cancelled}
    # What is done may be closed: the approval is over by then.
    ends = workflow.stages[new].end and old != rule.done
    if rule.waiting in {old, new} or (several and (decides or ends)):
        yield Fault(
            path=(STAGE,),
            code=BY_APPROVAL,
            message=f"changes to {workflow.stages[new].name!r} by the approval process only",
            hint="take an action, like SUBMIT, APPROVE or CANCEL",
        )


def _due_faults(rule: Approvals, steps: Sequence[Step]) -> Iterator[Fault]:
    """Refuse steps that are due no later than a step before them."""
    latest = ""
    for place, step in enumerate(steps):
        due = (step["due"] or "").removesuffix("Z")
        if due and due <= latest:
            path = (rule.steps, place, DUE)
            yield Fault(path=path, code=DUE_ORDER, message="must be after the due date before it")
        latest = max(latest, due)


def _restarts(rule: Approvals, before: Task, course: Course, workflow: Compiled) -> bool:
    """Tell whether a change takes a process that has begun back to its start."""
    old, new = steps_of(rule, before.values), steps_of(rule, course.values)
    stage = workflow.stages.get(before.stage)
    is_over = before.stage == rule.done or (stage is not None and stage.end)
    begun = (
        is_over
        or before.stage in {rule.waiting, rule.returned}
        or any(step["responses"] for step in old)
    )
    if not begun or before.stage == rule.cancelled:
        return False
    if ASSIGNEE in rule.restart_on and set(before.assignees) != set(course.assignees):
        return True
    others = rule.restart_on - {ASSIGNEE, rule.steps}
    if any(changes(workflow, key, before, course.values) for key in others):
        return True
    if rule.steps not in rule.restart_on or not changes(
        workflow, rule.steps, before, course.values
    ):
        return False
    return not goes_on(old, new) or (is_over and turn(new) < len(new))


# --- checklists ----------------------------------------------------------------------------------


def items_of(rule: Checklist, values: Values) -> Sequence[Item]:
    """Return a task's checklist."""
    return cast(Sequence[Item], values.get(rule.items) or ())


def share(items: Sequence[Item]) -> int:
    """Return how much of a checklist is done, in whole percent.

    All of it only if nothing is left, nothing only if nothing is done.
    """
    done = sum(item["done"] for item in items)
    if not items or done == len(items):
        return ALL_DONE if done else 0
    rounded = (2 * ALL_DONE * done + len(items)) // (2 * len(items))
    return min(max(rounded, 1 if done else 0), ALL_DONE - 1)


def _checked(
    rule: Checklist, before: Task | None, intent: Intent, course: Course, workflow: Compiled
) -> Course:
    follows = intent.way == "checklist"
    moves = not isinstance(intent.stage, Absent)
    if follows and not moves:
        course = _led(rule, course)
    if follows and moves and course.stage == rule.all:
        done = [Item(**{**item, "done": True}) for item in items_of(rule, course.values)]
        course = course.with_value(rule.items, done) if done else course
        if rule.progress is not None:
            return course.with_value(rule.progress, ALL_DONE)
    if before is None or before.stage != course.stage:
        course = _grown(rule, course, workflow)
    if follows and not moves and rule.progress is not None:
        course = course.with_value(rule.progress, share(items_of(rule, course.values)))
    return course


def _led(rule: Checklist, course: Course) -> Course:
    """Let the stage follow from the items, in a stage that does."""
    stages = (rule.none, rule.some, rule.all)
    if course.stage not in stages:
        return course
    reached = share(items_of(rule, course.values))
    stage = stages[(reached > 0) + (reached == ALL_DONE)]
    if stage is None or stage == course.stage:
        return course
    return replace(course, stage=stage, by_rule=True)


def _grown(rule: Checklist, course: Course, workflow: Compiled) -> Course:
    """Add what the checklist of the stage that a task enters has and the task's lacks."""
    items = items_of(rule, course.values)
    more = list(missing(workflow.stages[course.stage].checklist, items))
    return course.with_value(rule.items, [*items, *more]) if more else course
