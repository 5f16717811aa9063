"""`taskloom backup` and `restore` as people run them: a whole server comes back elsewhere."""

import json
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from taskloom.storage.backup import MARK
from taskloom.storage.client import connect
from taskloom.storage.mongod import Mongod
from tests.servers import ROOT, Server, run, serving

STAGES = [{"name": "New"}, {"name": "Done", "end": True}]
TICKETS: Mapping[str, Any] = {
    "$id": "tickets",
    "title": "Tickets",
    "type": "object",
    "properties": {
        "number": {"title": "No.", "type": "integer"},
        "what": {"title": "What", "type": "string"},
        "papers": {"title": "Papers", "type": "array", "items": {"format": "file"}},
    },
    "workflow": {
        "uniqueId": {"field": "number", "autoIncrement": True},
        "stages": STAGES,
        "links": [
            {
                "key": "orders",
                "name": "Orders",
                "to": "orders",
                "inverse": "Tickets",
                "cardinality": "many-to-many",
            }
        ],
    },
}
ORDERS: Mapping[str, Any] = {
    "$id": "orders",
    "title": "Orders",
    "type": "object",
    "properties": {"id": {"title": "Order ID", "type": "string"}},
    "workflow": {"uniqueId": "id", "stages": STAGES},
}
LOGIN = {"email": "admin@example.com", "password": "a long password of ours"}


class Place:
    """A server with what is asked of it over and over."""

    def __init__(self, server: Server, key: str) -> None:
        self.server = server
        self._headers = {"Authorization": f"Bearer {key}"}

    def ask(self, method: str, path: str, **sent: Any) -> requests.Response:
        address = f"{self.server.url}{path}"
        answer = requests.request(method, address, headers=self._headers, timeout=30, **sent)
        answer.raise_for_status()
        return answer

    def task(self, workflow: str, **values: Any) -> Any:
        return self.ask("POST", f"/api/v1/workflows/{workflow}/tasks", json=values).json()

    def everything(self) -> dict[str, Any]:
        """Give all that can be read, without the server's own address."""
        shown = {
            path: self.ask("GET", f"/api/v1/{path}").text.replace(self.server.url, "")
            for path in ("workspace", "workflows", "users", "keys")
        }
        for workflow in ("tickets", "orders", "team-tasks"):
            path = f"/api/v1/workflows/{workflow}"
            shown[workflow] = self.ask("GET", path).text
            shown[f"{workflow} tasks"] = self.ask("GET", f"{path}/tasks").text.replace(
                self.server.url, ""
            )
        shown["paper"] = self.ask("GET", f"/api/v1/files/{self.blob()}").text
        return shown

    def blob(self) -> str:
        tasks = self.ask("GET", "/api/v1/workflows/tickets/tasks").json()
        return str(tasks[0]["Papers"][0]["blobId"])


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server with a little of everything."""
    settings = {
        "TASKLOOM_BOOTSTRAP_PASSWORD": LOGIN["password"],
        "TASKLOOM_WORKFLOWS": str(ROOT / "workflow_schemas"),
    }
    with serving(tmp_path_factory.mktemp("first"), settings) as server:
        place = Place(server, server.key)
        for file in (ORDERS, TICKETS, {**TICKETS, "title": "Our tickets"}):
            place.ask("PUT", f"/api/v1/workflows/{file['$id']}", json=file)
        place.task("orders", **{"Order ID": "A"})
        paper = {"filename": "a.txt", "base64contents": "aGVsbG8="}
        place.task("tickets", What="one", Papers=[paper], Orders=[{"Order ID": "A"}])
        place.task("tickets", What="two")
        place.task("tickets", **{"No.": 2, "What": "two, mended"})
        yield place


@pytest.fixture(scope="module")
def saved(first: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it, made while it runs."""
    file = tmp_path_factory.mktemp("backups") / "monday.tar"
    done = first.server.run("backup", file)
    assert (0, "") == (done.returncode, done.stderr)
    assert f"{file} written: " in done.stdout
    return file


def restore(folder: Path, *words: str | Path) -> Any:
    """Restore into the data directory of a server that does not run."""
    return run("restore", *words, cwd=folder, settings={"TASKLOOM_DATA_DIR": str(folder / "data")})


def test_a_server_comes_back_elsewhere_as_it_was(first: Place, saved: Path, tmp_path: Path) -> None:
    done = restore(tmp_path, saved, "--json")

    assert 0 == done.returncode, done.stderr
    assert json.loads(done.stdout)["documents"] > 20
    settings = {"TASKLOOM_WORKFLOWS": str(ROOT / "workflow_schemas")}
    with serving(tmp_path, settings) as server:
        again = Place(server, first.server.key)
        expected, found = first.everything(), again.everything()
        # Each server makes a key for the programs of its machine.
        keys = [json.loads(each.pop("keys")) for each in (expected, found)]
        assert {key["id"] for key in keys[0]} <= {key["id"] for key in keys[1]}
        assert expected == found
        login = requests.post(f"{server.url}/api/auth/login", json=LOGIN, timeout=30)
        assert 200 == login.status_code
        assert "3" == again.task("tickets", What="three")["No."]
        linked = again.ask("GET", "/api/v1/workflows/orders/tasks").json()
        assert ["1"] == [ticket["No."] for ticket in linked[0]["Tickets"]]
        assert "admin@example.com" not in server.said


def test_a_backup_is_for_its_owner_only_and_replaces_nothing(first: Place, saved: Path) -> None:
    before = saved.read_bytes()

    done = first.server.run("backup", saved)

    assert 1 == done.returncode
    assert "exists already" in done.stderr
    assert before == saved.read_bytes()
    assert 0o600 == stat.S_IMODE(saved.stat().st_mode)
    assert [saved] == list(saved.parent.iterdir())


def test_nothing_is_restored_under_a_running_server(first: Place, saved: Path) -> None:
    done = first.server.run("restore", saved, "--force")

    assert 1 == done.returncode
    assert first.server.url in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_file_is_told_before_anything_is_written(saved: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tar"
    cut.write_bytes(saved.read_bytes()[:-20_000])

    done = restore(tmp_path, cut)

    assert 1 == done.returncode
    assert "damaged" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_server_does_not_start_on_half_a_restore_and_says_what_to_do(
    saved: Path, tmp_path: Path
) -> None:
    settings = {"TASKLOOM_DATA_DIR": str(tmp_path / "data")}
    _begin_restore(tmp_path / "data")

    refused = run("serve", cwd=tmp_path, settings=settings)
    forced = restore(tmp_path, saved, "--force")

    assert 1 == refused.returncode
    assert "part of the backup tuesday.tar" in refused.stderr
    assert "taskloom restore FILE --force" in refused.stderr
    assert 0 == forced.returncode, forced.stderr
    assert "restored as of" in forced.stdout


def _begin_restore(data_dir: Path) -> None:
    """Leave what a restore leaves that was killed."""
    mongod = Mongod(data_dir)
    try:
        database = connect(mongod.start(), "taskloom")
        database[MARK].insert_one({"_id": MARK, "file": "tuesday.tar", "at": "yesterday"})
        database.client.close()
    finally:
        mongod.stop()
