"""Plans: what a change would do, applied while others write, cut off, taken back, purged."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from taskloom.effects.settling import Settling
from taskloom.engine.plans import Plan, Plans
from taskloom.engine.workflows import Saved
from taskloom.errors import STAGE, Forbidden, Invalid, NotFound, StalePlan
from taskloom.model.people import Actor
from taskloom.query.tree import Compare, Query
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from tests.unit.engines import Office, open_office

FIELDS: Mapping[str, Any] = {
    "ref": {"title": "Reference", "type": "string"},
    "amount": {"title": "Amount", "type": "string"},
    "note": {"title": "Note", "type": "string"},
}
NUMBER = {"title": "Amount", "type": "number"}
STAGES = [{"name": "New"}, {"name": "Doing"}, {"name": "Done", "end": True}]
LATER = 61_000


def file(fields: Mapping[str, Any], **said: Any) -> dict[str, Any]:
    """Write a workflow file; `said` are its other keywords, `workflow` the parts of that."""
    parts = {"uniqueId": "ref", "stages": STAGES, **said.pop("workflow", {})}
    return {"$id": "bills", "type": "object", "properties": fields, **said, "workflow": parts}


TEXT = file(FIELDS)
NUMBERS = file({**FIELDS, "amount": NUMBER})


def planned(office: Office, new: Mapping[str, Any]) -> Plan:
    return office.engine.plans.plan(office.admin, "bills", json.dumps(new))


def apply(office: Office, new: Mapping[str, Any]) -> Saved:
    made = planned(office, new)
    return office.engine.plans.apply(office.admin, "bills", json.dumps(new), made.id)


def newest(office: Office) -> Compiled:
    return office.engine.workflows.get(office.admin, "bills")


def values(office: Office) -> dict[str, Any]:
    return {str(task.uid): dict(task.values) for task in office.all(newest(office))}


def documents(office: Office) -> dict[str, Any]:
    name = f"tasks_{newest(office).workflow.uid}"
    found = office.database[name].find({}, {"sv": 0, "pr": 0}).sort("uid", 1)
    return {document["uid"]: document for document in found}


def settle(office: Office) -> None:
    office.clock.now += LATER
    Settling().run(office.ports)


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """An engine with one workspace."""
    return open_office(database, tmp_path)


@pytest.fixture
def bills(office: Office) -> Office:
    """An office with four tasks whose amounts are texts."""
    workflow = office.push(TEXT)
    for ref, amount in [("a", "10"), ("b", "10.50"), ("c", "ten"), ("d", None)]:
        office.write(workflow, ref=ref, amount=amount, note="n")
    return office


def test_a_rename_touches_no_task(bills: Office) -> None:
    before = documents(bills)
    renamed = file({**FIELDS, "amount": {**FIELDS["amount"], "title": "Total"}})

    plan = planned(bills, renamed)

    assert (["renamed"], [], [], 4) == (
        [change.sort for change in plan.changes],
        list(plan.breaking),
        list(plan.conversions),
        plan.tasks,
    )
    assert "updated" == apply(bills, renamed).outcome
    assert before == documents(bills)
    assert not bills.ports.workflows.settling()


def test_a_plan_tells_what_converts_and_what_does_not_and_changes_nothing(bills: Office) -> None:
    before = documents(bills)

    plan = planned(bills, NUMBERS)

    (conversion,) = plan.conversions
    assert ("Amount", "text", "number") == (conversion.title, conversion.old, conversion.new)
    assert (2, 1) == (conversion.converted, conversion.kept)
    assert [("c", "ten")] == [(each.task, each.value) for each in conversion.examples]
    assert (1, 2, True) == (plan.old, plan.new, plan.exact)
    assert before == documents(bills)
    assert 1 == newest(bills).workflow.version


def test_applying_converts_what_converts_and_keeps_the_rest(bills: Office) -> None:
    apply(bills, NUMBERS)

    assert 10 == values(bills)["a"]["amount"]
    assert "10.5" == str(values(bills)["b"]["amount"])
    assert "amount" not in values(bills)["c"]
    (kept,) = bills.engine.plans.kept(bills.admin, "bills")
    assert ("amount", "Amount (text, until version 1)", 3) == (kept.key, kept.title, kept.count)


def test_lists_filters_and_writes_go_by_the_new_kind(bills: Office) -> None:
    apply(bills, NUMBERS)
    workflow = newest(bills)

    bills.write(workflow, ref="c", amount="12")

    found = Query(where=Compare("amount", "gt", 10))
    assert ["b", "c"] == [t.uid for t in bills.engine.tasks.find(bills.admin, workflow, found)]
    rows = bills.engine.rows.find(bills.admin, workflow, Query())
    assert [10, 10.5, 12, None] == [row.stored.get("amount") for row in rows]
    last = bills.history(workflow, bills.get(workflow, "c"))[-1]
    assert [("amount", None, 12)] == [tuple(change) for change in last.changes]


def test_history_of_the_old_kind_is_told_of_no_field(bills: Office) -> None:
    bills.write(newest(bills), ref="a", amount="11")
    apply(bills, NUMBERS)
    workflow = newest(bills)

    told = bills.history(workflow, bills.get(workflow, "a"))

    assert [("amount~", "10", "11")] == [tuple(change) for change in told[1].changes]
    began = {change.field for change in told[0].changes}
    assert {"ref", "note", "amount", "amount~", STAGE} == began


def test_a_kind_change_and_back_leaves_the_values_as_they_were(bills: Office) -> None:
    before = values(bills)
    apply(bills, NUMBERS)
    settle(bills)

    back = bills.engine.plans.back(bills.admin, "bills", 1)
    source = bills.engine.plans.version(bills.admin, "bills", 1).source
    bills.engine.plans.apply(bills.admin, "bills", source, back.id)

    assert before == values(bills)
    assert 3 == newest(bills).workflow.version
    settle(bills)
    assert before == values(bills)
    assert [3, 3, 3, 2] == [len(each["v"]) for each in documents(bills).values()]
    assert not bills.engine.plans.kept(bills.admin, "bills")


def test_a_value_comes_back_also_over_a_kind_that_it_never_became(bills: Office) -> None:
    before = values(bills)
    date = {"title": "Amount", "type": "string", "format": "date"}
    for file_ in (NUMBERS, file({**FIELDS, "amount": date}), TEXT):
        apply(bills, file_)
        settle(bills)

    assert before == values(bills)


def test_going_back_keeps_what_was_written_meanwhile(bills: Office) -> None:
    apply(bills, NUMBERS)
    workflow = newest(bills)
    bills.write(workflow, ref="b", amount=7)
    bills.write(workflow, ref="a", amount=None)
    bills.write(workflow, ref="c", amount=8)

    apply(bills, TEXT)

    amounts = {ref: each.get("amount") for ref, each in values(bills).items()}
    assert {"a": None, "b": "7", "c": "8", "d": None} == amounts


def test_a_task_written_by_the_old_version_while_values_convert_is_converted_again(
    bills: Office,
) -> None:
    old = newest(bills)
    plan = planned(bills, NUMBERS)
    bills.workflows.before("replace", lambda: bills.write(old, ref="a", amount="99"))
    bills.workflows.before("settling", lambda: None, lambda: bills.write(old, ref="z", amount="5"))

    bills.engine.plans.apply(bills.admin, "bills", json.dumps(NUMBERS), plan.id)

    assert (99, 5) == (values(bills)["a"]["amount"], values(bills)["z"]["amount"])


def test_a_task_written_by_either_version_after_the_change_is_not_overwritten(
    bills: Office,
) -> None:
    old = newest(bills)
    apply(bills, NUMBERS)
    bills.write(newest(bills), ref="a", amount=77)
    bills.write(old, ref="a", amount="3")
    bills.write(old, ref="b", amount="4")
    bills.write(old, ref="y", amount="6")

    settle(bills)

    amounts = {ref: each.get("amount") for ref, each in values(bills).items()}
    assert {"a": 77, "b": 4, "c": None, "d": None, "y": 6} == amounts
    assert not bills.ports.workflows.settling()
    assert not [each for each in documents(bills).values() if each.get("cv")]


class _Killed(BaseException):
    pass


def _kill() -> None:
    raise _Killed


def test_who_is_killed_before_the_change_leaves_the_old_version_as_it_was(bills: Office) -> None:
    before = values(bills)
    plan = planned(bills, NUMBERS)
    bills.workflows.before("replace", _kill)
    with pytest.raises(_Killed):
        bills.engine.plans.apply(bills.admin, "bills", json.dumps(NUMBERS), plan.id)

    assert (1, before) == (newest(bills).workflow.version, values(bills))
    bills.write(newest(bills), ref="a", amount="20")
    bills.engine.plans.apply(bills.admin, "bills", json.dumps(NUMBERS), plan.id)

    assert 20 == values(bills)["a"]["amount"]


def test_what_a_killed_server_left_is_done_by_the_next_one(bills: Office) -> None:
    old = newest(bills)
    plan = planned(bills, NUMBERS)
    bills.workflows.before("replace", lambda: bills.write(old, ref="z", amount="5"))
    bills.workflows.before("settling", lambda: None, _kill)
    with pytest.raises(_Killed):
        bills.engine.plans.apply(bills.admin, "bills", json.dumps(NUMBERS), plan.id)
    assert "amount" not in values(bills)["z"]

    Settling().run(bills.ports)

    assert 5 == values(bills)["z"]["amount"]
    assert {2} == {task.version for task in bills.all(newest(bills))}


def test_rules_that_become_stricter_name_the_tasks_that_break_them(bills: Office) -> None:
    strict = file({**FIELDS, "amount": {**FIELDS["amount"], "maxLength": 3}}, required=["amount"])

    plan = planned(bills, strict)

    assert [
        (("properties", "amount"), "Amount must have at most 3 characters", 1, ["b"]),
        (("properties", "amount"), "Amount can't be blank", 1, ["d"]),
    ] == [(rule.path, rule.message, rule.count, rule.tasks) for rule in plan.breaking]
    apply(bills, strict)
    assert {"a": 2, "b": 1, "c": 2, "d": 1} == {
        task.uid: task.version for task in bills.all(newest(bills))
    }
    assert not planned(bills, {**strict, "title": "Bills"}).breaking


def test_a_plan_stops_at_its_bound_and_says_so(bills: Office) -> None:
    plans = Plans(bills.ports, bills.engine.workflows, looks_seconds=-1)

    plan = plans.plan(bills.admin, "bills", json.dumps(NUMBERS))

    assert (False, 4, 0) == (plan.exact, plan.tasks, plan.conversions[0].kept)


def test_a_removed_stage_that_holds_tasks_keeps_a_plan_from_being_applied(bills: Office) -> None:
    bills.write(newest(bills), ref="a", stage="Doing")
    fewer = file(FIELDS, workflow={"stages": [STAGES[0], STAGES[2]]})

    plan = planned(bills, fewer)

    (rule,) = plan.breaking
    assert (("workflow", "stages"), 1, ["a"]) == (rule.path, rule.count, rule.tasks)
    assert "to one of 'New', 'Done'" in rule.message
    with pytest.raises(Invalid):
        apply(bills, fewer)
    assert 1 == newest(bills).workflow.version


def test_the_unique_id_keeps_its_kind_while_there_are_tasks(bills: Office) -> None:
    counted = file({**FIELDS, "ref": {"title": "Reference", "type": "integer"}})

    (fault,) = planned(bills, counted).faults
    assert (("properties", "ref"), "needs_plan") == (fault.path, fault.code)
    with pytest.raises(Invalid):
        apply(bills, counted)


@pytest.mark.parametrize("by", ["file", "workflow"])
def test_a_plan_for_something_else_is_stale(bills: Office, by: str) -> None:
    made = planned(bills, NUMBERS)
    other = NUMBERS if by == "workflow" else {**NUMBERS, "title": "Bills"}
    if by == "workflow":
        bills.push({**TEXT, "title": "New"})

    with pytest.raises(StalePlan):
        bills.engine.plans.apply(bills.admin, "bills", json.dumps(other), made.id)


def test_a_plan_that_was_applied_is_empty_and_applying_it_again_changes_nothing(
    bills: Office,
) -> None:
    made = planned(bills, NUMBERS)
    apply(bills, NUMBERS)

    again = planned(bills, NUMBERS)

    assert ([], [], 2, 2) == (list(again.changes), list(again.faults), again.old, again.new)
    plans = bills.engine.plans
    assert "unchanged" == plans.apply(bills.admin, "bills", json.dumps(NUMBERS), made.id).outcome


def test_two_who_apply_one_plan_at_once_apply_it_once(bills: Office) -> None:
    made, source = planned(bills, NUMBERS), json.dumps(NUMBERS)
    plans = bills.engine.plans
    bills.workflows.before("replace", lambda: plans.apply(bills.admin, "bills", source, made.id))

    with pytest.raises(StalePlan):
        plans.apply(bills.admin, "bills", source, made.id)

    assert (2, 10) == (newest(bills).workflow.version, values(bills)["a"]["amount"])


def test_a_removed_field_comes_back_with_its_values_until_they_are_purged(bills: Office) -> None:
    fewer = {key: field for key, field in FIELDS.items() if key != "note"}
    plan = planned(bills, file(fewer))
    assert [("Note", "note", 4)] == [(one.title, one.key, one.count) for one in plan.removed]
    apply(bills, file(fewer))
    plans = bills.engine.plans
    assert [("note", "Note", 4)] == [
        (one.key, one.title, one.count) for one in plans.kept(bills.admin, "bills")
    ]

    apply(bills, TEXT)
    assert "n" == values(bills)["a"]["note"]
    with pytest.raises(NotFound):
        plans.purge(bills.admin, "bills", "note")

    apply(bills, file(fewer))
    plans.purge(bills.admin, "bills", "note")
    bills.push(TEXT)
    assert not plans.kept(bills.admin, "bills")
    assert "note" not in values(bills)["a"]


def test_a_removed_field_that_comes_back_as_another_kind_is_converted(bills: Office) -> None:
    fewer = {key: field for key, field in FIELDS.items() if key != "amount"}
    bills.push(file(fewer))
    with pytest.raises(Invalid):
        bills.push(NUMBERS)

    assert 2 == planned(bills, NUMBERS).conversions[0].converted
    apply(bills, NUMBERS)

    assert 10 == values(bills)["a"]["amount"]


def test_purging_the_old_kind_leaves_the_field(bills: Office) -> None:
    apply(bills, NUMBERS)
    bills.engine.plans.purge(bills.admin, "bills", "amount")

    assert not bills.engine.plans.kept(bills.admin, "bills")
    apply(bills, TEXT)
    assert {"a": "10", "b": "10.5", "c": None, "d": None} == {
        ref: each.get("amount") for ref, each in values(bills).items()
    }


def test_words_are_searched_as_the_field_is_now(bills: Office) -> None:
    searched = {"search": ["amount"]}
    bills.push(file(FIELDS, workflow=searched))
    choice = {"title": "Amount", "enum": ["ten", "10"]}

    apply(bills, file({**FIELDS, "amount": choice}, workflow=searched))

    assert ["amount ten"] == documents(bills)["c"]["w"]
    assert "w" not in documents(bills)["b"]


def test_what_was_asked_of_the_old_kind_is_asked_anew(bills: Office) -> None:
    bills.bulk(newest(bills), [{"ref": "c", "amount": "ten", "note": "n"}])
    apply(bills, NUMBERS)

    assert [{"invalid"}] == bills.bulk(newest(bills), [{"ref": "c", "amount": "ten", "note": "n"}])


def test_a_role_that_does_not_see_a_field_does_not_see_what_it_was(bills: Office) -> None:
    agent = {"name": "Agent", "for": ["member"], "fields": {"amount": {"read": False}}}
    roles = {"roles": [{"name": "Lead", "for": ["admin"], "admin": True}, agent]}
    hidden = file({**FIELDS, "amount": NUMBER}, workflow=roles)
    bills.write(newest(bills), ref="a", amount="11")
    apply(bills, hidden)
    member = Actor(workspace=bills.admin.workspace, user="u" * 24, role="member")
    seen = bills.engine.workflows.get(member, "bills")

    (task,) = bills.engine.tasks.find(member, seen, Query(where=Compare("ref", "eq", "a")))
    told = bills.engine.tasks.history(member, seen, task.id)

    assert {"ref": "a", "note": "n"} == dict(task.values)
    assert not [c for event in told for c in event.changes if c.field.startswith("amount")]


@pytest.mark.parametrize("role", ["member", "manager"])
def test_only_admins_plan(bills: Office, role: Any) -> None:
    actor = Actor(workspace=bills.admin.workspace, user="u" * 24, role=role)
    plans, source = bills.engine.plans, json.dumps(TEXT)

    for call in (
        lambda: plans.plan(actor, "bills", source),
        lambda: plans.apply(actor, "bills", source, "x"),
        lambda: plans.version(actor, "bills", 1),
        lambda: plans.kept(actor, "bills"),
        lambda: plans.purge(actor, "bills", "note"),
    ):
        with pytest.raises(Forbidden):
            call()


def test_versions_tell_who_and_when(bills: Office) -> None:
    user = Actor(workspace=bills.admin.workspace, user="a" * 24, role="admin")
    made = planned(bills, NUMBERS)
    bills.engine.plans.apply(user, "bills", json.dumps(NUMBERS), made.id)

    told = bills.engine.workflows.versions(bills.admin, "bills")

    assert [(1, None), (2, "a" * 24)] == [(each.version, each.by) for each in told]
    assert told[0].at < told[1].at
