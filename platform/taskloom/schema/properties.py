"""The fields of a workflow file: their kinds, titles, options, defaults and the unique ID."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from taskloom.errors import Fault, Path, Refusal
from taskloom.fields import identity
from taskloom.fields.base import INVALID, KINDS, Codec, People, options_of, type_of
from taskloom.fields.file import FILE
from taskloom.model.values import Kept, Parsed, Upload, Value
from taskloom.model.workflow import Field
from taskloom.schema.messages import shown
from taskloom.schema.rules import no_field
from taskloom.schema.validators import exact_faults
from taskloom.schema.walk import References, Schema

Sound = Callable[[Path], bool]
"""Tells whether no fault was found at a path or below it."""

BUILT_IN: Final = frozenset({"Stage", "Assigned To", "Task URL", "Created On", "Updated On"})
UNIQUE_KINDS: Final = ("text", "integer")

_UNSHOWN: Final = frozenset({"Cc", "Zl", "Zp"})
_UNSEEN: Final = "must be text that can be seen, without line breaks"


class _Nobody:
    """The people a workflow file knows: none."""

    def id_of(self, email: str) -> str | None:  # noqa: ARG002 - fulfils `People`
        return None

    def email_of(self, user: str) -> str | None:  # noqa: ARG002 - fulfils `People`
        return None


NOBODY: Final[People] = _Nobody()


def _properties(document: Schema) -> Mapping[str, Any]:
    declared = document.get("properties")
    return declared if isinstance(declared, Mapping) else {}


def _fault(path: Path, message: str, hint: str = "", code: str = INVALID) -> Fault:
    return Fault(path=path, code=code, message=message, hint=hint)


def is_shown(text: str) -> bool:
    """Tell whether a name is neither blank nor holds characters that cannot be seen."""
    return bool(text.strip()) and not any(unicodedata.category(sign) in _UNSHOWN for sign in text)


def alike(text: str) -> str:
    """Return the form in which two names that look the same are the same."""
    return unicodedata.normalize("NFC", text).strip()


def title_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse titles that people or the wire could not tell apart."""
    if sound(("title",)) and not is_shown(str(document.get("title", "-"))):
        yield _fault(("title",), _UNSEEN)
    seen: dict[str, str] = {}
    for key, schema in _properties(document).items():
        path = ("properties", key, "title")
        if not sound(path) or not isinstance(schema, Mapping):
            continue
        title = str(schema.get("title", key))
        if not is_shown(title):
            yield _fault(path, _UNSEEN)
        elif title.lstrip().startswith("_"):
            yield _fault(path, "must not start with '_'", "such names are the platform's own")
        elif alike(title) in BUILT_IN:
            yield _fault(path, f"must not be {alike(title)!r}", "every task has that already")
        elif alike(title) in seen:
            yield _fault(
                path,
                f"is also the title of {seen[alike(title)]!r}: {title!r}",
                "give each field a title of its own",
                "duplicate",
            )
        seen.setdefault(alike(title), key)


def kind_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse properties that not exactly one kind of field claims."""
    references = References(document)
    for key, schema in _properties(document).items():
        path = ("properties", key)
        if not sound(path):
            continue
        whole = references.effective(schema)
        wrong = list(_option_faults(path, whole))
        yield from wrong
        if not wrong:
            yield from _claim_faults(path, whole)


def _option_faults(path: Path, schema: Schema) -> Iterator[Fault]:
    items = schema.get("items")
    for where, part in ((path, schema), ((*path, "items"), items)):
        if not isinstance(part, Mapping) or type_of(part) not in ("string", ""):
            continue
        for position, option in enumerate(part.get("enum", ())):
            here = (*where, "enum", position)
            if option == "":
                yield _fault(here, "must not be empty", "an unset field needs no option")
            elif option is not None and not isinstance(option, str):
                yield _fault(here, "must be text", 'to offer numbers, add "type": "number"')


def _claim_faults(path: Path, schema: Schema) -> Iterator[Fault]:
    claims = [name for name, kind in sorted(KINDS.members().items()) if kind.claims(schema)]
    if len(claims) > 1:
        yield _fault(path, f"is claimed by several kinds of field: {', '.join(claims)}")
    elif not claims and "type" not in schema:
        yield _fault((*path, "type"), "is missing", 'for a text field, add "type": "string"')
    elif not claims:
        yield _fault(path, f"is no kind of field: {_spelt(schema)}", _nearest(schema))


def _spelt(schema: Schema) -> str:
    kind = schema["type"]
    types = shown(kind) if isinstance(kind, str) else " or ".join(map(str, _sequence(kind)))
    extra = [word for word in ("format", "items", "enum") if word in schema]
    parts = [f"format {schema['format']}" if word == "format" else word for word in extra]
    return f"type {types}" + (f" with {' and '.join(parts)}" if parts else "")


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) else ()


def _nearest(schema: Schema) -> str:
    name = schema.get("format")
    for kind in KINDS.members().values():
        for example in kind.examples:
            if name is not None and example.schema.get("format") == name:
                return f"format {name} goes with type {type_of(example.schema)}"
    return f"the kinds are: {', '.join(KINDS)}"


_AUTO_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "creator": ("person",),
    "now": ("date", "datetime"),
}


def life_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse `future`, `auto` and `writeOnce` where they can mean nothing."""
    references = References(document)
    for key, kind in kinds_in(document, sound).items():
        schema = references.effective(_properties(document)[key])
        for keyword, message, hint in _life(schema, kind):
            yield _fault(("properties", key, keyword), message, hint)


