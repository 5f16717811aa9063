"""A workflow for a file: what its columns hold, what moves, what tells rows apart, and why."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final, Literal

from taskloom.exchange.differing import Differing
from taskloom.exchange.formats import Days, Format, Formats, Sums, decided, evidence
from taskloom.exchange.guard import unmarked
from taskloom.exchange.guess import COUNTED, DATED, Guess, Watch, watches
from taskloom.exchange.rows import MARKS, Choices, Reader, Row, is_blank
from taskloom.exchange.samples import samples_of
from taskloom.exchange.targets import ASSIGNED_TITLE, READ_ONLY, STAGE_TITLE, STAGE_WORDS
from taskloom.schema.meta import MOST_FIELDS
from taskloom.schema.properties import BUILT_IN, alike, is_shown

_MOST_STAGES: Final = 100
_FREE: Final = frozenset(
    {"title", "name", "summary", "subject", "description", "notes", "body", "comment", "comments"}
)
"""What people write freely, even where it happens to be the same each time."""

_LONGEST_TITLE: Final = 200
_LONGEST_KEY: Final = 60
_FEW: Final = 5
"""Of fewer rows it says nothing that every one of them has a value."""

_IDENTITY: Final = re.compile(
    r"(?:.*[\s_-])?(?:id|key|number|no\.?|nr\.?|code|uuid|guid|sku|isbn)|#", re.IGNORECASE
)
_CAMEL: Final = re.compile(r".*[a-z](?:ID|Id|Key|No)")
_PROGRESS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("backlog", "open", "new", "todo", "to", "inbox", "idea", "ideas"), 0),
    **dict.fromkeys(("doing", "started", "active", "ongoing", "working", "wip", "progress"), 2),
    **dict.fromkeys(("review", "test", "testing", "verify", "verification", "qa", "approval"), 3),
    **dict.fromkeys(("done", "closed", "complete", "completed", "resolved", "finished"), 4),
    **dict.fromkeys(("cancelled", "canceled", "rejected", "archived", "declined", "merged"), 4),
    **dict.fromkeys(("shipped", "published", "won", "lost"), 4),
}
"""How far a stage is that has such a word in its name."""

_SOMEWHERE: Final = 1
_END: Final = 4


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a part of the proposed file is as it is; `path` leads to it."""

    path: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, some of its values, and where it goes: None if nowhere, and then why.

    `key` is that of its field in the file.
    """

    name: str
    samples: Sequence[object]
    to: Literal["field", "stage", "assignees"] | None
    key: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A workflow file, a reason for each thing in it, and what becomes of each column.

    `rows` is how many there are, `choices` are those made and those found out.
    """

    file: dict[str, Any]
    reasons: Sequence[Reason]
    columns: Sequence[Column]
    rows: int
    choices: Choices


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What was seen of a file."""

    watched: dict[str, Watch]
    keys: dict[str, Differing]
    stages: dict[str, None]
    rows: int = 0
    notes: Sequence[str] = ()


def infer(reader: Reader, name: str) -> Proposal:
    """Propose a workflow that takes in every row of a file; reads all of it.

    `name` is the file's; the workflow is called after it. Rows that cannot be read are passed
    over. Raises what the reader raises.
    """
    stage = _stage_column(reader.columns(), reader)
    sampled = {
        name: samples_of(reader.sample(), name) for name in reader.columns() if name not in MARKS
    }
    seen = _look(reader, stage)
    reasons: list[Reason] = []
    properties, keys = _properties(seen, stage, reasons)
    unique = _unique(seen, reader, properties, keys, reasons)
    workflow: dict[str, Any] = {}
    if unique is not None:
        workflow["uniqueId"] = unique
    stages = _stages(seen, reader, stage, reasons)
    if stages:
        workflow["stages"] = stages
    required = _required(seen, properties, keys, reasons)
    title = PurePath(name).stem.strip() or "Tasks"
    file: dict[str, Any] = {
        "$id": _slug(title, set()).lower(),
        "title": title[:_LONGEST_TITLE] if is_shown(title[:_LONGEST_TITLE]) else "Tasks",
        "type": "object",
        "required": required,
        "properties": properties,
        "workflow": workflow,
    }
    told = [Reason((), note) for note in seen.notes]
    return Proposal(file={k: v for k, v in file.items() if v or k == "properties"},
                    reasons=[*told, *reasons],
                    columns=_columns(sampled, seen, keys, stage),
                    rows=seen.rows,
                    choices=reader.choices)  # fmt: skip


def _columns(
    sampled: Mapping[str, Sequence[object]],
    seen: _Seen,
    keys: Mapping[str, str],
    stage: str | None,
) -> Sequence[Column]:
    """Say what becomes of each column."""
    made = []
    for name in dict.fromkeys((*sampled, *seen.watched)):
        samples = sampled.get(name, ())
        if name == stage and _is_moving(seen):
            made.append(Column(name=name, samples=samples, to="stage"))
        elif name in keys:
            made.append(Column(name=name, samples=samples, to="field", key=keys[name]))
        elif alike(name) == alike(ASSIGNED_TITLE):
            made.append(Column(name=name, samples=samples, to="assignees"))
        else:
            made.append(Column(name=name, samples=samples, to=None, reason=_why(name, seen)))
    return made


def _why(column: str, seen: _Seen) -> str:
    """Say why a column becomes no field."""
    if column in READ_ONLY:
        return "every task has it by itself"
    if not _title(column):
        return "no field can be called so"
    watch = seen.watched.get(column)
    if watch is None:
        return f"a workflow has at most {MOST_FIELDS} fields"
    named = "it is named like another column"
    return "its values are of too many sorts" if watch.guess() is None else named


def _stage_column(columns: Sequence[str], reader: Reader) -> str | None:
    """Find the column that says how far a task is."""
    if STAGE_TITLE in columns:
        return STAGE_TITLE
    suggested = [c for c in columns if STAGE_TITLE in reader.hints.get(c, ())]
    alike_ = [c for c in columns if c.casefold() in STAGE_WORDS]
    return next(iter((*suggested, *alike_)), None)


def _look(reader: Reader, stage: str | None) -> _Seen:
    columns = [name for name in reader.columns() if name not in MARKS and _title(name)]
    columns = columns[:MOST_FIELDS]
    days, sums = evidence(reader, columns) if reader.tabular else ({}, {})
    formats = decided(reader, days, sums)
    watched = watches(columns, formats, tabular=reader.tabular)
    for name, watch in watched.items():
        watch.free = bool(_FREE & {name.casefold(), *map(str.casefold, reader.hints.get(name, ()))})
    seen = _Seen(watched=watched, keys=_candidates(reader, columns), stages={})
    for row in reader.rows():
        if not row.fault:
            _see(seen, row, stage, reader)
    final = _settled(seen, stage, reader, days, sums)
    unclear = [f"{f.path[0]!r} {f.message}: it stays text; {f.hint}" for f in formats.unclear]
    seen.notes = [*reader.notes, *final.notes, *unclear]
    return seen


def _settled(seen: _Seen, stage: str | None, reader: Reader, days: Days, sums: Sums) -> Formats:
    """Make texts of columns that an import would read in another way than they were read here.

    It asks only the columns of dates and of numbers, and some turned out to be none.
    """
    moving = {stage} if _is_moving(seen) else set()
    while True:
        kinds = {c: g.kind for c, w in seen.watched.items() if c not in moving and (g := w.guess())}
        final = decided(
            reader,
            {name: day for name, day in days.items() if kinds.get(name) in DATED},
            {name: number for name, number in sums.items() if kinds.get(name) in COUNTED},
        )
        unclear = {str(fault.path[0]) for fault in final.unclear}
        odd = [
            name
            for name, form in (final.dated | final.counted).items()
            if name in unclear or form != seen.watched[name].form
        ]
        if not odd:
            return final
        for name in odd:
            seen.watched[name].forget(DATED | COUNTED)


def _candidates(reader: Reader, columns: Sequence[str]) -> dict[str, Differing]:
    """Choose the columns that may be the unique ID: by their names, and the very first."""
    named = [column for column in columns if _is_identity(column)]
    found = dict.fromkeys([*([reader.unique] if reader.unique else ()), *columns[:1], *named])
    return {name: Differing() for name in list(found)[:3]}


def _see(seen: _Seen, row: Row, stage: str | None, reader: Reader) -> None:
    seen.rows += 1
    for column, value in row.values.items():
        if value is None or is_blank(value):
            continue
        if column == stage and isinstance(value, str) and len(seen.stages) <= _MOST_STAGES:
            seen.stages.setdefault(value.strip(), None)
        watch = seen.watched.get(column)
        if (
            watch is None
            and not reader.tabular
            and len(seen.watched) < MOST_FIELDS
            and column not in MARKS
            and _title(column)
        ):
            watch = seen.watched[column] = Watch(Format(), tabular=False, unclear=frozenset())
        if watch is not None:
            watch.add(value)
        if column in seen.keys:
            key = unmarked(value) if reader.tabular and isinstance(value, str) else value
            seen.keys[column].add(key, integer=isinstance(value, int))


def _title(column: str) -> str:
    """Return the title that a column can be found by, or nothing if none is possible."""
    title = column.strip().lstrip("_ ")
    fit = len(title) <= _LONGEST_TITLE and is_shown(title) and alike(title) not in BUILT_IN
    return title if fit and title.isprintable() else ""


def _properties(
    seen: _Seen, stage: str | None, reasons: list[Reason]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Make the fields, and map columns to their keys."""
    properties: dict[str, Any] = {}
    keys: dict[str, str] = {}
    titles: set[str] = set()
    for column, watch in seen.watched.items():
        title = _title(column)
        if column == stage and _is_moving(seen):
            continue
        if alike(title) in titles:
            reasons.append(Reason(("properties",), f"{column!r} is named like another column"))
            continue
        titles.add(alike(title))
        guess = watch.guess()
        if guess is None:
            reasons.append(Reason(("properties",), f"{column!r} has values of too many sorts"))
            continue
        key = keys[column] = _slug(title, set(properties))
        properties[key] = {"title": title, **guess.schema}
        reasons.append(Reason(("properties", key), _told(column, guess, watch, seen)))
    return properties, keys


