"""Law: what is exported and imported again is what it was, in every format and of every kind."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from taskloom.app.composition import make_engine, open_ports
from taskloom.config import load
from taskloom.engine.engine import Engine
from taskloom.engine.writing import ABSENT, Draft
from taskloom.exchange.mapping import propose
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import Choices
from taskloom.exchange.spelling import UNSAID, Entry, speller
from taskloom.exchange.writers import FORMATS, writer
from taskloom.fields.base import KINDS
from taskloom.model.people import Actor
from taskloom.query.tree import Query
from taskloom.storage.client import Database, connect
from tests.laws.test_fields_round_trip import WIRES

EMAILS: Final = ("ann@example.com", "bob@example.com", "admin@example.com")
STAGES: Final = ("New", "=Doing", "Done; dusted")

signs: Final = st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffe\uffff")
nasty: Final = st.one_of(
    st.text(signs, max_size=30),
    st.text(st.sampled_from("'\"=+-@;,\t\r\n [{\ufeff_x0Dé😀"), max_size=8),
    st.sampled_from(
        (
            *("", " ", "'", "''", "\n", "007", "1e5", "1,5", "TRUE", "null", "_x000D_", "[]", "{"),
            *(
                "=1+1",
                "+44",
                "-5",
                "@x",
                "\tx",
                "\rx",
                "'=x",
                "2025-01-31",
                "a;b",
                "\ufeff",
                "a\r\nb",
            ),
        )
    ),
)
uniques: Final = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=12,
).filter(lambda text: text.strip() != "")
people: Final = st.sampled_from(EMAILS)
several: Final = st.lists(people, unique=True, max_size=3)
numbers: Final = st.one_of(
    st.sampled_from(
        ["10.50", "0.0001", "0.00001", "1.234", "1234", "-0.5", "1" * 30, "9" * 16, f"1.{'9' * 30}"]
    ),
    WIRES["number"][1],
)
texts: Final = st.lists(nasty, max_size=4)
steps: Final = st.lists(
    st.fixed_dictionaries(
        {
            "completionMode": st.sampled_from(["ONE", "ALL"]),
            "participants": st.lists(people, min_size=1, unique=True),
        }
    ),
    max_size=2,
)
items: Final = st.lists(
    st.fixed_dictionaries(
        {"text": nasty.filter(lambda text: text.strip() != ""), "done": st.booleans()}
    ),
    max_size=3,
    unique_by=lambda item: item["text"],
)
dates: Final = st.one_of(
    st.dates().map(date.isoformat),
    st.sampled_from(["0001-01-01", "1900-02-28", "1900-03-01", "9999-12-31", "2025-03-04"]),
)

OPTIONS: Final = ["A", "=B", "c;d", "[e]", "a", "'", "{x}"]
OWN: Final[Mapping[str, tuple[Mapping[str, object], st.SearchStrategy[Any]]]] = {
    "text": ({"type": "string"}, nasty),
    "longText": ({"type": "string", "format": "long-text"}, nasty),
    "textList": ({"type": "array", "items": {"type": "string"}}, texts),
    "number": ({"type": "number"}, numbers),
    "singleSelect": ({"type": "string", "enum": OPTIONS}, st.sampled_from(OPTIONS)),
    "multipleSelect": (
        {"type": "array", "items": {"enum": OPTIONS}},
        st.lists(st.sampled_from(OPTIONS), unique=True),
    ),
    "date": ({"type": "string", "format": "date"}, dates),
    "person": ({"type": "string", "format": "person"}, people),
    "personList": ({"type": "array", "items": {"format": "person"}}, several),
    "approvalSteps": ({"type": "array", "format": "approval-steps"}, steps),
    "checklist": ({"type": "array", "format": "checklist"}, items),
}
FIELDS: Final = {name: OWN.get(name) or WIRES[name] for name in KINDS}
FILES: Final = st.lists(st.sampled_from(["a.txt", "=b.txt"]), unique=True)
TITLES: Final = {"number": "=Total", "text": "A, \"quoted\" 'text'", "json": "Ünï; code"}


def source(name: str) -> str:
    """Write a workflow with a field of every kind."""
    properties = {
        kind: {**schema, "title": TITLES.get(kind, kind.title())}
        for kind, (schema, _) in FIELDS.items()
    }
    return json.dumps(
        {
            "$id": name,
            "title": name.title(),
            "type": "object",
            "properties": {"id": {"title": "ID", "type": "string"}, **properties},
            "workflow": {
                "uniqueId": "id",
                "stages": [{"name": stage} for stage in STAGES],
                "assignees": "many",
            },
        }
    )


ORDERS: Final = {
    "$id": "orders",
    "title": "Orders",
    "type": "object",
    "properties": {"id": {"title": "Order ID", "type": "string"}},
    "workflow": {"uniqueId": "id", "stages": [{"name": "New"}]},
}
CLIENTS: Final = {
    **ORDERS,
    "$id": "clients",
    "title": "Clients",
    "properties": {"id": {"title": "Client ID", "type": "string"}},
    "workflow": {
        "uniqueId": "id",
        "stages": [{"name": "New"}],
        "links": [
            {
                "key": "orders",
                "name": "Orders",
                "to": "orders",
                "inverse": "Client",
                "cardinality": "one-to-many",
            }
        ],
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An engine with two workflows that differ in their names only."""

    engine: Engine
    actor: Actor
    database: Database

    def write(self, name: str, draft: Draft) -> str:
        engine = self.engine
        view = engine.workflows.get(self.actor, name)
        found = engine.people.people(self.actor)
        return engine.tasks.write(self.actor, view, draft, found, mode="upsert").outcome

    def exported(self, name: str, form: str) -> bytes:
        engine, file = self.engine, io.BytesIO()
        view = engine.workflows.get(self.actor, name)
        export = engine.exports.export(self.actor, view, Query(), engine.people.people(self.actor))
        with closing(writer(form, file, export.columns)) as made:
            for row in export.rows:
                made.add(row)
        return file.getvalue()

    def imported(self, name: str, form: str, data: bytes) -> list[str]:
        """Import a file the way the product does; return what became of each row."""
        view = self.engine.workflows.get(self.actor, name)
        reader = open_rows(io.BytesIO(data), f"tasks.{form}", Choices())
        spell = speller(propose(reader, view, {}), view, self.engine.people.people(self.actor))
        return [self.write(name, draft_of(spell(row))) for row in reader.rows()]

    def empty(self, name: str) -> None:
        uid = self.engine.workflows.get(self.actor, name).workflow.uid
        self.database[f"tasks_{uid}"].delete_many({})


