"""What every directory store promises, on a real mongod, also between two processes."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Literal

import pytest
from pymongo.client_session import ClientSession

from taskloom.engine.ports import LastAdmin, Taken
from taskloom.model.people import Key, User, Workspace
from taskloom.storage.client import Database, connect
from taskloom.storage.directory import Directory
from taskloom.storage.generation import LARGEST_CACHE, LIFETIME_SECONDS, Fresh, Generation
from taskloom.storage.stores import Stores, open_stores
from tests.builders import NOW, compile_source, new_id

MAIN, OTHER = new_id(), new_id()
DIGEST = hashlib.sha256(b"secret").hexdigest()


def user_of(
    email: str = "ann@example.com",
    *,
    workspace: str = MAIN,
    role: Literal["admin", "manager", "member"] = "member",
) -> User:
    return User(
        id=new_id(),
        workspace=workspace,
        email=email,
        name="Ann",
        role=role,
        created=NOW,
        updated=NOW,
    )


def key_of(user: User | None = None, *, workspace: str = MAIN) -> Key:
    return Key(
        id=new_id(),
        workspace=workspace,
        user=user.id if user else None,
        name="import",
        prefix="tl_abc",
        created=NOW,
    )


def found(
    directory: Directory, workspace: Workspace, *, email: str = "", digest: str = ""
) -> tuple[User, Key]:
    """Found a workspace; unless told otherwise its admin and key are new."""
    email = email or f"{new_id()}@example.com"
    admin = user_of(email, workspace=workspace.id, role="admin")
    key = key_of(admin, workspace=workspace.id)
    directory.found(workspace, admin, "hash", key=key, digest=digest or f"digest of {email}")
    return admin, key


@pytest.fixture
def directory(stores: Stores) -> Directory:
    return stores.directory


def test_workspaces_are_told_apart_by_name_and_id(directory: Directory) -> None:
    main, other = Workspace(id=MAIN, name="main"), Workspace(id=OTHER, name="other")
    for workspace in (other, main):
        found(directory, workspace)

    assert [main, other] == list(directory.workspaces())
    assert main == directory.workspace(MAIN)
    assert directory.workspace("main") is None
    for taken in (Workspace(id=new_id(), name="main"), Workspace(id=MAIN, name="new")):
        with pytest.raises(Taken):
            found(directory, taken)


def test_a_user_is_found_by_id_in_the_own_workspace_and_by_email_anywhere(
    directory: Directory,
) -> None:
    user = user_of("Ann@Example.com")
    directory.insert_user(user, "hash")

    assert user == directory.user(MAIN, user.id)
    assert directory.user(OTHER, user.id) is None
    for email in ("Ann@Example.com", "ann@example.com", "ANN@EXAMPLE.COM"):
        assert user == directory.user_by_email(email)
    assert directory.user_by_email("bob@example.com") is None
    assert directory.user(MAIN, new_id()) is None


def test_an_email_belongs_to_one_user_of_the_server_whatever_its_case(
    directory: Directory,
) -> None:
    directory.insert_user(user_of(), None)
    second = user_of("bob@example.com", workspace=OTHER)
    directory.insert_user(second, None)

    with pytest.raises(Taken):
        directory.insert_user(user_of("ANN@example.com", workspace=OTHER), None)
    with pytest.raises(Taken):
        directory.change_user(second, replace(second, email="Ann@example.com"), None)
    assert second == directory.user_by_email("bob@example.com")


def test_users_are_listed_within_a_workspace_oldest_first(directory: Directory) -> None:
    ann, bob, cid = user_of("ann@example.com"), user_of("Bob@example.com"), user_of("c@example.com")
    cid = replace(cid, created=NOW - 1)
    for user in (bob, ann, cid):
        directory.insert_user(user, None)
    directory.insert_user(user_of("d@example.com", workspace=OTHER), None)

    assert [cid, *sorted((ann, bob), key=lambda user: user.id)] == list(directory.users(MAIN))


def test_a_workspace_is_founded_whole_or_not_at_all(directory: Directory) -> None:
    main = Workspace(id=MAIN, name="main")
    admin, key = found(directory, main)
    assert [admin] == list(directory.users(MAIN))
    assert [key] == list(directory.keys(MAIN))
    assert directory.with_password(admin.email) == (admin, "hash")
    other = Workspace(id=OTHER, name="other")

    with pytest.raises(Taken):
        found(directory, other, email=admin.email)
    with pytest.raises(Taken):
        found(directory, other, digest=f"digest of {admin.email}")

    assert [main] == list(directory.workspaces())
    assert ((), ()) == (directory.users(OTHER), directory.keys(OTHER))


def test_a_user_leaves_workflows_at_once_from_many_sides(directory: Directory) -> None:
    user = user_of()
    directory.insert_user(user, None)
    left = [new_id() for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda workflow: directory.leave(MAIN, user.id, workflow), left))

    assert [True] * 8 == done
    assert directory.change_user(user, replace(user, name="New"), None)
    changed = directory.user(MAIN, user.id)
    assert changed == replace(user, name="New", left=frozenset(left))
    assert not directory.leave(MAIN, user.id, left[0])
    assert not directory.leave(OTHER, user.id, new_id())
    assert not directory.leave(MAIN, new_id(), left[0])


def test_a_changed_user_is_seen_at_once_under_every_name(directory: Directory) -> None:
    user = user_of()
    directory.insert_user(user, None)
    assert directory.user_by_email(user.email) == directory.user(MAIN, user.id)
    changed = replace(
        user, email="new@example.com", role="admin", name="New", image="/a.png", updated=NOW + 1
    )

    assert directory.change_user(user, changed, None)

    assert changed == directory.user(MAIN, user.id)
    assert changed == directory.user_by_email("new@example.com")
    assert directory.user_by_email(user.email) is None
    elsewhere, nobody = replace(changed, workspace=OTHER), user_of("x@example.com")
    for known in (elsewhere, nobody):
        assert not directory.change_user(known, replace(known, name="Newer"), None)
    assert [changed] == list(directory.users(MAIN))


def test_changes_of_different_things_do_not_undo_each_other(directory: Directory) -> None:
    user = user_of()
    directory.insert_user(user, None)

    assert directory.change_user(user, replace(user, name="New"), None)
    assert directory.change_user(user, replace(user, image="/a.png"), None)

    assert replace(user, name="New", image="/a.png") == directory.user(MAIN, user.id)


def test_a_user_who_has_another_role_by_now_is_neither_changed_nor_removed(
    directory: Directory,
) -> None:
    user = user_of()
    directory.insert_user(user, None)
    promoted = replace(user, role="manager")
    assert directory.change_user(user, promoted, None)

    assert not directory.change_user(user, replace(user, name="New"), None)
    assert not directory.delete_user(user)

    assert promoted == directory.user(MAIN, user.id)


def test_a_password_hash_stays_until_another_is_given_and_each_new_one_counts(
    directory: Directory,
) -> None:
    user = user_of()
    directory.insert_user(user, None)
    assert directory.with_password(user.email) == (user, None)

    directory.change_user(user, user, "first")
    directory.change_user(user, replace(user, name="New"), None)

    assert directory.with_password("ANN@example.com") == (
        replace(user, name="New", epoch=1),
        "first",
    )
    directory.change_user(user, user, "second")
    known = directory.user(MAIN, user.id)
    assert known is not None
    assert known.epoch == 2
    assert directory.with_password("nobody@example.com") is None


def test_the_last_admin_neither_goes_nor_becomes_something_else(directory: Directory) -> None:
    main = Workspace(id=MAIN, name="main")
    admin, key = found(directory, main)
    found(directory, Workspace(id=OTHER, name="other"))

    with pytest.raises(LastAdmin):
        directory.delete_user(admin)
    with pytest.raises(LastAdmin):
        directory.change_user(admin, replace(admin, role="member"), None)
    assert directory.change_user(admin, replace(admin, name="Boss"), None)

    assert [replace(admin, name="Boss")] == list(directory.users(MAIN))
    assert [key] == list(directory.keys(MAIN))


def test_of_admins_who_remove_each_other_at_once_one_stays(directory: Directory) -> None:
    admins = [found(directory, Workspace(id=MAIN, name="main"))[0]]
    for number in range(5):
        admins.append(user_of(f"admin-{number}@example.com", role="admin"))
        directory.insert_user(admins[-1], None)

    def lose(number: int) -> bool:
        admin = admins[number]
        try:
            if number % 2:
                return directory.delete_user(admin)
            return directory.change_user(admin, replace(admin, role="member"), None)
        except LastAdmin:
            return False

    with ThreadPoolExecutor(6) as pool:
        assert 5 == sum(pool.map(lose, range(6)))

    assert 1 == sum(user.role == "admin" for user in directory.users(MAIN))


class Hesitant(Directory):
    """A store that waits, once it has looked for another admin, until a second one has too."""

    both = Barrier(2)

    def _require_another_admin(self, user: User, session: ClientSession) -> None:
        super()._require_another_admin(user, session)
        with suppress(BrokenBarrierError):
            self.both.wait(1)


def test_two_who_have_seen_each_other_as_admin_do_not_both_go(
    database: Database, directory: Directory, tmp_path: Path
) -> None:
    admin, _ = found(directory, Workspace(id=MAIN, name="main"))
    other = user_of("other@example.com", role="admin")
    directory.insert_user(other, None)
    hesitant = Hesitant(database, generation=Generation(tmp_path / "generation"))

    def lose(user: User) -> bool:
        try:
            return hesitant.delete_user(user)
        except LastAdmin:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert 1 == sum(pool.map(lose, (admin, other)))

    assert 1 == len(directory.users(MAIN))


def test_a_user_has_one_role_for_each_workflow(directory: Directory) -> None:
    user = user_of()
    directory.insert_user(user, None)
    orders, tickets = new_id(), new_id()

    for workflow, role in ((orders, "clerk"), (tickets, "boss"), (orders, "boss"), (tickets, None)):
        assert directory.give_role(MAIN, user.id, workflow, role)
    assert not directory.give_role(OTHER, user.id, orders, "clerk")
    assert not directory.give_role(MAIN, new_id(), orders, "clerk")
    assert directory.change_user(user, replace(user, name="New"), None)

    assert replace(user, name="New", roles={orders: "boss"}) == directory.user(MAIN, user.id)


def test_with_a_user_all_keys_of_that_user_go(directory: Directory) -> None:
    user = user_of()
    directory.insert_user(user, None)
    directory.insert_key(key_of(user), DIGEST)
    shared = key_of()
    directory.insert_key(shared, "other digest")
    assert directory.key_by_digest(DIGEST) is not None

    assert not directory.delete_user(replace(user, workspace=OTHER))
    assert directory.key_by_digest(DIGEST) is not None
    assert directory.delete_user(user)

    assert directory.key_by_digest(DIGEST) is None
    assert directory.user(MAIN, user.id) is None
    assert [shared] == list(directory.keys(MAIN))
    assert not directory.delete_user(user)


def test_a_key_is_found_by_its_digest_until_it_is_revoked(directory: Directory) -> None:
    key = key_of()
    directory.insert_key(key, DIGEST)

    assert key == directory.key_by_digest(DIGEST)
    assert directory.key_by_digest(DIGEST.upper()) is None
    assert [key] == list(directory.keys(MAIN))
    assert not directory.delete_key(OTHER, key.id)
    assert directory.delete_key(MAIN, key.id)
    assert directory.key_by_digest(DIGEST) is None
    assert not directory.delete_key(MAIN, key.id)


def test_a_key_is_found_by_id_in_its_workspace_until_it_is_revoked(directory: Directory) -> None:
    key = replace(key_of(), scopes=frozenset({"task:read", "task:write"}))
    directory.insert_key(key, DIGEST)

    assert key == directory.key(MAIN, key.id) == directory.key_by_digest(DIGEST)
    assert directory.key(OTHER, key.id) is None
    assert directory.delete_key(MAIN, key.id)
    assert directory.key(MAIN, key.id) is None


def test_what_was_stored_before_users_and_keys_had_more_parts_is_read(
    database: Database, directory: Directory
) -> None:
    user, key = user_of(), key_of()
    directory.insert_user(user, None)
    directory.insert_key(key, DIGEST)
    gone = ("updated", "image", "roles", "epoch")
    database["users"].update_one({}, {"$unset": dict.fromkeys(gone, "")})
    database["keys"].update_one({}, {"$unset": {"scopes": ""}})

    assert user == directory.user(MAIN, user.id)
    assert key == directory.key(MAIN, key.id)


def test_the_signing_key_is_made_once_whoever_asks_first(
    database: Database, tmp_path: Path
) -> None:
    sides = [
        Directory(database, generation=Generation(tmp_path / str(number))) for number in range(8)
    ]

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda side: side.signing_key(), sides))

    (key,) = keys
    assert len(key) == 32
    assert 1 == database["secrets"].count_documents({})


def test_two_databases_have_two_signing_keys(
    mongod_uri: str, directory: Directory, tmp_path: Path
) -> None:
    other = connect(mongod_uri, f"test_{new_id()}")
    with other.client as client:
        elsewhere = Directory(other, generation=Generation(tmp_path / "elsewhere"))

        assert elsewhere.signing_key() != directory.signing_key()

        client.drop_database(other.name)


def test_a_digest_belongs_to_one_key(directory: Directory) -> None:
    directory.insert_key(key_of(), DIGEST)

    with pytest.raises(Taken):
        directory.insert_key(key_of(workspace=OTHER), DIGEST)


def test_stores_may_be_opened_from_many_sides_at_once(database: Database, tmp_path: Path) -> None:
    def opened(_: int) -> Stores:
        return open_stores(
            database,
            compiler=compile_source,
            generation_path=tmp_path / "generation",
            query_ms=1000,
        )

    with ThreadPoolExecutor(8) as pool:
        many = list(pool.map(opened, range(8)))

    many[0].directory.insert_key(key_of(), DIGEST)
    assert all(stores.directory.key_by_digest(DIGEST) for stores in many)
    for stores in many:
        stores.close()


PEER = """
import sys
from pathlib import Path
from taskloom.storage.client import connect
from taskloom.storage.directory import Directory
from taskloom.storage.generation import Generation

