"""A real server of this checkout as a process of its own, for tests that kill it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymongo

from tests.faults.pressing import PATH, Target

KEY = "tl_key_of_a_server_that_lives_for_one_test"
_PROGRAM = "from taskloom.cli.main import main; main()"


def free_port() -> int:
    """Give a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Server:
    """`taskloom serve` on a free port with a data directory of its own."""

    data: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def target(self) -> Target:
        """Where to push, as the first admin."""
        return Target(host="127.0.0.1", port=self.port, key=KEY)

    def start(self) -> None:
        """Start it and wait until it is ready."""
        env = {
            **{name: value for name, value in os.environ.items() if "TASKLOOM" not in name},
            "TASKLOOM_DATA_DIR": str(self.data),
            "TASKLOOM_PORT": str(self.port),
            "TASKLOOM_BOOTSTRAP_KEY": KEY,
        }
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, "serve"],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until the database answers through the server; fails after a minute."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.process is not None
            assert self.process.poll() is None, "the server ended by itself"
            try:
                if self.get("/readyz")[0] == http.client.OK:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        raise AssertionError("the server is not ready after a minute")

    def get(self, path: str) -> tuple[int, bytes]:
        """GET a path as the first admin."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers={"Authorization": f"Bearer {KEY}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    def tasks(self) -> list[dict[str, Any]]:
        """Give all tasks of the sales pipeline."""
        status, body = self.get(PATH)
        assert http.client.OK == status
        found: list[dict[str, Any]] = json.loads(body)
        return found

    def kill(self) -> None:
        """`kill -9` the server process; its workers and mongod end with it."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_mongod(self) -> None:
        """`kill -9` its mongod."""
        os.kill(self._note()["pid"], signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end and wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def _note(self) -> Mapping[str, int]:
        note: Mapping[str, int] = json.loads((self.data / "mongod.json").read_bytes())
        return note

    @property
    def database_uri(self) -> str:
        """Address of its mongod, for looking at what is really stored."""
        return f"mongodb://127.0.0.1:{self._note()['port']}/?replicaSet=rs0"

    def recorded(self, key: str) -> set[tuple[str, int]]:
        """Read from the database which values of a number field the events record, by unique ID."""
        with pymongo.MongoClient[dict[str, Any]](self.database_uri) as client:
            database = client["taskloom"]
            workflow = database["workflows"].find_one({"id": "sales-pipeline"})
            assert workflow is not None
            uniques = {}
            events = []
            for task in database[f"tasks_{workflow['_id']}"].find():
                uniques[task["_id"]] = task["uid"]
                events += [(task["_id"], event) for event in task["ev"]]
            events += [(moved["task"], moved) for moved in database["history"].find()]
        return {
            (uniques[task], change[2])
            for task, event in events
            for change in event.get("c", ())
            if change[0] == key
        }