def _life(schema: Schema, kind: str) -> Iterator[tuple[str, str, str]]:
    """Yield keyword, message and remedy."""
    auto = schema.get("auto")
    wanted = _AUTO_KINDS.get(str(auto), ()) if auto is not None else (kind,)
    if kind not in wanted:
        yield "auto", f"is for {' and '.join(wanted)} fields: this is of kind {kind}", ""
    elif auto is not None and "default" in schema:
        yield "auto", "is not possible beside default", "a new task can get only one of them"
    if schema.get("future"):
        if kind not in _AUTO_KINDS["now"]:
            yield "future", f"is for dates: this field is of kind {kind}", ""
        elif auto is not None or "default" in schema:
            yield "future", "is not possible beside default or auto", "they will have passed"
    if schema.get("writeOnce"):
        if schema.get("readOnly") or schema.get("editable") is False:
            yield "writeOnce", "is not possible beside readOnly", "a new task is the only chance"
        elif "default" in schema:
            yield "writeOnce", "is not possible beside default", "no other value could ever be set"


def unique_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse a unique ID that is no text or integer field."""
    path: Path = ("workflow", "uniqueId")
    key, counts = _unique(document)
    if key is None or not sound(path):
        return
    fields = _properties(document)
    if not isinstance(_workflow(document)["uniqueId"], str):
        path = (*path, "field")
    if key not in fields:
        yield no_field(path, key, fields)
        return
    if not sound(("properties", key)):
        return
    kind = _kind(References(document).effective(fields[key]))
    if kind not in UNIQUE_KINDS:
        yield _fault(
            path,
            f"must be a text or integer field: {key!r} is of kind {kind}",
            'use "type": "string" or "type": "integer" without format',
        )
    elif counts and kind != "integer":
        yield _fault(
            ("workflow", "uniqueId", "autoIncrement"),
            f"needs an integer field: {key!r} is of kind {kind}",
            'use "type": "integer", or drop autoIncrement',
        )


def _workflow(document: Schema) -> Mapping[str, Any]:
    said = document.get("workflow")
    return said if isinstance(said, Mapping) else {}


def _unique(document: Schema) -> tuple[str | None, bool]:
    said = _workflow(document).get("uniqueId")
    if isinstance(said, Mapping):
        return said.get("field"), bool(said.get("autoIncrement", False))
    return said, False


def _kind(schema: Schema) -> str | None:
    return next((name for name in KINDS if KINDS[name].claims(schema)), None)


def kinds_in(document: Schema, sound: Sound) -> Mapping[str, str]:
    """Return the kind of every field that has one."""
    references = References(document)
    kinds = {
        key: _kind(references.effective(schema))
        for key, schema in _properties(document).items()
        if isinstance(schema, Mapping) and sound(("properties", key))
    }
    return {key: kind for key, kind in kinds.items() if kind is not None}


def _limit(schema: Schema, kind: str) -> int | None:
    most = schema.get("maxItems")
    return int(str(most)) if kind == FILE and most is not None else None


def build_fields(document: Schema) -> tuple[Field, ...]:
    """Make the fields of a file without faults, in its order."""
    references = References(document)
    key, counts = _unique(document)
    needed = _sequence(document.get("required", ()))
    return tuple(
        _build(name, references.effective(schema), name in needed, unique=(name == key, counts))
        for name, schema in _properties(document).items()
    )


def _build(key: str, schema: Schema, required: bool, *, unique: tuple[bool, bool]) -> Field:  # noqa: FBT001 - a fact about the field
    kind = _kind(schema) or ""
    items = schema.get("items")
    return Field(
        key=key,
        title=str(schema.get("title", key)),
        kind=kind,
        schema=schema,
        required=required,
        editable=not schema.get("readOnly", False) and bool(schema.get("editable", True)),
        filterable=bool(schema.get("filterable", False)),
        options=options_of(items if isinstance(items, Mapping) else schema),
        limit=_limit(schema, kind),
        unique=unique[0],
        auto_increment=unique[0] and unique[1],
        write_once=bool(schema.get("writeOnce", False)),
        future=bool(schema.get("future", False)),
        auto=schema.get("auto"),  # type: ignore[arg-type] # one of an enumeration, checked before
    )


def codec_of(field: Field) -> Codec:
    """Make a field's functions; unique IDs read all spellings of one ID alike."""
    base = KINDS[field.kind].compile(field)
    return identity.codec(field, base) if field.unique else base


def default_of(field: Field) -> Parsed | None:
    """Read the value that a field's `default` stands for; raise `Refusal` where it is none."""
    wanted = field.schema.get("default")
    if wanted is None:
        return None
    if field.unique:
        raise Refusal(INVALID, "is not possible: every task would get the same unique ID")
    value = codec_of(field).parse(wanted, NOBODY)
    if isinstance(value, list) and any(isinstance(item, Kept | Upload) for item in value):
        raise Refusal(INVALID, "is not possible for files")
    return value


def default_faults(document: Schema, fields: Sequence[Field]) -> Iterator[Fault]:
    """Refuse defaults that their own field would refuse; the rest of the file has no faults."""
    rules = {"$defs": document.get("$defs", {}), "properties": _properties(document)}
    tell = exact_faults(rules)
    for field in fields:
        path = ("properties", field.key, "default")
        try:
            value = default_of(field)
        except Refusal as refusal:
            yield refusal.at(*path)
            continue
        values: dict[str, Value] = {} if value is None else {field.key: value}  # type: ignore[dict-item] # never file entries
        for fault in tell(values):
            yield _fault((*path, *fault.path[1:]), fault.message, fault.hint, fault.code)
