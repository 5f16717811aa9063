"""Answers on standard output: JSON for programs, lines and tables for people."""

import json
import sys
from collections.abc import Mapping, Sequence

import click
from rich.console import Console
from rich.table import Table


def give(data: object, text: str, *, as_json: bool) -> None:
    """Print either the data as one line of JSON, or the text."""
    click.echo(json.dumps(data, ensure_ascii=False) if as_json else text)


def give_table(
    rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, as_json: bool
) -> None:
    """Print either the rows as a JSON array, or the named columns as a table."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(str(row.get(column, "")) for column in columns))
    # A program that reads the table gets every line whole.
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width, highlight=False, markup=False).print(table)


def note(text: str) -> None:
    """Tell people something beside the answer, on standard error."""
    click.echo(text, err=True)
