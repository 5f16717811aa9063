"""The parts of the pages that are made from the code; `python -m tests.made` writes them anew.

A made part stands between `<!-- made: NAME -->` and `<!-- end -->`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import click

from taskloom.cli.main import cli
from taskloom.engine.engine import Engine
from taskloom.fields.base import KINDS, OPERATORS, Kind
from taskloom.model.workflow import Field
from taskloom.schema.formats import known_formats
from taskloom.schema.meta import TYPES
from taskloom.wire.answer import encode
from taskloom.wire.app import create_app
from taskloom.wire.base import Limits
from tests.pages import DOCS, text_of

_PART = re.compile(r"(<!-- made: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_NONE = "–"

NATIVE = (
    "tasks",
    "history",
    "views",
    "imports",
    "files",
    "directory",
    "notifications",
    "session",
    "events",
)
MANAGEMENT = ("workflows", "plans", "infer", "users", "team", "keys", "documents", "schemas")


def table(head: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [head, ["---"] * len(head), *cells]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n"
                   for line in lines)  # fmt: skip


# --- kinds of field ------------------------------------------------------------------------------

_ITEMS: Mapping[str, Mapping[str, object]] = {
    '`{"type": "string"}`': {"type": "string"},
    '`{"enum": […]}`': {"type": "string", "enum": ["a", "b"]},
    '`{"format": "person"}`': {"format": "person"},
    '`{"format": "file"}`': {"format": "file"},
    "anything else": {"type": "object"},
}


def _scalars(kind: Kind) -> Iterator[tuple[str, str]]:
    for name in TYPES:
        if name in {"array", "null"}:
            continue
        formats = [
            f"`{form}`" if form else _NONE
            for form in ("", *known_formats())
            if kind.claims({"type": name, **({"format": form} if form else {})})
        ]
        if formats:
            # A kind that takes every format means none of them.
            many = len(formats) > len(known_formats())
            yield f"`{name}`", _NONE if many else ", ".join(formats)
        if kind.claims({"type": name, "enum": ["a", "b"]}) and not formats:
            yield f"`{name}` with `enum`", _NONE


def _lists(kind: Kind) -> Iterator[tuple[str, str]]:
    items = [
        spelt for spelt, item in _ITEMS.items() if kind.claims({"type": "array", "items": item})
    ]
    if items:
        yield f"`array` of {' or '.join(items)}", _NONE
    for form in known_formats():
        if kind.claims({"type": "array", "format": form}):
            yield "`array`", f"`{form}`"


def _plain(value: object) -> str:
    return f"`{encode(value).decode()}`"


def kinds() -> str:
    """Write the table of the kinds of field."""
    cells = []
    for name, kind in sorted(KINDS.members().items()):
        declared = [*_scalars(kind), *_lists(kind)]
        example = kind.examples[0]
        field = Field(key="it", title="It", kind=name, schema=example.schema)
        operators = kind.operators(field)
        cells.append(
            [
                f"`{name}`",
                kind.label,
                "; ".join(spelt for spelt, _ in declared),
                "; ".join(form for _, form in declared),
                _plain(example.wire),
                _plain(example.dumped),
                " ".join(operator for operator in OPERATORS if operator in operators),
            ]
        )
    return table(("kind", "name", "`type`", "`format`", "sent", "read", "operators"), cells)


# --- commands ------------------------------------------------------------------------------------


def commands(group: click.Command = cli, name: str = "taskloom") -> Iterator[tuple[str, str]]:
    """Yield every command with its help, groups before their commands."""
    context = click.Context(
        group, info_name=name, help_option_names=["-h", "--help"], terminal_width=80
    )
    yield name, f"{group.get_help(context)}\n"
    if isinstance(group, click.Group):
        for each in group.list_commands(context):
            found = group.get_command(context, each)
            assert found is not None
            yield from commands(found, f"{name} {each}")


def help_of(name: str) -> str:
    """Write the help of a command, named with `-` for blanks."""
    return f"```text\n{dict(commands())[name.replace('-', ' ')]}```\n"


# --- routes --------------------------------------------------------------------------------------


@cache
def document() -> Mapping[str, Any]:
    """Return the static OpenAPI document; no route is asked, so none needs an engine."""
    app = create_app(cast(Engine, None), Limits(max_body=1, max_file=1), lambda: True)
    found: Mapping[str, Any] = app.test_client().get("/openapi.json").get_json()
    return found


def operations(*tags: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield method, path and description of every documented operation with one of these tags."""
    for tag in tags:
        for path, methods in document()["paths"].items():
            for method, operation in methods.items():
                if method != "parameters" and tag in operation["tags"]:
                    yield method.upper(), path, operation


def routes(*tags: str) -> str:
    """Write the table of routes with one of these tags."""
    cells = [
        [
            f"`{method}`",
            f"`{path}`",
            operation["summary"],
            ", ".join(status for status in operation["responses"] if status < "3"),
        ]
        for method, path, operation in operations(*tags)
    ]
    return table(("method", "path", "what it does", "answers"), cells)


# --- pages ---------------------------------------------------------------------------------------

_REFERENCE = DOCS / "reference"


def parts() -> Mapping[Path, Mapping[str, Callable[[], str]]]:
    """Name the made parts of every page that has some."""
    helps = [name.replace(" ", "-") for name, _ in commands()]
    return {
        _REFERENCE / "workflow-file.md": {"kinds": kinds},
        _REFERENCE / "native-api.md": {"routes": partial(routes, *NATIVE)},
        _REFERENCE / "management-api.md": {"routes": partial(routes, *MANAGEMENT)},
        _REFERENCE / "cli.md": {name: partial(help_of, name) for name in helps},
    }


def remade(page: Path) -> str:
    """Return the page with its made parts as the code has them now."""
    makers = parts()[page]
    return _PART.sub(lambda found: f"{found[1]}{makers[found[2]]()}{found[3]}", text_of(page))


def made_in(page: Path) -> list[str]:
    """List the made parts that a page has a place for."""
    return [found[2] for found in _PART.finditer(text_of(page))]


def main() -> None:
    """Write every made part anew."""
    for page in parts():
        page.write_text(remade(page), encoding="utf-8")


if __name__ == "__main__":
    main()
