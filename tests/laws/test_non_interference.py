"""Law: what one may not read is nowhere in any answer, not even by how the answers differ.

Two servers hold the same tasks but for what an agent may not read: the values of hidden fields
are others, and on one of them there are tasks that the agent does not see. Whatever the agent
asks, both answer the same, byte by byte.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from taskloom.app.composition import make_engine, open_ports
from taskloom.config import load
from taskloom.engine.engine import Engine
from taskloom.engine.saved_views import NewView
from taskloom.engine.writing import Draft
from taskloom.fields.base import OPERATORS
from taskloom.model.people import Actor
from taskloom.query.tree import EVERYTHING as EVERY
from taskloom.storage.client import Database, connect
from taskloom.wire.app import create_app
from taskloom.wire.base import Limits

ADMIN, ANN, BOB = "admin@example.com", "ann@example.com", "bob@example.com"
KEYS: Final = {ADMIN: "tl_" + "k" * 40, ANN: "tl_" + "a" * 40}
PATH: Final = "/api/v1/workflows/cases"
START: Final = 1_700_000_000_000
SHOWN: Final = ("Reference", "Name", "Size", "Due", "Kind", "Tags")
HIDDEN: Final = ("Margin", "Note", "Rank", "Labels", "Owner")
CASES: Final[Mapping[str, Any]] = {
    "$id": "cases",
    "title": "Cases",
    "type": "object",
    "properties": {
        "ref": {"title": "Reference", "type": "string"},
        "name": {"title": "Name", "type": "string", "filterable": True},
        "margin": {"title": "Margin", "type": "number", "filterable": True, "maximum": 100},
        "size": {"title": "Size", "type": "number"},
        "note": {"title": "Note", "type": "string"},
        "due": {"title": "Due", "type": "string", "format": "date"},
        "kind": {"title": "Kind", "type": "string", "enum": ["one", "two"]},
        "rank": {"title": "Rank", "type": "string", "enum": ["one", "two"]},
        "tags": {"title": "Tags", "type": "array", "items": {"type": "string"}},
        "labels": {"title": "Labels", "type": "array", "items": {"type": "string"}},
        "owner": {"title": "Owner", "type": "string", "format": "person"},
    },
    "workflow": {
        "uniqueId": "ref",
        "stages": [{"name": "New"}, {"name": "Doing"}, {"name": "Done", "require": ["margin"]}],
        "transitions": {"New": ["Doing"], "Doing": ["New", "Done"]},
        "facade": [
            {
                "dialect": "task-management",
                "mount": "/cases/v1",
                "fields": {"title": "name", "description": "note", "dueDate": "due"},
                "status": {"TODO": "New", "IN_PROGRESS": "Doing", "DONE": "Done"},
            }
        ],
        "roles": [
            {
                "name": "Agent",
                "for": ["member"],
                "see": ["created", "assigned"],
                "delete": ["created"],
                "fields": {
                    key: {"read": False} for key in ("margin", "note", "rank", "labels", "owner")
                },
            }
        ],
    },
}
WORDS: Final = ("alpha", "beta", "gamma")
SECRETS: Final[Sequence[Mapping[str, object]]] = (
    {"margin": 1, "note": "alpha", "rank": "one", "labels": ["alpha"], "owner": ANN},
    {"margin": 99, "note": "beta gamma", "rank": "two", "labels": ["x", "beta"], "owner": BOB},
    {"margin": 50.5, "note": "Alpha beta", "rank": "one", "labels": ["gamma"], "owner": ADMIN},
)
"""Hidden values; each task has other ones on the two servers."""


class Server:
    """One of the two servers; ids and the time are what the test says."""

    def __init__(self, database: Database, folder: Path) -> None:
        own = load({"data_dir": str(folder)}, {})
        self._turn = self._ids = 0
        ports = replace(open_ports(own, database), clock=self._clock, new_id=self._new_id)
        self.engine: Engine = make_engine(own, ports)
        limits = Limits(max_body=own.max_body, max_file=own.max_file)
        self._app: Flask = create_app(self.engine, limits, lambda: True)

    def turn(self, number: int) -> None:
        """Begin something new: from here on ids and times follow from this number."""
        self._turn, self._ids = number, 0

    def _clock(self) -> int:
        return START + self._turn

    def _new_id(self) -> str:
        self._ids += 1
        return f"{self._turn:018x}{self._ids:06x}"

    def ask(self, method: str, path: str, body: object = None) -> tuple[object, ...]:
        """Send a request of the agent's; return all that the answer tells."""
        headers = {"Authorization": f"Bearer {KEYS[ANN]}", "X-Request-Id": "one"}
        sent = None if body is None else json.dumps(body)
        answer = self._app.test_client().open(
            path,
            method=method,
            headers=headers,
            data=sent,
            content_type="application/json",
            buffered=True,
        )
        told = sorted((name, value) for name, value in answer.headers if name != "Date")
        return answer.status_code, tuple(told), answer.data

    def count(self) -> int:
        """Count the tasks that the agent sees."""
        actor = self.engine.people.authenticate(KEYS[ANN])
        view = self.engine.workflows.get(actor, "cases")
        return self.engine.tasks.count(actor, view, EVERY)


