"""Links on the native API beside reading and writing them: what lists take, documents, forms."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from tests.wire.api import Api

ITEM: Mapping[str, Any] = {
    "number": {"title": "Item ID", "type": "string"},
    "papers": {"title": "Papers", "type": "array", "items": {"format": "file"}},
}
ORDER: Mapping[str, Any] = {"number": {"title": "Order ID", "type": "string"}}
LINK: Mapping[str, Any] = {
    "name": "Items, all",
    "to": "items",
    "inverse": "Order",
    "cardinality": "one-to-many",
}


@pytest.fixture
def shop(api: Api) -> Api:
    """Orders A and B, of which A has items 1 and 2."""
    api.workflow("items", ITEM, uniqueId="number")
    api.workflow("orders", ORDER, uniqueId="number", links=[LINK])
    for number in "12":
        assert api.post("/workflows/items/tasks", {"Item ID": number}).status == 201
    items = [{"Item ID": number} for number in "12"]
    for number, linked in (("A", items), ("B", [])):
        body = {"Order ID": number, "Items, all": linked}
        assert api.post("/workflows/orders/tasks", body).status == 201
    return api


def test_links_are_shown_where_fields_asks_for_them_and_only_there(shop: Api) -> None:
    asked = quote("Items, all")
    listed = shop.get(f"/workflows/orders/tasks?_fields={asked}").json

    assert [list(task) for task in listed] == [["Items, all"], ["Items, all"]]
    assert [len(task["Items, all"]) for task in listed] == [2, 0]
    one = shop.get(f"/workflows/orders/tasks/A?_fields={asked}").json
    assert [item["Item ID"] for item in one["Items, all"]] == ["1", "2"]
    plain = shop.get("/workflows/orders/tasks?_fields=Order ID".replace(" ", "%20")).json
    assert plain == [{"Order ID": "A"}, {"Order ID": "B"}]


def test_pages_hold_the_links_of_their_tasks(shop: Api) -> None:
    first = shop.get("/workflows/items/tasks?_limit=1&_sort=-Item%20ID")
    following = first.headers["Link"].split(">")[0].split("/api/v1")[1]
    second = shop.get(following)

    for page, number in ((first, "2"), (second, "1")):
        assert [(task["Item ID"], task["Order"]) for task in page.json] == [
            (number, {"Order ID": "A"})
        ]
    active = shop.get("/workflows/items/tasks/active").json
    assert [task["Order"] for task in active] == [{"Order ID": "A"}] * 2


@pytest.mark.parametrize("parameter", ["Order", "Order[eq]", "_sort"])
def test_lists_can_neither_be_filtered_nor_sorted_by_a_link(shop: Api, parameter: str) -> None:
    answer = shop.get(f"/workflows/items/tasks?{quote(parameter)}=Order")

    assert answer.status == 422
    assert "Order" in str(answer.json["errors"])


def test_an_answer_can_be_sent_back(shop: Api) -> None:
    for workflow, number in (("orders", "A"), ("items", "1")):
        before = shop.get(f"/workflows/{workflow}/tasks/{number}").json

        answer = shop.post(f"/workflows/{workflow}/tasks", before)

        assert (answer.status, answer.json) == (200, before)
        assert shop.get(f"/workflows/{workflow}/tasks/{number}").json == before


def test_a_file_for_a_link_is_refused_and_unlinks_nothing(shop: Api) -> None:
    edge = "edge"
    parts = {"_task": '{"Item ID": "1"}', 'Order"; filename="a.txt': "text"}
    body = "".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in parts.items()
    )

    answer = shop.post(
        "/workflows/items/tasks",
        f"{body}--{edge}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={edge}"},
    )

    assert answer.status == 422
    assert list(answer.json["errors"]) == ["Order"]
    assert shop.get("/workflows/items/tasks/1").json["Order"] == {"Order ID": "A"}


def test_the_document_of_a_workflow_follows_the_links_to_it(shop: Api) -> None:
    def described() -> Any:
        document = shop.get("/workflows/items/openapi.json").json
        return document["components"]["schemas"]["TaskInput"]["properties"]

    assert described()["Order"]["anyOf"][0]["required"] == ["Order ID"]

    shop.workflow("orders", ORDER, uniqueId="number")

    assert "Order" not in described()
    assert "Order" not in shop.get("/workflows/items/tasks/1").json


def test_rows_of_a_bulk_write_link_and_are_refused_one_by_one(shop: Api) -> None:
    rows = [
        {"Item ID": "1", "Order": {"Order ID": "B"}},
        {"Item ID": "3", "Order": {"Order ID": "Z"}},
    ]

    report = shop.post("/workflows/items/tasks/bulk", rows).json

    assert [row["status"] for row in report["results"]] == ["updated", "refused"]
    assert list(report["results"][1]["errors"]) == ["Order"]
    orders = shop.get("/workflows/orders/tasks").json
    assert [[item["Item ID"] for item in one["Items, all"]] for one in orders] == [["2"], ["1"]]
