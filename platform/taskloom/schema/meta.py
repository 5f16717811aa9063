"""The meta-schema of workflow files, as data; the server publishes it at `/schemas/workflow.json`.

It reads on its own, without any other document. `errorMessage` and `patternErrorMessage` say what
people read when a value is refused; some editors show them too.
"""

from collections.abc import Mapping
from typing import Final

from taskloom.schema.formats import known_formats
from taskloom.schema.walk import Schema

ADDRESS: Final = "/schemas/workflow.json"
MOST_FIELDS: Final = 500
MOST_HOURS: Final = 87_600
MOST_LISTS: Final = 16
MOST_SECTIONS: Final = 50
KEY: Final = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
KEY_RULE: Final = "must be 1 to 64 letters, digits, '_' and '-', and start with a letter or a digit"
TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")

_TEXT: Final = {"type": "string"}
_FLAG: Final = {"type": "boolean"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_NUMBER: Final = {"type": "number"}
_SCHEMA: Final = {"$ref": "#/$defs/schema"}
_SCHEMAS: Final = {"type": "array", "minItems": 1, "items": _SCHEMA}
_NAMED: Final = {"type": "object", "additionalProperties": _SCHEMA}
_NAMES: Final = {"type": "array", "items": _TEXT, "uniqueItems": True}
_COLOUR: Final = {
    "type": "string",
    "pattern": "^(#[0-9A-Fa-f]{6}|[a-z]{3,20})$",
    "patternErrorMessage": "must be a colour like #2f80ed or a name like green",
}
_SHOWN: Final = {"type": "string", "minLength": 1, "maxLength": 200}

KEYWORDS: Final[Mapping[str, object]] = {
    "type": {
        "anyOf": [
            {"enum": list(TYPES)},
            {"type": "array", "items": {"enum": list(TYPES)}, "minItems": 1, "uniqueItems": True},
        ]
    },
    "enum": {"type": "array", "minItems": 1, "uniqueItems": True},
    "const": True,
    "multipleOf": {"type": "number", "exclusiveMinimum": 0},
    "maximum": _NUMBER,
    "exclusiveMaximum": _NUMBER,
    "minimum": _NUMBER,
    "exclusiveMinimum": _NUMBER,
    "maxLength": _COUNT,
    "minLength": _COUNT,
    "pattern": _TEXT,
    "maxItems": _COUNT,
    "minItems": _COUNT,
    "uniqueItems": _FLAG,
    "maxContains": _COUNT,
    "minContains": _COUNT,
    "maxProperties": _COUNT,
    "minProperties": _COUNT,
    "required": _NAMES,
    "dependentRequired": {"type": "object", "additionalProperties": _NAMES},
    "properties": _NAMED,
    "patternProperties": _NAMED,
    "additionalProperties": _SCHEMA,
    "propertyNames": _SCHEMA,
    "items": _SCHEMA,
    "prefixItems": _SCHEMAS,
    "contains": _SCHEMA,
    "allOf": _SCHEMAS,
    "anyOf": _SCHEMAS,
    "oneOf": _SCHEMAS,
    "not": _SCHEMA,
    "if": _SCHEMA,
    "then": _SCHEMA,
    "else": _SCHEMA,
    "dependentSchemas": _NAMED,
    "$ref": {
        "type": "string",
        "pattern": "^#(/|$)",
        "patternErrorMessage": "must lead to a place in this file, like #/$defs/address",
    },
    "$defs": _NAMED,
    "$comment": _TEXT,
    "title": _TEXT,
    "description": _TEXT,
    "default": True,
    "examples": {"type": "array"},
    "deprecated": _FLAG,
    "readOnly": _FLAG,
    "writeOnly": _FLAG,
    "contentEncoding": _TEXT,
    "contentMediaType": _TEXT,
}
"""JSON Schema's own keywords, `format` excepted, which depends on the kinds there are."""

FIELD_KEYWORDS: Final[Mapping[str, object]] = {
    "filterable": {**_FLAG, "description": "The field is indexed, so lists filter by it fast."},
    "editable": {**_FLAG, "description": "False: set at creation, fixed afterwards (`readOnly`)."},
    "writeOnce": {**_FLAG, "description": "A value stays once there is one."},
    "future": {**_FLAG, "description": "A date lies in the future when it is set."},
    "auto": {
        "enum": ["creator", "now"],
        "description": "What a new task gets where nothing is given: who creates it, or when.",
    },
}
"""Our keywords beside those of JSON Schema, for fields only."""

_STAGE: Final = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {**_SHOWN, "description": "What people see; may change."},
        "key": {**_SHOWN, "description": "What tasks store; the first name where absent."},
        "initial": {**_FLAG, "description": "New tasks start here; else in the first stage."},
        "end": {**_FLAG, "description": "Work is over here."},
        "colour": _COLOUR,
        "require": {**_NAMES, "description": "Fields that must be set to enter."},
        "wipLimit": {"type": "integer", "minimum": 1},
        "checklist": {"type": "array", "items": _SHOWN},
    },
}

