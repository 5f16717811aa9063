"""What the pages say is what the code has; a page that lacks something fails its test."""

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import click
import pytest

from taskloom.cli.main import cli
from taskloom.config import SETTINGS
from taskloom.engine.bulk import MOST_ATOMIC
from taskloom.engine.retries import LONGEST_KEY
from taskloom.errors import Fault, Invalid, TaskloomError
from taskloom.fields import identity, text
from taskloom.query import serving
from taskloom.schema import meta
from taskloom.schema.formats import FORMATS, known_formats
from taskloom.schema.rules import REFUSED
from taskloom.storage import client, filters
from taskloom.wire import exact, retries, uploads
from taskloom.wire.base import DIALECTS, Limits
from taskloom.wire.flowdash import bulk, controls, naming, outcomes
from taskloom.wire.management.keys import KeyIn
from taskloom.wire.management.users import UserIn
from taskloom.wire.management.workflows import LARGEST
from tests import made
from tests.pages import (
    DOCS,
    README,
    ROOT,
    SESSION,
    anchors,
    blocks,
    code_in,
    links,
    name_of,
    named,
    pages,
    rows,
    text_of,
)

PACKAGE = ROOT / "platform" / "taskloom"
REFERENCE = DOCS / "reference"
WORKFLOW_FILE = REFERENCE / "workflow-file.md"
NATIVE = REFERENCE / "native-api.md"
MANAGEMENT = REFERENCE / "management-api.md"
ERRORS = REFERENCE / "errors.md"

LARGEST_PICTURE = 200_000
OTHER_PROGRAMS = {"/opt/taskloom/bin/pip", "docker", "export", "python3"}

by_name = pytest.mark.parametrize("page", pages(), ids=name_of)


# --- pages ---------------------------------------------------------------------------------------


@by_name
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for link in links(page):
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert [] == broken


def test_the_index_names_every_page() -> None:
    indexed = {(DOCS / link).resolve() for link in links(DOCS / "README.md")}

    assert set() == set(pages()) - indexed - {README, DOCS / "README.md"}


def test_every_picture_is_small() -> None:
    pictures = list((DOCS / "images").iterdir())

    assert pictures
    assert [] == [path.name for path in pictures if path.stat().st_size > LARGEST_PICTURE]


@by_name
def test_a_page_names_only_settings_that_exist(page: Path) -> None:
    told = set(re.findall(r"TASKLOOM_[A-Z_]*[A-Z]", text_of(page)))

    assert set() == told - {setting.env for setting in SETTINGS}


@pytest.mark.parametrize("page", made.parts(), ids=name_of)
def test_what_is_made_from_the_code_is_up_to_date(page: Path) -> None:
    """`.venv/bin/python -m tests.made` writes these parts anew."""
    assert sorted(made.parts()[page]) == sorted(made.made_in(page))
    assert made.remade(page) == text_of(page)


def test_the_map_of_the_readme_names_every_part_of_the_package() -> None:
    found = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    drawn = next(block.text for block in blocks(README) if "platform/taskloom/" in block.text)

    package = drawn.partition("platform/taskloom/")[2].partition("platform/web/")[0]

    assert found == set(re.findall(r"^  (\w+)/", package, re.MULTILINE))


# --- commands ------------------------------------------------------------------------------------


def targets() -> set[str]:
    """Name the targets of the Makefile."""
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def typed(page: Path) -> Iterator[str]:
    """Yield every line of shell, continued lines as one, without what is fed to a program."""
    for block in blocks(page):
        if block.info.split()[:1] == ["sh"]:
            text = re.sub(r"<<'END'(.*)\n(?:.*\n)*?END\n", r"\1\n", block.text)
            yield from text.replace("\\\n", " ").splitlines()


def wrong_uses(line: str) -> Iterator[str]:
    """Yield the uses of our program in a text that it would not understand."""
    for use in re.findall(r"(?:^|[ /(`])taskloom((?: [^|;&)`]+)?)", line):
        command: click.Command = cli
        words = use.split()
        while isinstance(command, click.Group) and words and words[0].isalpha():
            context = click.Context(command)
            found = command.get_command(context, words.pop(0))
            if found is None:
                yield f"taskloom{use}"
                break
            command = found
        options = {option for parameter in command.params for option in parameter.opts}
        options |= {"--help", "--version"}
        yield from (word for word in words if word.startswith("--") and word not in options)


