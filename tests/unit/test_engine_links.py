"""Links between tasks: written on either side, read on both, whoever writes at the same moment."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pymongo
import pytest
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from taskloom.engine import links
from taskloom.engine.writing import Draft, Mode, Written
from taskloom.errors import Invalid, NotFound, TooLarge, Unseen
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.query.tree import EVERYTHING, Compare, Order, Query
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import DOCUMENTS, Database, connect
from taskloom.storage.history import collection
from taskloom.storage.links import PAIRS
from tests.unit.engines import Office, codes, member, open_office, told

FIELDS: Mapping[str, Any] = {
    "ref": {"title": "Reference", "type": "string"},
    "name": {"title": "Name", "type": "string"},
    "cost": {"title": "Cost", "type": "integer"},
}
STAGES: Sequence[Mapping[str, Any]] = [{"name": "New"}, {"name": "Done", "end": True}]
LINK: Mapping[str, Any] = {"key": "parts", "name": "Items", "to": "items", "inverse": "Order"}
CARDINALITIES = ("one-to-one", "one-to-many", "many-to-one", "many-to-many")


def file(name: str, **settings: Any) -> dict[str, Any]:
    """Give a workflow file with a unique ID."""
    return {
        "$id": name,
        "title": name.title(),
        "type": "object",
        "properties": FIELDS,
        "workflow": {"uniqueId": "ref", "stages": STAGES, **settings},
    }


@dataclass(frozen=True)
class Shop:
    """Orders that link to items."""

    office: Office

    def push(self, name: str, **settings: Any) -> None:
        """Push a version of a workflow."""
        source = json.dumps(file(name, **settings))
        self.office.engine.workflows.save(self.office.admin, name, source)

    def view(self, name: str, actor: Actor | None = None) -> Compiled:
        """Give what an actor, or the admin, sees of a workflow now."""
        return self.office.engine.workflows.get(actor or self.office.admin, name)

    def write(
        self,
        name: str,
        ref: str,
        actor: Actor | None = None,
        mode: Mode = "upsert",
        values: Mapping[str, object] | None = None,
        **links: Any,
    ) -> Written:
        """Write a task; its links are lists of unique IDs, or as they are."""
        draft = draft_of(ref, links, values)
        who = actor or self.office.admin
        people = self.office.engine.people.people(who)
        tasks = self.office.engine.tasks
        return tasks.write(who, self.view(name, actor), draft, people, mode=mode)

    def get(self, name: str, ref: str, actor: Actor | None = None) -> Task:
        """Read a task."""
        who = actor or self.office.admin
        people = self.office.engine.people.people(who)
        return self.office.engine.tasks.get(who, self.view(name, actor), ref, people)

    def linked(self, name: str, ref: str, link: str, actor: Actor | None = None) -> list[str]:
        """Give the unique IDs of what a task is linked to."""
        return refs(self.get(name, ref, actor).links[link])

    def every(self, name: str, query: Query | None = None) -> list[Task]:
        """List tasks."""
        tasks = self.office.engine.tasks
        return list(tasks.find(self.office.admin, self.view(name), query or Query()))

    def pairs(self, name: str, link: str) -> set[tuple[str, str]]:
        """Give all pairs of a link, as one of its sides tells them."""
        return {
            (str(task.uid), other) for task in self.every(name) for other in refs(task.links[link])
        }


def draft_of(
    ref: str, links: Mapping[str, object], values: Mapping[str, object] | None = None
) -> Draft:
    """Make a draft; lists of texts become references."""
    return Draft(
        values={"ref": ref, **(values or {})},
        links={name: references(said) for name, said in links.items()},
    )


def references(said: object) -> object:
    if isinstance(said, str):
        return {"Reference": said}
    if isinstance(said, list):
        return [references(one) for one in said]
    return said


def refs(tasks: Sequence[Task]) -> list[str]:
    return [str(task.uid) for task in tasks]


@pytest.fixture(scope="module")
def house(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One engine for all tests; each has a workspace of its own."""
    database = connect(mongod_uri, f"test_{uuid4().hex}")
    yield open_office(database, tmp_path_factory.mktemp("office"))
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture
def office(house: Office) -> Office:
    """An empty workspace, where everybody's e-mail is free again."""
    house.database["users"].delete_many({})
    house.database[PAIRS].delete_many({})
    workspace = house.engine.people.found(uuid4().hex, "chief@example.com").workspace
    return replace(house, admin=Actor(workspace=workspace.id, user=None, role="admin"))


