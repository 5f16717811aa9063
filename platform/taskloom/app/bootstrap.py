"""The first start: a workspace with an admin and a key, made once whoever else starts beside us."""

import secrets
from dataclasses import dataclass

from taskloom.config import BadSetting, Settings
from taskloom.engine.engine import Engine
from taskloom.engine.keys import SHORTEST_KEY
from taskloom.engine.people import MAIN
from taskloom.errors import Conflict, Invalid, NotFound, Unauthenticated
from taskloom.model.people import Actor, User, Workspace
from taskloom.storage.datadir import CannotStart


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAdmin:
    """What the first start made; a password or key that the settings gave is None here."""

    email: str
    password: str | None
    key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrapped:
    """The workspace `main`, an actor who may configure it, and what was made just now."""

    actor: Actor
    made: FirstAdmin | None


def bootstrap(engine: Engine, settings: Settings) -> Bootstrapped:
    """See to it that `main`, an admin and, if the settings give one, the admin's key exist.

    Safe when several servers start at once: each part is made by exactly one of them. Raises
    `BadSetting` for values that cannot be, `CannotStart` when the e-mail is taken elsewhere.
    """
    _check(settings)
    workspace = _workspace(engine)
    made = _found(engine, settings) if workspace is None else None
    workspace = workspace or _workspace(engine)
    if workspace is None:
        raise _taken(settings)
    actor = Actor(workspace=workspace.id, user=None, role="admin")
    if made is None:
        made = _complete(engine, actor, settings)
    return Bootstrapped(actor=actor, made=made)


def _check(settings: Settings) -> None:
    key = settings.bootstrap_key
    if key is not None and (len(key) < SHORTEST_KEY or not key.isascii() or not key.isprintable()):
        raise BadSetting(
            f"TASKLOOM_BOOTSTRAP_KEY=… cannot be used: a key has at least {SHORTEST_KEY} printable "
            "ASCII characters and looks like tl_…"
        )


def _workspace(engine: Engine) -> Workspace | None:
    return next((found for found in engine.people.workspaces() if found.name == MAIN), None)


def _found(engine: Engine, settings: Settings) -> FirstAdmin | None:
    """Make everything at once; None when another server was faster with any part."""
    try:
        founded = engine.people.found(
            MAIN,
            settings.bootstrap_email,
            password=settings.bootstrap_password,
            secret=settings.bootstrap_key,
        )
    except Invalid as fault:
        raise BadSetting(
            f"TASKLOOM_BOOTSTRAP_EMAIL={settings.bootstrap_email!r} is no e-mail address"
        ) from fault
    except Conflict:
        return None
    return FirstAdmin(
        email=founded.admin.email,
        password=None if settings.bootstrap_password else founded.password,
        key=None if settings.bootstrap_key else founded.secret,
    )


def _taken(settings: Settings) -> CannotStart:
    return CannotStart(
        f"The e-mail {settings.bootstrap_email} belongs to another workspace of this database, so "
        f"it cannot be the first admin of {MAIN!r}.",
        "Set TASKLOOM_BOOTSTRAP_EMAIL to another address.",
    )


def _complete(engine: Engine, actor: Actor, settings: Settings) -> FirstAdmin | None:
    """Finish what another server, perhaps killed in the middle, began."""
    admin = _first_admin(engine, actor)
    made = None
    if admin is None:
        made = _admit(engine, actor, settings)
        admin = _first_admin(engine, actor)
    if admin is not None and settings.bootstrap_key is not None:
        _accept(engine, actor, admin, settings.bootstrap_key)
    return made


def _first_admin(engine: Engine, actor: Actor) -> User | None:
    return next((user for user in engine.users.every(actor) if user.role == "admin"), None)


def _admit(engine: Engine, actor: Actor, settings: Settings) -> FirstAdmin | None:
    password = settings.bootstrap_password or secrets.token_urlsafe(12)
    email = settings.bootstrap_email
    try:
        user = engine.users.create(actor, email, role="admin", password=password)
    except Conflict:
        if _first_admin(engine, actor) is None:
            raise _taken(settings) from None
        return None
    key = None
    if settings.bootstrap_key is None:
        key = engine.keys.create(actor, user=user.id, name="first key").secret
    shown = None if settings.bootstrap_password else password
    return FirstAdmin(email=user.email, password=shown, key=key)


def _accept(engine: Engine, actor: Actor, admin: User, key: str) -> None:
    """Make a key that the settings give the first admin's, unless somebody holds it already."""
    if holds(engine, key):
        return
    try:
        engine.keys.create(actor, user=admin.id, name="bootstrap key", secret=key)
    except Conflict:
        return


def holds(engine: Engine, key: str) -> bool:
    """Tell whether a key opens anything."""
    try:
        engine.people.authenticate(key)
    except Unauthenticated:
        return False
    return True


def local_key(engine: Engine, actor: Actor, known: str | None, name: str) -> str:
    """Return the key for programs beside the server: the known one while it is good, else new.

    The former keys of that name are revoked, so that no more than one is ever good.
    """
    if known is not None and holds(engine, known):
        return known
    for key in engine.keys.every(actor):
        if key.name == name:
            _revoke(engine, actor, key.id)
    return engine.keys.create(actor, name=name).secret


def _revoke(engine: Engine, actor: Actor, key: str) -> None:
    try:
        engine.keys.delete(actor, key)
    except NotFound:
        return