@by_name
def test_every_command_that_a_page_shows_exists(page: Path) -> None:
    told = [*typed(page), *(code for code in code_in(page) if re.match(r"(taskloom|make) ", code))]
    made_targets = {word for line in told for word in re.findall(r"^make (\w+)", line)}

    assert set() == made_targets - targets()
    assert [] == [use for line in told for use in wrong_uses(line)]


@by_name
def test_a_block_can_be_pasted_into_an_interactive_shell_of_any_kind(page: Path) -> None:
    """The zsh of macOS takes a typed `#` for a word."""
    assert [] == [line for line in typed(page) if re.search(r"(^|\s)#", line)]


@by_name
def test_a_block_that_no_test_runs_uses_known_programs_only(page: Path) -> None:
    programs = {
        line.split()[0]
        for block in blocks(page)
        if block.info == "sh" != SESSION
        for line in block.text.replace("\\\n", " ").splitlines()
    }

    assert set() == {
        name
        for name in programs - OTHER_PROGRAMS
        if name.split("/")[-1] not in {"make", "taskloom"}
    }


# --- the workflow file ---------------------------------------------------------------------------


def definitions() -> Mapping[str, Any]:
    """Return the parts of the meta-schema."""
    return cast(Mapping[str, Any], meta.meta_schema()["$defs"])


def properties_of(definition: str) -> set[str]:
    """Name the keywords that one part of the meta-schema declares."""
    return set(definitions()[definition]["properties"])


def test_every_keyword_of_workflow_is_explained() -> None:
    assert properties_of("workflow") == set(named(rows(WORKFLOW_FILE, "Workflow")))


def test_every_keyword_of_a_stage_is_explained() -> None:
    stages = definitions()["workflow"]["properties"]["stages"]

    assert set(stages["items"]["properties"]) == set(named(rows(WORKFLOW_FILE, "Stages")))


def test_every_keyword_of_the_file_is_explained() -> None:
    own = {"$schema", "$id", "title", "description", "type", "properties", "required", "$defs"}

    assert own | {"workflow"} == set(named(rows(WORKFLOW_FILE, "The file")))
    assert own | {"workflow"} <= meta.FILE_KEYWORDS


def test_every_keyword_of_a_field_is_named() -> None:
    said = set(code_in(WORKFLOW_FILE))

    assert set() == {*properties_of("field"), *meta.KEYWORDS, *meta.FIELD_KEYWORDS} - said
    assert set(meta.FIELD_KEYWORDS) <= set(named(rows(WORKFLOW_FILE, "Fields")))


def test_every_keyword_that_is_not_read_is_named() -> None:
    said = set(named(rows(WORKFLOW_FILE, "What is not read")))

    assert set(REFUSED) == said


def test_every_format_is_named() -> None:
    below = text_of(WORKFLOW_FILE).split("## Formats")[1].split("\n## ")[0]

    assert set(FORMATS) == set(re.findall(r"`([a-z0-9-]+)`", below))
    assert set() == set(known_formats()) - set(code_in(WORKFLOW_FILE))


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    said = text_of(WORKFLOW_FILE)

    assert f"at most {meta.MOST_FIELDS};" in said
    assert f"up to {serving.MOST_DECLARED} fields" in said
    assert LARGEST == 1024 * 1024
    assert "at most 1 MiB" in text_of(MANAGEMENT)


# --- the APIs ------------------------------------------------------------------------------------


def test_every_route_is_on_one_of_the_pages() -> None:
    told = {(method, path) for method, path, _ in made.operations(*made.NATIVE, *made.MANAGEMENT)}
    tags = [tag["name"] for tag in made.document()["tags"]]

    assert told == {(method, path) for method, path, _ in made.operations(*tags)}


def test_every_control_parameter_is_explained() -> None:
    assert set(controls.CONTROLS) == set(named(rows(NATIVE, "Controls")))


def test_every_mode_and_outcome_of_a_bulk_request_is_named() -> None:
    below = text_of(NATIVE).split("## Many at once")[1].split("```")[0]

    assert {*bulk.MODES, *outcomes.OUTCOMES} <= set(re.findall(r"`(\w+)`", below))


