"""Roles of a workflow file: what is refused, and what is made of the rest."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from taskloom.model.roles import ALL, FULL, NO, Role
from taskloom.schema.load import faults_of, load_workflow

FIELDS: Mapping[str, Any] = {
    "ref": {"title": "Reference", "type": "string"},
    "name": {"title": "Name", "type": "string"},
    "size": {"title": "Size", "type": "integer", "default": 1},
    "owner": {"title": "Owner", "type": "string", "format": "person", "auto": "creator"},
    "margin": {"title": "Margin", "type": "integer"},
}


def source(roles: Sequence[Mapping[str, Any]]) -> str:
    """Write a file with these roles."""
    return json.dumps(
        {
            "$id": "cases",
            "type": "object",
            "required": ["name", "size", "owner"],
            "properties": FIELDS,
            "workflow": {"uniqueId": "ref", "roles": roles},
        }
    )


def told(*roles: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return path below the roles, message and hint of every fault."""
    found = faults_of(source(roles))
    return [(f.path.removeprefix("workflow.roles"), f.message, f.hint) for f in found]


def made(*roles: Mapping[str, Any]) -> tuple[Role, ...]:
    """Return the roles of a file without faults."""
    return load_workflow(source(roles), workspace="w", uid="u", version=1).roles


def test_roles_are_made_as_they_are_said() -> None:
    lead, agent, guest = made(
        {"name": "Lead", "id": "lead", "for": ["admin", "manager"], "admin": True},
        {
            "name": "Agent",
            "for": ["member"],
            "see": ["created", "assigned"],
            "update": ["assigned"],
            "delete": ["created"],
            "assign": "self",
            "move": "actions",
            "fields": {"margin": {"read": False}, "name": {"write": "none"}},
        },
        {"name": "Guest", "create": False, "see": "none", "colleagues": False, "export": False},
    )

    assert (
        Role(
            id="lead",
            name="Lead",
            admin=True,
            applies=frozenset({"admin", "manager"}),
            delete=ALL,
        )
        == lead
    )
    assert (
        Role(
            id="Agent",
            name="Agent",
            applies=frozenset({"member"}),
            see=frozenset({"created", "assigned"}),
            update=frozenset({"assigned"}),
            delete=frozenset({"created"}),
            assign="self",
            move="actions",
            hidden=frozenset({"margin"}),
            writable={"name": NO},
        )
        == agent
    )
    assert (
        Role(id="Guest", name="Guest", create=False, see=NO, colleagues=False, export=False)
        == guest
    )


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (
            [{"name": "A"}, {"name": " A"}],
            [("[1].name", "is given to two roles: ' A'", "role 1 has it already")],
        ),
        (
            [{"name": "A", "id": "x"}, {"name": "B", "id": "x"}],
            [("[1].id", "is given to two roles: 'x'", "role 1 has it already")],
        ),
        (
            [{"name": "A"}, {"name": "B", "id": "A"}],
            [("[1].id", "is given to two roles: 'A'", "role 1 has it already")],
        ),
        (
            [{"name": "\u2028"}],
            [("[0].name", "must be text that can be seen, without line breaks", "")],
        ),
        (
            [{"name": "Boss", "id": "admin"}],
            [
                (
                    "[0].id",
                    "must not be 'admin', who has all rights",
                    'give it another id, or add "admin": true',
                )
            ],
        ),
    ],
)
def test_roles_that_cannot_be_told_apart_are_refused(
    roles: list[dict[str, Any]], expected: list[tuple[str, str, str]]
) -> None:
    assert expected == told(*roles)


def test_two_roles_for_the_same_users_are_refused() -> None:
    expected = [("[1].for[1]", "is given to two roles: 'member'", "'A' has it already")]

    assert expected == told(
        {"name": "A", "for": ["member"]}, {"name": "B", "for": ["manager", "member"]}
    )


def test_limits_on_admins_are_refused() -> None:
    message = "must not be 'admin': admins have all rights, whatever a role limits"
    hint = 'leave it out, or make a role with "admin": true'

    assert [("[0].for[0]", message, hint)] == told(
        {"name": "A", "for": ["admin"], "see": ["created"]}
    )
    assert [] == told({"name": "A", "for": ["admin", "manager"], "see": "all", "delete": "all"})


def test_a_role_that_may_do_everything_cannot_also_limit() -> None:
    limits: dict[str, Any] = {
        "create": False,
        "see": ["created"],
        "update": ["created"],
        "delete": "none",
        "assign": "self",
        "move": "actions",
        "colleagues": False,
        "export": False,
        "fields": {"name": {"write": "none"}},
    }

    faults = told({"name": "A", "admin": True, **limits})

    assert {f"[0].{word}" for word in limits} == {path for path, _, _ in faults}
    assert 1 == len({(message, hint) for _, message, hint in faults})
    assert (FULL.see, FULL.delete) == (made({"name": "A", "admin": True, "see": "all"})[0].see, ALL)


@pytest.mark.parametrize(
    ("see", "word", "rows"),
    [
        (["created"], "update", ["assigned"]),
        (["created"], "update", ["created", "assigned"]),
        (["created"], "delete", "all"),
        ("none", "update", "all"),
    ],
)
def test_a_role_changes_no_tasks_that_it_does_not_see(see: Any, word: str, rows: Any) -> None:
    sees = "tasks created" if see == ["created"] else "no tasks"
    expected = (f"[0].{word}", "must not name tasks that the role does not see")

    assert [(*expected, f"the role sees {sees}")] == told({"name": "A", "see": see, word: rows})
    assert [] == told({"name": "A", "see": see, word: "none"})
    assert [] == told({"name": "A", "see": see})


def test_unknown_fields_are_refused_with_the_nearest_name() -> None:
    fields = {"Size": {"write": "none"}, "margn": {"read": False}}

    assert [
        ("[0].fields.Size", "names no field: 'Size'", "its key is 'size'"),
        ("[0].fields.margn", "names no field: 'margn'", "did you mean 'margin'?"),
    ] == told({"name": "A", "fields": fields})


def test_the_unique_id_is_never_limited() -> None:
    message = "must not limit the unique ID, by which tasks are found"

    for rule in ({"read": False}, {"write": "all"}):
        assert [("[0].fields.ref", message, "")] == told({"name": "A", "fields": {"ref": rule}})
    assert [] == told({"name": "A", "fields": {"ref": {"read": True}}})


def test_a_hidden_field_cannot_also_be_writable() -> None:
    fields = {"margin": {"read": False, "write": ["assigned"]}}

    [(path, _message, hint)] = told({"name": "A", "fields": fields})

    assert ("[0].fields.margin.write", "leave it out") == (path, hint)


def test_a_required_field_is_hidden_only_from_who_makes_no_tasks() -> None:
    fields = {key: {"read": False} for key in ("name", "size", "owner", "margin")}

    [(path, message, hint)] = told({"name": "A", "fields": fields})

    assert "[0].fields.name.read" == path
    assert "must not hide 'name', without which the role can make no task" == message
    assert 'add "create": false to the role, or give the field a default' == hint
    assert [] == told({"name": "A", "create": False, "fields": fields})


def test_every_fault_is_told_at_once() -> None:
    assert 6 == len(
        told(
            {"name": "A", "for": ["member", "admin"], "see": "none", "update": "all"},
            {"name": "A", "for": ["member"], "fields": {"x": {}, "ref": {"read": False}}},
        )
    )
