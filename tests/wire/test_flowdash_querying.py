"""Queries by a body: the same tree as the query string gives, groups, typed values, counts."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from taskloom.errors import Fault, Invalid
from taskloom.query.tree import EVERYTHING, All, Compare, Filter, Not, Some
from taskloom.schema.compile import compile_source
from taskloom.schema.properties import NOBODY
from taskloom.wire.flowdash.query import asked
from taskloom.wire.flowdash.trees import DEEPEST, MOST_PARTS, tree
from tests.wire.api import Api, Reply
from tests.wire.test_flowdash_query import ITEMS, PROPERTIES, ROWS

Json = dict[str, Any]


@pytest.fixture
def items(api: Api) -> Api:
    """Three tasks of a workflow with all manner of fields."""
    stages = [{"name": "New"}, {"name": "Doing"}, {"name": "Done", "end": True}]
    api.workflow("items", PROPERTIES, uniqueId="code", stages=stages)
    for row in ROWS:
        assert 201 == api.post(ITEMS, row).status
    return api


def query(api: Api, **body: Any) -> Reply:
    """Ask for what a body says."""
    return api.post(f"{ITEMS}/query", body)


def found(api: Api, **body: Any) -> str:
    """Give the codes that a query finds, in order."""
    answer = query(api, **body)
    assert 200 == answer.status, answer.json
    return "".join(task["Code"] for task in answer.json)


def where(title: str, op: str, value: object) -> Json:
    """Write one comparison."""
    return {"field": title, "op": op, "value": value}


FINDS: list[tuple[Json, str]] = [
    ({"and": []}, "123"),
    ({"or": []}, ""),
    ({"not": {"and": []}}, ""),
    ({"field": "Code", "value": "2"}, "2"),
    (where("Amount", "eq", 10), "1"),
    (where("Amount", "gt", 2.5), "1"),
    (where("Amount", "gt", "2.4"), "12"),
    (where("Price", "lte", 9.5), "1"),
    (where("Urgent?", "eq", False), "2"),
    (where("Urgent?", "eq", None), "3"),
    (where("Urgent?", "ne", None), "12"),
    (where("Name", "in", ["Alpha", None]), "13"),
    (where("Name", "exists", False), "3"),
    (where("Name", "contains", "ALPHA"), "12"),
    (where("Name", "startswith", "al"), "2"),
    (where("Colour", "nin", ["dark, blue"]), "13"),
    (where("Tags", "contains", "a"), "1"),
    (where("Tags", "eq", None), "3"),
    (where("Papers", "eq", None), "23"),
    (where("Owner", "eq", "ADMIN@example.com"), "1"),
    (where("Stage", "in", ["Doing", "Done"]), "13"),
    (where("Assigned To", "eq", None), "13"),
    (where("Created On", "gt", "2020-01-01"), "123"),
    (where("Odd[gte]", "eq", "x"), "2"),
    ({"not": where("Amount", "gt", 2)}, "3"),
    ({"not": {"or": [where("Code", "eq", "1"), where("Amount", "lt", 0)]}}, "2"),
    ({"and": [where("Amount", "lt", 5), {"not": where("Stage", "eq", "Done")}]}, "2"),
    ({"or": [where("Stage", "eq", "Done"), where("Tags", "eq", "a")]}, "13"),
]


def test_a_body_finds_what_its_tree_says(items: Api) -> None:
    for asked_for, codes in FINDS:
        assert codes == found(items, where=asked_for), asked_for


def test_a_query_without_a_filter_lists_all(items: Api) -> None:
    assert "123" == found(items)
    assert "312" == found(items, sort=["-Stage", "Code"])
    assert [{"Code": "3"}] == query(items, fields=["Code"], q="z").json


def test_a_cursor_leads_through_a_query_and_through_no_other(items: Api) -> None:
    body: Json = {"where": where("Code", "ne", "9"), "sort": ["-Amount"], "limit": 2}

    first = query(items, **body)
    cursor = first.headers["X-Next-Cursor"]

    assert "Link" not in first.headers
    assert "3" == found(items, **body, cursor=cursor)
    assert "X-Next-Cursor" not in query(items, **body, cursor=cursor).headers
    other = query(items, **{**body, "where": where("Code", "ne", "8")}, cursor=cursor)
    assert (422, ["cursor"]) == (other.status, list(other.json["errors"]))


WRONG: list[tuple[Any, str, str]] = [
    ([], "where", "must be an object"),
    ({}, "where", "is no filter"),
    ({"and": {}}, "where.and", "must be a list"),
    ({"and": [], "or": []}, "where", "is no filter"),
    ({"and": [{"field": 5, "value": 1}]}, "where.and[0].field", "must be the title"),
    ({"not": {"field": "Nane", "value": 1}}, "where.not.field", "did you mean 'Name'?"),
    (where("Name", "like", "x"), "where.op", "is no operator"),
    (where("Name", {"$gt": ""}, "x"), "where.op", "is no operator"),  # type: ignore[arg-type]
    (where("Urgent?", "gt", True), "where.op", "possible are [eq], [ne], [exists]"),
    ({"field": "Name"}, "where.value", "null means that it is unset"),
    (where("Name", "eq", {"$gt": ""}), "where.value", "must be text"),
    (where("Name", "eq", 5), "where.value", "must be text"),
    (where("Amount", "eq", True), "where.value", "must be a number"),
    (where("Amount", "in", 5), "where.value", "must be a list"),
    (where("Amount", "in", [5, "x"]), "where.value[1]", "must be a number"),
    (where("Amount", "gt", None), "where.value", "can't be blank"),
    (where("Tags", "contains", 5), "where.value", "must be text"),
    (where("Name", "contains", ""), "where.value", "can't be blank"),
    (where("Name", "startswith", 5), "where.value", "must be text"),
    (where("Name", "exists", "true"), "where.value", "must be true or false"),
    (where("Stage", "eq", "Gone"), "where.value", "is not a stage"),
    (where("Stage", "eq", 5), "where.value", "must be text"),
    ({**where("Name", "eq", "x"), "Field": 1}, "where.Field", "is not known"),
]


def test_what_is_wrong_with_a_tree_is_told_where_it_stands(items: Api) -> None:
    for asked_for, path, said in WRONG:
        answer = query(items, where=asked_for)

        assert (422, [path]) == (answer.status, list(answer.json["errors"])), asked_for
        assert said in answer.json["errors"][path][0]


def test_everything_wrong_with_a_query_is_told_at_once(items: Api) -> None:
    answer = query(
        items,
        where={"or": [where("Amount", "eq", "x"), where("Day", "gt", "soon")]},
        limit=0,
        sort="Name",
        fields=[5],
        count="roughly",
        cursor=7,
        q=[],
        limits=5,
    )

    told = {"where.or[0].value", "where.or[1].value", "limit", "sort", "fields", "count"}
    assert 422 == answer.status
    assert {*told, "cursor", "q", "limits"} == set(answer.json["errors"])
    assert "did you mean 'limit'?" in answer.json["errors"]["limits"][0]


def test_trees_are_bounded_in_depth_and_in_parts(items: Api) -> None:
    deep: Json = {"and": []}
    for _ in range(DEEPEST - 1):
        deep = {"not": deep}
    many: Json = {"or": [where("Code", "eq", "1")] * (MOST_PARTS - 1)}

    assert (200, 200) == (query(items, where=deep).status, query(items, where=many).status)
    assert 422 == query(items, where={"not": deep}).status
    answer = query(items, where={"or": [*many["or"], *many["or"]]})
    assert (422, 1) == (answer.status, len(answer.json["errors"]))


@pytest.mark.parametrize("count", ["exact", "estimate"])
def test_tasks_are_counted_where_that_is_asked_for(items: Api, count: str) -> None:
    asked_for = items.get(f"{ITEMS}?_limit=1&Amount[gt]=0&_count={count}")
    by_body = query(items, limit=1, where=where("Amount", "gt", 0), count=count)

    for answer in (asked_for, by_body):
        assert ("2", count) == (
            answer.headers["X-Total-Count"],
            answer.headers["X-Total-Count-Kind"],
        )
        assert 1 == len(answer.json)
    assert "X-Total-Count" not in items.get(f"{ITEMS}?_limit=1").headers
    assert "3" == items.get(f"{ITEMS}?_count={count}").headers["X-Total-Count"]
    assert 422 == items.get(f"{ITEMS}?_count=some").status
    assert 422 == items.get(f"{ITEMS}?_count=exact&_count=exact").status


def test_a_list_that_no_index_serves_says_which_would(items: Api) -> None:
    assert 'mark name as "filterable"' in items.get(f"{ITEMS}?Name=x").headers["X-Query-Hint"]
    assert "X-Query-Hint" not in items.get(f"{ITEMS}?Stage=Done&Name=x").headers
    told = query(items, where=where("Stage", "eq", "Done"), sort=["-Amount"])
    said = told.headers["X-Query-Hint"]
    assert '{"filter": ["_stage"], "sort": ["-amount"]}' in said


def test_searched_fields_are_found_by_their_words(api: Api) -> None:
    tasks = "/workflows/notes/tasks"
    properties = {
        key: {"title": key.title(), "type": "string"} for key in ("name", "note", "other")
    }
    api.workflow("notes", properties, search=["name", "note"])
    api.post(tasks, {"Name": "Acme Corp", "Other": "hidden"})
    api.post(tasks, {"Name": "Bolt", "Note": "asks of ACME"})

    assert ["Acme Corp", "Bolt"] == [task["Name"] for task in api.get(f"{tasks}?_q=acm").json]
    for asked_for in ("_q=acme&_q=bolt", "_q=bo+ac", "_q=acm&Name=Bolt"):
        assert ["Bolt"] == [task["Name"] for task in api.get(f"{tasks}?{asked_for}").json]
    by_body = api.post(f"{tasks}/query", {"q": "corp", "where": {"field": "Note", "value": None}})
    assert ["Acme Corp"] == [task["Name"] for task in by_body.json]
    for nothing in ("cme", "hidden"):
        assert [] == api.get(f"{tasks}?_q={nothing}").json
    assert "X-Query-Hint" not in by_body.headers
    assert ["_q"] == list(api.get(f"{tasks}?_q=%26!").json["errors"])
    assert ["q"] == list(api.post(f"{tasks}/query", {"q": "&!"}).json["errors"])
    assert 2 == len(api.get(f"{tasks}?_q=+").json)


def test_a_role_that_sees_a_part_of_the_tasks_is_told_of_no_others(api: Api) -> None:
    roles = [{"name": "Own", "for": ["member"], "see": ["created"]}]
    api.workflow("cases", {"ref": {"title": "Ref", "type": "string"}}, roles=roles)
    member = api.user("ann@example.com")
    for key in (api.key, api.key, api.key, member):
        assert 201 == api.post("/workflows/cases/tasks", {"Ref": "x"}, key=key).status

    for kind in ("exact", "estimate"):
        answer = api.get(f"/workflows/cases/tasks?_count={kind}", key=member)
        assert ("1", 1) == (answer.headers["X-Total-Count"], len(answer.json))


TYPED: Mapping[str, st.SearchStrategy[Any]] = {
    "Amount": st.integers(-5, 5) | st.decimals(-2, 2, places=1),
    "Name": st.text("ab ,[]", min_size=1, max_size=3),
    "Urgent?": st.booleans(),
    "Day": st.dates().map(str),
    "Colour": st.sampled_from(["red", "dark, blue"]),
    "Tags": st.sampled_from(["a", "b"]),
    "Stage": st.sampled_from(["Doing", "Done"]),
    "Assigned To": st.just("x@example.com"),
}
FILE = {
    "$id": "items",
    "type": "object",
    "properties": dict(PROPERTIES),
    "workflow": {"uniqueId": "code", "stages": [{"name": "Doing"}, {"name": "Done"}]},
}


WORKFLOW = compile_source(json.dumps(FILE), workspace="main", uid="a" * 24, version=1)


@given(st.data())
def test_a_body_and_an_address_give_the_same_tree(data: st.DataObject) -> None:
    title = data.draw(st.sampled_from(sorted(TYPED)))
    op = data.draw(st.sampled_from(["eq", "ne", "gt", "lte", "contains"]))
    value = data.draw(TYPED[title])
    text = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else str(value)

    assert _by_address(title, op, str(text)) == _by_body(where(title, op, value))


def _by_address(title: str, op: str, text: str) -> Filter | None:
    try:
        return asked(
            MultiDict({f"{title}[{op}]": text}), WORKFLOW, NOBODY, active=False
        ).query.where
    except Invalid:
        return None


def _by_body(said: Json) -> Filter | None:
    faults: list[Fault] = []
    read = tree(said, ("where",), WORKFLOW, NOBODY, faults)
    return None if faults else read


def test_groups_keep_their_shape() -> None:
    faults: list[Fault] = []
    said = {"or": [{"and": [where("Name", "eq", "x")]}, {"not": where("Amount", "gte", 1)}]}

    read = tree(said, ("where",), WORKFLOW, NOBODY, faults)

    named = All((Compare("name", "eq", "x"),))
    assert [] == faults
    assert Some((named, Not(Compare("amount", "gte", 1)))) == read
    assert EVERYTHING == tree({}, ("where",), WORKFLOW, NOBODY, faults)