def test_every_name_that_a_body_may_bring_in_vain_is_named() -> None:
    assert naming.READ_ONLY <= set(code_in(NATIVE))


def test_the_limits_are_those_of_the_code() -> None:
    limits = Limits(max_body=0, max_file=0)
    defaults = {setting.name: setting.default or "" for setting in SETTINGS}
    numbers = [
        int(defaults["max_body"]),
        int(defaults["max_file"]),
        int(defaults["max_import"]),
        limits.max_depth,
        limits.max_items,
        limits.max_keys,
        exact._MOST_VALUES,  # noqa: SLF001 - nobody else needs the number
        exact._MOST_DIGITS,  # noqa: SLF001 - "
        controls.LARGEST_PAGE,
        controls.MOST_ORDERS,
        MOST_ATOMIC,
        bulk.LARGEST_ATOMIC,
        retries.LARGEST,
        LONGEST_KEY,
        identity.LONGEST,
        text.SHORT,
        text.LONG,
        text.MOST_ITEMS,
        filters.LONGEST_SEARCH,
        uploads._MOST_PARTS,  # noqa: SLF001 - "
        client.LARGEST_DOCUMENT,
    ]

    assert [f"{number:,}" for number in numbers] == [row[1] for row in rows(NATIVE, "Limits")]


@pytest.mark.parametrize(("heading", "envelope"), [("Users", UserIn()), ("Keys", KeyIn())])
def test_every_property_of_a_user_and_a_key_is_explained(
    heading: str, envelope: UserIn | KeyIn
) -> None:
    assert set(envelope.fields) == set(named(rows(MANAGEMENT, heading)))


# --- errors --------------------------------------------------------------------------------------


def kinds_of_error(base: type[TaskloomError] = TaskloomError) -> Iterator[type[TaskloomError]]:
    """Yield every class of error below one."""
    for kind in base.__subclasses__():
        yield kind
        yield from kinds_of_error(kind)


def statuses(kind: type[TaskloomError]) -> list[str]:
    """Return the status that each dialect gives a class of error."""
    fault = Fault(path=(), code="x", message="x")
    error = Invalid([fault]) if issubclass(kind, Invalid) else kind("x")
    return [str(DIALECTS[name].render(error).status) for name in DIALECTS]


def test_every_code_is_there_with_its_status_in_every_dialect() -> None:
    told = {row[0].strip("`"): row[1 : 1 + len(list(DIALECTS))] for row in rows(ERRORS, "Codes")}

    assert told == {kind.code: statuses(kind) for kind in kinds_of_error()}


def meant(node: ast.expr | None, module: object) -> str | None:
    """Return the text that a literal or a name of a module stands for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    value = getattr(module, node.id, None) if isinstance(node, ast.Name) else None
    return value if isinstance(value, str) else None


def codes_of(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what a call gives as the code of a fault."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "code")
    if name == "Refusal":
        yield from call.args[:1]
    if name == "_fault":
        yield from call.args[3:4]


def codes_told_in(pair: ast.Tuple) -> Iterator[ast.expr]:
    """Yield the code of a pair of code and message."""
    if len(pair.elts) == 2:
        code, message = pair.elts
        is_message = not isinstance(message, ast.Constant) or " " in str(message.value)
        yield from [code] if is_message else []


def fault_codes() -> set[str]:
    """Find the codes of faults in the source; those of JSON Schema's keywords stand in a table."""
    found = set()
    for path in (path for path in PACKAGE.rglob("*.py") if path.stem != "__init__"):
        module = importlib.import_module(
            ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        )
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found |= {meant(code, module) for code in codes_of(node)}
            if isinstance(node, ast.Tuple) and path.name == "messages.py":
                found |= {meant(code, module) for code in codes_told_in(node)}
    # `refused` never leaves the command line, `error` is the base class's own.
    return {code for code in found if code and re.fullmatch("[a-z_]+", code)} - {"refused"}


def test_every_code_of_a_fault_is_explained() -> None:
    told = named(rows(ERRORS, "Codes of faults"))

    assert sorted(told) == sorted(set(told))
    assert fault_codes() == set(told)
