"""The approval process as a state machine.

| action  | from                            | by                            | to                  |
|---------|---------------------------------|-------------------------------|---------------------|
| SUBMIT  | any stage before the end, but   | assignee, owner, admin; who   | waiting; done where |
|         | waiting                         | may update if none is assigned| there are no steps  |
| APPROVE | waiting                         | participant whose turn it is  | done after the last |
| REJECT  | waiting                         | participant of the step       | returned            |
| SKIP    | waiting                         | owner, admin, participant of  | done after the last |
|         |                                 | the step                      |                     |
| CANCEL  | any stage before the end        | owner, admin                  | cancelled           |
| RESTART | any stage but the start         | owner, assignee, admin        | start               |

Steps are settled one after the other. What participants answered stays until the task is submitted
or restarted. A participant who is gone is not waited for.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from taskloom.errors import Conflict, Forbidden
from taskloom.fields.approval import is_settled, turn
from taskloom.model.rules import Approvals
from taskloom.model.task import Moment
from taskloom.model.values import Response, Step

Action = Literal["SUBMIT", "APPROVE", "REJECT", "SKIP", "CANCEL", "RESTART"]
Answer = Literal["APPROVE", "REJECT", "SKIP"]

ACTIONS: Final[tuple[Action, ...]] = (
    "SUBMIT",
    "APPROVE",
    "REJECT",
    "SKIP",
    "CANCEL",
    "RESTART",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The process of one task: its rule, where it is, and the users who are gone.

    `ends` are the stages where work is over.
    """

    rule: Approvals
    stage: str
    steps: Sequence[Step]
    ends: Collection[str] = ()
    gone: Collection[str] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing but a restart can follow."""
        return self.stage in {self.rule.done, self.rule.cancelled, *self.ends}


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who acts, and what this one is to the task; `user` is None for a key of the workspace.

    `submits` tells whether this one may submit a task that nobody is assigned to.
    """

    user: str | None
    owns: bool = False
    assigned: bool = False
    rules: bool = False
    submits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An action with what was remarked, and when by the clock."""

    action: Action
    at: Moment
    comment: str | None = None


def act(process: Process, party: Party, deed: Deed) -> Process:
    """Return the process after an action.

    Raises `Conflict` where it is in no state for it, and `Forbidden` where it is not for this
    party to take.
    """
    return _ACTIONS[deed.action](process, party, deed)


def cleared(steps: Sequence[Step]) -> list[Step]:
    """Return the steps as they are before anybody answered."""
    return [Step(**{**step, "responses": []}) for step in steps]


def _submit(process: Process, party: Party, deed: Deed) -> Process:
    if process.is_over or process.stage == process.rule.waiting:
        raise _out_of_turn(process, deed)
    _require(deed, party.assigned or party.owns or party.rules or party.submits)
    steps = cleared(process.steps)
    return replace(process, steps=steps, stage=process.rule.waiting if steps else process.rule.done)


def _answer(process: Process, party: Party, deed: Deed) -> Process:
    if process.stage != process.rule.waiting:
        raise _out_of_turn(process, deed)
    place = turn(process.steps, process.gone)
    step = process.steps[place] if place < len(process.steps) else None
    takes_part = step is not None and party.user in step["participants"]
    _require(deed, takes_part or (deed.action == "SKIP" and (party.owns or party.rules)))
    if step is not None and deed.action == "APPROVE" and _has_approved(step, party):
        raise Conflict("you have approved this step already")
    if step is None:
        # Whoever was still awaited is gone, so a skip only closes what is settled.
        return replace(process, stage=process.rule.done)
    return _with_response(process, place, party, deed)


def _has_approved(step: Step, party: Party) -> bool:
    return any((r["action"], r["by"]) == ("APPROVE", party.user) for r in step["responses"])


def _with_response(process: Process, place: int, party: Party, deed: Deed) -> Process:
    answer = Response(action=_ANSWERS[deed.action], comment=deed.comment, at=deed.at, by=party.user)
    step = process.steps[place]
    answered = Step(**{**step, "responses": [*step["responses"], answer]})
    steps = [*process.steps[:place], answered, *process.steps[place + 1 :]]
    moved = replace(process, steps=steps)
    if deed.action == "REJECT":
        return replace(moved, stage=process.rule.returned)
    over = all(is_settled(each, process.gone) for each in steps)
    return replace(moved, stage=process.rule.done) if over else moved


def _cancel(process: Process, party: Party, deed: Deed) -> Process:
    if process.is_over:
        raise _out_of_turn(process, deed)
    _require(deed, party.owns or party.rules)
    return replace(process, stage=process.rule.cancelled)


def _restart(process: Process, party: Party, deed: Deed) -> Process:
    if process.stage == process.rule.start:
        raise _out_of_turn(process, deed)
    _require(deed, party.owns or party.assigned or party.rules)
    return replace(process, steps=cleared(process.steps), stage=process.rule.start)


def _require(deed: Deed, allowed: bool) -> None:  # noqa: FBT001 - the whole question
    if not allowed:
        raise Forbidden(f"it is not for you to {deed.action} this task now", verb="act")


def _out_of_turn(process: Process, deed: Deed) -> Conflict:
    return Conflict(f"{deed.action} is not possible where the task is now", stage=process.stage)


_ANSWERS: Final[Mapping[Action, Answer]] = {
    "APPROVE": "APPROVE",
    "REJECT": "REJECT",
    "SKIP": "SKIP",
}
_ACTIONS: Final[Mapping[Action, Callable[[Process, Party, Deed], Process]]] = {
    "SUBMIT": _submit,
    "APPROVE": _answer,
    "REJECT": _answer,
    "SKIP": _answer,
    "CANCEL": _cancel,
    "RESTART": _restart,
}


# --- what other changes do to a process ----------------------------------------------------------


def carried(old: Sequence[Step], new: Sequence[Step]) -> list[Step]:
    """Return new steps with the answers that still hold in them, by the steps' positions.

    An answer holds while whoever gave it takes part in the step.
    """
    return [
        Step(**{**step, "responses": _kept(old[place] if place < len(old) else None, step)})
        for place, step in enumerate(new)
    ]


def _kept(before: Step | None, step: Step) -> list[Response]:
    if before is None:
        return []
    return [
        response
        for response in before["responses"]
        if response["by"] in step["participants"]
        or (response["action"] == "SKIP" and response["by"] not in before["participants"])
    ]


def goes_on(old: Sequence[Step], new: Sequence[Step]) -> bool:
    """Tell whether a change of steps leaves the process where it was.

    So it is when no answer is lost, no answered step asks for more or fewer than before, and the
    change alone neither settles anything nor opens again what was settled. `new` are the steps
    with the answers they kept.
    """
    kept = all(
        place < len(new)
        and new[place]["mode"] == step["mode"]
        and new[place]["responses"] == step["responses"]
        for place, step in enumerate(old)
        if step["responses"]
    )
    before, after = turn(old), turn(new)
    return kept and before == after and (before == len(old)) == (after == len(new))
