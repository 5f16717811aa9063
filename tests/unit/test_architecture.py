"""The house rules that no linter knows: how the code is cut, and what no file may hold."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "platform"
PACKAGE = SOURCE / "taskloom"
MODULES = sorted(PACKAGE.rglob("*.py"))

LONGEST_MODULE = 400
MEDIAN_MODULE = 150
LONGEST_FUNCTION = 50
MEDIAN_FUNCTION = 10
LONG_FUNCTION = 30
MOST_PATHS = 10
MOST_POSITIONAL = 5

SAYS_NOTHING = {"common", "helpers", "misc", "shared", "stuff", "tools", "util", "utils"}
# The boundary where our own mistakes become answers, and the loop that must outlive them.
SWALLOWS_EVERYTHING = re.compile(r"taskloom\.(wire\.lane|app(\..+)?|effects\.runner)")
STARTS_PROCESSES = "taskloom.storage.mongod"

MADE = {"__pycache__", "node_modules", "dist", "static"}
KEPT = {".ci", ".dockerignore", ".gitignore", ".npmrc"}
# In pieces, so that this file does not hold what it forbids.
LEAKS = re.compile(
    "|".join(
        "".join(pieces)
        for pieces in (
            ("/(work|farm)", "/[a-z]"),
            ("/ro", "ot/"),
            ('"resolved": ', '"http'),
            ("index", "-url"),
            ("find", "-links"),
            ("pypi", r"\.org"),
            ("python", r"hosted\.org"),
            ("registry", r"\.npmjs"),
            ("deb", r"\.debian\.org"),
        )
    )
)

Function = ast.FunctionDef | ast.AsyncFunctionDef
BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.match_case,
    ast.comprehension,
)


def name_of(path: Path) -> str:
    """Dotted name of a module of the package."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    """Parse a module once."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def functions() -> list[tuple[Path, Function]]:
    """Every function and method with its module, nested ones included."""
    return [
        (path, node)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def lines_of(node: Function) -> int:
    """Length of a function, docstring included, decorators not."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def length_of(path: Path) -> int:
    """Length of a module in lines."""
    return len(path.read_text(encoding="utf-8").splitlines())


def place(path: Path, node: Function | ast.ClassDef) -> str:
    """Where a definition stands, as an editor understands it."""
    return f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


def positional(node: Function, *, method: bool) -> int:
    """Count positional parameters; the first one of a method that is not static is free."""
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
    return len(node.args.posonlyargs) + len(node.args.args) - (method and not static)


def methods_of(path: Path) -> set[Function]:
    """Functions that stand directly in a class."""
    return {
        member
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
        for member in node.body
        if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes any exception; one that cleans up and raises it on does not."""
    if isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None:
        return False
    caught = ast.walk(handler.type) if handler.type else [ast.Name("BaseException")]
    return any(isinstance(n, ast.Name) and n.id in ("Exception", "BaseException") for n in caught)


def imports_of(path: Path, names: frozenset[str]) -> set[str]:
    """Modules of the package that a module imports, hidden imports included."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in names else node.module for name in inner}
    return found & names


def project_files() -> Iterator[Path]:
    """Every text file that a checkout holds: nothing installed, built or cached."""
    waiting = [ROOT]
    while waiting:
        for path in waiting.pop().iterdir():
            if path.name in MADE or (path.name.startswith(".") and path.name not in KEPT):
                continue
            if path.is_dir():
                waiting.append(path)
            else:
                yield path


def test_nothing_but_packages_stands_in_the_source_root() -> None:
    """A module here would shadow the standard library's `platform` or stand outside the package."""
    assert [] == list(SOURCE.glob("*.py"))


def test_the_root_package_imports_nothing() -> None:
    root = ast.walk(tree_of(PACKAGE / "__init__.py"))

    assert [] == [node for node in root if isinstance(node, ast.Import | ast.ImportFrom)]


def test_no_import_cycle_exists() -> None:
    names = frozenset(map(name_of, MODULES))
    graph = {name_of(path): imports_of(path, names) - {name_of(path)} for path in MODULES}

    assert set(names) == set(TopologicalSorter(graph).static_order())


def test_every_module_has_a_name_that_says_something() -> None:
    assert [] == [str(path) for path in MODULES if path.stem in SAYS_NOTHING]


def test_every_module_has_a_docstring() -> None:
    assert [] == [str(path) for path in MODULES if not ast.get_docstring(tree_of(path))]


def test_every_public_class_and_function_has_a_docstring() -> None:
    assert [] == [
        place(path, node)
        for path in MODULES
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]


def test_every_module_is_of_readable_length() -> None:
    assert [] == [str(path) for path in MODULES if length_of(path) > LONGEST_MODULE]


def test_every_function_is_of_readable_length() -> None:
    assert [] == [
        place(path, node) for path, node in functions() if lines_of(node) > LONGEST_FUNCTION
    ]


def test_every_function_has_few_paths() -> None:
    assert [] == [
        place(path, node)
        for path, node in functions()
        if 1 + sum(isinstance(part, BRANCHES) for part in ast.walk(node)) > MOST_PATHS
    ]


def test_every_function_has_few_positional_parameters() -> None:
    methods = {node for path in MODULES for node in methods_of(path)}

    assert [] == [
        place(path, node)
        for path, node in functions()
        if positional(node, method=node in methods) > MOST_POSITIONAL
    ]


def test_no_function_hides_an_import() -> None:
    assert [] == [
        place(path, node)
        for path, node in functions()
        if any(isinstance(part, ast.Import | ast.ImportFrom) for part in ast.walk(node))
    ]


def test_only_the_app_boundary_and_the_worker_loop_swallow_every_exception() -> None:
    assert [] == [
        f"{path.relative_to(ROOT)}:{handler.lineno}"
        for path in MODULES
        if not SWALLOWS_EVERYTHING.fullmatch(name_of(path))
        for handler in ast.walk(tree_of(path))
        if isinstance(handler, ast.ExceptHandler) and swallows_everything(handler)
    ]


def test_only_one_module_starts_processes() -> None:
    starters = [
        name_of(path)
        for path in MODULES
        if re.search(r"^(import|from) subprocess\b", path.read_text("utf-8"), re.MULTILINE)
    ]

    assert {STARTS_PROCESSES} >= set(starters)


def test_functions_are_short_as_a_rule() -> None:
    lengths = [lines_of(node) for _, node in functions()]

    assert median(lengths) <= MEDIAN_FUNCTION
    assert quantiles(lengths, n=10)[-1] <= LONG_FUNCTION


def test_modules_are_short_as_a_rule() -> None:
    assert median(map(length_of, MODULES)) <= MEDIAN_MODULE


def test_no_file_names_a_machine_or_a_registry() -> None:
    leaks = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()[:80]}"
        for path in project_files()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1)
        if LEAKS.search(line)
    ]

    assert [] == leaks