def open_shop(office: Office, cardinality: str = "one-to-many") -> Shop:
    """Push items, and orders that link to them; items 1 to 4 and orders A to C are there."""
    shop = Shop(office)
    shop.push("items")
    shop.push("orders", links=[{**LINK, "cardinality": cardinality}])
    for ref in "1234":
        shop.write("items", ref)
    for ref in "ABC":
        shop.write("orders", ref)
    return shop


@pytest.fixture
def shop(office: Office) -> Shop:
    """Orders that have many items each, none of them linked."""
    return open_shop(office)


def test_the_event_of_a_write_tells_what_it_linked(shop: Shop) -> None:
    one, two = (shop.get("items", ref).id for ref in "12")
    shop.write("orders", "A", Items=["1"])

    written = shop.write("orders", "A", Items=["2"], values={"name": "Ann"})

    assert ("name", "_link:parts") == written.changed
    events = shop.office.history(shop.view("orders"), written.task)
    assert [("_link:parts", [], [one]), ("_link:parts", [one], [two])] == [
        (change.field, change.old, change.new)
        for event in events
        for change in event.changes
        if change.field.startswith("_link")
    ]
    assert {"ref": "A", "name": "Ann"} == shop.get("orders", "A").values


def test_the_other_side_has_a_key_of_its_own_in_events(shop: Shop) -> None:
    written = shop.write("items", "1", Order="B")

    assert ("_link:orders/parts",) == written.changed


def test_links_as_they_are_change_nothing(shop: Shop) -> None:
    shop.write("orders", "A", Items=["1", "2"])

    for said in (["2", "1", "2"], [{"Reference": " 1 "}, "2"]):
        written = shop.write("orders", "A", Items=said)
        assert ("unchanged", ["1", "2"]) == (written.outcome, refs(written.task.links["Items"]))


def test_the_answer_to_a_write_has_the_links_that_were_there(shop: Shop) -> None:
    shop.write("orders", "A", Items=["2", "1"])

    written = shop.write("orders", "A", values={"name": "Ann"})

    assert ["1", "2"] == refs(written.task.links["Items"])
    amended = shop.office.engine.tasks.amend(
        shop.office.admin,
        shop.view("items"),
        shop.get("items", "1").id,
        lambda _task: Draft(values={"name": "Bolt"}, links={"Order": {"Reference": "B"}}),
        shop.office.engine.people.people(shop.office.admin),
    )
    assert ["B"] == refs(amended.task.links["Order"])
    assert ["2"] == shop.linked("orders", "A", "Items")


@pytest.mark.parametrize(
    ("workflow", "link", "said", "code"),
    [
        ("orders", "Items", "1", "reference"),
        ("orders", "Items", [["1"]], "reference"),
        ("orders", "Items", [{"Name": "1"}], "reference"),
        ("orders", "Items", [{"Reference": None}], "reference"),
        ("orders", "Items", [{"Reference": ["1"]}], "invalid"),
        ("orders", "Items", [{"Reference": "\0"}], "invalid"),
        ("orders", "Items", ["1", "9"], "no_such_task"),
        ("items", "Order", ["A"], "reference"),
        ("items", "Order", 1, "reference"),
        ("items", "Order", "9", "no_such_task"),
    ],
)
def test_what_is_no_reference_is_told_with_every_other_fault(
    shop: Shop, workflow: str, link: str, said: object, code: str
) -> None:
    side = shop.view(workflow).linked[0]
    raw = said if isinstance(said, dict) else references(said)
    links = {link: raw if said != "1" else {"Reference": "1"}}
    draft = Draft(values={"ref": "new", "cost": "x"}, links=links)
    people = shop.office.engine.people.people(shop.office.admin)

    with pytest.raises(Invalid) as refused:
        shop.office.engine.tasks.write(
            shop.office.admin, shop.view(workflow), draft, people, mode="upsert"
        )

    assert {(side.key, code), ("cost", "invalid")} == codes(refused)
    with pytest.raises(NotFound):
        shop.get(workflow, "new")


def test_no_more_tasks_are_linked_to_one_than_can_be_read_with_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST_LINKED", 2)
    shop.write("orders", "A", Items=["1", "2"])

    with pytest.raises(Invalid) as refused:
        shop.write("orders", "B", Items=["1", "2", "3"])
    assert {("_link:parts", "too_many")} == codes(refused)
    with pytest.raises(Invalid) as refused:
        shop.write("items", "3", Order="A")
    assert {("_link:orders/parts", "too_many")} == codes(refused)
    shop.write("items", "2", Order="A")
    assert {("A", "1"), ("A", "2")} == shop.pairs("orders", "Items")


