"""Every shipped workflow file loads, compiles and takes a task as a team would write it."""

import json
from pathlib import Path
from typing import Any

import pytest

from taskloom.schema.compile import compile_source
from taskloom.schema.compiled import Compiled
from taskloom.schema.load import faults_of

FOLDER = Path(__file__).parents[2] / "workflow_schemas"
NAMES = sorted(file.stem for file in FOLDER.glob("*.json"))
USER = "64b7f0a1c2d3e4f5a6b7c8d1"


class Anybody:
    def id_of(self, email: str) -> str | None:  # noqa: ARG002 - fulfils `People`
        return USER

    def email_of(self, user: str) -> str | None:  # noqa: ARG002 - fulfils `People`
        return "team@example.com"


def compiled(name: str) -> Compiled:
    source = FOLDER.joinpath(f"{name}.json").read_text("utf-8")
    return compile_source(source, workspace="main", uid="u1", version=1)


SAMPLES: dict[str, dict[str, Any]] = {
    "approvals": {
        "title": "Approve the quarterly report",
        "description": "All chapters but the last are final.",
        "dueDate": "2030-01-31T12:00:00Z",
        "owner": "team@example.com",
        "locationResource": "wb-1",
        "locationSegment": "sheet-2",
        "notificationsDisabled": True,
        "sourceUrl": "https://example.com/reports/1",
        "approvalSteps": [
            {
                "completionMode": "ALL",
                "participants": ["team@example.com"],
                "dueDate": "2030-02-28T12:00:00+02:00",
            }
        ],
    },
    "bug-tracker": {
        "number": 1,
        "summary": "Export stops at row 10000",
        "severity": "Critical",
        "component": "Import",
        "steps": "Export a workflow with 20000 tasks.",
        "found_in": "2.1",
        "reporter": "team@example.com",
        "labels": ["export"],
        "found_on": "2025-01-31",
        "ticket": "https://example.com/tickets/7",
    },
    "content-review": {
        "title": "Ten ways to number an invoice",
        "brief": "Why numbers without gaps save time.",
        "channel": "Newsletter",
        "author": "team@example.com",
        "reviewer": "team@example.com",
        "publish_on": "2030-01-31",
        "draft": "https://example.com/drafts/7",
        "checks": [{"text": "Agree on the brief", "done": True}, {"text": "Check the facts"}],
        "progress": 50,
        "slug": "number-an-invoice",
    },
    "customer-onboarding": {
        "customer_id": "C-10042",
        "company": "Example Ltd",
        "contact_email": "contact@example.com",
        "contact_phone": "+44 20 7946 0000",
        "plan": "Enterprise",
        "modules": ["Reporting"],
        "seats": 250,
        "contract_value": "120000.00",
        "contract_signed_on": "2025-01-31",
        "discount": 12.5,
        "discount_reason": "Three years paid ahead",
        "go_live_on": "2025-04-01",
        "kickoff_at": "2025-02-10T09:00:00+01:00",
        "manager": "team@example.com",
        "team": ["team@example.com"],
        "satisfaction": 5,
    },
    "invoice-approval": {
        "number": 1,
        "supplier": "Example Ltd",
        "invoice_number": "2025/117",
        "invoice_date": "2025-01-31",
        "received_at": "2025-02-03T08:15:00Z",
        "pay_by": "2030-03-02",
        "amount": "7400.00",
        "cost_centre": "Research",
        "purchase_order": "PO-10042",
        "requester": "team@example.com",
        "approval": [
            {"completionMode": "ONE", "participants": ["team@example.com"]},
            {"completionMode": "ALL", "participants": ["team@example.com"]},
        ],
        "account": "XX00EXAMPLE0000000042",
    },
    "sales-pipeline": {
        "company_id": 42,
        "company_name": "Example Ltd",
        "employees": "10",
        "value": 10000,
        "close_date": "2025-01-31",
        "international": True,
    },
    "task-management": {
        "title": "Write the tutorial",
        "description": "From install to first task.",
        "priority": "URGENT",
        "dueDate": "2030-01-31T12:00:00Z",
        "warningOffset": 24,
        "tags": ["docs"],
    },
    "team-tasks": {
        "title": "Prepare the release",
        "priority": "High",
        "dueDate": "2025-01-31",
        "attachments": ["https://example.com/plan.pdf"],
        "todoChecklist": [{"text": "Write the notes"}, {"id": USER, "text": "Tag", "done": True}],
        "progress": 50,
    },
}

