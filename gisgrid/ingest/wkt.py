"""Geometry in a text column of a table, as well-known text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from gisgrid.frames import Rejected
from gisgrid.ingest.layer import RawLayer
from gisgrid.text import Text

_NAMES = {"wkt", "geometry", "geom", "the_geom", "shape", "wkt_geom", "geom_wkt", "geometrie", "geometria"}
_WELL_KNOWN = r"(?i)^\s*(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\s*(Z|M|ZM)?\s*(\(|EMPTY)"
"""Collections are left out: they nest, and GEOS's parser has no depth limit."""

DAMAGED = Text(zh="WKT 几何写法有误。", en="Its geometry is not well-formed WKT.")


def with_wkt_geometry(layer: RawLayer) -> RawLayer:
    """Take geometry from a column of WKT, where a table has one of a usual name; else the layer as it is."""
    column = _wkt_column(layer.attributes)
    if column is None:
        return layer
    text = layer.attributes[column].combine_chunks()
    known = pc.fill_null(pc.match_substring_regex(text, _WELL_KNOWN), False).to_numpy(zero_copy_only=False)
    written = pc.replace_substring_regex(text, r"(?i)^\s*SRID=\d+;", "").to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        parsed = shapely.from_wkt(np.where(known, written, None), on_invalid="ignore")
    blank = text.is_null().to_numpy(zero_copy_only=False)
    damaged = shapely.is_missing(parsed) & ~blank
    kept = pa.array(~damaged)
    wkb = pa.array(shapely.to_wkb(parsed), pa.large_binary())
    return replace(
        layer,
        attributes=layer.attributes.drop_columns([column]).filter(kept),
        wkb=wkb.filter(kept),
        row=layer.row[~damaged],
        rejected=(*layer.rejected, *(Rejected(int(row), DAMAGED) for row in layer.row[damaged])),
    )


def _wkt_column(table: pa.Table) -> str | None:
    for name in table.column_names:
        column = table[name]
        if name.strip().lower() not in _NAMES or not pa.types.is_large_string(column.type):
            continue
        filled = len(column) - column.null_count
        matching = pc.sum(pc.match_substring_regex(column, _WELL_KNOWN)).as_py() or 0
        if filled and 2 * matching >= filled:
            return str(name)
    return None
