"""Search by words finds what plain Python finds, from the first write on and after every change."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskloom.model.roles import Role
from taskloom.model.task import Task
from taskloom.query.tree import All, Compare, Not, Query, Words
from taskloom.query.words import LONGEST
from taskloom.schema.compile import compile_workflow, view_of
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from taskloom.storage.history import collection
from taskloom.storage.stores import Stores
from taskloom.storage.upkeep import SECOND_ROUND_MS, Upkeep
from taskloom.storage.words import MOST_WORDS
from tests.builders import NOW, Maker, workflow_of
from tests.naive import matches

PROPERTIES: dict[str, dict[str, Any]] = {
    "name": {"type": "string"},
    "note": {"type": "string", "format": "long-text"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "count": {"type": "integer"},
    "other": {"type": "string"},
}
SEARCH = ("name", "tags", "note")
WORKFLOW: Compiled = compile_workflow(replace(workflow_of(PROPERTIES), search=SEARCH))

texts = st.text("aAbß ﬁ2²éE\u0301_.-%$^*(\\İı中", max_size=6)
values = st.fixed_dictionaries(
    {}, optional={"name": texts, "note": texts, "tags": st.lists(texts, max_size=2), "other": texts}
)
changes = st.fixed_dictionaries(
    {}, optional={"name": texts | st.none(), "tags": st.lists(texts, max_size=1), "other": texts}
)
modest = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def found(stores: Stores, workflow: Compiled, where: Any) -> set[str]:
    """Give the ids of what a filter finds."""
    return {task.id for task in stores.tasks.find(workflow, Query(where=where))}


def expected(tasks: list[Task], where: Any, search: tuple[str, ...] = SEARCH) -> set[str]:
    """Give the ids of what plain Python finds."""
    return {task.id for task in tasks if matches(task, where, search)}


def finish(database: Database, workflow: Compiled) -> int:
    """Do all upkeep there is, as if a minute went by where it has to; return how many parts."""
    now = [NOW / 1000]
    upkeep, parts = Upkeep(database, clock=lambda: now[0]), 1
    while upkeep.go_on(workflow) != "done":
        now[0] += SECOND_ROUND_MS / 1000
        parts += 1
    return parts


@modest
@given(rows=st.lists(st.tuples(values, changes), max_size=5), asked=st.lists(texts, max_size=5))
def test_words_are_found_where_a_word_begins_so(
    stores: Stores, database: Database, rows: list[tuple[Any, Any]], asked: list[str]
) -> None:
    database[collection(WORKFLOW)].delete_many({})
    make = Maker(workflow=WORKFLOW)
    new = [make.new(**kept) for kept, _ in rows]
    stores.tasks.insert_many(WORKFLOW, new)
    tasks = []
    for made, (_, changed) in zip(new, rows, strict=True):
        change = make.change(made.task, values=changed)
        assert stores.tasks.replace(WORKFLOW, change)
        tasks.append(change.after)

    for text in [*asked, *(str(kept.get("name", "")) for kept, _ in rows)]:
        for where in (Words(text), Not(Words(text)), All((Words(text), Compare("other", "ne", 1)))):
            assert expected(tasks, where) == found(stores, WORKFLOW, where), text


@pytest.mark.parametrize(
    ("text", "asked", "is_found"),
    [
        ("Acme Corp", "acme", True),
        ("Acme Corp", "cor ac", True),
        ("Acme Corp", "cme", False),
        ("O'Neil, ann@example.com", "ann@example", True),
        ("Straße", "STRASS", True),
        ("ﬁne ２５", "fine 25", True),
        ("x" * 100, "x" * 100, True),
        ("x" * LONGEST + "y", "x" * LONGEST + "z", True),
        ("a.b", ".*", True),
        ("Ärger", "arger", False),
    ],
)
def test_what_a_word_is(stores: Stores, text: str, asked: str, is_found: bool) -> None:
    stores.tasks.prepare(WORKFLOW)
    stores.tasks.insert(WORKFLOW, Maker(workflow=WORKFLOW).new(name=text))

    assert is_found is bool(found(stores, WORKFLOW, Words(asked)))


def test_words_of_fields_that_one_may_not_read_are_not_found(stores: Stores) -> None:
    make = Maker(workflow=WORKFLOW)
    both = make.new(name="open", note="secret"), make.new(name="secret", note="open")
    stores.tasks.insert_many(WORKFLOW, both)
    role = Role(id="r", name="R", applies=frozenset(), hidden=frozenset({"note"}))
    view = view_of(WORKFLOW, role)

    assert {both[1].task.id} == found(stores, view, Words("secret"))
    blind = view_of(WORKFLOW, replace(role, id="b", hidden=frozenset(SEARCH)))
    assert set() == found(stores, blind, Words("secret"))


def test_a_workflow_that_declares_no_search_stores_no_words(
    stores: Stores, database: Database
) -> None:
    plain = compile_workflow(workflow_of(PROPERTIES))
    make = Maker(workflow=plain)
    made = make.new(name="Acme")
    stores.tasks.insert(plain, made)
    stores.tasks.replace(plain, make.change(made.task, values={"name": "Bolt"}))

    (stored,) = database[collection(plain)].find()
    assert "w" not in stored
    assert {made.task.id} == found(stores, plain, Words("ol"))


def test_a_field_has_so_many_words_and_no_more(stores: Stores, database: Database) -> None:
    text = " ".join(f"w{number}" for number in range(MOST_WORDS + 5))
    stores.tasks.insert(WORKFLOW, Maker(workflow=WORKFLOW).new(note=text))

    (stored,) = database[collection(WORKFLOW)].find()
    assert len(stored["w"]) == MOST_WORDS


@pytest.mark.parametrize("search", [("other",), ("note", "name"), ()])
def test_changing_what_is_searched_indexes_the_words_of_all_tasks_anew(
    stores: Stores, database: Database, monkeypatch: pytest.MonkeyPatch, search: tuple[str, ...]
) -> None:
    monkeypatch.setattr("taskloom.storage.upkeep.BATCH", 2)
    make = Maker(workflow=WORKFLOW)
    new = [make.new(name=f"Acme {n}", other=f"Bolt {n}", note="x") for n in range(5)]
    stores.tasks.prepare(WORKFLOW)
    assert "done" == stores.upkeep.go_on(WORKFLOW)
    stores.tasks.insert_many(WORKFLOW, new)
    later = compile_workflow(replace(WORKFLOW.workflow, version=2, search=search))
    stores.tasks.prepare(later)

    assert stores.upkeep.state(later).words
    finish(database, later)

    assert not stores.upkeep.state(later).words
    tasks = [one.task for one in new]
    for text in ("acme", "bolt 3", "x", "e 3"):
        assert expected(tasks, Words(text), search) == found(stores, later, Words(text)), text
    assert {1} == {one["rev"] for one in database[collection(later)].find()}
    assert 1 == finish(database, later)
    assert bool(search) is any("w" in one for one in database[collection(later)].find())


def test_upkeep_goes_on_where_another_was_killed_and_undoes_no_write(
    stores: Stores, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskloom.storage.upkeep.BATCH", 2)
    monkeypatch.setattr("taskloom.storage.upkeep._AT_ONCE_SECONDS", 0.0)
    plain = compile_workflow(workflow_of(PROPERTIES))
    later = compile_workflow(replace(plain.workflow, version=2, search=("name",)))
    make = Maker(workflow=plain)
    new = [make.new(name=f"Acme {n}") for n in range(7)]
    stores.tasks.insert_many(plain, new)
    stores.tasks.prepare(later)
    while "more" == Upkeep(database).go_on(later) and stores.upkeep.state(later).indexes:
        pass

    # One who knows only the version before still writes, and one who knows the new one does.
    assert stores.tasks.replace(plain, make.change(new[0].task, values={"name": "Early"}))
    assert stores.tasks.replace(later, make.change(new[6].task, values={"name": "Late"}))
    finish(database, later)

    for text, number in (("early", 0), ("late", 6), ("acme 3", 3)):
        assert {new[number].task.id} == found(stores, later, Words(text))
    assert 5 == len(found(stores, later, Words("acme")))
