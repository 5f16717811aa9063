"""The matrix of routes, roles and relations holds; see `matrix.py` for what is asked."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask

from taskloom.engine.engine import Engine
from tests.wire.conftest import Ask
from tests.wire.matrix import FLOWS, ROLES, Row, World, rows_of, world_of

MATRIX = Path(__file__).with_name("matrix.csv")
SHIPPED = Path(__file__).parents[2] / "workflow_schemas"
MADE_BY = "MATRIX=write .venv/bin/pytest -n 0 tests/wire/test_matrix.py"
ABOUT = (
    "# Statuses by role; the relation is that of the task, user or file in the path to who asks.",
    f"# Made by `{MADE_BY}`: read what changes before you check it in.",
)
COLUMNS = ("dialect", "method", "path", "relation", *ROLES)


@pytest.fixture
def world(app: Flask, ask: Ask, engine: Engine) -> World:
    """Give a server with all workflows behind all mounts."""
    shipped = [name for dialect, name in sorted(FLOWS.items()) if dialect != "flowdash"]
    sources = [(SHIPPED / f"{name}.json").read_text(encoding="utf-8") for name in shipped]
    return world_of(ask, engine, sources)


def read() -> Mapping[Row, tuple[int, ...]]:
    """Read what is expected."""
    lines = MATRIX.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {
        Row(**{name: row[name] for name in COLUMNS[:4]}): tuple(int(row[role]) for role in ROLES)
        for row in rows
    }


def write(answers: Mapping[Row, tuple[int, ...]]) -> None:
    """Write what was answered."""
    with MATRIX.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"{line}\n" for line in ABOUT)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row, statuses in answers.items():
            writer.writerow([row.dialect, row.method, row.path, row.relation, *statuses])


def test_every_route_of_every_dialect_has_its_rows(app: Flask) -> None:
    assert set(read()) == set(rows_of(app))


def test_every_role_gets_the_status_that_the_matrix_says(app: Flask, world: World) -> None:
    answers = {row: tuple(world.status(row, role) for role in ROLES) for row in rows_of(app)}

    if os.environ.get("MATRIX") == "write":
        write(answers)
    expected = read()
    assert {} == {row: told for row, told in answers.items() if told != expected.get(row)}
