"""Approval actions and checklists over the native API, with the workflows that are shipped."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.wire.api import Api, Reply

FOLDER = Path(__file__).parents[2] / "workflow_schemas"
INVOICES = "/workflows/invoice-approval/tasks"
ARTICLES = "/workflows/content-review/tasks"


def ship(api: Api, name: str) -> None:
    file = json.loads(FOLDER.joinpath(f"{name}.json").read_text("utf-8"))
    answer = api.put(f"/workflows/{name}", file)
    assert answer.status in {200, 201}, answer.json


def step(*emails: str, mode: str = "ONE", **more: object) -> dict[str, object]:
    return {"completionMode": mode, "participants": list(emails), **more}


@pytest.fixture
def people(api: Api) -> dict[str, str]:
    """The keys of those who work with invoices; Cleo does the accounts."""
    keys = {name: api.user(f"{name}@example.com") for name in ("ann", "ben")}
    return {**keys, "cleo": api.user("cleo@example.com", role="manager")}


@pytest.fixture
def invoice(api: Api, people: dict[str, str]) -> Any:
    """An invoice that Ann has received."""
    ship(api, "invoice-approval")
    answer = api.post(
        INVOICES,
        {
            "Supplier": "Example Ltd",
            "Invoice number": "2025/117",
            "Invoice date": "2025-01-31",
            "Pay by": "2100-01-31",
            "Amount": "7400.00",
            "Cost centre": "Research",
            "Purchase order": "PO-10042",
            "Approval": [
                step("ben@example.com"),
                step("ben@example.com", "cleo@example.com", mode="ALL"),
            ],
        },
        key=people["ann"],
    )
    assert 201 == answer.status, answer.json
    return answer.json


def act(api: Api, key: str, action: object, uid: object = 1, **more: object) -> Reply:
    return api.post(f"{INVOICES}/{uid}/approval", {"action": action, **more}, key=key)


def test_an_invoice_is_received_approved_and_paid(
    api: Api, people: dict[str, str], invoice: Any
) -> None:
    assert ("Received", "ann@example.com") == (invoice["Stage"], invoice["Requester"])
    assert invoice["Received"] is not None
    assert "In Approval" == act(api, people["ann"], "SUBMIT").json["Stage"]
    assert "In Approval" == act(api, people["ben"], "APPROVE", comment="as ordered").json["Stage"]
    assert 403 == act(api, people["ann"], "APPROVE").status
    assert "In Approval" == act(api, people["cleo"], "APPROVE", comment=None).json["Stage"]

    done = act(api, people["ben"], "APPROVE").json

    assert "Approved" == done["Stage"]
    first, second = done["Approval"]
    (response,) = first["responses"]
    assert ("APPROVE", "as ordered", "ben@example.com") == (
        response["action"],
        response["comment"],
        response["by"],
    )
    assert ["cleo@example.com", "ben@example.com"] == [each["by"] for each in second["responses"]]
    paid = {"Document": 1, "Stage": "Paid"}
    assert {"Booking": ["can't be blank"]} == api.put(INVOICES, paid, key=people["cleo"]).json[
        "errors"
    ]
    answer = api.put(INVOICES, {**paid, "Booking": "L-7"}, key=people["cleo"])
    assert (200, "Paid") == (answer.status, answer.json["Stage"])


def test_another_amount_starts_the_approval_anew(
    api: Api, people: dict[str, str], invoice: Any
) -> None:
    act(api, people["ann"], "SUBMIT")
    act(api, people["ben"], "APPROVE")

    after = api.put(INVOICES, {"Document": 1, "Amount": "9999.00"}, key=people["ann"]).json

    assert "Received" == after["Stage"]
    assert [[], []] == [each["responses"] for each in after["Approval"]]


def test_an_answer_can_be_sent_back_and_keeps_what_was_answered(
    api: Api, people: dict[str, str], invoice: Any
) -> None:
    act(api, people["ann"], "SUBMIT")
    shown = act(api, people["ben"], "APPROVE").json

    answer = api.put(INVOICES, shown, key=people["ann"])

    assert (200, shown) == (answer.status, api.get(f"{INVOICES}/1", key=people["ann"]).json)


def test_employees_move_by_actions_only_and_see_no_account(
    api: Api, people: dict[str, str], invoice: Any
) -> None:
    api.put(INVOICES, {"Document": 1, "Bank account": "XX00EXAMPLE0000000042"}, key=people["cleo"])

    assert "Bank account" not in api.get(f"{INVOICES}/1", key=people["ann"]).json
    cancelled = {"Document": 1, "Stage": "Cancelled"}
    assert 403 == api.put(INVOICES, cancelled, key=people["ann"]).status
    assert 422 == api.put(INVOICES, cancelled, key=people["cleo"]).status
    assert "Cancelled" == act(api, people["ann"], "CANCEL").json["Stage"]
    assert 409 == act(api, people["ann"], "SUBMIT").status
    assert "Received" == act(api, people["ann"], "RESTART").json["Stage"]


def test_what_the_next_stage_needs_is_told(api: Api, people: dict[str, str], invoice: Any) -> None:
    api.put(INVOICES, {"Document": 1, "Invoice date": None}, key=people["ann"])

    answer = act(api, people["ann"], "SUBMIT")

    assert (422, {"Invoice date": ["can't be blank"]}) == (answer.status, answer.json["errors"])


def test_a_purchase_order_is_added_once(api: Api, people: dict[str, str], invoice: Any) -> None:
    other = {"Document": 1, "Purchase order": "PO-99999"}

    answer = api.put(INVOICES, other, key=people["ann"])

    assert (422, ["Purchase order"]) == (answer.status, list(answer.json["errors"]))


def test_a_body_that_is_no_action_is_refused(api: Api, invoice: Any) -> None:
    cases: list[tuple[object, int, list[str]]] = [
        ({}, 422, ["action"]),
        ({"action": "APROVE"}, 422, ["action"]),
        ({"action": "SUBMIT", "comment": 7}, 422, ["comment"]),
        ({"action": "SUBMIT", "note": "x"}, 422, ["note"]),
        ([], 422, ["base"]),
        (b"{", 400, []),
    ]
    answers = [api.post(f"{INVOICES}/1/approval", body) for body, _, _ in cases]

    assert [(status, names) for _, status, names in cases] == [
        (answer.status, list(answer.json.get("errors", ()))) for answer in answers
    ]
    assert "Received" == api.get(f"{INVOICES}/1").json["Stage"]


def test_what_is_not_there_is_not_found(api: Api, people: dict[str, str], invoice: Any) -> None:
    assert 404 == act(api, people["ann"], "SUBMIT", uid=2).status
    body = {"action": "SUBMIT"}
    pipeline = "/workflows/sales-pipeline/tasks"
    api.post(pipeline, {"Company ID": "a/b"})
    assert 404 == api.post(f"{pipeline}/a/b/approval", body).status
    assert 404 == api.post("/workflows/nothing/tasks/1/approval", body).status
    assert 401 == api.post(f"{INVOICES}/1/approval", body, key=None).status


def test_the_document_of_a_workflow_has_the_route_where_it_has_approvals(
    api: Api, invoice: Any
) -> None:
    ship(api, "content-review")

    def paths(workflow: str) -> set[str]:
        document = api.get(f"/workflows/{workflow}/openapi.json").json
        return {path.rsplit("/", 1)[1] for path in document["paths"]}

    assert "approval" in paths("invoice-approval")
    assert "checklist" in paths("content-review")
    assert not {"checklist"} & paths("invoice-approval")
    assert not {"approval", "checklist"} & paths("sales-pipeline")


def test_an_article_is_written_checked_and_published(api: Api, people: dict[str, str]) -> None:
    ship(api, "content-review")
    made = api.post(ARTICLES, {"Title": "Ten ways"}, key=people["ann"])
    task = made.json["Task URL"].rsplit("/", 1)[1]
    (first,) = made.json["Checks"]
    assert ("Agree on the brief", False) == (first["text"], first["done"])

    answer = api.put(
        f"{ARTICLES}/{task}/checklist", {"items": [{**first, "done": True}]}, key=people["ann"]
    )

    assert (200, "100", "Idea") == (answer.status, answer.json["Progress"], answer.json["Stage"])
    assert [{**first, "done": True}] == answer.json["Checks"]


def test_an_article_gets_what_is_to_check_in_the_stage_it_begins_in(api: Api) -> None:
    ship(api, "content-review")

    made = api.post(
        ARTICLES,
        {
            "Title": "Ten ways",
            "Stage": "In Review",
            "Draft": "https://example.com/drafts/7",
            "Reviewer": "admin@example.com",
        },
    ).json

    assert ["Check the facts", "Check spelling and style", "Check links and pictures"] == [
        item["text"] for item in made["Checks"]
    ]


def test_what_is_no_checklist_is_refused(api: Api) -> None:
    ship(api, "content-review")
    made = api.post(ARTICLES, {"Title": "Ten ways"})
    task = made.json["Task URL"].rsplit("/", 1)[1]
    cases: list[tuple[object, str]] = [
        ({}, "items"),
        ({"items": None}, "items"),
        ({"items": [{"text": ""}]}, "Checks"),
        ({"items": "x"}, "Checks"),
        ({"items": [], "Progress": 7}, "Progress"),
    ]

    answers = [api.put(f"{ARTICLES}/{task}/checklist", body) for body, _ in cases]

    assert [(422, [name]) for _, name in cases] == [
        (answer.status, list(answer.json["errors"])) for answer in answers
    ]