def _told(column: str, guess: Guess, watch: Watch, seen: _Seen) -> str:
    empty = seen.rows - watch.filled
    return f"{column!r}: {guess.reason}" + (f"; {empty} rows have none" if empty else "")


def _is_moving(seen: _Seen) -> bool:
    """Tell whether the values of the stage column can be stages."""
    names = [name for name in seen.stages if is_shown(name) and len(name) <= _LONGEST_TITLE]
    folded = {alike(name).casefold() for name in names}
    return 0 < len(names) == len(seen.stages) == len(folded) <= _MOST_STAGES


def _stages(
    seen: _Seen, reader: Reader, column: str | None, reasons: list[Reason]
) -> list[dict[str, Any]]:
    if column is None or not _is_moving(seen):
        reasons.append(Reason(("workflow", "stages"), "no column tells stages: the usual three"))
        return []
    known = [name.strip() for name in reader.stages if is_shown(name)]
    names = list(dict.fromkeys((*known, *sorted(seen.stages, key=_progress))))[:_MOST_STAGES]
    ends = [_progress(name) == _END for name in names]
    if all(ends) or ends[0]:
        ends = [False, *ends[1:]]
    said = f"{column!r} has {len(seen.stages)} values that tasks move through"
    order = "in the order of the file" if known else "ordered by what their names say"
    reasons.append(Reason(("workflow", "stages"), f"{said}, {order}"))
    return [
        {"name": n, **({"end": True} if end else {})} for n, end in zip(names, ends, strict=True)
    ]


