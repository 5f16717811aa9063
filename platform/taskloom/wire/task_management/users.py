"""Users: list, create, get, change, delete."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.users import user_faults
from taskloom.errors import Conflict, Fault, Invalid
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.docs.describe import body, documented, parameter, reply
from taskloom.wire.facades import mount_url
from taskloom.wire.task_management.asking import Asking, envelope, links, require_nothing
from taskloom.wire.task_management.bodies import Body, body_of, has_body
from taskloom.wire.task_management.describe import (
    LINK,
    USER,
    USER_ID,
    USER_IN,
    USERS_LISTED,
    listed,
)
from taskloom.wire.task_management.directory import (
    EMAIL,
    NAME,
    PASSWORD,
    ROLE,
    shown,
    user_listing_of,
)
from taskloom.wire.task_management.errors import about, spelled
from taskloom.wire.task_management.names import CREATED_AT, UPDATED_AT, unknown_names

USERS: Final = "/users"
FORCE: Final = "force"
_THING: Final = "User"
_WRITTEN: Final = (NAME, EMAIL, ROLE, PASSWORD)
_READ_ONLY: Final = frozenset({"id", CREATED_AT, UPDATED_AT})
_BLANKS: Final = {PASSWORD: ""}  # A space is a password.
_ANOTHERS: Final = "Email address is already in use by another user"
_FORCED: Final = parameter(
    FORCE, "`true`: take the user off all tasks first.", {"type": "boolean", "default": False}
)


class Users:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "List users",
        description="A part of the users that the key may see, oldest first unless sorted.",
        parameters=USERS_LISTED,
        replies={200: reply("The users.", listed(USER), headers=LINK)},
        errors=(400,),
    )
    def list_users(self) -> Response:
        """Answer a part of the users."""
        actor = actor_of(request, self._engine)
        wanted = user_listing_of(request.args)
        users = wanted.matching(self._engine.users.every(actor))
        data = [shown(user) for user in wanted.part(users)]
        link = links(self._address(USERS), request.query_string, len(users), wanted.page)
        return answer(envelope(data, len(users), wanted.page), headers={"Link": link})

    @documented(
        "Create a user",
        description="Managers create members only.",
        request=body(USER_IN),
        replies={201: reply("The new user.", USER, headers={"Location": "The address."})},
        errors=(409,),
    )
    def create_user(self) -> Response:
        """Create one user."""
        actor = actor_of(request, self._engine)
        require_nothing(request.args)
        with body_of(request, self._limits) as sent:
            given = {NAME: None, EMAIL: None, ROLE: "member", **_given(sent)}
        texts = _texts(given)
        user = self._engine.users.create(actor, texts.pop(EMAIL), **texts)
        address = self._address(f"{USERS}/{user.id}")
        return answer(shown(user), 201, {"Location": address})

    @documented(
        "Get a user",
        parameters=[USER_ID],
        replies={200: reply("The user.", USER)},
        errors=(400, 404),
    )
    def get_user(self, user: str) -> Response:
        """Answer one user."""
        actor = actor_of(request, self._engine)
        require_nothing(request.args)
        with about(_THING, user):
            found = self._engine.users.get(actor, user)
        return answer(shown(found))

    @documented(
        "Change a user",
        description=(
            "What is absent stays. Nobody changes their own role. A new password ends all older "
            "tokens."
        ),
        parameters=[USER_ID],
        request={**body(USER_IN), "required": False},
        replies={200: reply("The whole user.", USER), 204: reply("Nothing was to be changed.")},
        errors=(404, 409),
    )
    def update_user(self, user: str) -> Response:
        """Change one user."""
        actor = actor_of(request, self._engine)
        require_nothing(request.args)
        with about(_THING, user):
            self._engine.users.get(actor, user)
            with self._body() as sent:
                given = _given(sent)
            if not given:
                return Response(status=204)
            with _by_another():
                changed = self._engine.users.update(actor, user, **_texts(given))
        return answer(shown(changed))

    @documented(
        "Delete a user",
        description="Not while tasks are assigned to the user, unless forced.",
        parameters=[USER_ID, _FORCED],
        replies={204: reply("Deleted.")},
        errors=(400, 404, 409),
    )
    def delete_user(self, user: str) -> Response:
        """Delete one user."""
        actor = actor_of(request, self._engine)
        asking = Asking(request.args, (FORCE,))
        force = asking.truth(FORCE)
        asking.settle()
        with about(_THING, user):
            self._engine.users.delete(actor, user, force=bool(force))
        return Response(status=204)

    @contextmanager
    def _body(self) -> Iterator[Body]:
        """Read the body; none at all is like an empty object."""
        if has_body(request):
            with body_of(request, self._limits) as sent:
                yield sent
        else:
            yield {}

    def _address(self, path: str) -> str:
        """Return the address from outside of a path below the mount."""
        return mount_url(request, self._limits) + path


def _given(sent: Body) -> dict[str, object]:
    """Return what a body says of a user; unknown names and what is no text are refused.

    What is wrong with the rest is then told too, so that every fault is told at once.
    """
    unknown = [name for name in sent if name not in _WRITTEN and name not in _READ_ONLY]
    given = {name: sent[name] for name in _WRITTEN if name in sent}
    faults = unknown_names(unknown, _WRITTEN)
    faults += [
        Fault(path=(name,), code="invalid", message="must be text")
        for name, value in given.items()
        if value is not None and not isinstance(value, str)
    ]
    if faults:
        texts = {name: value for name, value in given.items() if isinstance(value, str)}
        raise Invalid([*faults, *user_faults(**texts)])
    return given


def _texts(given: Mapping[str, object]) -> dict[str, str]:
    """Spell null, which no part of a user may be, as the blank text that the engine refuses."""
    return {
        name: value if isinstance(value, str) else _BLANKS.get(name, " ")
        for name, value in given.items()
    }


@contextmanager
def _by_another() -> Iterator[None]:
    try:
        yield
    except Conflict as error:
        if error.details.get("email"):
            spelled(error, "resource_conflict", _ANOTHERS, {EMAIL: _ANOTHERS})
        raise
