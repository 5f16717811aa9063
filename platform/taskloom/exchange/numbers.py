"""Numbers in cells of tables: which sign parts the decimals, told by the cells themselves."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from taskloom.errors import Refusal
from taskloom.fields.base import PLAIN

POINT: Final = "."
COMMA: Final = ","
SIGNS: Final = (POINT, COMMA)

_PLAIN: Final = re.compile(PLAIN, re.ASCII)
_SPACES: Final = " \u00a0\u2009\u202f"
_LONGEST: Final = 60
_MINUS: Final = "-\u2212\u2013"
_SIGNED: Final = _MINUS + "+"
_AROUND: Final = _SIGNED + _SPACES
_CODE: Final = re.compile(
    "A(ED|RS|UD)|B(GN|RL)|C(AD|HF|LP|NY|OP|ZK)|DKK|E(GP|UR)|GBP|H(KD|UF)|I(DR|LS|NR|SK)|JPY|K(RW|WD)"
    "|M(AD|XN|YR)|N(GN|OK|ZD)|P(EN|HP|KR|LN)|QAR|R(ON|SD|UB)|S(AR|EK|GD)|T(HB|RY|WD)|U(AH|SD)|VND"
    r"|ZAR|Fr\.?|Ft|Kč|Rs\.?|kr\.?|zł"
)


def _grouped(decimal: str) -> re.Pattern[str]:
    group = re.escape(COMMA if decimal == POINT else POINT)
    spaced = f"[{_SPACES}'\u2019]"
    point = re.escape(decimal)
    return re.compile(
        rf"(?:\d+|[1-9]\d{{0,2}}(?:{group}\d{{3}})+|[1-9]\d?(?:{group}\d{{2}})+{group}\d{{3}}"
        rf"|[1-9]\d{{0,2}}(?:{spaced}\d{{3}})+)?(?:{point}(?P<rest>\d+))?",
        re.ASCII,
    )


_GROUPED: Final = {decimal: _grouped(decimal) for decimal in SIGNS}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that may hold a number: its figures, sign, unit of money, and whether in percent."""

    figures: str
    minus: bool
    money: str
    percent: bool

    def allows(self, decimal: str) -> bool:
        """Tell whether its figures make sense with this decimal sign."""
        return bool(self.figures) and _GROUPED[decimal].fullmatch(self.figures) is not None


def cell_of(text: str) -> Cell | None:
    """Take a cell apart, or return None if no number can be in it."""
    if len(text) > _LONGEST or not any(map(str.isdigit, text)):
        return None
    body = text.strip()
    enclosed = body.startswith("(") and body.endswith(")")
    body = body[1:-1].strip() if enclosed else body
    start = next((at for at, sign in enumerate(body) if _is_figure(sign)), 0)
    end = len(body) - next((at for at, sign in enumerate(reversed(body)) if sign.isdigit()), 0)
    (before, behind), signs = _without(body[:start], body[end:])
    percent = behind.endswith("%")
    money = before or behind.removesuffix("%").rstrip()
    if signs + enclosed > 1 or (before and behind) or (money.strip() and not _is_money(money)):
        return None
    return Cell(body[start:end], bool(signs or enclosed), money.strip(), percent)


def _without(before: str, behind: str) -> tuple[tuple[str, str], int]:
    """Take minus and plus off what stands around the figures; tell how many of minus there were."""
    minus = sum(sign in _MINUS for sign in before + behind)
    # What is left keeps the blank that parts it from the figures.
    return (before.lstrip(_AROUND).rstrip(_SIGNED), behind.lstrip(_SIGNED).rstrip(_AROUND)), minus


def _is_figure(sign: str) -> bool:
    return sign.isdigit() or sign in ".,"


@lru_cache(maxsize=256)
def _is_money(text: str) -> bool:
    """Tell whether a text is a unit of money: a sign such as $ or US$, or a code."""
    bare = text.strip()
    if bare != text and _CODE.fullmatch(bare):
        return True
    sign = bare.strip("ACHKNRSUTZ")
    return len(sign) == 1 and unicodedata.category(sign) == "Sc"


@dataclass(slots=True)
class Evidence:
    """What the cells of a column say about its numbers.

    `signs` are the decimal signs that all cells allow; `proof` is a cell for each sign that only
    one allows; `parted` tells whether any cell has a sign at all, `sample` is such a cell.
    """

    signs: set[str] = field(default_factory=lambda: set(SIGNS))
    proof: dict[str, str] = field(default_factory=dict)
    money: dict[str, str] = field(default_factory=dict)
    sample: str = ""
    numbers: int = 0
    other: int = 0
    percents: int = 0
    commas: bool = False

    def add(self, text: str) -> bool:
        """Look at a cell that is not blank; tell whether it is a number."""
        if text.isdigit() and text.isascii() and len(text) <= _LONGEST:
            self.numbers += 1
            return True
        cell = cell_of(text)
        allowed = {sign for sign in SIGNS if cell is not None and cell.allows(sign)}
        if cell is None or not allowed:
            self.other += 1
            return False
        self.numbers += 1
        self.percents += cell.percent
        if cell.money and len(self.money) < 3:  # noqa: PLR2004 - two are one too many already
            self.money.setdefault(cell.money, text)
        if len(allowed) == 1:
            self.proof.setdefault(next(iter(allowed)), text)
        elif "." in cell.figures or "," in cell.figures:
            self.sample = self.sample or text
            self.commas |= "," in cell.figures
        self.signs &= allowed
        return True

    @property
    def decided(self) -> str | None:
        """The one decimal sign that its cells allow, if cells leave one."""
        return next(iter(self.signs)) if len(self.signs) == 1 else None

    @property
    def torn(self) -> bool:
        """Has cells that contradict each other."""
        return not self.signs


def plain(text: str, decimal: str, money: str = "", *, percent: bool = False) -> str:
    """Spell a cell as a plain number; what is no number at all is left to the field to refuse.

    `money` is the unit of the other cells of the column, if they have one; `percent` tells
    whether the field counts in percent.
    """
    if decimal == POINT and _PLAIN.fullmatch(text):
        return text
    cell = cell_of(text)
    if cell is None or not any(map(cell.allows, SIGNS)):
        return text
    _require_alike(cell, decimal, money, percent=percent)
    whole, _, rest = cell.figures.partition(decimal)
    digits = "".join(filter(str.isdigit, whole)) or "0"
    return f"{'-' if cell.minus else ''}{digits}{'.' if rest else ''}{rest}"


def _require_alike(cell: Cell, decimal: str, money: str, *, percent: bool) -> None:
    """Refuse a number that is written in another way than the others of its column."""
    if not cell.allows(decimal):
        raise Refusal("invalid", f"must have its decimals behind {decimal!r}, as the others do")
    if cell.percent and not percent:
        raise Refusal("invalid", "must be a number, not a share in percent", "use a percent field")
    if cell.money and money and cell.money != money:
        raise Refusal("invalid", f"must be in {money}, as the others are, not in {cell.money}")
