"""The sections that a workflow file divides the form of its tasks into."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from taskloom.errors import Fault, Path
from taskloom.fields.base import INVALID
from taskloom.schema import rules
from taskloom.schema.properties import Sound
from taskloom.schema.walk import Schema, workflow_part

_SHOW: Final = "show"


def section_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse sections of fields that are not there, or that stand in another section already.

    `show` is held to the rules that the conditions of the file itself are held to.
    """
    fields = document.get("properties")
    fields = fields if isinstance(fields, Mapping) else {}
    seen: dict[str, str] = {}
    for position, said in enumerate(_said(document)):
        path = ("workflow", "sections", position)
        if not sound(path):
            continue
        for place, key in enumerate(said["fields"]):
            here = (*path, "fields", place)
            if key not in fields:
                yield rules.no_field(here, key, fields)
            elif key in seen:
                message = f"stands in the section {seen[key]!r} already: {key!r}"
                yield Fault(path=here, code=INVALID, message=message, hint="leave it out of one")
            seen.setdefault(key, said["title"])
        yield from _show_faults((*path, _SHOW), said.get(_SHOW), document)


def _show_faults(path: Path, show: object, document: Schema) -> Iterator[Fault]:
    """Look at a condition as if it were the `if` of the file."""
    if not isinstance(show, Mapping):
        return
    given = {key: document[key] for key in ("properties", "$defs") if key in document}
    whole = {**given, "if": show}
    checks = (rules.keyword_faults, rules.pattern_faults, rules.reference_faults, rules.name_faults)
    for check in checks:
        for fault in check(whole):
            if fault.path[:1] == ("if",):
                yield Fault(
                    path=(*path, *fault.path[1:]),
                    code=fault.code,
                    message=fault.message,
                    hint=fault.hint,
                )


def _said(document: Schema) -> Sequence[Any]:
    said = workflow_part(document, "sections", ())
    return said if isinstance(said, Sequence) and not isinstance(said, str) else ()
