"""Read Excel ledgers (.xlsx, .xls): titles above the header, merged cells, numbers kept as text."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from gisgrid.errors import InputError, UnreadableFile
from gisgrid.ingest.header import SEARCHED_ROWS, find_header
from gisgrid.ingest.layer import RawLayer
from gisgrid.text import Text

_Cell: TypeAlias = (
    int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta | None
)
_SAVE_AGAIN = Text(
    zh="请在 Excel 中打开检查，另存为 .xlsx（不加密码）。",
    en="Open it in Excel, check it, and save it as .xlsx without a password.",
)
_EXACT_INTEGERS = 1e15


def read_excel(path: Path, *, sheet: str | None) -> RawLayer:
    """Read one sheet.

    Parameters
    ----------
    path : Path
    sheet : str, optional
        By default the first that is not empty.

    Returns
    -------
    RawLayer
        All columns text, null where empty; whole numbers without decimal point.
        Rows are numbered as Excel shows them.

    Raises
    ------
    UnreadableFile
        If it is damaged, protected by a password, or empty.
    InputError
        If there is no such sheet.
    """
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        names = list(book.sheet_names)
        if sheet is not None and sheet not in names:
            raise _no_such_sheet(sheet, names)
        filled, rows = _first_register(book, names if sheet is None else [sheet])
    except (python_calamine.CalamineError, OSError, ValueError):
        raise UnreadableFile(
            Text(
                zh="Excel 文件已损坏、有密码或没有工作表。",
                en="The Excel file is damaged, protected by a password, or has no sheet.",
            ),
            todo=_SAVE_AGAIN,
        ) from None
    if filled is None or rows is None:
        raise UnreadableFile(Text(zh="工作表是空的。", en="The sheet is empty."), todo=_SAVE_AGAIN)
    layer = _read_sheet(rows)
    others = [name for name in names if name != filled]
    if not others:
        return layer
    return layer.with_notes(
        Text(
            zh=f"读取了工作表“{filled}”，未读：{'、'.join(others)}。",
            en=f"The sheet {filled!r} was read, not {', '.join(others)}.",
        )
    )


def _first_register(book: Any, names: Sequence[str]) -> tuple[str | None, Sequence[Sequence[_Cell]] | None]:
    """The first sheet with columns and rows, passing over a cover; else the first not empty."""
    first: tuple[str | None, Sequence[Sequence[_Cell]] | None] = (None, None)
    for name in names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if not any(map(_has_content, rows)):
            continue
        if sum(sum(bool(_text(cell)) for cell in row) > 1 for row in rows[:SEARCHED_ROWS]) > 1:
            return name, rows
        first = first if first[0] is not None else (name, rows)
    return first


def _no_such_sheet(sheet: str, names: list[str]) -> InputError:
    return InputError(
        Text(
            zh=f"没有工作表“{sheet}”，只有：{'、'.join(names)}。",
            en=f"There is no sheet {sheet!r}, only: {', '.join(names)}.",
        ),
        todo=Text(zh="请改用其中一个名称。", en="Use one of these names."),
    )


def _has_content(row: Sequence[_Cell]) -> bool:
    return any(cell not in ("", None) for cell in row)


def _read_sheet(rows: Sequence[Sequence[_Cell]]) -> RawLayer:
    header = find_header([[_text(cell) for cell in row] for row in rows[:SEARCHED_ROWS]])
    width = len(header.names)
    body = [
        (number, row)
        for number, row in enumerate(rows[header.rows :], start=header.rows + 1)
        if _has_content(row)
    ]
    columns = [[_text(row[at]) if at < len(row) else "" for _, row in body] for at in range(width)]
    kept = [
        at
        for at, (name, column) in enumerate(zip(header.names, columns, strict=True))
        if any(column) or not name.startswith("column_")
    ]
    table = pa.table(
        [pa.array([cell or None for cell in columns[at]], pa.large_string()) for at in kept],
        names=[header.names[at] for at in kept],
    )
    notes: tuple[Text, ...] = ()
    if header.titles:
        notes = (
            Text(
                zh=f"表头在第 {header.rows} 行，其上 {header.titles} 行是标题。",
                en=f"The header is row {header.rows}; the {header.titles} rows above it are titles.",
            ),
        )
    return RawLayer(
        attributes=table,
        wkb=None,
        row=np.array([number for number, _ in body], np.int64),
        format="Excel",
        notes=notes,
    )


def _text(cell: _Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_INTEGERS else repr(cell)
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell).strip()