def draft_of(entry: Entry) -> Draft:
    return Draft(
        values=entry.values,
        stage=ABSENT if entry.stage is UNSAID else entry.stage,
        assignees=ABSENT if entry.assignees is UNSAID else entry.assignees,
        links=entry.links,
        faults=entry.faults,
    )


@pytest.fixture(scope="module")
def office(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    database = connect(mongod_uri, f"test_{uuid4().hex}")
    folder: Path = tmp_path_factory.mktemp("office")
    own = load({"data_dir": str(folder)}, {})
    engine = make_engine(own, open_ports(own, database))
    founded = engine.people.found("main", EMAILS[2], password="secret")
    actor = engine.people.authenticate(founded.secret)
    for email in EMAILS[:2]:
        engine.users.create(actor, email, name="Somebody", role="member")
    for name in ("first", "twin"):
        engine.workflows.create(actor, source(name))
    for file in (ORDERS, CLIENTS):
        engine.workflows.create(actor, json.dumps(file))
    yield Office(engine=engine, actor=actor, database=database)
    database.client.drop_database(database.name)
    database.client.close()


values: Final[st.SearchStrategy[dict[str, Any]]] = st.fixed_dictionaries(
    {"id": uniques},
    optional={
        kind: st.one_of(st.none(), strategy) if kind != "file" else st.just([])
        for kind, (_, strategy) in FIELDS.items()
    },
)
drafts: Final = st.builds(
    lambda given, stage, assignees: Draft(values=given, stage=stage, assignees=assignees),
    values,
    st.sampled_from(STAGES),
    several,
)


@pytest.mark.parametrize("form", list(FORMATS))
@given(tasks=st.lists(drafts, min_size=1, max_size=4))
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
def test_what_was_exported_is_imported_as_it_was(
    office: Office, form: str, tasks: Sequence[Draft]
) -> None:
    for name in ("first", "twin"):
        office.empty(name)
    for draft in tasks:
        office.write("first", draft)

    data = office.exported("first", form)
    again = office.imported("first", form, data)
    anew = office.imported("twin", form, data)

    assert {"unchanged"} == set(again), data
    assert {"created"} == set(anew)
    assert office.exported("first", "ndjson") == office.exported("twin", "ndjson")


@pytest.mark.parametrize("form", list(FORMATS))
def test_files_stay_on_their_tasks(office: Office, form: str) -> None:
    office.empty("first")
    brought = [
        {"filename": "a, b.txt", "base64contents": "aGk="},
        {"filename": "=c.txt", "base64contents": ""},
    ]
    office.write("first", Draft(values={"id": "1", "file": brought}))
    office.write("first", Draft(values={"id": "2"}))

    again = office.imported("first", form, office.exported("first", form))

    assert ["unchanged", "unchanged"] == again


@pytest.mark.parametrize("form", list(FORMATS))
def test_links_come_back(office: Office, form: str) -> None:
    for name in ("orders", "clients"):
        office.empty(name)
    office.database["links"].delete_many({})
    plain, odd = ["1", "=2"], ["a;b", "[c]", "'"]
    for unique in (*plain, *odd, "alone"):
        office.write("orders", Draft(values={"id": unique}))
    for client, uniques_ in (("A", plain), ("B;=", odd), ("C", [])):
        orders = [{"Order ID": unique} for unique in uniques_]
        office.write("clients", Draft(values={"id": client}, links={"Orders": orders}))

    files = {name: office.exported(name, form) for name in ("orders", "clients")}
    again = [office.imported(name, form, data) for name, data in files.items()]
    office.database["links"].delete_many({})
    anew = office.imported("clients", form, files["clients"])

    assert [["unchanged"] * 6, ["unchanged"] * 3] == again
    assert ["updated", "updated", "unchanged"] == anew
    assert files["orders"] == office.exported("orders", form)
