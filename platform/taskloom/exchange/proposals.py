"""What a workflow lacks to take in a file: options, stages, and fields for unknown columns."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from taskloom.errors import Refusal
from taskloom.exchange.formats import Format, Formats, decided, evidence
from taskloom.exchange.guess import watches
from taskloom.exchange.kinds import NOBODY, Convert, converter
from taskloom.exchange.rows import Reader
from taskloom.exchange.targets import Target
from taskloom.schema.compiled import Compiled

_MOST_OPTIONS: Final = 100
_CHOICES: Final = frozenset({"singleSelect", "multipleSelect"})
_MOST_FIELDS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What to add to a workflow, as far as the first rows tell.

    `options` are by field title, `fields` are JSON Schemas by column.
    """

    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stages: Sequence[str] = ()
    fields: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def proposed(
    reader: Reader,
    workflow: Compiled,
    columns: Mapping[str, Target | None],
    strangers: Sequence[str],
) -> Proposed:
    """Look through the first rows of a file for what a workflow lacks."""
    return Proposed(
        options=_options(reader, workflow, columns),
        stages=_stages(reader, workflow, columns),
        fields=_fields(reader, strangers[:_MOST_FIELDS]),
    )


def _options(
    reader: Reader, workflow: Compiled, columns: Mapping[str, Target | None]
) -> dict[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    for name, target in columns.items():
        if target is None or target.to != "field":
            continue
        field = workflow.fields[target.name]
        if field.kind in _CHOICES:
            convert = converter(field, Format(), NOBODY, tabular=reader.tabular)
            new = _new(_converted(reader, name, convert), frozenset(field.options))
            if new:
                found[field.title] = new
    return found


def _converted(reader: Reader, column: str, convert: Convert) -> Iterator[object]:
    for row in reader.sample():
        value = row.values.get(column)
        if isinstance(value, str) and value.strip():
            with suppress(Refusal):
                value = convert(value)
        yield from value if isinstance(value, list) else (value,)


def _stages(
    reader: Reader, workflow: Compiled, columns: Mapping[str, Target | None]
) -> Sequence[str]:
    column = next((name for name, t in columns.items() if t is not None and t.to == "stage"), None)
    if column is None:
        return ()
    known = {name.casefold() for name in workflow.stage_keys}
    said = (row.values.get(column) for row in reader.sample())
    return _new((v for v in said if isinstance(v, str) and v.strip().casefold() not in known), ())


def _new(values: Iterable[object], known: Collection[str]) -> list[str]:
    """Return the distinct texts that are not known yet, the first of them."""
    texts = (value.strip() for value in values if isinstance(value, str))
    return list(islice(dict.fromkeys(t for t in texts if t and t not in known), _MOST_OPTIONS))


def _fields(reader: Reader, columns: Sequence[str]) -> dict[str, Mapping[str, object]]:
    found = decided(reader, *evidence(reader, columns)) if reader.tabular else Formats()
    watched = watches(columns, found, tabular=reader.tabular)
    for row in reader.sample():
        for name, watch in watched.items():
            value = row.values.get(name)
            if (
                value is not None
                and value != ""
                and not (isinstance(value, str) and value.isspace())
            ):
                watch.add(value)
    guesses = {name: watch.guess() for name, watch in watched.items()}
    return {name: {"title": name, **g.schema} for name, g in guesses.items() if g is not None}
