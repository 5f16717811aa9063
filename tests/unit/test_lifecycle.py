"""What fields get at the start, what has to lie in the future, what is written once; checklists.

Pure: each rule is shown on the one decision behind every write.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

import pytest

from taskloom.engine.decide import Context, Decision, decide
from taskloom.engine.intent import read
from taskloom.engine.processes import share
from taskloom.engine.writing import ABSENT, Draft, Way
from taskloom.model.task import Task
from taskloom.model.values import Item
from taskloom.schema.compile import compile_source
from taskloom.schema.compiled import Compiled
from tests.conformance.kinds import PEOPLE

NOON: Final = 1_900_000_800_000
"""2030-03-17T18:00:00Z."""
OWNER: Final = "64b7f0a1c2d3e4f5a6b7c8d1"
FILE: Mapping[str, Any] = {
    "$id": "plans",
    "properties": {
        "title": {"type": "string"},
        "maker": {"type": "string", "format": "person", "auto": "creator"},
        "made_on": {"type": "string", "format": "date", "auto": "now"},
        "made_at": {"type": "string", "format": "date-time", "auto": "now", "readOnly": True},
        "day": {"type": "string", "format": "date", "future": True},
        "moment": {"type": "string", "format": "date-time", "future": True},
        "slug": {"type": "string", "writeOnce": True},
        "tags": {"type": "array", "items": {"type": "string"}, "writeOnce": True},
    },
}
CHECKED: Mapping[str, Any] = {
    "$id": "lists",
    "properties": {
        "todo": {"type": "array", "format": "checklist"},
        "share": {"type": "integer"},
        "key": {"type": "string"},
    },
    "workflow": {
        "stages": [
            {"name": "None", "checklist": ["Begin"]},
            {"name": "Some", "checklist": ["Begin", "Go on"]},
            {"name": "All", "end": True, "require": ["key"]},
            {"name": "Aside", "checklist": ["Wait"]},
        ],
        "transitions": {"None": ["Some", "Aside", "All"], "Some": ["All"], "All": [], "Aside": []},
        "checklist": {
            "items": "todo",
            "progress": "share",
            "stages": {"none": "None", "some": "Some", "all": "All"},
        },
    },
}


def compiled(file: Mapping[str, Any]) -> Compiled:
    return compile_source(json.dumps(file), workspace="main", uid="u1", version=1)


PLANS: Final = compiled(FILE)
LISTS: Final = compiled(CHECKED)


def decided(
    before: Task | None,
    workflow: Compiled = PLANS,
    *,
    at: int = NOON,
    by: str | None = OWNER,
    stage: object = ABSENT,
    way: Way = "hand",
    **values: object,
) -> Decision:
    draft = Draft(values=values, stage=stage, way=way)
    context = Context(by=by, at=at, task_id="t" * 24, event_id="e" * 24)
    return decide(before, read(draft, workflow, PEOPLE), workflow, context=context)


def told(decision: Decision) -> list[tuple[object, str]]:
    return [(fault.path[0], fault.code) for fault in decision.faults]


# --- given at the start --------------------------------------------------------------------------


def test_a_new_task_gets_its_creator_and_when_it_is_made() -> None:
    values = decided(None).task.values

    assert (OWNER, "2030-03-17", "2030-03-17T18:00:00Z") == (
        values["maker"],
        values["made_on"],
        values["made_at"],
    )


def test_what_is_given_counts_and_null_is_given_too() -> None:
    values = decided(None, maker=None, made_on="2029-01-31").task.values

    assert "maker" not in values
    assert "2029-01-31" == values["made_on"]


def test_a_task_made_by_a_key_of_the_workspace_has_no_creator() -> None:
    assert "maker" not in decided(None, by=None).task.values


def test_an_existing_task_gets_nothing_by_itself() -> None:
    before = decided(None, maker=None).task

    after = decided(before, title="x", at=NOON + 10**9).task

    assert "maker" not in after.values
    assert before.values["made_at"] == after.values["made_at"]


def test_an_unreadable_value_is_not_replaced_in_silence() -> None:
    decision = decided(None, made_on="soon")

    assert [("made_on", "invalid")] == told(decision)
    assert "made_on" not in decision.task.values


# --- in the future -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "fine"),
    [
        ("moment", "2030-03-17T18:00:00Z", False),
        ("moment", "2030-03-17T18:00:00.001Z", True),
        ("moment", "2030-03-17T19:30:00+02:00", False),
        ("moment", "2030-03-17T18:00:01", True),
        ("day", "2030-03-16", False),
        ("day", "2030-03-17", True),
        ("day", "2030-03-18", True),
    ],
)
def test_a_time_lies_in_the_future_when_it_is_set(key: str, value: Any, fine: bool) -> None:
    expected = [] if fine else [(key, "not_future")]

    assert expected == told(decided(None, **{key: value}))
    assert expected == told(decided(decided(None).task, **{key: value}))


def test_a_fault_says_what_would_be_right() -> None:
    (fault,) = decided(None, moment="2020-01-31T12:00:00Z").faults

    assert "must be in the future" == fault.message


def test_a_time_may_pass_and_is_not_told_again_until_it_changes() -> None:
    before = decided(None, moment="2030-03-18T12:00:00Z").task
    later = NOON + 10**9

    assert [] == told(decided(before, title="x", at=later))
    assert [] == told(decided(before, title="x", moment="2030-03-18T13:00:00+01:00", at=later))
    assert [] == told(decided(before, moment=None, at=later))
    assert [("moment", "not_future")] == told(
        decided(before, moment="2030-03-18T12:00:01Z", at=later)
    )


# --- once ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "value", "other"), [("slug", "a", "b"), ("tags", ["a"], ["b"])])
def test_a_value_is_added_later_and_stays(key: str, value: Any, other: Any) -> None:
    nothing: Any = None
    empty = decided(None).task
    filled = decided(empty, **{key: value})

    assert [] == told(filled)
    assert [(key, "write_once")] == told(decided(filled.task, **{key: other}))
    assert [(key, "write_once")] == told(decided(filled.task, **{key: nothing}))
    assert [] == told(decided(filled.task, **{key: value, "title": "x"}))


@pytest.mark.parametrize(("key", "empty"), [("slug", ""), ("tags", [])])
def test_what_is_empty_is_no_value_yet(key: str, empty: Any) -> None:
    before = decided(None, **{key: empty}).task
    value: Any = "a" if key == "slug" else ["a"]

    assert [] == told(decided(before, **{key: value}))


def test_every_fault_is_told_at_once() -> None:
    before = decided(None, slug="a").task

    decision = decided(before, slug="b", day="2020-01-31", made_at="2020-01-31T12:00:00Z")

    assert {("slug", "write_once"), ("day", "not_future"), ("made_at", "not_editable")} == set(
        told(decision)
    )


# --- checklists ----------------------------------------------------------------------------------


def items_of(decision: Decision) -> list[tuple[str, bool]]:
    items = cast(list[Item], decision.task.values.get("todo", []))
    return [(item["text"], item["done"]) for item in items]


def ticked(*done: bool) -> list[dict[str, object]]:
    return [{"text": f"Step {number}", "done": each} for number, each in enumerate(done)]


def test_a_new_task_gets_the_checklist_of_its_stage() -> None:
    assert [("Begin", False)] == items_of(decided(None, LISTS))


def test_what_the_task_has_already_is_not_added_again() -> None:
    decision = decided(None, LISTS, todo=[{"text": "Begin", "done": True}, {"text": "More"}])

    assert [("Begin", True), ("More", False)] == items_of(decision)


def test_entering_a_stage_adds_what_is_missing() -> None:
    before = decided(None, LISTS).task

    assert [("Begin", False), ("Go on", False)] == items_of(decided(before, LISTS, stage="Some"))
    assert [("Begin", False), ("Wait", False)] == items_of(decided(before, LISTS, stage="Aside"))


def test_items_taken_away_do_not_come_back_while_the_stage_stays() -> None:
    before = decided(None, LISTS).task
    without = decided(before, LISTS, todo=[])

    assert [] == items_of(without)
    assert [] == items_of(decided(without.task, LISTS, stage="None", key="x"))


def test_a_workflow_without_checklist_takes_stages_with_one() -> None:
    file = {**CHECKED, "workflow": {**CHECKED["workflow"], "checklist": None}}
    del file["workflow"]["checklist"]

    assert [] == items_of(decided(None, compiled(file)))


def test_a_write_by_hand_leaves_progress_and_stage_alone() -> None:
    before = decided(None, LISTS, todo=ticked(False, False), share=40).task

    after = decided(before, LISTS, todo=ticked(True, True)).task

    assert ("None", 40) == (after.stage, after.values["share"])


@pytest.mark.parametrize(
    ("done", "stage", "progress"),
    [
        ((), "None", 0),
        ((False, False), "None", 0),
        # The stage that is entered adds "Begin" and "Go on", which count as well.
        ((True, False, False), "Some", 20),
        ((True, True, True), "All", 100),
    ],
)
def test_ticking_off_leads_progress_and_stage(
    done: tuple[bool, ...], stage: str, progress: int
) -> None:
    before = decided(None, LISTS, key="x").task

    decision = decided(before, LISTS, todo=ticked(*done), way="checklist")

    assert [] == told(decision)
    assert stage == decision.task.stage
    assert progress == decision.task.values["share"]


def test_a_task_goes_back_when_an_item_is_opened_again_whatever_the_transitions_say() -> None:
    over = decided(decided(None, LISTS, key="x").task, LISTS, todo=ticked(True), way="checklist")
    assert "All" == over.task.stage

    again = decided(over.task, LISTS, todo=ticked(False), way="checklist")

    assert ([], "None") == (told(again), again.task.stage)
    assert [("_stage", "transition")] == told(decided(over.task, LISTS, stage="None"))


def test_a_stage_that_follows_nothing_stays() -> None:
    aside = decided(decided(None, LISTS).task, LISTS, stage="Aside").task

    after = decided(aside, LISTS, todo=ticked(True, False), way="checklist").task

    assert ("Aside", 50) == (after.stage, after.values["share"])


def test_ticking_off_the_last_item_needs_what_the_stage_needs() -> None:
    before = decided(None, LISTS).task

    assert [("key", "blank")] == told(decided(before, LISTS, todo=ticked(True), way="checklist"))


def test_moving_to_the_stage_of_done_checklists_ticks_off_everything() -> None:
    before = decided(None, LISTS, key="x", todo=ticked(True, False)).task

    after = decided(before, LISTS, stage="All", way="checklist")

    assert [("Step 0", True), ("Step 1", True), ("Begin", True)] == items_of(after)
    assert 100 == after.task.values["share"]


def test_moving_elsewhere_ticks_off_nothing() -> None:
    before = decided(None, LISTS, todo=ticked(True, False), share=7).task

    after = decided(before, LISTS, stage="Some", way="checklist")

    assert [True, False, False, False] == [done for _, done in items_of(after)]
    assert 7 == after.task.values["share"]


def test_moving_by_hand_goes_only_where_the_transitions_lead() -> None:
    aside = decided(decided(None, LISTS).task, LISTS, stage="Aside").task

    assert [("_stage", "transition")] == told(decided(aside, LISTS, stage="Some", way="checklist"))


@pytest.mark.parametrize(
    ("done", "total", "percent"),
    [(0, 0, 0), (0, 3, 0), (1, 3, 33), (1, 8, 13), (2, 3, 67), (3, 3, 100), (1, 400, 1),
     (399, 400, 99)],
)  # fmt: skip
def test_a_share_is_all_only_if_nothing_is_left(done: int, total: int, percent: int) -> None:
    items = [Item(id=str(place), text="x", done=place < done) for place in range(total)]

    assert percent == share(items)
