"""Find the header of a sheet: real ledgers have titles above it, and headers in two rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from gisgrid.ingest.fields import is_known_name

Cells: TypeAlias = Sequence[str]

SEARCHED_ROWS = 30
_NUMBER = re.compile(r"^[+-]?\d+(?:[.,]\d+)?$")


class Header(NamedTuple):
    """The column names, and how many rows of the sheet they and the titles above take."""

    names: list[str]
    rows: int
    titles: int


def find_header(rows: Sequence[Cells]) -> Header:
    """Find the header among the first rows of a sheet.

    It is the row with the most names that gisgrid knows; if it knows none, the
    first row that is as wide as most. A row above it that fills its blanks
    (坐标 over 经度 and 纬度) is the upper half of a header in two rows.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows, "" where a cell is empty.
    """
    searched = rows[:SEARCHED_ROWS]
    known = [_known_names(row) for row in searched]
    best = max(known, default=0)
    at = known.index(best) if best else _first_wide_row(searched)
    top = at
    names = [cell.strip() for cell in searched[at]] if searched else []
    if at and _is_upper_half(searched[at - 1], names):
        names, top = _merged(searched[at - 1], names), at - 1
    elif at + 1 < len(searched) and _is_lower_half(names, searched[at + 1]):
        names, at = _merged(names, searched[at + 1]), at + 1
    return Header(_unique(names), at + 1, top)


def _known_names(row: Cells) -> int:
    if sum(map(_is_filled, row)) < 1 or any(_NUMBER.match(cell.strip()) for cell in row):
        return 0
    return sum(is_known_name(cell) for cell in row if cell.strip())


def _is_filled(cell: str) -> bool:
    return bool(cell.strip())


def _first_wide_row(rows: Sequence[Cells]) -> int:
    widths = [sum(map(_is_filled, row)) for row in rows]
    usual = sorted(widths)[len(widths) // 2] if widths else 0
    return next((at for at, width in enumerate(widths) if width >= max(usual, 1)), 0)


def _is_upper_half(above: Cells, names: Cells) -> bool:
    """Whether the row above names columns that this one leaves blank, as merged cells do."""
    filled = [at for at, cell in enumerate(above) if cell.strip()]
    fills = any(at >= len(names) or not names[at].strip() for at in filled)
    return len(filled) >= 2 and fills and not any(_NUMBER.match(above[at].strip()) for at in filled)


def _is_lower_half(names: Cells, below: Cells) -> bool:
    """Whether the row below names the parts of a merged heading, and nothing else."""
    filled = [at for at, cell in enumerate(below) if cell.strip()]
    if not filled or len(filled) * 2 > sum(map(_is_filled, names)) + len(filled):
        return False
    blanks = any(at >= len(names) or not names[at].strip() for at in filled)
    return blanks and all(is_known_name(below[at]) for at in filled)


def _merged(upper: Cells, lower: Cells) -> list[str]:
    width = max(len(upper), len(lower))
    padded_upper, padded_lower = (
        [*upper, *[""] * (width - len(upper))],
        [*lower, *[""] * (width - len(lower))],
    )
    return [low.strip() or up.strip() for up, low in zip(padded_upper, padded_lower, strict=True)]


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for at, name in enumerate(names, start=1):
        name = name.replace("\ufeff", "").strip() or f"column_{at}"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique
