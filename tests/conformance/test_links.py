"""Pairs of linked tasks: the database itself sees to it that a link holds no more than it may."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from bson.objectid import ObjectId
from pymongo.errors import DuplicateKeyError

from taskloom.engine.ports import Relink, Taken
from taskloom.query.tree import EVERYTHING, Query
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled, LinkSide
from taskloom.storage.client import Database, Document
from taskloom.storage.links import PAIRS
from taskloom.storage.stores import Stores
from taskloom.storage.tasks import Tasks
from tests.builders import Maker, workflow_of


def prepared(tasks: Tasks, name: str) -> Compiled:
    made = compile_workflow(workflow_of({"ref": {"type": "string"}}, id=name, unique_id="ref"))
    tasks.prepare(made)
    return made


def side_of(target: Compiled, *, many: bool, shared: bool, declared_here: bool = True) -> LinkSide:
    return LinkSide(
        name="Items",
        key="_link:items",
        pairs="a/b/items",
        declared_here=declared_here,
        target=target,
        many=many,
        shared=shared,
    )


def links(side: LinkSide, *new: str, old: Sequence[str] = ()) -> tuple[Relink, ...]:
    return (Relink(side=side, old=tuple(old), new=new),)


def is_refused(database: Database, pair: Document) -> bool:
    try:
        database[PAIRS].insert_one(pair)
    except DuplicateKeyError:
        return True
    return False


@pytest.mark.parametrize("declared_here", [True, False])
@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize("shared", [True, False])
def test_the_index_refuses_a_second_partner_where_one_is_all(
    stores: Stores, database: Database, many: bool, shared: bool, declared_here: bool
) -> None:
    orders, items = prepared(stores.tasks, "orders"), prepared(stores.tasks, "items")
    side = side_of(items, many=many, shared=shared, declared_here=declared_here)
    item, order = Maker(workflow=items).new("1"), Maker(workflow=orders).new("A")
    stores.tasks.insert(items, item)
    stores.tasks.insert(orders, replace(order, links=links(side, item.task.id)))
    (pair,) = database[PAIRS].find({}, {"_id": 0})
    near, far = ("a", "b") if declared_here else ("b", "a")

    assert (ObjectId(order.task.id), ObjectId(item.task.id)) == (pair[near], pair[far])
    assert is_refused(database, dict(pair))
    assert is_refused(database, {**pair, far: ObjectId()}) is not many
    assert is_refused(database, {**pair, near: ObjectId()}) is not shared
    assert not is_refused(database, {**pair, near: ObjectId(), far: ObjectId()})


def test_a_write_whose_links_are_not_as_they_were_changes_nothing(
    stores: Stores, database: Database
) -> None:
    tasks = stores.tasks
    orders, items = prepared(tasks, "orders"), prepared(tasks, "items")
    side = side_of(items, many=True, shared=False)
    make, one = Maker(workflow=orders), Maker(workflow=items).new("1")
    tasks.insert(items, one)
    order = make.new("A")
    tasks.insert(orders, replace(order, links=links(side, one.task.id)))
    change = make.change(order.task, values={"ref": "B"})

    assert not tasks.replace(orders, replace(change, links=links(side, one.task.id)))
    gone = links(side, "f" * 24, old=[one.task.id])
    assert not tasks.replace(orders, replace(change, links=gone))
    with pytest.raises(Taken):
        tasks.insert(orders, replace(make.new("C"), links=links(side, "f" * 24)))
    with pytest.raises(Taken):
        tasks.insert(orders, replace(make.new("A"), links=links(side, one.task.id)))

    assert [order.task] == list(tasks.find(orders, Query()))
    assert [one.task.id] == list(tasks.linked(side, order.task.id))
    assert 1 == database[PAIRS].count_documents({})
    assert () == tasks.linked(side, "no id")


def test_linked_tasks_are_found_by_an_index(stores: Stores, database: Database) -> None:
    orders, items = prepared(stores.tasks, "orders"), prepared(stores.tasks, "items")
    make, many = Maker(workflow=orders), [Maker(workflow=items).new(str(n)) for n in range(50)]
    stores.tasks.insert_many(items, many)
    side = side_of(items, many=True, shared=False)
    everything = links(side, *(one.task.id for one in many))
    stores.tasks.insert(orders, replace(make.new("A"), links=everything))
    linked = replace(orders, linked=(side,))

    database.command({"profile": 2})
    (found,) = stores.tasks.find(linked, Query(links={"Items": EVERYTHING}))
    database.command({"profile": 0})

    assert 50 == len(found.links["Items"])
    (noted,) = database["system.profile"].find({"command.aggregate": {"$regex": "^tasks_"}})
    # A look through all tasks for each of the fifty would examine thousands.
    assert noted["docsExamined"] < 150