uri, name, path = sys.argv[1:]
generation = Generation(Path(path))
directory = Directory(connect(uri, name), generation=generation)
for line in sys.stdin:
    what, value = line.split()
    if what == "revoke":
        print(directory.delete_key(value, directory.keys(value)[0].id), flush=True)
    elif what == "bump":
        generation.bump()
        print(generation.value, flush=True)
    else:
        print(directory.key_by_digest(value) is not None, flush=True)
"""


class Peer:
    """Another process with stores over the same database."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


@contextmanager
def peer_of(uri: str, database: Database, generation: Path) -> Iterator[Peer]:
    command = [sys.executable, "-c", PEER, uri, database.name, str(generation)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    ) as process:
        yield Peer(process)
        assert process.stdin is not None
        process.stdin.close()


def test_a_key_revoked_in_one_process_opens_nothing_in_another(
    mongod_uri: str, database: Database, directory: Directory, tmp_path: Path
) -> None:
    key = key_of()
    with peer_of(mongod_uri, database, tmp_path / "generation") as peer:
        assert peer.ask(f"find {DIGEST}") == "False"
        directory.insert_key(key, DIGEST)
        assert peer.ask(f"find {DIGEST}") == "True"
        assert directory.delete_key(MAIN, key.id)
        assert peer.ask(f"find {DIGEST}") == "False"

        directory.insert_key(key, DIGEST)
        assert directory.key_by_digest(DIGEST) == key
        assert peer.ask(f"revoke {MAIN}") == "True"
        assert directory.key_by_digest(DIGEST) is None


