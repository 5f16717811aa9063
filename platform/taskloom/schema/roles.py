"""The roles of a workflow file: who may do what with its tasks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from taskloom.errors import Fault, Path
from taskloom.fields.base import INVALID
from taskloom.model.roles import ALL, FULL, NO, STANDARD, Role, Rows
from taskloom.schema.properties import Sound, alike, is_shown
from taskloom.schema.rules import no_field
from taskloom.schema.walk import Schema, workflow_part

_ROLES: Final[Path] = ("workflow", "roles")
_WORDS: Final[Mapping[str, Rows]] = {"all": ALL, "none": NO}
_UNLIMITED: Final[Mapping[str, object]] = {
    "create": True,
    "see": "all",
    "update": "all",
    "delete": "all",
    "assign": "anyone",
    "move": "freely",
    "colleagues": True,
    "export": True,
    "fields": {},
}
"""What a role may say of itself without limiting anybody."""

_Said = Mapping[str, Any]
_Place = tuple[Path, _Said]


def role_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse roles that cannot be told apart, and what would be ignored or could never work."""
    fields = document.get("properties")
    if not sound(_ROLES) or not isinstance(fields, Mapping):
        return
    said: Sequence[_Said] = workflow_part(document, "roles", ())
    places = [((*_ROLES, position), role) for position, role in enumerate(said)]
    for word in ("name", "id"):
        yield from _name_faults(places, word)
    yield from _standing_faults(places)
    unique = _unique(document)
    needed = _needed(document, fields)
    for place in places:
        yield from _limit_faults(*place)
        yield from _row_faults(*place)
        yield from _field_faults(place, fields, unique)
        yield from _creation_faults(place, needed)


def _fault(path: Path, message: str, hint: str = "", code: str = INVALID) -> Fault:
    return Fault(path=path, code=code, message=message, hint=hint)


def _name_faults(places: Sequence[_Place], word: str) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for number, (path, role) in enumerate(places, start=1):
        text = role.get(word, role["name"])
        if not is_shown(text):
            if word in role:
                yield _fault((*path, word), "must be text that can be seen, without line breaks")
        elif alike(text) in seen and (word in role or word == "name"):
            hint = f"role {seen[alike(text)]} has it already"
            yield _fault((*path, word), f"is given to two roles: {text!r}", hint, "duplicate")
        seen.setdefault(alike(text), number)
        if word == "id" and text == FULL.id and not role.get("admin", False):
            hint = 'give it another id, or add "admin": true'
            yield _fault((*path, word), f"must not be {text!r}, who has all rights", hint)


def _standing_faults(places: Sequence[_Place]) -> Iterator[Fault]:
    """Refuse two roles for the same users, and limits on admins."""
    seen: dict[str, str] = {}
    for path, role in places:
        for position, standing in enumerate(role.get("for", ())):
            here = (*path, "for", position)
            if standing in seen:
                message = f"is given to two roles: {standing!r}"
                yield _fault(here, message, f"{seen[standing]!r} has it already", "duplicate")
            elif standing == "admin" and not role.get("admin", False) and any(_limits(role)):
                message = "must not be 'admin': admins have all rights, whatever a role limits"
                yield _fault(here, message, 'leave it out, or make a role with "admin": true')
            seen.setdefault(standing, role["name"])


def _limits(role: _Said) -> Iterator[str]:
    """Name what a role says to limit those who have it."""
    return (word for word, free in _UNLIMITED.items() if role.get(word, free) != free)


def _limit_faults(path: Path, role: _Said) -> Iterator[Fault]:
    if role.get("admin", False):
        for word in _limits(role):
            message = "must not limit a role that may do everything"
            yield _fault((*path, word), message, 'leave it out, or drop "admin"')


def _row_faults(path: Path, role: _Said) -> Iterator[Fault]:
    """Refuse changes of tasks that the role does not see."""
    see = _rows(role.get("see", "all"))
    for word in ("update", "delete"):
        if word in role and not _within(_rows(role[word]), see):
            hint = f"the role sees {_spelt(see)}"
            yield _fault((*path, word), "must not name tasks that the role does not see", hint)


def _within(rows: Rows, others: Rows) -> bool:
    return others is None or (rows is not None and rows <= others)


def _spelt(rows: Rows) -> str:
    return f"tasks {' or '.join(sorted(rows))}" if rows else "no tasks"


def _unique(document: Schema) -> str | None:
    said = workflow_part(document, "uniqueId", None)
    return said.get("field") if isinstance(said, Mapping) else said


def _field_faults(place: _Place, fields: _Said, unique: str | None) -> Iterator[Fault]:
    path, role = place
    for key, rule in role.get("fields", {}).items():
        here = (*path, "fields", key)
        if key not in fields:
            yield no_field(here, key, fields)
            continue
        hidden = not rule.get("read", True)
        if key == unique and (hidden or "write" in rule):
            yield _fault(here, "must not limit the unique ID, by which tasks are found")
        elif hidden and "write" in rule:
            message = "means nothing for a field that the role does not see"
            yield _fault((*here, "write"), message, "leave it out")


def _needed(document: Schema, fields: _Said) -> frozenset[str]:
    """Name the fields that a new task cannot get but by who makes it."""
    required = document.get("required")
    names = required if isinstance(required, list) else []
    texts = (name for name in names if isinstance(name, str))
    return frozenset(name for name in texts if not _is_filled(fields.get(name)))


def _is_filled(schema: object) -> bool:
    if not isinstance(schema, Mapping):
        return False
    return schema.get("default") is not None or schema.get("auto") is not None


def _creation_faults(place: _Place, needed: frozenset[str]) -> Iterator[Fault]:
    """Refuse roles that could make tasks but for a field that they cannot give."""
    path, role = place
    if not role.get("create", True):
        return
    for key, rule in role.get("fields", {}).items():
        if key in needed and not rule.get("read", True):
            message = f"must not hide {key!r}, without which the role can make no task"
            hint = 'add "create": false to the role, or give the field a default'
            yield _fault((*path, "fields", key, "read"), message, hint)


def build_roles(document: Schema) -> tuple[Role, ...]:
    """Make the roles of a file without faults."""
    declared = workflow_part(document, "roles", None)
    return STANDARD if declared is None else tuple(_build(role) for role in declared)


def _build(role: Mapping[str, Any]) -> Role:
    admin = bool(role.get("admin", False))
    fields: Mapping[str, Mapping[str, Any]] = {} if admin else role.get("fields", {})
    return Role(
        id=role.get("id", role["name"]),
        name=role["name"],
        admin=admin,
        applies=frozenset(role.get("for", ())),
        create=admin or role.get("create", True),
        see=ALL if admin else _rows(role.get("see", "all")),
        update=ALL if admin else _rows(role.get("update", "all")),
        delete=ALL if admin else _rows(role.get("delete", "none")),
        assign="anyone" if admin else role.get("assign", "anyone"),
        move="freely" if admin else role.get("move", "freely"),
        colleagues=admin or role.get("colleagues", True),
        export=admin or role.get("export", True),
        hidden=frozenset(key for key, rule in fields.items() if not rule.get("read", True)),
        writable={key: _rows(rule["write"]) for key, rule in fields.items() if "write" in rule},
    )


def _rows(said: Any) -> Rows:
    return _WORDS[said] if isinstance(said, str) else frozenset(said)
