"""The facades of a workflow file: the dialects it is mounted in, and how names are mapped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from taskloom.errors import Fault, Path
from taskloom.fields.base import INVALID, options_of
from taskloom.model.rules import Facade
from taskloom.model.workflow import Stage
from taskloom.schema.hints import did_you_mean
from taskloom.schema.messages import MOST_SHOWN
from taskloom.schema.properties import Sound
from taskloom.schema.rules import no_field
from taskloom.schema.stages import declared_stages, no_stage
from taskloom.schema.walk import References, Schema, workflow_part

_FACADES: Final[Path] = ("workflow", "facade")
_STAGES: Final[Path] = ("workflow", "stages")


def facade_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse facades that map to fields, stages or options that are not there."""
    if not sound(_FACADES):
        return
    facades: Sequence[Mapping[str, Any]] = workflow_part(document, "facade", ())
    yield from _mount_faults([said["mount"] for said in facades])
    for position, said in enumerate(facades):
        path = (*_FACADES, position)
        if sound(("properties",)):
            yield from _field_faults(path, said, document)
        if sound(_STAGES):
            yield from _status_faults((*path, "status"), said.get("status", {}), document)


def _mount_faults(mounts: Sequence[str]) -> Iterator[Fault]:
    for position, mount in enumerate(mounts):
        if mount in mounts[:position]:
            message = f"is given twice: {mount!r}"
            path = (*_FACADES, position, "mount")
            yield Fault(path=path, code="duplicate", message=message, hint="choose another mount")


def _field_faults(path: Path, said: Mapping[str, Any], document: Schema) -> Iterator[Fault]:
    fields = document.get("properties")
    if not isinstance(fields, Mapping):
        return
    mapped: Mapping[str, str] = said.get("fields", {})
    for name, key in mapped.items():
        if key not in fields:
            yield no_field((*path, "fields", name), key, fields)
    references = References(document)
    for name, values in said.get("values", {}).items():
        here, key = (*path, "values", name), mapped.get(name, name)
        if key in fields and isinstance(fields[key], Mapping):
            yield from _value_faults(here, values, _options(references.effective(fields[key])))
        elif key not in fields and name not in mapped:
            yield no_field(here, key, fields)


def _options(schema: Schema) -> tuple[str, ...]:
    items = schema.get("items")
    return options_of(items if isinstance(items, Mapping) else schema)


def _value_faults(path: Path, said: Mapping[str, Any], options: Sequence[str]) -> Iterator[Fault]:
    if not options:
        message, hint = "has no options to map to", "only selects (enum) have options"
        yield Fault(path=path, code=INVALID, message=message, hint=hint)
        return
    for here, option in _targets(path, said):
        if option not in options:
            message = f"is no option: {option!r}"
            hint = did_you_mean(option, options) or f"the options are: {_listed(options)}"
            yield Fault(path=here, code="unknown", message=message, hint=hint)
    yield from _shadowed(path, said, options)


def _status_faults(path: Path, said: Mapping[str, Any], document: Schema) -> Iterator[Fault]:
    names = [str(stage["name"]) for stage in declared_stages(document)]
    for here, stage in _targets(path, said):
        if stage not in names:
            yield no_stage(here, stage, names)
    yield from _shadowed(path, said, names)


def _targets(path: Path, said: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield what the dialect's words are mapped to, each with its place in the file."""
    for word, named in said.items():
        if isinstance(named, str):
            yield (*path, word), named
        else:
            yield from (((*path, word, place), name) for place, name in enumerate(named))


def _shadowed(path: Path, said: Mapping[str, Any], names: Sequence[str]) -> Iterator[Fault]:
    """Refuse words for one thing that another, which has no other word, is called as well."""
    spoken_of = {name for _, name in _targets(path, said)}
    for word, named in said.items():
        if word in names and word not in spoken_of:
            message = f"stands for {_listed(_names(named))}, but {word!r} has no other name then"
            hint = f"map something to {word!r} too"
            yield Fault(path=(*path, word), code="duplicate", message=message, hint=hint)


def _listed(names: Iterable[str]) -> str:
    shown = list(names)
    return ", ".join(map(repr, shown[:MOST_SHOWN])) + (", …" if len(shown) > MOST_SHOWN else "")


def build_facades(document: Schema, stages: tuple[Stage, ...]) -> tuple[Facade, ...]:
    """Make the facades of a file without faults."""
    keys = {stage.name: stage.key for stage in stages}
    return tuple(_build(said, keys) for said in workflow_part(document, "facade", ()))


def _build(said: Mapping[str, Any], keys: Mapping[str, str]) -> Facade:
    return Facade(
        dialect=said["dialect"],
        mount=said["mount"],
        fields=said.get("fields", {}),
        stages={
            status: tuple(keys[name] for name in _names(names))
            for status, names in said.get("status", {}).items()
        },
        values={
            name: {value: tuple(_names(options)) for value, options in values.items()}
            for name, values in said.get("values", {}).items()
        },
    )


def _names(said: Any) -> Sequence[str]:
    return [said] if isinstance(said, str) else said
