"""`python -m bench [create|upsert|get|list|import|growth|all]`: measure and write the page."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figures import EXISTING, Bench, Figure, copied, imports, operation, running
from bench.growth import growth
from bench.page import page

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
SINGLE = ("create", "upsert", "get", "list")


def _single(bench: Bench, names: Sequence[str]) -> list[Figure]:
    figures = imports(bench)
    copied(bench)
    return figures + [operation(bench, name) for name in names]


def _growth(bench: Bench) -> list[Figure]:
    return [growth(bench, first=10 * EXISTING, count=EXISTING)]


CHOICES: dict[str, Callable[[Bench], list[Figure]]] = {
    **{name: lambda bench, name=name: _single(bench, [name]) for name in SINGLE},  # type: ignore[misc] # a default binds the loop's name
    "import": imports,
    "growth": _growth,
    "all": lambda bench: _single(bench, SINGLE) + _growth(bench),
}


def main() -> int:
    """Measure what the first argument names, print it, and keep the whole set as a page."""
    chosen = sys.argv[1] if len(sys.argv) > 1 else "all"
    if chosen not in CHOICES:
        print(f"no figure {chosen!r}; there are: {', '.join(CHOICES)}", file=sys.stderr)
        return 2
    with running() as bench:
        figures = CHOICES[chosen](bench)
    for figure in figures:
        print(f"{figure.name:60} {figure.ours:10,.0f} {figure.raw:10,.0f} {figure.ratio:6.2f}")
    if chosen == "all":
        PAGE.write_text(page(figures, os.cpu_count() or 1), encoding="utf-8")
        print(f"written: {PAGE.relative_to(Path.cwd())}")
    return 0


sys.exit(main())
