"""`python -m bench [NAME…]`: measure, judge, and keep the whole table as a page."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from bench import page
from bench.figures import FIGURES, Row
from bench.profiling import PROFILED, profile
from bench.rounds import Deadline
from bench.serving import running

REPEATS_WITHIN = 300.0
"""Disturbed rounds are measured anew only in so many first seconds: all takes ten minutes."""


def asked() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(FIGURES)}")
    parser.add_argument("--profile", choices=PROFILED, help="show where a request's time goes")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in FIGURES]
    if unknown:
        parser.error(f"no figure {unknown[0]!r}; there are: {', '.join(FIGURES)}")
    return given


def measure(names: Sequence[str]) -> list[Row]:
    """Measure what is named, in the order of the table, and print each row as it comes."""
    deadline = Deadline(REPEATS_WITHIN)
    rows: list[Row] = []
    print(page.heading(), flush=True)
    with running() as bench:
        for name, figure in FIGURES.items():
            if name not in names:
                continue
            for row in figure(bench, deadline):
                rows.append(row)
                print(page.printed(row), flush=True)
                if row.why:
                    print(row.why, file=sys.stderr)
    return rows


def main() -> int:
    """Give 1 when a row misses what it must reach."""
    given = asked()
    if given.profile:
        profile(given.profile)
        return 0
    started = time.monotonic()
    rows = measure(given.names or list(FIGURES))
    print(f"{time.monotonic() - started:.0f} seconds")
    if not given.names:
        today = datetime.now(UTC).date()
        told = f"Measured on {today}, on {os.cpu_count()} cores.\n\n"
        page.write("targets", told + page.table(rows))
        print(f"written: {page.PAGE.name}")
    missed = [row.target.title for row in rows if row.verdict == "MISSED"]
    if missed:
        print(f"missed: {'; '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
