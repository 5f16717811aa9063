"""Airtable: the CSV export of a view, which only its attachments give away."""

from typing import BinaryIO, Final

from taskloom.exchange.kinds import named_files
from taskloom.exchange.rows import Choices, Row
from taskloom.exchange.sources import IMPORTERS, Clue, Refined, Shape
from taskloom.exchange.tables import Table

SOURCE: Final = "airtable"
_HOSTS: Final = (b"airtableusercontent.com/", b"dl.airtable.com/")
_SHAPE: Final = Shape(
    source=SOURCE,
    hints={
        "Name": ("Title", "Summary"),
        "Status": ("Stage",),
        "Assignee": ("Assigned To",),
        "Attachments": ("Files",),
    },
)


@IMPORTERS.register(SOURCE)
class Airtable:
    """The CSV export of a view."""

    label = "a view of Airtable"

    def claims(self, clue: Clue) -> bool:
        return clue.form == "table" and any(host in clue.head for host in _HOSTS)

    def open(self, file: BinaryIO, name: str, choices: Choices) -> Refined:
        table = Table(file, name, choices)
        return Refined(table, _SHAPE, table.columns(), _refined)


def _refined(row: Row) -> Row:
    values = {
        column: (named_files(cell) or cell) if "(http" in cell else cell
        for column, cell in row.values.items()
    }
    return Row(line=row.line, values=values, raw=row.raw)
