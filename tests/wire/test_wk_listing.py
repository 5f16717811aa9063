"""The Workiva dialect: lists, their filters, orders and pages."""

import json
import time
from collections.abc import Sequence
from urllib.parse import quote

import pytest

from tests.wire.api import Api, Reply
from tests.wire.conftest import Ask
from tests.wire.wk import SHIPPED, UNKNOWN, Person, Wk, error, replacing, step, workiva

ODD = (
    "title contains '" + "x" * 20_000 + "'",
    "title contains '\0'",
    "title contains '\U0001f600'",
    "location.resource eq '" + "x" * 20_000 + "'",
    "status eq '" + "x" * 20_000 + "'",
    "assignees in (" + ",".join(["x"] * 1000) + ")",
    "dueDate gt " + "9" * 5000,
    " and ".join(["title contains x"] * 51),
    "(" * 10_000,
    "'" * 10_001,
    "\ufeff\u202e\x1c",
)


@pytest.fixture
def wk(api: Api, ask: Ask) -> Wk:
    return workiva(api, ask)


def titles(answer: Reply) -> list[str]:
    assert 200 == answer.status, answer.json
    return [task["title"] for task in answer.json["data"]]


def pages(wk: Wk, query: dict[str, object]) -> list[list[str]]:
    """Follow the links from page to page."""
    answer = wk.list(query)
    found = [titles(answer)]
    while "@nextLink" in answer.json:
        answer = wk.follow(answer.json["@nextLink"])
        found.append(titles(answer))
    return found


def refused(wk: Wk, parameter: str, text: str) -> set[str]:
    """Require the documented refusal of a parameter; return what its details are about."""
    said = error(wk.list({parameter: text}), 400, "BadRequest")
    assert parameter == said["target"], (text, said)
    assert f"The provided {parameter} option is not supported." == said["message"]
    return {detail["target"] for detail in said["details"]}


def test_wk_14_a_list_holds_its_tasks_and_says_when_there_is_more(wk: Wk) -> None:
    assert {"data": []} == wk.list().json
    task = wk.task()

    assert {"data": [task]} == wk.list().json
    assert {"data": []} == wk.list({"$filter": "title contains 'nothing'"}).json
    for nothing in ("", " "):
        assert {"data": [task]} == wk.list({"$filter": nothing}).json


def test_wk_15_pages_lose_and_repeat_nothing(wk: Wk) -> None:
    ann, bob = wk.person("ann"), wk.person("bob")
    steps: Sequence[list[Person]] = ([bob], [], [ann, bob], [ann], [])
    days = ("2030-01-02", None, "2030-01-01", "2030-01-02", None)
    for title, people, day in zip("abcde", steps, days, strict=True):
        due = f"{day}T00:00:00Z" if day else None
        wk.task(title, dueDate=due, approvalSteps=[step(*people)] if people else [])

    assert [["a", "b"], ["c", "d"], ["e"]] == pages(wk, {"$maxpagesize": 2})
    for order, expected in {
        "title desc": "edcba",
        "dueDate": "cadbe",
        "dueDate desc,title": "beadc",
        "status,title desc": "edcba",
        "created.dateTime desc": "edcba",
        "modified.dateTime": "abcde",
        "approvalSteps.participants,title desc": "dcaeb",
        "approvalSteps.participants desc,title": "beacd",
        "taskType,title desc": "edcba",
    }.items():
        for size in (1, 2, 5):
            query: dict[str, object] = {"$orderBy": order, "$maxpagesize": size}
            found = pages(wk, query)
            assert expected == "".join(map("".join, found)), (order, size)
            assert size == len(found[0])
    asked = f"approvalSteps.participants in ('{ann.id}','{bob.id}')"
    assert [["a"], ["c"], ["d"]] == pages(wk, {"$maxpagesize": 1, "$filter": asked})


