"""The server as a process: how it starts, what it refuses, how it ends, what survives a kill."""

import json
import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.servers import Server, free_port, is_running, run, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the embedded database, started for the first time."""
    with serving(tmp_path_factory.mktemp("first"), {"TASKLOOM_WORKFLOW": "x"}) as started:
        yield started


def shell(line: str) -> object:
    done = subprocess.run(  # noqa: S602 - the line is the banner's own, made to be pasted
        f"{line} -s", shell=True, capture_output=True, check=True, timeout=30
    )
    return json.loads(done.stdout)


def workers(server: Server) -> list[int]:
    found = [child for child in server.children() if is_running(child)]
    return [pid for pid in found if b"mongod" not in Path(f"/proc/{pid}/cmdline").read_bytes()]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_first_start_shows_address_login_password_and_key(server: Server) -> None:
    assert f"Taskloom is ready at {server.url}" in server.said
    assert "admin@example.com" in server.said
    assert "Password" in server.said
    assert server.key.startswith("tl_")


def test_the_curl_line_of_the_first_start_lists_the_workflows(server: Server) -> None:
    found = shell(server.curl_line)

    assert isinstance(found, list)
    assert "sales-pipeline" in [workflow["id"] for workflow in found]


def test_health_and_readiness_are_public(server: Server) -> None:
    assert [200, 200] == [server.get(path).status_code for path in ("/healthz", "/readyz")]
    assert server.get("/readyz").json() == {"status": "ok"}


def test_server_json_is_for_this_user_alone_and_opens_the_api(server: Server) -> None:
    path = server.data_dir / "server.json"
    note = json.loads(path.read_bytes())

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (note["url"], note["pid"]) == (server.url, server.process.pid)
    assert note["key"] != server.key
    assert server.get("/api/v1/keys", key=note["key"]).status_code == 200


def test_a_variable_that_is_no_setting_is_named_with_the_nearest(server: Server) -> None:
    assert "TASKLOOM_WORKFLOW is no setting" in server.complaints
    assert "did you mean TASKLOOM_WORKFLOWS?" in server.complaints


def test_a_second_server_on_the_data_directory_is_told_of_the_first(server: Server) -> None:
    settings = {"TASKLOOM_DATA_DIR": str(server.data_dir), "TASKLOOM_PORT": str(free_port())}
    done = run("serve", cwd=server.folder, settings=settings)

    assert done.returncode == 1
    assert f"in use by the server at {server.url}, process {server.process.pid}" in done.stderr
    assert server.get("/readyz").status_code == 200


def test_a_taken_port_is_named_with_its_setting(server: Server, tmp_path: Path) -> None:
    done = run("serve", cwd=tmp_path, settings={"TASKLOOM_PORT": str(server.port)})

    assert done.returncode == 1
    assert f"Port {server.port}" in done.stderr
    assert "TASKLOOM_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_finds_a_running_server_well(server: Server) -> None:
    done = server.run("doctor", "--json")

    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert {"ok"} == {finding["level"] for finding in found}
    assert {"settings", "disk", "mongod", "database", "server", "API key"} <= {
        finding["check"] for finding in found
    }


def test_a_workspace_made_beside_the_server_is_its_own_world(server: Server) -> None:
    done = server.run("workspace", "create", "second", "--admin", "second@example.com", "--json")

    made = json.loads(done.stdout)
    assert server.get("/api/v1/workflows", key=made["key"]).json() == []
    again = server.run("workspace", "create", "second", "--admin", "third@example.com")
    assert again.returncode == 1
    assert "there is a workspace 'second' already" in again.stderr


def test_a_killed_worker_is_replaced(server: Server) -> None:
    victim, other = workers(server)

    os.kill(victim, signal.SIGKILL)
    until(lambda: len(set(workers(server)) - {victim}) == 2)

    assert other in workers(server)
    assert [200] * 20 == [server.get("/readyz").status_code for _ in range(20)]


@pytest.mark.parametrize("whole_group", [False, True])
def test_a_killed_server_starts_again_at_once_and_keeps_its_data(
    tmp_path: Path, *, whole_group: bool
) -> None:
    first = Server(tmp_path, {})
    key, children = first.key, first.children()
    made = requests.post(
        f"{first.url}/api/v1/users",
        json={"email": "kept@example.com"},
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    first.kill(whole_group=whole_group)
    first.close()

    with serving(tmp_path, port=first.port) as second:
        assert made.status_code == 201
        assert not any(is_running(child) for child in children)
        assert "Password" not in second.said
        users = second.get("/api/v1/users", key=key).json()
        assert ["admin@example.com", "kept@example.com"] == [user["email"] for user in users]
        assert isinstance(shell(second.curl_line), list)


def test_sigterm_ends_everything_in_good_order(tmp_path: Path) -> None:
    with serving(tmp_path) as started:
        children = started.children()

        assert started.stop() == 0
        assert len(children) == 3
        assert not any(is_running(child) for child in children)
        assert started.complaints == ""
        with pytest.raises(requests.ConnectionError):
            started.get("/healthz")


def test_a_database_that_does_not_answer_is_one_clear_message(tmp_path: Path) -> None:
    uri = f"mongodb://127.0.0.1:{free_port()}/x?serverSelectionTimeoutMS=300"
    settings = {"TASKLOOM_MONGODB_URI": uri, "TASKLOOM_PORT": str(free_port())}
    done = run("serve", cwd=tmp_path, settings=settings)

    assert done.returncode == 1
    assert "The database does not answer." in done.stderr
    assert "TASKLOOM_MONGODB_URI" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"TASKLOOM_PORT": "http"}, "TASKLOOM_PORT='http' cannot be read"),
        ({"TASKLOOM_HOST": "no.such.host.invalid"}, "'no.such.host.invalid' is no address"),
        ({"TASKLOOM_WORKFLOWS": "nowhere"}, "TASKLOOM_WORKFLOWS='nowhere' is no folder"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    done = run("serve", cwd=tmp_path, settings={"TASKLOOM_PORT": str(free_port()), **settings})

    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
