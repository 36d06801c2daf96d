"""Source and receptor files read, placed in EPSG:4490, and judged for how well they are located."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from gisgrid.audit.request import PointFile
from gisgrid.audit.result import FileReport
from gisgrid.audit.settle import settle
from gisgrid.crs import detect_points, geometries_to_lonlat, locate
from gisgrid.crs.verdict import Verdict
from gisgrid.frames import STORED_CRS, GridFrame, Location, Rejected
from gisgrid.ingest.fields import detect
from gisgrid.ingest.points import point_rows
from gisgrid.ingest.sexagesimal import angle_columns
from gisgrid.ingest.synonyms import Role
from gisgrid.ingest.table import Table
from gisgrid.spatial.edges import Geometries
from gisgrid.spatial.nearness import representative_points
from gisgrid.spatial.quality import NO_DEGREES, garbage, stated_grids


@dataclass(frozen=True)
class Points:
    """Located points (or lines, or polygons) of one file."""

    frame: gpd.GeoDataFrame
    rows: int
    source: FileReport
    verdict: Verdict


def place_points(
    file: PointFile,
    tables: Mapping[Path, Table],
    roles: Sequence[Role],
    what: str,
    region: Polygon | MultiPolygon | None,
    grids: GridFrame,
) -> Points:
    """Place sources or receptors.

    Longitude and latitude that changed places in single rows are corrected by
    the rule of `find_swapped`; the raw values stay in `raw_x` and `raw_y`.

    Parameters
    ----------
    file : PointFile
    tables : mapping of path to Table
        What the files hold.
    roles : sequence of Role
        The columns to look for.
    what : str
        "source" or "receptor", as the command's options name them.
    region : (Multi)Polygon
        The land of the coarsest level, EPSG:4490.
    grids : GridFrame
        Whose codes and names rows may state.

    Raises
    ------
    InputError
        If the file has no coordinates, or its CRS cannot be settled.
    """
    table = tables[file.path]
    fields = detect(table, roles, file.fields)
    rows = point_rows(table, fields, option=f"--{what}-field")
    frame = rows.frame
    stated = stated_grids(frame, grids) if Role.STATED_CODE in roles else None
    is_point = shapely.get_type_id(frame.geometry.to_numpy()) == 0
    polygons = None if stated is None else _polygons(stated, grids)

    def weigh() -> Verdict:
        spots = representative_points(frame.geometry.to_numpy())
        return detect_points(
            shapely.get_x(spots),
            shapely.get_y(spots),
            region,
            declared=table.crs,
            by_format=table.by_format,
            stated=polygons,
        )

    verdict = settle(file.crs, table, f"--{what}-crs", weigh)
    name = str(verdict.crs)
    geometry, location = _placed(frame.geometry.to_numpy(), is_point, name, region, polygons)
    frame = frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=STORED_CRS))
    frame["location"] = pd.Series(location, index=frame.index, dtype="str")
    frame, lost = _without_garbage(frame)
    rejected = table.rejected + rows.rejected + lost
    report = FileReport(
        file=table.file,
        format=table.format,
        crs=name,
        encoding=table.encoding,
        fields={
            role: " + ".join(angle_columns(list(table.rows.columns), name)) for role, name in fields.items()
        }
        if table.geometry is None
        else fields,
        rejected=rejected,
        mended=table.mended,
        notes=table.notes,
    )
    return Points(frame, len(table.rows) + len(table.rejected), report, verdict)


def _polygons(stated: pd.Series, grids: GridFrame) -> Geometries:
    polygons: Geometries = np.full(len(stated), None, dtype=object)
    known = stated.notna().to_numpy()
    polygons[known] = grids.geometry.loc[stated[known].astype("int64")].to_numpy()
    return polygons


def _placed(
    geometry: Geometries,
    is_point: NDArray[np.bool_],
    name: str,
    region: Polygon | MultiPolygon | None,
    stated: Geometries | None,
) -> tuple[Geometries, NDArray[np.object_]]:
    """Lon/lat geometries, and how each came by its position."""
    location: NDArray[np.object_] = np.full(len(geometry), str(Location.GIVEN), dtype=object)
    placed: Geometries = np.empty(len(geometry), dtype=object)
    placed[~is_point] = geometries_to_lonlat(geometry[~is_point], name)
    found = locate(
        shapely.get_x(geometry[is_point]),
        shapely.get_y(geometry[is_point]),
        name,
        region,
        None if stated is None else stated[is_point],
    )
    placed[is_point] = shapely.points(found.lon, found.lat)
    location[is_point] = found.location
    return placed, location


def _without_garbage(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Rejected, ...]]:
    spots = representative_points(frame.geometry.to_numpy())
    reasons = garbage(shapely.get_x(spots), shapely.get_y(spots))
    # Rows with numbers in the file that no position answers to were out of the CRS's range.
    numbers = np.isfinite(frame["raw_x"]) & np.isfinite(frame["raw_y"])
    for row in np.flatnonzero(numbers.to_numpy() & ~np.isfinite(shapely.get_x(spots))):
        reasons[row] = NO_DEGREES
    bad = np.array([reason is not None for reason in reasons], dtype=bool)
    rejected = tuple(
        Rejected(int(row), reason, id_ if isinstance(id_, str) else None)
        for row, reason, id_ in zip(frame["row"][bad], reasons[bad], frame["id"][bad], strict=True)
    )
    left = frame[~bad].copy()
    left.index = pd.RangeIndex(1, len(left) + 1).astype("int64")
    return left, rejected