def test_a_page_goes_on_where_it_ended_though_tasks_come_and_go(wk: Wk) -> None:
    made = [wk.task(title)["id"] for title in "abcd"]
    first = wk.list({"$maxpagesize": 2})

    wk.request("DELETE", f"/tasks/{made[0]}")
    wk.request("DELETE", f"/tasks/{made[1]}")
    wk.task("e")

    assert ["c", "d"] == titles(wk.follow(first.json["@nextLink"]))


def test_wk_16_a_page_holds_1_to_1000_tasks(wk: Wk) -> None:
    wk.task()

    for size in ("0", "1001", "-1", "", "ten", "1.0", "1e2", "\u0661", "9" * 5000, " 1"):
        assert {"$maxpagesize"} == refused(wk, "$maxpagesize", size)
    for size in ("1", "1000", "0010"):
        assert ["Review"] == titles(wk.list({"$maxpagesize": size}))


def test_wk_17_a_place_that_no_list_gave_is_refused(wk: Wk) -> None:
    wk.task("a")
    wk.task("b")
    link = wk.list({"$maxpagesize": 1}).json["@nextLink"]
    cursor = link.partition("$next=")[2]

    for odd in ("", "x", "JTI0bGltaXQ9MTAwJiUyNG9mZnNldD0xMDA", cursor[:-2], cursor + "A", "é"):
        assert {"$next"} == refused(wk, "$next", odd)
    said = error(wk.list({"$next": cursor, "$orderBy": "title"}), 400, "BadRequest")
    assert "$next" == said["target"]
    assert ["b"] == titles(wk.list({"$next": cursor}))


def test_wk_18_by_status(wk: Wk) -> None:
    wk.task("open")
    wk.done(wk.task("done")["id"], "SUBMIT")

    assert ["open"] == wk.found("status eq 'Created'")
    assert ["open"] == wk.found("status eq Created")
    assert ["done"] == wk.found("status eq 'Completed'")
    assert [] == wk.found("status eq 'Awaiting Approval'")
    for nowhere in ("'Nope'", "Nope", "created", "''", "null", "'$ne'"):
        assert [] == wk.found(f"status eq {nowhere}")


def test_wk_19_by_several_statuses(wk: Wk) -> None:
    wk.task("open")
    wk.done(wk.task("done")["id"], "SUBMIT")
    wk.done(wk.task("off")["id"], "CANCEL")

    assert ["open", "done"] == wk.found("status in ('Created','Completed')")
    assert ["off"] == wk.found("status in ( Cancelled , 'Returned' )")
    assert ["open"] == wk.found("status in ('Created','Nope')")
    assert [] == wk.found("status in ('Nope')")


def test_wk_20_comparisons_are_combined_by_and(wk: Wk) -> None:
    wk.task("TODO list")
    wk.task("else")
    wk.done(wk.task("TODO done")["id"], "SUBMIT")

    assert ["TODO list"] == wk.found("title contains 'TODO' and status eq 'Created'")
    assert ["TODO list"] == wk.found("status eq 'Created' and title contains 'todo'")
    assert [] == wk.found("status eq 'Created' and status eq 'Completed'")


def test_wk_21_by_assignees(wk: Wk) -> None:
    ann, bob, eve = wk.person("ann"), wk.person("bob"), wk.person("eve")
    wk.task("one", assignees=[ann.user])
    wk.task("both", assignees=[bob.user, ann.user])
    wk.task("none")

    assert ["one", "both"] == wk.found(f"assignees eq '{ann.id}'")
    assert ["both"] == wk.found(f"assignees eq {bob.id}")
    assert ["one", "both"] == wk.found(f"assignees in ('{bob.id}','{ann.id}')")
    for nobody in (eve.id, UNKNOWN, "", "\0", "ann@example.com", "$ne"):
        assert [] == wk.found(f"assignees eq '{nobody}'")
        assert [] == wk.found(f"assignees in ('{nobody}')")


