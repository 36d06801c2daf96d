"""A file of grids that comes back from another tool, read and placed; nothing in it is believed yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import geometries_to_lonlat, normalise
from gisgrid.errors import GisgridError, InputError, MissingField, UnknownCrs, WrongGeometry
from gisgrid.exchange.draft import COLUMNS
from gisgrid.exchange.rounding import Areal, decimals_of
from gisgrid.frames import Rejected
from gisgrid.ingest.limits import GiB, Limits, MiB
from gisgrid.ingest.named import find_named, named_texts
from gisgrid.ingest.reader import read
from gisgrid.ingest.table import Table
from gisgrid.text import Text

LIMITS: Final = Limits(
    wall_s=60.0,
    cpu_s=60.0,
    memory_bytes=4 * GiB,
    file_bytes=64 * MiB,
    rows=20_000,
    zip_entries=50,
    zip_bytes=512 * MiB,
    mend_s=5.0,
    mend_one_s=2.0,
)
"""What reading one upload may cost."""

_POLYGONS = (3, 6)


@dataclass(frozen=True)
class FileGrid:
    """A row of the file.

    Attributes
    ----------
    row : int
        As its owner counts.
    cells : mapping of str to str or None
        By the names of `COLUMNS`; only those that the file has.
    geometry : Polygon or MultiPolygon
        EPSG:4490.
    is_mended : bool
        Its outline crossed itself in the file.
    """

    row: int
    cells: Mapping[str, str | None]
    geometry: Areal
    is_mended: bool


@dataclass(frozen=True)
class GridFile:
    """The grids of a file.

    Attributes
    ----------
    decimals : int or None
        To which all its degrees are rounded, where they are.
    is_crs_stated : bool
        Its owner said what it is in, whatever it declares.
    """

    name: str
    format: str
    crs: str
    grids: tuple[FileGrid, ...]
    rejected: tuple[Rejected, ...]
    notes: tuple[Text, ...]
    decimals: int | None
    is_crs_stated: bool = False


def read_grid_file(path: Path, name: str, crs: str | None = None) -> GridFile:
    """Read an upload in a confined process.

    Parameters
    ----------
    path : Path
        In a folder of its own.
    name : str
        What its owner calls it, for messages.
    crs : str, optional
        What it is in, whatever it declares; any name that `gisgrid.crs.normalise` accepts.

    Raises
    ------
    InputError
        If it cannot be read, has no polygons, neither uid nor code, or no CRS that is known.
    """
    try:
        table = replace(read(path, limits=LIMITS), file=name)
    except GisgridError as error:
        error.where = error.where.replace(path.name, name)
        raise
    return _grids_of(table, crs)


def _grids_of(table: Table, stated: str | None) -> GridFile:
    found = find_named(table, COLUMNS, {})
    if "uid" not in found and "code" not in found:
        raise MissingField(
            Text(
                zh="既没有 uid 列，也没有 code（编码）列，无法与草稿对应。",
                en="It has neither a column uid nor code, so its rows cannot be matched with the draft.",
            ),
            where=table.file,
            todo=Text(
                zh="请先从本页导出草稿，在导出的文件上修改。",
                en="Export the draft from this page, and change that file.",
            ),
        )
    if table.geometry is None or not np.isin(shapely.get_type_id(table.geometry), _POLYGONS).any():
        raise WrongGeometry(
            Text(zh="文件里没有面。", en="It holds no polygons."),
            where=table.file,
            todo=Text(zh="请给出网格的面图层。", en="Give the layer of grids."),
        )
    crs = _crs(table) if stated is None else normalise(stated)
    shapes = geometries_to_lonlat(table.geometry, crs)
    texts = named_texts(table, COLUMNS, {})[list(found)]
    mended = {each.row for each in table.mended}
    grids, rejected = [], list(table.rejected)
    for row, shape, cells in zip(table.rows.index, shapes, texts.to_dict("records"), strict=True):
        if shape is None or shapely.get_type_id(shape) not in _POLYGONS:
            reason = Text(zh="不是面，或坐标不在地球上。", en="It is no polygon, or lies nowhere on Earth.")
            rejected.append(Rejected(int(row), reason))
            continue
        given = {str(key): None if pd.isna(cell) else str(cell) for key, cell in cells.items()}
        grids.append(FileGrid(int(row), given, shape, int(row) in mended))
    if not grids:
        raise WrongGeometry(
            Text(zh="没有一行可用。", en="Not one of its rows can be used."),
            where=table.file,
            todo=Text(zh="请检查坐标系和几何。", en="Check its CRS and geometry."),
        )
    kept: NDArray[Any] = np.array([each.geometry for each in grids], dtype=object)
    return GridFile(
        table.file,
        table.format,
        crs,
        tuple(grids),
        tuple(rejected),
        table.notes,
        decimals_of(kept),
        is_crs_stated=stated is not None,
    )


def _crs(table: Table) -> str:
    """The CRS that the file declares; degrees where it declares none and holds nothing else."""
    if table.crs is not None:
        return normalise(table.crs)
    bounds = shapely.total_bounds(table.geometry)
    if abs(bounds[[0, 2]]).max() <= 180 and abs(bounds[[1, 3]]).max() <= 90:
        return "EPSG:4490"
    raise UnknownCrs(
        Text(zh="文件没有声明坐标系，坐标也不是经纬度。", en="It declares no CRS, and is not in degrees."),
        where=table.file,
        todo=Text(
            zh="请在 QGIS 中指定坐标系后重新导出（Shapefile 应带 .prj）。",
            en="Set its CRS in QGIS and export it again; a shapefile needs its .prj.",
        ),
    )


def must_meet(file: GridFile, region: BaseGeometry) -> None:
    """Raise InputError if nothing of a file lies in the region of the draft."""
    shapes = np.array([each.geometry for each in file.grids], dtype=object)
    if shapely.intersects(shapely.box(*region.bounds), shapes).any():
        return
    west, south, east, north = shapely.total_bounds(shapes)
    raise InputError(
        Text(
            zh="文件的内容完全不在这个草稿的范围内。",
            en="Nothing in it lies where this draft is.",
        ),
        where=f"{file.name}: {west:.4f}, {south:.4f} … {east:.4f}, {north:.4f} ({file.crs})",
        todo=Text(
            zh="请检查是否选错了文件，坐标系是否正确，经纬度是否对调。",
            en="Check whether it is the right file, its CRS, and the order of longitude and latitude.",
        ),
    )
