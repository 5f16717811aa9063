"""Workspaces, users and keys in MongoDB, remembered for less than a second."""

import hmac
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from pymongo import IndexModel
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from taskloom.engine.ports import LastAdmin, Taken
from taskloom.model.people import Key, User, Workspace
from taskloom.storage.client import DURABLE, Database, Document, in_our_words
from taskloom.storage.generation import Fresh, Generation
from taskloom.storage.saved_views import SAVED_VIEWS

R = TypeVar("R")

_NO_PASSWORD: Mapping[str, int] = {"password": 0}
_TOKENS = "tokens"
_KEY_BYTES = 32


class Directory:
    """Fulfils `DirectoryStore`. A password hash is never read but by `with_password`."""

    def __init__(self, database: Database, *, generation: Generation) -> None:
        self._client = database.client
        self._workspaces = database["workspaces"]
        self._users = database["users"]
        self._keys = database["keys"]
        self._saved_views = database[SAVED_VIEWS]
        self._secrets = database["secrets"]
        self._generation = generation
        self._workspace_by_id: Fresh[str, Workspace] = Fresh(generation)
        self._user_by_id: Fresh[str, User] = Fresh(generation)
        self._user_by_email: Fresh[str, User] = Fresh(generation)
        self._key_by_digest: Fresh[str, Key] = Fresh(generation)
        self._key_by_id: Fresh[str, Key] = Fresh(generation)
        self._signing_keys: Fresh[str, bytes] = Fresh(generation)

    @in_our_words
    def prepare(self) -> None:
        """Make the indexes; harmless to repeat."""
        self._workspaces.create_indexes([IndexModel("name", name="tl_name", unique=True)])
        self._users.create_indexes(
            [
                IndexModel("mail", name="tl_mail", unique=True),
                IndexModel([("ws", 1), ("mail", 1)], name="tl_ws"),
            ]
        )
        self._keys.create_indexes(
            [
                IndexModel("digest", name="tl_digest", unique=True),
                IndexModel([("ws", 1), ("user", 1)], name="tl_ws"),
            ]
        )

    @in_our_words
    def workspaces(self) -> Sequence[Workspace]:
        return tuple(_workspace(document) for document in self._workspaces.find().sort("name", 1))

    def workspace(self, workspace: str) -> Workspace | None:
        return self._workspace_by_id.get(workspace, lambda: self._load_workspace(workspace))

    @in_our_words
    def _load_workspace(self, workspace: str) -> Workspace | None:
        found = self._workspaces.find_one({"_id": {"$eq": workspace}})
        return None if found is None else _workspace(found)

    @in_our_words
    def found(
        self, workspace: Workspace, admin: User, password: str, *, key: Key, digest: str
    ) -> None:
        def stored(session: ClientSession) -> None:
            self._workspaces.insert_one(
                {"_id": workspace.id, "name": workspace.name}, session=session
            )
            self._users.insert_one(_new_user(admin, password), session=session)
            self._keys.insert_one(_new_key(key, digest), session=session)

        with _taken():
            self._together(stored)

    @in_our_words
    def users(self, workspace: str) -> Sequence[User]:
        found = self._users.find({"ws": {"$eq": workspace}}, _NO_PASSWORD)
        return tuple(_user(document) for document in found.sort([("at", 1), ("_id", 1)]))

    def user(self, workspace: str, user: str) -> User | None:
        found = self._user_by_id.get(user, lambda: self._load_user({"_id": {"$eq": user}}))
        return found if found is not None and found.workspace == workspace else None

    def user_by_email(self, email: str) -> User | None:
        mail = email.lower()
        return self._user_by_email.get(mail, lambda: self._load_user({"mail": {"$eq": mail}}))

    @in_our_words
    def _load_user(self, where: Document) -> User | None:
        found = self._users.find_one(where, _NO_PASSWORD)
        return None if found is None else _user(found)

    @in_our_words
    def insert_user(self, user: User, password: str | None) -> None:
        with self._generation.bumped(), _taken():
            self._users.insert_one(_new_user(user, password))

    @in_our_words
    def with_password(self, email: str) -> tuple[User, str | None] | None:
        found = self._users.find_one({"mail": {"$eq": email.lower()}})
        return None if found is None else (_user(found), found["password"])

    @in_our_words
    def change_user(self, before: User, after: User, password: str | None) -> bool:
        old, new = _written(before), _written(after)
        written = {name: value for name, value in new.items() if value != old[name]}
        if password is not None:
            written["password"] = password
        update: Document = {"$set": written, "$inc": {"epoch": int(password is not None)}}

        def changed(session: ClientSession) -> bool:
            if after.role != before.role:
                self._require_another_admin(before, session)
            matched = self._users.update_one(_as_known(before), update, session=session)
            return matched.matched_count == 1

        with _taken():
            return self._together(changed)

    def _require_another_admin(self, user: User, session: ClientSession) -> None:
        """Refuse to lose the last admin, also when all admins are to go at the same time."""
        if user.role != "admin":
            return
        # Two who do this at once write the same document, so that one begins anew after the other.
        mark: Document = {"$inc": {"admins": 1}}
        self._workspaces.update_one({"_id": user.workspace}, mark, session=session)
        others = {"ws": user.workspace, "role": "admin", "_id": {"$ne": user.id}}
        if self._users.find_one(others, {"_id": 1}, session=session) is None:
            raise LastAdmin

    @in_our_words
    def leave(self, workspace: str, user: str, workflow: str) -> bool:
        inside = {"_id": {"$eq": user}, "ws": {"$eq": workspace}, "left": {"$ne": workflow}}
        with self._generation.bumped():
            result = self._users.update_one(inside, {"$addToSet": {"left": workflow}})
        return result.matched_count == 1

    @in_our_words
    def give_role(self, workspace: str, user: str, workflow: str, role: str | None) -> bool:
        here = {"_id": {"$eq": user}, "ws": {"$eq": workspace}}
        name = f"roles.{workflow}"
        update: Document = {"$unset": {name: ""}} if role is None else {"$set": {name: role}}
        with self._generation.bumped():
            result = self._users.update_one(here, update)
        return result.matched_count == 1

    @in_our_words
    def delete_user(self, user: User) -> bool:
        def deleted(session: ClientSession) -> bool:
            self._require_another_admin(user, session)
            if not self._users.delete_one(_as_known(user), session=session).deleted_count:
                return False
            self._keys.delete_many({"ws": user.workspace, "user": user.id}, session=session)
            nobodys = {"owner": user.id, "shared": False}
            self._saved_views.delete_many(nobodys, session=session)
            return True

        return self._together(deleted)

    def _together(self, work: Callable[[ClientSession], R]) -> R:
        """Do all of it or nothing, then let every process look again."""
        with self._generation.bumped(), self._client.start_session() as session:
            return session.with_transaction(
                work, read_concern=ReadConcern("snapshot"), write_concern=DURABLE
            )

    def signing_key(self) -> bytes:
        while True:
            key = self._signing_keys.get(_TOKENS, self._load_signing_key)
            if key is not None:
                return key
            self._make_signing_key()

    @in_our_words
    def _load_signing_key(self) -> bytes | None:
        found = self._secrets.find_one({"_id": _TOKENS})
        return None if found is None else bytes(found["key"])

    @in_our_words
    def _make_signing_key(self) -> None:
        """Make the key, unless another process is faster: then its key is everybody's."""
        made = {"$setOnInsert": {"key": secrets.token_bytes(_KEY_BYTES)}}
        with suppress(DuplicateKeyError):
            self._secrets.update_one({"_id": _TOKENS}, made, upsert=True)

    @in_our_words
    def keys(self, workspace: str) -> Sequence[Key]:
        found = self._keys.find({"ws": {"$eq": workspace}}).sort([("at", 1), ("_id", 1)])
        return tuple(_key(document) for document in found)

    def key_by_digest(self, digest: str) -> Key | None:
        return self._key_by_digest.get(digest, lambda: self._load_key(digest))

    @in_our_words
    def _load_key(self, digest: str) -> Key | None:
        found = self._keys.find_one({"digest": {"$eq": digest}})
        if found is None or not hmac.compare_digest(found["digest"], digest):
            return None
        return _key(found)

    def key(self, workspace: str, key: str) -> Key | None:
        found = self._key_by_id.get(key, lambda: self._load_key_by_id(key))
        return found if found is not None and found.workspace == workspace else None

    @in_our_words
    def _load_key_by_id(self, key: str) -> Key | None:
        found = self._keys.find_one({"_id": {"$eq": key}})
        return None if found is None else _key(found)

    @in_our_words
    def insert_key(self, key: Key, digest: str) -> None:
        with self._generation.bumped(), _taken():
            self._keys.insert_one(_new_key(key, digest))

    @in_our_words
    def delete_key(self, workspace: str, key: str) -> bool:
        with self._generation.bumped():
            result = self._keys.delete_one({"_id": {"$eq": key}, "ws": {"$eq": workspace}})
        return result.deleted_count == 1


