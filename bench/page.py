"""The table, on the screen and in `docs/performance.md`, whose other parts stay as they are."""

import re
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Row
from bench.targets import TARGETS

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
HEAD = ("figure", "Taskloom", "raw", "ratio or value", "must", "aim", "verdict")
MORE = ("by CPU", "app ms", "db ms", "raw ms", "load µs", "disturbed")


def cells(row: Row) -> Sequence[str]:
    """Spell the cells that everybody reads."""
    target, found = row.target, row.compared
    rates = ("", "")
    if found is not None:
        rates = f"{found.ours:,.0f} {found.unit}", f"{found.other:,.0f}"
    limit = "≤ " if target.most else ""
    return (
        target.title,
        *rates,
        f"{row.value:{target.form}}",
        f"{limit}{target.must:{target.form}}",
        f"{limit}{target.aim:{target.form}}",
        row.verdict,
    )


def more(row: Row) -> Sequence[str]:
    """Spell what tells noise from news."""
    found = row.compared
    if found is None:
        return ("",) * len(MORE)
    return (
        f"{found.by_cost:.2f}",
        f"{found.app * 1e3:.3f}",
        f"{found.database * 1e3:.3f}",
        f"{found.all_other * 1e3:.3f}",
        f"{found.client * 1e6:.0f}",
        f"{found.disturbed:.2f}",
    )


def printed(row: Row) -> str:
    """Spell a row for the screen."""
    return _line(cells(row), more(row))


def heading() -> str:
    """Spell the head for the screen."""
    return _line([name.removeprefix("ratio or ") for name in HEAD], MORE)


def _line(told: Sequence[str], besides: Sequence[str]) -> str:
    title, ours, *rest = told
    short = " ".join(f"{cell:>8}" for cell in rest)
    return f"{title:50} {ours:>18} {short} | {' '.join(f'{cell:>9}' for cell in besides)}"


def table(rows: Sequence[Row]) -> str:
    """Spell the table of the page, in the order of the targets."""
    order = list(TARGETS.values())
    ordered = sorted(rows, key=lambda row: order.index(row.target))
    return markdown((*HEAD, MORE[0]), [[*cells(row), more(row)[0]] for row in ordered])


def markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Spell a Markdown table; all columns but the first are aligned to the right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, rule, *lines))


def write(name: str, text: str) -> None:
    """Replace one measured part of the page, which stands between its marks."""
    page = PAGE.read_text(encoding="utf-8")
    marks = re.compile(rf"(<!-- measured: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    assert marks.search(page), f"{PAGE} has no part {name!r}"
    written = marks.sub(lambda found: f"{found[1]}{text}{found[2]}", page)
    PAGE.write_text(written, encoding="utf-8")
