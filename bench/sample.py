"""What is measured: one workflow of thirteen fields, and tasks of it, some 550 bytes each."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

WORKFLOW = "bench"
LARGE = "bench-large"
EMAIL = "admin@example.com"
STAGES = ("Not Started", "In Progress", "Done")
REGIONS = ("EMEA", "APAC", "AMER")
MOST_EMPLOYEES = 5000
_FILE: Mapping[str, Any] = {
    "title": "Bench",
    "type": "object",
    "properties": {
        "company_id": {"title": "Company ID", "type": "string"},
        "company_name": {"title": "Company Name", "type": "string", "maxLength": 200},
        "employees": {
            "title": "Number of Employees",
            "type": "number",
            "minimum": 0,
            "filterable": True,
        },
        "value": {"title": "Contract Value", "type": "number", "format": "currency"},
        "close_date": {"title": "Expected Close Date", "type": "string", "format": "date"},
        "international": {"title": "International?", "type": "boolean"},
        "notes": {"title": "Notes", "type": "string", "format": "long-text"},
        "email": {"title": "Contact Email", "type": "string", "format": "email"},
        "phone": {"title": "Phone", "type": "string", "format": "phone"},
        "site": {"title": "Website", "type": "string", "format": "uri"},
        "region": {"title": "Region", "enum": list(REGIONS)},
        "labels": {"title": "Labels", "type": "array", "items": {"enum": ["a", "b", "c"]}},
        "called_at": {"title": "Called At", "type": "string", "format": "date-time"},
    },
    "workflow": {
        "uniqueId": "company_id",
        "stages": [{"name": name, "end": name == "Done"} for name in STAGES],
        "lists": [{"filter": ["region"], "sort": ["-value"]}],
    },
}


def file(workflow: str, *search: str) -> Mapping[str, Any]:
    """Give the workflow file under an id, perhaps with fields that are searched."""
    if not search:
        return {"$id": workflow, **_FILE}
    return {"$id": workflow, **_FILE, "workflow": {**_FILE["workflow"], "search": list(search)}}


def unique(number: int) -> str:
    """Spell a unique ID."""
    return f"C-{number:08d}"


def task(number: int) -> dict[str, object]:
    """Make a task as a client sends it; every tenth is assigned."""
    made: dict[str, object] = {
        "Company ID": unique(number),
        "Company Name": f"Company number {number} with a name of usual length",
        "Number of Employees": number % MOST_EMPLOYEES,
        "Contract Value": f"{number % 90000}.25",
        "Expected Close Date": f"20{20 + number % 9}-{1 + number % 12:02d}-{1 + number % 28:02d}",
        "International?": number % 3 == 0,
        "Notes": "Spoke to them about the renewal; they want another quote by the end of it. " * 2,
        "Contact Email": f"contact{number}@example.com",
        "Phone": f"+1 555 {number % 10_000_000:07d}",
        "Website": f"https://www.example.com/customers/{number}",
        "Region": REGIONS[number % 3],
        "Labels": [("a", "b", "c")[number % 3]],
        "Called At": f"2025-03-{1 + number % 28:02d}T10:20:30Z",
        "Stage": STAGES[number % 3],
    }
    if number % 10 == 0:
        made["Assigned To"] = EMAIL
    return made


def changed(number: int) -> dict[str, object]:
    """Make the same task with two other values."""
    return {
        **task(number),
        "Company Name": f"Company number {number} with another name",
        "Number of Employees": (number + 1) % MOST_EMPLOYEES,
    }


def lines(tasks: Iterator[Mapping[str, object]]) -> bytes:
    """Spell tasks as NDJSON."""
    return b"".join(orjson.dumps(task) + b"\n" for task in tasks)
