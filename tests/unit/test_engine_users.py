"""Users over the real store: who may see, add, change and remove whom."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from taskloom.engine.engine import open_engine
from taskloom.engine.users import user_faults
from taskloom.errors import Conflict, Forbidden, Invalid, NotFound, TaskloomError, Unseen
from taskloom.model.people import ROLES, Actor, Role, User
from taskloom.storage.client import Database
from tests.unit.engines import ORDERS, TICKETS, Between, Office, codes, member, open_office

MISSING = "0" * 24
READING = frozenset({"task:read"})


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Two users of each role, as actors; the office's own admin is a third admin."""

    admins: tuple[Actor, Actor]
    managers: tuple[Actor, Actor]
    members: tuple[Actor, Actor]

    @property
    def firsts(self) -> tuple[Actor, Actor, Actor]:
        """Admin, manager, member."""
        return self.admins[0], self.managers[0], self.members[0]

    @property
    def seconds(self) -> tuple[Actor, Actor, Actor]:
        """Another admin, manager and member."""
        return self.admins[1], self.managers[1], self.members[1]


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


@pytest.fixture
def people(office: Office) -> People:
    def two(role: Role) -> tuple[Actor, Actor]:
        first, second = (f"{role}-{number}@example.com" for number in (1, 2))
        return member(office, first, role=role), member(office, second, role=role)

    return People(admins=two("admin"), managers=two("manager"), members=two("member"))


def id_of(actor: Actor) -> str:
    assert actor.user is not None
    return actor.user


def refusal(act: Any, *args: Any, **kwargs: Any) -> tuple[type[TaskloomError], object] | None:
    """Give the error with its verb, or None when there was none."""
    try:
        act(*args, **kwargs)
    except TaskloomError as error:
        return type(error), error.details.get("verb")
    return None


def stored(office: Office, actor: Actor) -> User:
    return office.engine.users.get(office.admin, id_of(actor))


def test_tm_71_admins_see_all_managers_all_but_admins_members_themselves(
    office: Office, people: People
) -> None:
    admin, manager, ann = people.firsts
    users = office.engine.users
    everybody = users.every(office.admin)

    assert 7 == len(everybody) == len(users.every(admin))
    assert [user for user in everybody if user.role != "admin"] == list(users.every(manager))
    assert [stored(office, ann)] == list(users.every(ann))


def test_tm_72_who_may_not_be_seen_is_unseen_and_who_is_not_there_not_found(
    office: Office, people: People
) -> None:
    users = office.engine.users
    seen = [
        [refusal(users.get, actor, id_of(user)) for user in people.seconds]
        for actor in people.firsts
    ]

    unseen = (Unseen, "read")
    assert [[None, None, None], [unseen, None, None], [unseen, unseen, unseen]] == seen
    for actor in people.firsts:
        assert actor.user == users.get(actor, id_of(actor)).id
        assert refusal(users.get, actor, MISSING) == (NotFound, None)
        assert refusal(users.get, actor, "$ne") == (NotFound, None)


def test_colleagues_may_be_peeked_at_and_nobody_elsewhere(office: Office, people: People) -> None:
    other = office.engine.people.found("other", "boss@example.com").admin
    ann = people.members[0]

    assert stored(office, people.admins[0]) == office.engine.users.peek(
        ann, id_of(people.admins[0])
    )
    for act in (office.engine.users.peek, office.engine.users.get, office.engine.users.update):
        assert refusal(act, office.admin, other.id) == (NotFound, None)
    assert refusal(office.engine.users.delete, office.admin, other.id) == (NotFound, None)
    assert other.id not in {user.id for user in office.engine.users.every(office.admin)}


def test_tm_70_managers_add_members_only_and_members_nobody(office: Office, people: People) -> None:
    users = office.engine.users
    told = [
        [
            refusal(users.create, actor, f"{actor.role}-adds-{role}@example.com", role=role)
            for role in ROLES
        ]
        for actor in people.firsts
    ]

    no = (Forbidden, "create")
    assert [[None] * 3, [(Forbidden, "role")] * 2 + [None], [no] * 3] == told
    assert "member" == users.create(people.managers[0], "x@example.com").role


