"""The main pages, drawn with a workflow as people have it; `PICTURES=write` keeps pictures of them.

The pictures go to `docs/pictures/NAME.png`.
"""

import os
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import requests
from bson import ObjectId
from playwright.sync_api import FilePayload, Page, StorageState, expect

from taskloom.storage.client import connect
from tests.servers import ROOT, Server
from tests.web.conftest import MakeWorkflow

Ask = Callable[..., requests.Response]

PICTURES: Final = ROOT / "docs" / "pictures"
WRITE: Final = os.environ.get("PICTURES") == "write"
SIZE: Final = {"width": 1440, "height": 900}
PEOPLE: Final = tuple(f"{name}@example.com" for name in ("ann", "ben", "carla", "dev", "eli"))
COMPANIES: Final = (
    "Alder & Finch",
    "Blue Harbour Foods",
    "Copperline Energy",
    "Dovetail Joinery",
    "Eastgate Logistics",
    "Fernhill Dairy",
    "Granite Peak Outdoor",
    "Hollow Oak Press",
    "Ironbridge Tools",
    "Juniper Health",
    "Kestrel Aviation",
    "Lumen Optics",
    "Meridian Freight",
    "Northwind Cycles",
    "Orchard Lane School",
    "Pinewood Furniture",
    "Quarry Road Brewery",
    "Redwood Analytics",
    "Saltmarsh Fisheries",
    "Tidewater Ceramics",
)
FILE: Final[Mapping[str, Any]] = {
    "title": "Customer orders",
    "description": "From the first call to the invoice.",
    "type": "object",
    "required": ["number", "customer"],
    "properties": {
        "number": {"title": "Order", "type": "string", "pattern": "^SO-[0-9]{4}$"},
        "customer": {"title": "Customer", "type": "string", "filterable": True},
        "value": {"title": "Value", "type": "number", "format": "currency", "minimum": 0},
        "priority": {
            "title": "Priority",
            "type": "string",
            "enum": ["Low", "Normal", "High", "Urgent"],
            "filterable": True,
        },
        "ship_by": {"title": "Ship by", "type": "string", "format": "date", "filterable": True},
        "products": {
            "title": "Products",
            "type": "array",
            "items": {"type": "string", "enum": ["Desk", "Chair", "Lamp", "Shelf", "Screen"]},
        },
        "express": {"title": "Express?", "type": "boolean"},
        "contact": {"title": "Contact", "type": "string", "format": "email"},
        "account_manager": {"title": "Account manager", "type": "string", "format": "person"},
        "checklist": {"title": "Checklist", "type": "array", "format": "checklist"},
        "papers": {"title": "Papers", "type": "array", "items": {"format": "file"}, "maxItems": 5},
        "notes": {"title": "Notes", "type": "string", "format": "long-text"},
    },
    "workflow": {
        "uniqueId": "number",
        "stages": [
            {"name": "New", "initial": True, "colour": "grey"},
            {"name": "Confirmed", "colour": "blue", "require": ["ship_by"]},
            {"name": "In production", "colour": "purple", "wipLimit": 12},
            {"name": "Quality check", "colour": "orange"},
            {"name": "Shipped", "colour": "green", "end": True},
            {"name": "Cancelled", "colour": "red", "end": True},
        ],
        "transitions": "any",
        "checklist": {"items": "checklist"},
    },
}
WEIGHTS: Final = (14, 17, 11, 8, 62, 6)
NOTE: Final = "Delivery between 8 and 11, at the back entrance.\nCall before unloading."


def rows(chance: random.Random) -> list[dict[str, Any]]:
    """Make believable orders; the days are around today."""
    stages = [stage["name"] for stage in FILE["workflow"]["stages"]]
    today = datetime.now(UTC).date()
    made = []
    for place in range(120):
        stage = chance.choices(stages, WEIGHTS)[0]
        late = chance.randint(-60, 0) if stage in stages[-2:] else chance.randint(-6, 30)
        customer = COMPANIES[place % len(COMPANIES)]
        products = chance.sample(["Desk", "Chair", "Lamp", "Shelf", "Screen"], chance.randint(1, 3))
        made.append(
            {
                "Order": f"SO-{4101 + place}",
                "Customer": customer,
                "Value": str(chance.randint(8, 480) * 50),
                "Priority": chance.choices(["Low", "Normal", "High", "Urgent"], (2, 6, 3, 1))[0],
                "Ship by": (today + timedelta(days=late)).isoformat(),
                "Products": products,
                "Express?": chance.random() < 0.2,
                "Contact": f"orders@{customer.lower().split()[0]}.example.com",
                "Account manager": chance.choice(PEOPLE),
                "Assigned To": chance.choice([*PEOPLE, None]),
                "Notes": NOTE if place % 3 == 0 else None,
                "Checklist": [
                    {"text": "Confirm the address", "done": stage != "New"},
                    {"text": "Reserve the material", "done": stage not in stages[:2]},
                    {"text": "Send the invoice", "done": stage == "Shipped"},
                ],
                "Stage": stage,
            }
        )
    return made


