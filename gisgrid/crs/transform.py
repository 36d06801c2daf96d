"""The way from each coordinate system to lon/lat in EPSG:4490 and back.

It leads to WGS 84, which is taken for CGCS2000: PROJ's database ties most
datums to WGS 84 and hardly any to CGCS2000, so that going to EPSG:4490 directly
would drop the datum shift (110 m for Amersfoort, 450 m for Tokyo). PROJ chooses
its most accurate transformation at each position, among those that need no grid
file from the network.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from gisgrid.crs.datums import Degrees, bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from gisgrid.crs.names import crs_of, datum_name, reading_of, transformer_of, zone_number

Coordinates: TypeAlias = NDArray[np.float64]


def to_lonlat(x: ArrayLike, y: ArrayLike, crs: str) -> tuple[Degrees, Degrees]:
    """Coordinates of any CRS as lon/lat.

    Parameters
    ----------
    x, y : array_like
        First and second coordinates as the file has them, in its own units.
    crs : str
        Any name that `normalise` accepts.

    Returns
    -------
    lon, lat : ndarray
        Degrees, EPSG:4490. NaN in both where the coordinates are not finite,
        are outside of what the CRS can express, or are off the Earth.

    Raises
    ------
    UnknownCrs
        As `normalise`.
    """
    reading = reading_of(crs)
    first, second = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    if reading.swapped:
        first, second = second, first
    if reading.prefixed:
        first = _without_prefix(first, reading.base)
    if reading.base == "gcj02":
        lon, lat = gcj02_to_wgs84(first, second)
    elif reading.base == "bd09":
        lon, lat = bd09_to_wgs84(first, second)
    else:
        lon, lat = _transformed(first, second, reading.base, inverse=False)
    on_earth = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)
    return np.where(on_earth, lon, np.nan), np.where(on_earth, lat, np.nan)


def from_lonlat(lon: ArrayLike, lat: ArrayLike, crs: str) -> tuple[Coordinates, Coordinates]:
    """Undo `to_lonlat`: coordinates in the file's order and units; NaN where there are none."""
    reading = reading_of(crs)
    east, north = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    if reading.base == "gcj02":
        first, second = wgs84_to_gcj02(east, north)
    elif reading.base == "bd09":
        first, second = wgs84_to_bd09(east, north)
    else:
        first, second = _transformed(east, north, reading.base, inverse=True)
    if reading.prefixed:
        first = first + zone_number(reading.base) * 1e6
    return (second, first) if reading.swapped else (first, second)


def geometries_to_lonlat(geometries: ArrayLike, crs: str) -> NDArray[np.object_]:
    """Geometries of any CRS in lon/lat.

    Parameters
    ----------
    geometries : array_like of n geometries
        Two-dimensional; None stays None.
    crs : str
        As `to_lonlat`.

    Returns
    -------
    ndarray of n geometries
        EPSG:4490. None for a geometry with a vertex that is nowhere (see
        `to_lonlat`): a ring cannot have a NaN vertex.
    """
    return _moved(geometries, lambda x, y: to_lonlat(x, y, crs))


def geometries_from_lonlat(geometries: ArrayLike, crs: str) -> NDArray[np.object_]:
    """Undo `geometries_to_lonlat`."""
    return _moved(geometries, lambda x, y: from_lonlat(x, y, crs))


def accuracy_m(crs: str, bounds: tuple[float, float, float, float]) -> float | None:
    """How well PROJ says it can place a CRS on WGS 84.

    Parameters
    ----------
    crs : str
        As `to_lonlat`.
    bounds : tuple
        West, south, east, north of the area in question, degrees.

    Returns
    -------
    float or None
        Metres; None where no datum transformation is known, so that positions
        may be off by 100 m or more (Beijing 1954 and Xian 1980 in most of
        China). Zero for GCJ-02 and BD-09, whose formulas are taken as exact.
    """
    base = reading_of(crs).base
    if base in ("gcj02", "bd09"):
        return 0.0
    source = crs_of(base)
    # PROJ has no figure for this pair, which differs by decimetres; EPSG rates such null shifts at 1 m.
    if datum_name(base) == "china 2000":
        return 1.0
    area: Any = AreaOfInterest(*bounds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that better grids exist elsewhere
        group = TransformerGroup(source, 4326, always_xy=True, area_of_interest=area)
    known = [one.accuracy for one in group.transformers if one.accuracy >= 0]
    return float(known[0]) if known else None


def _transformed(
    x: Coordinates, y: Coordinates, base: str, *, inverse: bool
) -> tuple[Coordinates, Coordinates]:
    finite = np.isfinite(x) & np.isfinite(y)
    out_x, out_y = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    direction = "INVERSE" if inverse else "FORWARD"
    moved_x, moved_y = transformer_of(base).transform(x[finite], y[finite], direction=direction)
    lost = ~(np.isfinite(moved_x) & np.isfinite(moved_y))
    out_x[finite], out_y[finite] = np.where(lost, np.nan, moved_x), np.where(lost, np.nan, moved_y)
    return out_x, out_y


def _without_prefix(easting: Coordinates, base: str) -> Coordinates:
    zone = zone_number(base)
    finite = np.where(np.isfinite(easting), easting, 0.0)
    # A prefix of another zone would put the point a zone away from where it is: better nowhere.
    return np.where(np.floor(finite / 1e6) == zone, easting - zone * 1e6, np.nan)


def _moved(geometries: ArrayLike, move: Callable[..., Any]) -> NDArray[np.object_]:
    shapes = np.array(geometries, dtype=object)
    vertices, owners = shapely.get_coordinates(shapes, return_index=True)
    x, y = move(vertices[:, 0], vertices[:, 1])
    lost = np.unique(owners[np.isnan(x) | np.isnan(y)])
    shapes[lost] = None
    kept = ~np.isin(owners, lost)
    moved: NDArray[np.object_] = shapely.set_coordinates(shapes, np.column_stack([x[kept], y[kept]]))
    return moved
