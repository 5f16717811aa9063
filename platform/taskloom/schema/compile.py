"""A checked workflow as plain functions and look-up tables."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from taskloom.fields.base import IDENTITY, Codec
from taskloom.fields.file import FILE
from taskloom.fields.identity import text_of
from taskloom.model.roles import Role
from taskloom.model.values import Value, Values
from taskloom.model.workflow import Field, Workflow
from taskloom.schema.compiled import Compiled
from taskloom.schema.faces import face_of
from taskloom.schema.load import load_workflow
from taskloom.schema.properties import codec_of, default_of
from taskloom.schema.redacted import redacted
from taskloom.schema.slots import with_slots
from taskloom.schema.validators import checker

Converters = Mapping[str, Callable[[Any], Any]]


def _packer(converters: Converters) -> Callable[[Values], dict[str, object]]:
    def pack(values: Values) -> dict[str, object]:
        stored: dict[str, object] = dict(values)
        for key, convert in converters.items():
            if key in stored:
                stored[key] = convert(stored[key])
        return stored

    return pack


def _unpacker(
    declared: frozenset[str], converters: Converters
) -> Callable[[Mapping[str, object]], dict[str, Value]]:
    def unpack(stored: Mapping[str, object]) -> dict[str, Value]:
        values: dict[str, Any] = {key: stored[key] for key in stored if key in declared}
        for key, convert in converters.items():
            if key in values:
                values[key] = convert(values[key])
        return values

    return unpack


def _pack_all(codecs: Mapping[str, Codec]) -> Callable[[Values], dict[str, object]]:
    return _packer({key: c.pack for key, c in codecs.items() if c.pack is not IDENTITY})


def _unpack_all(
    codecs: Mapping[str, Codec],
) -> Callable[[Mapping[str, object]], dict[str, Value]]:
    converters = {key: c.unpack for key, c in codecs.items() if c.unpack is not IDENTITY}
    return _unpacker(frozenset(codecs), converters)


def _unique_text(value: Value) -> str:
    return text_of(value)  # type: ignore[arg-type] # a unique ID is text or an integer


def compile_workflow(workflow: Workflow) -> Compiled:
    """Make the functions of one workflow version; some milliseconds, so keep what it returns."""
    codecs = {field.key: codec_of(field) for field in workflow.fields}
    defaults: dict[str, Any] = {field.key: default_of(field) for field in workflow.fields}
    return Compiled(
        workflow=workflow,
        fields={field.key: field for field in workflow.fields},
        codecs=codecs,
        keys={field.title: field.key for field in workflow.fields},
        stages={stage.key: stage for stage in workflow.stages},
        stage_keys={stage.name: stage.key for stage in workflow.stages},
        check=checker(workflow.schema),
        pack=_pack_all(codecs),
        unpack=_unpack_all(codecs),
        unique_text=_unique_text,
        defaults={key: value for key, value in defaults.items() if value is not None},
        auto=_where(workflow, lambda field: field.auto is not None),
        bound=_where(workflow, _is_bound),
        files=frozenset(_where(workflow, lambda field: field.kind == FILE)),
        fleeting=frozenset(key for key, codec in codecs.items() if not codec.repeatable),
        face=face_of(workflow.fields, codecs),
    )


def _where(workflow: Workflow, holds: Callable[[Field], bool]) -> Mapping[str, Field]:
    return {field.key: field for field in workflow.fields if holds(field)}


def _is_bound(field: Field) -> bool:
    return field.write_once or field.future or not field.editable


def view_of(compiled: Compiled, role: Role) -> Compiled:
    """Make what a role sees of a workflow version; keep it, as it may take a millisecond."""
    hidden = role.hidden
    if not hidden:
        return replace(compiled, role=role, whole=compiled)
    workflow = redacted(compiled.workflow, hidden)
    codecs = {key: codec for key, codec in compiled.codecs.items() if key not in hidden}
    pack = _pack_all(codecs)
    seen = replace(
        compiled,
        workflow=workflow,
        fields={field.key: field for field in workflow.fields},
        codecs=codecs,
        keys={field.title: field.key for field in workflow.fields},
        stages={stage.key: stage for stage in workflow.stages},
        pack=lambda values: pack({k: v for k, v in values.items() if k not in hidden}),
        unpack=_unpack_all(codecs),
        defaults={key: v for key, v in compiled.defaults.items() if key not in hidden},
        role=role,
        whole=compiled,
    )
    return with_slots(seen, compiled.slots)


def compile_source(
    source: str,
    *,
    workspace: str,
    uid: str,
    version: int,
    id: str | None = None,  # noqa: A002 - the word of the model
) -> Compiled:
    """Load and compile a workflow file; raise `Invalid` with every fault in it."""
    return compile_workflow(
        load_workflow(source, workspace=workspace, uid=uid, version=version, id=id)
    )
