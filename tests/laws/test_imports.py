"""Laws of imports: a dry run tells what the real one does, and twice is once."""

import json
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskloom.effects.base import EFFECTS
from taskloom.engine import importing
from taskloom.model.imports import Import, Options
from taskloom.storage.client import Database
from tests.unit.engines import ORDERS, Office, open_office

NUMBERS = count(1)
ROW = st.fixed_dictionaries(
    {"Reference": st.sampled_from(["A", "B", "C", "a", " A ", "", None])},
    optional={
        "Name": st.sampled_from(["one", "two", "", None]),
        "Size": st.sampled_from([1, 2, "2", "x", None]),
        "Stage": st.sampled_from(["New", "Doing", "Nowhere"]),
        "Odd": st.just(1),
    },
)


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    made = open_office(database, tmp_path)
    key = made.engine.keys.create(made.admin)
    made.admin = made.engine.people.authenticate(key.secret)
    return made


def told(office: Office, workflow: str, rows: Sequence[Any], **options: Any) -> tuple[Any, ...]:
    """Import rows; return what is told of them."""
    contents = "".join(json.dumps(row) + "\n" for row in rows).encode() or b"\n"
    imports = office.engine.imports
    made = imports.start(
        office.admin, workflow, [contents], name="a.ndjson", options=Options(**options)
    )
    EFFECTS["importing"].run(office.ports)
    done: Import = imports.get(office.admin, workflow, made.id)
    did = done.progress
    counts = (did.created, did.updated, did.unchanged, did.refused)
    return done.state, done.reason, done.faults, did.rows, counts, [*imports.rejects(done)]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ROW, max_size=9), more=st.lists(ROW, max_size=5), aside=st.booleans())
def test_a_dry_run_tells_what_the_real_one_does_and_twice_is_once(
    office: Office, rows: list[Any], more: list[Any], *, aside: bool
) -> None:
    name = f"orders-{next(NUMBERS)}"
    orders = office.push({**ORDERS, "$id": name})
    unknown = "aside" if aside else "refuse"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "ROWS", 2)
        told(office, name, more, unknown="ignore")
        before = office.all(orders)

        dry = told(office, name, rows, unknown=unknown, dry_run=True)
        assert before == office.all(orders)
        real = told(office, name, rows, unknown=unknown)
        after = office.all(orders)
        again = told(office, name, rows, unknown=unknown)

    assert real == dry
    assert real[3] == sum(real[4])
    assert real[4][3] == again[4][3]
    assert 0 == again[4][0]
    assert {task.uid for task in after} == {task.uid for task in office.all(orders)}