@contextmanager
def _taken() -> Iterator[None]:
    try:
        yield
    except DuplicateKeyError as error:
        raise Taken from error


def _as_known(user: User) -> Document:
    """Find a user as long as the role is still the one that rights were judged by."""
    return {"_id": user.id, "ws": user.workspace, "role": user.role}


def _written(user: User) -> Document:
    return {
        "ws": user.workspace,
        "email": user.email,
        "mail": user.email.lower(),
        "name": user.name,
        "role": user.role,
        "at": user.created,
        "updated": user.updated,
        "image": user.image,
    }


def _new_user(user: User, password: str | None) -> Document:
    return {
        "_id": user.id,
        **_written(user),
        "left": sorted(user.left),
        "roles": dict(user.roles),
        "epoch": user.epoch,
        "password": password,
    }


def _new_key(key: Key, digest: str) -> Document:
    return {
        "_id": key.id,
        "ws": key.workspace,
        "user": key.user,
        "name": key.name,
        "prefix": key.prefix,
        "at": key.created,
        "digest": digest,
        "scopes": None if key.scopes is None else sorted(key.scopes),
    }


def _workspace(document: Document) -> Workspace:
    return Workspace(id=document["_id"], name=document["name"])


def _user(document: Document) -> User:
    return User(
        id=document["_id"],
        workspace=document["ws"],
        email=document["email"],
        name=document["name"],
        role=document["role"],
        created=document["at"],
        updated=document.get("updated") or document["at"],
        left=frozenset(document["left"]),
        roles=document.get("roles", {}),
        image=document.get("image", ""),
        epoch=document.get("epoch", 0),
    )


def _key(document: Document) -> Key:
    scopes = document.get("scopes")
    return Key(
        id=document["_id"],
        workspace=document["ws"],
        user=document["user"],
        name=document["name"],
        prefix=document["prefix"],
        created=document["at"],
        scopes=None if scopes is None else frozenset(scopes),
    )
