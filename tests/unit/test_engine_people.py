"""People over the real store: signing in, registering, and leaving a workflow."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taskloom.engine.engine import open_engine
from taskloom.engine.passwords import LONGEST_PASSWORD, MEMORY_KIB, ROUNDS, Passwords
from taskloom.engine.people import Directory
from taskloom.engine.policy import Policy
from taskloom.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from taskloom.model.people import Actor
from taskloom.storage.client import Database
from tests.unit.engines import ORDERS, TICKETS, Office, codes, member, open_office

Open = Callable[[Policy], Directory]


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


@pytest.fixture
def people(office: Office) -> Open:
    """Give the people of the office under another policy."""
    return lambda policy: open_engine(office.ports, policy).people


def test_only_the_right_password_of_somebody_known_opens(office: Office) -> None:
    people, users = office.engine.people, office.engine.users
    users.create(office.admin, "ann@example.com", password="rîght")
    users.create(office.admin, "bob@example.com")

    signed_in = people.sign_in(" ANN@example.com", "rîght")

    assert "ann@example.com" == signed_in.user.email
    assert signed_in.user.id == people.authenticate(signed_in.token).user
    told = set()
    for email, password in (
        ("ann@example.com", "wrong"),
        ("ann@example.com", ""),
        ("ann@example.com", "rîght\ud800"),
        ("bob@example.com", ""),
        ("bob@example.com", "wrong"),
        ("nobody@example.com", "rîght"),
        ("", "rîght"),
        ("$ne", "rîght"),
    ):
        with pytest.raises(Unauthenticated) as refused:
            people.sign_in(email, password)
        told.add((refused.value.message, refused.value.details["reason"]))
    assert 1 == len(told)


def test_a_wrong_password_is_hashed_once_whether_somebody_has_the_email_or_not(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    users, asked = office.engine.users, []
    users.create(office.admin, "ann@example.com", password="right")
    users.create(office.admin, "bob@example.com")
    matches = Passwords.matches

    def noted(self: Passwords, hashed: str | None, password: str) -> bool:
        asked.append((password, hashed is None))
        return matches(self, hashed, password)

    monkeypatch.setattr(Passwords, "matches", noted)
    for name in ("ann", "bob", "nobody"):
        with pytest.raises(Unauthenticated):
            office.engine.people.sign_in(f"{name}@example.com", "wrong")

    assert [("wrong", False), ("wrong", True), ("wrong", True)] == asked


def test_a_server_hashes_passwords_as_dearly_as_is_advised() -> None:
    assert (2, 19 * 1024) <= (ROUNDS, MEMORY_KIB)


def test_no_password_matches_no_hash() -> None:
    passwords = Passwords()
    hashed = passwords.hash("right")

    assert [True, False, False, False] == [
        passwords.matches(known, "right") for known in (hashed, None, "", "no hash")
    ]
    assert hashed != passwords.hash("right")
    assert "right" not in hashed


def test_registration_is_closed_unless_told_otherwise(office: Office) -> None:
    for invite in ("", "anything"):
        with pytest.raises(Forbidden):
            office.engine.people.register("Ann", "ann@example.com", "secret", invite=invite)

    assert ["main@example.com"] == [user.email for user in office.engine.users.every(office.admin)]


def test_where_registration_is_open_anybody_becomes_a_member_of_main(
    office: Office, people: Open
) -> None:
    office.engine.people.found("another", "boss@example.com")

    user = people(Policy(signup=None)).register(
        " Ann B. ", " Ann@example.com ", "secret", image="https://example.com/a.png"
    )

    assert ("Ann B.", "Ann@example.com", "member") == (user.name, user.email, user.role)
    assert "https://example.com/a.png" == user.image
    assert user in office.engine.users.every(office.admin)
    assert user == office.engine.people.sign_in("ann@example.com", "secret").user


def test_without_the_right_invitation_nobody_becomes_an_admin(people: Open) -> None:
    closed, anybody = Policy(invite="the word"), Policy(invite="the word", signup=None)

    for number, invite in enumerate(("", "another", "the word ", "the wor", "\ud800")):
        with pytest.raises(Forbidden):
            people(closed).register("Ann", "ann@example.com", "secret", invite=invite)
        email = f"{number}@example.com"
        assert "member" == people(anybody).register("A", email, "secret", invite=invite).role


def test_am_9_an_invitation_that_is_not_set_makes_no_admin(people: Open) -> None:
    asked = [(unset, invite) for unset in (None, "") for invite in ("", "None")]
    for number, (unset, invite) in enumerate(asked):
        anybody = people(Policy(invite=unset, signup=None))
        user = anybody.register("A", f"{number}@example.com", "secret", invite=invite)
        assert "member" == user.role


def test_an_invitation_makes_an_admin_wherever_they_come_from(people: Open) -> None:
    for number, signup in enumerate((frozenset[str](), frozenset({"example.org"}), None)):
        policy = Policy(signup=signup, invite="the wörd")
        email = f"{number}@example.com"
        assert "admin" == people(policy).register("A", email, "secret", invite="the wörd").role


def test_registration_may_be_for_some_domains_only(people: Open) -> None:
    some = people(Policy(signup=frozenset({"example.com", "example.org"})))

    assert "member" == some.register("Ann", "ann@Example.COM", "secret").role
    for email in ("x@example.net", "x@sub.example.com", "example.com@example.net"):
        with pytest.raises(Forbidden):
            some.register("X", email, "secret")
    with pytest.raises(Invalid):
        some.register("X", "x@example.net@", "secret")


def test_who_registers_is_told_every_fault(people: Open) -> None:
    anybody = people(Policy(signup=None))
    with pytest.raises(Invalid) as refused:
        anybody.register(" ", "", "", image="javascript:alert(1)")
    assert codes(refused) == {
        ("name", "blank"),
        ("email", "blank"),
        ("password", "blank"),
        ("image", "invalid"),
    }
    with pytest.raises(Invalid) as refused:
        anybody.register("A\x00", "a b@example.com", "x" * (LONGEST_PASSWORD + 1))
    assert codes(refused) == {
        ("name", "invalid"),
        ("email", "invalid"),
        ("password", "too_long"),
    }


def test_who_is_there_already_is_told_so(office: Office, people: Open) -> None:
    office.engine.people.found("another", "boss@example.com")

    with pytest.raises(Conflict) as refused:
        people(Policy(signup=None)).register("Boss", "BOSS@example.com", "secret")

    assert refused.value.details["email"]


def test_nobody_registers_where_main_is_missing(office: Office, people: Open) -> None:
    office.database["workspaces"].update_one({"name": "main"}, {"$set": {"name": "other"}})

    with pytest.raises(NotFound):
        people(Policy(signup=None)).register("Ann", "ann@example.com", "secret")


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
    here = office.engine.team.members(office.admin, orders)
    assert [bob.user] == [one.user.id for one in here if one.user.role == "member"]


def test_leaving_two_workflows_at_once_is_leaving_both(office: Office) -> None:
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

    user = office.ports.directory.user(ann.workspace, gone)
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


def test_only_admins_take_somebody_out(office: Office) -> None:
    office.push(ORDERS)
    boss = member(office, "boss@example.com", role="manager")
    with pytest.raises(Forbidden):
        office.engine.people.remove_collaborator(boss, "orders", boss.user or "")
