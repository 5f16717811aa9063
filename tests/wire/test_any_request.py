"""Requests that nobody would send on purpose, to every address of every dialect: never a 5xx.

Every answer is also held against the dialect's document, as in all tests. `SOAK=1` sends many
more, and others each time.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskloom.wire.base import DIALECTS
from taskloom.wire.mounts import is_mounted
from tests.wire.am import admin_member
from tests.wire.api import Api, sample
from tests.wire.conftest import KEY, Ask
from tests.wire.openapi import operations
from tests.wire.tm import task_management
from tests.wire.validating import document_of, resolved, static_document
from tests.wire.wk import workiva

SOAKING = os.environ.get("SOAK") == "1"
EXAMPLES = 3000 if SOAKING else 40
JSON = "application/json"
# Making and deleting workflows, users and keys by chance would change what all others meet.
SPARED = {"/api/v1/workflows/{workflow}", "/api/v1/keys"}

ODD_TEXTS = (
    *("", " ", "x", "0", "-1", "1e999", "null", "true", "[", "{}", "'", "''", '"', "%", "+", ","),
    *("..", "a/b", "é", "😀", "\x00", "\x7f", "\ud800", "$ne", "_id", "$where", "a" * 600),
    *("2020-99-99", "2024-02-30T25:61:61Z", "9" * 30, "0" * 24, "f" * 24, "a,b", "-", "status"),
    *("status eq", "status eq 'x' and", "dueDate gt now", "title contains ''", "-createdAt,-"),
)
ODD_BODIES = (
    *(b"", b"{", b"[", b"null", b"[]", b"{}", b'"x"', b"1", b"NaN", b"\xff", b'{"a":1,"a":2}'),
    *(b'{"title":"\\ud800"}', b'{"title":1e999999}', b"[" * 40, b'{"":{"":[]}}', b"a=b&c=d"),
    *(b'{"title":null}', b'[{"op":"replace"}]', b'[{"op":"replace","path":"/title"}]'),
)
MEDIA = (JSON, JSON, JSON, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data")

FINE = {"title": "a", "dueDate": "2035-01-29"}
"""What is enough for a new task."""

texts = st.sampled_from(ODD_TEXTS) | st.text(max_size=8)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts.filter(lambda text: "\ud800" not in text),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "op", "path", "text", "x"]), inner)
    ),
    max_leaves=6,
)


@dataclass(frozen=True, kw_only=True)
class Target:
    """An operation: its whole path, the names it documents, ids of things that are there."""

    method: str
    path: str
    queries: Sequence[str]
    names: Sequence[str]
    ids: Mapping[str, str]


def names_in(document: Mapping[str, Any], operation: Mapping[str, Any]) -> list[str]:
    """Name what a request's body may hold."""
    schema = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema", {})
    whole = resolved(document, schema)
    whole = resolved(document, whole.get("items", whole)) if whole.get("type") == "array" else whole
    return [*whole.get("properties", {"title": {}, "Company ID": {}})]


def targets_of(app: Flask, ids: Mapping[str, Mapping[str, str]]) -> list[Target]:
    """Find every operation of every dialect."""
    found = []
    for name, dialect in sorted(DIALECTS.members().items()):
        document = document_of(app, name) if is_mounted(dialect) else static_document(app)
        mount = (dialect.mount or "").rstrip("/")
        for path, method, operation in operations(document):
            if path in SPARED and method != "get":
                continue
            parameters = [resolved(document, each) for each in operation.get("parameters", ())]
            queries = [each["name"] for each in parameters if each["in"] == "query"]
            names = names_in(document, operation)
            target = Target(
                method=method.upper(),
                path=mount + path,
                queries=[*queries, "limit", "$filter", "x"],
                names=[*names, "x"],
                ids=ids[name],
            )
            found.append(target)
    return found


def filled(draw: Callable[..., Any], target: Target) -> str:
    """Put something into the places of a path: often what is there, else anything."""
    parts = []
    for part in target.path.split("/"):
        if part.startswith("{"):
            there = target.ids.get(part[1:-1], "x")
            text = draw(st.just(there) | st.just(there) | texts)
            part = quote(text.encode("utf-8", "surrogatepass"), safe="")  # noqa: PLW2901 - the part as sent
        parts.append(part)
    return "/".join(parts)


def body_of(draw: Callable[..., Any], target: Target) -> bytes:
    """Make a body: broken, or of the documented names with any values."""
    objects = st.dictionaries(st.sampled_from(target.names), values, max_size=5)
    operations_ = st.lists(
        st.fixed_dictionaries(
            {
                "op": st.sampled_from(["replace", "add", "x"]),
                "path": st.sampled_from(["/title", "/assignees", "/x", "title", ""]),
                "value": values,
            }
        ),
        max_size=3,
    )
    whole = objects.map(lambda made: {**FINE, **made} if "title" in target.names else made)
    sent = (objects | whole | st.lists(objects, max_size=2) | operations_).map(json.dumps)
    return draw(st.sampled_from(ODD_BODIES) | sent.map(str.encode) | sent.map(str.encode))  # type: ignore[no-any-return] # bytes


@st.composite
def requests(draw: Callable[..., Any], targets: Sequence[Target]) -> dict[str, Any]:
    """Make a request to one of these."""
    target = draw(st.sampled_from(targets))
    pairs = draw(st.lists(st.tuples(st.sampled_from(target.queries), texts), max_size=3))
    query = urlencode([(name, text.encode("utf-8", "surrogatepass")) for name, text in pairs])
    path = filled(draw, target)
    made: dict[str, Any] = {
        "method": target.method,
        "path": f"{path}?{query}" if query else path,
        "headers": {"Authorization": f"Bearer {KEY}"},
    }
    if target.method not in {"GET", "DELETE"}:
        made["body"] = body_of(draw, target)
        made["headers"]["Content-Type"] = draw(st.sampled_from(MEDIA))
    return made


@pytest.fixture
def targets(app: Flask, ask: Ask, api: Api) -> list[Target]:
    """Every operation of a server that has a task behind each of them."""
    tm, am, wk = task_management(api, ask), admin_member(api, ask), workiva(api, ask)
    api.post("/workflows/sales-pipeline/tasks", sample())
    me = tm.admin()
    item = {"text": "a", "completed": False}
    team = am.task(assignedTo=[me], todoChecklist=[item])
    ids = {
        "flowdash": {"workflow": "sales-pipeline", "uid": "42", "user": me},
        "task-management": {"task": tm.task()["id"], "user": me},
        "admin-member": {"task": team["_id"], "item": team["todoChecklist"][0]["_id"], "user": me},
        "workiva": {"task": wk.task()["id"]},
    }
    return targets_of(app, ids)


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_xs_4_no_request_is_answered_by_a_5xx(
    ask: Ask, targets: Sequence[Target], name: str
) -> None:
    mount = (DIALECTS[name].mount or "/api/v1").rstrip("/")
    roots = tuple(mount + root for root in DIALECTS[name].roots or ("/",))
    mine = [target for target in targets if target.path.startswith(roots)]
    assert mine

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=not SOAKING,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(request=requests(mine))
    def send(request: Mapping[str, Any]) -> None:
        sent = dict(request)
        answer = ask(sent.pop("method"), sent.pop("path"), **sent)
        assert answer.status < 500, answer.body

    send()
