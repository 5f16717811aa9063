"""Commands that ask a server: workflows, users, keys, and how each tells that it could not."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT, Server, free_port, run, serving

SHIPPED = sorted(path.stem for path in (ROOT / "workflow_schemas").glob("*.json"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, mongod_uri: str) -> Iterator[Server]:
    """A server on an external MongoDB, with the shipped workflows and given credentials."""
    folder = tmp_path_factory.mktemp("server")
    settings = {
        "TASKLOOM_MONGODB_URI": mongod_uri.replace("/?", f"/commands_{uuid.uuid4().hex}?"),
        "TASKLOOM_WORKFLOWS": str(ROOT / "workflow_schemas"),
        "TASKLOOM_BOOTSTRAP_KEY": "tl_" + "k" * 40,
        "TASKLOOM_BOOTSTRAP_PASSWORD": "a given password",
        "TASKLOOM_BOOTSTRAP_EMAIL": "first@example.com",
    }
    with serving(folder, settings) as started:
        yield started


def test_given_credentials_work_and_are_not_printed(server: Server) -> None:
    key = server.settings["TASKLOOM_BOOTSTRAP_KEY"]

    users = server.get("/api/v1/users", key=key).json()

    assert [("first@example.com", "admin")] == [(user["email"], user["role"]) for user in users][:1]
    assert "a given password" not in server.said
    assert key not in server.said
    assert "TASKLOOM_BOOTSTRAP_KEY" in server.said


def test_list_shows_the_shipped_workflows(server: Server) -> None:
    listed = json.loads(server.run("workflow", "list", "--json").stdout)

    assert SHIPPED == sorted(workflow["id"] for workflow in listed)
    text = server.run("workflow", "list").stdout
    assert all(name in text for name in SHIPPED)


def test_pull_gives_back_the_pushed_file_to_the_letter(server: Server, tmp_path: Path) -> None:
    shipped = (ROOT / "workflow_schemas" / "sales-pipeline.json").read_bytes()

    printed = server.run("workflow", "pull", "sales-pipeline")
    server.run("workflow", "pull", "sales-pipeline", "--output", tmp_path / "out.json")

    assert shipped.decode() == printed.stdout
    assert shipped == (tmp_path / "out.json").read_bytes()


def test_push_makes_a_workflow_then_a_version_then_nothing(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "visits.json"
    document = {
        "$id": "visits",
        "title": "Visits",
        "type": "object",
        "properties": {"who": {"title": "Who", "type": "string"}},
        "workflow": {"stages": [{"name": "Open"}]},
    }
    outcomes = []
    for title in ("Visits", "House visits", "House visits"):
        file.write_text(json.dumps({**document, "title": title}), encoding="utf-8")
        done = server.run("workflow", "push", file, "--json")
        (pushed,) = json.loads(done.stdout)
        outcomes.append((pushed["version"], pushed["outcome"]))

    assert [(1, "created"), (2, "updated"), (2, "unchanged")] == outcomes


def test_push_tells_every_fault_with_its_line(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "faulty.json"
    file.write_text(
        '{"$id": "faulty", "type": "object",\n "properties": {\n  "a": {"type": "strin"},\n'
        '  "b": {"type": "string", "pattern": "(?=x)"}},\n "workflow": {"stages": []}}',
        encoding="utf-8",
    )

    done = server.run("workflow", "push", file)

    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if line.startswith(str(file) + ":")]
    assert {"3", "4", "5"} <= {line.removeprefix(f"{file}:").split()[0] for line in told}


def test_a_new_user_may_act_through_a_key_and_sees_what_the_role_allows(server: Server) -> None:
    made = server.run("user", "create", "member@example.com", "--role", "member", "--json")
    key = server.run("key", "create", "--user", "member@example.com", "--name", "mine").stdout

    user = json.loads(made.stdout)
    assert (user["role"], len(user["password"]) >= 12) == ("member", True)
    assert server.get("/api/v1/workflows", key=key.strip()).status_code == 200
    assert server.get("/api/v1/users", key=key.strip()).status_code == 403


def test_a_password_may_come_from_standard_input(server: Server) -> None:
    words = ("user", "create", "typed@example.com", "--password-stdin", "--json")

    done = server.run(*words, stdin="a secret of mine\n")

    assert "password" not in json.loads(done.stdout)
    assert server.run(*words, stdin="\n").returncode == 2


def test_what_the_server_refuses_is_exit_code_one_with_its_reason(server: Server) -> None:
    twice = server.run("user", "create", "first@example.com")
    wrong = server.run("user", "create", "nobody")
    nobody = server.run("key", "create", "--user", "nobody@example.com")
    absent = server.run("workflow", "pull", "absent")

    assert [1, 1, 1, 1] == [done.returncode for done in (twice, wrong, nobody, absent)]
    assert "first@example.com" in twice.stderr
    assert "email" in wrong.stderr
    assert "user" in nobody.stderr
    assert "absent" in absent.stderr
    assert all("Traceback" not in done.stderr for done in (twice, wrong, nobody, absent))


@pytest.mark.parametrize(
    "words",
    [
        ("user", "create"),
        ("user", "create", "x@example.com", "--role", "king"),
        ("workflow", "push", "absent.json"),
        ("workflow", "plough"),
        ("nothing",),
    ],
)
def test_wrong_use_is_exit_code_two(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert run(*words, cwd=tmp_path).returncode == 2


def test_without_a_server_a_command_says_what_to_do(tmp_path: Path) -> None:
    never = run("workflow", "list", cwd=tmp_path)
    gone = run(
        "workflow",
        "list",
        cwd=tmp_path,
        settings={"TASKLOOM_URL": f"http://127.0.0.1:{free_port()}", "TASKLOOM_KEY": "tl_x"},
    )

    assert [1, 1] == [never.returncode, gone.returncode]
    assert "taskloom serve" in never.stderr
    assert "taskloom serve" in gone.stderr


def test_a_given_address_needs_a_given_key(server: Server) -> None:
    elsewhere = server.run("workflow", "list", "--url", "http://127.0.0.1:1")
    here = server.run("workflow", "list", "--url", server.url)

    assert (1, 0) == (elsewhere.returncode, here.returncode)
    assert "TASKLOOM_KEY" in elsewhere.stderr


def test_doctor_names_what_is_wrong_with_a_remedy(tmp_path: Path) -> None:
    settings = {
        "TASKLOOM_MONGODB_URI": f"mongodb://127.0.0.1:{free_port()}/x?serverSelectionTimeoutMS=300",
        "TASKLOOM_WORKFLOWS": str(tmp_path),
        "TASKLOOM_URL": f"http://127.0.0.1:{free_port()}",
        "TASKLOOM_KEY": "tl_x",
        "TASKLOOM_DATADIR": "x",
    }
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")

    done = run("doctor", "--json", cwd=tmp_path, settings=settings)

    assert done.returncode == 1
    found = {finding["check"]: finding for finding in json.loads(done.stdout)}
    assert "TASKLOOM_DATA_DIR" in found["settings"]["message"] or done.stdout
    assert {"database", "server"} <= {name for name, f in found.items() if f["level"] == "fail"}
    assert all(found[name]["remedy"] for name in ("database", "server"))