_ROWS: Final = {
    "description": "Which tasks: all, none, or those one created or is assigned to.",
    "anyOf": [
        {"enum": ["all", "none"]},
        {
            "type": "array",
            "items": {"enum": ["created", "assigned"]},
            "minItems": 1,
            "uniqueItems": True,
        },
    ],
    "errorMessage": 'must be "all", "none", or a list of "created" and "assigned"',
}
_ROLE: Final = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {**_SHOWN, "description": "What people see; may change."},
        "id": {"type": "string", "pattern": KEY, "patternErrorMessage": KEY_RULE},
        "for": {
            "description": "The workspace roles that have this one unless a user is given another.",
            "type": "array",
            "items": {"enum": ["admin", "manager", "member"]},
            "uniqueItems": True,
        },
        "admin": {**_FLAG, "description": "May do everything."},
        "create": _FLAG,
        "see": _ROWS,
        "update": _ROWS,
        "delete": _ROWS,
        "assign": {"enum": ["anyone", "self", "nobody"]},
        "move": {"enum": ["freely", "actions"], "description": "How stages may be changed."},
        "colleagues": {**_FLAG, "description": "False: sees no other collaborators."},
        "export": {**_FLAG, "description": "False: takes no files of tasks away."},
        "fields": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"read": _FLAG, "write": _ROWS},
            },
        },
    },
}
_APPROVALS: Final = {
    "type": "object",
    "required": ["steps"],
    "additionalProperties": False,
    "properties": {
        "steps": {**_TEXT, "description": "The field of the approval steps."},
        "owner": {**_TEXT, "description": "The person field that names who answers for a task."},
        "stages": {
            "type": "object",
            "required": ["start", "waiting", "done", "returned", "cancelled"],
            "additionalProperties": False,
            "properties": dict.fromkeys(
                ("start", "waiting", "done", "returned", "cancelled"), _SHOWN
            ),
        },
        "restartOn": {
            **_NAMES,
            "description": "Fields, or `assignees`, whose change starts the process anew.",
        },
    },
}
_CHECKLIST: Final = {
    "type": "object",
    "required": ["items"],
    "additionalProperties": False,
    "properties": {
        "items": {**_TEXT, "description": "The field of the checklist."},
        "progress": {**_TEXT, "description": "The number field of the share that is done."},
        "stages": {
            "type": "object",
            "required": ["none", "some", "all"],
            "additionalProperties": False,
            "properties": dict.fromkeys(("none", "some", "all"), _SHOWN),
        },
    },
}
_REMINDER: Final = {
    "type": "object",
    "required": ["date", "hoursBefore"],
    "additionalProperties": False,
    "properties": {
        "date": {**_TEXT, "description": "The date field that a task is to be done by."},
        "hoursBefore": {
            "description": "How long before to remind: hours, or the field that holds them.",
            "anyOf": [_TEXT, {"type": "number", "minimum": 0, "maximum": MOST_HOURS}],
            "errorMessage": "must be the key of a number field, "
            f"or a number of hours from 0 to {MOST_HOURS}",
        },
    },
}
_LISTED: Final = {**_NAMES, "minItems": 1, "maxItems": 6}
_LIST: Final = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "filter": {
            **_LISTED,
            "description": "What it is filtered by: field keys, `_stage`, `_assignee`, "
            "`_created`, `_updated`.",
        },
        "sort": {
            **_LISTED,
            "description": "What it is then sorted by, `-` before it for descending.",
        },
    },
}
_LINK: Final = {
    "type": "object",
    "required": ["name", "to", "inverse", "cardinality"],
    "additionalProperties": False,
    "properties": {
        "key": {"type": "string", "pattern": KEY, "patternErrorMessage": KEY_RULE},
        "name": {**_SHOWN, "description": "What the link is called here."},
        "to": {**_TEXT, "description": "The `$id` of the other workflow."},
        "inverse": {**_SHOWN, "description": "What the link is called there."},
        "cardinality": {"enum": ["one-to-one", "one-to-many", "many-to-one", "many-to-many"]},
    },
}
_SECTION: Final = {
    "type": "object",
    "required": ["title", "fields"],
    "additionalProperties": False,
    "properties": {
        "title": _SHOWN,
        "description": _TEXT,
        "fields": {**_NAMES, "minItems": 1, "description": "Keys of the fields, in their order."},
        "show": {**_SCHEMA, "description": "Shown while the task fits this; always where absent."},
    },
}
_FACADE: Final = {
    "type": "object",
    "required": ["dialect", "mount"],
    "additionalProperties": False,
    "properties": {
        "dialect": {**_TEXT, "description": "A wire dialect, like task-management."},
        "mount": {
            "type": "string",
            "pattern": "^(/|(/[a-z0-9][a-z0-9_-]*){1,4})$",
            "patternErrorMessage": "must be a path like /crm/v1, of 1 to 4 parts",
        },
        "fields": {
            "description": "The dialect's names to field keys; the same name where left out.",
            "type": "object",
            "additionalProperties": _TEXT,
        },
        "status": {
            "description": "The dialect's statuses to stage names; of several the first is set.",
            "type": "object",
            "additionalProperties": {"anyOf": [_TEXT, {**_NAMES, "minItems": 1}]},
        },
        "values": {
            "description": "By the dialect's name, its values to options; the first is set.",
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": {"anyOf": [_TEXT, {**_NAMES, "minItems": 1}]},
            },
        },
    },
}