def test_tm_66_a_new_user_is_a_member_named_after_the_mailbox(office: Office) -> None:
    user = office.engine.users.create(office.admin, " Ann@example.com ")
    named = office.engine.users.create(office.admin, "b@example.com", name=" Bob B. ")

    assert ("Ann@example.com", "Ann", "member") == (user.email, user.name, user.role)
    assert (user.created, 0, "") == (user.updated, user.epoch, user.image)
    assert "Bob B." == named.name
    assert user == office.engine.users.get(office.admin, user.id)


def test_tm_67_all_that_is_wrong_with_a_user_is_told(office: Office) -> None:
    users = office.engine.users
    ann = users.create(office.admin, "ann@example.com")
    with pytest.raises(Invalid) as refused:
        users.create(office.admin, " ", name=" ", role="king", password="")
    assert codes(refused) == {
        ("name", "blank"),
        ("email", "blank"),
        ("role", "invalid"),
        ("password", "blank"),
    }
    with pytest.raises(Invalid) as refused:
        users.update(
            office.admin, ann.id, name="x" * 201, email="ann", role="", password="", image="a.png"
        )
    assert codes(refused) == {
        ("name", "too_long"),
        ("email", "invalid"),
        ("role", "invalid"),
        ("password", "blank"),
        ("image", "invalid"),
    }
    assert ann == users.get(office.admin, ann.id)


@pytest.mark.parametrize(
    "email",
    [
        *("a", "a@", "@b", "a b@example.com", "a,b@example.com", "<a@example.com>", '"a"@b.org'),
        *("a\n@example.com", "a\x7f@example.com", "a\ud800@example.com", "a;b@example.com"),
        "x" * 250 + "@b.org",
    ],
)
def test_what_is_no_email_is_refused(email: str) -> None:
    assert ["invalid"] == [fault.code for fault in user_faults(email=email)]


def test_tm_68_an_email_is_given_once_on_the_server(office: Office) -> None:
    users = office.engine.users
    ann = users.create(office.admin, "ann@example.com")
    office.engine.people.found("other", "boss@example.com")
    for email in ("ANN@example.com", "Boss@example.com"):
        with pytest.raises(Conflict) as refused:
            users.create(office.admin, email)
        assert refused.value.details["email"]
    with pytest.raises(Conflict) as refused:
        users.update(office.admin, ann.id, email="boss@example.com")
    assert refused.value.details["email"]
    assert "ANN@example.com" == users.update(office.admin, ann.id, email="ANN@example.com").email


def test_managers_change_members_and_everybody_themselves(office: Office, people: People) -> None:
    users = office.engine.users
    told = [
        [refusal(users.update, actor, id_of(user), name="New") for user in people.seconds]
        for actor in people.firsts
    ]

    unseen, no = (Unseen, "read"), (Forbidden, "update")
    assert [[None] * 3, [unseen, no, None], [unseen] * 3] == told
    for actor in people.firsts:
        email = f"new-{actor.role}@example.com"
        changed = users.update(actor, id_of(actor), name="Own", email=email, image="/a.png")
        assert ("Own", email, "/a.png") == (changed.name, changed.email, changed.image)
        assert changed.updated > changed.created
        assert changed == stored(office, actor)


def test_tm_76_nobody_changes_their_own_role(office: Office, people: People) -> None:
    users = office.engine.users
    for actor in people.firsts:
        for role in ROLES:
            expected = None if role == actor.role else (Forbidden, "role")
            assert expected == refusal(users.update, actor, id_of(actor), role=role)
    assert list(ROLES) == [stored(office, actor).role for actor in people.firsts]