def test_a_task_too_large_to_be_read_with_its_links_is_told(shop: Shop) -> None:
    shop.write("orders", "A", Items=["1", "2"])
    items = shop.office.database[collection(shop.view("items"))]
    items.update_many({}, {"$set": {"v.name": "x" * 9_000_000}})

    assert 3 == len(shop.every("orders", Query(links={})))
    with pytest.raises(TooLarge, match="linked"):
        shop.every("orders")


def test_rows_of_a_bulk_write_may_link(shop: Shop) -> None:
    drafts = [
        draft_of("1", {"Order": "A"}),
        draft_of("5", {"Order": "B"}, {"name": "new"}),
        draft_of("6", {"Order": "Z"}),
        draft_of("5", {"Order": "A"}),
        draft_of("2", {}),
    ]
    admin, people = shop.office.admin, shop.office.engine.people.people(shop.office.admin)

    results = shop.office.engine.bulk.write(
        admin, shop.view("items"), drafts, people, mode="upsert"
    )

    found = [told(result) for result in results]
    assert ["updated", "created", {"no_such_task"}, "updated", "unchanged"] == found
    assert {("A", "1"), ("A", "5")} == shop.pairs("orders", "Items")


def test_who_was_outrun_by_a_link_tries_again_and_tells_the_truth(shop: Shop) -> None:
    shop.write("orders", "A", Items=["1", "2"])
    shop.office.tasks.before("replace", lambda: shop.write("orders", "B", Items=["2"]))

    written = shop.write("orders", "A", Items=["1", "3"])

    one, three = (shop.get("items", ref).id for ref in "13")
    assert {("A", "1"), ("A", "3"), ("B", "2")} == shop.pairs("orders", "Items")
    last = shop.office.history(shop.view("orders"), written.task)[-1]
    assert [one] == last.changes[0].old
    assert {one, three} == set(last.changes[0].new)  # type: ignore[call-overload] # a list


def test_a_target_that_goes_while_it_is_linked_is_a_fault(shop: Shop) -> None:
    shop.office.tasks.before("insert", lambda: shop.office.delete(shop.view("items"), "1"))

    with pytest.raises(Invalid) as refused:
        shop.write("orders", "D", Items=["1"])

    assert {("_link:parts", "no_such_task")} == codes(refused)
    assert 0 == shop.office.database[PAIRS].count_documents({})


def test_a_deleted_task_is_linked_to_nothing(shop: Shop) -> None:
    shop.write("orders", "A", Items=["1", "2"])
    shop.write("items", "3", Order="B")

    shop.office.delete(shop.view("items"), "1")
    shop.office.delete(shop.view("orders"), "B")

    assert {("A", "2")} == shop.pairs("orders", "Items")
    assert {("2", "A")} == shop.pairs("items", "Order")
    assert 1 == shop.office.database[PAIRS].count_documents({})


@pytest.mark.parametrize("gone", ["items", "orders"])
def test_a_deleted_workflow_takes_its_links_along(shop: Shop, gone: str) -> None:
    shop.write("orders", "A", Items=["1", "2"])
    left, link = ("orders", "Items") if gone == "items" else ("items", "Order")

    shop.office.engine.workflows.delete(shop.office.admin, gone, force=True)

    assert 0 == shop.office.database[PAIRS].count_documents({})
    assert () == shop.view(left).linked
    assert {} == shop.every(left)[0].links
    with pytest.raises(Invalid) as refused:
        shop.write(left, "new", None, "upsert", None, **{link: None})
    assert {(link, "unknown")} == codes(refused)


def test_tasks_of_one_workflow_may_be_linked_to_each_other(office: Office) -> None:
    shop = Shop(office)
    link = {"name": "Parts", "to": "items", "inverse": "Whole", "cardinality": "one-to-many"}
    shop.push("items", links=[link])
    for ref in "123":
        shop.write("items", ref)

    shop.write("items", "1", Parts=["2", "3"])
    shop.write("items", "3", Parts=["3"])
    shop.write("items", "4", Parts=["2"], Whole="1")

    assert {("1", "4"), ("3", "3"), ("4", "2")} == shop.pairs("items", "Parts")
    assert {("2", "4"), ("3", "3"), ("4", "1")} == shop.pairs("items", "Whole")
    with pytest.raises(Invalid) as refused:
        shop.write("items", "3", Parts=[], Whole="1")
    assert {"crossing"} == {fault.code for fault in refused.value.faults}
    shop.write("items", "3", Whole="4")
    assert {("1", "4"), ("4", "2"), ("4", "3")} == shop.pairs("items", "Parts")


