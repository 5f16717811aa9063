"""Workspaces, users and keys in MongoDB, remembered for less than a second."""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from pymongo import IndexModel
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from taskloom.engine.ports import Taken
from taskloom.model.people import Key, User, Workspace
from taskloom.storage.client import DURABLE, Database, Document, in_our_words
from taskloom.storage.generation import Fresh, Generation

_NO_PASSWORD: Mapping[str, int] = {"password": 0}


class Directory:
    """Fulfils `DirectoryStore`. A password hash is never read but by `password`."""

    def __init__(self, database: Database, *, generation: Generation) -> None:
        self._client = database.client
        self._workspaces = database["workspaces"]
        self._users = database["users"]
        self._keys = database["keys"]
        self._generation = generation
        self._workspace_by_id: Fresh[str, Workspace] = Fresh(generation)
        self._user_by_id: Fresh[str, User] = Fresh(generation)
        self._user_by_email: Fresh[str, User] = Fresh(generation)
        self._key_by_digest: Fresh[str, Key] = Fresh(generation)

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

        with self._generation.bumped(), _taken(), self._client.start_session() as session:
            session.with_transaction(stored, write_concern=DURABLE)

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
    def replace_user(self, user: User, password: str | None) -> bool:
        written = _written(user)
        if password is not None:
            written["password"] = password
        with self._generation.bumped(), _taken():
            result = self._users.update_one(
                {"_id": user.id, "ws": user.workspace}, {"$set": written}
            )
        return result.matched_count == 1

    @in_our_words
    def leave(self, workspace: str, user: str, workflow: str) -> bool:
        inside = {"_id": {"$eq": user}, "ws": {"$eq": workspace}, "left": {"$ne": workflow}}
        with self._generation.bumped():
            result = self._users.update_one(inside, {"$addToSet": {"left": workflow}})
        return result.matched_count == 1

    @in_our_words
    def delete_user(self, workspace: str, user: str) -> bool:
        with self._generation.bumped():
            # Keys first: should the second half fail, nothing is left that opens a door.
            self._keys.delete_many({"ws": {"$eq": workspace}, "user": {"$eq": user}})
            result = self._users.delete_one({"_id": {"$eq": user}, "ws": {"$eq": workspace}})
        return result.deleted_count == 1

    @in_our_words
    def password(self, user: str) -> str | None:
        found = self._users.find_one({"_id": {"$eq": user}}, {"password": 1})
        return None if found is None else found["password"]

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


def _written(user: User) -> Document:
    return {
        "ws": user.workspace,
        "email": user.email,
        "mail": user.email.lower(),
        "name": user.name,
        "role": user.role,
        "at": user.created,
    }


def _new_user(user: User, password: str | None) -> Document:
    return {"_id": user.id, **_written(user), "left": sorted(user.left), "password": password}


def _new_key(key: Key, digest: str) -> Document:
    return {
        "_id": key.id,
        "ws": key.workspace,
        "user": key.user,
        "name": key.name,
        "prefix": key.prefix,
        "at": key.created,
        "digest": digest,
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
        left=frozenset(document["left"]),
    )


def _key(document: Document) -> Key:
    return Key(
        id=document["_id"],
        workspace=document["ws"],
        user=document["user"],
        name=document["name"],
        prefix=document["prefix"],
        created=document["at"],
    )