def file_to_import() -> str:
    """Make a file as another program writes it: one of its columns has no field yet."""
    lines = [
        f"SO-{4301 + place};{company};{950 + 75 * place},00;{place + 2:02}.12.2026;High;Gate 4"
        for place, company in enumerate(COMPANIES)
    ]
    return "\n".join(["Order;Customer;Value;Ship by;Priority;Delivery note", *lines])


def aged(server: Server, api: Ask, workflow: str, chance: random.Random) -> None:
    """Move what happened into the past: reports tell of weeks, and a test has seconds."""
    uri = server.settings["TASKLOOM_MONGODB_URI"]
    database = connect(uri, urlsplit(uri).path.removeprefix("/"))
    tasks = api("GET", f"/workflows/{workflow}/tasks", params={"_fields": "Task URL,Stage"}).json()
    ids = [ObjectId(task["Task URL"].rpartition("/")[2]) for task in tasks]
    [tasks_of] = [
        database[name]
        for name in database.list_collection_names()
        if name.startswith("tasks_") and database[name].find_one({"_id": ids[0]})
    ]
    day = 24 * 60 * 60 * 1000
    for task in tasks_of.find({"_id": {"$in": ids}}, {"at": 1, "ev.t": 1}):
        began = task["at"] - chance.randint(2, 84) * day - chance.randint(0, day)
        length = task["at"] - began
        parts = sorted(chance.random() for _ in task["ev"][1:])
        times = [began, *(began + int(part * length) for part in parts)]
        changed = {f"ev.{place}.t": moment for place, moment in enumerate(times)}
        tasks_of.update_one({"_id": task["_id"]}, {"$set": {"at": began, **changed}})
    database.client.close()


@pytest.fixture(scope="module")
def folder() -> Path | None:
    """Make the folder that pictures go to, if they shall be kept."""
    if not WRITE:
        return None
    PICTURES.mkdir(exist_ok=True)
    return PICTURES


@pytest.fixture
def orders(server: Server, api: Ask, make_workflow: MakeWorkflow) -> str:
    """Make a workflow of orders that have come some of their way."""
    chance = random.Random(7)
    for email in PEOPLE:
        api("POST", "/users", json={"email": email})
    made = rows(chance)
    stages = [stage["name"] for stage in FILE["workflow"]["stages"]]
    workflow = make_workflow(FILE, [{**row, "Stage": "New"} for row in made])
    for step in stages[1:4]:
        passed = [row for row in made if stages.index(row["Stage"]) >= stages.index(step)]
        moves = [{"Order": row["Order"], "Stage": step} for row in passed]
        assert api("POST", f"/workflows/{workflow}/tasks/bulk", json=moves).ok
    ends = [{"Order": row["Order"], "Stage": row["Stage"]} for row in made]
    assert api("POST", f"/workflows/{workflow}/tasks/bulk", json=ends).json()["refused"] == 0
    aged(server, api, workflow, chance)
    return workflow


@pytest.fixture
def wide(new_page: Callable[..., Page], admin_state: StorageState) -> Page:
    """Give a page of the size of pictures, with the admin signed in."""
    return new_page(storage_state=admin_state, viewport=SIZE)


def test_the_main_pages_draw(wide: Page, api: Ask, orders: str, folder: Path | None) -> None:
    base = f"/workflows/{orders}"
    [task] = api("GET", f"{base}/tasks", params={"Order": "SO-4117"}).json()

    def keep(name: str) -> None:
        if folder is not None:
            wide.wait_for_timeout(400)
            wide.screenshot(path=folder / f"{name}.png")

    wide.goto(f"{base}?_sort=Order")
    expect(wide.get_by_text("SO-4101", exact=True).first).to_be_visible()
    keep("table")
    wide.goto(f"{base}/board")
    expect(wide.get_by_text("In production").first).to_be_visible()
    expect(wide.get_by_text("Ironbridge Tools").first).to_be_visible()
    keep("board")
    wide.goto(f"{base}/tasks/{task['Task URL'].rpartition('/')[2]}")
    expect(wide.get_by_text("Quarry Road Brewery").first).to_be_visible()
    keep("task")
    wide.goto(f"{base}/designer")
    expect(wide.get_by_text("Ship by").first).to_be_visible()
    keep("designer")
    wide.goto(f"{base}/import")
    file: FilePayload = {
        "name": "orders.csv",
        "mimeType": "text/csv",
        "buffer": file_to_import().encode(),
    }
    wide.locator("input[type=file]").first.set_input_files(file)
    expect(wide.get_by_text("Delivery note").first).to_be_visible()
    keep("import")
    wide.goto(f"{base}/reports")
    expect(wide.locator("svg .recharts-bar-rectangle").first).to_be_attached()
    expect(wide.get_by_role("region", name="Throughput").locator("tbody tr")).to_have_count(12)
    keep("reports")
