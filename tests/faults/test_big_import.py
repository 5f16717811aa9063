"""A table of a hundred thousand rows: told while it runs, and nothing happens twice."""

import csv
from pathlib import Path

import pytest

from tests.faults.serving import Restartable

ROWS = 100_000


def write(path: Path) -> Path:
    """Write the table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["Company ID", "Company Name", "Contract Value", "Expected Close Date"])
        table.writerows(
            [f"C-{number}", f"Company {number}", f"{number}.50", "2025-01-31"]
            for number in range(ROWS)
        )
    return path


@pytest.mark.timeout(600)
def test_a_hundred_thousand_rows_show_progress_and_import_only_once(
    own_server: Restartable, tmp_path: Path
) -> None:
    file = write(tmp_path / "companies.csv")

    first = own_server.server.run("import", "sales-pipeline", file)
    again = own_server.server.run("import", "sales-pipeline", file)

    assert (0, 0) == (first.returncode, again.returncode), first.stderr + again.stderr
    assert f"created {ROWS}, updated 0, unchanged 0, refused 0" == first.stdout.splitlines()[-1]
    assert f"created 0, updated 0, unchanged {ROWS}, refused 0" == again.stdout.splitlines()[-1]
    assert "rows" in first.stderr
    status, _ = own_server.get(f"/api/v1/workflows/sales-pipeline/tasks/C-{ROWS - 1}")
    assert 200 == status
