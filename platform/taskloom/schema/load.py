"""A workflow file's text as a checked `Workflow`, or every fault in it at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from taskloom.errors import Fault, Invalid, Path
from taskloom.fields.base import BLANK, INVALID
from taskloom.fields.structure import pack
from taskloom.model.workflow import Workflow
from taskloom.schema import (
    facade,
    links,
    lists,
    processes,
    properties,
    reminders,
    roles,
    rules,
    sections,
    stages,
)
from taskloom.schema.formats import known_formats
from taskloom.schema.meta import meta_schema
from taskloom.schema.source import Source, locate, parse, path_text
from taskloom.schema.validators import exact_faults, fast_verdict

MOST_TOLD: Final = 200
_ON_SCHEMAS: Final = (
    rules.keyword_faults,
    rules.pattern_faults,
    rules.reference_faults,
    rules.name_faults,
)
_ON_PARTS: Final = (
    properties.title_faults,
    properties.kind_faults,
    properties.life_faults,
    properties.unique_faults,
    stages.stage_faults,
    stages.transition_faults,
    roles.role_faults,
    processes.process_faults,
    reminders.reminder_faults,
    facade.facade_faults,
    links.link_faults,
    lists.list_faults,
    lists.search_faults,
    sections.section_faults,
)
_HINTS: Final[Mapping[Path, str]] = {
    ("$id",): 'the name in addresses, like "$id": "sales-pipeline"',
    ("properties",): 'the fields, like "properties": {"name": {"type": "string"}}',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFault:
    """A fault where a person finds it: `line` counts from 1, `path` is spelt for people."""

    line: int
    path: str
    message: str
    hint: str = ""


@lru_cache(maxsize=4)
def _meta(formats: tuple[str, ...]) -> tuple[Any, Callable[[Any], list[Fault]]]:
    """Compile the meta-schema, again only when other formats are known."""
    del formats
    schema = {key: value for key, value in meta_schema().items() if key != "$id"}
    return fast_verdict(schema), exact_faults(schema)


def _meta_faults(document: object) -> Iterator[Fault]:
    is_valid, tell = _meta(known_formats())
    for fault in () if is_valid(document) else tell(document):
        missing = fault.code == BLANK
        hint = fault.hint or (_HINTS.get(fault.path, "") if missing else "")
        yield replace(fault, message="is missing" if missing else fault.message, hint=hint)


def _identified(document: dict[str, Any], name: str | None) -> dict[str, Any]:
    """Take the name that the caller gives where the file has none, or only an address."""
    said = document.get("$id", "/")
    is_address = isinstance(said, str) and ("/" in said or ":" in said)
    return {**document, "$id": name} if is_address and name is not None else document


def _name_faults(document: Mapping[str, Any], name: str | None) -> Iterator[Fault]:
    if name is None or document["$id"] == name:
        return
    message = f"is {document['$id']!r}, but the workflow is {name!r}"
    yield Fault(path=("$id",), code="invalid", message=message, hint=f"make it {name!r}")


def _sound(faults: Iterable[Fault]) -> Callable[[Path], bool]:
    """Make the test whether no fault was found at a path or below it."""
    broken = {fault.path[:size] for fault in faults for size in range(len(fault.path) + 1)}
    return lambda path: path not in broken


def _most(faults: Iterable[Fault]) -> list[Fault]:
    """Take as many faults of one kind as a person can use; looking for remedies costs time."""
    told = list(islice(faults, MOST_TOLD + 1))
    if len(told) > MOST_TOLD:
        told[MOST_TOLD:] = [Fault(path=(), code=INVALID, message="has more faults like the last")]
    return told


def _examine(source: Source, name: str | None) -> tuple[Mapping[str, Any], list[Fault]]:
    """Find every fault of a file; later checks leave out what earlier ones refused."""
    found = list(source.faults)
    if not isinstance(source.value, dict):
        return {}, found or list(_meta_faults(source.value))
    document = _identified(source.value, name)
    found += _meta_faults(document)
    sound = _sound(found)
    found += _name_faults(document, name) if sound(("$id",)) else ()
    for check in _ON_SCHEMAS:
        found += _most(check(document))
    sound = _sound(found)
    for look in _ON_PARTS:
        found += _most(look(document, sound))
    if not found:
        found = list(properties.default_faults(document, properties.build_fields(document)))
    return document, found


def load_workflow(
    source: str,
    *,
    workspace: str,
    uid: str,
    version: int,
    id: str | None = None,  # noqa: A002 - the word of the model
) -> Workflow:
    """Read a workflow file; raise `Invalid` with every fault, paths being those of the file.

    `id` is the public id that the caller knows already; it stands in for a `$id` that is missing
    or an address; the workflow's source then says it, so that it can be read again alone.
    """
    read = parse(source)
    document, faults = _examine(read, id)
    if faults:
        raise Invalid(faults, "the workflow file is invalid")
    fields = properties.build_fields(document)
    made, initial = stages.build_stages(document)
    workflow: Mapping[str, Any] = document.get("workflow", {})
    return Workflow(
        id=document["$id"],
        uid=uid,
        workspace=workspace,
        version=version,
        title=document.get("title", document["$id"]),
        source=source if document is read.value else pack(dict(document)),
        schema=document,
        fields=fields,
        stages=made,
        initial=initial,
        transitions=stages.build_transitions(document, made),
        unique_id=next((field.key for field in fields if field.unique), None),
        ignore_unknown=workflow.get("unknown") == "ignore",
        several=workflow.get("assignees") == "many",
        roles=roles.build_roles(document),
        approvals=processes.build_approvals(document, made),
        checklist=processes.build_checklist(document, made),
        reminders=reminders.build_reminders(document),
        facades=facade.build_facades(document, made),
        links=links.build_links(document),
        lists=lists.build_lists(document),
        search=lists.build_search(document),
    )


def faults_of(source: str, *, id: str | None = None) -> list[FileFault]:  # noqa: A002 - as above
    """Tell every fault of a workflow file with its line, in the order of the lines."""
    read = parse(source)
    _document, faults = _examine(read, id)
    told = [
        FileFault(
            line=locate(read, fault.path),
            path=path_text(fault.path),
            message=fault.message,
            hint=fault.hint,
        )
        for fault in faults
    ]
    return sorted(told, key=lambda fault: (fault.line, fault.path))
