"""Workflow files: what is read from one, and every fault that a wrong one is told."""

import copy
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from taskloom.errors import Invalid
from taskloom.fields.base import KINDS
from taskloom.model.roles import STANDARD
from taskloom.model.rules import Facade
from taskloom.model.workflow import Stage, Workflow
from taskloom.schema import meta
from taskloom.schema.compile import compile_source
from taskloom.schema.hints import MOST_KNOWN, did_you_mean
from taskloom.schema.load import MOST_TOLD, FileFault, faults_of, load_workflow
from taskloom.schema.properties import NOBODY
from taskloom.schema.rules import REFUSED
from taskloom.schema.validators import assertions

FILE: dict[str, Any] = {
    "$id": "sales",
    "properties": {
        "name": {"type": "string"},
        "amount": {"title": "Amount", "type": "number", "format": "currency"},
        "count": {"type": "integer"},
    },
}


def text_of(**parts: object) -> str:
    return json.dumps({**FILE, **parts}, indent=1)


def with_field(schema: object, **parts: object) -> str:
    return text_of(properties={**FILE["properties"], "x": schema}, **parts)


def with_workflow(**parts: object) -> str:
    return text_of(workflow=parts)


def load(text: str, **parts: Any) -> Workflow:
    return load_workflow(text, workspace="main", uid="u1", version=3, **parts)


def line_of(text: str, path: str) -> int:
    """Find the line of a path in a file with one member a line, by walking down its names."""
    lines = text.splitlines()
    at = 0
    for depth, part in enumerate(re.findall(r"[^.\[\]]+", path), 1):
        if part.isdigit():
            items = [
                number
                for number, line in enumerate(lines[at + 1 :], at + 1)
                if re.match(rf"^ {{{depth}}}[^ \]}}]", line)
            ]
            at = items[int(part)]
        else:
            name = re.escape(json.dumps(part))
            at = next(
                (
                    number
                    for number, line in enumerate(lines[at:], at)
                    if re.match(rf"^ {{{depth}}}{name}:", line)
                ),
                at,
            )
    return at + 1


def test_a_file_becomes_a_workflow_with_everything_it_says() -> None:
    text = text_of(
        title="Sales",
        required=["name"],
        workflow={
            "uniqueId": "name",
            "stages": [
                {"name": "Open", "key": "o", "colour": "#2f80ed", "checklist": ["Call"]},
                {"name": "Won", "end": True, "require": ["amount"], "wipLimit": 5},
                {"name": "New", "initial": True},
            ],
            "transitions": {"New": ["Open"], "Open": ["Won", "New"]},
            "unknown": "ignore",
            "assignees": "many",
            "facade": [{"dialect": "workiva", "mount": "/"}],
        },
    )

    workflow = load(text)

    assert ("sales", "u1", "main", 3, "Sales", text) == (
        workflow.id,
        workflow.uid,
        workflow.workspace,
        workflow.version,
        workflow.title,
        workflow.source,
    )
    assert (
        Stage(key="o", name="Open", colour="#2f80ed", checklist=("Call",)),
        Stage(key="Won", name="Won", end=True, require=("amount",), wip_limit=5),
        Stage(key="New", name="New"),
    ) == workflow.stages
    assert "New" == workflow.initial
    assert {
        "New": frozenset({"o"}),
        "o": frozenset({"Won", "New"}),
        "Won": frozenset(),
    } == workflow.transitions
    assert ("name", True, True) == (
        workflow.unique_id,
        workflow.ignore_unknown,
        workflow.several,
    )
    assert (Facade(dialect="workiva", mount="/"),) == workflow.facades


def test_a_file_that_says_little_gets_the_usual_stages_and_rules() -> None:
    workflow = load(text_of())

    assert [("Not Started", False), ("In Progress", False), ("Done", True)] == [
        (stage.name, stage.end) for stage in workflow.stages
    ]
    assert ("Not Started", None, None, False, False, "sales", STANDARD, (), ()) == (
        workflow.initial,
        workflow.transitions,
        workflow.unique_id,
        workflow.ignore_unknown,
        workflow.several,
        workflow.title,
        workflow.roles,
        workflow.facades,
        workflow.links,
    )


