"""A real server of this checkout that a test may press, kill and start again."""

import http.client
import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pymongo

from tests.faults.pressing import PATH, Target
from tests.servers import Server, free_port

KEY = "tl_key_of_a_server_that_lives_for_one_test"


class Restartable:
    """`taskloom serve` on one port and one data directory, over several lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.server = self._started()

    @property
    def target(self) -> Target:
        """Where to push, as the first admin."""
        return Target(host="127.0.0.1", port=self.port, key=KEY)

    def _started(self) -> Server:
        return Server(self._folder, {"TASKLOOM_BOOTSTRAP_KEY": KEY}, self.port)

    def kill_and_start(self) -> None:
        """`kill -9` the server process, which ends its workers and mongod, and start it again."""
        self.server.kill()
        self.server.close()
        self.server = self._started()

    def kill_mongod(self) -> None:
        """`kill -9` its mongod."""
        os.kill(self._note()["pid"], signal.SIGKILL)

    def close(self) -> None:
        """Stop it."""
        self.server.close()

    def wait_ready(self) -> None:
        """Wait until the database answers through the server; fails after a minute."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
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

    def _note(self) -> Mapping[str, int]:
        note: Mapping[str, int] = json.loads((self.server.data_dir / "mongod.json").read_bytes())
        return note

    @property
    def database_uri(self) -> str:
        """Address of its mongod, for looking at what is really stored."""
        return f"mongodb://127.0.0.1:{self._note()['port']}/?replicaSet=rs0"

    def recorded(self, key: str) -> set[tuple[str, int]]:
        """Read which values of a number field the stored events record, by unique ID."""
        with pymongo.MongoClient[dict[str, Any]](self.database_uri) as client:
            database = client["taskloom"]
            workflow = database["workflows"].find_one({"id": "sales-pipeline"})
            assert workflow is not None
            uniques = {}
            now = {}
            events = []
            for task in database[f"tasks_{workflow['_id']}"].find():
                uniques[task["_id"]], now[task["_id"]] = task["uid"], task["v"].get(key)
                events += [(task["_id"], event) for event in task["ev"]]
            events += [(moved["task"], moved) for moved in database["history"].find()]
        recorded = set()
        for task, event in sorted(events, key=lambda one: one[1]["t"]):
            for _, old, new in (each for each in event.get("c", ()) if each[0] == key):
                # What a task began with is told by the first change alone.
                if now.pop(task, None) is not None:
                    recorded.add((uniques[task], old))
                recorded.add((uniques[task], new))
        return recorded | {(uniques[task], value) for task, value in now.items()}
