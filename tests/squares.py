"""Little geographies in metres around a point, so that expected areas are round numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod
from shapely.affinity import rotate

from gisgrid.frames import STORED_CRS
from gisgrid.spatial.hierarchy import Hierarchy, assemble

ORIGIN = (123.0, 41.0)
_ELLIPSOID = Geod(ellps="GRS80")


def _radii(latitude: float) -> tuple[float, float]:
    """Metres per radian along the parallel and along the meridian."""
    a, es = _ELLIPSOID.a, _ELLIPSOID.es
    w = math.sqrt(1 - es * math.sin(math.radians(latitude)) ** 2)
    return a / w * math.cos(math.radians(latitude)), a * (1 - es) / w**3


def place(geometry: shapely.Geometry, origin: tuple[float, float] = ORIGIN) -> shapely.Geometry:
    """A geometry in metres around the origin, as lon/lat."""
    east, north = _radii(origin[1])
    metres_per_degree = np.radians([east, north])
    return shapely.transform(geometry, lambda xy: np.round(np.array(origin) + xy / metres_per_degree, 12))


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    """A rectangle in metres around the origin, as lon/lat."""
    return place(shapely.box(x0, y0, x1, y1))


def turned(*shapes: shapely.Geometry) -> list[shapely.Geometry]:
    """Shapes in metres turned by 17 degrees around the origin, as lon/lat: no edge runs along an axis.

    A vertex that lies on another's edge in metres lies beside it by some 1e-12 degrees then.
    """
    return [place(rotate(each, 17, (0, 0))) for each in shapes]


def level(
    shapes: Mapping[str, shapely.Geometry], parents: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Rows of one level as a reader would give them: the code is the shape's key."""
    parents = parents or {}
    return gpd.GeoDataFrame(
        {
            "code": pd.Series(list(shapes), dtype="str"),
            "name": pd.Series(list(shapes), dtype="str"),
            "parent_code": pd.Series([parents.get(code) for code in shapes], dtype="str"),
        },
        geometry=list(shapes.values()),
        crs=STORED_CRS,
    )


def hierarchy(*levels: Mapping[str, shapely.Geometry] | gpd.GeoDataFrame) -> Hierarchy:
    """Grids from one mapping of code to polygon (lon/lat) a level, coarse to fine."""
    return assemble([each if isinstance(each, gpd.GeoDataFrame) else level(each) for each in levels])


def sources(
    points: Sequence[tuple[float, float]],
    *,
    ids: Sequence[str] | None = None,
    stated_code: Sequence[str | None] | None = None,
    stated_name: Sequence[str | None] | None = None,
) -> gpd.GeoDataFrame:
    """A SourceFrame of points in metres around the origin."""
    count = len(points)
    geometry = place(shapely.points(np.array(points, dtype=float).reshape(-1, 2))) if count else []
    return gpd.GeoDataFrame(
        {
            "row": np.arange(2, count + 2),
            "id": pd.Series(ids if ids is not None else [f"S{n}" for n in range(count)], dtype="str"),
            "name": pd.Series([f"示例{n}" for n in range(count)], dtype="str"),
            "kind": pd.Series([None] * count, dtype="str"),
            "source_class": pd.Series([None] * count, dtype="str"),
            "stated_code": pd.Series(stated_code if stated_code is not None else [None] * count, dtype="str"),
            "stated_name": pd.Series(stated_name if stated_name is not None else [None] * count, dtype="str"),
            "location": pd.Series(["given"] * count, dtype="str"),
            "raw_x": np.full(count, np.nan),
            "raw_y": np.full(count, np.nan),
        },
        geometry=geometry,
        crs=STORED_CRS,
    )
