"""Acting on tasks over the real stores: who may, what is told, and what is written with it."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from taskloom.engine.writing import Draft, Written
from taskloom.errors import Conflict, Forbidden, Invalid, NotFound, Unseen
from taskloom.fields import approval
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.model.values import Item, Step
from taskloom.query.tree import Compare, Query
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from tests.unit.engines import Office, member, open_office

FOLDER = Path(__file__).parents[2] / "workflow_schemas"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """An engine with one workspace."""
    return open_office(database, tmp_path)


@pytest.fixture
def approvals(office: Office) -> Compiled:
    """The shipped workflow of approvals."""
    return shipped(office, "approvals")


def shipped(office: Office, name: str, **changes: Any) -> Compiled:
    file = json.loads(FOLDER.joinpath(f"{name}.json").read_text("utf-8"))
    return office.push(file, facade=None, **changes)


def email(user: str) -> str:
    return f"{user}@example.com"


def step(*users: str, mode: str = "ONE", **more: object) -> dict[str, object]:
    return {"completionMode": mode, "participants": [email(user) for user in users], **more}


def made(
    office: Office, actor: Actor, workflow: Compiled, *steps: Mapping[str, object], **rest: Any
) -> str:
    values = {"title": "Report", "approvalSteps": list(steps)}
    return office.write(workflow, actor=actor, **{**values, **rest}).task.id


def act(
    office: Office, actor: Actor, workflow: Compiled, task: str, action: object, **rest: Any
) -> Written:
    view = office.engine.workflows.get(actor, workflow.workflow.id)
    return office.engine.acting.act(actor, view, task, action, **rest)


def write(office: Office, actor: Actor, workflow: Compiled, task: str, **parts: Any) -> Task:
    view = office.engine.workflows.get(actor, workflow.workflow.id)
    people = office.engine.people.people(actor)
    draft = Draft(**{"values": {}, **parts})
    return office.engine.tasks.amend(actor, view, task, lambda _: draft, people).task


def found(office: Office, workflow: Compiled, task: str) -> Task:
    return office.engine.tasks.get_by_id(office.admin, workflow, task)


def answers(task: Task) -> list[list[tuple[str, str | None]]]:
    steps = cast(list[Step], task.values["approvalSteps"])
    return [[(one["action"], one["comment"]) for one in each["responses"]] for each in steps]


def test_a_task_goes_through_its_steps(office: Office, approvals: Compiled) -> None:
    owner, ann, ben = (member(office, email(name)) for name in ("owner", "ann", "ben"))
    task = made(office, owner, approvals, step("ann", "ben", mode="ALL"), step("ben"))

    submitted = act(office, owner, approvals, task, "SUBMIT", comment="please look")
    stages = [submitted.task.stage]
    for actor, comment in ((ann, None), (ben, "fine"), (ben, None)):
        stages.append(act(office, actor, approvals, task, "APPROVE", comment=comment).task.stage)

    assert [*["Awaiting Approval"] * 3, "Completed"] == stages
    assert [[("APPROVE", None), ("APPROVE", "fine")], [("APPROVE", None)]] == answers(
        found(office, approvals, task)
    )


def test_an_answer_says_who_and_when(office: Office, approvals: Compiled) -> None:
    owner, ann = member(office, email("owner")), member(office, email("ann"))
    task = made(office, owner, approvals, step("ann"))
    act(office, owner, approvals, task, "SUBMIT")

    after = act(office, ann, approvals, task, "REJECT", comment="not yet").task

    people = office.engine.people.people(owner)
    shown: Any = approvals.codecs["approvalSteps"].dump(after.values["approvalSteps"], people)
    (response,) = shown[0]["responses"]
    assert ("REJECT", "not yet", email("ann")) == (
        response["action"],
        response["comment"],
        response["by"],
    )
    assert response["at"].startswith("2023-11-14T22:13:2")


def test_every_action_is_an_event_with_what_was_said(office: Office, approvals: Compiled) -> None:
    owner = member(office, email("owner"))
    task = made(office, owner, approvals)
    act(office, owner, approvals, task, "SUBMIT", comment="please")
    act(office, owner, approvals, task, "RESTART", comment="too soon")

    history = office.history(approvals, found(office, approvals, task))

    assert [(None, None), ("SUBMIT", "please"), ("RESTART", "too soon")] == [
        (event.action, event.comment) for event in history
    ]
    assert [owner.user] * 3 == [event.by for event in history]


def test_who_may_not_act_is_told_so_and_nothing_changes(
    office: Office, approvals: Compiled
) -> None:
    owner, ann, ben = (member(office, email(name)) for name in ("owner", "ann", "ben"))
    task = made(office, owner, approvals, step("ann"), step("ben"))
    act(office, owner, approvals, task, "SUBMIT")
    before = found(office, approvals, task)

    for actor, action in ((ben, "APPROVE"), (owner, "REJECT"), (ann, "CANCEL"), (ann, "RESTART")):
        with pytest.raises(Forbidden) as caught:
            act(office, actor, approvals, task, action)
        assert "act" == caught.value.details["verb"]
    with pytest.raises(Conflict):
        act(office, owner, approvals, task, "SUBMIT")

    assert before == found(office, approvals, task)


def test_admins_and_keys_of_the_workspace_rule_but_do_not_approve(
    office: Office, approvals: Compiled
) -> None:
    owner, boss = member(office, email("owner")), member(office, email("boss"), role="admin")
    task = made(office, owner, approvals, step("owner"), assignees=[email("owner")])

    for actor in (boss, office.admin):
        assert "Awaiting Approval" == act(office, actor, approvals, task, "SUBMIT").task.stage
        for action in ("APPROVE", "REJECT"):
            with pytest.raises(Forbidden):
                act(office, actor, approvals, task, action)
        assert "Cancelled" == act(office, actor, approvals, task, "CANCEL").task.stage
        assert "Created" == act(office, actor, approvals, task, "RESTART").task.stage
        act(office, actor, approvals, task, "SUBMIT")
        assert "Completed" == act(office, actor, approvals, task, "SKIP").task.stage
        act(office, actor, approvals, task, "RESTART")


def test_what_is_no_action_is_refused_with_every_fault(office: Office, approvals: Compiled) -> None:
    task = made(office, office.admin, approvals)
    cases: list[tuple[object, object, list[tuple[str]]]] = [
        ("APROVE", None, [("action",)]),
        (None, None, [("action",)]),
        (["SUBMIT"], None, [("action",)]),
        ("submit", 7, [("action",), ("comment",)]),
        ("SUBMIT", "x" * 2001, [("comment",)]),
    ]

    told = []
    for action, comment, _ in cases:
        with pytest.raises(Invalid) as caught:
            act(office, office.admin, approvals, task, action, comment=comment)
        told.append(caught.value.faults)

    assert [paths for _, _, paths in cases] == [[fault.path for fault in each] for each in told]
    assert "did you mean 'APPROVE'?" == told[0][0].hint


def test_what_is_not_there_or_not_seen_cannot_be_acted_on(office: Office) -> None:
    roles = [{"name": "One", "for": ["member"], "see": ["created"]}]
    workflow = shipped(office, "approvals", roles=roles)
    owner, ann = member(office, email("owner")), member(office, email("ann"))
    task = made(office, owner, workflow)

    with pytest.raises(Unseen):
        act(office, ann, workflow, task, "SUBMIT")
    with pytest.raises(NotFound):
        act(office, ann, workflow, "0" * 24, "SUBMIT")
    with pytest.raises(NotFound):
        act(office, ann, shipped(office, "team-tasks"), task, "SUBMIT")


def test_a_role_that_moves_by_actions_only_acts(office: Office) -> None:
    roles = [{"name": "One", "for": ["member"], "update": "none", "move": "actions"}]
    workflow = shipped(office, "approvals", roles=roles)
    ann = member(office, email("ann"))
    task = made(office, office.admin, workflow, step("ann"))

    with pytest.raises(Forbidden):
        act(office, ann, workflow, task, "SUBMIT")
    act(office, office.admin, workflow, task, "SUBMIT")

    assert "Completed" == act(office, ann, workflow, task, "APPROVE").task.stage


def test_a_credential_that_may_only_read_does_not_act(office: Office, approvals: Compiled) -> None:
    task = made(office, office.admin, approvals)
    reader = Actor(
        workspace=office.admin.workspace, user=None, role="admin", scopes=frozenset({"task:read"})
    )

    with pytest.raises(Forbidden) as caught:
        act(office, reader, approvals, task, "SUBMIT")

    assert "scope" == caught.value.details["verb"]


def test_who_is_gone_is_not_waited_for(office: Office, approvals: Compiled) -> None:
    owner, ann, ben = (member(office, email(name)) for name in ("owner", "ann", "ben"))
    task = made(office, owner, approvals, step("ann", "ben", mode="ALL"))
    act(office, owner, approvals, task, "SUBMIT")
    office.engine.users.delete(office.admin, cast(str, ben.user))

    assert "Completed" == act(office, ann, approvals, task, "APPROVE").task.stage


def test_the_owner_closes_what_waits_for_nobody_any_more(
    office: Office, approvals: Compiled
) -> None:
    owner, ann, ben = (member(office, email(name)) for name in ("owner", "ann", "ben"))
    task = made(office, owner, approvals, step("ann", "ben", mode="ALL"))
    act(office, owner, approvals, task, "SUBMIT")
    act(office, ann, approvals, task, "APPROVE")
    office.engine.users.delete(office.admin, cast(str, ben.user))

    with pytest.raises(Forbidden):
        act(office, ann, approvals, task, "APPROVE")

    assert "Completed" == act(office, owner, approvals, task, "SKIP").task.stage


def test_two_who_approve_at_one_moment_both_count(office: Office, approvals: Compiled) -> None:
    names = [f"user-{number}" for number in range(6)]
    actors = [member(office, email(name)) for name in names]
    task = made(office, actors[0], approvals, step(*names, mode="ALL"))
    act(office, actors[0], approvals, task, "SUBMIT")

    with ThreadPoolExecutor(len(actors)) as pool:
        list(pool.map(lambda actor: act(office, actor, approvals, task, "APPROVE"), actors))

    after = found(office, approvals, task)
    assert "Completed" == after.stage
    assert [[("APPROVE", None)] * 6] == answers(after)


def test_a_change_in_between_is_seen(office: Office, approvals: Compiled) -> None:
    owner = member(office, email("owner"))
    task = made(office, owner, approvals)
    office.tasks.before(
        "replace", lambda: write(office, office.admin, approvals, task, stage="Cancelled")
    )

    with pytest.raises(Conflict):
        act(office, owner, approvals, task, "SUBMIT")


def test_tasks_are_found_by_who_takes_part(office: Office, approvals: Compiled) -> None:
    ann, ben = member(office, email("ann")), member(office, email("ben"))
    first = made(office, ann, approvals, step("ann"), step("ben"))
    second = made(office, ann, approvals, step("ben"))
    made(office, ann, approvals)

    def ids(op: str, operand: object) -> list[str]:
        query = Query(where=Compare("approvalSteps", op, operand))
        return [task.id for task in office.engine.tasks.find(office.admin, approvals, query)]

    assert [first] == ids("eq", ann.user)
    assert [first, second] == ids("in", (ann.user, ben.user))
    assert [first, second] == ids("exists", True)
    assert approval.awaited(
        cast(list[Step], found(office, approvals, first).values["approvalSteps"])
    ) == (ann.user,)


# --- writes by hand ------------------------------------------------------------------------------


def test_wk_33_other_assignees_start_the_process_anew(office: Office, approvals: Compiled) -> None:
    owner, ann = member(office, email("owner")), member(office, email("ann"))
    task = made(office, owner, approvals, step("ann"), step("owner"))
    act(office, owner, approvals, task, "SUBMIT")
    act(office, ann, approvals, task, "APPROVE")

    after = write(office, owner, approvals, task, assignees=[email("ann")])

    assert ("Created", [[], []]) == (after.stage, answers(after))


def test_wk_34_steps_change_under_way_where_nobody_has_answered(
    office: Office, approvals: Compiled
) -> None:
    owner, ann = member(office, email("owner")), member(office, email("ann"))
    task = made(office, owner, approvals, step("ann"), step("owner"))
    act(office, owner, approvals, task, "SUBMIT")
    act(office, ann, approvals, task, "APPROVE")

    longer = [step("ann"), step("owner"), step("ann", mode="ALL")]
    after = write(office, owner, approvals, task, values={"approvalSteps": longer})
    assert ("Awaiting Approval", [[("APPROVE", None)], [], []]) == (after.stage, answers(after))

    other = [step("owner"), *longer[1:]]
    after = write(office, owner, approvals, task, values={"approvalSteps": other})
    assert ("Created", [[], [], []]) == (after.stage, answers(after))


def test_wk_35_a_location_is_attached_once_and_starts_the_process_anew(
    office: Office, approvals: Compiled
) -> None:
    owner = member(office, email("owner"))
    task = made(office, owner, approvals, step("owner"))
    act(office, owner, approvals, task, "SUBMIT")

    assert (
        "Created"
        == write(office, owner, approvals, task, values={"locationResource": "book"}).stage
    )
    with pytest.raises(Invalid) as caught:
        write(office, owner, approvals, task, values={"locationResource": "other"})
    assert ["write_once"] == [fault.code for fault in caught.value.faults]


def refused(office: Office, approvals: Compiled, task: str, stage: str) -> list[tuple[object, str]]:
    try:
        write(office, office.admin, approvals, task, stage=stage)
    except Invalid as error:
        return [(fault.path, fault.code) for fault in error.faults]
    return []


def test_wk_36_the_stage_is_moved_by_hand_with_one_step_at_most(
    office: Office, approvals: Compiled
) -> None:
    ann = member(office, email("ann"))
    one = made(office, ann, approvals, step("ann"))
    two = made(office, ann, approvals, step("ann"), step("ann"))
    by_approval = [(("_stage",), "by_approval")]

    assert [] == refused(office, approvals, one, "Completed")
    assert [] == refused(office, approvals, one, "Created")
    assert [] == refused(office, approvals, two, "Started")
    for stage in ("Completed", "Cancelled", "Created", "Approved"):
        assert by_approval == refused(office, approvals, two, stage)
    for task in (one, two):
        assert by_approval == refused(office, approvals, task, "Awaiting Approval")
    act(office, ann, approvals, one, "SUBMIT")
    assert by_approval == refused(office, approvals, one, "Completed")


def test_a_new_task_does_not_skip_its_steps(office: Office, approvals: Compiled) -> None:
    member(office, email("ann"))

    for stage in ("Completed", "Awaiting Approval"):
        with pytest.raises(Invalid) as caught:
            made(office, office.admin, approvals, step("ann"), step("ann"), stage=stage)
        assert {"by_approval"} == {fault.code for fault in caught.value.faults}


def test_wk_54_steps_are_due_one_after_the_other(office: Office, approvals: Compiled) -> None:
    member(office, email("ann"))
    days = ("2030-01-02", None, "2030-01-02", "2030-01-01", "2030-01-03")
    dues = [day and f"{day}T12:00:00Z" for day in days]

    with pytest.raises(Invalid) as caught:
        made(office, office.admin, approvals, *(step("ann", dueDate=due) for due in dues))

    assert [
        (("approvalSteps", 2, "dueDate"), "due_order"),
        (("approvalSteps", 3, "dueDate"), "due_order"),
    ] == [(fault.path, fault.code) for fault in caught.value.faults]


# --- checklists ----------------------------------------------------------------------------------


@pytest.fixture
def team(office: Office) -> Compiled:
    """The shipped workflow of team tasks."""
    return shipped(office, "team-tasks")


def checklist(office: Office, actor: Actor, team: Compiled, task: str, *done: bool) -> Written:
    view = office.engine.workflows.get(actor, team.workflow.id)
    items = [{"text": f"Step {place}", "done": each} for place, each in enumerate(done)]
    people = office.engine.people.people(actor)
    return office.engine.acting.check_off(actor, view, task, items, people)


def new_task(office: Office, actor: Actor, team: Compiled, **rest: Any) -> str:
    values = {"title": "Release", "dueDate": "2030-01-31"}
    return office.write(team, actor=actor, **{**values, **rest}).task.id


def test_am_43_progress_and_stage_follow_the_checklist(office: Office, team: Compiled) -> None:
    ann = member(office, email("ann"))
    task = new_task(office, ann, team, assignees=[email("ann")])

    seen = []
    for done in ((True, False, False), (True, True, True), (False, False), ()):
        after = checklist(office, ann, team, task, *done).task
        seen.append((after.stage, after.values["progress"]))

    assert [("InProgress", 33), ("Completed", 100), ("Pending", 0), ("Pending", 0)] == seen


def test_am_42_the_last_stage_ticks_off_everything(office: Office, team: Compiled) -> None:
    ann = member(office, email("ann"))
    todo = [{"text": "a"}, {"text": "b", "done": True}]
    task = new_task(office, ann, team, assignees=[email("ann")], todoChecklist=todo)
    people = office.engine.people.people(ann)
    view = office.engine.workflows.get(ann, "team-tasks")

    after = office.engine.acting.move(ann, view, task, "Completed", people).task

    items = cast(list[Item], after.values["todoChecklist"])
    assert ("Completed", 100, [True, True]) == (
        after.stage,
        after.values["progress"],
        [item["done"] for item in items],
    )


def test_am_39_who_is_not_assigned_does_not_tick_off(office: Office, team: Compiled) -> None:
    ann, ben = member(office, email("ann")), member(office, email("ben"))
    task = new_task(office, ann, team, todoChecklist=[{"text": "a"}])

    with pytest.raises(Forbidden) as caught:
        checklist(office, ann, team, task, True)
    assert "field" == caught.value.details["verb"]
    with pytest.raises(Unseen):
        checklist(office, ben, team, task, True)


def test_am_39_who_is_not_assigned_changes_nothing_by_sending_the_same(
    office: Office, team: Compiled
) -> None:
    ann = member(office, email("ann"))
    todo = [{"text": "Step 0", "done": True}]
    task = new_task(office, ann, team, todoChecklist=todo)
    view, people = office.engine.workflows.get(ann, "team-tasks"), office.engine.people.people(ann)
    before = found(office, team, task)

    with pytest.raises(Forbidden):
        checklist(office, ann, team, task, True)
    for stage in ("Pending", "Completed", "Nowhere"):
        with pytest.raises(Forbidden):
            office.engine.acting.move(ann, view, task, stage, people)

    assert before == found(office, team, task)


def test_who_does_not_see_the_checklist_does_not_tick_it_off_by_moving(office: Office) -> None:
    hidden = {"todoChecklist": {"read": False}}
    roles = [{"name": "One", "for": ["member"], "fields": hidden}]
    workflow = shipped(office, "team-tasks", roles=roles)
    ann = member(office, email("ann"))
    task = new_task(office, office.admin, workflow, todoChecklist=[{"text": "a"}])
    view, people = office.engine.workflows.get(ann, "team-tasks"), office.engine.people.people(ann)

    with pytest.raises(Forbidden):
        office.engine.acting.move(ann, view, task, "Completed", people)


def test_whose_stages_change_by_actions_does_not_move_by_hand(office: Office) -> None:
    roles = [{"name": "Driven", "for": ["member"], "move": "actions"}]
    workflow = shipped(office, "team-tasks", roles=roles)
    ann = member(office, email("ann"))
    task = new_task(office, ann, workflow, todoChecklist=[{"text": "a"}])
    view, people = office.engine.workflows.get(ann, "team-tasks"), office.engine.people.people(ann)

    with pytest.raises(Forbidden):
        office.engine.acting.move(ann, view, task, "Completed", people)
    checklist(office, ann, workflow, task, True)
    assert "Completed" == found(office, workflow, task).stage


def test_what_is_no_checklist_is_refused(office: Office, team: Compiled) -> None:
    task = new_task(office, office.admin, team)
    people = office.engine.people.people(office.admin)

    with pytest.raises(Invalid) as caught:
        office.engine.acting.check_off(office.admin, team, task, [{"text": ""}], people)
    assert [("todoChecklist", 0, "text")] == [fault.path for fault in caught.value.faults]
    with pytest.raises(Invalid):
        office.engine.acting.move(office.admin, team, task, "Nowhere", people)
    approvals = shipped(office, "approvals")
    with pytest.raises(NotFound):
        office.engine.acting.check_off(office.admin, approvals, task, [], people)
