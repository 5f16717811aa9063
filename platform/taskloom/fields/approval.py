"""Approval steps: `approvalSteps`, a list of steps that are settled one after the other.

A step is settled by any (`ONE`) or by every (`ALL`) participant who is still there, or by whoever
skips it. What participants answered is read-only here: it comes about by actions.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, Literal, cast

from taskloom.errors import Path, Refusal
from taskloom.fields.base import (
    BLANK,
    KINDS,
    MEMBERS,
    TOO_LONG,
    BadExample,
    Codec,
    Example,
    People,
    Uniform,
    described,
    invalid,
    known_only,
    type_of,
)
from taskloom.model.values import Response, Step
from taskloom.model.workflow import Field

FORMAT: Final = "approval-steps"
MOST_STEPS: Final = 50

MODE: Final = "completionMode"
PARTICIPANTS: Final = "participants"
DUE: Final = "dueDate"
RESPONSES: Final = "responses"
_KEYS: Final = (MODE, PARTICIPANTS, DUE, RESPONSES)
_MODES: Final = ("ONE", "ALL")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


# --- whose turn it is ----------------------------------------------------------------------------


def _answered(step: Step) -> frozenset[str | None]:
    return frozenset(r["by"] for r in step["responses"] if r["action"] == "APPROVE")


def is_settled(step: Step, gone: Collection[str] = ()) -> bool:
    """Tell whether nobody has to answer any more; `gone` are users who are not there any more."""
    actions = {response["action"] for response in step["responses"]}
    if "SKIP" in actions:
        return True
    answered = _answered(step)
    if not answered or "REJECT" in actions:
        return False
    return step["mode"] == "ONE" or all(
        user in answered or user in gone for user in step["participants"]
    )


def turn(steps: Sequence[Step], gone: Collection[str] = ()) -> int:
    """Return the position of the first step that is not settled; their number where all are."""
    open_ = (place for place, step in enumerate(steps) if not is_settled(step, gone))
    return next(open_, len(steps))


def awaited(steps: Sequence[Step]) -> tuple[str, ...]:
    """Name who may settle the step whose turn it is; nobody after a rejection."""
    for step in steps[turn(steps) :][:1]:
        if all(response["action"] != "REJECT" for response in step["responses"]):
            answered = _answered(step)
            return tuple(user for user in step["participants"] if user not in answered)
    return ()


# --- wire and store ------------------------------------------------------------------------------


@cache
def _part(kind: str) -> Codec:
    """Return the functions of the kind that reads a part of a step."""
    return KINDS[kind].compile(Field(key=kind, title=kind, kind=kind, schema={}))


def parse(value: object, people: People) -> list[Step]:
    """Read steps as people send them; their responses are left out."""
    if not isinstance(value, list):
        raise invalid("must be a list of approval steps")
    if len(value) > MOST_STEPS:
        raise Refusal(TOO_LONG, f"must have at most {MOST_STEPS} steps")
    return [_step(item, people, (position,)) for position, item in enumerate(value)]


def _step(item: object, people: People, path: Path) -> Step:
    if not isinstance(item, dict):
        raise invalid(
            'must be a step like {"completionMode": "ONE", "participants": […]}', "", path
        )
    known_only(item, _KEYS, path)
    for key in (MODE, PARTICIPANTS):
        if item.get(key) is None:
            raise Refusal(BLANK, "must not be blank", path=(*path, key))
    mode = item[MODE]
    if mode not in _MODES:
        raise invalid("must be ONE or ALL", path=(*path, MODE))
    participants = cast(list[str], _read("personList", item, people, (*path, PARTICIPANTS)))
    if not participants:
        raise Refusal(BLANK, "must name somebody", path=(*path, PARTICIPANTS))
    due = None
    if item.get(DUE) is not None:
        due = cast(str, _read("datetime", item, people, (*path, DUE)))
    return Step(
        mode=cast(Literal["ONE", "ALL"], mode), participants=participants, due=due, responses=[]
    )


def _read(kind: str, item: Mapping[str, object], people: People, path: Path) -> object:
    try:
        return _part(kind).parse(item[str(path[-1])], people)
    except Refusal as refusal:
        inside = (*path, *refusal.path)
        raise Refusal(refusal.code, refusal.message, refusal.hint, inside) from None


def dump(steps: Sequence[Step], people: People) -> list[dict[str, object]]:
    """Write steps; participants who are gone are left out, answers of such are nobody's."""
    return [
        {
            MODE: step["mode"],
            PARTICIPANTS: _part("personList").dump(step["participants"], people),
            DUE: step["due"],
            RESPONSES: [_told(response, people) for response in step["responses"]],
        }
        for step in steps
    ]