WRONG: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "approvals": (
        {"title": "", "locationSegment": "sheet-2"},
        {("title", "can't be blank"), ("locationResource", "can't be blank")},
    ),
    "bug-tracker": (
        {"summary": "It breaks", "severity": "Critical", "found_in": "two"},
        {
            ("component", "can't be blank"),
            ("steps", "can't be blank"),
            ("found_in", "must be a version like 2.1 or 2.1.3"),
        },
    ),
    "customer-onboarding": (
        {
            "customer_id": "10042",
            "company": "Example Ltd",
            "contact_email": "contact@example.com",
            "plan": "Enterprise",
            "discount": 50,
        },
        {
            ("customer_id", "must look like C-10042"),
            ("discount", "must be at most 40"),
            ("discount_reason", "can't be blank"),
            ("contract_value", "can't be blank"),
            ("manager", "can't be blank"),
        },
    ),
    "content-review": (
        {"slug": "Number an Invoice", "progress": 101},
        {
            ("title", "can't be blank"),
            ("slug", "must be small letters, digits and single hyphens"),
            ("progress", "must be at most 100"),
        },
    ),
    "invoice-approval": (
        {"supplier": "Example Ltd", "amount": 5000, "cost_centre": "Sales", "account": "42"},
        {
            ("invoice_number", "can't be blank"),
            ("purchase_order", "can't be blank"),
            ("account", "must be an IBAN without blanks"),
        },
    ),
    "task-management": (
        {"title": " ", "priority": "LOW", "warningOffset": -1, "tags": ["x" * 51, *"abcdefghij"]},
        {
            ("title", "can't be blank"),
            ("dueDate", "can't be blank"),
            ("warningOffset", "must be at least 0"),
            ("tags", "must have at most 50 characters"),
            ("tags", "must have at most 10 entries"),
        },
    ),
    "team-tasks": (
        {"title": "a", "progress": 101, "attachments": ["plan.pdf", ""]},
        {
            ("dueDate", "can't be blank"),
            ("progress", "must be at most 100"),
            ("attachments", "must have at least 1 character"),
        },
    ),
}


def parsed(workflow: Compiled, wire: dict[str, Any]) -> dict[str, Any]:
    return {key: workflow.codecs[key].parse(value, Anybody()) for key, value in wire.items()}


def test_every_file_has_a_sample_here() -> None:
    assert NAMES == sorted(SAMPLES)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_file_has_no_fault_and_is_named_after_its_id(name: str) -> None:
    source = FOLDER.joinpath(f"{name}.json").read_text("utf-8")

    assert [] == faults_of(source)
    assert (name, "/schemas/workflow.json") == (
        json.loads(source)["$id"],
        json.loads(source)["$schema"],
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_task_passes_and_comes_back_from_the_store(name: str) -> None:
    workflow = compiled(name)

    values = {**workflow.defaults, **parsed(workflow, SAMPLES[name])}

    assert [] == [*workflow.check(values)]
    assert values == workflow.unpack(workflow.pack(values))


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_task_is_told_what_would_be_right(name: str) -> None:
    workflow = compiled(name)
    wire, expected = WRONG[name]

    assert expected == {
        (fault.path[0], fault.message) for fault in workflow.check(parsed(workflow, wire))
    }


@pytest.mark.parametrize(
    ("name", "initial", "ends"),
    [
        ("approvals", "Created", {"Approved", "Completed", "Cancelled"}),
        ("bug-tracker", "New", {"Resolved", "Won't Fix"}),
        ("content-review", "Idea", {"Published", "Dropped"}),
        ("customer-onboarding", "Contract signed", {"Live", "Lost"}),
        ("invoice-approval", "Received", {"Paid", "Cancelled"}),
        ("sales-pipeline", "Not Started", {"Done"}),
        ("task-management", "TODO", {"DONE", "CANCELED"}),
        ("team-tasks", "Pending", {"Completed"}),
    ],
)
def test_work_starts_and_ends_where_the_file_says(name: str, initial: str, ends: set[str]) -> None:
    workflow = compiled(name).workflow

    assert (initial, ends) == (
        workflow.initial,
        {stage.name for stage in workflow.stages if stage.end},
    )


def test_a_task_of_task_management_moves_only_as_documented() -> None:
    assert {
        "TODO": {"IN_PROGRESS", "CANCELED"},
        "IN_PROGRESS": {"REVIEW", "CANCELED"},
        "REVIEW": {"IN_PROGRESS", "DONE", "CANCELED"},
        "DONE": {"CANCELED"},
        "CANCELED": set(),
    } == dict(compiled("task-management").workflow.transitions or {})


def test_bugs_are_numbered_and_resolved_only_with_the_version_that_fixes_them() -> None:
    bugs = compiled("bug-tracker")

    assert ("number", True) == (bugs.workflow.unique_id, bugs.fields["number"].auto_increment)
    assert ("fixed_in",) == bugs.stages["Resolved"].require


@pytest.mark.parametrize("name", ["approvals", "team-tasks"])
def test_tasks_of_a_team_may_have_several_assignees(name: str) -> None:
    assert compiled(name).workflow.several
