"""The first start and every later one: admins, keys and workflow files, on a real database."""

import json
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from taskloom.app.bootstrap import Bootstrapped, bootstrap, holds, local_key
from taskloom.app.composition import open_ports
from taskloom.app.shipping import folder_of, push_all
from taskloom.config import BadSetting, Settings, load
from taskloom.engine.engine import Engine, open_engine
from taskloom.engine.ports import Ports
from taskloom.storage.client import Database
from taskloom.storage.datadir import CannotStart

KEY = "tl_" + "b" * 40
WORKFLOW: Mapping[str, Any] = {
    "$id": "visits",
    "title": "Visits",
    "type": "object",
    "properties": {"who": {"title": "Who", "type": "string"}},
    "workflow": {"stages": [{"name": "Open"}]},
}


@pytest.fixture
def ports(database: Database, tmp_path: Path) -> Ports:
    """All ports over an empty database."""
    return open_ports(settings(tmp_path), database)


@pytest.fixture
def engine(ports: Ports) -> Engine:
    """The engine over an empty database."""
    return open_engine(ports)


def settings(folder: Path, **values: str) -> Settings:
    return load(values, {"TASKLOOM_DATA_DIR": str(folder / "data")})


def put(folder: Path, title: str, **changes: object) -> Path:
    path = folder / "visits.json"
    path.write_text(json.dumps({**WORKFLOW, "title": title, **changes}), encoding="utf-8")
    return path


def outcomes(engine: Engine, started: Bootstrapped, folder: Path) -> list[str]:
    return [pushed.outcome for pushed in push_all(engine, started.actor, folder)]


def test_the_first_start_makes_one_admin_whose_password_and_key_work(
    engine: Engine, tmp_path: Path
) -> None:
    started = bootstrap(engine, settings(tmp_path))

    assert started.made is not None
    assert started.made.password is not None
    assert started.made.key is not None
    user = engine.people.sign_in("Admin@example.com", started.made.password).user
    actor = engine.people.authenticate(started.made.key)
    assert (user.role, actor.user, actor.workspace) == ("admin", user.id, started.actor.workspace)


def test_a_later_start_makes_nothing(engine: Engine, tmp_path: Path) -> None:
    first = bootstrap(engine, settings(tmp_path))

    second = bootstrap(engine, settings(tmp_path))

    assert second.made is None
    assert first.actor == second.actor
    assert len(engine.keys.every(first.actor)) == 1


