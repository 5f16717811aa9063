"""Texts in cells of tables: nothing that a person wrote is taken for a formula, or for nothing.

An apostrophe stands before a text that would be taken for something else, and before one that has
apostrophes before such a text already; so what was added can be told from what was there.
"""

from typing import Final

FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell of a CSV file begins with that a spreadsheet takes for a formula."""

_MARK: Final = "'"


def guarded(cell: str) -> str:
    """Return a cell of a CSV file that no spreadsheet takes for a formula."""
    return _MARK + cell if _is_formula(cell) else cell


def unguarded(cell: str) -> str:
    """Return what a cell was before it was guarded."""
    return cell[1:] if cell.startswith(_MARK) and _is_formula(cell) else cell


def _is_formula(cell: str) -> bool:
    return cell.lstrip(_MARK).startswith(FORMULAS)


def marked(text: str) -> str:
    """Return a text as a cell that is not blank: a blank cell is no value at all."""
    return _MARK + text if _is_blank(text) else text


def unmarked(cell: str) -> str:
    """Return the text that a cell, which is not blank, stands for."""
    return cell[1:] if cell.startswith(_MARK) and _is_blank(cell) else cell


def _is_blank(text: str) -> bool:
    plain = text.lstrip(_MARK)
    return not plain or plain.isspace()
