"""Single rows of a register whose longitude and latitude changed places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon

from gisgrid.crs.datums import Degrees
from gisgrid.crs.names import is_swapped, reads_degrees
from gisgrid.crs.transform import to_lonlat

# No datum moves a position by more than this (2 km).
_LARGEST_SHIFT_DEG = 0.02


@dataclass(frozen=True)
class Located:
    """Where n rows lie once swapped ones are put right.

    Attributes
    ----------
    lon, lat : ndarray of n
        Degrees, EPSG:4490; NaN where the row has no position.
    location : ndarray of n str
        "given", "swapped" or "ambiguous", as `gisgrid.frames.Location`.
    """

    lon: Degrees
    lat: Degrees
    location: NDArray[np.str_]


def find_swapped(
    lon: ArrayLike,
    lat: ArrayLike,
    region: Polygon | MultiPolygon,
    stated: NDArray[np.object_] | None = None,
    *,
    mirrored: tuple[ArrayLike, ArrayLike] | None = None,
) -> NDArray[np.str_]:
    """Tell which rows have their two coordinates in the wrong order.

    A row is swapped only if its given position is outside the region and the
    swapped one inside. Where both are inside, the polygon that the row itself
    states decides if it contains exactly one of them.

    Parameters
    ----------
    lon, lat : array_like of n
        The rows as given, degrees, EPSG:4490. NaN is outside of everything.
    region : Polygon or MultiPolygon
        Where the rows must lie, EPSG:4490; its boundary counts as inside.
    stated : ndarray of n polygons, optional
        The grid that each row states, or None, EPSG:4490.
    mirrored : pair of array_like of n, optional
        Longitude and latitude of the rows when their raw coordinates are read
        in the other order; by default `lat` and `lon` themselves. A shifted
        datum or a projected CRS needs it, because swapping and converting do
        not commute: `locate` sees to that.

    Returns
    -------
    ndarray of n str
        "given", "swapped" or "ambiguous".

    Notes
    -----
    Rows whose swapped position is outside the region's bounding box cost a
    comparison; only the others need a geometry test.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    mx, my = (y, x) if mirrored is None else (np.asarray(each, dtype=np.float64) for each in mirrored)
    location = np.full(x.shape, "given", dtype="<U9")
    suspects = np.flatnonzero(_in_bounds(mx, my, region.bounds) & ~((x == mx) & (y == my)))
    if not suspects.size:
        return location
    shapely.prepare(region)
    suspects = suspects[shapely.intersects_xy(region, mx[suspects], my[suspects])]
    given_fits = shapely.intersects_xy(region, x[suspects], y[suspects])
    location[suspects[~given_fits]] = "swapped"
    both = suspects[given_fits]
    if both.size:
        polygons = stated[both] if stated is not None else np.full(both.size, None, dtype=object)
        given_stated = shapely.intersects_xy(polygons, x[both], y[both])
        swapped_stated = shapely.intersects_xy(polygons, mx[both], my[both])
        location[both[swapped_stated & ~given_stated]] = "swapped"
        location[both[swapped_stated == given_stated]] = "ambiguous"
    return location


def locate(
    x: ArrayLike,
    y: ArrayLike,
    crs: str,
    region: Polygon | MultiPolygon | None,
    stated: NDArray[np.object_] | None = None,
) -> Located:
    """Read raw coordinates in a CRS, and put swapped rows right.

    Parameters
    ----------
    x, y : array_like of n
        Raw coordinates, in the file's order and units.
    crs : str
        Any name that `normalise` accepts.
    region : Polygon or MultiPolygon or None
        Where the rows must lie, EPSG:4490; None looks for no swapped rows.
    stated : ndarray of n polygons, optional
        The grid that each row states, or None, EPSG:4490.

    Returns
    -------
    Located
        An ambiguous row keeps its given position.

    Raises
    ------
    UnknownCrs
        As `normalise`.
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    lon, lat = to_lonlat(first, second, crs)
    if region is None or region.is_empty:
        return Located(lon, lat, np.full(lon.shape, "given", dtype="<U9"))
    rows = np.arange(lon.size)
    if reads_degrees(crs):
        # Without any conversion, degrees show that nearly all rows cannot be swapped.
        east, north = (first, second) if is_swapped(crs) else (second, first)
        rows = np.flatnonzero(_in_bounds(east, north, _grown(region.bounds)))
    mirrored = to_lonlat(second[rows], first[rows], crs)
    location = np.full(lon.shape, "given", dtype="<U9")
    location[rows] = find_swapped(
        lon[rows], lat[rows], region, stated[rows] if stated is not None else None, mirrored=mirrored
    )
    swapped = location[rows] == "swapped"
    lon[rows[swapped]], lat[rows[swapped]] = mirrored[0][swapped], mirrored[1][swapped]
    return Located(lon, lat, location)


def _in_bounds(
    x: NDArray[np.float64], y: NDArray[np.float64], bounds: tuple[float, float, float, float]
) -> NDArray[np.bool_]:
    west, south, east, north = bounds
    inside: NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside


def _grown(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    by = _LARGEST_SHIFT_DEG
    return west - by, south - by, east + by, north + by