Servers = tuple[Server, Server]


@pytest.fixture(scope="module")
def servers(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Two servers that differ in nothing that the agent may read."""
    databases = [connect(mongod_uri, f"test_{uuid4().hex}") for _ in range(2)]
    plain, other = (Server(each, tmp_path_factory.mktemp("server")) for each in databases)
    fill(plain, shift=0, unseen=False)
    fill(other, shift=1, unseen=True)
    yield plain, other
    for database in databases:
        database.client.drop_database(database.name)
        database.client.close()


def fill(server: Server, *, shift: int, unseen: bool) -> None:
    """Make the people, the workflow and the tasks of one server."""
    engine = server.engine
    server.turn(1)
    engine.people.found("main", ADMIN, password="secret", secret=KEYS[ADMIN])
    admin = engine.people.authenticate(KEYS[ADMIN])
    for email in (ANN, BOB):
        engine.users.create(admin, email, name="Somebody", role="member")
    engine.keys.create(admin, user=ANN, secret=KEYS[ANN])
    engine.workflows.create(admin, json.dumps(CASES))
    share_views(engine, admin, shift)
    for number in range(10):
        server.turn(100 + 10 * number)
        values = {**seen_values(number), **SECRETS[(number + shift) % len(SECRETS)]}
        write(engine, admin, Draft(values=values, assignees=ANN))
        if unseen:
            server.turn(105 + 10 * number)
            values = {**seen_values(number), **SECRETS[number % len(SECRETS)], "ref": f"U{number}"}
            write(engine, admin, Draft(values=values, assignees=BOB if number % 2 else None))


def share_views(engine: Engine, admin: Actor, shift: int) -> None:
    """Share views, one of which speaks of what the agent may not read."""
    cases = engine.workflows.get(admin, "cases")
    secret = {"field": ("rank", "margin")[shift], "op": "ne", "value": ("one", 99)[shift]}
    seen = {"field": "kind", "op": "eq", "value": "one"}
    hidden = json.dumps({"where": {"and": [seen, secret]}, "sort": [[secret["field"], True]]})
    columns = json.dumps([{"key": secret["field"]}, {"key": "kind"}])
    for name, query in (("a", hidden), ("b", json.dumps({"where": seen})), ("c", "{}")):
        new = NewView(name=name, shared=True, query=query, columns=columns)
        engine.saved_views.create(admin, cases, new)


def seen_values(number: int) -> dict[str, object]:
    """Make the values that the agent may read of a task."""
    values = {
        "ref": f"R{number}",
        "name": WORDS[number % 3] if number % 4 else None,
        "size": number % 5,
        "due": f"2025-01-{number % 3 + 1:02}",
        "kind": ("one", "two")[number % 2],
        "tags": [WORDS[number % 2]],
    }
    return {key: value for key, value in values.items() if value is not None}


def write(engine: Engine, actor: Actor, draft: Draft) -> None:
    """Write one task."""
    view = engine.workflows.get(actor, "cases")
    engine.tasks.write(actor, view, draft, engine.people.people(actor), mode="create")


# --- what is asked -------------------------------------------------------------------------------

titles = st.sampled_from([*SHOWN, *HIDDEN, "Stage", "Assigned To", "Created On", "Margn", "_"])
operators = st.sampled_from(["", *(f"[{name}]" for name in (*OPERATORS, "no"))])
texts = st.sampled_from(
    (
        *("", *WORDS, "a", "x", "1", "2", "50.5", "99", "true", "false", "2025-01-02", '"'),
        *("one", "two", "one,two", "R1", "U1", "New", "Done", ANN, BOB, "nobody@example.com"),
    )
)
filters = st.tuples(st.builds(str.__add__, titles, operators), texts)
orders = st.builds(str.__add__, st.sampled_from(["", "-"]), titles)
controls = st.one_of(
    st.tuples(st.just("_q"), st.one_of(texts, st.just("alpha beta"))),
    st.tuples(st.just("_sort"), st.lists(orders, min_size=1, max_size=2).map(",".join)),
    st.tuples(st.just("_fields"), st.lists(titles, min_size=1, max_size=2).map(",".join)),
    st.tuples(st.just("_limit"), st.sampled_from(["1", "3", "7", "0"])),
)
lists = st.builds(
    lambda end, pairs: ("GET", f"{PATH}/tasks{end}?{urlencode(pairs)}", None),
    st.sampled_from(["", "", "/active"]),
    st.lists(st.one_of(filters, controls, controls), max_size=4),
)
exports = st.builds(
    lambda form, pairs: ("GET", f"{PATH}/tasks/export?{urlencode([*form, *pairs])}", None),
    st.lists(
        st.tuples(st.just("format"), st.sampled_from(["csv", "ndjson", "json", "xlsx", "pdf"])),
        max_size=1,
    ),
    st.lists(st.one_of(filters, controls), max_size=3),
)
reports = st.builds(
    lambda parts, pairs: ("GET", f"{PATH}/report?{urlencode([*parts, *pairs])}", None),
    st.lists(st.tuples(st.sampled_from(["by", "due", "done"]), titles), max_size=3),
    st.lists(filters, max_size=2),
)
days = st.sampled_from(["2023-11-14", "2023-11-15", "1999-01-01", "x"])
tables = st.builds(
    lambda name, parts, pairs: (
        "GET",
        f"{PATH}/reports/{name}?{urlencode([*parts, *pairs])}",
        None,
    ),
    st.sampled_from(
        ["stages", "values", "throughput", "age", "time-in-stage", "overdue", "approvals", "no"]
    ),
    st.lists(
        st.one_of(
            st.tuples(st.just("by"), st.one_of(titles, st.sampled_from(["day", "month"]))),
            st.tuples(st.sampled_from(["from", "to"]), days),
            st.tuples(st.just("_tz"), st.sampled_from(["Asia/Tokyo", "Nowhere"])),
        ),
        max_size=3,
    ),
    st.lists(filters, max_size=1),
)
counts = st.sampled_from(["", "?_count=exact", "?_count=estimate", "?_count=no"])
views = st.builds(lambda query: ("GET", f"{PATH}/views{query}", None), counts)
counted = st.builds(
    lambda pairs: ("GET", f"/cases/v1/tasks?{urlencode(pairs)}", None),
    st.lists(
        st.one_of(
            st.tuples(st.just("search"), st.sampled_from([*WORDS, "alp", "ta gam", "xx"])),
            st.tuples(st.just("status"), st.sampled_from(["TODO", "DONE", "TODO,DONE", "New"])),
            st.tuples(st.just("sort"), st.sampled_from(["title", "-dueDate", "description"])),
            st.tuples(st.just("limit"), st.sampled_from(["1", "3", "100", "0"])),
            st.tuples(st.just("offset"), st.sampled_from(["0", "2", "9"])),
            st.tuples(st.just("dueDate[gt]"), st.sampled_from(["2025-01-01", "x"])),
            st.tuples(st.sampled_from(["description", "note", "margin"]), texts),
        ),
        max_size=4,
    ),
)
"""Lists whose answers tell how many tasks match in all."""
uids = st.sampled_from(["R0", "R1", "U0", "U1", "N0", "nothing", "R1?_fields=Margin"])
places = ("", "/fields", "/stages", "/roles", "/users", "/openapi.json", "/tasks/U2")
ones = st.one_of(
    st.builds(lambda uid: ("GET", f"{PATH}/tasks/{uid}", None), uids),
    st.builds(lambda uid: ("DELETE", f"{PATH}/tasks/{uid}", None), uids),
    st.builds(lambda end: ("GET", f"{PATH}{end}", None), st.sampled_from(places)),
    st.just(("GET", "/api/v1/workflows", None)),
)
wire_values: st.SearchStrategy[object] = st.one_of(
    texts, st.sampled_from([None, 1, 50.5, 101, True, [], ["alpha"], {}])
)
others = st.dictionaries(titles, wire_values, max_size=4)
rows = st.builds(
    lambda values, ref: {**values, "Reference": ref},
    others,
    # Which unique IDs are taken is told, also of tasks that one does not see.
    st.sampled_from(["R0", "R1", "R2", "N0", "N1", "N2"]),
)
updates = st.builds(
    lambda values, ref: {**values, "Reference": ref}, others, st.sampled_from(["R3", "U3", "N3"])
)
writes = st.one_of(
    st.builds(lambda row: ("POST", f"{PATH}/tasks", row), rows),
    st.builds(lambda row: ("PUT", f"{PATH}/tasks", row), updates),
    st.builds(lambda all_: ("POST", f"{PATH}/tasks/bulk", all_), st.lists(rows, max_size=3)),
)
requests = st.lists(
    st.one_of(lists, lists, lists, exports, reports, tables, views, counted, ones, writes),
    min_size=1,
    max_size=6,
)
TURNS = count(1000, 10)
NEXT: Final = re.compile(r'<http://localhost(.*)>; rel="next"')


@given(asked=requests)
@settings(
    max_examples=250,
    deadline=None,
    # The servers go on from example to example; the request that told them apart is named.
    phases=(Phase.generate,),
)
def test_two_servers_that_differ_in_what_one_may_not_read_answer_alike(
    servers: Servers, asked: list[tuple[str, str, object]]
) -> None:
    for method, path, body in asked:
        told = both(servers, method, path, body)
        page = next((NEXT.fullmatch(str(v)) for k, v in told[1] if k == "Link"), None)
        if page is not None:
            both(servers, "GET", page[1], None)
    assert servers[0].count() == servers[1].count()


def both(servers: Servers, method: str, path: str, body: object) -> Any:
    """Ask both servers; return the answer that both give."""
    turn = next(TURNS)
    answers = []
    for server in servers:
        server.turn(turn)
        answers.append(server.ask(method, path, body))
    assert answers[0] == answers[1], (method, path, body)
    assert answers[0][0] != 500
    return answers[0]


def test_the_servers_do_differ(servers: Servers) -> None:
    seen = []
    for server in servers:
        admin = server.engine.people.authenticate(KEYS[ADMIN])
        cases = server.engine.workflows.get(admin, "cases")
        first = server.engine.tasks.get(admin, cases, "R4", server.engine.people.people(admin))
        seen.append((first.values["margin"], server.engine.tasks.count(admin, cases, EVERY)))

    (margin, tasks), (other_margin, more_tasks) = seen

    assert margin != other_margin
    assert tasks + 10 == more_tasks


@pytest.mark.parametrize(
    "path",
    [
        "/cases/v1/tasks?limit=3",
        f"{PATH}/report?by=Kind&due=Due",
        f"{PATH}/reports/values?by=Kind",
        f"{PATH}/reports/overdue?by=Due",
    ],
)
def test_what_counts_tasks_is_answered(servers: Servers, path: str) -> None:
    status, _, told = servers[0].ask("GET", path)

    assert (200, True) == (status, b'"total":' in told)  # type: ignore[operator] # bytes
