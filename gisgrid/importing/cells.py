"""Cells of plain tables: dates, yes and no, choices; and what is wrong with one that is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import pandas as pd

from gisgrid.frames import Rejected
from gisgrid.ingest.named import Named, named_texts
from gisgrid.ingest.table import Table
from gisgrid.text import Text

_DATE = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T][\d:.]+)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_YES = frozenset(["是", "公开", "yes", "y", "true", "1", "√"])
_NO = frozenset(["否", "不公开", "no", "n", "false", "0", "×", ""])

Row = TypeVar("Row")


class BadCell(Exception):
    """A cell that cannot be used; its row is rejected."""

    def __init__(self, zh: str, en: str) -> None:
        self.reason = Text(zh=zh, en=en)
        super().__init__(en)


Cells = Mapping[str, str | None]


@dataclass(frozen=True)
class Parsed(Generic[Row]):
    """The rows of a table that can be used, by their number, and the others."""

    rows: dict[int, Row]
    rejected: tuple[Rejected, ...]


def parse_rows(
    table: Table,
    columns: Sequence[Named],
    fields: Mapping[str, str],
    make: Callable[[Cells], Row],
    key: Callable[[Row], Hashable],
) -> Parsed[Row]:
    """Make something of each row; rows with a bad cell, or with the key of one before, are rejected."""
    texts = named_texts(table, columns, fields)
    rows: dict[int, Row] = {}
    seen: dict[Hashable, int] = {}
    rejected = []
    for number, cells in zip(texts.index, texts.to_dict("records"), strict=True):
        try:
            row = make({str(name): None if pd.isna(cell) else str(cell) for name, cell in cells.items()})
            first = seen.setdefault(key(row), int(number))
            if first != number:
                raise BadCell(f"与第 {first} 行重复。", f"It repeats row {first}.")
        except BadCell as bad:
            rejected.append(Rejected(int(number), bad.reason))
        else:
            rows[int(number)] = row
    return Parsed(rows, tuple(rejected))


def as_date(cell: str | None) -> date | None:
    """A day; None where the cell is empty.

    Examples
    --------
    >>> as_date("2015-12-30"), as_date("2015年12月30日"), as_date("20151230"), as_date(None)
    (datetime.date(2015, 12, 30), datetime.date(2015, 12, 30), datetime.date(2015, 12, 30), None)
    """
    if cell is None:
        return None
    found = _DATE.match(unicodedata.normalize("NFKC", cell).strip()) or _COMPACT.match(cell.strip())
    try:
        if found:
            year, month, day = (int(each) for each in found.groups())
            return date(year, month, day)
    except ValueError:
        pass
    raise BadCell(f"日期“{cell}”无法识别，应如 2015-12-30。", f"{cell!r} is no date such as 2015-12-30.")


def as_bool(cell: str | None) -> bool:
    """Yes or no; an empty cell is no."""
    plain = unicodedata.normalize("NFKC", cell or "").strip().lower()
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise BadCell(f"“{cell}”应为是或否。", f"{cell!r} is neither yes nor no.")


def as_number(cell: str | None, default: int) -> int:
    """A number from 1."""
    if cell is None:
        return default
    if not (cell.isascii() and cell.isdigit() and 0 < int(cell) < 10_000):
        raise BadCell(f"“{cell}”不是 1 到 9999 的序号。", f"{cell!r} is no number from 1 to 9999.")
    return int(cell)


def as_choice(cell: str | None, words: Mapping[str, str], what: Text) -> str:
    """One of a few words, as what it stands for."""
    plain = unicodedata.normalize("NFKC", cell or "").strip().lower()
    if plain not in words:
        known = ", ".join(words)
        raise BadCell(
            f"{what.zh}“{cell or ''}”不在可用值之中：{known}。",
            f"{what.en} {cell or ''!r} is none of {known}.",
        )
    return words[plain]


def needed(cell: str | None, what: Text) -> str:
    """A text that must be there."""
    if cell is None:
        raise BadCell(f"没有填写{what.zh}。", f"It has no {what.en}.")
    return cell


def in_order(start: date | None, end: date | None) -> None:
    """Raise BadCell if a period ends before it begins."""
    if start is not None and end is not None and end <= start:
        raise BadCell(f"终止日期 {end} 不晚于起始日期 {start}。", f"It ends on {end}, not after {start}.")
