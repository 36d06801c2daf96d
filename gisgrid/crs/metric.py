"""The plane in which to measure at a place: 3-degree Gauss-Kruger in China, UTM elsewhere."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

_FIRST_ZONE_EPSG, _FIRST_MERIDIAN_DEG, _ZONES = 4534, 75, 21  # CGCS2000, CM 75E ... EPSG:4554, CM 135E
# The areas of use in EPSG's database cover the mainland and Hainan; west, south, east, north.
_ISLANDS = ((118.1, 21.8, 122.15, 26.5), (109.4, 3.4, 117.0, 18.2))


def metric_crs(lon: float, lat: float) -> str:
    """The metric CRS for one position.

    Parameters
    ----------
    lon, lat : float
        Degrees, EPSG:4490.

    Returns
    -------
    str
        In China (the area of use that EPSG gives for each zone, Taiwan and the
        South China Sea islands) CGCS2000 / 3-degree Gauss-Kruger by central
        meridian, EPSG:4534 to 4554; elsewhere WGS 84 / UTM; beyond 84° north
        and 80° south WGS 84 / UPS, EPSG:32661 and 32761.

    Raises
    ------
    ValueError
        If the position is not finite.

    Examples
    --------
    >>> metric_crs(122.07, 41.12), metric_crs(2.35, 48.86), metric_crs(-70.0, -33.0)
    ('EPSG:4550', 'EPSG:32631', 'EPSG:32719')
    """
    return str(metric_crs_each([lon], [lat])[0])


def metric_crs_of(bounds: tuple[float, float, float, float]) -> str:
    """The metric CRS for the middle of `bounds`: west, south, east, north; west > east crosses 180°."""
    west, south, east, north = bounds
    return metric_crs((west + east) / 2 + (180.0 if west > east else 0.0), (south + north) / 2)


def metric_crs_each(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.str_]:
    """The metric CRS for each of n positions, as `metric_crs`.

    Parameters
    ----------
    lon, lat : array_like of n
        Degrees, EPSG:4490.

    Returns
    -------
    ndarray of n str
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("positions must be finite")
    x = (x + 180.0) % 360.0 - 180.0
    utm = np.minimum((x + 180.0) // 6.0, 59.0).astype(np.int64) + np.where(y < 0, 32701, 32601)
    codes = np.where(y > 84.0, 32661, np.where(y < -80.0, 32761, utm))
    codes = np.where(_in_china(x, y), _FIRST_ZONE_EPSG + _zone(x), codes)
    return np.char.add("EPSG:", codes.astype(np.str_))


def _zone(x: NDArray[np.float64]) -> NDArray[np.int64]:
    nearest = np.floor((x - _FIRST_MERIDIAN_DEG) / 3.0 + 0.5).astype(np.int64)
    return np.clip(nearest, 0, _ZONES - 1)


def _in_china(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    west, south, east, north = _zone_areas()[_zone(x)].T
    inside: NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    for w, s, e, n in _ISLANDS:
        inside |= (x >= w) & (x <= e) & (y >= s) & (y <= n)
    return inside


@cache
def _zone_areas() -> NDArray[np.float64]:
    areas = [CRS.from_epsg(_FIRST_ZONE_EPSG + zone).area_of_use for zone in range(_ZONES)]
    return np.array([area.bounds if area else (np.nan,) * 4 for area in areas])
