"""Saved views: what is kept of them whatever is renamed, who sees and who changes them."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.errors import ExecutionTimeout

from taskloom.engine.saved_views import MOST
from taskloom.storage import tasks as tasks_module
from tests.wire.api import Api

DEALS: dict[str, Any] = {
    "company": {"title": "Company", "type": "string"},
    "value": {"title": "Value", "type": "number"},
    "secret": {"title": "Secret", "type": "string"},
    "lead": {"title": "Lead", "type": "string", "format": "person"},
}
STAGES: list[dict[str, Any]] = [
    {"name": "New", "key": "new"},
    {"name": "Won", "key": "won", "end": True},
]
ROLES = [
    {"name": "Boss", "id": "boss", "for": ["admin", "manager"], "delete": "all"},
    {"name": "Agent", "id": "agent", "for": ["member"], "fields": {"secret": {"read": False}}},
]
VIEWS = "/workflows/deals/views"


@pytest.fixture
def deals(api: Api) -> Api:
    """The workflow with three tasks."""
    api.workflow("deals", DEALS, uniqueId="company", stages=STAGES)
    for number, stage in enumerate(["New", "New", "Won"]):
        task = {"Company": f"C{number}", "Value": number, "Secret": "s", "Stage": stage}
        assert api.post("/workflows/deals/tasks", task).status in {200, 201}
    return api


def save(api: Api, *, key: str = "default", **parts: Any) -> dict[str, Any]:
    made = api.post(VIEWS, {"name": "Mine", "shared": True, **parts}, key=key)
    assert made.status == 201, made.json
    return dict(made.json)


def listed(api: Api, query: str = "", **rest: Any) -> list[Any]:
    answer = api.get(VIEWS + query, **rest)
    assert answer.status == 200, answer.json
    return list(answer.json)


WHERE = {
    "and": [
        {"field": "Value", "op": "gte", "value": 1},
        {"not": {"field": "Stage", "op": "in", "value": ["Won"]}},
    ]
}


def test_a_view_is_answered_as_it_was_saved(deals: Api) -> None:
    query = {"where": WHERE, "sort": ["-Value", "Created On"], "q": "C"}
    columns = [{"title": "Company", "width": 200}, {"title": "Stage", "hidden": True}]

    made = save(deals, name=" Open ", layout="board", query=query, columns=columns)

    assert listed(deals) == [made]
    assert (made["name"], made["layout"], made["shared"]) == ("Open", "board", True)
    assert (made["query"], made["columns"], made["broken"]) == (query, columns, [])
    again = deals.post("/workflows/deals/tasks/query", made["query"])
    assert [task["Company"] for task in again.json] == ["C1"]


def test_numbers_of_a_filter_come_back_with_all_their_digits(deals: Api) -> None:
    body = (
        b'{"name": "a", "shared": true, "query": {"where": {"field": "Value", "op": "gt", '
        b'"value": 0.12345678901234567890}}}'
    )
    assert deals.post(VIEWS, body).status == 201
    assert b"0.12345678901234567890" in deals.get(VIEWS).body


def test_names_are_those_of_today(deals: Api) -> None:
    deals.user("ann@example.com")
    where = {
        "or": [
            {"field": "Stage", "value": "New"},
            {"field": "Lead", "value": "ann@example.com"},
            {"field": "Assigned To", "op": "in", "value": ["ANN@example.com", None]},
        ]
    }
    save(deals, query={"where": where, "sort": ["Company"]}, columns=[{"title": "Company"}])

    # What was one field's title is another's now.
    renamed = {**DEALS, "company": {"title": "Firm", "type": "string"}}
    renamed["secret"] = {"title": "Company", "type": "string"}
    stages = [{**STAGES[0], "name": "Fresh"}, STAGES[1]]
    deals.workflow("deals", renamed, uniqueId="company", stages=stages)
    people = deals.get("/users").json
    ann = next(each["id"] for each in people if each["email"] == "ann@example.com")
    assert deals.request("PATCH", f"/users/{ann}", {"email": "eve@example.com"}).status == 200

    (view,) = listed(deals)
    assert view["broken"] == []
    assert view["query"] == {
        "where": {
            "or": [
                {"field": "Stage", "value": "Fresh"},
                {"field": "Lead", "value": "eve@example.com"},
                {"field": "Assigned To", "op": "in", "value": ["eve@example.com", None]},
            ]
        },
        "sort": ["Firm"],
    }
    assert view["columns"] == [{"title": "Firm"}]


def test_what_is_removed_is_told_and_the_rest_stays(deals: Api) -> None:
    where = {"and": [{"field": "Secret", "value": "s"}, {"field": "Value", "op": "gt", "value": 0}]}
    columns = [{"title": "Secret"}, {"title": "Company"}]
    save(deals, query={"where": where, "sort": ["Secret", "Value"]}, columns=columns)
    only = {"where": {"not": {"or": [{"field": "Secret", "value": "s"}]}}}
    save(deals, name="Only", query=only)
    left = {key: schema for key, schema in DEALS.items() if key != "secret"}
    deals.workflow("deals", left, uniqueId="company", stages=STAGES)

    view, lost = listed(deals, "?_count=exact")

    assert view["query"] == {"where": {"and": [where["and"][1]]}, "sort": ["Value"]}
    assert view["columns"] == columns[1:]
    paths = [broken["path"] for broken in view["broken"]]
    assert paths == ["query.where.and[0]", "query.sort[0]", "columns[0]"]
    assert view["count"] is None
    assert (lost["query"], lost["count"]) == ({}, None)

    deals.workflow("deals", DEALS, uniqueId="company", stages=STAGES)
    whole, _ = listed(deals, "?_count=exact")
    assert (whole["query"]["where"], whole["broken"], whole["count"]) == (where, [], 2)


@pytest.mark.parametrize(
    ("condition", "change"),
    [
        ({"field": "Stage", "value": "Won"}, "stage"),
        ({"field": "Lead", "value": "ann@example.com"}, "person"),
        ({"field": "Value", "op": "gt", "value": 1}, "kind"),
    ],
)
def test_a_condition_that_means_nothing_any_more_is_told(
    deals: Api, condition: dict[str, Any], change: str
) -> None:
    deals.user("ann@example.com")
    save(deals, query={"where": condition})
    if change == "stage":
        for task in ("C0", "C1", "C2"):
            body = {"Company": task, "Stage": "New"}
            assert deals.put("/workflows/deals/tasks", body).status == 200
        stages = [STAGES[0], {"name": "Lost", "key": "lost", "end": True}]
        deals.workflow("deals", DEALS, uniqueId="company", stages=stages)
    elif change == "person":
        (ann,) = (u for u in deals.get("/users").json if u["email"] == "ann@example.com")
        assert deals.delete(f"/users/{ann['id']}").status in {200, 204}
    else:
        # As when a field went and one with the same title came.
        left = {key: schema for key, schema in DEALS.items() if key != "value"}
        other = {**left, "worth": {"title": "Value", "type": "number"}}
        deals.workflow("deals", other, uniqueId="company", stages=STAGES)

    (view,) = listed(deals)

    assert view["query"] == {}
    assert [broken["path"] for broken in view["broken"]] == ["query.where"]


def test_a_view_tells_a_role_nothing_of_what_it_does_not_see(deals: Api) -> None:
    ann = deals.user("ann@example.com")
    where = {"field": "Secret", "op": "startswith", "value": "classified"}
    save(deals, query={"where": where, "sort": ["-Secret"]}, columns=[{"title": "Secret"}])
    deals.workflow("deals", DEALS, uniqueId="company", stages=STAGES, roles=ROLES)

    answer = deals.get(f"{VIEWS}?_count=exact", key=ann)

    assert b"ecret" not in answer.body
    assert b"classified" not in answer.body
    assert answer.json[0]["count"] is None
    asked = deals.post(VIEWS, {"name": "a", "query": {"where": where}}, key=ann)
    assert asked.status == 422
    unknown = {**where, "field": "Nothing"}
    other = deals.post(VIEWS, {"name": "a", "query": {"where": unknown}}, key=ann)
    assert asked.body.replace(b"Secret", b"Nothing") == other.body


def test_counts_are_of_what_one_sees(deals: Api) -> None:
    save(deals, name="all")
    save(deals, name="new", query={"where": {"field": "Stage", "value": "New"}, "sort": ["Value"]})
    own = {"name": "Agent", "id": "agent", "for": ["member"], "see": ["created"]}
    deals.workflow("deals", DEALS, uniqueId="company", stages=STAGES, roles=[ROLES[0], own])
    ann = deals.user("ann@example.com")

    assert [view["count"] for view in listed(deals, "?_count=exact")] == [3, 2]
    assert [view["count"] for view in listed(deals, "?_count=estimate")] == [3, 2]
    assert [view["count"] for view in listed(deals, "?_count=exact", key=ann)] == [0, 0]
    assert deals.get(f"{VIEWS}?_count=maybe&x=1").json["errors"].keys() == {"_count", "x"}


def test_what_takes_too_long_is_not_counted(deals: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    save(deals)

    def slow(*_: object) -> int:
        raise ExecutionTimeout("operation exceeded time limit", 50)

    monkeypatch.setattr(tasks_module, "counted", slow)
    assert [view["count"] for view in listed(deals, "?_count=exact")] == [None]


def test_own_views_are_ones_own(deals: Api) -> None:
    ann, bob = deals.user("ann@example.com", name="Ann"), deals.user("bob@example.com")
    boss = deals.user("boss@example.com", role="manager")
    mine = save(deals, key=ann, name="b", shared=False)
    ours = save(deals, key=ann, name="a")

    assert listed(deals, key=ann) == [ours, mine]
    assert listed(deals, key=bob) == listed(deals, key=boss) == listed(deals) == [ours]
    assert (ours["owner"]["email"], ours["owner"]["name"]) == ("ann@example.com", "Ann")
    for key in (bob, boss, deals.key):
        assert deals.put(f"{VIEWS}/{mine['id']}", {"name": "x"}, key=key).status == 404
        assert deals.delete(f"{VIEWS}/{mine['id']}", key=key).status == 404
    assert deals.put(f"{VIEWS}/{ours['id']}", {"name": "x"}, key=bob).status == 403
    assert deals.delete(f"{VIEWS}/{ours['id']}", key=bob).status == 403
    assert deals.put(f"{VIEWS}/{ours['id']}", {"name": "x"}, key=boss).status == 200
    assert deals.put(f"{VIEWS}/{mine['id']}", {"name": "y"}, key=ann).status == 200
    assert {view["name"] for view in listed(deals, key=ann)} == {"x", "y"}
    assert deals.delete(f"{VIEWS}/{ours['id']}", key=deals.key).status == 204
    assert deals.delete(f"{VIEWS}/{ours['id']}", key=ann).status == 404


def test_what_a_change_does_not_name_stays(deals: Api) -> None:
    made = save(deals, query={"where": WHERE}, columns=[{"title": "Value"}], layout="board")

    changed = deals.put(f"{VIEWS}/{made['id']}", {**made, "name": "Other"})
    assert changed.json == {**made, "name": "Other"}
    changed = deals.put(f"{VIEWS}/{made['id']}", {"columns": [], "query": {}})
    assert changed.json == {**made, "name": "Other", "columns": [], "query": {}}


def test_views_of_who_is_gone_and_of_a_workflow_that_is_gone(deals: Api) -> None:
    ann = deals.user("ann@example.com")
    save(deals, key=ann, name="a", shared=False)
    save(deals, key=ann, name="b")
    (user,) = (u["id"] for u in deals.get("/users").json if u["email"] == "ann@example.com")
    assert deals.delete(f"/users/{user}").status in {200, 204}

    assert [(view["name"], view["owner"]) for view in listed(deals)] == [("b", None)]
    assert deals.delete("/workflows/deals?force=true").status in {200, 204}
    deals.workflow("deals", DEALS, uniqueId="company", stages=STAGES)
    assert listed(deals) == []


BAD: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": ({}, {"name"}),
    "everything": (
        {"name": " ", "layout": "tree", "shared": "yes", "query": [], "columns": {}, "size": 1},
        {"name", "layout", "shared", "query", "columns", "size"},
    ),
    "the query": (
        {
            "name": "a\nb",
            "query": {"limit": 1, "where": {"field": "Vale", "value": 1}, "sort": ["Nope"], "q": 1},
        },
        {"name", "query.limit", "query.where.field", "query.sort", "query.q"},
    ),
    "the columns": (
        {
            "name": "a",
            "columns": [
                {"title": "Nope"},
                {"width": 100},
                {"title": "Value", "width": 1, "hidden": 1, "colour": "red"},
                {"title": "Stage", "width": True},
            ],
        },
        {
            "columns[0].title",
            "columns[1]",
            "columns[2].width",
            "columns[2].hidden",
            "columns[2].colour",
            "columns[3].width",
        },
    ),
    "a column twice": ({"name": "a", "columns": [{"title": "Value"}] * 2}, {"columns"}),
    "much": (
        {"name": "n" * 101, "query": {"q": "x" * 70_000}},
        {"name"},
    ),
    "very much": ({"name": "n", "shared": True, "query": {"q": "x" * 70_000}}, {"query"}),
    "nobody's": ({"name": "n", "shared": False}, {"shared"}),
}


@pytest.mark.parametrize("case", BAD)
def test_every_fault_is_told(deals: Api, case: str, founded: Any, engine: Any) -> None:
    body, expected = BAD[case]
    key = engine.keys.create(engine.people.authenticate(deals.key)).secret

    answer = deals.post(VIEWS, body, key=key)

    assert answer.status == 422
    assert set(answer.json["errors"]) == expected
    assert listed(deals) == []


def test_nobody_has_too_many(deals: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskloom.engine.saved_views.MOST", 2)
    assert MOST > 2
    save(deals)
    save(deals)
    assert deals.post(VIEWS, {"name": "c", "shared": True}).status == 409


def test_a_workflow_that_is_not_there(api: Api) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: api.get("/workflows/none/views"),
        lambda: api.post("/workflows/none/views", {"name": "a"}),
        lambda: api.put("/workflows/none/views/x", {"name": "a"}),
        lambda: api.delete("/workflows/sales-pipeline/views/x"),
    ]
    assert [call().status for call in calls] == [404] * 4
