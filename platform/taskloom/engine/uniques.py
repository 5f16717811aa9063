"""Unique IDs as people write them in addresses."""

from typing import cast

from taskloom.errors import Refusal
from taskloom.fields.base import People
from taskloom.model.values import Value
from taskloom.schema.compiled import Compiled


def canonical(workflow: Compiled, unique: object, people: People) -> str | None:
    """Return the canonical text of a unique ID, or None for what can be none."""
    key = workflow.workflow.unique_id
    if key is None:
        return None
    try:
        value = workflow.codecs[key].parse(unique, people)
    except Refusal:
        return None
    return workflow.unique_text(cast(Value, value))