def test_the_generation_is_one_number_for_all_processes(
    mongod_uri: str, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "shared"
    mine = Generation(path)
    with peer_of(mongod_uri, database, path) as peer:
        assert peer.ask("bump x") == "1"
        assert mine.value == 1
        mine.bump()
        assert peer.ask("bump x") == "3"
    mine.close()
    assert Generation(path).value == 3


def test_no_bump_is_lost_between_threads_and_files(tmp_path: Path) -> None:
    sides = [Generation(tmp_path / "shared") for _ in range(2)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: sides[number % 2].bump(), range(400)))

    assert [400, 400] == [side.value for side in sides]


class Clock:
    """A clock that stands until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def generation(tmp_path: Path) -> Generation:
    return Generation(tmp_path / "shared")


def test_what_is_remembered_lives_less_than_a_second(generation: Generation) -> None:
    clock = Clock()
    fresh: Fresh[str, int] = Fresh(generation, clock=clock)
    assert fresh.get("a", lambda: 1) == 1
    clock.now = LIFETIME_SECONDS - 0.01
    assert fresh.get("a", lambda: 2) == 1
    clock.now = LIFETIME_SECONDS
    assert fresh.get("a", lambda: 3) == 3
    assert LIFETIME_SECONDS < 1


def test_a_write_while_loading_is_not_missed(generation: Generation) -> None:
    fresh: Fresh[str, int] = Fresh(generation, clock=Clock())

    def load() -> int:
        generation.bump()
        return 1

    assert fresh.get("a", load) == 1
    assert fresh.get("a", lambda: 2) == 2


def test_a_failed_write_makes_everybody_look_again(generation: Generation) -> None:
    fresh: Fresh[str, int] = Fresh(generation, clock=Clock())
    fresh.get("a", lambda: 1)

    with pytest.raises(OSError, match="lost"), generation.bumped():
        raise OSError("lost")

    assert fresh.get("a", lambda: 2) == 2


def test_that_something_is_absent_is_not_remembered(generation: Generation) -> None:
    fresh: Fresh[str, int] = Fresh(generation, clock=Clock())

    assert fresh.get("a", lambda: None) is None
    assert fresh.get("a", lambda: 1) == 1


def test_memory_is_bounded(generation: Generation) -> None:
    fresh: Fresh[int, int] = Fresh(generation, clock=Clock())
    loaded = 0

    def load() -> int:
        nonlocal loaded
        loaded += 1
        return loaded

    for number in range(LARGEST_CACHE + 1):
        fresh.get(number, load)
    fresh.get(0, load)

    assert loaded == LARGEST_CACHE + 2