def _told(response: Response, people: People) -> dict[str, object]:
    by = response["by"]
    at = _EPOCH + timedelta(milliseconds=response["at"])
    return {
        "action": response["action"],
        "comment": response["comment"],
        "at": at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z",
        "by": None if by is None else people.email_of(by),
    }


def pack(steps: Sequence[Step]) -> dict[str, object]:
    """Store steps with all who take part, and with those whose turn it is."""
    everybody = (user for step in steps for user in step["participants"])
    return {
        "s": [
            {
                "m": step["mode"],
                "p": list(step["participants"]),
                "d": step["due"],
                "r": [_packed(response) for response in step["responses"]],
            }
            for step in steps
        ],
        "p": list(dict.fromkeys(everybody)),
        "w": list(awaited(steps)),
    }


def _packed(response: Response) -> dict[str, object]:
    return {
        "a": response["action"],
        "c": response["comment"],
        "t": response["at"],
        "b": response["by"],
    }


def unpack(stored: Mapping[str, Any]) -> list[Step]:
    """Read stored steps back."""
    return [
        Step(
            mode=step["m"],
            participants=list(step["p"]),
            due=step["d"],
            responses=[
                Response(action=one["a"], comment=one["c"], at=one["t"], by=one["b"])
                for one in step["r"]
            ],
        )
        for step in stored["s"]
    ]


def sought(text: str, people: People) -> str:
    """Read a filter's participant as a list of persons reads one."""
    return cast(str, _part("personList").operand(text, people))


_STEPS: Mapping[str, object] = {"type": "array", "format": FORMAT}
_OWNER = "owner@example.com"
_REVIEWER = "reviewer@example.com"
_OWNER_ID = "64b7f0a1c2d3e4f5a6b7c8d1"
_REVIEWER_ID = "64b7f0a1c2d3e4f5a6b7c8d2"
_SENT: Mapping[str, object] = {
    MODE: "ALL",
    PARTICIPANTS: [_REVIEWER, _OWNER],
    DUE: "2025-01-31T12:00:00Z",
}
_PERSONS: Mapping[str, object] = {"type": "array", "items": {"type": "string", "format": "email"}}
_WHEN: Mapping[str, object] = {"type": "string", "format": "date-time"}


def _bad(code: str, **changes: object) -> BadExample:
    return BadExample(schema=_STEPS, wire=[{**_SENT, **changes}], code=code)