def test_wk_22_by_participants_of_approval_steps(wk: Wk) -> None:
    ann, bob, eve = wk.person("ann"), wk.person("bob"), wk.person("eve")
    wk.task("first", approvalSteps=[step(ann), step(bob)])
    wk.task("second", approvalSteps=[step(bob, ann, mode="ALL")])
    wk.task("none", assignees=[eve.user])

    assert ["first", "second"] == wk.found(f"approvalSteps.participants eq '{ann.id}'")
    assert ["first", "second"] == wk.found(f"approvalSteps.participants in ('{bob.id}','x')")
    for nobody in (eve.id, UNKNOWN, ""):
        assert [] == wk.found(f"approvalSteps.participants eq '{nobody}'")


def test_wk_23_by_times(wk: Wk) -> None:
    """What was made and changed a millisecond later is told apart."""
    made = []
    for title, due in (("a", "2030-01-01"), ("b", "2030-01-02"), ("c", None)):
        made.append(wk.task(title, dueDate=f"{due}T12:00:00Z" if due else None))
        time.sleep(0.002)
    changed = wk.set(made[0]["id"], "description", "later").json
    at, later = made[1]["created"]["dateTime"], changed["modified"]["dateTime"]
    day = "2030-01-01T12:00:00Z"

    for text, expected in {
        f"created.dateTime eq {at}": "b",
        f"created.dateTime lt {at}": "a",
        f"created.dateTime gt {at}": "c",
        f"created.dateTime le {at}": "ab",
        f"created.dateTime ge {at}": "bc",
        f"created.dateTime ge '{at}'": "bc",
        f"created.dateTime lt {at[:-1]}5Z": "ab",
        f"created.dateTime le {at[:-1]}5Z": "ab",
        f"created.dateTime gt {at[:-1]}5Z": "c",
        f"created.dateTime ge {at[:-1]}5Z": "c",
        f"created.dateTime eq {at[:-1]}5Z": "",
        "created.dateTime gt 2001-01-01": "abc",
        "created.dateTime lt 9999-12-31T00:00:00Z and created.dateTime gt 0001-01-01": "abc",
        f"modified.dateTime eq {later}": "a",
        f"modified.dateTime lt {later}": "bc",
        f"modified.dateTime ge {later}": "a",
        f"dueDate eq {day}": "a",
        "dueDate eq 2030-01-01T14:00:00+02:00": "a",
        f"dueDate gt {day}": "b",
        f"dueDate ge {day}": "ab",
        f"dueDate lt {day}": "",
        f"dueDate le {day}": "a",
        "dueDate lt 2030-01-02": "a",
        "dueDate ge 2030-01-02": "b",
        "dueDate ge '2030-01-02'": "b",
        "dueDate eq null": "c",
        "dueDate eq null and title contains 'a'": "",
    }.items():
        assert list(expected) == wk.found(text), text


def test_wk_23_a_plus_may_be_sent_as_it_stands(wk: Wk) -> None:
    wk.task("a", dueDate="2030-01-01T12:00:00Z")
    wk.task("b", dueDate="2030-01-01T13:00:00Z")

    for text, expected in {
        "dueDate eq 2030-01-01T14:00:00+02:00": "a",
        "dueDate eq 2030-01-01T14:00:00.000+0200": "a",
        "dueDate eq '2030-01-01T14:00:00+02:00' and title contains a": "a",
        "created.dateTime lt 9999-01-01T14:00:00+02:00": "ab",
        "dueDate eq '2030-01-01 12:00'": "a",
    }.items():
        answer = wk.list(f"$filter={quote(text, safe='+')}")
        assert list(expected) == titles(answer), text
    page = wk.list("$maxpagesize=1&$filter=dueDate+gt+2030-01-01T01:00:00+02:00")
    assert ["b"] == titles(wk.follow(page.json["@nextLink"]))