def _progress(name: str) -> int:
    """Say how far a stage is, by the words in its name."""
    words = re.split(r"[^a-z]+", name.casefold())
    found = [_PROGRESS[word] for word in words if word in _PROGRESS]
    # What is still to be done is not done, whatever comes behind.
    return 0 if {"not", "to"} & set(words) else max(found, default=_SOMEWHERE)


def _unique(
    seen: _Seen,
    reader: Reader,
    properties: Mapping[str, Any],
    keys: Mapping[str, str],
    reasons: list[Reason],
) -> str | None:
    for column, found in seen.keys.items():
        key = keys.get(column)
        if key is None or not _may_be_unique(properties[key]):
            continue
        if seen.watched[column].filled != seen.rows or not found.differ():
            continue
        is_named = (
            column == reader.unique or _IDENTITY.fullmatch(column) or _CAMEL.fullmatch(column)
        )
        if is_named or seen.watched[column].compact:
            text = f"{column!r} has another value in each of the {seen.rows} rows"
            reasons.append(Reason(("workflow", "uniqueId"), text))
            return key
    reasons.append(
        Reason(
            ("workflow", "uniqueId"),
            "no column tells rows apart: importing twice makes tasks twice",
        )
    )
    return None


def _is_identity(column: str) -> bool:
    return bool(_IDENTITY.fullmatch(column.strip()) or _CAMEL.fullmatch(column.strip()))


def _may_be_unique(schema: Mapping[str, Any]) -> bool:
    return schema["type"] in ("string", "integer") and not {"format", "enum"} & set(schema)


def _required(
    seen: _Seen, properties: Mapping[str, Any], keys: Mapping[str, str], reasons: list[Reason]
) -> list[str]:
    found = []
    for column, key in keys.items():
        full = seen.rows >= _FEW and seen.watched[column].filled == seen.rows
        if full and properties[key]["type"] in ("string", "integer", "number"):
            found.append(key)
            reasons.append(Reason(("required",), f"{column!r} has a value in each row"))
    return found


def _slug(title: str, taken: Iterable[str]) -> str:
    """Make a key of a title that no other field has."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:_LONGEST_KEY].lower() or "field"
    key, number = words, 1
    while key in taken:
        number += 1
        key = f"{words}_{number}"
    return key
