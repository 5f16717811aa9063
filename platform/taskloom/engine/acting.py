"""What people do to a task beyond writing values: approval actions, ticking off, moving."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from taskloom.actions import approvals
from taskloom.actions.approvals import ACTIONS, Action, Deed, Party, Process
from taskloom.engine.decide import Context, Decision, decide
from taskloom.engine.intent import Intent
from taskloom.engine.ports import Ports
from taskloom.engine.processes import steps_of
from taskloom.engine.rights import is_among
from taskloom.engine.tasks import Tasks
from taskloom.engine.writing import ABSENT, Draft, Written
from taskloom.errors import Fault, Invalid, NotFound, Refusal
from taskloom.fields.base import BLANK, INVALID, People, plain_text
from taskloom.model.people import Actor
from taskloom.model.rules import Approvals
from taskloom.model.task import Task
from taskloom.model.values import Step
from taskloom.schema.compiled import Compiled
from taskloom.schema.hints import did_you_mean

LONGEST_COMMENT: Final = 2000


class Acting:
    """The use cases of processes; `workflow` arguments come from `Workflows.get` for the actor."""

    def __init__(self, ports: Ports, tasks: Tasks) -> None:
        self._ports = ports
        self._tasks = tasks

    def act(
        self, actor: Actor, workflow: Compiled, task: str, action: object, comment: object = None
    ) -> Written:
        """Take an action of the approval process on the task with this id.

        Raises `NotFound` or `Unseen`, `Invalid` for an action or a comment that is none,
        `Conflict` where the task is in no state for it, and `Forbidden` where it is not for this
        actor to take.
        """
        rule = workflow.workflow.approvals
        if rule is None or rule.steps in workflow.role.hidden:
            raise NotFound("this workflow has no approvals")
        deed = _read(action, comment)
        return self._tasks.apply(actor, workflow, task, self._taken(actor, workflow, rule, deed))

    def _taken(
        self, actor: Actor, workflow: Compiled, rule: Approvals, deed: Deed
    ) -> Callable[[Task, Context], Decision]:
        base = workflow.base
        ends = frozenset(stage.key for stage in base.stages.values() if stage.end)

        def taken(before: Task, context: Context) -> Decision:
            steps = steps_of(rule, before.values)
            process = Process(
                rule=rule,
                stage=before.stage,
                steps=steps,
                ends=ends,
                gone=self._gone(actor, workflow, steps),
            )
            at = max(context.at, before.updated)
            party = _party(actor, workflow, rule, before)
            after = approvals.act(process, party, replace(deed, at=at))
            decision = decide(before, _intent(rule, process, after), base, context=context)
            if decision.event is None:
                return decision
            said = replace(decision.event, action=deed.action, comment=deed.comment)
            return replace(decision, event=said)

        return taken

    def _gone(self, actor: Actor, workflow: Compiled, steps: Sequence[Step]) -> frozenset[str]:
        """Name the participants who are not there any more, or not in this workflow."""
        directory, uid = self._ports.directory, workflow.workflow.uid
        named = {user for step in steps if step["mode"] == "ALL" for user in step["participants"]}
        found = {user: directory.user(actor.workspace, user) for user in named}
        return frozenset(
            user
            for user, known in found.items()
            if known is None or (known.role != "admin" and uid in known.left)
        )

    def check_off(
        self, actor: Actor, workflow: Compiled, task: str, items: object, people: People
    ) -> Written:
        """Replace the checklist by items as people send them; progress and stage follow.

        Raises `Forbidden` for who may not write the checklist, also where it stays the same.
        """
        rule = workflow.workflow.checklist
        if rule is None or rule.items in workflow.role.hidden:
            raise NotFound("this workflow has no checklist")
        draft = Draft(values={rule.items: items}, way="checklist")
        fields = (rule.items,)
        return self._tasks.amend(actor, workflow, task, lambda _: draft, people, fields=fields)

    def move(
        self, actor: Actor, workflow: Compiled, task: str, stage: object, people: People
    ) -> Written:
        """Move the task to a stage by name; the stage of done checklists ticks off all items.

        Raises `Forbidden` for who may not write the checklist, whatever the stage.
        """
        rule = workflow.workflow.checklist
        draft = Draft(values={}, stage=stage, way="checklist")
        fields = () if rule is None else (rule.items,)
        return self._tasks.amend(actor, workflow, task, lambda _: draft, people, fields=fields)


def _read(action: object, comment: object) -> Deed:
    """Read an action and its comment as they were sent; raise `Invalid` with what is wrong."""
    faults: list[Fault] = []
    known: Action | None = next((name for name in ACTIONS if name == action), None)
    if action is None:
        faults.append(Fault(path=("action",), code=BLANK, message="can't be blank"))
    elif known is None:
        near = did_you_mean(str(action).upper(), ACTIONS) or f"one of {', '.join(ACTIONS)}"
        faults.append(Fault(path=("action",), code=INVALID, message="is no action", hint=near))
    text = None
    try:
        text = None if comment is None else plain_text(comment, LONGEST_COMMENT)
    except Refusal as refusal:
        faults.append(refusal.at("comment"))
    if known is None or faults:
        raise Invalid(faults)
    return Deed(action=known, at=0, comment=text)


def _party(actor: Actor, workflow: Compiled, rule: Approvals, task: Task) -> Party:
    """Say what an actor is to a task; without a field for the owner its creator is."""
    owner = task.by if rule.owner is None else task.values.get(rule.owner)
    role = workflow.role
    return Party(
        user=actor.user,
        owns=actor.user is not None and owner == actor.user,
        assigned=actor.user in task.assignees,
        rules=role.admin,
        submits=not task.assignees and is_among(role.update, actor, task),
    )


def _intent(rule: Approvals, before: Process, after: Process) -> Intent:
    """Say in words of a write what an action made of the process."""
    return Intent(
        values={} if after.steps == before.steps else {rule.steps: after.steps},
        stage=after.stage,
        assignees=ABSENT,
        unique=None,
        faults=(),
        unreadable=frozenset(),
        way="action",
    )
