"""Who may do what: roles of workflows, and the scopes of credentials."""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from taskloom.engine.decide import Context, Decision, decide
from taskloom.engine.intent import read
from taskloom.engine.rights import within
from taskloom.engine.views import MOST_KEPT, UNTOLD, Views
from taskloom.engine.writing import Draft, Mode
from taskloom.errors import ASSIGNEE, STAGE, Forbidden, Invalid, NotFound, TaskloomError, Unseen
from taskloom.model.event import LINK
from taskloom.model.people import Actor
from taskloom.model.roles import FULL
from taskloom.model.task import Task
from taskloom.model.values import Values
from taskloom.query.tree import EVERYTHING, Compare, Query
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import connect
from taskloom.storage.history import collection
from taskloom.storage.paging import steps
from tests.unit.cases import CASES
from tests.unit.engines import ORDERS, Office, member, open_office, papers_of, told

CHIEF = "chief@example.com"
ANN = "ann@example.com"
BOB = "bob@example.com"


@pytest.fixture(scope="module")
def house(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One engine for all tests; each has a workspace of its own."""
    database = connect(mongod_uri, f"test_{uuid4().hex}")
    yield open_office(database, tmp_path_factory.mktemp("office"))
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture
def office(house: Office) -> Office:
    """An empty workspace, where everybody's e-mail is free again."""
    house.database["users"].delete_many({})
    workspace = house.engine.people.found(uuid4().hex, CHIEF).workspace
    return replace(house, admin=Actor(workspace=workspace.id, user=None, role="admin"))


@pytest.fixture
def cases(office: Office) -> Compiled:
    return office.push(CASES)


@pytest.fixture
def ann(office: Office, cases: Compiled) -> Actor:
    """A member, and so an agent."""
    return member(office, ANN)


@pytest.fixture
def bob(office: Office, cases: Compiled) -> Actor:
    """A member, and so an agent."""
    return member(office, BOB)


@pytest.fixture
def clerk(office: Office, cases: Compiled) -> Actor:
    """A member who was given the role of a clerk."""
    return given(member(office, "clerk@example.com"), cases, "clerk")


def given(actor: Actor, workflow: Compiled, role: str) -> Actor:
    """Give an actor a role in a workflow."""
    return replace(actor, roles={workflow.workflow.uid: role})


def refused(kind: type[TaskloomError], act: Callable[[], object]) -> TaskloomError:
    """Return the error that an act ends with, which is of exactly this kind."""
    with pytest.raises(kind) as raised:
        act()
    assert kind is type(raised.value)
    return raised.value


def verb(act: Callable[[], object]) -> object:
    """Return the verb that is forbidden."""
    return refused(Forbidden, act).details["verb"]


def faults(act: Callable[[], object]) -> set[tuple[object, str]]:
    """Return first part of the path and code of every fault."""
    error = refused(Invalid, act)
    assert isinstance(error, Invalid)
    return {(fault.path[0] if fault.path else "", fault.code) for fault in error.faults}


def amend(
    office: Office, actor: Actor, workflow: Compiled, task: Task, **values: object
) -> Callable[[], Any]:
    """Change a task by its id."""
    view = office.seen_by(actor, workflow)
    people = office.engine.people.people(actor)
    draft = Draft(values=values)
    return lambda: office.engine.tasks.amend(actor, view, task.id, lambda _: draft, people)


def seen(office: Office, actor: Actor, workflow: Compiled) -> list[str | None]:
    """List the unique IDs of all tasks that an actor finds."""
    view = office.seen_by(actor, workflow)
    found = [task.uid for task in office.engine.tasks.find(actor, view, Query())]
    assert len(found) == office.engine.tasks.count(actor, view, EVERYTHING)
    return found


# --- which role ----------------------------------------------------------------------------------


def test_a_given_role_wins_over_that_of_the_workspace_as_long_as_it_is_there(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    roles = [
        office.seen_by(actor, cases).role.id
        for actor in (ann, given(ann, cases, "lead"), given(ann, cases, "gone"))
    ]

    assert ["agent", "lead", "agent"] == roles


def test_for_whom_no_role_is_the_workflow_is_not_there(office: Office) -> None:
    lead = [{"name": "Lead", "for": ["manager"], "admin": True}]
    office.push(ORDERS)
    orders = office.push(ORDERS, roles=lead)
    ann, boss = member(office, ANN), member(office, "boss@example.com", role="manager")
    other = member(office, "other@example.com", role="admin")

    unknown = refused(NotFound, lambda: office.engine.workflows.get(ann, "nothing"))
    error = refused(NotFound, lambda: office.engine.workflows.get(ann, "orders"))

    assert unknown.message.replace("nothing", "orders") == error.message
    assert [] == office.engine.workflows.every(ann)
    assert "Lead" == office.seen_by(given(ann, orders, "Lead"), orders).role.id
    assert ["orders"] == [each.id for each in office.engine.workflows.every(boss)]
    for actor in (office.admin, other, given(other, orders, "Lead")):
        assert FULL is office.seen_by(actor, orders).role


def test_who_left_is_out_whatever_role_was_given(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    out = replace(given(ann, cases, "lead"), left=frozenset({cases.workflow.uid}))

    refused(NotFound, lambda: office.engine.workflows.get(out, "cases"))


def test_an_admin_role_of_the_workflow_has_all_rights_there_but_configures_nothing(
    office: Office, cases: Compiled, bob: Actor
) -> None:
    lead = given(bob, cases, "lead")
    task = office.write(cases, ref="A", margin=1).task

    office.write(cases, actor=lead, ref="A", margin=2, stage="Doing", assignees=BOB)
    office.delete(cases, "A", lead)

    assert 3 == len(office.history(cases, task))
    assert "configure" == verb(lambda: office.engine.workflows.delete(lead, "cases", force=True))


# --- what is hidden ------------------------------------------------------------------------------


def test_a_view_has_nothing_of_hidden_fields(office: Office, cases: Compiled, ann: Actor) -> None:
    view = office.seen_by(ann, cases)
    whole: Values = {"ref": "A", "name": "x", "margin": 1, "progress": 2}

    assert cases is view.base
    assert cases is cases.base
    assert ["ref", "name", "progress", "paper"] == list(view.fields) == list(view.codecs)
    assert ["Reference", "Name", "Progress", "Paper"] == list(view.keys)
    assert ["ref", "name", "progress", "paper"] == [field.key for field in view.workflow.fields]
    assert {"ref": "A", "name": "x", "progress": 2} == view.pack(whole) == view.unpack(whole)
    assert {} == view.defaults
    assert {"margin": 7} == cases.defaults
    assert not {"margin", "secret", "Margin", "Secret"} & set(_texts(view.workflow.schema))
    assert "argin" not in view.workflow.source
    assert "ecret" not in view.workflow.source
    assert () == view.stages["Done"].require
    assert list(cases.check(whole)) == list(view.check(whole))


def _texts(part: object) -> list[str]:
    if isinstance(part, Mapping):
        return [text for key, value in part.items() for text in (key, *_texts(value))]
    if isinstance(part, list | tuple):
        return [text for value in part for text in _texts(value)]
    return [part] if isinstance(part, str) else []


def test_workflows_are_listed_as_they_are_seen(office: Office, cases: Compiled, ann: Actor) -> None:
    [listed] = office.engine.workflows.every(ann)
    [whole] = office.engine.workflows.every(office.admin)

    assert office.seen_by(ann, cases).workflow is listed
    assert cases.workflow is whole


def test_a_workflow_that_goes_while_it_is_listed_is_not_in_the_list(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    office.workflows.before(
        "current", lambda: office.engine.workflows.delete(office.admin, "cases", force=True)
    )

    assert [] == office.engine.workflows.every(ann)


def test_rules_and_definitions_that_tell_of_hidden_fields_are_not_in_a_view(
    office: Office, ann: Actor
) -> None:
    odd = {
        **CASES,
        "$id": "odd",
        "$comment": "margin is secret",
        "minProperties": 1,
        "properties": {
            **CASES["properties"],
            "deep": {"$ref": "#/$defs/deep"},
            "margin": {"$ref": "#/$defs/margin"},
        },
        "required": ["ref", "name"],
        "allOf": [{"dependentRequired": {"progress": ["name"]}}],
        "dependentRequired": {"progress": ["margin"]},
        "$defs": {
            "deep": {"type": "array", "items": {"$ref": "#/$defs/deeper"}},
            "deeper": {"type": "object", "properties": {"x": {"$ref": "#/$defs/deeper"}}},
            "margin": {"type": "integer"},
        },
    }
    whole = office.push(odd)

    schema: Mapping[str, Any] = office.seen_by(ann, whole).workflow.schema

    words = {"$id", "title", "type", "properties", "required", "allOf", "workflow", "$defs"}
    assert words == set(schema)
    assert {"deeper"} == set(schema["$defs"]) - {"deep"}
    assert ["ref", "name"] == schema["required"]
    assert {"uniqueId", "stages"} == set(schema["workflow"])


def test_hidden_values_stay_where_they_are_and_come_out_nowhere(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    office.write(cases, ref="A", margin=50, assignees=ANN)
    view = office.seen_by(ann, cases)
    people = office.engine.people.people(ann)

    made = office.write(cases, actor=ann, ref="B")
    changed = office.write(cases, actor=ann, ref="A", name="new")
    amended = amend(office, ann, cases, changed.task, name="newer")()
    [found, _] = office.engine.tasks.find(ann, view, Query())

    for task in (
        changed.task,
        amended.task,
        found,
        office.engine.tasks.get(ann, view, "A", people),
        office.engine.tasks.get_by_id(ann, view, found.id),
    ):
        assert {"ref", "name"} == set(task.values)
    assert {"ref": "B"} == made.task.values
    assert ("ref", STAGE) == made.changed
    assert {"ref": "B", "margin": 7} == office.get(cases, "B").values
    assert {"ref": "A", "name": "newer", "margin": 50} == office.get(cases, "A").values


def test_a_hidden_field_cannot_be_written(office: Office, cases: Compiled, ann: Actor) -> None:
    write = office.write

    assert {("margin", "unknown")} == faults(lambda: write(cases, actor=ann, ref="A", margin=1))
    assert {("margin", "unknown"), ("progress", "invalid")} == faults(
        lambda: write(cases, actor=ann, ref="A", margin="x", progress="y")
    )
    assert [] == office.all(cases)


def test_faults_at_hidden_fields_are_told_without_them(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    with pytest.raises(Invalid) as raised:
        office.write(cases, actor=ann, ref="A", name="big", stage="Done", progress="x")

    told_of = {(fault.path, fault.message) for fault in raised.value.faults}
    assert ((), UNTOLD) in told_of
    assert {(), ("progress",)} == {path for path, _ in told_of}
    assert len(told_of) == len(raised.value.faults)


def test_other_faults_do_not_name_hidden_fields(office: Office, ann: Actor) -> None:
    rule = {"not": {"required": ["name", "margin"]}, "title": "x"}
    odd = office.push({**CASES, "$id": "odd", "allOf": [rule]})

    with pytest.raises(Invalid) as raised:
        office.write(odd, actor=ann, ref="A", name="x")

    [fault] = raised.value.faults
    assert (("name",), UNTOLD, "") == (fault.path, fault.message, fault.hint)


def test_history_leaves_out_what_is_hidden(office: Office, cases: Compiled, ann: Actor) -> None:
    task = office.write(cases, ref="A", margin=1, name="a", assignees=ANN).task
    office.write(cases, ref="A", margin=2)
    office.write(cases, ref="A", margin=3, name="b")

    events = office.engine.tasks.history(ann, office.seen_by(ann, cases), task.id)

    changed = [{change.field for change in event.changes} for event in events]
    assert [{"ref", "name", STAGE, ASSIGNEE}, {"name"}] == changed
    assert 3 == len(office.history(cases, task))


def test_history_names_no_linked_tasks_that_one_does_not_see(office: Office, ann: Actor) -> None:
    names = ("open", "narrow", "closed")
    lead = {"name": "Lead", "for": ["manager"], "admin": True}
    agent = {"name": "Agent", "for": ["member"]}
    narrow = {**agent, "see": ["assigned"]}
    for name, role in zip(names, (agent, narrow, lead), strict=True):
        office.write(office.push({**ORDERS, "$id": name}, roles=[role]), ref="X")
    links = [
        {"name": name, "to": name, "inverse": "Orders", "cardinality": "many-to-many"}
        for name in names
    ]
    orders = office.push(ORDERS, links=links, roles=[agent])
    draft = Draft(values={"ref": "A"}, links={name: [{"Reference": "X"}] for name in names})
    people = office.engine.people.people(office.admin)
    task = office.engine.tasks.write(office.admin, orders, draft, people, mode="upsert").task

    def linked(actor: Actor) -> set[str]:
        view = office.seen_by(actor, orders)
        [event] = office.engine.tasks.history(actor, view, task.id)
        return {change.field for change in event.changes if change.field.startswith(LINK)}

    assert {f"{LINK}{name}" for name in names} == linked(office.admin)
    assert {f"{LINK}open"} == linked(ann)


def test_history_tells_of_no_action_of_a_process_that_one_does_not_see(
    office: Office, ann: Actor
) -> None:
    fields = {"steps": {"read": False}}
    file = {
        **ORDERS,
        "properties": {
            "ref": {"type": "string"},
            "steps": {"type": "array", "format": "approval-steps"},
        },
    }
    names = ("Created", "Awaiting Approval", "Completed", "Returned", "Cancelled")
    orders = office.push(
        file,
        stages=[{"name": name} for name in names],
        approvals={"steps": "steps"},
        roles=[{"name": "Agent", "for": ["member"], "fields": fields}],
    )
    steps = [{"completionMode": "ONE", "participants": [ANN], "dueDate": None}]
    task = office.write(orders, ref="A", steps=steps).task
    office.engine.acting.act(office.admin, orders, task.id, "SUBMIT", "please")

    def actions(actor: Actor) -> list[tuple[str | None, str | None]]:
        events = office.engine.tasks.history(actor, office.seen_by(actor, orders), task.id)
        return [(event.action, event.comment) for event in events]

    assert [(None, None), ("SUBMIT", "please")] == actions(office.admin)
    assert [(None, None), (None, None)] == actions(ann)


# --- views are kept ------------------------------------------------------------------------------


def test_a_view_is_made_once_for_each_version_and_role(cases: Compiled) -> None:
    views = Views()
    agent, clerk = cases.workflow.roles[1:]
    again = compile_workflow(cases.workflow)

    assert cases is views.of(cases, FULL)
    assert views.of(cases, agent) is views.of(cases, agent)
    assert views.of(cases, agent) is not views.of(cases, clerk)
    assert again is views.of(again, agent).base
    assert cases is views.of(cases, agent).base


def test_only_so_many_views_are_kept(cases: Compiled) -> None:
    views = Views()
    agent = cases.workflow.roles[1]
    first = views.of(cases, agent)

    for number in range(MOST_KEPT):
        views.of(cases, replace(agent, id=str(number)))

    assert first is not views.of(cases, agent)


# --- which tasks ---------------------------------------------------------------------------------


def test_tasks_that_one_does_not_see_are_not_found(
    office: Office, cases: Compiled, ann: Actor, bob: Actor
) -> None:
    mine = office.write(cases, actor=ann, ref="A").task
    office.write(cases, ref="B", assignees=ANN)
    other = office.write(cases, actor=bob, ref="C").task
    tasks, view = office.engine.tasks, office.seen_by(ann, cases)
    people = office.engine.people.people(ann)

    assert ["A", "B"] == seen(office, ann, cases)
    assert ["C"] == seen(office, bob, cases)
    assert ["A", "B", "C"] == seen(office, given(ann, cases, "clerk"), cases)
    assert 1 == tasks.count(ann, view, Compare(STAGE, "eq", "New")) - 1
    for named in (tasks.get, tasks.delete):
        unseen = refused(NotFound, partial(named, ann, view, "C", people))
        unknown = refused(NotFound, partial(named, ann, view, "X", people))
        assert unknown.message == unseen.message
    for numbered in (tasks.get_by_id, tasks.remove):
        unseen = refused(Unseen, partial(numbered, ann, view, other.id))
        unknown = refused(NotFound, partial(numbered, ann, view, "0" * 24))
        assert unknown.message == unseen.message
    refused(Unseen, lambda: tasks.history(ann, view, other.id))
    assert office.get(cases, "A") == tasks.get_by_id(office.admin, cases, mine.id)
    assert ["A", "B", "C"] == [task.uid for task in office.all(cases)]


def test_the_tasks_that_a_role_sees_are_found_by_indexes(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    rows = within(office.seen_by(ann, cases).role.see, ann)
    assert rows is not None
    [step] = steps(Query(where=rows), cases)

    find = {"find": collection(cases), "filter": step.where, "sort": step.sort}
    plan = str(office.database.command({"explain": find})["queryPlanner"]["winningPlan"])

    for part in ("'indexName': 'tl_by'", "'indexName': 'tl_assignee'", "SORT_MERGE"):
        assert part in plan


def test_without_relation_one_sees_nothing(office: Office) -> None:
    blind = {"name": "Blind", "for": ["member"], "see": "none"}
    orders = office.push(ORDERS, roles=[blind])
    ann = member(office, ANN)

    task = office.write(orders, actor=ann, ref="A", assignees=ANN).task

    assert "A" == task.uid
    assert [] == seen(office, ann, orders)


def test_with_several_assignees_each_of_them_sees_the_task(office: Office) -> None:
    only = {"name": "Agent", "for": ["member"], "see": ["assigned"]}
    orders = office.push(ORDERS, roles=[only], assignees="many")
    ann, bob = member(office, ANN), member(office, BOB)
    office.write(orders, ref="A", assignees=[ANN, BOB])
    office.write(orders, ref="B", assignees=[BOB])

    assert (["A"], ["A", "B"]) == (seen(office, ann, orders), seen(office, bob, orders))


def test_a_write_never_reaches_a_task_that_one_does_not_see(
    office: Office, cases: Compiled, ann: Actor, bob: Actor
) -> None:
    office.write(cases, actor=bob, ref="A", name="b")
    task = office.get(cases, "A")
    unknown = refused(NotFound, lambda: office.write(cases, "update", actor=ann, ref="X"))

    unseen = refused(NotFound, lambda: office.write(cases, "update", actor=ann, ref="A"))

    assert unknown.message == unseen.message
    modes: tuple[Mode, ...] = ("create", "upsert")
    for mode in modes:
        write = partial(office.write, cases, mode, actor=ann, ref=" A ", name="a")
        assert {("ref", "taken")} == faults(write)
    # What else is wrong is told as of a new task, so that nothing of the old one is.
    assert {("ref", "taken"), ("name", "invalid")} == faults(
        lambda: office.write(cases, actor=ann, ref="A", name=1.5, stage="Doing")
    )
    assert task == office.get(cases, "A")


def test_the_rows_of_many_writes_follow_the_same_rules(
    office: Office, cases: Compiled, ann: Actor, bob: Actor, clerk: Actor
) -> None:
    office.write(cases, actor=bob, ref="A")
    office.write(cases, actor=ann, ref="B", stage="Doing")
    rows: list[dict[str, object]] = [
        {"ref": "A", "name": "x"},
        {"ref": "B", "name": "x"},
        {"ref": "C", "margin": 1},
        {"ref": "D", "progress": 1},
        {"ref": "B", "progress": 1},
    ]

    def results(actor: Actor, mode: Any) -> list[Any]:
        people = office.engine.people.people(actor)
        drafts = [Draft(values=row) for row in rows]
        view = office.seen_by(actor, cases)
        written = office.engine.bulk.write(actor, view, drafts, people, mode=mode)
        for each in written:
            assert not {"margin"} & set(getattr(getattr(each, "task", None), "values", ()))
        return [told(each) for each in written]

    agent = results(ann, "upsert")

    assert [{"taken"}, "updated", {"unknown"}, "created", "forbidden"] == agent
    assert ["forbidden"] * 5 == results(clerk, "upsert")
    names = ["not_found", "unchanged", "not_found", "unchanged", "forbidden"]
    assert names == results(ann, "update")


# --- which verbs ---------------------------------------------------------------------------------


def test_what_one_sees_one_need_not_be_allowed_to_change(
    office: Office, cases: Compiled, ann: Actor, clerk: Actor
) -> None:
    task = office.write(cases, ref="A", assignees=ANN).task
    mine = office.write(cases, ref="B", assignees="clerk@example.com").task
    view = office.seen_by(clerk, cases)

    assert "update" == verb(lambda: office.write(cases, actor=clerk, ref="A", name="x"))
    assert "update" == verb(amend(office, clerk, cases, task, name="x"))
    assert "delete" == verb(lambda: office.delete(cases, "A", ann))
    assert "delete" == verb(lambda: office.engine.tasks.remove(clerk, view, mine.id))
    assert "create" == verb(lambda: office.write(cases, actor=clerk, ref="C"))
    assert "create" == verb(lambda: office.write(cases, "create", actor=clerk, ref="A"))
    assert "updated" == office.write(cases, actor=clerk, ref="B", name="x").outcome
    office.delete(cases, "B")
    own = office.write(cases, actor=ann, ref="B").task
    office.engine.tasks.remove(ann, office.seen_by(ann, cases), own.id)
    assert [task] == office.all(cases)


def test_one_assigns_only_whom_one_may(
    office: Office, cases: Compiled, ann: Actor, bob: Actor, clerk: Actor
) -> None:
    write = office.write

    assert "assign" == verb(lambda: write(cases, actor=ann, ref="A", assignees=BOB))
    assert (ann.user,) == write(cases, actor=ann, ref="A", assignees=ANN).task.assignees
    strange = refused(
        Forbidden, lambda: write(cases, actor=ann, ref="A", assignees="nobody@example.com")
    )
    known = refused(Forbidden, lambda: write(cases, actor=ann, ref="A", assignees=BOB))
    assert known.message == strange.message
    assert {(ASSIGNEE, "invalid")} == faults(lambda: write(cases, actor=ann, ref="A", assignees=7))
    write(cases, ref="C", assignees="clerk@example.com")
    assert "assign" == verb(lambda: write(cases, actor=clerk, ref="C", assignees=ANN))
    kept = write(cases, actor=clerk, ref="C", name="x", assignees="clerk@example.com")
    assert (clerk.user,) == kept.task.assignees
    assert () == write(cases, actor=clerk, ref="C", assignees=None).task.assignees


def test_whose_stages_change_by_actions_cannot_set_them_by_hand(office: Office) -> None:
    driven = {"name": "Driven", "for": ["member"], "move": "actions"}
    orders = office.push(ORDERS, roles=[driven])
    ann = member(office, ANN)

    made = office.write(orders, actor=ann, ref="A", stage="Doing")
    same = office.write(orders, actor=ann, ref="A", stage="Doing", name="x")

    assert ("Doing", "updated") == (made.task.stage, same.outcome)
    assert "move" == verb(lambda: office.write(orders, actor=ann, ref="A", stage="Done"))
    assert "Doing" == office.get(orders, "A").stage


def test_a_field_may_be_writable_on_some_tasks_only(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    write = office.write
    made = write(cases, actor=ann, ref="A", progress=10).task

    error = refused(Forbidden, lambda: write(cases, actor=ann, ref="A", progress=20))

    assert ("field", "progress") == (error.details["verb"], error.details["field"])
    assert "field" == verb(amend(office, ann, cases, made, progress=None))
    assert "field" == verb(lambda: write(cases, actor=ann, ref="A", progress="x"))
    assert "unchanged" == write(cases, actor=ann, ref="A", progress="10").outcome
    write(cases, actor=ann, ref="A", assignees=ANN)
    assert 20 == write(cases, actor=ann, ref="A", progress=20).task.values["progress"]


def test_not_seen_comes_before_not_allowed_and_that_before_not_valid(
    office: Office, cases: Compiled, bob: Actor, clerk: Actor
) -> None:
    task = office.write(cases, ref="A").task

    refused(NotFound, lambda: office.write(cases, "update", actor=bob, ref="A", progress="x"))
    refused(Unseen, amend(office, bob, cases, task, progress="x"))
    refused(Forbidden, lambda: office.write(cases, actor=clerk, ref="A", progress="x"))
    refused(Invalid, lambda: office.write(cases, ref="A", progress="x"))


# --- by id ---------------------------------------------------------------------------------------


def test_a_task_is_amended_by_its_id_with_what_the_newest_one_asks_for(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    task = office.write(cases, actor=ann, ref="A", name="a").task
    view, people = office.seen_by(ann, cases), office.engine.people.people(ann)
    asked: list[Task] = []

    def change(before: Task) -> Draft:
        asked.append(before)
        return Draft(values={"name": f"{before.values['name']}!"})

    office.tasks.before("replace", lambda: office.write(cases, ref="A", name="b", margin=9))
    written = office.engine.tasks.amend(ann, view, task.id, change, people)

    assert ["a", "b"] == [before.values["name"] for before in asked]
    assert not any("margin" in before.values for before in asked)
    assert ("updated", "b!", ("name",)) == (
        written.outcome,
        written.task.values["name"],
        written.changed,
    )
    assert "unchanged" == amend(office, ann, cases, task, name="b!")().outcome
    refused(NotFound, lambda: office.engine.tasks.amend(ann, view, "0" * 24, change, people))


def test_a_task_that_is_deleted_while_it_is_amended_is_not_found(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    task = office.write(cases, actor=ann, ref="A").task
    office.tasks.before("replace", lambda: office.delete(cases, "A"))

    refused(NotFound, amend(office, ann, cases, task, name="x"))


def test_by_its_id_a_task_may_get_another_unique_id_unless_one_has_it(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    task = office.write(cases, actor=ann, ref="A").task
    office.write(cases, ref="B")

    assert {("ref", "taken"), ("progress", "invalid")} == faults(
        amend(office, office.admin, cases, task, ref="B", progress="x")
    )
    assert {("ref", "taken")} == faults(amend(office, ann, cases, task, ref=" B"))
    assert "C" == amend(office, ann, cases, task, ref="C")().task.uid
    assert {("ref", "blank")} == faults(amend(office, ann, cases, task, ref=None))
    office.tasks.before("replace", lambda: office.write(cases, ref="D"))
    assert {("ref", "taken")} == faults(amend(office, ann, cases, task, ref="D"))
    assert ["C", "B", "D"] == [each.uid for each in office.all(cases)]


def test_files_are_added_by_id(office: Office, cases: Compiled, ann: Actor) -> None:
    task = office.write(cases, actor=ann, ref="A").task
    paper = {"base64contents": base64.b64encode(b"x").decode(), "filename": "a.txt"}
    office.tasks.before("replace", lambda: office.write(cases, ref="A", name="b"))

    amend(office, ann, cases, task, paper=[paper])()

    [kept] = papers_of(office.get(cases, "A"), "paper")
    assert "a.txt" == kept["filename"]


def test_a_decision_of_somebody_else_s_is_applied_to_the_newest_task(
    office: Office, cases: Compiled, ann: Actor, bob: Actor
) -> None:
    task = office.write(cases, actor=ann, ref="A").task
    view, people = office.seen_by(ann, cases), office.engine.people.people(ann)
    margins: list[object] = []

    def change(before: Task, context: Context) -> Decision:
        margins.append(before.values["margin"])
        intent = read(Draft(values={"name": "x", "margin": wanted}), cases, people)
        return decide(before, intent, cases, context=context)

    wanted: object = 5
    office.tasks.before("replace", lambda: office.write(cases, ref="A", margin=2))
    written = office.engine.tasks.apply(ann, view, task.id, change)

    assert [7, 2] == margins
    assert ({"ref": "A", "name": "x"}, ("name",)) == (written.task.values, written.changed)
    assert 5 == office.get(cases, "A").values["margin"]
    wanted = 1000
    assert {("", "untold")} == faults(lambda: office.engine.tasks.apply(ann, view, task.id, change))
    refused(Unseen, lambda: office.engine.tasks.apply(bob, view, task.id, change))


def test_history_of_a_deleted_task_is_for_who_sees_all_tasks(
    office: Office, cases: Compiled, ann: Actor, clerk: Actor
) -> None:
    task = office.write(cases, actor=ann, ref="A").task
    office.delete(cases, "A", ann)

    def history(actor: Actor) -> list[str]:
        view = office.seen_by(actor, cases)
        return [event.kind for event in office.engine.tasks.history(actor, view, task.id)]

    assert [] == history(ann)
    assert ["created", "deleted"] == history(clerk)


# --- scopes --------------------------------------------------------------------------------------


def test_scopes_of_a_credential_narrow_what_the_role_allows(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    task = office.write(cases, actor=ann, ref="A").task
    tasks, view = office.engine.tasks, office.seen_by(ann, cases)
    people = office.engine.people.people(ann)
    reader = replace(ann, scopes=frozenset({"task:read"}))
    writer = replace(ann, scopes=frozenset({"task:write"}))
    machine = replace(office.admin, scopes=frozenset({"task:read", "task:write"}))

    for act in (
        lambda: office.write(cases, actor=reader, ref="A", name="x"),
        lambda: office.engine.bulk.write(reader, view, [], people, mode="upsert"),
        lambda: tasks.delete(reader, view, "A", people),
        lambda: tasks.remove(reader, view, task.id),
        amend(office, reader, cases, task, name="x"),
        lambda: tasks.get(writer, view, "A", people),
        lambda: tasks.get_by_id(writer, view, task.id),
        lambda: tasks.find(writer, view, Query()),
        lambda: tasks.count(writer, view, EVERYTHING),
        lambda: tasks.history(writer, view, task.id),
        lambda: office.engine.files.open(writer, "0" * 24),
        lambda: office.engine.workflows.delete(machine, "cases", force=True),
    ):
        assert "scope" == verb(act)
    assert task == tasks.get(reader, view, "A", people)
    office.write(cases, actor=writer, ref="A", name="x")
    tasks.delete(writer, view, "A", people)
    assert [] == office.all(cases)


# --- files ---------------------------------------------------------------------------------------


def test_files_are_open_to_who_sees_them_on_a_task(
    office: Office, cases: Compiled, ann: Actor, bob: Actor, clerk: Actor
) -> None:
    papers = [
        {"base64contents": base64.b64encode(b"x").decode(), "filename": f"{name}.txt"}
        for name in ("open", "secret")
    ]
    task = office.write(cases, ref="A", paper=papers[:1], secret=papers[1:], assignees=ANN).task
    blobs = {key: papers_of(task, key)[0]["blobId"] for key in ("paper", "secret")}

    def opens(actor: Actor) -> list[str]:
        opened = []
        for key, blob in blobs.items():
            try:
                office.engine.files.open(actor, blob)
            except NotFound:
                continue
            opened.append(key)
        return opened

    assert [["paper"], [], ["paper", "secret"], ["paper", "secret"]] == [
        opens(actor) for actor in (ann, bob, clerk, office.admin)
    ]
    out = replace(clerk, left=frozenset({cases.workflow.uid}))
    assert [] == opens(out)


def test_a_file_of_a_hidden_field_is_not_the_actor_s_to_use(
    office: Office, cases: Compiled, ann: Actor
) -> None:
    paper = {"base64contents": base64.b64encode(b"x").decode(), "filename": "a.txt"}
    task = office.write(cases, ref="A", paper=[paper], secret=[paper], assignees=ANN).task
    sent = {key: [{"blobId": papers_of(task, key)[0]["blobId"]}] for key in ("paper", "secret")}

    assert "unchanged" == office.write(cases, actor=ann, ref="A", paper=sent["paper"]).outcome
    assert {("paper", "invalid")} == faults(
        lambda: office.write(cases, actor=ann, ref="A", paper=sent["secret"])
    )


# --- the team ------------------------------------------------------------------------------------


def test_the_team_are_those_for_whom_there_is_a_role(office: Office) -> None:
    roles = [{"name": "Clerk", "for": ["manager"], "colleagues": False}]
    orders = office.push(ORDERS, roles=roles)
    boss = member(office, "boss@example.com", role="manager")
    member(office, ANN)
    team = office.engine.team

    def names(actor: Actor) -> list[tuple[str, str]]:
        members = team.members(actor, office.seen_by(actor, orders))
        return [(each.user.email, each.role.id) for each in members]

    everyone = [(CHIEF, "admin"), ("boss@example.com", "Clerk")]
    assert everyone == names(office.admin)
    assert everyone[1:] == names(boss)
    assert boss.user is not None
    assert "Clerk" == team.member(boss, office.seen_by(boss, orders), boss.user).role.name
    [first, _] = team.members(office.admin, orders)
    refused(NotFound, lambda: team.member(boss, office.seen_by(boss, orders), first.user.id))


def test_a_user_is_given_another_role(office: Office, cases: Compiled, ann: Actor) -> None:
    team = office.engine.team
    [chief] = [m.user.id for m in team.members(office.admin, cases) if m.user.role == "admin"]
    assert ann.user is not None

    given = team.give_role(office.admin, "cases", ann.user, "clerk")

    assert ("clerk", ANN) == (given.role.id, given.user.email)
    assert "clerk" == team.member(office.admin, cases, ann.user).role.id
    known = office.ports.directory.user(ann.workspace, ann.user)
    assert known is not None
    assert {cases.workflow.uid: "clerk"} == known.roles
    assert "lead" == team.give_role(office.admin, "cases", chief, "lead").role.id
    give = team.give_role
    assert {("role", "unknown_role")} == faults(
        lambda: give(office.admin, "cases", known.id, "clark")
    )
    assert {("role", "invalid")} == faults(lambda: give(office.admin, "cases", chief, "agent"))
    refused(NotFound, lambda: give(office.admin, "cases", "0" * 24, "agent"))
    refused(NotFound, lambda: give(office.admin, "nothing", known.id, "agent"))
    assert "configure" == verb(lambda: give(ann, "cases", known.id, "lead"))
    office.engine.people.remove_collaborator(office.admin, "cases", ann.user)
    refused(NotFound, lambda: give(office.admin, "cases", known.id, "agent"))


def test_without_roles_of_its_own_a_workflow_has_those_of_the_workspace(office: Office) -> None:
    orders = office.push(ORDERS)
    ann = member(office, ANN)
    assert ann.user is not None

    office.engine.team.give_role(office.admin, "orders", ann.user, "manager")
    [chief, user] = office.engine.team.members(office.admin, orders)

    assert ("admin", "manager") == (chief.role.id, user.role.id)
    assert "manager" == office.seen_by(given(ann, orders, "manager"), orders).role.id
    office.engine.team.give_role(office.admin, "orders", ann.user, "admin")
    assert FULL is office.engine.team.member(office.admin, orders, ann.user).role


def test_a_user_who_goes_while_a_role_is_given_is_not_found(
    office: Office, cases: Compiled, ann: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.ports.directory, "give_role", lambda *_: False)

    refused(
        NotFound,
        lambda: office.engine.team.give_role(office.admin, "cases", ann.user or "", "clerk"),
    )
