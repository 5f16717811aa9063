"""Reading over the real store: one task, pages, long lists, and what lies between two reads."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from taskloom.errors import NotFound, Refusal, TaskloomError
from taskloom.model.task import Task
from taskloom.query.cursor import decode, encode
from taskloom.query.tree import CREATED, EVERYTHING, UPDATED, After, Compare, Order, Query
from taskloom.schema.compiled import Compiled
from taskloom.storage import reading
from taskloom.storage.client import Database
from taskloom.storage.history import collection
from tests.unit.engines import ORDERS, TICKETS, Office, open_office


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


def found(office: Office, workflow: Compiled, query: Query) -> list[Task]:
    return list(office.engine.tasks.find(office.admin, workflow, query))


def test_a_task_is_got_by_every_spelling_of_its_unique_id_and_by_its_id(office: Office) -> None:
    tickets, orders = office.push(TICKETS), office.push(ORDERS)
    task = office.write(tickets, name="x").task
    other = office.write(orders, ref="e\u0301").task

    assert task == office.get(tickets, "1") == office.get(tickets, "1.0")
    assert other == office.get(orders, " \u00e9 ")
    assert task == office.engine.tasks.get_by_id(office.admin, tickets, task.id)
    for unique in ("2", "one", ""):
        with pytest.raises(NotFound):
            office.get(tickets, unique)
    for wrong in (other.id, "one"):
        with pytest.raises(NotFound):
            office.engine.tasks.get_by_id(office.admin, tickets, wrong)


@pytest.mark.parametrize(
    ("filled", "empty"),
    [
        ({"rows": [{}]}, {"rows": []}),
        ({"extra": {}}, {"extra": None}),
        ({"name": "x"}, {"name": None}),
        ({"papers": [{"filename": "a", "base64contents": ""}]}, {"papers": []}),
    ],
)
def test_empty_is_unset_and_all_else_is_set(
    office: Office, filled: dict[str, Any], empty: dict[str, Any]
) -> None:
    orders = office.push(ORDERS)
    office.write(orders, ref="set", **filled)
    office.write(orders, ref="empty", **empty)
    office.write(orders, ref="absent")
    (field,) = filled

    def refs(where: Compare) -> list[str | None]:
        return [task.uid for task in found(office, orders, Query(where=where))]

    assert ["set"] == refs(Compare(field, "exists", operand=True))
    assert ["empty", "absent"] == refs(Compare(field, "exists", operand=False))
    assert ["empty", "absent"] == refs(Compare(field, "eq", None))
    assert ["set"] == refs(Compare(field, "ne", None))


ORDERINGS = [
    (),
    (Order("size"),),
    (Order("size", descending=True),),
    (Order("name"), Order("size", descending=True)),
    (Order("rows"),),
    (Order(CREATED, descending=True),),
]


@pytest.mark.parametrize("order", ORDERINGS)
def test_pages_by_cursor_show_every_task_once_although_others_write(
    office: Office, order: tuple[Order, ...]
) -> None:
    """Equal sort values, tasks added before and behind, changed beside the order, and deleted."""
    orders = office.push(ORDERS)
    sizes = [None, 1, 1, 1, 2, 2, None, None]
    for number, size in enumerate(sizes):
        rows: list[object] = [{}] if number % 2 else []
        office.write(orders, ref=f"R{number}", size=size, name="same", rows=rows)
    before = {f"R{number}" for number in range(8)}
    seen: list[str | None] = []
    query = Query(order=order, limit=2)

    for turn in range(20):
        page = found(office, orders, query)
        seen.extend(task.uid for task in page)
        if len(page) < 2:
            break
        last = page[-1]
        place = encode(_after(orders, last, order), order, EVERYTHING)
        query = replace(query, after=decode(place, order, EVERYTHING))
        office.delete(orders, str(last.uid))
        office.write(orders, ref=f"new{turn}", size=1, name="same")
        office.write(orders, ref=str(next(iter(before - set(seen)), "R")), extra={"a": turn})

    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def _after(workflow: Compiled, task: Task, order: tuple[Order, ...]) -> After:
    built_in = {CREATED: task.created, UPDATED: task.updated}
    keys = tuple(_key(workflow, task, part, built_in) for part in order)
    return After(keys=keys, created=task.created, id=task.id)


def _key(workflow: Compiled, task: Task, part: Order, built_in: dict[str, int]) -> object:
    if part.field in built_in:
        return built_in[part.field]
    value = task.values.get(part.field)
    return workflow.codecs[part.field].pack(value) if value else None


def test_a_long_list_of_large_tasks_is_read_as_it_is_consumed(
    office: Office, database: Database
) -> None:
    orders = office.push(ORDERS)
    for number in range(60):
        office.write(orders, ref=str(number), extra={"text": "x" * 400_000})
    for query in (Query(), Query(limit=60), Query(order=(Order("size"),))):
        tasks = office.engine.tasks.find(office.admin, orders, query)
        assert "0" == next(tasks).uid
        del tasks

    tasks = office.engine.tasks.find(office.admin, orders, Query())
    next(tasks)
    database[collection(orders)].drop()

    with pytest.raises(TaskloomError):
        list(tasks)


def test_a_list_that_nobody_reads_on_leaves_no_cursor_open(
    office: Office, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 2)
    monkeypatch.setattr(reading, "WINDOW", 5)
    orders = office.push(ORDERS)
    for number in range(30):
        office.write(orders, ref=str(number), size=number % 3 or None)

    def opened() -> int:
        pipeline: list[dict[str, Any]] = [
            {"$currentOp": {"idleCursors": True, "localOps": True}},
            {"$match": {"type": "idleCursor", "ns": f"{database.name}.{collection(orders)}"}},
        ]
        return len(list(database.client.admin.aggregate(pipeline)))

    for query in (Query(), Query(limit=29), Query(order=(Order("size"),)), _sorted_twice()):
        tasks = office.engine.tasks.find(office.admin, orders, query)
        for _ in range(5):
            next(tasks)
        _close(tasks)
        assert 0 == opened()


def _sorted_twice() -> Query:
    return Query(order=(Order("name"), Order("size")))


def _close(tasks: Iterator[Task]) -> None:
    closing: Callable[[], None] = tasks.close  # type: ignore[attr-defined] # it is a generator
    closing()


def test_tasks_are_counted(office: Office) -> None:
    orders = office.push(ORDERS)
    for size in (1, 2, 2):
        office.write(orders, size=size)

    for where, expected in ((EVERYTHING, 3), (Compare("size", "eq", 2), 2)):
        assert expected == office.engine.tasks.count(office.admin, orders, where)


BY_SIZE = (Order("size"),)


@pytest.mark.parametrize(
    "key",
    [None, True, False, "x", "", 7, -(2**63), 1.5, Decimal("12.340"), Decimal("1E+20"), "\u00e9"],
    ids=repr,
)
def test_a_cursor_gives_the_place_back_and_is_good_for_its_order_only(key: object) -> None:
    place = After(keys=(key,), created=7, id="a" * 24)

    text = encode(place, BY_SIZE, EVERYTHING)

    back = decode(text, BY_SIZE, EVERYTHING)
    assert (place, repr(key)) == (back, repr(back.keys[0]))
    assert text.isascii()
    for other in ((), (Order("size", descending=True),), (Order("name"),), BY_SIZE * 2):
        with pytest.raises(Refusal):
            decode(text, other, EVERYTHING)


def test_what_cannot_be_sorted_by_is_no_place() -> None:
    with pytest.raises(TypeError):
        encode(After(keys=([1],), created=7, id="a" * 24), BY_SIZE, EVERYTHING)


def forged(body: str) -> str:
    """Sign what the server never wrote; that is no secret."""
    listed = json.dumps([[["size", False]], "All()"])
    raw = _digest(listed.encode()) + body.encode()
    return base64.urlsafe_b64encode(_digest(raw) + raw).rstrip(b"=").decode()


def _digest(raw: bytes) -> bytes:
    return hashlib.blake2b(raw, digest_size=6).digest()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "7",
        "[[1],7]",
        "[[],7,%s]",
        "[[1,2],7,%s]",
        '[[1],"7",%s]',
        "[[1],true,%s]",
        "[[1],9223372036854775808,%s]",
        "[[9223372036854775808],7,%s]",
        "[[1],7,7]",
        '[[1],7,"A"]',
        "[[NaN],7,%s]",
        '[[["NaN"]],7,%s]',
        '[[["Infinity"]],7,%s]',
        '[[["x"]],7,%s]',
        '[[["1","2"]],7,%s]',
        '[[{"$gt":""}],7,%s]',
        '[["\\ud800"],7,%s]',
        "[" * 5000,
    ],
)
def test_a_forged_cursor_is_refused_or_only_another_place(body: str) -> None:
    task = json.dumps("a" * 24)
    text = forged(body.replace("%s", task))

    with pytest.raises(Refusal):
        decode(text, BY_SIZE, EVERYTHING)


def test_a_damaged_cursor_is_refused() -> None:
    text = encode(After(keys=(1,), created=7, id="a" * 24), BY_SIZE, EVERYTHING)

    for wrong in (text[:-1], f"A{text[1:]}", f"{text}\u00e9", f"{text}!", "", "x", "x" * 9000):
        with pytest.raises(Refusal):
            decode(wrong, BY_SIZE, EVERYTHING)
    assert 7 == decode(forged(f'[[1],7,"{"b" * 24}"]'), BY_SIZE, EVERYTHING).created