def test_fields_say_what_their_property_says() -> None:
    workflow = load(
        text_of(
            required=["level"],
            properties={
                "level": {"title": "Level", "enum": ["Low", "High"], "filterable": True},
                "marks": {"type": "array", "items": {"enum": ["A", "B"]}, "editable": False},
                "papers": {"type": "array", "items": {"format": "file"}, "maxItems": 3},
                "more": {"type": "array", "items": {"format": "file"}},
                "number": {"type": "integer", "readOnly": True},
            },
            workflow={"uniqueId": {"field": "number", "autoIncrement": True}},
        )
    )

    level, marks, papers, more, number = workflow.fields
    assert ("level", "Level", "singleSelect", True, True, True) == (
        level.key,
        level.title,
        level.kind,
        level.required,
        level.editable,
        level.filterable,
    )
    assert ("marks", "multipleSelect", ("A", "B"), False, False) == (
        marks.title,
        marks.kind,
        marks.options,
        marks.required,
        marks.editable,
    )
    assert (("Low", "High"), (), 3, None) == (
        level.options,
        papers.options,
        papers.limit,
        more.limit,
    )
    assert (True, True, False) == (number.unique, number.auto_increment, number.editable)
    assert (False, False) == (level.unique, level.auto_increment)


def test_a_property_may_refer_to_a_definition_and_add_to_it() -> None:
    workflow = load(
        text_of(
            **{"$defs": {"code": {"type": "string", "title": "Code", "maxLength": 5},
                         "names": {"type": "array", "items": {"$ref": "#/$defs/code"}}}},
            properties={
                "a": {"$ref": "#/$defs/code", "title": "A"},
                "b": {"$ref": "#/$defs/names"},
            },
        )
    )  # fmt: skip

    assert [("A", "text"), ("b", "textList")] == [(f.title, f.kind) for f in workflow.fields]
    assert {"type": "string", "title": "A", "maxLength": 5} == workflow.fields[0].schema


@pytest.mark.parametrize("said", [None, "/schemas/sales", "https://example.com/sales.json"])
def test_the_callers_id_stands_in_for_a_missing_id_or_an_address(said: str | None) -> None:
    text = json.dumps({"properties": {}, **({"$id": said} if said else {})})

    workflow = load(text, id="orders")

    assert "orders" == workflow.id
    assert workflow == load(workflow.source)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (text_of(), "is 'sales', but the workflow is 'orders'"),
        (text_of(**{"$id": 5}), "must be text"),
    ],
)
def test_an_id_that_contradicts_the_callers_is_refused(text: str, message: str) -> None:
    assert [message] == [fault.message for fault in faults_of(text, id="orders")]


def test_numbers_of_a_file_are_exact() -> None:
    workflow = load(with_field({"type": "number", "multipleOf": Decimal("0.5") and 0.1}))

    assert Decimal("0.1") == workflow.fields[-1].schema["multipleOf"]


def test_loading_tells_every_fault_at_once_with_the_paths_of_the_file() -> None:
    with pytest.raises(Invalid) as refused:
        load(text_of(properties={"a": {"type": "strin"}, "b": {}}, required=["c"]))

    assert "the workflow file is invalid" == refused.value.message
    assert {("properties", "a", "type"), ("properties", "b", "type"), ("required", 0)} == {
        fault.path for fault in refused.value.faults
    }


def test_faults_come_in_the_order_of_their_lines() -> None:
    text = '{"$id": "a",\n"required": ["b"],\n"properties": {\n"_c": {"type": "string"}}}'

    assert [
        FileFault(line=2, path="required[0]", message="names no field: 'b'"),
        FileFault(
            line=4,
            path="properties._c",
            message="must be 1 to 64 letters, digits, '_' and '-', "
            "and start with a letter or a digit",
        ),
        FileFault(
            line=4,
            path="properties._c.title",
            message="must not start with '_'",
            hint="such names are the platform's own",
        ),
    ] == faults_of(text)


