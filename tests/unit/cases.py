"""A workflow with roles that limit everything there is to limit, and people who have them."""

from collections.abc import Mapping
from typing import Any, Final

CASES: Final[Mapping[str, Any]] = {
    "$id": "cases",
    "title": "Cases",
    "type": "object",
    "properties": {
        "ref": {"title": "Reference", "type": "string"},
        "name": {"title": "Name", "type": "string"},
        "margin": {"title": "Margin", "type": "integer", "default": 7, "maximum": 100},
        "progress": {"title": "Progress", "type": "integer"},
        "paper": {"title": "Paper", "type": "array", "items": {"format": "file"}},
        "secret": {"title": "Secret", "type": "array", "items": {"format": "file"}},
    },
    "if": {"properties": {"name": {"const": "big"}}, "required": ["name"]},
    "then": {"properties": {"margin": {"minimum": 10}}},
    "workflow": {
        "uniqueId": "ref",
        "stages": [
            {"name": "New"},
            {"name": "Doing"},
            {"name": "Done", "end": True, "require": ["secret"]},
        ],
        "roles": [
            {"name": "Lead", "id": "lead", "for": ["manager"], "admin": True},
            {
                "name": "Agent",
                "id": "agent",
                "for": ["member"],
                "see": ["created", "assigned"],
                "update": ["created", "assigned"],
                "delete": ["created"],
                "assign": "self",
                "fields": {
                    "margin": {"read": False},
                    "secret": {"read": False},
                    "progress": {"write": ["assigned"]},
                },
            },
            {
                "name": "Clerk",
                "id": "clerk",
                "create": False,
                "update": ["assigned"],
                "assign": "nobody",
                "move": "actions",
                "colleagues": False,
            },
        ],
    },
}