def test_tm_77_managers_promote_members_to_manager_and_no_further(
    office: Office, people: People
) -> None:
    users = office.engine.users
    manager, ann = people.managers[0], id_of(people.members[0])

    assert (Forbidden, "role") == refusal(users.update, manager, ann, role="admin")
    assert (Invalid, None) == refusal(users.update, manager, ann, role="king")
    assert "manager" == users.update(manager, ann, role="manager").role
    assert (Forbidden, "update") == refusal(users.update, manager, ann, role="member")
    assert "admin" == users.update(people.admins[0], ann, role="admin").role


def test_a_change_of_nothing_changes_nothing(office: Office) -> None:
    users = office.engine.users
    ann = users.create(office.admin, "ann@example.com", name="Ann")

    for changes in ({}, {"name": " Ann "}, {"email": "ann@example.com", "role": "member"}):
        assert ann == users.update(office.admin, ann.id, **changes)


def test_a_change_raced_by_a_promotion_is_judged_anew(office: Office, people: People) -> None:
    """A manager may change the member of a moment ago, but not the admin of now."""
    manager, ann = people.managers[0], people.members[0]
    directory = office.ports.directory
    before = stored(office, ann)
    promoted = replace(before, role="admin")
    for method, act in (
        ("change_user", lambda users: users.update(manager, before.id, password="mine")),
        ("delete_user", lambda users: users.delete(manager, before.id)),
    ):
        racing = Between(directory)
        racing.before(method, lambda: directory.change_user(before, promoted, None))
        users = open_engine(replace(office.ports, directory=cast(Any, racing))).users
        assert (Unseen, "read") == refusal(act, users)
        assert promoted == stored(office, ann)
        assert directory.change_user(promoted, before, None)


def test_tm_81_nobody_removes_themselves(office: Office, people: People) -> None:
    users = office.engine.users
    for actor in people.firsts:
        assert (Forbidden, "delete") == refusal(users.delete, actor, id_of(actor))
        assert (Forbidden, "delete") == refusal(users.delete, actor, id_of(actor), force=True)
    assert 7 == len(users.every(office.admin))


def test_tm_82_managers_remove_members_only_and_members_nobody(
    office: Office, people: People
) -> None:
    users = office.engine.users
    told = [
        [refusal(users.delete, actor, id_of(user)) for user in people.seconds]
        for actor in reversed(people.firsts)
    ]

    unseen, no = (Unseen, "read"), (Forbidden, "delete")
    assert told[:2] == [[unseen] * 3, [unseen, no, None]]
    assert told[2] == [None, None, (NotFound, None)]
    assert 4 == len(users.every(office.admin))


def test_tm_81_the_last_admin_stays(office: Office) -> None:
    users = office.engine.users
    (boss,) = users.every(office.admin)
    orders = office.push(ORDERS)
    office.write(orders, ref="A", assignees=boss.email)

    for act in (
        lambda: users.delete(office.admin, boss.id, force=True),
        lambda: users.update(office.admin, boss.id, role="member"),
    ):
        with pytest.raises(Conflict):
            act()

    assert [boss] == list(users.every(office.admin))
    assert (boss.id,) == office.get(orders, "A").assignees


def test_of_two_admins_who_remove_each_other_at_once_one_stays(
    office: Office, people: People
) -> None:
    users = office.engine.users
    users.delete(office.admin, users.every(office.admin)[0].id)
    one, two = people.admins

    with ThreadPoolExecutor(2) as pool:
        pairs = [(one, two), (two, one)]
        list(pool.map(lambda pair: refusal(users.delete, pair[0], id_of(pair[1])), pairs))

    assert 1 == sum(user.role == "admin" for user in users.every(office.admin))