def test_wk_24_by_location(wk: Wk) -> None:
    wk.task("both", location={"resource": "file", "segment": "sheet"})
    wk.task("one", location={"resource": "file", "segment": None})
    wk.task("none")

    assert ["both", "one"] == wk.found("location.resource eq 'file'")
    assert ["both"] == wk.found("location.segment eq 'sheet'")
    assert ["both"] == wk.found("location.resource eq file and location.segment eq sheet")
    assert [] == wk.found("location.resource eq 'File'")
    assert ["one", "none"] == wk.found("location.segment eq ''")


def test_wk_25_a_quote_in_a_text_is_written_twice(wk: Wk) -> None:
    wk.task("the boss's desk")
    wk.task("the boss")

    assert ["the boss's desk"] == wk.found("title contains 'boss''s'")
    assert ["the boss's desk"] == wk.found("title contains ''''")
    assert [] == wk.found("title contains '''s desk'''")


def test_wk_26_what_is_not_documented_is_refused(wk: Wk) -> None:
    wk.task()

    for text, target in {
        "status eq 'Created' or title contains 'x'": "$filter",
        "not status eq 'Created'": "$filter",
        "(status eq 'Created')": "$filter",
        "status": "$filter",
        "status eq": "$filter",
        "status eq 'Created": "$filter",
        "status eq 'Created' and": "$filter",
        "status like 'C'": "$filter",
        "contains(title,'x')": "$filter",
        "status in Created": "$filter",
        "status in ()": "$filter",
        "color eq 'x'": "color",
        "Status eq 'Created'": "Status",
        "description contains 'x'": "description",
        "owner eq 'x'": "owner",
        "_stage eq 'Created'": "_stage",
        "$where eq 'x'": "$where",
        "location eq 'x'": "location",
        "locationResource eq 'x'": "locationResource",
        "status ne 'Created'": "status",
        "status contains 'C'": "status",
        "title eq 'Review'": "title",
        "title contains ''": "title",
        "title gt 'a'": "title",
        "taskType eq 'TASK'": "taskType",
        "assignees contains 'x'": "assignees",
        "assignees gt 'x'": "assignees",
        "location.resource in ('x')": "location.resource",
        "location.segment contains 'x'": "location.segment",
        "dueDate in (2030-01-01T00:00:00Z)": "dueDate",
        "dueDate eq soon": "dueDate",
        "dueDate lt ''": "dueDate",
        "dueDate gt null": "dueDate",
        "dueDate eq NULL": "dueDate",
        "created.dateTime eq null": "created.dateTime",
        "dueDate eq 2030-02-30T00:00:00Z": "dueDate",
        "dueDate eq 2030-01-01T00:00:00.1234567Z": "dueDate",
        "created.dateTime eq yesterday": "created.dateTime",
        "created.dateTime eq 0001-01-01T00:00:00+01:00": "created.dateTime",
        "modified.dateTime contains 2030": "modified.dateTime",
    }.items():
        assert {target} == refused(wk, "$filter", text), text
    assert {"a", "status", "dueDate"} == refused(
        wk, "$filter", "a eq b and status ne x and dueDate gt y and title contains z"
    )


def test_the_type_of_a_task_is_the_same_for_all(wk: Wk) -> None:
    wk.task()

    assert ["Review"] == wk.found("taskType contains 'task'")
    assert [] == wk.found("taskType contains 'other'")


def test_wk_27_by_one_property_or_several_either_way(wk: Wk) -> None:
    wk.task("b", dueDate="2030-01-01T00:00:00Z")
    wk.task("c", dueDate="2030-01-02T00:00:00Z")
    wk.task("a", dueDate="2030-01-01T00:00:00Z")
    wk.done(wk.task("d")["id"], "SUBMIT")

    for order, expected in {
        "title asc": "abcd",
        "title": "abcd",
        "title desc": "dcba",
        "dueDate desc,title": "dcab",
        " dueDate  asc , title desc ": "bacd",
        "status desc,title": "dabc",
        "created.dateTime": "bcad",
        "modified.dateTime desc": "dacb",
        "taskType": "bcad",
    }.items():
        assert list(expected) == wk.found(order=order), order


