"""Areas, distances and bearings on the ellipsoid.

The ellipsoid is GRS80, which CGCS2000 (EPSG:4490) uses within 0.2 mm of its
semi-minor axis (GB 22021-2008). Longitudes and latitudes are in degrees.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod

Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]

GEOD: Final = Geod(ellps="GRS80")
SEMI_MAJOR_M: Final[float] = GEOD.a
SEMI_MINOR_M: Final[float] = GEOD.b
ECCENTRICITY_2: Final[float] = GEOD.es

CHORD_LIMIT_M: Final = 100_000.0
"""Up to here `chord_to_arc_m` is within 0.02 m of the geodesic; beyond, use `distance_m`."""

_GAUSS_ORDERS: Final = ((2, 1e-3), (3, 0.02), (5, 0.2), (32, np.inf))
"""Points of Gauss-Legendre quadrature for edges up to so many radians of latitude.

Two points are wrong by at most h**4 / 4320 of the height of an edge that spans
h, three by h**6 / 2016000: polygons are exact to 1e-12 of their area.
"""

_AUTHALIC_TERMS: Final = 8
"""Terms of the series in e**2 (0.0067): the next is below 1e-17."""

_BLOCK_ROWS: Final = 1 << 15
"""Rows worked on at a time: intermediate arrays stay in the processor's cache."""


def _authalic_m2(latitude_rad: Floats) -> Floats:
    """Area per radian of longitude between the equator and a latitude.

    The integral of M N cos(phi) (Snyder 1987, Map Projections, USGS PP 1395, eq. 3-12,
    as a power series, which keeps its precision and needs no logarithm).
    """
    sine = np.sin(latitude_rad)
    step = ECCENTRICITY_2 * sine * sine
    total = np.zeros_like(sine)
    for k in range(_AUTHALIC_TERMS, -1, -1):
        total *= step
        total += (k + 1) / (2 * k + 1)
    total *= sine
    total *= SEMI_MINOR_M**2
    return total


def _mean_authalic_m2(start_rad: Floats, end_rad: Floats) -> Floats:
    """Mean of `_authalic_m2` along n edges that are straight in latitude."""
    mean = np.empty_like(start_rad)
    for block in range(0, len(mean), _BLOCK_ROWS):
        rows = slice(block, block + _BLOCK_ROWS)
        mean[rows] = _block_mean_authalic_m2(start_rad[rows], end_rad[rows] - start_rad[rows])
    return mean


def _block_mean_authalic_m2(start_rad: Floats, rise_rad: Floats) -> Floats:
    mean = np.zeros_like(rise_rad)
    steepness = np.abs(rise_rad)
    shortest = -1.0
    for order, longest in _GAUSS_ORDERS:
        these = np.flatnonzero((steepness > shortest) & (steepness <= longest))
        shortest = longest
        if not len(these):
            continue
        nodes, weights = _gauss(order)
        low, rise = start_rad[these], rise_rad[these]
        mean[these] = sum(
            weight / 2 * _authalic_m2(low + rise * ((1 + node) / 2))
            for node, weight in zip(nodes, weights, strict=True)
        )
    return mean


