"""The rows of a table as grids: what their codes, names and parents are, and their polygons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from gisgrid.errors import WrongGeometry
from gisgrid.frames import Rejected
from gisgrid.ingest.fields import Role
from gisgrid.ingest.table import Table
from gisgrid.ingest.text_values import text_column
from gisgrid.text import Text

_GIVE_POLYGONS = Text(
    zh="请给出网格的面图层（GeoPackage、Shapefile、GeoJSON 等）。",
    en="Give a layer of polygons (GeoPackage, Shapefile, GeoJSON or the like).",
)
_KINDS = {
    0: Text(zh="点", en="point"),
    1: Text(zh="线", en="line"),
    2: Text(zh="线", en="line"),
    4: Text(zh="点", en="point"),
    5: Text(zh="线", en="line"),
}


@dataclass(frozen=True)
class GridRows:
    """Rows that are grids, still in the file's coordinates.

    Attributes
    ----------
    frame : GeoDataFrame
        n polygons without CRS, indexed by `row`; text columns `code`, `name`,
        `parent_code`, `level_label`, missing where the file has none.
    rejected : tuple of Rejected
        Rows that are no polygons.
    """

    frame: gpd.GeoDataFrame
    rejected: tuple[Rejected, ...]


def grid_rows(table: Table, fields: Mapping[str, str]) -> GridRows:
    """Take grids from a table.

    Parameters
    ----------
    table : Table
    fields : mapping of str to str
        Role → column, as `detect` gives it.

    Raises
    ------
    WrongGeometry
        If the table has no geometry, or none of it is polygons.
    """
    if table.geometry is None:
        raise WrongGeometry(
            Text(
                zh=f"{table.format} 表格没有几何，不能作为网格。",
                en=f"This {table.format} table has no geometry, and cannot be read as grids.",
            ),
            where=table.file,
            todo=_GIVE_POLYGONS,
        )
    kind = shapely.get_type_id(table.geometry)
    areal = np.isin(kind, (3, 6))
    if not areal.any():
        found = _KINDS.get(int(kind[0]) if len(kind) else 0, Text(zh="其他要素", en="something else"))
        raise WrongGeometry(
            Text(
                zh=f"网格应为面，文件里是{found.zh}。",
                en=f"Grids must be polygons; the file holds {found.en}s.",
            ),
            where=table.file,
            todo=_GIVE_POLYGONS,
        )
    columns = {
        "code": Role.CODE,
        "name": Role.NAME,
        "parent_code": Role.PARENT,
        "level_label": Role.LEVEL,
    }
    rows = table.rows[areal]
    frame = gpd.GeoDataFrame(
        {name: text_column(rows, fields.get(role)) for name, role in columns.items()},
        geometry=table.geometry[areal],
        index=rows.index,
    )
    rejected = tuple(
        Rejected(int(table.rows.index[int(at)]), _not_a_polygon(int(kind[at])))
        for at in np.flatnonzero(~areal)
    )
    return GridRows(frame, rejected)


def _not_a_polygon(kind: int) -> Text:
    found = _KINDS.get(kind, Text(zh="其他要素", en="something else"))
    return Text(zh=f"是{found.zh}，不是面。", en=f"It is a {found.en}, not a polygon.")
