"""Users of a workspace: who may see, add, change and remove whom."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from taskloom.engine.passwords import Passwords, password_faults
from taskloom.engine.ports import LastAdmin, Ports, Taken
from taskloom.engine.rights import require
from taskloom.errors import ASSIGNEE, Conflict, Fault, Forbidden, Invalid, NotFound, Unseen
from taskloom.fields.base import BLANK
from taskloom.model.people import ROLES, Actor, Role, User
from taskloom.query.tree import Compare
from taskloom.schema.compiled import Compiled

_LONGEST_EMAIL: Final = 254
_LONGEST_NAME: Final = 200
_LONGEST_IMAGE: Final = 2048
_IMAGES: Final = ("http://", "https://", "/")


class Users:
    """The use cases of users.

    Admins see and change everybody, managers everybody but admins and they change members only,
    members themselves only. Nobody changes their own role or removes themselves.
    """

    def __init__(self, ports: Ports, passwords: Passwords) -> None:
        self._ports = ports
        self._passwords = passwords

    def every(self, actor: Actor) -> Sequence[User]:
        """Return the users that the actor may see, oldest first."""
        require(actor, "read", "users")
        return [user for user in self._ports.directory.users(actor.workspace) if _sees(actor, user)]

    def get(self, actor: Actor, user_id: str) -> User:
        """Return a user; raises `NotFound`, or `Unseen` for one the actor may not see."""
        user = self.peek(actor, user_id)
        if not _sees(actor, user):
            raise Unseen("you may not see this user", verb="read")
        return user

    def peek(self, actor: Actor, user_id: str) -> User:
        """Return any colleague, to show less of them than `get` allows; raises `NotFound`."""
        require(actor, "read", "users")
        found = self._ports.directory.user(actor.workspace, user_id)
        if found is None:
            raise NotFound("there is no such user")
        return found

    def create(
        self,
        actor: Actor,
        email: str,
        *,
        name: str = "",
        role: str = "member",
        password: str | None = None,
    ) -> User:
        """Add a user, named after the e-mail unless told otherwise.

        Raises `Forbidden`, `Invalid` with every fault, or `Conflict` with the detail `email` when
        the e-mail is known on this server.
        """
        _require_whole(actor)
        if actor.role == "member":
            raise Forbidden("a member may not add users", verb="create")
        _require_giving(actor, role, ("member",))
        refuse(user_faults(name=name or None, email=email, role=role, password=password))
        user = new_user(self._ports, actor.workspace, email, name=name, role=role)
        insert(self._ports, user, self._passwords.hash(password) if password else None)
        return user

    def update(
        self,
        actor: Actor,
        user_id: str,
        *,
        name: str | None = None,
        email: str | None = None,
        role: str | None = None,
        password: str | None = None,
        image: str | None = None,
    ) -> User:
        """Change what is given of a user; a new password ends all tokens of the user.

        Raises `NotFound`, `Unseen`, `Forbidden`, `Invalid` with every fault, or `Conflict`: with
        the detail `email` when somebody else has the e-mail, or for the last admin.
        """
        _require_whole(actor)
        while True:
            before = self.get(actor, user_id)
            _require_update(actor, before, role)
            faults = user_faults(name=name, email=email, role=role, password=password, image=image)
            refuse(faults)
            after = replace(
                before,
                name=before.name if name is None else name.strip(),
                email=before.email if email is None else email.strip(),
                role=before.role if role is None else role_of(role),
                image=before.image if image is None else image,
            )
            if after == before and password is None:
                return before
            # Somebody may have changed the role, and with it what the actor may do to this user.
            if self._changed(before, after, password):
                return self.peek(actor, user_id)

    def _changed(self, before: User, after: User, password: str | None) -> bool:
        after = replace(after, updated=max(self._ports.clock(), before.updated))
        hashed = None if password is None else self._passwords.hash(password)
        try:
            return self._ports.directory.change_user(before, after, hashed)
        except Taken:
            raise email_taken(after.email) from None
        except LastAdmin:
            raise _last_admin() from None

    def delete(self, actor: Actor, user_id: str, *, force: bool = False) -> None:
        """Remove a user with all their keys.

        Raises `NotFound`, `Unseen`, `Forbidden`, or `Conflict`: for the last admin, and with the
        detail `assignedTaskCount` while tasks are assigned to the user. `force` takes the user off
        those tasks first.
        """
        _require_whole(actor)
        while True:
            user = self.get(actor, user_id)
            _require_delete(actor, user)
            self._require_another_admin(user)
            workflows = list(self._workflows(actor.workspace))
            if force:
                self._unassign(workflows, user, actor)
            else:
                self._require_unassigned(workflows, user)
            try:
                deleted = self._ports.directory.delete_user(user)
            except LastAdmin:
                raise _last_admin() from None
            if deleted:
                # For writes that found the user just before they were gone.
                self._unassign(workflows, user, actor)
                return

    def _workflows(self, workspace: str) -> Iterator[Compiled]:
        for workflow in self._ports.workflows.every(workspace):
            compiled = self._ports.workflows.current(workspace, workflow.id)
            if compiled is not None:
                yield compiled

    def _require_unassigned(self, workflows: Sequence[Compiled], user: User) -> None:
        assigned = Compare(ASSIGNEE, "eq", user.id)
        count = sum(self._ports.tasks.count(workflow, assigned) for workflow in workflows)
        if count:
            raise Conflict("Cannot delete user with assigned tasks", assignedTaskCount=count)

    def _unassign(self, workflows: Sequence[Compiled], user: User, actor: Actor) -> None:
        for workflow in workflows:
            self._ports.tasks.unassign(workflow, user.id, self._ports.clock(), actor.user)

    def _require_another_admin(self, user: User) -> None:
        """Refuse before tasks are touched; that an admin stays for sure is up to the store."""
        users = self._ports.directory.users(user.workspace)
        if user.role == "admin" and sum(other.role == "admin" for other in users) == 1:
            raise _last_admin()


def user_faults(
    *,
    name: str | None = None,
    email: str | None = None,
    role: str | None = None,
    password: str | None = None,
    image: str | None = None,
) -> Iterator[Fault]:
    """Say all that is wrong with what is given of a user; None is not given."""
    if name is not None:
        yield from _text_faults("name", name, _LONGEST_NAME)
    if email is not None:
        yield from _email_faults(email)
    if role is not None and role not in ROLES:
        message = f"must be one of {', '.join(ROLES)}"
        yield Fault(path=("role",), code="invalid", message=message)
    if password is not None:
        yield from password_faults(password)
    if image:
        yield from _image_faults(image)


def refuse(faults: Iterator[Fault]) -> None:
    """Raise `Invalid` if there are faults."""
    found = list(faults)
    if found:
        raise Invalid(found)


def new_user(
    ports: Ports, workspace: str, email: str, *, name: str, role: str, image: str = ""
) -> User:
    """Make a user that is not stored yet, of parts that have no faults."""
    now = ports.clock()
    return User(
        id=ports.new_id(),
        workspace=workspace,
        email=email.strip(),
        name=name.strip() or email.strip().partition("@")[0],
        role=role_of(role),
        created=now,
        updated=now,
        image=image,
    )


def insert(ports: Ports, user: User, hashed: str | None) -> None:
    """Store a new user; raises `Conflict` when the e-mail is known on this server."""
    try:
        ports.directory.insert_user(user, hashed)
    except Taken:
        raise email_taken(user.email) from None


def email_taken(email: str) -> Conflict:
    """Say that somebody has this e-mail."""
    return Conflict(f"somebody has the e-mail {email} already", email=True)


def role_of(name: str) -> Role:
    """Return the role with this name, which exists."""
    return next(role for role in ROLES if role == name)


def _sees(actor: Actor, user: User) -> bool:
    if actor.role == "manager":
        return user.role != "admin"
    return actor.is_admin or user.id == actor.user


def _require_whole(actor: Actor) -> None:
    if actor.scopes is not None:
        raise Forbidden("this credential is for tasks only", verb="scope")


def _require_giving(actor: Actor, role: str, allowed: Sequence[Role]) -> None:
    """Refuse a role that the actor may not give; one that does not exist is a fault of its own."""
    if role in ROLES and role not in allowed and not actor.is_admin:
        raise Forbidden(f"a {actor.role} may not make somebody a {role}", verb="role")


def _require_update(actor: Actor, user: User, role: str | None) -> None:
    changes_role = role is not None and role != user.role
    if user.id == actor.user:
        if changes_role:
            raise Forbidden("nobody may change their own role", verb="role")
        return
    if not actor.is_admin and user.role != "member":
        raise Forbidden(f"a {actor.role} may not change a {user.role}", verb="update")
    if role is not None and changes_role:
        _require_giving(actor, role, ("member", "manager"))


def _require_delete(actor: Actor, user: User) -> None:
    if user.id == actor.user:
        raise Forbidden("nobody may remove themselves", verb="delete")
    if not actor.is_admin and user.role != "member":
        raise Forbidden(f"a {actor.role} may not remove a {user.role}", verb="delete")


def _last_admin() -> Conflict:
    return Conflict("the workspace would have no admin")


def _text_faults(what: str, text: str, longest: int) -> Iterator[Fault]:
    if not text.strip():
        yield Fault(path=(what,), code=BLANK, message="is required")
    elif not _is_plain(text):
        yield Fault(path=(what,), code="invalid", message="is invalid")
    if len(text) > longest:
        message = f"must have at most {longest} characters"
        yield Fault(path=(what,), code="too_long", message=message)


def _email_faults(email: str) -> Iterator[Fault]:
    name, at, domain = email.strip().rpartition("@")
    odd = any(sign == " " or sign in ',;<>"' for sign in email.strip())
    if not email.strip():
        yield Fault(path=("email",), code=BLANK, message="is required")
    elif (
        not (name and at and domain)
        or odd
        or not _is_plain(email.strip())
        or len(email) > _LONGEST_EMAIL
    ):
        yield Fault(path=("email",), code="invalid", message="is invalid")


def _image_faults(image: str) -> Iterator[Fault]:
    if len(image) > _LONGEST_IMAGE or not image.startswith(_IMAGES) or not _is_plain(image):
        message = "must be the address of a picture, beginning with http://, https:// or /"
        yield Fault(path=("image",), code="invalid", message=message)


def _is_plain(text: str) -> bool:
    """Tell whether the text has no control characters and can be written in UTF-8."""
    return not any(sign < " " or sign == "\x7f" or "\ud800" <= sign <= "\udfff" for sign in text)
