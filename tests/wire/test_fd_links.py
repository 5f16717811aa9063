"""Linked tasks on the native API: rows FD-60 to FD-73."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.wire.api import Api, Reply

ORDER: Mapping[str, Any] = {
    "number": {"title": "Order ID", "type": "integer"},
    "name": {"title": "Name", "type": "string"},
    "price": {"title": "Price", "type": "number", "format": "currency"},
}
ITEM: Mapping[str, Any] = {
    "number": {"title": "Item ID", "type": "integer"},
    "name": {"title": "Name", "type": "string"},
}
UNIQUE: Mapping[str, Any] = {"field": "number", "autoIncrement": True}
LINK: Mapping[str, Any] = {"name": "Items", "to": "items", "inverse": "Order"}


def link(api: Api, cardinality: str = "one-to-many", **changes: str) -> None:
    """Push items, and orders that link to them."""
    api.workflow("items", ITEM, uniqueId=UNIQUE)
    links = [{**LINK, "cardinality": cardinality, **changes}]
    api.workflow("orders", ORDER, uniqueId=UNIQUE, links=links)


def write(api: Api, workflow: str, method: str = "POST", **task: Any) -> Reply:
    named = {name.replace("_", " "): value for name, value in task.items()}
    return api.request(method, f"/workflows/{workflow}/tasks", named)


def written(api: Api, workflow: str, **task: Any) -> Any:
    answer = write(api, workflow, **task)
    assert answer.status in {200, 201}, answer.json
    return answer.json


def item(api: Api, number: int) -> Any:
    return api.get(f"/workflows/items/tasks/{number}").json


def order(api: Api, number: int) -> Any:
    return api.get(f"/workflows/orders/tasks/{number}").json


def items_of(shown: Any) -> list[str]:
    return [one["Item ID"] for one in shown["Items"]]


@pytest.fixture
def shop(api: Api) -> Api:
    """Items 1 to 3 and orders 1 and 2, one order having many items; nothing is linked."""

    def make() -> None:
        link(api)
        for number in (1, 2, 3):
            written(api, "items", Item_ID=number, Name=f"Item {number}")
        for number in (1, 2):
            written(api, "orders", Order_ID=number, Name=f"Order {number}", Price=5)

    api.begin("a shop", make)
    return api


def test_fd_60_a_to_many_link_is_an_array_under_its_name(shop: Api) -> None:
    assert order(shop, 1)["Items"] == []

    written(shop, "orders", Order_ID=1, Items=[{"Item ID": 2}])

    assert items_of(order(shop, 1)) == ["2"]
    listed = shop.get("/workflows/orders/tasks").json
    assert [items_of(one) for one in listed] == [["2"], []]


def test_fd_61_a_to_one_link_is_an_object_or_null_under_its_name(shop: Api) -> None:
    assert item(shop, 1)["Order"] is None

    shown = written(shop, "items", Item_ID=1, Order={"Order ID": 2})

    assert shown["Order"] == {"Order ID": "2", "Name": "Order 2", "Price": "5"}
    assert item(shop, 1)["Order"] == {"Order ID": "2", "Name": "Order 2", "Price": "5.00"}
    listed = shop.get("/workflows/items/tasks").json
    assert [one["Order"] and one["Order"]["Order ID"] for one in listed] == ["2", None, None]


def test_fd_62_linked_objects_hold_the_unique_id_and_the_fields_and_nothing_else(
    shop: Api,
) -> None:
    written(shop, "items", Item_ID=3, Order={"Order ID": 1})

    assert order(shop, 1)["Items"] == [{"Item ID": "3", "Name": "Item 3"}]
    assert list(order(shop, 1)) == [
        *("Stage", "Assigned To", "Task URL", "Order ID", "Name", "Price", "Items")
    ]


def test_fd_63_a_new_child_links_itself_to_its_parent(shop: Api) -> None:
    answer = write(shop, "items", Item_ID=4, Order={"Order ID": 1})

    assert answer.status == 201
    assert answer.json["Order"]["Order ID"] == "1"
    assert items_of(order(shop, 1)) == ["4"]


def test_fd_64_a_parent_links_several_children_at_once(shop: Api) -> None:
    shown = written(shop, "orders", Order_ID=1, Items=[{"Item ID": n} for n in (1, "2", 3)])

    assert items_of(shown) == ["1", "2", "3"]
    assert items_of(order(shop, 1)) == ["1", "2", "3"]


def test_fd_65_a_list_replaces_the_one_before(shop: Api) -> None:
    written(shop, "orders", Order_ID=1, Items=[{"Item ID": n} for n in (1, 2, 3)])

    written(shop, "orders", Order_ID=1, Items=[{"Item ID": 2}, {"Item ID": 3}, {"Item ID": 3}])

    assert items_of(order(shop, 1)) == ["2", "3"]
    assert item(shop, 1)["Order"] is None


@pytest.mark.parametrize("nothing", [[], None])
def test_fd_66_an_empty_list_unlinks_all_and_an_absent_one_changes_nothing(
    shop: Api, nothing: object
) -> None:
    written(shop, "orders", Order_ID=1, Items=[{"Item ID": n} for n in (1, 2)])

    written(shop, "orders", Order_ID=1, Name="Renamed")
    assert items_of(order(shop, 1)) == ["1", "2"]

    written(shop, "orders", Order_ID=1, Items=nothing)
    assert order(shop, 1)["Items"] == []
    assert item(shop, 2)["Order"] is None


def test_fd_67_null_unlinks_from_the_side_of_the_child(shop: Api) -> None:
    written(shop, "orders", Order_ID=1, Items=[{"Item ID": n} for n in (1, 2)])

    written(shop, "items", Item_ID=1, Order=None)

    assert item(shop, 1)["Order"] is None
    assert items_of(order(shop, 1)) == ["2"]


def test_fd_68_other_properties_of_a_reference_change_nothing(shop: Api) -> None:
    reference = {"Item ID": 1, "Name": "Other", "Color": "no field", "Order": None}
    written(shop, "orders", Order_ID=1, Items=[reference])

    assert item(shop, 1)["Name"] == "Item 1"
    assert items_of(order(shop, 1)) == ["1"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_fd_69_a_reference_to_a_missing_target_is_refused_and_nothing_is_saved(
    shop: Api, method: str
) -> None:
    written(shop, "orders", Order_ID=1, Items=[{"Item ID": 1}])

    answer = write(
        shop, "orders", method, Order_ID=1, Name="New", Items=[{"Item ID": 2}, {"Item ID": 9}]
    )

    assert answer.status == 422
    assert list(answer.json["errors"]) == ["Items"]
    assert "'9'" in str(answer.json["errors"]["Items"])
    assert (order(shop, 1)["Name"], items_of(order(shop, 1))) == ("Order 1", ["1"])
    assert write(shop, "orders", Order_ID=3, Items=[{"Item ID": 9}]).status == 422
    assert shop.get("/workflows/orders/tasks/3").status == 404


def test_fd_70_linking_a_child_to_another_parent_moves_it(shop: Api) -> None:
    written(shop, "orders", Order_ID=1, Items=[{"Item ID": n} for n in (1, 2, 3)])

    written(shop, "orders", Order_ID=2, Items=[{"Item ID": 2}])
    written(shop, "items", Item_ID=3, Order={"Order ID": 2})

    assert items_of(order(shop, 1)) == ["1"]
    assert items_of(order(shop, 2)) == ["2", "3"]


def test_fd_71_a_link_whose_name_is_taken_or_whose_target_is_unfit_is_refused(api: Api) -> None:
    api.workflow("items", ITEM, uniqueId=UNIQUE)
    api.workflow("plain", {"name": {"title": "Word", "type": "string"}})
    wrong = [
        ("name", "Price"),
        ("name", " Price "),
        ("name", "Stage"),
        ("name", "_items"),
        ("inverse", "Name"),
        ("inverse", "Task URL"),
        ("to", "nowhere"),
        ("to", "plain"),
    ]

    for word, said in wrong:
        links = [{**LINK, "cardinality": "one-to-many", word: said}]
        answer = api.push("orders", ORDER, uniqueId=UNIQUE, links=links)

        assert answer.status == 422, (word, said)
        assert f"workflow.links[0].{word}" in answer.body.decode(), answer.json
        assert api.get("/workflows/orders").status == 404


def test_fd_72_a_link_is_seen_from_both_sides_after_a_write_on_either(shop: Api) -> None:
    written(shop, "orders", Order_ID=1, Items=[{"Item ID": 1}])
    written(shop, "items", Item_ID=2, Order={"Order ID": 1})

    assert items_of(order(shop, 1)) == ["1", "2"]
    assert [item(shop, n)["Order"]["Order ID"] for n in (1, 2)] == ["1", "1"]


def test_fd_73_linking_one_to_one_unlinks_the_earlier_partners_of_both(api: Api) -> None:
    link(api, "one-to-one", name="Item")
    for number in (1, 2):
        written(api, "items", Item_ID=number)
        written(api, "orders", Order_ID=number, Item={"Item ID": number})

    written(api, "orders", Order_ID=1, Item={"Item ID": 2})

    assert order(api, 1)["Item"]["Item ID"] == "2"
    assert order(api, 2)["Item"] is None
    assert item(api, 1)["Order"] is None
    assert item(api, 2)["Order"]["Order ID"] == "1"
