"""The Markdown pages of this checkout: their code blocks, their tables, and the sessions in them.

A session is what a reader types: all blocks marked `sh session` of a page, in order, in one shell.
A block marked `text output` or `json output` shows how the output of the block before it ends.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
DOCS = ROOT / "docs"

SESSION = "sh session"
OUTPUTS = ("text output", "json output")

_BLOCK = re.compile(r"^```([^`\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block: what stands behind its fence, its text, and its first line's number."""

    info: str
    text: str
    line: int


@dataclass(slots=True, kw_only=True)
class Step:
    """One block of a session, and the outputs that the page shows for it."""

    block: Block
    outputs: list[Block] = field(default_factory=list)


def pages() -> list[Path]:
    """List the pages for users; decisions are notes for developers."""
    found = [path for path in DOCS.rglob("*.md") if path.parent.name != "decisions"]
    return [README, *sorted(found)]


def name_of(page: Path) -> str:
    """Name a page the way a link from the root does."""
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    """Read a page."""
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    text = text_of(page)
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        yield Block(info=found[1].strip(), text=found[2], line=line)


def session(page: Path) -> Sequence[Step]:
    """Read the session of a page; most pages have none."""
    steps: list[Step] = []
    for block in blocks(page):
        if block.info == SESSION:
            steps.append(Step(block=block))
        elif block.info in OUTPUTS:
            assert steps, f"{name_of(page)}:{block.line} shows the output of nothing"
            steps[-1].outputs.append(block)
    return steps


def with_sessions() -> list[Path]:
    """List the pages that have a session."""
    return [page for page in pages() if session(page)]


def prose(page: Path) -> str:
    """Return a page's text without its fenced blocks."""
    return _BLOCK.sub("", text_of(page))


def code_in(page: Path) -> list[str]:
    """List what stands between single backticks."""
    return _CODE.findall(prose(page))


def links(page: Path) -> list[str]:
    """List where the links and pictures of a page lead."""
    return _LINK.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """Name the headings of a page as links do."""
    titles = (title.replace("`", "").lower() for title in _HEADING.findall(prose(page)))
    return {re.sub(r"[^\w\- ]", "", title).strip().replace(" ", "-") for title in titles}


def rows(page: Path, heading: str) -> list[list[str]]:
    """Return the cells of every table row below a heading, up to the next one; no table heads."""
    below = re.split(rf"^#+ {re.escape(heading)}$", text_of(page), maxsplit=1, flags=re.MULTILINE)
    assert len(below) == 2, f"{name_of(page)} has no heading {heading!r}"
    part = re.split(r"^#+ ", below[1], maxsplit=1, flags=re.MULTILINE)[0]
    found: list[list[str]] = []
    for line in part.splitlines():
        if re.match(r"\|[ :-]*-{3}", line):
            found.pop()
        elif line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            found.append([cell.strip() for cell in cells])
    return found


def named(cells: Sequence[Sequence[str]]) -> list[str]:
    """Return the codes in the first cell of every row."""
    return [code for row in cells for code in _CODE.findall(row[0])]
