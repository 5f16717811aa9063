"""Who may do what, where a workflow declares no roles of its own."""

from typing import Literal

from taskloom.errors import Forbidden
from taskloom.model.people import Actor, Role

Verb = Literal["create", "read", "update", "delete", "configure"]

_WORKING: frozenset[Verb] = frozenset({"create", "read", "update"})
_MANAGING: frozenset[Verb] = _WORKING | {"delete"}
_ALLOWED: dict[Role, frozenset[Verb]] = {
    "member": _WORKING,
    "manager": _MANAGING,
    "admin": _MANAGING | {"configure"},
}


def require(actor: Actor, verb: Verb, what: str = "tasks of this workflow") -> None:
    """Raise `Forbidden` unless the actor's role allows the verb."""
    if verb not in _ALLOWED[actor.role]:
        raise Forbidden(f"a {actor.role} may not {verb} {what}", role=actor.role, verb=verb)