@KINDS.register("approvalSteps")
class ApprovalSteps(Uniform):
    """Steps that are settled in their order, each by one or all of its participants."""

    label = "Approval Steps"
    searched = MEMBERS
    codec = Codec(
        repeatable=False,
        settled=False,
        parse=parse,
        dump=dump,
        echo=dump,
        operand=sought,
        pack=pack,
        unpack=unpack,
        empty=[],
        within="p",
    )
    examples = (
        Example(
            schema=_STEPS,
            wire=[{MODE: "ONE", PARTICIPANTS: [_REVIEWER]}],
            value=[
                {"mode": "ONE", "participants": [_REVIEWER_ID], "due": None, "responses": []},
            ],
            dumped=[{MODE: "ONE", PARTICIPANTS: [_REVIEWER], DUE: None, RESPONSES: []}],
        ),
        Example(
            schema={**_STEPS, "maxItems": 3},
            wire=[
                {MODE: "ONE", PARTICIPANTS: [_OWNER], DUE: None, RESPONSES: [{"action": "SKIP"}]},
                {**_SENT, DUE: "2025-01-31T13:00:00+01:00"},
            ],
            value=[
                {"mode": "ONE", "participants": [_OWNER_ID], "due": None, "responses": []},
                {
                    "mode": "ALL",
                    "participants": [_REVIEWER_ID, _OWNER_ID],
                    "due": "2025-01-31T12:00:00Z",
                    "responses": [],
                },
            ],
            dumped=[
                {MODE: "ONE", PARTICIPANTS: [_OWNER], DUE: None, RESPONSES: []},
                {**_SENT, RESPONSES: []},
            ],
        ),
        Example(schema=_STEPS, wire=[], value=[], dumped=[]),
    )
    refused = (
        BadExample(schema=_STEPS, wire=dict(_SENT), code="invalid"),
        BadExample(schema=_STEPS, wire=["ONE"], code="invalid"),
        BadExample(schema=_STEPS, wire=[{**_SENT, "\ud800": 1}], code="invalid"),
        BadExample(schema=_STEPS, wire=[dict(_SENT)] * (MOST_STEPS + 1), code=TOO_LONG),
        BadExample(schema=_STEPS, wire=[{PARTICIPANTS: [_OWNER]}], code=BLANK),
        BadExample(schema=_STEPS, wire=[{MODE: "ONE"}], code=BLANK),
        _bad("invalid", completionMode="MOST"),
        _bad("invalid", completionMode=["ONE"]),
        _bad("invalid", participants=_OWNER),
        _bad(BLANK, participants=[]),
        _bad("no_such_user", participants=["nobody@example.com"]),
        _bad("invalid", participants=[_OWNER, _OWNER]),
        _bad("invalid", dueDate="2025-02-29T12:00:00Z"),
        _bad("invalid", dueDate="2025-01-31"),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return (
            type_of(schema) == "array" and schema.get("format") == FORMAT and "items" not in schema
        )

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        response = {
            "type": "object",
            "properties": {
                "action": {"enum": ["APPROVE", "REJECT", "SKIP"]},
                "comment": {"type": ["string", "null"]},
                "at": _WHEN,
                "by": {"type": ["string", "null"], "format": "email"},
            },
            "required": ["action", "comment", "at", "by"],
            "additionalProperties": False,
        }
        step = {
            "type": "object",
            "properties": {
                MODE: {"enum": list(_MODES)},
                PARTICIPANTS: _PERSONS,
                DUE: {"type": ["string", "null"], "format": "date-time"},
                RESPONSES: {"type": "array", "items": response},
            },
            "required": list(_KEYS),
            "additionalProperties": False,
        }
        about = "The approval steps in their order, with what participants answered."
        return described(
            field,
            about,
            ("minItems", "maxItems"),
            type="array",
            items=step,
            examples=[example.dumped for example in self.examples],
        )

    def input_schema(self, field: Field) -> Mapping[str, object]:
        due = KINDS["datetime"].input_schema(field)
        step = {
            "type": "object",
            "properties": {
                MODE: {"enum": list(_MODES)},
                PARTICIPANTS: {**_PERSONS, "minItems": 1},
                DUE: {"type": ["string", "null"], "pattern": due["pattern"]},
                RESPONSES: {"description": "Ignored: answers come about by actions."},
            },
            "required": [MODE, PARTICIPANTS],
            "additionalProperties": False,
        }
        return described(
            field,
            "The approval steps in their order.",
            ("minItems", "maxItems"),
            type="array",
            items=step,
            maxItems=MOST_STEPS,
            examples=[example.wire for example in self.examples],
        )
