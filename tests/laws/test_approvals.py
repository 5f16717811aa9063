"""The approval process, held against a model that knows only who did what since the submission.

Actions go through the state machine and the one decision behind every write, changes of the task
through that decision alone, as in the engine.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from taskloom.actions.approvals import ACTIONS, Action, Deed, Party, Process, act
from taskloom.engine.decide import Context, Decision, decide
from taskloom.engine.intent import Intent, read
from taskloom.engine.writing import ABSENT, Draft
from taskloom.errors import Conflict, Forbidden, TaskloomError
from taskloom.fields.approval import awaited
from taskloom.model.task import Task
from taskloom.model.values import Step
from taskloom.schema.compile import compile_source

START, WAITING, DONE, BACK, OFF = "Created", "Awaiting", "Completed", "Returned", "Cancelled"
STARTED, APPROVED = "Started", "Approved"
STAGES = (START, STARTED, WAITING, BACK, DONE, APPROVED, OFF)
ENDS = {DONE, APPROVED, OFF}
FILE: Mapping[str, Any] = {
    "$id": "plans",
    "properties": {
        "title": {"type": "string"},
        "owner": {"type": "string", "format": "person"},
        "place": {"type": "string"},
        "steps": {"type": "array", "format": "approval-steps"},
    },
    "workflow": {
        "assignees": "many",
        "stages": [{"name": name, "end": name in ENDS} for name in STAGES],
        "approvals": {
            "steps": "steps",
            "owner": "owner",
            "stages": {
                "start": START,
                "waiting": WAITING,
                "done": DONE,
                "returned": BACK,
                "cancelled": OFF,
            },
            "restartOn": ["assignees", "place", "steps"],
        },
    },
}
PLANS = compile_source(json.dumps(FILE), workspace="main", uid="u1", version=1)
RULE = PLANS.workflow.approvals
assert RULE is not None

OWNER, WORKER, ADMIN = "owner", "worker", "admin"
APPROVERS = ("ann", "ben", "cleo")
EVERYBODY = (OWNER, WORKER, ADMIN, *APPROVERS)

people = st.sampled_from(EVERYBODY)
drawn_steps = st.lists(
    st.fixed_dictionaries(
        {
            "completionMode": st.sampled_from(["ONE", "ALL"]),
            "participants": st.lists(
                st.sampled_from([*APPROVERS, OWNER]), min_size=1, max_size=3, unique=True
            ),
        }
    ),
    max_size=3,
)


class Names:
    """Users whose e-mails are their ids."""

    def id_of(self, email: str) -> str | None:
        return email if email in EVERYBODY else None

    def email_of(self, user: str) -> str | None:
        return user


@dataclass(frozen=True)
class Entry:
    """One answer since the submission."""

    place: int
    user: str
    action: str


@dataclass
class Model:
    """What a person would write down: where the task is, and who answered which step how."""

    stage: str
    steps: list[Mapping[str, Any]]
    assignees: set[str]
    log: list[Entry]
    gone: set[str]

    def settled(self, place: int, *, with_gone: bool = True) -> bool:
        """Tell from the log whether a step is through."""
        mine = [entry for entry in self.log if entry.place == place]
        if any(entry.action == "SKIP" for entry in mine):
            return True
        yes = {entry.user for entry in mine if entry.action == "APPROVE"}
        if not yes or any(entry.action == "REJECT" for entry in mine):
            return False
        step = self.steps[place]
        left = set(step["participants"]) - yes - (self.gone if with_gone else set())
        return step["completionMode"] == "ONE" or not left

    def turn(self, *, with_gone: bool = True) -> int:
        """Return the first step that is not through."""
        places = range(len(self.steps))
        return next(
            (place for place in places if not self.settled(place, with_gone=with_gone)),
            len(self.steps),
        )

    def act(self, action: str, user: str) -> type[TaskloomError] | None:
        """Change as the action does, or say how it is refused."""
        refusal = self._refusal(action, user)
        if refusal is not None:
            return refusal
        if action == "SUBMIT":
            self.log = []
            self.stage = WAITING if self.steps else DONE
        elif action == "RESTART":
            self.log, self.stage = [], START
        elif action == "CANCEL":
            self.stage = OFF
        else:
            self._answer(action, user)
        return None

    def _answer(self, action: str, user: str) -> None:
        place = self.turn()
        if place < len(self.steps):
            self.log.append(Entry(place, user, action))
        if action == "REJECT":
            self.stage = BACK
        elif self.turn() == len(self.steps):
            self.stage = DONE

    def _refusal(self, action: str, user: str) -> type[TaskloomError] | None:
        worker, owner, admin = user in self.assignees, user == OWNER, user == ADMIN
        match action:
            case "SUBMIT":
                possible = self.stage not in ENDS | {WAITING}
                allowed = worker or owner or admin or not self.assignees
            case "CANCEL":
                possible, allowed = self.stage not in ENDS, owner or admin
            case "RESTART":
                possible, allowed = self.stage != START, owner or worker or admin
            case _:
                place = self.turn()
                takes_part = place < len(self.steps) and user in self.steps[place]["participants"]
                possible = self.stage == WAITING
                allowed = takes_part or (action == "SKIP" and (owner or admin))
                if possible and allowed and Entry(place, user, action) in self.log:
                    return Conflict
        if not possible:
            return Conflict
        return None if allowed else Forbidden

    def rewrite(self, new: list[Mapping[str, Any]]) -> None:
        """Change the steps, and start anew where that is due."""
        old = Model(self.stage, self.steps, self.assignees, list(self.log), set())
        was_over = old.turn() == len(self.steps)
        kept = [
            entry
            for entry in self.log
            if entry.place < len(new)
            and (
                entry.user in new[entry.place]["participants"]
                or (
                    entry.action == "SKIP"
                    and entry.user not in self.steps[entry.place]["participants"]
                )
            )
        ]
        modes = all(
            new[entry.place]["completionMode"] == self.steps[entry.place]["completionMode"]
            for entry in kept
        )
        intact = kept == self.log and modes
        self.steps, self.log = new, kept
        same = old.turn() == self.turn(with_gone=False)
        settled = self.turn(with_gone=False) == len(new)
        same = same and was_over == settled
        reopened = self.stage in ENDS and new != old.steps and not settled
        if not (intact and same) or reopened:
            self.restart(begun=bool(old.log))

    def restart(self, *, begun: bool | None = None) -> None:
        """Start anew what has begun."""
        begun = bool(self.log) if begun is None else begun
        if self.stage != OFF and (begun or self.stage in {WAITING, BACK, *ENDS}):
            self.stage, self.log = START, []


class ApprovalMachine(RuleBasedStateMachine):
    """Lets people act on one task and change it, and compares it with the model."""

    task: Task
    model: Model
    tick = 0

    @initialize(steps=drawn_steps, assigned=st.booleans())
    def create(self, steps: list[Mapping[str, Any]], assigned: bool) -> None:
        """Make the task."""
        assignees = [WORKER] if assigned else []
        draft = Draft(values={"owner": OWNER, "steps": steps}, assignees=assignees)
        decision = self._decide(None, read(draft, PLANS, Names()))
        self.task = decision.task
        self.model = Model(START, steps, set(assignees), [], set())

    def _decide(self, before: Task | None, intent: Intent) -> Decision:
        self.tick += 1
        context = Context(by=OWNER, at=self.tick, task_id="t" * 24, event_id="e" * 24)
        return decide(before, intent, PLANS, context=context)

    def _steps(self) -> Sequence[Step]:
        return cast(Sequence[Step], self.task.values.get("steps") or ())

    def _write(self, **parts: Any) -> set[str]:
        """Write by hand; return the codes of what speaks against it, and then change nothing."""
        draft = Draft(**{"values": {}, **parts})
        decision = self._decide(self.task, read(draft, PLANS, Names()))
        if not decision.faults:
            self.task = decision.task
        return {fault.code for fault in decision.faults}

    @rule(action=st.sampled_from(ACTIONS), user=people)
    def somebody_acts(self, action: Action, user: str) -> None:
        """Try an action, whoever it is for."""
        self._act(action, user)

    @rule(times=st.integers(1, 4), again=st.booleans())
    def the_next_ones_approve(self, times: int, again: bool) -> None:
        """Do what brings the process on, or else it would seldom come far."""
        for _ in range(times):
            waiting = [user for user in awaited(self._steps()) if user not in self.model.gone]
            if self.task.stage == WAITING and waiting:
                self._act("APPROVE", waiting[0])
            else:
                self._act("SUBMIT", OWNER)
        if again and self.model.log:
            self._act("APPROVE", self.model.log[-1].user)

    def _act(self, action: Action, user: str) -> None:
        assert RULE is not None
        before = self.task
        process = Process(
            rule=RULE,
            stage=before.stage,
            steps=self._steps(),
            ends=ENDS,
            gone=frozenset(self.model.gone),
        )
        party = Party(
            user=user,
            owns=user == OWNER,
            assigned=user in before.assignees,
            rules=user == ADMIN,
            submits=not before.assignees,
        )
        refused: type[TaskloomError] | None = None
        try:
            after = act(process, party, Deed(action=action, at=self.tick))
        except (Conflict, Forbidden) as error:
            refused = type(error)
        else:
            intent = Intent(
                values={"steps": after.steps} if after.steps else {},
                stage=after.stage,
                assignees=ABSENT,
                unique=None,
                faults=(),
                unreadable=frozenset(),
                way="action",
            )
            decision = self._decide(before, intent)
            assert () == decision.faults
            self.task = decision.task

        assert refused == self.model.act(action, user)

    @rule(user=st.sampled_from(APPROVERS))
    def somebody_leaves(self, user: str) -> None:
        """Let an approver be gone."""
        self.model.gone.add(user)

    @rule(steps=drawn_steps)
    def steps_are_written(self, steps: list[Mapping[str, Any]]) -> None:
        """Give the task other steps."""
        assert set() == self._write(values={"steps": steps})
        self.model.rewrite(steps)

    @rule(step=st.sampled_from(APPROVERS))
    def a_step_is_added(self, step: str) -> None:
        """Give the task one more step at the end."""
        more = [*self.model.steps, {"completionMode": "ONE", "participants": [step]}]
        assert set() == self._write(values={"steps": more})
        self.model.rewrite(more)

    @rule()
    def steps_are_sent_back_as_they_were_read(self) -> None:
        """Change nothing by sending an answer back."""
        before = self.task
        shown = PLANS.codecs["steps"].dump(self._steps(), Names())
        sent = {"steps": shown} if "steps" in before.values else {}

        assert set() == self._write(values=sent)
        assert before == self.task

    @rule(users=st.sets(st.sampled_from([WORKER, "ann"])))
    def assignees_are_written(self, users: set[str]) -> None:
        """Assign others."""
        assert set() == self._write(assignees=sorted(users))
        if users != self.model.assignees:
            self.model.assignees = users
            self.model.restart()

    @rule(place=st.sampled_from(["here", "there", None]))
    def the_place_is_written(self, place: str | None) -> None:
        """Change something else that counts."""
        changed = place != self.task.values.get("place")
        assert set() == self._write(values={"place": place})
        if changed:
            self.model.restart()

    @rule(title=st.sampled_from(["a", "b"]))
    def something_else_is_written(self, title: str) -> None:
        """Change what does not count."""
        assert set() == self._write(values={"title": title})

    @rule(stage=st.sampled_from(STAGES))
    def the_stage_is_moved_by_hand(self, stage: str) -> None:
        """Move the task without an action."""
        now, several = self.task.stage, len(self.model.steps) > 1
        decides = stage in {START, DONE, OFF} or (stage in ENDS and now != DONE)
        refused = now != stage and (WAITING in {now, stage} or (several and decides))

        assert ({"by_approval"} if refused else set()) == self._write(stage=stage)
        if not refused and now != stage:
            self.model.stage = stage
            self.model.log = [] if stage == START else self.model.log

    @invariant()
    def the_task_is_where_the_model_is(self) -> None:
        """Compare everything."""
        assert self.model.stage == self.task.stage
        assert sorted(self.model.log, key=lambda entry: entry.place) == [
            Entry(place, str(response["by"]), response["action"])
            for place, step in enumerate(self._steps())
            for response in step["responses"]
        ]

    @invariant()
    def nobody_answers_out_of_turn(self) -> None:
        """Find no answer in a step while one before it is open."""
        if self.task.stage == WAITING:
            assert self._steps()
            assert all(entry.place <= self.model.turn() for entry in self.model.log)

    @invariant()
    def what_starts_has_no_answers(self) -> None:
        """Find a clean sheet at the start."""
        if self.task.stage == START:
            assert all(not step["responses"] for step in self._steps())

    @precondition(lambda self: len(self.model.steps) > 1)
    @invariant()
    def nothing_of_several_steps_is_done_unapproved(self) -> None:
        """Find every step through where the process is done, however it came there."""
        if self.task.stage == DONE:
            assert self.model.turn() == len(self.model.steps)


def test_a_task_goes_through_its_approvals_as_the_model_says() -> None:
    run_state_machine_as_test(
        ApprovalMachine,
        settings=settings(max_examples=100, stateful_step_count=25, deadline=None),
    )
