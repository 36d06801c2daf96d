"""Read GeoParquet and plain Parquet with pyarrow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from gisgrid.errors import InputError, UnreadableFile
from gisgrid.ingest.layer import RawLayer
from gisgrid.ingest.limits import require_rows
from gisgrid.text import Text

_EXPORT_AGAIN = Text(zh="请重新导出该文件。", en="Export the file again.")
_LONLAT_BY_DEFAULT = "OGC:CRS84"  # GeoParquet 1.1, "crs": absent means lon/lat WGS 84
_SHAPELY_TYPES = {
    "point": shapely.GeometryType.POINT,
    "linestring": shapely.GeometryType.LINESTRING,
    "polygon": shapely.GeometryType.POLYGON,
    "multipoint": shapely.GeometryType.MULTIPOINT,
    "multilinestring": shapely.GeometryType.MULTILINESTRING,
    "multipolygon": shapely.GeometryType.MULTIPOLYGON,
}


def read_geoparquet(path: Path, *, layer: str | None, max_rows: int) -> RawLayer:
    """Read a Parquet file, with the primary geometry column where its metadata names one.

    Parameters
    ----------
    path : Path
    layer : str, optional
        The geometry column, if there are several.
    max_rows : int

    Raises
    ------
    UnreadableFile
        If it is damaged.
    UnsafeFile
        If it has more than `max_rows` rows.
    InputError
        If there is no such geometry column.
    """
    try:
        with pq.ParquetFile(path) as file:
            require_rows(file.metadata.num_rows, max_rows)
            geo = _geo_metadata(file)
            table = file.read()
    except (pa.ArrowException, OSError):
        raise UnreadableFile(
            Text(zh="Parquet 文件已损坏或不完整。", en="The Parquet file is damaged or incomplete."),
            todo=_EXPORT_AGAIN,
        ) from None
    column = _geometry_column(geo, layer)
    notes = [
        Text(
            zh=f"另有几何列“{other}”，未读。",
            en=f"It has another geometry column, {other!r}, which was not read.",
        )
        for other in geo.get("columns", {})
        if other != column
    ]
    wkb = None
    declared: dict[str, Any] = geo.get("columns", {}).get(column, {})
    if column is not None and column in table.column_names:
        wkb = _as_wkb(table[column], str(declared.get("encoding", "WKB")))
        unread = [name for name in (*geo["columns"], "bbox") if name in table.column_names]
        table = table.drop_columns(unread)
    return RawLayer(
        attributes=table.replace_schema_metadata(None),
        wkb=wkb,
        row=np.arange(1, len(table) + 1),
        format="GeoParquet",
        crs=None if wkb is None else _crs(declared),
        by_format=wkb is not None and "crs" not in declared,
        raw_wkb=True,
        notes=tuple(notes),
    )


def _geo_metadata(file: pq.ParquetFile) -> dict[str, Any]:
    raw = (file.schema_arrow.metadata or {}).get(b"geo")
    try:
        geo = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        return {}
    usable = isinstance(geo, dict) and isinstance(geo.get("columns"), dict) and geo["columns"]
    return geo if usable else {}


def _geometry_column(geo: dict[str, Any], wanted: str | None) -> str | None:
    columns = list(geo.get("columns", {}))
    if wanted is None:
        primary = geo.get("primary_column")
        return primary if primary in columns else (columns[0] if columns else None)
    if wanted not in columns:
        raise InputError(
            Text(
                zh=f"没有几何列“{wanted}”，只有：{'、'.join(columns) or '无'}。",
                en=f"There is no geometry column {wanted!r}, only: {', '.join(columns) or 'none'}.",
            ),
            todo=Text(zh="请改用其中一个名称。", en="Use one of these names."),
        )
    return wanted


def _as_wkb(column: pa.ChunkedArray, encoding: str) -> pa.Array:
    array = column.combine_chunks()
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
        return array
    if encoding.lower() not in _SHAPELY_TYPES:
        raise UnreadableFile(
            Text(
                zh=f"几何编码“{encoding}”不受支持。",
                en=f"The geometry encoding {encoding!r} is not supported.",
            ),
            todo=Text(zh="请以 WKB 编码导出。", en="Export it with WKB encoding."),
        )
    import geopandas as gpd

    named = pa.field(
        "geometry", array.type, metadata={"ARROW:extension:name": f"geoarrow.{encoding.lower()}"}
    )
    frame = gpd.GeoDataFrame.from_arrow(pa.table([array], schema=pa.schema([named])))
    return pa.array(shapely.to_wkb(frame.geometry.to_numpy()), pa.large_binary())


def _crs(column: dict[str, Any]) -> str | None:
    if "crs" not in column:
        return _LONLAT_BY_DEFAULT
    return json.dumps(column["crs"]) if column["crs"] else None
