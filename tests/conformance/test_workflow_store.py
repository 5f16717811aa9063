"""What every workflow store promises, on a real mongod."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from taskloom.engine.ports import Taken
from taskloom.engine.versions import Version
from taskloom.errors import Invalid
from taskloom.model.rules import Facade
from taskloom.model.workflow import Workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from taskloom.storage.stores import Stores, open_stores
from taskloom.storage.workflows import MOST_COMPILED, Workflows
from tests.builders import NOW, compile_source, workflow_of

TEXT = {"name": {"type": "string"}}
NUMBER = {"size": {"type": "number"}}


@pytest.fixture
def workflows(stores: Stores) -> Workflows:
    return stores.workflows


def next_of(workflow: Workflow, properties: dict[str, dict[str, str]]) -> Workflow:
    return workflow_of(
        properties,
        id=workflow.id,
        uid=workflow.uid,
        workspace=workflow.workspace,
        version=workflow.version + 1,
    )


def current(workflows: Workflows, workflow: Workflow) -> Workflow | None:
    found = workflows.current(workflow.workspace, workflow.id)
    return None if found is None else replace(found.workflow, source=workflow.source)


def test_a_workflow_reads_back_compiled(workflows: Workflows) -> None:
    workflow = workflow_of(TEXT)
    assert workflows.current("main", "orders") is None

    workflows.insert(workflow, "orders.json", NOW)

    found = workflows.current("main", "orders")
    assert found is not None
    assert found.workflow == workflow
    assert workflows.current("other", "orders") is None
    assert workflows.current("main", "other") is None


def test_an_id_belongs_to_one_workflow_of_a_workspace(workflows: Workflows) -> None:
    first = workflow_of(TEXT)
    workflows.insert(first, None, NOW)
    workflows.insert(workflow_of(NUMBER, workspace="other"), None, NOW)

    with pytest.raises(Taken):
        workflows.insert(workflow_of(NUMBER), None, NOW)

    assert first == current(workflows, first)
    assert len(workflows.versions("main", "orders")) == 1


def test_versions_follow_one_another_and_are_all_kept(workflows: Workflows) -> None:
    first = workflow_of(TEXT)
    second = next_of(first, NUMBER)
    workflows.insert(first, "orders.json", NOW)

    assert workflows.replace(second, None, NOW + 1)

    assert second == current(workflows, second)
    assert list(workflows.versions("main", "orders")) == [
        Version(version=1, at=NOW, source=first.source, origin="orders.json"),
        Version(version=2, at=NOW + 1, source=second.source, origin=None),
    ]
    assert workflows.versions("main", "other") == ()


def test_a_version_replaces_its_predecessor_only(workflows: Workflows) -> None:
    first = workflow_of(TEXT)
    workflows.insert(first, None, NOW)
    second = next_of(first, NUMBER)
    third = next_of(second, TEXT)

    assert not workflows.replace(third, None, NOW)
    assert workflows.replace(second, None, NOW)
    assert not workflows.replace(second, None, NOW)
    assert len(workflows.versions("main", "orders")) == 2


def test_of_concurrent_pushes_exactly_one_becomes_the_next_version(workflows: Workflows) -> None:
    first = workflow_of(TEXT)
    workflows.insert(first, None, NOW)
    second = next_of(first, NUMBER)

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda at: workflows.replace(second, None, at), range(8)))

    assert done.count(True) == 1
    assert [1, 2] == [version.version for version in workflows.versions("main", "orders")]


def test_of_concurrent_first_pushes_exactly_one_succeeds(workflows: Workflows) -> None:
    def insert(_: int) -> bool:
        try:
            workflows.insert(workflow_of(TEXT), None, NOW)
        except Taken:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(insert, range(8)))

    assert done.count(True) == 1
    assert len(workflows.versions("main", "orders")) == 1


def test_kinds_of_fields_are_remembered_beyond_their_removal(workflows: Workflows) -> None:
    first = workflow_of({**TEXT, "a.b $c": {"type": "string"}})
    workflows.insert(first, None, NOW)
    workflows.replace(next_of(first, NUMBER), None, NOW)

    expected = {"name": "text", "a.b $c": "text", "size": "number"}
    assert expected == workflows.kinds("main", "orders")
    assert workflows.kinds("main", "other") == {}


def test_a_workspace_lists_its_workflows_by_title(workflows: Workflows) -> None:
    for id_, workspace in (("b", "main"), ("a", "main"), ("c", "other")):
        workflows.insert(workflow_of(TEXT, id=id_, workspace=workspace), None, NOW)

    assert ["A", "B"] == [workflow.title for workflow in workflows.every("main")]
    assert list(workflows.every("none")) == []


def test_a_deleted_workflow_leaves_nothing_and_its_id_is_free_again(workflows: Workflows) -> None:
    first = workflow_of(TEXT)
    workflows.insert(first, None, NOW)
    assert workflows.every("main")
    workflows.delete(first)

    assert workflows.current("main", "orders") is None
    assert list(workflows.every("main")) == []
    assert list(workflows.versions("main", "orders")) == []
    again = workflow_of(NUMBER)
    workflows.insert(again, None, NOW)
    assert again == current(workflows, again)
    assert len(workflows.versions("main", "orders")) == 1


class Counting:
    """Counts compilations."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, source: str, workspace: str, uid: str, version: int) -> Compiled:
        self.count += 1
        return compile_source(source, workspace, uid, version)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def counted(database: Database, tmp_path: Path, counting: Counting) -> Iterator[Stores]:
    stores = open_stores(
        database, compiler=counting, generation_path=tmp_path / "generation", query_ms=1000
    )
    yield stores
    stores.close()