def test_a_new_version_of_the_other_workflow_is_seen_at_once(shop: Shop) -> None:
    shop.write("orders", "A", Items=["1"])
    before = shop.view("orders")
    assert before is shop.view("orders")
    renamed = {**FIELDS, "name": {"title": "Label", "type": "string"}}

    source = json.dumps({**file("items"), "properties": renamed})
    shop.office.engine.workflows.save(shop.office.admin, "items", source)

    (side,) = shop.view("orders").linked
    assert "Label" in side.target.keys
    assert ["1"] == shop.linked("orders", "A", "Items")


MEMBERS: Mapping[str, Any] = {
    "name": "Agent",
    "for": ["member"],
    "see": ["created"],
    "fields": {"cost": {"read": False}},
}


@pytest.fixture
def guarded(office: Office) -> Shop:
    """Items of which a member sees those of their own, and never what they cost."""
    shop = Shop(office)
    shop.push("items", roles=[{"name": "Lead", "for": ["manager"]}, MEMBERS])
    shop.push("orders", links=[{**LINK, "cardinality": "one-to-many"}])
    for ref in "12":
        shop.write("items", ref, values={"cost": 5})
    for ref in "AB":
        shop.write("orders", ref)
    return shop


def test_linked_tasks_are_those_that_are_seen_with_the_fields_that_are_seen(
    guarded: Shop,
) -> None:
    ann = member(guarded.office, "ann@example.com")
    guarded.write("items", "3", ann, values={"name": "Bolt"})
    guarded.write("orders", "A", Items=["1", "2", "3"])

    (seen,) = guarded.get("orders", "A", ann).links["Items"]

    assert {"ref": "3", "name": "Bolt"} == seen.values
    tasks, view = guarded.office.engine.tasks, guarded.view("orders", ann)
    assert [["3"], []] == [refs(one.links["Items"]) for one in tasks.find(ann, view, Query())]
    assert [task.links for task in tasks.find(ann, view, Query(links={}))] == [{}, {}]
    assert "cost" not in view.linked[0].target.fields


def test_what_is_not_seen_is_referred_to_like_what_is_not_there(guarded: Shop) -> None:
    ann = member(guarded.office, "ann@example.com")
    told_of: list[str] = []

    for ref in ("1", "9"):
        with pytest.raises(Invalid) as refused:
            guarded.write("orders", "A", ann, Items=[ref])
        told_of += [fault.message.replace(ref, "#") for fault in refused.value.faults]

    assert told_of[0] == told_of[1]
    assert set() == guarded.pairs("orders", "Items")


def test_who_replaces_a_list_leaves_alone_what_they_do_not_see(guarded: Shop) -> None:
    ann = member(guarded.office, "ann@example.com")
    for ref in "34":
        guarded.write("items", ref, ann)
    guarded.write("orders", "A", Items=["1", "3"])

    guarded.write("orders", "A", ann, Items=["4"])
    assert ["1", "4"] == guarded.linked("orders", "A", "Items")

    guarded.write("orders", "A", ann, Items=[])
    assert ["1"] == guarded.linked("orders", "A", "Items")


def test_a_link_to_a_workflow_without_access_does_not_exist(office: Office) -> None:
    shop = Shop(office)
    shop.push("items", roles=[{"name": "Lead", "for": ["manager"]}])
    shop.push("orders", links=[{**LINK, "cardinality": "one-to-many"}])
    shop.write("items", "1")
    shop.write("orders", "A", Items=["1"])
    ann = member(office, "ann@example.com")

    assert {} == shop.get("orders", "A", ann).links
    with pytest.raises(Invalid) as refused:
        shop.write("orders", "A", ann, Items=[])
    assert {("Items", "unknown")} == codes(refused)
    written = shop.write("orders", "A", ann, values={"name": "kept"})
    assert {} == written.task.links
    assert ["1"] == shop.linked("orders", "A", "Items")


def test_an_unseen_task_is_neither_read_nor_linked_by_its_id(guarded: Shop) -> None:
    ann = member(guarded.office, "ann@example.com")
    guarded.write("orders", "A", Items=["1"])
    hidden = guarded.get("items", "1").id

    with pytest.raises(Unseen):
        guarded.office.engine.tasks.get_by_id(ann, guarded.view("items", ann), hidden)


class Commands(CommandListener):
    """Notes what the database is asked about tasks and links."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        # What is asked about users and workflows depends on how old the answers in memory are.
        first = next(iter(event.command.values()))
        about = event.command.get("collection", first)
        if str(about).startswith(("tasks_", PAIRS)):
            self.names.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing is to be noted."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing is to be noted."""

    def of(self, *names: str) -> int:
        """Count commands of these names since the last time."""
        count = sum(name in names for name in self.names)
        self.names.clear()
        return count


