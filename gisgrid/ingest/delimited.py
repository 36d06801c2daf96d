"""Read CSV and TSV as they come: any delimiter, any encoding, ragged rows, quotes left open."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gisgrid.errors import UnreadableFile
from gisgrid.frames import Rejected
from gisgrid.ingest.encoding import decode, report_name
from gisgrid.ingest.header import SEARCHED_ROWS, Header, find_header
from gisgrid.ingest.layer import RawLayer
from gisgrid.text import Text

_DELIMITERS = ",;\t|"
_CHUNK_ROWS = 100_000
_LONGEST_FIELD = 1 << 26  # a polygon as WKT fits


_Record: TypeAlias = tuple[int, list[str]]  # number and cells


def read_delimited(content: bytes, *, encoding: str | None) -> RawLayer:
    """Read a table of text.

    Parameters
    ----------
    content : bytes
    encoding : str, optional
        Python's name; by default it is found.

    Returns
    -------
    RawLayer
        All columns text, null where empty. Rows are numbered as a spreadsheet
        shows them. Rows of the wrong width are rejected.

    Raises
    ------
    UnreadableFile
        If it has no header or no rows.
    """
    decoded = decode(content, encoding)
    lines = _lines(decoded.text)
    delimiter = _sniff_delimiter(lines)
    csv.field_size_limit(_LONGEST_FIELD)
    header = find_header([cells for _, cells in islice(_records(lines, delimiter), SEARCHED_ROWS)])
    if len(header.names) < 2 and not header.names:
        raise UnreadableFile(
            Text(zh="文件里没有表头。", en="The file has no header."),
            todo=Text(zh="第一行请写列名。", en="Write the columns' names into the first row."),
        )
    table, row, rejected = _read_rows(lines, delimiter, header)
    notes = []
    if header.titles:
        notes.append(_header_note(header))
    if decoded.damaged_lines:
        notes.append(
            Text(
                zh=f"{decoded.damaged_lines} 行的文字不是 {report_name(decoded.encoding)} 编码，可能有错字。",
                en=f"{decoded.damaged_lines} lines are not in {report_name(decoded.encoding)}; "
                "some of their text may be wrong.",
            )
        )
    return RawLayer(
        attributes=table,
        wkb=None,
        row=row,
        format="CSV",
        encoding=report_name(decoded.encoding),
        rejected=tuple(rejected),
        notes=tuple(notes),
    )


def _header_note(header: Header) -> Text:
    return Text(
        zh=f"表头在第 {header.rows} 行，其上 {header.titles} 行是标题。",
        en=f"The header is row {header.rows}; the {header.titles} rows above it are titles.",
    )


def _lines(text: str) -> list[str]:
    text = text.replace("\x00", "")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    return [f"{line}\n" for line in text.split("\n")]


def _sniff_delimiter(lines: list[str]) -> str:
    """The delimiter that cuts most of the first lines into the same number of fields, more than one."""
    first = lines[:50]
    if first and first[0].lower().startswith("sep=") and len(first[0].strip()) == 5:
        return first[0].strip()[-1]

    def regularity(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(cells) for cells in csv.reader(first, delimiter=delimiter) if any(cells)]
        except csv.Error:  # a carriage return outside quotes, as it is by all delimiters but the right one
            return (0.0, 0)
        wide = [width for width in widths if width > 1]
        if not wide:
            return (0.0, 0)
        usual = max(set(wide), key=wide.count)
        return (wide.count(usual) / len(widths), usual)

    return max(_DELIMITERS, key=regularity)


def _records(lines: list[str], delimiter: str) -> Iterator[_Record]:
    """The records of the text, blank ones too, so that their numbers are the spreadsheet's.

    A quote left open swallows the rows after it, up to the next quote or the end
    of the file: the lines of such a record are read each on its own.
    """
    reader = csv.reader(lines, delimiter=delimiter)
    row, begin = 0, 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = []
        end = reader.line_num
        if end - begin > 1 and not _is_well_quoted(lines[begin:end], delimiter):
            for line in lines[begin:end]:
                row += 1
                yield row, _cells_of_line(line, delimiter)
        else:
            row += 1
            yield row, cells
        begin = end


def _is_well_quoted(lines: list[str], delimiter: str) -> bool:
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def _cells_of_line(line: str, delimiter: str) -> list[str]:
    if _is_well_quoted([line], delimiter):
        return next(csv.reader([line], delimiter=delimiter), [])
    cells = next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE), [])
    return [cell.strip('"') for cell in cells]


def _read_rows(
    lines: list[str], delimiter: str, header: Header
) -> tuple[pa.Table, NDArray[np.int64], list[Rejected]]:
    width = len(header.names)
    chunks: list[pa.Table] = []
    numbers: list[int] = []
    rejected: list[Rejected] = []
    block: list[list[str]] = []
    for row, cells in islice(_records(lines, delimiter), header.rows, None):
        if len(cells) != width:
            if not any(cell.strip() for cell in cells):
                continue
            cells = _trimmed(cells, width)
            if len(cells) != width:
                rejected.append(_ragged(row, len(cells), width))
                continue
        block.append(cells)
        numbers.append(row)
        if len(block) >= _CHUNK_ROWS:
            chunks.append(_columns(block, header.names))
            block = []
    if block or not chunks:
        chunks.append(_columns(block, header.names))
    return pa.concat_tables(chunks), np.asarray(numbers, np.int64), rejected


def _trimmed(cells: list[str], width: int) -> list[str]:
    """Without the empty cells that a trailing delimiter adds."""
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _ragged(row: int, found: int, expected: int) -> Rejected:
    return Rejected(
        row,
        Text(
            zh=f"有 {found} 列，表头有 {expected} 列。",
            en=f"It has {found} cells where the header has {expected}.",
        ),
    )


def _columns(block: list[list[str]], names: list[str]) -> pa.Table:
    columns = list(zip(*block, strict=True)) if block else [()] * len(names)
    arrays = [_null_where_empty(pa.array(column, pa.large_string())) for column in columns]
    return pa.table(arrays, names=names)


def _null_where_empty(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.large_string()), column)
