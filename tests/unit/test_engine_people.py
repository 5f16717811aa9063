"""People over the real store: founding, keys, passwords, and leaving a workflow."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from taskloom.engine.ports import Ports
from taskloom.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from taskloom.model.people import Actor
from taskloom.storage.client import Database
from tests.unit.engines import ORDERS, TICKETS, Office, member, open_office

KEY = "tl_" + "k" * 40


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


@pytest.fixture
def ports(office: Office) -> Ports:
    return office.ports


def codes(refused: pytest.ExceptionInfo[Invalid]) -> set[tuple[Any, str]]:
    return {(fault.path[0], fault.code) for fault in refused.value.faults}


def test_a_founded_workspace_has_an_admin_whose_password_and_key_work(office: Office) -> None:
    people = office.engine.people
    founded = people.found("other", "Boss@example.com", secret=KEY)

    assert KEY == founded.secret
    assert founded.admin == people.check_password(" boss@EXAMPLE.com", founded.password)
    actor = people.authenticate(KEY)
    assert (founded.workspace.id, founded.admin.id, True) == (
        actor.workspace,
        actor.user,
        actor.is_admin,
    )
    assert founded.workspace == people.workspace(actor)
    assert [founded.admin] == list(people.users(actor))


@pytest.mark.parametrize(
    ("name", "email", "key", "told"),
    [
        ("main", "new@example.com", None, "workspace 'main'"),
        ("new", "MAIN@example.com", None, "e-mail"),
        ("new", "new@example.com", KEY, "key"),
    ],
)
def test_a_workspace_that_cannot_be_founded_whole_is_not_founded_at_all(
    office: Office, name: str, email: str, key: str | None, told: str
) -> None:
    people = office.engine.people
    people.create_key(office.admin, secret=KEY)

    with pytest.raises(Conflict, match=told):
        people.found(name, email, secret=key)

    assert ["main"] == [workspace.name for workspace in people.workspaces()]
    assert "new" == people.found("new", "new@example.com").workspace.name


def test_what_cannot_be_founded_is_told_at_once(office: Office) -> None:
    people = office.engine.people
    with pytest.raises(Invalid) as refused:
        people.found("new", "new@example.com", secret="tl_short")
    assert {("key", "too_short")} == codes(refused)
    with pytest.raises(Invalid) as refused:
        people.found("new", "nobody")
    assert {("email", "invalid")} == codes(refused)
    with pytest.raises(Invalid) as refused:
        people.create_user(office.admin, "a b@example.com", role="king")
    assert {("email", "invalid"), ("role", "invalid")} == codes(refused)


def test_of_many_who_found_one_workspace_at_once_one_succeeds(office: Office) -> None:
    def found(number: int) -> str:
        try:
            return office.engine.people.found("new", f"a{number % 3}@example.com").admin.email
        except Conflict:
            return ""

    with ThreadPoolExecutor(8) as pool:
        founded = [email for email in pool.map(found, range(8)) if email]

    assert 1 == len(founded)
    assert 2 == len(office.engine.people.workspaces())


def test_keys_are_for_a_user_by_id_or_email_or_for_the_workspace(office: Office) -> None:
    people = office.engine.people
    user = people.create_user(office.admin, " Ann@example.com ", name=" Ann ", role="manager")

    by_id = people.create_key(office.admin, user=user.id, name="a")
    by_email = people.create_key(office.admin, user=" ANN@example.com")
    for_all = people.create_key(office.admin)

    actor = Actor(workspace=user.workspace, user=user.id, role="manager")
    assert actor == people.authenticate(by_id.secret) == people.authenticate(by_email.secret)
    assert (None, "admin") == (
        people.authenticate(for_all.secret).user,
        people.authenticate(for_all.secret).role,
    )
    assert {by_id.key, by_email.key, for_all.key} <= set(people.keys(office.admin))
    assert ("Ann@example.com", "Ann") == (user.email, user.name)
    with pytest.raises(Invalid) as refused:
        people.create_key(office.admin, user="stranger@example.com")
    assert {("user", "no_such_user")} == codes(refused)
    with pytest.raises(Conflict):
        people.create_key(office.admin, secret=by_id.secret)


def test_a_revoked_key_and_one_whose_user_is_gone_open_nothing(
    office: Office, ports: Ports
) -> None:
    people = office.engine.people
    ann = member(office, "ann@example.com")
    assert ann.user is not None
    key, lost = people.create_key(office.admin), people.create_key(office.admin, user=ann.user)
    people.delete_key(office.admin, key.key.id)
    assert ports.directory.delete_user(ann.workspace, ann.user)
    ports.directory.insert_key(lost.key, "0" * 64)

    for secret in (key.secret, lost.secret, "", "tl_\ud800"):
        with pytest.raises(Unauthenticated):
            people.authenticate(secret)
    with pytest.raises(NotFound):
        people.delete_key(office.admin, key.key.id)


def test_a_key_of_a_user_who_is_gone_opens_nothing(office: Office, database: Database) -> None:
    ann = member(office, "ann@example.com")
    key = office.engine.people.create_key(office.admin, user=ann.user)
    database["users"].delete_one({"_id": ann.user})

    with pytest.raises(Unauthenticated):
        office.engine.people.authenticate(key.secret)


def test_only_the_right_password_of_somebody_known_opens(office: Office) -> None:
    people = office.engine.people
    people.create_user(office.admin, "ann@example.com", password="right")
    people.create_user(office.admin, "bob@example.com")

    assert "ann@example.com" == people.check_password("ann@example.com", "right").email
    for email, password in (
        ("ann@example.com", "wrong"),
        ("bob@example.com", ""),
        ("bob@example.com", "wrong"),
        ("nobody@example.com", "right"),
    ):
        with pytest.raises(Unauthenticated):
            people.check_password(email, password)


def test_an_email_is_given_once(office: Office) -> None:
    member(office, "ann@example.com")

    with pytest.raises(Conflict):
        office.engine.people.create_user(office.admin, "ANN@example.com")


def test_people_are_told_by_email_within_their_workspace(office: Office) -> None:
    ann = member(office, "Ann@example.com")
    office.engine.people.found("other", "boss@example.com")
    people = office.engine.people.people(office.admin)

    assert [ann.user, None, None] == [
        people.id_of(email) for email in (" ann@EXAMPLE.com", "boss@example.com", "x@example.com")
    ]
    assert "Ann@example.com" == people.email_of(ann.user or "")
    assert people.email_of("0" * 24) is None


def test_a_workspace_that_is_gone_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        office.engine.people.workspace(Actor(workspace="0" * 24, user=None, role="admin"))


def test_who_leaves_a_workflow_is_taken_off_its_tasks_alone(office: Office) -> None:
    orders = office.push({**ORDERS}, assignees="many")
    tickets = office.push(TICKETS)
    ann, bob = member(office, "ann@example.com"), member(office, "bob@example.com")
    assert ann.user is not None
    both = ["ann@example.com", "bob@example.com"]
    first = office.write(orders, ref="A", name="kept", assignees=both).task
    office.write(orders, ref="B", extra={"a": 1}, assignees="ann@example.com")
    office.write(tickets, assignees="ann@example.com")

    office.engine.people.remove_collaborator(office.admin, "orders", ann.user)

    assert (bob.user,) == office.get(orders, "A").assignees
    assert () == office.get(orders, "B").assignees
    assert {"ref": "B", "extra": {"a": 1}} == office.get(orders, "B").values
    assert (ann.user,) == office.get(tickets, "1").assignees
    assert 2 == len(office.history(orders, first))
    here = office.engine.people.collaborators(office.admin, orders.workflow)
    assert [bob.user] == [user.id for user in here if user.role == "member"]


def test_leaving_two_workflows_at_once_is_leaving_both(office: Office, ports: Ports) -> None:
    workflows = [office.push({**ORDERS, "$id": f"w{number}"}) for number in range(8)]
    ann = member(office, "ann@example.com")
    assert ann.user is not None
    gone = ann.user

    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda each: office.engine.people.remove_collaborator(
                    office.admin, each.workflow.id, gone
                ),
                workflows,
            )
        )

    user = ports.directory.user(ann.workspace, gone)
    assert user is not None
    assert {each.workflow.uid for each in workflows} == user.left


def test_a_removal_that_was_killed_in_the_middle_is_completed_by_the_next(office: Office) -> None:
    def killed() -> None:
        raise KeyboardInterrupt

    orders = office.push(ORDERS)
    ann = member(office, "ann@example.com")
    assert ann.user is not None
    office.write(orders, ref="A", assignees="ann@example.com")
    office.tasks.before("unassign", killed)
    with pytest.raises(KeyboardInterrupt):
        office.engine.people.remove_collaborator(office.admin, "orders", ann.user)
    assert (ann.user,) == office.get(orders, "A").assignees

    with pytest.raises(NotFound):
        office.engine.people.remove_collaborator(office.admin, "orders", ann.user)

    assert () == office.get(orders, "A").assignees


def test_nobody_is_taken_out_of_what_is_not_there(office: Office) -> None:
    office.push(ORDERS)
    ann = member(office, "ann@example.com")
    assert ann.user is not None
    for workflow, user in (("nothing", ann.user), ("orders", "0" * 24), ("orders", "$ne")):
        with pytest.raises(NotFound):
            office.engine.people.remove_collaborator(office.admin, workflow, user)


def test_only_admins_see_and_change_people(office: Office) -> None:
    office.push(ORDERS)
    boss = member(office, "boss@example.com", role="manager")
    people = office.engine.people
    for act in (
        lambda: people.users(boss),
        lambda: people.keys(boss),
        lambda: people.create_key(boss),
        lambda: people.delete_key(boss, "0" * 24),
        lambda: people.create_user(boss, "x@example.com"),
        lambda: people.remove_collaborator(boss, "orders", boss.user or ""),
    ):
        with pytest.raises(Forbidden):
            act()