def test_a_version_is_compiled_once_however_often_it_is_looked_at(
    counted: Stores, counting: Counting
) -> None:
    first = workflow_of(TEXT)
    counted.workflows.insert(first, None, NOW)
    for _ in range(3):
        counted.workflows.current("main", "orders")
        counted.workflows.every("main")
        counted.generation.bump()
    assert counting.count == 1

    counted.workflows.replace(next_of(first, NUMBER), None, NOW)
    counted.workflows.current("main", "orders")
    assert counting.count == 2


def test_compiled_versions_are_bounded(counted: Stores, counting: Counting) -> None:
    for number in range(MOST_COMPILED + 1):
        counted.workflows.insert(workflow_of(TEXT, id=f"w{number:03}"), None, NOW)
        counted.workflows.current("main", f"w{number:03}")
    counted.generation.bump()

    counted.workflows.current("main", "w000")
    counted.workflows.current("main", f"w{MOST_COMPILED:03}")

    assert counting.count == MOST_COMPILED + 2


def test_a_write_in_one_process_is_seen_in_another_at_once(
    database: Database, stores: Stores, tmp_path: Path
) -> None:
    """Two openings share nothing but the database and the file, as two processes do."""
    other = open_stores(
        database,
        compiler=compile_source,
        generation_path=tmp_path / "generation",
        query_ms=1000,
    )
    first = workflow_of(TEXT)
    second = next_of(first, NUMBER)
    stores.workflows.insert(first, None, NOW)
    assert first == current(other.workflows, first)

    stores.workflows.replace(second, None, NOW)

    assert second == current(other.workflows, second)
    other.close()


# --- mounts ----------------------------------------------------------------------------------


def mounted(workflow: Workflow, *mounts: str, dialect: str = "any") -> Workflow:
    """Put a workflow behind mounts."""
    facades = tuple(Facade(dialect=dialect, mount=mount) for mount in mounts)
    return replace(workflow, facades=facades)


def test_mounts_are_known_with_their_dialects_and_workflows(workflows: Workflows) -> None:
    first, second = workflow_of(TEXT, id="first"), workflow_of(TEXT, id="second", workspace="o")
    workflows.insert(mounted(first, "/v1", "/crm/v1"), None, NOW)
    workflows.insert(mounted(second, "/v1"), None, NOW)
    workflows.insert(workflow_of(TEXT, id="third"), None, NOW)

    assert {"/v1": "any", "/crm/v1": "any"} == workflows.mounts()
    assert [
        ("main", first.uid, "first", "any", "/v1"),
        ("main", first.uid, "first", "any", "/crm/v1"),
        ("o", second.uid, "second", "any", "/v1"),
    ] == [
        (claim.workspace, claim.uid, claim.workflow, claim.dialect, claim.mount)
        for claim in workflows.claims()
    ]


def test_a_mount_belongs_to_one_workflow_of_a_workspace(workflows: Workflows) -> None:
    first, second = workflow_of(TEXT, id="first"), workflow_of(TEXT, id="second")
    workflows.insert(mounted(first, "/v1", "/v2"), None, NOW)

    with pytest.raises(Taken):
        workflows.insert(mounted(second, "/v3", "/v2"), None, NOW)
    assert workflows.current("main", "second") is None

    workflows.insert(mounted(second, "/v3"), None, NOW)
    with pytest.raises(Taken):
        workflows.replace(mounted(next_of(second, TEXT), "/v1"), None, NOW)

    assert {"/v1": "any", "/v2": "any", "/v3": "any"} == workflows.mounts()
    assert 1 == len(workflows.versions("main", "second"))


def test_a_mount_is_free_again_when_its_workflow_leaves_it(workflows: Workflows) -> None:
    first, second = workflow_of(TEXT, id="first"), workflow_of(TEXT, id="second")
    workflows.insert(mounted(first, "/v1"), None, NOW)
    assert workflows.replace(mounted(next_of(first, TEXT), "/v2"), None, NOW)
    assert {"/v2": "any"} == workflows.mounts()

    workflows.insert(mounted(second, "/v1"), None, NOW)
    workflows.delete(second)

    assert {"/v2": "any"} == workflows.mounts()


def test_of_two_dialects_at_one_mount_the_older_workflow_s_is_served(workflows: Workflows) -> None:
    first, second = workflow_of(TEXT), workflow_of(TEXT, workspace="other")
    workflows.insert(mounted(second, "/v1", dialect="newer"), None, NOW)
    workflows.insert(mounted(first, "/v1", dialect="older"), None, NOW)

    assert {"/v1": "older"} == workflows.mounts()


def test_workflows_stored_without_their_mounts_get_them_as_far_as_they_are_free(
    database: Database, tmp_path: Path
) -> None:
    def compiler(source: str, workspace: str, uid: str, version: int) -> Compiled:
        if "broken" in source:
            raise Invalid([])
        made = compile_source(source, workspace, uid, version)
        return replace(made, workflow=mounted(made.workflow, "/v1"))

    path = tmp_path / "generation"
    opened = open_stores(database, compiler=compiler, generation_path=path, query_ms=1000)
    for name in ("first", "second", "broken"):
        opened.workflows.insert(workflow_of(TEXT, id=name), None, NOW)
    database["workflows"].update_many({}, {"$unset": {"mounts": 1}})

    opened.workflows.prepare()
    opened.workflows.prepare()

    assert [("first", "/v1")] == [
        (claim.workflow, claim.mount) for claim in opened.workflows.claims()
    ]
    opened.close()