def test_wk_28_what_has_no_order_is_refused(wk: Wk) -> None:
    wk.task()

    for text, target in {
        "assignees": "assignees",
        "location.resource": "location.resource",
        "description": "description",
        "color desc": "color",
        "_id": "_id",
        "title upwards": "title upwards",
        "title,": "$orderBy",
        "": "$orderBy",
        "title,title desc": "title",
    }.items():
        assert {target} == refused(wk, "$orderBy", text), text
    said = error(wk.list({"$orderBy": "name desc,assignees"}), 400, "BadRequest")
    assert ("InvalidOrder", "Ordering by 'name desc' is not supported") == (
        said["details"][0]["code"],
        said["details"][0]["message"].partition(";")[0],
    )
    assert {"name", "assignees"} == {detail["target"] for detail in said["details"]}


def test_everything_wrong_with_a_list_is_told_at_once(wk: Wk) -> None:
    query = {"$filter": "a eq b", "$orderBy": "c", "$maxpagesize": 0, "$next": "x"}

    said = error(wk.list(query), 400, "BadRequest")

    assert {"a", "c", "$maxpagesize", "$next"} == {one["target"] for one in said["details"]}


def test_parameters_that_mean_nothing_are_refused_by_name(wk: Wk) -> None:
    task = wk.task()["id"]

    for name in ("$top", "filter", "$Filter", "x" * 300):
        said = error(wk.list({name: "1"}), 400, "BadRequest")
        assert name[:80] == said["details"][0]["target"][:80]
    assert "did you mean '$filter'?" in wk.list("filter=x").json["details"][0]["message"]
    error(wk.list("$filter=a&$filter=b"), 400, "BadRequest")
    error(wk.get(f"{task}?x=1"), 400, "BadRequest")


def test_however_an_address_is_written_its_next_page_is_found(wk: Wk) -> None:
    for title in ("a & b = 'c' 1", "a & b = 'c' 2"):
        wk.task(title)
    text = quote("title contains 'a & b = ''c'''", safe="'")

    for spelt in (f"$filter={text}", f"%24filter={text}".replace("%20", "+")):
        answer = wk.list(f"{spelt}&%24maxpagesize=1&")
        link = answer.json["@nextLink"]
        assert link.startswith(f"http://localhost/tasks?{spelt}&%24maxpagesize=1&$next=")
        assert ["a & b = 'c' 2"] == titles(wk.follow(link))


def test_odd_filters_are_answered_or_refused(wk: Wk) -> None:
    for text in ODD:
        assert wk.list({"$filter": text}).status in {200, 400, 413}, text[:80]


def test_a_sort_value_that_is_as_long_as_a_title_may_be_goes_on(wk: Wk) -> None:
    for sign in "é😀":
        wk.task(sign * 500)

    found = pages(wk, {"$orderBy": "title", "$maxpagesize": 1})

    assert [["é" * 500], ["😀" * 500]] == found


def test_a_sort_value_that_is_too_long_for_an_address_is_refused(wk: Wk) -> None:
    file = json.loads(SHIPPED.read_text(encoding="utf-8"))
    del file["properties"]["title"]["maxLength"]
    assert 200 == wk.api.put("/workflows/approvals", file).status
    for sign in "ab":
        wk.task(sign * 9000)

    said = error(wk.list({"$orderBy": "title", "$maxpagesize": 1}), 400, "BadRequest")

    assert "$orderBy" == said["target"]
    assert 2 == len(wk.list({"$orderBy": "title"}).json["data"])


def test_a_filter_sees_what_was_patched(wk: Wk) -> None:
    task = wk.task("a", dueDate="2030-01-01T00:00:00Z")["id"]
    wk.patch(task, replacing("title", "b"), replacing("dueDate", None))

    assert [] == wk.found("dueDate ge 2000-01-01")
    assert ["b"] == wk.found("title contains 'b'")