def test_tm_78_who_has_tasks_stays_and_the_tasks_of_all_workflows_are_counted(
    office: Office, people: People
) -> None:
    ann, bob = people.members
    orders, tickets = office.push(ORDERS, assignees="many"), office.push(TICKETS)
    emails = [stored(office, actor).email for actor in (ann, bob)]
    office.write(orders, ref="A", assignees=emails)
    office.write(orders, ref="B", stage="Done", assignees=emails[0])
    office.write(orders, ref="C", assignees=emails[1])
    office.write(tickets, assignees=emails[0])

    with pytest.raises(Conflict, match="Cannot delete user with assigned tasks") as refused:
        office.engine.users.delete(office.admin, id_of(ann))

    assert 3 == refused.value.details["assignedTaskCount"]
    assert (ann.user, bob.user) == office.get(orders, "A").assignees
    assert ann.user == stored(office, ann).id


def test_tm_79_by_force_tasks_are_left_and_the_keys_go(office: Office, people: People) -> None:
    ann, bob = people.members
    orders, tickets = office.push(ORDERS, assignees="many"), office.push(TICKETS)
    emails = [stored(office, actor).email for actor in (ann, bob)]
    office.write(orders, actor=ann, ref="A", assignees=emails)
    office.write(tickets, assignees=emails[0])
    key = office.engine.keys.create(office.admin, user=ann.user)

    office.engine.users.delete(people.managers[0], id_of(ann), force=True)

    task = office.get(orders, "A")
    assert ((bob.user,), ann.user) == (task.assignees, task.by)
    assert () == office.get(tickets, "1").assignees
    assert people.managers[0].user == office.history(orders, task)[-1].by
    assert key.key not in office.engine.keys.every(office.admin)
    assert office.engine.people.people(office.admin).email_of(id_of(ann)) is None
    assert refusal(office.engine.users.get, office.admin, id_of(ann)) == (NotFound, None)


def test_a_removal_that_was_killed_leaves_nobody_gone_with_tasks(
    office: Office, people: People
) -> None:
    def killed() -> None:
        raise KeyboardInterrupt

    ann = people.members[0]
    orders, tickets = office.push(ORDERS), office.push(TICKETS)
    email = stored(office, ann).email
    office.write(orders, ref="A", assignees=email)
    office.write(tickets, assignees=email)
    office.tasks.before("unassign", lambda: None, killed)
    with pytest.raises(KeyboardInterrupt):
        office.engine.users.delete(office.admin, id_of(ann), force=True)

    assert email == stored(office, ann).email
    office.engine.users.delete(office.admin, id_of(ann), force=True)
    assert [(), ()] == [office.get(orders, "A").assignees, office.get(tickets, "1").assignees]


def test_a_task_given_to_a_user_just_before_they_go_is_taken_off(
    office: Office, people: People
) -> None:
    ann = people.members[0]
    orders = office.push(ORDERS)
    office.write(orders, ref="A")
    email = stored(office, ann).email
    racing = Between(office.ports.directory)
    racing.before("delete_user", lambda: office.write(orders, ref="A", assignees=email))
    users = open_engine(replace(office.ports, directory=cast(Any, racing))).users

    users.delete(office.admin, id_of(ann))

    assert () == office.get(orders, "A").assignees


def test_a_credential_for_tasks_only_changes_nobody(office: Office, people: People) -> None:
    users = office.engine.users
    for actor in people.firsts:
        narrow, mine = replace(actor, scopes=READING), id_of(actor)
        assert users.every(narrow)
        for told in (
            refusal(users.create, narrow, "x@example.com"),
            refusal(users.update, narrow, mine, name="New"),
            refusal(users.delete, narrow, mine),
            refusal(users.get, replace(actor, scopes=frozenset[str]()), mine),
        ):
            assert (Forbidden, "scope") == told


def test_many_change_one_user_at_once_and_every_change_is_kept(office: Office) -> None:
    users = office.engine.users
    ann = users.create(office.admin, "ann@example.com")
    new = {"name": "New", "image": "/a.png", "role": "manager", "email": "b@example.com"}

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: users.update(office.admin, ann.id, **{name: new[name]}), new))

    changed = users.get(office.admin, ann.id)
    assert new == {name: getattr(changed, name) for name in new}
