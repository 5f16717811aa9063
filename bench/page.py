"""The page `docs/performance.md`, written from a run."""

from collections.abc import Sequence

from bench.figures import Figure

_HEAD = """# Performance

Written by `make bench`; each figure also has a command of its own: `python -m bench create`,
`upsert`, `get`, `list`, `import`, `growth`. Everything is on: authentication, rules, validation,
`w: majority` with journal, the event of each write. *Raw* is bare pymongo against the same mongod
in the same run, with the same indexes: two processes of eight threads for the single operations,
one process that probes and inserts for the imports. Over HTTP sixteen connections are kept busy
(one for the imports). 100,000 tasks of thirteen fields and some 550 bytes.

**Ratios travel, absolute numbers do not**: server, database and load share the cores of one
machine (this one: {cores}).

| figure | unit | Taskloom | raw | ratio |
|---|---|---:|---:|---:|
"""


def page(figures: Sequence[Figure], cores: int) -> str:
    """Spell the page."""
    rows = [
        f"| {figure.name} | {figure.unit} | {figure.ours:,.0f} | {figure.raw:,.0f} "
        f"| {figure.ratio:.2f} |"
        for figure in figures
    ]
    return _HEAD.format(cores=cores) + "\n".join(rows) + "\n"
