"""The published meta-schema: itself a JSON Schema, and as strict as the loader."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from taskloom.schema.meta import ADDRESS, FIELD_KEYWORDS, KEYWORDS, meta_schema

FILES = sorted(Path(__file__).parents[2].joinpath("workflow_schemas").glob("*.json"))


def test_the_meta_schema_is_a_json_schema_that_can_be_published() -> None:
    schema = dict(meta_schema())

    Draft202012Validator.check_schema(schema)
    assert schema == json.loads(json.dumps(schema))
    assert "/schemas/workflow.json" == ADDRESS == schema["$id"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_any_validator_accepts_the_shipped_files(file: Path) -> None:
    schema = {key: value for key, value in meta_schema().items() if key != "$id"}

    assert jsonschema_rs.Draft202012Validator(schema).is_valid(json.loads(file.read_text("utf-8")))


def test_it_names_the_formats_of_every_kind() -> None:
    schema: Any = meta_schema()

    formats = schema["$defs"]["field"]["properties"]["format"]["enum"]
    assert {"currency", "date", "file", "phone"} <= set(formats)
    assert formats == schema["$defs"]["schema"]["properties"]["format"]["enum"]


def test_it_knows_every_assertion_and_our_own_keywords() -> None:
    schema: Any = meta_schema()

    assert {*KEYWORDS, *FIELD_KEYWORDS, "format"} == set(schema["$defs"]["field"]["properties"])
