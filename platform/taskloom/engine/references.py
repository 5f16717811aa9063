"""Reading references to linked tasks: `{"Order ID": "42"}`, where all else is ignored."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, cast

from taskloom.engine.intent import Intent
from taskloom.engine.writing import Draft
from taskloom.errors import Fault, Refusal
from taskloom.fields.base import People
from taskloom.model.values import Value
from taskloom.schema.compiled import Compiled, LinkSide

_CODE: Final = "reference"


def referring(intent: Intent, draft: Draft, workflow: Compiled, people: People) -> Intent:
    """Add to an intent which tasks a draft links to; what cannot be read becomes a fault."""
    if not draft.links:
        return intent
    faults: list[Fault] = []
    found = _references(draft, workflow, people, faults)
    return replace(intent, references=found, faults=(*intent.faults, *faults))


def _references(
    draft: Draft, workflow: Compiled, people: People, faults: list[Fault]
) -> Mapping[str, tuple[str, ...]]:
    """Return the unique IDs each link of a draft refers to, by link name; none clears it."""
    sides = {side.name: side for side in workflow.linked}
    found: dict[str, tuple[str, ...]] = {}
    for name, said in draft.links.items():
        side = sides.get(name)
        if side is None:
            message = "is not a link of this workflow"
            faults.append(Fault(path=(name,), code="unknown", message=message))
            continue
        try:
            found[name] = _uniques(side, said, people)
        except Refusal as refusal:
            faults.append(refusal.at(side.key))
    return found


def _uniques(side: LinkSide, said: object, people: People) -> tuple[str, ...]:
    if said is None:
        return ()
    if not side.many:
        return (_unique(side, said, people),)
    if not isinstance(said, list):
        raise Refusal(_CODE, "must be a list of references", f"like [{_sample(side)}]")
    found: dict[str, None] = {}
    for position, one in enumerate(said):
        try:
            found[_unique(side, one, people)] = None
        except Refusal as refusal:
            path = (position, *refusal.path)
            raise Refusal(refusal.code, refusal.message, refusal.hint, path) from None
    return tuple(found)


def _unique(side: LinkSide, said: object, people: People) -> str:
    """Read one reference as the canonical text of a unique ID."""
    target = side.target
    key = target.workflow.unique_id
    if key is None or key not in target.fields:
        raise Refusal(_CODE, f"can't be referred to: {target.workflow.title!r} has no unique ID")
    title = target.fields[key].title
    value = said.get(title) if isinstance(said, Mapping) else None
    if value is None:
        raise Refusal(_CODE, "must be a reference by unique ID", f"like {_sample(side)}")
    try:
        parsed = target.codecs[key].parse(value, people)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.message, refusal.hint, (title,)) from None
    return target.unique_text(cast(Value, parsed))


def _sample(side: LinkSide) -> str:
    key = side.target.workflow.unique_id
    return f'{{"{side.target.fields[key].title}": "42"}}' if key else "{…}"