TYPES = "must be one of: array, boolean, integer, null, number, object, string"
KEY_RULE = "must be 1 to 64 letters, digits, '_' and '-', and start with a letter or a digit"
NOT_SEEN = "must be text that can be seen, without line breaks"
LONG_CHAIN = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(50)}
DOUBLING = {
    **{f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(20)},
    "d20": {"type": "string"},
}

ONE_ID = (
    'must be a field key, or {"field": key, "autoIncrement": true}; '
    "a workflow has at most one unique ID"
)

CASES = {
    "no object": ("[]", "(file)", "must be an object", ""),
    "no id": (
        json.dumps({"properties": {}}),
        "$id",
        "is missing",
        'the name in addresses, like "$id": "sales-pipeline"',
    ),
    "no properties": (
        '{"$id": "a"}',
        "properties",
        "is missing",
        'the fields, like "properties": {"name": {"type": "string"}}',
    ),
    "id": (text_of(**{"$id": "a b"}), "$id", KEY_RULE, ""),
    "address as id": (text_of(**{"$id": "/schemas/a"}), "$id", KEY_RULE, ""),
    "type of the file": (text_of(type="array"), "type", "must be object", ""),
    "properties": (text_of(properties=[]), "properties", "must be an object", ""),
    "too many fields": (
        text_of(properties={f"f{n}": {"type": "string"} for n in range(501)}),
        "properties",
        "must have at most 500 entries",
        "",
    ),
    "property": (with_field(True), "properties.x", "must be an object", ""),
    "key with a dot": (
        text_of(properties={"x y": {"type": "string"}}),
        "properties.x y",
        KEY_RULE,
        "",
    ),
    "type": (with_field({"type": "strng"}), "properties.x.type", TYPES, "did you mean 'string'?"),
    "types": (with_field({"type": ["text"]}), "properties.x.type[0]", TYPES, ""),
    "no type": (
        with_field({"title": "X"}),
        "properties.x.type",
        "is missing",
        'for a text field, add "type": "string"',
    ),
    "keyword's value": (
        with_field({"type": "string", "maxLength": -1}),
        "properties.x.maxLength",
        "must be at least 0",
        "",
    ),
    "keyword's type": (
        with_field({"type": "string", "filterable": "yes"}),
        "properties.x.filterable",
        "must be true or false",
        "",
    ),
    "slip of the pen": (
        with_field({"type": "string", "maxLenght": 5}),
        "properties.x.maxLenght",
        "is not a keyword",
        "did you mean 'maxLength'?",
    ),
    "slip of the pen in the file": (
        text_of(requierd=["name"]),
        "requierd",
        "is not a keyword",
        "did you mean 'required'?",
    ),
    "nested id": (
        with_field({"type": "string", "$id": "x"}),
        "properties.x.$id",
        "is not read here",
        "only the file itself has one",
    ),
    "unevaluated": (
        with_field({"type": "object", "unevaluatedProperties": False}),
        "properties.x.unevaluatedProperties",
        "is not read here",
        "use additionalProperties",
    ),
    "keyword of an older draft": (
        with_field({"type": "string", "dependencies": {"a": {"$ref": "https://example.com/a"}}}),
        "properties.x.dependencies",
        "is not read here",
        "use dependentRequired or dependentSchemas",
    ),
    "remote reference of the file": (
        text_of(**{"$ref": "https://example.com/a.json"}),
        "$ref",
        "must lead to a place in this file, like #/$defs/address",
        "",
    ),
    "format with another type": (
        with_field({"type": "number", "format": "date"}),
        "properties.x",
        "is no kind of field: type number with format date",
        "format date goes with type string",
    ),
    "no kind": (
        with_field({"type": ["string", "number"]}),
        "properties.x",
        "is no kind of field: type string or number",
        f"the kinds are: {', '.join(KINDS)}",
    ),
    "empty enum": (
        with_field({"type": "string", "enum": []}),
        "properties.x.enum",
        "must have at least 1 entry",
        "",
    ),
    "option twice": (
        with_field({"type": "string", "enum": ["a", "a"]}),
        "properties.x.enum",
        "must not hold the same entry twice",
        "",
    ),
    "option that is no text": (
        with_field({"enum": ["a", 5]}),
        "properties.x.enum[1]",
        "must be text",
        'to offer numbers, add "type": "number"',
    ),
    "empty option": (
        with_field({"type": "array", "items": {"type": "string", "enum": ["a", ""]}}),
        "properties.x.items.enum[1]",
        "must not be empty",
        "an unset field needs no option",
    ),
    "pattern": (
        with_field({"type": "string", "pattern": "^(?!a)"}),
        "properties.x.pattern",
        "uses look-ahead ((?!…), which no linear-time engine has",
        "use `not` with a second pattern",
    ),
    "pattern of names": (
        with_field({"type": "object", "patternProperties": {"(": True}}),
        "properties.x.patternProperties.(",
        "cannot be read: missing ): (",
        "patterns follow the syntax of RE2",
    ),
    "remote reference": (
        with_field({"$ref": "https://example.com/a.json"}),
        "properties.x.$ref",
        "must lead to a place in this file, like #/$defs/address",
        "",
    ),
    "dangling reference": (
        with_field({"$ref": "#/$defs/adress"}, **{"$defs": {"address": {"type": "string"}}}),
        "properties.x.$ref",
        "leads nowhere: there is no '#/$defs/adress'",
        "did you mean '#/$defs/address'?",
    ),
    "reference in a circle": (
        with_field({"type": "string"}, **{"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}}),
        "$defs.a.allOf[0].$ref",
        "leads back to itself",
        "",
    ),
    "long chain of references": (
        with_field({"type": "string"}, **{"$defs": {**LONG_CHAIN, "d50": {"type": "string"}}}),
        "$defs.d40.$ref",
        "leads through more than 40 schemas",
        "",
    ),
    "references that multiply": (
        with_field({"type": "string"}, **{"$defs": DOUBLING}),
        "$defs.d8",
        "multiplies to more than 10000 schemas for one value",
        "",
    ),
    "required": (
        text_of(required=["nane"]),
        "required[0]",
        "names no field: 'nane'",
        "did you mean 'name'?",
    ),
    "required by title": (
        text_of(required=["Amount"]),
        "required[0]",
        "names no field: 'Amount'",
        "its key is 'amount'",
    ),
    "dependent on an unknown field": (
        text_of(dependentRequired={"zzz": ["name"]}),
        "dependentRequired.zzz",
        "names no field: 'zzz'",
        "",
    ),
    "dependent unknown field": (
        text_of(dependentRequired={"name": ["zzz"]}),
        "dependentRequired.name[0]",
        "names no field: 'zzz'",
        "",
    ),
    "unknown field in a condition": (
        text_of(**{"if": {"properties": {"zzz": {"const": 1}}}, "then": True}),
        "if.properties.zzz",
        "names no field: 'zzz'",
        "",
    ),
    "empty title": (
        with_field({"title": " ", "type": "string"}),
        "properties.x.title",
        NOT_SEEN,
        "",
    ),
    "control character in a title": (
        with_field({"title": "a\tb", "type": "string"}),
        "properties.x.title",
        NOT_SEEN,
        "",
    ),
    "title of ours": (
        with_field({"title": "_limit", "type": "string"}),
        "properties.x.title",
        "must not start with '_'",
        "such names are the platform's own",
    ),
    "title twice": (
        with_field({"title": " Amount", "type": "string"}),
        "properties.x.title",
        "is also the title of 'amount': ' Amount'",
        "give each field a title of its own",
    ),
    "default of another kind": (
        with_field({"type": "integer", "default": "many"}),
        "properties.x.default",
        "must be a whole number like 42",
        "",
    ),
    "default outside the rules": (
        with_field({"type": "integer", "minimum": 5, "default": 4}),
        "properties.x.default",
        "must be at least 5",
        "",
    ),
    "default inside an object": (
        with_field(
            {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "default": {"a": 5},
            }
        ),
        "properties.x.default.a",
        "must be text",
        "",
    ),
    "default of a person": (
        with_field({"type": "string", "format": "person", "default": "team@example.com"}),
        "properties.x.default",
        "must be the e-mail of a user of this workspace",
        "",
    ),
    "default of a file": (
        with_field({"type": "array", "items": {"format": "file"}, "default": [{"blobId": "a"}]}),
        "properties.x.default",
        "is not possible for files",
        "",
    ),
    "default of a unique ID": (
        with_field({"type": "string", "default": "a"}, workflow={"uniqueId": "x"}),
        "properties.x.default",
        "is not possible: every task would get the same unique ID",
        "",
    ),
    "workflow": (text_of(workflow=[]), "workflow", "must be an object", ""),
    "unknown keyword of ours": (
        with_workflow(stagse=[]),
        "workflow.stagse",
        "is not known",
        "did you mean 'stages'?",
    ),
    "settings of another shape": (
        with_workflow(facade="/v1"),
        "workflow.facade",
        "must be a list",
        "",
    ),
    "a rule that nobody enforces": (
        with_workflow(permissions={"delete": "nobody"}),
        "workflow.permissions",
        "is not known",
        "",
    ),
    "unique ID of another shape": (
        with_workflow(uniqueId=["name"]),
        "workflow.uniqueId",
        ONE_ID,
        "",
    ),
    "unique ID without field": (
        with_workflow(uniqueId={"autoIncrement": True}),
        "workflow.uniqueId.field",
        "is missing",
        "",
    ),
    "unknown unique ID": (
        with_workflow(uniqueId="nmae"),
        "workflow.uniqueId",
        "names no field: 'nmae'",
        "did you mean 'name'?",
    ),
    "unique ID of another kind": (
        with_workflow(uniqueId={"field": "amount"}),
        "workflow.uniqueId.field",
        "must be a text or integer field: 'amount' is of kind currency",
        'use "type": "string" or "type": "integer" without format',
    ),
    "text that counts up": (
        with_workflow(uniqueId={"field": "name", "autoIncrement": True}),
        "workflow.uniqueId.autoIncrement",
        "needs an integer field: 'name' is of kind text",
        'use "type": "integer", or drop autoIncrement',
    ),
    "no stages": (
        with_workflow(stages=[]),
        "workflow.stages",
        "must have at least 1 entry",
        "",
    ),
    "stage without name": (
        with_workflow(stages=[{"end": True}]),
        "workflow.stages[0].name",
        "is missing",
        "",
    ),
    "stage's colour": (
        with_workflow(stages=[{"name": "A", "colour": "#12"}]),
        "workflow.stages[0].colour",
        "must be a colour like #2f80ed or a name like green",
        "",
    ),
    "stage's limit": (
        with_workflow(stages=[{"name": "A", "wipLimit": 0}]),
        "workflow.stages[0].wipLimit",
        "must be at least 1",
        "",
    ),
    "blank stage": (
        with_workflow(stages=[{"name": "\t", "key": "a"}]),
        "workflow.stages[0].name",
        NOT_SEEN,
        "",
    ),
    "stage twice": (
        with_workflow(stages=[{"name": "A"}, {"name": "A ", "key": "b"}]),
        "workflow.stages[1].name",
        "is given to two stages: 'A '",
        "stage 1 has it already",
    ),
    "stage key twice": (
        with_workflow(stages=[{"name": "A"}, {"name": "B", "key": "A"}]),
        "workflow.stages[1].key",
        "is given to two stages: 'A'",
        "stage 1 has it already",
    ),
    "two starts": (
        with_workflow(
            stages=[{"name": "A", "initial": True}, {"name": "B"}, {"name": "C", "initial": True}]
        ),
        "workflow.stages[2].initial",
        "is given to two stages: 'A' has it already",
        "tasks start in one stage",
    ),
    "start at the end": (
        with_workflow(stages=[{"name": "A", "end": True}, {"name": "B"}]),
        "workflow.stages[0].end",
        "must not be true for 'A', where tasks start",
        'mark another stage with "initial": true',
    ),
    "stage requires an unknown field": (
        with_workflow(stages=[{"name": "A", "require": ["name", "amuont"]}]),
        "workflow.stages[0].require[1]",
        "names no field: 'amuont'",
        "did you mean 'amount'?",
    ),
    "transitions of another shape": (
        with_workflow(transitions="none"),
        "workflow.transitions",
        'must be "any", or {"From stage": ["To stage", …]}',
        "",
    ),
    "transition from an unknown stage": (
        with_workflow(transitions={"Dome": []}),
        "workflow.transitions.Dome",
        "names no stage: 'Dome'",
        "did you mean 'Done'?",
    ),
    "transition to an unknown stage": (
        with_workflow(transitions={"Done": ["In Progress", "Zzz"]}),
        "workflow.transitions.Done[1]",
        "names no stage: 'Zzz'",
        "the stages are: Not Started, In Progress, Done",
    ),
    "unknown": (
        with_workflow(unknown="drop"),
        "workflow.unknown",
        "must be one of: refuse, ignore",
        "",
    ),
    "assignees": (
        with_workflow(assignees=2),
        "workflow.assignees",
        "must be one of: one, many",
        "",
    ),
}


@pytest.mark.parametrize(("text", "path", "message", "hint"), CASES.values(), ids=CASES)
def test_a_fault_tells_its_line_path_reason_and_remedy(
    text: str, path: str, message: str, hint: str
) -> None:
    assert [FileFault(line=line_of(text, path), path=path, message=message, hint=hint)] == (
        faults_of(text)
    )


@pytest.mark.parametrize(
    "title", ["Stage", "Assigned To", "Task URL", "Created On", "Updated On", " Stage "]
)
def test_titles_that_every_task_has_are_refused(title: str) -> None:
    (fault,) = faults_of(with_field({"title": title, "type": "string"}))

    assert ("properties.x.title", f"must not be {title.strip()!r}") == (fault.path, fault.message)


def test_an_unknown_format_hints_at_the_nearest_one() -> None:
    (fault,) = faults_of(with_field({"type": "string", "format": "dat"}))

    assert ("properties.x.format", "did you mean 'date'?") == (fault.path, fault.hint)
    assert fault.message.startswith("must be one of: approval-steps, checklist, currency, ")


def test_other_unknown_keywords_are_remarks() -> None:
    assert [] == faults_of(with_field({"type": "string", "x-owner": "team", "widget": "wide"}))


def test_a_property_that_refers_in_a_circle_is_told_as_a_circle() -> None:
    loop = {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}

    assert {"leads back to itself", "is missing"} == {
        fault.message for fault in faults_of(with_field({"$ref": "#/$defs/a"}, **{"$defs": loop}))
    }


def test_a_required_name_that_is_no_text_is_told_as_that() -> None:
    (fault,) = faults_of(text_of(required=["name", 5]))

    assert ("required[1]", "must be text") == (fault.path, fault.message)


def test_a_workflow_file_knows_no_people() -> None:
    assert (None, None) == (NOBODY.id_of("team@example.com"), NOBODY.email_of("u1"))


SHIPPED = [
    json.loads(file.read_text("utf-8"))
    for file in sorted(Path(__file__).parents[2].joinpath("workflow_schemas").glob("*.json"))
]
WORDS = ["", "a", "#", "#/$defs/version", "https://example.com", "string", "array", "(", "Stage"]
KEYWORDS = sorted({*meta.KEYWORDS, *meta.FIELD_KEYWORDS, *REFUSED, "format", "a", ""})
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def broken_files(draw: st.DrawFn) -> Any:
    """Draw a shipped file with one to three parts of it replaced by anything."""
    document = copy.deepcopy(draw(st.sampled_from(SHIPPED)))
    for _change in range(draw(st.integers(1, 3))):
        part = document
        while True:
            keys = [*part] if isinstance(part, dict) else [*range(len(part))]
            key = draw(st.sampled_from(keys)) if keys else None
            if key is None or draw(st.integers(0, 3)) == 0 or not part[key]:
                break
            if not isinstance(part[key], dict | list):
                break
            part = part[key]
        if key is not None:
            new: Any = draw(anything)
            both = isinstance(new, dict) and isinstance(part[key], dict)
            part[key] = {**part[key], **new} if both else new
    return document


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(broken_files() | anything)
@example({"$id": "a", "properties": {"x": {"$ref": "#"}}})
@example({"$id": "a", "properties": {"x": {"type": [], "items": [], "enum": [None]}}})
def test_a_file_has_faults_or_compiles_whatever_stands_in_it(document: object) -> None:
    text = json.dumps(document)

    if not faults_of(text):
        compiled = compile_source(text, workspace="main", uid="u1", version=1)
        compiled.check(compiled.defaults)
        assert jsonschema_rs.meta.is_valid(assertions(compiled.workflow.schema))


def test_stages_that_are_all_ends_may_start_in_one() -> None:
    assert [] == faults_of(with_workflow(stages=[{"name": "Log", "end": True}]))


def test_a_recursive_definition_inside_values_is_fine() -> None:
    tree = {"type": "object", "properties": {"parts": {"items": {"$ref": "#/$defs/tree"}}}}

    assert [] == faults_of(with_field({"$ref": "#/$defs/tree"}, **{"$defs": {"tree": tree}}))


def test_a_key_given_twice_is_a_fault_among_others() -> None:
    text = '{"$id": "a",\n"$id": "b",\n"properties": {"x": {}}}'

    assert [
        (2, "$id", "is given twice: '$id' on line 1 and again on line 2"),
        (3, "properties.x.type", "is missing"),
    ] == [(fault.line, fault.path, fault.message) for fault in faults_of(text)]


def test_broken_text_is_the_only_fault() -> None:
    assert [
        FileFault(
            line=2,
            path="(file)",
            message="is not JSON: line 2, column 1: the file ends too early",
            hint="a bracket or a quote is left open",
        )
    ] == faults_of('{"$id":\n')


def test_a_property_that_two_kinds_claim_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(KINDS["integer"]), "claims", lambda _self, schema: "type" in schema)

    assert "is claimed by several kinds of field: integer, text" in [
        fault.message for fault in faults_of(text_of())
    ]


def test_one_wrong_part_hides_no_fault_of_another() -> None:
    faults = faults_of(
        text_of(
            properties={"a": {"type": "strin"}, "b": {"type": "string", "title": "Stage"}},
            required=["c"],
            workflow={
                "uniqueId": "a",
                "stages": [{"name": "A"}, {"name": "A"}],
                "transitions": {"B": []},
                "assignees": "few",
            },
        )
    )

    assert {
        "properties.a.type",
        "properties.b.title",
        "required[0]",
        "workflow.stages[1].name",
        "workflow.stages[1].key",
        "workflow.transitions.B",
        "workflow.assignees",
    } >= {fault.path for fault in faults}
    assert 6 <= len(faults)


@pytest.mark.parametrize("title", ["", " ", "a\nb", "a\0b", "\u2028"])
def test_a_workflow_has_a_title_that_can_be_seen(title: str) -> None:
    assert ["title"] == [fault.path for fault in faults_of(text_of(title=title))]


def test_of_faults_without_number_the_first_are_told() -> None:
    """Each costs a look for what was meant; a file may hold some hundred thousand."""
    names = [f"nane{n}" for n in range(30_000)]
    stages = {"stages": [{"name": "A"}], "transitions": {"A": names}}

    faults = faults_of(text_of(required=names, workflow=stages))

    assert 2 * (MOST_TOLD + 1) == len(faults)
    assert "has more faults like the last" in {fault.message for fault in faults}


def test_among_very_many_names_no_likeness_is_looked_for() -> None:
    few, many = [f"name{n}" for n in range(10)], [f"name{n}" for n in range(MOST_KNOWN + 1)]

    assert ("did you mean 'name1'?", "") == (
        did_you_mean("nane1", few),
        did_you_mean("nane1", many),
    )
