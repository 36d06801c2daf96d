"""Hand a checked layer over from the reading process: an Arrow file and a small JSON reply."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from gisgrid.frames import Rejected
from gisgrid.ingest.encoding import choose_encoding
from gisgrid.ingest.layer import RawLayer
from gisgrid.ingest.rows import CheckedRows
from gisgrid.ingest.table import Mended, Table
from gisgrid.text import Text

ROWS = "rows.arrow"
_ROW, _X, _Y, _WKB = "\x00row", "\x00x", "\x00y", "\x00wkb"  # no file's column can be called so


def hand_over(layer: RawLayer, checked: CheckedRows | None, crs: str | None, scratch: Path) -> dict[str, Any]:
    """Write the good rows into `scratch`, and return the reply that goes with them."""
    table, dropped = _plain_columns(layer.attributes)
    table = table.append_column(_ROW, pa.array(layer.row, pa.int64()))
    rejected, mended = list(layer.rejected), []
    if checked is not None:
        table = _with_geometry(table, checked)
        rejected += checked.rejected(layer.row)
        mended = checked.mended_rows(layer.row)
    with pa.OSFile(str(scratch / ROWS), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return {
        "format": layer.format,
        "crs": crs,
        "by_format": layer.by_format,
        "encoding": layer.encoding,
        "rejected": [[each.row, *each.reason, each.id] for each in sorted(rejected, key=lambda r: r.row)],
        "mended": [[each.row, *each.reason] for each in mended],
        "notes": [list(note) for note in (*layer.notes, *dropped)],
    }


def take_over(reply: dict[str, Any], scratch: Path, file: str) -> Table:
    """Make a Table of what the reading process left in `scratch`."""
    with pa.OSFile(str(scratch / ROWS), "rb") as source:
        table = pa.ipc.open_file(source).read_all()
    index = pd.Index(table[_ROW].to_numpy(), name="row")
    geometry = None
    with _no_collection():
        if _X in table.column_names:
            geometry = shapely.points(table[_X].to_numpy(), table[_Y].to_numpy())
        elif _WKB in table.column_names:
            geometry = shapely.from_wkb(table[_WKB].to_numpy())
    attributes = table.drop_columns([each for each in (_ROW, _X, _Y, _WKB) if each in table.column_names])
    rows = _as_frame(attributes, index)
    return Table(
        file=file,
        rows=rows,
        geometry=geometry,
        crs=reply["crs"],
        by_format=reply["by_format"],
        format=reply["format"],
        encoding=reply["encoding"],
        rejected=tuple(Rejected(row, Text(zh, en), id_) for row, zh, en, id_ in reply["rejected"]),
        mended=tuple(Mended(row, Text(zh, en)) for row, zh, en in reply["mended"]),
        notes=tuple(Text(*note) for note in reply["notes"]),
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Make millions of objects without looking for garbage among them, which doubles the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _with_geometry(table: pa.Table, checked: CheckedRows) -> pa.Table:
    if not checked.good.all():
        table = table.filter(pa.array(checked.good))
    if checked.points is not None:
        points = checked.points[checked.good]
        return table.append_column(_X, pa.array(points[:, 0])).append_column(_Y, pa.array(points[:, 1]))
    assert checked.geometry is not None  # noqa: S101 - tells mypy
    encoded = shapely.to_wkb(checked.geometry[checked.good])
    return table.append_column(_WKB, pa.array(encoded, pa.large_binary()))


def _plain_columns(table: pa.Table) -> tuple[pa.Table, tuple[Text, ...]]:
    """Columns of text, numbers and booleans only; dates become text, the rest is left out and said."""
    columns: dict[str, pa.ChunkedArray] = {}
    dropped: list[str] = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        plain = _plain(column)
        if plain is None:
            dropped.append(name)
        else:
            columns[_unused_name(name.replace("\x00", "").strip() or "column", columns)] = plain
    if not dropped:
        return _table(columns, len(table)), ()
    note = Text(
        zh=f"未读二进制或嵌套的列：{'、'.join(dropped)}。",
        en=f"Binary or nested columns were left out: {', '.join(dropped)}.",
    )
    return _table(columns, len(table)), (note,)


def _table(columns: dict[str, pa.ChunkedArray], rows: int) -> pa.Table:
    if columns:
        return pa.table(columns)
    return pa.table({"": pa.nulls(rows, pa.bool_())}).select([])  # keeps the number of rows


def _unused_name(name: str, taken: dict[str, pa.ChunkedArray]) -> str:
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}_{number}", number + 1
    return candidate


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _valid_text(column)
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    if pa.types.is_floating(kind):
        return column.cast(pa.float64())
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return column
    if pa.types.is_temporal(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    return None


def _valid_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same text; bytes that are no UTF-8, which GDAL may let through, are decoded or replaced."""
    column = column.cast(pa.large_string()) if not pa.types.is_string_view(column.type) else column
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        values = column.cast(pa.large_binary()).to_pylist()
        encoding = choose_encoding([value for value in values if value])
        decoded = [None if value is None else value.decode(encoding, "replace") for value in values]
        return pa.chunked_array([pa.array(decoded, pa.large_string())])
    return column


def _as_frame(attributes: pa.Table, index: pd.Index) -> pd.DataFrame:
    columns = {}
    for name, column in zip(attributes.column_names, attributes.columns, strict=True):
        kind = column.type
        if pa.types.is_integer(kind) and column.null_count:
            columns[name] = pd.array(_nullable_integers(column), dtype="Int64")
        elif pa.types.is_boolean(kind) and column.null_count:
            columns[name] = pd.array(column.to_pandas(), dtype="boolean")
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
            columns[name] = column.to_pandas()
        else:
            columns[name] = column.to_numpy()
    return pd.DataFrame(
        {
            name: np.asarray(v) if isinstance(v, np.ndarray) else pd.Series(v).array
            for name, v in columns.items()
        },
        index=index,
    )


def _nullable_integers(column: pa.ChunkedArray) -> pd.arrays.IntegerArray:
    missing = column.is_null().to_numpy()
    values = pc.fill_null(column, 0).to_numpy().astype(np.int64)
    return pd.arrays.IntegerArray(values, missing)