@cache
def _gauss(order: int) -> tuple[Floats, Floats]:
    """Nodes in -1..1 and weights of Gauss-Legendre quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    return nodes, weights


def _ring_areas_m2(rings: Geometries) -> Floats:
    """The area inside each of n rings, whichever way round they run."""
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(coordinates):
        return np.zeros(len(rings))
    longitude, latitude = np.radians(coordinates).T
    # Measured from the ring's own first latitude: a field's area is not the
    # difference of two areas that reach down to the equator.
    first = np.searchsorted(ring, np.arange(len(rings)))
    base = _authalic_m2(latitude[np.minimum(first, len(latitude) - 1)])
    inner = ring[:-1] == ring[1:]
    owner = ring[:-1][inner]
    width = (longitude[1:] - longitude[:-1])[inner]
    height = _mean_authalic_m2(latitude[:-1][inner], latitude[1:][inner]) - base[owner]
    return np.asarray(np.abs(np.bincount(owner, weights=width * height, minlength=len(rings))))


def area_m2(geometries: ArrayLike) -> Floats:
    """Area of polygons on the ellipsoid.

    Edges are straight lines in the lon/lat plane, as drawn, not geodesics: so
    areas of children sum to their parent's, and a vertex added on an edge
    changes nothing.

    Parameters
    ----------
    geometries : array of n geometries
        EPSG:4490 (or any lon/lat on GRS80 or WGS84). Holes are subtracted by
        their role, not by their orientation.

    Returns
    -------
    ndarray of n floats
        Square metres; 0 for what is empty, missing, a point or a line.

    Examples
    --------
    >>> float(area_m2([shapely.box(0, 0, 1, 1)])[0].round(-3))
    12308464000.0
    """
    given = np.atleast_1d(np.asarray(geometries, dtype=object))
    parts, owner = shapely.get_parts(given, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # a MultiPolygon inside a collection
    owner = owner[inner]
    rings, part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return np.zeros(len(given))
    is_shell = np.r_[True, part[1:] != part[:-1]]
    area = np.where(is_shell, 1.0, -1.0) * _ring_areas_m2(rings)
    return np.asarray(np.bincount(owner[part], weights=area, minlength=len(given)))


def distance_m(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Floats:
    """Length of the geodesic between n pairs of points, in metres (Karney 2013)."""
    return _inverse(lon1, lat1, lon2, lat2)[1]


def bearing_deg(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Floats:
    """Direction in which the second of n pairs of points lies from the first.

    Returns
    -------
    ndarray of n floats
        0 north, 90 east, below 360; NaN where the points coincide.
    """
    azimuth, length_m = _inverse(lon1, lat1, lon2, lat2)
    return compass_deg(np.where(length_m > 0, azimuth, np.nan))


def _degrees(*values: ArrayLike) -> list[Floats]:
    arrays = [np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in values]
    return [np.ascontiguousarray(each) for each in np.broadcast_arrays(*arrays)]


def _inverse(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> tuple[Floats, Floats]:
    from_lon, from_lat, to_lon, to_lat = _degrees(lon1, lat1, lon2, lat2)
    azimuth, _, length_m = GEOD.inv(from_lon, from_lat, to_lon, to_lat)
    return np.asarray(azimuth), np.asarray(length_m)


def compass_deg(azimuth_deg: Floats) -> Floats:
    """Azimuths as bearings: 0 or more, below 360."""
    turned = np.mod(azimuth_deg, 360.0)
    return np.asarray(np.where(turned >= 360.0, 0.0, turned))


def ecef(lon: ArrayLike, lat: ArrayLike) -> Floats:
    """Earth-centred coordinates of n points on the ellipsoid.

    Returns
    -------
    ndarray of shape (n, 3)
        Metres; x towards 0 °E, z towards the north pole. There is no antimeridian here.
    """
    longitude, latitude = (np.radians(each) for each in _degrees(lon, lat))
    sine, cosine = np.sin(latitude), np.cos(latitude)
    normal = SEMI_MAJOR_M / np.sqrt(1 - ECCENTRICITY_2 * sine * sine)
    out = np.empty((len(sine), 3))
    out[:, 0] = normal * cosine * np.cos(longitude)
    out[:, 1] = normal * cosine * np.sin(longitude)
    out[:, 2] = normal * (1 - ECCENTRICITY_2) * sine
    return out


_SMALLEST_RADIUS_M: Final[float] = SEMI_MINOR_M**2 / SEMI_MAJOR_M
_LARGEST_RADIUS_M: Final[float] = SEMI_MAJOR_M**2 / SEMI_MINOR_M


def chord_bounds_m(arc_m: float) -> tuple[float, float]:
    """The shortest and longest straight line between two points a geodesic of `arc_m` apart.

    They come from the smallest and largest radius of curvature of the ellipsoid,
    anywhere and in any direction: 1e-6 m apart at 5 km, 2 mm at 50 km.

    Returns
    -------
    (float, float)
        A pair whose chord is below the first is nearer than `arc_m`, one above
        the second is farther (for arcs below 1,000 km).
    """
    slack = 1e-7  # rounding of earth-centred coordinates and of Geod itself
    low, high = (
        2 * radius * np.sin(min(arc_m / radius, np.pi) / 2)
        for radius in (_SMALLEST_RADIUS_M, _LARGEST_RADIUS_M)
    )
    return float(low) - slack - 1e-9 * arc_m, float(high) + slack + 1e-9 * arc_m


def chord_to_arc_m(chord_m: ArrayLike) -> Floats:
    """Geodesic length from the straight line between two points on the ellipsoid.

    Taken on a sphere of the mean radius: wrong by less than 1e-5 m at 5 km and
    0.02 m at `CHORD_LIMIT_M`.
    """
    chord = np.asarray(chord_m, dtype=np.float64)
    radius = (2 * SEMI_MAJOR_M + SEMI_MINOR_M) / 3
    return np.asarray(2 * radius * np.arcsin(np.minimum(chord / (2 * radius), 1.0)))