_WORKFLOW: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "uniqueId": {
            "description": "The field that tells tasks apart.",
            "anyOf": [
                _TEXT,
                {
                    "type": "object",
                    "required": ["field"],
                    "additionalProperties": False,
                    "properties": {"field": _TEXT, "autoIncrement": _FLAG},
                },
            ],
            "errorMessage": 'must be a field key, or {"field": key, "autoIncrement": true}; '
            "a workflow has at most one unique ID",
        },
        "stages": {"type": "array", "minItems": 1, "items": _STAGE},
        "transitions": {
            "description": "Which stage may follow which, by name.",
            "anyOf": [{"const": "any"}, {"type": "object", "additionalProperties": _NAMES}],
            "errorMessage": 'must be "any", or {"From stage": ["To stage", …]}',
        },
        "unknown": {"enum": ["refuse", "ignore"], "description": "Unknown names in a write."},
        "assignees": {"enum": ["one", "many"]},
        "roles": {"type": "array", "minItems": 1, "items": _ROLE},
        "approvals": _APPROVALS,
        "checklist": _CHECKLIST,
        "reminders": {"type": "array", "minItems": 1, "items": _REMINDER},
        "links": {"type": "array", "items": _LINK},
        "lists": {
            "description": "Lists that an index is to serve.",
            "type": "array",
            "maxItems": MOST_LISTS,
            "items": _LIST,
        },
        "search": {**_NAMES, "minItems": 1, "description": "Fields whose words are indexed."},
        "sections": {
            "description": "Parts of the form, with a heading each; other fields come after them.",
            "type": "array",
            "maxItems": MOST_SECTIONS,
            "items": _SECTION,
        },
        "facade": {"type": "array", "items": _FACADE},
    },
}

_FILE: Final[Mapping[str, object]] = {
    **KEYWORDS,
    "$schema": _TEXT,
    "$id": {"type": "string", "pattern": KEY, "patternErrorMessage": KEY_RULE},
    "title": _SHOWN,
    "type": {"const": "object"},
    "properties": {
        "type": "object",
        "maxProperties": MOST_FIELDS,
        "propertyNames": {"pattern": KEY, "patternErrorMessage": KEY_RULE},
        "additionalProperties": {"$ref": "#/$defs/field"},
    },
    "unevaluatedProperties": _SCHEMA,
    "workflow": {"$ref": "#/$defs/workflow"},
}
FILE_KEYWORDS: Final = frozenset(_FILE)


def meta_schema() -> Schema:
    """Assemble the meta-schema from its parts and the formats of the registered kinds."""
    keywords = {**KEYWORDS, "format": {"enum": list(known_formats())}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ADDRESS,
        "title": "Workflow",
        "description": "A kind of work: a JSON Schema of its tasks, and how they move.",
        "type": "object",
        "required": ["$id", "properties"],
        "properties": dict(_FILE),
        "$defs": {
            "schema": {"type": ["object", "boolean"], "properties": keywords},
            "field": {
                "type": "object",
                "properties": {**keywords, **FIELD_KEYWORDS, "title": _SHOWN},
            },
            "workflow": _WORKFLOW,
        },
    }