ASKED = (
    Query(),
    Query(order=(Order("name"),)),
    Query(order=(Order("_stage"),)),
    Query(where=Compare("name", "ne", "x"), limit=1000),
    Query(links={"Items": EVERYTHING}, fields=frozenset()),
)


@pytest.fixture
def commands() -> Commands:
    """What the database of `watched` is asked."""
    return Commands()


@pytest.fixture
def watched(
    mongod_uri: str, database: Database, commands: Commands, tmp_path: Path
) -> Iterator[Office]:
    """An engine whose questions to the database are noted."""
    client: Any = pymongo.MongoClient(mongod_uri, event_listeners=[commands])
    with client:
        yield open_office(client.get_database(database.name, codec_options=DOCUMENTS), tmp_path)


def test_lists_with_links_take_as_many_commands_for_few_tasks_as_for_many(
    watched: Office, commands: Commands
) -> None:
    shop = open_shop(watched)
    people = shop.office.engine.people.people(shop.office.admin)
    shop.write("orders", "A", Items=["1", "2"])
    counted: list[list[int]] = []

    for names in (["A"], [f"x{number}" for number in range(500)]):
        drafts = [draft_of(name, {}) for name in names]
        shop.office.engine.bulk.write(
            shop.office.admin, shop.view("orders"), drafts, people, mode="upsert"
        )
        shop.view("orders")
        counts = []
        for query in ASKED:
            commands.of()
            found = shop.every("orders", query)
            counts.append(commands.of("find", "aggregate"))
            linked = {task.uid: refs(task.links["Items"]) for task in found}
            assert ["1", "2"] == linked.pop("A")
            assert not any(linked.values())
        counted.append(counts)

    assert len(shop.every("orders")) > 500
    assert counted[0] == counted[1]
    # Sorted by stage, there is a find for each of them, and one for stages no longer declared.
    assert max(counted[0]) <= len(shop.view("orders").stages) + 1
    commands.of()
    listed = shop.office.engine.tasks.find(shop.office.admin, shop.view("orders"), Query())
    assert "A" == next(listed).uid
    assert 0 == commands.of("getMore")


def test_workflows_without_links_are_read_and_written_as_ever(
    watched: Office, commands: Commands
) -> None:
    shop = Shop(watched)
    shop.push("items")
    shop.write("items", "1")
    commands.of()

    shop.write("items", "2", values={"name": "fast"})
    shop.every("items")

    # After one new task another one is likely, and is not looked for.
    assert ["insert", "find"] == commands.names


@pytest.mark.parametrize("cardinality", CARDINALITIES)
def test_writers_on_both_sides_at_once_leave_links_that_agree(
    office: Office, cardinality: str
) -> None:
    shop = open_shop(office, cardinality)
    many_items = cardinality in {"one-to-many", "many-to-many"}
    many_orders = cardinality in {"many-to-one", "many-to-many"}

    def choose(chance: random.Random, refs: str, *, many: bool) -> object:
        chosen = chance.sample(refs, chance.randrange(3))
        return list(chosen) if many else next(iter(chosen), None)

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(10):
            if chance.random() < 0.5:
                items = choose(chance, "1234", many=many_items)
                shop.write("orders", chance.choice("ABC"), Items=items)
            else:
                orders = choose(chance, "ABC", many=many_orders)
                shop.write("items", chance.choice("1234"), Order=orders)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    pairs = shop.pairs("orders", "Items")
    assert pairs == {(order, item) for item, order in shop.pairs("items", "Order")}
    assert len(pairs) == office.database[PAIRS].count_documents({})
    assert many_items or len({order for order, _ in pairs}) == len(pairs)
    assert many_orders or len({item for _, item in pairs}) == len(pairs)


def test_tasks_that_come_and_go_while_they_are_linked_leave_no_link_to_nowhere(
    shop: Shop,
) -> None:
    def come_and_go(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(8):
            ref = chance.choice("12")
            shop.write("items", ref)
            try:
                shop.office.delete(shop.view("items"), ref)
            except NotFound:
                continue

    refusals: list[str] = []

    def link(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(12):
            try:
                shop.write("orders", chance.choice("AB"), Items=list(chance.choice(["1", "12"])))
            except Invalid as refused:
                refusals.extend(fault.code for fault in refused.faults)

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(work, seed) for seed in (1, 2) for work in (come_and_go, link)]
        for each in running:
            each.result()

    pairs = shop.pairs("orders", "Items")
    assert pairs == {(order, item) for item, order in shop.pairs("items", "Order")}
    assert len(pairs) == shop.office.database[PAIRS].count_documents({})
    assert set(refusals) <= {"no_such_task"}