def test_servers_that_start_at_once_make_one_admin_between_them(
    database: Database, tmp_path: Path
) -> None:
    engines = [open_engine(open_ports(settings(tmp_path), database)) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        started = list(pool.map(lambda engine: bootstrap(engine, settings(tmp_path)), engines))

    assert len({each.actor.workspace for each in started}) == 1
    assert len([each for each in started if each.made is not None]) == 1
    assert len(engines[0].users.every(started[0].actor)) == 1
    assert len(engines[0].keys.every(started[0].actor)) == 1


def test_a_first_start_that_was_killed_in_the_middle_is_completed(
    engine: Engine, database: Database, tmp_path: Path
) -> None:
    bootstrap(engine, settings(tmp_path))
    for part in ("users", "keys"):
        database[part].delete_many({})

    again = bootstrap(engine, settings(tmp_path))

    assert again.made is not None
    assert again.made.key is not None
    assert holds(engine, again.made.key)


def test_a_given_key_works_on_a_database_that_exists_already(
    engine: Engine, tmp_path: Path
) -> None:
    bootstrap(engine, settings(tmp_path))

    started = bootstrap(engine, settings(tmp_path, bootstrap_key=KEY))
    bootstrap(engine, settings(tmp_path, bootstrap_key=KEY))

    assert started.made is None
    assert engine.people.authenticate(KEY).role == "admin"
    assert len(engine.keys.every(started.actor)) == 2


@pytest.mark.parametrize("key", ["tl_short", "tl_" + "ü" * 40, "tl_" + "\n" * 40])
def test_a_given_key_that_cannot_be_is_refused_without_being_shown(
    engine: Engine, tmp_path: Path, key: str
) -> None:
    with pytest.raises(BadSetting, match="TASKLOOM_BOOTSTRAP_KEY") as refused:
        bootstrap(engine, settings(tmp_path, bootstrap_key=key))

    assert key not in str(refused.value)
    assert not engine.people.workspaces()


def test_a_given_email_that_is_none_or_somebody_elses_is_refused(
    engine: Engine, tmp_path: Path
) -> None:
    with pytest.raises(BadSetting, match="TASKLOOM_BOOTSTRAP_EMAIL"):
        bootstrap(engine, settings(tmp_path, bootstrap_email="nobody"))

    engine.people.found("other", "admin@example.com")
    with pytest.raises(CannotStart, match="TASKLOOM_BOOTSTRAP_EMAIL"):
        bootstrap(engine, settings(tmp_path))


def test_the_local_key_is_kept_while_it_is_good_and_then_replaced(
    engine: Engine, tmp_path: Path
) -> None:
    actor = bootstrap(engine, settings(tmp_path)).actor
    first = local_key(engine, actor, None, "here")

    assert first == local_key(engine, actor, first, "here")
    second = local_key(engine, actor, None, "here")
    assert (False, True) == (holds(engine, first), holds(engine, second))
    other = local_key(engine, actor, "tl_unknown", "there")
    assert (True, True) == (holds(engine, second), holds(engine, other))


def test_a_file_is_pushed_when_it_is_new_and_when_it_changed(
    engine: Engine, tmp_path: Path
) -> None:
    started = bootstrap(engine, settings(tmp_path))
    told = []
    for title in ("Visits", "Visits", "House visits"):
        put(tmp_path, title)
        told += outcomes(engine, started, tmp_path)

    assert ["created", "unchanged", "updated"] == told
    assert engine.workflows.get(started.actor, "visits").workflow.title == "House visits"


def test_a_workflow_that_was_changed_elsewhere_is_left_alone_with_a_warning(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    started = bootstrap(engine, settings(tmp_path))
    path = put(tmp_path, "Visits")
    outcomes(engine, started, tmp_path)
    changed = json.dumps({**WORKFLOW, "title": "Changed by hand"})
    engine.workflows.save(started.actor, "visits", changed)

    with caplog.at_level(logging.WARNING):
        assert outcomes(engine, started, tmp_path) == ["kept"]

    assert engine.workflows.get(started.actor, "visits").workflow.title == "Changed by hand"
    assert str(path) in caplog.text
    assert "taskloom workflow push" in caplog.text


def test_a_faulty_file_tells_every_fault_and_stops_no_other(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    started = bootstrap(engine, settings(tmp_path))
    put(tmp_path, "Visits")
    bad = tmp_path / "bad.json"
    bad.write_text('{"$id": "bad",\n"type": "array",\n"properties": []}', encoding="utf-8")
    (tmp_path / "binary.json").write_bytes(b"\xff")

    with caplog.at_level(logging.WARNING):
        assert outcomes(engine, started, tmp_path) == ["faulty", "faulty", "created"]

    assert f"{bad}:2 type" in caplog.text
    assert f"{bad}:3 properties" in caplog.text


def test_a_change_that_would_break_stored_values_leaves_the_workflow_as_it_is(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    started = bootstrap(engine, settings(tmp_path))
    path = put(tmp_path, "Visits")
    outcomes(engine, started, tmp_path)
    put(tmp_path, "Visits", properties={"who": {"title": "Who", "type": "boolean"}})

    with caplog.at_level(logging.WARNING):
        assert outcomes(engine, started, tmp_path) == ["faulty"]

    assert f"{path}:1 properties.who" in caplog.text
    assert engine.workflows.get(started.actor, "visits").workflow.version == 1


def test_servers_that_start_at_once_push_each_file_once(database: Database, tmp_path: Path) -> None:
    engines = [open_engine(open_ports(settings(tmp_path), database)) for _ in range(8)]
    started = bootstrap(engines[0], settings(tmp_path))
    put(tmp_path, "Visits")

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda engine: outcomes(engine, started, tmp_path), engines))

    assert sorted(told) == [["created"], *[["unchanged"]] * 7]
    assert len(engines[0].workflows.versions(started.actor, "visits")) == 1


def test_the_folder_is_the_setting_or_that_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder_of(tmp_path) == tmp_path
    with pytest.raises(BadSetting, match="TASKLOOM_WORKFLOWS"):
        folder_of(tmp_path / "absent")

    monkeypatch.chdir(tmp_path)
    assert (folder_of(None) / "sales-pipeline.json").is_file()
    (tmp_path / "workflow_schemas").mkdir()
    assert folder_of(None) == tmp_path / "workflow_schemas"


def test_a_file_may_link_to_the_workflow_of_a_later_one(engine: Engine, tmp_path: Path) -> None:
    started = bootstrap(engine, settings(tmp_path))
    visited = {
        **WORKFLOW,
        "$id": "zones",
        "workflow": {"uniqueId": "who", "stages": [{"name": "Open"}]},
    }
    tmp_path.joinpath("zones.json").write_text(json.dumps(visited), encoding="utf-8")
    link = {"name": "Zone", "to": "zones", "inverse": "Visits", "cardinality": "many-to-one"}
    rules = {"uniqueId": "who", "stages": [{"name": "Open"}], "links": [link]}
    put(tmp_path, "Visits", workflow=rules)

    assert ["created", "created"] == outcomes(engine, started, tmp_path)
    assert ["unchanged", "unchanged"] == outcomes(engine, started, tmp_path)
