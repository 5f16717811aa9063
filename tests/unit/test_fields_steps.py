"""Approval steps and checklists: whose turn it is, what is stored, and ids that stay."""

from typing import Any

import pytest

from taskloom.errors import Refusal
from taskloom.fields import approval, checklist
from taskloom.model.values import Item, Response, Step
from tests.conformance.kinds import NOBODY, PEOPLE, through_bson

OWNER = "64b7f0a1c2d3e4f5a6b7c8d1"
REVIEWER = "64b7f0a1c2d3e4f5a6b7c8d2"


def response(action: Any, by: str | None, comment: str | None = None) -> Response:
    return Response(action=action, comment=comment, at=1_700_000_000_250, by=by)


def step(mode: Any, *responses: Response, users: tuple[str, ...] = (OWNER, REVIEWER)) -> Step:
    return Step(mode=mode, participants=list(users), due=None, responses=list(responses))


YES, OTHER_YES = response("APPROVE", OWNER), response("APPROVE", REVIEWER)
NO, SKIP = response("REJECT", REVIEWER), response("SKIP", None)


@pytest.mark.parametrize(
    ("one", "gone", "settled"),
    [
        (step("ONE"), (), False),
        (step("ONE", YES), (), True),
        (step("ALL", YES), (), False),
        (step("ALL", YES, OTHER_YES), (), True),
        (step("ALL", YES), (REVIEWER,), True),
        (step("ALL"), (OWNER, REVIEWER), False),
        (step("ALL", YES, NO), (), False),
        (step("ALL", SKIP), (), True),
        (step("ONE", NO), (), False),
    ],
)
def test_a_step_is_settled_when_nobody_has_to_answer(
    one: Step, gone: tuple[str, ...], settled: bool
) -> None:
    assert settled is approval.is_settled(one, gone)


@pytest.mark.parametrize(
    ("steps", "turn", "awaited"),
    [
        ([], 0, ()),
        ([step("ONE"), step("ALL")], 0, (OWNER, REVIEWER)),
        ([step("ONE", YES), step("ALL", OTHER_YES)], 1, (OWNER,)),
        ([step("ONE", YES), step("ALL", NO)], 1, ()),
        ([step("ONE", YES)], 1, ()),
    ],
)
def test_steps_take_turns(steps: list[Step], turn: int, awaited: tuple[str, ...]) -> None:
    assert (turn, awaited) == (approval.turn(steps), approval.awaited(steps))


def test_the_store_holds_who_takes_part_and_who_is_awaited() -> None:
    steps = [step("ONE", YES, users=(OWNER,)), step("ALL", response("APPROVE", OWNER, "fine"))]

    stored = through_bson(approval.pack(steps))

    assert ([OWNER, REVIEWER], [REVIEWER]) == (stored["p"], stored["w"])
    assert steps == approval.unpack(stored)


def test_answers_are_shown_with_who_gave_them_and_when() -> None:
    (shown,) = approval.dump([step("ALL", YES, SKIP)], PEOPLE)

    assert [
        {
            "action": "APPROVE",
            "comment": None,
            "at": "2023-11-14T22:13:20.250Z",
            "by": "owner@example.com",
        },
        {"action": "SKIP", "comment": None, "at": "2023-11-14T22:13:20.250Z", "by": None},
    ] == shown["responses"]


def test_participants_who_are_gone_are_not_shown() -> None:
    shown: Any = approval.dump([step("ONE", YES)], NOBODY)

    assert ([], None) == (shown[0]["participants"], shown[0]["responses"][0]["by"])


def test_answers_that_are_sent_are_left_out() -> None:
    shown = approval.dump([step("ALL", YES)], PEOPLE)

    assert [step("ALL")] == approval.parse(shown, PEOPLE)


def test_a_fault_within_a_step_says_where() -> None:
    wire = [
        {"completionMode": "ONE", "participants": ["owner@example.com"]},
        {"completionMode": "ONE", "participants": ["owner@example.com", "nobody@example.com"]},
    ]
    with pytest.raises(Refusal) as caught:
        approval.parse(wire, PEOPLE)

    assert ("no_such_user", (1, "participants", 1)) == (caught.value.code, caught.value.path)


def parsed(*items: object) -> list[Item]:
    return checklist.parse(list(items), PEOPLE)


def test_a_list_sent_again_without_ids_is_the_same_list() -> None:
    items = [{"text": "Call"}, {"text": "Write"}, {"text": "Call"}]

    assert parsed(*items) == parsed(*items)
    assert 3 == len({item["id"] for item in parsed(*items)})


def test_a_new_item_never_takes_the_id_of_another() -> None:
    (call,) = parsed({"text": "Call"})

    renamed, new = parsed({"id": call["id"], "text": "Call back"}, {"text": "Call"})

    assert call["id"] == renamed["id"] != new["id"]
    first, second = parsed({"text": "Call"}, {"id": call["id"], "text": "Call back"})
    assert call["id"] == second["id"] != first["id"]


def test_what_is_missing_in_a_list_is_added_once() -> None:
    items = parsed({"text": "Call", "done": True})

    added = list(checklist.missing(["Call", "Write", "Write"], items))

    assert [("Write", False)] == [(item["text"], item["done"]) for item in added]
    assert [] == list(checklist.missing(["Call", "Write"], [*items, *added]))


def test_items_are_stored_under_short_names() -> None:
    items = parsed({"text": "Call", "done": True})

    assert [{"i": items[0]["id"], "t": "Call", "d": True}] == checklist.pack(items)
    assert items == checklist.unpack(through_bson(checklist.pack(items)))
